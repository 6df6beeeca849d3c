/* Sixty-four bytes at a time: a mask with a bit for each tab and line feed,
 * taken bit by bit. */
#include "data/fields.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct masks {
    uint64_t cuts; /* tabs and line feeds */
    uint64_t odd;  /* NUL and bytes above 127 */
} masks;

#ifdef __SSE2__
static masks look(const char *text)
{
    masks m = {0, 0};
    const __m128i tab = _mm_set1_epi8('\t'), feed = _mm_set1_epi8('\n'),
                  zero = _mm_setzero_si128();
    for (int i = 0; i < 4; i++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
        __m128i cut = _mm_or_si128(_mm_cmpeq_epi8(v, tab), _mm_cmpeq_epi8(v, feed));
        /* signed: what is not above 0 is NUL or not ASCII */
        __m128i plain = _mm_cmpgt_epi8(v, zero);
        m.cuts |= (uint64_t)(uint32_t)_mm_movemask_epi8(cut) << 16 * i;
        m.odd |= (uint64_t)(uint32_t)(_mm_movemask_epi8(plain) ^ 0xffff) << 16 * i;
    }
    return m;
}
#else
static masks look(const char *text)
{
    masks m = {0, 0};
    for (int i = 0; i < 64; i++) {
        m.cuts |= (uint64_t)(text[i] == '\t' || text[i] == '\n') << i;
        m.odd |= (uint64_t)(text[i] == 0 || (unsigned char)text[i] > 127) << i;
    }
    return m;
}
#endif

size_t mf__fields_cut(const char *text, size_t len, size_t *at, fields lines[],
                      size_t max, bool *plain)
{
    size_t n = 0, begin = *at;
    uint64_t odd = 0;
    fields *l = lines;
    *l = (fields){.begin = (uint32_t)begin};
    for (size_t i = begin; i < len; i += 64) {
        masks m = look(text + i);
        if (len - i < 64) {
            m.cuts &= (UINT64_C(1) << (len - i)) - 1;
            m.odd &= (UINT64_C(1) << (len - i)) - 1;
        }
        odd |= m.odd;
        for (; m.cuts; m.cuts &= m.cuts - 1) {
            uint32_t pos = (uint32_t)i + (uint32_t)__builtin_ctzll(m.cuts);
            if (text[pos] == '\t') {
                if (l->tabs < 2)
                    l->tab[l->tabs] = pos;
                l->tabs++;
                continue;
            }
            l->end = pos;
            n++;
            begin = (size_t)pos + 1;
            if (n == max) {
                *at = begin;
                *plain = odd == 0;
                return n;
            }
            *++l = (fields){.begin = (uint32_t)begin};
        }
    }
    if (begin < len) { /* the last line of a file may lack its end */
        l->end = (uint32_t)len;
        n++;
    }
    *at = len;
    *plain = odd == 0;
    return n;
}
