#!/bin/sh
test_description='mf-recommend: new users, similar items, one persona, candidates, shards, runs'
. "$(dirname "$0")/setup.sh"

# Two kinds of artists, and users who like mostly one kind. Two spellings of one
# name, of which "Björk" has more listeners.
awk 'BEGIN { srand(7)
	split("Abba|Air|BJÖRK|Björk|Can|Daft Punk|Air feat. Beck|Low|Múm|Neu!|Portishead|Radiohead|Sigur Rós|Sun Ra|The Beatles|Кино|東京|% off", name, "|")
	for (u = 0; u < 60; u++) for (i = 1; i <= 18; i++)
		if (rand() < (u % 2 == i % 2 ? .6 : .15) && !(i == 3 && u > 8)) printf "u%02d\t%s\t%d\n", u, name[i], 1 + 9 * rand() }' >cells.tsv
for python in /usr/bin/python3 python3
do
	"$python" -c "import msgpack" 2>/dev/null && test_set_prereq MSGPACK && break
done

test_expect_success 'models' '
	mf-convert --from=tsv cells.tsv >cells.mf && mf-als -k 4 -p 3 -n 8 cells.mf -o model.mf &&
	mf-als -k 4 -p 3 -n 8 --factors-only cells.mf -o factors.mf &&
	mf-split --method=users --test 0.3 --fold-in 0.7 cells.mf -o users.mf
'

# held_out MODEL: users held out whole, and what is known of them as histories.
held_out () {
	mf-convert --to=tsv users.mf | awk -F "\t" "{ if (\$4 == 0) t[\$1] = 1; if (\$4 == 3) f[\$1] = 1 }
		END { for (u in f) if (!t[u]) print u }" | sort >held-out && test $(wc -l <held-out) -gt 5
}

test_expect_success 'a history is placed as a held-out user of the same cells' '
	held_out && head -n 3 held-out >some &&
	for args in "-p 3" "-p 1" "-p 2 --preset=wrmf --confidence=log:2,1" "-p 2 --preset=explicit" "-p 2 --preset=study"
	do
		mf-als -k 4 -n 6 $args users.mf -o new.mf || return 1
		for user in $(cat some)
		do
			mf-convert --to=tsv users.mf | awk -F "\t" -v u=$user "\$1 == u && \$4 == 3 { print \$2 FS \$3 }" >$user &&
			mf-recommend -N 100 --user $user new.mf >want && test $(wc -l <want) -gt 5 &&
			mf-recommend -N 100 --history $user new.mf >got && test_cmp want got || return 1
			mf-als -k 4 -n 6 $args --factors-only users.mf | mf-recommend -N 100 --history $user >got &&
			test_cmp want got || return 1
		done
	done
'

test_expect_success 'values go through what mf-transform did to each row' '
	mf-transform -e log2:0.5 -e user-mean users.mf | mf-transform -e offset:-0.25 |
	mf-als -k 4 -p 2 -n 6 --preset=explicit -o moved.mf &&
	for user in $(head -n 3 held-out)
	do
		mf-convert --to=tsv users.mf | awk -F "\t" -v u=$user "\$1 == u && \$4 == 3 { print \$2 FS \$3 }" >$user &&
		mf-recommend -N 100 --user $user moved.mf >want &&
		mf-recommend -N 100 --history $user moved.mf >got 2>err && test_cmp want got && test_must_be_empty err || return 1
	done &&
	mf-transform -e log2:1 users.mf | mf-transform -e bm25 | mf-als -k 4 -p 2 -n 6 --preset=wrmf -o bm25.mf &&
	mf-recommend --history $user bm25.mf >got 2>err && test -s got &&
	grep -q "^mf-recommend: $user: the values are taken as they are: what mf-transform or mf-filter did" err &&
	mf-recommend -q --history $user bm25.mf >again 2>err && test_cmp got again && test_must_be_empty err &&
	mf-transform -e bm25 users.mf | mf-als -k 4 -p 2 -n 6 -o heedless.mf &&
	mf-recommend --history $user heedless.mf 2>err && test_must_be_empty err
'

test_expect_success 'names are found as people type them' '
	printf "Björk\t2\nRadiohead\nMúm\t1\n" >exact && printf "mum\t1\r\n bjork \t2\r\nRADIOHEAD feat. Nobody" >typed &&
	mf-recommend --history - model.mf <exact >want && mf-recommend --history - model.mf <typed >got &&
	test_cmp want got && test "$(cut -f 1 got | uniq)" = - && ! grep -qw -e Björk -e Radiohead -e Múm got &&
	mf-recommend --history exact model.mf | cut -f 1 | uniq >got && echo exact >want && test_cmp want got &&
	mf-recommend -v --history typed model.mf 2>&1 >/dev/null | sort >notes &&
	grep -qx "mf-recommend: .RADIOHEAD feat. Nobody. is taken for .Radiohead." notes &&
	grep -qx "mf-recommend: . bjork . is taken for .Björk., one of 2 that are spelt alike" notes &&
	grep -q "a new user with 3 items" notes &&
	printf "bJORK\n" >one && mf-recommend -v --history one factors.mf 2>&1 >/dev/null | grep -q "taken for .BJÖRK."
'

test_expect_success 'names are found without punctuation, article and strokes, and it is noted' '
	awk "BEGIN { n = split(\"AC/DC|Jay-Z|The Beatles|Guns N'\'' Roses|Trentemøller|Simon & Garfunkel|Acdc|Air\", name, \"|\")
		for (u = 0; u < 12; u++) for (i = 1; i <= n; i++) if ((u + i) % 3 || i == 7 && u == 1) if (i != 7 || u == 1) print \"u\" u \"\\t\" name[i] \"\\t1\" }" >typed.tsv &&
	mf-convert --from=tsv typed.tsv | mf-als -k 2 -p 1 -n 3 -o typed.mf &&
	printf "ac-dc\njay z\nbeatles\nguns n roses\ntrentemoller\nsimon and garfunkel\n" >typed &&
	printf "AC/DC\nJay-Z\nThe Beatles\nGuns N'\'' Roses\nTrentemøller\nSimon & Garfunkel\n" >named &&
	mf-recommend -v --history - typed.mf <typed 2>notes >got && mf-recommend --history - typed.mf <named >want && test_cmp want got && test -s got &&
	while read -r name
	do
		IFS= read -r typed <&3 && grep -qF "mf-recommend: '\''$typed'\'' is taken for '\''$name'\''" notes || return 1
	done <named 3<typed &&
	grep -qxF "mf-recommend: '\''ac-dc'\'' is taken for '\''AC/DC'\'', one of 2 that are spelt alike" notes &&
	echo "Guns N’ Roses" >one && mf-recommend -v --history one typed.mf 2>&1 | grep -q "taken for .Guns N. Roses.\$" &&
	echo acdc >one && mf-recommend -v --history one typed.mf 2>&1 | grep -q "taken for .Acdc.\$" &&
	printf "the beatles\nsimon and garfunkel\n" >items && mf-recommend --history one --items items typed.mf | cut -f 3 | sort >got &&
	printf "Simon & Garfunkel\nThe Beatles\n" >want && test_cmp want got
'

test_expect_success 'guests do not count, with a full stop or without, and a name without them is meant first' '
	awk "BEGIN { n = split(\"Jay-Z|Rihanna feat. Drake|Rihanna|Little Feat|50 ft Wave\", name, \"|\")
		for (u = 0; u < 12; u++) for (i = 1; i <= n; i++) if ((u + i) % 3 || i == 2) if (i != 3 || u == 1) print \"u\" u \"\\t\" name[i] \"\\t1\" }" >guests.tsv &&
	mf-convert --from=tsv guests.tsv | mf-als -k 2 -p 1 -n 3 -o guests.mf &&
	for guest in "ft jay-z" "feat Jay-Z" "FT. x" "featuring x" "(feat x)" "[ft. x]" "(featuring x)"
	do
		echo "rihanna $guest" | mf-recommend -v --history - guests.mf 2>notes >/dev/null &&
		grep -qxF "mf-recommend: '\''rihanna $guest'\'' is taken for '\''Rihanna'\'', one of 2 that are spelt alike" notes || return 1
	done &&
	echo "jay z ft y" | mf-recommend -v --history - guests.mf 2>&1 | grep -q "is taken for .Jay-Z.\$" &&
	printf "little feat\n50 FT wave\n" >items && mf-recommend --user u1 --include-seen --items items guests.mf | cut -f 3 | sort >got &&
	printf "50 ft Wave\nLittle Feat\n" >want && test_cmp want got
'

test_expect_success 'an unknown name is an error with the three nearest' '
	printf "Björk\nRadiohed\t3\n" >typo &&
	fails 1 "typo:2: '\''Radiohed'\'' is no item of the model; the nearest are '\''Radiohead'\'', '\''" \
		mf-recommend --history typo model.mf &&
	fails 1 "--similar: '\''beatels'\'' is no item of model.mf; the nearest are '\''The Beatles'\'', '\''" \
		mf-recommend --similar Abba --similar beatels model.mf &&
	fails 1 "typo:2: '\''Radiohed'\'' is no item" mf-recommend --items typo model.mf &&
	fails 1 "typo:2: '\''Radiohed'\'' is no item" mf-recommend --exclude typo model.mf &&
	mf-recommend --history typo --skip-unknown model.mf >got 2>err && test $(wc -l <got) = 10 &&
	echo "mf-recommend: names that are no items of model.mf, left out: 1 ('\''Radiohed'\'')" >want && test_cmp want err &&
	printf "Björk\n" | mf-recommend --history - model.mf | cut -f 2- >want && cut -f 2- got >rest && test_cmp want rest
'

test_expect_success 'what is no history is refused, line by line' '
	printf "Abba\n\nCan\n" >h && fails 1 "h:2: an empty line; pipe the file through grep . to leave it out" mf-recommend --history h model.mf &&
	printf "Abba\nCan\t1\t2\n" >h && fails 1 "h:2: more than an item, TAB and a value" mf-recommend --history h model.mf &&
	printf "Abba\tmuch\n" >h && fails 1 "h:1: '\''much'\'' is no number" mf-recommend --history h model.mf &&
	printf "Abba\t1\nbjork\t4,5\n" >h && fails 1 "h:2: '\''4,5'\'' is no number; decimals are written with a point, not a comma" mf-recommend --history h model.mf &&
	printf "Abba\t1,234\n" >h && fails 1 "h:1: '\''1,234'\'' is no number; thousands are written without a comma, decimals with a point" mf-recommend --history h model.mf &&
	printf "Abba\t\n" >h && fails 1 "h:1: '\'''\'' is no number" mf-recommend --history h model.mf &&
	printf "bjork\nCan\nBjörk\n" >h && fails 1 "h:3: the same item as on line 1" mf-recommend --history h model.mf &&
	printf "Abba\n\377\n" >h && fails 1 "h:2: line is not UTF-8" mf-recommend --history h model.mf &&
	fails 1 "/dev/null: a history without items" mf-recommend --history /dev/null model.mf &&
	printf "nobody\n" >h && fails 1 "h: a history without items that the model knows ('\''nobody'\'')" mf-recommend --skip-unknown -q --history h model.mf &&
	mf-als -k 2 -p 1 -n 2 --preset=explicit cells.mf -o explicit.mf && mf-als -k 2 -p 1 -n 2 --preset=study cells.mf -o study.mf &&
	printf "Abba\n" >h && fails 1 "h:1: no value; this model predicts ratings" mf-recommend --history h explicit.mf &&
	printf "Abba\t-1\n" >h && mf-recommend --history h explicit.mf >out && test -s out &&
	mf-recommend --history h study.mf >out && test -s out &&
	tab=$(printf "a\tb") && cp h "$tab" && fails 2 "names the user, but its name holds a NUL, TAB" mf-recommend --history "$tab" model.mf
'

test_expect_success 'a list that is empty is what a command that failed leaves' '
	>none &&
	for option in --items --exclude --user-list "--user u01 --user-list" "--history typo --skip-unknown --exclude"
	do
		fails 1 "none: holds no ids: what wrote it may have failed; where none are meant, leave the option out" mf-recommend -q $option none model.mf || return 1
	done
'

test_expect_success 'a history loses the values that mf-filter took from the model, which are not listed either' '
	printf "Abba\t9\nAir\t1\nCan\t4\nLow\t3.9\nMúm\n" >all && printf "Abba\nCan\nMúm\n" >liked && printf "Air\nLow\n" >other &&
	for args in "-p 1" "-p 2 --preset=wrmf" "-p 2 --confidence=log:2,1"
	do
		mf-filter --value ">=4" cells.mf | mf-als -k 4 -n 6 $args -o likes.mf && sed "s/Can/Can\t4/; s/Abba/Abba\t9/" liked >valued &&
		mf-recommend -N 100 --exclude other --history valued likes.mf | cut -f 2- >want && test $(wc -l <want) -eq 13 &&
		mf-recommend -v -N 100 --history all likes.mf 2>err | cut -f 2- >got && test_cmp want got &&
		grep -qxF "mf-recommend: all: 2 items left out, as mf-filter did to the model'\''s: --value '\''>=4'\''" err &&
		mf-recommend -N 100 --include-seen --history valued likes.mf | cut -f 2- >want && test $(wc -l <want) -eq 18 &&
		mf-recommend -N 100 --include-seen --history all likes.mf 2>err | cut -f 2- >got && test_cmp want got && test_must_be_empty err || return 1
	done &&
	printf "Air\t1\nLow\t3.9\n" >none && mf-recommend -N 100 --explain --history none likes.mf 2>err >got && cut -f 3 got >items && grep -qx Abba items && ! grep -q -x -e Air -e Low items &&
	printf "%s\n" "mf-recommend: none: no item has a value like those of the model, which mf-filter kept: --value '\''>=4'\''" \
		"mf-recommend: the model knows nothing of '\''none'\'': listed is what is popular, by the number of its listeners" >want && test_cmp want err
'

test_expect_success 'mf-filter and mf-transform are done to a history in their order' '
	mf-filter --value ">=2" --value "!=7" users.mf | mf-transform -e user-mean | mf-filter --value ">=-2" | mf-als -k 4 -p 2 -n 6 --preset=explicit -o mixed.mf &&
	for user in $(head -n 3 held-out)
	do
		mf-convert --to=tsv users.mf | awk -F "\t" -v u=$user "\$1 == u && \$4 == 3 { print \$2 FS \$3 }" >$user &&
		mf-recommend -N 100 --include-seen --user $user mixed.mf >want && test -s want &&
		mf-recommend -N 100 --include-seen --history $user mixed.mf >got 2>err && test_cmp want got && test_must_be_empty err || return 1
	done &&
	mf-transform -e bm25 users.mf | mf-filter --value ">1" | mf-als -k 4 -p 2 -n 6 -o unclear.mf && mf-recommend --history $user unclear.mf 2>err >got &&
	grep -q "^mf-recommend: $user: the values are taken as they are" err && test $(wc -l <err) -eq 1 &&
	mf-filter --value ">=4" users.mf -o some.mf && mf-filter --value "<=8" some.mf -o low.mf && mf-filter --value "<=7" some.mf -o lower.mf &&
	mf-convert --join --duplicates=last low.mf lower.mf | mf-als -k 4 -p 2 -n 6 -o joined.mf &&
	mf-recommend --history $user joined.mf 2>err >got && grep -q "^mf-recommend: $user: the values are taken as they are" err
'

# table OPTION FILE WHAT HINT COMMAND: told what is wrong, and the command makes it right.
table () {
	option=$1 file=$2 what=$3 hint=$4 command=$5
	fails 1 "$file:1: $what; $hint: pipe the file through $command" mf-recommend $option $file -N 100 $more model.mf &&
	sh -c "$command" <$file >right && mf-recommend $option right -N 100 $more model.mf | cut -f 2- >got && test -s got &&
	mf-recommend $option plain -N 100 $more model.mf | cut -f 2- >want && test_cmp want got
}
test_expect_success 'a table where names are wanted: which column, and the command that makes it a list' '
	more= && header="the first line looks like a header" && field="field 2 of a line is one" &&
	printf "Daft Punk\nSigur Rós\n" >plain &&
	printf "movieId,title,genres\n1,daft punk,\"a,b\"\n2,\"Sigur Rós\",c\n" >m.csv &&
	printf "1::Daft Punk::x|y\n2::Sigur Rós::z\n" >m.dat && printf "Title\nDaft Punk\nSigur Rós\n" >m.txt &&
	convert="mf-convert --from=csv --columns=2,1 | mf-convert --to=tsv | cut -f1" &&
	for option in --items --exclude --history
	do
		table $option m.csv "'\''movieId,title,genres'\'' is no item of the model" "$header, and $field" "tail -n +2 | $convert" &&
		table $option m.dat "'\''1::Daft Punk::x|y'\'' is no item of the model" "$field" "awk -F'\''::'\'' '\''{ print \$2 }'\''" &&
		table $option m.txt "'\''Title'\'' is no item of the model" "$header" "tail -n +2" || return 1
	done &&
	printf "1;\"Daft Punk\"\n2;\"Sigur Rós\"\n" >m.csv &&
	table --items m.csv "'\''1;\"Daft Punk\"'\'' is no item of the model" "$field" \
		"mf-convert --from=csv --separator='\'';'\'' --columns=2,1 | mf-convert --to=tsv | cut -f1" &&
	printf "Radiohed\nBjörk\n" >typo && fails 1 "typo:1: '\''Radiohed'\'' is no item of the model; the nearest are" mf-recommend --items typo model.mf &&
	fails 1 "m.csv: a history without items that the model knows ('\''1;\"Daft Punk\"'\'', '\''2;\"Sigur Rós\"'\''); $field: pipe" \
		mf-recommend --skip-unknown --history m.csv model.mf
'

test_expect_success 'a history whose values stand behind a comma, among other columns, or under a header' '
	mf-als -k 2 -p 1 -n 2 --preset=explicit cells.mf -o model2.mf && cp model.mf saved.mf && cp model2.mf model.mf && more=--include-seen &&
	printf "Daft Punk\t4\nSigur Rós\t2\n" >plain && printf "Daft Punk,4\nSigur Rós,2\n" >v.csv &&
	printf "me\tDaft Punk\t4\nme\tSigur Rós\t2\n" >three && printf "artist\tplays\nDaft Punk\t4\nSigur Rós\t2\n" >headed &&
	wanted="no value; this model predicts ratings: write the item, TAB and the user'\''s" &&
	table --history v.csv "$wanted" "field 1 of a line is one" "awk -F'\'','\'' -v OFS='\''\t'\'' '\''{ print \$1, \$2 }'\''" &&
	table --history three "more than an item, TAB and a value" "field 2 of a line is one" "awk -F'\''\t'\'' -v OFS='\''\t'\'' '\''{ print \$2, \$3 }'\''" &&
	table --history headed "'\''plays'\'' is no number" "the first line looks like a header" "tail -n +2" &&
	printf "\"Daft Punk\",4\n\"Sigur Rós\",2\n" >v.csv &&
	table --history v.csv "$wanted" "field 1 of a line is one" "mf-convert --from=csv --columns=1,2 | mf-convert --to=tsv | cut -f1,2" &&
	cp saved.mf model.mf && more= && fails 1 "headed:1: '\''plays'\'' is no number; the first line" mf-recommend --skip-unknown --history headed model.mf &&
	sed "s/\$/\r/" plain >crlf && mf-recommend --history plain model.mf | cut -f 2- >want && mf-recommend --history crlf model.mf | cut -f 2- >got && test_cmp want got
'

test_expect_success 'the commands of hints for a history run, whatever parts the fields' '
	printf "Daft Punk\t4\nSigur Rós\t2\n" >plain && mf-recommend -N 100 --history plain model2.mf | cut -f 2- >want &&
	for separator in , ";" "|" "::" "$(printf "\t")"
	do
		case $separator in ";" | "|") $(sampled false true) && continue ;; esac
		for quote in "" "\""
		do
			for header in "" user
			do
				for first in "" "me$separator"
				do
					printf "%s\n" ${header:+"${first:+user$separator}artist${separator}plays"} \
						"$first${quote}Daft Punk$quote${separator}4" "$first${quote}Sigur Rós$quote${separator}2" >table &&
					cp table list && for step in 1 2 # a header is at times all that is seen at first
					do
						mf-recommend --history list model2.mf 2>err >x && break
						command=$(sed -n "s/.*: pipe the file through //p" err) && test -n "$command" &&
						{ sh -c "$command" <list >next 2>err && test_must_be_empty err && mv next list || return 1; }
					done
					mf-recommend -N 100 --history list model2.mf | cut -f 2- >got && test_cmp want got || return 1
				done
			done
		done
	done
'

test_expect_success 'where nothing may be listed, it is said why' '
	mf-convert --to=tsv cells.mf | cut -f 2 | sort -u >all && test $(wc -l <all) -eq 18 && head -n 1 all >one &&
	none () { # WHY OPTION...
		why=$1; shift
		mf-recommend "$@" model.mf >got 2>err && test_must_be_empty got &&
		echo "mf-recommend: all lists are empty: of the 18 items of model.mf, $why" >want && test_cmp want err
	} &&
	none "--exclude leaves none" --exclude all && printf "Nemo\n" >nemo && mf-recommend --skip-unknown --items nemo model.mf >got 2>err && test_must_be_empty got &&
	grep -qxF "mf-recommend: all lists are empty: of the 18 items of model.mf, --items names none" err &&
	none "--items names none that is not in --exclude" --items one --exclude all &&
	none "--exclude leaves none" --exclude all --history plain &&
	mf-recommend -q --exclude all model.mf >got 2>err && test_must_be_empty err &&
	tail -n +2 all >rest && mf-recommend --exclude rest --include-seen model.mf 2>err | cut -f 3 | sort -u >got && test_cmp one got && test_must_be_empty err
'

test_expect_success MSGPACK 'similar items are the nearest by cosine' '
	"$python" - "$TOP/tests/cli" >want <<-"EOF" &&
	import sys
	sys.path.insert(0, sys.argv[1])
	import eval_oracle as o
	m = o.read("model.mf")
	k = m["k"]
	v = [m["V"][i * k:(i + 1) * k] for i in range(len(m["item"]))]
	dot = lambda a, b: sum(x * y for x, y in zip(a, b))
	for a in ("Radiohead", "Кино", "Radiohead"):
	    i = m["item"].index(a)
	    near = sorted((-dot(v[i], v[j]) / (dot(v[i], v[i]) * dot(v[j], v[j])) ** .5, j) for j in range(len(v)) if j != i)
	    for rank, (c, j) in enumerate(near):
	        print(a, rank + 1, m["item"][j], "%.4f" % -c, sep="\t")
	EOF
	mf-recommend -N 100 --similar RADIOHEAD --similar кино --similar Radiohead model.mf >raw &&
	awk -F "\t" "NF != 4 { exit 1 } { printf \"%s\t%s\t%s\t%.4f\n\", \$1, \$2, \$3, \$4 }" raw >got && test_cmp want got &&
	mf-recommend -N 100 --similar Radiohead --similar Кино --similar Radiohead factors.mf >got && test_cmp raw got
'

test_expect_success 'an item without listeners is like none' '
	{ cat cells.tsv; printf "u00\tNew Band\t3\n"; } | mf-convert --from=tsv | mf-split --test 0.9 -o cold.mf &&
	mf-als -k 4 -p 1 -n 4 cold.mf -o coldm.mf &&
	mf-convert --to=tsv cold.mf | awk -F "\t" "\$4 == 0 { t[\$2] = 1 } { a[\$2] = 1 } END { for (i in a) if (!t[i]) print i }" >zero &&
	zero=$(head -n 1 zero) && test -n "$zero" &&
	mf-recommend --similar "$zero" coldm.mf >got && test_must_be_empty got &&
	mf-recommend -v --similar "$zero" coldm.mf 2>&1 | grep -qx "mf-recommend: items without neighbours, of which the model knows nothing: 1" &&
	test "$(mf-recommend --format=json --similar "$zero" coldm.mf)" = "{\"similar\":\"$zero\",\"items\":[]}" &&
	known=$(mf-convert --to=tsv cold.mf | awk -F "\t" "\$4 == 0 { print \$2; exit }") &&
	mf-recommend -N 100 --similar "$known" coldm.mf >got && test -s got && ! cut -f 3 got | grep -qxFf zero
'

test_expect_success 'one persona alone: the list of all takes each score from who speaks' '
	mf-recommend -N 100 --include-seen model.mf | sort >all &&
	for q in 1 2 3
	do
		mf-recommend -N 100 --include-seen --persona $q model.mf || return 1
	done >each && test $(wc -l <each) = $((3 * $(wc -l <all))) &&
	awk -F "\t" "NR == FNR { s[\$1, \$3, \$5] = \$4; n[\$5]++; next }
		!((\$1, \$3, \$5) in s) || s[\$1, \$3, \$5] != \$4 { bad = 1 } END { exit bad || length(n) != 3 }" each all &&
	mf-recommend --persona 2 --history exact model.mf | cut -f 5 | uniq >got && echo 2 >want && test_cmp want got &&
	fails 1 "model.mf: users have 3 personas; there is no 4" mf-recommend --persona 4 model.mf &&
	fails 2 "not in 1 .. 64" mf-recommend --persona 0 model.mf
'

test_expect_success 'candidates come from --items alone and never from --exclude' '
	printf "radiohead\nbjork\nкино\t7\nABBA\n" >items && printf "Abba\tx\n" >exclude &&
	mf-recommend -N 100 model.mf >all &&
	grep -w -e Radiohead -e Björk -e BJÖRK -e Кино all | cut -f 1,3,4 >want && test -s want &&
	mf-recommend -N 100 --items items --exclude exclude model.mf | cut -f 1,3,4 >got && test_cmp want got &&
	grep -vw Abba all | cut -f 1,3,4 >want &&
	mf-recommend -N 100 --exclude exclude model.mf | cut -f 1,3,4 >got && test_cmp want got &&
	mf-recommend --similar Radiohead --items items --exclude exclude model.mf | cut -f 3 | sort >got &&
	printf "BJÖRK\nBjörk\nКино\n" | sort >want && test_cmp want got &&
	mf-recommend --history exact --items items model.mf | cut -f 3 | sort >got &&
	printf "Abba\nBJÖRK\nКино\n" | sort >want && test_cmp want got
'

test_expect_success 'a user is left out with --skip-unknown, else the nearest are told' '
	fails 1 "model.mf: there is no user '\''u1O'\''; the nearest are '\''u1" mf-recommend --user u01 --user u1O model.mf &&
	printf "u01\nu5\nu02\n" >list &&
	fails 1 "list:2: '\''u5'\'' is no user of model.mf; the nearest are '\''u05'\'', '\''u" mf-recommend --user-list list model.mf &&
	mf-recommend --skip-unknown --user nobody --user-list list model.mf >got 2>err &&
	echo "mf-recommend: users that are not in model.mf, left out: 2 ('\''nobody'\'', '\''u5'\'')" >want && test_cmp want err &&
	mf-recommend --user u01 --user u02 model.mf >want && test_cmp want got &&
	mf-recommend --skip-unknown --user a --user b --user c --user d model.mf 2>err &&
	echo "mf-recommend: users that are not in model.mf, left out: 4 ('\''a'\'', '\''b'\'', '\''c'\'', ...)" >want && test_cmp want err &&
	printf "user_id;plays\nu01;3\nu02;1\n" >table && hint="the first line looks like a header, and field 1 of a line is one: pipe the file through tail -n +2 | cut -d'\'';'\'' -f1" &&
	fails 1 "table:1: '\''user_id;plays'\'' is no user of model.mf; $hint" mf-recommend --user-list table model.mf &&
	mf-recommend --skip-unknown --user-list table model.mf 2>err && grep -qF "left out: 3 ('\''user_id;plays'\'', '\''u01;3'\'', '\''u02;1'\''); $hint" err &&
	printf "u01\n\n" >gap && fails 1 "gap:2: an empty line; pipe the file through grep . to leave it out" mf-recommend --user-list gap model.mf &&
	mf-recommend --skip-unknown --user nobody model.mf >got 2>err && test_must_be_empty got
'

test_expect_success 'shards, one after the other, are the bytes of the whole, of all users or of a list, in each format' '
	mf-recommend model.mf >want && cut -f 1 want | uniq | sort -r >users && n=$(wc -l <users) &&
	for i in 1 2 3 4
	do
		mf-recommend --shard $i/4 model.mf >shard$i && users=$(cut -f 1 shard$i | uniq | wc -l) &&
		test $users -ge $((n / 4)) && test $users -le $((n / 4 + 1)) || return 1
	done && cat shard1 shard2 shard3 shard4 | cmp - want &&
	for format in tsv csv json trec
	do
		mf-recommend --format=$format --user-list users model.mf >want || return 1
		for i in 1 2 3; do mf-recommend --format=$format --shard $i/3 --user-list users model.mf || return 1; done | cmp - want || return 1
	done &&
	mf-recommend --user u01 --user u01 --user u02 model.mf >want && for i in 1 2 3 4; do mf-recommend --user u01 --user u01 --user u02 --shard $i/4 model.mf || return 1; done | cmp - want &&
	mf-recommend model.mf >want && mf-recommend --shard 1/1 model.mf | cmp - want &&
	fails 2 "is no shard I/N" mf-recommend --shard 3 model.mf &&
	fails 2 "not in 1 .. 2" mf-recommend --shard 3/2 model.mf
'

test_expect_success 'a trec run says what tsv says' '
	mf-recommend -N 100 model.mf >tsv && mf-recommend -N 100 --format=trec model.mf >run &&
	python3 - <<-"EOF" &&
	from urllib.parse import unquote
	run = [line.rstrip("\n").split() for line in open("run", encoding="utf-8")]
	tsv = [line.rstrip("\n").split("\t") for line in open("tsv", encoding="utf-8")]
	assert all(len(r) == 6 and r[1] == "Q0" and r[5] == "mfpipe" for r in run)
	assert [[unquote(r[0]), r[3], unquote(r[2]), r[4]] for r in run] == [t[:4] for t in tsv]
	assert any("%25%20off" == r[2] for r in run) and len(run) > 200
	EOF
	printf "a\tx\t1\na\ty\t1\n" | mf-convert --from=tsv | mf-als -k 2 -p 1 -n 3 -o ties.mf &&
	test $(mf-recommend --include-seen ties.mf | cut -f 4 | sort -u | wc -l) = 1 &&
	mf-recommend --include-seen --format=trec ties.mf | awk "{ print \$3; ok = NR == 1 || \$5 + 0 < last; last = \$5 + 0 } END { print ok }" >got &&
	printf "x\ny\n1\n" >want && test_cmp want got &&
	mf-recommend -N 1 --format=trec --similar "daft punk" model.mf | cut -d " " -f 1,2 >got &&
	echo "Daft%20Punk Q0" >want && test_cmp want got
'

test_expect_success 'json of similar items and of a new user' '
	mf-recommend --format=json -N 2 --similar Abba model.mf >json && mf-recommend -N 2 --similar Abba model.mf >tsv &&
	mf-recommend --format=json -N 2 --history exact model.mf >json2 && mf-recommend -N 2 --history exact model.mf >tsv2 &&
	python3 - <<-"EOF"
	import json
	o, rows = json.load(open("json")), [l.rstrip("\n").split("\t") for l in open("tsv")]
	assert list(o) == ["similar", "items"] and o["similar"] == "Abba" and len(rows) == 2
	assert [list(i) for i in o["items"]] == [["rank", "item", "score"]] * 2
	assert [[str(i["rank"]), i["item"], i["score"]] for i in o["items"]] == [[r[1], r[2], float(r[3])] for r in rows]
	o, rows = json.load(open("json2")), [l.rstrip("\n").split("\t") for l in open("tsv2")]
	assert o["user"] == "exact" and [i["persona"] for i in o["items"]] == [int(r[4]) for r in rows]
	EOF
'

test_expect_success 'the same bytes for any number of threads and as a file' '
	for args in "--similar Abba --similar Can --similar Low" "--history exact" "--persona 2 --items items" "--shard 2/3 --format=trec"
	do
		mf-recommend -j 1 $args model.mf >want && test -s want || return 1
		for j in 2 3 8
		do
			mf-recommend -j $j $args -o got model.mf && test_cmp want got || return 1
		done
	done
'

test_expect_success 'what cannot be asked for at once' '
	fails 2 "a history is one new user" mf-recommend --history exact --user u01 model.mf &&
	fails 2 "a history is one new user" mf-recommend --history exact --user-list list model.mf &&
	fails 2 "a history is one new user" mf-recommend --history exact --shard 1/2 model.mf &&
	fails 2 "similar items are nobody" mf-recommend --similar Can --user u01 model.mf &&
	fails 2 "similar items are nobody" mf-recommend --similar Can --history exact model.mf &&
	fails 2 "similar items are nobody" mf-recommend --similar Can --persona 1 model.mf &&
	fails 2 "similar items are nobody" mf-recommend --similar Can --include-seen model.mf &&
	fails 2 "only once" mf-recommend --history - <model.mf &&
	fails 2 "only once" mf-recommend --items - --exclude - model.mf &&
	fails 1 "cannot open" mf-recommend --history missing model.mf &&
	fails 1 "not UTF-8" mf-recommend --similar "$(printf "\377")" model.mf &&
	fails 1 "is no item" mf-recommend --similar "" model.mf
'

test_expect_success 'a reader that stops early is no error of ours; a cut model gives nothing' '
	mf-recommend -N 100 --include-seen model.mf | head -n 1 >got && test $(wc -l <got) = 1 &&
	head -c 900 model.mf >cut.mf &&
	for args in "--similar Can" "--history exact" "--persona 1" "--shard 1/2"
	do
		fails 1 "cut.mf" mf-recommend $args cut.mf || return 1
	done &&
	fails 1 "pipe it through mf-als" mf-recommend --similar Can cells.mf &&
	fails 1 "pipe it through mf-als" mf-recommend --history exact cells.mf
'

# The manual is what people copy from: its examples run as they stand.
test_expect_success 'the examples of the manual' '
	{ cat cells.tsv; awk -F "\t" "\$1 == \"u03\" { print \"b80344d063b5ccb3212f76538f3d9e43d87dca9e\" FS \$2 FS \$3 }" cells.tsv; } |
	mf-convert --from=tsv | mf-als -k 4 -p 3 -n 6 -o model.mf &&
	printf "x\tAbba\t3\nx\tUnheard Of\t1\n" >plays.tsv && printf "new 1\tAbba\nnew 2\tcan\t2\nnew 1\tNobody\n" >log.tsv && printf "Abba\nCan\nAir\n" >stock.txt && echo can >sold.txt &&
	sed -n "/^.Sh EXAMPLES/,/^.Sh SEE/p" "$TOP/man/mf-recommend.1" |
	sed -n "/^.Bd/,/^.Ed/{/^.Bd/d;s/^.Ed/# next/;s/\\\\e/\\\\/g;p}" >examples.sh &&
	test $(grep -c mf-recommend examples.sh) -ge 8 &&
	awk -v RS="# next\n" "{ f = sprintf(\"example%02d\", NR); printf \"%s\", \$0 >f; close(f) }" examples.sh &&
	for f in example??
	do
		sh -e $f >$f.out 2>$f.err || { cat $f $f.err; return 1; }
		test -s $f.out || test -s lists.tsv || { cat $f; return 1; }
	done &&
	mf-recommend model.mf | sort >want && sort lists.tsv >got && test_cmp want got
'

test_expect_success REALDATA 'artists that everybody knows are next to their own kind' '
	tail -n +2 "$DATA/hetrec2011-lastfm-2k/artists.dat" | cut -f 1,2 >names &&
	tail -n +2 "$DATA/hetrec2011-lastfm-2k/user_artists.dat" | tr -d "\r" |
	awk -F "\t" "NR == FNR { n[\$1] = \$2; next } { print \$1 FS n[\$2] FS \$3 }" names - | mf-convert --from=tsv |
	mf-als -k 16 -p 2 -n 8 -o real.mf &&
	mf-recommend -N 10 --similar metallica real.mf | cut -f 3 >metal &&
	grep -qx -e "Iron Maiden" -e Megadeth -e Slayer metal && ! grep -qx -e "Britney Spears" -e Madonna metal &&
	printf "bjork\t9\nPORTISHEAD\nSigur ros\n" | mf-recommend -N 20 --history - real.mf | cut -f 3 >new &&
	grep -qx -e Radiohead -e "Massive Attack" -e "Boards of Canada" new && ! grep -qx Björk new &&
	printf "Portishaed\n" | fails 1 "standard input:1: '\''Portishaed'\'' is no item of the model; the nearest are '\''Portishead'\''" \
		mf-recommend --history - real.mf
'

test_done
