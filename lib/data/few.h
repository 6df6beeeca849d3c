/* data/few.h - many names of which a message tells the first few. */
#ifndef DATA_FEW_H
#define DATA_FEW_H

#include <stddef.h>
#include <stdint.h>

enum {
    MF_FEW_SHOWN = 3,
    MF_FEW_TEXT = 160 /* bytes of the words and their NUL */
};

/* Zeroed before its first name. */
typedef struct mf_few {
    uint64_t n;                /* names */
    char text[MF_FEW_TEXT];    /* of the first: "'A', 'B', 'C'", long ones cut */
    uint8_t end[MF_FEW_SHOWN]; /* of each of these in the text */
} mf_few;

void mf__few_add(mf_few *few, const char *name, size_t len);

/* Add those of `more`, which come later. */
void mf__few_join(mf_few *few, const mf_few *more);

/* What stands behind the text: ", ..." if there are more names, else nothing. */
const char *mf__few_more(const mf_few *few);

#endif
