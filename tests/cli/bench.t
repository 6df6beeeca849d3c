#!/bin/sh
test_description='bench/: the benchmarks run, on next to nothing and without peers'
. "$(dirname "$0")/setup.sh"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
bench () { python3 "$TOP/bench/bench.py" --build "$BUILD" --out out --peers= --sizes X "$@" 2>err; }
column () { awk -F'\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at[name] }' "$2"; }

test_expect_success 'every program is Python' '
	for f in "$TOP"/bench/*.py "$TOP"/bench/peers/*.py; do
		python3 -c "import ast, sys; ast.parse(open(sys.argv[1]).read())" "$f" || return 1
	done
'
test_expect_success 'training: each k and p, each round' '
	bench train --k 4,8 --runs 2 --epochs 1 &&
	test $(column tool out/train.tsv | sort | uniq -c | awk "{ print \$1 }" | sort -u) -ge 4 &&
	column seconds out/train.tsv | awk "!(\$1 > 0) { exit 1 }" &&
	column peak_mb out/train.tsv | awk "!(\$1 > 5) { exit 1 }"
'
test_expect_success 'many factors: every epoch of the first round is measured, three of the next are timed' '
	bench many --many X:4,8 --many-runs 2 --solvers cg:2,cholesky &&
	test "$(column k out/many.tsv | sort | uniq -c | tr -s " ")" = " 22 4
 22 8" &&
	test $(column ndcg out/many.tsv | grep -c "^0[.]") -eq 32 &&
	column seconds out/many.tsv | awk "!(\$1 > 0) { exit 1 }" &&
	test_expect_code 2 bench many --many Q:4 && grep "no size Q" err
'
test_expect_success 'an epoch is the median without the first; a goal is reached where it is met first' '
	python3 -c "
import sys
sys.path.insert(0, \"$TOP/bench\")
import many
assert many.epoch([5, 6, 8, 11]) == 2
assert many.epoch([5]) == 5
points = many.curve([dict(epoch=e, seconds=s, ndcg=n) for e, s, n in
                     ((2, 3, .3), (1, 2, .1), (10, 9, .2), (3, 4, \"\"))])
assert points == [(1, 2, .1), (2, 3, .3), (10, 9, .2)]
assert many.reached(points, .2) == (2, 3, .3)
assert many.reached(points, .31) is None
"
'
test_expect_success 'whole trainings: histories are divided where there are personas' '
	bench whole --k 4 --runs 2 &&
	column split out/whole.tsv | awk "\$1 > 0 { n++ } END { exit n != 2 }" &&
	column seconds out/whole.tsv | awk "!(\$1 > 0) { exit 1 }"
'
test_expect_success 'a second run replaces what it measured again, and keeps the rest' '
	rows=$(wc -l <out/train.tsv) && cp out/train.tsv before &&
	bench train --k 4 --runs 1 --epochs 1 &&
	test $(wc -l <out/train.tsv) -eq $rows && ! cmp -s before out/train.tsv
'
test_expect_success 'scoring and aggregation' '
	bench score aggregate --score-k 4 --lines 10k --runs 1 &&
	test "$(column users out/score.tsv | sort -u)" = 200 &&
	test "$(column pairs out/pairs.tsv | sort -u)" = 40000 && test $(column tool out/pairs.tsv | sort -u | wc -l) -ge 2 &&
	column pairs_per_s out/pairs.tsv | awk "!(\$1 > 0) { exit 1 }" &&
	test $(wc -l <out/data/10k.plays) -eq 10000 &&
	test "$(sort out/data/10k.plays | sha256sum)" = "$(sort out/data/10k.shuffled | sha256sum)" &&
	! cmp -s out/data/10k.plays out/data/10k.shuffled &&
	awk "{ n += \$3 } END { print n }" out/data/10k.plays >plays &&
	test "$(column plays out/aggregate.tsv | sort -u)" = "$(cat plays)"
'
test_expect_success 'evaluation: of a model and of its lists, which have the same ndcg' '
	bench evaluate --score-k 4 --runs 2 &&
	test "$(column what out/evaluate.tsv | sort | uniq -c | tr -s " ")" = " 4 lists
 4 model" &&
	test $(column ndcg out/evaluate.tsv | sort -u | wc -l) -eq 1 && column users out/evaluate.tsv | awk "\$1 < 100 { exit 1 }"
'
test_expect_success 'mawk finds the same cells' '
	bench aggregate --peers mawk --lines 10k --runs 1 &&
	test $(column tool out/aggregate.tsv | grep -c mawk) -eq 2 &&
	test $(column cells out/aggregate.tsv | sort -u | wc -l) -eq 1
'
test_expect_success 'growth of our own tools' '
	bench own --vary p --runs 1 &&
	test $(column stage out/own.tsv | sort -u | wc -l) -ge 4 &&
	column threads out/own.tsv | awk "\$1 < 1 { exit 1 }"
'
test_expect_success 'tables from what was measured' '
	printf "before\n<!-- tables: written by report.py -->\n\n## Training\n\nold\n\n## At the size of the Taste Profile\n\nkept\n\nMissed:\n\n- too large\n\n<!-- end of tables -->\nafter\n" >readme.md &&
	python3 "$TOP/bench/report.py" --out out --readme readme.md &&
	grep "^| X | 4 | exact | [0-9.]* ([0-9.]*) |" readme.md &&
	grep "^| X | 4 | [0-9.]* ([0-9.]*) | [0-9.]* ([0-9.]*), [0-9.]* x | [0-9.]* |" readme.md && ! grep old readme.md &&
	grep "^| X | 8 | mf-als c[^ ]* | [0-9.]* ([0-9.]*) |  | [0-9.]* |  | [0-9]* | 0[.][0-9]* ([0-9]) | 8 |" readme.md &&
	test $(grep -cx -e kept -e "- too large" readme.md) -eq 3 && grep -A 2 "Where we lose" readme.md | grep "too large" &&
	test "$(head -n 1 readme.md)" = before && test "$(tail -n 1 readme.md)" = after
'
test_expect_success 'a tool that fails is said and left out' '
	mkdir -p broken/bin && cp "$BUILD"/bin/* broken/bin/ && rm broken/bin/mf-als &&
	printf "#!/bin/sh\ncase \$1 in --*) echo mf-als; exit;; esac\necho no luck >&2; exit 1\n" >broken/bin/mf-als &&
	chmod +x broken/bin/mf-als &&
	python3 "$TOP/bench/bench.py" train --build broken --peers= --sizes X --k 4 --runs 2 2>err &&
	test $(grep -c "exit 1: no luck" err) -eq 2
'
test_expect_success 'a size that is not there is wrong usage' '
	test_expect_code 2 bench train --sizes Q && grep "no size Q" err
'

test_done
