# Each installed header stands alone, in C and in C++; mf/mf.h includes them all. The
# names that the headers declare are those that the shared library exports, and every
# name that the static one shows to a linker is ours.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
BUILD=${BUILD:-build}
n=0 failed=0
check () { # NAME, then a command
	name=$1; shift; n=$((n + 1))
	if out=$("$@" 2>&1) && [ -z "$out" ]; then echo "ok $n - $name"
	else echo "not ok $n - $name"; echo "$out" | head -40 | sed 's/^/# /'; failed=1; fi
}
skip () { n=$((n + 1)); echo "ok $n # SKIP $1"; }

flags='-Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude'
alone () { # COMPILER LANGUAGE STANDARD
	for header in include/mf/*.h; do
		printf '#include <%s>\nextern int only_this;\n' "${header#include/}" | $1 -x $2 -std=$3 $flags - || echo "${header#include/}"
	done
}
for compiler in gcc clang; do
	if command -v $compiler >/dev/null; then check "$compiler: each header stands alone in C11" alone $compiler c c11
	else skip "$compiler is not installed"; fi
done
for compiler in g++ clang++; do
	if command -v $compiler >/dev/null; then check "$compiler: and in C++17" alone $compiler c++ c++17
	else skip "$compiler is not installed"; fi
done

all_in_mf () {
	for header in include/mf/*.h; do echo "${header#include/}"; done | grep -vx mf/mf.h |
		while read -r header; do grep -q "^#include \"$header\"" include/mf/mf.h || echo "mf/mf.h lacks $header"; done
}
check 'mf/mf.h includes every header' all_in_mf

# Functions by the compiler, data by their extern.
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
gcc -Iinclude -x c -S -o /dev/null -aux-info "$scratch/functions" include/mf/mf.h
{
	sed -nE '/include\/mf/s/.* extern [^(]*\b(mf_\w+) \(.*/\1/p' "$scratch/functions"
	sed -nE 's/^extern [^(]*\b(mf_\w+)[;[].*/\1/p' include/mf/*.h
} | sort -u >"$scratch/declared"
nm -D --defined-only "$BUILD"/libmfpipe.so.0 | sed 's/.* //' | sort -u >"$scratch/exported"
exports () {
	[ -s "$scratch/declared" ] && [ -s "$scratch/exported" ] || echo 'no names were found'
	diff "$scratch/declared" "$scratch/exported"
}
check 'the shared library exports what the headers declare, and nothing else' exports

foreign () { # a critical section's name is the program's too
	nm -g --defined-only "$BUILD"/libmfpipe.a |
		awk 'NF == 3 { name = $3; sub(/^\.gomp_critical_user_/, "", name); if (name !~ /^mf_/) print $3; n++ } END { if (!n) print "no names were found" }'
}
check 'every external name of the static library begins with mf_' foreign

# A type, constant or macro that a header brings must not meet one of the program.
unmarked () {
	python3 - include/mf/*.h <<-'PYTHON'
	import re, sys
	for path in sys.argv[1:]:
	    text = re.sub(r'/\*.*?\*/', '', open(path).read(), flags=re.S)
	    names = re.findall(r'^# *define (\w+)', text, re.M)
	    names += [name for body in re.findall(r'\benum\b[^{;]*{([^}]*)}', text) for name in re.findall(r'(?:^|,)\s*(\w+)', body)]
	    names += re.findall(r'^typedef .*\b(\w+);$', text, re.M) + re.findall(r'^} (\w+);$', text, re.M)
	    print(end=''.join(f'{path}: {name}\n' for name in names if not re.match(r'mf_[a-z]|MF_[A-Z]', name)))
	    if not names and not path.endswith('/mf.h'):
	        print(path, 'has no names at all?')
	PYTHON
}
check 'types, constants and macros of the headers begin with mf_ or MF_' unmarked

versions () {
	version=$(sed -n 's/^#define MF_VERSION "\(.*\)"/\1/p' include/mf/version.h)
	[ -n "$version" ] && grep -qx "version: $version" CITATION.cff || echo "CITATION.cff is not of version $version"
	grep -q "^## $version\b" NEWS.md || echo "NEWS.md has nothing about version $version"
}
check 'CITATION.cff and NEWS.md are of the version in mf/version.h' versions

narrow () {
	awk 'length > 88 { print FILENAME ":" FNR ": is longer than 88 columns" }' include/mf/*.h $(find lib -name '*.h')
}
check 'no line of a header is longer than 88 columns' narrow

echo "1..$n"
exit $failed
