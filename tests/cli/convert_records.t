test_description='mf-convert: lines of JSON and of columns with names'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

test_expect_success 'NDJSON: numbers as ids, keys chosen, defaults' '
	from "{\"user\":1,\"item\":\"x\"}\n{\"item\":\"y\",\"user\":\"1\",\"value\":2,\"fold\":3,\"z\":[{}]}\n" --from=ndjson >out &&
	printf "1\tx\t1\t0\n1\ty\t2\t3\n" | cmp - out &&
	from "{\"u\":\"a\",\"i\":\"x\",\"n\":2.5,\"fold\":2}\n" --from=ndjson --columns=u,i,n >out &&
	printf "a\tx\t2.5\t0\n" | cmp - out
'
test_expect_success 'NDJSON: what is damaged is refused' '
	refuses "{\"user\":\"a\",\"item\":\"x\"}\n{\"user\":\n" "from.in:2: not JSON" --from=ndjson &&
	refuses "1\n" "from.in:1: not JSON" --from=ndjson &&
	refuses "[{\"user\":\"a\",\"item\":\"x\"}]\n" "from.in:1: a JSON array, not an object; where the file is one array, jq -c '"'.[]'"' makes a line of each object" --from=ndjson &&
	refuses "[\n{\"user\":\"a\",\"item\":\"x\"}]\n" "from.in:1: not JSON" --from=ndjson && grep -qF "; of a JSON array jq -c '"'.[]'"' makes a line of each object" fails.err &&
	refuses " {\n\"user\":\"a\"}\n" "; jq -c . makes a line of each object" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\"}\n[\n" "from.in:2: not JSON" --from=ndjson && ! grep -q jq fails.err &&
	awk "BEGIN { printf \"[\"; for (i = 0; i < 100000; i++) printf \"{\\\"user\\\":%d}, \", i }" >in &&
	fails 1 "in:1: line is longer than 1048576 bytes; of a JSON array jq -c '"'.[]'"' makes a line" mf-convert --from=ndjson in &&
	refuses "{\"user\":\"a\"}\n" "key '"'item'"' is missing" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":1.5}\n" "no string or whole number" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"value\":\"3\"}\n" "key '"'value' is a string, no number; jq -c '.value |= tonumber'"' makes numbers" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"value\":null}\n" "key '"'value' is null; jq -c 'select(.value != null)'"' leaves such lines out" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"value\":[]}\n" "key '"'value'"' is no number" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"time\":null}\n" "key '"'time' is null; all lines have a time, or none: jq -c 'select(.time != null)'"' leaves such lines out" --from=ndjson &&
	refuses "{\"user\":null,\"item\":\"x\"}\n" "key '"'user'"' is null" --from=ndjson &&
	gives "{\"user\":\"a\",\"item\":\"x\",\"fold\":\"test\"}\n" "a\tx\t1\t2\n" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"fold\":\"tset\"}\n" "'"'tset'"' is not a fold of 0 to 3, or train, valid, test or fold-in" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"value\":1e39}\n" "no number that a float can hold" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"fold\":4}\n" "not a fold" --from=ndjson &&
	refuses "{\"user\":\"a\",\"user\":\"b\",\"item\":\"x\"}\n" "not JSON" --from=ndjson &&
	refuses "{\"user\":\"a\\\\u0000\",\"item\":\"x\"}\n" "not JSON" --from=ndjson &&
	refuses "{\"user\":\"a\\\\tb\",\"item\":\"x\"}\n" "holds a NUL, TAB or newline" --from=ndjson
'
test_expect_success 'RecBole: columns by their names, a rating or none' '
	from "timestamp:float\titem_id:token\tuser_id:token\trating:float\n9\tx\ta\t3\n" --from=inter >out &&
	printf "a\tx\t3\t0\t9\n" | cmp - out &&
	from "user_id:token\titem_id:token\na\tx\n" --from=inter | grep -q "^a	x	1	0$" &&
	refuses "a\tx\t3\n" "does not tell the user among '"'a', 'x', '3'"'" --from=inter && refuses "" "is empty" --from=inter
'
test_expect_success 'RecBole: the value is told by its name, whatever its type and case' '
	for name in rating Rating:float interactions:float weight:float value:float plays:token Count:float; do
		gives "user_id:token\titem_id:token\t$name\n1\t51\t5\n" "1\t51\t5\t0\n" --from=inter || return 1
	done &&
	gives "user_id:token\titem_id:token\ttimestamp:float\n1\t51\t5\n" "1\t51\t1\t0\t5\n" --from=inter &&
	refuses "user_id:token\titem_id:token\tmood:float\n1\t51\t5\n" \
		"from.in:1: the header does not tell the value among '"'user_id:token', 'item_id:token', 'mood:float'"'" --from=inter &&
	gives "user_id:token\titem_id:token\tmood:float\n1\t51\t5\n" "1\t51\t5\t0\n" --from=inter --columns=user_id,item_id,mood
'
test_expect_success 'with a header the names decide, in any order' '
	gives ",user,item,plays\n0,1,5,3\n1,2,6,4\n" "1\t5\t3\t0\n2\t6\t4\t0\n" --from=csv --header &&
	gives "Unnamed: 0,user,item,plays\n0,1,5,3\n" "1\t5\t3\t0\n" --from=csv --header &&
	gives "playcount\tArtist ID\tUserID\n3\tx\ta\n" "a\tx\t3\t0\n" --from=tsv --header &&
	gives "userId,movieId,rating,timestamp\n1,296,5.0,1147880044\n" "1\t296\t5.0\t0\t1147880044\n" --from=csv --header &&
	gives "item,user\nx,a\n" "a\tx\t1\t0\n" --from=csv --header &&
	gives "user,item,value,fold\na,x,2,3\n" "a\tx\t2\t3\n" --from=csv --header &&
	gives "track,item,user,rating,value\nt,x,a,1,2\n" "a\tx\t2\t0\n" --from=csv --header
'
test_expect_success 'where the names do not decide, they are listed' '
	refuses "user,artist,track,plays\na,b,c,1\n" "could be the item among '"'user', 'artist', 'track', 'plays'; say which with --columns"'" --from=csv --header &&
	refuses "user,artist,mood\na,b,1\n" "does not tell the value among" --from=csv --header &&
	refuses "who,artist,plays\na,b,1\n" "does not tell the user among" --from=csv --header &&
	refuses "user,what,plays\na,b,1\n" "does not tell the item among" --from=csv --header &&
	refuses "who,item\na,x\n" "has no column '"'plays', only 'who', 'item'"'" --from=csv --header --columns=who,item,plays
'
test_expect_success 'a header that is not announced is seen' '
	refuses "user,item,plays\na,x,3\n" "from.in:1: the first line looks like a header: '"'user', 'item', 'plays'; say --header"'" --from=csv &&
	refuses "a\tb\tcount\na\tx\t3\n" "say --header" --from=tsv &&
	refuses "user_id\titem_id\na\tx\n" "say --header" --from=tsv --columns=1,2 &&
	refuses "a\tx\t3\nb\tx\tcount\n" "from.in:2: '"'count'"' is not a finite number" --from=tsv &&
	gives "user\titem\t3\n" "user\titem\t3\t0\n" --from=tsv
'
test_expect_success 'fields stand apart by any separator' '
	for sep in :: ";" "|" , " " x; do
		gives "1${sep}2${sep}5${sep}978300760\n" "1\t2\t5\t0\n" --from=tsv --separator="$sep" || return 1
	done &&
	gives "1 2 5\n" "1\t2\t5\t0\n" --from=tsv --separator=space &&
	gives " 1  2 \t5 y x\n3 4 6 x y \n" "1\t2\t5\t0\n3\t4\t6\t0\n" --from=tsv --separator=whitespace &&
	gives "a b; c ;5\n" "a b\t c \t5\t0\n" --from=tsv --separator=";" &&
	gives "\"a;b\";c;5\n" "a;b\tc\t5\t0\n" --from=csv --separator=";" &&
	gives "\"a\tb\"\tc\t5\n" "x\n" --from=csv --separator=tab 2>err
	grep -q "holds a NUL, TAB" err &&
	gives "user::item::rating\n1::2::5\n" "1\t2\t5\t0\n" --from=tsv --header --separator=:: &&
	printf "1::2::5\n" >in && mf-convert --from=tsv --separator=:: in | mf-info --format=json | jq -e ".prov[0].options.separator == \"::\"" &&
	printf "1\t2\t5\n" >in && mf-convert --from=tsv --separator=tab in >a.mf && mf-convert --from=tsv in | cmp - a.mf
'
test_expect_success 'fields are written with any separator, and read with it' '
	printf "a;b\tx y\t3.5\t0\n\"q\"\t1,5\t1.0\t2\n" >in && mf-convert --from=tsv --columns=1,2,3,4 in >w.mf && mf-convert --to=tsv w.mf >want &&
	mf-convert --to=csv --separator=";" --header w.mf >out && printf "user;item;value;fold\n\"\"\"q\"\"\";1,5;1.0;2\n\"a;b\";x y;3.5;0\n" | cmp - out &&
	for sep in ";" , space tab "|" x _; do
		mf-convert --to=csv --separator="$sep" w.mf >out && mf-convert --from=csv --separator="$sep" --columns=1,2,3,4 out | mf-convert --to=tsv | cmp - want || return 1
	done &&
	for sep in :: "|" " - " tab 1x1; do
		mf-convert --to=tsv --separator="$sep" w.mf >out && mf-convert --from=tsv --separator="$sep" --columns=1,2,3,4 out 2>err | mf-convert --to=tsv | cmp - want || return 1
	done
	test "$sep" = 1x1 &&
	for sep in ";" space whitespace "b" "b;" "y;"; do
		case $sep in "b;" | "y;") printf "a\tb;b\t1\ny\ty;y\t1\n";; *) cat in;; esac >held && mf-convert --from=tsv --columns=1,2,3 held | fails 1 "an id holds the separator, which lines do not give back; use --to=csv" mf-convert --to=tsv --separator="$sep" || return 1
	done &&
	mf-convert --to=tsv --part=users --separator=";" w.mf >out && printf "\"q\"\na;b\n" | cmp - out &&
	printf "a:\tx\t1\n" | mf-convert --from=tsv | fails 1 "an id holds the separator" mf-convert --to=tsv --separator=:: &&
	printf ":a\tx:\t1\n" | mf-convert --from=tsv | mf-convert --to=tsv --separator="::=" >out && printf ":a::=x:::=1::=0\n" | cmp - out &&
	mf-convert --from=tsv --separator="::=" --columns=1,2,3,4 out | mf-convert --to=tsv >back && printf ":a\tx:\t1\t0\n" | cmp - back &&
	fails 2 "--separator: '"'.'"' stands in numbers too" mf-convert --to=csv --separator=. w.mf &&
	fails 2 "only tsv, csv and lists" mf-convert --to=inter --separator=";" w.mf &&
	fails 2 "that of csv is one byte, and no quote; tsv takes any" mf-convert --to=csv --separator=:: w.mf &&
	fails 2 "--header and --separator with either" mf-convert --join --separator=x w.mf
'
test_expect_success 'a text of other separators says which' '
	refuses "1::2::5\n" "say --separator=::" --from=tsv &&
	refuses "1;2;5\n" "say --separator='"';'"'" --from=tsv &&
	refuses "1|2|5\n" "say --separator='"'|'"'" --from=tsv &&
	refuses "1,2,5\n" "say --from=csv" --from=tsv &&
	refuses "1 2 5\n" "say --separator=space" --from=tsv &&
	refuses "1;2;5\n" "say --separator='"';'"'" --from=csv &&
	refuses "1\t2\t5\n" "say --from=tsv" --from=csv &&
	refuses "1::2::5\n" "say --from=tsv --separator=::" --from=csv &&
	refuses "user;item;plays\n1;2;5\n" "the header has one name; the fields look separated by '"';'"'" --from=csv --header
'
test_expect_success 'NDJSON: keys in objects, times in all lines or none' '
	gives "{\"u\":{\"name\":\"a\"},\"t\":{\"m\":{\"artist\":\"Can\"}}}\n" "a\tCan\t1\t0\n" --from=ndjson --columns=u.name,t.m.artist &&
	gives "{\"u.name\":\"a\",\"i\":\"x\",\"n\":2}\n" "a\tx\t2\t0\n" --from=ndjson --columns=u.name,i,n &&
	refuses "{\"u\":\"a\",\"t\":{\"artist\":\"Can\",\"title\":\"x\"}}\n" "key '"'t' is an object: say --columns=...t.KEY; there are 'artist', 'title'"'" --from=ndjson --columns=u,t &&
	refuses "{\"u\":\"a\",\"t\":{\"artist\":\"Can\"}}\n" "key '"'t.name' is missing; there are 'artist'"'" --from=ndjson --columns=u,t.name &&
	refuses "{\"who\":\"a\",\"item\":\"x\"}\n" "key '"'user' is missing; there are 'who', 'item'"'" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"time\":5}\n{\"user\":\"a\",\"item\":\"y\"}\n" "from.in:2: key '"'time'"' is missing" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"y\"}\n{\"user\":\"a\",\"item\":\"x\",\"time\":5}\n" "from.in:2: key '"'time'"' is there" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"time\":[]}\n" "is no time" --from=ndjson &&
	gives "{\"user\":\"a\",\"item\":\"x\"}\n\n" "a\tx\t1\t0\n" --from=ndjson
'
test_expect_success 'lists: a user and its items a line, users without items stay' '
	gives "0 1 2 3\n10 \n2 5 2 \n" "0\t1\t1\t0\n0\t2\t1\t0\n0\t3\t1\t0\n2\t2\t1\t0\n2\t5\t1\t0\n" --from=lists &&
	mf-convert --to=lists from.mf >out && printf "0 1 2 3\n10\n2 2 5\n" | cmp - out &&
	mf-convert --from=lists out | mf-convert --to=lists | cmp - out &&
	gives "a b|Can|Neu!\n" "a b\tCan\t1\t0\na b\tNeu!\t1\t0\n" --from=lists --separator="|" &&
	mf-convert --to=lists --separator="|" from.mf >out && printf "a b|Can|Neu!\n" | cmp - out &&
	fails 1 "an id holds a blank or the separator, which lists do not give back" mf-convert --to=lists from.mf &&
	fails 1 "an id holds a blank or the separator" mf-convert --to=lists --separator=" b" from.mf &&
	refuses "a||x\n" "item id '"''"' is empty" --from=lists --separator="|" &&
	refuses "a\nb\n" "holds no ratings" --from=lists &&
	fails 2 "lists has none" mf-convert --from=lists --columns=1,2 from.in
'
test_expect_success 'spellings of one item become one, called as most cells call it' '
	text="u\tBjork\t1\nv\tBj\303\266rk\t2\nw\tBj\303\266rk feat. X\t3\nw\tBJORK\t4\nx\tBj\303\266rk\t5\nx\tCan\t6\n" &&
	gives "$text" "u\tBj\303\266rk\t1\t0\nv\tBj\303\266rk\t2\t0\nw\tBj\303\266rk\t7\t0\nx\tBj\303\266rk\t5\t0\nx\tCan\t6\t0\n" --from=tsv --item-key=fold --duplicates=sum &&
	cp from.mf one.mf && sort -r from.in | mf-convert --from=tsv --item-key=fold --duplicates=sum | cmp - one.mf &&
	mf-info --format=json one.mf | jq -e ".prov[0].options[\"item-key\"] == \"fold\"" &&
	gives "u\tb\t1\nv\tB\t2\n" "u\tB\t1\t0\nv\tB\t2\t0\n" --from=tsv --item-key=fold &&
	from "$text" --from=tsv --item-key=exact | cut -f2 | sort -u | wc -l | grep -qx 5 &&
	printf "%%%%MatrixMarket matrix coordinate pattern general\n1 2 1\n1 1\n" >in &&
	fails 1 "give them names with --item-names" mf-convert --from=mtx --item-key=fold in &&
	printf "CAN\ncan\n" >names && mf-convert --from=mtx --item-key=fold --item-names names in | mf-convert --to=tsv >out &&
	printf "1\tCAN\t1\t0\n" | cmp - out
'
test_expect_success 'NDJSON: a value or a time under another name is not lost' '
	refuses "{\"user\":\"a\",\"item\":\"x\",\"rating\":5}\n" "could be the value" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\",\"value\":5,\"listened_at\":7}\n" "could be the time" --from=ndjson &&
	gives "{\"user\":\"a\",\"item\":\"x\",\"value\":5,\"rating\":4,\"mood\":1}\n" "a\tx\t5\t0\n" --from=ndjson &&
	gives "{\"user\":\"a\",\"item\":\"x\",\"rating\":4}\n" "a\tx\t4\t0\n" --from=ndjson --columns=user,item,rating
'
long=$(printf "k%0199d" 0)
short=$(printf "k%059d" 0)
test_expect_success 'a long name is cut where it is shown, and that shows' '
	refuses "$long,item\na,x\n" "the header does not tell the user among '"'$short...', 'item'; say which with"'" --from=csv --header &&
	refuses "who,$long\na,x\n" "has no column '"'item', only 'who', '$short...'"'" --from=csv --header --columns=who,item &&
	columns=$(echo "$long" | cut -c 1-100) &&
	refuses "who,item\na,x\n" "has no column '"'$short...', only 'who', 'item'"'" --from=csv --header --columns=who,$columns &&
	refuses "{\"user\":\"a\",\"$long\":\"x\"}\n" "key '"'item' is missing; there are 'user', '$short...'"'" --from=ndjson &&
	refuses "{\"user\":\"a\",\"item\":\"x\"}\n" "key '"'$short...' is missing; there are 'user', 'item'"'" --from=ndjson --columns=user,$columns &&
	refuses "{\"$columns\":{\"k\":1},\"item\":\"x\"}\n" "key '"'$short...' is an object: say --columns=...$short....KEY; there are 'k'"'" --from=ndjson --columns=$columns,item &&
	refuses "a\tx\t0$long\n" "'"'0${short%0}...' is not a finite number"'" --from=tsv &&
	refuses "a\tx\t0${short%00}\303\244\303\244\n" "'"'0${short%00}...' is not a finite number"'" --from=tsv &&
	refuses "a\tx\t00${short%00}\303\244\n" "'"'00${short%00}...' is not a finite number"'" --from=tsv &&
	fails 2 "'"'$short...'"' is not two to five columns" mf-convert --from=tsv --columns=$long from.in
'
test_expect_success 'columns by name in any case, the exact one first; one column is one thing' '
	gives "userId,movieId,Rating\n1,296,5\n" "1\t296\t5\t0\n" --from=csv --header --columns=userid,MOVIEID,rating &&
	gives "User,user,item,n\nA,a,x,3\n" "a\tx\t3\t0\n" --from=csv --header --columns=user,item,n &&
	gives "User,user,item,n\nA,a,x,3\n" "A\tx\t3\t0\n" --from=csv --header --columns=User,item,n &&
	refuses "User,user,item,n\nA,a,x,3\n" "the header has more than one column '"'USER'"'" --from=csv --header --columns=USER,item,n &&
	gives "user_id:token\titem_id:token\tMood:float\na\tx\t2\n" "a\tx\t2\t0\n" --from=inter --columns=USER_ID,item_id:token,mood &&
	fails 2 "--columns: '"'1'"' stands twice, as user and as item" mf-convert --from=tsv --columns=1,1 from.in &&
	fails 2 "--columns: '"'03'"' stands twice, as value and as time" mf-convert --from=tsv --columns=1,2,03,,3 from.in &&
	fails 2 "--columns: '"'u'"' stands twice, as user and as item" mf-convert --from=ndjson --columns=u,u from.in &&
	printf "user,item\na,x\n" >in && fails 1 "--columns: column 1 is the user and the value too" mf-convert --from=csv --header --columns=user,item,1 in
'
test_done
