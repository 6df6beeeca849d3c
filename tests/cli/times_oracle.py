"""Folds by time, written down again: times_oracle.py METHOD TEST VALID MIN_TRAIN < CELLS

Cells are user, item, value, fold, time, as timed.py --show prints them; they come out
with the fold that the method gives. TEST and VALID are counts or shares for `last` and
`per-user` shares, for `before` shares (with a point) or times after an @.
"""
import math
import sys

method, test, valid, keep = sys.argv[1:4] + [int(sys.argv[4])]
rows = [line.rstrip('\n').split('\t') for line in sys.stdin]
cells = [(int(r[4]), r[1].encode(), k) for k, r in enumerate(rows)]
fold = [0] * len(rows)


def rounded(share, n):
    return math.floor(float(share) * n + .5)


def cut(amount, among):
    """The time at or after which `amount` of all cells lie, of those in `among`."""
    if amount.startswith('@'):
        return int(amount[1:])
    n = min(rounded(amount, len(cells)), len(among))
    return sorted(among)[-n][0] if n else math.inf


if method == 'before':
    at = cut(test, cells)
    before = cut(valid, [c for c in cells if c[0] < at])
for user in {r[0] for r in rows}:
    row = sorted(c for c in cells if rows[c[2]][0] == user)
    n = len(row)
    if method == 'before':
        tests = sum(c[0] >= at for c in row)
        held = sum(c[0] >= min(at, before) for c in row)
    elif '.' in test:
        tests = rounded(test, n)
        held = tests + rounded(valid, n)
    else:
        tests, held = int(test), int(test) + int(valid)
        if n < held + keep:
            tests = held = 0
    held = min(held, max(n - keep, 0))
    tests = min(tests, held)
    for c in row[n - held:]:
        fold[c[2]] = 1
    for c in row[n - tests:]:
        fold[c[2]] = 2
for r, f in zip(rows, fold):
    print(*r[:3], f, r[4], sep='\t')
