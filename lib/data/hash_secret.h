/* data/hash_secret.h - a secret for the hashes of a table. */
#ifndef DATA_HASH_SECRET_H
#define DATA_HASH_SECRET_H

#include <stdint.h>

/* A new seed, so that nobody can choose texts whose hashes collide. */
uint64_t mf__hash_secret(void);

#endif
