test_description='mf-convert: bundles put together, and notes'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

test_expect_success 'a note goes through every stage, and into the provenance as a digest' '
	awk "BEGIN { for (u = 0; u < 9; u++) for (i = 0; i <= u; i++) print \"u\" u \"\\ti\" i \"\\t\" i + 1 }" >plays.tsv &&
	mf-convert --from=tsv plays.tsv >plain.mf &&
	mf-convert --from=tsv --note="CC0, from here" plays.tsv >noted.mf &&
	mf-split --test .3 noted.mf | mf-transform -e log2:1 -e bm25 | mf-als -k 2 -p 2 -n 2 >model.mf &&
	for f in noted model; do
		test "$(mf-info --format=json $f.mf | jq -r .note)" = "CC0, from here" || return 1
	done &&
	mf-info --format=json noted.mf | jq -c "[.prov[0].inputs[].name]" | grep -qx "\[\"ratings\",\"note\"\]" &&
	mf-info noted.mf | grep -q "mf-convert .*--note=NOTE RATINGS  # RATINGS [0-9a-f]*, NOTE [0-9a-f]*;" &&
	mf-convert --to=tsv noted.mf >out && mf-convert --to=tsv plain.mf | cmp - out &&
	cat noted.mf | mf-transform -e tfidf | mf-info --format=json | jq -e .note >/dev/null &&
	mf-split --test .3 noted.mf >split.mf && mf-als -k 2 -p 1 -n 1 split.mf >whole.mf &&
	mf-als -k 2 -p 1 -n 1 --factors-only split.mf >factors.mf &&
	mf-convert --join factors.mf split.mf | cmp - whole.mf
'
test_expect_success 'notes of joined bundles: each once, in the order of their bytes' '
	for i in 0 1 2; do awk "NR % 3 == $i { print \"p$i\" \$0 }" plays.tsv >p$i; done &&
	note () { mf-convert --join "$@" >joined.mf && mf-info --format=json joined.mf | jq -r .note; } &&
	cat p0 p1 p2 >all && mf-convert --from=tsv --note=same all >all.mf &&
	for i in 0 1 2; do mf-convert --from=tsv --note=same p$i >s$i.mf || return 1; done &&
	mf-convert --join s2.mf s0.mf s1.mf | cmp - all.mf &&
	mf-convert --from=tsv p0 >n0.mf && mf-convert --from=tsv --note="$(printf "b\nc")" p1 >n1.mf &&
	mf-convert --from=tsv --note=a p2 >n2.mf &&
	test "$(note n0.mf)" = null && test "$(note n0.mf n2.mf)" = a &&
	for order in "0 1 2" "2 1 0" "1 0 2"; do
		set -- $order && test "$(note n$1.mf n$2.mf n$3.mf)" = "$(printf "a\nb\nc")" &&
		cp joined.mf "joined$1.mf" || return 1
	done && cmp joined0.mf joined1.mf && cmp joined0.mf joined2.mf &&
	x=$(printf "%040000d" 1) && y=$(printf "%040000d" 2) &&
	mf-convert --from=tsv --note=$x p1 >n1.mf && mf-convert --from=tsv --note=$y p2 >n2.mf &&
	fails 1 "the notes of the bundles have more than 65536 bytes together" mf-convert --join n1.mf n2.mf
'
test_expect_success 'parts of a text joined are the text, whatever the order' '
	awk "BEGIN { for (u = 0; u < 3000; u++) for (i = 0; i < 5; i++) print \"u\" u \"\ti\" (u * 7 + i * i * 13) % 501 \"\t\" u + i }" >all.tsv &&
	mf-convert --from=tsv all.tsv >all.mf &&
	awk "{ print > (\"part\" substr(\$1, length(\$1)) % 3) }" all.tsv &&
	for i in 0 1 2; do mf-convert --from=tsv part$i >part$i.mf || return 1; done &&
	mf-convert --join part2.mf part0.mf part1.mf | cmp - all.mf &&
	mf-convert --join - part1.mf part2.mf <part0.mf | cmp - all.mf &&
	mf-convert --join all.mf | cmp - all.mf &&
	fails 1 "part0.mf: is the same bundle as part0.mf; name it once" mf-convert --join part0.mf part1.mf part0.mf
'
test_expect_success 'shards of an aggregation joined are the whole' '
	awk "BEGIN { for (s = 0; s < 300; s++) printf \"TR%05d<SEP>SO%05d<SEP>artist %d<SEP>t\n\", s, s, s % 90 }" >tracks &&
	awk "BEGIN { for (u = 0; u < 400; u++) for (i = 0; i < 6; i++) printf \"user%d\tSO%05d\t%d\n\", u, (u * 31 + i * i * 17) % 300, u % 9 + 1 }" >triplets &&
	msd-aggregate -t tracks triplets >whole.mf &&
	for i in 1 2 3 4; do msd-aggregate --shard $i/4 -t tracks triplets >shard$i.mf || return 1; done &&
	mf-convert --join shard3.mf shard1.mf shard4.mf shard2.mf | cmp - whole.mf &&
	fails 1 "shard 4/4 is missing" mf-convert --join shard1.mf shard2.mf shard3.mf &&
	for i in 1 2 3 4; do mf-split --test 0.2 shard$i.mf >split$i.mf || return 1; done &&
	mf-split --test 0.2 whole.mf | mf-convert --to=tsv >want &&
	mf-convert --join split?.mf | mf-convert --to=tsv | cmp - want
'
test_expect_success 'yesterday and today are summed, as one text would have been' '
	printf "a\tx\t1\nb\ty\t2\na\tv\t7\n" >one && printf "c\ty\t5\na\tz\t4\na\tx\t3\n" >two &&
	for f in one two; do mf-convert --from=tsv $f >$f.mf || return 1; done &&
	mf-convert --join one.mf two.mf 2>err >both.mf && test $(wc -l <err) -eq 1 &&
	grep -q "mf-convert: 1 cell of 1 user in several bundles: summed; .*--duplicates=sum" err &&
	cat one two | mf-convert --from=tsv --duplicates=sum | cmp - both.mf &&
	mf-convert --join --duplicates=sum two.mf one.mf 2>err | cmp - both.mf && test ! -s err &&
	mf-convert --to=tsv both.mf >out && printf "a\tv\t7\t0\na\tx\t4\t0\na\tz\t4\t0\nb\ty\t2\t0\nc\ty\t5\t0\n" | cmp - out &&
	value () { mf-convert --join --duplicates=$1 $2 $3 | mf-convert --to=tsv | awk "/^a\tx/ { print \$3 }"; } &&
	test "$(value last one.mf two.mf)" = 3 && test "$(value last two.mf one.mf)" = 1 && test "$(value first one.mf two.mf)" = 1 &&
	test "$(value max one.mf two.mf)" = 3 && test "$(value mean one.mf two.mf)" = 2 &&
	fails 1 "user '"'a', item 'x' in one.mf and in two.mf"'" mf-convert --join --duplicates=error one.mf two.mf &&
	printf "a\tx\t4\n" | mf-convert --from=tsv >three.mf && mf-convert --join --duplicates=mean one.mf three.mf | mf-convert --to=tsv >out &&
	printf "a\tv\t7.0\t0\na\tx\t2.5\t0\nb\ty\t2.0\t0\n" | cmp - out
'
test_expect_success 'what a join did is told' '
	mf-convert --join -v --duplicates=max one.mf two.mf 2>err >/dev/null && grep -q "2 bundles joined, by user" err &&
	grep -q "1 cell of 1 user in several bundles: merged by max" err && ! grep -q floats err &&
	mf-convert --join -v one.mf 2>err >/dev/null && grep -q "1 bundle joined, by user" err &&
	printf "a\tx\t.5\na\tv\t1\n" | mf-convert --from=tsv >four.mf && mf-convert --join -v four.mf one.mf 2>err >sum.mf &&
	grep -q "counts and floats: all values become floats" err && grep -q "2 cells of 1 user in several bundles: summed" err &&
	mf-convert --to=tsv sum.mf >out && printf "a\tv\t8.0\t0\na\tx\t1.5\t0\nb\ty\t2.0\t0\n" | cmp - out
'
mtx='%%%%MatrixMarket matrix coordinate integer general\n'
test_expect_success 'matrices without names are joined by numbers that mean the same, or not at all' '
	printf "${mtx}12 9 2\n1 1 5\n12 9 6\n" | mf-convert --from=mtx >a.mf && printf "${mtx}99 8 1\n1 1 7\n" | mf-convert --from=mtx >b.mf &&
	printf "${mtx}9 9 1\n1 1 7\n" | mf-convert --from=mtx >narrow.mf && printf "${mtx}12 10 1\n1 1 7\n" | mf-convert --from=mtx >wide.mf &&
	mf-convert --join --duplicates=sum a.mf b.mf | mf-convert --to=mtx | sed 1d >out && printf "99 9 2\n1 1 12\n12 9 6\n" | cmp - out &&
	fails 1 "narrow.mf: its users are the rows of a matrix, numbers of 1 digit, those of a.mf of 2, so that none would be the same: give both their names, with --user-names when they are read" mf-convert --join a.mf narrow.mf &&
	fails 1 "wide.mf: its items are the columns of a matrix, numbers of 2 digits, those of a.mf of 1" mf-convert --join a.mf wide.mf &&
	printf "${mtx}13 9 1\n1 1 7\n" | mf-convert --from=mtx | mf-convert --to=npz >x.npz && mf-convert --from=npz x.npz >x.mf &&
	fails 1 "x.mf: its users are the rows of a matrix, counted from 0, those of a.mf from 1: give both their names, with --user-names when they are read" mf-convert --join a.mf x.mf &&
	mf-filter --min-items 1 x.mf >filtered.mf && fails 1 "those of filtered.mf from 0" mf-convert --join filtered.mf a.mf &&
	mf-convert --join x.mf filtered.mf >/dev/null 2>&1 &&
	seq 1 12 >users && seq 1 9 >items && printf "${mtx}12 9 1\n2 3 7\n" | mf-convert --from=mtx --user-names users --item-names items >named.mf &&
	seq 1 13 >users && mf-convert --from=npz --user-names users --item-names items x.npz >other.mf &&
	mf-convert --join named.mf other.mf 2>err | mf-convert --to=tsv >out && test ! -s err && printf "1\t1\t7\t0\n2\t3\t7\t0\n" | cmp - out
'
test_expect_success 'one number in two spellings is said, unless a bundle has both' '
	printf "01\tx\t1\n02\tx\t1\n3\tx\t1\n" | mf-convert --from=tsv >padded.mf && printf "1\tx\t1\n2\tx\t1\n3\tx\t1\n004\tx\t1\n" | mf-convert --from=tsv >plain.mf &&
	mf-convert --join --duplicates=sum padded.mf plain.mf 2>err | mf-convert --to=tsv | wc -l | grep -qx 6 && test $(wc -l <err) -eq 1 &&
	grep -q "user '"'01' of padded.mf and '1' of plain.mf"' are one number, but two users, as 2 pairs in all; if they are one, spell them alike before the join" err &&
	printf "x\t7\t1\n" | mf-convert --from=tsv >seven.mf && printf "x\t007\t1\n" | mf-convert --from=tsv >padded7.mf &&
	mf-convert --join seven.mf padded7.mf 2>err >/dev/null && grep -q "item '"'7' of seven.mf and '007' of padded7.mf"' are one number, but two items, as 1 pair in all" err &&
	printf "1\tx\t1\n01\tx\t2\n" | mf-convert --from=tsv >meant.mf && mf-convert --join --duplicates=sum padded.mf meant.mf 2>err >/dev/null && test ! -s err &&
	printf "${mtx}12 9 1\n1 1 7\n" | mf-convert --from=mtx >a.mf && mf-convert --join --duplicates=sum a.mf plain.mf 2>err >/dev/null && grep -q "'"'04' of a.mf and '004' of plain.mf"' are one number" err
'
test_expect_success 'what a join merged, and how, is in its provenance' '
	inputs () { mf-info --format=json | jq -c "[.prov[-1].options.join, .prov[-1].options.duplicates, (.prov[-1].inputs | map(.name))]"; } &&
	mf-convert --join --duplicates=max one.mf two.mf | inputs | grep -qxF "[\"2\",\"max\",[\"bundles\"]]" &&
	mf-convert --join --duplicates=last one.mf two.mf | inputs | grep -qxF "[\"2\",\"last\",[\"bundles\",\"order\"]]" &&
	mf-convert --from=tsv --duplicates=max two >max.mf && mf-convert --join --duplicates=sum one.mf max.mf | inputs |
		grep -qxF "[\"2\",\"sum\",[\"bundles\"]]"
'
test_expect_success 'a training and a test part in two files' '
	printf "0 1 2\n1 3\n2\n" >train.txt && printf "0 5\n1 1 2\n" >test.txt &&
	mf-convert --from=lists train.txt -o train.mf &&
	mf-convert --from=lists --as=test test.txt | mf-convert --join train.mf - -o all.mf &&
	mf-convert --to=tsv all.mf >out &&
	printf "0\t1\t1\t0\n0\t2\t1\t0\n0\t5\t1\t2\n1\t1\t1\t2\n1\t2\t1\t2\n1\t3\t1\t0\n" | cmp - out &&
	mf-convert --to=tsv --part=users all.mf >out && printf "0\n1\n2\n" | cmp - out &&
	mf-convert --from=lists --as=test test.txt -o test.mf && mf-convert --join test.mf train.mf | cmp - all.mf &&
	mf-info --format=json test.mf | jq -e ".prov[0].options.as == \"test\"" &&
	printf "1\t2\t3\t881250949\n" >ua.base && printf "1\t3\t4\t881250950\n" >ua.test &&
	mf-convert --from=tsv --columns=1,2,3,,4 ua.base -o train.mf &&
	mf-convert --from=tsv --columns=1,2,3,,4 --as=test ua.test | mf-convert --join train.mf - | mf-convert --to=tsv >out &&
	printf "1\t2\t3\t0\t881250949\n1\t3\t4\t2\t881250950\n" | cmp - out &&
	for fold in train.0 valid.1 test.2 fold-in.3; do
		printf "user_id:token\titem_id:token\na\tx\n" >in && mf-convert --from=inter --as=${fold%.*} in | mf-convert --to=tsv >out && printf "a\tx\t1\t${fold#*.}\n" | cmp - out &&
		printf "{\"user\":\"a\",\"item\":\"x\"}\n" >in && mf-convert --from=ndjson --as=${fold%.*} in | mf-convert --to=tsv | cmp - out || return 1
	done
'
test_expect_success '--as: no cell may say another fold' '
	printf "a\tx\t1\t0\n" >in && fails 1 "in:1: the fold '"'0'"' stands here, and --as gives one to all cells" mf-convert --from=tsv --columns=1,2,3,4 --as=test in &&
	mf-convert --from=tsv --columns=1,2,3 --as=test in | mf-convert --to=tsv >out && printf "a\tx\t1\t2\n" | cmp - out &&
	printf "{\"user\":\"a\",\"item\":\"x\",\"fold\":0}\n" >in && fails 1 "in:1: key '"'fold'"' is there, and --as gives" mf-convert --from=ndjson --as=train in &&
	fails 2 "none of train, valid, test, fold-in" mf-convert --from=tsv --as=tset in &&
	fails 2 "and --as go with --from" mf-convert --to=tsv --as=test in &&
	fails 2 "--user-names: the name of a file is empty" mf-convert --from=tsv --user-names= in &&
	fails 2 "--item-names: the name of a file is empty" mf-convert --from=tsv --item-names= in
'
test_expect_success 'a cell in two folds: what to do' '
	printf "a\tb\t1\t2\n" | mf-convert --from=tsv --columns=1,2,3,4 -o one.mf && printf "a\tb\t1\t0\n" | mf-convert --from=tsv --columns=1,2,3,4 -o two.mf &&
	fails 1 "in different folds; join what mf-split read, and split the whole. Without its folds a bundle is mf-convert --to=csv BUNDLE | mf-convert --from=csv --columns=1,2,3" mf-convert --join one.mf two.mf &&
	mf-convert --to=csv one.mf | mf-convert --from=csv --columns=1,2,3 | mf-convert --join --duplicates=sum - two.mf | mf-convert --to=tsv >out && printf "a\tb\t2\t0\n" | cmp - out &&
	printf "a\tb\t1\t2\t9\n" | mf-convert --from=tsv --columns=1,2,3,4,5 -o one.mf && printf "a\tb\t1\t0\t8\n" | mf-convert --from=tsv --columns=1,2,3,4,5 -o two.mf &&
	fails 1 "in different folds; join what mf-split read, and split the whole. Without its folds a bundle is mf-convert --to=csv BUNDLE | mf-convert --from=csv --columns=1,2,3,,5" mf-convert --join one.mf two.mf &&
	mf-convert --to=csv one.mf | mf-convert --from=csv --columns=1,2,3,,5 | mf-convert --join --duplicates=sum - two.mf | mf-convert --to=tsv >out && printf "a\tb\t2\t0\t9\n" | cmp - out
'
test_expect_success REALDATA 'Gowalla: the training lists and the test lists of LightGCN' '
	lists () { awk "NR == 1 || \$1 != u { printf \"%s%s\", (NR > 1 ? \"\n\" : \"\"), \$1; u = \$1 } { printf \" %s\", \$2 } END { print \"\" }" "$DATA/gowalla/$1.tsv"; } &&
	lists train >train.txt && lists test >test.txt && mf-convert --from=lists train.txt -o train.mf &&
	mf-convert --from=lists --as=test test.txt | mf-convert --join train.mf - -o all.mf &&
	mf-info --format=json all.mf | jq -e ".folds.train == 810128 and .folds.test == 217242"
'
test_done
