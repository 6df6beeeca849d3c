#!/bin/sh
test_description='mf-eval --lists: what other programs recommend; tables; sampled metrics'
. "$(dirname "$0")/setup.sh"
oracle () { PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/cli/eval_lists_oracle.py" "$@"; }

# --- by hand ---

# a: i2 first, then what nobody knows, then i3. b: what b has heard, then i1. c: nothing.
test_expect_success 'three users and their lists' '
	printf "%s\t%s\t1\t%s\n" a i1 0 a i6 1 a i2 2 a i3 2 b i2 0 b i1 2 c i3 0 c i4 2 c i5 2 d i1 0 >cells.tsv &&
	mf-convert --from=tsv --columns=1,2,3,4 cells.tsv -o split.mf &&
	printf "%s\t%s\t%s\n" a i2 .9 a x .8 a i3 .7 b i2 .9 b i1 .5 d i2 1 z i1 1 >l.tsv
'
M=precision@2,recall@3,recall-all@1,hr@1,ndcg@3,map@3,mrr
# ndcg@3 = (1.5 / (1 + 1 / log2 3 ) + 1 / log2 3 + 0) / 3, map@3 = ((1 + 2/3) / 2 + 1/2 + 0) / 3
cat >want <<"END"
precision@2	0.333333
recall@3	0.666667
recall-all@1	0.166667
hr@1	0.333333
ndcg@3	0.516884
map@3	0.444444
mrr	0.5
END
# measured FILE: its values, in six digits.
measured () {
	mf-eval -m $M --ratings split.mf --no-header --format=tsv --lists "$1" 2>said >measured.tsv &&
	awk -F "\t" '{ printf "%s\t%.6g\n", $1, $2 }' measured.tsv
}
test_expect_success 'the values are those worked out by hand' '
	measured l.tsv >got && test_cmp want got
'
cat >want.words <<"END"
mine has no list for 1 of 3 users: this one counts 0
mine: 1 user is not in split.mf, such as 'z', and left out
mine: 1 item is not in split.mf, such as 'x'; 1 place of these lists is a miss for them
mine: 1 place holds what the user knows already, 0 of them from validation cells: misses, which a list of what is new does not have
mine: lists of 2 to 3 items, beyond which mrr cannot see
lists have no auc and rmse: that takes the scores, vectors or personas of a model
END
cat >want.json <<"END"
{"model":"mine","lists":2,"missing":1,"shortest":2,"longest":3,"unknown_users":1,"unknown_items":1,
 "unknown_places":1,"known_places":1,"validation_places":0,"repeated_places":0,"tied_lists":0,"tied_places":0,"taken_as_ranks":false}
END
test_expect_success 'what is wrong with a list is counted, and said' '
	mf-eval -m $M,auc,rmse --ratings split.mf --lists l.tsv=mine >text &&
	grep -E "^(mine:|mine has|lists have)" text >got && test_cmp want.words got &&
	grep -qx "relevant: test cells above 0, by the values in split.mf; every user has some" text &&
	mf-eval -m $M,auc,rmse --ratings split.mf --lists l.tsv=mine --format=tsv >tsv 2>err &&
	sed "s/^mf-eval: warning: //; s/^mf-eval: //" err >got && test_cmp want.words got &&
	mf-eval -q -m $M --ratings split.mf --lists l.tsv=mine --format=tsv 2>err >quiet && test_must_be_empty err &&
	mf-eval -m $M --ratings split.mf --lists l.tsv=mine --format=json 2>err >json && test_must_be_empty err &&
	jq -Sc ".lists[0]" json >got && jq -Sc . want.json | test_cmp - got
'

# --- formats ---

test_expect_success 'the same lists in other formats have the same values' '
	printf "%s Q0 %s %s %s tag\n" a i3 1 .7 a i2 9 .9 a x 2 .8 b i2 1 .9 b i1 2 .5 >l.run && measured l.run >got && test_cmp want got &&
	tr " " "\t" <l.run >tabs.run && measured tabs.run >got && test_cmp want got &&
	printf "%s\t%s\n" a i2 a x a i3 b i2 b i1 >two.tsv && measured two.tsv >got && test_cmp want got &&
	{ echo "item	rank	User_ID	score"; printf "%s\t%s\t%s\t1\n" i3 3 a x 2 a i2 1 a i1 5 b i2 4 b; } >named.tsv &&
	measured named.tsv >got && test_cmp want got &&
	{ printf "q_id,doc_id,score\r\n"; printf "\"a\",\"%s\",%s\r\n" i2 0.9 x .8 i3 .7; printf "b,\"%s\",%s\r\n" i2 9e-1 i1 5e-1; } >l.csv &&
	measured l.csv >got && test_cmp want got &&
	printf "%s,%s,%s\n" a i2 .9 a x .8 a i3 .7 b i2 .9 b i1 .5 >bare.csv && measured bare.csv >got && test_cmp want got &&
	{ printf "\357\273\277"; cat l.tsv; } >bom.tsv && measured bom.tsv >got && test_cmp want got &&
	{ cat l.tsv; echo; } >blank.tsv && measured blank.tsv >got && test_cmp want got &&
	gzip -k l.tsv && measured l.tsv.gz >got && test_cmp want got &&
	measured - <l.tsv >got && test_cmp want got &&
	{ echo "{\"user\":\"a\",\"items\":[{\"item\":\"i2\"},{\"item\":\"x\"},{\"item\":\"i3\"}]}"
	  echo "{\"user\":\"b\",\"items\":[{\"item\":\"i2\"},{\"item\":\"i1\"}]}"; } >l.json && measured l.json >got && test_cmp want got
'
test_expect_success 'names of columns as mf-convert and other programs have them' '
	for names in customer,book,est user_id,isbn,pred uid,iid,Prediction reviewerID,asin,estimate topic,docno,sim
	do
		{ echo $names; tr "\t" "," <l.tsv; } >l.csv && measured l.csv >got && test_cmp want got || { echo $names; return 1; }
	done &&
	{ echo user,item,item_id,score; awk "{ print \$1 \",\" \$2 \",7,\" \$3 }" l.tsv; } >l.csv && measured l.csv >got && test_cmp want got
'
test_expect_success 'lines in any order: those of a user apart, and shuffled' '
	for seed in 1 2 3
	do
		awk -v s=$seed "BEGIN { srand(s) } { print rand() \"\t\" \$0 }" l.tsv | sort -n | cut -f 2- >shuffled.tsv &&
		measured shuffled.tsv >got && test_cmp want got || return 1
	done
'
test_expect_success 'a third field that counts up is the rank, and that is said; one that counts down is a score' '
	printf "%s\t%s\t%s\n" a i2 1 a x 2 a i3 3 b i2 1 b i1 2 >up.tsv && measured up.tsv >got && test_cmp want got &&
	grep -q "up.tsv: the third field counts 1, 2, 3 ... in every list, and is taken as the rank" said &&
	printf "%s\t%s\t%s\n" a i2 0 a x 1 a i3 2 b i2 0 b i1 1 >zero.tsv && measured zero.tsv >got && test_cmp want got &&
	grep -q "zero.tsv: the third field counts 0, 1, 2 ... in every list, and is taken as the rank" said &&
	printf "%s\t%s\t%s\n" a i2 3 a x 2 a i3 1 b i2 2 b i1 1 >down.tsv && measured down.tsv >got && test_cmp want got &&
	! grep -q "taken as the rank" said &&
	printf "%s\t%s\t%s\n" a x 2 a i2 1 a i3 3 b i2 1 b i1 2 >either.tsv &&
	fails 1 "may be ranks or scores" mf-eval --ratings split.mf --lists either.tsv &&
	fails 1 "it holds 1, 2, 3 ... in every list; say which" mf-eval --ratings split.mf --lists either.tsv &&
	awk "{ print \$1 \"\t\" \$2 \"\t\" \$3 - 1 }" either.tsv >below.tsv &&
	fails 1 "it holds 0, 1, 2 ... in every list; say which" mf-eval --ratings split.mf --lists below.tsv &&
	{ printf "user\titem\trank\n"; cat either.tsv; } >named.tsv && measured named.tsv >got && test_cmp want got &&
	printf "%s\t%s\t%s\n" a x 2 a i2 3 a i3 1.5 b i2 2 b i1 1 >some.tsv && measured some.tsv >got && test_cmp want got
'
test_expect_success 'equal scores: the last item first, as in trec_eval; an item that comes again is a miss' '
	printf "%s\t%s\t%s\n" a i2 1 a i3 1 a i1 1 >ties.tsv &&
	mf-eval -m hr@1,mrr,ndcg@2 --no-header --per-user users --ratings split.mf --lists ties.tsv >/dev/null &&
	printf "a\thr@1\t1\na\tmrr\t1\na\tndcg@2\t1\n" >want.ties && grep "^a" users | cut -f 1-3 >got && test_cmp want.ties got &&
	printf "%s\t%s\t%s\n" a i2 9 a i2 8 a i3 7 >twice.tsv &&
	mf-eval -m map@3,recall-all@2 --no-header --per-user users --ratings split.mf --lists twice.tsv >text &&
	printf "a\tmap@3\t0.8333333333\na\trecall-all@2\t0.5\n" >want.twice && grep "^a" users | cut -f 1-3 >got && test_cmp want.twice got &&
	grep -q "^twice.tsv: 1 place repeats an item that stands before in the list: misses" text &&
	printf "a\ti6\t2\na\ti2\t1\na\ti2\t1\na\ti2\t1\n" >valid.tsv && mf-eval -m mrr --ratings split.mf --lists valid.tsv >text &&
	grep -q "^valid.tsv: 1 place holds what the user knows already, 1 of them from validation cells" text &&
	grep -q "^valid.tsv: 2 places repeat an item" text
'
# a: two pairs; b: one; d: nobody looks at.
test_expect_success 'how many lists and places have equal scores, or ranks, is said' '
	printf "%s\t%s\t%s\n" a i2 2 a i3 2 a i4 1.5 a i1 1 a i5 1 b i2 3 b i1 3 d i1 1 d i2 1 >ties.tsv &&
	mf-eval -m mrr --ratings split.mf --lists ties.tsv=t >text &&
	grep -qx "t: 2 users'\'' lists have equal scores at 6 places: ordered by item, the last first, as trec_eval does" text &&
	mf-eval -m mrr --ratings split.mf --lists ties.tsv=t --format=json | jq -c ".lists[0] | [.tied_lists, .tied_places]" >got &&
	echo "[2,6]" | test_cmp - got && grep -v ^b ties.tsv >one.tsv && mf-eval -m mrr --ratings split.mf --lists one.tsv=t >text &&
	grep -q "^t: 1 user'\''s list has equal scores at 4 places: " text &&
	{ printf "user\titem\trank\n"; cat one.tsv; } >ranks.tsv && mf-eval -m mrr --ratings split.mf --lists ranks.tsv=t >text &&
	grep -q "^t: 1 user'\''s list has equal ranks at 4 places: " text &&
	mf-eval -m mrr --ratings split.mf --lists l.tsv >text && ! grep "equal" text
'
test_expect_success 'lists of one length are not said to be from it to it' '
	printf "%s\t%s\t%s\n" a i2 .5 a i3 .4 b i2 .3 b i1 .2 >even.tsv && mf-eval -m mrr --ratings split.mf --lists even.tsv=t >text &&
	grep -qx "t: lists of 2 items, beyond which mrr cannot see" text &&
	printf "%s\t%s\t%s\n" a i2 .5 b i2 .3 >even.tsv && mf-eval -m mrr --ratings split.mf --lists even.tsv=t >text &&
	grep -qx "t: lists of 1 item, beyond which mrr cannot see" text
'
test_expect_success 'an unknown item stands among equal scores by its name' '
	printf "%s\t%s\t1\n" a i2 a i3 a i1a a i9 >ties.tsv &&
	mf-eval -m mrr,ndcg@2 --no-header --per-user users --ratings split.mf --lists ties.tsv >/dev/null &&
	grep "^a" users | cut -f 3 >got && printf "0.5\n0.3868528072\n" | test_cmp - got
'
test_expect_success 'percent in a run is undone, unless an id is spelled so' '
	printf "%s\t%s\t1\t%s\n" "u 1" a 0 "u 1" "50% off" 2 "u 1" "x%20y" 2 "v%41" a 0 "v%41" b 2 >odd.tsv &&
	mf-convert --from=tsv --columns=1,2,3,4 odd.tsv -o odd.mf && echo 1 >one &&
	printf "%s Q0 %s 1 %s t\n" u%201 50%25%20off 3 u%201 x%2520y 2 v%2541 b 1 >odd.run &&
	mf-eval -m recall@2 --ratings odd.mf --no-header --format=tsv --lists odd.run 2>err | cut -f 2 >got && test_cmp one got &&
	printf "%s Q0 %s 1 %s t\n" u%201 50%25%20off 3 u%201 x%20y 2 v%41 b 1 >raw.run &&
	mf-eval -m recall@2 --ratings odd.mf --no-header --format=tsv --lists raw.run 2>err | cut -f 2 >got && test_cmp one got
'

# --- an independent program ---

test_expect_success 'models of made data' '
	printf "a\ti1\t1\n" | mf-convert --from=tsv -o untested.mf &&
	awk "BEGIN { srand(7); for (u = 0; u < 50; u++) for (i = 0; i < 40; i++)
		if (rand() < (u % 2 == i % 2 ? .1 + u / 80 : .05)) printf \"u %02d\tartist %02d\t%d\n\", u, i, int(4 * rand()) - 1 + (u % 3) }" |
	mf-convert --from=tsv | mf-split --test 0.3 --valid 0.1 -o made.mf &&
	mf-als -k 4 -p 2 -n 4 -u .1 -l .05 made.mf -o model.mf && mf-als -k 4 -p 1 -n 4 -u .1 -l .05 made.mf -o plain.mf &&
	mf-convert --to=tsv made.mf >made.tsv && METRICS=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$TOP/tests/cli" \
		python3 -c "import eval_lists_oracle as o; print(*o.METRICS, sep=\",\")")
'
# same FILE FILE: `user metric value`, numbers to eight digits.
same () {
	python3 - "$1" "$2" <<-"EOF"
	import sys
	a, b = [[l.rstrip("\n").split("\t") for l in open(f)] for f in sys.argv[1:]]
	assert len(a) == len(b) > 300, (len(a), len(b))
	for x, y in zip(sorted(a), sorted(b)):
	    assert x[:2] == y[:2] and (x[2] == y[2] or abs(float(x[2]) - float(y[2])) < 1e-8), (x, y)
	EOF
}
for seed in 1 2 3 4
do
	test_expect_success "random lists, $seed: all metrics and counts are those of an independent program" '
		oracle lists made.tsv '$seed' >random.tsv &&
		mf-eval -m $METRICS --no-header --per-user users --ratings made.mf --lists random.tsv --format=json >json &&
		oracle eval made.tsv random.tsv 1e-9 >want.users && cut -f 1-3 users >got && same want.users got &&
		oracle counts made.tsv random.tsv >want.counts &&
		jq -r ".lists[0] | del(.model, .unknown_items, .taken_as_ranks) | to_entries[] | \"\(.key) \(.value)\"" json | sort >got &&
		sort want.counts | test_cmp - got
	'
done
test_expect_success 'with --relevant, and beside a model, whose truth it then is' '
	mf-eval -m $METRICS --relevant 2 --no-header --per-user users --lists random.tsv model.mf >text &&
	oracle eval made.tsv random.tsv 2 >want.users && grep -F "	random.tsv" users | cut -f 1-3 >got && same want.users got &&
	grep -q "by the values in model.mf" text
'

# --- beside models ---

H=ndcg@7,recall@20,precision@10,map@20,hr@3,coverage@5,gini@5,novelty@5,popularity@5,variety@5,tastes@5
test_expect_success 'what mf-recommend writes, in each format, has the values of the model' '
	mf-eval -m $H --no-header --per-user users --format=tsv model.mf | cut -f 1-5 >want.model && cut -f 1-3 users >want.users &&
	for format in tsv csv trec json
	do
		mf-recommend -N 100 --format=$format model.mf >lists.$format &&
		mf-eval -m $H --no-header --per-user users --format=tsv --ratings made.mf --lists lists.$format=model.mf 2>err | cut -f 1-5 >got &&
		test_cmp want.model got && cut -f 1-3 users | test_cmp want.users - || return 1
	done &&
	mf-recommend -N 100 --explain model.mf 2>err | mf-eval -m $H --no-header --format=tsv --ratings made.mf --lists -=model.mf 2>err | cut -f 1-5 >got &&
	test_cmp want.model got &&
	mf-eval -m $H --no-header --format=tsv --lists lists.tsv model.mf 2>err |
		awk -F "\t" "\$8 { n++; if (\$2 != 0 || (\$1 !~ /^(cov|gini)/ && \$9 != 1)) exit 1 } END { exit n != 11 }"
'
test_expect_success 'of diverse lists the rank decides' '
	mf-recommend -N 9 --diversify=mmr:.5 model.mf >diverse.tsv && cut -f 1,3 diverse.tsv >order.tsv &&
	mf-eval -m ndcg@9 --no-header --per-user a --ratings made.mf --lists diverse.tsv >/dev/null &&
	mf-eval -m ndcg@9 --no-header --per-user b --ratings made.mf --lists order.tsv >/dev/null &&
	cut -f 1-3 a >x && cut -f 1-3 b >y && test_cmp x y && { echo "user,item,score"; cut -f 1,3,4 diverse.tsv | tr "\t" ","; } >sorted.csv &&
	mf-eval -m ndcg@9 --no-header --per-user c --ratings made.mf --lists sorted.csv >/dev/null && cut -f 1-3 c >z && ! cmp -s x z
'
test_expect_success 'the same bytes for any number of threads, in every format, with slices and baselines' '
	for format in text tsv json table
	do
		for j in 1 2 3 8
		do
			mf-eval -q -j $j -m $METRICS,auc,rmse --by=popularity:2 --baseline=popularity --baseline=random --format=$format \
				--lists random.tsv=r --lists lists.csv=ours model.mf plain.mf >out.$j && test_cmp out.1 out.$j || return 1
		done
	done
'
test_expect_success 'slices of lists are those of the model that made them' '
	for by in activity popularity
	do
		mf-eval -q -m mrr,ndcg@9 --by=$by:2 --no-header --format=tsv --lists lists.tsv model.mf >tsv &&
		awk -F "\t" "!\$8 { v = \$2 \" \" \$5 } !\$8 && \$6 == \"model.mf\" { own[\$1, \$10] = v; n++ }
			!\$8 && \$6 != \"model.mf\" && own[\$1, \$10] != v { exit 1 } END { exit n < 5 }" tsv || return 1
	done
'
test_expect_success 'rows: models, lists, baselines; the first of them is the reference' '
	mf-eval -q -m mrr --no-header --format=tsv --baseline=popularity --lists random.tsv=r --lists lists.csv=ours model.mf plain.mf >tsv &&
	awk -F "\t" "!\$8 { print \$6 }" tsv >got && printf "%s\n" model.mf plain.mf r ours popularity >want.rows && test_cmp want.rows got &&
	awk -F "\t" "\$8 { print \$6, \$8 }" tsv | sort >got &&
	{ printf "%s model.mf\n" plain.mf r ours; printf "%s popularity\n" model.mf plain.mf r ours; } | sort >want.rows && test_cmp want.rows got &&
	mf-eval -q -m mrr --no-header --format=tsv --ratings made.mf --lists random.tsv=r --lists lists.csv=ours | awk -F "\t" "\$8 { print \$6, \$8 }" >got &&
	echo "ours r" >want.rows && test_cmp want.rows got
'
test_expect_success 'baselines need no model; nor do qrels' '
	mf-eval -q -m mrr,novelty@3 --no-header --format=tsv --baseline=popularity --baseline=random --qrels q model.mf | awk -F "\t" "!\$8 && \$6 != \"model.mf\"" >want.base &&
	mf-eval -q -m mrr,novelty@3 --no-header --format=tsv --baseline=popularity --baseline=random --qrels q2 --ratings made.mf --lists random.tsv |
		awk -F "\t" "!\$8 && \$6 != \"random.tsv\"" >got && test_cmp want.base got && test_cmp q q2
'
test_expect_success 'shards: the lines of users are those of one run; lists of other shards are not unknown' '
	mf-eval -q -m mrr,ndcg@9 --no-header --per-user all --ratings made.mf --lists random.tsv=r >/dev/null &&
	for i in 1 2 3
	do
		mf-eval -m mrr,ndcg@9 --shard $i/3 --no-header --per-user part --ratings made.mf --lists random.tsv=r >text && cat part || return 1
	done | sort >got && sort all | test_cmp - got && grep -q "r: [12] users* [ia][sr]e* not in made.mf" text
'
test_expect_success 'users held out whole, and ratings apart from the model' '
	mf-split --method=users --test 0.4 --fold-in 0.6 made.mf -o users.mf && mf-als -k 4 -p 1 -n 4 -u .1 -l .05 users.mf -o new.mf &&
	mf-recommend -N 50 new.mf >new.tsv &&
	mf-eval -q -m ndcg@20 --no-header --format=tsv --lists new.tsv new.mf | awk -F "\t" "\$8 && (\$2 != 0 || \$9 != 1) { exit 1 }" &&
	mf-als --factors-only -k 4 -p 2 -n 4 -u .1 -l .05 made.mf -o factors.mf &&
	mf-eval -q -m ndcg@20 --no-header --format=tsv --ratings made.mf --lists lists.tsv factors.mf | awk -F "\t" "\$8 && (\$2 != 0 || \$9 != 1) { exit 1 }"
'

# --- the leaderboard ---

test_expect_success 'a table: sorted, with stars, at most 80 columns' '
	mf-eval -m $METRICS,auc,rmse,coverage@5 --format=table --baseline=popularity --baseline=mean \
		--lists random.tsv=a-name-that-is-longer-than-a-column-can-be --lists lists.csv=ours model.mf plain.mf >table &&
	awk "/ users with / { exit } length > 80 { print; exit 1 }" table &&
	grep -qE "^[1-6]  [.][.]r-than-a-column-can-be " table && grep -q "sorted by precision@3; [*]: the best" table &&
	grep -qE "^6  mean  *-  *-" table &&
	mf-eval -m mrr,ndcg@9 --format=table --sort ndcg@9 --lists random.tsv=r --lists lists.csv=ours --baseline=random model.mf >table &&
	awk "\$1 ~ /^[1-4]\$/ && NF > 3 && NR < 6 { x = \$4 + 0; if (n++ && x > last) exit 1; last = x } END { exit n != 4 }" table &&
	grep -qE "^[12]  model.mf +[0-9.]+[*] +[0-9.]+[*] [+]-[0-9.]+$" table && grep -qE "^[12]  ours +[0-9.]+[*] +[0-9.]+[*] " table &&
	grep -qE "^[34]  r +[0-9.]+  +[0-9.]+  [+]-" table
'
test_expect_success 'the stars of a table are those of tsv: best, or p of at least .05' '
	mf-eval -q -m hr@3,hr@20 --format=table --lists random.tsv=r --baseline=random plain.mf >table &&
	mf-eval -q -m hr@3,hr@20 --no-header --format=tsv --lists random.tsv=r --baseline=random plain.mf >tsv &&
	awk -F "\t" "\$6 == \"plain.mf\" && \$8 == \"random\" { print (\$9 >= .05) }" tsv >want.stars &&
	awk "\$2 == \"random\" && NR < 5 { print \$3 ~ /[*]/; print \$5 ~ /[*]/ }" table >got && test_cmp want.stars got
'
test_expect_success 'without permutations there are no stars, and none is spoken of' '
	mf-eval -m hr@3,mrr --format=table --lists random.tsv=r --bootstrap 0 model.mf >table && ! grep -F "*" table &&
	tail -n 1 table >got && echo "sorted by hr@3" | test_cmp - got && grep -qE "^1  model.mf +[0-9.]+ +[0-9.]+$" table
'
test_expect_success 'a table of slices has a board for each' '
	mf-eval -q -m mrr,tastes@5 --by=popularity:2 --format=table --lists random.tsv=r model.mf >table &&
	test $(grep -c "^1  " table) -eq 3 && grep -qx "popularity:1/2" table
'

# --- headers ---

test_expect_success 'tsv and the values of users begin with names, unless there shall be none' '
	mf-eval -m mrr --format=tsv --per-user users model.mf >with && mf-eval -m mrr --no-header --format=tsv --per-user bare model.mf >without &&
	printf "name\tmean\tlow\thigh\tn\tmodel\ttarget\treference\tp\tslice\tunknown\n" >head && cat head without | test_cmp - with &&
	{ printf "user\tmetric\tvalue\tmodel\n"; cat bare; } | test_cmp - users &&
	mf-eval -m mrr --by=activity --per-user users model.mf >/dev/null && head -n 1 users >got && printf "user\tmetric\tvalue\tmodel\tslice\n" | test_cmp - got
'

# --- what is refused ---

test_expect_success 'sampled metrics, with the reason' '
	fails 2 "metric '\''ndcg@10:100neg'\'': not offered, since sampled negatives order models differently than all items do (Krichene, Rendle 2020); write ndcg@10 or the like, which ranks all items" \
		mf-eval -m ndcg@10:100neg model.mf &&
	fails 2 "sampled negatives order models" mf-eval -m sampled-ndcg@10 model.mf &&
	fails 2 "--negatives: not offered, since sampled negatives" mf-eval --negatives 100 model.mf &&
	fails 2 "sampled negatives" mf-als --watch=recall@10:neg made.mf
'
test_expect_success 'wrong usage' '
	fails 2 "it sorts the rows of --format=table" mf-eval --sort mrr model.mf &&
	fails 2 "'\''ndcg@3'\'' is none of the metrics of -m" mf-eval -m mrr --format=table --sort ndcg@3 model.mf &&
	fails 2 "more files than models; it does not write lists of --lists again" mf-eval --run run --ratings made.mf --lists lists.tsv &&
	fails 2 "the name behind the = is empty" mf-eval --lists lists.tsv= model.mf &&
	fails 2 "only once" mf-eval --lists - --ratings - &&
	fails 2 "only once" mf-eval --lists - <model.mf &&
	fails 2 "--lists: two rows would be called '\''a'\''; give each a name of its own, as in '\''--lists FILE=NAME'\''" \
		mf-eval --lists l.tsv=a --lists lists.tsv=a model.mf &&
	fails 2 "would be called '\''model.mf'\''" mf-eval --lists l.tsv=model.mf model.mf &&
	fails 2 "would be called '\''standard input'\''" mf-eval --lists "l.tsv=standard input" <model.mf &&
	fails 2 "would be called '\''mean'\''" mf-eval --lists l.tsv=mean --baseline=bias --baseline=mean model.mf &&
	mf-eval -q -m mrr --lists lists.tsv=mean --baseline=popularity model.mf >text &&
	fails 2 "--lists: more than 256 files" mf-eval $(for i in $(seq 257); do echo --lists l.tsv; done) model.mf &&
	fails 1 "cannot open" mf-eval --lists none.tsv model.mf &&
	test_must_fail mf-eval --lists l.tsv --per-user l.tsv model.mf 2>err && grep -q "is read (--lists) and cannot be written too" err
'
test_expect_success 'a name of its own, and a file that has a = in its name' '
	cp lists.tsv k=64.tsv && mf-eval -q -m mrr --no-header --format=tsv --lists k=64.tsv --lists k=64.tsv=two --lists lists.tsv=x --ratings made.mf |
		awk -F "\t" "!\$8 { print \$6 }" >got && printf "%s\n" k=64.tsv two x >want.names && test_cmp want.names got
'
test_expect_success 'users who look like the beginning of another format' '
	printf "%s\tx\t1\t0\n%s\ty\t1\t2\nb\ty\t1\t0\nb\tz\t1\t0\n" "{a" "{a" >odd.tsv &&
	printf "%s\tz\t1\t0\n%s\ty\t1\t2\n" "0 Q0" "0 Q0" >>odd.tsv &&
	mf-convert --from=tsv --columns=1,2,3,4 odd.tsv | mf-als -q -k 2 -p 1 -n 2 -o odd.mf &&
	mf-eval -q -m ndcg@10 --bootstrap 0 --format=tsv --no-header odd.mf | cut -f 1-2 >want &&
	for format in tsv csv json
	do
		mf-recommend -q --format=$format odd.mf >odd.list &&
		mf-eval -q -m ndcg@10 --bootstrap 0 --format=tsv --no-header --ratings odd.mf --lists odd.list | cut -f 1-2 >got &&
		test_cmp want got || { echo $format; return 1; }
	done &&
	mf-recommend -q --format=trec --user "{a" odd.mf >odd.list &&
	mf-eval -q -m ndcg@10 --bootstrap 0 --ratings odd.mf --lists odd.list >out && test -s out
'

test_expect_success 'files that are no lists' '
	bad () { printf "$1" >bad && fails 1 "$2" mf-eval --ratings split.mf --lists bad; } &&
	bad "" "there are no lists; a line is user, item and score, or that of a TREC run" &&
	bad "\n\n" "there are no lists" &&
	bad "just words\n" "no list: a line is user, item and score with TABs or commas between them" &&
	bad "a\ti1\tnan\n" "bad:1: '\''nan'\'' is no score: only finite numbers order a list" &&
	bad "a\ti1\t1\na\ti2\tinf\n" "bad:2: '\''inf'\'' is no score" &&
	bad "a\ti1\t1\na\ti2\t1e999\n" "bad:2: '\''1e999'\'' is no score" &&
	bad "a\ti1\t-\n" "'\''-'\'' is no score" && bad "a\ti1\t.\n" "'\''.'\'' is no score" && bad "a\ti1\t1.5.2\n" "is no score" &&
	bad "a\ti1\t0,5\n" "decimals are written with a point" &&
	bad "user\titem\trank\na\ti1\tx\n" "'\''x'\'' is no rank" &&
	bad "a\ti1\t1\na\ti2\n" "bad:2: the line has 2 fields, not 3" &&
	bad "a\t\t1\n" "item: " && bad "\ti1\t1\n" "user: " &&
	bad "user\titem\thow\tmuch\na\ti1\t1\t2\n" "bad:1: the header does not tell the rank or score among '\''user'\'', '\''item'\'', '\''how'\'', '\''much'\''; name one '\''user'\'', one '\''item'\'' and one '\''rank'\'' or '\''score'\''" &&
	bad "user,thing,est\na,i1,1\n" "bad:1: the header does not tell the item among '\''user'\'', '\''thing'\'', '\''est'\''; name one" &&
	bad "who,what,how\na,i1,1\n" "bad:1: the header does not tell the user among '\''who'\'', '\''what'\'', '\''how'\''" &&
	bad "who,what,rank,score\na,i1,1,1\n" "the header does not tell the user among" &&
	bad "user\tartist_id\titem_id\tscore\n" "the header has several columns that could be the item among '\''user'\'', '\''artist_id'\'', '\''item_id'\'', '\''score'\''" &&
	bad "user\titem\tpred\test\n" "the header has several columns that could be the score among" &&
	bad "a\ti1\tx\ty\n" "neither a line of a TREC run, nor user, item and score; other columns need a header line" &&
	bad "one\n" "no list" && bad "a\tb\tc\td\te\n" "other columns need a header line" &&
	bad "a Q0 i1 1 .5 t\na Q0 i2 2 .4\n" "bad:2: no line of a TREC run: user Q0 item rank score tag" &&
	bad "a Q0 i1 1 nan t\n" "is no score" &&
	bad "{\"similar\":\"a\",\"items\":[]}\n" "no list of mf-recommend --format=json" &&
	bad "{\"user\":\"a\",\"items\":[{\"rank\":1}]}\n" "item: " &&
	bad "{\"user\"\n" "no JSON: " &&
	bad "a,\"i1\n" "a quoted field is never closed" &&
	bad "q\ti1\t.5\n" "the ratings have none of its users, such as '\''q'\''; its lines are user, item and score" &&
	bad "a\tq\t.5\n" "the ratings have none of its items, such as '\''q'\''" &&
	bad "a\ti1\t\377\n" "UTF-8" && bad "a\ti\\0001\t1\n" "NUL" &&
	fails 1 "is a bundle of mfpipe, not text" mf-eval --lists model.mf=x model.mf &&
	fails 1 "no test cells" mf-eval --lists l.tsv --ratings untested.mf
'
test_done
