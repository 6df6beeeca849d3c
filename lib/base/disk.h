/* base/disk.h - arrays that need not be in memory: each is a mapped temporary file.
 *
 * What of an array was touched lies in memory until the process takes more than its
 * bound; then all pages are handed back, and what is touched next comes from the file.
 * That may happen at any time and changes no value. Who goes through an array calls
 * mf__disk_beat now and then, at least once in a few hundred kB: it is what keeps the
 * process within its bound.
 *
 *     const uint32_t *col;
 *     if (mf__disk_new(disk, &col, n, sizeof *col, err) == MF_OK)
 *         for (size_t t = 0; t < n; t++) {
 *             mf__disk_beat_at(disk, t);
 *             ...
 *         }
 *
 * Where `disk` is NULL, all of them are plain memory, and a beat is nothing. Arrays are
 * made and freed by one thread at a time; any thread may beat. */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

typedef struct mf_disk mf_disk;

/* Keep the whole process within so many bytes, as well as beats allow; files are in
 * `folder`, which is borrowed. Returns MF_OK or MF_ENOMEM. */
int mf__disk_open(mf_disk **out, const char *folder, size_t bytes,
                  mf_err *err) MF_MUST_USE;

/* Frees all arrays that are left. */
void mf__disk_close(mf_disk *d);

/* The least bound for a process that needs so many bytes beside arrays. */
size_t mf__disk_least(size_t bytes);

/* There is room for everything: arrays are plain memory from here on. Called before
 * there is one. */
void mf__disk_relax(mf_disk *d);
bool mf__disk_relaxed(const mf_disk *d);

/* Arrays that are kept, below, may take so many bytes of memory in all; at first 0. */
void mf__disk_allow(mf_disk *d, size_t bytes);

/* *block becomes n elements of `size` bytes, zero. *block is the address of a typed
 * pointer. Returns MF_OK, MF_ENOMEM or MF_EIO (no room in the folder). */
int mf__disk_new(mf_disk *d, void *block, size_t n, size_t size,
                 mf_err *err) MF_MUST_USE;

/* The same for an array that is read here and there: in memory while what was allowed
 * lasts, else in a file, whose pages are the last to be handed back. */
int mf__disk_keep(mf_disk *d, void *block, size_t n, size_t size,
                  mf_err *err) MF_MUST_USE;

/* As mf__reserve, of an array that is NULL or of mf__disk_new: it grows to twice its
 * size, but not past `most` as long as that is enough. */
int mf__disk_reserve(mf_disk *d, void *block, size_t *cap, size_t need, size_t most,
                     size_t size, mf_err *err) MF_MUST_USE;

/* An array of any of these, or NULL. */
void mf__disk_free(mf_disk *d, void *block);

/* Hand pages back, if the process has come near its bound. */
void mf__disk_beat(mf_disk *d);

/* The same for who goes through an array by ones: when `at` is a multiple of 65536. */
static inline void mf__disk_beat_at(mf_disk *d, size_t at)
{
    if (d && at % 65536 == 0)
        mf__disk_beat(d);
}

/* memset to 0 and memcpy, of what may be such an array, with beats. */
void mf__disk_zero(mf_disk *d, void *at, size_t bytes);
void mf__disk_copy(mf_disk *d, void *to, const void *from, size_t bytes);

/* Hand all pages back, for memory that is needed now. */
void mf__disk_rest(const mf_disk *d);

/* How many bytes of arrays can lie in memory beside what is there; at least 4 MB.
 * SIZE_MAX if d is NULL. */
size_t mf__disk_room(const mf_disk *d);

#endif
