#!/bin/sh
test_description='examples/results: the tables of docs/results.md, from data to Markdown'
. "$(dirname "$0")/setup.sh"

# The trash folder has a space in its name, which make cannot take.
OUT=$SHARNESS_TEST_DIRECTORY/results
mkdir "$OUT" && ln -s "$OUT" out
results () {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL ${MAKE:-make} -C "$TOP/examples/results" OUT="$OUT" DATA="$OUT/data" \
		MORE=12 "$@"
}

# 90 users with 20 of 60 items near their own number; every fourth item is held out.
test_expect_success 'data, laid out as the Makefile names it' '
	mkdir -p out/data/hetrec2011-lastfm-2k out/data/gowalla out/data/msd &&
	awk "BEGIN { for (u = 0; u < 90; u++) for (j = 0; j < 20; j++) print u \"\t\" (u * 2 + j * (u % 3 + 1)) % 60 }" |
		sort -u >pairs &&
	{ printf "userID\tartistID\tweight\r\n" && sed "s/\$/	3\r/" pairs; } >out/data/hetrec2011-lastfm-2k/user_artists.dat &&
	awk "NR % 4" pairs >out/data/gowalla/train.tsv && awk "NR % 4 == 0" pairs >out/data/gowalla/test.tsv &&
	sed "s/\$/	1/; s/^/u/" pairs >out/data/msd/triplets.union2_users5plus.tsv &&
	awk "\$1 < 12 && NR % 2" pairs | sed "s/\$/	1/; s/^/u/" >out/data/msd/triplets.year1_test_visible.tsv &&
	awk "\$1 < 12 && NR % 2 == 0" pairs | sed "s/\$/	1/; s/^/u/" >out/data/msd/triplets.year1_test_hidden.tsv
'

test_expect_success 'three sets are there, and have a table of five models each' '
	results >log 2>&1 || { cat log; false; } &&
	ls out/*.md >got && printf "out/%s.md\n" challenge gowalla hetrec >want && test_cmp want got &&
	for set in challenge gowalla hetrec
	do
		test $(wc -l <out/$set.md) -eq 8 && test $(grep -c "^| .* | [0-9][0-9.]* | .*\[0[.]" out/$set.md) -eq 5 || return 1
	done &&
	head -n 1 out/challenge.md | grep "map@500" && ! head -n 1 out/hetrec.md | grep map
'

test_expect_success 'a model is trained on training and validation cells, with the settings that were found' '
	mf-convert --to=tsv out/gowalla.tuned.mf | cut -f 4 | sort | uniq -c | sed "s/ *//" >got &&
	printf "%s 0\n%s 2\n" $(wc -l <out/data/gowalla/train.tsv) $(wc -l <out/data/gowalla/test.tsv) >want && test_cmp want got &&
	PATH=$TOP/build/bin:$PATH mf-als -q --train-on=train,valid $(cat out/gowalla.tuned.options) -o again.mf out/gowalla.split.mf &&
	cmp again.mf out/gowalla.tuned.mf && grep -e "-p 1" out/gowalla.tuned.options &&
	grep -e "-p 8 -w .35" out/gowalla.many-personas.options
'

test_expect_success 'the listeners of the Challenge are folded in from what is shown, and are in no training cell' '
	mf-convert --to=tsv out/challenge.split.mf | awk -F "\t" "{ n[\$4]++; u = substr(\$1, 2) + 0 }
		(\$4 < 2) != (u >= 12) { bad = 1 } END { exit bad || !n[1] || n[2] != n2 || n[3] != n3 }" \
		n2=$(wc -l <out/data/msd/triplets.year1_test_hidden.tsv) n3=$(wc -l <out/data/msd/triplets.year1_test_visible.tsv) -
'

test_expect_success 'tables go between the marks of a document' '
	printf "a\n<!-- results gowalla: x -->\nold\n<!-- end -->\nb\n" >out/doc.txt &&
	results doc SETS=gowalla DOC="$OUT/doc.txt" >log 2>&1 &&
	{ printf "a\n<!-- results gowalla: x -->\n" && cat out/gowalla.md && printf "<!-- end -->\nb\n"; } >want && test_cmp want out/doc.txt
'

test_done
