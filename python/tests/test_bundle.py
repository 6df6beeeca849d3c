"""Reading and writing: the bytes of the C library, and refusals where it refuses."""

import io
import os
import random
import subprocess
import tempfile
import unittest

import mfpipe
import numpy as np
from mfpipe import encode
from mfpipe.files import whole_file
from mfpipe.processes import find

from .aid import CORPUS, GOLDEN, amended, frames, golden, hostile, packed, u32, written


class Reading(unittest.TestCase):
    def test_arrays_are_what_the_golden_bundle_says(self):
        b = mfpipe.read(golden("persona-model"))
        self.assertEqual(list(b.users), ["anna", "bob", "jörg", "zoë", "山田"])
        self.assertEqual(
            list(b.items), ["ABBA", "Björk", "Can", "Neu!", "Sun Ra", "Кино"]
        )
        r = b.ratings
        self.assertEqual(r.indptr.tolist(), [0, 6, 9, 10, 11, 13])
        self.assertEqual(r.indices.tolist(), [0, 1, 2, 3, 4, 5, 1, 3, 5, 0, 2, 0, 5])
        self.assertEqual(
            r.values.tolist(), [1, 2, 3, 4, 5, 4294967295, 7, 8, 9, 1, 1, 16777217, 2]
        )
        self.assertEqual(r.fold.tolist(), [0, 0, 0, 2, 0, 0, 0, 1, 0, 3, 0, 0, 2])
        self.assertEqual(r.rows.tolist(), [0] * 6 + [1] * 3 + [2, 3, 4, 4])
        self.assertIsNone(r.time)
        m = b.model
        self.assertEqual(
            (m.U.shape, m.V.shape, m.k, m.personas), ((5, 3, 2), (6, 2), 2, 3)
        )
        self.assertEqual(m.V[1].tolist(), [0.5, 0.25])
        self.assertEqual(m.U[1, 2].tolist(), [0.25, 0.375])
        self.assertEqual(m.zptr.tolist(), [0, 5, 7, 7, 8, 9])
        self.assertEqual(m.z.tolist(), [0, 1, 2, 1, 0, 1, 1, 0, 2])
        self.assertEqual((b.card["preset"], b.card["overlap"]), ("implicit", 0.5))
        self.assertEqual([e["half"] for e in b.history], ["start", "items", "users"])
        self.assertEqual(b.provenance[0]["options"], {"lambda": "0.01", "test": "0.15"})
        self.assertEqual(b.digest, 0x1995151E03BE3F19)

    def test_biases_weights_times_notes_and_rows_that_go_on(self):
        m = mfpipe.read(golden("bias-model")).model
        self.assertEqual(m.item_bias.tolist(), [0.5, -0.25, 0, 1, 2, -3])
        self.assertEqual(m.user_bias.tolist(), [1, 0, 0, -1, 0.125])
        self.assertAlmostEqual(
            mfpipe.read(golden("popularity-model")).model.weight[4], 0.745355964, 6
        )
        self.assertIn("CC BY-NC-SA", mfpipe.read(golden("note")).note)
        self.assertEqual(len(mfpipe.read(golden("timed")).ratings.time), 10)
        r = mfpipe.read(golden("long-rows")).ratings
        self.assertEqual(np.diff(r.indptr).tolist(), [0, 5, 10, 15, 20, 25, 30])

    def test_arrays_cannot_be_changed(self):
        b = mfpipe.read(golden("persona-model"))
        for array in (
            b.users,
            b.ratings.values,
            b.ratings.fold,
            b.ratings.indptr,
            b.model.U,
            b.model.V,
            b.model.z,
        ):
            with self.assertRaises(ValueError):
                array[0] = array[1]

    def test_numbers_of_ids(self):
        b = mfpipe.read(golden("persona-model"))
        self.assertEqual((b.user("zoë"), b.item("Кино")), (3, 5))
        for name in ("", "zzz", "zo", "Яя"):
            with self.assertRaisesRegex(KeyError, "no user is called"):
                b.user(name)

    def test_compressed_files_and_streams(self):
        import gzip

        raw = golden("split").read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "split.mf.gz")
            with gzip.open(path, "wb") as file:
                file.write(raw)
            self.assertEqual(written(mfpipe.read(path)), raw)
            with open(path, "r+b") as file:
                file.truncate(200)
            with self.assertRaisesRegex(mfpipe.BundleError, "split.mf.gz: compressed"):
                mfpipe.read(path)
        self.assertEqual(written(mfpipe.read(io.BytesIO(raw))), raw)
        self.assertEqual(written(mfpipe.read(raw)), raw)


class Writing(unittest.TestCase):
    def test_golden_bundles_come_out_as_they_went_in(self):
        self.assertGreaterEqual(len(GOLDEN), 11)
        same = 0
        for path in GOLDEN:
            raw = path.read_bytes()
            out = written(mfpipe.read(path))
            same += out == raw
            # Some have longer heads than need be; what is checked is the same.
            self.assertEqual(list(frames(path)), list(mfpipe.read(out).frames), path)
            self.assertEqual(out[-9:], raw[-9:], path)
        self.assertGreaterEqual(same, 7)

    def test_frames_made_anew_of_arrays_are_those_of_the_C_library(self):
        bundles = [
            mfpipe.read(golden(name))
            for name in (
                "counts",
                "split",
                "values",
                "timed",
                "persona-model",
                "plain-model",
            )
        ]
        base = mfpipe.from_cells(
            [u for u in range(40) for i in range(9)],
            [(u * 7 + i * i) % 23 for u in range(40) for i in range(9)],
            [i % 5 + 1 for i in range(360)],
            duplicates="max",
            note="Made up",
        )
        split = mfpipe.split(base, test=0.2, valid=0.1)
        bundles += [
            split,
            mfpipe.als(split, 3, 2, j=1, unobserved_by="popularity:.5"),
            mfpipe.als(split, 3, 2, j=1, preset="explicit", n=3),
        ]
        self.assertIsNotNone(bundles[-2].model.weight)
        self.assertIsNotNone(bundles[-1].model.user_bias)
        for b in bundles:
            r, m, h = b.ratings, b.model, b.frames[0].map()
            rows = [f for f in b.frames if f.tag == "R"]
            made = [
                encode.header(
                    h["users"], h["items"], h["nnz"], r.values.dtype, r.time is not None
                )
            ]
            if b.note:
                made.append(encode.note(b.note))
            made += [*encode.ids("user", b.users), *encode.ids("item", b.items)]
            if len(rows) == 1:
                made += encode.rows(r.indptr, r.indices, r.values, r.fold, r.time)
            else:  # they were cut after fewer cells
                made += encode.rows_like(rows, r.values, r.fold)
            if m:
                made += [
                    encode.card(m.card),
                    *encode.factors("item", m.V[:, None], m.item_bias, m.weight),
                    *encode.factors("user", m.U, m.user_bias, None, m.zptr, m.z),
                    *encode.history(b.history),
                ]
            made.append(encode.end(made, len(r), [], b.frames[-1].map()))
            self.assertEqual([f.tag for f in made], [f.tag for f in b.frames])
            for new, old in zip(made, b.frames):
                self.assertEqual(new, old)

    def test_a_frame_has_no_more_rows_than_it_may_have_cells(self):
        none = np.empty(0, "<u4")
        made = list(
            encode.rows(np.zeros(140_001, int), none, none, none.astype(np.uint8))
        )
        self.assertEqual([f.map()["n"] for f in made], [131072, 140_000 - 131072])

    def test_long_rows_and_many_ids_are_cut_as_the_tools_cut_them(self):
        n = 300_000  # cells of one row: three frames; ids: five
        items = [f"{i:06d}" for i in range(n)]
        b = mfpipe.from_cells(["u"] * n + ["v", "w"], items + items[:2])
        self.assertEqual([f.tag for f in b.frames], list("HIIIIIIRRRE"))
        out = subprocess.run(
            [find("mf-transform"), "-e", "binarize:0"],
            input=written(b),
            capture_output=True,
            check=True,
        ).stdout
        again = mfpipe.read(out)
        self.assertEqual(
            [len(f.payload) for f in again.frames[1:-1]],
            [len(f.payload) for f in b.frames[1:-1]],
        )
        joined = subprocess.run(
            f"{find('mf-convert')} --to=tsv | {find('mf-convert')} --from=tsv",
            input=written(b),
            capture_output=True,
            shell=True,
            check=True,
        ).stdout
        self.assertEqual(mfpipe.read(joined).frames[:-1], b.frames[:-1])

    def test_a_file_appears_whole_or_not_at_all(self):
        b = mfpipe.read(golden("split"))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "out.mf")
            b.write(path)
            self.assertEqual(mfpipe.read(path).digest, b.digest)
            with self.assertRaises(ZeroDivisionError), whole_file(path) as f:
                f.write(b"half")
                1 / 0
            self.assertEqual(os.listdir(folder), ["out.mf"])
            self.assertEqual(mfpipe.read(path).digest, b.digest)
            with self.assertRaises(OSError):
                b.write(os.path.join(folder, "no", "such", "folder"))


class Changing(unittest.TestCase):
    def test_values_change_the_model_goes_and_the_provenance_grows(self):
        b = mfpipe.read(golden("foreign"))
        self.assertIn("x", [f.tag for f in b.frames])
        c = b.with_values(b.ratings.values * 0.5)
        self.assertEqual([f.tag for f in c.frames if f.tag != "R"], list("HIIxE"))
        self.assertEqual(c.ratings.values.dtype, np.float32)
        self.assertEqual(c.ratings.values[:3].tolist(), [0.5, 1, 1.5])
        self.assertIsNone(c.model)
        self.assertEqual(c.provenance[:-1], b.provenance)
        self.assertEqual(
            c.provenance[-1]["inputs"], [{"name": "bundle", "digest": b.digest}]
        )

    def test_frames_are_those_that_mf_transform_makes(self):
        for path in GOLDEN:
            b = mfpipe.read(path)
            made = b.with_values(b.ratings.values.astype("<f4"))
            theirs = mfpipe.transform(b, "offset:0")
            self.assertEqual(made.frames[:-1], theirs.frames[:-1], path)
            mine, other = (x.frames[-1].map() for x in (made, theirs))
            self.assertEqual(
                [mine[x] for x in ("frames", "nnz", "sections")],
                [other[x] for x in ("frames", "nnz", "sections")],
            )
            known = ("frames", "nnz", "sections", "prov")
            self.assertEqual(
                *(list(map(bytes, x.unknown(*known))) for x in (mine, other))
            )

    def test_a_frame_that_has_no_room_for_folds_becomes_two(self):
        users, items = 1000, 1040  # 8 bytes a cell are less than 8 MiB, 9 are more
        base = mfpipe.from_cells(
            np.repeat(np.arange(users), items), np.tile(np.arange(items), users)
        )
        rows = base.ratings
        whole = next(
            encode.row_frames(
                0,
                np.diff(rows.indptr),
                rows.indices,
                rows.values,
                rows.fold,
                None,
                False,
            )
        )
        frames = [*base.frames[:3], whole]
        big = mfpipe.Bundle([*frames, encode.end(frames, len(rows), [])])
        split = mfpipe.split(big, test=0.2)
        self.assertEqual([f.tag for f in split.frames], list("HIIRRE"))
        self.assertEqual(
            big.with_folds(split.ratings.fold).frames[:-1], split.frames[:-1]
        )

    def test_folds(self):
        b = mfpipe.read(golden("counts"))
        c = b.with_folds(["test"] + ["train"] * (len(b.ratings) - 1))
        self.assertEqual(c.ratings.fold.sum(), 2)
        self.assertEqual(c.ratings.mask("test").sum(), 1)
        self.assertEqual(c.ratings.mask(["train", "valid"]).sum(), len(b.ratings) - 1)
        for wrong in (["later"] * len(b.ratings), [0]):
            with self.assertRaises(ValueError):
                b.with_folds(wrong)
        with self.assertRaisesRegex(ValueError, "no fold is called 'tset'"):
            c.ratings.mask("tset")

    def test_values_that_are_none(self):
        b = mfpipe.read(golden("counts"))
        for wrong in (np.full(36, np.nan), np.full(36, 1e39), np.full(36, "x"), [1.0]):
            with self.assertRaises(ValueError):
                b.with_values(wrong)


class Refusing(unittest.TestCase):
    def refuse(self, raw: bytes, words: str):
        with self.assertRaises(mfpipe.BundleError) as caught:
            mfpipe.read(raw)
        self.assertRegex(str(caught.exception), words)
        self.assertNotIn("\n", str(caught.exception))

    def test_cut_changed_longer(self):
        raw = golden("persona-model").read_bytes()
        for n in range(0, len(raw), 7):
            self.refuse(raw[:n], r"bytes: frame \d+@\d+: ")
        for at in range(0, len(raw), 13):
            self.refuse(raw[:at] + bytes([raw[at] ^ 4]) + raw[at + 1 :], "frame")
        self.refuse(raw + b"x", "no frame")
        self.refuse(raw + raw, "check does not match")
        self.refuse(b"", "the input is empty, not a bundle")
        self.refuse(b"user\titem\t1\n" * 9, "not a bundle: it is text: mf-convert")
        self.refuse(b"PAR1" + bytes(99), "Parquet file: use mfpipe.from_parquet")

    def test_lies_are_told_with_frame_and_offset(self):
        model = golden("persona-model")

        def put(tag, key, value, at=0):
            def change(all_of):
                [data for t, data in all_of if t == tag][at][key] = value

            return amended(model, change)

        self.refuse(put("H", "users", 6), r"frame 2@\d+: I: ids of items before all")
        self.refuse(put("H", "nnz", 31), "H: key 'nnz' is more than users times items")
        self.refuse(put("M", "k", 1 << 30), f"M: k is {1 << 30} and p is 3; 1 to 16384")
        self.refuse(put("M", "overlap", float("nan")), "M: a number of the card is not")
        self.refuse(put("F", "data", b"\0\0\xc0\x7f" * 12), "F: a factor is not finite")
        self.refuse(
            put("F", "z", bytes(8) + b"\3", 1), "F: a cell belongs to a persona"
        )
        self.refuse(
            put("F", "len", u32(4, 3, 0, 1, 1), 1), "F: the personas do not fit"
        )
        self.refuse(put("R", "item", u32(0, 1, 3, 2)), "R: item numbers of a row")
        self.refuse(
            put("I", "text", "bobannajörgzoë山田"), "I: user id 0|byte order|text"
        )
        self.refuse(put("E", "nnz", 12), "E: totals differ")
        self.refuse(put("E", "prov", [{"tool": 1}]), "E: a stage of the provenance")
        self.refuse(
            amended(model, lambda f: f.insert(3, ["Z", {}])),
            "Z: unknown kind of frame that must not be skipped",
        )
        self.refuse(amended(model, lambda f: f.append(["x", {}])), "a frame follows")

    def test_folds_and_rows_that_go_on_are_looked_at(self):
        def later(frames):
            rows = [data for tag, data in frames if tag == "R"]
            at = next(i for i, data in enumerate(rows) if data.get("continues"))
            item = np.frombuffer(rows[at + 1]["item"], "<u4").copy()
            item[0] = np.frombuffer(rows[at]["item"], "<u4")[-1]
            rows[at + 1]["item"] = item.tobytes()

        def wrong_fold(frames):
            next(d for t, d in frames if t == "R" and "fold" in d)["fold"] = b"\4" * 4

        self.refuse(amended(golden("long-rows"), later), "R: item numbers of a row")
        self.refuse(amended(golden("plain-model"), wrong_fold), "R: a fold is more")

    def agree(self, raw: bytes, path: str):
        """mf-info and this package say the same of a file: nothing, or one line."""
        with open(path, "wb") as file:
            file.write(raw)
        said = subprocess.run([find("mf-info"), "--check", path], capture_output=True)
        try:
            mfpipe.read(path)
            mine = ""
        except mfpipe.BundleError as error:
            mine = f"mf-info: {error}"
        theirs = said.stderr.decode().strip()
        if "it is text" not in mine:  # the tool guesses more
            self.assertEqual(mine, theirs)
        self.assertEqual(bool(mine), said.returncode != 0)
        return bool(mine)

    def test_what_fuzzing_found_is_refused_as_the_tools_refuse_it(self):
        self.assertGreater(len(CORPUS), 100)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.mf")
            bad = [self.agree(p.read_bytes(), path) for p in CORPUS[::4]]
        self.assertTrue(any(bad) and not all(bad))

    def test_lies_with_sound_checks_are_refused_as_the_tools_refuse_them(self):
        luck = random.Random(23)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.mf")
            bad = [self.agree(hostile(luck), path) for _ in range(100)]
        self.assertTrue(any(bad) and not all(bad))

    def test_a_payload_that_promises_much_takes_no_memory(self):
        deep = b"\x81\xa1a" + b"\xdd\x00\xff\xff\xff" * 1000
        for payload in (
            deep,
            b"\x81\xa1a\xdf\xff\xff\xff\xff",
            b"\xdf\xff\xff\xff\xff",
            b"\x81\xa1a" + b"\x91" * 5000 + b"\xc0",
        ):
            self.refuse(
                packed([mfpipe.Frame("H", payload)]),
                "H: a value of the map is cut|H: the map has|H: the payload",
            )


if __name__ == "__main__":
    unittest.main()
