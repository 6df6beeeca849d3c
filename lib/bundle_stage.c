/* Provenance in the E frame. */
#include <stdlib.h>

#include "bundle_private.h"

void bundle_pack_stage(msgpack_packer *pack, const mf_stage *stage)
{
    msgpack_pack_map(pack, stage->seeded ? 5 : 4);
    wire_put_str(pack, "tool");
    wire_put_str(pack, stage->tool);
    wire_put_str(pack, "version");
    wire_put_str(pack, stage->version);
    wire_put_str(pack, "options");
    msgpack_pack_map(pack, stage->options);
    for (size_t i = 0; i < stage->options; i++) {
        wire_put_str(pack, stage->option[i].name);
        wire_put_str(pack, stage->option[i].value);
    }
    if (stage->seeded) {
        wire_put_str(pack, "seed");
        msgpack_pack_uint64(pack, stage->seed);
    }
    wire_put_str(pack, "inputs");
    msgpack_pack_array(pack, stage->inputs);
    for (size_t i = 0; i < stage->inputs; i++) {
        msgpack_pack_map(pack, 2);
        wire_put_str(pack, "name");
        wire_put_str(pack, stage->input[i].name);
        wire_put_str(pack, "digest");
        msgpack_pack_fix_uint64(pack, stage->input[i].digest);
    }
}

static const char *unpack_options(wire_span span, mf_stage *stage, wire_map *map)
{
    const char *why = wire_map_parse(map, span.data, span.size);
    if (why)
        return why;
    for (size_t i = 0; i < map->n; i++) {
        char name[MF_STAGE_TEXT], value[sizeof stage->option->value];
        if (map->entry[i].key_len >= sizeof name)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)map->entry[i].key_len, map->entry[i].key);
        value[0] = '\0';
        if (wire_get_name(map, name, true, value, sizeof value) == NULL)
            mf_stage_option(stage, name, "%s", value);
    }
    return NULL;
}

static const char *unpack_inputs(wire_span *list, size_t n, mf_stage *stage, wire_map *map)
{
    for (size_t i = 0; i < n; i++) {
        char name[MF_STAGE_TEXT] = "";
        uint64_t digest = 0;
        const char *why = wire_map_parse(map, list[i].data, list[i].size);
        if (!why)
            why = wire_get_name(map, "name", true, name, sizeof name);
        if (!why)
            why = wire_get_u64(map, "digest", UINT64_MAX, true, &digest);
        if (why)
            return why;
        mf_stage_input(stage, name, digest);
    }
    return NULL;
}

const char *bundle_unpack_stage(wire_span span, mf_stage *stage)
{
    static const char broken[] = "a stage of the provenance is not as it should be";
    wire_map map, inner;
    wire_span *inputs = NULL;
    size_t n = 0;
    *stage = (mf_stage){0};
    if (wire_map_parse(&map, span.data, span.size) ||
        wire_get_name(&map, "tool", true, stage->tool, sizeof stage->tool) ||
        wire_get_name(&map, "version", true, stage->version, sizeof stage->version) ||
        wire_get_array(&map, "inputs", false, &inputs, &n))
        return broken;
    const char *why = unpack_inputs(inputs, n, stage, &inner);
    free(inputs);
    stage->seeded = wire_get_raw(&map, "seed").data != NULL;
    if (why || wire_get_u64(&map, "seed", UINT64_MAX, false, &stage->seed))
        return broken;
    wire_span options = wire_get_raw(&map, "options");
    if (options.data && unpack_options(options, stage, &inner))
        return broken;
    return NULL;
}
