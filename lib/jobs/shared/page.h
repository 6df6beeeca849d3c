/* jobs/shared/page.h - text under construction in memory, for all jobs that write text.
 *
 * Where threads write lists, each has a page for the block of users at hand, and the
 * pages go out in the order of blocks. Putting text returns nothing: the first failure
 * sticks, what is put after it is lost, and whoever uses the text checks it once. */
#ifndef JOBS_SHARED_PAGE_H
#define JOBS_SHARED_PAGE_H

#include <stddef.h>

#include "mf/err.h"
#include "mf/io.h"

typedef struct page {
    char *text; /* [n]; owned */
    size_t n, cap;
    int code;        /* MF_OK, or that of the first failure */
    const char *why; /* its words, a constant; NULL: memory ran out */
} page;

void mf__page_free(page *p);

/* Grow for mf__page_room. */
char *mf__page_grow(page *to, size_t len);

/* The place of the next `len` bytes, for a caller that writes them itself and then adds
 * them to n; NULL after a failure. */
static inline char *mf__page_room(page *to, size_t len)
{
    return len < to->cap - to->n && to->code == MF_OK ? to->text + to->n
                                                      : mf__page_grow(to, len);
}

void mf__page_put(page *to, const char *text, size_t len);
void mf__page_puts(page *to, const char *text); /* terminated */

static inline void mf__page_putc(page *to, char ch)
{
    char *at = mf__page_room(to, 1);
    if (at) {
        *at = ch;
        to->n++;
    }
}

/* Fail, unless the page has failed before. */
void mf__page_fail(page *to, int code, const char *why);

/* MF_OK, or the failure. */
int mf__page_check(const page *p, mf_err *err) MF_MUST_USE;

/* Write the text and empty the page. Returns MF_OK, the page's failure or MF_EIO. */
int mf__page_write(page *from, mf_out *out, mf_err *err) MF_MUST_USE;

#endif
