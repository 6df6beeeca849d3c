#!/bin/sh
test_description='examples/defaults: what the defaults lose against a grid, with W0 in units of the density'
. "$(dirname "$0")/setup.sh"

# The trash folder has a space in its name, which make cannot take.
OUT=$SHARNESS_TEST_DIRECTORY/defaults
mkdir "$OUT" && ln -s "$OUT" out
defaults () {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL ${MAKE:-make} -C "$TOP/examples/defaults" OUT="$OUT" \
		SETS="$OUT/in/a-b.mf" K=2 W0='2 8' LAMBDA='.003 .03' TRY='4x.01 8x.03 s2x.1' SWEEPS=3 VALID=25% \
		METRIC=ndcg@5 "$@"
}

# 60 users with 20 of 70 items, near their own number.
test_expect_success 'a set' '
	mkdir out/in && awk "BEGIN { for (u = 0; u < 60; u++) for (j = 0; j < 20; j++)
		print u \"\t\" (u + j * (u % 3 + 1)) % 70 }" | mf-convert --from=tsv --columns=1,2 -o out/in/a-b.mf
'

test_expect_success 'the whole DAG' '
	defaults >log 2>&1 || { cat log; false; }
'

test_expect_success 'a quarter of the cells of each user is validation; EVERY leaves those of some users' '
	mf-convert --to=tsv out/a-b.mf | awk -F "\t" "{ n[\$4]++; if (\$4 == 1) v[\$1]++ }
		END { for (u in v) bad += v[u] != 5; exit bad || n[0] != 900 || n[1] != 300 }" &&
	defaults EVERY=3 OUT="$OUT/every" "$OUT/every/a-b.mf" >log 2>&1 &&
	mf-convert --to=tsv out/every/a-b.mf | awk -F "\t" "{ n[\$4]++ } END { exit n[0] != 1100 || n[1] != 100 }"
'

# 9 training cells of 3 users and 4 items, which have 3, 3, 2 and 1; the fifth has a validation
# cell alone. An item has 9/4 cells, the item of a cell (9 + 9 + 4 + 1) / 9: skew 92/81.
test_expect_success 'density and skew are those of the training cells, among what has some' '
	mkdir "$OUT-known" && ln -s "$OUT-known" known && printf "%s\n" "a 1 0" "a 2 0" "a 3 0" "a 4 0" "b 1 0" "b 2 0" "b 3 0" "c 1 0" "c 2 0" "c 5 1" |
		sed "s/ /	1	/2; s/ /	/" | mf-convert --from=tsv --columns=1,2,3,4 -o known/s.mf &&
	touch -d "1 hour" known/s.mf &&
	defaults OUT="$OUT-known" SETS=in/s.mf -o "$OUT-known/s.mf" "$OUT-known/s.density" >log 2>&1 &&
	echo 0.75 3 4 9 1.1358 >want && test_cmp want known/s.density || { cat log known/s.density; false; }
'

test_expect_success 'a trial is mf-als with W0 times that' '
	u=$(awk "{ printf \"%.8g\", 8 * \$1 }" out/a-b.density) &&
	mf-als -q -p 1 -k 2 -u $u -l .03 -n 3 --watch ndcg@5 out/a-b.mf | mf-convert --to=tsv --part=history |
		awk -F "\t" "\$2 == \"users\" { print \$1 \"\t\" \$8 }" >want &&
	test $(wc -l <want) -eq 3 && test_cmp want out/trials/a-b-k2-8x.03.tsv
'

test_expect_success 'a trial of the rule goes by the skew and the cells of a user' '
	set -- $(awk "{ r = 2 * \$5 ^ .5; printf \"%.8g %.8g\", r * \$1, .1 / ((1 + r) * \$4 / \$2) ^ .5 }" out/a-b.density) &&
	mf-als -q -p 1 -k 2 -u $1 -l $2 -n 3 --watch ndcg@5 out/a-b.mf | mf-convert --to=tsv --part=history |
		awk -F "\t" "\$2 == \"users\" { print \$1 \"\t\" \$8 }" >want &&
	test_cmp want out/trials/a-b-k2-s2x.1.tsv
'

test_expect_success 'the defaults have their own sweeps, and those that stop by themselves theirs' '
	mf-als -q -p 1 -k 2 --patience 0 --watch ndcg@5 out/a-b.mf | mf-convert --to=tsv --part=history |
		awk -F "\t" "\$2 == \"users\" { print \$1 \"\t\" \$8 }" >want &&
	test $(wc -l <want) -eq 10 && test_cmp want out/trials/a-b-k2-default.tsv &&
	mf-als -q -p 1 -k 2 --watch ndcg@5 out/a-b.mf | mf-convert --to=tsv --part=history |
		awk -F "\t" "\$2 == \"users\" { print \$1 \"\t\" \$8 }" >want && test_cmp want out/trials/a-b-k2-stop.tsv
'

# From trials of known metrics.
test_expect_success 'the best is the best sweep of the grid; what is tried beside it counts after its last' '
	mkdir -p t/trials && echo .25 4 5 5 >t/s.density && put () { f=$1; shift; i=0
		for x; do i=$((i + 1)); printf "%d\t%s\n" $i $x; done >t/trials/s-k4-$f.tsv; } &&
	put 2x.01 .1 .3 .2 && put 8x.01 .1 .4 .2 && put 4x.02 .3 .8 .2 &&
	put default .1 .5 .36 && put stop .1 .38 .2 &&
	awk -f "$TOP/examples/defaults/results.awk" -v out=t -v sets=s -v ks=4 -v grid="2x.01 8x.01" \
		-v try="4x.02 8x.01" -v metric=m >got &&
	grep -qF "| s | 4 | 0.25000 | 0.4000 | 8x.01 | 2 | -10.0% | -5.0% | -50.0% | -50.0% |" got || { cat got; false; }
'

test_expect_success 'a trial without a metric is an error, not a row' '
	: >t/trials/s-k4-8x.01.tsv &&
	test_must_fail awk -f "$TOP/examples/defaults/results.awk" -v out=t -v sets=s -v ks=4 -v grid="2x.01 8x.01" \
		-v try= -v metric=m >got 2>err && grep -q "s-k4-8x.01.tsv: no sweep has a metric" err
'

test_expect_success 'a second make does nothing; another setting adds its own' '
	touch mark && defaults >log 2>&1 && find -L out -newer mark -type f >files && test_must_be_empty files &&
	defaults TRY="4x.01 8x.03 s2x.1 16x.01" >log 2>&1 && find -L out -newer mark -path "*trials*" -type f >files &&
	echo out/trials/a-b-k2-16x.01.tsv >want && test_cmp want files && grep -q "16x.01" out/results.md
'

test_done
