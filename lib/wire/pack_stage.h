/* wire/pack_stage.h - a stage of provenance, packed and read. */
#ifndef WIRE_PACK_STAGE_H
#define WIRE_PACK_STAGE_H

#include "mf/bundle.h"
#include "wire/map.h"
#include "wire/pack.h"

void mf__stage_pack(msgpack_packer *pack, const mf_stage *stage);

/* Returns NULL, or what is wrong with the map. */
const char *mf__stage_unpack(wire_span span, mf_stage *stage);

#endif
