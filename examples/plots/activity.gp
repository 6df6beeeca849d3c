# The metric by how much is known of users. Given: here name out table.
wide = 860; high = 540
load here."common.gp"
models = names(table)
what = field(table, 2)
# The slices, from the quietest users to the busiest: where each begins, and its label.
starts = system(sprintf("awk -F '\\t' 'NR > 1 && !seen[$4]++ { printf \"%%s \", $4 }' %s", quote(table)))
label(i) = system(sprintf("awk -F '\\t' 'NR > 1 && $4 == %s { printf \"%%s\", ($4 == $5 ? $4 : $4 \"\\342\\200\\223\" $5) \"|\" $3; exit }' %s", word(starts, i), quote(table)))
at(start) = sum [i = 1:words(starts)] (word(starts, i) eq start ? i : 0)
cells(l) = l[1:strstrt(l, "|") - 1]
users(l) = l[strstrt(l, "|") + 1:*]
beside(i) = .08 * (i - (words(models) + 1) / 2.)
set margins screen .11, screen .97, screen .27, screen .9
set key at screen .5, .04 center center vertical maxrows rows(words(models)) samplen 3 width 1
set xrange [.6:words(starts) + .4]
set yrange [0:.001<*]
set xtics ()
do for [i = 1:words(starts)] { l = label(i); set xtics add (cells(l)."\n".users(l)." users" i) }
set xlabel "known cells of a user (training and fold-in)" offset 0, -.9
set ylabel what." on test cells"
set title what." by the activity of users (bars: 95 % over users)"
plot for [i = 1:words(models)] of(word(models, i), table) using (at(strcol(4)) + beside(i)):6:7:8 with yerrorbars lw 1.5 pt 0 lc rgb pale(i) notitle, \
    for [i = 1:words(models)] of(word(models, i), table) using (at(strcol(4)) + beside(i)):6 with linespoints lw 2 dt dash(i) pt sign(i) ps 1.1 lc rgb colour(i) title word(models, i)
