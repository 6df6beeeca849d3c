# What the pictures share. Given: out (the SVG), name and, by the picture, wide, high.
# Colours are those of Okabe and Ito, told apart by the colour-blind too; what is told
# by a colour is told by a sign or a dash as well.
set encoding utf8
set terminal svg size wide, high dynamic background "white" name name \
    font "DejaVu Sans,Helvetica,Arial,sans-serif,14"
set termoption noenhanced
set output out
set datafile separator tab
set datafile missing "-"
set border 3 lc rgb "#606060"
set tics nomirror textcolor rgb "#303030"
set grid ytics lc rgb "#dddddd" lt 1 lw 1
set title font ",15"
array Colour[8] = [0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, \
    0xe69f00, 0x56b4e9, 0x222222, 0x8a6d00]
array Sign[8] = [7, 5, 9, 11, 13, 4, 6, 8]
colour(i) = Colour[(i + 7) % 8 + 1]
sign(i) = Sign[(i + 7) % 8 + 1]
dash(i) = (i + 3) % 4 + 1
# Bars of intervals are paler than what they belong to.
pale(i) = 0x80000000 + colour(i)
bars = "lw 1.5 pt 0 lc rgb pale(i) notitle"
curve = "with linespoints lw 2 dt dash(i) pt sign(i) ps 1.1 lc rgb colour(i)"
# The key of n entries, below the plots: its rows.
rows(n) = n > 3 ? 2 : 1
below = "screen .5, .04 center center vertical samplen 3 width 1"
# A table by way of awk: lines whose first field is this; the different first fields, as
# words; a field of the first line.
by(program, table) = sprintf("awk -F '\\t' '%s' '%s'", program, table)
of(name, table) = "< ".by('$1 == "'.name.'"', table)
words_of(which, table) = system(by(which. \
    ' && !seen[$1]++ { printf "%s\"%s\"", (n++ ? " " : ""), $1 }', table))
names(table) = words_of('NR > 1 && $1 != ""', table)
field(table, n) = system(by(sprintf('NR == 2 { print $%d }', n), table))
