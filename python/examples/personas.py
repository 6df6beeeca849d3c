#!/usr/bin/env python3
"""Draw the personas of a listener as an SVG.

    personas.py [MODEL] [--user ID] [--top N] [-o FILE]

The artists of one user lie on a map where those with similar factors are near: the
first two principal components of their unit vectors. Dots are what the user plays,
coloured by the persona that owns it, larger where it is played more; rings are what is
recommended, of the colour of the persona that speaks for it. Without a model, a small
data set with planted tastes is made and trained on; without --user, the one is drawn
with most to see.
"""

import argparse
import html
import sys
import unicodedata
from pathlib import Path
from typing import NamedTuple

try:
    import mfpipe
    import numpy as np
except ImportError as missing:
    sys.exit(f"personas.py: {missing}")

WIDTH, HEIGHT, TOP, BOTTOM, SIDE = 1080, 760, 104, 96, 56
COLOURS = (
    "#1f6fb4",
    "#d1571b",
    "#17866b",
    "#a8478f",
    "#8a6d00",
    "#5b54c4",
    "#4d7c0f",
    "#b4233c",
)
FONT = (
    "'Source Sans 3', 'Noto Sans', 'DejaVu Sans', 'Helvetica Neue', Arial, sans-serif"
)
SIZE = 13  # of labels, in pixels
SHOWN = 16  # artists of each persona that are drawn, at most


class Spot(NamedTuple):
    """Something on the map."""

    name: str
    persona: int
    x: float
    y: float
    radius: float
    heard: bool


class Box(NamedTuple):
    """Where a label lies: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float

    def meets(self, other: "Box") -> bool:
        return (
            self.x0 < other.x1
            and other.x0 < self.x1
            and self.y0 < other.y1
            and other.y0 < self.y1
        )


def synthetic_model() -> mfpipe.Bundle:
    """A model of made-up listeners, each with several tastes that were planted."""
    return mfpipe.als(mfpipe.synth(users=1500, artists=600), k=24, personas=3)


def units(vectors: np.ndarray) -> np.ndarray:
    """Each vector divided by its length."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def cells_of(model: mfpipe.Bundle, user: int):
    """Items, values and personas of a user's training cells."""
    r, m = model.ratings, model.model
    row = r.of(user)
    train = r.fold[row] == 0
    owner = (
        np.zeros(train.sum(), int)
        if m.z is None
        else m.z[m.zptr[user] : m.zptr[user + 1]].astype(int)
    )
    return r.indices[row][train], r.values[row][train].astype(float), owner


def most_divided(model: mfpipe.Bundle) -> int:
    """The user with most to see: personas that lie far apart and have about as many
    artists each, whose names people know."""
    directions, best, chosen = units(model.model.V), -np.inf, 0
    listeners = np.bincount(model.ratings.indices, minlength=len(model.items))
    known = listeners >= np.quantile(listeners[listeners > 0], 0.9)
    for user in range(len(model.users)):
        items, _, owner = cells_of(model, user)
        share = np.bincount(owner, minlength=model.model.personas)
        if not 12 <= len(items) <= 60 or share.min() < 4:
            continue
        centres = units(
            np.stack([directions[items[owner == q]].mean(0) for q in range(len(share))])
        )
        near = (directions[items] * centres[owner]).sum(1).mean()
        between = (centres @ centres.T)[~np.eye(len(share), dtype=bool)]
        worth = (
            near
            - (between.max() if between.size else 0)
            + min(known[items].mean(), 0.7)
            + min(share.min() / share.max(), 0.6)
        )
        if worth > best:
            best, chosen = worth, user
    return chosen


def spots_of(model: mfpipe.Bundle, user: int, top: int) -> list:
    """What is on the map: the artists of the user, and those that come of them."""
    items, values, owner = cells_of(model, user)
    spoken = [q for q in range(model.model.personas) if (owner == q).any()]
    heard = []
    for q in spoken:
        mine = np.flatnonzero(owner == q)
        heard += list(mine[np.argsort(-values[mine], kind="stable")][:SHOWN])
    score, speaks = mfpipe.scores(model, user)
    row = model.ratings.of(user)
    known = model.ratings.indices[row][model.ratings.fold[row] != 2]
    score[known] = -np.inf  # what is held out for the test may be recommended
    best = np.argsort(-score, kind="stable")
    best = best[score[best] > -np.inf]
    new = [(i, q) for q in spoken for i in best[speaks[best] == q][:top].tolist()]
    numbers = np.array([*items[heard], *(i for i, _ in new)])
    personas = [*owner[heard].tolist(), *(q for _, q in new)]

    vectors = units(model.model.V[numbers])
    centred = vectors - vectors.mean(0)
    place = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    if place.shape[1] < 2:
        place = np.c_[place, np.zeros(len(place))]
    place = (
        np.sign(place) * np.abs(place) ** 0.75
    )  # what is crowded in the middle opens
    low, high = place.min(0), place.max(0)
    room = np.array([WIDTH - 2 * SIDE - 150, HEIGHT - TOP - BOTTOM - 40])
    where = (place - low) / np.maximum(high - low, 1e-9) * room + [SIDE + 75, TOP + 20]
    loud = np.log1p(values[heard])
    radius = 4 + 5 * (loud - loud.min()) / max(np.ptp(loud), 1e-9)
    spots = [
        Spot(str(model.items[i]), q, x, y, r, n < len(heard))
        for n, (i, q, (x, y), r) in enumerate(
            zip(numbers, personas, where.tolist(), [*radius, *[5.5] * len(new)])
        )
    ]
    return pushed_apart(spots)


def pushed_apart(spots: list) -> list:
    """The same, where each has room for a label: some steps of repulsion."""
    turn = np.arange(len(spots)) * 2.4  # artists of equal factors part, too
    at = np.array([[s.x, s.y] for s in spots]) + np.c_[np.cos(turn), np.sin(turn)]
    room = np.clip(0.55 * np.sqrt(WIDTH * (HEIGHT - TOP - BOTTOM) / len(spots)), 36, 72)
    scale = np.array([1, 1.5])  # labels are wider than high: apart in y
    low, high = [SIDE + 20, TOP + 6], [WIDTH - SIDE - 20, HEIGHT - BOTTOM]
    for _ in range(150):
        gap = (at[:, None] - at[None]) * scale
        far = np.sqrt((gap**2).sum(-1)) + 1e-9
        over = np.maximum(room - far, 0)
        np.fill_diagonal(over, 0)
        at += (gap / far[..., None] * over[..., None]).sum(1) / scale * 0.12
        at = np.clip(at, low, high)
    return [s._replace(x=x, y=y) for s, (x, y) in zip(spots, at.tolist())]


def width_of(text: str, size: float = SIZE, bold: bool = False) -> float:
    """How wide a text is in pixels, in a wide font."""
    em = sum(
        (
            1
            if unicodedata.east_asian_width(c) in "WF"
            else (
                0
                if unicodedata.combining(c)
                else (
                    0.38
                    if c in "iljtfrI.,:;'!|()[] "
                    else 0.97 if c in "mwMW@%&" else 0.72 if c.isupper() else 0.62
                )
            )
        )
        for c in text
    )
    return em * size * (1.09 if bold else 1)


def shortened(text: str, most: int = 30) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def place_labels(spots: list) -> list:
    """(spot, text, x, baseline, anchor, box) for as many labels as find room, none
    on another or on a dot. What is recommended, and what is played most, comes first.
    """
    dots = [
        Box(
            s.x - s.radius - 1,
            s.y - s.radius - 1,
            s.x + s.radius + 1,
            s.y + s.radius + 1,
        )
        for s in spots
    ]
    placed: list = []
    order = sorted(range(len(spots)), key=lambda n: (spots[n].heard, -spots[n].radius))
    for n in order:
        s, text = spots[n], shortened(spots[n].name)
        wide, gap = width_of(text, SIZE, not s.heard), s.radius + 4
        for far in (0, 6, 13, 20):
            for dx, dy in (
                (1, 0),
                (-1, 0),
                (0, -1),
                (0, 1),
                (1, -1),
                (1, 1),
                (-1, -1),
                (-1, 1),
            ):
                reach = gap + far if not (dx and dy) else (gap + far) * 0.6
                left = (
                    s.x + reach
                    if dx > 0
                    else s.x - reach - wide if dx < 0 else s.x - wide / 2
                )
                middle = s.y + dy * (reach + SIZE * 0.5)
                box = Box(left, middle - SIZE * 0.56, left + wide, middle + SIZE * 0.56)
                inside = (
                    box.x0 > 12
                    and box.x1 < WIDTH - 12
                    and box.y0 > TOP - 16
                    and box.y1 < HEIGHT - BOTTOM + 22
                )
                if (
                    inside
                    and not any(box.meets(b) for i, b in enumerate(dots) if i != n)
                    and not any(box.meets(p[-1]) for p in placed)
                ):
                    anchor = ("end", "middle", "start")[dx + 1]
                    placed.append(
                        (
                            s,
                            text,
                            left + (1 - dx) * wide / 2,
                            middle + SIZE * 0.35,
                            anchor,
                            box,
                        )
                    )
                    break
            else:
                continue
            break
    return placed


def halo(spots: list, colour: str) -> str:
    """A soft ellipse around what a persona owns and says."""
    at = np.array([[s.x, s.y] for s in spots])
    centre = at.mean(0)
    spread = np.cov(at.T) if len(at) > 2 else np.eye(2) * 400
    values, vectors = np.linalg.eigh(spread + np.eye(2) * 300)
    rx, ry = 1.45 * np.sqrt(values[::-1])
    angle = np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))
    return (
        f'<g clip-path="url(#map)"><ellipse rx="{rx:.1f}" ry="{ry:.1f}" '
        f'fill="{colour}" opacity=".08" '
        f'transform="translate({centre[0]:.1f} {centre[1]:.1f}) '
        f'rotate({angle:.1f})"/></g>'
    )


def text_at(x, y, words, size=SIZE, fill="#222", more="") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" {more}>'
        f"{html.escape(words)}</text>"
    )


def percents(shares: dict) -> dict:
    """Whole per cent that add to 100: the largest remainders are rounded up."""
    whole = {q: int(100 * share) for q, share in shares.items()}
    rest = sorted(shares, key=lambda q: whole[q] - 100 * shares[q])
    for q in rest[: 100 - sum(whole.values())]:
        whole[q] += 1
    return whole


def leader(spot: Spot, box: Box) -> str:
    """A thin line from a dot to its label, where others have pushed the label away."""
    x = min(max(spot.x, box.x0), box.x1)
    y = min(max(spot.y, box.y0), box.y1)
    far = np.hypot(x - spot.x, y - spot.y)
    if far < spot.radius + 9:
        return ""
    part = spot.radius / far
    return (
        f'<line x1="{spot.x + (x - spot.x) * part:.1f}" '
        f'y1="{spot.y + (y - spot.y) * part:.1f}" x2="{x:.1f}" y2="{y:.1f}" '
        f'stroke="{COLOURS[spot.persona % 8]}" stroke-width="1"/>'
    )


def legend(shares: dict) -> list:
    """Who the personas are, at the foot, and what the signs mean, at the head."""
    parts, x, y = [], float(SIDE), HEIGHT - 34
    for q, share in percents(shares).items():
        words = f"persona {q + 1}, {share}%"
        parts += [
            f'<circle cx="{x + 6:.1f}" cy="{y - 5}" r="6" '
            f'fill="{COLOURS[q % 8]}"/>',
            text_at(x + 19, y, words, 14),
        ]
        x += 19 + width_of(words, 14) + 8
    x = WIDTH - SIDE - 118
    return [
        *parts,
        f'<circle cx="{x}" cy="41" r="6" fill="#888"/>',
        text_at(x + 15, 46, "plays", 14),
        f'<circle cx="{x}" cy="65" r="5" fill="#fff" stroke="#888" '
        'stroke-width="2.4"/>',
        text_at(x + 15, 70, "recommended", 14),
    ]


def draw(model: mfpipe.Bundle, user: int, top: int = 5) -> str:
    """The SVG."""
    spots = spots_of(model, user, top)
    items, _, owner = cells_of(model, user)
    shares = {q: float((owner == q).mean()) for q in sorted(set(owner.tolist()))}
    number = ("no", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight")
    count = number[len(shares)] if len(shares) < len(number) else str(len(shares))
    title = f"{count} persona{'s' if len(shares) > 1 else ''} of one listener"
    name = shortened(str(model.users[user]), 16)
    said = (
        f"{len(items)} artists of user {name}, and what is recommended; what is near "
        "is alike"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="{FONT}">',
        f"<title>{html.escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fffdf8"/>',
        f'<clipPath id="map"><rect x="8" y="{TOP - 18}" width="{WIDTH - 16}" '
        f'height="{HEIGHT - TOP - BOTTOM + 50}" rx="12"/></clipPath>',
        text_at(SIDE, 50, title, 26, "#111", 'font-weight="600"'),
        text_at(SIDE, 76, said, 15, "#666"),
    ]
    for q in shares:
        parts.append(halo([s for s in spots if s.persona == q], COLOURS[q % 8]))
    for s in spots:
        look = (
            f'fill="{COLOURS[s.persona % 8]}" stroke="#fffdf8" stroke-width="1.2"'
            if s.heard
            else f'fill="#fffdf8" stroke="{COLOURS[s.persona % 8]}" '
            'stroke-width="2.4"'
        )
        parts.append(
            f'<circle cx="{s.x:.1f}" cy="{s.y:.1f}" r="{s.radius:.1f}" {look}>'
            f"<title>{html.escape(s.name)}</title></circle>"
        )
    labels = place_labels(spots)
    parts += filter(None, (leader(s, box) for s, *_, box in labels))
    for s, words, x, y, anchor, _ in labels:
        parts.append(
            text_at(
                x,
                y,
                words,
                SIZE,
                "#333" if s.heard else COLOURS[s.persona % 8],
                f'text-anchor="{anchor}"' + ("" if s.heard else ' font-weight="600"'),
            )
        )
    return "\n".join([*parts, *legend(shares), "</svg>", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", nargs="?", help="a bundle with a model (made up)")
    parser.add_argument("--user", help="whom to draw (the one with most to see)")
    parser.add_argument("--top", type=int, default=5, help="recommendations each (5)")
    parser.add_argument("-o", "--output", default="personas.svg", help="(personas.svg)")
    args = parser.parse_args()
    try:
        model = mfpipe.read(args.model) if args.model else synthetic_model()
        if model.model is None or model.ratings is None:
            raise ValueError(
                "the bundle needs ratings and a model: pipe it through " "mf-als"
            )
        user = model.user(args.user) if args.user else most_divided(model)
        if not len(cells_of(model, user)[0]):
            raise ValueError("nothing is known of this user")
        Path(args.output).write_text(draw(model, user, args.top), encoding="utf-8")
    except (ValueError, KeyError, OSError, mfpipe.ToolError) as error:
        words = error.args[0] if isinstance(error, KeyError) else error
        sys.exit(f"personas.py: {words}")


if __name__ == "__main__":
    main()
