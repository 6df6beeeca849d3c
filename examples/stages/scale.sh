#!/bin/bash
# scale.sh FACTOR < BUNDLE > BUNDLE: the same with awk, for ratings as text.
# pipefail: text has no end mark, so a stage that fails must show in the status.
set -o pipefail
mf-convert --to=tsv |
    awk -v factor="$1" 'BEGIN { FS = OFS = "\t" } { $3 = sprintf("%.8e", $3 * factor); print }' |
    mf-convert --from=tsv --columns=1,2,3,4
