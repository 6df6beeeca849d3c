#include "jobs/convert/npy.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* The header is a Python dict. Only what numpy itself writes is understood:
 * three keys, a string, True or False, and a tuple of numbers. */
typedef struct scanner {
    const char *at, *end;
} scanner;

static bool skip(scanner *s, const char *text)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n'))
        s->at++;
    size_t len = strlen(text);
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, text, len) != 0)
        return false;
    s->at += len;
    return true;
}

static bool scan_number(scanner *s, uint64_t *value)
{
    skip(s, "");
    const char *begin = s->at;
    for (*value = 0; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
        if (__builtin_mul_overflow(*value, 10u, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*s->at - '0'), value))
            return false;
    return s->at > begin;
}

static const char *scan_shape(scanner *s, npy *a)
{
    if (!skip(s, "("))
        return "the shape of the array is no tuple";
    for (a->dims = 0; !skip(s, ")");) {
        if (a->dims == NPY_DIMS)
            return "the array has too many dimensions";
        if (!scan_number(s, &a->shape[a->dims++]))
            return "the shape of the array is not made of numbers";
        if (!skip(s, ",") && !(s->at < s->end && *s->at == ')'))
            return "the shape of the array is no tuple";
    }
    return NULL;
}

static const char *scan_type(scanner *s, npy *a)
{
    uint64_t width;
    if (!skip(s, "'") || s->end - s->at < 2)
        return "the type of the array is no string";
    char order = *s->at++;
    a->kind = *s->at++;
    bool number = a->kind == 'i' || a->kind == 'u' || a->kind == 'f' || a->kind == 'b';
    if (!scan_number(s, &width) || !skip(s, "'") ||
        !(number || a->kind == 'S' || a->kind == 'U'))
        return "the array is not made of numbers";
    if (order != '<' && order != '|' && !(order == '=' && number))
        return "the array is big-endian; save it as little-endian";
    if (width > 64 ||
        (number && width != 8 && width != 4 &&
         ((width != 2 && width != 1) || a->kind == 'f')) ||
        (a->kind == 'b' && width != 1))
        return "the elements of the array have an unusual size";
    a->width = (size_t)width * (a->kind == 'U' ? 4 : 1);
    return NULL;
}

static const char *scan_head(scanner *s, npy *a)
{
    bool type = false, order = false, shape = false;
    const char *why = NULL;
    if (!skip(s, "{"))
        return "the header of the array is no dict";
    while (!why && !skip(s, "}")) {
        if (!type && skip(s, "'descr':")) {
            type = true;
            why = scan_type(s, a);
        } else if (!order && skip(s, "'fortran_order':")) {
            order = true;
            if (skip(s, "True"))
                why = "the array is in Fortran order; save it in C order";
            else if (!skip(s, "False"))
                why = "the header of the array is damaged";
        } else if (!shape && skip(s, "'shape':")) {
            shape = true;
            why = scan_shape(s, a);
        } else {
            why = "the header of the array has an unknown key";
        }
        skip(s, ",");
    }
    return why                      ? why
           : type && order && shape ? NULL
                                    : "the header of the array lacks a key";
}

size_t mf__npy_before(const uint8_t bytes[NPY_MAGIC])
{
    if (memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 || bytes[6] > 3)
        return 0;
    size_t len = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] > 1)
        len |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    len += bytes[6] == 1 ? 10 : 12;
    return len >= NPY_MAGIC && len <= NPY_HEAD_MAX ? len : 0;
}

const char *mf__npy_scan(npy *a, const uint8_t *bytes, size_t before)
{
    *a = (npy){0};
    scanner s = {(const char *)bytes + (bytes[6] == 1 ? 10 : 12),
                 (const char *)bytes + before};
    const char *why = scan_head(&s, a);
    if (why)
        return why;
    uint64_t n = 1, whole;
    for (size_t i = 0; i < a->dims; i++)
        if (__builtin_mul_overflow(n, a->shape[i], &n))
            return "the shape of the array overflows";
    if (__builtin_mul_overflow(n, (uint64_t)a->width, &whole) || whole > SIZE_MAX / 2)
        return "the shape of the array overflows";
    a->n = (size_t)n;
    return NULL;
}

const char *mf__npy_parse(npy *a, const uint8_t *bytes, size_t size)
{
    *a = (npy){0};
    size_t before = size < NPY_MAGIC ? 0 : mf__npy_before(bytes);
    if (before == 0 || before > size)
        return "not a .npy array, or its header is cut short";
    const char *why = mf__npy_scan(a, bytes, before);
    if (!why && a->n * a->width != size - before)
        why = "the array has not as many bytes as its shape says";
    if (!why)
        a->data = bytes + before;
    return why;
}

int64_t mf__npy_int(const npy *a, size_t i)
{
    uint64_t value = 0;
    memcpy(&value, a->data + i * a->width, a->width); /* little-endian, like us */
    if (a->kind == 'i' && a->width < 8) {
        unsigned shift = 64 - 8 * (unsigned)a->width;
        return (int64_t)(value << shift) >> shift;
    }
    return (int64_t)value;
}

double mf__npy_real(const npy *a, size_t i)
{
    double wide;
    float narrow;
    if (a->width == 8) {
        memcpy(&wide, a->data + i * 8, 8);
        return wide;
    }
    memcpy(&narrow, a->data + i * 4, 4);
    return (double)narrow;
}

void mf__npy_head(char head[NPY_HEAD], const char *descr, size_t dims,
                  const uint64_t shape[])
{
    char text[NPY_HEAD + 1], tuple[80] = "";
    size_t used = 0;
    for (size_t i = 0; i < dims; i++)
        used = mf__append(tuple, sizeof tuple, used, "%" PRIu64 "%s", shape[i],
                          dims == 1      ? ","
                          : i + 1 < dims ? ", "
                                         : "");
    /* magic, version 1.0, and the length of a header that ends on 128 bytes */
    memcpy(text, "\x93NUMPY\x01\x00\x76\x00", 10);
    int n = snprintf(text + 10, sizeof text - 10,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", descr,
                     tuple);
    memset(text + 10 + n, ' ', (size_t)(NPY_HEAD - 10 - n));
    text[NPY_HEAD - 1] = '\n';
    memcpy(head, text, NPY_HEAD);
}
