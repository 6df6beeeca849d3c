#!/usr/bin/env python3
"""measure.py [-N N] MODEL [OPTIONS]...: what ways to make lists cost and gain.

Each OPTIONS is one argument, such as '--rarity=.2 --diversify=mmr:.7'; without
any, a set of them. Prints a line for each: the means over the users with test
cells, of lists of N (20) items; README.md beside this file says what they are."""
import argparse, shlex, subprocess, sys
try:
    import msgpack, numpy as np
except ModuleNotFoundError as missing:
    sys.exit(f'measure.py: there is no module {missing.name} for {sys.executable}: "pip install msgpack numpy" or, '
             'for the python3 of Debian, "apt install python3-msgpack python3-numpy"')

TRAIN, VALID, TEST, FOLD_IN = range(4)
USUAL = ['--rarity=-.3', '--rarity=.1', '--rarity=.2', '--rarity=.4', '--diversify=mmr:.9',
         '--diversify=mmr:.7', '--diversify=mmr:.5', '--diversify=mmr:.3', '--diversify=personas']


def read(path):
    """Ids, rows, item vectors and the personas of training cells."""
    names, parts = {'user': [], 'item': []}, {'len': [], 'item': [], 'fold': [], 'V': [], 'z': []}
    tag = None
    for tag, payload, _ in msgpack.Unpacker(open(path, 'rb'), max_buffer_size=1 << 26):
        f = msgpack.unpackb(payload, strict_map_key=False)
        if tag == 'I':
            text, ends = f['text'].encode(), np.cumsum(np.frombuffer(f['len'], '<u4'))
            names[f['axis']] += [text[a:b].decode() for a, b in zip([0, *ends[:-1]], ends)]
        elif tag == 'R':
            item = np.frombuffer(f['item'], '<u4')
            parts['len'].append(np.frombuffer(f['len'], '<u4'))
            parts['item'].append(item)
            parts['fold'].append(np.frombuffer(f.get('fold', bytes(len(item))), 'u1'))
        elif tag == 'M':
            k = f['k']
        elif tag == 'F' and f['side'] == 'item':
            parts['V'].append(np.frombuffer(f['data'], '<f4'))
        elif tag == 'F' and 'z' in f:
            parts['z'].append(np.frombuffer(f['z'], 'u1'))
    if tag != 'E':
        sys.exit(f'measure.py: {path}: no whole bundle')
    if not parts['V'] or not parts['len']:
        sys.exit(f'measure.py: {path}: no model with its ratings')
    join = {key: np.concatenate(arrays) for key, arrays in parts.items() if arrays}
    unit = join['V'].reshape(-1, k).astype(float)
    unit /= np.maximum(np.linalg.norm(unit, axis=1), 1e-30)[:, None]
    item, fold = join['item'], join['fold']
    z = np.zeros(len(item), int)
    if 'z' in join:
        z[fold == TRAIN] = join['z']
    ends = np.cumsum(join['len'])
    rows = [slice(a, b) for a, b in zip([0, *ends[:-1]], ends)]
    share = np.maximum(np.bincount(item[fold == TRAIN], minlength=len(unit)), 1) / len(rows)
    return names, unit, share, [(item[r], fold[r], z[r]) for r in rows]


def lists_of(path, options, n, names):
    """The lists of mf-recommend, by user."""
    number = {name: i for i, name in enumerate(names['item'])}
    out = subprocess.run(['mf-recommend', f'-N{n}', *shlex.split(options), path], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    lists = {}
    for line in out.split('\n')[:-1]:
        user, _, item = line.split('\t')[:3]
        lists.setdefault(user, []).append(number[item])
    return lists


def places(rows, items, rank=32, width=48, sweeps=12):
    """A map of the items, of training cells alone: what goes together more than
    popularity alone would bring it (regularized correspondence analysis)."""
    x = np.zeros((len(rows), items), 'f4')
    for u, (item, fold, _) in enumerate(rows):
        x[u, item[fold == TRAIN]] = 1
    user, item = x.sum(1), x.sum(0)
    x -= np.outer(user, item / x.sum())
    x /= np.sqrt(np.outer(user + user[user > 0].mean(), item + item[item > 0].mean()))
    basis = np.random.default_rng(1).standard_normal((items, min(width, items))).astype('f4')
    for _ in range(sweeps):
        basis = np.linalg.qr(x.T @ (x @ basis))[0]
    _, s, turn = np.linalg.svd(x @ basis, full_matrices=False)
    place = (basis @ turn.T)[:, :rank] * s[:rank] ** 2
    return place / np.maximum(np.linalg.norm(place, axis=1), 1e-30)[:, None]


def centers(place, clusters=5):
    """Of the clusters of a history: spherical k-means++."""
    rng = np.random.default_rng(len(place))
    if len(place) <= clusters:
        return place
    found = place[[rng.integers(len(place))]]
    while len(found) < clusters:
        far = np.maximum(1 - (place @ found.T).max(1), 0)
        if far.sum() < 1e-6:
            break
        found = np.vstack([found, place[rng.choice(len(place), p=far / far.sum())]])
    last = None
    for _ in range(20):
        near = (place @ found.T).argmax(1)
        if last is not None and (near == last).all():
            break
        last = near
        sums = np.stack([place[near == c].sum(0) if (near == c).any() else found[c] for c in range(len(found))])
        found = sums / np.maximum(np.linalg.norm(sums, axis=1), 1e-30)[:, None]
    return found


def tastes(found, listed):
    """Of the tastes of a user, those that a list is near to."""
    near = listed @ found.T
    return len(np.unique(near.argmax(1)[near.max(1) >= .7]))


def sides(unit, row, listed):
    """Of the personas' own cells' centers, those that a listed item is nearest to."""
    item, fold, z = row
    own = np.unique(z[fold == TRAIN])
    found = np.stack([unit[item[(fold == TRAIN) & (z == q)]].sum(0) for q in own])
    found /= np.maximum(np.linalg.norm(found, axis=1), 1e-30)[:, None]
    return len(np.unique((unit[listed] @ found.T).argmax(1))), len(own)


def measure(names, unit, share, rows, place, own, lists, n):
    gain = 1 / np.log2(np.arange(2, n + 2))
    out, used = [], set()
    for name, row, found in zip(names['user'], rows, own):
        item, fold, _ = row
        test, listed = item[fold == TEST], np.array(lists.get(name, []), int)
        used.update(listed)
        if len(test) == 0 or len(listed) == 0 or not (fold == TRAIN).any():
            continue
        cosines = unit[listed] @ unit[listed].T
        pairs = len(listed) * (len(listed) - 1)
        out.append([(gain[:len(listed)] * np.isin(listed, test)).sum() / gain[:len(test)].sum(),
                    tastes(found, place[listed]), len(found), *sides(unit, row, listed), -np.log2(share[listed]).mean(),
                    1 - (cosines.sum() - np.trace(cosines)) / pairs if pairs else 0])
    return np.array(out), len(used) / len(unit)


def interval(difference):
    """95 % of the means of users drawn again."""
    rng = np.random.default_rng(1)
    means = [difference[rng.integers(0, len(difference), len(difference))].mean() for _ in range(1000)]
    return np.percentile(means, [2.5, 97.5])


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument('-N', type=int, default=20)
    args.add_argument('model')
    args.add_argument('options', nargs=argparse.REMAINDER)  # they look like ours
    a = args.parse_args()
    model = read(a.model)
    place = places(model[3], len(model[1]))
    own = [centers(place[item[fold == TRAIN]]) for item, fold, _ in model[3]]
    plain = None
    print(f'| lists | ndcg@{a.N} | change | tastes | personas | novelty | coverage | diversity |\n' + '| --- ' * 8 + '|')
    for options in ['', *(a.options or USUAL)]:
        users, coverage = measure(*model, place, own, lists_of(a.model, options, a.N, model[0]), a.N)
        plain = users if plain is None else plain
        ndcg, met, there, own_met, own_there, novelty, diversity = users.mean(0)
        low, high = interval(users[:, 0] - plain[:, 0]) / plain[:, 0].mean()
        change = f'{ndcg / plain[:, 0].mean() - 1:+.1%} [{low:+.1%}, {high:+.1%}]' if options else ''
        print(f'| {options.replace("--", "") or "by score"} | {ndcg:.4f} | {change} | {met:.2f} of {there:.2f} | '
              f'{own_met:.2f} of {own_there:.2f} | {novelty:.2f} | {coverage:.1%} | {diversity:.3f} |', flush=True)


if __name__ == '__main__':
    try:
        main()
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        sys.exit(f'measure.py: {error}')
