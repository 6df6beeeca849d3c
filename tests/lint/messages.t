# Every message of the tools is expected by a test, and all but some of the library's.
# LIST=1 sh tests/lint/messages.t shows which.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
most=15 # of the library: make it less when it has become less, never more
echo 1..2
out=$(python3 tests/lint/messages.py tools)
case $(echo "$out" | tail -n 1) in
*[1-9]*" messages in tools, 0 of which no test expects") echo "ok 1 - each message of the tools is in a test" ;;
*) echo "not ok 1 - each message of the tools is in a test"; echo "$out" | sed 's/^/# /'; failed=1 ;;
esac
out=$(python3 tests/lint/messages.py lib)
told=$(echo "$out" | tail -n 1)
left=$(echo "$told" | sed -n 's/^[1-9][0-9]* messages in lib, \([0-9]*\) of which no test expects$/\1/p')
if [ "${left:-$((most + 1))}" -le $most ]
then echo "ok 2 - $left messages of the library are in no test, at most $most"
else echo "not ok 2 - $told; at most $most may be"; LIST=1 failed=1; fi
[ -z "$LIST" ] || echo "$out" | sed 's/^/# /'
exit ${failed:-0}
