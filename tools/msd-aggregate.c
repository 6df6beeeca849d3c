/* msd-aggregate - Taste Profile triplets to a bundle of counts. */
#include "mf/aggregate.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum {
    OPT_ACCEPTED = TOOL_OWN,
    OPT_LEVEL,
    OPT_KEY,
    OPT_ARTISTS,
    OPT_LISTENERS,
    OPT_CORE,
    OPT_UNKNOWN,
    OPT_SHARD,
    OPT_STATS,
    OPT_MEMORY,
    OPT_TMPDIR
};

static const tool_option OPTIONS[] = {
    {NULL, NULL, 0, "What is read:"},
    {"tracks", "FILE", 't', "track list, unique_tracks.txt; needed for artists (none)"},
    {"mismatches", "FILE", 'x', "songs to leave out, sid_mismatches.txt (none)"},
    {"accepted", "FILE", OPT_ACCEPTED,
     "songs of --mismatches to keep after all (none)"},
    {"unknown", "WHAT", OPT_UNKNOWN,
     "songs that are not in the track list: drop or error (drop)"},
    {"shard", "I/N", OPT_SHARD,
     "only users of shard I of N, by a hash of the id, as in 1/4 (1/1)"},
    {NULL, NULL, 0, "What becomes of it:"},
    {"level", "LEVEL", OPT_LEVEL, "artist or song (artist)"},
    {"artist-key", "KEY", OPT_KEY,
     "spellings that are one artist: fold, exact or ascii (fold)"},
    {"min-artists", "N", OPT_ARTISTS,
     "drop users with fewer artists, 1 to 4294967295 (2)"},
    {"min-listeners", "N", OPT_LISTENERS,
     "before that, drop artists with fewer users, 1 to 4294967295 (1)"},
    {"core", NULL, OPT_CORE, "repeat both until they hold together"},
    {NULL, NULL, 0, "Memory and files:"},
    {"memory", "SIZE", OPT_MEMORY,
     "keep within SIZE bytes, 1M or more, with a suffix K, M, G or T; what does not "
     "fit goes to --tmpdir (half of the machine's)"},
    {"tmpdir", "DIR", OPT_TMPDIR, "for temporary files (TMPDIR, or /tmp)"},
    {"stats", "FILE", OPT_STATS,
     "write the account of all lines to FILE as JSON (none)"},
    {0},
};

static const char *const UNKNOWN[] = {"drop", "error", NULL};

static const tool_words WORDS[] = {
    {"level", mf_level_names},
    {"artist-key", mf_artist_rule_names},
    {"unknown", UNKNOWN},
    {0},
};

static const tool_about ABOUT = {
    .name = "msd-aggregate",
    .usage = "msd-aggregate -t FILE [OPTION]... [TRIPLETS]...",
    .purpose = "Sum the play counts of each user and artist: Million Song Dataset "
               "triplets (user TAB song TAB count; standard input by default) and "
               "track list to a bundle.",
    .options = OPTIONS,
    .words = WORDS,
    .verbose = "note what was kept and what was not",
};

/* The files as they were named; NULL where an option was not given. */
typedef struct names {
    const char *tracks, *mismatches, *accepted, *stats;
    char **triplets;
    size_t files;
} names;

static void check_names(tool_io *io, const names *n, const mf_aggregate_params *params)
{
    if (!n->tracks && params->level == MF_LEVEL_ARTIST)
        tool_misuse(
            "--tracks is needed to know the artist of a song; name the track list, or "
            "count songs with --level=song");
    if (n->accepted && !n->mismatches)
        tool_misuse("--accepted needs --mismatches");
    for (size_t i = 0; i < n->files; i++)
        tool_name(io, NULL, n->triplets[i], TOOL_READS);
    tool_name(io, "--tracks", n->tracks, TOOL_READS);
    tool_name(io, "--mismatches", n->mismatches, TOOL_READS);
    tool_name(io, "--accepted", n->accepted, TOOL_READS);
    tool_name(io, "--stats", n->stats, TOOL_WRITES);
    tool_compare(io);
}

static mf_aggregate_io open_files(tool_io *io, const names *n)
{
    mf_aggregate_io files = {.files = n->files};
    files.triplets = tool_array(io, n->files, sizeof *files.triplets);
    files.tracks = n->tracks ? tool_open(io, n->tracks) : NULL;
    files.mismatches = n->mismatches ? tool_open_text(io, n->mismatches) : NULL;
    files.accepted = n->accepted ? tool_open_text(io, n->accepted) : NULL;
    for (size_t i = 0; i < n->files; i++)
        files.triplets[i] = tool_open(io, n->triplets[i]);
    tool_open_output(io, TOOL_BINARY);
    files.out = io->out;
    files.stats = n->stats ? tool_create(io, n->stats)->out : NULL;
    return files;
}

static void close_files(mf_aggregate_io *files)
{
    mf_in_close(files->tracks);
    mf_lines_close(files->mismatches);
    mf_lines_close(files->accepted);
    for (size_t i = 0; i < files->files; i++)
        mf_in_close(files->triplets[i]);
    free(files->triplets);
}

int main(int argc, char *argv[])
{
    tool_io io;
    mf_err err = {0};
    mf_aggregate_params params = mf_aggregate_defaults();
    static char *standard_input[] = {"-"};
    names n = {.triplets = standard_input, .files = 1};

    tool_init(&io, &ABOUT);
    for (int c; (c = tool_getopt(&io, argc, argv)) != -1;)
        switch (c) {
        case 't': n.tracks = optarg; break;
        case 'x': n.mismatches = optarg; break;
        case OPT_ACCEPTED: n.accepted = optarg; break;
        case OPT_LEVEL:
            params.level = (mf_level)tool_choice("--level", optarg, mf_level_names);
            break;
        case OPT_KEY:
            params.artist_key = (mf_artist_rule)tool_choice("--artist-key", optarg,
                                                            mf_artist_rule_names);
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
        case OPT_STATS: n.stats = optarg; break;
        case OPT_MEMORY: params.memory = tool_size("--memory", optarg, 1 << 20); break;
        case OPT_TMPDIR:
            if (!*optarg)
                tool_misuse("--tmpdir: the name of a folder is empty");
            params.tmpdir = optarg;
            break;
        }
    if (optind < argc) {
        n.triplets = argv + optind;
        n.files = (size_t)(argc - optind);
    }
    params.threads = io.threads;
    check_names(&io, &n, &params);
    if (mf_aggregate_check(&params, &err) < 0)
        tool_misuse("%s", err.text);

    mf_aggregate_io files = open_files(&io, &n);
    if (mf_aggregate_run(&files, &params, &io.report, &err) < 0)
        tool_die(&io, &err);
    close_files(&files);
    return tool_finish(&io);
}
