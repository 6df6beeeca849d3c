/* lies.h - hostile content with sound checks: a sound bundle, changed as a script says.
 *
 * A script is bytes: the bundle to begin with, then five for each change, the frame,
 * the place in it (two bytes), what is done, and with what. So any bytes are a
 * script. */
#ifndef LIES_H
#define LIES_H

#include <stddef.h>
#include <stdint.h>

/* The bundle that the script makes, to be freed. */
uint8_t *lies_make(const uint8_t *script, size_t n, size_t *size);

/* The same of other frames, whatever the first byte of the script says. */
uint8_t *lies_of(const uint8_t *frames, size_t bytes, const uint8_t *script, size_t n,
                 size_t *size);

#endif
