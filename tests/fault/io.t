#!/bin/sh
# Every tool, with one call to the operating system that fails: the k-th, for
# every k. Retried, or exit 1 with one line; never a result that is not right.
test_description='short, interrupted and failing reads, writes and allocations'
. "${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/cli/setup.sh"
. "$TOP/tests/cli/tools.sh"

tried=0 same=0 refused=0 bad=0 # what `make check-full` counts

# faulty CALL HOW K COMMAND...: run it with that call failing. True in $reached
# if there were so many calls.
faulty () {
	call=$1 how=$2 at=$3
	shift 3
	rm -f seen side*
	MF_FAULT_CALL=$call MF_FAULT_HOW=$how MF_FAULT_AT=$at MF_FAULT_SEEN=seen \
		LD_PRELOAD=$BUILD/tests/fault/io_fault.so "$@"
	status=$?
	reached=false
	test -e seen && reached=true
	tried=$((tried + 1))
	if test $status -eq 0
	then same=$((same + 1))
	else refused=$((refused + 1))
	fi
	return $status
}

wrong () { # words for what went wrong
	bad=$((bad + 1))
	echo "$tool: $call $at fails ($how), exit $status: $*"
	cat err
	false
}

# What a fault may lead to: the same result, or one line and no result.
same_or_refused () { # RESULT
	if test $status -eq 0
	then cmp -s want "$1" || wrong "another result"
	elif test $status -ne 1 || test $(wc -l <err) -ne 1
	then wrong "not exit 1 and one line"
	elif test $kind = binary && test -s "$1" && test $call != fsync && test $call != close
	then # (a disk that fails after the last byte leaves all of them)
		! mf-info --check "$1" 2>/dev/null || wrong "what it left looks like a result"
	fi
}

# A stream to standard output. `must` 0: the fault must not be seen at all.
stream () { # CALL HOW MUST
	call=$1 how=$2 must=$3 k=0 reached=true
	while $reached && test $k -lt 1000
	do
		faulty $call $how $k $tool $args <$input >got 2>err
		same_or_refused got || return 1
		test $must = any || test $status -eq 0 || wrong "not retried" || return 1
		k=$((k + 1))
	done
	case $call in # every job writes and takes memory: faults must have been met
	write|memory) test $k -gt 1 || wrong "no call was made to fail" || return 1 ;;
	esac
	test $k -lt 1000
}

# -o FILE, with an old file there or none: the new one or the old, no litter. `must` 0: the
# fault must not be seen at all.
file () { # CALL HOW [MUST]
	call=$1 how=$2
	for before in none old
	do
		k=0 reached=true
		while $reached && test $k -lt 100
		do
			rm -rf folder && mkdir folder || return 1
			test $before = none || echo old >folder/result
			faulty $1 $2 $k $tool $args -o folder/result <$input >got 2>err
			test ! -s got || wrong "a result on standard output" || return 1
			if test $status -eq 0
			then cmp -s want folder/result || wrong "another result" || return 1
			elif test "$3" = 0 || test $status -ne 1 || test $(wc -l <err) -ne 1
			then wrong "not exit 1 and one line" || return 1
			elif test $before = none
			then test -z "$(ls -A folder)" || wrong "litter: $(ls folder)" || return 1
			else
				test "$(cat folder/result)" = old || wrong "the old file is gone" || return 1
			fi
			test $before = none || test "$(ls -A folder)" = result || wrong "litter" || return 1
			k=$((k + 1))
		done
		test $k -lt 100 || return 1
	done
}

# The same where every file has a name from the start.
named () { # CALL HOW
	MF_FAULT_NAMED=1
	export MF_FAULT_NAMED
	file "$@"
	set -- $?
	unset MF_FAULT_NAMED
	return $1
}

test_expect_success 'small inputs' '
	small_inputs && gzip -c triplets.txt >triplets.gz && printf "listener 001\nlistener 002\n" >users.txt &&
	printf "{\"u\": \"a\", \"i\": \"x\", \"n\": 2}\n{\"u\": \"b\", \"i\": \"y\"}\n" >counts.ndjson &&
	printf "a x y\nb y\n" >counts.lists &&
	mf-convert --to=npz --fold=train $GOLDEN/split.mf -o counts.npz &&
	mf-convert --to=mtx --fold=train $GOLDEN/split.mf -o counts.mtx &&
	mf-als -q -k 2 -p 2 -n 2 --checkpoint half.ck $GOLDEN/split.mf >done.mf
'

# further_job NAME: as job, of what works in further ways: formats, and files beside -o.
further_job () {
	tool=mf-convert args= input=/dev/null kind=binary
	case $1 in
	from-npz) args='--from=npz' input=counts.npz ;;
	from-mtx) args='--from=mtx' input=counts.mtx ;;
	from-ndjson) args='--from=ndjson --columns=u,i,n' input=counts.ndjson ;;
	from-lists) args='--from=lists' input=counts.lists ;;
	from-gz) tool=msd-aggregate args='--tracks tracks.txt --min-artists 1' input=triplets.gz ;;
	to-npz) args='--to=npz --fold=train' input=$GOLDEN/split.mf kind=text ;;
	to-json) args='--to=ndjson' input=$GOLDEN/split.mf kind=text ;;
	filter) tool=mf-filter args='--users users.txt --keep-empty' input=$GOLDEN/split.mf ;;
	stats) tool=msd-aggregate args='--tracks tracks.txt --min-artists 1 --stats side' input=triplets.txt ;;
	runs) tool=mf-eval args='-j 1 -f --run side --qrels side2 --per-user side3' input=$GOLDEN/persona-model.mf kind=text ;;
	resume) tool=mf-als args='-q -k 2 -p 2 -n 2 -j 1 --resume half.ck --log side' input=$GOLDEN/split.mf ;;
	checkpoint) tool=mf-als args='-q -k 2 -p 2 -n 2 -j 1 --checkpoint side' input=$GOLDEN/split.mf ;;
	log) tool=mf-tune args='-q -k 2 -p 2 -n 1 --space overlap --trials 3 -j 1 --log side' input=$GOLDEN/split.mf ;;
	esac
}
FURTHER='from-npz from-mtx from-ndjson from-lists from-gz to-npz to-json filter stats runs resume checkpoint log'

for name in $(all_jobs) $FURTHER
do
	case " $FURTHER " in
	*" $name "*) test -n "$TEST_FULL" || test $name = from-npz || continue; further_job $name ;;
	*) job $name ;;
	esac
	test_expect_success "$name: a result to compare with" '
		rm -f side* && $tool $args <$input >want && test -s want
	'
	test_expect_success "$name: interrupted and short calls are retried" '
		stream read EINTR 0 && stream read EAGAIN 0 && stream read short 0 &&
		stream write EINTR 0 && stream write EAGAIN 0 && stream write short 0 &&
		stream fsync EINTR 0
	'
	test_expect_success "$name: a call that fails is an error" '
		stream read EIO any && stream write EIO any && stream write ENOSPC any &&
		stream open EIO any && stream fsync EIO any && stream close EIO any
	'
	test_expect_success "$name: a file is the new one or the old one" '
		file write ENOSPC && file fsync EIO && file close EIO && file rename EIO
	'
	test_expect_success "$name: memory that runs out is an error" '
		stream memory ENOMEM any
	'
	# what all tools share: of one alone in `make check`
	test -n "$TEST_FULL" || test $name = mf-split || continue
	test_expect_success "$name: a file needs neither links nor to be without a name" '
		named write ENOSPC && named fsync EIO && named rename EIO &&
		file unnamed EIO 0 && file link EIO 0
	'
done

echo "calls that fail, are short or are interrupted: $tried tried, $same as without, $refused refused, $bad wrong" >counts
test_expect_success 'what was tried is counted' '
	counted counts && test $tried -gt 1000 && test $bad -eq 0
'

test_done
