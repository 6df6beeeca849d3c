"""What lists and personas say beyond accuracy, by the formulas of mf-eval(1),
independently of the library and slowly: all of B at once, its eigenvectors by
Jacobi rotations. Used by eval_oracle.py."""
import math

TRAIN, VALID, TEST, FOLD_IN = range(4)
METRICS = ('coverage@1 coverage@7 gini@7 gini@1000 novelty@3 novelty@1000 popularity@1 '
           'popularity@8 popularity@1000 diversity@2 diversity@9 variety@5 variety@1000 tastes@1 tastes@5 tastes@20').split()
PERSONA_METRICS = 'personas personas@1 personas@2 personas@3 personas@64 entropy entropy@6 distance'.split()
RANK, CLUSTERS, NEAR, ROUNDS, CLUSTER_STREAM = 32, 5, 0.7, 10, 3
MASK = (1 << 64) - 1


class Rng:
    """xoshiro256++ by (seed, stream, index), as in mf/rng.h."""

    def __init__(self, seed, stream, index):
        x = seed
        for word in (stream, index):
            x, z = self.split(x)
            x = z ^ word
        self.s = []
        for _ in range(4):
            x, z = self.split(x)
            self.s.append(z)

    @staticmethod
    def split(x):
        x = (x + 0x9e3779b97f4a7c15) & MASK
        z = ((x ^ x >> 30) * 0xbf58476d1ce4e5b9) & MASK
        z = ((z ^ z >> 27) * 0x94d049bb133111eb) & MASK
        return x, z ^ z >> 31

    def u64(self):
        def rotl(x, k):
            return (x << k | x >> (64 - k)) & MASK
        s = self.s
        result, t = (rotl((s[0] + s[3]) & MASK, 23) + s[0]) & MASK, s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)
        return result

    def uniform(self):
        return (self.u64() >> 11) * 2.0 ** -53

    def below(self, n):
        while True:
            product = (self.u64() >> 32) * n
            if product % 2 ** 32 >= 2 ** 32 % n:
                return product >> 32


def dot(x, y):
    return math.fsum(a * b for a, b in zip(x, y))


def unit(x):
    length = math.sqrt(dot(x, x))
    return [a / length for a in x] if length > 1e-6 else [0.0] * len(x)


def eigen(a):
    """Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi rotations."""
    n = len(a)
    v = [[float(i == j) for j in range(n)] for i in range(n)]  # rows are vectors
    for _ in range(60):
        if sum(a[i][j] ** 2 for i in range(n) for j in range(i)) < 1e-26:
            break
        for p in range(n):
            for q in range(p + 1, n):
                if abs(a[p][q]) < 1e-18:
                    continue
                theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
                t = math.copysign(1, theta) / (abs(theta) + math.sqrt(theta * theta + 1))
                c = 1 / math.sqrt(t * t + 1)
                s = t * c
                for i in range(n):
                    a[i][p], a[i][q] = c * a[i][p] - s * a[i][q], s * a[i][p] + c * a[i][q]
                for i in range(n):
                    a[p][i], a[q][i] = c * a[p][i] - s * a[q][i], s * a[p][i] + c * a[q][i]
                v[p], v[q] = ([c * x - s * y for x, y in zip(v[p], v[q])],
                              [s * x + c * y for x, y in zip(v[p], v[q])])
    return sorted(((a[i][i], v[i]) for i in range(n)), reverse=True)


def owners(m, u):
    """The personas of the user's training cells, if values are likes of those above 0."""
    numbers = m['preset'] in ('study', 'explicit')
    trained = [x for _, x, f in m['rows'][u] if f == TRAIN]
    return [z for z, x in zip(m['z'][u], trained) if numbers or x > 0] if m['z'] else []


def item_map(m):
    """Places of the items, of length 1 or 0."""
    n = len(m['item'])
    rows = [{i for i, x, f in row if f == TRAIN and x > 0} for row in m['rows']]
    d_u, d_i = [len(row) for row in rows], [sum(i in row for row in rows) for i in range(n)]
    cells = sum(d_u)
    t_u = cells / sum(d > 0 for d in d_u)
    t_i = cells / sum(d > 0 for d in d_i)
    b = [[((i in row) - du * d_i[i] / cells) / math.sqrt((du + t_u) * (d_i[i] + t_i))
          for i in range(n)] for row, du in zip(rows, d_u)]
    columns = list(zip(*b))
    found = eigen([[dot(x, y) for y in columns] for x in columns])[:RANK]
    found = [(value, vector) for value, vector in found if value > 1e-8]
    return [unit([s * v[i] for s, v in found]) if d_i[i] else [0.0] for i in range(n)]


def tastes(places, history, user):
    """The centers of a user's tastes."""
    x = [places[i] for i in history if any(places[i])]
    if len(x) <= CLUSTERS:
        return x
    rng = Rng(1, CLUSTER_STREAM, user)
    centers = [x[rng.below(len(x))]]
    far = [2.0] * len(x)
    while len(centers) < CLUSTERS:
        far = [min(f, max(0.0, 1 - dot(centers[-1], y))) for f, y in zip(far, x)]
        mark, pick = rng.uniform() * sum(far), 0
        while pick + 1 < len(x):
            mark -= far[pick]
            if mark <= 0:
                break
            pick += 1
        centers.append(x[pick])
    for _ in range(ROUNDS):
        z = [nearest(centers, y)[0] for y in x]
        for q in set(z):
            mean = [sum(c) for c in zip(*(y for y, own in zip(x, z) if own == q))]
            centers[q] = unit(mean) if any(mean) else centers[q]
    return [c for q, c in enumerate(centers) if q in set(z)]


def nearest(centers, y):
    cosines = [dot(c, y) for c in centers]
    best = max(cosines)
    return cosines.index(best), best


def spread(places, top):
    pairs = [(i, j) for a, i in enumerate(top) for j in top[:a]]
    return math.fsum(1 - dot(places[i], places[j]) for i, j in pairs) / len(pairs) if pairs else None


def entropy(names):
    shares = [names.count(q) / len(names) for q in set(names)]
    return -math.fsum(s * math.log2(s) for s in shares)


def distance(m, u, speak):
    x = [unit(m['U'][(u * m['p'] + q) * m['k']:][:m['k']]) for q in speak]
    pairs = [1 - dot(y, z) for a, y in enumerate(x) for z in x[:a] if any(y) and any(z)]
    return sum(pairs) / len(pairs) if pairs else None


def evaluate(m, lists):
    """Print name, mean and n. lists: (user, items in order, who speaks for each)."""
    n, k = len(m['item']), m['k']
    known = [[i for i, x, f in row if f in (TRAIN, FOLD_IN) and x > 0] for row in m['rows']]
    training = [{i for i, x, f in row if f == TRAIN and x > 0} for row in m['rows']]
    listeners = [sum(i in row for row in training) for i in range(n)]
    users = sum(map(bool, training))
    own = [unit(m['V'][i * k:(i + 1) * k]) for i in range(n)]
    places = item_map(m)
    centers = {u: tastes(places, known[u], u) for u, _, _ in lists}
    for name in METRICS + (PERSONA_METRICS if m['p'] > 1 else []):
        kind, _, cut = name.partition('@')
        cut = int(cut or 0)
        values, times = [], [0] * n
        for u, order, persona in lists:
            top = order[:cut]
            speak = sorted(set(owners(m, u))) or range(m['p'])
            if kind in ('coverage', 'gini'):
                for i in top:
                    times[i] += 1
                values.append(None)
            elif kind == 'novelty':
                values.append(sum(-math.log2(max(listeners[i], 1) / users) for i in top) / len(top))
            elif kind == 'popularity':
                shares = [sum(i in row for row in training) / users for i in top]
                values.append(math.fsum(shares) / len(shares))
            elif kind in ('diversity', 'variety'):
                values.append(spread(own if kind == 'diversity' else places, top))
            elif kind == 'tastes':
                near = [nearest(centers[u], places[i]) for i in top] if centers[u] else []
                values.append(len({q for q, cosine in near if cosine >= NEAR}))
            elif kind == 'personas':
                values.append(len(speak) == cut if cut else len(speak))
            elif kind == 'entropy':
                spoke = [persona[i] for i in top if persona] if cut else owners(m, u)
                values.append(entropy(spoke) if spoke else None)
            else:
                values.append(distance(m, u, speak))
        if kind == 'coverage':
            print(name, sum(t > 0 for t in times) / n, len(lists))
        elif kind == 'gini':
            # by pairs: half the mean difference over the mean
            total = sum(abs(s - t) for s in times for t in times)
            print(name, total / (2 * n * sum(times)), len(lists))
        else:
            values = [v for v in values if v is not None]
            print(name, sum(values) / len(values) if values else math.nan, len(values))
