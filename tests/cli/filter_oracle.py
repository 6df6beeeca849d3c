"""What mf-filter keeps, written down again: filter_oracle.py [OPTION VALUE]... < CELLS

Cells are user, item, value, fold, time, as timed.py --show prints them. Options are those
of mf-filter, each followed by a value (--core yes). The minimums are repeated by brute
force.
"""
import operator
import sys

SIGN = {'>=': operator.ge, '<=': operator.le, '!=': operator.ne, '>': operator.gt,
        '<': operator.lt, '=': operator.eq}
cells = [line.rstrip('\n').split('\t') for line in sys.stdin]
least, core = {0: 1, 1: 1}, False
for option, value in zip(sys.argv[1::2], sys.argv[2::2]):
    option = option.removeprefix('--')
    if option.removeprefix('not-') in ('users', 'items'):
        listed = set(open(value, encoding='utf-8').read().split('\n'))
        axis = option.endswith('items')
        cells = [c for c in cells if (c[axis] in listed) != option.startswith('not-')]
    elif option == 'value':
        sign = value[:2] if value[:2] in SIGN else value[0]
        cells = [c for c in cells if SIGN[sign](float(c[2]), float(value[len(sign):]))]
    elif option == 'since':
        cells = [c for c in cells if int(c[4]) >= int(value)]
    elif option == 'until':
        cells = [c for c in cells if int(c[4]) < int(value)]
    elif option == 'core':
        core = True
    else:
        least[{'min-items': 0, 'min-users': 1}[option]] = int(value)


def drop(axis):
    """Those with too few go: axis 0 users, 1 items."""
    count = {}
    for c in cells:
        count[c[axis]] = count.get(c[axis], 0) + 1
    return [c for c in cells if count[c[axis]] >= least[axis]]


before = None
while before != len(cells):
    before = len(cells)
    cells = drop(1)
    cells = drop(0)
    if not core:
        break
for c in cells:
    print(*c, sep='\t')
