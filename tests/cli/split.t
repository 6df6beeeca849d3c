#!/bin/sh
test_description='mf-split: which cells are held out'
. "$(dirname "$0")/setup.sh"

test_expect_success 'a bundle of 30 users with 1 to 30 items' '
	awk "BEGIN { for (u = 1; u <= 30; u++) for (i = 1; i <= u; i++)
		printf \"u%02d\\ti%02d\\t%d\\n\", u, i, u + i }" >in.tsv &&
	mf-convert --from=tsv in.tsv -o in.mf
'

# The lines of the result: user, item, value, fold.
lines () {
	mf-split "$@" | mf-convert --to=tsv
}

# How many cells of a fold.
cells () {
	fold=$1; shift
	mf-split "$@" | mf-info --format=json | jq ".folds.$fold"
}

test_expect_success 'the default is 15 % of the pairs' '
	lines in.mf >default && lines --method=pairs --test=15% in.mf >same &&
	test_cmp default same && test "$(cells test in.mf)" -gt 40 &&
	test "$(cells test in.mf)" -lt 100 && test "$(cells valid in.mf)" -eq 0
'

test_expect_success 'nothing but folds changes' '
	cut -f 1-3 default >bare && test_cmp in.tsv bare
'

test_expect_success 'standard input, - and -o are the same' '
	mf-split in.mf >a && mf-split <in.mf >b && mf-split - <in.mf >c && mf-split -o d in.mf &&
	test_cmp a b && test_cmp a c && test_cmp a d
'

test_expect_success 'another seed is another split, the same seed the same' '
	lines --seed 2 in.mf >other && ! cmp -s default other &&
	lines --seed 1 in.mf >again && test_cmp default again
'

test_expect_success 'the order of input lines does not matter' '
	sort -t "$(printf "\t")" -k 3,3n -k 2,2r in.tsv | mf-convert --from=tsv | mf-split >b &&
	mf-split in.mf >a && mf-convert --to=tsv a >a.tsv && mf-convert --to=tsv b >b.tsv &&
	test_cmp a.tsv b.tsv
'

test_expect_success 'all, nothing' '
	test "$(cells test --test 1.0 in.mf)" -eq 465 &&
	test "$(cells train --test 0 in.mf)" -eq 465 &&
	test "$(cells valid --test 0 --valid 100% in.mf)" -eq 465
'

test_expect_success '--min-train leaves every user so many' '
	lines --test 1.0 --min-train 4 in.mf | awk "{ n[\$1]++; train[\$1] += \$4 == 0 }
		END { for (u in n) if (train[u] != (n[u] < 4 ? n[u] : 4)) exit 1 }"
'

test_expect_success 'per-user takes a rounded share' '
	lines --method=per-user --test .2 in.mf | awk "{ n[\$1]++; test[\$1] += \$4 == 2 }
		END { for (u in n) if (test[u] != int(n[u] * .2 + .5)) exit 1 }"
'

test_expect_success 'leave-out takes one of each, and the last cell of nobody' '
	lines --method=leave-out in.mf | awk "{ n[\$1]++; test[\$1] += \$4 == 2 }
		END { for (u in n) if (test[u] != (n[u] > 1)) exit 1 }" &&
	test "$(cells valid --method=leave-out --test 2 --valid 3 in.mf)" -eq 75
'

test_expect_success 'users: seven users, none of whose cells train' '
	lines --method=users --test 5 --valid 2 --fold-in .5 in.mf >users &&
	awk "{ n[\$1]++; f[\$1, \$4]++ }
		END { for (u in n) { held += f[u, 0] == 0; if (f[u, 0] && f[u, 0] != n[u]) exit 1
			if (f[u, 1] && f[u, 2]) exit 1 }
			exit held != 7 }" users
'

test_expect_success 'five folds test each cell once' '
	for i in 1 2 3 4 5
	do
		lines --folds 5 --fold $i --valid .2 in.mf | awk "\$4 == 2" | cut -f 1-3 || return 1
	done | sort >all && sort in.tsv >want && test_cmp want all
'

test_expect_success 'provenance has the split in its canonical form' '
	mf-split --test 25% --valid 1% --min-train 2 in.mf | mf-info --format=json |
	jq -c ".prov[-1] | [.tool, .options, .seed]" >got &&
	cat >want <<-\EOF &&
	["mf-split",{"method":"pairs","min-train":"2","test":"0.25","valid":"0.01"},1]
	EOF
	test_cmp want got
'

test_expect_success 'the line of mf-info is the same split again' '
	for args in "--method=users --test 12 --valid 3" "--test 100%" "--folds 7 --fold 7"
	do
		mf-split $args --seed 5 in.mf -o once.mf &&
		line=$(mf-info once.mf | sed -n "s/^ *\\(mf-split .*\\)#.*/\\1/p") &&
		sh -c "$line in.mf" >twice.mf && test_cmp once.mf twice.mf || return 1
	done
'

test_expect_success 'splitting a model drops its factors, and says so' '
	mf-split in.mf | mf-als -k 2 -p 2 -n 3 -o model.mf &&
	mf-split -v --seed 9 model.mf -o again.mf 2>notes &&
	grep -q "dropped the model card M" notes && grep -q "dropped the factors F" notes &&
	grep -q "dropped the training history h" notes &&
	mf-info --format=json again.mf | jq -e ".model == null and .sections.F == null" >/dev/null &&
	fails 1 "holds no model" mf-recommend again.mf
'

test_expect_success 'cells with times, many of them equal' '
	awk "BEGIN { for (u = 1; u <= 30; u++) for (i = 1; i <= u; i++)
		printf \"u%02d\\ti%02d\\t%d\\n\", u, i, (u * 37 + i * 11) % 23 - 5 }" >times &&
	python3 "$TOP/tests/cli/timed.py" times <in.mf >timed.mf
'

# Split by time: as the oracle does, from a file and from a pipe, with any threads.
by_time () { # METHOD TEST VALID MIN_TRAIN OPTION...
	python3 "$TOP/tests/cli/timed.py" --show <timed.mf |
		python3 "$TOP/tests/cli/times_oracle.py" "$1" "$2" "$3" "$4" >want.tsv &&
	method=$1 && shift 4 &&
	mf-split -q --method=$method "$@" timed.mf >file.mf &&
	cat timed.mf | mf-split -q -j 3 --seed 5 --method=$method "$@" >pipe.mf &&
	test_cmp file.mf pipe.mf &&
	python3 "$TOP/tests/cli/timed.py" --show <file.mf >got.tsv &&
	test_cmp want.tsv got.tsv
}

test_expect_success 'last: so many of each user, ties by item id, by hand' '
	printf "a\\tx\\t1\\na\\ty\\t1\\na\\tz\\t1\\nb\\tx\\t1\\nc\\tx\\t1\\nc\\ty\\t1\\n" |
		mf-convert --from=tsv -o few.mf &&
	printf "a\\tx\\t9\\na\\ty\\t9\\na\\tz\\t2\\nb\\tx\\t9\\nc\\tx\\t-1\\nc\\ty\\t-2\\n" >few.times &&
	python3 "$TOP/tests/cli/timed.py" few.times <few.mf >few.timed.mf &&
	mf-split --method=last few.timed.mf | mf-convert --to=tsv | cut -f 1,2,4 >got &&
	printf "a\\tx\\t0\\na\\ty\\t2\\na\\tz\\t0\\nb\\tx\\t0\\nc\\tx\\t2\\nc\\ty\\t0\\n" >want &&
	test_cmp want got &&
	mf-split --method=last --valid 1 few.timed.mf | mf-convert --to=tsv | cut -f 1,2,4 >got &&
	printf "a\\tx\\t1\\na\\ty\\t2\\na\\tz\\t0\\nb\\tx\\t0\\nc\\tx\\t0\\nc\\ty\\t0\\n" >want &&
	test_cmp want got
'

test_expect_success 'last agrees with the rules written down again' '
	by_time last 1 0 1 && by_time last 3 2 1 --test 3 --valid 2 &&
	by_time last 2 2 9 --test 2 --valid 2 --min-train 9 &&
	by_time last .25 .1 1 --test .25 --valid .1 &&
	by_time last .9 .1 4 --test 90% --valid 10% --min-train 4
'

test_expect_success 'before: one cut for all' '
	by_time before @5 @-1 0 --at 5 --valid-at -1 &&
	by_time before @0 0 0 --at 1970-01-01 &&
	by_time before @0 0 7 --at 1970-01-01T00:00:00Z --min-train 7 &&
	by_time before @4 .1 0 --at 4 --valid .1 &&
	by_time before .15 .0 0 && by_time before .2 .15 0 --test .2 --valid 15% &&
	by_time before .5 .5 3 --test .5 --valid .5 --min-train 3 &&
	by_time before .0 .3 0 --test 0 --valid .3 && by_time before 1.0 .0 0 --test 1.0
'

test_expect_success 'by time neither the order of the input nor the seed matters' '
	sort -k 3,3n -k 2,2r in.tsv | mf-convert --from=tsv |
		python3 "$TOP/tests/cli/timed.py" times >other.mf &&
	for args in "--method=last --test 2" "--method=before --test .3"
	do
		mf-split $args timed.mf | python3 "$TOP/tests/cli/timed.py" --show >a &&
		mf-split $args other.mf | python3 "$TOP/tests/cli/timed.py" --show >b &&
		test_cmp a b || return 1
	done
'

test_expect_success 'by time: provenance, which mf-info gives back' '
	mf-split --method=before --at 1970-01-01T00:00:05Z --valid-at 0 timed.mf -o cut.mf &&
	mf-info --format=json cut.mf | jq -c ".prov[-1] | [.options, .seed]" >got &&
	echo "[{\"at\":\"5\",\"method\":\"before\",\"min-train\":\"0\",\"valid-at\":\"0\"},null]" >want &&
	test_cmp want got &&
	for args in "--at 5 --valid-at -1" "--test .25 --valid .5" "--at -7 --valid 2%"
	do
		mf-split -q --method=before $args timed.mf -o once.mf &&
		line=$(mf-info once.mf | sed -n "s/^ *\\(mf-split .*\\)#.*/\\1/p") &&
		sh -c "$line timed.mf" >twice.mf && test_cmp once.mf twice.mf || return 1
	done
'

test_expect_success 'by time: no times, no test cells, wrong usage' '
	fails 1 "--columns U,I,V,F,T" mf-split --method=last in.mf &&
	fails 1 "--columns U,I,V,F,T" mf-split --method=before --at 5 in.mf &&
	fails 1 "--columns U,I,V,F,T" mf-split --method=before in.mf &&
	mf-split --method=before --at 2020-01-01 timed.mf 2>warning | mf-info --check &&
	grep -q "no cell is test" warning &&
	fails 2 "is no time" mf-split --method=before --at yesterday timed.mf &&
	fails 2 "--at: goes with --method=before" mf-split --at 5 timed.mf &&
	fails 2 "--valid-at: goes with --at" mf-split --method=before --valid-at 5 timed.mf &&
	fails 2 "--valid-at: not before --at" mf-split --method=before --at 5 --valid-at 5 timed.mf &&
	fails 2 "--test: goes not with --at" mf-split --method=before --at 5 --test .1 timed.mf &&
	fails 2 "--valid: goes not with --valid-at" \
		mf-split --method=before --at 5 --valid-at 4 --valid .1 timed.mf &&
	fails 2 "takes a fraction" mf-split --method=before --test 5 timed.mf &&
	fails 2 "both fractions" mf-split --method=last --test 1 --valid .1 timed.mf
'

test_expect_success 'wrong usage is refused before anything is read' '
	fails 2 "--test" mf-split --test 5 in.mf &&
	fails 2 "--test" mf-split --test 150% in.mf &&
	fails 2 "more than 1" mf-split --test .6 --valid .5 in.mf &&
	fails 2 "--test" mf-split --method=leave-out --test .5 in.mf &&
	fails 2 "--fold-in" mf-split --fold-in .5 in.mf &&
	fails 2 "--fold-in" mf-split --method=users --fold-in 1.0 in.mf &&
	fails 2 "--fold" mf-split --folds 5 in.mf &&
	fails 2 "--folds" mf-split --fold 1 in.mf &&
	fails 2 "--method" mf-split --method=random in.mf &&
	fails 2 "not a whole number" mf-split --min-train x in.mf &&
	fails 2 "unrecognized" mf-split --tset .1 in.mf
'

test_expect_success 'input that is no whole bundle is refused' '
	fails 1 "empty" mf-split /dev/null && fails 1 "not a bundle" mf-split in.tsv &&
	head -c 500 in.mf >cut.mf && fails 1 "cut" mf-split -o out.mf cut.mf &&
	! test -e out.mf && fails 1 "cannot open" mf-split missing.mf &&
	fails 1 "there are 30" mf-split --method=users --test 31 -o out.mf in.mf
'

test_expect_success REALDATA 'real ratings' '
	mf-convert --from=tsv --header "$DATA/hetrec2011-lastfm-2k/user_artists.dat" -o lastfm.mf &&
	test "$(mf-split --test .15 lastfm.mf | mf-info --format=json |
		jq ".folds.test / .nnz * 1000 | round")" -eq 150
'

# 12 cells of 3 users, 4 of each: which seed makes no cell validation is the hashes' affair.
test_expect_success 'where no cell is what was asked for, that is said, and what gives some' '
	for u in a b c; do printf "$u\t%s\t1\n" w x y z; done | mf-convert --from=tsv -o twelve.mf &&
	none () { mf-split "$@" >some.mf 2>err && mf-info --check some.mf && grep -qx "mf-split: no cell is $text" err; } &&
	text="validation: 1 % of 12 cells came to none; a larger --valid gives some, or --method=leave-out --valid 1, one of each user" &&
	none --test 20% --valid 1% twelve.mf &&
	text="test: 1 % of 12 cells came to none; a larger --test gives some, or --method=leave-out --test 1, one of each user" &&
	none --test 1% twelve.mf && none --method=per-user --test .01 twelve.mf &&
	text="test: 0.1 % of 3 users came to none; a larger --test gives some, or --method=leave-out --test 1, one of each user" &&
	none --method=users --test .001 twelve.mf &&
	text="validation: no user has as many cells as --test, --valid and --min-train ask for" && none --method=leave-out --valid 3 twelve.mf &&
	test $(wc -l <err) -eq 2 &&
	printf "a\tx\t1\nb\tx\t1\n" | mf-convert --from=tsv -o ones.mf &&
	text="test: the users held out have so few cells that all are fold-in" && none --method=users --test 1 ones.mf &&
	mf-split --method=leave-out --valid 1 twelve.mf >some.mf 2>err && test_must_be_empty err &&
	mf-split --test 0 --valid 0 twelve.mf >some.mf 2>err && test_must_be_empty err &&
	mf-split --test 0 twelve.mf >some.mf 2>err && test_must_be_empty err &&
	mf-split -q --test 1% twelve.mf >some.mf 2>err && test_must_be_empty err
'
test_expect_success 'a year or a date without dashes is no number of seconds; no cell for training is said' '
	printf "a\tx\t1\t5\na\ty\t2\t9\n" | mf-convert --from=tsv --columns=1,2,3,,4 -o two.mf &&
	for at in 2009 20090504
	do
		fails 2 "is no time" mf-split --method=before --at $at two.mf || return 1
	done &&
	mf-split --method=before --at 3000 two.mf >none.mf 2>err && grep -q "no cell is test; an earlier --at gives some" err &&
	mf-split --method=before --at 8 --valid-at 6 two.mf >none.mf 2>err && grep -q "no cell is validation; an earlier --valid-at gives some" err &&
	mf-split --method=before --at 0 two.mf >all.mf 2>err && grep -q "no cell is training" err &&
	mf-als -k 2 -p 1 -q all.mf -o all.model && mf-als -k 2 -p 1 all.mf 2>err >x && grep -q "no cell is training" err &&
	mf-eval -m hr@1 all.model >x && grep -q "of 1 user with relevant test cells all.model knows nothing" x
'
test_done
