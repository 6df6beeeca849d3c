#!/bin/bash
# stage.sh STAGE FOLDER [I N]: one stage, or its shard I of N, of the files in FOLDER: what every
# engine runs. It needs nothing but the tools and a folder that all machines see.
#
#   counts   the triplets, summed                    counts.mf, counts.I.mf
#   core     counts.mf, the users and items kept     core.mf, core.I.mf
#   lists    model.mf, lists of all users            lists.tsv, lists.I.tsv
#   metrics  plain.mf and model.mf, compared         metrics.json, metrics.I.part
set -e
stage=$1 folder=$2 i=$3 n=$4
cd "$folder" # names of files, which results say, are the same everywhere
out=$stage${i:+.$i} shard=${i:+--shard=$i/$n} threads=${THREADS:-1}
case $stage in
counts) msd-aggregate -q -j "$threads" $shard --tracks "$TRACKS" -o "$out.mf" "$TRIPLETS" ;;
core) mf-filter -q $shard --core --min-items 5 --min-users 5 -o "$out.mf" counts.mf ;;
lists) mf-recommend -q -j "$threads" $shard --top 20 -o "$out.tsv" model.mf ;;
metrics)
	if [ "$i" ]
	then result="--partial -o $out.part"
	else result="--format=json -o $out.json"
	fi
	mf-eval -q -j "$threads" $shard -m ndcg@20,recall@20,novelty@20,coverage@20,gini@20 \
		--by=activity --baseline=popularity $result plain.mf model.mf
	;;
*) echo "stage.sh: '$stage' is no stage" >&2; exit 2 ;;
esac
