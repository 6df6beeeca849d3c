#!/bin/sh
test_description='the recipes of docs/cookbook.md, as they stand, on tiny files in the formats of their sources'
. "$(dirname "$0")/setup.sh"
PYTHONPATH=$TOP/python PYTHONDONTWRITEBYTECODE=1 MFPIPE_BIN=$BUILD/bin MFPIPE=$TOP
OMP_NUM_THREADS=1 # results do not depend on it, and threads that wait for little cost more
export PYTHONPATH PYTHONDONTWRITEBYTECODE MFPIPE_BIN MFPIPE OMP_NUM_THREADS
unset MAKEFLAGS MFLAGS MAKELEVEL

test_expect_success 'tiny files in the formats of the sources' '
	python3 "$TOP/tests/cli/cookbook_data.py" &&
	msd-synth --users 300 --artists 80 --tracks unique_tracks.txt -o train_triplets.txt &&
	awk -F "<SEP>" "NR % 20 == 0 { printf \"ERROR: <%s %s> %s  -  %s  !=  Other  -  Other\n\", \$2, \$1, \$3, \$4 }" \
		unique_tracks.txt >sid_mismatches.txt
'

test_expect_success PYTHON 'the recipes run, and print what is shown' '
	python3 "$TOP/tests/cli/shown.py" "$TOP/docs/cookbook.md" >out || { cat out; false; }
'
test_have_prereq PYTHON && say "$(sed -n "s/^.*\(cookbook.md:.*left out.*\)/\1/p" out)"

# Lists of the night in FOLDER, without SQLite: night FOLDER [WORD=VALUE]...
night () {
	folder=$1
	shift
	(cd "$folder" && ${MAKE:-make} -f "$TOP/examples/nightly/Makefile" OPTIONS="-k 4" TOP=3 lists.jsonl "$@")
}
test_expect_success 'nightly: a second day goes on from the first, once' '
	mkdir -p one/in && cp in/2026-11-26.csv one/in && night one >first && grep -q "^mf-als -k 4 -p 1 *.$" first &&
	touch mark && sleep 1 && cp in/2026-11-27.csv one/in && night one >second && grep -q "^mf-als.* -n 2 --init plain.mf" second &&
	test "$(grep -c "^mf-convert --from" second)" = 1 && test "$(jq -r .user one/lists.jsonl | wc -l)" = 240 &&
	night one >third && grep -q "up to date" third
'
test_expect_success 'nightly: what was killed goes on from its checkpoint, to the same bytes' '
	mkdir two && cp -R one/in two && mv two/in/2026-11-27.csv . && night two >/dev/null &&
	mv 2026-11-27.csv two/in && (cd two && ${MAKE:-make} -s -f "$TOP/examples/nightly/Makefile" OPTIONS="-k 4" TOP=3 plays.mf &&
		mf-als -k 4 -p 1 -n 1 --init plain.mf --checkpoint train.ck -o killed.mf plays.mf) &&
	night two >log 2>err && grep -q -e "--resume train.ck" log && test_must_be_empty err && test ! -e two/train.ck &&
	for f in plays.mf plain.mf model.mf lists.jsonl; do cmp one/$f two/$f || return 1; done
'
test_expect_success 'nightly: another word trains from the start; a day that goes is gone; a bad day leaves the lists' '
	night two OPTIONS="-k 5" >log && grep -q "^mf-als -k 5 -p 1 *.$" log && rm two/in/2026-11-27.csv &&
	night two OPTIONS="-k 5" >log && grep -q "^mf-convert --join.* days/2026-11-26.mf$" log && cp two/lists.jsonl before &&
	printf "user,item,plays\nx,y\n" >two/in/2026-11-28.csv && ! night two OPTIONS="-k 5" >log 2>err &&
	grep -q "2026-11-28.csv:2:" err && cmp before two/lists.jsonl
'
test_expect_success 'nightly: a folder without days, and a file that is none, are said' '
	mkdir -p three/in && ! night three 2>err && grep -q "put plays into in/DAY.csv" err &&
	cp one/in/*.csv three/in && : >"three/in/more plays.csv" && ! night three 2>err && grep -q "in/more: is no in/DAY.csv" err && test ! -e three/plays.mf
'
test_expect_success 'nightly: takes what mf-tune prints, but its -n and -p; -k twice is said at once' '
	mkdir -p four/in && cp one/in/2026-11-26.csv four/in && night four -n OPTIONS="-k 8 -p 1 -u 7.03x -l 0.0315 -n 11" >log &&
	grep -q "^mf-als -k 8 -u 7.03x -l 0.0315 *-p 1 " log && grep -q "^mf-als -k 8 -u 7.03x -l 0.0315 *-p 3 -n 0 " log &&
	! night four OPTIONS="-k 64 -k 8" 2>err && grep -q "k is given twice" err && test ! -e four/days
'
# What make would run for the ablation with other words: ablate WORD=VALUE...
ablate () {
	${MAKE:-make} -f "$TOP/examples/ablation/Makefile" OUT=abl K=4 W=.5 METRICS=ndcg@10 "$@"
}
test_expect_success 'ablation: another word makes again what depends on it, and nothing else' '
	mf-convert --from=csv --header --duplicates=sum plays.csv -o plays.mf && ablate >log && test "$(grep -c ^mf-als log)" = 2 &&
	ablate >log && ! grep -q "^mf-" log &&
	ablate W=".2 .5" >log && test "$(grep "^mf-als" log)" = "mf-als -j1 -k 4 -p 3 -w .2  -o abl/k4-p3-w.2.mf abl/split.mf" && grep -q "mf-eval.*k4-p3-w.2.mf" log &&
	grep -q "k4-p3-w.2.mf" abl/table.txt && ablate >log && ! grep -q "^mf-als" log && ! grep -q "k4-p3-w.2.mf" abl/table.txt &&
	ablate -n OPTIONS="-n 3" >log && test "$(grep -c "^mf-als.* -n 3 " log)" = 2 && ! grep -q "^mf-split" log &&
	ablate -n SEED=2 >log && grep -q "^mf-split.* --seed 2 " log && test "$(grep -c "^mf-als" log)" = 2
'
test_done
