#!/bin/sh
test_description='mf-eval: ranking metrics are those of trec_eval, ranx and scipy'
. "$(dirname "$0")/setup.sh"
# tests/trec/make.sh says how expected.tsv was made and what the packages are.

METRICS=mrr,auc
for n in 1 3 10 1000
do METRICS=$METRICS,precision@$n,recall@$n,hr@$n,ndcg@$n,map@$n
done

# same WANT USERS: every value of WANT is in USERS, and the other way round.
same () {
	python3 - "$1" "$2" <<-"EOF"
	import sys
	want, got = [{tuple(f[:2]): float(f[2]) for f in (l.rstrip("\n").split("\t") for l in open(p))}
	             for p in sys.argv[1:]]
	assert set(want) == set(got) and len(want) > 400, (len(want), len(got))
	for key in want:
	    assert abs(want[key] - got[key]) < 1e-9, (key, want[key], got[key])
	EOF
}

test_expect_success 'by user: those that were noted' '
	mf-eval -m $METRICS --no-header --per-user users --run run --qrels qrels "$TOP/tests/trec/model.mf" >/dev/null &&
	same "$TOP/tests/trec/expected.tsv" users
'

# Users who have no list are unknown to the others.
listed () {
	cut -d " " -f 1 "$1" | sort -u >listed && awk -F "\t" "NR == FNR { has[\$1]; next } \$1 in has" listed "$2"
}
LISTS=$(echo $METRICS | sed "s/,auc//")
test_expect_success 'lists from elsewhere, by user: those that were noted' '
	mf-eval -m $LISTS --no-header --per-user users.lists --ratings "$TOP/tests/trec/model.mf" --lists "$TOP/tests/trec/lists.run" >/dev/null &&
	listed "$TOP/tests/trec/lists.run" users.lists >got.lists && same "$TOP/tests/trec/lists-expected.tsv" got.lists &&
	grep -v -F -f listed users.lists | cut -f 3 | sort -u >rest && echo 0 >zero && test_cmp zero rest
'

test_expect_success 'and on average' '
	mf-eval -m $METRICS --no-header --format=tsv "$TOP/tests/trec/model.mf" | cut -f 1,2 | sort >got &&
	awk -F "\t" "{ sum[\$2] += \$3; n[\$2]++ } END { for (m in sum) printf \"%s\t%.7f\n\", m, sum[m] / n[m] }" \
		"$TOP/tests/trec/expected.tsv" | sort >want &&
	awk -F "\t" "{ printf \"%s\t%.7f\n\", \$1, \$2 }" got >rounded && test_cmp want rounded
'

# v0 has no training cell, and the list of what is popular, ties in the order of names.
test_expect_success 'users of one item and a list with equal scores are among them' '
	cut -d " " -f 1 qrels | sort | uniq -c | grep -q " 1 " &&
	grep -q "v0" qrels && test $(grep -c "^v0 " run) -eq 38 &&
	mf-convert --to=tsv --fold=train "$TOP/tests/trec/model.mf" >train &&
	awk "FNR == NR { n[\$2]++; next } /^v0 / { print n[\$3] + 0, \$3 }" FS="\t" train FS=" " run >order &&
	sort -k 1,1nr -k 2,2 order >sorted && test_cmp sorted order && test $(cut -d " " -f 1 order | sort -u | wc -l) -gt 3 &&
	test $(cut -d " " -f 1 order | uniq -d | wc -l) -gt 0
'

for python in "$TOP/build/venv/bin/python" python3 /usr/bin/python3
do
	"$python" -c "import ir_measures, scipy" 2>/dev/null && test_set_prereq TREC_EVAL && break
done
test_have_prereq TREC_EVAL || say "no ir-measures and scipy here: see tests/trec/make.sh"

test_expect_success TREC_EVAL 'by user: those that the packages say now' '
	"$python" "$TOP/tests/trec/trec.py" run qrels >now && same now users
'

test_expect_success TREC_EVAL 'lists from elsewhere: those that the packages say now' '
	"$python" "$TOP/tests/trec/trec.py" "$TOP/tests/trec/lists.run" qrels --lists >now && same now got.lists
'

test_expect_success TREC_EVAL 'on another split and model too' '
	msd-synth --users 60 --artists 80 --tracks tracks -o triplets &&
	msd-aggregate --tracks tracks triplets | mf-split --test 0.3 | mf-als -k 8 -n 6 -o synth.mf &&
	mf-eval -m $METRICS -f --no-header --per-user users --run run --qrels qrels synth.mf >/dev/null &&
	"$python" "$TOP/tests/trec/trec.py" run qrels >now && same now users
'

test_done
