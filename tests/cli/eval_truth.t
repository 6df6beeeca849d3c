#!/bin/sh
test_description='mf-eval: what is relevant, for models of other values too; users of whom a model knows nothing'
. "$(dirname "$0")/setup.sh"

# z1 and z3 are liked by two training users, z2 by one, aaa by none. Of c and e, who have test
# cells, there is nothing else: theirs is the order z1 z3 z2 aaa. From 4 on, z3 and aaa are
# relevant to c and nothing to e; above 0, z2 too, to both.
cells='a z1 5 0,a z2 4 0,b z1 4 0,b z3 5 0,d z3 4 0,c z3 5 2,c z2 2 2,c aaa 4 2,e z2 3 2'
bundle () { echo "$cells" | tr ', ' '\n\t' | sed "$@" | mf-convert --from=tsv --columns=1,2,3,4; }

test_expect_success 'models of ratings and of what was made from them' '
	bundle "" >split.mf && mf-als -k 2 -p 2 split.mf -o raw.mf &&
	mf-transform -e binarize:4 split.mf | mf-als -k 2 -p 2 -o likes.mf &&
	mf-als -k 2 -p 1 --preset=explicit --bias split.mf -o rated.mf
'

# values NAME OPTION... MODEL...: of the last model, metric value n unknown.
values () {
	mf-eval --bootstrap 0 --no-header --format=tsv "$@" | awk -F "\t" '!$8 { last = $6; row[NR] = $6 " " $1 " " $2 " " $5 " " $11 } END {
		for (i = 1; i <= NR; i++) if (split(row[i], f, " ") && f[1] == last) print substr(row[i], length(last) + 2) }'
}

# c: ranks 2, 4 of 4: mrr 1/2, precision@2 1/2, recall@3 1/2, auc (1 + 0) / (2 * 2).
test_expect_success 'each model of the test cells has the hits that the first model says, by hand' '
	printf "%s\n" "mrr 0.5 1 1" "precision@2 0.5 1 1" "recall@3 0.5 1 1" "auc 0.25 1 1" >want &&
	for models in raw.mf "raw.mf likes.mf" "raw.mf raw.mf likes.mf" likes.mf "likes.mf raw.mf"
	do
		relevant=$(case $models in raw*) echo --relevant=4; esac) &&
		values -m mrr,precision@2,recall@3,auc $relevant $models >got && test_cmp want got || return 1
	done
'

# Above 0, c: ranks 2, 3, 4; e: 3. mrr (1/2 + 1/3) / 2, auc (0 + 1/3) / 2.
test_expect_success 'without --relevant what is above 0 in the first, whatever the others say' '
	printf "%s\n" "mrr 0.4166666667 2 2" "auc 0.1666666667 2 2" >want &&
	for models in raw.mf "raw.mf likes.mf"
	do
		values -m mrr,auc $models >got && test_cmp want got || return 1
	done
'

test_expect_success 'the qrels are what is counted' '
	printf "%s\n" "c 0 aaa 1" "c 0 z3 1" >want &&
	mf-eval -m mrr --relevant 4 --qrels got raw.mf likes.mf >text && test_cmp want got &&
	mf-eval -m mrr --qrels got likes.mf raw.mf >text && test_cmp want got &&
	mf-eval -f -m mrr --relevant 4 --run r1 --run r2 raw.mf likes.mf >text &&
	test "$(cut -d " " -f 1 r1 r2 | sort -u)" = c
'

test_expect_success 'the output says what was relevant, in which model, and whom that leaves out' '
	for case in "--relevant=4 raw.mf|of at least 4|at_least 4 1" "raw.mf|above 0|above 0 2" "likes.mf|above 0|above 0 1"
	do
		IFS="|" read -r args text json <<-EOT &&
		$case
		EOT
		out=$((2 - ${json##* })) && are="users have none and are" && case $out in 1) are="user has none and is" ;; esac &&
		none="$out $are left out" but=", but for predictions" &&
		case $out in 0) none="every user has some" but= ;; esac &&
		mf-eval -m mrr $args >got && grep -qx "relevant: test cells $text; $none" got &&
		mf-eval -m mrr,rmse $args >got && grep -qx "relevant: test cells $text; $none$but" got &&
		mf-eval -m mrr --format=json $args | jq -r ".relevant | \"\(keys_unsorted[0]) \(.[keys_unsorted[0]]) \(.users)\", .model, .left_out" >got &&
		printf "%s\n" "$json" "${args##* }" $out >want && test_cmp want got || return 1
	done &&
	mf-eval -m mrr --relevant 4 raw.mf likes.mf >got &&
	grep -qx "relevant: test cells of at least 4, by the values in raw.mf; 1 user has none and is left out" got &&
	mf-eval -m rmse raw.mf >got && ! grep -q "^relevant" got && mf-eval -m rmse --format=json raw.mf | jq -e "has(\"relevant\") | not" >got
'

test_expect_success 'a first model that has no such values is told what to do' '
	fails 1 "likes.mf: no test cell is relevant: none has a value of 4 or more, and the first model says what is relevant for all; name that of the raw ratings first, or give a lower --relevant" \
		mf-eval --relevant 4 likes.mf raw.mf &&
	fails 1 "likes.mf: no test cell is relevant: none has a value of 4 or more; give a lower --relevant" mf-eval --relevant 4 likes.mf &&
	mf-eval -m rmse --relevant 4 likes.mf raw.mf >text
'

test_expect_success 'a comparison of ratings and likes on a larger split is the same from both sides' '
	awk "BEGIN { srand(3); for (u = 0; u < 40; u++) for (i = 0; i < 30; i++) if (rand() < .4)
		print \"u\" u \"\t\" \"i\" i \"\t\" (1 + int(9 * rand())) / 2 }" | mf-convert --from=tsv | mf-split --test 0.3 -o many.mf &&
	mf-als -k 4 -n 5 many.mf -o many-raw.mf && mf-transform -e binarize:4 many.mf | mf-als -k 4 -n 5 -o many-likes.mf &&
	metrics=ndcg@10,map@5,mrr,auc,coverage@3 &&
	mf-eval --relevant 4 -m $metrics --by=popularity --per-user one --no-header --format=tsv many-raw.mf many-likes.mf >both &&
	mf-eval --relevant 4 -m $metrics --by=popularity --no-header --per-user two many-raw.mf >/dev/null &&
	mf-eval -m $metrics --by=activity --no-header --per-user three many-likes.mf >/dev/null &&
	grep "many-raw.mf" one >got && test_cmp two got &&
	awk -F "\t" -v OFS="\t" "\$4 == \"many-likes.mf\" && \$5 == \"\" { print \$1, \$2, \$3 }" one >got &&
	awk -F "\t" -v OFS="\t" "\$5 == \"\" { print \$1, \$2, \$3 }" three >want && test -s want && test_cmp want got &&
	cp both both-1 && mf-eval -j 3 --relevant 4 -m $metrics --by=popularity --no-header --format=tsv many-raw.mf many-likes.mf >both && test_cmp both-1 both &&
	for i in 1 2 3
	do
		mf-eval --relevant 4 -m $metrics --by=popularity --shard $i/3 --no-header --per-user part$i many-raw.mf many-likes.mf >/dev/null || return 1
	done &&
	sort one >want && sort part? >got && test_cmp want got
'

test_expect_success 'what is popular differs where other training cells are liked, and is not compared' '
	mf-eval --relevant 4 -m popularity@3,mrr --no-header --format=tsv many-raw.mf many-likes.mf | awk -F "\t" "\$8 { print \$1 }" >got &&
	echo mrr >want && test_cmp want got &&
	mf-transform -e offset:1 many.mf | mf-als -k 4 -n 5 -o many-more.mf &&
	mf-eval -m popularity@3,mrr --no-header --format=tsv many-raw.mf many-more.mf | awk -F "\t" "\$8 { print \$1 }" >got &&
	printf "popularity@3\nmrr\n" >want && test_cmp want got
'

# Of raw.mf all targets are 1, of likes.mf those of z2 are 0; loss and rmse of scores of 0 differ by that.
test_expect_success 'errors on other values are not compared, and it says so; errors on values that were shifted are' '
	words="loss, mse, rmse and mae are not compared where models predict other values of the test cells, unless these were only shifted" &&
	mf-eval -m mrr,rmse --relevant 4 raw.mf likes.mf >text && grep -qx "$words" text &&
	grep -q "^loss, mse, rmse and mae of likes.mf are errors on its own values" text &&
	compared () { mf-eval --no-header --format=tsv "$@" | awk -F "\t" "\$8 { print \$1, \$6, \$8, \$2 }"; } &&
	mf-eval -m rmse --no-header --format=tsv raw.mf likes.mf | cut -f 1,2,6,8 >got && printf "rmse\t1\traw.mf\t\nrmse\t0.7071067812\tlikes.mf\t\n" >want && test_cmp want got &&
	compared -m mrr,rmse --relevant 4 raw.mf likes.mf >got && echo "mrr likes.mf raw.mf 0" >want && test_cmp want got &&
	mf-eval -v -m rmse raw.mf likes.mf 2>&1 >text | grep -q "$words" &&
	mf-eval -m mrr,rmse --relevant 4 --format=json raw.mf likes.mf | jq -c "[[.compare[].metric], .note]" >got && echo "[[\"mrr\"],\"$words\"]" >want && test_cmp want got &&
	mf-transform -e offset:0.1 split.mf | mf-als -k 2 -p 1 --preset=explicit --bias -o shifted.mf &&
	mf-transform -e log2:0.5 split.mf | mf-als -k 2 -p 1 --preset=explicit --bias -o logs.mf &&
	compared -m rmse --baseline=bias rated.mf shifted.mf logs.mf | cut -d " " -f 1-3 >got &&
	printf "rmse %s\n" "shifted.mf rated.mf" "rated.mf bias" "shifted.mf bias" >want && test_cmp want got &&
	bundle "/^c.z2/d" >split-less.mf && mf-als -k 2 -p 1 --preset=explicit --bias split-less.mf -o rated-less.mf &&
	mf-transform -e log2:0.5 split-less.mf | mf-als -k 2 -p 1 --preset=explicit --bias -o logs-less.mf &&
	compared -m rmse --allow-different-splits rated.mf rated-less.mf logs-less.mf | cut -d " " -f 1-3 >got && echo "rmse rated-less.mf rated.mf" >want && test_cmp want got
'

# --- other test cells ---

test_expect_success 'test cells that differ are counted and one is named, with what to do' '
	bundle "/^c.z2/d" | mf-als -k 2 -p 2 -o less.mf &&
	filtered="; make both from one split, without mf-filter after it: mf-transform keeps all cells" &&
	fails 1 "less.mf: its test cells are not those of raw.mf; of those 4, it lacks 1, such as user '\''c'\'', item '\''z2'\''$filtered" \
		mf-eval raw.mf less.mf &&
	fails 1 "raw.mf: its test cells are not those of less.mf; of its 4, that one lacks 1, such as user '\''c'\'', item '\''z2'\''$filtered" \
		mf-eval less.mf raw.mf &&
	bundle -e "s/^c.z3/c	new/" -e "s/^c.aaa/cc	aaa/" | mf-als -k 2 -p 2 -o other.mf &&
	fails 1 "other.mf: its test cells are not those of raw.mf; of its 4, that one lacks 2, such as user '\''c'\'', item '\''new'\''; of those 4, it lacks 2, such as user '\''c'\'', item '\''aaa'\''; compare models of one split, or say --allow-different-splits" \
		mf-eval raw.mf other.mf &&
	bundle "/^e/d" | mf-als -k 2 -p 2 -o short.mf &&
	fails 1 "of those 4, it lacks 1, such as user '\''e'\'', item '\''z2'\''$filtered" mf-eval -m rmse raw.mf short.mf &&
	fails 1 "of its 4, that one lacks 1, such as user '\''e'\'', item '\''z2'\''$filtered" mf-eval short.mf raw.mf
'

test_expect_success 'items and users that stand elsewhere in a bundle are the same test cells' '
	bundle -e "1i 0	00	4	0" -e "1i m	mm	4	0" | mf-als -k 2 -p 2 -o more.mf &&
	printf "%s\n" "mrr 0.5 1 1" >want && values -m mrr --relevant 4 raw.mf more.mf >got && test_cmp want got &&
	values -m mrr --relevant 4 more.mf raw.mf >got && test_cmp want got
'

test_expect_success 'a model of other test cells goes by its own values, and must have some that are relevant' '
	mf-eval -m mrr --relevant 4 --allow-different-splits raw.mf less.mf likes.mf >text &&
	grep -qx "relevant: test cells of at least 4, by the values in raw.mf, in models of other test cells by their own; 1 user has none and is left out" text &&
	bundle "/^c.z2/d" | mf-transform -e binarize:4 | mf-als -k 2 -p 2 -o less-likes.mf &&
	fails 1 "less-likes.mf: none of its test cells is relevant by its own values, which count since they are not the test cells of raw.mf; compare models of one split" \
		mf-eval --relevant 4 --allow-different-splits raw.mf less-likes.mf &&
	mf-eval -m rmse --relevant 4 --allow-different-splits raw.mf less-likes.mf >text
'

test_expect_success 'ids in these words are made printable and cut' '
	long=$(printf "%0100d" 7) &&
	bundle "s/^c.z2/c	$(printf "\\033")[31m$long/" | mf-als -k 2 -p 2 -o strange.mf &&
	fails 1 "of its 4, that one lacks 1, such as user '\''c'\'', item '\''?[31m0000" mf-eval raw.mf strange.mf &&
	! grep -q "$long" fails.err && grep -q "compare models of one split, or say --allow-different-splits\$" fails.err
'

# --- users of whom the model knows nothing ---

test_expect_success 'a user of whom the model knows nothing gets what mf-recommend lists: what is popular, or rated highest' '
	for model in raw likes rated
	do
		mf-eval -f -q -m hr@9 --run run $model.mf >text && awk "\$1 == \"c\" { print \$3 }" run >got &&
		mf-recommend -q --user c $model.mf | cut -f 3 >want &&
		case $model in rated) ;; *) echo aaa >>want ;; esac && # nobody likes it: it is ranked, and not recommended
		test_cmp want got || return 1
	done &&
	printf "z1\nz3\nz2\naaa\n" >popular && mf-eval -f -m hr@9 --run run raw.mf >text &&
	awk "\$1 == \"c\" { print \$3 }" run | test_cmp popular -
'

test_expect_success 'so it is the popularity baseline for these users; predictions stay those of the model' '
	mf-eval -m mrr,auc,ndcg@3,coverage@2,gini@2,novelty@2 --baseline=popularity --no-header --format=tsv raw.mf | awk -F "\t" "!\$8" >rows &&
	grep raw.mf rows | cut -f 2-5 >got && grep -w popularity rows | cut -f 2-5 >want && test_cmp want got &&
	mf-eval -m rmse --no-header --format=tsv raw.mf | cut -f 2,5 >got && printf "1\t4\n" >want && test_cmp want got # scores of 0, targets of 1
'

test_expect_success 'their number is said in each format, for each model' '
	said="nothing: ranked for them is what is" && popular="popular, by the number of its listeners" &&
	mf-eval -m mrr raw.mf >text && grep -qx "of 2 users with relevant test cells raw.mf knows $said $popular" text &&
	mf-eval -m mrr rated.mf >text && grep -qx "of 2 users with relevant test cells rated.mf knows $said rated highest, by the items'\'' biases" text &&
	mf-eval -m mrr --relevant 4 raw.mf likes.mf >text && grep -qx "of 1 user with relevant test cells the models know $said $popular" text &&
	bundle "1i c	z1	1	0" | mf-als -k 2 -p 2 -o some.mf &&
	mf-eval -m mrr raw.mf some.mf >text && grep -qx "of 2 users with relevant test cells raw.mf knows $said $popular" text &&
	grep -qx "of 1 user with relevant test cells some.mf knows $said $popular" text &&
	mf-eval -m mrr,rmse,coverage@1,personas --baseline=popularity --no-header --format=tsv raw.mf some.mf | cut -f 1,6,8,11 | grep "[0-9]\$" >got &&
	printf "%s\t%s\t\t%s\n" mrr raw.mf 2 coverage@1 raw.mf 2 mrr some.mf 1 coverage@1 some.mf 1 >want && test_cmp want got &&
	mf-eval -m mrr,rmse --format=json raw.mf some.mf | jq -c "[.metrics[] | .unknown]" >got && echo "[2,null,1,null]" >want && test_cmp want got &&
	mf-eval -m rmse raw.mf >text && ! grep -q "$said" text
'

test_expect_success 'a slice counts those of its own users' '
	mf-eval -m mrr --by=popularity:2 --no-header --format=tsv some.mf | cut -f 4,5,10,11 >got &&
	mf-eval -m mrr --by=popularity:2 --no-header --per-user users some.mf >text &&
	for part in "" popularity:1/2 popularity:2/2
	do
		n=$(awk -F "\t" -v part=$part "\$5 == part && \$1 == \"e\" && \$3 != \"nan\"" users | wc -l) &&
		test "$(awk -F "\t" -v part=$part "\$3 == part { print \$4 }" got)" = $n || return 1
	done && test "$(cut -f 4 got | sort -n | uniq | tr "\n" " ")" = "0 1 "
'

test_expect_success 'no persona speaks for their items' '
	mf-eval -m entropy@3,entropy --no-header --format=tsv raw.mf | cut -f 1,2,5 >got && printf "entropy@3\tnan\t0\nentropy\tnan\t0\n" >want && test_cmp want got
'

test_done
