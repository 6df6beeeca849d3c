# The same as a map.
wide = 1100; high = 480
load here."common.gp"
unset grid
set border 0
set tics scale 0
at(list, x) = sum [i = 1:words(list)] (word(list, i) eq x ? i : 0)
# Plain stands in every map.
cells(w) = sprintf("< awk -F '\\t' '$9 == \"rmse\" && $5 == \"1\" && $6 == \"plays\" && ($4 == \"\" || $4 == \"%s\") && !done[$1]++' %s", w, results)
range(what) = system(sprintf("awk -F '\\t' 'NR > 1 && $9 == \"rmse\" && $5 == \"1\" && $6 == \"plays\" && (v == \"\" || $10 %s v) { v = $10 + 0 } END { print v }' %s", what, results)) + 0
low = range("<")
top = range(">") + 1e-6
set cbrange [low:top]
set palette defined (0 "#08519c", .5 "#9ecae1", 1 "#fff7ec")
set format cb "%.3f"
set xrange [.5:words(P) + .5]
set yrange [.5:words(K) + .5]
set xtics (); set ytics ()
do for [i = 1:words(P)] { set xtics add (word(P, i) i) }
do for [i = 1:words(K)] { set ytics add (word(K, i) i) }
set xlabel "personas"
set ylabel "factors"
unset key
set multiplot layout 1, words(W) title "Held-out loss by factors and personas (rmse on held-out ratings, test cells; darker is better)" font ",14"
do for [w in W] {
    set title mask(w)
    plot cells(w) using (at(P, strcol(3))):(at(K, strcol(2))):(.49):(.49):10 with boxxyerror fs solid noborder lc palette, \
        cells(w) using (at(P, strcol(3))):(at(K, strcol(2))):(sprintf("%.4f", $10)):($10 < low + .35 * (top - low) ? 0xffffff : 0x000000) \
        with labels font ",12" tc rgb variable
}
unset multiplot
