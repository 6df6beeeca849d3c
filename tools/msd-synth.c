/* msd-synth - a synthetic data set in MSD's file formats. */
#include "mf/synth.h"

#include <string.h>

#include "tool.h"

enum {
    OPT_TRACKS = TOOL_OWN,
    OPT_TRUTH,
    OPT_USERS,
    OPT_ARTISTS,
    OPT_SONGS,
    OPT_PERSONAS,
    OPT_FACTORS,
    OPT_MEAN
};

static const tool_option OPTIONS[] = {
    {"tracks", "FILE", OPT_TRACKS, "write the track list to FILE (needed)"},
    {"truth", "FILE", OPT_TRUTH,
     "write user, artist and planted persona to FILE (none)"},
    {"users", "M", OPT_USERS, "users, 1 to 4294967294 (1600)"},
    {"artists", "N", OPT_ARTISTS, "artists, 1 to 268435456 (3000)"},
    {"songs-per-artist", "S", OPT_SONGS,
     "songs of an artist in the mean, 1 to 1000 (4)"},
    {"personas", "P", OPT_PERSONAS, "tastes of a user, 1 to the factors (3)"},
    {"factors", "K", OPT_FACTORS, "dimensions of taste, 1 to 64 (16)"},
    {"artists-per-user", "MEAN", OPT_MEAN,
     "artists of a user in the mean, 1 to 100000 (17.3)"},
    {0},
};

static const tool_about ABOUT = {
    .name = "msd-synth",
    .usage = "msd-synth --tracks=FILE [OPTION]...",
    .purpose = "Make a data set like the Million Song Dataset's Taste Profile, with "
               "planted personas: triplets (user TAB song TAB plays).",
    .options = OPTIONS,
    .seeded = "all random numbers",
    .verbose = "note what was made",
    .text = true,
};

int main(int argc, char *argv[])
{
    tool_io io;
    mf_err err = {0};
    mf_synth_params params = mf_synth_defaults();
    const char *tracks = NULL, *truth = NULL;

    tool_init(&io, &ABOUT);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case OPT_TRACKS: tracks = optarg; break;
        case OPT_TRUTH: truth = optarg; break;
        case OPT_USERS:
            params.users = (uint32_t)tool_count("--users", optarg, 1, UINT32_MAX - 1);
            break;
        case OPT_ARTISTS:
            params.artists = (uint32_t)tool_count("--artists", optarg, 1, 1 << 28);
            break;
        case OPT_SONGS:
            params.songs_per_artist = tool_real("--songs-per-artist", optarg, 1, 1000);
            break;
        case OPT_PERSONAS:
            params.personas = (uint32_t)tool_count("--personas", optarg, 1, 64);
            break;
        case OPT_FACTORS:
            params.factors = (uint32_t)tool_count("--factors", optarg, 1, 64);
            break;
        case OPT_MEAN:
            params.artists_per_user =
                tool_real("--artists-per-user", optarg, 1, 100000);
            break;
        }
    params.seed = io.seed;
    params.threads = io.threads;
    if (optind < argc)
        tool_misuse("'%s': there is nothing to read", argv[optind]);
    if (!tracks)
        tool_misuse("--tracks is needed: where shall the track list go?");
    if (mf_synth_check(&params, &err) < 0)
        tool_misuse("%s", err.text);

    mf_synth_io files = {0};
    tool_name(&io, "--tracks", tracks, TOOL_WRITES);
    tool_name(&io, "--truth", truth, TOOL_WRITES);
    tool_open_output(&io, TOOL_TEXT);
    files.triplets = io.out;
    files.tracks = tool_create(&io, tracks)->out;
    files.truth = truth ? tool_create(&io, truth)->out : NULL;
    if (mf_synth_run(&files, &params, &io.report, &err) < 0)
        tool_die(&io, &err);
    return tool_finish(&io);
}
