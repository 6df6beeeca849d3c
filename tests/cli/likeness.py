"""What calibrates msd-synth: mean and median artists of a user, Gini index of the
artists' listeners, ndcg@100 of recommending what is popular.

usage: likeness.py TRIPLETS TRACKS [MEAN MEDIAN GINI NDCG]: print the four; with
four numbers, fail unless each is within 10 % of its own. Artists by exact name,
users with 2 or more; 15 % of the pairs held out, mean over three splits.
"""
import collections
import math
import random
import statistics
import sys


def pairs(triplets, tracks):
    artist = {}
    for line in open(tracks, encoding='utf-8'):
        _, song, name, _ = line.split('<SEP>', 3)
        artist.setdefault(song, name)
    users = collections.defaultdict(set)
    for line in open(triplets, encoding='utf-8'):
        user, song, _ = line.split('\t')
        if song in artist:
            users[user].add(artist[song])
    return {u: sorted(a) for u, a in sorted(users.items()) if len(a) >= 2}


def gini(counts):
    counts = sorted(counts)
    n = len(counts)
    return sum((2 * r - n - 1) * c for r, c in enumerate(counts, 1)) / (n * sum(counts))


def ndcg(users, seed):
    draw = random.Random(seed)
    train, test, heard = {}, {}, collections.Counter()
    for u, artists in users.items():
        held = {a for a in artists if draw.random() < .15}
        train[u], test[u] = set(artists) - held, held
        heard.update(train[u])
    ranked = sorted(heard, key=lambda a: (-heard[a], a))
    gain = [1 / math.log2(r + 2) for r in range(100)]
    scores = []
    for u, held in test.items():
        if held:
            top = [a for a in ranked[:100 + len(train[u])] if a not in train[u]][:100]
            found = sum(g for g, a in zip(gain, top) if a in held)
            scores.append(found / sum(gain[:min(100, len(held))]))
    return statistics.fmean(scores)


users = pairs(sys.argv[1], sys.argv[2])
active = [len(a) for a in users.values()]
listeners = collections.Counter(a for artists in users.values() for a in artists)
found = [statistics.fmean(active), statistics.median(active), gini(listeners.values()),
         statistics.fmean(ndcg(users, seed) for seed in range(3))]
print(*(f'{x:.4f}' for x in found))
for name, got, want in zip(('mean', 'median', 'gini', 'ndcg'), found, map(float, sys.argv[3:])):
    if abs(got / want - 1) > .1:
        sys.exit(f'{name} is {got:.4f}, not within 10 % of {want}')
