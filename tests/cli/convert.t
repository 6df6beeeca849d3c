test_description='mf-convert: other formats to a bundle and back, joins'
. "$(dirname "$0")/setup.sh"

H=$DATA/hetrec2011-lastfm-2k

# from TEXT ARGS...: the text (printf escapes) through mf-convert, as tsv.
from () {
	printf "$1" >from.in
	shift
	mf-convert "$@" from.in >from.mf && mf-convert --to=tsv from.mf
}
# refuses TEXT WORDS ARGS...: that input is refused with the words, and its file.
refuses () {
	printf "$1" >from.in
	words=$2
	shift 2
	fails 1 "$words" mf-convert "$@" from.in && grep -q '^mf-convert: from.in' fails.err
}

# Ids that make every format quote: commas, quotes, blanks, backslashes, beyond
# ASCII, a carriage return inside; values at the ends of their types; all folds.
printf 'a,b\tx"y\t4294967295\t0\na,b\t "q\t16777217\t1\n\303\251\\n\tr\rs\t0\t3\nz z\tx"y\t1\t2\n' >counts.tsv
printf 'a,b\tx"y\t3.0\t0\na,b\t "q\t-0.0\t1\n\303\251\\n\tr\rs\t1e-45\t3\nz z\tx"y\t3.4028235e+38\t2\n' >floats.tsv

test_expect_success 'a bundle holds the cells in the order of the ids, whatever theirs' '
	from "b\tx\t3\na\ty\t4\na\tx\t5\n" --from=tsv >out &&
	printf "a\tx\t5\t0\na\ty\t4\t0\nb\tx\t3\t0\n" >want && cmp want out &&
	mv from.mf one.mf && from "a\tx\t5\nb\tx\t3\na\ty\t4\n" --from=tsv >out && cmp one.mf from.mf
'
for kind in counts floats
do
	test_expect_success "$kind survive every format bit for bit" '
		mf-convert --from=tsv --columns=1,2,3,4 '$kind'.tsv >w.mf &&
		mf-convert --to=tsv w.mf >want &&
		sort '$kind'.tsv >sorted && sort want | cmp - sorted &&
		mf-convert --to=tsv --part=users w.mf >users && mf-convert --to=tsv --part=items w.mf >items &&
		names="--user-names users --item-names items" &&
		for format in "csv --columns=1,2,3,4" ndjson; do
			mf-convert --to=${format%% *} w.mf >t && mf-convert --from=$format t >back.mf &&
			mf-convert --to=tsv back.mf | cmp - want || return 1
		done &&
		cut -f1-3 want >without &&
		for format in inter "mtx $names" "npz $names"; do
			mf-convert --to=${format%% *} w.mf >t && mf-convert --from=$format t >back.mf &&
			mf-convert --to=tsv back.mf | cut -f1-3 | cmp - without || return 1
		done &&
		mf-convert --to=csv --header w.mf | mf-convert --from=csv --header --columns=user,item,value,fold |
			mf-convert --to=tsv | cmp - want
	'
done
test_expect_success 'the bundle itself comes back, but for its provenance' '
	mf-convert --from=tsv --columns=1,2,3,4 counts.tsv >w.mf &&
	mf-convert --to=tsv w.mf | mf-convert --from=tsv --columns=1,2,3,4 | cmp - w.mf
'
test_expect_success 'values are counts if all are, in any order' '
	from "a\tx\t3\na\ty\t4\n" --from=tsv | grep -q "x	3	" &&
	from "a\tx\t3\na\ty\t4.5\n" --from=tsv | grep -q "x	3.0	" &&
	from "a\ty\t4.5\na\tx\t3\n" --from=tsv | grep -q "x	3.0	" &&
	from "a\ty\t4294967296\na\tx\t3\n" --from=tsv | grep -q "x	3.0	"
'
test_expect_success 'duplicates are summed, as integers' '
	from "a\tx\t4294967290\na\tx\t5\n" --from=tsv | grep -q "^a	x	4294967295	0$" &&
	from "a\tx\t.5\na\tx\t.25\n" --from=tsv | grep -q "^a	x	0.75	0$"
'
test_expect_success 'a sum out of range, or over folds, is refused' '
	refuses "a\tx\t4294967295\na\tx\t1\n" "user '"'a', item 'x'"': the sum is more than 4294967295" --from=tsv &&
	refuses "a\tx\t3e38\na\tx\t3e38\n" "more than a float can hold" --from=tsv &&
	refuses "a\tx\t1\t0\na\tx\t1\t2\n" "in different folds" --from=tsv --columns=1,2,3,4
'
test_expect_success 'duplicates are refused with the line of the first that is repeated' '
	refuses "z\tx\t1\nb\tx\t1\na\tx\t1\nb\tx\t2\nz\tx\t1\n" "from.in:4: user '"'b'"'" --from=tsv --duplicates=error &&
	grep -q "the first time in line 2" fails.err
'
test_expect_success 'an id with a line feed is refused, in one line all the same' '
	refuses "\"a\nb\",x,3\n" "from.in:2: user id '"'a?b'"' holds" --from=csv
'
test_expect_success 'columns by number and by name, value or not' '
	from "7,x,3,a\n" --from=csv --columns=4,2,1 >out && printf "a\tx\t7\t0\n" | cmp - out &&
	from "n,item,who,plays\n7,x,a,3\n" --from=csv --header --columns=who,item,plays >out &&
	printf "a\tx\t3\t0\n" | cmp - out &&
	from "a\tx\t7\n" --from=tsv --columns=1,2 >out && printf "a\tx\t1\t0\n" | cmp - out &&
	refuses "who,item\na,x\n" "from.in:1: the header has no column '"'plays'"'" --from=csv --header --columns=who,item,plays &&
	refuses "a,a,b\n1,2,3\n" "more than one column '"'a'"'" --from=csv --header --columns=a,b
'
test_expect_success 'names become ids, and ids of one name one id' '
	printf "id\tname\turl\n2\tCan\tx\n1\tNeu!\ty\n3\tCan\n" >names &&
	from "user\titem\tn\r\nu\t1\t5\r\nu\t2\t6\r\nu\t3\t7\r\n" --from=tsv --header --item-names names >out &&
	printf "u\tCan\t13\t0\nu\tNeu!\t5\t0\n" | cmp - out &&
	refuses "u\titem\tn\nu\t9\t1\n" "from.in:2: item '"'9'"' has no name" --from=tsv --header --item-names names &&
	printf "1\ta\n1\tb\n" >names && printf "u\t1\t1\n" >in &&
	fails 1 "names:2: id '"'1'"' has a name already" mf-convert --from=tsv --item-names names in &&
	printf "1\ta\n2\t\n" >names &&
	fails 1 "names:2: the name '"''"' is empty" mf-convert --from=tsv --item-names names in &&
	printf "1\n" >names && fails 1 "names:1: no name" mf-convert --from=tsv --item-names names in &&
	printf "1\tNeu!\n" >names && from "1\ti\t5\n" --from=tsv --user-names names | grep -q "^Neu!	i	5	0$"
'
test_expect_success 'Matrix Market: comments, blanks, patterns, declared types' '
	from "%%%%matrixmarket MATRIX coordinate pattern general\n%% c\n\n3 4 2\n 1 2 \n3\t4\n" --from=mtx >out &&
	printf "1\t2\t1\t0\n3\t4\t1\t0\n" | cmp - out &&
	from "%%%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 3\n" --from=mtx | grep -q "3.0" &&
	from "%%%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 -3\n" --from=mtx | grep -q "	-3.0	"
'
banner='%%%%MatrixMarket matrix coordinate integer general\n'
test_expect_success 'Matrix Market: what is damaged is refused' '
	refuses "" "is empty" --from=mtx &&
	refuses "hello\n" "from.in:1: not Matrix Market" --from=mtx &&
	refuses "%%%%MatrixMarket matrix array real general\n" "only coordinate" --from=mtx &&
	refuses "%%%%MatrixMarket matrix coordinate complex general\n" "only real" --from=mtx &&
	refuses "%%%%MatrixMarket matrix coordinate real symmetric\n" "only general" --from=mtx &&
	refuses "$banner" "wanted the numbers" --from=mtx &&
	refuses "${banner}2 2\n" "wanted the numbers" --from=mtx &&
	refuses "${banner}4294967296 2 1\n" "wanted the numbers" --from=mtx &&
	refuses "${banner}2 2 18446744073709551616\n" "wanted the numbers" --from=mtx &&
	refuses "${banner}2 2 18446744073709551615\n1 1 1\n" "ends after 1 of 18446744073709551615" --from=mtx &&
	refuses "${banner}2 2 1\n1 1 1\n1 2 1\n" "from.in:4: more entries" --from=mtx &&
	refuses "${banner}2 2 1\n0 1 1\n" "from.in:3: row" --from=mtx &&
	refuses "${banner}2 2 1\n1 3 1\n" "from.in:3: column" --from=mtx &&
	refuses "${banner}2 2 1\n1 1\n" "a value" --from=mtx &&
	refuses "${banner}2 2 1\n1 1 x\n" "not a finite number" --from=mtx &&
	printf "a\n" >names &&
	refuses "${banner}2 2 1\n1 1 1\n" "2 users, but 1 names" --from=mtx --user-names names
'
test_expect_success 'a matrix that only claims to be large takes no memory' '
	printf "${banner}4294967295 4294967295 4294967296\n1 1 1\n" >in &&
	(case $BUILD in */asan) ;; *) ulimit -v 4000000;; esac; mf-convert --from=mtx in) >out 2>err
	test $? -eq 1 && test ! -s out && grep -q "ends after 1 of 4294967296 entries" err
'
test_expect_success 'NDJSON: numbers as ids, keys chosen, defaults' '
	from "{\"user\":1,\"item\":\"x\"}\n{\"item\":\"y\",\"user\":\"1\",\"value\":2,\"fold\":3,\"z\":[{}]}\n" --from=ndjson >out &&
	printf "1\tx\t1\t0\n1\ty\t2\t3\n" | cmp - out &&
	from "{\"u\":\"a\",\"i\":\"x\",\"n\":2.5,\"fold\":2}\n" --from=ndjson --columns=u,i,n >out &&
	printf "a\tx\t2.5\t0\n" | cmp - out
'
test_expect_success 'NDJSON: what is damaged is refused' '
	refuses "{\"user\":\"a\",\"item\":\"x\"}\n{\"user\":\n" "from.in:2: not JSON" --from=ndjson &&
	refuses "[1]\n" "not a JSON object" --from=ndjson &&
	refuses "{\"user\":\"a\"}\n" "key '"'item'"' is missing" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":1.5}\n" "no string or whole number" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"value\":\"3\"}\n" "key '"'value'"' is no number" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"value\":1e39}\n" "no number that a float can hold" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"fold\":4}\n" "not a fold" --from=ndjson &&
	refuses "{\"user\":\"a\",\"user\":\"b\",\"item\":\"x\"}\n" "not JSON" --from=ndjson &&
	refuses "{\"user\":\"a\\\\u0000\",\"item\":\"x\"}\n" "not JSON" --from=ndjson &&
	refuses "{\"user\":\"a\\\\tb\",\"item\":\"x\"}\n" "holds a NUL, TAB or newline" --from=ndjson
'
test_expect_success 'RecBole: columns by their names, a rating or none' '
	from "timestamp:float\titem_id:token\tuser_id:token\trating:float\n9\tx\ta\t3\n" --from=inter >out &&
	printf "a\tx\t3\t0\n" | cmp - out &&
	from "user_id:token\titem_id:token\na\tx\n" --from=inter | grep -q "^a	x	1	0$" &&
	refuses "a\tx\t3\n" "no column '"'user_id'"'" --from=inter && refuses "" "is empty" --from=inter
'
test_expect_success 'text with every kind of dirt' '
	from "\357\273\277a\tx\t3\r\nb\tx\t4" --from=tsv >out && printf "a\tx\t3\t0\nb\tx\t4\t0\n" | cmp - out &&
	refuses "" "holds no ratings" --from=tsv &&
	refuses "user\titem\n" "holds no ratings" --from=tsv --header &&
	refuses "a\tx\t3\n\nb\tx\t4\n" "from.in:2: 1 field, but the item is in column 2" --from=tsv &&
	refuses "a\tx\n" "from.in:1: 2 fields, but the value is in column 3" --from=tsv &&
	refuses "\tx\t3\n" "user id '"''"' is empty" --from=tsv &&
	refuses "a\tx\t\n" "not a finite number" --from=tsv &&
	refuses "a\tx\tnan\n" "not a finite number" --from=tsv &&
	refuses "a\tx\tinf\n" "not a finite number" --from=tsv &&
	refuses "a\tx\t0x10\n" "not a finite number" --from=tsv &&
	refuses "a\tx\t1e39\n" "not a finite number" --from=tsv &&
	refuses "a\tx\t 3\n" "not a finite number" --from=tsv &&
	refuses "a\tx\t3\t7\n" "not a fold of 0 to 3" --from=tsv --columns=1,2,3,4 &&
	refuses "a\tx\t3\nb\\000\tx\t3\n" "from.in:2: line holds a NUL" --from=tsv &&
	refuses "a\377\tx\t3\n" "from.in:1: line is not UTF-8" --from=tsv &&
	refuses "\037\213\010\n" "gzip" --from=tsv &&
	from "a\tx\t-1\nb\tx\t1e3\n" --from=tsv >out && printf "a\tx\t-1.0\t0\nb\tx\t1000.0\t0\n" | cmp - out
'
test_expect_success 'ids that a line would not give back are refused, CSV holds them' '
	printf "{\"user\":\"a\",\"item\":\"x\\\\r\"}\n" >in && mf-convert --from=ndjson in >w.mf &&
	mf-convert --to=ndjson w.mf | mf-convert --from=ndjson | mf-convert --to=csv >out &&
	mf-convert --to=csv w.mf | cmp - out &&
	fails 1 "carriage return" mf-convert --to=tsv --part=items w.mf
'
test_expect_success 'ids and history go out' '
	from "b,1\tx\t3\na\ty\t4\n" --from=tsv >/dev/null &&
	mf-convert --to=tsv --part=users from.mf >out && printf "a\nb,1\n" | cmp - out &&
	mf-convert --to=csv --part=users --header from.mf >out && printf "user\na\n\"b,1\"\n" | cmp - out &&
	mf-convert --to=ndjson --part=items from.mf >out &&
	printf "{\"item\":\"x\"}\n{\"item\":\"y\"}\n" | cmp - out &&
	fails 1 "no training history" mf-convert --to=tsv --part=history from.mf &&
	fails 1 "no model" mf-convert --to=npy --part=users from.mf
'
test_expect_success 'a cut bundle gives no text' '
	from "b\tx\t3\na\ty\t4\n" --from=tsv >/dev/null && size=$(wc -c <from.mf) &&
	for n in 0 1 10 100 $((size / 2)) $((size - 1)); do
		head -c $n from.mf >cut.mf && for format in tsv csv mtx npz inter ndjson; do
			fails 1 "cut.mf: frame" mf-convert --to=$format cut.mf || return 1
		done && fails 1 "cut.mf: frame" mf-convert --join from.mf cut.mf || return 1
	done
'
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
test_expect_success 'wrong usage' '
	fails 2 "say one of" mf-convert </dev/null &&
	fails 2 "say one of" mf-convert --from=tsv --to=tsv </dev/null &&
	fails 2 "none of tsv, csv" mf-convert --from=xls </dev/null &&
	fails 2 "npy is written only" mf-convert --from=npy </dev/null &&
	fails 2 "holds factors" mf-convert --to=npy </dev/null &&
	fails 2 "not --part=users" mf-convert --to=mtx --part=users </dev/null &&
	fails 2 "--part with --to" mf-convert --from=tsv --part=users </dev/null &&
	fails 2 "go with --from" mf-convert --to=tsv --columns=1,2 </dev/null &&
	fails 2 "is not two to four" mf-convert --from=tsv --columns=1 </dev/null &&
	fails 2 "is not two to four" mf-convert --from=tsv --columns=1,,2 </dev/null &&
	fails 2 "not in 1 .. 256" mf-convert --from=tsv --columns=0,2 </dev/null &&
	fails 2 "not in 1 .. 256" mf-convert --from=csv --columns=1,257 </dev/null &&
	fails 2 "needs a header" mf-convert --from=tsv --columns=a,b </dev/null &&
	fails 2 "mtx has none" mf-convert --from=mtx --columns=1,2 </dev/null &&
	fails 2 "only tsv and csv" mf-convert --from=npz --header </dev/null &&
	fails 2 "only tsv and csv" mf-convert --to=ndjson --header </dev/null &&
	fails 2 "no bundles" mf-convert --join </dev/null &&
	fails 2 "--note: goes with --from" mf-convert --to=tsv --note=x </dev/null &&
	fails 2 "--note: goes with --from" mf-convert --join --note=x a.mf </dev/null &&
	fails 2 "--note: the note is empty" mf-convert --from=tsv --note= </dev/null &&
	fails 2 "--note: the note is not UTF-8" mf-convert --from=tsv --note="$(printf "a\377")" </dev/null &&
	fails 2 "--note: the note has more than 65536 bytes" mf-convert --from=tsv --note="$(printf %065537d 0)" </dev/null &&
	fails 2 "only one file" mf-convert --from=tsv --item-names - </dev/null &&
	fails 2 "one file is enough" mf-convert --to=tsv a b
'
test_expect_success 'output to a full disk fails' '
	from "b\tx\t3\n" --from=tsv >/dev/null &&
	for args in --to=tsv --to=npz --join "--from=tsv from.in"; do
		case $args in *.in) set -- $args;; *) set -- $args from.mf;; esac
		mf-convert "$@" >/dev/full 2>err; test $? -eq 1 && test $(wc -l <err) -eq 1 || return 1
	done
'
test_expect_success 'parts of a text joined are the text, whatever the order' '
	awk "BEGIN { for (u = 0; u < 3000; u++) for (i = 0; i < 5; i++) print \"u\" u \"\ti\" (u * 7 + i * i * 13) % 501 \"\t\" u + i }" >all.tsv &&
	mf-convert --from=tsv all.tsv >all.mf &&
	awk "{ print > (\"part\" substr(\$1, length(\$1)) % 3) }" all.tsv &&
	for i in 0 1 2; do mf-convert --from=tsv part$i >part$i.mf || return 1; done &&
	mf-convert --join part2.mf part0.mf part1.mf | cmp - all.mf &&
	mf-convert --join - part1.mf part2.mf <part0.mf | cmp - all.mf &&
	mf-convert --join all.mf | cmp - all.mf &&
	fails 1 "is in part0.mf too" mf-convert --join part0.mf part1.mf part0.mf
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
test_expect_success 'factors and history of a model go out' '
	mf-als -k 3 -p 2 -n 4 --warmup 2 whole.mf >model.mf &&
	mf-convert --to=npy --part=users model.mf >users.npy && mf-convert --to=npy --part=items model.mf >items.npy &&
	users=$(mf-convert --to=tsv --part=users model.mf | wc -l) &&
	grep -aq "(${users}, 2, 3)" users.npy && grep -aq ", 3)" items.npy &&
	test $(wc -c <users.npy) -eq $((128 + users * 24)) &&
	fails 1 "no biases" mf-convert --to=npy --part=user-biases model.mf &&
	fails 2 "say --to=npy" mf-convert --to=tsv --part=item-biases model.mf &&
	mf-als --preset=explicit -k 3 -p 1 -n 4 whole.mf >biased.mf &&
	mf-convert --to=npy --part=user-biases biased.mf >bu.npy && mf-convert --to=npy --part=item-biases biased.mf >bi.npy &&
	grep -aq "(${users},)" bu.npy && test $(wc -c <bu.npy) -eq $((128 + users * 4)) &&
	mf-convert --to=npy --part=users biased.mf >bU.npy && mf-convert --to=npy --part=items biased.mf >bV.npy &&
	mf-info --format=json biased.mf >biased.json && mf-recommend --include-seen -N 1 biased.mf >best &&
	mf-convert --to=tsv --part=history model.mf >history &&
	head -1 history | grep -q "^iteration	half	loss	prediction	users	items	rmse	valid	moved$" &&
	test $(wc -l <history) -gt 4 && mf-convert --to=ndjson --part=history model.mf | tail -1 | grep -q "\"loss\":[0-9]" &&
	mf-convert --to=tsv model.mf >out && mf-convert --to=tsv whole.mf | cmp - out &&
	fails 1 "holds a model" mf-convert --join model.mf shard1.mf
'
for python in python3 /usr/bin/python3
do
	"$python" -c 'import numpy, scipy.sparse, scipy.io' 2>/dev/null && test_set_prereq SCIPY && break
done
test_expect_success SCIPY 'scipy and numpy read what is written, and the other way round' '
	mf-convert --to=npz whole.mf >w.npz && mf-convert --to=mtx whole.mf >w.mtx &&
	mf-convert --to=tsv --part=users whole.mf >users && mf-convert --to=tsv --part=items whole.mf >items &&
	cat >check.py <<-\EOT &&
	import numpy as np, scipy.io, scipy.sparse as sp
	x, y = sp.load_npz("w.npz"), scipy.io.mmread("w.mtx").tocsr()
	assert x.dtype == np.uint32 and (x != y).nnz == 0 and x.has_sorted_indices
	sp.save_npz("packed.npz", x)
	sp.save_npz("wide.npz", x.astype("f8"), compressed=False)
	scipy.io.mmwrite("back.mtx", x.astype("i8"))
	sp.save_npz("csc.npz", x.tocsc())
	assert np.load("users.npy").shape[1:] == (2, 3) and np.load("items.npy").dtype == np.float32
	import json
	load = lambda name: np.load(name).astype(float)
	s = json.load(open("biased.json"))["model"]["mu"] + load("bu.npy")[:, None] + load("bi.npy") + load("bU.npy") @ load("bV.npy").T
	best = np.array([float(line.split("\t")[3]) for line in open("best")])
	assert best.shape == s.max(axis=1).shape and abs(best - s.max(axis=1)).max() < 1e-5
	EOT
	"$python" check.py && mf-convert --to=tsv whole.mf >want && names="--user-names users --item-names items" &&
	mf-convert --from=npz $names packed.npz | mf-convert --to=tsv | cmp - want &&
	mf-convert --from=mtx $names back.mtx | mf-convert --to=tsv | cmp - want &&
	mf-convert --from=npz $names wide.npz | mf-convert --to=tsv | sed "s/\.0	/	/" | cmp - want &&
	fails 1 "csc.npz: format.npy: the matrix is not CSR" mf-convert --from=npz csc.npz
'
test_expect_success REALDATA 'HetRec goes in with names, in one command, and out again' '
	mf-convert --from=tsv --header --item-names "$H/artists.dat" "$H/user_artists.dat" >hetrec.mf &&
	mf-convert --to=tsv hetrec.mf >out && test $(wc -l <out) -eq 92834 &&
	test $(cut -f1 out | uniq | wc -l) -eq 1892 &&
	test $(mf-convert --to=tsv --part=items hetrec.mf | wc -l) -eq 17632 &&
	grep -q "^1642	Depeche Mode	352698	0$" out &&
	mf-convert --from=tsv out | mf-convert --to=csv | mf-convert --from=csv | mf-convert --to=tsv | cmp - out &&
	tr -d "\r" <"$H/user_artists.dat" | (read -r head; echo "$head"; sort -R) |
		mf-convert --from=tsv --header --item-names "$H/artists.dat" | cmp - hetrec.mf
'
test_done
