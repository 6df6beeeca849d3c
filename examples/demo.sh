#!/bin/bash
# The whole pipe on a synthetic data set. `make demo` runs this with the built
# tools on PATH; it prints each command before it runs it.
set -euo pipefail
work=$(mktemp -d "${TMPDIR:-/tmp}/mfpipe-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

show () {
	printf '\n$ %s\n' "$*"
	eval "$*"
}

echo "mfpipe demo: listeners with planted tastes, in the file formats of the Million Song Dataset"
show 'msd-synth --tracks unique_tracks.txt -o train_triplets.txt'
show 'head -n 2 train_triplets.txt unique_tracks.txt'
show 'msd-aggregate --tracks unique_tracks.txt train_triplets.txt | mf-split --test 0.15 -o split.mf'
show 'mf-info split.mf'
show 'mf-als -k 16 -p 1 split.mf -o plain.mf'
show 'mf-als -k 16 -p 3 split.mf -o personas.mf'
show 'mf-eval --baseline=popularity plain.mf personas.mf'
# The first listener for whom all three personas have something to say.
listener=$(mf-recommend --top 10 personas.mf |
	awk -F'\t' '!seen[$1, $5]++ && ++n[$1] == 3 && !done++ { print $1 }')
show "mf-recommend --top 10 --user $listener personas.mf | sort -t \$'\\t' -k5,5n -k2,2n"
