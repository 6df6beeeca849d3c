"""agreement.py MODEL TRUTH: how well the personas of a model's training cells are those
that msd-synth planted, over the pairs of cells of users with 8 or more: the share of pairs
on which both agree whether they are of one persona, the share expected by chance, and
the first adjusted for the second (1: always, 0: as by chance)."""
import collections
import itertools
import sys

import eval_oracle

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
    same = collections.Counter((a[0] == b[0], a[1] == b[1])
                               for a, b in itertools.combinations(cells, 2))
    found = (same[True, True] + same[True, False]) / n
    true = (same[True, True] + same[False, True]) / n
    agree += same[True, True] + same[False, False]
    chance += n * (found * true + (1 - found) * (1 - true))
    pairs += n
print(f'{agree / pairs:.4f}\t{chance / pairs:.4f}\t{(agree - chance) / (pairs - chance):.4f}')
