#!/bin/sh
test_description='mf-tune finds settings on validation cells; mf-als trains on both folds'
. "$(dirname "$0")/setup.sh"

OMP_NUM_THREADS=1 # small jobs are faster so
export OMP_NUM_THREADS

# Listeners with planted tastes; validation cells are marked.
msd-synth -q --users 600 --artists 200 --tracks tracks.txt --seed 4 -o plays.txt
msd-aggregate -q --tracks tracks.txt plays.txt | mf-split --test .1 --valid .1 -o split.mf
msd-aggregate -q --tracks tracks.txt plays.txt | mf-split --test .1 -o tested.mf

# 8 random items a user: there is nothing to learn.
awk "BEGIN { s = 7; for (u = 0; u < 200; u++) for (j = 0; j < 8; j++) {
	s = (s * 1103 + 12345) % 65536; print \"u\" u \"\\t\" s % 300 } }" | sort -u |
	mf-convert --from=tsv --columns 1,2 | mf-split --test 0% --valid 20% -o random.mf

# The metric of a setting, from the log of mf-als itself: best_of OPTIONS
best_of () {
	mf-als -q "$@" split.mf | mf-convert --part=history --to=tsv | awk -F'\t' '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["half"] == "users" && $at["valid"] + 0 > best { best = $at["valid"] + 0 } END { print best }'
}

test_expect_success 'the bundle is what mf-als makes with the options that are printed' '
	mf-tune -k 8 -p 1 split.mf -o tuned.mf && mf-tune -k 8 -p 1 --print split.mf >options &&
	grep -E "^-k 8 -p 1 -u [0-9.]+x -l [0-9.]+ -n [0-9]+$" options &&
	mf-als $(cat options) split.mf -o model.mf && cmp model.mf tuned.mf &&
	mf-tune -k 8 -p 1 -j 1 <split.mf >piped.mf && cmp tuned.mf piped.mf &&
	mf-tune -k 8 -p 1 -j 3 --factors-only split.mf | mf-convert --join split.mf - -o joined.mf &&
	mf-als $(cat options) --factors-only split.mf | mf-convert --join split.mf - | cmp - joined.mf &&
	mf-tune -k 8 -p 1 --print --factors-only split.mf | cmp options - # --train-on=train,valid takes them
'

# An independent grid: of the spread of its values, what is found leaves a fiftieth at most.
test_expect_success 'few settings of a grid are better, and not by much' '
	got=$(best_of $(cat options)) &&
	for r in 2 4 8 16 32 64
	do
		for l in .0025 .005 .01 .02 .04
		do best_of -k 8 -p 1 -u ${r}x -l $l || return 1
		done
	done >grid && test $(wc -l <grid) -eq 30 &&
	sort -g grid | sed -n "1p;\$p" | xargs | awk -v got=$got "{ print got, \$0; exit !(got >= \$2 - .02 * (\$2 - \$1)) }"
'

test_expect_success 'every preset, personas, and a metric of errors' '
	for options in "--preset=wrmf -p 1" "--preset=explicit -p 1" "--preset=study -p 2" "-p 2 --overlap=.3" \
		"-p 1 -m recall@10 --seed=7" "-p 1 -n 3" "-p 2 -n 6 --warmup=2" "-p 1 --preset=wrmf --confidence=log:2,1" \
		"-p 1 -m rmse" \
		"-p 1 -u .05" "-p 1 -l .02" "-p 1 --preset=wrmf -l .02" "-p 1 --preset=wrmf -u 2" "-p 1 --lambda-users=.02" \
		"-p 1 --confidence=linear:auto" "-p 1 -n 0" "--space=personas:1..3,overlap" \
		"-p 1 --preset=wrmf --space=popularity,unobserved"
	do
		mf-tune -q -k 4 --trials 6 $options split.mf -o tuned.mf &&
		mf-tune -q -k 4 --trials 6 $options --print split.mf >options2 &&
		mf-als $(cat options2) split.mf | cmp - tuned.mf || { echo "$options"; return 1; }
		mf-als -q $(cat options2) --train-on=train,valid split.mf | mf-info --check || { echo "$options"; return 1; }
	done &&
	mf-tune -q -k 4 -p 1 --trials 3 -n 3 --print split.mf | grep -e " -n 3$" &&
	for options in "-p 2" "-p 2 --space=overlap" "-p 1 -n 3" # conjugate gradients
	do
		mf-tune -q -k 130 --trials 2 $options split.mf -o tuned.mf &&
		mf-tune -q -k 130 --trials 2 $options --print split.mf >options2 &&
		mf-als $(cat options2) split.mf | cmp - tuned.mf || { echo "$options"; return 1; }
	done &&
	mf-tune -q -k 4 --trials 3 --preset=explicit -p 1 --print split.mf | grep -e "^--preset=explicit -k 4 -p 1 -l "
'

test_expect_success 'what is given is not searched' '
	mf-tune -q -k 4 -p 1 -u .05 --trials 4 --print split.mf | grep -e " -u 0.05 " &&
	mf-tune -q -k 4 -p 1 -l .02 --trials 4 --print split.mf | grep -e " -l 0.02 " &&
	mf-tune -q -k 4 -p 1 -u 4x -l .02 --log fixed.tsv --print split.mf | grep -e "^-k 4 -p 1 -u 4x -l 0.02 -n " &&
	grep -c short fixed.tsv | grep -x 1 && sed -n 4p fixed.tsv | grep "^sweeps" &&
	mf-tune -q -k 4 -p 1 --lambda-users=.02 --trials 3 --print split.mf | grep -e "--lambda-users=0.02 --lambda-items=auto " &&
	mf-tune -q -k 4 -p 1 -l .02 --space unobserved --print split.mf | grep -e " -u [0-9.]*x -l 0.02 " &&
	mf-tune -q -k 4 -p 1 --space unobserved --trials 2 --print split.mf | grep -e " -u [0-9.]*x -l auto -n" &&
	mf-tune -q -k 4 -p 1 -u auto --trials 2 --print split.mf | grep -e " -u auto -l 0" &&
	mf-tune -q -k 4 -p 1 --preset=wrmf -u 2 --trials 2 --print split.mf | grep -e " -u 2 -l " | grep -v confidence &&
	mf-tune -q -k 4 -p 1 --preset=wrmf --trials 2 --print split.mf | grep -e " --confidence=log:[0-9.]*,1$"
'

test_expect_success '--space: other axes, and their ends' '
	mf-tune -q --space lambda:.02..,factors:4..8,personas:1..2,overlap --trials 12 --log space.tsv \
		--print split.mf >options2 &&
	sed -n 4p space.tsv | grep "^lambda	factors	personas	overlap	sweeps	" &&
	sed 1,4d space.tsv | awk -F"\t" "\$1 < .02 || \$2 != 4 && \$2 != 8 || \$3 > 2 || \$4 > 1 { print; exit 1 }" &&
	fails 2 "--space: '\''8x'\'' is not a number" mf-tune --space unobserved:8x..9x split.mf &&
	fails 2 "--space: '\''50'\'' is no range LOW..HIGH" mf-tune --space lambda:50 split.mf &&
	fails 2 "--space: '\''3..2'\'' is an empty range" mf-tune --space lambda:3..2 split.mf &&
	fails 2 "--space: '\''w0'\'' is none of unobserved, lambda" mf-tune --space w0 split.mf &&
	fails 2 "--space: lambda is there twice" mf-tune --space lambda,lambda split.mf &&
	fails 2 "--space: overlap is at most 1" mf-tune --space overlap:0..2 split.mf &&
	fails 2 "--space: factors is at least 1" mf-tune --space factors:0..2 split.mf &&
	for both in "-l 1 lambda" "--lambda-users=1 lambda" "-u 8x unobserved" "-p 1 personas:1..3" "-k 8 factors" "-w .5 overlap" \
		"--unobserved-by=none popularity"
	do
		axis=${both##* } && axis=${axis%:*} &&
		fails 2 "--space: '\''$axis'\'' is given by an option, too, and so it is not searched; leave out one of both; see" \
			mf-tune ${both% *} --space ${both##* } split.mf || { echo "$both"; return 1; }
	done
'

# With a warm-up of all sweeps the vectors of items are those of -p 1; a trial is worth what its
# personas are, as mf-als has it after the same sweeps, which are made once.
test_expect_success 'personas and overlap are measured when histories are divided' '
	rm -f p.tsv && mf-tune -q -k 8 --space personas:1..3,overlap:.3..1 --trials 9 --log p.tsv --print split.mf >options2 &&
	sed 1,4d p.tsv | grep short >trials && test $(cut -f 1 trials | sort -u | wc -l) -gt 1 &&
	while read p w n metric rest
	do
		mf-als -q -k 8 -p $p -w $w -n $n split.mf | mf-convert --part=history --to=tsv | awk -F"\t" -v want=$metric "
			NR == 1 { for (i = 1; i <= NF; i++) at[\$i] = i; next } { valid = \$at[\"valid\"] }
			END { exit !(valid - want < 1e-12 && want - valid < 1e-12) }" || { echo "$p $w"; return 1; }
	done <trials &&
	sed 1,4d p.tsv | grep "whole$" | while read p w n metric rest
	do
		mf-als -q -k 8 -p $p -w $w -n $n split.mf | mf-convert --part=history --to=tsv | tail -n 1 | grep -F "$metric" || return 1
	done
'

test_expect_success '--space popularity: from none by eighths' '
	rm -f g.tsv && mf-tune -q -k 4 -p 1 --space popularity --log g.tsv --print split.mf >options2 &&
	sed -n 4p g.tsv | grep "^popularity	sweeps" && sed -n 5p g.tsv | grep "^0	" &&
	sed 1,4d g.tsv | awk -F"\t" "\$1 * 8 != int(\$1 * 8) || \$1 > 1 { print; exit 1 }" &&
	fails 2 "popularity: only implicit and wrmf" mf-tune --preset=study --space popularity split.mf &&
	mf-tune -q -k 4 -p 1 --unobserved-by=popularity:.25 --trials 2 --print split.mf |
		grep -e "--unobserved-by=popularity:0.25"
'

test_expect_success 'a best that lies at the rim is said to' '
	mf-tune -k 8 -p 1 -u 8x --space lambda:1..2 --print split.mf 2>err >out && cat err &&
	grep "^mf-tune: the best lambda, 1, is the least that was tried; a wider --space may have better ones$" err &&
	mf-tune -k 8 -p 1 -l .001 --trials 2 --print split.mf 2>err >out && cat err &&
	grep -E "^mf-tune: the best unobserved, .*x, is the (least|largest) that was tried; more --trials may" err
'

test_expect_success 'nothing that was trained, and one sweep that was best, are said to' '
	says () { grep -qxF "mf-tune: $1" err || { echo "not said: $1"; cat err; return 1; }; } &&
	mf-tune -k 4 -p 1 -n 0 --trials 1 --print split.mf 2>err >out && grep -e " -n 0$" out &&
	says "with --iterations 0 nothing is trained: the items are the random start; without it the best number is found" &&
	mf-tune -k 4 -p 1 -n 1 --trials 1 --print split.mf 2>err >out && grep -e " -n 1$" out && test_must_be_empty err &&
	mf-tune -k 8 -p 2 -u .05 -l .02 --print random.mf 2>err >out && grep -e " -n 1$" out &&
	says "the best number of sweeps, 1, is the least there is, as where there is little to learn; compare with mf-eval --baseline=popularity" &&
	mf-tune -k 4 -p 1 -l 1 --preset=explicit --print split.mf 2>err >out && grep -e " -n 1$" out &&
	says "the best number of sweeps, 1, is the least there is, as where there is little to learn; compare with --lambda 1e9, which leaves nothing of the factors" &&
	mf-tune -k 16 -p 1 -u 6x -l .02 -m auc --print split.mf 2>err >out && grep -e " -n 16 " out &&
	says "the best number of sweeps, 16, is the largest that was tried; a larger -n may be better"
'

test_expect_success 'a log: a line a trial, none of which is done again' '
	mf-tune -v -k 8 -p 1 --log log.tsv --print split.mf >first 2>said && cp log.tsv whole.tsv &&
	sed -n 1p log.tsv | grep -x "# mf-tune [0-9.]*" && sed -n 2p log.tsv | grep -xE "# data [0-9a-f]{16}" &&
	sed -n 3p log.tsv | grep -e "--preset=implicit .*--metric=ndcg@100 --seed=1$" &&
	sed -n 4p log.tsv | grep -x "unobserved	lambda	sweeps	metric	early	seconds	status" &&
	sed -n 5p log.tsv | grep -E "^6\.04x	0\.0233	8	0\.[0-9]+	0\.[0-9]+	[0-9.]+	short$" &&
	cut -f 7 log.tsv | sed 1,4d | sort -u >status && grep -x whole status && ! grep -vE "short|dropped|whole" status &&
	test $(sed 1,4d log.tsv | wc -l) -eq $(grep -c " sweeps" said) &&
	mf-tune -v -k 8 -p 1 --log log.tsv --print split.mf >second 2>said && test_cmp first second && cmp whole.tsv log.tsv &&
	! grep " sweeps$" said && grep "sweeps, by the log$" said &&
	head -n 8 whole.tsv >log.tsv && mf-tune -k 8 -p 1 -j 2 --log log.tsv --print split.mf >third && test_cmp first third &&
	cut -f 1-5,7 log.tsv >got && cut -f 1-5,7 whole.tsv >want && test_cmp want got &&
	mf-tune -k 8 -p 1 --log log.tsv split.mf -o logged.mf && mf-als $(cat first) split.mf | cmp - logged.mf
'

test_expect_success 'a log that was cut within its last line, or not begun, goes on' '
	head -c $(($(wc -c <whole.tsv) - 4)) whole.tsv >cut.tsv && mf-tune -k 8 -p 1 --log cut.tsv --print split.mf >got &&
	test_cmp first got && cut -f 1-5,7 cut.tsv >got && test_cmp want got &&
	: >empty.tsv && mf-tune -k 8 -p 1 --log empty.tsv --print split.mf >got && test_cmp first got &&
	cut -f 1-5,7 empty.tsv >got && test_cmp want got
'

test_expect_success 'a log of something else is refused, and stays' '
	msd-aggregate -q --tracks tracks.txt plays.txt | mf-split --test .1 --valid .1 --seed 2 -o other.mf &&
	cp log.tsv keep.tsv &&
	fails 1 "log.tsv:2: it is a log of other data; name another --log" mf-tune -k 8 -p 1 --log log.tsv --print other.mf &&
	fails 1 "log.tsv:3: it is a log of other options" mf-tune -k 4 -p 1 --log log.tsv --print split.mf &&
	fails 1 "log.tsv:3: it is a log of other options" mf-tune -k 8 -p 1 -m mrr --log log.tsv --print split.mf &&
	sed "s/^unobserved/other/" log.tsv >l2.tsv &&
	fails 1 "l2.tsv:4: it is a log of another --space" mf-tune -k 8 -p 1 --log l2.tsv --print split.mf &&
	echo hello >l2.tsv &&
	fails 1 "l2.tsv:1: it is no log of this version of mf-tune" mf-tune -k 8 -p 1 --log l2.tsv --print split.mf &&
	grep -x hello l2.tsv &&
	for bad in "8x	.01" "8x	.01	5	x	-	1	short" "8x	.01	5	-	-	1	short" "8x	.01	5	.1	.1	1	done" \
		"8x	.01	-1	.1	.1	1	short" "8x	.01	5	.1	-	1	dropped" "8x	.01	5	.1	.1	1	short	x"
	do
		{ head -n 5 log.tsv; echo "$bad"; sed -n 6p log.tsv; } >l2.tsv &&
		fails 1 "l2.tsv:6: this is no trial; take the line away" mf-tune -k 8 -p 1 --log l2.tsv --print split.mf ||
			{ echo "$bad"; return 1; }
	done &&
	cmp keep.tsv log.tsv && fails 1 "cannot" mf-tune -k 8 --log none/log.tsv --print split.mf
'

test_expect_success 'without validation cells there is nothing to go by' '
	fails 1 "no validation cells to compare settings on; mark some with mf-split --valid 10%, or where there are few cells --method=leave-out --valid 1" \
		mf-tune -k 4 tested.mf &&
	printf "a\tx\t0\t1\na\ty\t1\t0\nb\ty\t1\t0\n" | mf-convert --from=tsv --columns=1,2,3,4 -o none.mf &&
	fails 1 "ndcg@100 is not defined: no validation cell has a value above 0, and so none is relevant; check the values, or give --metric=rmse" \
		mf-tune -k 4 none.mf && mf-tune -q -k 1 -p 1 -m rmse --trials 1 none.mf -o rmse.mf &&
	fails 1 "so none is relevant; check the values, or give --watch=rmse" mf-als -k 2 -p 1 none.mf &&
	printf "a\tx\t1\t1\na\ty\t0\t0\nb\ty\t1\t0\n" | mf-convert --from=tsv --columns=1,2,3,4 -o mute.mf &&
	fails 1 "no user with relevant validation cells has training or fold-in cells that say something; mark others with mf-split --valid" \
		mf-tune -k 4 mute.mf &&
	fails 2 "--space: nothing is to be searched" mf-tune --space "" split.mf &&
	fails 2 "--metric: coverage@10 is not about held-out cells" mf-tune -m coverage@10 split.mf &&
	fails 2 "--metric: '\''mrr,rmse'\'': one metric is enough" mf-tune -m mrr,rmse split.mf &&
	fails 2 "--init: '\''model.mf'\'' is none of cluster, gaussian" mf-tune --init model.mf split.mf &&
	fails 2 "unrecognized option '\''--patience" mf-tune --patience=3 split.mf
'

# 100 users with a validation cell, of whom one only dislikes it.
test_expect_success 'few users with validation cells are warned of' '
	awk "BEGIN { for (u = 1; u <= 100; u++) { print \"u\" u \"\ti\" u % 7 \"\t1\t0\"; print \"u\" u \"\ti\" (u + 1) % 7 \"\t\" (u == 100 ? -1 : 1) \"\t1\" } }" >few.tsv &&
	mf-convert --from=tsv --columns=1,2,3,4 few.tsv -o few.mf && T="mf-tune -k 2 -p 1 -n 2 --trials 1 --print" &&
	$T few.mf 2>err >got && grep -qx "mf-tune: only 99 users have relevant validation cells: differences between trials are mostly chance" err &&
	$T -m rmse few.mf 2>err >got && ! grep "only" err && sed "s/	-1	/	1	/" few.tsv | mf-convert --from=tsv --columns=1,2,3,4 -o full.mf &&
	$T full.mf 2>err >got && ! grep "only" err && grep "^u1	" few.tsv | mf-convert --from=tsv --columns=1,2,3,4 -o one.mf &&
	$T -m rmse one.mf 2>err >got && grep -q "only 1 user has validation cells: differences" err && $T -q few.mf 2>err >got && test_must_be_empty err
'

# A value so large that no system can be solved, whatever W0 is.
test_expect_success 'if every trial fails, the error is that of the first' '
	mf-convert --to=tsv split.mf | sed "1,\$s/^\([^	]*	[^	]*\)	[^	]*/\1	1e30/" |
		mf-convert --from=tsv --columns=1,2,3,4 -o huge.mf &&
	fails 1 "every trial failed; the first: " mf-tune -k 4 -p 1 --preset=wrmf --confidence=linear:1e7 -l .01 --log failed.tsv huge.mf &&
	sed -n 5p failed.tsv | grep -e "	-	-	.*failed$" &&
	fails 1 "every trial failed, by the log" mf-tune -k 4 -p 1 --preset=wrmf --confidence=linear:1e7 -l .01 --log failed.tsv huge.mf
'

test_expect_success 'progress says the best so far and what is left' '
	mf-tune -j1 -k 500 -p 1 --progress=always --print split.mf 2>err >out &&
	grep -E "^mf-tune: tuning, trial [0-9]+ of 14, ndcg@100 0\.[0-9]+ so far, [0-9]+ %(, [0-9.]+ sweeps/s, [0-9]+:[0-9]+ left)?\$" err
'

# --- mf-als --train-on ---

test_expect_success '--train-on=train,valid trains on both, and says so in the bundle' '
	mf-als $(cat options) --train-on=train,valid split.mf -o both.mf &&
	mf-convert --to=tsv split.mf | awk -F"\t" -v OFS="\t" "\$4 == 1 { \$4 = 0 } { print }" |
		mf-convert --from=tsv --columns=1,2,3,4 | mf-als $(cat options) -o want.mf &&
	for part in users items ratings
	do
		mf-convert --part=$part --to=tsv both.mf >got && mf-convert --part=$part --to=tsv want.mf >want &&
		test -s want && test_cmp want got || return 1
	done &&
	mf-info both.mf | grep -e "--train-on=train,valid" && mf-info both.mf | grep "validation 0" &&
	mf-als -k 4 -p 2 --train-on=train,valid split.mf | mf-info --check &&
	mf-als -k 4 -p 2 --train-on=train,valid split.mf -o p.mf && mf-eval -q p.mf both.mf >table &&
	mf-als -k 4 -p 2 --train-on=train split.mf >one.mf && mf-als -k 4 -p 2 split.mf | cmp - one.mf &&
	mf-als -k 4 -p 1 --train-on=train,valid tested.mf | mf-info --check &&
	fails 2 "--train-on=train,valid: with --factors-only" mf-als --train-on=train,valid --factors-only split.mf &&
	fails 2 "--train-on: '\''valid'\'' is none of train, train,valid" mf-als --train-on=valid split.mf &&
	fails 1 "no validation cells to be patient with" mf-als --patience=2 --train-on=train,valid split.mf
'

# The best power of popularity is 0, and there is none below.
test_expect_success 'no wider space is asked for where there is none' '
	mf-tune -k 8 -p 2 --space popularity --print random.mf >found 2>said &&
	! grep unobserved-by found && ! grep "best popularity" said
'

test_done
