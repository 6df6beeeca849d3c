test_description='mf-convert: cells that name the same user and item'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

test_expect_success 'duplicates are summed, as integers' '
	from "a\tx\t4294967290\na\tx\t5\n" --from=tsv | grep -q "^a	x	4294967295	0$" &&
	from "a\tx\t.5\na\tx\t.25\n" --from=tsv | grep -q "^a	x	0.75	0$"
'
test_expect_success 'a sum out of range, or over folds, is refused' '
	refuses "a\tx\t4294967295\na\tx\t1\n" "user '"'a', item 'x'"': the sum is more than 4294967295" --from=tsv &&
	refuses "a\tx\t3e38\na\tx\t3e38\n" "more than a float can hold" --from=tsv &&
	refuses "a\tx\t1\t0\na\tx\t1\t2\n" "in different folds" --from=tsv --columns=1,2,3,4
'
test_expect_success 'duplicates are refused with the line of the first that is repeated' '
	refuses "z\tx\t1\nb\tx\t1\na\tx\t1\nb\tx\t2\nz\tx\t1\n" "from.in:4: user '"'b'"'" --from=tsv --duplicates=error &&
	grep -q "the first time in line 2" fails.err
'
test_expect_success 'what becomes of duplicates is a choice' '
	text="a\tx\t4\nb\tx\t1\na\tx\t2\na\tx\t3\n" &&
	gives "$text" "a\tx\t9\t0\nb\tx\t1\t0\n" --from=tsv --duplicates=sum &&
	gives "$text" "a\tx\t3\t0\nb\tx\t1\t0\n" --from=tsv --duplicates=last &&
	gives "$text" "a\tx\t4\t0\nb\tx\t1\t0\n" --from=tsv --duplicates=first &&
	gives "$text" "a\tx\t4\t0\nb\tx\t1\t0\n" --from=tsv --duplicates=max &&
	gives "$text" "a\tx\t3\t0\nb\tx\t1\t0\n" --from=tsv --duplicates=mean &&
	gives "a\tx\t4\na\tx\t3\nb\ty\t2\n" "a\tx\t3.5\t0\nb\ty\t2.0\t0\n" --from=tsv --duplicates=mean &&
	gives "a\tx\t4294967295\na\tx\t4294967293\n" "a\tx\t4294967294\t0\n" --from=tsv --duplicates=mean &&
	gives "a\tx\t-1\na\tx\t-3.5\n" "a\tx\t-1.0\t0\n" --from=tsv --duplicates=max &&
	for rule in last first max mean; do
		refuses "a\tx\t1\t0\na\tx\t1\t2\n" "in different folds" --from=tsv --columns=1,2,3,4 --duplicates=$rule || return 1
		printf "a\tx\t1\n" | mf-convert --from=tsv --duplicates=$rule | mf-info --format=json |
			jq -e ".prov[0].options.duplicates == \"$rule\"" >/dev/null || return 1
	done
'
test_expect_success 'how many were merged is said, unless the rule was chosen' '
	printf "a\tx\t3.0\na\tx\t4.0\nb\tx\t1\n" >in && mf-convert --from=tsv in 2>err | mf-convert --to=tsv | grep -q "^a	x	7.0" &&
	test $(wc -l <err) -eq 1 && grep -q "mf-convert: note: in: 1 of 3 lines repeats a user and item and was summed; .*--duplicates=sum" err &&
	printf "a\tx\tx\n" | mf-convert --from=lists 2>&1 >/dev/null | grep -q "note: standard input: 1 of 2 cells repeats" &&
	mf-convert --from=tsv --duplicates=sum in 2>err >/dev/null && test ! -s err &&
	mf-convert --from=tsv -v --duplicates=sum in 2>err >/dev/null && grep -q "1 of 3 cells repeats a user and item: merged by sum" err &&
	mf-convert --from=tsv -q in 2>err >/dev/null && test ! -s err &&
	printf "a\tx\t3.0\na\ty\t4.0\n" | mf-convert --from=tsv 2>err >/dev/null && test ! -s err
'
test_expect_success 'the first and the last go by time, whatever the order of the lines' '
	printf "a\tx\t1\t30\na\tx\t2\t1969-12-31\na\tx\t3\t1970-01-01T00:01:00Z\na\tx\t4\t50\na\ty\t5\t7\na\ty\t6\t7\n" >in &&
	time="--from=tsv --columns=1,2,3,,4" && for order in cat "sort -r" tac; do
		$order in | mf-convert $time --duplicates=last >last.mf && $order in | mf-convert $time --duplicates=first >first.mf &&
		mf-convert --to=tsv last.mf | cut -f 1-3 >out && printf "a\tx\t3\na\ty\t6\n" | cmp - out &&
		mf-convert --to=tsv first.mf | cut -f 1-3 >out && printf "a\tx\t2\na\ty\t5\n" | cmp - out &&
		{ test ! -e last.old || cmp last.mf last.old; } && cp last.mf last.old || return 1
	done &&
	refuses "a\tx\t1\tyesterday\n" "from.in:1: '"'yesterday' is no time: wanted seconds since 1970, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS"'" $time &&
	refuses "a\tx\t1\t1147880044000\n" "in milliseconds, divide it by 1000" $time
'
test_expect_success 'without times they go by line, which the provenance tells apart' '
	order () { mf-info --format=json $1 | jq -r ".prov[0].inputs[] | select(.name == \"order\") | .digest"; } &&
	printf "a\tx\t1\na\tx\t2\nb\tx\t3\n" >one && printf "a\tx\t2\na\tx\t1\nb\tx\t3\n" >two &&
	for f in one two; do mf-convert --from=tsv --duplicates=last $f >$f.mf || return 1; done &&
	mf-convert --to=tsv one.mf | grep -q "^a	x	2" && mf-convert --to=tsv two.mf | grep -q "^a	x	1" &&
	test -n "$(order one.mf)" && test "$(order one.mf)" != "$(order two.mf)" &&
	printf "a\tx\t1\nb\tx\t3\n" | mf-convert --from=tsv --duplicates=last >one.mf &&
	printf "b\tx\t3\na\tx\t1\n" | mf-convert --from=tsv --duplicates=last | cmp - one.mf
'
test_expect_success 'zeros of both signs do not show the order of the input' '
	for rule in max last first sum
	do
		printf "u\ta\t-0.0\t5\nu\ta\t0.0\t5\n" >in && tac in >ni &&
		mf-convert --from=tsv --columns=1,2,3,,4 --duplicates=$rule in | mf-convert --to=tsv >a &&
		mf-convert --from=tsv --columns=1,2,3,,4 --duplicates=$rule ni | mf-convert --to=tsv | cmp - a || return 1
	done
'
test_done
