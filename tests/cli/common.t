#!/bin/sh
test_description='what every tool does: help, wrong usage, closed descriptors, -o, signals'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/tools.sh"

test_expect_success 'small inputs' 'small_inputs'

# One line, status 2, nothing on standard output.
misused () { # COMMAND...
	"$@" >out 2>err </dev/null
	status=$?
	test $status -eq 2 || { echo "exit $status: $*"; cat err; return 1; }
	test ! -s out && test $(wc -l <err) -eq 1 || { echo "not one line alone: $*"; cat out err; return 1; }
}

look_for_terminals

# Python with its standard library stands in for what a shell cannot do: a
# terminal, an ignored SIGPIPE.
pipe='import os, signal, subprocess, sys
ignored, file, command = sys.argv[1] == "ignored", sys.argv[2], sys.argv[3:]
def set_up():
    signal.signal(signal.SIGPIPE, signal.SIG_IGN if ignored else signal.SIG_DFL)
r, w = os.pipe()
os.close(r)
p = subprocess.Popen(command, stdin=open(file), stdout=w, stderr=open("err", "wb"), preexec_fn=set_up, restore_signals=False)
os.close(w)
sys.exit(100 if p.wait() == -signal.SIGPIPE else p.returncode)'

for tool in "$BUILD"/bin/*-*
do
	tool=${tool##*/}
	test_expect_success "$tool: --help and --version, long and short" '
		for option in --help -h --version -V
		do
			$tool $option >out 2>err </dev/null && test -s out && test ! -s err || return 1
		done &&
		$tool --version | grep -q "^$tool (mfpipe) [0-9]" &&
		$tool --help | head -1 | grep -q "^usage: $tool" &&
		for word in --output --threads --seed --quiet --verbose --progress --help --version
		do
			$tool --help | grep -q -- "$word" || { echo "no $word"; return 1; }
		done
	'
	test_expect_success "$tool: --help and --version to a full disk or a closed output fail" '
		for option in --help --version
		do
			! $tool $option >/dev/full 2>err && test $(wc -l <err) -eq 1 &&
			! $tool $option >&- 2>err && test $(wc -l <err) -eq 1 || return 1
		done
	'
	test_expect_success "$tool: wrong usage is one line and exit 2" '
		misused $tool --no-such-option &&
		misused $tool -$(printf "\\001") &&
		misused $tool "--bad
name" &&
		misused $tool --seed &&
		misused $tool -j &&
		misused $tool --help=yes &&
		misused $tool --progress=sometimes &&
		for value in $(sampled "x 1x 1.5 -1 1e3" -1) "" " 1" 18446744073709551616
		do
			misused $tool --seed "$value" && misused $tool -j "$value" || return 1
		done &&
		misused $tool -j 0 && misused $tool -j 1025
	'
	test_expect_success "$tool: kernels that are none are wrong usage, but for --help" '
		MF_KERNEL=avx512 $tool --help >out && MF_KERNEL=sse9 $tool --help >out &&
		MF_KERNEL=sse9 misused $tool && grep -q "MF_KERNEL=sse9: it may be" err
	'
	# every option of its own that takes a number, by its --help
	test_expect_success "$tool: a value that is no number is exit 2" '
		$tool --help | grep -oE -- "--[a-z-]+[= ](N|K|P|B|L|I|OMEGA|W0|NU|MU|AMOUNT|FRACTION|T)( |\$|,)" |
			sed "s/[= ].*//" | sort -u >numeric &&
		while read -r option
		do
			for value in $(sampled "abc 1y empty" "") nan
			do
				test $value != empty || value=
				misused $tool $option "$value" || return 1
			done
		done <numeric
	'
done

for name in $(all_jobs)
do
	job $name
	test_expect_success "$name: a result to compare with" '
		$tool $args <$input >want && test -s want
	'
	test_expect_success "$name: a full disk is an error" '
		! $tool $args <$input >/dev/full 2>err && test $(wc -l <err) -eq 1 &&
		grep -q "^$tool: .*No space" err
	'
	test_expect_success "$name: a closed output is an error" '
		! $tool $args <$input >&- 2>err && test $(wc -l <err) -eq 1
	'
	test_expect_success "$name: a closed standard error changes nothing" '
		$tool $args <$input >got 2>&- && test_cmp want got &&
		$tool $args -v --progress=always <$input >got 2>&- && test_cmp want got
	'
	test_expect_success "$name: a closed standard input is an error where it is read" '
		$tool $args <&- >got 2>err
		status=$?
		if test $input = /dev/null
		then test $status -eq 0 && test_cmp want got
		else test $status -eq 1 && test $(wc -l <err) -eq 1 && test ! -s got
		fi
	'
	test_expect_success "$name: no file is opened in place of a closed descriptor" '
		for closed in "<&-" "2>&-" "<&- 2>&-"
		do
			echo old >result && cp $input copy &&
			eval "$tool $args -o result <$input $closed" >got 2>/dev/null
			cmp -s $input copy || return 1
			cmp -s result want || test "$(cat result)" = old || return 1
		done
	'
	test_expect_success "$name: -o writes the same, -o - too" '
		rm -f result && $tool $args -o result <$input && test_cmp want result &&
		$tool $args --output=- <$input >got && test_cmp want got &&
		rm -f link && ln -s result link && echo old >result &&
		$tool $args -o link <$input && test -L link && test_cmp want result
	'
	test_expect_success "$name: -o in a folder that is not there is exit 1" '
		fails 1 missing/result $tool $args -o missing/result <$input &&
		fails 1 "" $tool $args -o . <$input
	'
	test_expect_success "$name: a failure leaves the old file and nothing else" '
		test $input = /dev/null || {
			rm -rf folder && mkdir folder && echo old >folder/result &&
			printf "not\\001 what it\\377 wants\\n" >bad &&
			fails 1 "" $tool $args -o folder/result <bad &&
			test "$(cat folder/result)" = old && test "$(ls -A folder)" = result &&
			rm folder/result && fails 1 "" $tool $args -o folder/result <bad &&
			test -z "$(ls -A folder)"
		}
	'
	test_expect_success "$name: permissions and mode bits stay" '
		echo old >result && chmod 640 result &&
		$tool $args -o result <$input && test "$(stat -c %a result)" = 640
	'
	test_expect_success "$name: SIGPIPE kills, or is an error where it is ignored" '
		python3 -c "$pipe" default $input $tool $args
		test $? -eq 100 &&
		python3 -c "$pipe" ignored $input $tool $args
		test $? -eq 1 && test $(wc -l <err) -eq 1
	'
	test $kind = text || test_expect_success TERMINAL "$name: a binary stream does not go to a terminal" '
		terminal $input $tool $args >out
		test $? -eq 2 && test ! -s out && grep -q terminal err && test $(wc -l <err) -eq 1 &&
		terminal $input $tool $args -f >got &&
		test_cmp want got
	'
done

# A bundle tool: whatever is cut off its input, there is no result.
for name in $(all_jobs)
do
	job $name
	case $input in *.mf) ;; *) continue ;; esac
	test_expect_success "$name: an input that is cut, empty or no bundle is exit 1" '
		size=$(wc -c <$input) &&
		for at in 0 1 17 $((size / 3)) $((size / 2)) $((size - 10)) $((size - 1))
		do
			head -c $at $input >cut &&
			$tool $args <cut >got 2>err
			test $? -eq 1 && test $(wc -l <err) -eq 1 && grep -q "frame [0-9]*@[0-9]*: " err &&
			if test $kind = text
			then test ! -s got
			else ! mf-info --check got 2>/dev/null
			fi || return 1
		done &&
		printf "user\\titem\\n" >text && ! $tool $args <text >got 2>err && grep -q "not a bundle" err
	'
done

test_done
