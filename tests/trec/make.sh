#!/bin/sh
# Make what trec.t compares with: expected.tsv, from model.mf, and lists-expected.tsv, from
# lists.run, lists at random with equal scores and items that nobody knows. With --model, make
# model.mf anew too: a small split with users of one test item, a user of whom
# nothing is known (who gets what is popular) and items that nobody has in training.
#
#     python3 -m venv build/venv && build/venv/bin/pip install ir-measures ranx scipy
#     PATH=$PWD/build/bin:$PATH PYTHON=build/venv/bin/python tests/trec/make.sh
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ "$1" = --model ]
then
	awk 'BEGIN { srand(11); for (u = 0; u < 24; u++) for (i = 0; i < 36; i++)
		if (rand() < (u % 3 == i % 3 ? .15 + u / 48 : .05)) printf "u%02d\ti%02d\t%d\n", u, i, 1 + 9 * rand()
		print "v0\ti03\t1"; print "v1\tx1\t1"; print "v1\tx2\t1" }' >"$work/cells.tsv"
	mf-convert --from=tsv "$work/cells.tsv" | mf-split --test 0.3 --seed 10 |
		mf-als -k 4 -p 2 -n 6 -o "$here/model.mf"
fi
mf-eval -m ndcg@1000 --run "$work/run" --qrels "$work/qrels" "$here/model.mf" >/dev/null
"${PYTHON:-python3}" "$here/trec.py" "$work/run" "$work/qrels" --ranx >"$work/expected.tsv"
cp "$work/expected.tsv" "$here/expected.tsv"
"${PYTHON:-python3}" "$here/trec.py" "$here/lists.run" "$work/qrels" --ranx --lists >"$work/expected.tsv"
cp "$work/expected.tsv" "$here/lists-expected.tsv"
