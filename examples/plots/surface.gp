# The trials of mf-tune, and the surface through them. Given: here name out table fit.
wide = 900; high = 640
load here."common.gp"
load fit
is(s) = sprintf("< awk -F '\\t' -v status=%s '$1 == status' %s", quote(s), quote(table))
statuses = names(table)
what = field(table, 8)
title(s) = s eq "short" ? "short trial" : s eq "dropped" ? "dropped after 2 sweeps" : "trained to its end"
kind(s) = s eq "short" ? 7 : s eq "dropped" ? 13 : 6
size(s) = s eq "whole" ? 2.6 : 1.5
place1(v) = log1 ? log(v / first1) / log(2) : v
place2(v) = log2 ? log(v / first2) / log(2) : v
rounded(v) = v < 100 ? sprintf('%.3g', v) : sprintf('%.0f', v)
# Tics at octaves from the first trial on.
octaves(axis, first, low, high) = sprintf("set %stics (); do for [i = %d:%d] { set %stics add (rounded(%.9g * 2. ** i) i) }", axis, floor(low), ceil(high), axis, first)
stats table using (place1($2)) every ::1 nooutput name "X"
set title "Trials of mf-tune: ".what." on validation cells"
set xlabel field(table, 6)
if (log1) { eval octaves("x", first1, X_min, X_max) }
if (field(table, 6) eq "personas") { set xtics 1 }
set xrange [X_min - .5:X_max + .5]
set key at screen .5, .04 center center vertical maxrows 1 samplen 2 width 2
set margins screen .14, screen .85, screen .2, screen .92
ink(s) = s eq "dropped" ? 0x8c8c8c : s eq "whole" ? colour(2) : colour(1)

if (field(table, 7) eq "-") {
    set ylabel what offset -1, 0
    set rmargin at screen .97
    plot for [s in statuses] is(s) using (place1($2)):4 with points pt kind(s) ps size(s) lw 2.5 lc rgb ink(s) title title(s)
} else {
    set ylabel field(table, 7) offset -1, 0
    stats table using (place2($3)) every ::1 nooutput name "Y"
    if (log2) { eval octaves("y", first2, Y_min, Y_max) }
    if (field(table, 7) eq "personas") { set ytics 1 }
    set yrange [Y_min - .5:Y_max + .5]
    unset grid
    # From dark to light as in cividis, which the colour-blind see as it is.
    set palette defined (0 "#00204d", .25 "#414d6b", .5 "#7c7b78", .75 "#b9ac70", 1 "#ffea46")
    if (sign_of_best < 0) { set palette negative }
    # What is more than 15 % worse than the best is all one.
    lowest = sign_of_best < 0 ? best : best * .85
    highest = sign_of_best < 0 ? best * 1.15 : best
    set cbrange [lowest:highest]
    set cblabel what." of a quadratic surface through the trials"
    if (fitted) {
        # In bands, and rows of boxes as long as a band is wide: few boxes make the picture.
        bands = 10
        set palette maxcolors bands
        grid = sprintf("< awk -f %ssurface.grid.awk -v x0=%.9g -v x1=%.9g -v y0=%.9g -v y1=%.9g -v low=%.9g -v high=%.9g -v bands=%d", \
            here, X_min - .5, X_max + .5, Y_min - .5, Y_max + .5, lowest, highest, bands). \
            sprintf(" -v c='%.9g %.9g %.9g %.9g %.9g %.9g'", c1, c2, c3, c4, c5, c6)
        plot grid using 1:2:3:4:5:6:7 with boxxyerror fs solid noborder lc palette notitle, \
            for [s in statuses] is(s) using (place1($2)):(place2($3)) with points pt kind(s) ps size(s) + .2 lw 6 lc rgb "white" notitle, \
            for [s in statuses] is(s) using (place1($2)):(place2($3)) with points pt kind(s) ps size(s) lw 2.5 lc rgb ink(s) title title(s)
    } else {
        plot for [s in statuses] is(s) using (place1($2)):(place2($3)) with points pt kind(s) ps size(s) lw 2.5 lc rgb ink(s) title title(s)
    }
}
