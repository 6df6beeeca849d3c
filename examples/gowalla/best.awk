# best.awk -v w0=LIST -v lambda=LIST -v g=LIST -v sweeps=N TRIALS...: the best sweep of the best trial,
# as a line of k, mf-als options and the metric, and whether one of them is at an end of what
# was tried. Equal ones: the first, of fewer sweeps.

BEGIN { FS = "\t" }

FNR == 1 {
    for (i = 1; i <= NF; i++)
        at[$i] = i
    next
}

$at["half"] == "users" && $at["iteration"] > 0 && (best == "" || $at["valid"] + 0 > best) {
    best = $at["valid"] + 0
    n = $at["iteration"] + 0
    name = FILENAME
}

function edge(what, value, list,    count, of) {
    count = split(list, of, " ")
    if (count > 1 && (value == of[1] || value == of[count]))
        notes = notes (notes == "" ? "" : ", ") what
}

END {
    if (best == "") {
        print "best.awk: no trial has a metric of validation cells" > "/dev/stderr"
        exit 1
    }
    sub(/.*\//, "", name)
    sub(/\.tsv$/, "", name)
    split(name, part, "-")
    k = substr(part[1], 2)
    u = substr(part[2], 2)
    l = substr(part[3], 2)
    power = substr(part[4], 2)
    edge("W0", u, w0)
    edge("lambda", l, lambda)
    if (power + 0 > 0)
        edge("G", power, g)
    if (n == sweeps)
        notes = notes (notes == "" ? "" : ", ") "sweeps"
    printf "%s\t-u %s -l %s -n %d%s\t%.5f%s\n", k, u, l, n,
        (power + 0 > 0 ? " --unobserved-by=popularity:" power : ""), best,
        notes == "" ? "" : "\tat the edge: " notes
}
