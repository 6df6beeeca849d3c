"""What mf-eval --lists measures, once more, from its manual page, and lists to try it on.

    lists CELLS SEED           lists of the users in CELLS (user, item, value, fold) and of others,
                               as `user item score`: with ties, repeated, known and unknown items
    eval CELLS LISTS RELEVANT  `user metric value` of each user with a relevant test cell
    counts CELLS LISTS         what is wrong with the lists, as --format=json has it
"""
import math
import random
import sys

METRICS = ['precision@3', 'recall@3', 'recall-all@3', 'hr@3', 'ndcg@3', 'map@3', 'ndcg@100', 'recall@100',
           'map@100', 'mrr', 'novelty@3', 'popularity@3']
TRAIN, VALID, TEST = '0', '1', '2'


def read(path):
    return [line.rstrip('\n').split('\t') for line in open(path, encoding='utf-8')]


def lists_of(lines):
    """The best first; of equal scores the last item."""
    lists = {}
    for user, item, score in lines:
        lists.setdefault(user, []).append((float(score), item.encode(), item))
    return {user: [item for _, _, item in sorted(found, reverse=True)] for user, found in lists.items()}


def make(cells, seed):
    rng = random.Random(seed)
    users, items = sorted({c[0] for c in cells}), sorted({c[1] for c in cells})
    lines = []
    for user in users + ['nobody 1', 'nobody 2']:
        if rng.random() < .1:
            continue
        pool = items + ['nothing %d' % i for i in range(3)]
        found = [rng.choice(pool) for _ in range(rng.randrange(1, 12))]
        lines += [(user, item, rng.choice(['.5', '0.25', '-1e-3', '%.17g' % rng.random()])) for item in found]
    return lines


def evaluate(cells, lists, least):
    items = {c[1] for c in cells}
    train = [(u, i) for u, i, x, f in cells if f == TRAIN and float(x) > 0]
    heard = {i: sum(j == i for _, j in train) for i in items}
    users = len({u for u, _ in train})
    for user in sorted({c[0] for c in cells}, key=str.encode):
        wanted = {i for u, i, x, f in cells if u == user and f == TEST and float(x) >= least}
        if not wanted and any(u == user and f == TEST for u, _, _, f in cells):
            print(*(f'{user}\t{name}\tnan' for name in METRICS), sep='\n')
        if not wanted:
            continue
        full = lists.get(user, [])
        hit = [item in wanted and item not in full[:r] for r, item in enumerate(full)]
        for name in METRICS:
            kind, _, n = name.partition('@')
            n = int(n or 10 ** 6)
            top, most = hit[:n], min(n, len(wanted))
            shown = [i for r, i in enumerate(full[:n]) if i in items and i not in full[:r]]
            gain = [1 / math.log2(r + 2) for r in range(max(len(top), most))]
            value = {
                'precision': lambda: sum(top) / n,
                'recall': lambda: sum(top) / most,
                'recall-all': lambda: sum(top) / len(wanted),
                'hr': lambda: float(any(top)),
                'ndcg': lambda: sum(g for g, h in zip(gain, top) if h) / sum(gain[:most]),
                'map': lambda: sum(sum(top[:r + 1]) / (r + 1) for r in range(len(top)) if top[r]) / most,
                'mrr': lambda: 1 / (hit.index(True) + 1) if any(hit) else 0,
                'novelty': lambda: sum(math.log2(users / max(heard[i], 1)) for i in shown) / len(shown),
                'popularity': lambda: sum(heard[i] / users for i in shown) / len(shown),
            }[kind]
            print(user, name, '%.10g' % value() if shown or kind not in ('novelty', 'popularity') else 'nan', sep='\t')


def counts(cells, lists, lines):
    users, items = {c[0] for c in cells}, {c[1] for c in cells}
    ranked = {u for u, _, x, f in cells if f == TEST and float(x) > 0}
    known = {(u, i): f for u, i, _, f in cells if f != TEST}
    own = {u: found for u, found in lists.items() if u in ranked}
    first = [(u, i) for u, found in own.items() for r, i in enumerate(found) if i not in found[:r]]
    scores = {u: [float(s) for v, _, s in lines if v == u] for u in own}
    tied = [sum(x.count(s) > 1 for s in x) for x in scores.values()]
    places = {
        'lists': len(own), 'missing': len(ranked - set(own)),
        'shortest': min(map(len, own.values())), 'longest': max(map(len, own.values())),
        'unknown_users': len(set(lists) - users),
        'unknown_places': sum(i not in items for _, i in first),
        'known_places': sum(p in known for p in first),
        'validation_places': sum(known.get(p) == VALID for p in first),
        'repeated_places': sum(map(len, own.values())) - len(first),
        'tied_lists': sum(map(bool, tied)), 'tied_places': sum(tied)}
    for name, n in sorted(places.items()):
        print(name, n)


if __name__ == '__main__':
    what, cells = sys.argv[1], read(sys.argv[2])
    if what == 'lists':
        for line in make(cells, int(sys.argv[3])):
            print(*line, sep='\t')
    elif what == 'counts':
        counts(cells, lists_of(read(sys.argv[3])), read(sys.argv[3]))
    else:
        evaluate(cells, lists_of(read(sys.argv[3])), float(sys.argv[4]))
