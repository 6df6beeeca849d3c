#!/bin/sh
test_description='mf-eval: partial results of shards, merged to the bytes of the whole'
. "$(dirname "$0")/setup.sh"

test_expect_success 'ratings, models, other splits, lists' '
	awk "BEGIN { for (u = 0; u < 50; u++) for (i = 0; i < 40; i++) {
		x = (u * 7919 + i * 104729 + u * i * 31) % 101
		if (x < 8 + i / 2) printf \"u%02d\\ti%02d\\t%d\\n\", u * 7 % 50, i, x % 6 } }" >in.tsv &&
	mf-convert --from=tsv in.tsv | mf-split --test .3 -o split.mf && mf-als -k 4 -p 1 -n 3 split.mf -o one.mf &&
	mf-transform -e binarize:3 split.mf | mf-als -k 4 -p 3 -n 3 --persona-cells 2 -o "the three.mf" &&
	mf-als -k 4 -p 1 -n 2 --factors-only split.mf -o factors.mf &&
	mf-split --method=users --test .4 --fold-in .6 split.mf | mf-als -k 4 -p 2 -n 3 -o new.mf &&
	mf-convert --to=tsv split.mf | awk "{ if (\$1 == \"u44\" && \$4 == 2) next; print }" >cut.tsv &&
	mf-convert --from=tsv --columns=1,2,3,4 cut.tsv | mf-als -k 4 -p 1 -n 2 -o cut.mf &&
	mf-convert --to=tsv split.mf | sort -k 2,2 | awk "{ print \$1 \"\\t\" (NR % 9 ? \$2 : \"x\" NR % 4) \"\\t\" (\$1 < \"u25\" ? ++n[\$1] : NR * 37 % 19 / 4) }" >lists.tsv
'
M=ndcg@9,recall@5,rmse,auc,mrr,coverage@5,gini@5,coverage@9,novelty@5,popularity@3,diversity@5,variety@5,tastes@5,personas,entropy,entropy@5,distance
# like_the_whole SHARDS STYLES OPTION...: all shards, in another order, are the bytes of one run.
like_the_whole () {
	n=$1 styles=$2 files= && shift 2 &&
	mf-eval $common --partial "$@" >whole.part || return 1
	for i in $(seq $n)
	do
		mf-eval $common --partial --shard $i/$n "$@" >$i.part && files="$i.part $files" || return 1
	done
	mf-eval --merge --partial $files | test_cmp whole.part - || return 1
	for style in $styles
	do
		mf-eval $common --format=$style --per-user want.users "$@" >want.$style 2>want.err &&
		mf-eval --merge -j 1 --format=$style --per-user got.users $files >got.$style 2>got.err &&
		test_cmp want.$style got.$style && test_cmp want.users got.users && test_cmp want.err got.err || return 1
	done
}
common="-j 1 --bootstrap 20 --seed 7"
all="--baseline=popularity --baseline=random --baseline=bias --lists lists.tsv=lists"
test_expect_success 'values, intervals, tests, slices, coverage and gini of shards are those of the whole' '
	like_the_whole 3 "json tsv table text" -m $M --by=popularity:4 $all one.mf "the three.mf" &&
	grep -q "^gini@5" want.text && grep -q "^popularity:2/4: " want.text && grep -q "^lists: [0-9]* places* " want.text && grep -q "p: permutation" want.text &&
	like_the_whole 4 text -m $M --by=activity --relevant 3 $all one.mf "the three.mf" && grep -q "have none and are left out\|has none and is left out" want.text &&
	like_the_whole 2 json -m ndcg@4,coverage@4,gini@7 one.mf
'
test_expect_success 'users who are folded in, ratings apart, lists alone, more shards than users' '
	like_the_whole 3 json -m $M new.mf && like_the_whole 2 json -m ndcg@9,rmse --ratings split.mf factors.mf &&
	like_the_whole 3 text -m ndcg@9,coverage@9 --ratings split.mf --lists lists.tsv && like_the_whole 49 json -m mrr,coverage@2 one.mf &&
	jq .users want.json | grep -qx "$(mf-convert --to=tsv --fold test split.mf | cut -f 1 | sort -u | wc -l)"
'
# u44 has no test cells in cut.mf: a shard without u44 does not see that the splits differ
test_expect_success 'whether models have the same test cells is decided by all users' '
	fails 1 "its test cells are not those of one.mf" mf-eval -j 1 --partial --shard 1/3 one.mf cut.mf &&
	like_the_whole 3 text -m ndcg@9,rmse,coverage@5 --allow-different-splits --baseline=popularity one.mf cut.mf && grep -q "1 user does not have some in all models" want.text
'
# the numbers of the lists of users before u25 are 1, 2, 3, those of the others are not
test_expect_success 'what the numbers of lists mean is decided by all lists' '
	mf-eval -j 1 -m ndcg@3 --ratings split.mf --lists lists.tsv >text && ! grep -q "taken as the rank" text &&
	mf-eval -j 1 -m ndcg@3 --ratings split.mf --shard 1/3 --lists lists.tsv >text && ! grep -q "taken as the rank" text &&
	awk "\$1 < \"u25\"" lists.tsv >ranks.tsv && mf-eval -j 1 -m ndcg@3 --ratings split.mf --shard 3/3 --lists ranks.tsv | grep -q "taken as the rank"
'
# --- what is no whole ---

part () { # FILE OPTION...
	file=$1 && shift && mf-eval -j 1 --bootstrap 5 -m mrr --partial "$@" -o $file
}
test_expect_success 'shards that are missing, there twice, or of something else, are named' '
	part 1.part --shard 1/3 one.mf && part 2.part --shard 2/3 one.mf && part 3.part --shard 3/3 one.mf && part one.part one.mf &&
	mf-eval --merge --format=tsv 3.part 1.part 2.part >got && mf-eval --merge --format=tsv one.part | test_cmp got - &&
	mf-eval --merge --format=tsv <one.part | test_cmp got - &&
	fails 1 "shard 2/3 is missing; name the files of all" mf-eval --merge 3.part 1.part &&
	fails 1 "shard 3/3 is missing; name the files of all" mf-eval --merge 2.part 1.part &&
	cp 2.part again.part && fails 1 "again.part: shard 2/3 is there twice, in 2.part too" mf-eval --merge 3.part 2.part again.part 1.part &&
	part x.part --shard 2/4 one.mf && fails 1 "x.part: was made with --shard '\''I/4'\'', 1.part with '\''I/3'\''; make all shards with the same options" mf-eval --merge 1.part x.part 3.part &&
	part x.part --shard 2/3 new.mf && fails 1 "x.part: its '\''new.mf'\'' is not the '\''one.mf'\'' of 1.part; make all shards of the same files" mf-eval --merge 1.part x.part 3.part &&
	part x.part --shard 2/3 one.mf one.mf && fails 1 "x.part: was made of 2 models and 0 files of lists, 1.part of 1 and 0; make all shards of the same" mf-eval --merge 1.part x.part 3.part &&
	part x.part --shard 2/3 --relevant 2 one.mf && fails 1 "x.part: was made with --relevant '\''2'\'', 1.part with '\'''\''" mf-eval --merge 1.part x.part 3.part &&
	mf-eval -j 1 --bootstrap 5 -m mrr,rmse --partial --shard 2/3 one.mf >x.part && fails 1 "was made with --metrics '\''mrr,rmse'\'', 1.part with '\''mrr'\''" mf-eval --merge 1.part x.part 3.part &&
	mf-eval -j 1 --bootstrap 6 -m mrr --partial --shard 2/3 one.mf >x.part && fails 1 "was made with --bootstrap '\''6'\''" mf-eval --merge 1.part x.part 3.part &&
	part x.part --seed 4 --shard 2/3 one.mf && fails 1 "was made with --seed '\''4'\''" mf-eval --merge 1.part x.part 3.part &&
	part x.part --by=activity --shard 2/3 one.mf && fails 1 "was made with --by '\''activity:3'\''" mf-eval --merge 1.part x.part 3.part &&
	part x.part --baseline=popularity --shard 2/3 one.mf && fails 1 "was made with --baseline '\''popularity '\''" mf-eval --merge 1.part x.part 3.part &&
	part l1.part --shard 1/2 --ratings split.mf --lists lists.tsv && sed 1d lists.tsv >less.tsv && part l2.part --shard 2/2 --ratings split.mf --lists less.tsv=lists.tsv &&
	fails 1 "l2.part: its '\''lists.tsv'\'' is not the '\''lists.tsv'\'' of l1.part" mf-eval --merge l1.part l2.part
'
test_expect_success 'what names models have is said by shard 1' '
	cp one.mf other.mf && part x.part --shard 2/3 other.mf && mf-eval --merge --format=tsv 3.part x.part 1.part | test_cmp got -
'
test_expect_success 'what is no partial result, or damaged, is refused' '
	fails 1 "one.mf: no partial result of mf-eval; mf-eval --partial writes one" mf-eval --merge one.mf &&
	fails 1 "1.part: frame 0@0: not a bundle" mf-eval 1.part &&
	size=$(wc -c <1.part) && for n in 1 40 $((size / 2)) $((size - 20)) $((size - 1))
	do head -c $n 1.part >cut.part && fails 1 "cut.part: " mf-eval --merge cut.part || return 1; done &&
	cat 1.part 1.part >two.part && fails 1 "two.part: " mf-eval --merge two.part &&
	head -c -15 1.part >cut.part && fails 1 "cut.part: the partial result is cut short" mf-eval --merge cut.part
'
# Content that lies, with sound checks: the frames are P, S of each subject, I, V of each array, E.
cat >lies <<"END"
the options are none of mf-eval|frames[0][1]["metrics"] = "ndcg"
the options are none of mf-eval|frames[0][1]["shard"] = 2
the options are none of mf-eval|frames[0][1]["slices"] = 11
the options are none of mf-eval|frames[0][1]["bootstrap"] = 1000001
key 'by' has a wrong type or range|frames[0][1]["by"] = 3
the users are not those of the shard|frames[0][1]["all"] += 1
the users are not those of the shard|frames[0][1]["first"] = 1
there is no model and no list|frames[0][1]["models"] = 0
key 'splits' has a wrong type or range|frames[0][1]["splits"] = 2
key 'bounds' has not two numbers for each slice|frames[0][1]["bounds"] += bytes(4)
key 'truth' holds a control character|frames[0][1]["truth"] = "\033[2J"
a partial result in format 2, this mf-eval reads 1; make it with this one|frames[0][1]["version"] = 2
no partial result of mf-eval|frames[0][1]["magic"] = "mfpipe"
the frame is out of order|frames[0][1]["models"] = 2
key 'cells' has a wrong type or range|frames[1][1]["cells"] = 1
key 'target' has a wrong type or range|frames[1][1]["target"] = 3
key 'name' holds a control character|frames[1][1]["name"] = "a\tb"
I: an id is empty|frames[2][1]["len"] = bytes(4) + frames[2][1]["len"][4:]
the lengths of the ids are not those of the text|frames[2][1]["text"] += "x"
the lengths of the ids are not those of the text|frames[2][1]["len"] = b"\xff" * 4 + frames[2][1]["len"][4:]
the ids are not as many as the head says|frames[2][1]["len"] += b"\1\0\0\0"
an id is not after the one before it in byte order|frames[2][1]["text"] = "z" + frames[2][1]["text"][1:]
the numbers are not as many as the head says|frames[3][1]["data"] += bytes(4)
the numbers of test cells do not fit together|frames[3][1]["data"] = b"\x63" + bytes(3) + frames[3][1]["data"][4:]
a number is out of range|frames[4][1]["data"] = b"\2" + frames[4][1]["data"][1:]
a test cell is relevant, and there is none|frames[3][1]["data"] = bytes(len(frames[3][1]["data"]))
a number is out of range|frames[5][1]["data"] = b"\2" + frames[5][1]["data"][1:]
a number is out of range|frames[6][1]["data"] = b"\xff" * 8 + frames[6][1]["data"][8:]
a number is out of range|frames[7][1]["data"] = b"\xff" * 4 + frames[7][1]["data"][4:]
a frame follows the end frame|frames.append(frames[-1])
the partial result is cut short|frames.pop()
END
test_expect_success PYTHON 'content that cannot be is refused, and says why' '
	common="-j 1 --bootstrap 5" && mf-eval $common -m mrr,coverage@3 --by=popularity:2 --partial one.mf >sound.part &&
	mf-eval $common -m mrr --partial --shard 1/2 one.mf >first.part && mf-eval $common -m mrr --partial --shard 2/2 one.mf >second.part &&
	amend () { python3 "$TOP/tests/cli/amend.py" "$1" <"${2-sound.part}" >lie.part; } &&
	amend "pass" && mf-eval --merge lie.part >got && mf-eval --merge sound.part | test_cmp got - &&
	while IFS="|" read -r words code
	do
		amend "$code" && fails 1 "$words" mf-eval --merge lie.part || { echo "$code"; return 1; }
	done <lies &&
	amend "frames[0][1][\"left_out\"] = 2**32 - 1" first.part && mv lie.part 1.part && amend "frames[0][1][\"left_out\"] = 9" second.part && fails 1 "lie.part: more users than there can be" mf-eval --merge 1.part lie.part &&
	amend "frames[2][1][\"text\"] = \"a\" + frames[2][1][\"text\"][1:]" second.part && fails 1 "lie.part: its users are not after those of the shard before it" mf-eval --merge first.part lie.part &&
	amend "frames[0][1][\"program\"] = \"9.9\"" second.part && fails 1 "lie.part: was made by version 9.9, first.part by 0." mf-eval --merge first.part lie.part &&
	amend "frames[0][1][\"ratings\"] = 1" second.part && fails 1 "lie.part: its ratings are not those of first.part; make all shards of the same files" mf-eval --merge first.part lie.part
'
test_expect_success 'options that do not go together' '
	fails 2 "--metrics: what is measured stands in the files of --merge" mf-eval --merge -m mrr 1.part &&
	fails 2 "--shard: what is measured stands in the files of --merge" mf-eval --merge --shard 1/3 1.part &&
	fails 2 "--format: it goes with --merge; --partial has one format" mf-eval --partial --format=tsv one.mf &&
	fails 2 "--per-user: it goes with --merge" mf-eval --partial --per-user x one.mf &&
	fails 2 "--sort: '\''rmse'\'' is none of the metrics of -m" mf-eval --merge --format=table --sort=rmse one.part &&
	mf-eval --merge --format=table --sort=mrr one.part | grep -q "sorted by mrr" &&
	mf-eval -v -j 1 --partial --shard 2/3 -m mrr one.mf 2>err >x.part && grep -qx "mf-eval: shard 2/3: [0-9]* of [0-9]* users with test cells" err
'
test_done
