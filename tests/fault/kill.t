#!/bin/sh
test_description='killed at random moments while -o is written: old file or new, no litter'
. "$(dirname "$0")/../cli/setup.sh"
. "$TOP/tests/cli/tools.sh"

cat >kill.py <<'E2'
"""kill.py SIGNAL TIMES COMMAND...: run the command again and again and kill it at
random moments; old.mf stands for the file that was there before."""
import os, random, signal, subprocess, sys, time
number, times, command = getattr(signal, 'SIG' + sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
if number != signal.SIGKILL:
    signal.signal(number, signal.SIG_DFL)  # nohup and shells in the background have it ignored
old = open('old.mf', 'rb').read()
begin = time.monotonic()
subprocess.run(command + ['-o', 'new.mf'], check=True)
whole, new = time.monotonic() - begin, open('new.mf', 'rb').read()
os.remove('new.mf')
assert old != new
draw, killed = random.Random(number), 0
for i in range(times):
    before = i % 2
    if before:
        open('out.mf', 'wb').write(old)
    elif os.path.exists('out.mf'):
        os.remove('out.mf')
    run = subprocess.Popen(command + ['-o', 'out.mf'], stderr=subprocess.DEVNULL)
    time.sleep(draw.random() * whole * 1.1)
    run.send_signal(number)
    died = run.wait()
    killed += died == -number
    assert died in (0, -number), died
    there = open('out.mf', 'rb').read() if os.path.exists('out.mf') else None
    assert there == new or (died and there == (old if before else None)), 'out.mf is neither'
    litter = [f for f in os.listdir('.') if f.startswith('.out.mf.')]
    assert len(litter) <= (number == signal.SIGKILL), litter
    for f in litter:
        os.remove(f)
assert killed >= 3, killed
E2

test_expect_success 'a bundle to write' '
	msd-synth --users 2000 --artists 1500 --tracks tracks.txt -o triplets.txt &&
	msd-aggregate --tracks tracks.txt triplets.txt -o counts.mf &&
	mf-split --seed 2 counts.mf -o old.mf
'

for signal in KILL TERM INT HUP
do
	test_expect_success "SIG$signal" "
		python3 kill.py $signal 25 msd-aggregate --tracks tracks.txt triplets.txt &&
		python3 kill.py $signal 25 mf-als -k 4 -n 2 counts.mf
	"
done

# A file that may not grow past 20 kB: the write fails, no signal ends the program.
test_expect_success 'SIGXFSZ' '
	rm -f out.mf* && cp old.mf out.mf &&
	(ulimit -f 20; fails 1 "out.mf: cannot write: File too large" mf-als -q -k 4 -n 2 counts.mf -o out.mf) &&
	test_cmp old.mf out.mf && test "$(ls -A | grep out.mf)" = out.mf
'

# Every tool, with every file that it writes.
test_expect_success 'jobs with all their outputs' '
	small_inputs &&
	for name in $(all_jobs)
	do
		job $name && case $name in
		msd-aggregate) args="$args --stats kill/stats" ;;
		msd-synth) args="--users 20 --artists 30 --tracks kill/tracks --truth kill/truth" ;;
		mf-als) args="$args --checkpoint kill/checkpoint" ;;
		mf-eval) args="$args -f --run kill/run --qrels kill/qrels --per-user kill/users" ;;
		esac
		printf "%s\t%s\n" "$input" "$tool $args -o kill/out"
	done >jobs
'
if test -n "$TEST_FULL"
then calls=KILL,TERM,INT,HUP moments=100 sizes=30
else calls=TERM moments=1 sizes=2
fi
killed () { # calls or moments...
	python3 "$TOP/tests/fault/kill.py" "$@" <jobs >counts
	status=$?
	counted counts
	return $status
}
test_expect_success 'killed before each call that matters, every tool' '
	killed calls $calls
'
test_expect_success 'killed at random moments, every tool' '
	killed moments KILL,TERM,INT,HUP $moments
'
test_expect_success 'files that may not grow, every tool' '
	killed sizes $sizes
'

test_done
