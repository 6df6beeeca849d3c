test_description='mf-convert: cells, ids, values and text'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

H=$DATA/hetrec2011-lastfm-2k

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
	from "user\titem\tplays\r\nu\t1\t5\r\nu\t2\t6\r\nu\t3\t7\r\n" --from=tsv --header --item-names names >out &&
	printf "u\tCan\t13\t0\nu\tNeu!\t5\t0\n" | cmp - out &&
	refuses "user\titem\tplays\nu\t9\t1\n" "from.in:2: item '"'9'"' has no name" --from=tsv --header --item-names names &&
	printf "1\ta\n1\tb\n" >names && printf "u\t1\t1\n" >in &&
	fails 1 "names:2: id '"'1'"' has a name already" mf-convert --from=tsv --item-names names in &&
	printf "1\ta\n2\t\n" >names &&
	fails 1 "names:2: the name '"''"' is empty" mf-convert --from=tsv --item-names names in &&
	printf "1\n" >names && fails 1 "names:1: no name" mf-convert --from=tsv --item-names names in &&
	printf "1\tNeu!\n" >names && from "1\ti\t5\n" --from=tsv --user-names names | grep -q "^Neu!	i	5	0$"
'
test_expect_success 'text with every kind of dirt' '
	from "\357\273\277a\tx\t3\r\nb\tx\t4" --from=tsv >out && printf "a\tx\t3\t0\nb\tx\t4\t0\n" | cmp - out &&
	refuses "" "holds no ratings" --from=tsv &&
	refuses "user\titem\n" "holds no ratings" --from=tsv --header &&
	refuses "a\tx\t3\n\nb\tx\t4\n" "from.in:2: the line is empty" --from=tsv &&
	refuses "a\tx\t3\nb\n" "from.in:2: 1 field, but the item is in column 2" --from=tsv &&
	from "a\tx\t3\n\n\n" --from=tsv | grep -q "^a	x	3	0$" &&
	refuses "a\tx\n" "from.in:1: 2 fields, but the value is in column 3" --from=tsv &&
	refuses "\tx\t3\n" "user id '"''"' is empty" --from=tsv &&
	refuses "a\tx\t\n" "from.in:1: the value is empty; fill it in, or leave the line out" --from=tsv &&
	refuses "a\tx\tnan\n" "not a finite number" --from=tsv &&
	refuses "a\tx\tinf\n" "not a finite number" --from=tsv &&
	refuses "a\tx\t0x10\n" "not a finite number" --from=tsv &&
	refuses "a\tx\t1e39\n" "not a finite number" --from=tsv &&
	refuses "a\tx\t 3\n" "not a finite number; a blank stands beside it" --from=tsv &&
	refuses "a\tx\t1,5\n" "'"'1,5'"' is not a finite number; decimals are written with a point, not a comma" --from=tsv &&
	refuses "a,x,\"-1,25\"\n" "'"'-1,25'"' is not a finite number; decimals are written with a point, not a comma" --from=csv &&
	refuses "a\tx\t1,234\n" "'"'1,234'"' is not a finite number; thousands are written without a comma, decimals with a point" --from=tsv &&
	refuses "a\tx\t1,234,567\n" "thousands are written without a comma" --from=tsv &&
	refuses "a\tx\t1,2a\n" "'"'1,2a'"' is not a finite number" --from=tsv && ! grep -q "comma" fails.err &&
	refuses "a\tx\t3\t7\n" "not a fold of 0 to 3" --from=tsv --columns=1,2,3,4 &&
	refuses "a\tx\t3\nb\\000\tx\t3\n" "from.in:2: line holds a NUL" --from=tsv &&
	refuses "a\377\tx\t3\n" "from.in:1: line is not UTF-8; '"'"'iconv -f LATIN1 -t UTF-8'"'"'" --from=tsv &&
	refuses "\037\213\010\n" "gzip" --from=tsv &&
	from "a\tx\t-1\nb\tx\t1e3\n" --from=tsv >out && printf "a\tx\t-1.0\t0\nb\tx\t1000.0\t0\n" | cmp - out
'
test_expect_success 'bytes that are no text say what they are' '
	printf "\\377\\376a\\000" >in && fails 1 "in: is UTF-16; pipe it through '"'iconv -f UTF-16 -t UTF-8'"'" mf-convert --from=tsv in &&
	printf "\\376\\377\\000a" >in && fails 1 "in: is UTF-16" mf-convert --from=csv in &&
	python3 -c "import zipfile; z = zipfile.ZipFile(\"in\", \"w\"); z.writestr(\"ml-1m/ratings.dat\", \"1::2::5\")" &&
	fails 1 "in: is a zip archive, not text; it begins with '"'ml-1m/ratings.dat': say unzip -p in 'ml-1m/ratings.dat'"'" mf-convert --from=tsv in &&
	printf "PK\\003\\004" >in && fails 1 "in: is a zip archive, not text; unzip it" mf-convert --from=tsv in &&
	printf "a\tx\t3\n" | mf-convert --from=tsv >in && fails 1 "in: is a bundle of mfpipe, not text" mf-convert --from=tsv in &&
	printf "\\223NUMPY" >in && fails 1 "in: is an array of NumPy" mf-convert --from=tsv in
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
test_expect_success 'wrong usage' '
	fails 2 "such as --from=csv --header" mf-convert plays.csv </dev/null &&
	fails 2 "say one of" mf-convert --from=tsv --to=tsv </dev/null &&
	fails 2 "--from: '"'xls'"' is none of tsv, csv, mtx, npz, inter, ndjson, lists;" mf-convert --from=xls </dev/null &&
	fails 2 "did you mean '"'npz'"'" mf-convert --from=npa </dev/null &&
	fails 2 "npy is written only" mf-convert --from=npy </dev/null &&
	fails 2 "holds factors" mf-convert --to=npy </dev/null &&
	fails 2 "--to=mtx holds ratings, not --part=users; tsv, csv and ndjson have all parts" mf-convert --to=mtx --part=users </dev/null &&
	fails 2 "--part and --fold with --to" mf-convert --from=tsv --part=users </dev/null &&
	fails 2 "go with --from" mf-convert --to=tsv --columns=1,2 </dev/null &&
	fails 2 "is not two to five" mf-convert --from=tsv --columns=1 </dev/null &&
	fails 2 "is not two to five" mf-convert --from=tsv --columns=1,,2 </dev/null &&
	fails 2 "not in 1 .. 256" mf-convert --from=tsv --columns=0,2 </dev/null &&
	fails 2 "not in 1 .. 256" mf-convert --from=csv --columns=1,257 </dev/null &&
	fails 2 "needs a header" mf-convert --from=tsv --columns=a,b </dev/null &&
	fails 2 "more than 127 bytes" mf-convert --from=ndjson --columns=$(printf "%0126d" 1),b </dev/null &&
	fails 2 "only tsv, csv and lists" mf-convert --from=ndjson --separator=tab </dev/null &&
	fails 2 "--separator: wanted" mf-convert --from=tsv --separator= </dev/null &&
	fails 2 "that of csv is one byte" mf-convert --from=csv --separator=:: </dev/null &&
	fails 2 "that of csv is one byte" mf-convert --from=csv --separator=\" </dev/null &&
	fails 2 "none of sum, last, first, max, mean, error" mf-convert --from=tsv --duplicates=all </dev/null &&
	fails 2 "none of exact, fold" mf-convert --from=tsv --item-key=ascii </dev/null &&
	fails 2 "--duplicates with --from and --join" mf-convert --to=tsv --duplicates=sum </dev/null &&
	fails 2 "--fold" mf-convert --to=tsv --fold=train,tset </dev/null &&
	fails 2 "--fold" mf-convert --to=tsv --fold= </dev/null &&
	fails 2 "only cells have folds" mf-convert --to=tsv --part=users --fold=0 </dev/null &&
	fails 2 "mtx has none" mf-convert --from=mtx --columns=1,2 </dev/null &&
	fails 2 "--header: only tsv and csv can be with or without" mf-convert --from=npz --header </dev/null &&
	fails 2 "--header: only tsv and csv can be with or without" mf-convert --to=ndjson --header </dev/null &&
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
test_expect_success 'compressed input: a bundle read twice, pieces, what is cut, damaged or follows' '
	seq 1 100000 | awk "{ print \"u\" \$1 \"\ti\" \$1 % 977 \"\t\" 1 + \$1 % 9 }" | mf-convert --from=tsv -o big.mf &&
	mf-filter --min-items 1 big.mf | mf-convert --to=tsv >want &&
	printf "u1\ta\t1\n" >one && printf "u2\tb\t2\n" >two && cat one two >both &&
	mf-convert --from=tsv both >both.mf &&
	for z in gzip bzip2 xz zstd
	do
		command -v $z >/dev/null || continue
		$z -c <big.mf >big.z && mf-filter --min-items 1 big.z | mf-convert --to=tsv | cmp - want &&
		$z -c <one >one.z && $z -c <two >two.z && cat one.z two.z >both.z && mf-convert --from=tsv both.z | cmp - both.mf &&
		{ cat one.z; head -c 12 two.z; } >cut.z && { cat one.z; echo garbage; } >more.z && { cat one.z; printf XX; tail -c +3 two.z; } >odd.z &&
		for bad in cut.z more.z odd.z
		do
			fails 1 "$z data are damaged or end early" mf-convert --from=tsv $bad || return 1
		done || return 1
	done
'
test_expect_success 'what is compressed twice is refused, whatever by' '
	printf "u1\ta\t1\n" >one && mf-convert --from=tsv one >one.mf &&
	for outer in gzip bzip2 xz zstd
	do
		command -v $outer >/dev/null || continue
		for inner in gzip bzip2 xz zstd
		do
			command -v $inner >/dev/null || continue
			$inner -c <one | $outer -c >two.z &&
			fails 1 "two.z: is compressed twice, by $outer and within it by $inner; undo one of them with $outer -dc" mf-convert --from=tsv two.z &&
			$inner -c <one.mf | $outer -c | fails 1 "is compressed twice, by $outer and within it by $inner" mf-convert --to=tsv &&
			$outer -dc <two.z | mf-convert --from=tsv | cmp - one.mf || return 1
		done || return 1
		printf "x" | $outer -c >short.z && fails 1 "short.z:1: 1 field" mf-convert --from=tsv short.z &&
		printf "" | $outer -c >short.z && fails 1 "holds no ratings" mf-convert --from=tsv short.z || return 1
	done
'
test_done
