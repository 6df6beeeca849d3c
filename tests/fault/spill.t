#!/bin/sh
# What msd-aggregate does when its temporary files fail, or it is killed while it has some.
test_description='faults while sums go through temporary files'
. "${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}/tests/cli/setup.sh"

awk 'BEGIN { srand(3); for (n = 0; n < 40000; n++)
	printf "user%d\tsong%d\t1\n", 2000 * rand(), 900 * rand() ^ 2 }' >triplets
awk 'BEGIN { for (n = 0; n < 900; n++) printf "T<SEP>song%d<SEP>Artist %d<SEP>x\n", n, n % 300 }' >tracks
args='-j 1 -t tracks --memory 1M --tmpdir spill triplets'

# faulty CALL HOW K: as in io.t; true in $reached if there were so many calls
faulty () {
	rm -f seen
	MF_FAULT_CALL=$1 MF_FAULT_HOW=$2 MF_FAULT_AT=$3 MF_FAULT_SEEN=seen \
		LD_PRELOAD=$BUILD/tests/fault/io_fault.so msd-aggregate $args >got 2>err
	status=$?
	reached=false
	test -e seen && reached=true
	tried=$((tried + 1))
	test -z "$(ls -A spill)"
}
tried=0

# every CALL HOW: whichever call fails, the result is the same or there is none
every () {
	k=0 reached=true step=1
	test $1 != memory || step=61 # there are thousands
	test -z "$many_reads" || test $1 != read || step=307
	while $reached && test $k -lt 20000
	do
		faulty $1 $2 $k || return 1
		if test $status -eq 0
		then cmp -s want got || { echo "$1 $k ($2): another result"; return 1; }
		elif test "$3" = retried || test $status -ne 1 || test $(wc -l <err) -ne 1
		then echo "$1 $k ($2): exit $status"; cat err; return 1
		elif test -s got && mf-info --check got 2>/dev/null
		then echo "$1 $k ($2): looks like a result"; return 1
		fi
		k=$((k + step))
	done
	test $k -gt 4 && test $k -lt 20000
}

test_expect_success 'a result to compare with, by way of temporary files' '
	mkdir spill && msd-aggregate -t tracks triplets >want &&
	msd-aggregate -v $args 2>notes >got && grep -q "temporary files" notes && cmp want got
'
test_expect_success 'short and interrupted calls are retried' '
	every read short retried && every read EINTR retried &&
	every write short retried && every write EINTR retried
'
test_expect_success 'calls that fail are an error' '
	every read EIO && every write ENOSPC && every unnamed EIO
'
test_expect_success 'memory that runs out is an error' 'every memory ENOMEM'

# rows that are read one by one, and the users of items
test_expect_success 'so it is with --core on a chain' '
	awk "BEGIN { for (n = 0; n < 40000; n++) printf \"u%d\\tt%d\\t1\\n\", 15000 * rand(), 15000 * rand()
		for (n = 0; n < 4000; n++) printf \"c%d\\ts%d\\t1\\n\", n / 2, (n + 1) / 2 }" >chains &&
	plain=$args many_reads=1 args="-j 1 --level=song --core --min-listeners 2 --memory 1M --tmpdir spill chains" &&
	msd-aggregate --level=song --core --min-listeners 2 chains >want &&
	every read short retried && every read EINTR retried && every read EIO &&
	every write ENOSPC && every unnamed EIO && every memory ENOMEM
	status=$?
	args=$plain many_reads=
	test $status -eq 0
'

cat >kill.py <<'E2'
"""Kill it at random moments; what it leaves in spill/ is nothing, in out.mf too."""
import os, random, signal, subprocess, sys, time
command = ['msd-aggregate', '-o', 'out.mf'] + sys.argv[1:]
begin = time.monotonic()
subprocess.run(command, check=True)
whole, killed = time.monotonic() - begin, 0
draw = random.Random(1)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    for i in range(8):
        if os.path.exists('out.mf'):
            os.remove('out.mf')
        run = subprocess.Popen(command)
        time.sleep(draw.random() * whole)
        run.send_signal(number)
        died = run.wait()
        killed += died == -number
        assert died in (0, -number), died
        assert os.listdir('spill') == [], os.listdir('spill')
        litter = [f for f in os.listdir('.') if f.startswith('.out.mf.')]
        assert len(litter) <= (number == signal.SIGKILL), litter
        for f in litter:
            os.remove(f)
assert killed > 5, killed
E2
test_expect_success 'killed at random moments, it leaves nothing' 'python3 kill.py $args'

echo "temporary files: $tried calls fail, are short or are interrupted, 0 wrong" >counts
test_expect_success 'what was tried is counted' 'counted counts && test $tried -gt 100'

test_done
