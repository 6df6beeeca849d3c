"""What mf-eval says of slices, files and baselines, independently of it.

    by MODEL activity|popularity Q   name, mean, n, slice, as --format=tsv has them
    run MODEL RUN QRELS METRIC...    the means of metrics over the lists of a run
                                     file, in the order that trec_eval gives them
    baselines MODEL                  rmse and mae of `mean` and `bias`"""
import math
import struct
import sys
import urllib.parse

import eval_oracle as o

KNOWN = (o.TRAIN, o.FOLD_IN)


def cut(keys, weights, q):
    """The slice of each thing, 1 .. q: that in which the middle of the weight of
    all that have its key lies."""
    total = sum(weights)
    return [1 + min(q - 1, int(q * (sum(w for j, w in zip(keys, weights) if j < k) +
                                    sum(w for j, w in zip(keys, weights) if j == k) / 2) / total))
            for k in keys]


def by(path, what, q):
    m = o.place(o.read(path))
    stored = m['preset'] in ('study', 'explicit')
    tested = [u for u, row in enumerate(m['rows']) if any(f == o.TEST for _, _, f in row)]
    parts = {}  # slice -> [(user, test cells)]
    if what == 'activity':
        slices = cut([sum(f in KNOWN for _, _, f in m['rows'][u]) for u in tested], [1] * len(tested), q)
        for u, s in zip(tested, slices):
            parts.setdefault(s, []).append((u, [c for c in m['rows'][u] if c[2] == o.TEST]))
    else:
        train, test = [0] * len(m['item']), [0] * len(m['item'])
        for row in m['rows']:
            for i, x, f in row:
                train[i] += f == o.TRAIN and x > 0
                test[i] += f == o.TEST
        slices = cut(train, test, q)
        for u in tested:
            for s in range(1, q + 1):
                cells = [c for c in m['rows'][u] if c[2] == o.TEST and slices[c[0]] == s]
                if cells:
                    parts.setdefault(s, []).append((u, cells))
    scored = {u: o.score(m, u)[0] for u in tested}
    order = {u: o.listed(m, u, scored[u], None)[0] for u in tested}
    for s in sorted(parts):
        for name in ('ndcg@5', 'recall@3', 'mrr'):
            relevant = [(u, {i for i, x, _ in cells if x > 0}) for u, cells in parts[s]]
            values = [o.one_user(name, order[u], items) for u, items in relevant if items]
            print(name, math.fsum(values) / len(values), len(values), f'{what}:{s}/{q}')
        errors = [(x if stored else x > 0) - scored[u][i] for u, cells in parts[s] for i, x, _ in cells]
        print('rmse', math.sqrt(math.fsum(e * e for e in errors) / len(errors)), len(errors), f'{what}:{s}/{q}')


def single(x):
    return struct.unpack('f', struct.pack('f', float(x)))[0]


def run(path, lists, qrels, *metrics):
    """trec_eval reads scores as float and takes no notice of ranks: highest score
    first, and where scores are equal the last name."""
    relevant, listed, tags = {}, {}, set()
    for line in open(qrels, encoding='utf-8'):
        user, _, item, one = line.split()
        assert one == '1'
        relevant.setdefault(user, set()).add(item)
    for line in open(lists, encoding='utf-8'):
        user, q0, item, rank, score, tag = line.split()
        assert q0 == 'Q0' and int(rank) == len(listed.setdefault(user, [])) + 1
        listed[user].append((single(score), item))
        tags.add(tag)
    assert len(tags) == 1 and set(listed) == set(relevant)
    m = o.place(o.read(path))
    for u, user in enumerate(m['user']):  # ids can be had back
        names = {urllib.parse.unquote(i) for k, r in relevant.items() if urllib.parse.unquote(k) == user for i in r}
        assert names == {m['item'][i] for i, _, f in m['rows'][u] if f == o.TEST}, (user, names)
    sums = dict.fromkeys(metrics, 0)
    for user, pairs in listed.items():
        order = [i for _, i in sorted(pairs, key=lambda p: p[1], reverse=True)]
        order.sort(key=dict((i, s) for s, i in pairs).get, reverse=True)
        assert order == [i for _, i in pairs], user
        for name in metrics:
            sums[name] += o.one_user(name, order, relevant[user])
    for name in metrics:
        print(name, '%.9f' % (sums[name] / len(listed)))


def baselines(path):
    m = o.read(path)
    train = [x for row in m['rows'] for _, x, f in row if f == o.TRAIN]
    mu = math.fsum(train) / len(train)
    item = []
    for i in range(len(m['item'])):
        values = [x - mu for row in m['rows'] for j, x, f in row if j == i and f == o.TRAIN]
        item.append(sum(values) / (len(values) + 25))
    errors = {'mean': [], 'bias': []}
    for row in m['rows']:
        left = [x - mu - item[i] for i, x, f in row if f in KNOWN]
        user = sum(left) / (len(left) + 10)
        for i, x, f in row:
            if f == o.TEST:
                errors['mean'].append(x - mu)
                errors['bias'].append(x - mu - user - item[i])
    for name, e in errors.items():
        print('rmse', '%.6f' % math.sqrt(sum(x * x for x in e) / len(e)), len(e), name)
        print('mae', '%.6f' % (sum(map(abs, e)) / len(e)), len(e), name)


if __name__ == '__main__':
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == 'by':
        by(arguments[0], arguments[1], int(arguments[2]))
    else:
        {'run': run, 'baselines': baselines}[command](*arguments)
