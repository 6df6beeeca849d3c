#!/bin/sh
test_description='examples/foreign: lists of other programs, measured by mf-eval'
. "$(dirname "$0")/setup.sh"
F=$TOP/examples/foreign
PYTHONDONTWRITEBYTECODE=1 OPENBLAS_NUM_THREADS=1
export PYTHONDONTWRITEBYTECODE OPENBLAS_NUM_THREADS
for peers in "$BUILD/peers/bin/python" "$TOP/build/peers/bin/python" /usr/bin/python3 python3
do
	"$peers" -c "import numpy, scipy" 2>/dev/null && test_set_prereq SCIPY && break
done
"$peers" -c "import implicit" 2>/dev/null && test_set_prereq IMPLICIT
"$peers" -c "import irspack" 2>/dev/null && test_set_prereq IRSPACK
test_have_prereq SCIPY && test_have_prereq IMPLICIT && test_have_prereq IRSPACK || say "not all of scipy, implicit and irspack are here: make bench-peers-env has them"

test_expect_success 'each program has less than 30 lines, and is Python' '
	for f in "$F"/*.py
	do
		test $(wc -l <"$f") -lt 30 && python3 -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" "$f" || return 1
	done
'
test_expect_success 'data of two tastes' '
	awk "BEGIN { srand(3); for (u = 0; u < 60; u++) for (i = 0; i < 80; i++)
		if (rand() < (u % 2 == i % 2 ? .3 : .02)) printf \"u %02d\ti %02d\t%d\n\", u, i, 1 + 5 * rand() }" |
	mf-convert --from=tsv | mf-split --test .2 --valid .1 -o split.mf && mf-convert --to=tsv split.mf >cells
'
# good FILE: lists of 20 of all users, of what is new to them, that beat popularity.
good () {
	test "$(cut -f 1 "$1" | sort | uniq -c | awk "{ print \$1 }" | sort -u)" = 20 && test $(cut -f 1 "$1" | sort -u | wc -l) -eq 60 &&
	mf-eval -m ndcg@20 --baseline=popularity --format=json --ratings split.mf --lists "$1" >json &&
	jq -e ".lists[0] | .missing + .unknown_places + .known_places + .repeated_places == 0" json &&
	jq -e ".compare[0] | .reference == \"popularity\" and .diff > .05 and .p < .05" json
}
test_expect_success SCIPY 'EASE beats popularity, and is the formula' '
	"$peers" "$F/ease.py" 20 <cells >ease.tsv && good ease.tsv &&
	"$peers" - <<-"END"
	import numpy as np
	cells = [l.rstrip("\n").split("\t") for l in open("cells")]
	users, items = sorted({c[0] for c in cells}), sorted({c[1] for c in cells})
	x = np.zeros((len(users), len(items)))
	for u, i, v, f in cells:
	    x[users.index(u), items.index(i)] += f != "2"
	p = np.linalg.inv(x.T @ x + 20 * np.eye(len(items)))
	b = np.eye(len(items)) - p / np.diag(p)
	for line in open("ease.tsv"):
	    u, i, score = line.split("\t")
	    assert abs((x @ b)[users.index(u), items.index(i)] - float(score)) < 1e-4, line
	END
'
test_expect_success IMPLICIT 'implicit beats popularity' '
	"$peers" "$F/implicit_als.py" 4 10 5 8 <cells >implicit.tsv && good implicit.tsv
'
test_expect_success IRSPACK 'irspack beats popularity' '
	"$peers" "$F/irspack_ials.py" 4 .1 .01 8 <cells >irspack.tsv 2>err && good irspack.tsv
'
test_expect_success 'the Makefile knows what to make: each program is tried, and measured once' '
	mkdir -p data/hetrec2011-lastfm-2k && : >data/hetrec2011-lastfm-2k/user_artists.dat &&
	env -u MAKEFLAGS -u MAKELEVEL make -n -f "$F/Makefile" DATA=data OUT=out hetrec >plan &&
	for p in ease.py implicit_als.py irspack_ials.py "mf-tune --print"
	do
		grep -q "$p" plan || return 1
	done &&
	test $(grep -c "format=table" plan) -eq 1
'
test_done
