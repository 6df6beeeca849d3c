#!/bin/sh
test_description='mf-filter: which cells are kept'
. "$(dirname "$0")/setup.sh"

test_expect_success 'sparse cells with folds and times' '
	awk "BEGIN { for (u = 0; u < 60; u++) for (i = 0; i < 40; i++) {
		x = (u * 7919 + i * 104729 + u * i * 31) % 101
		if (x < 12 + i / 2) printf \"u%02d\\ti%02d\\t%d\\n\", u, i, x % 6 } }" >in.tsv &&
	test $(wc -l <in.tsv) -gt 450 &&
	awk "BEGIN { OFS = \"\\t\" } { print \$1, \$2, (NR * 37) % 100 - 50 }" in.tsv >times &&
	mf-convert --from=tsv in.tsv | mf-split --test .2 --valid .1 |
		python3 "$TOP/tests/cli/timed.py" times >in.mf &&
	python3 "$TOP/tests/cli/timed.py" --show <in.mf >cells.tsv &&
	mf-transform -e offset:0.5 in.mf -o floats.mf &&
	{ seq -f u%02.0f 5 44; echo u07; } >users &&
	printf "%s\\n" i39 i38 i20 i21 i22 >items
'

# What is kept, as the oracle says; --keep-empty keeps the same cells, and a pipe is as
# good as a file.
agrees () { # OPTION VALUE ...
	set -- "$@"
	python3 "$TOP/tests/cli/filter_oracle.py" "$@" <cells.tsv >want && test -s want &&
	options= &&
	while test $# -gt 0
	do
		if test $1 = --core
		then options="$options --core"
		else options="$options $1=$2"
		fi
		shift 2
	done &&
	mf-filter $options in.mf >file.mf && cat in.mf | mf-filter -j 3 $options >pipe.mf &&
	test_cmp file.mf pipe.mf && mf-info --check file.mf &&
	python3 "$TOP/tests/cli/timed.py" --show <file.mf >got && test_cmp want got &&
	mf-filter --keep-empty $options in.mf >wide.mf && mf-info --check wide.mf &&
	python3 "$TOP/tests/cli/timed.py" --show <wide.mf >got && test_cmp want got &&
	mf-info --format=json file.mf | jq -c "[.users, .items, .nnz]" >got &&
	echo "[$(cut -f 1 want | sort -u | wc -l),$(cut -f 2 want | sort -u | wc -l),$(wc -l <want)]" >shape &&
	test_cmp shape got &&
	mf-info --format=json wide.mf | jq -c "[.users, .items, .nnz]" >got &&
	echo "$(mf-info --format=json in.mf | jq -c "[.users, .items]" | tr -d "]"),$(wc -l <want)]" >shape &&
	test_cmp shape got
}

test_expect_success 'by value' '
	for cond in ">=4" "<=2" ">0" "<5" "=3" "!=0" ">2.5" "<-0"
	do
		test "$cond" = "<-0" || agrees --value "$cond" || return 1
	done &&
	agrees --value ">=1" --value "<4" --value "!=2"
'

test_expect_success 'conditions with blanks, and == for =' '
	while IFS="|" read -r typed cond
	do
		mf-filter --value "$typed" in.mf >got.mf && mf-filter --value "$cond" in.mf >want.mf && test_cmp want.mf got.mf || return 1
	done <<-\EOF &&
	>= 4|>=4
	 >=4|>=4
	 < 5 |<5
	==4|=4
	== 4|=4
	= 4|=4
	!= 0|!=0
	> -1|>-1
	EOF
	mf-filter --value "==4" in.mf | mf-convert --to=tsv | cut -f 3 | sort -u >got && echo 4 | test_cmp - got
'

test_expect_success 'by user and item' '
	agrees --users users && agrees --items items && agrees --users users --items items &&
	agrees --not-users users && agrees --not-items items &&
	agrees --users users --not-items items
'

test_expect_success 'by time: since is in, until is out' '
	agrees --since 10 && agrees --until 10 && agrees --since -20 --until 30 &&
	agrees --since -13 --until -12 &&
	mf-filter --since 1970-01-01T00:00:10Z in.mf >a && mf-filter --since 10 in.mf >b && test_cmp a b
'

test_expect_success 'by counts, once and until nothing changes' '
	for n in "1 2" "3 1" "4 3" "6 5" "7 9"
	do
		set -- $n &&
		agrees --min-items $1 --min-users $2 && agrees --min-items $1 --min-users $2 --core yes || return 1
	done &&
	agrees --value ">1" --since -30 --not-items items --min-items 3 --min-users 3 --core yes
'

test_expect_success 'once and until nothing changes are not the same' '
	printf "a\\tx\\t1\\nb\\tx\\t1\\nb\\ty\\t1\\nc\\ty\\t1\\nc\\tz\\t1\\nd\\ty\\t1\\nd\\tx\\t1\\n" |
		mf-convert --from=tsv -o few.mf &&
	mf-filter --min-items 2 --min-users 2 few.mf | mf-convert --to=tsv >got &&
	printf "b\\tx\\t1\\t0\\nb\\ty\\t1\\t0\\nd\\tx\\t1\\t0\\nd\\ty\\t1\\t0\\n" >want && test_cmp want got &&
	mf-filter --min-items 2 --min-users 3 few.mf | mf-convert --to=tsv >got && test_cmp want got &&
	fails 1 "nothing is left of 7 cells" sh -c "mf-filter --min-items 2 --min-users 3 --core few.mf >x"
'

test_expect_success 'floats: the number is rounded as the values are' '
	mf-transform -e offset:0.2 in.mf | mf-filter --value "=0.2" | mf-info --format=json >got &&
	test "$(jq .nnz got)" = "$(awk "\$3 == 0" in.tsv | wc -l)" &&
	mf-filter --value ">=2.5" --keep-empty floats.mf | mf-convert --to=tsv | cut -f 3 | sort -u >got &&
	printf "2.5\\n3.5\\n4.5\\n5.5\\n" >want && test_cmp want got
'

test_expect_success 'folds, values, notes and safe frames stay, a model goes' '
	mf-filter in.mf >same.mf && python3 "$TOP/tests/cli/timed.py" --show <same.mf >got && test_cmp cells.tsv got &&
	mf-filter -v --value ">=0" "$TOP/tests/golden/note.mf" -o noted.mf 2>notes &&
	mf-info --format=json noted.mf | jq -e ".note and .model == null" >/dev/null &&
	grep -q "dropped the model card M" notes && grep -q "kept 13 of 13 cells" notes &&
	for keep in "" --keep-empty
	do
		mf-filter $keep "$TOP/tests/golden/foreign.mf" | mf-info --format=json |
			jq -e ".sections.x == 1 and .sections.y == null" >/dev/null || return 1
	done
'

test_expect_success 'ids that are not there are counted' '
	printf "u03\\nnobody\\nNemo\\n" >odd &&
	mf-filter --users odd in.mf 2>warning | mf-convert --to=tsv | cut -f 1 | sort -u >got &&
	echo u03 | test_cmp - got && grep -qxF "mf-filter: odd: ids that are no user of in.mf: 2 ('\''nobody'\'', '\''Nemo'\'')" warning &&
	test $(wc -l <warning) -eq 1 &&
	printf "i39\n1\n2\n3\n4\n" >odd && mf-filter --not-items odd in.mf 2>warning >/dev/null &&
	grep -qxF "mf-filter: odd: ids that are no item of in.mf: 4 ('\''1'\'', '\''2'\'', '\''3'\'', ...)" warning
'

test_expect_success 'a list that is a table: which column, and the command that makes it a list' '
	printf "userId,movieId\nu03,i20\nu05,i21\n" >table.csv && printf "u03,i20\nu05,i21\n" >bare.csv &&
	printf "i20::Heat::Action\ni21::Casino::Crime\n" >items.dat && printf "user\nu03\nu05\n" >head &&
	listed () { # OPTION FILE HINT COMMAND: the warning says the command, and with it the list is one
		mf-filter --keep-empty $1 $2 in.mf >x 2>warning; grep -qF "; $3: pipe the file through $4" warning &&
		sh -c "$4" <$2 >list && mf-filter $1 list in.mf >got.mf 2>warning && test_must_be_empty warning
	} &&
	printf "u03\nu05\n" | mf-filter --users - in.mf | mf-convert --to=tsv >want &&
	listed --users table.csv "the first line looks like a header, and field 1 of a line is one" \
		"tail -n +2 | mf-convert --from=csv --columns=1,2 | mf-convert --to=tsv | cut -f1" &&
	mf-convert --to=tsv got.mf | test_cmp want - &&
	listed --users bare.csv "field 1 of a line is one" "cut -d'\'','\'' -f1" && mf-convert --to=tsv got.mf | test_cmp want - &&
	listed --users head "the first line looks like a header" "tail -n +2" && mf-convert --to=tsv got.mf | test_cmp want - &&
	listed --items items.dat "field 1 of a line is one" "awk -F'\''::'\'' '\''{ print \$1 }'\''" &&
	printf "i20\ni21\n" | mf-filter --items - in.mf | mf-convert --to=tsv >want && mf-convert --to=tsv got.mf | test_cmp want -
'

# A command that a hint says is typed as it stands: it must run, and leave the ids.
test_expect_success 'the commands of hints run, whatever parts the fields, with quotes and a header or without' '
	printf "u03\nu05\n" | mf-filter --users - in.mf | mf-convert --to=tsv >want && test -s want && commands= &&
	for separator in , ";" "|" "::" "$(printf "\t")"
	do
		for quote in "" "\""
		do
			for header in "" user
			do
				for first in "" "7$separator"
				do
					printf "%s\n" ${header:+"$first$header${separator}item"} "$first${quote}u03$quote${separator}x y" \
						"$first${quote}u05$quote${separator}z" >table && mf-filter --keep-empty --users table in.mf >x 2>warning;
					command=$(sed -n "s/.*: pipe the file through //p" warning) && test -n "$command" && { sh -c "$command" <table >list 2>err || return 1; } &&
					test_must_be_empty err && printf "u03\nu05\n" | test_cmp - list || return 1
				done
			done
		done
	done &&
	printf "\"u03\"\n\"u05\"\n" >table && mf-filter --not-users table in.mf 2>warning >x &&
	grep -qF "; field 1 of a line is one: pipe the file through sed '\''s/^\"//; s/\"\$//; s/\"\"/\"/g'\''" warning &&
	sh -c "$(sed "s/.*pipe the file through //" warning)" <table >list && printf "u03\nu05\n" | test_cmp - list &&
	printf "u1\ta \"b\" c\nu1\tplain\n" | mf-convert --from=tsv --columns=1,2 -o quoted.mf && printf "\"a \"\"b\"\" c\",4\nplain,2\n" >table &&
	mf-filter --keep-empty --items table quoted.mf 2>warning >x;
	sh -c "$(sed -n "s/.*pipe the file through //p" warning)" <table >list && printf "a \"b\" c\nplain\n" | test_cmp - list
'

test_expect_success 'without --core items go first, then users: the examples of the manual, by hand' '
	printf "ann\tx\nann\ty\nbob\tx\nbob\tz\n" | mf-convert --from=tsv --columns=1,2 -o pair.mf && # users first would leave x
	fails 1 "nothing is left of 4 cells" sh -c "mf-filter --min-items 2 --min-users 2 pair.mf >x" &&
	printf "ann\tx\nann\ty\nbob\tx\nbob\ty\n" >want && (cat want && printf "cid\tx\ncid\tz\n") | mf-convert --from=tsv --columns=1,2 |
	mf-filter --min-items 2 --min-users 2 | mf-convert --to=tsv | cut -f 1,2 >got && test_cmp want got
'

test_expect_success 'a list that is empty is what a command that failed leaves' '
	>none &&
	for option in --users --items --not-users --not-items
	do
		for keep in "" --keep-empty
		do
			mf-filter $keep $option none in.mf >x 2>err; test $? -eq 1 && test $(wc -l <err) -eq 1 &&
			grep -qxF "mf-filter: none: holds no ids: what wrote it may have failed; where none are meant, leave the option out" err || return 1
		done
	done
'

test_expect_success 'provenance, which mf-info gives back' '
	mf-filter --users users --not-items items --value ">=1" --value "!=4" --since 1970-01-01 \
		--until 40 --min-items 2 --min-users 2 --core --keep-empty in.mf -o once.mf &&
	mf-info --format=json once.mf | jq -c ".prov[-1] | [.tool, .options, .seed, [.inputs[].name]]" >got &&
	cat >want <<-\EOF &&
	["mf-filter",{"core":"true","keep-empty":"true","min-items":"2","min-users":"2","since":"0","until":"40","value":">=1 !=4"},null,["users","not-items","bundle"]]
	EOF
	test_cmp want got &&
	line=$(mf-info once.mf | sed -n "s/^ *\\(mf-filter .*\\)  #.*/\\1/p") &&
	echo "$line" | sed "s/=USERS/=users/; s/=NOT_ITEMS/=items/" >line &&
	sh -c "$(cat line) in.mf" >twice.mf && test_cmp once.mf twice.mf &&
	mf-filter --min-items 1 --min-users 1 in.mf | mf-info --format=json | jq -c ".prov[-1].options" >got &&
	echo "{}" | test_cmp - got
'

test_expect_success 'the order of the input does not matter' '
	sort -k 3,3n -k 2,2r in.tsv | mf-convert --from=tsv | mf-filter --min-items 3 --min-users 3 --core |
		mf-convert --to=tsv >a &&
	mf-convert --from=tsv in.tsv | mf-filter --min-items 3 --min-users 3 --core | mf-convert --to=tsv >b &&
	test_cmp a b
'

test_expect_success '--core takes linear time: a chain of 300,000 that unravels' '
	awk "BEGIN { for (u = 0; u < 300000; u++) printf \"%06d\\t%06d\\t1\\n%06d\\t%06d\\t1\\n\", u, u, u, u + 1
		for (u = 0; u < 2; u++) for (i = 0; i < 2; i++) printf \"x%d\\ty%d\\t1\\n\", u, i }" |
		mf-convert --from=tsv -o chain.mf &&
	timeout 20 mf-filter --core --min-items 2 --min-users 2 chain.mf | mf-convert --to=tsv >got &&
	printf "%s\\ty0\\t1\\t0\\n%s\\ty1\\t1\\t0\\n" x0 x0 x1 x1 >want && test_cmp want got
'

test_expect_success 'nothing left, no times, wrong usage' '
	mf-convert --from=tsv in.tsv -o untimed.mf &&
	fails 1 "nothing is left of" sh -c "mf-filter --value \">99\" in.mf >x" &&
	fails 1 "nothing is left of" sh -c "mf-filter --keep-empty --value \">99\" in.mf >x" &&
	! mf-info --check x 2>/dev/null &&
	fails 1 "--columns U,I,V,F,T" sh -c "mf-filter --since 5 untimed.mf >x" &&
	fails 1 "--columns U,I,V,F,T" sh -c "mf-filter --keep-empty --until 5 untimed.mf >x" &&
	printf "u03\\n\\n" >gap && fails 1 "gap:2: an empty line; pipe the file through grep . to leave it out" sh -c "mf-filter --users gap in.mf >x" &&
	printf "u03\\tx\\n" >wide && fails 1 "wide:1: the id holds a NUL, TAB or newline; write one id a line; field 1 of a line is one: pipe the file through cut -f1" sh -c "mf-filter --users wide in.mf >x" &&
	for cond in 4 ">" ">=" "=>4" "===4" "> = 4" ">4 5" ">4x" ">=nan" "<inf" ">=0x10" ""
	do
		fails 2 "is no condition" mf-filter --value "$cond" in.mf || return 1
	done &&
	fails 2 "--core" mf-filter --core in.mf && fails 2 "--core" mf-filter --core --min-items 1 in.mf &&
	fails 2 "--since" mf-filter --since 5 --until 5 in.mf &&
	fails 2 "--value: more than 4 conditions" mf-filter --value ">1" --value ">1" --value ">1" --value ">1" --value ">1" in.mf &&
	fails 2 "standard input can be read only once" mf-filter --users - <in.mf &&
	fails 2 "is not in 1" mf-filter --min-items 0 in.mf
'


# --- shards ---

test_expect_success 'shards of what is left, joined, are the bytes of the whole; minimums count all users' '
	mf-convert --from=tsv --note=hello in.tsv | mf-split --test .2 >noted.mf &&
	for options in "" "--min-users 9" "--min-items 9 --min-users 9" "--core --min-items 6 --min-users 9" "--value >=2" "--value >=2 --keep-empty" "--keep-empty --core --min-users 9"
	do
		mf-filter $options noted.mf >want.mf || return 1
		for i in 1 2 3; do mf-filter $options --shard $i/3 noted.mf >part$i.mf || return 1; done
		mf-convert --join part3.mf part1.mf part2.mf | test_cmp want.mf - || return 1
	done &&
	mf-filter --shard 1/1 noted.mf >got.mf && mf-filter noted.mf | test_cmp got.mf - &&
	cat noted.mf | mf-filter --min-users 9 --shard 2/3 >got.mf && mf-filter --min-users 9 --shard 2/3 noted.mf | test_cmp got.mf - &&
	mf-convert --to=tsv --part=users got.mf >users && mf-convert --to=tsv --part=items got.mf >items &&
	mf-convert --to=tsv got.mf | cut -f 1 | sort -u | test_cmp users - && mf-convert --to=tsv got.mf | cut -f 2 | sort -u | test_cmp items -
'
# x has two users, one of them in each shard; XXH3-64 of "a" is odd, of "abc" even
test_expect_success 'a shard is no whole: minimums of users and shards of it are refused, the rest is right' '
	printf "a\tx\t1\nabc\tx\t1\na\ty\t1\n" | mf-convert --from=tsv >two.mf && mf-filter --shard 1/2 two.mf >one.mf &&
	mf-convert --to=tsv one.mf >got && printf "abc\tx\t1\t0\n" | test_cmp - got &&
	mf-filter --min-users 2 --shard 2/2 two.mf | mf-convert --to=tsv >got && printf "a\tx\t1\t0\n" | test_cmp - got &&
	fails 1 "one.mf: holds shard 1/2 of the users, and --min-users needs all: join the shards with mf-convert --join first" mf-filter --min-users 2 one.mf &&
	fails 1 "one.mf: holds shard 1/2 of the users, and --shard needs all" mf-filter --shard 1/2 one.mf &&
	mf-filter --min-items 1 --value ">0" one.mf | mf-convert --to=tsv >got && printf "abc\tx\t1\t0\n" | test_cmp - got &&
	mf-filter --shard 2/2 two.mf >other.mf && mf-convert --join one.mf other.mf | mf-filter --min-users 2 | mf-convert --to=tsv >got && printf "a\tx\t1\t0\nabc\tx\t1\t0\n" | test_cmp - got &&
	printf "a\tx\t1\n" | mf-convert --from=tsv >lone.mf && mf-filter -v --shard 1/2 lone.mf 2>notes >none.mf && mf-info --format=json none.mf | jq -e ".users == 0 and .items == 0 and .nnz == 0" &&
	grep -q "kept 0 of 1 cell; gone: .*, 1 of other shards" notes && mf-filter --shard 2/2 lone.mf | mf-convert --join none.mf - >got.mf && mf-filter lone.mf | test_cmp got.mf - &&
	fails 1 "nothing is left of 1 cell" mf-filter --value ">1" --shard 1/2 lone.mf &&
	fails 2 "--shard: 3 is not in 1 .. 2" mf-filter --shard 3/2 two.mf && fails 2 "is no shard I/N" mf-filter --shard 3 two.mf
'
test_done
