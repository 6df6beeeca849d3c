#include <unistd.h>

#include "tool_private.h"

/* The signal handler has no other way to know. Slot 0 is that of -o, the others are of
 * files that are replaced meanwhile. */
enum { SLOTS = 36 };
static const char *volatile temporaries[SLOTS];

int tool_temporaries_free(void)
{
    for (int slot = 1; slot < SLOTS; slot++)
        if (!temporaries[slot])
            return slot;
    return -1;
}

void tool_temporaries_set(int slot, const char *path)
{
    temporaries[slot] = path;
}

void tool_temporaries_remove(void)
{
    for (int slot = 0; slot < SLOTS; slot++)
        if (temporaries[slot])
            unlink(temporaries[slot]);
}
