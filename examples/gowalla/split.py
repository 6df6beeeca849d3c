#!/usr/bin/env python3
"""Whether test cells were drawn at random from each user's cells.

usage: split.py TRAIN TEST

A line has a user and one place or more, with white space between. Prints, for places by how many cells they
have in all, the share of them that are test cells, beside that of one random split with as
many test cells of each user; then chi square a place of either split, which is about 1
where cells are drawn at random.
"""
import collections
import math
import random
import sys


def cells(path):
    users = collections.defaultdict(list)
    with open(path) as lines:
        for line in lines:
            user, *places = line.split()
            users[user] += places
    return users


def counts(users):
    return collections.Counter(place for places in users.values() for place in places)


def main(train_path, test_path):
    train, test = cells(train_path), cells(test_path)
    every = {user: sorted(train[user] + places) for user, places in sorted(test.items())}
    for user in train:
        every.setdefault(user, train[user])
    rng = random.Random(1)
    drawn = {user: rng.sample(every[user], len(places)) for user, places in sorted(test.items())}
    size, real, chance = counts(every), counts(test), counts(drawn)
    share = sum(real.values()) / sum(size.values())

    classes = collections.defaultdict(list)
    for place, n in size.items():
        classes[min(int(math.log2(n)), 10)].append(place)
    print('cells of a place\tplaces\ttest cells, %\tat random, %')
    for power, places in sorted(classes.items()):
        total = sum(size[place] for place in places)
        print(f'{2 ** power} or more', len(places),
              *(f'{100 * sum(some[place] for place in places) / total:.1f}' for some in (real, chance)),
              sep='\t')

    def chi_square(some):
        return sum((some[place] - n * share) ** 2 / (n * share * (1 - share))
                   for place, n in size.items()) / len(size)
    print(f'chi square a place\t\t{chi_square(real):.2f}\t{chi_square(chance):.2f}')


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__.split('\n\n')[1])
    main(*sys.argv[1:])
