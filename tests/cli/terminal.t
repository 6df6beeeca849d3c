#!/bin/sh
test_description='progress on a terminal: what, how far, how fast, how long; one line of three stages; nothing without a terminal; Ctrl-C'
. "$(dirname "$0")/setup.sh"
look_for_terminals
TERM=xterm
unset COLUMNS
export TERM

# screen COLUMNS [-i SECONDS] COMMAND: makes raw, frames and screen.
screen () { python3 "$TOP/tests/cli/screen.py" "$@" </dev/null; }
# A reader that takes N times 64 KB, a fifth of a second apart, and then all; a writer likewise.
drip () { for i in $(seq $1); do head -c $2; sleep .2; done; cat; }
tools='slowly () { for i in $(seq $1); do head -c 131072 >/dev/null; sleep .2; done; cat >/dev/null; }
drip () { for i in $(seq $1); do head -c $2; sleep .2; done; cat; }'

test_expect_success 'inputs' '
	long=a.folder.of.a.long.name.as.people.have.them && mkdir $long &&
	awk "BEGIN { for (u = 0; u < 10000; u++) for (i = 0; i < 4; i++) print \"u\" u \"\\t\" \"i\" (u * 7 + i * i) % 97 \"\\t1\" }" >cells.tsv &&
	mf-convert --from=tsv cells.tsv -o cells.mf && mf-split cells.mf -o split.mf && mf-als -k 2 -p 2 split.mf -o $long/model.mf &&
	cp $long/model.mf model.mf && mf-info model.mf | sed "/^\$/d" >info
'

test_expect_success TERMINAL 'what, how far, how fast and how long still' '
	screen 100 "$tools
		mf-recommend -j 1 -N 20 model.mf | slowly 12" &&
	grep -E "^mf-recommend: listing, [1-9][0-9]* %, [0-9.]+ k? ?users/s, 0:0[0-9] left\$" frames &&
	! grep listing screen
'

test_expect_success TERMINAL 'of a pipe, whose end is not known, how much came and how long it took' '
	screen 100 "$tools
		drip 8 65536 <cells.tsv | mf-convert --from=tsv -o out.mf" &&
	grep -E "^mf-convert: reading standard input, [0-9.]+ kB, [0-9]+ kB/s, 0:0[12] so far\$" frames && test ! -s screen
'

test_expect_success TERMINAL 'a line is cut to the terminal, and COLUMNS says more' '
	screen 40 "$tools
		mf-recommend -j 1 -N 20 model.mf | slowly 12" &&
	grep -E "^mf-recommend: .*[0-9] %, 0:0[0-9] left\$" frames && ! grep -q users/s frames &&
	screen 100 "$tools
		COLUMNS=20; export COLUMNS
		drip 4 65536 <cells.tsv | mf-convert --from=tsv -o out.mf" &&
	test -s frames && ! grep -q "^.\{20\}" frames &&
	screen 100 "$tools
		COLUMNS=5; export COLUMNS
		drip 3 65536 <cells.tsv | mf-convert --from=tsv -o out.mf" && test -s frames && ! grep -q "^.\{5\}" frames
'

test_expect_success TERMINAL 'of a name that is too long its end is shown' '
	mkfifo $long/plays.tsv &&
	screen 48 "$tools
		drip 8 65536 <cells.tsv >$long/plays.tsv & mf-convert --from=tsv $long/plays.tsv -o out.mf; wait" &&
	grep -E "^mf-convert: (reading|..*plays.tsv), [0-9.]+ kB" frames
'

test_expect_success TERMINAL 'the line is gone before a result, or a message' '
	screen 60 "$tools
		drip 4 65536 <model.mf | mf-info" && grep -q "^mf-info: reading" frames && test_cmp info screen &&
	printf "u1 i1\\n" >wrong && screen 200 "$tools
		drip 4 65536 <cells.tsv | cat - wrong | mf-convert --from=tsv -o out.mf"
	test $? -eq 1 && grep -q "^mf-convert: reading" frames && test $(wc -l <screen) -eq 1 &&
	grep "^mf-convert: standard input:40001: " screen
'

test_expect_success TERMINAL 'three stages share the line' '
	screen 60 "$tools
		drip 8 65536 <cells.tsv | mf-convert -v --from=tsv | { sleep .5; mf-filter -v --value \">0\"; } | mf-split -v | { sleep 1; mf-als -n 3 -k 2 -p 1 -q -o out.mf; }" &&
	grep "^mf-convert: reading" frames &&
	grep "^mf-convert: 40000 lines became" screen && grep "^mf-filter: kept 40000 of 40000 cells" screen
'

test_expect_success TERMINAL 'a result that another program prints is left alone' '
	screen 60 "$tools
		drip 6 65536 <cells.tsv | mf-convert --from=tsv -o out.mf & mf-info model.mf | sed 1q; wait" &&
	head -n 1 info >want && test_cmp want screen
'

test_expect_success 'nothing without a terminal' '
	drip 4 65536 <cells.tsv | mf-convert --from=tsv -o out.mf 2>err && test ! -s err
'

test_expect_success TERMINAL 'nor with -q, --progress=never, on a terminal that cannot, or in the background' '
	for options in -q "-q --progress=always" --progress=never "--progress=always -q"
	do
		screen 60 "$tools
			drip 4 65536 <cells.tsv | mf-convert $options --from=tsv -o out.mf" && test ! -s raw || return 1
	done &&
	screen 60 "$tools
		TERM=dumb; drip 4 65536 <cells.tsv | mf-convert --from=tsv -o out.mf" && test ! -s raw &&
	screen 60 "$tools
		set -m; drip 4 65536 <cells.tsv | mf-convert --from=tsv -o out.mf & wait" && ! grep -q reading raw
'

test_expect_success '--progress=always prints plain lines, one where a step begins' '
	drip 6 65536 <cells.tsv | mf-convert --progress=always --from=tsv -o out.mf 2>err &&
	head -n 1 err | grep "^mf-convert: reading standard input, " && ! grep -q "$(printf "[\\033\\r]")" err &&
	test $(wc -l <err) -le 3 &&
	{ mf-convert --to=tsv cells.mf; sleep 5.5; } | mf-convert --progress=always --from=tsv -o out.mf 2>err &&
	grep "^mf-convert: reading standard input, [0-9]* kB.*, 0:05 so far\$" err
'

test_expect_success 'what ends a training: the checkpoint is whole, and what to type is said and goes on' '
	mkdir run && cd run && cp ../split.mf "s p.mf" &&
	{ mf-als -k 2 -p 1 -n 9999 "s p.mf" --checkpoint "it'\''s" -o out.mf 2>err & } && pid=$! &&
	while ! test -e "it'\''s" && kill -0 $pid; do sleep .1; done &&
	kill $pid; wait $pid
	test $? -eq 143 && test $(wc -l <err) -eq 1 && cat err &&
	grep "^mf-als: interrupted; it.s is whole; with the same input, this goes on: mf-als -k 2 " err &&
	ls >files && printf "%s\\n" err files "it'\''s" "s p.mf" >want && test_cmp want files &&
	sed "s/.*this goes on: //; s/-n 9999/-n 10000/" err >again && grep -q -- "--resume=it" again &&
	{ sh -c "exec $(cat again) -v" 2>said & } && pid=$! && while ! grep -q "goes on after" said && kill -0 $pid; do sleep .1; done
	kill $pid; wait $pid; cd .. && grep "goes on after [1-9]" run/said
'

test_expect_success 'who interrupts what keeps nothing is told so' '
	mkfifo slow && { sleep 9 >slow & } && writer=$! &&
	{ mf-tune -k 2 -p 1 -o out.mf slow 2>err & } && pid=$! && sleep .5 && kill $pid; wait $pid
	test $? -eq 143 && echo "mf-tune: interrupted; nothing is kept; --log FILE would have kept the trials, to go on from" | test_cmp - err &&
	{ mf-als --checkpoint ck -o out.mf slow 2>err & } && pid=$! && sleep .5 && kill $pid; wait $pid
	test $? -eq 143 && echo "mf-als: interrupted; nothing is kept yet: the first checkpoint comes after the first sweep" | test_cmp - err &&
	kill $writer
'

test_expect_success TERMINAL 'Ctrl-C on a terminal takes the line off' '
	screen 100 -i 1.2 "$tools
		drip 30 65536 <cells.tsv | mf-convert --from=tsv -o gone.mf"
	grep -q "^mf-convert: reading" frames && ! grep mf-convert screen && ! ls | grep gone
'

test_done
