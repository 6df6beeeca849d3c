# What the pictures share. Given: out (the SVG), name and, by the picture, wide and high.
# Colours are those of Okabe and Ito, told apart by the colour-blind too; what is told by
# a colour is told by a sign or a dash as well.
set encoding utf8
set terminal svg size wide, high dynamic font "DejaVu Sans,Helvetica,Arial,sans-serif,14" background "white" name name
set termoption noenhanced
set output out
set datafile separator tab
set datafile missing "-"
set border 3 lc rgb "#606060"
set tics nomirror textcolor rgb "#303030"
set grid ytics lc rgb "#dddddd" lt 1 lw 1
set title font ",15"
array Colour[8] = [0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x222222, 0x8a6d00]
array Sign[8] = [7, 5, 9, 11, 13, 4, 6, 8]
colour(i) = Colour[(i + 7) % 8 + 1]
sign(i) = Sign[(i + 7) % 8 + 1]
dash(i) = (i - 1) % 4 + 1
# Lines of a table whose first field is this; what awk says of it, as words.
quote(s) = "'".s."'"
of(name, table) = sprintf("< awk -F '\\t' -v name=%s '$1 == name' %s", quote(name), quote(table))
names(table) = system(sprintf("awk -F '\\t' 'NR > 1 && $1 != \"\" && !seen[$1]++ { printf \"%%s\\\"%%s\\\"\", (n++ ? \" \" : \"\"), $1 }' %s", quote(table)))
field(table, n) = system(sprintf("awk -F '\\t' 'NR == 2 { print $%d }' %s", n, quote(table)))
# Bars of intervals are paler than what they belong to.
pale(i) = 0x80000000 + colour(i)
# The key of n entries, below two plots that stand side by side.
rows(n) = n > 3 ? 2 : 1
set style textbox opaque noborder margins .5, .5
