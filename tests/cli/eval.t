#!/bin/sh
test_description='mf-eval: metrics, intervals, comparisons'
. "$(dirname "$0")/setup.sh"

# 60 users of two tastes with 1 to 20 artists each, one known to nobody else.
awk 'BEGIN { srand(5); for (u = 0; u < 60; u++) for (i = 0; i < 40; i++)
	if (rand() < (u % 2 == i % 2 ? u / 60 : .04)) printf "u%02d\tartist %02d\t%d\n", u, i, 1 + 9 * rand()
	print "only\tone\t1" }' >cells.tsv
for python in /usr/bin/python3 python3
do
	"$python" -c "import msgpack" 2>/dev/null && test_set_prereq MSGPACK && break
done
oracle () { "$python" "$TOP/tests/cli/eval_oracle.py" "$@"; }

test_expect_success 'models of one split' '
	mf-convert --from=tsv cells.tsv | mf-split --test 0.2 --valid 0.1 -o split.mf &&
	mf-als -u .1 -l .01 -k 4 -p 1 -n 6 split.mf -o one.mf &&
	mf-als -u .1 -l .01 -k 4 -p 3 -n 6 split.mf -o three.mf &&
	mf-als -k 4 -p 2 -n 6 --preset=study split.mf -o study.mf
'

# same FILE FILE: the same lines of name, number and n, numbers to nine digits.
same () {
	python3 - "$1" "$2" <<-"EOF"
	import sys
	a, b = [[line.split() for line in open(f)] for f in sys.argv[1:]]
	assert len(a) == len(b) > 5
	for x, y in zip(a, b):
	    # scores are float here and double there
	    assert x[0] == y[0] and x[2] == y[2], (x, y)
	    assert abs(float(x[1]) - float(y[1])) <= 1e-5 * abs(float(y[1])), (x, y)
	EOF
}

test_expect_success 'and of other presets, and of users held out whole' '
	mf-als -k 4 -p 2 -n 6 --preset=explicit split.mf -o explicit.mf &&
	mf-als -k 4 -p 2 -n 6 --preset=wrmf --confidence=linear:40 --nu 0 -l 10 split.mf -o wrmf.mf &&
	mf-convert --from=tsv cells.tsv | mf-split --method=users --test 0.4 --fold-in 0.6 -o users.mf &&
	for preset in "implicit -u .1 -l .01" "wrmf --confidence=linear:40 --nu 0 -l 300" explicit study
	do
		mf-als -k 4 -p 1 -n 8 --preset=$preset users.mf -o "new-${preset%% *}.mf" || return 1
	done &&
	mf-als -u .1 -l .01 -k 4 -p 3 -n 6 users.mf -o new.mf
'

metrics=$(oracle metrics)
# as_oracle MODEL [RELEVANT]: what takes long is the oracle, which is the same in every build.
as_oracle () {
	mf-eval -m $metrics ${2:+--relevant $2} --no-header --format=tsv $1.mf | cut -f 1,2,5 >got && test $(wc -l <got) -gt 5 &&
	if $(sampled true false)
	then oracle eval $1.mf $2 >want && same got want
	fi
}

for model in one three study explicit wrmf new-implicit new-wrmf new-explicit new-study
do
	test_expect_success MSGPACK "$model: all metrics are those of an independent program" '
		as_oracle $model
	'
done

# The same cells, as ratings of -2 to 3: one in six is 0 and says nothing, two are dislikes. All
# test cells of two users are dislikes.
test_expect_success 'models of zeros and dislikes' '
	awk -F "\t" -v OFS="\t" "{ \$3 = \$1 == \"u50\" || \$1 == \"u59\" ? -1 : (\$3 * 7 + length(\$2) * 5 + NR) % 6 - 2 } 1" cells.tsv |
		mf-convert --from=tsv -o signs.mf &&
	mf-split --test 0.3 --valid 0.1 signs.mf -o split-signs.mf &&
	mf-split --method=users --test 0.4 --fold-in 0.6 signs.mf -o users-signs.mf &&
	for preset in "implicit -u .1 -l .1" "wrmf --confidence=linear:40 --nu 0 -l 10" "explicit -l .1" "study -l .1"
	do
		name=${preset%% *}.mf &&
		mf-als -k 4 -p 3 -n 6 --preset=$preset split-signs.mf -o signs-$name &&
		mf-als -k 4 -p 1 -n 6 --preset=$preset users-signs.mf -o new-signs-$name || return 1
	done
'

for preset in implicit wrmf explicit study
do
	for model in signs-$preset new-signs-$preset
	do
		test_expect_success MSGPACK "$model: all metrics are those of an independent program" '
			as_oracle $model && as_oracle $model 2
		'
	done
done

test_expect_success 'held-out users are folded in: noted, better than popularity, any threads' '
	mf-eval -v -m ndcg@10,rmse --baseline=popularity --no-header --format=tsv -j 1 new.mf 2>notes >first &&
	grep -q "held-out users are folded in" notes &&
	for j in 2 3 8
	do
		mf-eval -m ndcg@10,rmse --baseline=popularity --no-header --format=tsv -j $j new.mf >again &&
		test_cmp first again || return 1
	done &&
	awk -F "\t" "\$1 == \"ndcg@10\" && \$8 { found = 1; if (\$2 <= 0) exit 1 } END { exit !found }" first
'

# 41 artists: up to N = 5 lists are found by search, unless a metric such as mrr looks further.
test_expect_success 'metrics of the first items are those of all scores, for each user' '
	L=ndcg@5,recall@3,hr@1,map@5,novelty@5,popularity@2,variety@4,tastes@5
	for model in one three study explicit wrmf new-implicit new-explicit new
	do
		mf-eval -m $L,coverage@5,gini@2 --by=activity:2 --no-header --per-user head --format=tsv $model.mf >heads &&
		mf-eval -m $L,coverage@5,gini@2,mrr --by=activity:2 --no-header --per-user all --format=tsv $model.mf | grep -v ^mrr >alls &&
		test_cmp alls heads && grep -v "	mrr	" all | test_cmp - head || return 1
	done
'

test_expect_success 'the target is named: the stored value, or 1' '
	mf-eval -m rmse one.mf >text && grep -q "target: 1\$" text &&
	mf-eval -m rmse study.mf >text && grep -q "target: the stored value\$" text &&
	mf-eval -m rmse --format=json study.mf | grep -q "\"target\": \"value\"" &&
	test "$(mf-eval -m rmse --no-header --format=tsv one.mf | cut -f 7)" = 1
'

test_expect_success 'standard input is the model where none is named, or is -' '
	mf-eval --no-header --format=tsv <one.mf | cut -f 1-5 >in && mf-eval --no-header --format=tsv one.mf | cut -f 1-5 >file &&
	test_cmp in file &&
	mf-eval --no-header --format=tsv - <one.mf | cut -f 1-5 >dash && test_cmp dash file
'

test_expect_success 'the defaults are those of --help' '
	mf-eval --no-header --format=tsv one.mf | cut -f 1 | paste -sd, >names &&
	mf-eval --help | grep -qF "($(cat names))"
'

test_expect_success 'the same bytes for any number of threads, in every format' '
	for format in text tsv json
	do
		mf-eval -j 1 --baseline=popularity --baseline=random --format=$format one.mf three.mf >first &&
		for j in 2 3 8
		do
			mf-eval -j $j --baseline=random --baseline=popularity --format=$format one.mf three.mf >again &&
			test_cmp first again || return 1
		done
	done
'

test_expect_success 'the seed moves intervals and the random baseline, not the means' '
	mf-eval --no-header --format=tsv one.mf >first && mf-eval --no-header --format=tsv --seed 2 one.mf >second &&
	! cmp -s first second &&
	cut -f 1,2,5 first >a && cut -f 1,2,5 second >b && test_cmp a b &&
	mf-eval -m mrr --baseline=random --no-header --format=tsv one.mf | grep random >a &&
	mf-eval -m mrr --baseline=random --no-header --format=tsv --seed 2 one.mf | grep random >b &&
	! cmp -s a b
'

test_expect_success 'json says what tsv says' '
	mf-eval --baseline=popularity --format=json one.mf three.mf >json &&
	mf-eval --baseline=popularity --no-header --format=tsv one.mf three.mf >tsv &&
	python3 - <<-"EOF"
	import json
	j = json.load(open("json"))
	rows = [line.rstrip("\n").split("\t") for line in open("tsv")]
	assert all(len(r) == 11 for r in rows)
	metrics = [r for r in rows if not r[7]]
	compare = [r for r in rows if r[7]]
	assert len(metrics) == len(j["metrics"]) and len(compare) == len(j["compare"])
	for r, m in zip(metrics, j["metrics"]):
	    assert r[0] == m["name"] and r[5] == m["model"] and r[6] == m.get("target", "")
	    assert r[9] == "" and r[10] == str(m.get("unknown", ""))
	    assert ("unknown" in m) == (m["name"] != "rmse" and m["model"] != "popularity")
	    assert [float(x) for x in r[1:4]] == [m["mean"], m["low"], m["high"]]
	    assert int(r[4]) == m["n"] and m["low"] <= m["mean"] <= m["high"]
	for r, c in zip(compare, j["compare"]):
	    assert [r[0], r[5], r[7]] == [c["metric"], c["model"], c["reference"]]
	    assert [float(x) for x in r[1:4] + r[8:9]] == [c["diff"], c["low"], c["high"], c["p"]]
	    assert 0 < c["p"] <= 1
	mean = {(m["model"], m["name"]): m["mean"] for m in j["metrics"]}
	for c in j["compare"]:
	    d = mean[c["model"], c["metric"]] - mean[c["reference"], c["metric"]]
	    assert abs(d - c["diff"]) < 1e-8
	pairs = {(c["model"], c["reference"]) for c in j["compare"]}
	assert pairs == {("three.mf", "one.mf"), ("one.mf", "popularity"), ("three.mf", "popularity")}
	assert not any(m["model"] == "popularity" and m["name"] == "rmse" for m in j["metrics"])
	EOF
'

test_expect_success 'a model does not differ from itself' '
	mf-eval --no-header --format=tsv one.mf one.mf | awk -F "\t" "\$8 { n++; if (\$2 || \$3 || \$4 || \$9 != 1) exit 1 } END { exit !n }"
'

test_expect_success 'predictions of different targets are not compared, and it says so' '
	mf-eval -m mrr,rmse,loss,mae one.mf study.mf >text &&
	grep -q "not compared where models have different targets" text &&
	mf-eval -m mrr,rmse,loss,mae --no-header --format=tsv one.mf study.mf | awk -F "\t" "\$8 { print \$1 }" >names &&
	echo mrr >want && test_cmp want names &&
	mf-eval -v -m rmse one.mf study.mf 2>notes >/dev/null && grep -q "different targets" notes &&
	mf-eval one.mf three.mf >text && ! grep -q "different targets" text
'

test_expect_success MSGPACK 'the popularity baseline is the order by training users, ties by name' '
	mf-eval -m mrr,hr@3 --bootstrap 0 --no-header --per-user users.tsv --baseline=popularity one.mf >/dev/null &&
	awk "\$4 == \"popularity\"" users.tsv | cut -f 1-3 >got &&
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$TOP/tests/cli" "$python" - <<-"EOF" >want &&
	import eval_oracle as o
	m = o.read("one.mf")
	count = [0] * len(m["item"])
	for row in m["rows"]:
	    for i, _, f in row:
	        count[i] += f == o.TRAIN
	for name in ("mrr", "hr@3"):
	    for u, row in enumerate(m["rows"]):
	        relevant = {i for i, _, f in row if f == o.TEST}
	        if relevant:
	            print(m["user"][u], name, "%.10g" % o.one_user(name, o.ranked(m, u, count), relevant), sep="\t")
	EOF
	test_cmp want got
'

test_expect_success 'per-user values average to the metric' '
	mf-eval -m ndcg@10,rmse --per-user users.tsv --no-header --format=tsv -o table.tsv one.mf three.mf &&
	test "$(awk -F "\t" "\$2 == \"ndcg@10\" && \$4 == \"three.mf\" { s += \$3; n++ } END { printf \"%.8f\", s / n }" users.tsv)" = \
		"$(awk -F "\t" "\$1 == \"ndcg@10\" && \$6 == \"three.mf\" && !\$8 { printf \"%.8f\", \$2 }" table.tsv)"
'

test_expect_success 'without samples there are no intervals and no p' '
	mf-eval --bootstrap 0 --format=json one.mf three.mf >json &&
	python3 -c "
import json
j = json.load(open(\"json\"))
assert j[\"metrics\"][0][\"mean\"] > 0 and j[\"metrics\"][0][\"low\"] is None
assert j[\"compare\"][0][\"p\"] is None" &&
	test "$(mf-eval --bootstrap 0 --no-header --format=tsv one.mf | head -n 1 | cut -f 3,4)" = "nan	nan" &&
	mf-eval --bootstrap 0 one.mf three.mf >text && ! grep -q -e "+-" text
'

test_expect_success 'users without test cells are counted' '
	mf-eval --format=json one.mf >json && mf-eval -v one.mf 2>notes >text &&
	python3 -c "
import json
j = json.load(open(\"json\"))
assert j[\"users\"] + j[\"left_out\"] == $(cut -f 1 cells.tsv | sort -u | wc -l) and j[\"left_out\"] > 0
line = \"%d users with %d test cells; %d users have none and are left out\" % (j[\"users\"], j[\"cells\"], j[\"left_out\"])
assert line in open(\"text\").read() and line in open(\"notes\").read()"
'

test_expect_success 'models of other test cells are refused' '
	mf-split --seed 2 --test 0.2 --valid 0.1 split.mf | mf-als -k 4 -n 3 -o other.mf &&
	fails 1 "other.mf: its test cells are not those of one.mf" mf-eval one.mf other.mf
'

test_expect_success 'models of one split with other values are compared but for the errors on these' '
	awk -F "\t" "{ print \$1 \"\t\" \$2 \"\t\" \$3 / 2 }" cells.tsv | mf-convert --from=tsv |
	mf-split --test 0.2 --valid 0.1 | mf-als -k 4 -n 3 --preset=study -o halved.mf &&
	mf-eval -m loss,mrr --baseline=bias --no-header --format=tsv study.mf halved.mf | awk -F "\t" "\$8 { print \$1, \$6, \$8 }" >names &&
	printf "%s\n" "mrr halved.mf study.mf" "loss study.mf bias" |
		sort >want && sort names | test_cmp want - &&
	said="loss, mse, rmse and mae of halved.mf are errors on its own values of the test cells, which are not those of study.mf" &&
	mf-eval -m loss study.mf halved.mf >text && grep -qx "$said" text &&
	mf-eval -m loss study.mf study.mf >text && ! grep -q "own values" text &&
	mf-eval -m mrr study.mf halved.mf >text && ! grep -q "own values" text &&
	mf-eval -m loss,mrr --format=json study.mf halved.mf | jq -c "[.metrics[] | [.name, .model, .own_values]]" >got &&
	echo "[[\"loss\",\"study.mf\",null],[\"mrr\",\"study.mf\",null],[\"loss\",\"halved.mf\",true],[\"mrr\",\"halved.mf\",null]]" >want &&
	test_cmp want got
'

test_expect_success 'a bundle without test cells, or without a model, is refused' '
	mf-convert --from=tsv cells.tsv | mf-als -k 2 -n 2 -o untested.mf &&
	fails 1 "no test cells" mf-eval untested.mf &&
	fails 1 "pipe it through mf-als" mf-eval split.mf
'

test_expect_success 'metrics are known in any case, and called by their own names' '
	mf-eval -m NDCG@3,Recall@2,MRR --format=json one.mf >large && mf-eval -m ndcg@3,recall@2,mrr --format=json one.mf >small &&
	cmp large small && fails 2 "named twice" mf-eval -m mrr,MRR one.mf
'

test_expect_success 'wrong usage' '
	fails 2 "is no metric" mf-eval -m nonsense@3 one.mf &&
	fails 2 "write ndcg@N with N a whole number in 1 .. 1000000, like ndcg@10" mf-eval -m ndcg one.mf &&
	for case in "ndcg10 ndcg@10" "ndgc@5 ndcg@5" "recal recall@10" "diversity1 diversity@10" "personas3 personas@3" "persona personas" "rsme rmse"
	do
		set -- $case && fails 2 "; did you mean '\''$2'\''" mf-eval -m $1 one.mf || return 1
	done &&
	fails 2 "takes no @N" mf-eval -m rmse@3 one.mf &&
	fails 2 "named twice" mf-eval -m mrr,mrr one.mf &&
	fails 2 "none of popularity, random, mean, bias" mf-eval --baseline=average one.mf &&
	fails 2 "none of text, tsv, json" mf-eval --format=xml one.mf &&
	fails 2 "whole number" mf-eval --bootstrap=many one.mf &&
	fails 2 "only once" mf-eval - - <one.mf &&
	fails 1 "cannot open" mf-eval one.mf missing.mf
'

test_expect_success 'names that would break a line or JSON are made printable' '
	cp one.mf "$(printf "a\tb\303(.mf")" &&
	mf-eval -m mrr --no-header --format=tsv a*.mf >tsv && test "$(cut -f 6 tsv)" = "a?b?(.mf" &&
	mf-eval -m mrr --format=json a*.mf | python3 -m json.tool >/dev/null
'

test_expect_success 'damaged and cut models give no result' '
	head -c 900 one.mf >cut.mf && fails 1 "cut.mf" mf-eval cut.mf &&
	fails 1 "cut.mf" mf-eval one.mf cut.mf &&
	fails 1 "standard input" mf-eval </dev/null &&
	test_must_fail mf-eval one.mf >/dev/full
'

test_done
