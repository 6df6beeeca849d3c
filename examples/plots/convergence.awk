# convergence.awk -v metric=NAME < RUNS: histories of trainings, each below a line `run
# NAME METRIC`, as one table. The metric is that of validation cells, or, where a run
# has none, the error on training cells for all. Where histories were divided a new part
# begins: the loss is another function from there on.
BEGIN { FS = OFS = "\t" }
$1 == "run" { run = $2; watched = $3; part = 1; head = 1; next }
head {
    split("", at)
    for (i = 1; i <= NF; i++)
        at[$i] = i
    runs[++count] = run
    what[run] = watched
    head = 0
    next
}
{
    if ($at["half"] == "cluster")
        part++
    n++
    name[n] = run
    parts[n] = part
    sweep[n] = $at["iteration"] - ($at["half"] == "items" ? .5 : 0)
    loss[n] = $at["loss"]
    valid[n] = $at["valid"]
    rmse[n] = $at["rmse"]
    if (valid[n] != "")
        has[run] = 1
}
END {
    if (!n) {
        print "convergence.awk: there is no history of a training" > "/dev/stderr"
        exit 1
    }
    for (i = 1; i <= count; i++) {
        all += has[runs[i]]
        if (what[runs[i]] != "")
            metric = what[runs[i]]
    }
    said = all == count ? metric " on validation cells" : "rmse on training cells"
    print "run", "part", "sweep", "loss", "metric", "what"
    for (i = 1; i <= n; i++) {
        value = all == count ? valid[i] : rmse[i]
        print name[i], parts[i], sweep[i], loss[i], value == "" ? "-" : value, said
    }
}
