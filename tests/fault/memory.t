# The k-th allocation of the library fails, for every k.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
exec "$BUILD/tests/fault/memory" tests/golden/foreign.mf tests/golden/note.mf
