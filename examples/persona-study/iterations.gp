# Loss by iteration: what training lowers, and the error on validation cells.
wide = 1200; high = 1050
load here."common.gp"
set multiplot layout 3, words(K) rowsfirst margins .075, .98, .12, .92 spacing .075, .085 \
    title "Loss by iteration (0 is the random start)" font ",14"
set xrange [0:n]
always_0 = steady("always-0")
always_1 = steady("always-1")
do for [row = 1:3] {
    set xlabel row == 3 ? "iteration" : ""
    do for [k in K] {
        set title "k = ".k
        unset key
        if (k eq word(K, 1)) {
            set ylabel row == 1 ? "training loss" : row == 2 ? "rmse on held-out ratings" : "the same, from iteration 1"
        } else { unset ylabel }
        if (row == 1) {
            set logscale y
            set format y "10^{%L}"
            plot for [s in pairs] curve(model(k, s)) using 2:3 with lines lw 2 lc rgb colour(s) dt dash(s)
        }
        if (row == 2) {
            unset logscale y
            set format y "%g"
            set yrange [0:*]
            if (k eq word(K, 1)) { set key at screen .5, .035 center center vertical maxrows 2 samplen 3 width 1 }
            plot for [s in pairs] curve(model(k, s)) using 2:5 with lines lw 2 lc rgb colour(s) dt dash(s) title name(s), \
                always_0 with lines lc rgb "#888888" lw 1.5 title "always 0", \
                always_1 with lines lc rgb "#009e73" lw 1.5 title "always 1, the user's mean"
            set autoscale y
        }
        if (row == 3) {
            set format y "%.3f"
            plot for [s in pairs] curve(model(k, s)) using ($2 >= 1 ? $2 : NaN):5 with lines lw 2 lc rgb colour(s) dt dash(s), \
                always_0 with lines lc rgb "#888888" lw 1.5
        }
    }
}
unset multiplot
