"""Digests of cells: which cells a model was trained on, and which it never saw."""

from ._need import numpy as np
from ._need import xxhash


def digest_of_cells(bundle, folds, with_values: bool) -> int:
    """The sum modulo 2^64, over the cells of these folds, of XXH3-64 of user, byte 0
    and item, seeded with the bits of the value as float32, or with 0."""
    ratings, total = bundle.need_ratings(), 0
    items = [name.encode() for name in bundle.items]
    mask = ratings.mask(folds)
    bits = ratings.values.astype("<f4").view("<u4") * np.uint32(with_values)
    for u, name in enumerate(bundle.users):
        begin, end = ratings.indptr[u], ratings.indptr[u + 1]
        cells = begin + np.flatnonzero(mask[begin:end])
        if not len(cells):
            continue
        user = name.encode() + b"\0"
        for item, seed in zip(ratings.indices[cells].tolist(), bits[cells].tolist()):
            total += xxhash.xxh3_64_intdigest(user + items[item], seed)
    return total & 0xFFFFFFFFFFFFFFFF
