/* jobs/shared/page.h - text under construction. Private to the jobs that write lists. */
#ifndef JOBS_SHARED_PAGE_H
#define JOBS_SHARED_PAGE_H

#include <stddef.h>

#include "data/text.h"
#include "mf/err.h"

typedef struct page {
    char *text; /* [n]; owned: free it */
    size_t n, cap;
} page;

/* Add text. Returns MF_OK or MF_ENOMEM. */
int mf__page_put(page *to, const char *text, size_t len, mf_err *err) MF_MUST_USE;

/* Add an id as a field of a TREC file (mf__text_trec). Likewise. */
int mf__page_put_trec(page *to, const char *id, size_t len, mf_err *err) MF_MUST_USE;

#endif
