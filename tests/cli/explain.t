#!/bin/sh
test_description='mf-recommend: reasons, rarity, diversity'
. "$(dirname "$0")/setup.sh"

awk 'BEGIN { srand(6); for (u = 0; u < 50; u++) for (i = 0; i < 40; i++)
	if (rand() < (u % 2 == i % 2 ? (60 - i) / 90 : .08)) printf "u%02d\tartist %02d\t%d\n", u, i, 1 + 5 * rand() }' >cells.tsv
for python in /usr/bin/python3 python3
do
	"$python" -c "import msgpack" 2>/dev/null && test_set_prereq MSGPACK && break
done
"$python" -c "import numpy" 2>/dev/null && test_set_prereq NUMPY
oracle () { "$python" "$TOP/tests/cli/lists_oracle.py" "$@"; }

test_expect_success 'models' '
	mf-convert --from=tsv cells.tsv | mf-split --test 0.2 -o split.mf &&
	mf-als -k 4 -p 3 -n 8 split.mf -o model.mf && mf-als -k 4 -p 1 -n 6 split.mf -o plain.mf &&
	mf-als -k 4 -p 2 -n 6 --preset=wrmf --confidence=linear:2 split.mf -o wrmf.mf &&
	mf-als -k 4 -p 3 -n 6 --overlap .2 --shrink 0 --preset=explicit --bias split.mf -o explicit.mf &&
	mf-als -k 4 -p 2 -n 6 --preset=study split.mf -o study.mf
'

test_expect_success MSGPACK 'reasons and personas are those of an independent program, for all presets' '
	for model in model plain wrmf explicit study
	do
		mf-recommend -v -N 6 --explain --format=json $model.mf >lists 2>notes && ! grep "add up" notes &&
		oracle $model.mf 6 lists >reasons && test $(cat reasons) -gt 100 || return 1
	done
'

test_expect_success MSGPACK 'so are lists with rarity and diversity' '
	for g in 0 -.3 .2 2
	do
		for how in none personas:0.6 personas:0.2 0 .3 .7 1
		do
			diversify=$how
			case $how in [0-9.]*) diversify=mmr:$how ;; esac
			mf-recommend -N 8 --rarity=$g --diversify=$diversify --explain --format=json model.mf >lists &&
			oracle model.mf 8 lists $g $how >reasons && test $(cat reasons) -gt 100 || return 1
		done
	done &&
	mf-recommend -N 8 --rarity=.5 --diversify=personas:0.7 --format=json explicit.mf >lists &&
	oracle explicit.mf 8 lists .5 personas:0.7 &&
	mf-recommend -N 8 --diversify=personas:0.5 --format=json plain.mf >lists && oracle plain.mf 8 lists 0 personas:0.5
'

test_expect_success 'without them the lists are those of before; L = 1 and G = 0 change nothing' '
	mf-recommend model.mf >want && mf-recommend --diversify=none --rarity 0 model.mf >got && test_cmp want got &&
	mf-recommend --diversify=mmr:1 model.mf >got && test_cmp want got &&
	mf-recommend --diversify=personas:1 model.mf >got && test_cmp want got &&
	mf-recommend --explain model.mf | awk -F "\t" "\$2 > 0" | cut -f 1-5 >got && test_cmp want got
'

test_expect_success 'a list that shows all of a history is in the order of its scores, and other than by score' '
	for model in model plain wrmf explicit study
	do
		mf-recommend --diversify=personas:0.1 $model.mf >got && mf-recommend $model.mf >want && ! cmp -s want got &&
		awk "\$1 == user && \$4 + 0 > last { exit 1 } { user = \$1; last = \$4 }" FS="\t" got || return 1
	done &&
	mf-recommend --persona 2 --diversify=personas:0.1 model.mf >got && mf-recommend --persona 2 model.mf >want && ! cmp -s want got &&
	awk -F "\t" "\$5 != 2 { exit 1 }" got &&
	mf-recommend --diversify=personas model.mf >got && mf-recommend --diversify=personas:0.4 model.mf >want && test_cmp want got
'

cat >tastes.awk <<-"EOF"
BEGIN {
	OFS = "\t"
	for (u = 0; u < 60; u++)
		for (i = 0; i < 24; i++)
			if ((u < 40 ? i < 12 : i >= 12) && (i + u) % 4)
				print "u" u, "artist " 10 + i, 1
	for (i = 0; i < 15; i++) # nine of the first twelve, and three of the others
		if (i < 9 || i > 11)
			print "both", "artist " 10 + i, 1
}
EOF

test_expect_success 'a small taste that lists by score pass over has its say' '
	awk -f tastes.awk | mf-convert --from=tsv | mf-als -q -k 4 -p 1 -n 8 -o tastes.mf &&
	mf-recommend --user both -N 3 tastes.mf | cut -f 3 | sort >got &&
	printf "artist %d\n" 19 20 21 >want && test_cmp want got &&
	mf-recommend --user both -N 3 --diversify=personas:0.1 tastes.mf | cut -f 3 >got &&
	test $(grep -c "artist \(19\|2[01]\)" got) = 2 && test $(grep -c "artist \(2[5-9]\|3\)" got) = 1
'

test_expect_success 'the two formats say the same' '
	mf-recommend --explain model.mf >tsv && mf-recommend --explain --format=json model.mf >json &&
	python3 - <<-"EOF"
	import json
	want = []
	for line in open("json"):
	    o = json.loads(line)
	    assert list(o) == ["user", "personas", "items"]
	    for p in o["personas"]:
	        assert list(p) == ["persona", "cells", "share", "typical"]
	        want.append([o["user"], "0", str(p["cells"]), "%.3g" % p["share"], str(p["persona"]),
	                     "; ".join(p["typical"])])
	    for x in o["items"]:
	        assert list(x) == ["rank", "item", "score", "persona", "because"]
	        want.append([o["user"], str(x["rank"]), x["item"], x["score"], str(x["persona"]),
	                     "; ".join("%s %.0f%%" % (b["item"], 100 * b["share"]) for b in x["because"])])
	got = [line.rstrip("\n").split("\t") for line in open("tsv")]
	for g in got:
	    g[3] = float(g[3]) if g[1] != "0" else g[3]
	assert got == want and len(got) > 500
	EOF
'

test_expect_success 'the same bytes for any number of threads' '
	for how in none personas mmr:.6
	do
		mf-recommend -j 1 --explain --rarity=.1 --diversify=$how model.mf >first &&
		for j in 2 3 8
		do
			mf-recommend -j $j --explain --rarity=.1 --diversify=$how model.mf >again &&
			test_cmp first again || return 1
		done &&
		grep "^u30	" first >want && mf-recommend --user u30 --explain --rarity=.1 --diversify=$how model.mf >got &&
		test_cmp want got || return 1
	done
'

test_expect_success 'users who were held out, and those typed by hand, are explained too' '
	mf-convert --from=tsv cells.tsv | mf-split --method=users --test 0.4 --fold-in 0.6 | mf-als -k 4 -p 3 -n 6 -o new.mf &&
	mf-recommend -v --explain new.mf >lists 2>notes && ! grep "add up" notes && grep "folded in" notes &&
	awk -F "\t" "\$2 > 0 && \$6 == \"\" { exit 1 } \$2 == 0 { n++ } END { exit n < 80 }" lists &&
	printf "ARTIST 01\t3\nartist 04\nartist 09\nartist 20\n" >me &&
	for how in none personas mmr:.5
	do
		mf-recommend -v --history me --explain --rarity=-.2 --diversify=$how model.mf >lists 2>notes &&
		! grep "add up" notes && test $(awk -F "\t" "\$2 == 0 { n += \$3 } END { print n }" lists) = 4 &&
		awk -F "\t" "\$2 > 0 && \$6 !~ /^artist (01|04|09|20) [0-9]+%/ { exit 1 }" lists || return 1
	done
'

test_expect_success 'rarity is by all listeners, for a user typed by hand too' '
	mf-recommend --history me -N 5 --rarity 2 model.mf | cut -f 3 >rare &&
	mf-recommend --history me -N 5 --rarity -2 model.mf | cut -f 3 >known &&
	mf-convert --to=tsv --part=ratings model.mf >cells && listeners () {
		while read -r name; do grep -c "	$name	" cells; done <$1 | awk "{ n += \$1 } END { print n }"
	} &&
	test $(listeners rare) -lt $(listeners known)
'

test_expect_success 'a TREC run of diverse lists has them in its order' '
	for how in personas:0.2 mmr:.4
	do
		mf-recommend --format=trec --diversify=$how model.mf >run &&
		mf-recommend --diversify=$how model.mf | cut -f 1-3 | sed "s/ /%20/" | awk "{ print \$1, \$3, \$2 }" >want &&
		awk "{ print \$1, \$3, \$4 }" run >got && test_cmp want got &&
		awk "\$1 == user && \$5 >= last { exit 1 } { user = \$1; last = \$5 }" run || return 1
	done
'

test_expect_success 'a user of whom nothing is known has no personas and no reasons' '
	printf "all\tx\t1\nall\ty\t2\nsome\ty\t1\n" | mf-convert --from=tsv | mf-split --test 0.99 |
	mf-als -k 2 -p 2 -n 2 -o cold.mf &&
	mf-recommend --user all --explain --diversify=personas cold.mf >list && test_must_be_empty list &&
	mf-recommend --user some --explain --diversify=personas cold.mf >list && awk -F "\t" "\$2 == 0 || \$5 != 0 || \$6 != \"popularity\" { exit 1 }" list
'

test_expect_success 'factors of other items than those that users were solved with are noticed' '
	mf-als --preset=study -k 4 -p 2 -n 0 split.mf -o start.mf &&
	mf-recommend -v --explain start.mf 2>notes >/dev/null && grep -q "not what their cells add up to" notes
'

test_expect_success 'factors alone have no reasons, no listeners and no history to show' '
	mf-als -k 4 -p 2 -n 2 --factors-only split.mf -o factors.mf &&
	mf-recommend --include-seen --diversify=mmr:.5 factors.mf >list && test -s list &&
	for option in --explain --rarity=.1 --diversify=personas
	do
		fails 1 "factors but no ratings" mf-recommend --include-seen $option factors.mf || return 1
	done &&
	mf-recommend --history me --explain --diversify=personas factors.mf >list && test -s list &&
	fails 1 "factors but no ratings" mf-recommend --history me --rarity=.1 factors.mf
'

test_expect_success 'wrong usage' '
	fails 2 "none of none, mmr:L, personas, personas:L" mf-recommend --diversify=mmr model.mf &&
	fails 2 "is not in 0 .. 1" mf-recommend --diversify=mmr:1.5 model.mf &&
	fails 2 "is not a number" mf-recommend --diversify=mmr: model.mf &&
	fails 2 "is not in 0 .. 1" mf-recommend --diversify=personas:2 model.mf &&
	fails 2 "is not a number" mf-recommend --diversify=personas:all model.mf &&
	fails 2 "is not in -2 .. 2" mf-recommend --rarity=3 model.mf &&
	fails 2 "is not a number" mf-recommend --rarity=nan model.mf &&
	fails 2 "no room for --explain" mf-recommend --explain --format=trec model.mf &&
	for option in --explain --rarity=.1 --diversify=personas --diversify=mmr:.1
	do
		fails 2 "similar items are nobody" mf-recommend --similar "artist 01" $option model.mf || return 1
	done
'

test_expect_success MSGPACK,NUMPY 'examples/lists measures ndcg as mf-eval does, and the costs of lists' '
	measure () { "$python" "$TOP/examples/lists/measure.py" "$@"; } &&
	measure -N 5 model.mf --rarity=.3 "--diversify=mmr:.2 --rarity=-.1" --diversify=personas >table &&
	test $(wc -l <table) = 6 && sed -n 3p table | cut -d "|" -f 3 | tr -d " " >got &&
	mf-eval -m ndcg@5 --no-header --format=tsv model.mf | awk -F "\t" "\$1 == \"model.mf\" { v = \$3 } \$1 == \"ndcg@5\" { v = \$2 } END { printf \"%.4f\\n\", v }" >want &&
	test_cmp want got && test $(cut -d "|" -f 3 table | sort -u | wc -l) -ge 5 &&
	test_must_fail measure split.mf 2>why && grep -q "no model" why &&
	head -c 3000 model.mf >cut.mf && test_must_fail measure cut.mf 2>why && grep -q "no whole bundle" why &&
	mkdir without && echo >without/numpy.py && echo "raise ModuleNotFoundError(name=\"msgpack\")" >without/msgpack.py &&
	fails 1 "no module msgpack" env PYTHONPATH="$PWD/without" python3 "$TOP/examples/lists/measure.py" model.mf &&
	grep -q "pip install msgpack numpy" fails.err && grep -q "apt install python3-msgpack python3-numpy" fails.err
'

test_expect_success MSGPACK,NUMPY 'examples/lists has a line for each way to vary lists, whose ndcg is that of measure.py' '
	awk "BEGIN { srand(7); for (u = 0; u < 60; u++) for (i = 0; i < 160; i++)
		if (rand() < (u % 4 == i % 4 ? .3 : .02)) print u \"\t\" i \"\t1\" }" |
	mf-convert --from=tsv | mf-split --test 0.2 | mf-als -k 4 -p 2 -n 5 -o many.mf &&
	"$python" "$TOP/examples/lists/frontier.py" -N 5,8 many.mf >frontier && test $(wc -l <frontier) = 49 &&
	"$python" "$TOP/examples/lists/measure.py" -N 8 many.mf --diversify=mmr:0.6 --diversify=personas:0.3 >table &&
	awk -F "\t" "\$1 == 8 && (\$2 == \"mmr\" && \$3 == .6 || \$2 == \"personas\" && \$3 == .3) { printf \"%+.1f%%\n\", \$4 }" frontier >got &&
	sed 1,3d table | cut -d "|" -f 4 | cut -d " " -f 2 >want && test_cmp want got &&
	"$python" "$TOP/examples/lists/frontier.py" -N 5 --users 20 many.mf >some && ! cmp -s frontier some &&
	test_must_fail "$python" "$TOP/examples/lists/frontier.py" split.mf 2>why && grep -q "no model" why &&
	test_must_fail "$python" "$TOP/examples/lists/frontier.py" model.mf 2>why && grep -q "no user with test cells and 100" why
'

test_expect_success 'cut input and a full disk give no result' '
	head -c 3000 model.mf >cut.mf && fails 1 "cut.mf" mf-recommend --explain cut.mf &&
	test_must_fail mf-recommend --explain model.mf >/dev/full
'

test_done
