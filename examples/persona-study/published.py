#!/usr/bin/env python3
"""The "test loss" of the study's published code: by its mask, the sum of the
squared predictions on the *training* cells; no held-out rating is in it.

usage: published.py MODEL   (mf-convert on PATH); prints that sum and, for
comparison, the sum of squared errors on the held-out cells (test fold)."""
import ast
import struct
import subprocess
import sys


def run(*args):
    return subprocess.run(["mf-convert", *args], stdout=subprocess.PIPE, check=True).stdout


def factors(side, model):
    """The vectors of a side: a list, by row, of lists of personas."""
    data = run("--to=npy", "--part=" + side, model)
    start = 10 + struct.unpack_from("<H", data, 8)[0]
    header = ast.literal_eval(data[10:start].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    shape = header["shape"]
    n, p, k = shape if len(shape) == 3 else (shape[0], 1, shape[1])
    flat = struct.unpack_from("<%df" % (n * p * k), data, start)
    return [[flat[(r * p + q) * k:(r * p + q + 1) * k] for q in range(p)] for r in range(n)]


def main(model):
    # Rows are in the order of the ids' bytes, and so is what mf-convert writes.
    user = {u: v for u, v in zip(run("--to=tsv", "--part=users", model).splitlines(), factors("users", model))}
    item = {i: v[0] for i, v in zip(run("--to=tsv", "--part=items", model).splitlines(), factors("items", model))}
    published = true = 0.0
    for line in run("--to=tsv", model).splitlines():
        u, i, value, fold = line.split(b"\t")
        v = item[i]
        s = max(sum(a * b for a, b in zip(q, v)) for q in user[u])
        if fold == b"0":
            published += s * s
        elif fold == b"2":
            true += (float(value) - s) ** 2
    print("%.6g\t%.6g" % (published, true))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: published.py MODEL")
    main(sys.argv[1])
