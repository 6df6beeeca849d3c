# Every tool has a manual page, every page is clean, every option that --help names
# is in the page, and the other way round, and the options that all tools have are
# described in the same words.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
BUILD=${BUILD:-$PWD/build} # never empty: every program in $BUILD/bin is run
n=0 failed=0
check () { # NAME, then a command
	name=$1; shift; n=$((n + 1))
	if out=$("$@" 2>&1); then echo "ok $n - $name"
	else echo "not ok $n - $name"; echo "$out" | sed 's/^/# /'; failed=1; fi
}
same_options () { # TOOL
	"$BUILD/bin/$1" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u >"$BUILD/$1.help"
	# a line of an example that runs another tool alone has that one's options
	mandoc -T ascii "man/$1.1" | sed "s/.\x08//g" | sed -E "/^EXAMPLES/,/^SEE ALSO/{/ (mf|msd)-[a-z]+ -/{/ $1 /!d}}" | grep -oE -- '--[a-z][a-z-]+' | sort -u >"$BUILD/$1.man"
	[ -s "$BUILD/$1.help" ] && diff "$BUILD/$1.help" "$BUILD/$1.man"
}
common_options () { # TOOL
	mandoc -T ascii "man/$1.1" | sed "s/.\x08//g" >"$BUILD/$1.page"
	[ -z "$(python3 tests/lint/common_options.py "$BUILD/bin/$1" "$BUILD/$1.page" | tee /dev/stderr)" ]
}
# groff, which is what man runs on most systems, takes the words of some lines for macros
# where mandoc does not: of an author "Li", a list of references was not shown.
in_groff () { # PAGE
	[ -z "$(groff -mandoc -T utf8 -ww -z "$1" 2>&1 | tee /dev/stderr)" ]
}
for page in man/*; do
	check "$page is clean" mandoc -T lint -W warning "$page"
	if command -v groff >/dev/null; then check "$page is clean in groff" in_groff "$page"; fi
done
for tool in "$BUILD"/bin/*-*; do
	tool=${tool##*/}
	check "$tool: --help and manual name the same options" same_options "$tool"
	check "$tool: --help and manual describe the common options alike" common_options "$tool"
done
echo "1..$n"
exit $failed
