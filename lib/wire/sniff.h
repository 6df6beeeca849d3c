/* wire/sniff.h - what an input is that is no bundle. */
#ifndef WIRE_SNIFF_H
#define WIRE_SNIFF_H

#include <stddef.h>
#include <stdint.h>

enum { SNIFF_BYTES = 512 }; /* that are looked at, at most */

/* Words for the first bytes of an input, of which there is at least one: what it is,
 * and what to type. */
const char *mf__sniff(const uint8_t *bytes, size_t n);

#endif
