#!/bin/sh
test_description='mf-als: models from bundles'
. "$(dirname "$0")/setup.sh"

# 40 users of two tastes; the second half of the items is for the second half
# of the users.
awk 'BEGIN { srand(3); for (u = 0; u < 40; u++) for (i = 0; i < 30; i++)
	if (rand() < (u < 20 == i < 15 ? .5 : .05)) printf "u%02d\ti%02d\t%d\n", u, i, 1 + 9 * rand() }' >cells.tsv

test_expect_success 'a bundle to start from' '
	mf-convert --from=tsv cells.tsv -o counts.mf &&
	mf-split --test 0.2 --valid 0.1 counts.mf -o split.mf
'

test_expect_success 'a model holds card, factors and history' '
	mf-als -k 4 -p 2 -n 6 split.mf -o model.mf &&
	mf-info --check model.mf &&
	mf-info --format=json model.mf >info.json &&
	grep -q "\"preset\": *\"implicit\"" info.json
'

test_expect_success 'the same bytes from standard input, and for any threads' '
	for j in 1 2 3 8
	do
		mf-als -k 4 -p 2 -n 6 -j $j <split.mf >again.mf &&
		test_cmp model.mf again.mf || return 1
	done
'

test_expect_success 'training twice replaces the model, but for provenance' '
	mf-als -v -k 4 -p 2 -n 6 model.mf -o twice.mf 2>notes &&
	grep -q "the model that was there is replaced" notes &&
	mf-info --check twice.mf &&
	test $(wc -c <twice.mf) -gt $(wc -c <model.mf)
'

test_expect_success 'another seed is another model' '
	mf-als -k 4 -p 2 -n 6 --seed 2 split.mf -o other.mf &&
	! cmp -s model.mf other.mf
'

test_expect_success 'every option changes the model' '
	for option in "-k 5" "-p 3" "-w 0.3" "--shrink 2" "--persona-cells 2" "-n 7" "--preset=study" "-u 0.2" "-l 0.1" \
		"--lambda-users 0.1" "--lambda-items 0.1" "--nu 0.5" "--init gaussian" "--warmup 1" "--restarts 2" \
		"--preset=wrmf" "--preset=explicit" "--confidence=linear:3" "--confidence=log:3,2"
	do
		rest=$(echo "-k 4 -p 2 -n 6" | sed "s/${option%% *} [0-9]*//") && # an option is given once
		mf-als $rest $option split.mf -o other.mf && mf-info --check other.mf &&
		mf-info --format=json other.mf >other.json &&
		! cmp -s info.json other.json || { echo "$option"; return 1; }
	done
'

test_expect_success 'every option changes the model of the preset that it belongs to' '
	mf-als -k 4 -p 2 -n 6 --preset=wrmf split.mf -o wrmf.mf &&
	mf-als -k 4 -p 2 -n 6 --preset=explicit split.mf -o explicit.mf &&
	while read preset option
	do
		mf-als -k 4 -p 2 -n 6 --preset=$preset $option split.mf -o other.mf &&
		mf-info --check other.mf && mf-info --format=json other.mf >other.json &&
		mf-info --format=json $preset.mf >this.json &&
		! cmp -s this.json other.json || { echo "$preset $option"; return 1; }
	done <<-"EOF"
	wrmf --confidence=linear:3
	wrmf --confidence=log:40,1
	wrmf --confidence=log:40,2
	wrmf --assign=max
	wrmf -u 0.5
	wrmf --nu 0.3
	wrmf -l 3
	explicit --no-bias
	explicit --lambda-bias 1
	explicit --assign=max
	explicit -u 0.1
	explicit --nu 0
	explicit -l 0.4
	EOF
'

test_expect_success 'what is the default may be said' '
	mf-als -k 4 --preset=wrmf split.mf -o a.mf &&
	mf-als -k 4 --preset=wrmf --confidence=log:auto,1 -u 1 --nu 1 -l auto --assign=loss split.mf -o b.mf &&
	test_cmp a.mf b.mf &&
	mf-als -k 4 --preset=explicit split.mf -o a.mf &&
	mf-als -k 4 --preset=explicit --bias --lambda-bias 0.1 -u 0 --nu 1 -l auto split.mf -o b.mf &&
	test_cmp a.mf b.mf &&
	mf-als -k 4 --preset=study split.mf -o a.mf &&
	mf-als -k 4 --preset=study --patience=3 -n 16 -u 1 --nu 0 --lambda-users .4 --lambda-items .05 --init gaussian \
		--confidence=none --no-bias split.mf -o b.mf &&
	test_cmp a.mf b.mf
'

test_expect_success 'the card and the provenance say what was in force' '
	mf-info --format=json wrmf.mf >json &&
	python3 -c "
import json
j = json.load(open(\"json\"))
m, o = j[\"model\"], j[\"prov\"][-1][\"options\"]
assert (m[\"confidence\"], m[\"eps\"], m[\"nu\"], m[\"assign\"], m[\"mu\"]) == (\"log\", 1, 1, \"loss\", 0)
assert 0 < m[\"alpha\"] < 40 and 0 < m[\"lambda_users\"] == m[\"lambda_items\"] < 300
assert o[\"confidence\"] == \"log:auto,1\" and o[\"lambda-users\"] == \"auto\" and \"bias\" not in o" &&
	mf-info --format=json explicit.mf >json &&
	python3 -c "
import json
j = json.load(open(\"json\"))
m, o = j[\"model\"], j[\"prov\"][-1][\"options\"]
# .14 x the deviation of the 410 training values, 2.59003
assert m[\"lambda_bias\"] == 0.1 and abs(m[\"lambda_users\"] - .3626) < 1e-4 and \"confidence\" not in m and 4 < m[\"mu\"] < 6
assert o[\"lambda-bias\"] == \"0.1\" and o[\"bias\"] == \"yes\"" &&
	mf-info wrmf.mf | grep -q "assign loss, confidence log, alpha 0.[0-9]*, eps 1" &&
	mf-info explicit.mf | grep -q "lambda bias 0.1" &&
	mf-als -k 4 -n 2 --preset=wrmf --confidence=linear:40 split.mf | mf-info |
		grep -q "assign loss, confidence linear, alpha 40"
'

test_expect_success 'all presets: the same bytes for any threads' '
	for preset in wrmf explicit study
	do
		mf-als -j 1 -k 4 -p 3 -n 4 --preset=$preset split.mf -o one.mf &&
		for j in 2 3 8
		do
			mf-als -j $j -k 4 -p 3 -n 4 --preset=$preset split.mf -o other.mf &&
			test_cmp one.mf other.mf || return 1
		done
	done
'

test_expect_success 'options override the preset, in any order' '
	mf-als --nu 1 --preset=study -k 4 split.mf -o a.mf &&
	mf-als -k 4 --preset=study --nu 1 split.mf -o b.mf &&
	test_cmp a.mf b.mf
'

test_expect_success 'with one persona, overlap, start and rule are nothing' '
	mf-als -k 4 -p 1 -w 0.2 split.mf -o a.mf &&
	mf-als -k 4 -p 1 -w 0.9 --init gaussian --assign=max split.mf -o b.mf &&
	test_cmp a.mf b.mf
'

test_expect_success 'the loss never rises' '
	for preset in implicit wrmf explicit study
	do
		mf-als -v --preset=$preset -k 4 -p 3 -n 12 split.mf -o model2.mf 2>notes &&
		grep -c "loss" notes &&
		awk -v preset=$preset "/cluster:/ { last = \"\" }
		     { for (i = 1; i < NF; i++) if (\$i == \"loss\") { loss = \$(i + 1) + 0
		         if (last != \"\" && loss > last * (1 + 1e-6)) bad = 1; last = loss; n++ } }
		     END { exit bad || n < 24 }" notes || return 1
	done
'

test_expect_success 'wrong usage is status 2' '
	fails 2 "--factors" mf-als -k 0 split.mf &&
	fails 2 "--factors" mf-als -k many split.mf &&
	fails 2 "--overlap" mf-als -w 1.5 split.mf &&
	fails 2 "--lambda" mf-als -l -1 split.mf &&
	fails 2 "--lambda" mf-als -l nan split.mf &&
	fails 2 "--preset" mf-als --preset=best split.mf &&
	fails 2 "neither a file nor a start" mf-als --init=best split.mf &&
	fails 2 "warmup" mf-als -n 3 --warmup 4 split.mf &&
	fails 2 "unobserved" mf-als --preset=study -u 0 split.mf &&
	fails 2 "--confidence" mf-als --confidence=40 split.mf &&
	fails 2 "--confidence" mf-als --confidence=log:40 split.mf &&
	fails 2 "--confidence" mf-als --confidence=linear:40,1 split.mf &&
	fails 2 "--confidence" mf-als --confidence=linear:0 split.mf &&
	fails 2 "--confidence" mf-als --confidence=log:1,x split.mf &&
	fails 2 "--confidence" mf-als --confidence=log:1,1,1 split.mf &&
	fails 2 "confidence" mf-als --preset=explicit --confidence=linear:40 split.mf &&
	fails 2 "confidence" mf-als --preset=wrmf --confidence=none split.mf &&
	fails 2 "bias" mf-als --bias split.mf &&
	fails 2 "--lambda-bias" mf-als --preset=explicit --lambda-bias=-1 split.mf &&
	fails 2 "no biases" mf-als --lambda-bias=.1 split.mf &&
	fails 2 "no biases" mf-als --preset=explicit --no-bias --lambda-bias=.1 split.mf &&
	fails 2 "--assign" mf-als --assign=min split.mf &&
	fails 2 "unrecognized" mf-als --no-such-option split.mf
'

test_expect_success 'bad input is status 1 with one line and no result' '
	fails 1 "no-such.mf" mf-als no-such.mf &&
	: >empty.mf && fails 1 "empty" mf-als empty.mf &&
	fails 1 "not a bundle" mf-als cells.tsv &&
	head -c 1000 split.mf >cut.mf && test_must_fail mf-als cut.mf -o cut-model.mf 2>err &&
	grep -q "frame [0-9]*@[0-9]*" err && ! test -e cut-model.mf &&
	test $(ls -A | grep -c cut-model) = 0
'

test_expect_success 'a value without confidence is status 1, and named' '
	printf "a\tx\t1\na\ty\t-2.5\n1\ty\t3\n" | mf-convert --from=tsv -o minus.mf &&
	for preset in implicit wrmf explicit study
	do
		mf-als --preset=$preset -k 2 minus.mf | mf-info --check || return 1
	done &&
	printf "a\tx\t1\na\ty\t-1e38\n1\ty\t3\n" | mf-convert --from=tsv -o huge.mf &&
	fails 1 "the value of user '\''a'\'' and item '\''y'\'', -1e+38, has no confidence: it is too large; transform the values" \
		mf-als --preset=wrmf --confidence=linear:40 -l 1 huge.mf &&
	mf-als --preset=implicit -k 2 huge.mf | mf-info --check
'

test_expect_success 'users without cells, one user, more factors than items' '
	mf-split --method=users --test 0.5 --fold-in 0.5 counts.mf -o users.mf &&
	for preset in implicit wrmf explicit study
	do
		printf "a\tx\t1\n" | mf-convert --from=tsv | mf-als -k 8 -p 4 --preset=$preset -o edge.mf &&
		mf-info --check edge.mf && mf-recommend --include-seen edge.mf >list &&
		test $(wc -l <list) = 1 && ! grep -q -e nan -e inf list &&
		mf-als -k 4 --preset=$preset users.mf | mf-eval --bootstrap 0 >table || return 1
	done
'

# The loss after the last sweep, to three digits.
last_loss () {
	mf-als -k 6 -n 6 "$@" --log log split.mf -o $$.mf && tail -n 1 log | jq -r ".loss * 1e5 | floor" | cut -c 1-3
}

test_expect_success 'solvers agree, and are told apart in the provenance' '
	last_loss -p 1 >want &&
	for solver in auto cholesky dual cg:4 cg:20
	do
		last_loss -p 1 --solver=$solver >got && test_cmp want got || return 1
	done &&
	mf-als -k 6 -p 2 -n 2 --solver=cg:3 split.mf -o cg.mf && mf-info cg.mf | grep "solver cg:3\|solver=cg:3" &&
	fails 2 "is none of auto, cholesky, dual, cg:STEPS" mf-als --solver=lu split.mf &&
	fails 2 "solver" mf-als --solver=cg:0 split.mf
'

test_expect_success 'conjugate gradients go on from a checkpoint, with the same bytes' '
	mf-als -k 4 -n 6 --solver=cg:2 split.mf -o whole.mf &&
	mf-als -k 4 -n 3 --solver=cg:2 --checkpoint c.mf split.mf -o half.mf &&
	mf-als -k 4 -n 6 --solver=cg:2 --resume c.mf split.mf -o resumed.mf &&
	test_cmp whole.mf resumed.mf
'

test_expect_success 'many factors: the loss and the lists of exact solutions, and the same bytes for any threads' '
	awk "BEGIN { srand(5); for (u = 0; u < 120; u++) for (i = 0; i < 120; i++)
		if (rand() < (u < 60 == i < 60 ? .7 : .2)) print u \"\t\" i \"\t1\" }" | mf-convert --from=tsv |
		mf-split --test .2 -o dense.mf &&
	mf-als -k 200 -p 1 -n 6 -j 1 -v dense.mf -o many.mf 2>notes &&
	grep -E "^mf-als: systems solved in their dual: [0-9]+; by conjugate gradients: [1-9][0-9]+, [0-9]+ of which" notes &&
	mf-als -k 200 -p 1 -n 6 -j 2 dense.mf -o many2.mf && test_cmp many.mf many2.mf &&
	mf-als -k 200 -p 1 -n 6 --solver=cholesky dense.mf -o exact.mf &&
	mf-eval --format=json --metrics ndcg@100 many.mf exact.mf >json &&
	python3 -c "
import json
m = json.load(open(\"json\"))[\"metrics\"]
for name, near in [(\"ndcg@100\", .01)]:
    x = [e[\"mean\"] for e in m if e[\"name\"] == name]
    assert len(x) == 2 and abs(x[0] - x[1]) < near * x[1], x" &&
	mf-als -k 200 -p 2 -n 4 dense.mf -o two.mf && mf-info --check two.mf
'

test_expect_success 'factors are no more than items, or users and personas, can tell apart' '
	mf-als -k 16384 -p 1 -n 0 dense.mf -o most.mf 2>said &&
	echo "mf-als: 1024 factors are trained, not 16384: with 120 items more would change no score" >want &&
	test_cmp want said && mf-info most.mf | grep "^model  *k 1024, p 1," &&
	mf-als -k 1024 -p 1 -n 0 dense.mf -o same.mf && mf-recommend most.mf >got && mf-recommend same.mf >want && test_cmp want got &&
	printf "a\tx\t1\na\ty\t1\n" | mf-convert --from=tsv | mf-als -k 2000 -p 1 -n 0 -o most.mf 2>said &&
	grep "1024 factors are trained, not 2000: with 1 user of 1 persona more would" said
'

test_expect_success 'each kernel that can be named agrees' '
	last_loss -p 2 >want &&
	for kernel in avx512 avx2 base
	do
		MF_KERNEL=$kernel last_loss -p 2 >got && test_cmp want got || return 1
	done
'

test_done
