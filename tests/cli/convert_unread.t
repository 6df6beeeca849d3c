test_description='mf-convert: columns that are not read are said, and folds are not lost'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/convert.sh"

# says TEXT WORDS ARGS...: the text is read, and the words are the one warning; "": none is.
says () {
	printf "$1" >says.in
	words=$2
	shift 2
	mf-convert "$@" says.in >says.mf 2>says.err || { cat says.err; return 1; }
	if test -z "$words"
	then test ! -s says.err
	else test $(wc -l <says.err) -eq 1 && grep -qF -- "mf-convert: says.in: $words" says.err
	fi || { cat says.err; return 1; }
}
any='else --columns=USER,ITEM[,VALUE[,FOLD[,TIME]]]'

test_expect_success 'columns that no header names' '
	says "1\tx\t3\t881250949\n2\tx\t3\t9\n" "column not read: 4; column 4 looks like a time: say --columns=1,2,3,,4 to read it, --columns=1,2,3 not to" --from=tsv &&
	says "1,x,3,2009-05-04\n" "column not read: 4; column 4 looks like a time: say --columns=1,2,3,,4" --from=csv &&
	says "1\tx\t3\tred\tNeu!\n" "columns not read: 4, 5; say --columns=1,2,3 if that is meant, $any" --from=tsv &&
	says "1\tx\t3\t17\n" "column not read: 4; say --columns=1,2,3 if" --from=tsv &&
	says "1\tx\t3\n" "" --from=tsv &&
	says "1\tx\t3\t881250949\n" "" --from=tsv --columns=1,2,3 &&
	says "1\tx\t3\t7\n2\tx\t3\n" "column not read: 4; say --columns=1,2,3 if" --from=tsv &&
	mf-convert --from=tsv -q says.in 2>err >/dev/null && test ! -s err
'
test_expect_success 'columns that a header names otherwise' '
	says "user,item,plays,mood,what\na,x,3,1,2\n" "columns not read: '"'mood', 'what'"'; say --columns=1,2,3 if that is meant, $any" --from=csv --header &&
	says "user,item,value,rating\na,x,3,1\n" "column not read: '"'rating'"'; say --columns=1,2,3 if" --from=csv --header &&
	says "mood:token\titem_id:token\tuser_id:token\trating:float\nm\tx\ta\t3\n" "column not read: '"'mood:token'"'; say --columns=3,2,4 if" --from=inter &&
	says "user,item,plays,mood\na,x,3,1\n" "" --from=csv --header --columns=user,item,plays &&
	says ",user,item,plays\n0,a,x,3\n" "" --from=csv --header &&
	names=$(awk "BEGIN { for (i = 0; i < 99; i++) printf \",name%d\", i }") &&
	says "user,item,plays$names\na,x,3$names\n" "columns not read: '"'name0', 'name1'"'" --from=csv --header && grep -q ", \.\.\.; say --columns=1,2,3 if" says.err
'
test_expect_success 'lists of items that are read as columns' '
	says "1 2 3 4 5 6\n2 3 4\n" "columns not read: 4, 5, 6; say --columns=1,2,3 if that is meant, --from=lists if a line is a user and all its items" --from=tsv --separator=whitespace &&
	refuses "1 2 3\n2 3 4 5 6\n" "from.in:2: 5 fields, but the first line has 3; a field cannot hold the separator, but with --from=csv and quotes; say --from=lists if a line is a user and all its items" --from=tsv --separator=space &&
	refuses "0 1 2 3 4 5\n" "; say --from=lists if a line is a user and all its items" --from=tsv &&
	refuses "0 1 2 3 4 5\n" "; say --from=lists if a line is a user and all its items" --from=csv &&
	refuses "a b c d e f,g,h\n" "say --from=csv" --from=tsv &&
	refuses "0 1 2 3\n1 4\n" "from.in:2: 2 fields, but the value is in column 3; say --from=lists if a line is a user and all its items" --from=tsv --separator=space
'
test_expect_success 'a word where the value should be, beside numbers, is no header' '
	refuses "151603712,\"The Elder Scrolls V Skyrim\",purchase,1.0,0\n" "from.in:1: '"'purchase'"' in column 3 is no value; say which column has it with --columns=USER,ITEM,VALUE, or --columns=USER,ITEM" --from=csv &&
	gives "151603712,Skyrim,play,273.0,0\n" "151603712\tSkyrim\t273.0\t0\n" --from=csv --columns=1,2,4
'
test_expect_success 'lines of two fields' '
	refuses "a\tNeu!\n" "2 fields, but the value is in column 3; say --columns=1,2 if these are user and item, without a value" --from=tsv &&
	refuses "Neu!\t812\n" "say --columns=1,2 if these are user and item; the history of one user, item and count, is for mf-recommend --history" --from=tsv &&
	refuses "user_id\titem_id\n" "2 fields, but the value is in column 3; the first line looks like a header: say --header" --from=tsv
'
test_expect_success 'folds that mf-convert wrote are not trained on without a word' '
	printf "a\tx\t1\t0\na\ty\t2\t2\nb\tx\t3\t1\n" >folds.tsv && mf-convert --from=tsv --columns=1,2,3,4 folds.tsv >folds.mf &&
	for format in tsv csv; do
		mf-convert --to=$format folds.mf >in && fails 1 "in: column 4 holds 0 to 3 alone, as the folds that mf-convert writes: say --columns=1,2,3,4 to read them, or --columns=1,2,3 if they are none" mf-convert --from=$format in &&
		mf-convert --from=$format --columns=1,2,3,4 in 2>err | mf-convert --to=tsv | cmp - folds.tsv && test ! -s err &&
		mf-convert --to=$format --header folds.mf | mf-convert --from=$format --header 2>err | mf-convert --to=tsv | cmp - folds.tsv && test ! -s err || return 1
	done &&
	mf-convert --to=tsv --fold=test folds.mf >in && fails 1 "in: column 4 holds 0 to 3 alone" mf-convert --from=tsv in &&
	mf-convert --to=tsv --fold=train folds.mf >in && mf-convert --from=tsv in 2>err | mf-convert --to=tsv | cmp - in && test ! -s err &&
	printf "a\tx\t1\t0\t5\na\ty\t2\t2\t9\n" >in && fails 1 "say --columns=1,2,3,4,5 to read them" mf-convert --from=tsv in &&
	says "a\tx\t1\t0\t5\na\ty\t2\t0\t9\n" "column not read: 5; column 5 looks like a time: say --columns=1,2,3,4,5 to read it" --from=tsv &&
	says "a\tx\t1\t2\na\ty\t2\t9\n" "column not read: 4; say --columns=1,2,3 if" --from=tsv &&
	says "a\tx\t1\t2\na\ty\t2\n" "column not read: 4; say --columns=1,2,3 if" --from=tsv
'
test_expect_success 'a split is read by the names of its folds, not by numbers' '
	gives "user,item,rating,Split\na,s,1,train\na,t,2,Test\na,u,3,validation\na,v,4,dev\na,w,5,val\na,x,6,valid\na,y,7,training\na,z,8,fold-in\n" \
		"a\ts\t1\t0\na\tt\t2\t2\na\tu\t3\t1\na\tv\t4\t1\na\tw\t5\t1\na\tx\t6\t1\na\ty\t7\t0\na\tz\t8\t3\n" --from=csv --header &&
	mf-info --format=json from.mf | jq -e ".prov[0].options.columns == \"1,2,3,4\"" &&
	refuses "user,item,rating,split\na,s,1,1\n" "from.in:2: the split is '"'1'"', no name of a fold; say --columns=1,2,3,4 if 0 to 3 are train, valid, test and fold-in; --columns=1,2,3 leaves it out" --from=csv --header &&
	gives "user,item,rating,split\na,s,1,1\n" "a\ts\t1\t1\n" --from=csv --header --columns=1,2,3,4 &&
	refuses "user,item,rating,fold\na,s,1,7\n" "from.in:2: '"'7'"' is not a fold of 0 to 3, or train, valid, test or fold-in; --columns=1,2,3 leaves it out" --from=csv --header &&
	says "user,item,rating,fold,split\na,s,1,0,train\n" "column not read: '"'split'"'" --from=csv --header
'
test_expect_success 'a time that the header tells and that is none can be left out' '
	refuses "user,item,rating,review_date\na,x,3,\"05 3, 2014\"\n" "'"'05 3, 2014'"' is no time: wanted seconds since 1970, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS; --columns=1,2,3 leaves it out" --from=csv --header &&
	gives "user,item,rating,review_date\na,x,3,2014-05-03\n" "a\tx\t3\t0\t1399075200\n" --from=csv --header &&
	gives "user_id:token\titem_id:token\trating:float\ttimestamp:float\na\tx\t3\t1.5e9\nb\tx\t3\t-1.5\nc\tx\t3\t1.1478800449E+9\n" \
		"a\tx\t3\t0\t1500000000\nb\tx\t3\t0\t-2\nc\tx\t3\t0\t1147880044\n" --from=inter
'
test_expect_success 'more fields than the header has names, as R writes them' '
	refuses "user,item,plays\n1,a,x,3\n" "from.in:2: 4 fields, but 3 names in the header; put quotes around a field that holds the separator; if all lines have them, say which to read by number" --from=csv --header &&
	refuses "user,item,plays\n1,a,x,3\n" "4 fields, but 3 names" --from=csv --header --columns=user,item,plays &&
	gives "user,item,plays\n1,a,x,3\n" "a\tx\t3\t0\n" --from=csv --header --columns=2,3,4 &&
	gives "user,item,plays\na,x,3,\n" "a\tx\t3\t0\n" --from=csv --header &&
	gives "user,item,plays\na,x,3,\nb,x,4,\nc,x,5\n" "a\tx\t3\t0\nb\tx\t4\t0\nc\tx\t5\t0\n" --from=csv --header &&
	refuses "user,item,plays\na,x,3,\nb,x,4,6\n" "from.in:3: 4 fields, but the header has 3" --from=csv --header &&
	refuses "user,item,plays\n1,a,x,3\n2,a,y\n" "from.in:3: 3 fields, but the" --from=csv --header --columns=2,3,4
'
test_expect_success 'a line of more fields than the others is not cut without a word' '
	cure="; put quotes around a field that holds the separator" &&
	refuses "user,plays,artist\n1,5,ABBA\n1,3,Earth, Wind & Fire\n" "from.in:3: 4 fields, but the header has 3$cure" --from=csv --header &&
	gives "user,plays,artist\n1,5,ABBA\n1,3,\"Earth, Wind & Fire\"\n" "1\tABBA\t5\t0\n1\tEarth, Wind & Fire\t3\t0\n" --from=csv --header &&
	refuses "1,5,ABBA\n1,3,Earth, Wind & Fire\n" "from.in:2: 4 fields, but the first line has 3$cure" --from=csv --columns=1,3,2 &&
	refuses "1;5;ABBA\n1;3;Earth; Wind & Fire; Water\n" "from.in:2: 5 fields, but the first line has 3$cure" --from=csv --separator=";" --columns=1,3,2 &&
	refuses "1::5::ABBA\n1::3::a::b\n" "from.in:2: 4 fields, but the first line has 3; a field cannot hold the separator" --from=tsv --separator=:: --columns=1,3,2 &&
	refuses "1;5;ABBA;x;y;z\n1;3;a;b;c;d;e;f;g\n" "from.in:2: 9 fields, but the first line has 6" --from=tsv --separator=";" --columns=1,3,2 &&
	refuses "1 2 5 7 8\n3 4 6  7 8 9\t0 \n" "from.in:2: 7 fields, but the first line has 5" --from=tsv --separator=whitespace &&
	refuses "user\titem\tplays\na\tx\t3\nb\tx\t3\ty\n" "from.in:3: 4 fields, but the header has 3" --from=tsv --header &&
	refuses "user,item,plays,mood\na,x,3,glad\nb,x,4\n" "from.in:3: 3 fields, but the header has 4; fill in what is missing, or leave the line out" --from=csv --header &&
	refuses "user,item,plays,mood\na,x,3\n" "from.in:2: 3 fields, but the header has 4" --from=csv --header --columns=user,item,plays &&
	gives "1\tx\t3\t17\n2\tx\t4\n" "1\tx\t3\t0\n2\tx\t4\t0\n" --from=tsv --columns=1,2,3 &&
	awk "BEGIN { printf \"u,i,1\"; for (i = 4; i <= 300; i++) printf \",x\"; print \"\" }" >in &&
	sed s/u/v/ in | cat in - >wide && mf-convert --from=csv --columns=1,2,3 wide | mf-convert --to=tsv | cut -f1 | tr "\n" " " | grep -qx "u v " &&
	sed "s/u/v/; s/$/,y/" in | cat in - >wide && fails 1 "wide:2: 301 fields, but the first line has 300" mf-convert --from=csv --columns=1,2,3 wide &&
	fails 1 "wide:2: 301 fields, but the first line has 300" mf-convert --from=tsv --separator=, --columns=1,256 wide
'
test_done
