#!/usr/bin/env python3
"""The benchmarks of ours and of the peers. See README.md.

    bench.py WHAT... [--sizes S,M] [--k 16,64,128] [--lines 10M] [--runs 5] [--peers LIST]

WHAT: data train many quality score evaluate aggregate memory (beside peers), whole (trainings with
one and four personas), own (growth of our own tools), roofline (what the machine can do).
Results go to BUILD/bench/*.tsv; report.py makes the tables and plots."""
import argparse

import aggregate
import data
import evaluate
import many
import own
import quality
import score
import train
from harness import THREADS, Place, say

ALL = 'irspack,implicit,cmfrec,faiss,duckdb,numpy,ranx'


def words(text):
    return [w for w in text.split(',') if w]


def numbers(text):
    return [int(w) for w in words(text)]


def cells(text):
    """S:256,512 to a list of (size, k)."""
    size, _, ks = text.partition(':')
    if size not in data.SHAPES and size not in data.REAL:
        raise argparse.ArgumentTypeError(
            f'no size {size}: {" ".join([*data.SHAPES, *data.REAL])}')
    return [(size, k) for k in numbers(ks)]


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('what', nargs='+', choices=['data', 'train', 'many', 'whole', 'quality',
                                               'score', 'evaluate', 'aggregate', 'memory',
                                               'own', 'roofline'])
    p.add_argument('--build', default='build')
    p.add_argument('--out', help='where data and tables go (BUILD/bench)')
    p.add_argument('--real', help='folder of real data (../shared/data)')
    p.add_argument('--sizes', type=words, default=['S', 'M'])
    p.add_argument('--k', type=numbers, default=[16, 64, 128])
    p.add_argument('--many', type=cells, nargs='+', default=many.CELLS, metavar='SIZE:K,K',
                   help='for many: shapes, or hetrec and gowalla, with their factors')
    p.add_argument('--many-runs', type=int, default=3)
    p.add_argument('--solvers', type=words, default=many.OURS, help='for many: of mf-als')
    p.add_argument('--peer-solvers', type=words, default=list(many.PEERS),
                   help='for many: "irspack cg,implicit cg"')
    p.add_argument('--score-k', type=numbers, default=[64])
    p.add_argument('--quality-sizes', type=words, default=['S'])
    p.add_argument('--lines', type=words, default=['10M'])
    p.add_argument('--runs', type=int, default=5)
    p.add_argument('--vary', type=words, default=own.VARY, help='for own')
    p.add_argument('--epochs', type=int, default=2, help='timed in a run')
    p.add_argument('--peers', type=words, default=words(ALL),
                   help=f'of {ALL},sqlite3,mawk; empty: ours alone')
    a = p.parse_args()
    for size in a.sizes + a.quality_sizes:
        if size not in data.SHAPES:
            p.error(f'no size {size}: {" ".join(data.SHAPES)}')
    for lines in a.lines:
        if lines not in data.LINES:
            p.error(f'no such file of lines: {lines}: {" ".join(data.LINES)}')
    place = Place(a.build, a.out, a.real)
    if set(a.peers) - {'sqlite3', 'mawk'} and not place.has_peers():
        say('no peers here (make bench-peers-env): ours alone')
        a.peers = [x for x in a.peers if x in ('sqlite3', 'mawk')]
    say(f'{THREADS} threads')
    if 'roofline' in a.what:
        own.roofline(place)
    if 'data' in a.what:
        for size in a.sizes:
            data.matrix(place, size)
        for lines in a.lines:
            data.shuffled(place, lines)
    if 'train' in a.what:
        train.main(place, a.sizes, a.k, a.runs, a.peers, a.epochs)
    if 'many' in a.what:
        many.main(place, [c for part in a.many for c in part], a.many_runs, a.peers, a.solvers,
                  a.peer_solvers)
    if 'whole' in a.what:
        train.whole(place, a.sizes, a.k, a.runs)
    if 'score' in a.what:
        score.main(place, a.sizes, a.score_k, a.runs, a.peers)
        score.pairs(place, a.sizes, a.score_k, a.runs, a.peers)
    if 'evaluate' in a.what:
        evaluate.main(place, a.sizes, a.score_k, a.runs, a.peers)
    if 'aggregate' in a.what:
        aggregate.main(place, a.lines, a.runs, a.peers)
    if 'quality' in a.what:
        if place.has_peers():
            quality.main(place, a.quality_sizes, a.score_k, a.peers)
        else:
            say('quality is measured with numpy, which is in the peers\' environment: left out')
    if 'memory' in a.what:
        train.memory(place)
    if 'own' in a.what:
        own.main(place, a.sizes, a.runs, a.vary)


if __name__ == '__main__':
    main()
