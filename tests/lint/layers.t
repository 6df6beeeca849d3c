# Each module includes only modules of its own layer and below; the wire and
# the math are strangers. CONTRIBUTING.md states the layers.
cd "${TOP:-$(dirname "$0")/../..}" || exit 1
exec python3 tests/lint/layers.py
