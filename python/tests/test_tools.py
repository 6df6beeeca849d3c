"""The tools as functions, and the model that they make."""

import io
import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import mfpipe
import numpy as np
from mfpipe.processes import find
from mfpipe.tools import arguments

from .aid import TOP, has, written


def sample():
    """300 users with tastes that were planted, of real tools."""
    return mfpipe.synth(users=300, artists=150)


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.counts = sample()
        cls.split = mfpipe.split(cls.counts, test=0.15, valid=0.05)
        cls.model = mfpipe.als(cls.split, k=8, personas=3, j=1)

    def test_the_bytes_are_those_of_the_pipe(self):
        tools = f"{find('mf-split')} --test .15 --valid .05 | {find('mf-als')} -k8 -p3"
        out = subprocess.run(
            tools,
            shell=True,
            check=True,
            capture_output=True,
            input=written(self.counts),
        ).stdout
        self.assertEqual(written(self.model), out)
        self.assertEqual(
            [s["tool"] for s in self.model.provenance],
            ["msd-aggregate", "mf-split", "mf-als"],
        )
        same = mfpipe.run("mf-als", "-k", "8", "-p", "3", input=self.split)
        self.assertEqual(same.digest, self.model.digest)

    def test_a_pipe_is_its_stages_one_by_one(self):
        split = "mf-split --test .15 --valid .05"
        made = mfpipe.pipe(split, ["mf-als", "-k", 8], input=self.counts)
        self.assertEqual(made.digest, self.model.digest)
        for stages, tool, words in (
            (["mf-split --test 7", "mf-als"], "mf-split", "--test"),
            ([split, "mf-als -k no", "mf-info"], "mf-als", "--factors"),
            ([split, "mf-als --resume /no/such"], "mf-als", "No such file"),
        ):
            with self.assertRaisesRegex(mfpipe.ToolError, words) as caught:
                mfpipe.pipe(*stages, input=self.counts)
            self.assertEqual(caught.exception.tool, tool)
        with self.assertRaisesRegex(FileNotFoundError, "mf-none is not in"):
            mfpipe.pipe(split, "mf-none", input=self.counts)
        with self.assertRaisesRegex(mfpipe.BundleError, "^mf-info: frame 0@0: not a"):
            mfpipe.pipe(split, "mf-info", input=self.counts)

    def test_every_tool_is_a_function(self):
        names = {"mf-eval": "evaluate", "msd-aggregate": "aggregate"}
        tools = sorted(path.name for path in Path(find("mf-als")).parent.glob("m*-*"))
        self.assertGreaterEqual(len(tools), 12)
        for tool in tools:
            name = names.get(tool, tool.partition("-")[2])
            self.assertIn(name, mfpipe.__all__)
            self.assertIn(f"{tool}: ", getattr(mfpipe, name).__doc__)

    def test_triplets_are_files_or_lines(self):
        tracks = ["T1<SEP>S1<SEP>Can<SEP>a", "T2<SEP>S2<SEP>Neu!<SEP>b"]
        lines = ["ann\tS1\t2", "ann\tS2\t3", "bob\tS1\t4"]
        b = mfpipe.aggregate(lines[:2], lines[2:], tracks=tracks, min_artists=1)
        self.assertEqual(
            (list(b.users), list(b.items)), (["ann", "bob"], ["Can", "Neu!"])
        )
        self.assertEqual(b.ratings.values.tolist(), [2, 3, 4])
        with self.assertRaisesRegex(mfpipe.ToolError, "^msd-aggregate: triplets 1:1: "):
            mfpipe.aggregate(["nonsense"], tracks=tracks)

    def test_made_up_listeners_depend_on_the_seed_alone(self):
        again = mfpipe.synth(users=300, artists=150, seed=1)
        self.assertEqual(again.digest, self.counts.digest)
        self.assertNotEqual(mfpipe.synth(users=300, seed=2).digest, again.digest)

    def test_other_formats_and_back(self):
        lines = mfpipe.convert(self.split, to="tsv", fold="test")
        row = lines.splitlines()[0].split("\t")
        at = self.split.ratings.of(self.split.user(row[0]))
        items = self.split.items[self.split.ratings.indices[at]].tolist()
        self.assertEqual(
            (row[3], float(row[2])),
            ("2", self.split.ratings.values[at][items.index(row[1])]),
        )
        again = mfpipe.convert(lines.encode(), from_="tsv", columns=[1, 2, 3, 4])
        self.assertEqual(len(again.ratings), int((self.split.ratings.fold == 2).sum()))
        names = ["1\tCan", "2\tNeu!"]
        cells = b"ann\t1\nbob\t2\n"
        named = mfpipe.convert(cells, from_="tsv", columns=[1, 2], item_names=names)
        self.assertEqual(list(named.items), ["Can", "Neu!"])
        both = mfpipe.convert(named, again, join=True)
        self.assertEqual(len(both.ratings), 2 + len(again.ratings))
        array = mfpipe.convert(self.model, to="npy", part="items")
        factors = np.load(io.BytesIO(array))
        np.testing.assert_array_equal(factors, self.model.model.V)
        with self.assertRaisesRegex(mfpipe.ToolError, "mf-convert: .*no-such-format"):
            mfpipe.convert(named, to="no-such-format")

    def test_arguments(self):
        self.assertEqual(
            arguments(
                dict(
                    k=32,
                    lambda_=0.1,
                    min_items=5,
                    core=True,
                    bias=None,
                    q=False,
                    user=["a", "b"],
                    metrics=["ndcg@10", "mrr"],
                    note="-x",
                    j=np.int64(2),
                    seed=np.float64(0.5),
                )
            ),
            [
                "-k32",
                "--lambda=0.1",
                "--min-items=5",
                "--core",
                "--user=a",
                "--user=b",
                "--metrics=ndcg@10,mrr",
                "--note=-x",
                "-j2",
                "--seed=0.5",
            ],
        )

    def test_paths_files_and_bundles_go_in(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "b.mf")
            self.split.write(path)
            with open(path, "rb") as file:
                for source in (path, self.split, file):
                    self.assertEqual(
                        mfpipe.filter(source, min_items=9).digest,
                        mfpipe.filter(self.split, min_items=9).digest,
                    )

    def test_bundles_are_arguments(self):
        bare = mfpipe.run("mf-als", input=self.split, k=8, j=1, factors_only=True)
        whole = mfpipe.run("mf-convert", "--join", bare, self.split)
        np.testing.assert_array_equal(whole.model.U, self.model.model.U)
        np.testing.assert_array_equal(whole.ratings.values, self.split.ratings.values)
        cells = mfpipe.run("mf-convert", "--from=tsv", input=b"u\ti\t2\n")
        self.assertEqual(mfpipe.text("mf-convert", cells, to="tsv"), "u\ti\t2\t0\n")
        said = "bundle 3: is the same bundle as bundle 2"
        with self.assertRaisesRegex(mfpipe.ToolError, said):
            mfpipe.run("mf-convert", "--join", self.model, self.model)

    def test_lists_of_ids_go_in_where_a_tool_wants_a_file(self):
        some = [str(x) for x in self.counts.users[:7]]
        kept = mfpipe.filter(self.counts, users=some)
        self.assertEqual(list(kept.users), some)
        rest = mfpipe.filter(self.counts, not_users=some, min_users=1)
        self.assertEqual(len(rest.users), len(self.counts.users) - 7)
        self.assertEqual(
            len(rest.ratings) + len(kept.ratings), len(self.counts.ratings)
        )

    def test_an_error_is_the_one_line_of_the_tool(self):
        for call, status, words in (
            (lambda: mfpipe.split(self.counts, test=7), 2, "mf-split: --test: "),
            (lambda: mfpipe.als(self.counts, nonsense=1), 2, "mf-als: .*nonsense"),
            (
                lambda: mfpipe.evaluate(self.split),
                1,
                "^mf-eval: model 1: the bundle " "holds no model",
            ),
            (lambda: mfpipe.split("/no/such/file"), None, "No such file"),
            (lambda: mfpipe.split(io.BytesIO(b"x")), None, "fileno"),
            (lambda: mfpipe.recommend(self.model, user="nobody"), 1, "nobody"),
        ):
            with self.assertRaisesRegex((mfpipe.ToolError, OSError), words) as caught:
                call()
            if status:
                self.assertEqual(caught.exception.status, status)
                self.assertNotIn("\n", str(caught.exception))

    def test_a_tool_that_dies_or_lies_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:

            def tool(script):
                path = os.path.join(folder, "mf-split")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(f"#!/bin/sh\n{script}\n")
                os.chmod(path, stat.S_IRWXU)

            before = os.environ.get("MFPIPE_BIN")
            os.environ["MFPIPE_BIN"] = folder
            try:
                tool("exec head -c 100")
                with self.assertRaisesRegex(mfpipe.BundleError, "^mf-split: frame"):
                    mfpipe.split(self.split)
                tool("kill -9 $$")
                with self.assertRaisesRegex(mfpipe.ToolError, "ended with status -9"):
                    mfpipe.split(self.split)
                os.unlink(os.path.join(folder, "mf-split"))
                with self.assertRaisesRegex(FileNotFoundError, "set MFPIPE_BIN"):
                    mfpipe.split(self.split)
            finally:
                del os.environ["MFPIPE_BIN"]
                if before is not None:
                    os.environ["MFPIPE_BIN"] = before

    def test_notes_are_logged(self):
        with self.assertLogs("mfpipe", "INFO") as logged:
            mfpipe.split(self.counts, test=0.1, verbose=True)
        self.assertIn("mf-split: ", logged.output[0])

    def test_evaluation(self):
        found = mfpipe.evaluate(
            self.model,
            self.model,
            metrics=["ndcg@100", "mrr"],
            baseline="popularity",
            bootstrap=20,
            j=1,
        )
        names = [(m["model"], m["name"]) for m in found["metrics"]]
        self.assertEqual(
            names[:4:2],
            (
                [("model 1", "ndcg@100"), ("model 2", "ndcg@100")]
                if names[1][0] == "model 2"
                else names[:4:2]
            ),
        )
        self.assertEqual({m for m, _ in names}, {"model 1", "model 2", "popularity"})
        self.assertEqual(
            {
                c["diff"]
                for c in found["compare"]
                if c["model"] == "model 2" and c["reference"] == "model 1"
            },
            {0.0},
        )
        bare = mfpipe.run("mf-als", input=self.split, k=8, j=1, factors_only=True)
        self.assertIsNone(bare.ratings)
        self.assertEqual(
            mfpipe.evaluate(bare, ratings=self.split, m="mrr")["metrics"][0]["mean"],
            [m["mean"] for m in found["metrics"] if m["name"] == "mrr"][0],
        )

    def test_scores_are_those_of_the_lists(self):
        explicit = mfpipe.als(self.split, 4, 2, preset="explicit", n=3, j=1)
        self.assertIsNotNone(explicit.model.item_bias)
        plain = mfpipe.als(self.split, 4, 1, n=3, j=1)
        for model in (self.model, explicit, plain):
            known = np.diff(
                np.concatenate([[0], np.cumsum(model.ratings.fold == 0)])[
                    model.ratings.indptr
                ]
            )
            lists = mfpipe.recommend(model, top=30, include_seen=True, j=1)
            self.assertEqual(len(lists), len(model.users))
            for one in lists:
                if not known[model.user(one["user"])]:
                    continue
                score, persona = mfpipe.scores(model, one["user"])
                at = [model.item(x["item"]) for x in one["items"]]
                np.testing.assert_allclose(
                    [x["score"] for x in one["items"]], score[at], rtol=2e-5, atol=2e-6
                )
                self.assertLess(np.sort(score)[-30], score[at].min() + 1e-5)
                self.assertEqual(
                    [x["persona"] - 1 for x in one["items"]], persona[at].tolist()
                )

    def test_personas_that_own_nothing_that_is_liked_say_nothing(self):
        b = mfpipe.from_cells(["u", "u", "u", "v"], list("abcd"), [2, 0, 1, 1])
        U = np.zeros((2, 3, 3))
        U[0] = [[1, 0, 0], [0, 2, 0], [0, 0, 3]]
        V = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.25]])
        for preset, best, who in (("implicit", 0.5, 0), ("explicit", 1, 1)):
            model = b.with_model(U, V, z=[0, 1, 0, 2], preset=preset)
            self.assertEqual(mfpipe.active(model, 0).tolist(), [True, who == 1, False])
            score, persona = mfpipe.scores(model, "u")
            self.assertEqual((score[3], persona[3]), (best, who))
            shown = mfpipe.recommend(model, user="u")[0]["items"][0]
            self.assertEqual(shown["item"], "d")
            self.assertEqual((shown["score"], shown["persona"]), (best, who + 1))

    def test_who_is_not_there_has_no_scores(self):
        for user, error in (
            ("nobody", KeyError),
            (-1, IndexError),
            (1 << 20, IndexError),
        ):
            with self.assertRaises(error):
                mfpipe.scores(self.model, user)
        with self.assertRaisesRegex(ValueError, "holds no model: mfpipe.als makes one"):
            mfpipe.scores(self.split, 0)

    def test_pairs_have_the_scores_of_the_lists(self):
        lists = mfpipe.recommend(self.model, top=4)[:9]
        cells = [(one["user"], x) for one in lists for x in one["items"]][::-1]
        pairs = [(user, x["item"]) for user, x in cells]
        score, persona = mfpipe.score(self.model, pairs)
        self.assertEqual(len(pairs), 36)
        want = np.array([x["score"] for _, x in cells], np.float32)
        self.assertEqual(score.tolist(), want.tolist())
        self.assertEqual(persona.tolist(), [x["persona"] for _, x in cells])
        some = [pairs[0], ("nobody", pairs[0][1]), pairs[1]]
        score, persona = mfpipe.score(self.model, some, skip_unknown=True)
        self.assertEqual(score[[0, 2]].tolist(), want[:2].tolist())
        self.assertTrue(np.isnan(score[1]) and persona[1] == 0)
        with self.assertRaisesRegex(mfpipe.ToolError, "'nobody' is no user of model"):
            mfpipe.score(self.model, some)
        with self.assertRaisesRegex(ValueError, "an id holds a TAB or newline"):
            mfpipe.score(self.model, [("a\tb", "x")])
        if has("pandas"):
            import pandas

            turned = [(1, item, user) for user, item in pairs]
            frame = pandas.DataFrame(turned, columns=["n", "artist", "userId"])
            score, _ = mfpipe.score(self.model, frame)
            self.assertEqual(score.tolist(), want.tolist())

    def test_lists(self):
        user = str(self.model.users[5])
        (one,) = mfpipe.recommend(self.model, user=user, top=3)
        self.assertEqual(
            (one["user"], [x["rank"] for x in one["items"]]), (user, [1, 2, 3])
        )
        liked = self.model.items[self.model.ratings.indices[:3]]
        (new,) = mfpipe.recommend(self.model, history={x: 2 for x in liked}, top=4)
        self.assertEqual(len(new["items"]), 4)
        self.assertFalse({x["item"] for x in new["items"]} & set(liked))
        (only,) = mfpipe.recommend(
            self.model, user=user, items=list(liked), top=9, include_seen=True
        )
        self.assertEqual({x["item"] for x in only["items"]}, set(liked))
        self.assertEqual(
            mfpipe.recommend(self.model, similar=liked[0])[0]["similar"], liked[0]
        )
        if has("pandas"):
            table = mfpipe.recommend(self.model, top=2, table=True)
            self.assertEqual(
                list(table.columns), ["user", "rank", "item", "score", "persona"]
            )

    def test_a_model_of_ones_own_is_evaluated_like_any(self):
        m = self.model.model
        mine = self.split.with_model(
            m.U, m.V, z=m.z, tool="mine", version="3", options={"steps": "7"}
        )
        self.assertEqual(
            [mine.card[x] for x in ("train", "held_out", "k", "p")],
            [self.model.card[x] for x in ("train", "held_out", "k", "p")],
        )
        both = mfpipe.evaluate(self.model, mine, m="ndcg@100", bootstrap=0)["metrics"]
        self.assertEqual(both[0]["mean"], both[1]["mean"])
        self.assertEqual(mine.provenance[-1]["options"], {"steps": "7"})
        guessed = self.split.with_model(m.U, m.V)
        self.assertGreater((guessed.model.z == m.z).mean(), 0.9)
        plain = self.split.with_model(m.U[:, 0], m.V, mu=1, item_bias=np.ones(len(m.V)))
        score, _ = mfpipe.scores(plain, 0)
        np.testing.assert_allclose(score, 2 + m.V @ m.U[0, 0], rtol=1e-6)
        self.assertEqual(mfpipe.info(plain)["model"]["preset"], "other")
        for wrong in (
            (m.U, m.V[1:]),
            (m.U, m.V[:, 1:]),
            (m.U[0], m.V),
            (m.U * np.nan, m.V),
        ):
            with self.assertRaises(ValueError):
                self.split.with_model(*wrong)

    def test_tune(self):
        best = mfpipe.tune(self.split, 4, 1, trials=2, n=2, j=1)
        self.assertEqual(best.card["k"], 4)
        options = mfpipe.text(
            "mf-tune", input=self.split, k=4, p=1, trials=2, n=2, j=1, print=True
        )
        self.assertEqual(
            mfpipe.run("mf-als", *options.split(), input=self.split).digest, best.digest
        )


class Stages(unittest.TestCase):
    SCALE = TOP / "examples" / "stages" / "scale.py"

    def run_stage(self, *words, input=b""):
        return subprocess.run(
            [sys.executable, self.SCALE, *words], input=input, capture_output=True
        )

    def test_a_function_is_a_stage(self):
        @mfpipe.stage(version="2")
        def keep(bundle, at_least: int, strict: bool = False):
            fold = np.where(bundle.ratings.values < at_least + strict, 3, 0)
            return bundle.with_folds(fold).with_values(bundle.ratings.values)

        b = mfpipe.from_cells(["a", "a", "b"], ["x", "y", "x"], [1, 2, 3])
        c = keep(b, 2)
        self.assertEqual(c.provenance[:-1], b.provenance)
        self.assertEqual(
            c.provenance[-1],
            {
                "tool": "keep",
                "version": "2",
                "options": {"at-least": "2", "strict": "false"},
                "inputs": [{"name": "bundle", "digest": b.digest}],
            },
        )
        self.assertEqual(
            keep._options(["4", "--strict=true"]), {"at_least": 4, "strict": True}
        )
        for wrong in (["x"], ["1", "true", "3"], ["--no=1"], ["1", "maybe"]):
            with self.assertRaises(ValueError):
                keep._options(wrong)

    def test_the_example_in_a_pipe(self):
        b = mfpipe.from_cells(["a", "b"], ["x", "x"], [1, 4])
        done = self.run_stage("0.5", input=written(b))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        c = mfpipe.read(done.stdout)
        self.assertEqual(c.ratings.values.tolist(), [0.5, 2])
        self.assertEqual(c.provenance[-1]["options"], {"factor": "0.5"})
        for words, status in (([], 2), (["x"], 2), (["1", "2"], 2), (["2"], 1)):
            done = self.run_stage(*words)
            self.assertEqual((done.returncode, done.stdout), (status, b""))
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
