#!/bin/sh
# OpenBLAS waits for ever for a buffer of 128 MB that it cannot have.
test_description='tools with too little of what ulimit limits end, and say why'
. "${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/cli/setup.sh"
. "$TOP/tests/cli/tools.sh"

case $BUILD in
*/asan | */tsan) skip_all='a sanitizer needs more addresses than there are'; test_done ;;
esac

test_expect_success 'a data set and a model' '
	msd-synth --users 120 --artists 80 --tracks tracks.txt -o triplets.txt &&
	msd-aggregate --tracks tracks.txt triplets.txt -o counts.mf &&
	mf-split --method=users --test .2 counts.mf -o split.mf &&
	mf-als -q -k 20 -p 2 -n 2 --warmup 1 split.mf -o model.mf
'

# limited KILOBYTES COMMAND...: true if it ends with what it ends with without a limit, or
# with one line.
limited () {
	kb=$1
	shift
	(ulimit -v "$kb" && timeout 20 "$@" >out 2>err)
	status=$?
	case $status in
	0) well=$((well + 1)); cmp out want ;;
	1) short=$((short + 1)); grep -q "out of memory\|Thread creation failed" err ;;
	*) false ;;
	esac || { echo "$kb KB: exit $status: $*"; cat err; return 1; }
}

# Where a process starts at all, with what its stack may grow by.
test_expect_success 'the least that a tool starts with' '
	least=40000 &&
	until (ulimit -v $least && timeout 20 mf-info counts.mf >out 2>err)
	do
		least=$((least + 4000)) && test $least -lt 4000000 || return 1
	done &&
	least=$((least + 12000))
'

each_limit () {
	well=0 short=0
	"$@" >want || return 1
	for more in 0 20000 60000 120000 150000 200000 300000 500000
	do
		limited $((least + more)) "$@" || return 1
	done
	test $well -gt 0 && test $short -gt 0
}

test_expect_success 'mf-als, by conjugate gradients and exactly' '
	each_limit mf-als -q -k 200 -p 2 -n 2 --warmup 1 -j 2 counts.mf &&
	each_limit mf-als -q -k 40 -p 2 -n 2 --warmup 1 -j 2 counts.mf
'

test_expect_success 'mf-eval, mf-recommend and mf-score, with users folded in' '
	each_limit mf-eval -q -j 2 model.mf &&
	each_limit mf-recommend -q -j 2 model.mf &&
	mf-recommend -N 3 model.mf | cut -f 1,3 >pairs && each_limit mf-score -q -j 2 model.mf pairs
'

test_expect_success 'tools without BLAS need none of its buffers' '
	(ulimit -v $least && timeout 20 mf-split -q counts.mf >out) &&
	mf-split -q counts.mf >want && cmp out want
'

test_expect_success 'a stack that is too small is said' '
	(ulimit -s 64 && fails 1 "the stack may have 64 KB (ulimit -s); 256 are needed" mf-info counts.mf) &&
	(ulimit -s 256 && mf-als -q -k 200 -p 2 -n 2 --warmup 1 -j 2 counts.mf >out) &&
	mf-als -q -k 200 -p 2 -n 2 --warmup 1 -j 2 counts.mf >want && cmp out want
'

# The limits of the shell, each for each tool: some in a run of `make check`, in turns.
test_expect_success 'every job, and every --help' '
	small_inputs && chmod 755 . && chmod 644 * &&
	for name in $(all_jobs)
	do
		job $name
		printf "%s\t%s\n" "$input" "$tool $(echo "$args" | sed "s/-j 1/-j 2/")"
	done >jobs &&
	for tool in "$BUILD"/bin/*-*
	do
		printf "/dev/null\t%s --help\n" "${tool##*/}"
	done >helps && cat jobs helps >commands
'
some=some
test -z "$TEST_FULL" || some=all
for limit in v s n f u
do
	test_expect_success "ulimit -$limit: a result or one line" "
		python3 \"\$TOP/tests/fault/limits.py\" $limit $some <commands >counts
		status=\$?
		counted counts && test \$status -eq 0
	"
done

test_done
