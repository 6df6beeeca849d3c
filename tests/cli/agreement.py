"""agreement.py MODEL TRUTH: how well the personas of a model's training cells are those
that msd-synth planted, over the pairs of cells of users with 8 or more: the share of pairs
on which both agree whether they are of one persona, the share expected by chance, and
the first adjusted for the second (1: always, 0: as by chance)."""
import collections
import sys

import eval_oracle


def alike(things):
    """The number of pairs that are equal."""
    return sum(n * (n - 1) // 2 for n in collections.Counter(things).values())


planted = {}
for line in open(sys.argv[2], encoding='utf-8'):
    user, artist, persona = line.rstrip('\n').split('\t')
    planted[user, artist] = persona
model = eval_oracle.read(sys.argv[1])
agree = chance = pairs = 0
for u, row in enumerate(model['rows']):
    cells = [(z, planted.get((model['user'][u], model['item'][item])))
             for z, item in zip(model['z'][u], (i for i, _, fold in row if fold == 0))]
    if len(cells) < 8:
        continue
    n = len(cells) * (len(cells) - 1) // 2
    found = alike(z for z, _ in cells)
    true = alike(p for _, p in cells)
    agree += n - found - true + 2 * alike(cells)
    chance += n * (found / n * true / n + (1 - found / n) * (1 - true / n))
    pairs += n
print(f'{agree / pairs:.4f}\t{chance / pairs:.4f}\t{(agree - chance) / (pairs - chance):.4f}')
