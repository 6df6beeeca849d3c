/* msd-aggregate: triplets, track list, mismatches, accepted ones. */
#include "mf/aggregate.h"
#include "pieces.h"

static result aggregate(const pieces *p, const mf_aggregate_params *params)
{
    mf_err err = {0};
    mf_in *triplets = pieces_in(p, 0), *tracks = pieces_in(p, 1);
    mf_out *out = result_open();
    mf_aggregate_io io = {.tracks = tracks,
                          .mismatches = pieces_lines(p, 2),
                          .accepted = pieces_lines(p, 3),
                          .triplets = &triplets,
                          .files = 1,
                          .out = out};
    int code = mf_aggregate_run(&io, params, NULL, &err);
    result r = result_close(out, code, &err);
    mf_in_close(triplets);
    mf_in_close(tracks);
    mf_lines_close(io.mismatches);
    mf_lines_close(io.accepted);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pieces p = pieces_cut(data, size, 4);
    if (p.n == 0)
        return 0;
    mf_aggregate_params params = mf_aggregate_defaults();
    params.threads = 1;
    params.memory = 16 << 20;
    params.level = p.n == 1 || p.choice & 1 ? MF_LEVEL_SONG : MF_LEVEL_ARTIST;
    params.artist_key = (mf_artist_rule)((p.choice >> 1 & 3) % 3);
    params.min_artists = 1 + (p.choice >> 3 & 1);
    params.min_listeners = 1 + (p.choice >> 4 & 1);
    params.core = p.choice >> 5 & 1;
    params.unknown_is_error = p.choice >> 6 & 1;
    result one = aggregate(&p, &params);
    params.threads = 2;
    params.memory = p.choice >> 7 & 1 ? 1 : 16 << 20; /* spill what can be spilt */
    result two = aggregate(&p, &params);
    result_same(&one, &two);
    if (one.code == MF_OK)
        (void)result_cells(&one);
    free(one.data);
    return 0;
}
