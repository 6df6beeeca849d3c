/* lies.h - bundles whose checks hold and whose content lies: every one is an
 * error that names the frame. */
#ifndef LIES_H
#define LIES_H

#include "aid.h"

int lies_load(const aid_bytes *b, unsigned want, mf_err *err);

/* Read a document in every way; record by record and in memory must agree. */
int lies_try(const aid_doc *doc, mf_err *err);

/* The document is refused in frame `i`; with `words` if they are not NULL. */
void lies_refused(const aid_doc *doc, size_t i, const char *words);
void lies_accepted(const aid_doc *doc);

/* A document with every kind of frame. */
aid_doc *lies_sample(void);

/* A field of a new sample is replaced; the result is refused there. */
void lies_field(char tag, size_t n, const char *key, const void *value, size_t size,
                const char *words);
void lies_u64(char tag, size_t n, const char *key, uint64_t value, const char *words);

#endif
