/* aid.h - what tests of the bundle share: bytes as input, a sample bundle, and
 * bundles taken apart, changed anywhere and put together with sound checks.
 *
 * The framing here is an encoder of its own, so that it checks the library's. */
#ifndef AID_H
#define AID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/bundle.h"

/* Bytes that grow; memory that runs out ends the test. */
typedef struct aid_bytes {
    uint8_t *data;
    size_t size, cap;
} aid_bytes;

void aid_add(aid_bytes *b, const void *data, size_t size);
void aid_free(aid_bytes *b);

/* An input that holds the bytes, and its end. */
mf_in *aid_in(const void *data, size_t size);
void aid_in_close(mf_in *in);

/* An output into memory, and what it has got so far. */
mf_out *aid_out(int *fd);
aid_bytes aid_out_close(mf_out *out, int fd);

/* Frames, with checks that hold. */
typedef struct aid_frames {
    aid_bytes bytes;
    uint64_t check;
} aid_frames;

void aid_frame(aid_frames *f, char tag, const void *payload, size_t size);

/* A bundle taken apart. Values are msgpack. */
enum { AID_FRAMES = 1024, AID_FIELDS = 32 };

typedef struct aid_field {
    char key[32];
    aid_bytes value;
} aid_field;

typedef struct aid_part {
    char tag;
    size_t n;
    aid_field field[AID_FIELDS];
} aid_part;

typedef struct aid_doc {
    size_t n;
    aid_part part[AID_FRAMES];
} aid_doc;

aid_doc *aid_doc_read(const void *data, size_t size);
aid_bytes aid_doc_write(const aid_doc *doc);
void aid_doc_free(aid_doc *doc);

/* Set a key of part i, new or old; size 0 removes it. */
void aid_doc_set(aid_doc *doc, size_t i, const char *key, const void *value,
                 size_t size);
void aid_doc_set_u64(aid_doc *doc, size_t i, const char *key, uint64_t value);
void aid_doc_set_bin(aid_doc *doc, size_t i, const char *key, const void *data,
                     size_t size);

/* Insert an empty part before part i; remove part i. */
void aid_doc_insert(aid_doc *doc, size_t i, char tag);
void aid_doc_remove(aid_doc *doc, size_t i);

/* Make E's totals true again. */
void aid_doc_count(aid_doc *doc);

/* Insert a note before part i, with true totals. */
void aid_doc_note(aid_doc *doc, size_t i, const char *text);

/* The index of the n-th part (from 0) with this tag. */
size_t aid_doc_find(const aid_doc *doc, char tag, size_t n);

/* msgpack of a value; returns its bytes. The longest encoding of each kind. */
enum { AID_VALUE = 16 };
size_t aid_u64(uint8_t to[AID_VALUE], uint64_t x);
size_t aid_f64(uint8_t to[AID_VALUE], double x);
size_t aid_head(uint8_t to[AID_VALUE], uint8_t kind,
                uint32_t n); /* 0xc6 bin, 0xdb str, .. */

/* A bundle of 5 users and 6 items: rows over several frames, folds, a model of
 * p personas with history, or no model for p = 0. */
aid_bytes aid_sample(uint32_t personas, mf_value value);

/* The same with unknown keys in every frame, a safe frame x and an unsafe y. */
aid_bytes aid_sample_foreign(void);

/* Read all of a bundle, look at every byte shown. Returns the code of the last
 * mf_bundle_next. *sum, if not NULL, is a digest of all that was shown. */
int aid_read(const void *data, size_t size, uint64_t *sum, mf_err *err);

/* Pass a bundle on, or with `rewrite` put its header and rows anew. */
int aid_pass_stream(mf_in *in, mf_out *out, bool rewrite, mf_err *err);

/* Pass all of a bundle on: as it came, or rows and header rewritten. `stage`
 * may be NULL: "aid". Returns the code; *out is empty on failure. */
int aid_pass(const void *data, size_t size, bool rewrite, aid_bytes *out, mf_err *err);

/* True if all frames of two bundles but the end hold the same keys and values. */
bool aid_same_but_end(const aid_bytes *a, const aid_bytes *b);

#endif
