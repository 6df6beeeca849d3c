# results.awk -v out=FOLDER -v top=N -v ks=LIST: a Markdown table of what the test cells say.
# Recall is here by all that was held out of a user, as the LightGCN papers have it.

function read_values(path, value,    line, f) {
    while ((getline line < path) > 0) {
        split(line, f, "\t")
        if (f[7] == "" && f[8] == "")
            value[f[1], f[6] == "popularity" ? "popularity" : "model"] = f[2]
    }
    close(path)
}

function first_line(path,    line) {
    getline line < path
    close(path)
    return line
}

BEGIN {
    n = split(ks, of, " ")
    recall = "recall-all@" top
    ndcg = "ndcg@" top
    print "| k | W0 | lambda | G | sweeps | recall@" top " | " ndcg " | seconds | " ndcg " of validation cells |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for (i = 1; i <= n; i++) {
        read_values(out "/k" of[i] ".tsv", value)
        if (i == 1)
            printf "| popularity | | | | | %.4f | %.4f | | |\n", value[recall, "popularity"], value[ndcg, "popularity"]
        split(first_line(out "/k" of[i] ".best"), best, "\t")
        split(best[2], word, " ")
        power = word[7]
        sub(/.*:/, "", power)
        printf "| %s | %s | %s | %s | %s | %.4f | %.4f | %.1f | %.4f |\n", of[i], word[2], word[4],
            power == "" ? 0 : power, word[6],
            value[recall, "model"], value[ndcg, "model"], first_line(out "/k" of[i] ".seconds"), best[3]
    }
}
