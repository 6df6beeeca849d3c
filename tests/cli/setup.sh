# Sourced by every command-line test: sharness, paths, helpers.
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
PATH=$BUILD/bin:$PATH
SHARNESS_TEST_DIRECTORY=$(mktemp -d "${TMPDIR:-/tmp}/mfpipe-test.XXXXXX")
SHARNESS_TEST_OUTDIR=$SHARNESS_TEST_DIRECTORY
DATA=$TOP/../shared/data # real data, beside the project where it is at all
export TOP BUILD PATH DATA
. /usr/share/sharness/sharness.sh
cleanup "rm -rf '$SHARNESS_TEST_DIRECTORY'"

# python3 is the one that has the modules of `make deps`: another may come first in PATH.
# To find them is quicker than to import them.
has_modules='import sys; from importlib.util import find_spec as find
sys.exit(None in map(find, ("msgpack", "numpy", "xxhash")))'
for python in /usr/bin/python3 python3
do
	"$python" -c "$has_modules" 2>/dev/null && test_set_prereq PYTHON && break
done
[ "$python" = python3 ] || { mkdir "$SHARNESS_TEST_DIRECTORY/bin" && ln -s "$python" "$SHARNESS_TEST_DIRECTORY/bin/python3"; }
PATH=$SHARNESS_TEST_DIRECTORY/bin:$PATH

# sampled ALL SOME: SOME of what there is to try in a run of `make check` against the
# sanitized build, where a process takes four times as long to start; else ALL.
sampled () {
	case $BUILD:$TEST_FULL in
	*/asan:) echo "$2" ;;
	*) echo "$1" ;;
	esac
}

# counted FILE: show what a test has counted; `make check-full` shows the last line in the end.
counted () {
	cat "$1"
	test -z "$TEST_COUNTS" || tail -n 1 "$1" >>"$TEST_COUNTS"
}

# A command on a terminal of its own: terminal INPUT COMMAND... shows what it prints.
terminal () {
	python3 -c "$on_terminal" "$@"
}
on_terminal='import os, subprocess, sys, tty
master, slave = os.openpty()
tty.setraw(slave)
p = subprocess.Popen(sys.argv[2:], stdin=open(sys.argv[1]), stdout=slave, stderr=open("err", "wb"))
os.close(slave)
try:
    while piece := os.read(master, 65536):
        sys.stdout.buffer.write(piece)
except OSError:
    pass # the other side is closed
sys.exit(p.wait())'
# Set TERMINAL where there are terminals; a bare chroot has no /dev/pts.
look_for_terminals () {
	python3 -c 'import os; os.openpty()' 2>/dev/null && test_set_prereq TERMINAL
}

[ -d "$DATA" ] && test_set_prereq REALDATA

# fails STATUS TEXT COMMAND...: the command exits with STATUS, prints nothing on
# standard output, and one line on standard error that holds TEXT.
fails () {
	want=$1 text=$2
	shift 2
	"$@" >fails.out 2>fails.err
	got=$?
	if test $got -ne $want
	then echo "exit $got, wanted $want: $*"; cat fails.err; return 1
	fi
	if test -s fails.out
	then echo "a failed command printed a result: $*"; return 1
	fi
	if test $(wc -l <fails.err) -ne 1 || ! grep -qF -- "$text" fails.err
	then echo "not one line with '$text':"; cat fails.err; return 1
	fi
}
