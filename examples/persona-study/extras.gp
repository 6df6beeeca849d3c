# Other lambdas, and few plays as a dislike, at one k.
wide = 1200; high = 560
load here."common.gp"
kept = ""
do for [s in pairs] { if (p_of(s) eq "1" || p_of(s) eq pmax) { kept = kept." ".s } }
suffix(x) = x eq "1" ? "" : x eq "dislike" ? "-dislike" : "-x".x
beside(i) = (i - (words(kept) + 1) / 2.) * .5 / words(kept)
set multiplot layout 1, 2 margins .075, .98, .22, .87 spacing .1, .1 title sprintf("Other settings at k = %s (test cells; bars: 95 %% over users)", k0) font ",14"
set xtics ()
do for [i = 1:words(X)] { set xtics add ("× ".word(X, i) i) }
set xrange [.5:words(X) + .5]
set xlabel "both lambdas"
set offsets 0, 0, graph .02, graph .02
set key at screen .5, .06 center center vertical maxrows 2 samplen 2 width 1
set ylabel "rmse on held-out ratings"
set title "absolute"
set format y "%.2f"
zero = number("always-0", "rmse")
plot for [i = 1:words(kept)] for [j = 1:words(X)] line(model(k0, word(kept, i)).suffix(word(X, j)), "rmse") \
    using (j + beside(i)):10:11:12 with yerrorbars lw 1.5 pt point(word(kept, i)) ps 1.1 \
    lc rgb colour(word(kept, i)) title j == 1 ? name(word(kept, i)) : "", \
    zero with lines lc rgb "#888888" dt 3 lw 2 title "always 0"
X = X." dislike"
set xtics add ("offset" words(X))
set xrange [.5:words(X) + .5]
set xlabel "both lambdas, and few plays as a dislike"
set title "less plain ALS of the same setting, paired"
set ylabel "difference in rmse"
set format y "%+.3f"
unset key
plot 0 with lines lc rgb "#222222" lw 1, for [i = 2:words(kept)] for [j = 1:words(X)] line(model(k0, word(kept, i)).suffix(word(X, j)), "rmse") \
    using (j + beside(i)):15:16:17 with yerrorbars lw 1.5 pt point(word(kept, i)) ps 1.1 lc rgb colour(word(kept, i))
unset multiplot
