# results.awk -v out=FOLDER -v sets=LIST -v ks=LIST -v grid=LIST -v try=LIST -v metric=NAME:
# a Markdown table of the best trial of the grid, after its best sweep, and of what the
# defaults and other settings lose against it, in per cent of the metric.

# Read a trial: `most`, after the sweep `when`, and `end`, after the last.
function read(set, k, setting,    path, line, f) {
    path = out "/trials/" set "-k" k "-" setting ".tsv"
    most = when = end = ""
    while ((getline line < path) > 0) {
        split(line, f, "\t")
        end = f[2]
        if (most == "" || f[2] + 0 > most + 0) {
            most = f[2]
            when = f[1]
        }
    }
    close(path)
    if (most == "") {
        print "results.awk: " path ": no sweep has a metric" > "/dev/stderr"
        failed = 1
        exit 1
    }
}

function loss(x) {
    return sprintf("%.1f%%", 100 * (x / best - 1))
}

BEGIN {
    n = split(sets, set, " ")
    m = split(ks, k, " ")
    g = split(grid, setting, " ")
    t = split(try, tried, " ")
    printf "| set | k | density | best | of W0 and lambda | sweeps | defaults | stopping by itself |"
    for (i = 1; i <= t; i++)
        printf " %s |", tried[i]
    printf "\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    for (i = 1; i <= t; i++)
        printf " --- |"
    print ""
    for (s = 1; s <= n; s++) {
        path = out "/" set[s] ".density"
        getline line < path
        close(path)
        split(line, density, " ")
        for (j = 1; j <= m; j++) {
            best = ""
            for (i = 1; i <= g; i++) {
                read(set[s], k[j], setting[i])
                if (best == "" || most + 0 > best + 0) {
                    best = most
                    name = setting[i]
                    sweeps = when
                }
            }
            read(set[s], k[j], "default")
            last = end
            read(set[s], k[j], "stop")
            printf "| %s | %d | %.5f | %.4f | %s | %d | %s | %s |", set[s], k[j], density[1], best,
                name, sweeps, loss(last), loss(most)
            for (i = 1; i <= t; i++) {
                read(set[s], k[j], tried[i])
                printf " %s |", loss(end)
            }
            print ""
        }
    }
    if (!failed)
        print "\nbest: " metric " of validation cells, after the best sweep of the best trial"
}
