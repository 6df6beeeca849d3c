#!/bin/sh
test_description='mf-eval: slices, shards, other splits, files for trec_eval, baselines of predictions'
. "$(dirname "$0")/setup.sh"

# 60 users of two tastes with 1 to 20 artists each, whose names have white space,
# that of Unicode too, and %; and some users of one artist: who has it in the test
# set is not known, and likes all artists alike.
awk 'BEGIN { srand(5); for (u = 0; u < 60; u++) for (i = 0; i < 40; i++)
	if (rand() < (u % 2 == i % 2 ? .1 + u / 70 : .04))
		printf "u %02d\t%s%02d\t%d\n", u, i % 3 ? "artist " : i % 2 ? "50%20\302\240off " : "50% ", i, 1 + 9 * rand()
	for (u = 0; u < 9; u++) printf "z%d\tartist %02d\t1\n", u, 4 + u }' >cells.tsv
for python in /usr/bin/python3 python3
do
	"$python" -c "import msgpack" 2>/dev/null && test_set_prereq MSGPACK && break
done
oracle () { PYTHONDONTWRITEBYTECODE=1 "$python" "$TOP/tests/cli/eval_by_oracle.py" "$@"; }

test_expect_success 'models of one split, and of users held out whole' '
	mf-convert --from=tsv cells.tsv | mf-split --test 0.25 --valid 0.1 -o split.mf &&
	mf-als -u .1 -l .01 -k 4 -p 1 -n 6 split.mf -o one.mf &&
	mf-als -u .1 -l .01 -k 4 -p 3 -n 6 split.mf -o three.mf &&
	mf-als -k 4 -p 2 -n 6 --preset=explicit split.mf -o explicit.mf &&
	mf-convert --from=tsv cells.tsv | mf-split --method=users --test 0.4 --fold-in 0.6 -o users.mf &&
	mf-als -u .1 -l .01 -k 4 -p 1 -n 6 users.mf -o new.mf &&
	mf-als -k 4 -p 1 -n 6 --preset=explicit users.mf -o new-explicit.mf &&
	mf-als -u .1 -l .01 -k 4 -p 3 -n 6 users.mf -o new3.mf &&
	awk -F "\t" -v OFS="\t" "{ \$3 = (\$3 * 7 + length(\$2) * 5 + NR) % 6 - 2 } 1" cells.tsv |
		mf-convert --from=tsv | mf-split --test 0.3 --valid 0.1 | mf-als -u .1 -l .01 -k 4 -p 3 -n 6 -o signs.mf &&
	mf-split --seed 2 --test 0.25 split.mf | mf-als -u .1 -l .01 -k 4 -n 3 -o other.mf
'

# --- slices ---

# same FILE FILE: the same lines of name, number, n and slice.
same () {
	python3 - "$1" "$2" <<-"EOF"
	import sys
	a, b = [sorted(line.split() for line in open(f)) for f in sys.argv[1:]]
	assert len(a) == len(b) >= 8, (len(a), len(b))
	for x, y in zip(a, b):
	    assert x[0] == y[0] and x[2:] == y[2:], (x, y)
	    assert abs(float(x[1]) - float(y[1])) <= 1e-5 * abs(float(y[1])), (x, y)
	EOF
}

for model in one three explicit new new-explicit signs
do
	for by in activity:3 popularity:4
	do
		test_expect_success MSGPACK "$model by $by: as an independent program has it" '
			mf-eval -m ndcg@5,recall@3,mrr,rmse --by=$by --bootstrap 0 --no-header --format=tsv $model.mf |
			awk -F "\t" "\$10 { print \$1, \$2, \$5, \$10 }" >got &&
			oracle by $model.mf ${by%:*} ${by#*:} >want && same got want
		'
	done
done

test_expect_success 'three slices where no number is given' '
	mf-eval -m mrr --by=activity --no-header --format=tsv one.mf >default &&
	mf-eval -m mrr --by=activity:3 --no-header --format=tsv one.mf >three && test_cmp three default &&
	cut -f 10 default | sort | tr "\n" " " >names && echo " activity:1/3 activity:2/3 activity:3/3 " >want &&
	test "$(cat names)" = "$(cat want)"
'

test_expect_success 'what is said of all does not change with slices' '
	mf-eval --no-header --format=tsv --baseline=popularity one.mf three.mf >want &&
	for by in activity popularity:4
	do
		mf-eval --no-header --format=tsv --by=$by --baseline=popularity one.mf three.mf | awk -F "\t" "\$10 == \"\"" |
		sort >got && sort want | test_cmp - got || return 1
	done
'

test_expect_success 'activity: slices of users and of cells add up' '
	mf-eval --format=json --by=activity:4 -m loss,mrr one.mf >json &&
	mf-eval --format=json --by=popularity:4 -m loss,mrr one.mf >cells.json &&
	python3 - <<-"EOF"
	import json
	for path, both in ("json", True), ("cells.json", False):
	    j = json.load(open(path))
	    assert len(j["slices"]) == 4
	    assert sum(s["cells"] for s in j["slices"]) == j["cells"]
	    assert (sum(s["users"] for s in j["slices"]) == j["users"]) == both
	    edges = [(s["from"], s["to"]) for s in j["slices"]]
	    assert edges == sorted(edges) and all(a[1] < b[0] for a, b in zip(edges, edges[1:]))
	    loss = [m for m in j["metrics"] if m["name"] == "loss"]
	    whole = [m["mean"] for m in loss if "slice" not in m]
	    assert abs(sum(m["mean"] for m in loss if "slice" in m) - whole[0]) < 1e-6
	    assert {m["slice"] for m in loss if "slice" in m} == {s["slice"] for s in j["slices"]}
	    mrr = {m.get("slice"): m for m in j["metrics"] if m["name"] == "mrr"}
	    if both:
	        mean = sum(m["mean"] * m["n"] for s, m in mrr.items() if s) / j["users"]
	        assert abs(mean - mrr[None]["mean"]) < 1e-8
	EOF
'

test_expect_success 'json says what tsv says, of differences too' '
	mf-eval --by=popularity --baseline=popularity --format=json one.mf three.mf >json &&
	mf-eval --by=popularity --baseline=popularity --no-header --format=tsv one.mf three.mf >tsv &&
	python3 - <<-"EOF"
	import json
	j = json.load(open("json"))
	rows = [line.rstrip("\n").split("\t") for line in open("tsv")]
	assert all(len(r) == 11 for r in rows)
	metrics, compare = [r for r in rows if not r[7]], [r for r in rows if r[7]]
	assert len(metrics) == len(j["metrics"]) == 4 * (7 + 7 + 6) and len(compare) == len(j["compare"])
	for r, m in zip(metrics, j["metrics"]):
	    assert [r[0], r[5], r[9]] == [m["name"], m["model"], m.get("slice", "")]
	    assert [float(x) for x in r[1:4]] == [m["mean"], m["low"], m["high"]] and int(r[4]) == m["n"]
	for r, c in zip(compare, j["compare"]):
	    assert [r[0], r[5], r[7], r[9]] == [c["metric"], c["model"], c["reference"], c.get("slice", "")]
	    assert [float(x) for x in r[1:4] + r[8:9]] == [c["diff"], c["low"], c["high"], c["p"]]
	mean = {(m["model"], m["name"], m.get("slice")): m["mean"] for m in j["metrics"]}
	for c in j["compare"]:
	    d = mean[c["model"], c["metric"], c.get("slice")] - mean[c["reference"], c["metric"], c.get("slice")]
	    assert abs(d - c["diff"]) < 1e-8
	EOF
'

test_expect_success 'text: a slice has its name in the table and its bounds below' '
	mf-eval --by=activity -m mrr one.mf three.mf >text && grep -q "^metric  slice  *model .*less one.mf" text &&
	grep -q "activity:3/3  *one.mf " text &&
	grep -Eq "^activity:1/3: [0-9]+ users of [0-9]+ to [0-9]+ known cells, with [0-9]+ test cells" text
'

test_expect_success 'the same bytes for any number of threads' '
	for by in activity popularity
	do
		mf-eval -j 1 --by=$by --baseline=random --no-header --per-user first.users --format=json new.mf new3.mf >first &&
		for j in 2 3 8
		do
			mf-eval -j $j --by=$by --baseline=random --no-header --per-user users --format=json new.mf new3.mf >again &&
			test_cmp first again && test_cmp first.users users || return 1
		done
	done
'

test_expect_success 'a slice that nobody is in has no rows' '
	awk "BEGIN { for (u = 0; u < 20; u++) for (i = 0; i < 8; i++) print \"u\" u \"\t\" (u + i * i) % 17 \"\t1\" }" |
	mf-convert --from=tsv --duplicates=sum | mf-split --method=leave-out | mf-als -k 2 -p 1 -n 2 -o even.mf &&
	mf-eval --by=activity:10 -m mrr --format=json even.mf >json &&
	python3 -c "
import json
j = json.load(open(\"json\"))
empty = [s for s in j[\"slices\"] if s[\"users\"] == 0]
assert empty and all(s[\"from\"] is None and s[\"cells\"] == 0 for s in empty)
names = {m.get(\"slice\") for m in j[\"metrics\"]}
assert not names & {s[\"slice\"] for s in empty}, names" &&
	mf-eval --by=activity:10 -m mrr even.mf | grep -q "activity:1/10: nobody"
'

# --- shards ---

test_expect_success 'the values of users in shards are those of all' '
	for model in "one.mf three.mf" new3.mf
	do
		for by in "" --by=activity --by=popularity
		do
			mf-eval --bootstrap 0 $by --baseline=popularity --no-header --per-user all.tsv $model >/dev/null &&
			: >parts.tsv && for i in 1 2 3
			do
				mf-eval --bootstrap 0 $by --shard $i/3 --baseline=popularity --no-header --per-user part.tsv $model >/dev/null &&
				test -s part.tsv && cat part.tsv >>parts.tsv || return 1
			done &&
			sort all.tsv >want && sort parts.tsv >got && test_cmp want got || return 1
		done
	done
'

test_expect_success 'a shard without users has no values, and that is no error' '
	mf-eval -f --shard 1/60000 -m mrr,rmse --no-header --per-user part.tsv --run part.run --format=json one.mf >json &&
	test ! -s part.tsv && test -f part.run && test ! -s part.run &&
	python3 -c "
import json
j = json.load(open(\"json\"))
assert j[\"users\"] == 0 and j[\"metrics\"][0][\"mean\"] is None and j[\"metrics\"][0][\"n\"] == 0" &&
	test "$(mf-eval --shard 1/60000 -m mrr --no-header --format=tsv one.mf | cut -f 2-5)" = "nan	nan	nan	0" &&
	mf-eval --shard 1/60000 --by=popularity one.mf three.mf >/dev/null
'

# --- other splits ---

test_expect_success 'models of other splits are compared if that is allowed, on common users' '
	fails 1 "say --allow-different-splits" mf-eval one.mf other.mf &&
	mf-eval -m mrr,rmse --no-header --per-user users.tsv --format=json --allow-different-splits one.mf other.mf >json &&
	mf-eval -m mrr,rmse --no-header --per-user a.tsv one.mf >/dev/null && mf-eval -m mrr,rmse --no-header --per-user b.tsv other.mf >/dev/null &&
	python3 - <<-"EOF"
	import json
	def read(path):
	    return {tuple(f[:2] + f[3:]): float(f[2]) for f in (l.rstrip("\n").split("\t") for l in open(path))}
	both, own = read("users.tsv"), {**read("a.tsv"), **read("b.tsv")}
	users = [{k[0] for k in own if k[2] == m} for m in ("one.mf", "other.mf")]
	common = users[0] & users[1]
	assert 20 < len(common) < len(users[0])
	assert {k[0] for k in both} == common
	assert all(own[k] == x for k, x in both.items())
	j = json.load(open("json"))
	assert j["users"] == len(common) and j["not_in_all"] == len(users[0] - common)
	for m in j["metrics"]:
	    values = [x for k, x in both.items() if k[1:] == (m["name"], m["model"])]
	    if m["name"] == "mrr":
	        assert m["n"] == len(common) and abs(m["mean"] - sum(values) / len(values)) < 1e-8
	assert {c["metric"] for c in j["compare"]} == {"mrr", "rmse"}
	cells = [m["n"] for m in j["metrics"] if m["name"] == "rmse"]
	assert cells[0] == j["cells"] != cells[1]
	EOF
'

test_expect_success 'a model against itself and others: slices, too, hold common users alone' '
	for by in activity popularity
	do
		mf-eval --by=$by --baseline=popularity --allow-different-splits --no-header --per-user users.tsv one.mf other.mf three.mf >text &&
		grep -q "test cells of the models differ" text &&
		cut -f 1,2,5 users.tsv | sort | uniq -c | awk "{ print \$1, \$4 }" | sort | uniq -c >counts &&
		python3 - <<-"EOF" || return 1
	counts = {}
	for line in open("users.tsv"):
	    user, metric, _, model, part = line.rstrip("\n").split("\t")
	    if metric == "mrr":
	        counts.setdefault((user, part), []).append(model)
	assert len(counts) > 60
	assert all(m == ["one.mf", "other.mf", "three.mf", "popularity"] for m in counts.values()), counts
	EOF
	done
'

test_expect_success 'the option changes nothing where splits are the same' '
	mf-eval --format=json one.mf three.mf >want &&
	mf-eval --format=json --allow-different-splits one.mf three.mf >got && test_cmp want got
'

test_expect_success 'models without a common user are refused' '
	printf "a\tx\t1\na\ty\t1\nb\tx\t2\nb\ty\t1\na\tz\t1\n" | mf-convert --from=tsv |
	mf-split --method=leave-out | mf-als -k 2 -p 1 -n 2 -o strange.mf &&
	fails 1 "no user has test cells in all" mf-eval --allow-different-splits one.mf strange.mf
'

test_expect_success 'other values of one split, and other training cells, need no permission' '
	mf-transform -e log2:1 split.mf | mf-als -k 4 -n 3 --preset=explicit -o log.mf &&
	mf-transform -e tfidf split.mf | mf-als -k 4 -n 3 --preset=wrmf -o tfidf.mf &&
	mf-eval -m mrr,rmse --by=popularity --no-header --format=tsv explicit.mf log.mf tfidf.mf >table &&
	awk -F "\t" "\$8 && !\$10" table | cut -f 1,6 | sort >got &&
	printf "%s\t%s.mf\n" mrr log mrr tfidf >want && test_cmp want got
'

# --- files for trec_eval ---

for model in one three new new3
do
	test_expect_success MSGPACK "$model: metrics of the run file, in the order of trec_eval, are those of mf-eval" '
		mf-eval -f -m ndcg@7,precision@7,map@7 --run lists --qrels cells --bootstrap 0 --no-header --format=tsv $model.mf |
		awk -F "\t" "{ printf \"%s %.9f\n\", \$1, \$2 }" >want &&
		oracle run $model.mf lists cells ndcg@7 precision@7 map@7 >got && test_cmp want got
	'
done

test_expect_success 'lists are as long as the largest N, and 1000 where there is none' '
	mf-eval -f -m ndcg@3,recall@11,hr@5,mrr --run lists one.mf >/dev/null &&
	test "$(awk "{ print \$4 }" lists | sort -n | tail -n 1)" = 11 &&
	mf-eval -f -m mrr --run lists one.mf >/dev/null &&
	test "$(awk "{ print \$4 }" lists | sort -n | tail -n 1)" -gt 20
'

test_expect_success 'items that tie keep our order: those who know nobody get all in the order of names' '
	mf-eval -f -m recall@5 --run lists one.mf >/dev/null &&
	awk "\$1 ~ /^z/" lists >tied && test -s tied &&
	awk "{ if (\$4 > 1 && !(\$5 + 0 < last + 0)) exit 1; last = \$5 }" tied &&
	test "$(awk "\$4 == 1 { print \$3 }" tied | sort -u | wc -l)" = 1
'

test_expect_success 'every model has its own run file, and its name as the tag' '
	cp three.mf "the three.mf" &&
	mf-eval -f -m recall@5 --run a --run b one.mf "the three.mf" >/dev/null &&
	mf-eval -f -m recall@5 --run want three.mf >/dev/null &&
	test "$(awk "{ print \$6 }" a b | sort -u | paste -sd " ")" = "one.mf the%20three.mf" &&
	cut -d " " -f 1-5 b >got && cut -d " " -f 1-5 want >three && test_cmp three got &&
	mf-eval -f -m recall@5 --run a one.mf three.mf >/dev/null &&
	fails 2 "more files than models" mf-eval --run a --run b one.mf &&
	fails 2 "two outputs" mf-eval --run a --qrels a one.mf &&
	fails 2 "two outputs" mf-eval --run a -o a one.mf
'

test_expect_success 'run files do not depend on threads; those of shards, one after the other, are the whole' '
	mf-eval -f -j 1 --run first new3.mf >/dev/null &&
	for j in 2 3 8
	do
		mf-eval -f -j $j --run again new3.mf >/dev/null && test_cmp first again || return 1
	done &&
	for i in 1 2 3
	do
		mf-eval -f --shard $i/3 --run run.$i --qrels qrels.$i new3.mf >/dev/null || return 1
	done &&
	mf-eval --qrels cells new3.mf >/dev/null &&
	cat run.? | test_cmp first - && cat qrels.? | test_cmp cells -
'

test_expect_success 'files appear only if all went well, and leave nothing behind' '
	mkdir there && head -c 900 one.mf >cut.mf &&
	echo old >there/old &&
	fails 1 cut.mf mf-eval -f --run there/run --run there/old --qrels there/qrels --no-header --per-user there/users -o there/out one.mf cut.mf &&
	fails 1 "not those of" mf-eval -f --run there/run --qrels there/qrels --no-header --per-user there/users one.mf other.mf &&
	test "$(ls -A there)" = old && test "$(cat there/old)" = old &&
	test_must_fail mf-eval -f --run there/run --qrels there/qrels --no-header --per-user there/users one.mf >/dev/full &&
	test "$(ls -A there)" = old &&
	fails 1 "cannot create" mf-eval -f --run there/run --qrels nowhere/qrels one.mf &&
	test "$(ls -A there)" = old &&
	mf-eval -f --run there/run --run there/old --qrels there/qrels --no-header --per-user there/users -o there/out one.mf three.mf &&
	test "$(ls -A there | paste -sd " ")" = "old out qrels run users" && grep -q three.mf there/old
'

test_expect_success 'a full disk is an error, a pipe is written to' '
	fails 1 "cannot write" mf-eval -f --run /dev/full one.mf &&
	fails 1 "cannot write" mf-eval --qrels /dev/full one.mf &&
	fails 1 "cannot write" mf-eval --no-header --per-user /dev/full one.mf &&
	mf-eval -f --run want one.mf >/dev/null && mkfifo pipe && { cat pipe >got & } &&
	mf-eval -f --run pipe one.mf >/dev/null && wait && test_cmp want got
'

test_expect_success REALDATA 'Last.fm: every line of the files has its fields, every score is below the one before' '
	mf-convert --from=tsv --header --columns userID,artistID,weight --item-names "$DATA/hetrec2011-lastfm-2k/artists.dat" \
		"$DATA/hetrec2011-lastfm-2k/user_artists.dat" | mf-split --test 0.15 | mf-als -k 4 -p 2 -n 3 -o lastfm.mf &&
	mf-eval -f -m ndcg@100 --by=activity --run lists --qrels cells --format=json lastfm.mf >json &&
	awk "NF != 6 || (\$4 == 1) == (\$1 == user) || (\$4 > 1 && !(\$5 < last)) { exit 1 } { user = \$1; last = \$5 }" lists &&
	awk "NF != 4 || \$4 != 1 { exit 1 }" cells &&
	test "$(wc -l <cells)" = "$(jq .cells json)" && test "$(cut -d " " -f 1 lists | uniq | wc -l)" = "$(jq .users json)" &&
	test "$(jq "[.slices[].users] | add" json)" = "$(jq .users json)" && grep -q "%20" cells
'

# --- baselines of predictions ---

for model in explicit new-explicit
do
	test_expect_success MSGPACK "$model: mean and bias are those of an independent program" '
		mf-eval -m rmse,mae --baseline=mean --baseline=bias --bootstrap 0 --no-header --format=tsv $model.mf |
		awk -F "\t" "\$6 != \"$model.mf\" && !\$8 { printf \"%s %.6f %d %s\n\", \$1, \$2, \$5, \$6 }" >got &&
		oracle baselines $model.mf >want && test_cmp want got
	'
done

test_expect_success 'they have the stored value as target, and are held against such models alone' '
	mf-eval --baseline=bias --baseline=mean -m rmse,mrr --no-header --format=tsv one.mf explicit.mf >table &&
	test "$(awk -F "\t" "\$6 == \"bias\" { print \$1, \$7 }" table)" = "rmse value" &&
	test "$(awk -F "\t" "\$8 != \"one.mf\" && \$8 { print \$1, \$6, \$8 }" table | paste -sd " ")" = \
		"rmse explicit.mf mean rmse explicit.mf bias" &&
	fails 2 "ask for loss, mse, rmse or mae" mf-eval --baseline=mean -m mrr one.mf
'

test_expect_success 'wrong usage' '
	fails 2 "none of activity, popularity" mf-eval --by=age one.mf &&
	fails 2 "not in 2 .. 10" mf-eval --by=activity:1 one.mf &&
	fails 2 "not in 2 .. 10" mf-eval --by=activity:11 one.mf &&
	fails 2 "whole number" mf-eval --by=activity: one.mf &&
	fails 2 "not in 1 .. 4" mf-eval --shard 5/4 one.mf &&
	fails 2 "no shard" mf-eval --shard 5 one.mf &&
	fails 1 "no test cells" sh -c "mf-convert --from=tsv cells.tsv | mf-als -k 2 -n 2 | mf-eval --shard 1/60000"
'

test_done
