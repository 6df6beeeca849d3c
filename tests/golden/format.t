# What mf-bundle(5) shows is true: its bytes are a bundle, its reader reads.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
page=man/mf-bundle.5
grep -E '^[0-9a-f]{2}( [0-9a-f]{2})*$' $page | while read -r line; do
	for byte in $line; do printf "\\$(printf %03o "0x$byte")"; done
done >"$work/tiny.mf"
sed -n '/^import sys, msgpack/,/^\.Ed/p' $page | sed '$d' >"$work/read.py"
cat >"$work/expected" <<'END'
== tiny.mf
H users 1 items 1 nnz 1 value u32
I user 0+1: 'ann'
I item 0+1: 'Abba'
R 0: 0=7/0
E hand 1
digest 214f4d6fd015b809 cells 1
END
n=0 status=0
check () { # NAME, then a command
	name=$1; shift; n=$((n + 1))
	if out=$("$@" 2>&1); then echo "ok $n - $name"
	else echo "not ok $n - $name"; echo "$out" | head -40 | sed 's/^/# /'; status=1; fi
}
worked_example () {
	test "$(wc -c <"$work/tiny.mf")" -eq 309 &&
	"$BUILD/tests/golden/show" "$work/tiny.mf" | diff "$work/expected" -
}
python_reads () {
	for f in tests/golden/*.mf "$work/tiny.mf"; do
		/usr/bin/python3 "$work/read.py" <"$f" >"$work/out" || return 1
		test "$(tail -c 5 "$work/out" | tr -d ' \n')" = E || return 1
	done
}
python_refuses () {
	for f in tests/golden/*.mf; do
		size=$(wc -c <"$f")
		for at in 0 1 30 $((size / 2)) $((size - 1)); do
			head -c "$at" "$f" >"$work/cut"
			! /usr/bin/python3 "$work/read.py" <"$work/cut" >"$work/out" 2>&1 || return 1
		done
		{ cat "$f"; printf x; } >"$work/more"
		! /usr/bin/python3 "$work/read.py" <"$work/more" >"$work/out" 2>&1 || return 1
	done
}
check 'the bytes of the example are the bundle that it describes' worked_example
if /usr/bin/python3 -c 'import msgpack, xxhash' 2>/dev/null; then
	check 'the reader in Python reads every golden bundle' python_reads
	check 'and refuses what was cut or has more' python_refuses
else
	for name in reads refuses; do n=$((n + 1)); echo "ok $n # SKIP python3-msgpack or python3-xxhash is missing"; done
fi
echo "1..$n"
exit $status
