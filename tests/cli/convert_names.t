test_description='mf-convert: files of names'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

# cure FILE: run what the message for a file of names says to run, into names.tsv.
cure () {
	command=$(sed 's/.*a name; \(.*\) makes such lines of columns 1 and 2$/\1/' fails.err) &&
	echo "$command" && sh -c "$command" >names.tsv
}
test_expect_success 'names in other formats: the message has the command' '
	printf "userId,movieId,rating,timestamp\n1,7,4.0,9\n1,8,5.0,9\n" >ratings.csv &&
	printf "movieId,title,genres\n7,\"American President, The (1995)\",Comedy|Drama\n8,Heat (1995),Crime\n" >movies.csv &&
	fails 1 "movies.csv:2: no name: wanted an id, a TAB and a name; mf-convert --from=csv --header --columns=1,2 movies.csv | mf-convert --to=tsv --header makes such lines" mf-convert --from=csv --header --item-names movies.csv ratings.csv &&
	cure && mf-convert --from=csv --header --item-names names.tsv ratings.csv | mf-convert --to=tsv >out &&
	printf "1\tAmerican President, The (1995)\t4.0\t0\t9\n1\tHeat (1995)\t5.0\t0\t9\n" >want && cmp want out &&
	printf "1::7::4.0::9\n1::8::5.0::9\n" >ratings.dat &&
	printf "7::American President, The (1995)::Comedy|Drama\n8::Heat (1995)::Crime\n" >movies.dat &&
	read="mf-convert --from=tsv --separator=:: --columns=1,2,3,,4" &&
	fails 1 "movies.dat:1: no name: wanted an id, a TAB and a name; mf-convert --from=tsv --separator=:: --columns=1,2 movies.dat | mf-convert --to=tsv makes" $read --item-names movies.dat ratings.dat &&
	cure && $read --item-names names.tsv ratings.dat | mf-convert --to=tsv | cmp want - &&
	printf "7|American President, The (1995)|01-Jan-1995||http://x|0\n8|Heat (1995)|01-Jan-1995||http://x|1\n" >u.item &&
	fails 1 "mf-convert --from=tsv --separator='"'|'"' --columns=1,2 u.item | mf-convert --to=tsv makes" $read --item-names u.item ratings.dat &&
	cure && $read --item-names names.tsv ratings.dat | mf-convert --to=tsv | cmp want - &&
	fails 1 "movies.csv:1: no name: wanted an id, a TAB and a name; mf-convert --from=csv --header --columns=1,2 movies.csv | mf-convert --to=tsv makes" $read --item-names movies.csv ratings.dat &&
	cure && $read --item-names names.tsv ratings.dat | mf-convert --to=tsv | cmp want - &&
	cp u.item "a b" && fails 1 "--columns=1,2 FILE | mf-convert" $read --item-names "a b" ratings.dat
'
test_expect_success 'the commands of the manual for MovieLens with titles' '
	mf-convert --from=csv --header --columns=movieId,title movies.csv | mf-convert --to=tsv --header >names.tsv &&
	mf-convert --from=csv --header --item-names names.tsv --duplicates=last ratings.csv | mf-convert --to=tsv | cmp want - &&
	printf "7::Mis\351rables, Les (1995)::Drama\n8::Heat (1995)::Crime\n" >movies.dat &&
	iconv -f ISO-8859-1 -t UTF-8 movies.dat | mf-convert --from=tsv --separator=:: --columns=1,2 | mf-convert --to=tsv >names.tsv &&
	mf-convert --from=tsv --separator=:: --columns=1,2,3,,4 --item-names names.tsv --duplicates=last ratings.dat | mf-convert --to=tsv >out &&
	printf "1\tHeat (1995)\t5.0\t0\t9\n1\tMis\303\251rables, Les (1995)\t4.0\t0\t9\n" | cmp - out
'
test_expect_success 'a file of names without a header, though the ratings have one' '
	printf "7\tEmma\n8\tHeat\n" >names.tsv &&
	gives "user,item,value\n1,7,4\n1,8,5\n" "1\tEmma\t4\t0\n1\tHeat\t5\t0\n" --from=csv --header --item-names names.tsv &&
	refuses "user,item,value\n1,id,4\n" "item '"'id'"' has no name" --from=csv --header --item-names names.tsv &&
	printf "id\tname\n8\tHeat\n" >names.tsv && gives "user,item,value\n1,8,5\n" "1\tHeat\t5\t0\n" --from=csv --header --item-names names.tsv &&
	printf "name\n8\tHeat\n" >names.tsv && gives "user,item,value\n1,8,5\n" "1\tHeat\t5\t0\n" --from=csv --header --item-names names.tsv
'
test_expect_success 'a name of several ids is a warning, whatever the duplicates' '
	printf "7\tEmma\n8\tEmma\n9\tHeat\n1\tHeat\n2\tUp\n3\tUp\n" >names.tsv &&
	printf "u\t7\t4\nu\t8\t5\nv\t9\t1\nv\t1\t1\nv\t2\t1\n" >in &&
	mf-convert --from=tsv --item-names names.tsv --duplicates=last in 2>err >out.mf && test $(wc -l <err) -eq 1 &&
	grep -qx "mf-convert: in: 2 names stand for several ids, such as '"'Emma': 7, 8"'; they become one, unless the file of names calls them differently" err &&
	printf "u\t2\t4\nu\t3\t5\n" >in && mf-convert --from=tsv --item-names names.tsv --duplicates=max in 2>err | mf-convert --to=tsv >out &&
	grep -q "in: 1 name stands for several ids, such as '"'Up': 2, 3"';" err && printf "u\tUp\t5\t0\n" | cmp - out &&
	printf "u\t2\t4\nu\t7\t5\n" | mf-convert --from=tsv --item-names names.tsv 2>err >out.mf && test ! -s err &&
	printf "%%%%MatrixMarket matrix coordinate integer general\n1 3 2\n1 1 4\n1 3 5\n" >in && printf "a\nb\na\n" >names &&
	mf-convert --from=mtx --item-names names --duplicates=sum in 2>err | mf-convert --to=tsv >out && grep -q "1 name stands for several ids, such as '"'a': 1, 3"'" err && printf "1\ta\t9\t0\n" | cmp - out
'
test_done
