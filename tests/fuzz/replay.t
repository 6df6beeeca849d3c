# Every harness, over its corpus: what fuzzing found stays found.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
case $BUILD:$TEST_FULL in
*/asan:) scripts=300 ;;
*:) scripts=3000 ;;
*) scripts=200000 ;;
esac
n=0 failed=0
for source in tests/fuzz/*_fuzz.c; do
	name=$(basename "$source" _fuzz.c) n=$((n + 1)) random=
	# any bytes are a script of changes to these
	case $name in lies | checkpoint | partial) random="-n $scripts 1" ;; esac
	if out=$("$BUILD/tests/fuzz/${name}_fuzz" "tests/fuzz/corpus/$name" $random 2>&1); then
		echo "ok $n - $name: $out"
		[ -z "$TEST_COUNTS" ] || echo "fuzz, $name: $out" >>"$TEST_COUNTS"
	else echo "not ok $n - $name"; echo "$out" | head -20 | sed 's/^/# /'; failed=1; fi
done
echo "1..$n"
exit $failed
