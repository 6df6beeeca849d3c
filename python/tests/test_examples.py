"""The picture of a listener: whole, legible, and of the right artists."""

import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

import mfpipe
import numpy as np

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))
import personas  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def crafted() -> mfpipe.Bundle:
    """Two users of 24 artists each; the first has three tastes that lie far apart."""
    names = [f'Artist <{i}> & "Sons"' for i in range(60)]
    b = mfpipe.from_cells(
        ["ann"] * 24 + ["bob"] * 24,
        [names[i] for i in range(24)] + [names[i] for i in range(36, 60)],
        range(1, 49),
    )
    taste = np.array([int(name.split("<")[1].split(">")[0]) % 3 for name in b.items])
    V = np.eye(4)[taste] + np.arange(len(b.items))[:, None] * [0, 0, 0, 0.01]
    U = np.stack([np.eye(4)[:3]] * 2)
    U[1] = 1  # all that bob's personas say is alike
    r = b.ratings
    z = np.where(r.rows == 0, taste[r.indices], r.indices % 3)
    return b.with_model(U, V, z=z)


class Personas(unittest.TestCase):
    def test_the_listener_with_most_to_see_is_drawn(self):
        model = crafted()
        self.assertEqual(personas.most_divided(model), model.user("ann"))
        spots = personas.spots_of(model, 0, 4)
        self.assertEqual(sum(s.heard for s in spots), 24)
        heard = {s.name for s in spots if s.heard}
        self.assertFalse(heard & {s.name for s in spots if not s.heard})
        for s in spots:  # also what is recommended is of the taste of its persona
            self.assertEqual(int(s.name.split("<")[1].split(">")[0]) % 3, s.persona)
        self.assertEqual(
            [sum(s.persona == q and not s.heard for s in spots) for q in range(3)],
            [4, 4, 4],
        )

    def test_what_is_held_out_for_the_test_may_be_recommended(self):
        model = crafted()
        told = {s.name for s in personas.spots_of(model, 0, 4) if not s.heard}
        r = model.ratings
        fold = r.fold.copy()
        fold[:3] = 2, 1, 3  # of ann, who has three tastes
        b = model.with_folds(fold).with_model(
            model.model.U, model.model.V, z=model.model.z[fold == 0]
        )
        new = {s.name for s in personas.spots_of(b, 0, 40) if not s.heard}
        names = [str(b.items[i]) for i in r.indices[:3]]
        self.assertNotIn(names[0], told)
        self.assertEqual([name in new for name in names], [True, False, False])

    def test_labels_lie_on_no_other_and_on_no_dot(self):
        spots = personas.spots_of(crafted(), 0, 5)
        placed = personas.place_labels(spots)
        self.assertGreater(len(placed), 0.6 * len(spots))
        boxes = [p[-1] for p in placed]
        for i, box in enumerate(boxes):
            self.assertFalse(any(box.meets(other) for other in boxes[:i]))
            for s in spots:
                inside = box.x0 < s.x < box.x1 and box.y0 < s.y < box.y1
                self.assertFalse(inside, s.name)

    def test_the_picture_is_sound_and_the_same_again(self):
        with tempfile.TemporaryDirectory() as folder:
            model, made = Path(folder, "m.mf"), []
            crafted().write(model)
            for name in ("a.svg", "b.svg"):
                subprocess.run(
                    [
                        sys.executable,
                        EXAMPLES / "personas.py",
                        model,
                        "--user",
                        "ann",
                        "-o",
                        Path(folder, name),
                    ],
                    check=True,
                )
                made.append(Path(folder, name).read_bytes())
            self.assertEqual(made[0], made[1])
            root = ET.fromstring(made[0])
            texts = [t.text for t in root.iter(SVG + "text")]
            self.assertEqual(texts[0], "Three personas of one listener")
            self.assertIn('Artist <23> & "Sons"', texts)
            self.assertGreater(len(list(root.iter(SVG + "circle"))), 30)
            for words, said in (
                (["--user", "nobody"], "no user is called 'nobody'"),
                (["-o", folder], "Is a directory"),
            ):
                done = subprocess.run(
                    [sys.executable, EXAMPLES / "personas.py", model, *words],
                    capture_output=True,
                    text=True,
                )
                self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))
                self.assertIn(said, done.stderr)

    @unittest.skipUnless(os.environ.get("TEST_FULL"), "takes seconds")
    def test_the_tour_ends_in_the_picture_of_the_readme(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "tour.svg")
            said = subprocess.run(
                [sys.executable, EXAMPLES / "tour.py", out],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            self.assertRegex(said, r"popularity +0\.\d{4} \[")
            self.assertEqual(said.count("and would like"), 3)
            names = [
                [t.text for t in ET.parse(svg).getroot().iter(SVG + "title")]
                for svg in (out, EXAMPLES.parents[1] / "docs" / "personas.svg")
            ]
            self.assertGreater(len(names[0]), 20)
            self.assertEqual(*names)

    def test_without_a_model_one_is_made(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "made.svg")
            subprocess.run(
                [sys.executable, EXAMPLES / "personas.py", "-o", out], check=True
            )
            self.assertIn("personas of one listener", out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()
