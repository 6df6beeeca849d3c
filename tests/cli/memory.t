#!/bin/sh
# Training with --memory: the same bytes, within the bound, and nothing left behind.
test_description='mf-als --memory'
. "${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/cli/setup.sh"
case $BUILD in
*/asan)
	skip_all='AddressSanitizer takes memory of its own'
	test_done ;;
esac

test_expect_success 'a bundle to train on' '
	awk "BEGIN { srand(5); for (u = 0; u < 3000; u++) for (n = 0; n < 4 + u % 40; n++)
		printf \"user%04d\titem%d\t%d\n\", u, 700 * rand() ^ 2, 1 + 4 * rand() }" >cells.tsv &&
	mf-convert --from=tsv cells.tsv -o all.mf &&
	mf-split --seed 3 --test 10% --valid 10% all.mf -o split.mf && mkdir tmp
'

# least ARGS...: the least memory that is enough, as an error says it
least () {
	mf-als -q "$@" --memory 1M split.mf 2>err >/dev/null
	test $? -eq 1 && test $(wc -l <err) -eq 1 &&
	sed -n "s/.* is too little for .* factors; give it \([0-9]*M\)$/\1/p" err
}

# same ARGS...: with so much memory the model is the same, and pages were handed back
same () {
	m=$(least "$@") && test -n "$m" &&
	mf-als -q -j 2 "$@" split.mf -o plain.mf &&
	TMPDIR=tmp python3 "$TOP/tests/cli/peak.py" ${m%M} mf-als -q -j 1 "$@" --memory $m split.mf -o bounded.mf &&
	cmp plain.mf bounded.mf && test -z "$(ls -A tmp)"
}

test_expect_success 'the same bytes: plain' 'same -k 8 -p 1 -n 2'
test_expect_success 'personas, and validation that keeps the best sweep' 'same -k 8 -p 3 -n 4 --patience 1'
test_expect_success 'sweeps with personas' 'same -k 4 -p 2 -w .2 --warmup 1 -n 2'
test_expect_success 'popularity and a confidence' '
	same -k 4 -p 2 -n 1 --unobserved-by popularity:.5 --confidence linear:2
'
test_expect_success 'numbers with biases' 'same -k 4 -p 1 -n 1 --preset=explicit --bias'
test_expect_success 'many factors' 'same -k 16 -p 2 -n 1 --solver=cg:3'
test_expect_success 'factors alone, all known cells, and a pipe' '
	m=$(least -k 4) &&
	mf-als -q -k 4 -n 1 --factors-only split.mf >plain.mf &&
	mf-als -q -k 4 -n 1 --factors-only --memory $m <split.mf >bounded.mf && cmp plain.mf bounded.mf &&
	mf-als -q -k 4 -n 1 --train-on=train,valid split.mf >plain.mf &&
	cat split.mf | mf-als -q -k 4 -n 1 --train-on=train,valid --memory $m >bounded.mf &&
	cmp plain.mf bounded.mf
'
test_expect_success 'what fits needs no files' '
	mf-als -q -k 4 -n 1 --memory 4G --tmpdir nowhere split.mf -o bounded.mf &&
	mf-als -q -k 4 -n 1 split.mf -o plain.mf && cmp plain.mf bounded.mf
'
test_expect_success 'a folder that is not there or full is one line' '
	m=$(least -k 4) &&
	test_must_fail mf-als -q -k 4 --memory $m --tmpdir nowhere split.mf 2>err >/dev/null &&
	test $(wc -l <err) -eq 1 &&
	grep -q "nowhere: cannot create a temporary file: .*; name another folder with --tmpdir" err &&
	(ulimit -f 64 && test_must_fail mf-als -q -k 4 --memory $m --tmpdir tmp split.mf 2>err | cat >/dev/null
		test $(wc -l <err) -eq 1) &&
	grep -q "temporary file in tmp: no room for .* MB: .*; name another folder with --tmpdir" err
'
test_expect_success 'what is not bounded is refused by name' '
	for o in --init=split.mf --checkpoint=c --resume=c
	do
		mf-als --memory 1G $o split.mf 2>err >/dev/null
		test $? -eq 2 && test $(wc -l <err) -eq 1 && grep -q "has no checkpoints; leave ${o%=*} out" err || return 1
	done
'
test_expect_success 'killed, it leaves nothing' '
	m=$(least -k 32) &&
	for signal in KILL TERM
	do
		mf-als -q -k 32 -p 1 -n 400 --memory $m --tmpdir tmp split.mf >out.mf & pid=$!
		while ! ls -l /proc/$pid/fd 2>/dev/null | grep -q "/tmp/.*deleted"
		do kill -0 $pid || return 1
		done
		kill -$signal $pid
		wait $pid
		test -z "$(ls -A tmp)" || return 1
	done
'

test_done
