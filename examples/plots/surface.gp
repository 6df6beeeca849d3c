# The trials of mf-tune, and the surface through them. Given: here name out table fit.
wide = 900; high = 640
load here."common.gp"
load fit
statuses = names(table)
what = field(table, 8)
title(s) = s eq "short" ? "short trial" : s eq "dropped" ? "dropped after 2 sweeps" : \
    "trained to its end"
kind(s) = s eq "short" ? 7 : s eq "dropped" ? 13 : 6
size(s) = s eq "whole" ? 2.6 : 1.5
ink(s) = s eq "dropped" ? 0x8c8c8c : s eq "whole" ? colour(2) : colour(1)
dots = "with points pt kind(s) ps size(s) lw 2.5 lc rgb ink(s) title title(s)"
halo = "with points pt kind(s) ps size(s) + .2 lw 6 lc rgb 'white' notitle"
place1(v) = log1 ? log(v / first1) / log(2) : v
place2(v) = log2 ? log(v / first2) / log(2) : v
rounded(v) = v < 100 ? sprintf('%.3g', v) : sprintf('%.0f', v)
stats table using (place1($2)) every ::1 nooutput name "X"
set title "Trials of mf-tune: ".what." on validation cells"
set xlabel field(table, 6)
# Tics at octaves from the first trial on.
if (log1) {
    set xtics ()
    do for [i = floor(X_min):ceil(X_max)] {
        set xtics add (rounded(first1 * 2. ** i) i)
    }
}
if (field(table, 6) eq "personas") { set xtics 1 }
set xrange [X_min - .5:X_max + .5]
set key at @below maxrows 1
set margins screen .14, screen .85, screen .2, screen .92

if (field(table, 7) eq "-") {
    set ylabel what offset -1, 0
    set rmargin at screen .97
    plot for [s in statuses] of(s, table) using (place1($2)):4 @dots
    exit
}

stats table using (place2($3)) every ::1 nooutput name "Y"
set ylabel field(table, 7) offset -1, 0
if (log2) {
    set ytics ()
    do for [i = floor(Y_min):ceil(Y_max)] {
        set ytics add (rounded(first2 * 2. ** i) i)
    }
}
if (field(table, 7) eq "personas") { set ytics 1 }
set yrange [Y_min - .5:Y_max + .5]
unset grid
if (!fitted) {
    plot for [s in statuses] of(s, table) using (place1($2)):(place2($3)) @dots
    exit
}

# From dark to light as in cividis, which the colour-blind see as it is; in bands, and
# rows of boxes as long as a band is wide: few boxes make the picture. What is more than
# 15 % worse than the best is all one.
set palette maxcolors 10 \
    defined (0 "#00204d", .25 "#414d6b", .5 "#7c7b78", .75 "#b9ac70", 1 "#ffea46")
if (sign_of_best < 0) { set palette negative }
lowest = sign_of_best < 0 ? best : best * .85
highest = sign_of_best < 0 ? best * 1.15 : best
set cbrange [lowest:highest]
set cblabel what." of a quadratic surface through the trials"
grid = sprintf("< awk -f '%ssurface.grid.awk'", here). \
    sprintf(" -v x0=%.9g -v x1=%.9g", X_min - .5, X_max + .5). \
    sprintf(" -v y0=%.9g -v y1=%.9g", Y_min - .5, Y_max + .5). \
    sprintf(" -v low=%.9g -v high=%.9g -v bands=10", lowest, highest). \
    sprintf(" -v c='%.9g %.9g %.9g %.9g %.9g %.9g'", c1, c2, c3, c4, c5, c6)
plot grid using 1:2:3:4:5:6:7 with boxxyerror fs solid noborder lc palette notitle, \
    for [s in statuses] of(s, table) using (place1($2)):(place2($3)) @halo, \
    for [s in statuses] of(s, table) using (place1($2)):(place2($3)) @dots
