#!/bin/bash
# Training by several processes: bytes a sweep, the share of communication and the
# efficiency of 1, 2 and 4 ranks of one thread on M; and, as root, the same among network
# namespaces that are joined by links of 10 and 1 Gb/s.
#
#   make MPI=1 && bench/mpi.sh DATA.mf [WHAT...]
#
# WHAT: ranks, links (both). RANKS="1 2 4", K="64 512", SWEEPS="64:4 512:2" (sweeps by
# factors), RATES="10gbit 1gbit". Open MPI as root wants OMPI_ALLOW_RUN_AS_ROOT=1 and
# OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1, which this sets.
set -u
cd "$(dirname "$0")/.."
export PATH="$PWD/build-mpi/bin:$PATH" OMP_NUM_THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
DATA=${1:?'bench/mpi.sh DATA.mf'}
shift
WHAT=${*:-ranks links}
RANKS=${RANKS:-1 2 4} K=${K:-64 512} SWEEPS=${SWEEPS:-64:4 512:2} RATES=${RATES:-10gbit 1gbit}
TMP=$(mktemp -d)
NET=10.77.0

sweeps() {
    for pair in $SWEEPS; do
        if [ "${pair%:*}" = "$1" ]; then echo "${pair#*:}"; return; fi
    done
    echo 3
}

# train NAME RANKS K COMMAND...: seconds of the sweeps, and what was moved, by the log.
train() {
    local name=$1 ranks=$2 k=$3 n
    shift 3
    n=$(sweeps "$k")
    "$@" mf-als -v -j1 -p 1 -k "$k" -n "$n" -u 8x -l .003 --log "$TMP/log" "$DATA" \
        -o "$TMP/out.mf" 2>"$TMP/notes" || { tail -n 5 "$TMP/notes"; return; }
    python3 - "$name" "$ranks" "$k" "$n" "$TMP/log" "$TMP/notes" "$TMP/base.$k" <<'PY'
import json, os, re, sys
name, ranks, k, n, log, notes, base = sys.argv[1:]
ranks, n = int(ranks), int(n)
lines = [json.loads(line) for line in open(log)]
at = {(e['iteration'], e['half']): e['seconds'] for e in lines}
items = sum(at[i, 'items'] - at.get((i - 1, 'users'), at[0, 'start'] if (0, 'start') in at else 0) for i in range(1, n + 1)) / n
users = sum(at[i, 'users'] - at[i, 'items'] for i in range(1, n + 1)) / n
sweep = items + users
if ranks == 1:
    open(base, 'w').write(str(sweep))
one = float(open(base).read()) if os.path.exists(base) else float('nan')
note = re.search(r'ranks: .*', open(notes).read())
moved = {}
share = 0.
if note:
    for kind in ('Gram matrices', 'items', 'V', 'small'):
        m = re.search(rf'(?:sweep |; ){kind} (\S+) MB, (\S+) s', note.group())
        moved[kind] = (float(m.group(1)), float(m.group(2)))
    share = float(re.search(r'([\d.e+-]+) % of', note.group()).group(1))
row = [name, k, ranks, f'{sweep:.3f}', f'{items:.3f}', f'{users:.3f}']
row += [f'{moved[x][0]:.3g}' if x in moved else '' for x in ('Gram matrices', 'items', 'V', 'small')]
row += [f'{sum(s for _, s in moved.values()):.3f}' if moved else '', f'{share:.1f}', f'{one / sweep:.2f}', f'{100 * one / sweep / ranks:.0f}']
print('| ' + ' | '.join(map(str, row)) + ' |', flush=True)
PY
}

head_of_table() {
    echo
    echo "| link | k | ranks | s a sweep | items | users | Gram MB | items MB | V MB | small MB | s waiting | share % | speed-up | efficiency % |"
    echo "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
}

on_one_machine() {
    echo "# MB a rank receives in a sweep, and seconds in calls, waiting for others among them"
    head_of_table
    for k in $K; do
        for r in $RANKS; do
            train memory "$r" "$k" mpirun -q -n "$r" --oversubscribe
        done
    done
}

# --- network namespaces: mf1 .. mfN on a bridge ---

take_down() {
    for i in 1 2 3 4; do ip netns del mf$i 2>/dev/null; done
    ip link del mfbr 2>/dev/null
}

# build RATE: every link has it in both directions.
build() {
    take_down
    ip link add mfbr type bridge && ip link set mfbr up || return 1
    for i in 1 2 3 4; do
        ip netns add mf$i && ip link add mfv$i type veth peer name eth0 netns mf$i &&
            ip link set mfv$i master mfbr && ip link set mfv$i up &&
            ip -n mf$i addr add $NET.$i/24 dev eth0 && ip -n mf$i link set eth0 up &&
            ip -n mf$i link set lo up || return 1
        tc qdisc add dev mfv$i root tbf rate "$1" burst 1mb latency 50ms &&
            ip netns exec mf$i tc qdisc add dev eth0 root tbf rate "$1" burst 1mb latency 50ms ||
            return 1
    done
}

# How mpirun starts a daemon on host $NET.I: in its namespace, under a name of its own,
# so that ranks know that they share no memory.
make_agent() {
    cat >"$TMP/agent" <<'SH'
#!/bin/sh
i=${1##*.}
shift
exec ip netns exec mf$i unshare --uts sh -c 'hostname "$0"; eval "$@"' mf$i "$*"
SH
    chmod +x "$TMP/agent"
}

among() {
    local ranks=$1 hosts='' i
    shift
    for i in $(seq "$ranks"); do hosts=$hosts${hosts:+,}$NET.$i:1; done
    ip netns exec mf1 unshare --uts sh -c 'hostname mf1; exec "$@"' mpirun \
        mpirun -q -n "$ranks" -H "$hosts" --mca plm_rsh_agent "$TMP/agent" \
        --mca oob_tcp_if_include $NET.0/24 --mca btl tcp,self \
        --mca btl_tcp_if_include $NET.0/24 --bind-to none --mca mpi_yield_when_idle 1 \
        -x PATH -x OMP_NUM_THREADS "$@"
}

over_links() {
    if [ "$(id -u)" != 0 ] || ! command -v ip >/dev/null || ! command -v tc >/dev/null; then
        echo "links: they want root, ip and tc: left out"
        return
    fi
    make_agent
    trap 'take_down; rm -rf "$TMP"' EXIT
    echo
    echo "# The same, each rank in a network namespace of its own"
    head_of_table
    for rate in $RATES; do
        build "$rate" || { echo "links: namespaces are not allowed here: left out"; return; }
        for k in $K; do
            for r in $RANKS; do
                [ "$r" = 1 ] || train "$rate" "$r" "$k" among "$r"
            done
        done
    done
}

trap 'rm -rf "$TMP"' EXIT
for what in $WHAT; do
    case $what in
    ranks) on_one_machine ;;
    links) over_links ;;
    *) echo "bench/mpi.sh: $what is neither ranks nor links" >&2; exit 2 ;;
    esac
done
