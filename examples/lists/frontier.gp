# frontier.gp: the tastes that lists meet against the ndcg that they keep, of each way.
# Words: out (folder of SET.test.tsv and of the picture), sets, lengths.
set terminal svg size 1000,300*words(sets) font 'sans,12' background 'white'
set output out.'/frontier.svg'
set datafile separator '\t'
set multiplot layout words(sets),words(lengths)
set key outside below horizontal
set bmargin 7
set grid
set xlabel 'ndcg, change in %' offset 0,0.5
set ylabel 'tastes met, change in %'
set xrange [-5:1.5]
set yrange [0:*]
way(n, name) = sprintf("<awk -F'\\t' '$1 == %s && $2 == \"%s\"' %s/%s.test.tsv", n, name, out, s)
do for [s in sets] {
    do for [n in lengths] {
        set title s.', lists of '.n
        plot way(n, 'mmr') using 4:7 with linespoints lc rgb '#888888' pt 6 title 'mmr', \
             way(n, 'mmr, sorted') using 4:7 with linespoints lc rgb '#888888' pt 7 title 'mmr, sorted', \
             way(n, 'calibrated') using 4:7 with linespoints lc rgb '#d98c00' pt 5 title 'calibrated', \
             way(n, 'xquad') using 4:7 with linespoints lc rgb '#2a7fb8' pt 9 title 'xQuAD', \
             way(n, 'personas') using 4:7 with linespoints lw 2 lc rgb '#b8322a' pt 7 title 'personas:L'
    }
}
unset multiplot
