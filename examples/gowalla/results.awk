# results.awk -v out=FOLDER -v top=N -v ks=LIST: a Markdown table of what the test cells say.
# Recall is here by all that was held out of a user, as the LightGCN papers have it: mf-eval's
# divides by min(N, held out), so each user's is taken times min(N, held out) / held out.


function recall(k,    path, held, sum, users, name) {
    path = out "/k" k ".qrels"
    while ((getline line < path) > 0) {
        split(line, f, " ")
        held[f[1]]++
    }
    close(path)
    path = out "/k" k ".users"
    while ((getline line < path) > 0) {
        split(line, f, "\t")
        if (f[2] != "recall@" top)
            continue
        name = f[4] == "popularity" ? "popularity" : "model"
        m = held[f[1]]
        sum[name] += f[3] * (m < top ? m : top) / m
        users[name]++
    }
    close(path)
    for (name in sum)
        all[name] = sum[name] / users[name]
}

BEGIN {
    n = split(ks, of, " ")
    print "| k | W0 | lambda | sweeps | recall@" top " | ndcg@" top " | seconds | ndcg@" top " of validation cells |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for (i = 1; i <= n; i++) {
        k = of[i]
        path = out "/k" k ".tsv"
        while ((getline line < path) > 0) {
            split(line, f, "\t")
            if (f[1] == "ndcg@" top && f[7] == "" && f[8] == "")
                ndcg[f[6] == "popularity" ? "popularity" : "model"] = f[2]
        }
        close(path)
        recall(k)
        path = out "/k" k ".seconds"
        getline seconds < path
        close(path)
        path = out "/k" k ".best"
        getline line < path
        close(path)
        split(line, f, "\t")
        split(f[2], word, " ")
        if (i == 1)
            printf "| popularity | | | | %.4f | %.4f | | |\n", all["popularity"], ndcg["popularity"]
        printf "| %s | %s | %s | %s | %.4f | %.4f | %.1f | %.4f |\n", k, word[2], word[4], word[6],
            all["model"], ndcg["model"], seconds, f[3]
    }
}
