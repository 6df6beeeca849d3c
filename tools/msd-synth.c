/* msd-synth - a synthetic data set in MSD's file formats. */
#include "mf/synth.h"

#include <string.h>

#include "tool.h"

static const char USAGE[] =
    "usage: msd-synth --tracks FILE [options]\n"
    "Make a data set like the Million Song Dataset's Taste Profile, with planted\n"
    "personas: triplets (user TAB song TAB plays) to standard output.\n"
    "\n"
    "      --tracks FILE            write the track list here; needed\n"
    "      --truth FILE             write user, artist and planted persona here\n"
    "      --users M                users (1600; 1 .. 4294967294)\n"
    "      --artists N              artists (3000; 1 .. 268435456)\n"
    "      --songs-per-artist S     mean (4; 1 .. 1000)\n"
    "      --personas P             tastes of a user (3; 1 .. factors)\n"
    "      --factors K              dimensions of taste (16; 1 .. 64)\n"
    "      --artists-per-user MEAN  mean (17.3; 1 .. 100000)\n"
    "      --seed N                 of all random numbers (1)\n"
    "  -o, --output FILE            write the triplets here, atomically\n"
    "  -j, --threads N              threads (all; 1 .. 1024); never changes the "
    "result\n"
    "  -q, --quiet                  no notes, no progress\n"
    "  -v, --verbose                say what was made\n"
    "      --progress WHEN          auto, always or never (auto: on a terminal)\n"
    "  -f, --force                  accepted, without effect\n"
    "  -h, --help                   print this and exit\n"
    "  -V, --version                print the version and exit\n"
    "\n"
    "Exit status: 0 done, 1 the disk or machine failed, 2 wrong usage.\n";

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

static const struct option OPTIONS[] = {
    {"tracks", required_argument, NULL, OPT_TRACKS},
    {"truth", required_argument, NULL, OPT_TRUTH},
    {"users", required_argument, NULL, OPT_USERS},
    {"artists", required_argument, NULL, OPT_ARTISTS},
    {"songs-per-artist", required_argument, NULL, OPT_SONGS},
    {"personas", required_argument, NULL, OPT_PERSONAS},
    {"factors", required_argument, NULL, OPT_FACTORS},
    {"artists-per-user", required_argument, NULL, OPT_MEAN},
    {0},
};

int main(int argc, char *argv[])
{
    tool_io io;
    mf_err err = {0};
    mf_synth_params params = mf_synth_defaults();
    const char *tracks = NULL, *truth = NULL;

    tool_init(&io, "msd-synth", USAGE);
    for (int c; (c = tool_getopt(&io, argc, argv, OPTIONS)) != -1;)
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
    tool_open_output(&io, TOOL_TEXT);
    files.triplets = io.out;
    files.tracks = tool_create(&io, tracks);
    files.truth = truth ? tool_create(&io, truth) : NULL;
    if (mf_synth_run(&files, &params, &io.report, &err) < 0)
        tool_die(&io, &err);
    tool_close_created(&io, files.tracks);
    if (truth)
        tool_close_created(&io, files.truth);
    return tool_finish(&io);
}
