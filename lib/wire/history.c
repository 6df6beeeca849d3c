/* h, the history of training. */
#include "wire/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "wire/kinds.h"
#include "wire/reader.h"
#include "wire/rows.h"
#include "wire/writer.h"

/* A number, or NaN where it is nil or missing; what is there must be finite. */
static const char *unpack_known(wire_map *map, const char *key, double *x)
{
    *x = INFINITY; /* stays if nothing is there */
    const char *why = mf__map_f64(map, key, false, x);
    wire_span raw = mf__map_raw(map, key);
    bool there = raw.data && raw.data[0] != 0xc0;
    if (!why && there && !isfinite(*x))
        return "a number of the history is not finite";
    if (!there)
        *x = NAN;
    return why;
}

static const char *unpack_entry(wire_span span, mf_history_entry *e, wire_map *map)
{
    *e = (mf_history_entry){0};
    const char *why = mf__map_parse(map, span.data, span.size);
    if (why || (why = mf__map_u32(map, "iteration", true, &e->iteration)) ||
        (why = mf__map_word(map, "half", true, e->half, sizeof e->half)) ||
        (why = unpack_known(map, "loss", &e->loss)) ||
        (why = unpack_known(map, "prediction", &e->prediction)) ||
        (why = unpack_known(map, "users", &e->users)) ||
        (why = unpack_known(map, "items", &e->items)) ||
        (why = unpack_known(map, "rmse", &e->rmse)) ||
        (why = unpack_known(map, "valid", &e->valid)) ||
        (why = unpack_known(map, "moved", &e->moved)))
        return why;
    return NULL;
}

const char *mf__history_unpack(wire_map *payload, mf_history_entry **entry, size_t *n,
                               size_t *cap)
{
    wire_map inner;
    wire_span *list;
    size_t more;
    const char *why = mf__map_array(payload, "entries", true, &list, &more);
    if (!why && mf__reserve(entry, cap, *n + more, sizeof **entry, NULL) < 0)
        why = WIRE_NO_MEMORY;
    for (size_t i = 0; !why && i < more; i++) {
        const char *wrong = unpack_entry(list[i], &(*entry)[(*n)++], &inner);
        if (wrong) { /* the words may be those of `inner` */
            snprintf(payload->words, sizeof payload->words, "%s", wrong);
            why = payload->words;
        }
    }
    free(list);
    return why;
}

int mf__history_read(mf_bundle_reader *r, mf_err *err)
{
    size_t n = 0;
    const char *why = mf__history_unpack(&r->map, &r->history, &n, &r->history_cap);
    if (why)
        return mf__reader_bad(r, err, why);
    r->record.history = (mf_history_block){n, r->history};
    return MF_OK;
}

static void pack_entry(msgpack_packer *pack, const mf_history_entry *e)
{
    msgpack_pack_map(pack, 9);
    mf__pack_key_u64(pack, "iteration", e->iteration);
    mf__pack_key_str(pack, "half", e->half);
    mf__pack_key_f64(pack, "loss", e->loss);
    mf__pack_key_f64(pack, "prediction", e->prediction);
    mf__pack_key_f64(pack, "users", e->users);
    mf__pack_key_f64(pack, "items", e->items);
    mf__pack_key_f64(pack, "rmse", e->rmse);
    mf__pack_key_f64(pack, "valid", e->valid);
    mf__pack_key_f64(pack, "moved", e->moved);
}

void mf__history_pack(msgpack_packer *pack, size_t n, const mf_history_entry entry[])
{
    mf__pack_str(pack, "entries");
    msgpack_pack_array(pack, n);
    for (size_t i = 0; i < n; i++)
        pack_entry(pack, &entry[i]);
}

int mf_bundle_put_history(mf_bundle_writer *w, size_t n, const mf_history_entry entry[],
                          mf_err *err)
{
    int code = mf__rows_send(w, err);
    for (size_t first = 0, count; code == MF_OK && first < n; first += count) {
        count = n - first < HISTORY_MAX ? n - first : HISTORY_MAX;
        mf__history_pack(mf__writer_begin(w, 1), count, entry + first);
        code = mf__writer_put(w, 'h', err);
    }
    return code;
}
