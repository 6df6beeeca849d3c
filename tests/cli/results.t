#!/bin/sh
test_description='examples/results: the tables of docs/results.md, from data to Markdown'
. "$(dirname "$0")/setup.sh"

# The trash folder has a space in its name, which make cannot take.
OUT=$SHARNESS_TEST_DIRECTORY/results
mkdir "$OUT" && ln -s "$OUT" out
results () {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL ${MAKE:-make} -C "$TOP/examples/results" OUT="$OUT" DATA="$OUT/data" \
		MORE=12 BEST=4..8 "$@"
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

test_expect_success 'three sets are there, and have a table of seven models each' '
	results >log 2>&1 || { cat log; false; } &&
	ls out/*.md >got && printf "out/%s.md\n" challenge gowalla hetrec >want && test_cmp want got &&
	for set in challenge gowalla hetrec
	do
		test $(wc -l <out/$set.md) -eq 10 && test $(grep -c "^| .* | [0-9][0-9.]* | .*\[0[.]" out/$set.md) -eq 7 || return 1
	done &&
	head -n 1 out/challenge.md | grep "map@500" && ! head -n 1 out/hetrec.md | grep map
'

test_expect_success 'a model is trained on training and validation cells, with the settings that were found' '
	mf-convert --to=tsv out/gowalla.tuned.mf | cut -f 4 | sort | uniq -c | sed "s/ *//" >got &&
	printf "%s 0\n%s 2\n" $(wc -l <out/data/gowalla/train.tsv) $(wc -l <out/data/gowalla/test.tsv) >want && test_cmp want got &&
	PATH=$TOP/build/bin:$PATH mf-als -q --train-on=train,valid $(cat out/gowalla.tuned.options) -o again.mf out/gowalla.split.mf &&
	cmp again.mf out/gowalla.tuned.mf && grep -e "-p 1" out/gowalla.tuned.options &&
	grep -e "-p 8 -w .35" out/gowalla.many-personas.options &&
	grep -E "^-k [48] -p 1 -u" out/gowalla.best.options && sed "s/-p 1/-p 3/" out/gowalla.best.options | cmp - out/gowalla.best-personas.options
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

# The grid is mf-als, point by point; a point that is there is not made again.
test_expect_success 'mf-tune against a grid: what the best of either is worth' '
	results grids GRIDS="hetrec.64 hetrec.explicit" GRID="W0S=\"2x 8x\" LAMBDAS=.02" grid_64="-k 4 -p 1" grid_explicit="--preset=explicit -k 2 -p 1" >log 2>&1 ||
		{ cat log; false; } &&
	PATH=$TOP/build/bin:$PATH && for u in 2x 8x
	do
		mf-als -q -k 4 -p 1 -u $u -l .02 -n 16 --patience 16 out/grids/hetrec.mf | mf-convert --part=history --to=tsv | awk -F "\t" "
			NR == 1 { for (i = 1; i <= NF; i++) at[\$i] = i } \$at[\"half\"] == \"users\" && \$at[\"valid\"] > best { best = \$at[\"valid\"] }
			END { printf \"%.6f\\n\", best }" >want && awk "{ printf \"%.6f\\n\", \$1 }" out/grids/hetrec.64/u$u-l.02 >got &&
		test_cmp want got && cat got >>points || return 1
	done &&
	best=$(sort points | tail -n 1) && mine=$(awk -F "\t" "\$NF == \"whole\" && \$(NF - 3) > best { best = \$(NF - 3) } END { print best }" out/grids/hetrec.64/tune.tsv) &&
	test $(wc -l <out/grids.md) -eq 4 && grep "^| hetrec.64 | .-k 4 -p 1. | 2 | " out/grids.md >row &&
	awk -F "|" -v best=$best -v mine=$mine "{ split(\$10, b, \" \"); split(\$11, m, \" \"); gain = 100 * (mine - best) / best
		exit !(b[1] == \"ndcg@100\" && (b[2] - best)^2 < 1e-8 && (m[1] - mine)^2 < 1e-8 && (\$12 - gain)^2 < 1e-4) }" row &&
	grep "^| hetrec.explicit | .--preset=explicit -k 2 -p 1. | 11 | .* rmse 0" out/grids.md &&
	cp out/grids/hetrec.64/u2x-l.02 before && rm out/grids/hetrec.64.row &&
	results grids GRIDS=hetrec.64 GRID="W0S=\"2x 8x\" LAMBDAS=.02" grid_64="-k 4 -p 1" >log 2>&1 && cmp before out/grids/hetrec.64/u2x-l.02
'

test_done
