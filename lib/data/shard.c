#include "data/shard.h"

#include <xxhash.h>

bool mf__shard_has_id(const char *text, size_t len, uint32_t shard, uint32_t shards)
{
    return XXH3_64bits(text, len) % shards == shard - 1;
}

size_t mf__shard_begin(size_t n, uint32_t shard, uint32_t shards)
{
    /* n (shard - 1) / shards, without a product that may not fit */
    return n / shards * (shard - 1) + n % shards * (shard - 1) / shards;
}
