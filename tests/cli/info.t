#!/bin/sh
test_description='mf-info: what is in a bundle'
. "$(dirname "$0")/setup.sh"

test_expect_success 'ratings and a model' '
	awk "BEGIN { for (u = 1; u <= 9; u++) for (i = 1; i <= u; i++)
		printf \"u%d\\ti%d\\t429496729%d\\n\", u, i, i % 5 }" >RATINGS &&
	mf-convert --from=tsv RATINGS -o in.mf &&
	mf-split --test .2 --valid .2 in.mf | mf-transform -e log2:0.8 -e user-mean |
	mf-als -k 2 -p 2 -n 3 -o model.mf
'

test_expect_success 'JSON has the promised keys, and an exact sum' '
	mf-info --format=json in.mf >json &&
	test "$(jq -c keys_unsorted json)" = \
	"[\"users\",\"items\",\"nnz\",\"value\",\"sum\",\"folds\",\"sections\",\"model\",\"prov\",\"digest\"]" &&
	test "$(jq -c "[.users, .items, .nnz, .value, .model]" json)" = "[9,9,45,\"u32\",null]" &&
	grep -q "\"sum\": 193273528140," json &&
	test "$(jq -c .folds json)" = "{\"train\":45,\"valid\":0,\"test\":0,\"fold_in\":0}" &&
	test "$(jq -c .sections json)" = "{\"E\":1,\"H\":1,\"I\":2,\"R\":1}" &&
	jq -e ".digest | test(\"^[0-9a-f]{16}\$\")" json >/dev/null
'

test_expect_success 'JSON of a model: card, provenance whose digests chain' '
	mf-split --test .2 --valid .2 in.mf -o split.mf && mf-info --format=json model.mf >json &&
	test "$(jq -c "[.model.k, .model.p, .model.preset]" json)" = "[2,2,\"implicit\"]" &&
	test "$(jq -c "[.prov[].tool]" json)" = \
	"[\"mf-convert\",\"mf-split\",\"mf-transform\",\"mf-als\"]" &&
	test "$(jq -r ".prov[2].inputs[0].digest" json)" = \
		"$(mf-info --format=json split.mf | jq -r .digest)"
'

test_expect_success 'text shows sizes, activity, model, history, provenance' '
	mf-info in.mf >text && grep -q "^cells  *45, 55.56 % of the matrix" text &&
	grep -q "counts (u32), 4294967290 to 4294967294, .* sum 193273528140$" text &&
	grep -q "^cells of a user  *1  *3  *5  *5  *7  *9$" text && grep -q "^model  *none" text &&
	mf-info model.mf >text && grep -q "^model  *k 2, p 2, preset implicit" text &&
	grep -q "^  first  *0  start" text && grep -q "^  best " text && grep -q "^  last  *3  cluster" text &&
	sed -n "/^provenance/,\$p" text | sed 1d >pipe && test "$(wc -l <pipe)" -eq 4 &&
	sh -n pipe
'

test_expect_success 'the pipeline of provenance, pasted into a shell, makes the bundle again' '
	sh pipe >again.mf && test_cmp model.mf again.mf
'

test_expect_success 'a note is shown, what acts on a terminal is not' '
	note=$(printf "Plays of \303\251t\303\251\n\033[2J\302\233K\342\200\256x\ty\r") &&
	mf-convert --from=tsv --note "$note" RATINGS -o noted.mf && mf-info noted.mf >text &&
	printf "note            Plays of \303\251t\303\251\n                ?[2J?K?x\ty?\n" >want &&
	sed -n "/^note/,/^ /p" text | test_cmp want - &&
	mf-info --format=json noted.mf >json && test "$(jq -r .note json)" = "$note" &&
	test "$(jq -c .sections json)" = "{\"E\":1,\"H\":1,\"I\":2,\"R\":1,\"n\":1}" &&
	mf-info in.mf | grep -c "^note" | grep -qx 0
'

test_expect_success 'the range of times, which pass through every stage' '
	printf "a\tx\t1\na\ty\t2\nb\tx\t3\nb\ty\t1\n" | mf-convert --from=tsv -o untimed.mf &&
	printf "a\tx\t951827696\na\ty\t-1\nb\tx\t0\nb\ty\t7\n" >times &&
	python3 "$TOP/tests/cli/timed.py" times <untimed.mf >timed.mf &&
	mf-info timed.mf >text &&
	grep -qx "times           1969-12-31T23:59:59Z to 2000-02-29T12:34:56Z" text &&
	test "$(mf-info --format=json timed.mf | jq -c .time)" = "[-1,951827696]" &&
	mf-split --test .5 timed.mf | mf-transform -e log2 | mf-als -q -k 2 -p 2 >passed.mf &&
	test "$(mf-info --format=json passed.mf | jq -c "[.time, .sections.F]")" = "[[-1,951827696],2]" &&
	python3 "$TOP/tests/cli/timed.py" --show <passed.mf | cut -f 1,2,5 | test_cmp times - &&
	mf-info untimed.mf >text && ! grep -q "^times" text &&
	mf-info --format=json untimed.mf | jq -e "has(\"time\") | not" >/dev/null
'

test_expect_success '--check verifies everything and prints nothing' '
	mf-info --check model.mf >out && test_must_be_empty out &&
	size=$(wc -c <model.mf) && printf x | dd of=model.mf bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null &&
	fails 1 "check does not match" mf-info --check model.mf &&
	fails 1 "check does not match" mf-info model.mf
'

# lies KEY VALUE WORDS: mf-info --check refuses it as the other tools do.
lies () {
	python3 "$TOP/tests/cli/lie.py" "$1" "$2" <sound.mf >lie.mf &&
	for tool in "mf-info --check" "mf-info" "mf-split" "mf-eval" "mf-recommend" "mf-convert --to=tsv"
	do
		fails 1 "$3" sh -c "$tool lie.mf >kept" || { echo "by $tool"; return 1; }
	done
}

test_expect_success 'lies that a tool would refuse are refused by --check, and by all' '
	printf "a\tx\t1\na\ty\t1\nb\tx\t1\nb\tz\t1\nc\tz\t1\n" | mf-convert --from=tsv |
		mf-als -q -k 2 -p 2 -n 2 -o sound.mf && mf-info --check sound.mf &&
	python3 "$TOP/tests/cli/lie.py" none 0 <sound.mf | mf-info --check &&
	lies len "struct.pack(\"<3I\", 1, 3, 1)" "the personas do not fit the training cells" &&
	lies z "bytes([0, 1, 0, 1, 2])" "a persona that is not there" &&
	lies z "bytes(4)" "not one byte for each training cell" &&
	lies overlap 2.0 "overlap" && lies overlap -.1 "overlap" && lies lambda_users -1.0 "lambda_users" &&
	lies h "float(\"nan\")" "a number of the history is not finite" &&
	lies entropy "float(\"nan\")" "a number of the card is not finite" && lies agreement "float(\"nan\")" "a number of the card is not finite" &&
	lies h "float(\"inf\")" "a number of the history is not finite" &&
	lies prov "{\"op\": 1}" "value is not a str" &&
	lies prov "{\"op\": \"log2:1 \" * 40}" "at most 255 bytes" &&
	lies prov "{str(i): \"1\" for i in range(41)}" "more than 40 options" &&
	python3 "$TOP/tests/cli/lie.py" prov "{str(i): \"v\" * 255 for i in range(40)}" <sound.mf >full.mf &&
	mf-info --format=json full.mf | jq -e ".prov[0].options | length == 40" >/dev/null
'

test_expect_success 'what is no bundle is called by its name' '
	printf "1,2,3\n2,2,1\n" >plays.csv && fails 1 "it is text: mf-convert --from=csv" mf-als plays.csv &&
	fails 1 "it is text: mf-convert --from=csv makes" mf-info plays.csv &&
	printf "userId,movieId,rating\n1,2,3.5\n" >headed.csv && fails 1 "it is text: mf-convert --from=csv --header makes a bundle of it" mf-als headed.csv && mf-convert --from=csv --header headed.csv >made.mf &&
	printf "user\titem\tplays\na\tb\t3\n" >headed.tsv && fails 1 "it is text: mf-convert --from=tsv --header makes" mf-info headed.tsv &&
	printf "a\tb\t3\n" >bare.tsv && fails 1 "it is text: mf-convert --from=tsv makes" mf-info bare.tsv &&
	printf "a,b\nc,d\n" >bare.csv && fails 1 "it is text: mf-convert --from=csv makes" mf-info bare.csv &&
	printf "user,item,plays" >bare.csv && fails 1 "it is text: mf-convert --from=csv makes" mf-info bare.csv &&
	printf "a\tb\t0.1\nc\td\t3\ne\tf\t-1e-30\n" | mf-convert --from=tsv | mf-info >text && grep -qx "values          f32, -1e-30 to 3, mean 1.03333, sum 3.1" text &&
	printf "a\tb\t0.1\nc\td\t3\n" | mf-convert --from=tsv | mf-info >text && grep -qx "values          f32, 0.1 to 3, mean 1.55, sum 3.1" text &&
	mf-convert --from=csv plays.csv -o plays.mf &&
	mf-als -q -k 2 -p 1 -n 2 --checkpoint check plays.mf -o model2.mf && test -s check &&
	fails 1 "a checkpoint of mf-als: give it to --resume" mf-info check &&
	fails 1 "a checkpoint of mf-als" mf-recommend check &&
	: >nothing && fails 1 "the input is empty" mf-info nothing
'

test_expect_success 'no output before the end is verified' '
	size=$(wc -c <in.mf) &&
	for n in 0 1 100 $((size / 2)) $((size - 1))
	do
		head -c $n in.mf >cut.mf && fails 1 "" mf-info cut.mf &&
		fails 1 "" mf-info --format=json cut.mf || return 1
	done && cat in.mf in.mf >two.mf && fails 1 "two.mf: frame" mf-info two.mf
'

test_expect_success 'wrong usage, a full disk' '
	fails 2 "--format" mf-info --format=xml in.mf && fails 2 "one file" mf-info in.mf in.mf &&
	if test -w /dev/full
	then test_must_fail mf-info in.mf >/dev/full && test_must_fail mf-info --format=json in.mf >/dev/full
	fi
'

test_done
