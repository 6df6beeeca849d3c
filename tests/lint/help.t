# Each option that takes a value has its default in --help, in parentheses, and a number its
# range; no line is longer than a terminal; tools with many options have them in groups.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
BUILD=${BUILD:-$PWD/build}
n=0 failed=0
check () { # NAME, then a command that prints what is wrong
	name=$1; shift; n=$((n + 1))
	out=$("$@" 2>&1)
	if [ -z "$out" ]; then echo "ok $n - $name"
	else echo "not ok $n - $name"; echo "$out" | sed 's/^/# /'; failed=1; fi
}
# help of an option in one line, "--name=VALUE: words"
options () { # TOOL
	"$BUILD/bin/$1" --help | sed '/^Options of every tool/,$d' | awk '
		/^  (-.,|   ) --/ { if (line) print line; sub(/^  (-.,|   ) /, ""); line = $0; next }
		/^                    / { sub(/^ +/, ""); line = line " " $0; next }
		{ if (line) print line; line = "" } END { if (line) print line }'
}
has_defaults () { options "$1" | grep -E '^--[a-z-]+=' | grep -v -e '(.*)' -e ' not offered: '; }
has_ranges () { options "$1" | grep -E '^--[a-z-]+=(K|N|P|Q|B|M|S|I|C|CELLS|W0|L|NU|OMEGA|T|G|MEAN) ' | grep -vE ' to |or more|any number|linear:|not offered'; }
is_narrow () { "$BUILD/bin/$1" --help | grep -E '^.{81}' | grep -v '^ *[^ ]*$'; } # one word has no place to be cut
is_grouped () {
	[ "$(options "$1" | wc -l)" -lt 11 ] || "$BUILD/bin/$1" --help | sed '/^Options of every/,$d' | grep -q '^[A-Z].*:$' || echo "no headings"
}
for tool in "$BUILD"/bin/*-*; do
	tool=${tool##*/}
	[ "$tool" = mf-info ] || [ "$(options "$tool" | grep -c =)" -gt 0 ] || echo "Bail out! $tool: no options"
	check "$tool: defaults" has_defaults "$tool"
	check "$tool: ranges" has_ranges "$tool"
	check "$tool: lines" is_narrow "$tool"
	check "$tool: groups" is_grouped "$tool"
done
echo "1..$n"
exit $failed
