"""What a model thinks of the items, for one user."""

from ._need import numpy as np
from .bundle import Bundle

NUMBERS = ("study", "explicit")  # presets that take values as they are


def active(bundle: Bundle, user: int) -> np.ndarray:
    """[p] bool: the personas of a user (a number) that count in the scores.

    Those that own a training cell; where a value says whether an item is liked, one of
    a value above 0, as far as the ratings are there. All of them where none does.
    """
    model, ratings = bundle.need_model(), bundle.ratings
    if model.z is None or model.zptr is None:
        return np.ones(model.personas, bool)
    owners = model.z[model.zptr[user] : model.zptr[user + 1]]
    if ratings is not None and model.card["preset"] not in NUMBERS:
        row = ratings.of(user)
        owners = owners[ratings.values[row][ratings.fold[row] == 0] > 0]
    found = np.bincount(owners, minlength=model.personas) > 0
    return found if found.any() else ~found


def scores(bundle: Bundle, user, persona: int | None = None):
    """The score of each item for a user of the bundle, by id or by number.

    Returns (scores [items] float32, persona [items]): mu and biases plus
    max_q <U[user, q], V[i]> over the active personas, and the q, counted from 0, that
    says it. With `persona`, what that one alone would say. Items that the user knows
    are not left out, and users who were held out whole are not placed:
    mfpipe.recommend does both.
    Raises KeyError or IndexError for an unknown user, ValueError without a model.
    """
    model = bundle.need_model()
    u = bundle.user(user) if isinstance(user, str) else int(user)
    if not 0 <= u < len(bundle.users):
        raise IndexError(f"user {u} of {len(bundle.users)}")
    each = model.V @ model.U[u].T  # [items, p]
    if persona is None:
        each[:, ~active(bundle, u)] = -np.inf
        spoken = each.argmax(1)
    else:
        spoken = np.full(len(each), persona)
    best = each[np.arange(len(each)), spoken] + np.float32(model.card.get("mu") or 0)
    if model.item_bias is not None and model.user_bias is not None:
        best = best + model.item_bias + model.user_bias[u]
    return best, spoken
