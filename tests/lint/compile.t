# No warning from gcc, nor from clang where it is installed.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
flags='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only
       -D_GNU_SOURCE -Iinclude -Ilib -Itests'
flags="$flags $(pkg-config --cflags msgpack openblas lapacke libxxhash libutf8proc jansson zlib libarchive cmocka)"
echo 1..2
sources=$(ls $(find lib -name '*.c') tools/*.c tests/unit/*.c tests/fuzz/*.c tests/fault/*.c tests/golden/*.c bench/*.c 2>/dev/null)
# What is MPI's compiles where MPI is.
if pkg-config --exists ompi-c; then flags="$flags $(pkg-config --cflags ompi-c | sed 's/-I/-isystem /g')"
else sources=$(echo "$sources" | grep -v /ranks_mpi.c); fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
# Both at once: no other test takes as long.
for compiler in gcc clang; do
	# clang's own omp.h comes in a package of its own; gcc's will do.
	omp=-fopenmp; [ $compiler = clang ] && omp="-fopenmp -idirafter $(dirname "$(gcc -print-file-name=include/omp.h)")"
	command -v $compiler >/dev/null &&
		{ echo "$sources" | xargs -n 12 $compiler $flags $omp || echo FAILED; } >"$scratch/$compiler" 2>&1 &
done
wait
n=0 failed=0
for compiler in gcc clang; do
	n=$((n + 1))
	if ! command -v $compiler >/dev/null; then echo "ok $n # SKIP $compiler is not installed"
	elif [ -f "$scratch/$compiler" ] && [ ! -s "$scratch/$compiler" ]; then echo "ok $n - $compiler has no warnings"
	else echo "not ok $n - $compiler has no warnings"; head -40 "$scratch/$compiler" | sed 's/^/# /'; failed=1; fi
done
exit $failed
