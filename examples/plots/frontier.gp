# What lists pay in ndcg for tastes. Given: here name out table.
wide = 860; high = 600
load here."common.gp"
ways = names(table)
n = field(table, 11)
set margins screen .09, screen .97, screen .2, screen .9
set key at @below maxrows 1
set grid xtics ytics lc rgb "#dddddd" lt 1 lw 1
set title "Lists of ".n.": tastes met against ndcg, by the strength L". \
    " (bars: 95 % over users)"
set xlabel sprintf("change of ndcg@%s (%%); by score it is %.4f", n, \
    field(table, 9) + 0)
set ylabel sprintf("change of the tastes that a list meets (%%); by score %.2f", \
    field(table, 10) + 0)
set format "%+g"
set xtics add ("0" 0)
set ytics add ("0" 0)
# All bars, the list by score at 0, and room for labels.
most(a, b) = a > b ? a : b
start(low, high) = -most(.1, -low) - .06 * (most(.1, high) + most(.1, -low))
end(low, high) = most(.1, high) + .08 * (most(.1, high) + most(.1, -low))
stats table using 4 every ::1 nooutput name "L"
stats table using 5 every ::1 nooutput name "H"
set xrange [start(L_min, H_max):end(L_min, H_max)]
stats table using 7 every ::1 nooutput name "L"
stats table using 8 every ::1 nooutput name "H"
set yrange [start(L_min, H_max):end(L_min, H_max)]
plot for [i = 1:words(ways)] of(word(ways, i), table) \
        using 3:6:4:5:7:8 with xyerrorbars @bars, \
    for [i = 1:words(ways)] of(word(ways, i), table) \
        using 3:6 @curve title word(ways, i).":L", \
    for [i = 1:words(ways):2] of(word(ways, i), table) using 3:6:2 with labels \
        font ",13" right offset char -.7, char -.75 tc rgb colour(i) notitle, \
    for [i = 2:words(ways):2] of(word(ways, i), table) using 3:6:2 with labels \
        font ",13" left offset char .7, char .75 tc rgb colour(i) notitle, \
    "< echo 0" using (0):(0) with points pt 2 ps 1.4 lw 2 lc rgb "#222222" \
        title "by score"
