"""Evaluate and recommend from a bundle, independently of the library: the test
of both tools. `eval_oracle.py eval MODEL [RELEVANT]` prints name, mean, n;
`eval_oracle.py recommend MODEL N` prints user, rank, item, persona."""
import math
import struct
import sys

import msgpack

import beyond_oracle

TRAIN, VALID, TEST, FOLD_IN = range(4)
METRICS = ('precision@1 precision@7 recall@3 recall@1000 recall-all@2 hr@2 ndcg@5 ndcg@100 '
           'map@4 map@100 mrr auc rmse mae loss mse').split()


def array(data, code):
    return list(struct.unpack('<%d%s' % (len(data) // struct.calcsize(code), code), data))


def read(path):
    model = {'user': [], 'item': [], 'rows': [], 'U': [], 'V': [], 'z': [], 'b': [], 'c': []}
    for tag, payload, _ in msgpack.Unpacker(open(path, 'rb'), raw=False):
        f = msgpack.unpackb(payload, raw=False, strict_map_key=False)
        if tag == 'I':
            text, at = f['text'].encode() if isinstance(f['text'], str) else f['text'], 0
            for n in array(f['len'], 'I'):
                model[f['axis']].append(text[at:at + n].decode())
                at += n
        elif tag == 'R':
            item, at = array(f['item'], 'I'), 0
            value = array(f['value'], 'I' if model['value'] == 'u32' else 'f')
            fold = list(f['fold']) if 'fold' in f else [0] * len(item)
            cells = list(zip(item, value, fold))
            for n in array(f['len'], 'I'):
                model['rows'].append(cells[at:at + n])
                at += n
        elif tag == 'F':
            data = array(f['data'], 'f')
            model['V' if f['side'] == 'item' else 'U'] += data
            if 'bias' in f:
                model['c' if f['side'] == 'item' else 'b'] += array(f['bias'], 'f')
            if 'z' in f:
                z, at = list(f['z']), 0
                for n in array(f['len'], 'I'):
                    model['z'].append(z[at:at + n])
                    at += n
        elif tag in 'HM':
            model.update(f)
    return model


def solve(a, b):
    """a x = b by elimination; a is positive definite."""
    n = len(b)
    for c in range(n):
        for r in range(n):
            if r != c:
                f = a[r][c] / a[c][c]
                a[r] = [x - f * y for x, y in zip(a[r], a[c])]
                b[r] -= f * b[c]
    return [b[r] / a[r][r] for r in range(n)]


def outer(a, w, v):
    for f in range(len(v)):
        for g in range(len(v)):
            a[f][g] += w * v[f] * v[g]


def numbers(m):
    return m['preset'] in ('study', 'explicit')


def known(m, row, fold):
    """The cells of a fold that say something."""
    return [(i, x) for i, x, f in row if f == fold and (numbers(m) or x != 0)]


def fold_in(m, u):
    """The vector and bias of a held-out user, where p is 1."""
    k, n = m['k'], len(m['item'])
    v = [m['V'][i * k:(i + 1) * k] for i in range(n)]
    cells = known(m, m['rows'][u], FOLD_IN)
    ridge = m['lambda_users'] * (len(cells) + m['unobserved'] * n) ** m['nu']
    beta = m.get('lambda_bias', 0) * len(cells) ** m['nu']
    bias, x = 0, [0] * k
    for _ in range(200 if m['b'] else 1):
        if m['b']:
            left = [r - m['mu'] - m['c'][i] - math.fsum(map(lambda s, t: s * t, x, v[i])) for i, r in cells]
            bias = math.fsum(left) / (len(cells) + beta)
        a, b = [[ridge * (f == g) for g in range(k)] for f in range(k)], [0] * k
        for i in range(n):
            outer(a, m['unobserved'], v[i])
        for i, r in cells:
            c, liked = m['alpha'] * abs(r) if 'alpha' in m else 1, r > 0
            weight, aim = {'implicit': (1, liked), 'wrmf': (c, liked and 1 + c), 'study': (0, r),
                           'explicit': (1, r - m['mu'] - bias - m['c'][i] if m['b'] else r)}[m['preset']]
            outer(a, weight, v[i])
            b = [s + aim * t for s, t in zip(b, v[i])]
        x = solve(a, b)
    return x, bias


def place(m):
    """Fold in the held-out users of a model of one persona."""
    for u, row in enumerate(m['rows']):
        if m['p'] == 1 and known(m, row, FOLD_IN) and not known(m, row, TRAIN):
            x, bias = fold_in(m, u)
            m['U'][u * m['k']:(u + 1) * m['k']] = x
            if m['b']:
                m['b'][u] = bias
    return m


def score(m, u):
    """The scores of all items and who speaks for each."""
    k, p = m['k'], m['p']
    own = set(beyond_oracle.owners(m, u))
    best = []
    for i in range(len(m['item'])):
        v = m['V'][i * k:(i + 1) * k]
        dots = [(math.fsum(a * b for a, b in zip(m['U'][(u * p + q) * k:], v)), -q)
                for q in range(p) if not own or q in own]
        best.append(max(dots))
    base = [m['mu'] + m['b'][u] + c for c in m['c']] if m['b'] else [m['mu']] * len(best)
    return [b + s for b, (s, _) in zip(base, best)], [-q for _, q in best]


def ranked(m, u, scores):
    seen = {i for i, _, f in m['rows'][u] if f in (TRAIN, VALID, FOLD_IN)}
    return sorted((i for i in range(len(scores)) if i not in seen),
                  key=lambda i: (-scores[i], i))


def one_user(name, order, relevant):
    cut = int(name.split('@')[1]) if '@' in name else None
    hit = [i in relevant for i in order]
    top, most = hit[:cut], min(cut or 1, len(relevant))
    gain = [1 / math.log2(r + 2) for r in range(max(len(order), most))]
    kind = name.split('@')[0]
    if kind == 'auc':
        others = len(order) - len(relevant)
        right = sum(not b for r, a in enumerate(hit) if a for b in hit[r + 1:])
        return right / (len(relevant) * others) if others else None
    if kind == 'mrr':
        return 1 / (hit.index(True) + 1)
    if kind == 'precision':
        return sum(top) / cut
    if kind == 'recall':
        return sum(top) / most
    if kind == 'recall-all':
        return sum(top) / len(relevant)
    if kind == 'hr':
        return float(any(top))
    if kind == 'ndcg':
        return sum(g for g, h in zip(gain, top) if h) / sum(gain[:most])
    return sum(sum(top[:r + 1]) / (r + 1) for r in range(len(top)) if top[r]) / most


def evaluate(m, least=None):
    stored = numbers(m)
    values, errors, lists = {name: [] for name in METRICS[:-4]}, [], []
    for u, row in enumerate(m['rows']):
        relevant = {i for i, x, f in row if f == TEST and (x > 0 if least is None else x >= least)}
        if not any(f == TEST for _, _, f in row):
            continue
        scores, persona = score(m, u)
        errors += [(x if stored else x > 0) - scores[i] for i, x, f in row if f == TEST]
        if not relevant:
            continue
        order, persona = listed(m, u, scores, persona)
        lists.append((u, order, persona))
        for name in METRICS[:-4]:
            values[name].append(one_user(name, order, relevant))
    for name in METRICS[:-4]:
        defined = [v for v in values[name] if v is not None]
        print(name, sum(defined) / len(defined), len(defined))
    squared = math.fsum(e * e for e in errors)
    print('rmse', math.sqrt(squared / len(errors)), len(errors))
    print('mae', math.fsum(map(abs, errors)) / len(errors), len(errors))
    print('loss', squared, len(errors))
    print('mse', squared / len(errors), len(errors))
    beyond_oracle.evaluate(m, lists)


def is_known(m, u):
    """Has the user known cells, and a vector, among those that are active?"""
    k, p = m['k'], m['p']
    own = set(beyond_oracle.owners(m, u))
    return any(f in (TRAIN, FOLD_IN) for _, _, f in m['rows'][u]) and any(
        any(m['U'][(u * p + q) * k:][:k]) for q in range(p) if not own or q in own)


def listeners(m):
    heard = [i for row in m['rows'] for i, x, f in row if f == TRAIN and x > 0]
    return [heard.count(i) for i in range(len(m['item']))]


def listed(m, u, scores, persona):
    """The order in which mf-eval has the items, and who speaks for each: nobody to a stranger, to
    whom a model without biases shows what is popular."""
    if is_known(m, u):
        return ranked(m, u, scores), persona
    return ranked(m, u, m['c'] or listeners(m)), None


def popular(m, u):
    """What is listed, without a persona, for a user of whom a model without biases knows nothing."""
    scores = listeners(m)
    return [i for i in ranked(m, u, scores) if scores[i]], [-1] * len(scores)


def recommend(m, n):
    for u, user in enumerate(m['user']):
        scores, persona = score(m, u)
        order = ranked(m, u, scores)
        if not is_known(m, u):
            order, persona = popular(m, u)
        for rank, i in enumerate(order[:n], 1):
            print(user, rank, m['item'][i], persona[i] + 1, sep='\t')


if __name__ == '__main__':
    if sys.argv[1] == 'metrics':
        print(','.join(METRICS + beyond_oracle.METRICS + beyond_oracle.PERSONA_METRICS))
    elif sys.argv[1] == 'eval':
        evaluate(place(read(sys.argv[2])), *map(float, sys.argv[3:]))
    else:
        recommend(place(read(sys.argv[2])), int(sys.argv[3]))
