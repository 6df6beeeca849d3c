"""Lists of mf-recommend with reasons, rarity and diversity, independently of the
library. `lists_oracle.py MODEL N LISTS [G] [none|personas:L|L]` reads the JSON lines
of LISTS and fails with what is wrong."""
import json
import math
import sys

import eval_oracle as o

CLOSE = 2e-4
COVERED = 0  # lists that no rounding decides


def dot(x, y):
    return math.fsum(a * b for a, b in zip(x, y))


class Model:
    def __init__(self, path):
        self.m = m = o.read(path)
        self.k, self.p, self.n = m['k'], m['p'], len(m['item'])
        self.v = [m['V'][i * self.k:(i + 1) * self.k] for i in range(self.n)]
        self.gram = [[0.0] * self.k for _ in range(self.k)]
        for v in self.v:
            o.outer(self.gram, 1, v)
        heard = [i for row in m['rows'] for i, x, f in row if f == o.TRAIN and x > 0]
        self.all = sum(any(f == o.TRAIN and x > 0 for _, x, f in row) for row in m['rows'])
        self.listeners = [max(heard.count(i), 1) for i in range(self.n)]
        self.r = 1 if m['preset'] == 'study' else (1 + (self.p - 1) * m['overlap']) / self.p

    def user(self, u):
        self.u = u
        self.cells = [(i, x) for i, x, f in self.m['rows'][u] if f == o.TRAIN]
        self.z = self.m['z'][u] if self.p > 1 else [0] * len(self.cells)
        self.vectors = [self.m['U'][(u * self.p + q) * self.k:][:self.k] for q in range(self.p)]
        self.speak = sorted(set(self.z)) or list(range(self.p))
        b = self.m['b']
        self.base = [self.m.get('mu', 0) + b[u] + c for c in self.m['c']] if b else [0] * self.n
        self.seen = {i for i, _, f in self.m['rows'][u] if f != o.TEST}
        return self

    def parts(self, q, item):
        """What each cell adds to persona q's score of the item."""
        m, cells = self.m, len(self.cells)
        overlap, r = m['overlap'], (1 + (self.p - 1) * m['overlap']) / self.p
        if self.p > 1 and m['shrink'] > 0:
            overlap = (overlap * cells + m['shrink']) / (cells + m['shrink'])
        c = m.get('persona_cells', 0)
        parts = min(self.p, 1 + cells // c) if c else self.p
        overlap = overlap if parts > 1 else 1
        own = parts * r / (1 + (parts - 1) * overlap)
        weight = cells + m['unobserved'] * self.n
        ridge = m['lambda_users'] * ((r * weight) ** m['nu'] if m['preset'] == 'study'
                                     else r * weight ** m['nu'])
        a = [[self.r * m['unobserved'] * self.gram[f][g] + ridge * (f == g) for g in range(self.k)]
             for f in range(self.k)]
        weigh = []
        for (i, x), z in zip(self.cells, self.z):
            rho = own if z == q else overlap * own
            c = x * m['alpha'] if 'alpha' in m else 1
            weight, aim = {'implicit': (c, c), 'wrmf': (c, 1 + c), 'study': (0, x),
                           'explicit': (1, x - self.base[i])}[m['preset']]
            o.outer(a, rho * weight, self.v[i])
            weigh.append(rho * aim)
        y = o.solve(a, list(self.v[item]))
        return [w * dot(self.v[i], y) for w, (i, _) in zip(weigh, self.cells)]

    def scores(self, q, g):
        out = []
        for i in range(self.n):
            s = self.base[i] + dot(self.vectors[q], self.v[i])
            w = (self.listeners[i] / self.all) ** -g
            out.append(s * w if s > 0 else s / w)
        return out


def check_reasons(model, got):
    names = model.m['item']
    tastes = [(model.z.count(q), q) for q in set(model.z)]
    tastes.sort(key=lambda t: (-t[0], t[1]))
    assert [(t['cells'], t['persona'] - 1) for t in got['personas']] == tastes, got['user']
    for t in got['personas']:
        q = t['persona'] - 1
        own = [(dot(model.vectors[q], model.v[i]), i) for (i, _), z in zip(model.cells, model.z) if z == q]
        own.sort(key=lambda x: -x[0])
        assert abs(t['share'] - len(own) / len(model.cells)) < 1e-9
        said = [dot(model.vectors[q], model.v[names.index(name)]) for name in t['typical']]
        assert len(said) == min(3, len(own))
        assert all(abs(a - b) < CLOSE for a, (b, _) in zip(said, own)), (said, own)
    for x in got['items']:
        q, item = x['persona'] - 1, names.index(x['item'])
        parts = model.parts(q, item)
        score = dot(model.vectors[q], model.v[item])
        assert abs(math.fsum(parts) - score) < CLOSE * (1 + sum(map(abs, parts))), (parts, score)
        speaks = {names[i]: part for part, (i, _) in zip(parts, model.cells) if part > 0}
        most, total = sorted(speaks.values(), reverse=True)[:3], math.fsum(speaks.values())
        assert abs(len(x['because']) - len(most)) == 0, (x, most)
        for because, part in zip(x['because'], most):
            assert abs(speaks[because['item']] / total - because['share']) < CLOSE * 10, (because, part / total)
            assert abs(part / total - because['share']) < CLOSE * 10


def check_cover(model, n, listed, scores, best, l):
    """As many items as the list has, by the definition, but where two are all but equals."""
    order = sorted(best, key=lambda i: -best[i])
    pool, size = order[:max(100, 5 * n)], [math.sqrt(dot(v, v)) for v in model.v]
    speaker = {i: min(q for q in model.speak if scores[q][i] == best[i]) for i in pool}
    root = {q: math.sqrt(model.z.count(q)) for q in model.speak}
    root = {q: r / sum(root.values()) for q, r in root.items()}
    left = [root[q] / model.z.count(q) for q in model.z] + [.3 * root.get(q, 0) for q in range(model.p)]

    def says(i):
        cosines = (dot(model.v[i], model.v[j]) / (size[i] * size[j] or 1) for j, _ in model.cells)
        return [min(max((c - .4) / .4, 0), 1) for c in cosines] + [float(q == speaker[i]) for q in range(model.p)]
    part, lo, hi, chosen = {i: says(i) for i in pool}, best[pool[-1]], best[pool[0]], []
    for place in range(min(n, len(pool))):
        def worth(i):
            rel = (best[i] - lo) / (hi - lo) if hi > lo else 0
            return l * rel / math.log2(place + 2) + (1 - l) * dot(left, part[i])
        new = sorted((i for i in pool if i not in chosen), key=lambda i: -worth(i))
        if len(new) > 1 and worth(new[0]) - worth(new[1]) < CLOSE:
            return  # rounding decides, here and for all that follows
        chosen.append(new[0])
        left = [a * (1 - m) for a, m in zip(left, part[new[0]])]
    global COVERED
    COVERED += 1
    assert sorted(chosen) == sorted(listed), (chosen, listed)
    assert all(best[i] > best[j] - CLOSE for i, j in zip(listed, listed[1:])), listed


def check_list(model, n, got, g, how):
    names = model.m['item']
    listed = [(names.index(x['item']), x['persona'] - 1, x['score']) for x in got['items']]
    scores = {q: model.scores(q, g) for q in model.speak}
    free = [i for i in range(model.n) if i not in model.seen]
    assert len(listed) == min(n, len(free)) and len({i for i, _, _ in listed}) == len(listed)
    for i, q, s in listed:
        assert i in free and abs(scores[q][i] - s) < CLOSE * (1 + abs(s)), (names[i], scores[q][i], s)
    best = {i: max(scores[q][i] for q in model.speak) for i in free}
    if how.startswith('personas'):
        return check_cover(model, n, [i for i, _, _ in listed], scores, best, float(how[9:]))
    pool = sorted(best.values(), reverse=True)[:max(100, 10 * n)]
    lo, hi, chosen = pool[-1], pool[0], []
    for i, q, s in listed:
        left = [j for j in free if j not in chosen]
        if how == 'none':
            assert s > max(best[j] for j in left) - CLOSE * (1 + abs(s))
        elif chosen:
            def worth(j):
                size = math.sqrt(dot(model.v[j], model.v[j]))
                near = max(dot(model.v[j], model.v[c]) / size / math.sqrt(dot(model.v[c], model.v[c])) for c in chosen)
                return float(how) * (best[j] - lo) / (hi - lo) - (1 - float(how)) * near
            assert worth(i) > max(worth(j) for j in left if best[j] >= lo) - CLOSE, (names[i], worth(i))
        chosen.append(i)


def main():
    model, n = Model(sys.argv[1]), int(sys.argv[2])
    g, how = float(sys.argv[4]) if len(sys.argv) > 4 else 0, sys.argv[5] if len(sys.argv) > 5 else 'none'
    number = {name: u for u, name in enumerate(model.m['user'])}
    reasons = lists = 0
    for line in open(sys.argv[3]):
        got = json.loads(line)
        model.user(number[got['user']])
        check_list(model, n, got, g, how)
        lists += len(got['items']) > 1
        if 'personas' in got:
            check_reasons(model, got)
            reasons += sum(len(x['because']) for x in got['items'])
    assert lists > 30 and (COVERED > 5 or 'personas' not in how)
    print(reasons)


if __name__ == '__main__':
    main()
