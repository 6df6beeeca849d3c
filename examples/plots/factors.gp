# The metric by factors and personas. Given: here name out table.
wide = 1000; high = 460
load here."common.gp"
ps = names(table)
what = field(table, 9)
stats table using 2 every ::1 nooutput
set multiplot layout 1, 2 margins .09, .98, .22, .9 spacing .11
set logscale x 2
set xrange [STATS_min / 1.3:STATS_max * 1.3]
set xtics ()
ks = system(by('NR > 1 && !seen[$2]++ { print $2 }', table))
do for [k in ks] { set xtics add (k k) }
set xlabel "factors k"
# Side by side, so that bars do not cover each other.
x(k, i) = k * 1.05 ** (i - (words(ps) + 1) / 2.)
title(p) = p.(p eq "1" ? " persona (plain)" : " personas")
first = word(ps, 1) eq "1" ? "one persona" : word(ps, 1)." personas"
set key at @below maxrows rows(words(ps))
set title what." on test cells (bars: 95 % over users)"
set ylabel what
plot for [i = 1:words(ps)] of(word(ps, i), table) \
        using (x($2, i)):3:4:5 with yerrorbars @bars, \
    for [i = 1:words(ps)] of(word(ps, i), table) \
        using (x($2, i)):3 @curve title title(word(ps, i))
unset key
set title "Gain over ".first." of the same k, paired"
set ylabel "gain in ".what." (%)"
set format y "%+g"
set yrange [*<-.1:.1<*]
set ytics add ("0" 0)
plot 0 with lines lw 2 lc rgb colour(1), \
    for [i = 2:words(ps)] of(word(ps, i), table) \
        using (x($2, i)):6:7:8 with yerrorbars @bars, \
    for [i = 2:words(ps)] of(word(ps, i), table) using (x($2, i)):6 @curve
unset multiplot
