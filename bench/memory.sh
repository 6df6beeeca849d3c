#!/bin/bash
# Training with and without --memory: seconds of processor and wall clock, peak memory, and
# whether the models are the same.
#
#   make && bench/memory.sh [WHAT...]
#
# WHAT: half (1 M users x 44,000 items, 42 M cells, in 430 MB; about two minutes and 3 GB
# of disk), ten (10 M users, 416 M cells, in 4 GB; some minutes, and 20 GB). The default is
# half. K=64, SWEEPS=2, P=1, J=2 threads; TMPDIR is for all files.
set -eu
cd "$(dirname "$0")/.."
K=${K:-64} SWEEPS=${SWEEPS:-2} P=${P:-1} J=${J:-2}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/memory.XXXXXX")
trap 'rm -rf "$TMP"' EXIT
libs=$(pkg-config --libs msgpack openblas lapacke libxxhash libutf8proc jansson zlib libarchive)
${CC:-cc} -std=c11 -O2 -fopenmp -D_GNU_SOURCE -Iinclude -Ilib bench/memory.c build/libmfpipe.a \
    $libs -lm -o "$TMP/memory"

# train NAME FILE MEMORY...: one line
train() {
    local name=$1 file=$2
    shift 2
    python3 - "$name" build/bin/mf-als -q -j "$J" -k "$K" -p "$P" -n "$SWEEPS" "$@" \
        --tmpdir "$TMP" "$file" -o "$TMP/$name.mf" <<'PY'
import resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.run(sys.argv[2:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f'{sys.argv[1]}: user {used.ru_utime:.1f} s, system {used.ru_stime:.1f} s, '
      f'wall {time.monotonic() - began:.1f} s, peak {used.ru_maxrss / 1024:.0f} MB', flush=True)
sys.exit(code)
PY
}

for what in ${*:-half}; do
    case $what in
    half) users=1000000 memory=430M ;;
    ten) users=10000000 memory=4G ;;
    *) echo "memory.sh: $what is neither half nor ten" >&2; exit 2 ;;
    esac
    "$TMP/memory" "$users" 44000 40 >"$TMP/data.mf"
    if [ "$what" = half ]; then train unbounded "$TMP/data.mf"; fi
    train bounded "$TMP/data.mf" --memory "$memory"
    if [ "$what" = half ]; then
        cmp "$TMP/unbounded.mf" "$TMP/bounded.mf" && echo 'the same bytes'
    fi
done
