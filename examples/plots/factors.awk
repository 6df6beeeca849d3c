# factors.awk < TSV of mf-eval, k by k: the metric of each model, and how much better it
# is than the first of its k, in per cent. A model is called k16-p3.mf.
BEGIN {
    FS = OFS = "\t"
    print "p", "k", "mean", "low", "high", "gain", "gain_low", "gain_high", "what"
}
function settings(path, part) {
    sub(/.*\//, "", path)
    sub(/\.mf$/, "", path)
    split(path, part, /k|-p/)
}
$8 == "" {
    settings($6, of)
    if (of[2] != k)
        base = $2
    k = of[2]
    n++
    line[$6] = n
    text[n] = of[3] OFS k OFS $2 OFS $3 OFS $4
    mean[n] = base
    gain[n] = "-" OFS "-" OFS "-"
    what = $1
    next
}
$6 in line {
    b = mean[line[$6]]
    gain[line[$6]] = 100 * $2 / b OFS 100 * $3 / b OFS 100 * $4 / b
}
END {
    for (i = 1; i <= n; i++)
        print text[i], gain[i], what
}
