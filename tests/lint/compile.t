# No warning from gcc, nor from clang where it is installed.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
flags='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only
       -D_GNU_SOURCE -Iinclude -Ilib -Itests'
flags="$flags $(pkg-config --cflags msgpack openblas lapacke libxxhash libutf8proc jansson zlib libarchive cmocka)"
echo 1..2
sources=$(ls $(find lib -name '*.c') tools/*.c tests/unit/*.c tests/fuzz/*.c tests/fault/*.c tests/golden/*.c bench/*.c 2>/dev/null)
n=0 failed=0
for compiler in gcc clang; do
	n=$((n + 1))
	# clang's own omp.h comes in a package of its own; gcc's will do.
	omp=-fopenmp; [ $compiler = clang ] && omp="-fopenmp -idirafter $(dirname "$(gcc -print-file-name=include/omp.h)")"
	if ! command -v $compiler >/dev/null; then echo "ok $n # SKIP $compiler is not installed"; continue; fi
	if out=$(for s in $sources; do $compiler $flags $omp $s || echo FAILED; done 2>&1) && [ -z "$out" ]; then echo "ok $n - $compiler has no warnings"
	else echo "not ok $n - $compiler has no warnings"; echo "$out" | head -40 | sed 's/^/# /'; failed=1; fi
done
exit $failed
