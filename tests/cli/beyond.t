#!/bin/sh
test_description='mf-eval: what lists and personas say beyond accuracy'
. "$(dirname "$0")/setup.sh"

for python in /usr/bin/python3 python3
do
	"$python" -c "import msgpack" 2>/dev/null && test_set_prereq MSGPACK && break
done
oracle () { "$python" "$TOP/tests/cli/eval_oracle.py" "$@"; }
# value MODEL NAME FILE: the mean in a TSV.
value () { awk -F "\t" -v m="$1" -v n="$2" '$6 == m && $1 == n && !$8 { print $2 }' "$3"; }

# 90 users of one to three of six kinds of artists, 7 of each kind.
test_expect_success 'models of users with several tastes' '
	awk "BEGIN { srand(3); for (u = 0; u < 90; u++) for (i = 0; i < 42; i++) {
		k = i % 6; own = k == u % 6 || k == int(u / 6) % 6 || (u % 3 == 0 && k == (u + 2) % 6)
		if (rand() < (own ? .6 : .03)) printf \"u%02d\tartist %02d\t%d\n\", u, i, 1 + 9 * rand() } }" >cells.tsv &&
	mf-convert --from=tsv cells.tsv | mf-split --test 0.2 -o split.mf &&
	mf-als -k 8 -p 1 -n 8 split.mf -o one.mf && mf-als -k 8 -p 3 -n 8 split.mf -o three.mf &&
	mf-transform -e log2:1 split.mf | mf-als -k 5 -p 2 -n 8 --preset=study -o study.mf &&
	mf-convert --from=tsv cells.tsv | mf-split --method=users --test 0.4 --fold-in 0.6 -o users.mf &&
	mf-als -k 8 -p 1 -n 8 users.mf -o new.mf
'

for model in one three study new
do
	test_expect_success MSGPACK "$model: all metrics are those of an independent program" '
		mf-eval -m $(oracle metrics) --no-header --format=tsv --bootstrap=0 $model.mf | cut -f 1,2,5 >got &&
		oracle eval $model.mf >want &&
		python3 - <<-"EOF"
		a, b = [[line.split() for line in open(f)] for f in ("got", "want")]
		assert len(a) == len(b) > 25
		for x, y in zip(a, b):
		    assert x[0] == y[0] and x[2] == y[2], (x, y)
		    assert abs(float(x[1]) - float(y[1])) <= 1e-5 * abs(float(y[1])) + 1e-9, (x, y)
		tastes = {x[0]: float(x[1]) for x in a if x[0].startswith("tastes")}
		assert 1 < tastes["tastes@5"] < tastes["tastes@20"] < 5, tastes
		EOF
	'
done

LIST=coverage@3,gini@3,novelty@3,popularity@3,diversity@3,variety@3,tastes@3,personas,personas@1,entropy,entropy@3,distance,auc
test_expect_success 'the same bytes for any number of threads, in every format and slice' '
	for more in --format=text --no-header --format=tsv --format=json "--by=activity --no-header --format=tsv"
	do
		mf-eval -j 1 -m $LIST --baseline=popularity --baseline=random $more one.mf three.mf >first &&
		test -s first &&
		for j in 2 3 8
		do
			mf-eval -j $j -m $LIST --baseline=popularity --baseline=random $more one.mf three.mf >again &&
			test_cmp first again || return 1
		done
	done
'

test_expect_success 'tastes and variety are of the split: neither model, values nor seed move them' '
	for model in one three study
	do
		mf-eval -m tastes@5,variety@5,novelty@5,coverage@5,gini@5 --baseline=popularity --no-header --format=tsv $model.mf |
			grep popularity | cut -f 1,2 | head -n 5 >$model.popular || return 1
	done &&
	test $(wc -l <one.popular) -eq 5 && test_cmp one.popular three.popular && test_cmp one.popular study.popular &&
	mf-eval -m tastes@5,variety@5 --seed 7 --no-header --format=tsv one.mf | cut -f 1,2 >a &&
	mf-eval -m tastes@5,variety@5 --no-header --format=tsv one.mf | cut -f 1,2 >b && test_cmp a b
'

test_expect_success 'coverage and gini are of all lists: no interval, no p, no slice, nothing by user' '
	mf-eval -m coverage@5,gini@5,mrr --by=activity --per-user users --no-header --format=tsv one.mf three.mf >tsv &&
	grep -E "^(coverage|gini)" tsv >whole && test $(wc -l <whole) -eq 6 &&
	awk -F "\t" "\$3 != \"nan\" || \$4 != \"nan\" || (\$8 && \$9 != \"nan\")" whole >bad && test_must_be_empty bad &&
	cut -f 2 users | sort -u >names && echo mrr >want && test_cmp want names &&
	mf-eval -m coverage@5 --format=json one.mf three.mf >json &&
	python3 - <<-"EOF"
	import json
	j = json.load(open("json"))
	(c,) = j["compare"]
	assert c["low"] is c["high"] is c["p"] is None
	one, three = [m["mean"] for m in j["metrics"]]
	assert abs(three - one - c["diff"]) < 1e-9 and 0 < one <= 1
	EOF
'

test_expect_success 'by hand: the most popular artists, to users who know next to nothing' '
	printf "a\tx\t1\nb\tx\t1\nc\tx\t1\na\ty\t1\nb\ty\t1\nc\tz\t1\n" >tiny.tsv &&
	mf-convert --from=tsv tiny.tsv | mf-split --test 0.3 --seed 1 -o tiny.split &&
	mf-als -p 1 -k 2 -n 2 tiny.split -o tiny.mf &&
	mf-eval -m coverage@1,coverage@9,gini@9,novelty@9,popularity@1,popularity@9,auc --baseline=popularity --run run --qrels qrels \
		--no-header --format=tsv --bootstrap=0 tiny.mf >tsv &&
	mf-convert --to=tsv tiny.split >back &&
	python3 - <<-"EOF"
	import math
	held = {tuple(l.split()[0:3:2]) for l in open("qrels")}
	cells = [tuple(l.split("\t")[:2]) for l in open("tiny.tsv")]
	train = [c for c in cells if c not in held]
	known = {u: {i for v, i in train if v == u} for u, _ in cells}
	count = {i: sum(j == i for _, j in train) for i in "xyz"}
	users = sum(map(bool, known.values()))
	lists, auc = {}, []
	for u in {u for u, _ in held}:
	    lists[u] = sorted((i for i in "xyz" if i not in known[u]), key=lambda i: (-count[i], i))
	    pairs = [(a, b) for n, a in enumerate(lists[u]) for b in lists[u][n + 1:] if ((u, a) in held) != ((u, b) in held)]
	    if pairs:
	        auc.append(sum((u, a) in held for a, _ in pairs) / len(pairs))
	times = sorted(sum(i in l for l in lists.values()) for i in "xyz")
	want = {
	    "coverage@1": len({l[0] for l in lists.values()}) / 3,
	    "coverage@9": sum(t > 0 for t in times) / 3,
	    "gini@9": (2 * times[2] - 2 * times[0]) / (3 * sum(times)),
	    "novelty@9": sum(sum(math.log2(users / max(count[i], 1)) for i in l) / len(l) for l in lists.values()) / len(lists),
	    "popularity@1": sum(count[l[0]] / users for l in lists.values()) / len(lists),
	    "popularity@9": sum(sum(count[i] for i in l) / users / len(l) for l in lists.values()) / len(lists),
	    "auc": sum(auc) / len(auc) if auc else math.nan}
	got = {f[0]: f for f in (l.split("\t") for l in open("tsv")) if f[5] == "popularity" and not f[7]}
	assert set(got) == set(want)
	for name in want:
	    assert abs(float(got[name][1]) - want[name]) < 1e-9, (name, got[name], want[name])
	assert int(got["auc"][4]) == len(auc)
	EOF
'

test_expect_success 'what is in own vectors is not compared, and that is said' '
	mf-eval -m diversity@5,distance,variety@5 --no-header --format=tsv three.mf study.mf | awk -F "\t" "\$8" | cut -f 1 >names &&
	echo variety@5 >want && test_cmp want names &&
	mf-eval -m diversity@5 one.mf three.mf >text && grep -q "own vectors" text &&
	mf-eval -m diversity@5 --format=json one.mf three.mf | grep -q "\"note\": .*own vectors" &&
	mf-eval -m rmse,diversity@5 --format=json one.mf study.mf | grep -q "\"note\": .*targets; .*own vectors" &&
	mf-eval -m variety@5 one.mf three.mf >text && ! grep -q "own vectors" text
'

test_expect_success 'models of other training cells: novelty, popularity, variety and tastes are not compared' '
	mf-convert --from=tsv cells.tsv | mf-split --test 0.2 --valid 0.1 -o less.mf &&
	mf-als -k 8 -p 1 -n 8 less.mf -o less-one.mf &&
	mf-eval -m novelty@5,popularity@5,variety@5,tastes@5,coverage@5,mrr --allow-different-splits --no-header --format=tsv one.mf less-one.mf |
		awk -F "\t" "\$8" | cut -f 1 >names &&
	grep -q mrr names && test $(grep -cE "novelty|popularity|variety|tastes" names) -eq 0 &&
	mf-eval -m tastes@5 --allow-different-splits one.mf less-one.mf >text &&
	grep -q "^novelty, popularity, variety and tastes are not compared where training or fold-in cells differ" text
'

test_expect_success 'persona metrics are those of models with personas; baselines have no vectors' '
	mf-eval -m personas,personas@1,personas@2,personas@3,entropy,entropy@5,distance,diversity@5,mrr \
		--baseline=popularity --no-header --format=tsv one.mf three.mf >tsv &&
	awk -F "\t" "!\$8 { print \$6, \$1 }" tsv >rows && test $(grep -c ^three rows) -eq 9 &&
	printf "one.mf diversity@5\none.mf mrr\n" >want && grep ^one rows >got && test_cmp want got &&
	echo "popularity mrr" >want && grep ^popularity rows >got && test_cmp want got &&
	python3 - <<-"EOF"
	v = {f[0]: float(f[1]) for f in (l.split("\t") for l in open("tsv")) if f[5] == "three.mf" and not f[7]}
	share = [v["personas@%d" % q] for q in (1, 2, 3)]
	assert abs(sum(share) - 1) < 1e-9
	assert abs(sum(q * s for q, s in enumerate(share, 1)) - v["personas"]) < 1e-9
	EOF
	mf-eval -m personas,distance one.mf >text && ! grep -q "^personas" text
'

test_expect_success 'of users who were folded in, the history has no entropy, the list has' '
	mf-als -k 8 -p 3 -n 8 users.mf -o folded.mf &&
	mf-eval -m personas,entropy,entropy@5,distance --no-header --format=tsv folded.mf >tsv &&
	test "$(value folded.mf entropy tsv)" = nan &&
	awk -F "\t" "\$1 == \"entropy@5\" && \$2 > 0 && \$5 > 0 { ok = 1 } END { exit !ok }" tsv
'

test_expect_success 'slices: lists are of users, not of parts of test cells' '
	mf-eval -m tastes@5,mrr --by=popularity --no-header --format=tsv one.mf >tsv &&
	test $(grep -c ^tastes tsv) -eq 1 && test $(grep -c ^mrr tsv) -gt 1 &&
	mf-eval -m tastes@5,popularity@5,mrr --by=activity --per-user users --no-header --format=tsv one.mf >tsv &&
	test $(grep -c ^tastes tsv) -eq $(grep -c ^mrr tsv) && test $(grep -c ^popularity tsv) -eq $(grep -c ^mrr tsv) &&
	awk -F "\t" "\$2 == \"popularity@5\" { sum[\$5] += \$3; n[\$5]++ } END { for (s in n) printf \"%s\t%.8f\n\", s, sum[s] / n[s] }" users |
		sort >want && awk -F "\t" "\$1 == \"popularity@5\" { printf \"%s\t%.8f\n\", \$10, \$2 }" tsv | sort >got && test_cmp want got
'

test_expect_success 'wrong usage' '
	fails 2 "2 .. 1000000" mf-eval -m diversity@1 one.mf &&
	fails 2 "write coverage@N" mf-eval -m coverage one.mf &&
	fails 2 "takes no @N" mf-eval -m distance@2 one.mf &&
	fails 2 "not about held-out cells" mf-als --watch=coverage@10 split.mf &&
	fails 2 "not about held-out cells" mf-als --watch=personas split.mf &&
	fails 2 "takes no @N" mf-als --watch=auc@10 split.mf
'

test_expect_success 'auc can be watched' '
	mf-convert --from=tsv cells.tsv | mf-split --valid 0.2 | mf-als -k 4 -p 1 -n 3 --watch=auc --log log -o watched.mf &&
	tail -n 1 log | python3 -c "import json, sys; assert .6 < json.load(sys.stdin)[\"valid\"] < 1"
'

test_expect_success REALDATA 'Last.fm: a model meets more tastes than popularity, that more than chance' '
	mf-convert --from=tsv --header "$DATA/hetrec2011-lastfm-2k/user_artists.dat" | mf-split --test 0.15 |
		mf-als -k 16 -p 1 -n 8 -o lastfm.mf &&
	mf-eval -m tastes@20,novelty@20,coverage@20,gini@20 --bootstrap=0 --baseline=popularity --baseline=random \
		--no-header --format=tsv lastfm.mf >tsv &&
	for pair in "lastfm.mf popularity tastes@20" "popularity random tastes@20" "random lastfm.mf novelty@20" \
		"lastfm.mf popularity novelty@20" "random lastfm.mf coverage@20" "lastfm.mf popularity coverage@20" \
		"popularity lastfm.mf gini@20" "lastfm.mf random gini@20"
	do
		set -- $pair
		awk "BEGIN { exit !($(value $1 $3 tsv) > 1.1 * $(value $2 $3 tsv) || \
			(\"$3\" == \"gini@20\" && $(value $1 $3 tsv) > $(value $2 $3 tsv))) }" || { echo "$pair"; return 1; }
	done
'

test_done
