"""Cells from arrays, matrices and data frames, and back."""

import os
import re
import tempfile
import unittest
import warnings

import mfpipe
import numpy as np

from .aid import TOP, golden, has

CELLS = (["b", "a", "b", "ä"], ["y", "x", "x", "y"], [3, 1, 2, 7])


class FromCells(unittest.TestCase):
    def test_axes_ascend_and_rows_are_in_order(self):
        b = mfpipe.from_cells(*CELLS)
        self.assertEqual((list(b.users), list(b.items)), (["a", "b", "ä"], ["x", "y"]))
        self.assertEqual(b.ratings.indptr.tolist(), [0, 1, 3, 4])
        self.assertEqual(b.ratings.indices.tolist(), [0, 0, 1, 1])
        self.assertEqual(b.ratings.values.tolist(), [1, 2, 3, 7])
        self.assertEqual(b.ratings.values.dtype, np.uint32)
        self.assertEqual(mfpipe.info(b)["folds"]["train"], 4)

    def test_the_order_of_the_cells_does_not_matter(self):
        again = mfpipe.from_cells(*(x[::-1] for x in CELLS))
        self.assertEqual(again.digest, mfpipe.from_cells(*CELLS).digest)

    def test_ids_are_in_order_of_bytes_as_of_the_tools(self):
        odd = ["\U0001f3b5", "\uffee", "z", "Z", "é", "e\u0301", "10", "9"]
        b = mfpipe.from_cells(odd, odd)
        self.assertEqual(list(b.users), sorted(odd, key=str.encode))
        self.assertEqual(mfpipe.info(b)["users"], 8)

    def test_numbers_are_ids(self):
        b = mfpipe.from_cells(np.array([10, 9, 10]), [1, 2, 3])
        self.assertEqual(list(b.users), ["10", "9"])
        self.assertEqual(b.ratings.indptr.tolist(), [0, 2, 3])

    def test_types_of_values(self):
        for values, kind in (
            ([1, 2], "u"),
            ([1.0, 2.0], "f"),
            ([-1, 2], "f"),
            ([True, False], "u"),
            ([1 << 32, 0], "f"),
        ):
            b = mfpipe.from_cells(["a", "b"], ["x", "x"], values)
            self.assertEqual(b.ratings.values.dtype.kind, kind)
            self.assertEqual(b.ratings.values.tolist(), values)

    def test_duplicates(self):
        cells = (["a", "a", "b", "a"], ["x", "x", "x", "x"], [2, 5, 1, 3])
        for rule, want in (("sum", 10), ("max", 5), ("first", 2), ("last", 3)):
            b = mfpipe.from_cells(*cells, duplicates=rule)
            self.assertEqual(b.ratings.values.tolist(), [want, 1], rule)
        mean = mfpipe.from_cells(*cells, duplicates="mean").ratings.values
        np.testing.assert_allclose(mean, [10 / 3, 1], rtol=1e-6)
        last = mfpipe.from_cells(*cells, time=[9, 7, 0, 8], duplicates="last")
        self.assertEqual(last.ratings.values.tolist(), [2, 1])
        self.assertEqual(last.ratings.time.tolist(), [9, 0])
        for rule in ("last", "first", "sum", "mean"):  # equal times: by value
            timed = [
                mfpipe.from_cells(*x, time=t, duplicates=rule).digest
                for x, t in (
                    ((["a"] * 3, ["x"] * 3, [0.1, 0.7, 0.2]), [5, 5, 4]),
                    ((["a"] * 3, ["x"] * 3, [0.2, 0.7, 0.1]), [4, 5, 5]),
                )
            ]
            self.assertEqual(timed[0], timed[1], rule)
        with self.assertRaisesRegex(ValueError, "user 'a' and item 'x' stand together"):
            mfpipe.from_cells(*cells, duplicates="error")
        with self.assertRaisesRegex(ValueError, "in different folds"):
            mfpipe.from_cells(*cells, fold=[0, 1, 0, 0])
        with self.assertRaisesRegex(ValueError, "duplicates='all'"):
            mfpipe.from_cells(*cells, duplicates="all")
        with self.assertRaisesRegex(ValueError, r"2\^32"):
            mfpipe.from_cells(["a", "a"], ["x", "x"], [1 << 31, 1 << 31])

    def test_folds_times_and_a_note(self):
        b = mfpipe.from_cells(
            *CELLS,
            fold=["test", "train", "valid", "fold-in"],
            time=[4, 3, 2, 1],
            note="Mine"
        )
        self.assertEqual(b.ratings.fold.tolist(), [0, 1, 2, 3])
        self.assertEqual(b.ratings.time.tolist(), [3, 2, 4, 1])
        self.assertEqual(b.note, "Mine")

    def test_what_cannot_be(self):
        for args, words in (
            ((["a\tb"], ["x"]), "holds a NUL, TAB or newline"),
            (([""], ["x"]), "user id '' is empty"),
            ((["a"], ["x"], [float("nan")]), "not finite"),
            ((["a"], ["x", "y"]), "col: .2,. for 1 cells"),
            (([None], ["x"]), "user id is None"),
            (([0.5], ["x"]), "str or whole numbers"),
            ((["\ud800"], ["x"]), "is not UTF-8"),
            ((["a"], ["x"], [1], [4]), "a fold is none of train"),
            ((["a"], ["x"], [1], [0], [1 << 60]), "years 0000 to 9999"),
        ):
            with self.assertRaisesRegex(ValueError, words):
                mfpipe.from_cells(*args)

    def test_nothing_at_all(self):
        b = mfpipe.from_cells([], [])
        self.assertEqual((len(b.users), len(b.ratings)), (0, 0))
        self.assertEqual(mfpipe.info(b)["nnz"], 0)


@unittest.skipUnless(has("scipy"), "scipy is not there")
class Scipy(unittest.TestCase):
    def test_there_and_back(self):
        b = mfpipe.read(golden("split"))
        x = b.to_scipy()
        self.assertEqual(
            (x.shape, x.nnz, x.dtype), ((12, 9), len(b.ratings), np.uint32)
        )
        back = mfpipe.from_scipy(x, b.users, b.items)
        np.testing.assert_array_equal(back.ratings.values, b.ratings.values)
        np.testing.assert_array_equal(back.ratings.indices, b.ratings.indices)
        train = b.to_scipy("train")
        self.assertEqual(train.nnz, (b.ratings.fold == 0).sum())
        self.assertEqual(
            train.sum() + b.to_scipy(["valid", "test", "fold-in"]).sum(), x.sum()
        )

    def test_rows_go_where_their_ids_stand(self):
        from scipy.sparse import csr_matrix

        b = mfpipe.from_scipy(
            csr_matrix([[0, 2.5], [1, 0], [0, 0]]),
            ["z", "a", "m"],
            ["q", "p"],
            fold="test",
        )
        self.assertEqual(list(b.users), ["a", "m", "z"])
        self.assertEqual(
            b.to_scipy("test").toarray().tolist(), [[0, 1], [0, 0], [2.5, 0]]
        )
        self.assertEqual(
            list(mfpipe.from_scipy(csr_matrix((11, 2))).users)[8:], ["08", "09", "10"]
        )
        with self.assertRaisesRegex(ValueError, "ids of users stand twice"):
            mfpipe.from_scipy(csr_matrix((2, 1)), users=["a", "a"])
        with self.assertRaisesRegex(ValueError, "3 ids of items, the matrix has 1"):
            mfpipe.from_scipy(csr_matrix((2, 1)), items=["a", "b", "c"])


@unittest.skipUnless(has("pandas"), "pandas is not there")
class Pandas(unittest.TestCase):
    def test_there_and_back(self):
        for name in ("split", "timed", "values"):
            b = mfpipe.read(golden(name))
            frame = b.to_pandas()
            self.assertEqual(len(frame), len(b.ratings))
            back = mfpipe.from_pandas(frame)
            self.assertEqual(
                back.to_pandas().astype({"user": str, "item": str}).values.tolist(),
                frame.astype({"user": str, "item": str}).values.tolist(),
            )

    def test_columns_by_name(self):
        import pandas

        frame = pandas.DataFrame(
            {
                "who": [7, 7],
                "what": ["x", "y"],
                "n": [1, 2],
                "when": pandas.to_datetime(["1970-01-02", "2009-12-31"]),
            }
        )
        b = mfpipe.from_pandas(frame, user="who", item="what", value="n", time="when")
        self.assertEqual(list(b.users), ["7"])
        self.assertEqual(b.ratings.values.tolist(), [1, 2])
        self.assertEqual(b.ratings.time.tolist(), [86400, 1262217600])
        self.assertEqual(b.to_pandas("test").shape, (0, 5))
        zoned = frame.assign(when=frame["when"].dt.tz_localize("Europe/Berlin"))
        c = mfpipe.from_pandas(zoned, "who", "what", "n", time="when")
        self.assertEqual(c.ratings.time.tolist(), [86400 - 3600, 1262217600 - 3600])
        frame.loc[1, "when"] = None
        with self.assertRaisesRegex(ValueError, "years 0000 to 9999"):
            mfpipe.from_pandas(frame, "who", "what", "n", time="when")
        with self.assertRaisesRegex(ValueError, "^user='whom': .* among 'who', 'what'"):
            mfpipe.from_pandas(frame, user="whom", item="what")

    def ratings(self, **more):
        import pandas

        columns = {"user": ["b", "a"], "item": ["x", "y"], "rating": [4.5, 2]}
        return pandas.DataFrame({**columns, "timestamp": [86401, 7], **more})

    def test_columns_have_the_names_that_mf_convert_knows(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            b = mfpipe.from_pandas(self.ratings())
            self.assertEqual(b.ratings.values.tolist(), [2, 4.5])
            self.assertEqual(b.ratings.time.tolist(), [7, 86401])
            odd = self.ratings().rename(
                columns={
                    "user": "Customer_ID",
                    "item": "parent_asin",
                    "rating": "rating:float",
                    "timestamp": "review-time",
                }
            )
            odd.insert(0, "Unnamed: 0", [0, 1])
            self.assertEqual(mfpipe.from_pandas(odd).digest, b.digest)
            own = self.ratings(userid=["p", "q"])  # our own name goes before
            with self.assertRaisesRegex(UserWarning, "are not read: 'userid'$"):
                mfpipe.from_pandas(own)
        for times in ([86401.9, 7.0], ["1970-01-02T00:00:01Z", "1970-01-01 00:00:07"]):
            c = mfpipe.from_pandas(self.ratings(timestamp=times))
            self.assertEqual(c.digest, b.digest)
        with self.assertRaisesRegex(ValueError, "column 'timestamp' holds no times"):
            mfpipe.from_pandas(self.ratings(timestamp=["soon", "late"]))

    def test_columns_that_are_not_read_are_named(self):
        frame = self.ratings(mood=[1, 2], **{"where to": [1, 2]})
        with self.assertWarnsRegex(
            UserWarning, "^mfpipe.from_pandas: columns that are not read: 'mood', 'w.*o'$"
        ) as said:
            mfpipe.from_pandas(frame)
        self.assertEqual(said.filename, __file__)
        with self.assertWarnsRegex(UserWarning, "'mood', .*; each value is 1, .*value=$"):
            b = mfpipe.from_pandas(frame.drop(columns="rating"))
        self.assertEqual(b.ratings.values.tolist(), [1, 1])

    def test_a_frame_that_does_not_tell_is_an_error_that_names_its_columns(self):
        frame = self.ratings()
        for names, words in (
            ({"user": "who"}, "tell the user among the columns 'who', 'item', 'rating'"),
            ({"item": "what"}, "the item .* 'user', 'what', .* user= and item="),
            ({"item": "movieId", "rating": "isbn"}, "could be the item .* with item="),
            ({"user": 0, "item": 1}, "the columns 0, 1, 'rating'"),
        ):
            with self.assertRaisesRegex(ValueError, words):
                mfpipe.from_pandas(frame.rename(columns=names))
        several = self.ratings(plays=[1, 2])
        with self.assertRaisesRegex(ValueError, "could be the value .* with value="):
            mfpipe.from_pandas(several)
        with self.assertWarnsRegex(UserWarning, "'rating'$"):
            b = mfpipe.from_pandas(several, value="plays")
        self.assertEqual(b.ratings.values.tolist(), [2, 1])

    @unittest.skipUnless(has("pyarrow"), "pyarrow is not there")
    def test_parquet(self):
        b = mfpipe.read(golden("timed"))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cells.parquet")
            b.to_parquet(path)
            back = mfpipe.from_parquet(path)
            self.assertEqual(os.listdir(folder), ["cells.parquet"])
        np.testing.assert_array_equal(back.ratings.time, b.ratings.time)
        np.testing.assert_array_equal(back.ratings.fold, b.ratings.fold)
        self.assertEqual(back.ratings.values.dtype, b.ratings.values.dtype)

    @unittest.skipUnless(has("pyarrow"), "pyarrow is not there")
    def test_parquet_of_others(self):
        frame = self.ratings(mood=[1, 2])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cells.parquet")
            frame.to_parquet(path)
            with self.assertWarnsRegex(UserWarning, "from_parquet: .*: 'mood'$") as said:
                b = mfpipe.from_parquet(path)
            self.assertEqual(said.filename, __file__)
            with self.assertRaisesRegex(ValueError, "^item='title': .* 'user', 'item'"):
                mfpipe.from_parquet(path, item="title")
        self.assertEqual(b.ratings.values.tolist(), [2, 4.5])
        self.assertEqual(b.ratings.time.tolist(), [7, 86401])


class Names(unittest.TestCase):
    def test_they_are_those_of_mf_convert(self):
        from mfpipe.columns import NAMES

        source = (TOP / "lib/jobs/shared/column_names.c").read_text()
        for role, names in NAMES.items():
            (found,) = re.findall(
                rf"\*const {role.upper()}\[\] = {{(.*?)}};", source, re.DOTALL
            )
            self.assertEqual(re.findall(r'"(\w+)"', found), names)


class WithoutThem(unittest.TestCase):
    def test_what_to_install_is_said(self):
        from mfpipe._need import need

        with self.assertRaisesRegex(
            ImportError, "a thing needs the module nothing_like"
        ):
            need("nothing_like", "a thing")
        if not has("pyarrow"):
            with self.assertRaisesRegex(ImportError, '"pip install pyarrow"'):
                mfpipe.read(golden("split")).to_parquet("x.parquet")


if __name__ == "__main__":
    unittest.main()
