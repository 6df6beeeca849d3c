# surface.awk -v axes="A B" -v metric=NAME -v fit=FILE LOG: the trials of a log of
# mf-tune on two axes, and FILE for gnuplot: a quadratic surface through the logarithms
# of the metric, by least squares. W0 may be 9.24x: its unit goes to the name of the
# axis. Trials that were dropped have a part in the surface by their metric after two
# sweeps, on the scale of the best.
BEGIN { FS = OFS = "\t" }
/^#/ {
    if (match($0, /--metric=[^ ]*/))
        metric = substr($0, RSTART + 9, RLENGTH - 9)
    next
}
!fields {
    for (fields = 1; fields <= NF; fields++)
        at[$fields] = fields
    if (!("sweeps" in at) || !("metric" in at) || !("status" in at))
        fail("this is no log of mf-tune")
    many = split(axes, axis, " ")
    for (i = 1; many < 2 && i < at["sweeps"]; i++)
        if ($i != axis[1])
            axis[++many] = $i
    for (i = 1; i <= many; i++)
        if (!(axis[i] in at) || at[axis[i]] >= at["sweeps"])
            fail(axis[i] " was not searched")
    next
}
$at["status"] != "failed" {
    n++
    for (i = 1; i <= many && i <= 2; i++) {
        value[n, i] = $at[axis[i]]
        if (sub(/x$/, "", value[n, i]))
            unit[i] = ", times the density of the cells"
    }
    score[n] = $at["metric"]
    early[n] = $at["early"]
    status[n] = $at["status"]
    sweeps[n] = $at["sweeps"]
}
END {
    if (bad)
        exit 1
    if (!n)
        fail("no trial has a result")
    # Errors are the better the lower they are.
    sign = metric ~ /^(rmse|mae|mse|loss)/ ? -1 : 1
    for (i = 1; i <= n; i++)
        if (status[i] == "short" && (!top || sign * score[i] > sign * score[top]))
            top = i
    print "status", "x", "y", "metric", "sweeps", "x_name", "y_name", "what"
    for (i = 1; i <= n; i++)
        print status[i], value[i, 1], (many < 2 ? "-" : value[i, 2]), \
            score[i], sweeps[i], \
            said(1), (many < 2 ? "-" : said(2)), metric
    for (i = 1; i <= 2; i++)
        printf "log%d = %d; first%d = %s\n", i, logarithmic(axis[i]), \
            i, (many < i ? 1 : value[1, i]) > fit
    printf "sign_of_best = %d; best = %s\n", sign, (top ? score[top] : 1) > fit
    printf "fitted = %d\n", surface() > fit
    if (fitted)
        for (i = 1; i <= 6; i++)
            printf "c%d = %.9g\n", i, c[i] > fit
    close(fit)
}
function fail(why) {
    print "surface.awk: " FILENAME ": " why > "/dev/stderr"
    bad = 1
    exit 1
}
function logarithmic(name) { return name ~ /^(unobserved|lambda|factors)$/ }
function said(side) {
    if (axis[side] == "unobserved")
        return "W0 of unobserved cells" unit[side]
    return axis[side] == "lambda" ? "lambda (ridge)" : axis[side]
}
# Where a trial lies: in octaves from the first, or as it is.
function place(i, side) {
    if (!logarithmic(axis[side]))
        return value[i, side]
    return log(value[i, side] / value[1, side]) / log(2)
}
# c[1..6] of 1 x y xx xy yy; 0 where the trials do not tell.
function surface(    i, j, m, x, y, f, z, a, rows, pivot, r, swap) {
    if (many < 2 || !top)
        return 0
    for (i = 1; i <= n; i++) {
        if (status[i] == "short")
            z = log(score[i])
        else if (status[i] == "dropped" && early[i] > 0 && early[top] > 0)
            z = log(early[i]) - log(early[top]) + log(score[top])
        else
            continue
        rows++
        x = place(i, 1)
        y = place(i, 2)
        split(1 " " x " " y " " x * x " " x * y " " y * y, f, " ")
        for (j = 1; j <= 6; j++) {
            for (m = 1; m <= 6; m++)
                a[j, m] += f[j] * f[m]
            a[j, 7] += f[j] * z
        }
    }
    if (rows < 7)
        return 0
    for (j = 1; j <= 6; j++) {
        pivot = j
        for (r = j + 1; r <= 6; r++)
            if (a[r, j] ^ 2 > a[pivot, j] ^ 2)
                pivot = r
        if (a[pivot, j] ^ 2 < 1e-12)
            return 0
        for (m = 1; m <= 7; m++) {
            swap = a[j, m]
            a[j, m] = a[pivot, m]
            a[pivot, m] = swap
        }
        for (r = 1; r <= 6; r++) {
            if (r == j)
                continue
            swap = a[r, j] / a[j, j]
            for (m = j; m <= 7; m++)
                a[r, m] -= swap * a[j, m]
        }
    }
    for (j = 1; j <= 6; j++)
        c[j] = a[j, 7] / a[j, j]
    return fitted = 1
}
