#!/bin/sh
test_description='mf-transform: values'
. "$(dirname "$0")/setup.sh"

test_expect_success 'a small bundle' '
	printf "a\tx\t1\na\ty\t3\nb\tx\t8\nb\tz\t2\n" | mf-convert --from=tsv -o in.mf
'

# OPTION...: the values, in order
values () {
	mf-transform "$@" in.mf | mf-convert --to=tsv | awk '{ printf "%.6g ", $3 }'
}

test_expect_success 'each operation' '
	test "$(values -e log2:0)" = "0 1.58496 3 1 " &&
	test "$(values -e log2)" = "1 2 3.16993 1.58496 " &&
	test "$(values -e offset:-1)" = "0 2 7 1 " &&
	test "$(values --op=binarize:3)" = "0 1 1 0 " &&
	test "$(values -e user-mean)" = "0.5 1.5 1.6 0.4 " &&
	test "$(values -e tfidf)" = "0 0 0 0 " &&
	test "$(values -e bm25:0,0)" = "0 0 0 0 "
'

test_expect_success 'values that become 0 are counted: a note, a warning where it is all' '
	mf-transform -v -e log2:0 in.mf -o out.mf 2>said && echo "mf-transform: of 4 values above 0, 1 became 0, which says nothing" >want && test_cmp want said &&
	mf-transform -v -e binarize:3 in.mf -o out.mf 2>said && grep -qxF "mf-transform: of 4 values above 0, 2 became 0, which says nothing" said &&
	mf-transform -e log2:0 in.mf -o out.mf 2>said && test_must_be_empty said &&
	mf-transform -v -e log2 in.mf -o out.mf 2>said && test_must_be_empty said &&
	mf-transform -e binarize:3 in.mf | mf-transform -v -e binarize:1 -o out.mf 2>said && test_must_be_empty said &&
	mf-transform -e tfidf in.mf -o out.mf 2>said &&
	echo "mf-transform: in.mf: all values above 0 (4) are 0 now, which says nothing: a model learns nothing from them" >want && test_cmp want said &&
	mf-transform -q -e binarize:9 in.mf -o out.mf 2>said && test_must_be_empty said
'

test_expect_success 'operations go in the order given' '
	test "$(values -e offset:1 -e user-mean)" = "0.666667 1.33333 1.5 0.5 " &&
	test "$(values -e user-mean -e offset:1)" = "1.5 2.5 2.6 1.4 "
'

test_expect_success 'means are of cells that are not held out' '
	mf-split --method=leave-out in.mf -o split.mf && mf-convert --to=tsv split.mf >split.tsv &&
	awk "{ v[NR] = \$3; u[NR] = \$1; if (\$4 == 0) mean[\$1] = \$3 }
		END { for (i = 1; i <= NR; i++) printf \"%.6g\\n\", v[i] / mean[u[i]] }" split.tsv >want &&
	mf-transform -e user-mean split.mf | mf-convert --to=tsv |
	awk "{ printf \"%.6g\\n\", \$3 }" >got && test_cmp want got
'

test_expect_success 'provenance has the operations in their canonical form' '
	mf-transform -e log2:.80 -e bm25 in.mf -o out.mf &&
	test "$(mf-info --format=json out.mf | jq -r ".prov[-1].options.op")" = "log2:0.8 bm25:100,0.8" &&
	mf-info out.mf | grep -q "mf-transform --op=log2:0.8 --op=bm25:100,0.8 " &&
	line=$(mf-info out.mf | sed -n "s/^ *\\(mf-transform .*\\)#.*/\\1/p") &&
	sh -c "$line in.mf" >again.mf && test_cmp out.mf again.mf
'

test_expect_success 'a model is dropped, and that is said' '
	mf-als -k 2 -p 2 -n 2 in.mf | mf-transform -v -e log2 -o out.mf 2>notes &&
	grep -q "dropped the factors F" notes && mf-info --format=json out.mf | jq -e ".model == null" >/dev/null
'

test_expect_success 'a pipe and a file give the same, streamed or held' '
	for op in log2 bm25
	do
		mf-transform -e $op in.mf >a && cat in.mf | mf-transform -e $op - >b && test_cmp a b || return 1
	done
'

test_expect_success 'wrong usage' '
	fails 2 "--op" mf-transform in.mf && fails 2 "none of" mf-transform -e sqrt in.mf &&
	fails 2 "not a number" mf-transform -e log2:x in.mf &&
	fails 2 "needs a number" mf-transform -e offset in.mf &&
	fails 2 "B is 0 to 1" mf-transform -e bm25:1,2 in.mf &&
	fails 2 "--op: too many operations for one stage; use two" mf-transform $(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo --op=bm25:1.23456,0.345678; done) in.mf &&
	fails 2 "'\''users,3'\'' is no argument of bm25" mf-transform -e bm25:1,.5,users,3 in.mf &&
	fails 2 "'\''2'\'' is no argument of log2" mf-transform -e log2:1,2 in.mf &&
	fails 2 "'\'''\'' is no argument of log2" mf-transform -e log2:1, in.mf &&
	fails 2 "'\''users'\'' is no argument of log2" mf-transform -e log2:1,users in.mf
'

test_expect_success 'what is not finite names user, item and operation' '
	fails 1 "user '\''a'\'', item '\''x'\'': log2:-1 gives" mf-transform -e log2:-1 -o out2.mf in.mf &&
	! test -e out2.mf &&
	fails 1 "user-mean: the mean" mf-transform -e offset:-2 -e user-mean -o out2.mf in.mf
'

test_expect_success 'input that is no whole bundle is refused, streamed or held' '
	size=$(wc -c <in.mf) && head -c $((size - 20)) in.mf >cut.mf &&
	for op in log2 bm25
	do
		fails 1 "cut" mf-transform -e $op -o out2.mf cut.mf && ! test -e out2.mf || return 1
	done &&
	fails 1 "cut" mf-transform -e bm25 cut.mf && fails 1 "empty" mf-transform -e log2 /dev/null
'

test_done
