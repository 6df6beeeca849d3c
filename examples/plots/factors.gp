# The metric by factors and personas. Given: here name out table.
wide = 1000; high = 460
load here."common.gp"
ps = names(table)
what = field(table, 9)
stats table using 2 every ::1 nooutput
low = STATS_min; top = STATS_max
set multiplot layout 1, 2 margins .09, .98, .22, .9 spacing .11
set logscale x 2
set xrange [low / 1.3:top * 1.3]
set xtics ()
ks = system(sprintf("awk -F '\\t' 'NR > 1 && !seen[$2]++ { print $2 }' %s", quote(table)))
do for [k in ks] { set xtics add (k k) }
set xlabel "factors k"
# Side by side, so that bars do not cover each other.
beside(i) = 1.05 ** (i - (words(ps) + 1) / 2.)
title(p) = p.(p eq "1" ? " persona (plain)" : " personas")
set key at screen .5, .04 center center vertical maxrows rows(words(ps)) samplen 3 width 1
set title what." on test cells (bars: 95 % over users)"
set ylabel what
plot for [i = 1:words(ps)] of(word(ps, i), table) using ($2 * beside(i)):3:4:5 with yerrorbars lw 1.5 pt 0 lc rgb pale(i) notitle, \
    for [i = 1:words(ps)] of(word(ps, i), table) using ($2 * beside(i)):3 with linespoints lw 2 dt dash(i) pt sign(i) ps 1 lc rgb colour(i) title title(word(ps, i))
unset key
set title sprintf("Gain over %s of the same k, paired", word(ps, 1) eq "1" ? "one persona" : word(ps, 1)." personas")
set ylabel "gain in ".what." (%)"
set format y "%+g"
set yrange [*<-.1:.1<*]
set ytics add ("0" 0)
plot 0 with lines lw 2 lc rgb colour(1), \
    for [i = 2:words(ps)] of(word(ps, i), table) using ($2 * beside(i)):6:7:8 with yerrorbars lw 1.5 pt 0 lc rgb pale(i), \
    for [i = 2:words(ps)] of(word(ps, i), table) using ($2 * beside(i)):6 with linespoints lw 2 dt dash(i) pt sign(i) ps 1 lc rgb colour(i)
unset multiplot
