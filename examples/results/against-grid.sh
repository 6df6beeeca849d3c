#!/bin/bash
# mf-tune against the best of an exhaustive grid, by the validation cells of a bundle.
#
#   against-grid.sh OUT NAME BUNDLE [OPTION ...]
#
# The options are those of mf-als that mf-tune takes: -k 64 -p 1 --preset=wrmf. Writes
# OUT/NAME.row, a row of a Markdown table, and prints it. Each point of the grid is trained
# for 16 sweeps, of which the best one counts, and kept in OUT/NAME: a run that was stopped
# goes on where it was. The grid, by words of the environment:
#
#   W0S="2x 4x 8x 16x 32x 64x" LAMBDAS=".0025 .005 .01 .02 .04"
#       what -u and -l take; what is left out is a quarter to eight times, and for lambda an
#       eighth to twice, of where mf-tune begins; without W0, lambda a 32nd to 32 times
#
# Seconds are of the CPU, user and system, of one thread: they hardly depend on what else
# the machine does. One training is mf-als with the same options and no others.
set -e -o pipefail
[ $# -ge 3 ] || { sed -n '2,/^set/{/^set/!s/^#\( \|$\)//p}' "$0" >&2; exit 2; }
export PATH="$(dirname "$0")/../../build/bin:$PATH" LC_ALL=C.UTF-8
out=$1 name=$2 bundle=$3
shift 3
points=$out/$name
mkdir -p "$points"
TIMEFORMAT='%U %S'

# spent FILE COMMAND...: run it; the file holds its CPU seconds.
spent() {
	local file=$1
	shift
	{ time "$@" 2>&3; } 3>&2 2>"$file.part" && awk '{ print $1 + $2 }' "$file.part" >"$file" && rm "$file.part"
}

# The metric that a log of mf-als ends with: its best sweep, or what personas make of it.
value_of() {
	jq -rs --arg metric "$metric" '[.[] | select(.half == "cluster" and .iteration > 0) | .valid] as $divided |
		[.[] | select(.half == "users") | .valid | values] |
		if $divided != [] then $divided[-1] elif $metric == "rmse" or $metric == "mae" then min else max end' "$1"
}

[ -s "$points/tune.options" ] || {
	rm -f "$points/tune.tsv"
	spent "$points/tune.cpu" mf-tune -q -j 1 "$@" --log "$points/tune.tsv" --print "$bundle" >"$points/tune.part"
	mv "$points/tune.part" "$points/tune.options"
}
metric=$(sed -n '3s/.*--metric=\([^ ]*\).*/\1/p' "$points/tune.tsv")
[ -s "$points/one.cpu" ] || spent "$points/one.cpu" mf-als -q -j 1 "$@" -o "$points/one.mf" "$bundle"
rm -f "$points/one.mf"

# Where mf-tune began, and the options that it left as they are.
first() { awk -F'\t' -v axis="$1" 'NR == 4 { for (i = 1; i <= NF; i++) at[$i] = i } NR == 5 && axis in at { print $at[axis] }' "$points/tune.tsv"; }
times() { # START POWER...: the start times two to these powers
	awk -v start="$1" -v powers="$2" 'BEGIN { n = split(powers, p, " "); x = start ~ /x$/ ? "x" : ""
		for (i = 1; i <= n; i++) printf "%.4g%s ", start * 2 ^ p[i], x }'
}
fixed=$(sed 's/ -[uln] [^ ]*//g' "$points/tune.options")
w0=$(first unobserved) lambda=$(first lambda)
W0S=${W0S:-$([ -z "$w0" ] || times "$w0" "-2 -1 0 1 2 3")}
LAMBDAS=${LAMBDAS:-$(times "$lambda" "$([ -n "$w0" ] && echo -3 -2 -1 0 1 || seq -s' ' -5 5)")}

for u in ${W0S:-none}; do
	for l in $LAMBDAS; do
		point=$points/u$u-l$l
		[ ! -s "$point" ] || continue
		[ $u = none ] && option= || option="-u $u"
		spent "$points/cpu" mf-als -q -j 1 $fixed $option -l $l -n 16 --patience 16 --log "$points/log" -o "$points/point.mf" "$bundle"
		echo "$(value_of "$points/log") $(cat "$points/cpu")" >"$point.part"
		rm -f "$points"/{log,cpu,point.mf}
		mv "$point.part" "$point"
	done
done

# --- the row ---

less=$([ "$metric" = rmse ] || [ "$metric" = mae ] && echo 1 || echo 0)
for u in ${W0S:-none}; do
	for l in $LAMBDAS; do
		echo "$u $l $(cat "$points/u$u-l$l")"
	done
done | awk -v name="$name" -v options="$*" -v metric="$metric" -v less_is_better=$less \
	-v one="$(cat "$points/one.cpu")" -v tune="$(cat "$points/tune.cpu")" -v found="$(cat "$points/tune.options")" -v log_file="$points/tune.tsv" '
function better(a, b) { return less_is_better ? a < b : a > b }
{ cpu += $4; n++; if (n == 1 || better($3, best)) { best = $3; at = ($1 == "none" ? "" : "-u " $1 " ") "-l " $2 } }
END {
	while ((getline line < log_file) > 0) {
		k = split(line, f, "\t")
		trials += f[k] == "short" || f[k] == "dropped"
		if (f[k] == "whole" && (mine == "" || better(f[k - 3], mine)))
			mine = f[k - 3] + 0
	}
	loss = 100 * (less_is_better ? mine - best : best - mine) / best
	sub(/^.*-p [0-9]+ /, "", found)
	printf "| %s | `%s` | %d | %.0f | %.1f | %d | %.1f | %.1f | %s %.4f (`%s`) | %.4f (`%s`) | %+.2f |\n", name, options, n, cpu, one, trials, tune, tune / one, metric, best, at, mine, found, -loss
}' >"$out/$name.row.part"
mv "$out/$name.row.part" "$out/$name.row"
cat "$out/$name.row"
