# table.awk -v budgets=LIST SET.valid.tsv SET.test.tsv ...: the L of --diversify=personas that
# meets most tastes on validation cells within a budget of ndcg; what it costs and meets on
# test cells, and what MMR meets for the same ndcg.

BEGIN { FS = "\t"; m = split(budgets, budget, " ") }

FNR == 1 {
    set = FILENAME
    sub(/.*\//, "", set)
    valid = set ~ /\.valid\.tsv$/
    sub(/\..*/, "", set)
    if (!(set in seen))
        sets[++count] = set
    seen[set] = 1
    next
}

$2 == "personas" {
    key = set SUBSEP $1
    if (!($1 in known))
        lengths[++many] = $1
    known[$1] = 1
    if (!valid)
        test[key, $3] = $0
    for (b = 1; valid && b <= m; b++)
        if ($4 >= -budget[b] && (!((key, b) in most) || $7 > most[key, b])) {
            most[key, b] = $7
            chosen[key, b] = $3
        }
}

function times(met, at, low, high) {
    return sprintf("%+.1f | %s [%s, %s]", met, endless(at), endless(low), endless(high))
}

function endless(x) { return x == "inf" || x > 100 ? "> 100" : sprintf("%.1f", x) }

function show(set, n, b,    key, f) {
    key = set SUBSEP n
    if (!((key, b) in chosen))
        return
    split(test[key, chosen[key, b]], f, "\t")
    print "| " set " | " n " | " budget[b] " % | " f[3] \
        sprintf(" | %+.1f [%+.1f, %+.1f] | %+.1f [%+.1f, %+.1f] | ", f[4], f[5], f[6], f[7], f[8], f[9]) \
        times(f[10], f[11], f[12], f[13]) " | " times(f[14], f[15], f[16], f[17]) " |"
}

END {
    print "| set | N | to spend | L | ndcg, % | tastes, % | mmr's | times | sorted mmr's | times |"
    print "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for (s = 1; s <= count; s++)
        for (i = 1; i <= many; i++)
            for (b = 1; b <= m; b++)
                show(sets[s], lengths[i], b)
}
