#!/bin/sh
test_description='mf-recommend: lists of the best items'
. "$(dirname "$0")/setup.sh"

awk 'BEGIN { srand(5); for (u = 0; u < 60; u++) for (i = 0; i < 40; i++)
	if (rand() < (u % 2 == i % 2 ? u / 60 : .04)) printf "u%02d\tartist %02d\t%d\n", u, i, 1 + 9 * rand() }' >cells.tsv
for python in /usr/bin/python3 python3
do
	"$python" -c "import msgpack" 2>/dev/null && test_set_prereq MSGPACK && break
done
oracle () { "$python" "$TOP/tests/cli/eval_oracle.py" "$@"; }

test_expect_success 'a model' '
	mf-convert --from=tsv cells.tsv | mf-split --test 0.2 --valid 0.1 -o split.mf &&
	mf-als -k 4 -p 3 -n 6 split.mf -o model.mf
'

test_expect_success MSGPACK 'all lists are those of an independent program' '
	mf-recommend -N 7 model.mf | cut -f 1,2,3,5 >got && oracle recommend model.mf 7 >want &&
	test_cmp want got
'

test_expect_success MSGPACK 'and whole ones, from standard input' '
	mf-recommend -N 1000000 <model.mf | cut -f 1,2,3,5 >got && oracle recommend model.mf 1000 >want &&
	test_cmp want got
'

test_expect_success MSGPACK 'users held out whole are folded in, all or one alone' '
	mf-convert --from=tsv cells.tsv | mf-split --method=users --test 0.4 --fold-in 0.6 -o users.mf &&
	mf-als -k 4 -p 1 -n 6 --preset=explicit users.mf -o new.mf &&
	mf-recommend -N 7 new.mf | cut -f 1,2,3,5 >got && oracle recommend new.mf 7 >want &&
	test_cmp want got &&
	mf-als -k 4 -p 3 -n 6 users.mf -o new3.mf && mf-recommend -N 1000 new3.mf >all &&
	"$python" - "$TOP/tests/cli" >held-out <<-"EOF" &&
	import sys
	sys.path.insert(0, sys.argv[1])
	import eval_oracle as o
	m = o.read("new3.mf")
	for u, row in enumerate(m["rows"]):
	    folds = {f for _, _, f in row}
	    if o.FOLD_IN in folds and o.TRAIN not in folds:
	        print(m["user"][u])
	EOF
	test $(wc -l <held-out) -gt 10 &&
	for user in $(sed -n "1p;5p;9p" held-out)
	do
		grep "^$user	" all >want &&
		mf-recommend -N 1000 -j 3 --user $user --user $user new3.mf >got &&
		cat want want >twice && test_cmp twice got || return 1
	done &&
	grep -w -f held-out all | cut -f 4 | sort -u | wc -l >scores && test $(cat scores) -gt 100
'

test_expect_success 'ten items by default, scores descend' '
	mf-recommend model.mf >list && head -n 10 list | cut -f 2 >ranks && seq 10 >want && test_cmp want ranks &&
	awk -F "\t" "NF != 5 || (\$2 > 1 && \$4 + 0 > last) { exit 1 } { last = \$4 + 0 }" list
'

test_expect_success 'the same bytes for any number of threads' '
	for format in tsv json csv
	do
		mf-recommend -j 1 --format=$format model.mf >first &&
		for j in 2 3 8
		do
			mf-recommend -j $j --format=$format model.mf >again && test_cmp first again || return 1
		done
	done
'

test_expect_success 'a user has the same list alone, named or listed' '
	mf-recommend model.mf >all &&
	for user in u01 u30 u59
	do
		grep "^$user	" all >want && mf-recommend --user $user model.mf >got && test_cmp want got &&
		echo $user | mf-recommend --user-list - model.mf >got && test_cmp want got || return 1
	done
'

test_expect_success 'users come as asked for: named, then listed' '
	printf "u05\r\nu40" >list.txt &&
	mf-recommend -N 1 --user-list list.txt --user u50 --user u02 model.mf | cut -f 1 >got &&
	printf "u50\nu02\nu05\nu40\n" >want && test_cmp want got &&
	fails 1 "/dev/null: holds no ids" mf-recommend --user-list /dev/null model.mf
'

test_expect_success MSGPACK 'what a user knows is left out; test cells and --include-seen are not' '
	mf-recommend -N 1000 model.mf | cut -f 1,3 | sort >got &&
	mf-recommend -N 1000 --include-seen model.mf | cut -f 1,3 | sort >everything &&
	test $(wc -l <everything) = $(( $(cut -f 1 cells.tsv | sort -u | wc -l) * $(cut -f 2 cells.tsv | sort -u | wc -l) )) &&
	oracle recommend model.mf 1000 | cut -f 1,3 | sort >want &&
	test_cmp want got && test $(wc -l <got) -lt $(wc -l <everything)
'

test_expect_success 'json says what tsv says, an object a line and user' '
	mf-recommend --format=json -N 4 model.mf >json && mf-recommend -N 4 model.mf >tsv &&
	python3 - <<-"EOF"
	import json
	rows = []
	for line in open("json"):
	    o = json.loads(line)
	    fallback = any(i["persona"] == 0 for i in o["items"])
	    assert list(o) == (["user", "fallback", "items"] if fallback else ["user", "items"])
	    rows += [[o["user"], str(i["rank"]), i["item"], i["score"], str(i["persona"])] for i in o["items"]]
	tsv = [line.rstrip("\n").split("\t") for line in open("tsv")]
	assert [[a, b, c, float(d), e] for a, b, c, d, e in tsv] == rows and len(rows) > 100
	EOF
'

test_expect_success 'csv says what tsv says, after a header' '
	mf-recommend --format=csv -N 4 model.mf >csv && mf-recommend -N 4 model.mf >tsv &&
	head -n 1 csv >head && echo user,rank,item,score,persona >want && test_cmp want head &&
	tail -n +2 csv | tr , "\t" >got && test_cmp tsv got &&
	mf-recommend --format=csv --explain -N 4 model.mf >csv && mf-recommend --explain -N 4 model.mf >tsv &&
	head -n 1 csv >head && echo user,rank,item,score,persona,because >want && test_cmp want head &&
	tail -n +2 csv | tr , "\t" | sed "s/\"\"\$//" >got && awk -F "\t" "\$2 > 0" tsv >want && test_cmp want got &&
	mf-recommend --format=csv --similar "artist 07" model.mf >csv && mf-recommend --similar "artist 07" model.mf >tsv &&
	head -n 1 csv >head && echo similar,rank,item,score >want && test_cmp want head &&
	tail -n +2 csv | tr , "\t" >got && test_cmp tsv got && test -s tsv
'

test_expect_success 'csv is quoted, and read back by other programs and by mf-convert' '
	printf "a, \"q\"\tx;\t1\na, \"q\"\ty\t2\nb \tz, \"z\"\t1\nb \ty\t1\nc\tx;\t1\nc\tz, \"z\"\t3\n" >odd.tsv &&
	mf-convert --from=tsv odd.tsv -o odd-cells.mf && mf-als -k 2 -p 2 -n 2 odd-cells.mf -o odd.mf &&
	mf-recommend --format=csv --explain odd.mf >csv && mf-recommend --explain --format=json odd.mf >json &&
	python3 - <<-"EOF" &&
	import csv, json
	got = list(csv.DictReader(open("csv", newline="")))
	want = []
	for o in map(json.loads, open("json")):
	    for x in o["items"]:
	        why = "; ".join("%s %.0f%%" % (b["item"], 100 * b["share"]) for b in x["because"])
	        want.append({"user": o["user"], "rank": str(x["rank"]), "item": x["item"], "score": x["score"],
	                     "persona": str(x["persona"]), "because": why})
	for row in got:
	    row["score"] = float(row["score"])
	assert got == want and len(got) == 3, (got, want)
	EOF
	mf-recommend --format=csv odd.mf | mf-convert --from=csv --header --columns user,item | mf-convert --to=tsv | cut -f 1,2 >got &&
	mf-recommend odd.mf | cut -f 1,3 | LC_ALL=C sort >want && test_cmp want got
'

test_expect_success 'names are written as they are: quotes, letters of all scripts' '
	printf "a \"q\"\\\\\tx\t1\na \"q\"\\\\\ty\t2\n\303\251\t\346\235\261\344\272\254\t1\n\303\251\ty\t1\n" >odd.tsv &&
	mf-convert --from=tsv odd.tsv | mf-als -k 2 -p 1 -n 2 -o odd.mf &&
	mf-recommend odd.mf | cut -f 1,3 >got &&
	printf "a \"q\"\\\\\t\346\235\261\344\272\254\n\303\251\tx\n" >want && test_cmp want got &&
	mf-recommend --format=json odd.mf | python3 -c "
import json, sys
users = [json.loads(line) for line in sys.stdin.buffer]
assert [u[\"user\"] for u in users] == [\"a \\\"q\\\"\\\\\", \"\\u00e9\"]
assert users[0][\"items\"][0][\"item\"] == \"\\u6771\\u4eac\""
'

test_expect_success 'json of names with all that needs an escape is what another program reads' '
	python3 - >nasty.tsv <<-"EOF" &&
	names = ["\"", "\\", "\\\"", "a\x01b", "\x1f", "\x7f", "/", "\b\f", "\u2028", "\U0001f600", "\\u0041", "é\u0301"]
	for u, user in enumerate(names):
	    for i, item in enumerate(names):
	        if (u + i) % 3:
	            print(user, item, 1, sep="\t")
	EOF
	mf-convert --from=tsv nasty.tsv | mf-als -k 2 -p 2 -n 2 -o nasty.mf &&
	mf-recommend --explain nasty.mf >tsv && mf-recommend --explain --format=json nasty.mf >json &&
	python3 - <<-"EOF"
	import json
	got = [[o["user"], str(i["rank"]), i["item"]] for o in map(json.loads, open("json", newline="\n")) for i in o["items"]]
	want = [line.rstrip("\n").split("\t")[:3] for line in open("tsv", newline="\n")]
	assert got == [w for w in want if w[1] != "0"] and len(got) == 48, got
	EOF
'

test_expect_success 'lists that are searched for are the heads of those that are sorted' '
	msd-synth --users 300 --artists 2000 --tracks long-tracks.txt -o long.txt &&
	msd-aggregate --tracks long-tracks.txt long.txt | mf-split --test 0.1 -o long.mf &&
	for settings in "-p 1" "-p 3" "--preset=explicit -p 2" "--preset=study -p 2"
	do
		mf-als -k 8 -n 3 $settings long.mf -o long-model.mf &&
		for options in "" "--include-seen" "--persona 1"
		do
			mf-recommend -N 5000 $options long-model.mf | awk -F "\t" "\$2 <= 40" >want &&
			mf-recommend -N 40 $options long-model.mf >got && test -s got && test_cmp want got || return 1
		done || return 1
	done
'

test_expect_success 'a user who knows everything has an empty list' '
	printf "all\tx\t1\nall\ty\t2\nsome\ty\t1\n" | mf-convert --from=tsv | mf-als -k 2 -p 2 -n 2 -o full.mf &&
	mf-recommend full.mf | cut -f 1,3 >got && printf "some\tx\n" >want && test_cmp want got &&
	test "$(mf-recommend --format=json --user all full.mf)" = "{\"user\":\"all\",\"items\":[]}"
'

# z1 and z3 have two listeners, z2 has one and aaa none; c has a test cell alone, e none at all.
printf 'a\tz1\t3\t0\na\tz2\t1\t0\nb\tz1\t1\t0\nb\tz3\t1\t0\nc\taaa\t5\t2\nd\tz3\t2\t0\ne\tz2\t1\t2\n' >cold.tsv
popular="the model knows nothing of %s: listed is what is popular, by the number of its listeners"

test_expect_success 'a user of whom the model knows nothing gets what is popular, and it is said' '
	mf-convert --from=tsv --columns=1,2,3,4 cold.tsv >cold-cells.mf && mf-als -k 2 -p 2 cold-cells.mf -o cold.mf &&
	printf "c\t1\tz1\t2.0\t0\nc\t2\tz3\t2.0\t0\nc\t3\tz2\t1.0\t0\n" >want &&
	mf-recommend --user c cold.mf >got 2>err && test_cmp want got &&
	printf "mf-recommend: $popular\n" "'\''c'\''" >want-err && test_cmp want-err err &&
	mf-recommend -q --user c cold.mf >got 2>err && test_cmp want got && test_must_be_empty err &&
	sed "s/^c/-/" want >want-new && printf "aaa\n" | mf-recommend --history - cold.mf >got 2>err && test_cmp want-new got &&
	printf "mf-recommend: $popular\n" "'\''-'\''" >want-err && test_cmp want-err err &&
	mf-recommend -N 2 --user c cold.mf 2>/dev/null >got && head -n 2 want >two && test_cmp two got &&
	mf-recommend -N 5000 --user c cold.mf 2>/dev/null >got && test_cmp want got &&
	mf-recommend --user a --user c cold.mf >both 2>/dev/null && grep "^c" both >got && test_cmp want got &&
	test $(grep -c "^a" both) = 2 && ! grep "^a.*	0\$" both
'

test_expect_success 'each format marks what is popular; of many users the number is told' '
	test "$(mf-recommend -q --format=json -N 1 --user c cold.mf)" = \
		"{\"user\":\"c\",\"fallback\":\"popularity\",\"items\":[{\"rank\":1,\"item\":\"z1\",\"score\":2.0,\"persona\":0}]}" &&
	test "$(mf-recommend -q --format=json --explain -N 1 --user c cold.mf)" = \
		"{\"user\":\"c\",\"fallback\":\"popularity\",\"personas\":[],\"items\":[{\"rank\":1,\"item\":\"z1\",\"score\":2.0,\"persona\":0,\"because\":[]}]}" &&
	mf-recommend -q -N 1 --explain --user c cold.mf >got && printf "c\t1\tz1\t2.0\t0\tpopularity\n" >want && test_cmp want got &&
	mf-recommend -q -N 1 --explain --format=csv --user c cold.mf | tail -n 1 >got && echo c,1,z1,2.0,0,popularity >want && test_cmp want got &&
	mf-recommend -q -N 1 --format=trec --user c cold.mf >got && echo "c Q0 z1 1 2.0 mfpipe" >want && test_cmp want got &&
	mf-recommend cold.mf 2>err >all && printf "mf-recommend: $popular\n" "2 users, of whom the first is '\''c'\''" >want && test_cmp want err &&
	mf-recommend -j 3 cold.mf 2>err >again && test_cmp all again && test_cmp want err
'

test_expect_success 'what is popular can be chosen from, tempered, varied and refused' '
	echo z1 >one && mf-recommend -q --user c --exclude one cold.mf | cut -f 3 >got && printf "z3\nz2\n" >want && test_cmp want got &&
	mf-recommend -q --user c --items one cold.mf | cut -f 3 >got && test_cmp one got &&
	printf "z1\nz2\nz3\n" >three && mf-recommend --user c --exclude three cold.mf 2>err >got && test_must_be_empty got &&
	echo "mf-recommend: the model knows nothing of '\''c'\'': nothing is listed, since nothing that is popular is left" | test_cmp - err &&
	mf-recommend -q --user c --rarity=2 cold.mf | cut -f 3-5 >got && # of 3 listeners: 1 (3/1)^2, 2 (3/2)^2
	printf "z2\t9.0\t0\nz1\t4.5\t0\nz3\t4.5\t0\n" >want && test_cmp want got &&
	mf-recommend -q --user c cold.mf >want && mf-recommend -q --user c --diversify=personas --explain cold.mf | cut -f 1-5 >got && test_cmp want got &&
	mf-recommend -q --user c --diversify=mmr:1 cold.mf >got && test_cmp want got &&
	mf-recommend --no-fallback --user c cold.mf >got 2>err && test_must_be_empty got &&
	echo "mf-recommend: the model knows nothing of '\''c'\'': nothing is listed" >want && test_cmp want err &&
	test "$(mf-recommend -q --no-fallback --format=json --user c cold.mf)" = "{\"user\":\"c\",\"items\":[]}" &&
	mf-recommend -q --no-fallback --explain --user c cold.mf >got && test_must_be_empty got &&
	mf-als -k 2 -p 2 --factors-only cold-cells.mf -o cold-factors.mf &&
	echo aaa | mf-recommend --history - cold-factors.mf >got 2>err && test_must_be_empty got &&
	grep -q "knows nothing of '\''-'\'': nothing is listed, since the bundle has no ratings" err
'

test_expect_success 'a persona that is the zero vector knows nothing, and its siblings do' '
	mf-als -k 2 -p 2 --overlap 0 --persona-cells 0 cold-cells.mf -o hard.mf &&
	for q in 1 2; do mf-recommend --user d --persona $q hard.mf 2>&1 >list$q; done >err &&
	q=$(sed -n "s/^mf-recommend: the model knows nothing of persona \(.\) of .d.: listed is.*/\1/p" err) && test $(wc -l <err) = 1 &&
	printf "d\t1\tz1\t2.0\t0\nd\t2\tz2\t1.0\t0\n" >want && test_cmp want list$q &&
	cut -f 5 list$((3 - q)) | sort -u >got && echo $((3 - q)) >want && test_cmp want got &&
	mf-recommend --user d hard.mf 2>err >list && test_must_be_empty err && ! grep "	0\$" list
'

test_expect_success MSGPACK 'a model with biases lists what it rates highest' '
	mf-als -k 2 -p 1 --preset=explicit --bias cold-cells.mf -o rated.mf &&
	mf-recommend --user c rated.mf >got 2>err &&
	echo "mf-recommend: the model knows nothing of '\''c'\'': listed is what is rated highest, by the items'\'' biases" >want && test_cmp want err &&
	"$python" - "$TOP/tests/cli" <<-"EOF"
	import sys
	sys.path.insert(0, sys.argv[1])
	import eval_oracle as o
	m = o.read("rated.mf")
	want = sorted(((-m["mu"] - c, i) for i, c in enumerate(m["c"])))
	got = [line.rstrip("\n").split("\t") for line in open("got")]
	assert len({c for c, _ in want}) > 2
	assert [(g[2], g[4]) for g in got] == [(m["item"][i], "0") for _, i in want], (got, want)
	assert all(abs(float(g[3]) + c) < 1e-5 for g, (c, _) in zip(got, want)), (got, want)
	EOF
'

test_expect_success 'an unknown user is an error and nothing is printed' '
	fails 1 "model.mf: there is no user '\''nobody'\''" mf-recommend --user u01 --user nobody model.mf &&
	printf "u01\nu1\n" >list.txt &&
	fails 1 "list.txt:2: '\''u1'\'' is no user of model.mf" mf-recommend --user-list list.txt model.mf &&
	printf "u01\n\nu02\n" >list.txt &&
	fails 1 "list.txt:2: an empty line" mf-recommend --user-list list.txt model.mf &&
	fails 1 "there is no user" mf-recommend --user "" model.mf
'

test_expect_success 'wrong usage' '
	fails 2 "not in 1 .. 1000000" mf-recommend -N 0 model.mf &&
	fails 2 "none of tsv, json, trec, csv" mf-recommend --format=xml model.mf &&
	fails 2 "one file is enough" mf-recommend model.mf model.mf &&
	fails 2 "only once" mf-recommend --user-list - <model.mf &&
	fails 1 "cannot open" mf-recommend missing.mf &&
	fails 1 "cannot open" mf-recommend --user-list missing.txt model.mf
'

test_expect_success 'cut input and a full disk give no result' '
	head -c 900 model.mf >cut.mf && fails 1 "cut.mf" mf-recommend cut.mf &&
	fails 1 "pipe it through mf-als" mf-recommend split.mf &&
	test_must_fail mf-recommend model.mf >/dev/full &&
	mf-recommend -o out.tsv model.mf && mf-recommend model.mf >want && test_cmp want out.tsv &&
	test_must_fail mf-recommend -o out.tsv cut.mf && test_cmp want out.tsv
'

test_done
