# What personas gain by the length of histories and by the number of users. Given: out term
# curves.
set encoding utf8
set terminal term size 1100, 480 font "DejaVu Sans,11"
set termoption noenhanced
set output out
set datafile separator tab
set tics nomirror
set border 3 lc rgb "#606060"
set grid ytics lc rgb "#dddddd" lt 1 lw 1
set logscale x 2
set format y "%+g %%"
set key top left samplen 2
set multiplot layout 1, 2 margins .07, .98, .13, .86 spacing .08 title "ndcg@100 of personas less plain ALS (bars: 95 % over users)" font ",14"
of(curve, side) = sprintf("< awk -F '\\t' '$1 == \"%s\" && $2 == \"%s\"' %s", curve, side, curves)
set title "Steam: the same users, histories cut"
set xlabel "games of a user"
set xtics (10, 20, 40, 80)
set xrange [8:100]
plot 0 with lines lc rgb "#222222" lw 1 title "", \
    of("Steam: games of a user", "-p 3") using 3:5:6:7 with yerrorlines lw 1.5 pt 7 lc rgb "#1f77b4" title "3 personas", \
    of("Steam: games of a user", "-p 8") using 3:5:6:7 with yerrorlines lw 1.5 pt 5 lc rgb "#d95f02" title "8 personas"
set key top right
set title "A part of the users"
set xlabel "users"
set xtics auto
set xtics (4000, 8000, 16000, 32000)
set xrange [2500:40000]
colour(p) = p == 3 ? 0x1f77b4 : 0xd95f02
plot 0 with lines lc rgb "#222222" lw 1 title "", \
    for [p in "3 8"] of("Steam: users", "-p ".p) using 3:5:6:7 with yerrorlines lw 1.5 pt 7 dt 1 \
    lc rgb colour(p + 0) title "Steam, ".p." personas", \
    for [p in "3 8"] of("Gowalla: users", "-p ".p) using 3:5:6:7 with yerrorlines lw 1.5 pt 5 dt 2 \
    lc rgb colour(p + 0) title "Gowalla, ".p." personas"
unset multiplot
