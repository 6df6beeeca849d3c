"""From plays to a picture of a listener's personas: cells as in a notebook.

    python3 tour.py [PICTURE]

Each part between two lines of # %% can be run by itself, one after the other.
"""

# %% Made-up listeners, each with three tastes; of your own: mfpipe.convert(...),
# mfpipe.from_pandas(...), mfpipe.aggregate(...)
import sys
from pathlib import Path

import mfpipe
import personas  # beside this file: draws

plays = mfpipe.synth(users=800, artists=500)
print(plays)

# %% Some cells are hidden to test with; two models are trained on the rest
split = mfpipe.split(plays, test="15%", valid="10%")
plain = mfpipe.als(split, k=16, personas=1)
model = mfpipe.als(split, k=16, personas=3)

# %% Is it worth it?
found = mfpipe.evaluate(plain, model, metrics=["ndcg@20"], baseline="popularity")
for m in found["metrics"]:
    print(f'{m["model"]:12} {m["mean"]:.4f} [{m["low"]:.4f}, {m["high"]:.4f}]')

# %% One listener: what each persona plays, and what it would like
user = personas.most_divided(model)
items, _, owner = personas.cells_of(model, user)
(new,) = mfpipe.recommend(model, user=model.users[user], top=40)
for q in sorted(set(owner.tolist())):
    best = [x["item"] for x in new["items"] if x["persona"] == q + 1]
    print("persona", q + 1, "plays", ", ".join(model.items[items[owner == q]][:3]))
    print("    and would like", ", ".join(best[:3]))

# %% The picture of the README of mfpipe
picture = Path(sys.argv[1] if len(sys.argv) > 1 else "personas.svg")
picture.write_text(personas.draw(model, user), encoding="utf-8")
