/* jobs/convert/npy.h - arrays in NumPy's .npy format, versions 1 to 3 (NEP 1).
 *
 * Little-endian numbers of 1 to 8 bytes and short strings; never Python objects. */
#ifndef JOBS_CONVERT_NPY_H
#define JOBS_CONVERT_NPY_H

#include <stddef.h>
#include <stdint.h>

enum { NPY_DIMS = 3, NPY_HEAD = 128 };

typedef struct npy {
    char kind;    /* b bool, i signed, u unsigned, f float, S bytes, U text */
    size_t width; /* bytes of an element */
    size_t dims;
    uint64_t shape[NPY_DIMS]; /* [dims] */
    size_t n;                 /* elements: the product of shape */
    const uint8_t *data;      /* [n * width], not aligned; borrowed */
} npy;

/* Bytes of a header: of what says how long it is, and in all. */
enum { NPY_MAGIC = 12, NPY_HEAD_MAX = 1 << 16 };

/* The bytes before the data of an array that begins with `bytes`, of which there are at
 * least NPY_MAGIC, or 0 if it is none, or their number is past NPY_HEAD_MAX. */
size_t mf__npy_before(const uint8_t bytes[NPY_MAGIC]);

/* Read the header, `before` bytes. data stays NULL; n * width does not overflow.
 * Returns NULL, or what is wrong. */
const char *mf__npy_scan(npy *out, const uint8_t *bytes, size_t before);

/* Find the array in `size` bytes, all of which it must fill. Returns NULL, or
 * what is wrong. */
const char *mf__npy_parse(npy *out, const uint8_t *bytes, size_t size);

/* Element i: of b, i and u as an integer, of f as a double. */
int64_t mf__npy_int(const npy *a, size_t i);
double mf__npy_real(const npy *a, size_t i);

/* What stands before the data of an array in C order; NPY_HEAD bytes. */
void mf__npy_head(char head[NPY_HEAD], const char *descr, size_t dims,
                  const uint64_t shape[]);

#endif
