# The k-th allocation of the jobs of the tools fails, for every k.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
exec "$BUILD/tests/fault/memory_tools" tests/golden
