# Each module includes and calls only modules of its own folder and of those below;
# the wire and the math are strangers. docs/design.md states the layers.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
exec python3 tests/lint/layers.py "${BUILD:-build}/libmfpipe.a"
