# Each name that an option takes (a format, a metric, a preset ...), by the library's own
# lists, is in the tool's --help and in its manual page.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
BUILD=${BUILD:-$PWD/build}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
echo 1..2
${CC:-cc} -std=c11 -Iinclude -o "$scratch/names" tests/lint/names.c "$BUILD"/libmfpipe.so.0 -Wl,-rpath,"$BUILD" &&
	"$scratch/names" >"$scratch/list"
n=$(wc -l <"$scratch/list") metrics=$(grep -c '^mf-eval' "$scratch/list")
# tables that are found empty would pass
if [ "$n" -gt 70 ] && [ "$metrics" -gt 20 ] && grep -qx 'mf-transform log2' "$scratch/list"
then echo "ok 1 - the library tells its names"
else echo "not ok 1 - the library tells its names: $n, $metrics of mf-eval"; sed 's/^/# /' "$scratch/list"; failed=1; fi
while read -r tool name; do
	[ -e "$scratch/$tool.help" ] || "$BUILD/bin/$tool" --help >"$scratch/$tool.help"
	[ -e "$scratch/$tool.man" ] || mandoc -T ascii "man/$tool.1" | sed "s/.\x08//g" >"$scratch/$tool.man"
	for text in help man; do
		grep -qw -e "$name" "$scratch/$tool.$text" || echo "$tool: '$name' is not in $text"
	done
done <"$scratch/list" >"$scratch/missing"
if [ -s "$scratch/missing" ]
then echo "not ok 2 - help and manual page have them"; sed 's/^/# /' "$scratch/missing"; failed=1
else echo "ok 2 - help and manual page have them"; fi
exit ${failed:-0}
