/* mf/mf.h - everything that libmfpipe offers.
 *
 * The library turns play counts or ratings into recommendations, by matrix
 * factorization with several personas per user. The tools are options and files
 * around it; whatever a tool does, a program can do. The simplest use, without
 * declarations and checks (whole in examples/embed):
 *
 *     mf_csr_from_triplets(&ratings, users, items, n, row, col, val, &err);
 *     mf_als_params params = mf_als_defaults(MF_PRESET_IMPLICIT);
 *     mf_als_open(&als, &ratings, NULL, &params, &err);
 *     mf_als_run(als, NULL, NULL, &err);
 *     mf_als_recommend(als, 1, &user, 10, hit, &found, &err);
 *     mf_als_close(als);
 *     mf_csr_free(&ratings);
 *
 * Conventions:
 *
 * - A call that can fail returns MF_OK or a negative code and takes an mf_err,
 *   which may be NULL, as its last argument. The err holds the first failure as
 *   one line of text. It starts as zeros, and can be handed to every call of a
 *   sequence. Readers return 1 for a record, 0 at a verified end.
 * - The library does not print, exit, raise signals or install handlers. What it
 *   would say goes to the callbacks of an mf_report. It has no global state: any
 *   number of threads may use it, each object from one thread at a time, unless
 *   its header says more. Two things reach beyond a call: training, fold-in and
 *   evaluation set OpenBLAS to one thread, because its results depend on their
 *   number, and the environment variables MF_KERNEL and TMPDIR are read. Numbers
 *   are read and written with a decimal point, whatever the locale of the program.
 * - Containers such as mf_csr are open structs whose arrays the caller owns and
 *   releases with the ..._free of the type. What a call puts into *out is the
 *   caller's; after a failure *out is empty, and ..._free takes what is empty.
 *   Objects with a state are opaque: ..._open makes them, ..._close ends them and
 *   takes NULL. Whatever is borrowed says until when.
 * - Past a few arguments a call takes a struct of parameters: ..._defaults fills
 *   it, ..._check says what is out of range.
 * - The same data and parameters give the same result, bit by bit, for any number
 *   of threads (on one kind of processor: mf/kernel.h).
 *
 * In the order of reading:
 *
 *     the base      err.h io.h version.h kernel.h ranks.h
 *     the data      matrix.h ratings.h artist_key.h nearest.h
 *     the model     als.h fold_in.h search.h metrics.h bootstrap.h
 *     the bundle    bundle.h model.h fold_model.h
 *     the jobs      aggregate.h split.h transform.h filter.h train.h tune.h
 *                   evaluate.h recommend.h score.h convert.h info.h synth.h: each
 *                   is what the tool of its name does
 *
 * C11, or C++11 or later. Link with what `pkg-config --cflags --libs mfpipe` prints. */
#ifndef MF_MF_H
#define MF_MF_H

#include "mf/aggregate.h"
#include "mf/als.h"
#include "mf/artist_key.h"
#include "mf/bootstrap.h"
#include "mf/bundle.h"
#include "mf/convert.h"
#include "mf/err.h"
#include "mf/evaluate.h"
#include "mf/filter.h"
#include "mf/fold_in.h"
#include "mf/fold_model.h"
#include "mf/info.h"
#include "mf/io.h"
#include "mf/kernel.h"
#include "mf/matrix.h"
#include "mf/metrics.h"
#include "mf/model.h"
#include "mf/nearest.h"
#include "mf/ranks.h"
#include "mf/ratings.h"
#include "mf/recommend.h"
#include "mf/score.h"
#include "mf/search.h"
#include "mf/split.h"
#include "mf/synth.h"
#include "mf/train.h"
#include "mf/transform.h"
#include "mf/tune.h"
#include "mf/version.h"

#endif
