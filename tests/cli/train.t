#!/bin/sh
test_description='mf-als: log, watching, stopping, checkpoints, factors alone, warm starts'
. "$(dirname "$0")/setup.sh"

test_expect_success 'a data set, split' '
	msd-synth --users 250 --artists 150 --tracks tracks.txt -o triplets.txt &&
	msd-aggregate --tracks tracks.txt triplets.txt -o counts.mf &&
	mf-split --test 0.15 --valid 0.15 counts.mf -o split.mf &&
	mf-split --test 0.15 counts.mf -o no-valid.mf
'

# card KEY FILE: a value of the model card.
card () {
	mf-info --format=json "$2" | python3 -c "import json, sys; print(json.load(sys.stdin)[\"model\"][\"$1\"])"
}

# --- log ---

test_expect_success 'the log has an object for every half-sweep, and its clock goes forward' '
	mf-als -k 6 -p 2 -n 5 --warmup 2 --log log.jsonl split.mf -o model.mf &&
	python3 - <<-"EOP"
	import json
	rows = [json.loads(line) for line in open("log.jsonl")]
	keys = "iteration half loss prediction users items rmse valid moved seconds".split()
	assert all(list(row) == keys for row in rows)
	halves = [(row["iteration"], row["half"]) for row in rows]
	want = [(0, "start")]
	for i in range(1, 6):
	    want += [(i, "items"), (i, "users")] + [(i, "cluster")] * (i == 2)
	assert halves == want, halves
	seconds = [row["seconds"] for row in rows]
	assert seconds == sorted(seconds) and 0 <= seconds[0] and seconds[-1] < 60
	for row in rows:
	    assert abs(row["prediction"] + row["users"] + row["items"] - row["loss"]) < 1e-6 * row["loss"]
	    assert (row["valid"] is None) == (row["half"] == "items")
	EOP
'

test_expect_success 'neither log nor checkpoint changes the model, and no clock is in it' '
	mf-als -k 6 -p 2 -n 5 --warmup 2 --log log2.jsonl --checkpoint c.ck -j 3 split.mf -o other.mf &&
	test_cmp model.mf other.mf && ! cmp -s log.jsonl log2.jsonl
'

test_expect_success 'a log on a full disk is an error' '
	fails 1 "/dev/full" mf-als -k 4 -n 2 --log /dev/full split.mf &&
	test_must_fail mf-als -k 4 -n 2 --log /dev/full split.mf -o never.mf && ! test -e never.mf
'

# --- watching ---

test_expect_success 'what is watched is what mf-eval measures' '
	# the same cells held out, once to validate and once to test
	mf-split --seed 7 --test 0.15 --valid 0.0 counts.mf -o as-test.mf &&
	mf-split --seed 7 --test 0.0 --valid 0.15 counts.mf -o as-valid.mf &&
	mf-als -k 6 -p 2 -n 5 as-test.mf -o as-test-model.mf &&
	for metric in ndcg@100 recall@20 mrr mae rmse
	do
		mf-als -k 6 -p 2 -n 5 --watch $metric --log log.jsonl as-valid.mf -o as-valid-model.mf &&
		test "$(card watch as-valid-model.mf)" = $metric &&
		mf-eval --bootstrap 0 -m $metric --no-header --format=tsv as-test-model.mf | cut -f 2 >want &&
		python3 -c "
import json
got = json.loads(open(\"log.jsonl\").readlines()[-1])[\"valid\"]
want = float(open(\"want\").read())
assert abs(got - want) < 1e-8 * want, (got, want)" || return 1
	done
'

test_expect_success 'whole users held out to validate are folded in, as mf-eval does' '
	mf-split --method=users --seed 7 --test 0.2 --valid 0.0 --fold-in 0.5 counts.mf -o as-test.mf &&
	mf-split --method=users --seed 7 --test 0.0 --valid 0.2 --fold-in 0.5 counts.mf -o as-valid.mf &&
	for settings in "-n 4 -p 2" "-p 2 --warmup 5 -n 5" "-n 4 --preset=explicit -p 3" "-n 4 --preset=wrmf -p 1"
	do
		case $settings in *preset*) $(sampled false true) && continue ;; esac
		mf-als -k 6 $settings as-test.mf -o as-test-model.mf &&
		for metric in ndcg@100 rmse
		do
			mf-als -k 6 $settings --watch $metric --log log.jsonl as-valid.mf -o /dev/null &&
			mf-als -k 6 $settings --watch $metric -j 1 --log log1.jsonl as-valid.mf -o /dev/null &&
			mf-eval --bootstrap 0 -m $metric --no-header --format=tsv as-test-model.mf | cut -f 2 >want &&
			python3 -c "
import json
got = [json.loads(open(f).readlines()[-1])[\"valid\"] for f in (\"log.jsonl\", \"log1.jsonl\")]
want = float(open(\"want\").read())
assert got[0] == got[1] and abs(got[0] - want) < 1e-8 * want, (got, want)" || return 1
		done || return 1
	done
'

test_expect_success 'the metric follows the target, and there is none without validation cells' '
	mf-als -k 4 -n 2 split.mf | card watch - >got && echo ndcg@100 >want && test_cmp want got &&
	mf-als -k 4 -n 2 --preset=study split.mf | card watch - >got && echo rmse >want && test_cmp want got &&
	mf-als -k 4 -n 2 no-valid.mf | card watch - >got && echo None >want && test_cmp want got
'

# --- stopping ---

test_expect_success 'patience: the factors of the best sweep are kept, not those of the last' '
	mf-als -v -k 24 -p 3 -u .1 -l 0.0001 -n 30 --warmup 3 --patience 2 --log log.jsonl split.mf -o patient.mf 2>notes &&
	best=$(card best patient.mf) &&
	python3 -c "
import json
rows = [json.loads(line) for line in open(\"log.jsonl\")]
valid = [(r[\"valid\"], r[\"iteration\"]) for r in rows
         if r[\"half\"] == \"cluster\" or r[\"half\"] == \"users\" and r[\"iteration\"] > 3]
top = max(v for v, i in valid)
best = min(i for v, i in valid if v == top)
assert best == $best and best < rows[-1][\"iteration\"] < 30, (best, rows[-1][\"iteration\"])
assert rows[-1][\"iteration\"] == best + 2" &&
	grep -q "stopped after $((best + 2)) sweeps" notes && grep -q "after sweep $best are kept" notes &&
	mf-als -k 24 -p 3 -u .1 -l 0.0001 -n $best --warmup 3 split.mf -o short.mf &&
	mf-recommend --format=json patient.mf >a && mf-recommend --format=json short.mf >b && test_cmp a b
'

test_expect_success 'histories are divided after the sweep that is kept' '
	mf-als -v -k 24 -p 3 -u .1 -l 0.0001 -n 30 --patience 2 --log log.jsonl split.mf -o last.mf 2>notes &&
	best=$(card best last.mf) &&
	python3 -c "
import json
rows = [json.loads(line) for line in open(\"log.jsonl\")]
valid = [r[\"valid\"] for r in rows if r[\"half\"] == \"users\"]
best = 1 + valid.index(max(valid))
assert best == $best and len(valid) == best + 2 < 30, (best, len(valid))
assert (rows[-1][\"half\"], rows[-1][\"iteration\"]) == (\"cluster\", best), rows[-1]
assert all(r[\"half\"] != \"cluster\" for r in rows[:-1])" &&
	test "$(card warmup last.mf)" = 30 && mf-info last.mf | grep -q "warmup=all\|warmup all" &&
	mf-als -k 24 -p 3 -u .1 -l 0.0001 -n $best split.mf -o short.mf &&
	mf-als -k 24 -p 3 -u .1 -l 0.0001 -n $best --warmup all split.mf -o same.mf && test_cmp short.mf same.mf &&
	mf-als -k 24 -p 3 -u .1 -l 0.0001 -n $best --warmup $best split.mf -o same.mf &&
	mf-recommend --format=json last.mf >a && mf-recommend --format=json short.mf >b && test_cmp a b &&
	mf-recommend --format=json same.mf >b && test_cmp a b
'

test_expect_success 'patience that is not tried keeps the best all the same' '
	mf-als -k 24 -p 3 -u .1 -l 0.0001 -n 12 --warmup 3 --patience 100 split.mf -o patient2.mf &&
	test "$(card best patient2.mf)" = "$(card best patient.mf)"
'

test_expect_success 'patience without validation cells is an error that says what to do' '
	fails 1 "mf-split --valid" mf-als -k 4 --patience 2 no-valid.mf
'

test_expect_success 'tol: training stops where the loss falls by less' '
	mf-als -v -k 6 -p 2 -n 40 --warmup 10 --tol 1e-3 --log log.jsonl split.mf -o tol.mf 2>notes &&
	grep -q "the loss hardly falls" notes &&
	python3 - <<-"EOP"
	import json
	rows = [json.loads(line) for line in open("log.jsonl")]
	loss = [r["loss"] for r in rows if r["half"] == "cluster" or r["half"] == "users" and r["iteration"] > 10]
	falls = [1 - b / a for a, b in zip(loss, loss[1:])]
	assert falls[-1] < 1e-3 and all(f >= 1e-3 for f in falls[:-1]) and len(falls) < 30, falls
	EOP
'

# --- checkpoints ---

# interrupted OPTION...: killed at several moments, and gone on with, training
# ends in the bytes of an undisturbed run.
interrupted () {
	mf-als "$@" --log whole.jsonl split.mf -o whole.mf || return 1
	for delay in 0 0.04 0.15
	do
		rm -f run.ck run.mf run.jsonl
		mf-als "$@" -j 2 --checkpoint run.ck split.mf -o run.mf &
		pid=$!
		while ! test -e run.ck && kill -0 $pid 2>/dev/null
		do sleep 0.01
		done
		sleep $delay
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
		test -e run.mf && rm run.mf
		mf-als "$@" -j 3 --checkpoint run.ck --resume run.ck --log run.jsonl split.mf -o run.mf &&
		test_cmp whole.mf run.mf && test $(wc -l <whole.jsonl) = $(wc -l <run.jsonl) || return 1
	done
	rm -f .run.mf.* .run.ck.*
}

test_expect_success 'killed at any moment and resumed: the same bytes' '
	interrupted -k 16 -p 3 -n 20
'
test_expect_success 'the same with patience, where the best has to be remembered' '
	interrupted -k 24 -p 3 -l 0.0001 -n 20 --warmup 3 --patience 12
'
test_expect_success 'the same for the study, and with one persona' '
	interrupted --preset=study -k 8 -p 2 -n 15 &&
	interrupted -k 16 -p 1 -n 25
'

test_expect_success 'a checkpoint of every sweep, warm-up and all, can be taken up, also with a larger -n' '
	mf-als -k 6 -p 3 -n 9 --warmup 4 --patience 1000 split.mf -o nine.mf &&
	for n in 4 5 8 9
	do
		mf-als -k 6 -p 3 -n $n --warmup 4 --patience 1000 --checkpoint at.ck split.mf -o early.mf &&
		mf-als -k 6 -p 3 -n 9 --warmup 4 --patience 1000 --resume at.ck split.mf -o late.mf &&
		test_cmp nine.mf late.mf || return 1
	done &&
	fails 1 "9 sweeps already" mf-als -k 6 -p 3 -n 8 --warmup 4 --patience 1000 --resume at.ck split.mf
'

test_expect_success 'a run that had stopped stays stopped' '
	mf-als -k 24 -p 3 -u .1 -l 0.0001 -n 30 --warmup 3 --patience 2 --checkpoint at.ck split.mf -o first.mf &&
	mf-als -k 24 -p 3 -u .1 -l 0.0001 -n 30 --warmup 3 --patience 2 --resume at.ck split.mf -o again.mf &&
	test_cmp first.mf again.mf && test_cmp first.mf patient.mf
'

test_expect_success 'a checkpoint of other options or ratings is refused, with what differs' '
	mf-als -k 6 -p 3 -n 4 --checkpoint at.ck split.mf -o early.mf &&
	fails 1 "factors 6, not 7" mf-als -k 7 -p 3 -n 4 --resume at.ck split.mf &&
	fails 1 "overlap 0.5, not 0.3" mf-als -k 6 -p 3 -n 4 -w 0.3 --resume at.ck split.mf &&
	fails 1 "patience nothing, not 2; only -n may differ, and --patience depends on it: give both" \
		mf-als -k 6 -p 3 -n 4 --patience 2 --resume at.ck split.mf &&
	fails 1 "warmup all, not 4; only -n may differ" \
		mf-als -k 6 -p 3 -n 12 --warmup 4 --resume at.ck split.mf &&
	mf-als -k 6 -p 3 -n 12 --resume at.ck split.mf -o later.mf &&
	mf-als -k 6 -p 3 -n 12 split.mf -o whole.mf && test_cmp whole.mf later.mf &&
	fails 1 "seed 1, not 2" mf-als -k 6 -p 3 -n 4 --seed 2 --resume at.ck split.mf &&
	mf-split --seed 9 --test 0.15 --valid 0.15 counts.mf -o other-split.mf &&
	fails 1 "other ratings" mf-als -k 6 -p 3 -n 4 --resume at.ck other-split.mf &&
	mf-als -k 6 -p 3 -n 4 --resume at.ck --factors-only split.mf | mf-info --check
'

test_expect_success 'what is no checkpoint, or a damaged one, is refused' '
	fails 1 "not a checkpoint" mf-als -k 6 -p 3 -n 4 --resume split.mf split.mf &&
	fails 1 "cannot open" mf-als --resume none.ck split.mf &&
	: >empty.ck && fails 1 "not a checkpoint" mf-als -k 6 -p 3 -n 4 --resume empty.ck split.mf &&
	size=$(wc -c <at.ck) &&
	for cut in 1 100 $((size / 2)) $((size - 1)) $((size - 13))
	do
		head -c $cut at.ck >cut.ck &&
		fails 1 "cut.ck" mf-als -k 6 -p 3 -n 4 --resume cut.ck split.mf || return 1
	done &&
	cat at.ck at.ck >twice.ck &&
	fails 1 "twice.ck" mf-als -k 6 -p 3 -n 4 --resume twice.ck split.mf &&
	fails 1 "not a bundle" mf-info at.ck
'

test_expect_success 'a checkpoint that cannot be written is an error, and the old one stays' '
	cp at.ck keep.ck && mkdir folder &&
	fails 1 "no-such-folder/c.ck" mf-als -k 4 -n 2 --checkpoint no-such-folder/c.ck split.mf &&
	fails 2 "folder" mf-als -k 4 -n 2 --checkpoint folder split.mf &&
	(ulimit -f 8 && ! mf-als -k 32 -p 3 -n 4 --checkpoint at.ck split.mf >never.mf) &&
	test_cmp keep.ck at.ck && test $(ls -A | grep -c "^\.at\.ck") = 0
'

# --- factors alone ---

test_expect_success 'factors alone, joined with their ratings, are the model' '
	for options in "-p 1" "-p 3" "-p 2 --preset=study"
	do
		mf-als -k 6 -n 4 $options split.mf -o plain.mf &&
		mf-als -k 6 -n 4 $options --factors-only split.mf -o factors.mf &&
		mf-info --check factors.mf && test $(wc -c <factors.mf) -lt $(wc -c <plain.mf) &&
		mf-convert --join split.mf factors.mf -o joined.mf && test_cmp plain.mf joined.mf &&
		mf-convert --join factors.mf split.mf -o joined.mf && test_cmp plain.mf joined.mf || return 1
	done
'

test_expect_success 'factors alone are evaluated with their ratings, and with no others' '
	mf-eval --no-header --format=tsv plain.mf | cut -f 1-5,7- >want &&
	mf-eval --no-header --format=tsv --ratings split.mf factors.mf | cut -f 1-5,7- >got && test_cmp want got &&
	mf-eval --no-header --format=tsv --ratings - factors.mf <split.mf | cut -f 1-5,7- >got && test_cmp want got &&
	mf-eval --baseline=popularity --no-header --format=tsv plain.mf plain.mf | cut -f 1-5,7,9 >want &&
	mf-eval --baseline=popularity --no-header --format=tsv --ratings split.mf factors.mf plain.mf | cut -f 1-5,7,9 >got &&
	test_cmp want got &&
	fails 1 "factors but no ratings" mf-eval factors.mf &&
	fails 1 "not trained on the training cells of other-split.mf" mf-eval --ratings other-split.mf factors.mf &&
	fails 1 "no model" mf-eval --ratings split.mf split.mf &&
	fails 1 "factors but no ratings" mf-eval --ratings factors.mf factors.mf &&
	fails 1 "cannot open" mf-eval --ratings none.mf factors.mf &&
	fails 2 "only once" mf-eval --ratings - - <split.mf
'

test_expect_success 'held-out users are folded in from the ratings beside the factors' '
	mf-split --method=users --test 0.2 --valid 0.1 --fold-in 0.5 counts.mf -o by-user.mf &&
	mf-als -k 6 -p 2 -n 4 by-user.mf -o by-user-model.mf &&
	mf-als -k 6 -p 2 -n 4 --factors-only by-user.mf -o by-user-factors.mf &&
	mf-eval --no-header --format=tsv by-user-model.mf | cut -f 1-5,7- >want &&
	mf-eval --no-header --format=tsv --ratings by-user.mf by-user-factors.mf | cut -f 1-5,7- >got && test_cmp want got &&
	mf-als -k 4 -n 2 --patience 1 --watch rmse by-user.mf | mf-info --check
'

test_expect_success 'factors alone recommend where nobody asks what was seen' '
	mf-recommend --no-fallback --include-seen plain.mf >want && mf-recommend --no-fallback --include-seen factors.mf >got &&
	test_cmp want got &&
	fails 1 "factors but no ratings" mf-recommend factors.mf &&
	fails 1 "factors but no ratings" mf-als factors.mf &&
	fails 1 "pipe it through mf-als" mf-recommend --include-seen split.mf
'

# --- warm starts ---

test_expect_success 'splitting a plain model is the start that mf-als makes itself' '
	mf-als -k 6 -p 1 -n 4 split.mf -o one.mf &&
	mf-als -k 6 -p 3 -n 3 --init one.mf split.mf -o from-one.mf &&
	mf-als -k 6 -p 3 -n 7 --warmup 4 split.mf -o all.mf &&
	mf-recommend from-one.mf >a && mf-recommend all.mf >b && test_cmp a b &&
	test "$(card init from-one.mf)" = model && test "$(card warmup from-one.mf)" = 0 &&
	mf-info --format=json from-one.mf | grep -q "\"name\": \"init\""
'

test_expect_success 'the same number of personas goes on where the model was' '
	mf-als -k 6 -p 3 -n 6 --warmup 4 split.mf -o six.mf &&
	mf-als -k 6 -p 3 -n 3 --init six.mf split.mf -o nine1.mf &&
	mf-als -k 6 -p 3 -n 9 --warmup 4 split.mf -o nine2.mf &&
	mf-recommend nine1.mf >a && mf-recommend nine2.mf >b && test_cmp a b &&
	mf-als -k 6 -p 3 -n 6 --warmup 4 --factors-only split.mf -o six-factors.mf &&
	mf-als -k 6 -p 3 -n 3 --init six-factors.mf split.mf -o nine3.mf &&
	mf-recommend nine3.mf >b && test_cmp a b &&
	mf-als -k 6 -p 3 -n 0 --init six.mf split.mf -o six2.mf &&
	mf-recommend six.mf >a && mf-recommend six2.mf >b && test_cmp a b
'

test_expect_success 'two personas become four, for any threads, and resumed' '
	mf-als -k 6 -p 2 -n 5 split.mf -o two.mf &&
	mf-als -k 6 -p 4 -n 3 --init two.mf -j 1 --log log.jsonl split.mf -o four.mf &&
	mf-info --check four.mf && test "$(card p four.mf)" = 4 &&
	mf-als -k 6 -p 4 -n 3 --init two.mf -j 3 split.mf -o again.mf && test_cmp four.mf again.mf &&
	mf-als -k 6 -p 4 -n 1 --init two.mf --checkpoint at.ck split.mf -o early.mf &&
	mf-als -k 6 -p 4 -n 3 --init two.mf --resume at.ck split.mf -o late.mf && test_cmp four.mf late.mf &&
	fails 1 "another --init model" mf-als -k 6 -p 4 -n 3 --init one.mf --resume at.ck split.mf &&
	python3 -c "
import json
loss = [json.loads(l)[\"loss\"] for l in open(\"log.jsonl\")]
assert all(b <= a * (1 + 1e-6) for a, b in zip(loss, loss[1:])), loss"
'

test_expect_success 'users and items are matched by name; strangers are placed, others dropped' '
	mf-convert --to=tsv --part=ratings counts.mf -o all.tsv &&
	users=$(cut -f 1 all.tsv | sort -u | wc -l) &&
	awk -F "\t" "{ print \$2 \"\t\" \$0 }" all.tsv | sort | cut -f 2- |
		awk -F "\t" "NR % 7 { print }" >most.tsv &&
	cut -f 1 most.tsv | sort -u | awk "NR % 5" >some-users &&
	awk -F "\t" "NR == FNR { keep[\$1] = 1; next } keep[\$1]" some-users most.tsv >some.tsv &&
	mf-convert --from=tsv some.tsv | mf-als -k 6 -p 3 -n 8 -o old.mf &&
	awk -F "\t" "{ print } NR % 30 == 0 { print \$1 \"\tnew item\t1\" }" all.tsv >grown.tsv &&
	mf-convert --from=tsv --duplicates=sum grown.tsv | mf-split --test 0.15 -o grown.mf &&
	mf-als -k 6 -p 3 -n 4 --init old.mf --log log.jsonl grown.mf -o warm.mf && mf-info --check warm.mf &&
	mf-als -k 6 -p 3 -n 0 --init old.mf grown.mf -o start.mf &&
	mf-eval --bootstrap 0 -m ndcg@100 --no-header --format=tsv warm.mf | cut -f 2 >warm &&
	mf-als -k 6 -p 3 -n 12 grown.mf | mf-eval --bootstrap 0 -m ndcg@100 --no-header --format=tsv | cut -f 2 >cold &&
	python3 -c "
import json
loss = [json.loads(l)[\"loss\"] for l in open(\"log.jsonl\")]
assert all(b <= a * (1 + 1e-6) for a, b in zip(loss, loss[1:])), loss
warm, cold = float(open(\"warm\").read()), float(open(\"cold\").read())
assert warm > 0.9 * cold, (warm, cold)" &&
	# strangers have several personas too
	mf-als -k 6 -p 3 -n 4 --init old.mf grown.mf | mf-recommend --top 3 - >lists &&
	test $(cut -f 1 lists | sort -u | wc -l) = $users
'

# user, item, value, fold: of the eight cells that are held out, the first start has seen
# the three that are on the diagonal of users 0, 3 and 4
test_expect_success 'a start that has seen what is held out is told' '
	awk "BEGIN { for (u = 0; u < 8; u++) for (i = 0; i < 5; i++) print \"u\" u \"\ti\" i \"\t1\t\" (i == u % 5 ? 1 + u % 2 : 0) }" >folds.tsv &&
	awk -F "\t" "\$4 == 0 || /^u[034]/" folds.tsv | cut -f 1-3 >before.tsv &&
	mf-convert --from=tsv --columns=1,2,3,4 folds.tsv -o folds.mf && mf-convert --from=tsv before.tsv -o before.mf &&
	mf-als -k 2 -p 1 -n 2 before.mf -o seen.mf && mf-als -k 2 -p 1 -n 2 --factors-only before.mf -o seen-factors.mf &&
	mf-als -k 2 -p 1 -n 2 folds.mf -o same.mf && mf-als -k 2 -p 1 -n 2 --factors-only folds.mf -o same-factors.mf &&
	mf-als -k 2 -p 1 -n 1 --init seen.mf folds.mf -o out.mf 2>err && test $(wc -l <err) -eq 1 &&
	grep -q "^mf-als: seen.mf: this start was trained on 3 of the 8 cells that are held out here" err &&
	mf-als -q -k 2 -p 1 -n 1 --init seen.mf folds.mf -o out2.mf 2>err && test_must_be_empty err && test_cmp out.mf out2.mf &&
	mf-als -k 2 -p 1 -n 1 --init seen-factors.mf folds.mf -o out.mf 2>err && test $(wc -l <err) -eq 1 && grep -q "cannot be told" err &&
	for start in same same-factors
	do mf-als -k 2 -p 1 -n 1 --init $start.mf folds.mf -o out.mf 2>err && test_must_be_empty err || return 1
	done &&
	for start in seen seen-factors # nothing is held out of these
	do mf-als -k 2 -p 1 -n 1 --init $start.mf before.mf -o out.mf 2>err && test_must_be_empty err || return 1
	done
'

test_expect_success 'what cannot be a start is refused' '
	fails 1 "has 6 factors, not 8" mf-als -k 8 -p 3 --init one.mf split.mf &&
	fails 1 "4 personas, more than 3" mf-als -k 6 -p 3 --init four.mf split.mf &&
	fails 1 "no model to start from" mf-als -k 6 --init split.mf split.mf &&
	fails 1 "cannot open" mf-als -k 6 --init none.mf split.mf &&
	fails 2 "warmup" mf-als -k 6 --warmup 3 --init one.mf split.mf &&
	fails 2 "only once" mf-als -k 6 --init - <one.mf &&
	printf "a\tb\t1\n" | mf-convert --from=tsv -o strange.mf &&
	fails 1 "none of the items" mf-als -k 6 -p 3 --init one.mf strange.mf
'

# --- how far apart ---

test_expect_success 'personas that collapsed are seen: agreement and entropy' '
	mf-als -k 6 -p 3 -w 1 -n 6 split.mf -o same.mf &&
	mf-als -v -k 6 -p 3 -w 0 --shrink 0 -n 6 split.mf -o apart.mf 2>notes &&
	grep -q "personas: two of a user agree on .* % of their first 20 items; entropy" notes &&
	mf-info apart.mf | grep -q "^personas .*% of log2 p" &&
	python3 -c "
import math
same, apart, even = $(card agreement same.mf), $(card agreement apart.mf), $(card entropy apart.mf)
assert same > 0.999 and apart < 0.9 and 0 < even <= math.log2(3), (same, apart, even)" &&
	test "$(card agreement one.mf)" = None && ! mf-info one.mf | grep -q "^personas"
'

test_expect_success 'wrong usage' '
	fails 2 "is no metric" mf-als --watch best split.mf &&
	fails 2 "one metric is enough" mf-als --watch mrr,rmse split.mf &&
	fails 2 "--patience" mf-als --patience few split.mf &&
	fails 2 "--tol" mf-als --tol 2 split.mf &&
	fails 2 "allow an argument" mf-als --factors-only=1 split.mf &&
	fails 1 "no-such-folder" mf-als --log no-such-folder/log split.mf
'

test_done
