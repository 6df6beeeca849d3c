#!/bin/bash
# join.sh STAGE FOLDER N: the shards of a stage become what one machine writes.
set -e
stage=$1
cd "$2"
shards () { for i in $(seq "$n"); do echo "$stage.$i.$1"; done; } # none of them has a blank
n=$3
case $stage in
counts | core) mf-convert -q --join -o "$stage.mf" $(shards mf) ;;
lists) cat $(shards tsv) >lists.tsv ;;
metrics) mf-eval -q --merge --format=json -o metrics.json $(shards part) ;;
*) echo "join.sh: '$stage' is no stage" >&2; exit 2 ;;
esac
