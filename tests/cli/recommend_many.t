#!/bin/sh
test_description='mf-recommend --histories: many new users at once'
. "$(dirname "$0")/setup.sh"

awk 'BEGIN { srand(7)
	n = split("Abba|Air|BJÖRK|Björk|Can|Daft Punk|Air feat. Beck|Low|Múm|Neu!|Portishead|Radiohead|Sigur Rós|Sun Ra|The Beatles|Кино|東京|% off", name, "|")
	for (u = 0; u < 60; u++) for (i = 1; i <= n; i++)
		if (rand() < (u % 2 == i % 2 ? .6 : .15) && !(i == 3 && u > 8)) printf "u%02d\t%s\t%d\n", u, name[i], 1 + 9 * rand() }' >cells.tsv
# new ones, who type otherwise, and whose lines are scattered: by rounds, the last user last
awk 'BEGIN { srand(11); n = split("ABBA|air|bjork|can|daft punk|low|mum|neu|portishead|RADIOHEAD|sigur ros|sun  ra|beatles|кино", name, "|")
	for (i = 1; i <= n; i++) for (u = 1; u <= 40; u++)
		if (rand() < (u % 3 == i % 3 ? .7 : .15)) printf "new %d\t%s\t%d\n", u, name[i], 1 + 9 * rand() }' >many

test_expect_success 'models' '
	mf-convert --from=tsv cells.tsv >cells.mf && mf-als -k 4 -p 3 -n 8 cells.mf -o model.mf &&
	awk -F "\t" "!(\$1 in seen) { print \$1; seen[\$1] }" many >order && test $(wc -l <order) -eq 40 && test "$(head -n 1 many | cut -f 1)" != "$(sed -n 2p many | cut -f 1)" &&
	while read -r user
	do awk -F "\t" -v "u=$user" "\$1 == u { print \$2 FS \$3 }" many >"$user" || return 1
	done <order
'

# one_by_one MODEL OPTION...: what the users get as single histories
one_by_one () {
	while read -r user
	do mf-recommend -q --history "$user" "$@" || return 1
	done <order
}

test_expect_success 'the bytes are those of one user at a time, for any number of threads' '
	printf "Can\nmum\n" >sold && n=0 most=$(sampled 9 2) &&
	while read -r args
	do
		n=$((n + 1)) && test $n -le $most || break
		one_by_one $args model.mf >want && test $(wc -l <want) -ge 40 && mf-recommend -q -j 1 --histories many $args model.mf >got && cmp want got &&
		mf-recommend -q -j 3 --histories - $args model.mf <many >got && cmp want got || { echo "$args"; return 1; }
	done <<-"EOF"
	-N 7
	-N 100 --include-seen
	--format=json --explain
	--explain -N 3
	--persona 2
	--diversify=personas
	--diversify=mmr:.5 --rarity .2
	--format=trec
	--exclude sold --no-fallback
	EOF
'

test_expect_success 'of every preset, and with what was done to the values of the model' '
	mf-als -k 4 -p 1 -n 4 --preset=explicit cells.mf -o stars.mf && mf-als -k 4 -p 2 -n 4 --preset=wrmf --confidence=log:2,1 cells.mf -o wrmf.mf &&
	mf-transform -e log2:0.5 -e user-mean cells.mf | mf-als -k 4 -p 2 -n 4 --preset=study -o mean.mf &&
	mf-filter --value ">=4" cells.mf | mf-als -k 4 -p 2 -n 4 --preset=wrmf -o high.mf && mf-als -k 4 -p 3 -n 8 --factors-only cells.mf -o factors.mf &&
	for model in $(sampled "stars wrmf mean high factors" high)
	do
		one_by_one -N 20 $model.mf >want && mf-recommend -q -N 20 --histories many $model.mf >got && cmp want got || return 1
	done &&
	mf-recommend -v --histories many high.mf 2>err >got && grep -qx "mf-recommend: many: [0-9]* items left out, as mf-filter did to the model.s: --value .>=4." err
'

test_expect_success 'users come in the order of their first lines, which no other order changes' '
	mf-recommend -N 5 --histories many model.mf >want && uniq want | cut -f 1 | uniq >got && test_cmp order got &&
	sort -t "	" -k 3n many >sorted && mf-recommend -N 5 --histories sorted model.mf | sort >got && sort want | test_cmp - got &&
	sed "s/\$/\r/" many >crlf && mf-recommend -N 5 --histories crlf model.mf >got && test_cmp want got &&
	gzip -c many >many.gz && mf-recommend -N 5 --histories many.gz model.mf >got && test_cmp want got
'

test_expect_success 'shards, one after the other, are the whole' '
	for i in 1 2 3
	do mf-recommend -N 5 --histories many --shard $i/3 model.mf >part && test -s part && cat part || return 1
	done >got && mf-recommend -N 5 --histories many model.mf | test_cmp - got
'

# 2 + 1.5 + .5 and 1 + 1; the same sums in a history of one line each
test_expect_success 'a repeated item is summed, however it is spelt' '
	printf "%s\n" "a	Björk	2" "a	Can" "b	Low" "a	bjork	1.5" "a	BJÖRK	-.5" "a	can" >twice && printf "BJÖRK\t-.5\nBjörk\t3.5\nCan\t2\n" >a &&
	mf-recommend -N 20 --histories twice wrmf.mf | grep "^a" >got && mf-recommend -N 20 --history a wrmf.mf >want && test_cmp want got &&
	printf "%s\n" "a	can" "a	bjork	1.5" "b	Low" "a	BJÖRK	-.5" "a	Can" "a	Björk	2" >other && mf-recommend -N 20 --histories other wrmf.mf | grep "^a" >got && test_cmp want got &&
	printf "a	Low	3e38\nb	Low\na	low	3e38\n" >large && fails 1 "large: user '\''a'\'': the values of an item sum to more than a float holds" mf-recommend --histories large wrmf.mf
'

# lines 4 and 6 repeat, of users b and a; one rating of an item, in a model that predicts them, is not to become 9 of 5
test_expect_success 'but where a model predicts ratings it is an error, as in a single history, whatever the order and the threads' '
	printf "%s\n" "a	Björk	4" "b	Low	3" "c	Can	5" "b	low	3" "a	Can	5" "a	bjork	5" >twice && grep "^a" twice | cut -f 2- >a &&
	for j in 1 2 8
	do fails 1 "mf-recommend: twice:4: the same user and item as on line 2; this model predicts ratings" mf-recommend -j $j --histories twice stars.mf || return 1
	done &&
	sed "4d" twice >later && fails 1 "later:5: the same user and item as on line 1; this" mf-recommend --histories later stars.mf && fails 1 "a:3: the same item as on line 1" mf-recommend --history a stars.mf &&
	printf "%s\n" "a	Can	3" "a	Low	1" "a	can	2" "a	CAN	1" >third && fails 1 "third:3: the same user and item as on line 1; this" mf-recommend --histories third stars.mf &&
	sed "4d; 6d" twice >once && mf-recommend --histories once stars.mf >got && test -s got && mf-recommend --histories twice wrmf.mf >got && test -s got
'

test_expect_success 'users of whom nothing is known get what is popular, and it is said' '
	printf "%s\n" "x	Nobody" "a	Can" "x	Nemo" "y	Nothing" "a	Nil" >some && mf-recommend -v --skip-unknown -N 3 --histories some model.mf >got 2>err &&
	printf "%s\n" "mf-recommend: 3 new users with 1 line of items that are known" "mf-recommend: user '\''x'\'': of 2 lines, 2 left out" "mf-recommend: user '\''a'\'': of 2 lines, 1 left out" \
		"mf-recommend: user '\''y'\'': of 1 line, 1 left out" \
		"mf-recommend: the model knows nothing of 2 users, of whom the first is '\''x'\'': listed is what is popular, by the number of its listeners" \
		"mf-recommend: names that are no items of model.mf, left out: 4 ('\''Nobody'\'', '\''Nemo'\'', '\''Nothing'\'', ...)" >want && test_cmp want err &&
	cut -f 2 cells.tsv | sort | uniq -c | sort -k 1,1nr | head -n 3 | awk "{ print \$1 \".0\" }" >counts &&
	grep "^x" got | cut -f 4 | test_cmp counts - && test "$(grep "^[xy]" got | cut -f 5 | sort -u)" = 0 && grep "^x" got | sed "s/^x/y/" >want && grep "^y" got | test_cmp want - &&
	mf-recommend -q --skip-unknown --no-fallback -N 3 --histories some model.mf | cut -f 1 | sort -u >got && echo a >want && test_cmp want got &&
	mf-recommend -q --skip-unknown --format=json -N 1 --histories some model.mf | grep -c "\"fallback\":\"popularity\"" >got && echo 2 >want && test_cmp want got
'

test_expect_success 'names are noted once, however often they are typed' '
	mf-recommend -v --histories many model.mf 2>err >out && grep -c "taken for" err >n && test $(cat n) -eq 14 &&
	grep -qxF "mf-recommend: 40 new users with $(wc -l <many) lines of items that are known" err
'

test_expect_success 'what is wrong with a line is said' '
	wrong () { # LINES-AS-PRINTF WHAT [MODEL]
		printf "$1" >bad && fails 1 "mf-recommend: bad:$2" mf-recommend --histories bad ${3:-model.mf}
	} &&
	wrong "a\tCan\n\na\tLow\n" "2: an empty line; pipe the file through grep . to leave it out" &&
	wrong "a\tCan\na\n" "2: no TAB: a line is user, TAB, item and, after a TAB, a value" &&
	wrong "user,item\na,Can\n" "1: no TAB: a line is user, TAB, item and, after a TAB, a value; mf-convert --from=csv --header FILE | mf-convert --to=tsv | cut -f 1-3 makes such lines" &&
	mf-convert --from=csv --header bad | mf-convert --to=tsv | cut -f 1-3 | mf-recommend -N 1 --histories - model.mf | grep -q "^a	1	" &&
	wrong "a\tCan\t1\t2\n" "1: more than three fields: a line is user, TAB, item" &&
	wrong "a\tCan\tmuch\n" "1: '\''much'\'' is no number" && wrong "a\tCan\t\n" "1: '\'''\'' is no number" &&
	wrong "user\titem\tplays\na\tCan\t2\n" "1: '\''plays'\'' is no number; the first line looks like a header: pipe the file through tail -n +2" &&
	wrong "user\titem\na\tCan\n" "1: '\''item'\'' is no item of the model; the first line looks like a header: pipe the file through tail -n +2" &&
	wrong "a\tRadiohed\n" "1: '\''Radiohed'\'' is no item of the model; the nearest are '\''Radiohead'\''" &&
	wrong "a\tCan\n\tCan\n" "2: user id is empty" && wrong "a\t\n" "1: an empty line" &&
	wrong "a\tCan\n" "1: no value, and this model predicts ratings: a line is user" stars.mf &&
	wrong "a\tCan\n\377\n" "2: line is not UTF-8" && >none && fails 1 "none: holds no ids" mf-recommend --histories none model.mf
'

test_expect_success 'what does not go together' '
	for option in "--user u01" "--user-list many" "--history many"
	do fails 2 "histories are new users: no --user, --user-list or --history" mf-recommend --histories many $option model.mf || return 1
	done &&
	fails 2 "similar items are nobody'\''s: no --user, --user-list, --shard, --history or --histories" mf-recommend --histories many --similar Can model.mf &&
	fails 2 "standard input can be read only once" mf-recommend --histories - <model.mf
'

test_expect_success 'a long history, and one item again and again' '
	awk "BEGIN { for (i = 0; i < 300000; i++) print \"one\\tcan\" }" >long && mf-recommend -N 20 --histories long wrmf.mf >got &&
	printf "can\t300000\n" >one && mf-recommend -N 20 --history one wrmf.mf >want && test_cmp want got
'

test_done
