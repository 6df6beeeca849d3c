test_description='mf-convert: what was meant otherwise is said'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

# warns TEXT WORDS ARGS...: the text is read, and these words are the one warning; "": none.
warns () {
	printf "$1" >in
	words=$2
	shift 2
	mf-convert "$@" in >warns.mf 2>err || { cat err; return 1; }
	if test -z "$words"
	then test ! -s err
	else test $(wc -l <err) -eq 1 && grep -qxF -- "mf-convert: in: $words" err
	fi || { cat err; return 1; }
}
test_expect_success 'ratings that are read as lists' '
	warns "1\t2\t3\t881250949\n2\t3\t4\t881250950\n" "all lines have 4 fields, of which the last looks like a time: if they are ratings, say --from=tsv --columns=1,2,3,,4" --from=lists &&
	warns "1 2 881250949\n2 3 881250950\n" "all lines have 3 fields, of which the last looks like a time: if they are ratings, say --from=tsv --separator=whitespace --columns=1,2,,,3" --from=lists &&
	warns "1\t2\t5\n1\t3\t4\n" "all lines have 3 fields, and users stand in several lines: if they are ratings, say --from=tsv" --from=lists --duplicates=max &&
	warns "1 2 3 4\n2 3 4 5\n" "" --from=lists && warns "1 2 3\n" "" --from=lists && warns "1 2 3\n1 4\n" "" --from=lists &&
	warns "1 2 3 881250949\n2 3 881250950\n" "" --from=lists && warns "1 2 3 4 881250949\n" "" --from=lists &&
	warns "1 881250947 881250948 881250949\n" "" --from=lists
'
test_expect_success 'fields that lists do not part' '
	refuses "1,2,3\n2,3,4\n" "from.in: no line has an item; the fields look separated by '"',': say --from=csv, or --separator=','"' if a line is a user and all its items" --from=lists &&
	refuses "1::2::3\n" "say --from=tsv --separator=::" --from=lists &&
	refuses "1;2\n2\n" "holds no ratings" --from=lists &&
	warns "1,The Matrix,3\n2,x y,4\n" "the fields look separated by '"',': say --from=csv, or --separator=','"' if a line is a user and all its items" --from=lists &&
	warns "a,b x\nc y\n" "" --from=lists &&
	gives "1,2,3\n2,3\n" "1\t2\t1\t0\n1\t3\t1\t0\n2\t3\t1\t0\n" --from=lists --separator=,
'
test_expect_success 'a time where the fold should be, and truth where the value should' '
	refuses "1\t2\t3\t978300760\n" "from.in:1: '"'978300760'"' in column 4 is no fold, but looks like a time: say --columns=1,2,3,,4" --from=tsv --columns=1,2,3,4 &&
	gives "1\t2\t3\t978300760\n" "1\t2\t3\t0\t978300760\n" --from=tsv --columns=1,2,3,,4 &&
	refuses "1,2009-05-04,2\n" "in column 2 is no fold, but looks like a time: say --columns=1,3,,,2" --from=csv --columns=1,3,,2 &&
	refuses "1\t2\t3\t9783007\n" "'"'9783007'"' is not a fold of 0 to 3" --from=tsv --columns=1,2,3,4 &&
	hint="; write 1 and 0, or leave the lines of False out, as grep -v False does, and say --columns=USER,ITEM" &&
	refuses "1,2,True\n1,3,False\n" "from.in:1: '"'True'"' is not a finite number$hint" --from=csv &&
	refuses "user,item,rating\na,x,false\n" "from.in:2: '"'false'"' is not a finite number$hint" --from=csv --header &&
	refuses "a,x,Trust\n" "the first line looks like a header" --from=csv &&
	refuses "a\tx\t\"3\"\n" "fields in quotes are read by --from=csv, with --separator=tab" --from=tsv &&
	gives "a\tx\t\"3\"\n" "a\tx\t3\t0\n" --from=csv --separator=tab
'
off="say --from=csv with --separator=tab, or that between the fields, to take them off"
one_quoted="1 item id stands in quotes, such as '\"a \"\"q\"\" b\"'; $off"
two_quoted="2 item ids stand in quotes, such as '\"a\"'; $off"
test_expect_success 'ids with blanks beside them, and in quotes' '
	warns "1, a,1\n2,b ,3\n3,c,1\n" "2 item ids begin or end with a blank, such as '"' a'; sed 's/ *, */,/g'"' takes blanks beside commas out" --from=csv &&
	sed "s/ *, */,/g" in | mf-convert --from=csv 2>err | mf-convert --to=tsv --part=items >out && printf "a\nb\nc\n" | cmp - out && test ! -s err &&
	warns "1 \ta\t1\n" "1 user id begins or ends with a blank, such as '"'1 '; sed 's/ *\\t */\\t/g'"' takes blanks beside TABs out" --from=tsv &&
	sed "s/ *\t */\t/g" in | mf-convert --from=tsv 2>err | mf-convert --to=tsv --part=users >out && echo 1 | cmp - out && test ! -s err &&
	warns "{\"user\":\"a\",\"item\":\" x\"}\n" "1 item id begins or ends with a blank, such as '"' x'"'; without it they would be other ids" --from=ndjson &&
	warns "1\t\"a \"\"q\"\" b\"\t1\n2\tb\t3\n" "$one_quoted" --from=tsv &&
	warns "1\t\"a\"\t1\n2\t\"b\"\t3\n" "$two_quoted" --from=tsv &&
	warns "1\t\"Heroes\"\t1\n2\tb\t3\n3\t\"Weird Al\" Yankovic\t1\n" "" --from=tsv &&
	warns "1\t\"a\"b\"\t1\n2\t\"\t3\n" "" --from=tsv &&
	warns "1\t\"a \"\"q\"\" b\"\t1\n2\tb\t3\n" "" --from=csv --separator=tab && mf-convert --to=tsv warns.mf | head -1 >out && printf "1\ta \"q\" b\t1\t0\n" | cmp - out
'
test_done
