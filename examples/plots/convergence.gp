# Loss and metric, sweep by sweep. Given: here name out table.
wide = 1000; high = 470
load here."common.gp"
runs = names(table)
# The sweeps of a run before its histories were divided, and from there on: loss and metric are
# others. Without sweeps after it, only the metric says something.
before(run) = sprintf("< awk -F '\\t' -v run=%s '$1 == run && $2 == 1' %s", quote(run), quote(table))
after(run) = sprintf("< awk -F '\\t' -v run=%s '$1 == run && $2 > 1' %s", quote(run), quote(table))
having(n) = system(sprintf("awk -F '\\t' 'NR > 1 && $2 > 1 && ++n[$1] == %d { printf \"%%s\\\"%%s\\\"\", (m++ ? \" \" : \"\"), $1 }' %s", n, quote(table)))
divided = having(1)
trained = having(2)
number(run) = sum [i = 1:words(runs)] (word(runs, i) eq run ? i : 0)
stats table using 3 every ::1 nooutput
last = STATS_max
step = last > 60 ? 10 : last > 24 ? 5 : last > 12 ? 2 : 1
first = last > 1 ? 1 : 0
set multiplot layout 1, 2 margins .1, .98, .24, .9 spacing .12
set xtics step
set xlabel "sweep"
set key at screen .5, .055 center center vertical maxrows rows(words(runs) + words(divided)) samplen 3 width 1
set title "Training loss (sweep 0: the start)"
set xrange [0:last * 1.02 + .1]
set ylabel "loss (weighted squared errors + ridge)" offset -1, 0
set format y "%.1s%c"
plot for [r in runs] before(r) using 3:4 with lines lw 2 dt dash(number(r)) lc rgb colour(number(r)) title r, \
    for [r in trained] after(r) using 3:4 with linespoints lw 2 dt dash(number(r)) pt sign(number(r)) ps .8 lc rgb colour(number(r)) notitle, \
    for [r in divided] keyentry with points pt sign(number(r)) ps 1.2 lc rgb colour(number(r)) title r.", histories divided"
unset key
set title field(table, 6).(first ? ", from sweep 1" : "")
set xrange [first - .3:last * 1.02 + .1]
set ylabel field(table, 6)
set format y "%g"
set offsets 0, 0, graph .03, graph .03
plot for [r in runs] before(r) using ($3 < first ? NaN : $3):5 with lines lw 2 dt dash(number(r)) lc rgb colour(number(r)), \
    for [r in divided] after(r) using 3:5 with linespoints lw 2 dt dash(number(r)) pt sign(number(r)) ps 1.2 lc rgb colour(number(r))
unset multiplot
