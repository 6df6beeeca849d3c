# Every message of the tools is expected by a test; how many of the library's are is told.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
echo 1..1
out=$(python3 tests/lint/messages.py tools)
case $(echo "$out" | tail -n 1) in
*[1-9]*" messages in tools, 0 of which no test expects") echo "ok 1 - each message of the tools is in a test" ;;
*) echo "not ok 1 - each message of the tools is in a test"; echo "$out" | sed 's/^/# /'; failed=1 ;;
esac
python3 tests/lint/messages.py lib | tail -n 1 | sed 's/^/# /'
exit ${failed:-0}
