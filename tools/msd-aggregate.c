/* msd-aggregate - Taste Profile triplets to a bundle of counts. */
#include "mf/aggregate.h"

#include <string.h>

#include "mf/mem.h"
#include "tool.h"

static const char USAGE[] =
    "usage: msd-aggregate -t FILE [options] [TRIPLETS...]\n"
    "Sum the play counts of each user and artist: Million Song Dataset triplets\n"
    "(user TAB song TAB count; standard input by default) and track list to a bundle.\n"
    "\n"
    "  -t, --tracks FILE        track list, unique_tracks.txt; needed for artists\n"
    "  -x, --mismatches FILE    songs to leave out, sid_mismatches.txt\n"
    "      --accepted FILE      songs of --mismatches to keep after all\n"
    "      --level LEVEL        artist or song (artist)\n"
    "      --artist-key KEY     spellings that are one artist: fold, exact or ascii "
    "(fold)\n"
    "      --min-artists N      drop users with fewer artists (2; 1 .. 4294967295)\n"
    "      --min-listeners N    before that, drop artists with fewer users\n"
    "                           (1; 1 .. 4294967295)\n"
    "      --core               repeat both until they hold together\n"
    "      --unknown WHAT       songs that are not in the track list: drop or error "
    "(drop)\n"
    "      --shard I/N          only users of shard I of N, by hash of the id\n"
    "      --stats FILE         write the account of all lines as JSON\n"
    "  -o, --output FILE        write here, atomically (standard output)\n"
    "  -j, --threads N          threads (all; 1 .. 1024); never changes the result\n"
    "      --seed N             accepted, without effect (1)\n"
    "  -q, --quiet              no notes, no progress\n"
    "  -v, --verbose            say what was kept and what was not\n"
    "      --progress WHEN      auto, always or never (auto: on a terminal)\n"
    "  -f, --force              write a bundle to a terminal\n"
    "  -h, --help               print this and exit\n"
    "  -V, --version            print the version and exit\n"
    "\n"
    "Exit status: 0 done, 1 the input, disk or machine failed, 2 wrong usage.\n";

enum {
    OPT_ACCEPTED = TOOL_OWN,
    OPT_LEVEL,
    OPT_KEY,
    OPT_ARTISTS,
    OPT_LISTENERS,
    OPT_CORE,
    OPT_UNKNOWN,
    OPT_SHARD,
    OPT_STATS
};

static const struct option OPTIONS[] = {
    {"tracks", required_argument, NULL, 't'},
    {"mismatches", required_argument, NULL, 'x'},
    {"accepted", required_argument, NULL, OPT_ACCEPTED},
    {"level", required_argument, NULL, OPT_LEVEL},
    {"artist-key", required_argument, NULL, OPT_KEY},
    {"min-artists", required_argument, NULL, OPT_ARTISTS},
    {"min-listeners", required_argument, NULL, OPT_LISTENERS},
    {"core", no_argument, NULL, OPT_CORE},
    {"unknown", required_argument, NULL, OPT_UNKNOWN},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"stats", required_argument, NULL, OPT_STATS},
    {0},
};

static const char *const LEVELS[] = {"artist", "song", NULL};
static const char *const KEYS[] = {"fold", "exact", "ascii", NULL};
static const char *const UNKNOWN[] = {"drop", "error", NULL};

int main(int argc, char *argv[])
{
    tool_io io;
    mf_err err = {0};
    mf_aggregate_params params = mf_aggregate_defaults();
    const char *tracks = NULL, *mismatches = NULL, *accepted = NULL, *stats = NULL;

    tool_init(&io, "msd-aggregate", USAGE);
    for (int c; (c = tool_getopt(&io, argc, argv, OPTIONS)) != -1;)
        switch (c) {
        case 't': tracks = optarg; break;
        case 'x': mismatches = optarg; break;
        case OPT_ACCEPTED: accepted = optarg; break;
        case OPT_LEVEL:
            params.level = (mf_level)tool_choice("--level", optarg, LEVELS);
            break;
        case OPT_KEY:
            params.artist_key =
                (mf_artist_rule)tool_choice("--artist-key", optarg, KEYS);
            break;
        case OPT_ARTISTS:
            params.min_artists =
                (uint32_t)tool_count("--min-artists", optarg, 1, UINT32_MAX);
            break;
        case OPT_LISTENERS:
            params.min_listeners =
                (uint32_t)tool_count("--min-listeners", optarg, 1, UINT32_MAX);
            break;
        case OPT_CORE: params.core = true; break;
        case OPT_UNKNOWN:
            params.unknown_is_error = tool_choice("--unknown", optarg, UNKNOWN) == 1;
            break;
        case OPT_SHARD:
            tool_shard("--shard", optarg, &params.shard, &params.shards);
            break;
        case OPT_STATS: stats = optarg; break;
        }
    if (!tracks && params.level == MF_LEVEL_ARTIST)
        tool_misuse("--tracks is needed to know the artist of a song");
    if (accepted && !mismatches)
        tool_misuse("--accepted needs --mismatches");
    if (mf_aggregate_check(&params, &err) < 0)
        tool_misuse("%s", err.text);

    static char *standard_input[] = {"-"};
    char **names = optind < argc ? argv + optind : standard_input;
    size_t files = optind < argc ? (size_t)(argc - optind) : 1;
    const char *const lists[] = {tracks, mismatches, accepted};
    int from_stdin = 0;
    for (size_t i = 0; i < 3; i++)
        from_stdin += lists[i] && strcmp(lists[i], "-") == 0;
    for (size_t i = 0; i < files; i++)
        from_stdin += strcmp(names[i], "-") == 0;
    if (from_stdin > 1)
        tool_misuse("only one file can be standard input");

    mf_aggregate_io files_of = {.files = files};
    files_of.triplets = mf_new(files, sizeof *files_of.triplets);
    if (!files_of.triplets) {
        mf_nomem(&err);
        tool_die(&io, &err);
    }
    if (tracks)
        files_of.tracks = tool_open_text(&io, tracks);
    if (mismatches)
        files_of.mismatches = tool_open_text(&io, mismatches);
    if (accepted)
        files_of.accepted = tool_open_text(&io, accepted);
    for (size_t i = 0; i < files; i++)
        files_of.triplets[i] = tool_open_text(&io, names[i]);
    tool_open_output(&io, TOOL_BINARY);
    if (stats)
        files_of.stats = tool_create(&io, stats);
    files_of.out = io.out;

    if (mf_aggregate_run(&files_of, &params, &io.report, &err) < 0)
        tool_die(&io, &err);
    if (files_of.stats)
        tool_close_created(&io, files_of.stats);
    return tool_finish(&io);
}
