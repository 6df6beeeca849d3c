/* als/distinct.h - the distinct persona vectors of users, as the items' steps read
 * them.
 *
 * Personas that own no cell have the same vector. What is the same, bit by bit, is
 * summed once, with the weight of all. The items read this for each of their cells,
 * so it is one short record for each user, of two floats and 3 p + 1 bytes. */
#ifndef ALS_DISTINCT_H
#define ALS_DISTINCT_H

#include <math.h>
#include <string.h>

#include "base/disk.h"
#include "mf/matrix.h"

typedef struct als_distinct {
    uint32_t personas;
    size_t stride;
    uint8_t *data;                   /* [m * stride]; owned */
    float root[MF_PERSONAS_MAX + 1]; /* of 0, 1, ... */
} als_distinct;

/* Those of one user. */
typedef struct als_distinct_row {
    uint32_t n;                  /* vectors */
    float sibling, own;          /* roots of rho */
    const uint8_t *persona;      /* [n], the first persona that has the vector */
    const uint8_t *multiplicity; /* [n], how many personas have it */
    const uint8_t *of;           /* [personas], which of the n is theirs */
} als_distinct_row;

/* Find the distinct vectors of all users, whose roots of rho are own[m] and sibling[m].
 * *all is zeroed or was filled before; users may be on `disk`. Returns MF_OK or
 * MF_ENOMEM. */
int mf__als_distinct_find(als_distinct *all, const mf_tensor *users, const float own[],
                          const float sibling[], int threads, mf_disk *disk,
                          mf_err *err) MF_MUST_USE;

void mf__als_distinct_free(als_distinct *all);

static inline als_distinct_row als_distinct_of(const als_distinct *all, uint32_t user)
{
    const uint8_t *at = all->data + user * all->stride;
    float rho[2];
    memcpy(rho, at, sizeof rho);
    const uint8_t *of = at + sizeof rho + 1;
    return (als_distinct_row){.n = at[sizeof rho],
                              .sibling = rho[0],
                              .own = rho[1],
                              .persona = of + all->personas,
                              .multiplicity = of + 2 * all->personas,
                              .of = of};
}

/* The root of the weight of a cell for the j-th vector, if none of the personas that
 * have it owns the cell ... */
static inline float als_distinct_sibling(const als_distinct *all,
                                         const als_distinct_row *d, uint32_t j)
{
    return d->sibling * all->root[d->multiplicity[j]];
}

/* ... and if one of them does. */
static inline float als_distinct_own(const als_distinct_row *d, uint32_t j)
{
    float more = (float)(d->multiplicity[j] - 1);
    return more == 0 ? d->own : sqrtf(more * d->sibling * d->sibling + d->own * d->own);
}

#endif
