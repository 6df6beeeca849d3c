#include "wire/pack_stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void mf__stage_pack(msgpack_packer *pack, const mf_stage *stage)
{
    msgpack_pack_map(pack, stage->seeded ? 5 : 4);
    mf__pack_key_str(pack, "tool", stage->tool);
    mf__pack_key_str(pack, "version", stage->version);
    mf__pack_str(pack, "options");
    msgpack_pack_map(pack, stage->options);
    for (size_t i = 0; i < stage->options; i++) {
        mf__pack_key_str(pack, stage->option[i].name, stage->option[i].value);
    }
    if (stage->seeded)
        mf__pack_key_u64(pack, "seed", stage->seed);
    mf__pack_str(pack, "inputs");
    msgpack_pack_array(pack, stage->inputs);
    for (size_t i = 0; i < stage->inputs; i++) {
        msgpack_pack_map(pack, 2);
        mf__pack_key_str(pack, "name", stage->input[i].name);
        mf__pack_key_digest(pack, "digest", stage->input[i].digest);
    }
}

/* What a tool that replays a stage would miss must not be dropped in silence. */
static const char OPTION_NAME[] = "a stage of the provenance has an option whose name "
                                  "is not at most 63 bytes of UTF-8";
static const char OPTION_VALUE[] =
    "a stage of the provenance has an option whose value is not a str of at most 255 "
    "bytes of UTF-8 without NUL";
static const char OPTION_COUNT[] = "a stage of the provenance has more than 40 options";
static const char INPUT_COUNT[] = "a stage of the provenance has more than 64 inputs";
_Static_assert(MF_STAGE_TEXT == 64 && MF_STAGE_VALUE == 256 && MF_STAGE_OPTIONS == 40 &&
                   MF_STAGE_INPUTS == 64,
               "the words say so");

static const char *unpack_options(wire_span span, mf_stage *stage, wire_map *map)
{
    const char *why = mf__map_parse(map, span.data, span.size);
    if (why)
        return why;
    for (size_t i = 0; i < map->n; i++) {
        char name[MF_STAGE_TEXT], value[sizeof stage->option->value] = "";
        const char *key = map->entry[i].key;
        size_t len = map->entry[i].key_len;
        if (len >= sizeof name || memchr(key, 0, len) || !mf__utf8_valid(key, len))
            return OPTION_NAME;
        memcpy(name, key, len);
        name[len] = '\0';
        if (map->entry[i].value.data[0] == 0xc0)
            continue; /* nil, as if it were missing */
        if (mf__map_name(map, name, true, value, sizeof value))
            return OPTION_VALUE;
        mf_stage_option(stage, name, "%s", value);
    }
    return stage->options < map->n && stage->cut ? OPTION_COUNT : NULL;
}

static const char *unpack_inputs(wire_map *stage_map, mf_stage *stage, wire_map *map)
{
    wire_span *list;
    size_t n;
    const char *why = mf__map_array(stage_map, "inputs", false, &list, &n);
    if (!why && n > MF_STAGE_INPUTS)
        why = INPUT_COUNT;
    for (size_t i = 0; i < n && !why; i++) {
        char name[MF_STAGE_TEXT] = "";
        uint64_t digest = 0;
        why = mf__map_parse(map, list[i].data, list[i].size);
        if (!why)
            why = mf__map_name(map, "name", true, name, sizeof name);
        if (!why)
            why = mf__map_u64(map, "digest", UINT64_MAX, true, &digest);
        if (!why)
            mf_stage_input(stage, name, digest);
    }
    free(list);
    return why;
}

const char *mf__stage_unpack(wire_span span, mf_stage *stage)
{
    wire_map map, inner;
    *stage = (mf_stage){0};
    const char *why = mf__map_parse(&map, span.data, span.size);
    if (!why)
        why = mf__map_name(&map, "tool", true, stage->tool, sizeof stage->tool);
    if (!why)
        why =
            mf__map_name(&map, "version", true, stage->version, sizeof stage->version);
    if (!why)
        why = mf__map_u64(&map, "seed", UINT64_MAX, false, &stage->seed);
    if (!why)
        why = unpack_inputs(&map, stage, &inner);
    wire_span seed = mf__map_raw(&map, "seed"), options = mf__map_raw(&map, "options");
    stage->seeded = seed.data && seed.data[0] != 0xc0;
    if (!why && options.data && options.data[0] != 0xc0)
        why = unpack_options(options, stage, &inner);
    if (!why || strcmp(why, WIRE_NO_MEMORY) == 0 || why == OPTION_NAME ||
        why == OPTION_VALUE || why == OPTION_COUNT || why == INPUT_COUNT)
        return why;
    return "a stage of the provenance is not as it should be";
}
