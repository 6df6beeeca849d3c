# The loss on test cells after the best iteration by validation cells, by k and p.
wide = 1200; high = 560
load here."common.gp"
set multiplot layout 1, 2 margins .075, .98, .22, .87 spacing .1, .1 title "Held-out loss by factors and personas (test cells; bars: 95 % over users)" font ",14"
set xrange [.5:words(K) + .5]
set xtics ()
do for [i = 1:words(K)] { set xtics add ("k = ".word(K, i) i) }
set offsets 0, 0, graph .02, graph .02
set key at screen .5, .06 center center vertical maxrows 2 samplen 2 width 1
set ylabel "rmse on held-out ratings"
zero = number("always-0", "rmse")
set title sprintf("absolute (always 1, the user's mean: %.3f, far below)", number("always-1", "rmse"))
set format y "%.2f"
plot for [i = 1:words(pairs)] for [j = 1:words(K)] line(model(word(K, j), word(pairs, i)), "rmse") \
    using (j + beside(i)):10:11:12 with yerrorbars lw 1.5 pt point(word(pairs, i)) ps 1.1 \
    lc rgb colour(word(pairs, i)) title j == 1 ? name(word(pairs, i)) : "", \
    zero with lines lc rgb "#888888" dt 3 lw 2 title "always 0"
set title "less plain ALS of the same k, paired (below 0: personas are better)"
set ylabel "difference in rmse"
set format y "%+.3f"
unset key
plot 0 with lines lc rgb "#222222" lw 1, for [i = 2:words(pairs)] for [j = 1:words(K)] line(model(word(K, j), word(pairs, i)), "rmse") \
    using (j + beside(i)):15:16:17 with yerrorbars lw 1.5 pt point(word(pairs, i)) ps 1.1 lc rgb colour(word(pairs, i))
unset multiplot
