# The metric by how much is known of users. Given: here name out table.
wide = 860; high = 540
load here."common.gp"
models = names(table)
what = field(table, 2)
# The slices, from the quietest users to the busiest: where each begins, and its label.
starts = system(by('NR > 1 && !seen[$4]++ { printf "%s ", $4 }', table))
label(i) = system(by('NR > 1 && $4 == '.word(starts, i). \
    ' { print ($4 == $5 ? $4 : $4 "\342\200\223" $5) "|" $3 " users"; exit }', table))
at(start) = sum [i = 1:words(starts)] (word(starts, i) eq start ? i : 0)
cells(l) = l[1:strstrt(l, "|") - 1]
users(l) = l[strstrt(l, "|") + 1:*]
beside(i) = .08 * (i - (words(models) + 1) / 2.)
x(start, i) = at(start) + beside(i)
set margins screen .11, screen .97, screen .27, screen .9
set key at @below maxrows rows(words(models))
set xrange [.6:words(starts) + .4]
set yrange [0:.001<*]
set xtics ()
do for [i = 1:words(starts)] {
    l = label(i)
    set xtics add (cells(l)."\n".users(l) i)
}
set xlabel "known cells of a user (training and fold-in)" offset 0, -.9
set ylabel what." on test cells"
set title what." by the activity of users (bars: 95 % over users)"
plot for [i = 1:words(models)] of(word(models, i), table) \
        using (x(strcol(4), i)):6:7:8 with yerrorbars @bars, \
    for [i = 1:words(models)] of(word(models, i), table) \
        using (x(strcol(4), i)):6 @curve title word(models, i)
