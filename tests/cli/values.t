#!/bin/sh
test_description='what a value says: likes, cells that say nothing, dislikes'
. "$(dirname "$0")/setup.sh"

# all VALUE: two users who gave y this value; c knows x alone.
all () {
	printf "a\tx\t5\na\ty\t$1\nb\tx\t5\nb\ty\t$1\nc\tx\t5\nd\tz\t5\ne\tz\t4\n" | mf-convert --from=tsv
}

# Without y, c is left with z, whose score is 0 but for rounding: no user has both.
test_expect_success 'what nobody likes is not recommended' '
	for preset in implicit wrmf
	do
		for value in 0 -3
		do
			all $value | mf-als --preset=$preset -k 2 -p 1 -q -o m.mf && mf-recommend --user c m.mf >list &&
			test "$(cut -f 1-3 list)" = "$(printf "c\t1\tz")" &&
			awk "{ exit !(\$4 * \$4 < 1e-6) }" list || return 1
		done &&
		printf "y\nz\n" >both && mf-recommend --user c --items both m.mf | cut -f 3 | sort | tr "\n" " " >names &&
		test "$(cat names)" = "y z " || return 1
	done
'

test_expect_success 'numbers are predicted: y is what it was rated' '
	for value in 0 -3
	do
		all $value | mf-als --preset=explicit -k 2 -p 1 -q | mf-recommend --user c >list &&
		test "$(cut -f 3 list | tr "\n" " ")" = "z y " || return 1
	done
'

# Two tastes; ratings of one are 4 and 5, of the other 1 to 3, and 1 user in 9 is a dislike.
awk 'BEGIN { srand(7); for (u = 0; u < 200; u++) for (i = 0; i < 60; i++) if (rand() < .4) {
	liked = u % 2 == i % 2
	printf "u%03d\ti%02d\t%d\n", u, i, liked ? 4 + 2 * rand() : 1 + 3 * rand() } }' >ratings.tsv
awk '$3 >= 4' ratings.tsv >liked.tsv

# numbers MODEL: the factors.
numbers () {
	mf-convert --part=users --to=npy $1 && mf-convert --part=items --to=npy $1
}
for python in /usr/bin/python3 python3
do
	"$python" -c "import numpy" 2>/dev/null && test_set_prereq NUMPY && break
done

test_expect_success 'binarize: the factors are, to the bit, those without what was rated lower' '
	mf-convert --from=tsv ratings.tsv -o ratings.mf &&
	mf-convert --from=tsv liked.tsv -o liked.mf &&
	for preset in implicit wrmf
	do
		for p in 1 3
		do
			mf-transform -e binarize:4 ratings.mf | mf-als --preset=$preset -k 8 -p $p -n 8 -o zeros.mf &&
			mf-transform -e binarize:4 liked.mf | mf-als --preset=$preset -k 8 -p $p -n 8 -o without.mf &&
			numbers zeros.mf >got && numbers without.mf >want && test $(wc -c <want) -gt 8000 && cmp want got || return 1
		done
	done
'

test_expect_success 'and lists hold what is of the taste, and nothing that is known' '
	mf-transform -e binarize:4 ratings.mf | mf-als -k 4 -p 1 -o zeros.mf &&
	mf-recommend -N 10 zeros.mf >list &&
	awk -F "\t" "{ all++; good += substr(\$1, 2) % 2 == substr(\$3, 2) % 2 } END { exit !(good > .9 * all) }" list &&
	cut -f 1,3 list | sort >listed && cut -f 1,2 ratings.tsv | sort | comm -12 listed - >known &&
	test_must_be_empty known
'

# By numpy: (V (C - I) V + V V + lambda I) x = V C p.
test_expect_success NUMPY 'wrmf: a user solves the equations of Hu et al., in which a value of 0 has p = 0 and c = 0' '
	awk -F "\t" -v OFS="\t" "{ \$3 = (\$3 + NR) % 5 - 1; print }" ratings.tsv >signs.tsv &&
	mf-convert --from=tsv signs.tsv | mf-als --preset=wrmf -k 5 -p 1 -l 20 -o wrmf.mf &&
	for part in users items
	do
		mf-convert --part=$part --to=tsv wrmf.mf >$part && mf-convert --part=$part --to=npy wrmf.mf >$part.npy || return 1
	done &&
	"$python" - <<-"EOF"
	import numpy as np
	def read(name):
	    return dict(zip(open(name).read().split(), np.load(name + ".npy").reshape(-1, 5).astype(float)))
	users, items = read("users"), read("items")
	value = {}
	for line in open("signs.tsv"):
	    u, i, x = line.split()
	    value[u, i] = float(x)
	assert {-1, 0, 1} <= set(value.values())
	names = sorted(items)
	v = np.array([items[i] for i in names])
	for u in users:
	    x = np.array([value.get((u, i), 0) for i in names])
	    c, p = 40 * abs(x), (x > 0).astype(float)
	    a = v.T @ ((1 + c)[:, None] * v) + 20 * np.eye(5)
	    want = np.linalg.solve(a, v.T @ ((1 + c) * p))
	    assert abs(want - users[u]).max() < 1e-4 * abs(want).max() + 1e-6, (u, want, users[u])
	EOF
'

# Item x is liked by d and e; a has x at value 0 in the test set, b at 3, c at -1.
test_expect_success 'test cells of value 0 or less are no hits, in measures and qrels' '
	printf "%s\n" "a y 1 0" "a x 0 2" "b y 1 0" "b x 3 2" "c y 1 0" "c x -1 2" "d x 1 0" "d y 1 0" "e x 1 0" "e z 1 0" |
		tr " " "\t" | mf-convert --from=tsv --columns=1,2,3,4 | mf-als -k 2 -p 1 -o m.mf &&
	mf-eval -v -m hr@5,mrr,rmse,coverage@1 --no-header --format=tsv --per-user users.tsv --qrels q --run r m.mf >table 2>notes &&
	test "$(cat q)" = "b 0 x 1" && test "$(cut -d " " -f 1 r | uniq)" = b &&
	test "$(cut -f 1,5 table | tr "\t\n" "  ")" = "hr@5 1 mrr 1 rmse 3 coverage@1 1 " &&
	grep mrr users.tsv | cut -f 3 | tr "\n" " " >mrr && test "$(cat mrr)" = "nan 1 nan " && ! grep "rmse.nan" users.tsv &&
	grep -q "2 of these users have no relevant test cell and count in predictions alone" notes &&
	mf-eval -m mrr --relevant 0 --qrels q m.mf >table && test "$(cut -d " " -f 1 q | tr "\n" " ")" = "a b " &&
	mf-eval -m mrr --relevant -1 --qrels q m.mf >table && test "$(wc -l <q)" = 3 &&
	fails 1 "m.mf: no test cell is relevant: none has a value of 4 or more; give a lower --relevant" mf-eval --relevant 4 m.mf &&
	mf-eval -m rmse --relevant 4 m.mf >table && fails 2 "relevant" mf-eval --relevant many m.mf
'

test_expect_success 'the target of a prediction is 1 for what is liked and else 0' '
	mf-recommend -N 9 --include-seen m.mf | awk -F "\t" "\$3 == \"x\" { print \$1, \$4 }" >scores &&
	awk "{ e = (\$1 == \"b\") - \$2 } \$1 < \"d\" { sum += e * e } END { printf \"%.6f\n\", sqrt(sum / 3) }" scores >want &&
	mf-eval -m rmse --no-header --format=tsv m.mf | awk "{ printf \"%.6f\n\", \$2 }" >got && test_cmp want got
'

test_expect_success 'no test cell above 0 is an error that says what to do' '
	printf "a\ty\t1\t0\na\tx\t0\t2\nb\tx\t1\t0\n" | mf-convert --from=tsv --columns=1,2,3,4 | mf-als -k 2 -p 1 -o none.mf &&
	fails 1 "none.mf: no test cell is relevant: none has a value above 0; say from which value on with --relevant" mf-eval none.mf &&
	mf-eval -m rmse,mae none.mf >table
'

test_expect_success 'models of one split whose values differ are compared by those of the first' '
	mf-split --test 0.2 ratings.mf -o split.mf && mf-als -k 4 -p 1 -n 4 split.mf -o all.mf &&
	mf-transform -e binarize:4 split.mf | mf-als -k 4 -p 1 -n 4 -o likes.mf &&
	mf-transform -e log2:1 split.mf | mf-als -k 4 -p 1 -n 4 -o logs.mf &&
	mf-eval all.mf logs.mf >table &&
	mf-eval all.mf likes.mf >table && grep -q "^relevant: test cells above 0, by the values in all.mf; " table &&
	mf-eval --relevant -9 all.mf likes.mf >table && grep -q "^relevant: test cells of at least -9, by the values in all.mf; every user has some" table &&
	mf-eval --allow-different-splits all.mf likes.mf >again && mf-eval all.mf likes.mf >table && test_cmp table again
'

# x has two listeners, y one; z three who say nothing or dislike it.
test_expect_success 'popularity counts what is liked' '
	printf "%s\n" "a x 1 0" "b x 1 0" "a z 0 0" "b z -1 0" "c z 0 0" "c y 1 0" "d y 0 0" "d q 1 0" "d x 1 2" |
		tr " " "\t" | mf-convert --from=tsv --columns=1,2,3,4 | mf-als -k 2 -p 1 -o few.mf &&
	mf-eval -m mrr,popularity@1,novelty@1 --baseline=popularity --no-header --format=tsv few.mf | awk -F "\t" "\$6 == \"popularity\" && \$8 == \"\"" >table &&
	test "$(cut -f 1,2 table | tr "\t\n" "  ")" = "mrr 1 popularity@1 0.5 novelty@1 1 "
'

test_expect_success 'it is said once what the cells say, and shown' '
	mf-als -v -k 2 -p 1 -n 2 few.mf 2>notes >out.mf && test "$(grep -c "training cells: 4 liked, 3 that say nothing (0), 1 dislike (below 0)" notes)" = 1 &&
	! grep -q "are not 1" notes &&
	all 0 | mf-als -v -k 2 -p 1 2>notes >out.mf && grep -q "values that are not 1: 5; that a cell is there counts" notes &&
	all 0 | mf-als -v --preset=explicit -k 2 -p 1 2>notes >out.mf && ! grep -q liked notes &&
	mf-info few.mf | grep -q "below 0: 1, 0: 3, above 0: 5" &&
	mf-info --format=json few.mf | jq -e ".signs == {\"below\": 1, \"zero\": 3, \"above\": 5}" >/dev/null &&
	mf-convert --from=tsv liked.tsv | mf-info >text && ! grep -q "below 0" text
'

# warned VALUES OPTIONS: there is a warning of ratings; VALUES are those of 60 cells, one after the other.
warned () {
	values=$1
	shift
	awk -v values="$values" "BEGIN { n = split(values, v, \" \")
		for (t = 0; t < 60; t++) print \"u\" t % 12 \"\\ti\" int(t / 12) + t % 12 \"\\t\" v[t % n + 1] }" | mf-convert --from=tsv -o stars.mf &&
	mf-als -k 2 -p 1 -n 2 "$@" stars.mf 2>said >out.mf || return 1
	test $(wc -l <said) -lt 2 || { cat said; return 1; }
	grep -q "look like ratings" said
}
test_expect_success 'values that look like ratings are warned of, and counts are not' '
	warned "1 2 3 4 4 5" && echo "mf-als: the values look like ratings (1 to 5, most often 4), and the lowest is liked as the highest is; \
mf-transform -e binarize:4 keeps the high ones, --preset=explicit predicts all" >want && test_cmp want said &&
	warned "0.5 4.5 1 5" && grep -F "(0.5 to 5, most often 0.5)" said &&
	warned "2 8 8 9 10 7 3" && grep -F "(2 to 10, most often 8), and" said && grep -F "binarize:8 " said &&
	warned "0 1 3 3 4 5" && warned "1 3 3 4 5" --preset=wrmf &&
	for values in "1 1 1 2 3 4 5 1" "1 2 2 3 4 5 5 5 2 2" "3 4 5 5" "1 5 5 5" "1" "1 3 3 3 11" "1 3 3 4 5 -1" "0.25 4 5 3" "2.5 2.5 4 4.5" "3.5"
	do ! warned "$values" && test_must_be_empty said || { echo "$values"; return 1; }
	done &&
	for options in -q --preset=explicit --preset=study
	do ! warned "1 2 3 4 4 5" $options && test_must_be_empty said || { echo "$options"; return 1; }
	done &&
	mf-convert --to=tsv stars.mf | awk -F "\t" -v OFS="\t" "{ print \$1, \$2, \$3, NR % 7 == 0 }" |
		mf-convert --from=tsv --columns=1,2,3,4 -o marked.mf &&
	mf-tune -k 2 -p 1 --trials 1 -n 3 --log l marked.mf 2>said >out.mf && test $(grep -c "look like ratings" said) -eq 1 &&
	mf-tune -k 2 -p 1 --trials 1 -n 3 --log l marked.mf 2>said >out.mf && test $(grep -c "look like ratings" said) -eq 1
'

test_expect_success 'where nothing is liked nothing is trained' '
	none="no training cell has a value above 0, and so nothing is liked; check the values, or predict them with --preset=explicit" &&
	for values in "0 0 0 0" "-1 0 0 -1"
	do
		set -- $values && printf "a\tx\t$1\na\ty\t$2\nb\tx\t$3\nb\ty\t$4\n" | mf-convert --from=tsv -o zero.mf &&
		printf "a\tx\t$1\t0\na\ty\t$2\t1\nb\tx\t$3\t1\nb\ty\t$4\t0\n" |
			mf-convert --from=tsv --columns=1,2,3,4 -o valid.mf &&
		for preset in implicit wrmf
		do
			fails 1 "$none" mf-als -k 2 -p 1 --preset=$preset zero.mf &&
			fails 1 "$none" mf-als -k 2 -p 1 --preset=$preset valid.mf &&
			fails 1 "$none" mf-tune -k 2 -p 1 --preset=$preset valid.mf || return 1
		done &&
		mf-als -k 2 -p 1 --preset=explicit zero.mf | mf-info --check && mf-als -k 2 -p 1 --preset=study zero.mf | mf-info --check || return 1
	done
'

test_expect_success 'a history may hold what is known or disliked' '
	mf-transform -e binarize:4 ratings.mf | mf-als -k 4 -p 2 -o model.mf &&
	printf "i00\t5\ni02\t4\ni04\t2\ni06\t1\n" >h && mf-recommend -N 60 --history h model.mf >got &&
	printf "i00\ni02\n" >likes && mf-recommend -N 60 --history likes model.mf | awk -F "\t" "\$3 != \"i04\" && \$3 != \"i06\"" |
		cut -f 3- >want && cut -f 3- got | test_cmp want - && test -s got &&
	printf "i00\t5\ni02\t4\ni01\t-3\n" >h && mf-als -k 4 -p 1 ratings.mf -o raw.mf && mf-recommend -N 60 --history h raw.mf >with &&
	printf "i00\t5\ni02\t4\n" >h && mf-recommend -N 60 --history h raw.mf >without && ! grep -q i01 with && grep -q i01 without &&
	awk -F "\t" "FNR == NR { before[\$3] = \$4; next } \$3 ~ /[13579]\$/ { less += \$4 < before[\$3]; n++ } END { exit !(n && less > n / 2) }" without with
'

# idf of x, which one of four has: ln(4 / 2); y has all four; z has one above 0.
test_expect_success 'tfidf and bm25: a cell of 0 has no term, and a term of all weighs 0' '
	printf "%s\n" "a x 1" "a y 1" "b y 4" "c y 1" "d y 1" "b z 0" "c z 4" | tr " " "\t" | mf-convert --from=tsv -o terms.mf &&
	mf-transform -e tfidf terms.mf | mf-convert --to=tsv | awk "{ printf \"%s%s %.6g \", \$1, \$2, \$3 }" >got &&
	test "$(cat got)" = "ax 0.693147 ay 0 by 0 bz 0 cy 0 cz 1.38629 dy 0 " &&
	mf-transform -e bm25:0,0 terms.mf | mf-convert --to=tsv | awk "{ printf \"%s%s %.6g \", \$1, \$2, \$3 }" >got &&
	test "$(cat got)" = "ax 0.693147 ay 0 by 0 bz 0 cy 0 cz 0.693147 dy 0 "
'

test_expect_success 'explained are the cells that are liked' '
	printf "%s\n" "a x 1" "a y 0" "a w -1" "a v 1" "b x 1" "b v 1" "b y 1" "c w 1" "c q 1" | tr " " "\t" |
		mf-convert --from=tsv | mf-als -k 2 -p 1 -o why.mf &&
	mf-recommend --user a --explain why.mf >list &&
	awk -F "\t" "\$2 == 0 { exit !(\$3 == 2 && \$4 == 1) }" list && ! grep -q -e "w [0-9]*%" -e "y [0-9]*%" list
'

test_expect_success 'the same bytes for any number of threads' '
	mf-convert --from=tsv signs.tsv | mf-split --test 0.2 --valid 0.1 -o signs.mf &&
	for preset in implicit wrmf
	do
		mf-als --preset=$preset -k 8 -p 3 -n 6 -j 1 signs.mf -o one.mf &&
		mf-als --preset=$preset -k 8 -p 3 -n 6 -j 3 signs.mf -o three.mf && test_cmp one.mf three.mf &&
		mf-als --preset=$preset -k 8 -p 3 -n 3 --warmup 3 --checkpoint ck signs.mf -o part.mf &&
		mf-als --preset=$preset -k 8 -p 3 -n 6 --warmup 3 --resume ck signs.mf -o whole.mf &&
		mf-als --preset=$preset -k 8 -p 3 -n 6 --warmup 3 signs.mf -o want.mf && test_cmp want.mf whole.mf &&
		mf-info --check whole.mf || return 1
	done
'

test_done
