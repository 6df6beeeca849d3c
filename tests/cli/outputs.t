#!/bin/sh
test_description='nothing is lost: outputs that are one file, or an input; descriptors, pipes; at once or not at all'
. "$(dirname "$0")/setup.sh"

test_expect_success 'inputs' '
	msd-synth --users 60 --artists 40 --tracks tracks.txt -o plays.tsv &&
	msd-aggregate -t tracks.txt plays.tsv | mf-split --test .2 -o s.mf &&
	mf-als -k 2 -p 1 -n 2 s.mf -o m.mf &&
	head -n 40 plays.tsv >in.tsv && cp in.tsv in.tsv.before && cp m.mf m.mf.before && cp s.mf s.mf.before
'

# Nothing was touched.
intact () {
	cmp in.tsv in.tsv.before && cmp m.mf m.mf.before && cmp s.mf s.mf.before &&
	test -z "$(ls -A | grep "[.][A-Za-z0-9]\{6\}\$" | grep "^[.]")"
}

# twice FIRST SECOND COMMAND...: two outputs to one file, both options named.
twice () {
	first=$1 second=$2
	shift 2
	fails 2 "named for two outputs, $first and $second" "$@" && intact
}
test_expect_success 'two outputs to one file are wrong usage, before anything is opened' '
	rm -f x && mkdir -p d && ln -sfn d e && ln -sf x to-x &&
	twice --tracks --truth msd-synth --tracks x --truth x -o y &&
	twice --tracks -o msd-synth --tracks x -o x &&
	twice --truth -o msd-synth --tracks t --truth ./x -o x &&
	twice --log -o mf-als --log x s.mf -o x &&
	twice --checkpoint -o mf-als --checkpoint x s.mf -o x &&
	twice --checkpoint --log mf-als --checkpoint x --log d/../x s.mf -o y &&
	twice --run -o mf-eval m.mf --run ./x -o x &&
	twice --run --run mf-eval m.mf m.mf --run x --run to-x &&
	twice --qrels -o mf-eval m.mf --qrels "$PWD/x" -o x &&
	twice --per-user -o mf-eval m.mf --per-user d/x -o e/x &&
	twice --stats -o msd-aggregate --level=song --stats x in.tsv -o x &&
	! test -e x && ! test -e y && ! test -e t && test -z "$(ls -A d)" &&
	echo old >x && ln -f x hard &&
	twice --truth -o msd-synth --tracks t --truth x -o hard &&
	test "$(cat x)" = old && ! test -e t && rm x hard
'

test_expect_success 'an output that standard output is redirected to is one of two' '
	mf-eval m.mf --run x >x 2>err
	test $? -eq 2 && grep -q "named for two outputs, --run and standard output" err && rm x &&
	mf-eval m.mf --per-user /dev/stdout 2>err | cat >x
	grep -q "named for two outputs, --per-user and standard output" err && test ! -s x && rm x &&
	fails 2 "named for two outputs, --run and --qrels" mf-eval m.mf --run /dev/stdout --qrels - -o y &&
	mf-eval m.mf --run /dev/null --qrels /dev/null >/dev/null
'

# reads OPTION INPUT COMMAND...
reads () {
	option=$1 input=$2
	shift 2
	fails 2 "is read ($input) and cannot be written too ($option)" "$@" && intact
}
test_expect_success 'an output that is an input is wrong usage' '
	ln -f in.tsv hard.tsv && ln -sf in.tsv link.tsv &&
	for name in in.tsv ./in.tsv hard.tsv link.tsv /dev/fd/3
	do reads --stats "the input" msd-aggregate --level=song --stats $name in.tsv 3<>in.tsv || return 1
	done &&
	reads --stats --tracks msd-aggregate --tracks in.tsv --stats in.tsv plays.tsv &&
	reads --stats --mismatches msd-aggregate --tracks t -x in.tsv --stats in.tsv plays.tsv &&
	reads --stats --accepted msd-aggregate --tracks t -x u --accepted in.tsv --stats in.tsv plays.tsv &&
	reads --log "the input" mf-als --log s.mf s.mf &&
	reads --log --init mf-als --log m.mf --init m.mf s.mf &&
	reads --checkpoint "the input" mf-als --checkpoint s.mf s.mf &&
	reads --checkpoint --init mf-als --checkpoint m.mf --init m.mf s.mf &&
	reads --log --resume mf-als --log m.mf --resume m.mf s.mf &&
	reads --run "the input" mf-eval m.mf --run m.mf &&
	reads --qrels --ratings mf-eval m.mf --ratings s.mf --qrels s.mf &&
	reads --per-user "the input" mf-eval --per-user m.mf <m.mf &&
	mf-info m.mf 2>err >>m.mf
	test $? -eq 2 && grep -q "is read (the input) and cannot be written too (standard output)" err && intact
'

test_expect_success 'a whole -o may replace its input' '
	cp in.tsv a.tsv && msd-aggregate --level=song in.tsv -o want && msd-aggregate --level=song a.tsv -o a.tsv && cmp want a.tsv &&
	cp m.mf b.mf && mf-info m.mf >want && mf-info b.mf -o b.mf && cmp want b.mf &&
	cp m.mf b.mf && mf-info -o b.mf <b.mf && cmp want b.mf && mf-eval m.mf m.mf >/dev/null
'

test_expect_success 'standard input under any name is read once' '
	fails 2 "standard input can be read only once" mf-als --init - - <s.mf &&
	fails 2 "standard input can be read only once" mf-als --init /dev/stdin - <s.mf &&
	fails 2 "standard input can be read only once" mf-eval --ratings /dev/fd/0 <m.mf &&
	fails 2 "standard input can be read only once" mf-recommend --history /proc/self/fd/0 <m.mf &&
	fails 2 "standard input can be read only once" msd-aggregate -t - </dev/null &&
	fails 2 "read only once" mf-eval /dev/fd/3 /dev/fd/3 3<m.mf && rm -f p && mkfifo p &&
	fails 2 "read only once" mf-eval p p
'

# around COMMAND...: what it writes to standard output, between two lines of others
around () {
	(echo h; "$@"; echo f) >a
}
test_expect_success '/dev/stdout and /dev/fd/N are descriptors' '
	mf-info m.mf >plain && { echo h; cat plain; echo f; } >want &&
	ln -sf /dev/stdout to-stdout &&
	for name in /dev/stdout /dev/fd/1 /proc/self/fd/1 - to-stdout /dev/../dev/stdout
	do around mf-info m.mf -o $name && test_cmp want a || return 1
	done &&
	(echo h; mf-info m.mf -o /dev/fd/3 3>&1; echo f) >a && test_cmp want a &&
	(echo h; mf-info m.mf -o /dev/stderr 2>&1; echo f) >a && test_cmp want a &&
	mf-eval m.mf --per-user users -o /dev/null && { echo h; cat users; echo f; } >want &&
	around mf-eval m.mf --per-user /dev/stdout -o /dev/null && test_cmp want a &&
	mf-eval m.mf --run run --qrels qrels -o /dev/null && { echo h; cat run; echo f; } >want &&
	around mf-eval m.mf --run /dev/stdout -o /dev/null && test_cmp want a &&
	{ echo h; cat qrels; echo f; } >want && around mf-eval m.mf --qrels /dev/stdout -o /dev/null && test_cmp want a &&
	msd-synth --users 60 --artists 40 --tracks t --truth truth -o y && { echo h; cat t; echo f; } >want &&
	around msd-synth --users 60 --artists 40 --tracks /dev/stdout -o y && test_cmp want a &&
	{ echo h; cat truth; echo f; } >want && around msd-synth --users 60 --artists 40 --tracks t --truth /dev/stdout -o y && test_cmp want a &&
	msd-aggregate --level=song in.tsv --stats stats -o y && { echo h; cat stats; echo f; } >want &&
	around msd-aggregate --level=song in.tsv --stats /dev/stdout -o y && test_cmp want a &&
	around mf-als -k 2 -p 1 -n 2 s.mf --log /dev/stdout -o y && cmp m.mf y && test $(wc -l <a) -eq 7 &&
	test "$(head -n 1 a)" = h && test "$(tail -n 1 a)" = f && ls -l /dev/stdout | grep -q "^l"
'

test_expect_success 'as inputs too, from where they stand' '
	mf-info m.mf >want && mf-info /dev/stdin <m.mf >got && test_cmp want got &&
	mf-info /dev/fd/3 3<m.mf >got && test_cmp want got && mf-info /dev/fd/0 <m.mf >got && test_cmp want got &&
	msd-aggregate --level=song in.tsv -o want &&
	(echo not this line; cat in.tsv) >skip && (read -r line; msd-aggregate --level=song /dev/stdin -o got) <skip && cmp want got &&
	fails 1 "/dev/fd/7: cannot open: Bad file descriptor" mf-info /dev/fd/7 &&
	fails 1 "/dev/fd/3: cannot open: Bad file descriptor" mf-info m.mf -o /dev/fd/3 3<in.tsv &&
	fails 1 "/dev/fd/3: cannot open: Bad file descriptor" mf-info m.mf -o /dev/fd/3 3>&- &&
	fails 1 "/dev/fd/9999999999999: cannot" mf-info m.mf -o /dev/fd/9999999999999
'

test_expect_success 'a pipe is written to as it is, and stays one' '
	rm -f p want && mkfifo p && mf-eval m.mf --run want -o /dev/null && { cat p >got & } &&
	mf-eval m.mf --run p -o /dev/null && wait && test_cmp want got && test -p p &&
	mf-als -k 2 -p 1 -n 2 s.mf --log want -o y && { cat p >got & } &&
	mf-als -k 2 -p 1 -n 2 s.mf --log p -o y && wait && test $(wc -l <got) -eq $(wc -l <want) && test -p p &&
	fails 2 "named for two outputs" mf-eval m.mf --run p --qrels p && test -p p
'

test_expect_success 'what is replaced again and again must be a regular file' '
	for name in p d /dev/null /dev/stdout /dev/fd/3
	do fails 2 "--checkpoint: '\''$name'\'' is no regular file" mf-als -k 2 -n 2 s.mf --checkpoint $name -o x 3>f || return 1
	done &&
	test -p p && test -d d && ! test -e x &&
	fails 1 "d: cannot create: Is a directory" mf-eval m.mf --run d && fails 1 "Is a directory" mf-info m.mf -o d &&
	ln -sf nothing-yet dangling && mf-als -k 2 -p 1 -n 2 s.mf --checkpoint dangling -o y && cmp m.mf y &&
	test -L dangling && test -s nothing-yet
'

test_expect_success 'a failed run leaves every old file as it was' '
	echo old >old && printf "not a line\n" >bad && head -c 400 s.mf >cut.mf && head -c 400 m.mf >cutm.mf &&
	fails 1 "" msd-aggregate --level=song --stats old bad && test "$(cat old)" = old &&
	fails 1 "" mf-als --log old cut.mf && test "$(cat old)" = old &&
	fails 1 "" mf-als --checkpoint old cut.mf && test "$(cat old)" = old &&
	fails 1 "" mf-eval -f --run old cutm.mf && fails 1 "" mf-eval --qrels old cutm.mf && fails 1 "" mf-eval --per-user old cutm.mf &&
	fails 1 "cannot create" msd-synth --tracks old --truth none/x -o y && test "$(cat old)" = old &&
	! msd-synth --tracks old --truth new >/dev/full 2>err && test "$(cat old)" = old && ! test -e new &&
	! msd-aggregate --level=song --stats old in.tsv >/dev/full 2>err && test "$(cat old)" = old && intact
'

test_expect_success 'the log can be read while training goes on' '
	rm -f log y && mf-als -k 2 -p 1 -n 10000 s.mf --log log -o y &
	pid=$! && for i in $(seq 200); do test -s log && break; sleep .05; done
	kill $pid; wait $pid
	test -s log && ! test -e y && head -n 1 log | jq -e ".iteration == 0" >/dev/null
'

test_expect_success 'one command starts and restarts' '
	rm -f c && mf-als -k 2 -p 1 -n 2 s.mf --checkpoint c --resume c -o y 2>err &&
	test $(wc -l <err) -eq 1 && grep -q "^mf-als: c: there is no checkpoint yet, and training begins anew\$" err && cmp m.mf y &&
	mf-als -k 2 -p 1 -n 2 s.mf --checkpoint c --resume c -o y 2>err && test_must_be_empty err && cmp m.mf y &&
	rm c && mf-als -q -k 2 -p 1 -n 2 s.mf --checkpoint c --resume ./c -o y 2>err && test_must_be_empty err &&
	fails 1 "none: cannot open" mf-als -k 2 -p 1 -n 2 s.mf --checkpoint c --resume none -o y &&
	fails 1 "none: cannot open" mf-als -k 2 -p 1 -n 2 s.mf --resume none -o y
'

test_expect_success '"--run" replaces a run of its models, and others if it is told to' '
	cp m.mf "my model.mf" && printf "u1 Q0 i1 1 2.5 BM25\n" >foreign && cp foreign want && echo words >words && cp m.mf binary &&
	for name in foreign words binary
	do fails 2 "--run: '\''$name'\'' is there, and no run of one of these models; name another file, or replace it with -f" \
		mf-eval m.mf --run $name || return 1
	done && test_cmp want foreign && cmp m.mf binary && : >empty &&
	mf-eval m.mf --run empty >/dev/null && cp empty run && mf-eval m.mf --run run >/dev/null && cmp empty run &&
	mf-eval "my model.mf" --run spaced >/dev/null && head -n 1 spaced | grep -q " my%20model.mf\$" &&
	mf-eval "my model.mf" --run spaced >/dev/null && fails 2 "no run of one of these" mf-eval m.mf --run spaced &&
	mf-eval --run piped <m.mf >/dev/null && mf-eval --run piped <m.mf >/dev/null &&
	mf-eval m.mf -f --run foreign >/dev/null && cmp empty foreign
'

test_expect_success 'a name that is empty is wrong usage, before anything is opened' '
	for tool in mf-info mf-split mf-filter "mf-transform -e log2" mf-als mf-eval mf-recommend "msd-aggregate --level=song"
	do
		fails 2 "the name of a file is empty" $tool "" || return 1
		fails 2 "-o: the name of a file is empty" $tool -o "" m.mf || return 1
	done &&
	fails 2 "-o: the name of a file is empty" msd-synth --users 5 --tracks t -o "" &&
	fails 2 "-o: the name of a file is empty" mf-convert --to=tsv --output= m.mf &&
	fails 2 "--log: the name of a file is empty" mf-als --log "" s.mf &&
	fails 2 "--checkpoint: the name of a file is empty" mf-als --checkpoint "" s.mf &&
	fails 2 "--resume: the name of a file is empty" mf-als --resume "" s.mf &&
	fails 2 "--run: the name of a file is empty" mf-eval --run "" m.mf &&
	fails 2 "--history: the name of a file is empty" mf-recommend --history "" m.mf &&
	fails 2 "--users: the name of a file is empty" mf-filter --users "" s.mf &&
	fails 2 "--user-names: the name of a file is empty" mf-convert --from=tsv --user-names "" in.tsv &&
	fails 2 "--tracks: the name of a file is empty" msd-aggregate --tracks "" in.tsv &&
	fails 2 "--tmpdir: the name of a folder is empty" msd-aggregate --level=song --tmpdir "" in.tsv
'

test_expect_success 'a link that leads to itself is no place for an output, and stays' '
	ln -sf loop pool && ln -sf pool loop &&
	fails 1 "loop: cannot create: Too many levels of symbolic links" mf-info m.mf -o loop &&
	fails 1 "loop: cannot create: Too many levels" mf-als -k 2 -n 2 s.mf --log loop -o never &&
	fails 1 "loop: cannot create: Too many levels" mf-als -k 2 -n 2 s.mf --checkpoint loop -o never &&
	fails 1 "loop: cannot open: Too many levels" mf-info loop &&
	test -L loop && test -L pool && ! test -e never
'

# No file may grow: standard error is a pipe.
test_expect_success 'a file that may not grow is a message of each tool, and no file' '
	. "$TOP/tests/cli/tools.sh" && mkdir grow && cd grow && small_inputs && ls >before &&
	for name in $(all_jobs)
	do
		job $name && { (ulimit -f 0; $tool $args -o out <$input 2>&1); echo "exit $?"; } | cat >../said &&
		sed -n 2p ../said >../status && echo "exit 1" | test_cmp - ../status && test $(wc -l <../said) -eq 2 &&
		grep -q "^$tool: .*: cannot write: File too large\$" ../said && ls >../after && test_cmp before ../after ||
		{ echo "$name:"; cat ../said; return 1; }
	done && cd ..
'

test_done
