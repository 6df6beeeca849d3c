# Every harness, over its corpus: what fuzzing found stays found.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
n=0 failed=0
for source in tests/fuzz/*_fuzz.c; do
	name=$(basename "$source" _fuzz.c) n=$((n + 1))
	if out=$("$BUILD/tests/fuzz/${name}_fuzz" "tests/fuzz/corpus/$name" 2>&1); then echo "ok $n - $name: $out"
	else echo "not ok $n - $name"; echo "$out" | head -20 | sed 's/^/# /'; failed=1; fi
done
echo "1..$n"
exit $failed
