#!/bin/sh
test_description='mf-score: what a model says of pairs of users and items'
. "$(dirname "$0")/setup.sh"

awk 'BEGIN { srand(5); for (u = 0; u < 60; u++) for (i = 0; i < 40; i++)
	if (rand() < (u % 2 == i % 2 ? .2 + u / 80 : .04)) printf "u%02d\tartist %02d\t%d\n", u, i, 1 + 9 * rand() }' >cells.tsv

test_expect_success 'models' '
	mf-convert --from=tsv cells.tsv >cells.mf &&
	mf-split --method=users --test 0.4 --fold-in 0.6 cells.mf -o users.mf && mf-split --test .2 --valid .1 cells.mf -o split.mf &&
	mf-als -k 5 -p 1 -n 4 split.mf -o one.mf && mf-als -k 12 -p 3 -n 4 users.mf -o three.mf &&
	mf-als -k 3 -p 1 -n 4 --preset=explicit users.mf -o stars.mf
'

# what mf-recommend says of all pairs: user, item, score, persona
all_lists () {
	mf-recommend -q -N 1000 --include-seen "$@" | cut -f 1,3-
}

test_expect_success 'the scores and personas are those of mf-recommend, to the bit' '
	for args in "-p 1 split.mf" "-p 3 users.mf" "-p 5 --overlap .5 split.mf" "--preset=wrmf -p 2 split.mf" \
		"--preset=explicit -p 2 users.mf" "--preset=study -p 1 users.mf"
	do
		mf-als -k 17 -n 4 $args -o model.mf && all_lists model.mf >want && test $(wc -l <want) -gt 2000 &&
		cut -f 1,2 want | mf-score model.mf >got && test_cmp want got &&
		sort -t "	" -k 2,2 -k 1,1 want >by-item && cut -f 1,2 by-item >pairs && mf-score model.mf pairs >got && test_cmp by-item got || return 1
	done &&
	cut -f 4 want | sort -u >personas && echo 1 >want && test_cmp want personas
'

test_expect_success 'and those of each persona alone' '
	for q in 1 2 3
	do
		all_lists --persona $q three.mf >want && cut -f 1,2 want | mf-score --persona $q three.mf >got && test_cmp want got || return 1
	done &&
	fails 1 "three.mf: users have 3 personas; there is no 4" mf-score --persona 4 three.mf want
'

test_expect_success 'on every level of kernels' '
	for level in base avx2 avx512
	do
		MF_KERNEL=$level mf-info --version >out 2>&1 || continue
		MF_KERNEL=$level all_lists three.mf >want && cut -f 1,2 want | MF_KERNEL=$level mf-score three.mf >got && test_cmp want got || return 1
	done
'

test_expect_success PYTHON 'a score is the largest product of a persona and the item' '
	for part in users items
	do
		mf-convert --to=tsv --part=$part three.mf | cut -f 1 >$part.txt && mf-convert --to=npy --part=$part three.mf >$part.npy || return 1
	done &&
	mf-als -k 12 -p 3 -n 4 --persona-cells 1 split.mf -o all-speak.mf && mf-convert --to=npy --part=users all-speak.mf >users.npy &&
	mf-convert --to=npy --part=items all-speak.mf >items.npy && cut -f 1,2 cells.tsv | mf-score all-speak.mf >got && python3 - <<-"EOF"
	import numpy as np
	U, V = np.load("users.npy").astype(float), np.load("items.npy").astype(float)
	user, item = ({name: i for i, name in enumerate(open(f).read().split("\n"))} for f in ("users.txt", "items.txt"))
	V, seen = V.reshape(len(V), -1), set()
	for line in open("got"):
	    u, i, score, persona = line.rstrip("\n").split("\t")
	    s = U[user[u]].reshape(3, -1) @ V[item[i]]
	    q = int(persona) - 1
	    assert abs(s[q] - float(score)) < 1e-5, line
	    assert s[q] >= s.max() - 1e-5 or len(set(map(tuple, U[user[u]].reshape(3, -1)))) < 3, line
	    seen.add(q)
	assert len(seen) == 3
	EOF
'

# rmse MODEL TARGET: by mf-eval, and from the lines of mf-score
rmse () {
	mf-eval -q --bootstrap 0 -m rmse --format=tsv $1 | awk -F "\t" "\$1 == \"rmse\" { printf \"%.5f\n\", \$2 }" >want && test $(wc -l <want) -eq 1 &&
	mf-convert --to=tsv --fold=test $1 | mf-score -q --no-fallback $1 | awk -F "\t" "{ d = ($2 == 1 ? 1 : \$3) - \$(NF - 1); sum += d * d }
		END { printf \"%.5f\n\", sqrt(sum / NR) }" >got && test_cmp want got
}
test_expect_success PYTHON 'the errors on test cells are those that mf-eval tells' '
	rmse stars.mf 0 && rmse one.mf 1 && rmse three.mf 1 && ! grep -qx 0.00000 want
'

# the first example of the manual page, as it stands there
test_expect_success PYTHON 'the error that the manual page computes is that of mf-eval, with times and without' '
	awk "/^How far off/ { on = 1 } on && /^[.]Ed/ { exit } on && !/^[.]Bd|^How|^[(]/" "$TOP/man/mf-score.1" | sed "s/[\\\\]e/\\\\/g" >example && test $(wc -l <example) -eq 3 &&
	awk "{ print \$0 FS \"train\" FS 1000 + NR }" FS="\t" cells.tsv | mf-convert --from=tsv --columns=1,2,3,4,5 | mf-split --test .2 | mf-als -q -k 3 -p 1 -n 4 --preset=explicit -o timed.mf &&
	mf-convert --to=tsv --fold=test timed.mf | head -n 1 | grep -q "10[0-9][0-9]$" &&
	for m in stars timed
	do
		cp $m.mf model.mf && sh ./example >got && mf-eval -q --bootstrap 0 -m rmse --format=tsv model.mf | awk -F "\t" "\$1 == \"rmse\" { print \$2 }" >want &&
		awk "{ x[NR] = \$1 } END { exit !(NR == 2 && x[1] > .1 && (x[1] - x[2]) ^ 2 < 1e-8) }" got want || return 1
	done
'

test_expect_success 'further columns stay where they are' '
	printf "u05\tartist 03\n" | mf-score one.mf >two && cut -f 3- two >new &&
	printf "u05\tartist 03\t\t7\t x y \n" | mf-score one.mf >got && printf "u05\tartist 03\t\t7\t x y \t%s\n" "$(cat new)" >want && test_cmp want got &&
	printf "u05\tartist 03\t\n" | mf-score one.mf >got && printf "u05\tartist 03\t\t%s\n" "$(cat new)" >want && test_cmp want got
'

test_expect_success 'CRLF, a byte order mark, no last newline, nothing at all, compressed' '
	printf "\357\273\277u05\tartist 03\r\nu07\tartist 04\tx\r\nu05\tartist 03" | mf-score one.mf >got &&
	printf "u05\tartist 03\nu07\tartist 04\tx\nu05\tartist 03\n" >pairs && mf-score one.mf pairs >want && test_cmp want got &&
	test "$(head -n 1 got)" = "$(tail -n 1 got)" && gzip -c pairs >pairs.gz && mf-score one.mf pairs.gz >got && test_cmp want got &&
	mf-score one.mf </dev/null >got && test_must_be_empty got &&
	gzip -c <one.mf | mf-score - pairs >got && test_cmp want got
'

test_expect_success 'a header gets the names of the new columns' '
	printf "user\titem\tstars\r\nu05\tartist 03\t4\n" | mf-score --header one.mf >got &&
	printf "user\titem\tstars\tscore\tpersona\n" >want && head -n 1 got | test_cmp want - && test $(wc -l <got) -eq 2 &&
	mf-score --header one.mf </dev/null >got && test_must_be_empty got &&
	printf "user\titem\n" | mf-score --header one.mf >got && printf "user\titem\tscore\tpersona\n" >want && test_cmp want got
'

test_expect_success 'the names of a header say which columns are the user and the item, in any order' '
	printf "u05\tartist 03\nu07\tartist 04\nu07\tartist 05\n" | mf-score one.mf | cut -f 3- >new && test $(wc -l <new) -eq 3 &&
	named () { # HEADER LINE...: these get the same scores
		printf "%b\n" "$@" >pairs && mf-score --header one.mf pairs >got && tail -n +2 got | rev | cut -f 1,2 | rev >scores && test_cmp new scores &&
		rev got | cut -f 3- | rev >kept && test_cmp pairs kept
	} &&
	named "user\trating\titem" "u05\t5\tartist 03" "u07\t4\tartist 04" "u07\t\tartist 05" &&
	named "movieId\tuserId" "artist 03\tu05" "artist 04\tu07" "artist 05\tu07" &&
	named "timestamp\tIID:token\tx\tUser_ID" "1\tartist 03\t\tu05" "2\tartist 04\t\tu07" "2\tartist 05\tu07\tu07" &&
	named "userid\tfoo\titem\tuser" "x\ty\tartist 03\tu05" "x\ty\tartist 04\tu07" "x\ty\tartist 05\tu07" &&
	named "who\twhat\tstars" "u05\tartist 03\t1" "u07\tartist 04\t2" "u07\tartist 05\t3" &&
	named "who\titem" "u05\tartist 03" "u07\tartist 04" "u07\tartist 05"
'

test_expect_success 'a header that does not tell them is an error that lists its names' '
	wrong () { # HEADER-AS-PRINTF WHAT
		printf "$1\nu05\tartist 03\t5\tartist 03\n" >bad && fails 1 "bad:1: the header" mf-score --header one.mf bad &&
		grep -qx "mf-score: bad:1: $2; name one column .user. and one .item." fails.err
	} &&
	wrong "user\trating\tthing" "the header does not tell the item among .user., .rating., .thing." &&
	wrong "what\tuser\trating" "the header does not tell the item among .what., .user., .rating." &&
	wrong "item\twho" "the header does not tell the user among .item., .who." && wrong "time\titem" "the header does not tell the user among .time., .item." &&
	wrong "who\tvalue\titem" "the header does not tell the user among .who., .value., .item." &&
	wrong "\twho\twhat" "the header does not tell the user among .., .who., .what." &&
	wrong "customer_id\tmember\titem" "the header has several columns that could be the user among .customer_id., .member., .item." &&
	wrong "user\tmovieId\tisbn" "the header has several columns that could be the item among .user., .movieId., .isbn."
'

test_expect_success 'what is wrong with a line is said by the columns of the header' '
	wrong () { # LINE WHAT
		printf "%b\n" "item\tx\tuser" "artist 03\t\tu05" "$1" >bad && mf-score --header one.mf bad >out 2>err
		test $? -eq 1 && test $(wc -l <err) -eq 1 && grep -q "^mf-score: bad:3: $2" err
	} &&
	wrong "artist 03\tu05" "the line has 2 fields; the header has the user in column 3$" && wrong "artist 03\t\tu5" ".u5. is no user of one.mf; the nearest are .u05." &&
	wrong "u05\t\tartist 03" ".artist 03. is no user of one.mf; the header takes users for items$" && wrong "artist 3\t\tu05" ".artist 3. is no item of one.mf; the nearest" &&
	wrong "u05" "no TAB" && printf "item\tx\tuser\nartist 03\t\tu05\nnone\t\tu05\n" | mf-score --header --skip-unknown one.mf 2>err >got && test $(wc -l <got) -eq 2 && grep -q "items that are not in one.mf, left out: 1 (.none.)" err
'

test_expect_success 'what is wrong with a line is said' '
	wrong () { # LINES-AS-PRINTF WHAT
		printf "$1" >bad && fails 1 "mf-score: bad:$2" mf-score one.mf bad
	} &&
	wrong "u05\tartist 03\nu5\tartist 03\n" "2: '\''u5'\'' is no user of one.mf; the nearest are '\''u05'\''" &&
	wrong "u05\tartist 3\n" "1: '\''artist 3'\'' is no item of one.mf; the nearest are '\''artist 03'\''" &&
	wrong "u05\tartist 03\n\nu06\tartist 03\n" "2: an empty line; pipe the file through grep . to leave it out" &&
	wrong "u05\tartist 03\nu05\n" "2: no TAB: a line is user, TAB and item" &&
	wrong "u05,artist 03\n" "1: no TAB: a line is user, TAB and item; the fields look parted by commas: pipe the file through tr , " &&
	wrong "u05::artist 03\n" "1: no TAB: a line is user, TAB and item; the fields look parted by '\''::'\''" &&
	wrong "user\titem\nu05\tartist 03\n" "1: '\''user'\'' is no user of one.mf; it looks like a header: say --header" &&
	wrong "artist 03\tu05\n" "1: '\''artist 03'\'' is no user of one.mf; the item stands first: a line is user, TAB and item" &&
	wrong "\tartist 03\n" "1: '\'''\'' is no user of one.mf" && wrong "u05\t\n" "1: '\'''\'' is no item of one.mf" &&
	wrong "u05\tartist 03\tx\\000y\n" "1: line holds a NUL byte" && wrong "u05\tartist 03\tx\\377y\n" "1: line is not UTF-8" &&
	wrong "\t\n" "1: '\'''\'' is no user" && mf-als -q -k 2 -n 1 cells.mf >m.mf && mf-score - bad <m.mf 2>err >out
	test $? -eq 1 && grep -q "is no user of standard input" err &&
	awk "BEGIN { printf \"u05\\tartist 03\\t\"; for (i = 0; i < 1100000; i++) printf \"x\"; print \"\" }" >bad && fails 1 "bad:1: line is longer than 1048576 bytes" mf-score one.mf bad
'

test_expect_success 'lines that are wrong are so with --skip-unknown too' '
	printf "u05\tartist 03\nu05\n" >bad && fails 1 "bad:2: no TAB" mf-score --skip-unknown one.mf bad &&
	printf "u05\tartist 03\nu05\tart\377\n" >bad && fails 1 "bad:2: line is not UTF-8" mf-score --skip-unknown one.mf bad &&
	printf "u05\tartist 03\nu05\000\tartist 03\n" >bad && fails 1 "bad:2: line holds a NUL byte" mf-score --skip-unknown one.mf bad
'

test_expect_success 'unknown users and items are left out, and counted' '
	printf "%s\tartist 03\n" u05 nobody u06 "who else" a b >pairs && printf "u06\t%s\n" x "artist 04" y z w >>pairs &&
	mf-score --skip-unknown one.mf pairs >got 2>err && cut -f 1,2 got >kept &&
	printf "%s\n" "u05	artist 03" "u06	artist 03" "u06	artist 04" >want && test_cmp want kept &&
	printf "%s\n" "mf-score: lines of users that are not in one.mf, left out: 4 ('\''nobody'\'', '\''who else'\'', '\''a'\'', ...)" \
		"mf-score: lines of items that are not in one.mf, left out: 4 ('\''x'\'', '\''y'\'', '\''z'\'', ...)" >want && test_cmp want err &&
	mf-score one.mf want 2>/dev/null
	test $? -eq 1 && cut -f 1,2 got | mf-score one.mf >again && test_cmp got again
'

# Many blocks, whose first unknown names are of several of them.
awk 'BEGIN { srand(3); for (n = 0; n < 60000; n++) printf "u%02d\tartist %02d\t%d\n", n % 7 ? u : u = int(60 * rand()), 40 * rand(), n }' >many.tsv
test_expect_success 'the same bytes, and words, for any number of threads' '
	sed "9000s/.*/v9	x/; 25000s/.*/v25	x/; 40000s/.*/v40	x/; 59000s/.*/v59	x/" many.tsv >some.tsv && test $(wc -c <some.tsv) -gt 1000000 &&
	mf-score -j 1 three.mf many.tsv >want && cut -f 1-3 want | cmp - many.tsv &&
	mf-score -j 1 --skip-unknown three.mf some.tsv >less 2>said && grep -q "left out: 4 (.v9., .v25., .v40., ...)" said && test $(wc -l <less) -eq 59996 &&
	awk -F "\t" "BEGIN { print \"n\titem\tuser\" } { print \$3 FS \$2 FS \$1 }" many.tsv >turned && cut -f 4,5 want >scores &&
	for j in 1 2 3 8
	do
		mf-score -j $j --header three.mf turned | tail -n +2 | cut -f 4,5 >got && cmp scores got &&
		mf-score -j $j three.mf <many.tsv >got && cmp want got && mf-score -j $j --skip-unknown three.mf some.tsv >got 2>err && cmp less got && test_cmp said err &&
		mf-score -j $j three.mf some.tsv >got 2>err
		test $? -eq 1 && grep -q "^mf-score: some.tsv:9000: .v9. is no user" err && cmp -n $(wc -c <got) got want && rm -f whole &&
		! mf-score -j $j three.mf some.tsv -o whole 2>err && test ! -e whole || return 1
	done
'

test_expect_success 'of users without a history, what is popular' '
	printf "%s\n" "a	x	1" "b	x	1" "c	x	1" "a	y	1" "b	y	0" "d	z	1" >few.tsv && awk -F "\t" "{ print \$0 FS (\$1 == \"d\" ? \"test\" : \"train\") }" few.tsv |
	mf-convert --from=tsv --columns=1,2,3,4 >few.mf && mf-als -k 2 -p 2 -n 3 few.mf -o few-model.mf 2>/dev/null &&
	printf "%s\n" "d	x" "d	y" "d	z" >pairs && mf-score few-model.mf pairs >got 2>err &&
	printf "%s\n" "d	x	3.0	0" "d	y	1.0	0" "d	z	0.0	0" >want && test_cmp want got &&
	echo "mf-score: lines of users of whom the model knows nothing: 3 (the first is '\''d'\''); there, the score is how many listeners the item has, and the persona 0" >want && test_cmp want err &&
	mf-score --no-fallback few-model.mf pairs >got 2>err && printf "%s\n" "d	x	0.0	0" "d	y	0.0	0" "d	z	0.0	0" >want && test_cmp want got && grep -q "there, the score is 0" err &&
	mf-als -k 2 -n 3 --factors-only few.mf 2>/dev/null | mf-score -q - pairs >got && test_cmp want got &&
	all_lists few-model.mf 2>/dev/null | grep "^d" >want && cut -f 1,2 want | mf-score -q few-model.mf >got && test_cmp want got && test $(wc -l <want) -eq 2 &&
	mf-als -k 2 -p 1 -n 3 --preset=explicit few.mf -o biased.mf && all_lists biased.mf 2>/dev/null | grep "^d" >want && cut -f 1,2 want | mf-score biased.mf >got 2>err &&
	test_cmp want got && test $(wc -l <want) -eq 3 && grep -q "the score is by the items. biases, and the persona 0" err
'

test_expect_success 'how it is called' '
	fails 2 "no MODEL; say mf-score MODEL" mf-score </dev/null && fails 2 "'\''c'\'': a model and a file of pairs are enough" mf-score a b c &&
	fails 2 "standard input can be read only once" mf-score - <one.mf && fails 2 "standard input can be read only once" mf-score - - <one.mf &&
	fails 1 "missing.mf: cannot open" mf-score missing.mf cells.tsv && fails 1 "missing.tsv: cannot open" mf-score one.mf missing.tsv &&
	fails 1 "cells.tsv: frame 0@0: not a bundle" mf-score cells.tsv one.mf && fails 1 "split.mf: the bundle holds no model; pipe it through mf-als" mf-score split.mf cells.tsv &&
	fails 1 "one.mf: is a bundle of mfpipe, not text" mf-score one.mf one.mf
'

test_done
