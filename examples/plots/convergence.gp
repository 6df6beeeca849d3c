# Loss and metric, sweep by sweep. Given: here name out table.
wide = 1000; high = 470
load here."common.gp"
runs = names(table)
# The sweeps of a run before its histories were divided, and from there on: loss and
# metric are others, so that lines are cut there. Without sweeps after it, only the
# metric says something.
before(run) = "< ".by('$1 == "'.run.'" && $2 == 1', table)
after(run) = "< ".by('$1 == "'.run.'" && $2 > 1', table)
both(run) = "< ".by('$1 != "'.run.'" { next } $2 == 1 { print; next } \
    ++n == 1 { first = $0; next } n == 2 { print "\n" first } { print }', table)
divided = words_of('NR > 1 && $2 > 1', table)
number(run) = sum [i = 1:words(runs)] (word(runs, i) eq run ? i : 0)
# What a run looks like, by its name.
hue(run) = colour(number(run))
mark(run) = sign(number(run))
line(run) = dash(number(run))
stats table using 3 every ::1 nooutput
last = STATS_max
first = last > 1 ? 1 : 0
stats table using 4 every ::1 nooutput name "L"
set multiplot layout 1, 2 margins .1, .98, .24, .9 spacing .12
step = last > 60 ? 10 : last > 24 ? 5 : last > 12 ? 2 : 1
set xtics step
set xlabel "sweep"
set key at @below maxrows rows(words(runs) + words(divided))
set title "Training loss (sweep 0: the start)"
set xrange [0:last * 1.02 + .1]
set ylabel "loss (weighted squared errors + ridge)" offset -1, 0
set format y (L_max - L_min > .3 * L_max ? "%.1s%c" : "%.2s%c")
lines = 'with lines lw 2 dt line(r) lc rgb hue(r)'
marks = 'pt mark(r) ps 1.2 lc rgb hue(r)'
# A loop over no words is one over an empty one.
parted(what) = words(divided) ? ', for [r in divided] '.what : ''
eval 'plot for [r in runs] both(r) using 3:4 '.lines.' title r'. \
    parted('keyentry with points '.marks.' title r.", histories divided"')
unset key
set title field(table, 6).(first ? ", from sweep 1" : "")
set xrange [first - .3:last * 1.02 + .1]
set ylabel field(table, 6)
set format y "%g"
set offsets 0, 0, graph .03, graph .03
stats table using ($3 < first ? NaN : $5) every ::1 nooutput
if (STATS_min == STATS_max) { set yrange [STATS_min - .001:STATS_max + .001] }
eval 'plot for [r in runs] before(r) using ($3 < first ? NaN : $3):5 '.lines. \
    parted('after(r) using 3:5 with linespoints lw 2 dt line(r) '.marks)
unset multiplot
