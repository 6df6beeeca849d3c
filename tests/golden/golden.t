# Golden bundles decode for ever to what expected.txt says, whatever the version.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
echo 1..3
status=0
check () { # NUMBER, NAME, then a command
	n=$1 name=$2; shift 2
	if out=$("$@" 2>&1); then echo "ok $n - $name"
	else echo "not ok $n - $name"; echo "$out" | head -40 | sed 's/^/# /'; status=1; fi
}
decode () { "$BUILD/tests/golden/show" tests/golden/*.mf | diff tests/golden/expected.txt -; }
all_checked () {
	for f in tests/golden/*.mf; do mf-info --check "$f" || return 1; done
}
check 1 'they decode to what is expected' decode
check 2 'there are eleven of them' test "$(ls tests/golden/*.mf | wc -l)" -eq 11
if command -v mf-info >/dev/null; then check 3 'mf-info --check accepts them' all_checked
else echo 'ok 3 # SKIP mf-info is not there'; fi
exit $status
