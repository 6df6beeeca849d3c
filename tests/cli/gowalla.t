#!/bin/sh
test_description='examples/gowalla: settings by validation cells, the test cells once, recall by all held out'
. "$(dirname "$0")/setup.sh"

# The trash folder has a space in its name, which make cannot take.
OUT=$SHARNESS_TEST_DIRECTORY/gowalla
mkdir "$OUT" && ln -s "$OUT" out
gowalla () {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL ${MAKE:-make} -C "$TOP/examples/gowalla" OUT="$OUT" \
		TRAIN="$OUT/train.txt" TEST="$OUT/test.txt" K='2 4' W0='.02 .1' W0_4=.1 LAMBDA='.003 .01 .03' \
		G=0 G_4="0 .5 1" SWEEPS=4 SWEEPS_4=3 TOP=3 EVERY=2 "$@"
}

# 60 users with 20 of 70 items, near their own number; every fourth is held out: 5 a user.
test_expect_success 'lists as LightGCN has them' '
	for part in train test
	do
		awk -v part=$part "BEGIN { for (u = 0; u < 60; u++) { line = u; for (j = 0; j < 20; j++)
			if ((part == \"test\") == (j % 4 == u % 4)) line = line \" \" (u + j * (u % 3 + 1)) % 70
			print line } }" >out/$part.txt || return 1
	done &&
	test "$(head -n 1 out/test.txt)" = "0 0 4 8 12 16"
'

test_expect_success 'the whole DAG' '
	gowalla >log 2>&1 || { cat log; false; }
'

test_expect_success 'half of the users have validation cells, none of them is a test cell' '
	mf-convert --to=tsv out/valid.mf | awk -F "\t" "\$4 == 1 { v++; user[\$1] } \$4 == 2 { bad = 1 }
		END { for (u in user) n++; exit bad || n < 20 || n > 30 || v < 40 || NR != 900 }" &&
	mf-convert --to=tsv out/test.mf | awk -F "\t" "{ n[\$4]++ } END { exit n[0] != 900 || n[2] != 300 || NR != 1200 }"
'

test_expect_success 'k 4 has a W0 and sweeps of its own' '
	ls out/trials >got && for u in .02 .1; do for l in .003 .01 .03; do echo k2-u$u-l$l-g0.tsv; done; done >want &&
	for l in .003 .01 .03; do for g in 0 .5 1; do echo k4-u.1-l$l-g$g.tsv; done; done >>want && sort want >sorted && sort got | test_cmp sorted - &&
	test $(cut -f 2 out/trials/k4-u.1-l.01-g.5.tsv | grep -c users) -eq 3
'

test_expect_success 'the best is the largest validation metric of all sweeps' '
	for k in 2 4
	do
		for f in out/trials/k$k-*; do awk -F "\t" -v f=$f "\$2 == \"users\" && \$1 > 0 {
			print \$8, f, \$1 }" $f; done | sort -g | tail -n 1 >top$k &&
		read value file sweep <top$k &&
		grep -q -- "-n $sweep.*	$(printf "%.5f" $value)" out/k$k.best || { cat top$k out/k$k.best; return 1; }
	done
'

test_expect_success 'an end of the grid is said, but not where only one value was tried' '
	printf "iteration\thalf\tvalid\n1\tusers\t.2\n2\tusers\t.5\n3\tusers\t.4\n" >k8-u.1-l.01-g0.tsv &&
	awk -f "$TOP/examples/gowalla/best.awk" -v w0=.1 -v lambda=".003 .01 .03" -v sweeps=3 k8-u.1-l.01-g0.tsv >got &&
	printf "8\t-u .1 -l .01 -n 2\t0.50000\n" >want && test_cmp want got &&
	awk -f "$TOP/examples/gowalla/best.awk" -v w0=".1 .2" -v lambda=".003 .01" -v sweeps=2 k8-u.1-l.01-g0.tsv >got &&
	printf "8\t-u .1 -l .01 -n 2\t0.50000\tat the edge: W0, lambda, sweeps\n" >want && test_cmp want got &&
	cp k8-u.1-l.01-g0.tsv k8-u.1-l.01-g.5.tsv &&
	awk -f "$TOP/examples/gowalla/best.awk" -v w0=.1 -v lambda=.01 -v g="0 .5" -v sweeps=3 k8-u.1-l.01-g.5.tsv >got &&
	printf "8\t-u .1 -l .01 -n 2 --unobserved-by=popularity:.5\t0.50000\tat the edge: G\n" >want && test_cmp want got
'

test_expect_success 'recall is hits by all held out, of the lists of mf-recommend' '
	for k in 2 4
	do
		mf-recommend -N 3 out/k$k.mf >lists &&
		awk "NR == FNR { for (i = 2; i <= NF; i++) held[\$1, \$i]; next }
			(\$1, \$3) in held { hits++ } END { printf \"%.4f\n\", hits / 5 / 60 }" out/test.txt lists >want &&
		awk -F " *[|] *" -v k=$k "\$2 == k { print \$7 }" out/results.md >got && test_cmp want got || return 1
	done
'

test_expect_success 'the table goes between the marks of a document' '
	printf "a\n<!-- gowalla: x -->\nold\n<!-- end -->\nb\n" >out/doc.txt &&
	gowalla doc DOC="$OUT/doc.txt" >log 2>&1 &&
	{ printf "a\n<!-- gowalla: x -->\n" && cat out/results.md && printf "<!-- end -->\nb\n"; } >want && test_cmp want out/doc.txt
'

test_expect_success 'a second make does nothing; another k adds its own' '
	touch mark && gowalla >log 2>&1 && find -L out -newer mark -type f >files && test_must_be_empty files &&
	gowalla K="2 4 3" W0_3=.1 LAMBDA_3=.01 >log 2>&1 && find -L out -newer mark -type f ! -path "out/words/*" >files &&
	grep -q "^out/k3.tsv" files && ! grep -q "k[24]" files && grep -q "^| 3 |" out/results.md
'

test_expect_success 'split.py tells a split by places from one by chance' '
	awk "BEGIN { for (u = 0; u < 40; u++) for (j = 0; j < 10; j++) print u \"\\t\" j }" >cells &&
	awk "\$2 < 8" cells >train && awk "\$2 >= 8" cells >test &&
	python3 "$TOP/examples/gowalla/split.py" train test >got &&
	printf "32 or more\t10\t20.0\t20.0\n" >want && sed -n 2p got | test_cmp want - &&
	# 2 places of 40 test cells for 8, and 8 of none: (2 * 32^2 + 8 * 8^2) / (40 * .2 * .8) / 10
	awk -F "\t" "/^chi/ { exit !(\$3 == \"40.00\" && \$4 < 3) }" got
'

test_done
