# What the figures share. Given: here out term curves results K P W X k0 pmax n,
# and by the figure wide and high.
set encoding utf8
set terminal term size wide, high font "DejaVu Sans,13"
set output out
set tics nomirror textcolor rgb "#303030"
set border 3 lc rgb "#606060"
set grid ytics lc rgb "#dddddd" lt 1 lw 1
set datafile separator tab

# The personas: "p w" pairs; plain has one, and no overlap.
pairs = "1:"
do for [p in P] { if (p ne "1") { do for [w in W] { pairs = pairs." ".p.":".w } } }
p_of(s) = s[1:strstrt(s, ":") - 1]
w_of(s) = s[strstrt(s, ":") + 1:strlen(s)]
model(k, s) = "k".k."-p".p_of(s).(w_of(s) eq "" ? "" : "-w".w_of(s))
mask(w) = (w + 0 == 0) ? "hard mask" : "overlap ".w
name(s) = w_of(s) eq "" ? "1 persona (plain)" : \
    p_of(s)." personas, ".mask(w_of(s))
colour(s) = p_of(s) eq "1" ? 0x222222 : p_of(s) eq "2" ? 0x0072b2 : p_of(s) eq "3" ? 0xd55e00 : 0x009e73
hard(s) = w_of(s) eq "" || w_of(s) + 0 == 0
dash(s) = hard(s) ? 1 : 2
point(s) = w_of(s) eq "" ? 7 : hard(s) ? 5 : 4

# A model's curve, and its line for a metric.
curve(m) = sprintf("< awk -F '\\t' '$1 == \"%s\"' %s", m, curves)
line(m, metric) = sprintf("< awk -F '\\t' '$1 == \"%s\" && $9 == \"%s\" { print; exit }' %s", m, metric, results)
number(m, metric) = system(sprintf("awk -F '\\t' '$1 == \"%s\" && $9 == \"%s\" { print $10; exit }' %s", m, metric, results)) + 0
# The error on validation cells of a prediction that needs no training.
steady(m) = system(sprintf("awk -F '\\t' '$1 == \"%s\" { v = $5 } END { print v }' %s", m, curves)) + 0
# Side by side around a place on the x axis.
beside(i) = (i - (words(pairs) + 1) / 2.) * .6 / words(pairs)
