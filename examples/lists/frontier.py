#!/usr/bin/env python3
"""frontier.py [-N N,N] [--users U] [--tastes T] MODEL...: what each way to vary lists pays, in ndcg, for tastes.

MODELs are of splits of the same data, with test cells. Writes a line for each way and
each of its settings: the change of ndcg and of the tastes that are met, in percent of
those of the list by score; what MMR meets at that ndcg, as it is and in the order of the
scores, and how many times as much this is. README.md beside this file says more."""
import argparse, subprocess, sys, tempfile
import measure
from measure import TRAIN, TEST, msgpack, np

MMR = [.9, .8, .7, .6]
PERSONAS = [.6, .4, .3, .2, .1]
XQUAD = [.6, .8, .9, .95, 1]
CALIBRATED = [.3, .6, .8, .9, .95]
POOL = 100


def vectors(path):
    """Of the users, [users x personas x k], and of the items."""
    parts = {'user': [], 'item': []}
    for tag, payload, _ in msgpack.Unpacker(open(path, 'rb'), max_buffer_size=1 << 28):
        f = msgpack.unpackb(payload, strict_map_key=False) if tag in 'MF' else None
        if tag == 'M':
            k, p = f['k'], f['p']
        elif tag == 'F':
            parts[f['side']].append(np.frombuffer(f['data'], '<f4'))
    return np.concatenate(parts['user']).reshape(-1, p, k), np.concatenate(parts['item']).reshape(-1, k)


class Personas:
    """The best candidates of each user, and what the personas think of them."""

    def __init__(self, path, names, rows, users, pools):
        u, v = vectors(path)
        self.pool = np.array([pools[names['user'][i]][:POOL] for i in users])
        own = np.array([np.bincount(rows[i][2][rows[i][1] == TRAIN], minlength=u.shape[1]) for i in users])
        scores = np.einsum('uck,uqk->ucq', v[self.pool], u[users]).astype(float)
        there = np.broadcast_to((own > 0)[:, None], scores.shape)
        best = np.where(there, scores, -np.inf).max(2)
        self.relevance = (best - best[:, -1:]) / np.maximum(best[:, :1] - best[:, -1:], 1e-30)
        count = there.sum((1, 2))
        mean = np.where(there, scores, 0).sum((1, 2)) / count
        spread = np.sqrt(np.where(there, (scores - mean[:, None, None]) ** 2, 0).sum((1, 2)) / count) + 1e-12
        e = np.where(there, np.exp((scores - best[:, :, None]) / (.3 * spread[:, None, None])), 0)
        self.whose = e / e.sum(2, keepdims=True)  # P(q|i)
        self.share = own / own.sum(1, keepdims=True)

    def choose(self, n, worth, tell):
        """Greedily, then in the order of the scores."""
        every, state = np.arange(len(self.pool)), np.zeros_like(self.share)
        taken = np.zeros(self.pool.shape, bool)
        for place in range(n):
            value = np.where(taken, -np.inf, worth(state, place))
            best = value.argmax(1)
            taken[every, best] = True
            state = tell(state, self.whose[every, best])
        return np.nonzero(taken)[1].reshape(-1, n)

    def xquad(self, n, l):
        """Santos, Macdonald, Ounis (2010), the personas being the aspects."""
        return self.choose(n, lambda told, _: (1 - l) * self.relevance + l * np.einsum(
            'ucq,uq->uc', self.whose, self.share * (1 - told)) * self.relevance,
            lambda told, p: 1 - (1 - told) * (1 - p))

    def calibrated(self, n, l, alpha=.01):
        """Steck (2018), the personas being the genres."""
        share = self.share[:, None]

        def worth(told, place):
            q = (1 - alpha) * (told[:, None] + self.whose) / (place + 1) + alpha * share
            kl = (share * np.log(np.maximum(share, 1e-12) / np.maximum(q, 1e-12))).sum(2)
            return (1 - l) * self.relevance - l * kl
        return self.choose(n, worth, lambda told, p: told + p)


def of_model(path, lengths, most, clusters, sums):
    """Adds to sums[n, way, L][user] the ndcg and the tastes of the lists of one model."""
    names, unit, _, rows = measure.read(path)
    place = measure.places(rows, len(unit))
    users = [u for u, (_, fold, _) in enumerate(rows) if (fold == TEST).any() and (fold == TRAIN).any()]
    if most < len(users):
        users = sorted(np.random.default_rng(len(users)).choice(users, most, replace=False))
    some = tempfile.NamedTemporaryFile('w')
    print(*(names['user'][u] for u in users), sep='\n', file=some, flush=True)
    these = f'-q --user-list={some.name}'
    wide = measure.lists_of(path, these, max(POOL, 10 * max(lengths)), names)
    users = [u for u in users if len(wide[names['user'][u]]) >= POOL]
    if not users:
        sys.exit(f'frontier.py: {path}: no user with test cells and {POOL} candidates')
    ids = [names['user'][u] for u in users]
    rank = [{item: r for r, item in enumerate(wide[i])} for i in ids]
    others = Personas(path, names, rows, np.array(users), wide)
    width = max(len(wide[i]) for i in ids)
    hit = np.zeros((len(users), width))
    taste = np.full((len(users), width), clusters)  # of each candidate, or none
    for j, u in enumerate(users):
        item, fold, _ = rows[u]
        near = place[wide[ids[j]]] @ measure.centers(place[item[fold == TRAIN]], clusters).T
        taste[j, :len(near)] = np.where(near.max(1) >= .7, near.argmax(1), clusters)
        hit[j, :len(near)] = np.isin(wide[ids[j]], item[fold == TEST])
    tests = np.array([(rows[u][1] == TEST).sum() for u in users])
    gain, every = 1 / np.log2(np.arange(2, max(lengths) + 2)), np.arange(len(users))[:, None]

    def add(n, way, l, at):
        """Lists of places among the candidates."""
        ndcg = (hit[every, at] * gain[:n]).sum(1) / gain.cumsum()[np.minimum(n, tests) - 1]
        met = np.zeros((len(users), clusters + 1), bool)
        met[every, taste[every, at]] = True
        total = sums.setdefault((n, way, l), {})
        for i, x, t in zip(ids, ndcg, met[:, :clusters].sum(1)):
            total.setdefault(i, np.zeros(3))[:] += x, t, 1

    for n in lengths:
        def lists_of(how):
            lists = measure.lists_of(path, f'{these} --diversify={how}', n, names)
            return np.array([[r[item] for item in lists[i]] for i, r in zip(ids, rank)])
        add(n, 'score', 1, np.tile(np.arange(n), (len(users), 1)))
        for l in MMR:
            lists = lists_of(f'mmr:{l}')
            add(n, 'mmr', l, lists)
            add(n, 'mmr, sorted', l, np.sort(lists, 1))
        for l in PERSONAS:
            add(n, 'personas', l, lists_of(f'personas:{l}'))
        for l in XQUAD:
            add(n, 'xquad', l, others.xquad(n, l))
        for l in CALIBRATED:
            add(n, 'calibrated', l, others.calibrated(n, l))


def at(points, loss):
    """What a way gains at a loss, between its settings, and at any lower loss."""
    hull = []
    for p in sorted([(0., 0.), *((max(a, 0), b) for a, b in points)]):
        while len(hull) > 1 and ((hull[-1][0] - hull[-2][0]) * (p[1] - hull[-2][1])
                                 >= (hull[-1][1] - hull[-2][1]) * (p[0] - hull[-2][0])):
            hull.pop()
        hull.append(p)
    most = 0
    for (a, b), (c, d) in zip(hull, hull[1:] + [(np.inf, -np.inf)]):
        if a <= loss:
            most = max(most, b, d if c <= loss else b + (d - b) * (loss - a) / (c - a) if d > b else b)
    return most


def show(n, sums):
    ways = [w[1:] for w in sums if w[0] == n]
    users = sorted(sums[n, 'score', 1])
    mean = np.array([[sums[n, *w][u][:2] / sums[n, *w][u][2] for u in users] for w in ways])  # [ways, users, 2]
    rng = np.random.default_rng(1)
    draws = np.vstack([np.ones(len(users)), rng.multinomial(len(users), np.ones(len(users)) / len(users), 1000)])
    total = np.einsum('bu,wum->bwm', draws, mean)
    change = (total / total[:, :1] - 1) * 100  # [1 + samples, ways, 2]

    def times(way, base):
        """What `base` meets at the same ndcg, how many times as much this is, its interval."""
        which = [i for i, w in enumerate(ways) if w[0] == base]
        most = [at([(-c[i, 0], c[i, 1]) for i in which], max(-c[way, 0], 0)) for c in change]
        out = [c[way, 1] / m if m > 0 else np.inf for c, m in zip(change, most)]
        return [most[0], out[0], *np.percentile(out[1:], [2.5, 97.5], method='nearest')]
    for i, (way, l) in enumerate(ways):
        cells = [x for m in (0, 1) for x in (change[0, i, m], *np.percentile(change[1:, i, m], [2.5, 97.5]))]
        cells += [x for base in ('mmr', 'mmr, sorted') for x in times(i, base)] if i else [0] * 8
        print(n, way, l, *(f'{x:.2f}' for x in cells), sep='\t')


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument('-N', default='10,20')
    args.add_argument('--users', type=int, default=1000, help='at most, of each model (1000)')
    args.add_argument('--tastes', type=int, default=5, help='clusters of a history (5)')
    args.add_argument('model', nargs='+')
    a = args.parse_args()
    lengths, sums = [int(n) for n in a.N.split(',')], {}
    for path in a.model:
        of_model(path, lengths, a.users, a.tastes, sums)
    print('N', 'way', 'L', 'ndcg', 'low', 'high', 'tastes', 'low', 'high', 'mmr', 'times', 'low', 'high',
          'sorted', 'times', 'low', 'high', sep='\t')
    for n in lengths:
        show(n, sums)


if __name__ == '__main__':
    try:
        main()
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        sys.exit(f'frontier.py: {error}')
