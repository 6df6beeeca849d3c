#!/bin/sh
test_description='mfpipe: the list of the tools, running one, the manual'
. "$(dirname "$0")/setup.sh"
. "$TOP/tests/cli/tools.sh"

tools=$(cd "$BUILD/bin" && echo *-* | tr ' ' '\n' | sort)

test_expect_success 'it lists each tool in a line' '
	mfpipe >out && grep -oE "^  [a-z-]+  " out | tr -d " " | sort >got && echo "$tools" >want && test_cmp want got &&
	test $(wc -l <out) -eq $(($(wc -l <want) + 2)) && ! grep -q "^.\{81\}" out &&
	mfpipe --help | head -n 1 | grep -x "usage: mfpipe" && mfpipe -h | grep "^  mf-als  " &&
	test "$(mfpipe --version)" = "$(mf-als --version | sed "s/^mf-als/mfpipe/")"
'

test_expect_success 'the list is that of README.md and of mfpipe(7)' '
	sed -n "s/^| \`\([a-z-]*\)\` |.*/\1/p" "$TOP/README.md" | grep -e "^mf-" -e "^msd-" | sort >got && echo "$tools" >want && test_cmp want got &&
	sed -n "s/^\.It Xr \(m[a-z]*-[a-z]*\) 1\$/\1/p" "$TOP/man/mfpipe.7" | sort >got && test_cmp want got
'

test_expect_success 'it runs a tool, by its name or what stands after the hyphen' '
	mf-info "$GOLDEN/counts.mf" >want && mfpipe mf-info "$GOLDEN/counts.mf" >got && test_cmp want got &&
	mfpipe info <"$GOLDEN/counts.mf" >got && test_cmp want got &&
	test "$(mfpipe synth --version)" = "$(msd-synth --version)" && test "$(mfpipe als --version | cut -d " " -f 1)" = mf-als &&
	fails 2 "mf-als: --factors: '\''x'\'' is not a whole number" mfpipe als --factors x
'

test_expect_success 'the tool beside it comes before that of PATH, and that of PATH will do' '
	mkdir beside path && cp "$BUILD/bin/mfpipe" beside && printf "#!/bin/sh\necho beside \"\$@\"\n" >beside/mf-als && chmod +x beside/mf-als &&
	sed s/beside/path/ beside/mf-als >path/mf-als && chmod +x path/mf-als &&
	test "$(PATH=$PWD/path:$PATH beside/mfpipe als "a b" -k)" = "beside a b -k" && rm beside/mf-als &&
	test "$(PATH=$PWD/path:$PATH beside/mfpipe als "a b" -k)" = "path a b -k" && rm path/mf-als &&
	fails 1 "mf-als: cannot run: No such file" env PATH="$PWD/path" "$PWD/beside/mfpipe" als
'

test_expect_success 'help opens the page' '
	mkdir man && printf "#!/bin/sh\necho man \"\$@\"\n" >man/man && chmod +x man/man &&
	for words in "7 mfpipe" "7 mfpipe mfpipe" "1 mf-als mf-als" "1 mf-als als" "1 msd-synth synth"
	do
		set -- $words && test "$(PATH=$PWD/man:$PATH mfpipe help $3)" = "man $1 $2" || return 1
	done &&
	fails 1 "man: cannot run: No such file or directory; --help of the tool" env PATH="$PWD/none" "$BUILD/bin/mfpipe" help als
'

test_expect_success 'what is none is told, with the nearest' '
	fails 2 "'\''reccomend'\'' is none of the tools, which mfpipe alone lists; did you mean '\''recommend'\''?" mfpipe reccomend &&
	fails 2 "did you mean '\''mf-info'\''?" mfpipe help mf-inf && fails 2 "did you mean '\''mf-als'\''?" mfpipe mf-alss &&
	fails 2 "unrecognized option '\''--top'\''" mfpipe --top als && fails 2 "goes alone" mfpipe --help als &&
	fails 2 "one tool is enough" mfpipe help als eval && fails 1 "" mfpipe info no/such/file &&
	! mfpipe >/dev/full 2>err && grep -q "^mfpipe: .*No space" err
'

test_done
