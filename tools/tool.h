/* tool.h - what all tools share: options, files, messages, exit.
 *
 * A main is options, then one call into the library's job, then a checked
 * finish. Only these modules print errors and exit: 0 done, 1 the input, the
 * disk or the machine failed, 2 wrong usage. */
#ifndef TOOL_H
#define TOOL_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "mf/err.h"
#include "mf/io.h"

enum { TOOL_DONE = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };

/* --- what a tool is, and its options --- */

/* Keys of options without a short name start here. */
enum { TOOL_OWN = 256 };

typedef struct tool_option {
    const char *name;  /* long, without "--"; NULL: `help` is a heading */
    const char *value; /* what it takes, as in "FILE"; NULL: nothing */
    int key;           /* what tool_getopt returns; a character is its short name too */
    const char *help;  /* filled into lines; a '\n' begins a new one */
} tool_option;

typedef struct tool_about {
    const char *name;
    const char *usage;          /* how to call it; lines */
    const char *purpose;        /* what it does; filled into lines */
    const tool_option *options; /* its own; the last has neither name nor help */
    /* What the options of every tool do in this one: */
    bool one_thread;     /* -j is of no effect */
    const char *seeded;  /* --seed: what depends on it; NULL: nothing */
    const char *verbose; /* -v: "note ..."; NULL: there are no notes */
    bool text;           /* the output is never binary, and -f of no effect */
} tool_about;

/* A file that appears as a whole: written beside its target, then renamed. */
typedef struct tool_file {
    const char *path; /* as it was given */
    char *temporary, *target;
    int slot; /* where the signal handler finds it */
} tool_file;

typedef struct tool_io {
    const tool_about *about;
    /* options that every tool has */
    const char *output; /* -o, or NULL */
    int threads;        /* -j, 0: all */
    uint64_t seed;      /* --seed, 1 */
    bool quiet, verbose, force;
    mf_report report; /* prints as -q, -v and --progress say */
    /* files */
    mf_out *out;
    tool_file file; /* of -o, unless that is no regular file */
    bool progress_shown;
    double progress_time;
} tool_io;

/* Set up: descriptors 0 to 2 are made safe if they were closed, signals that
 * end the program remove the temporary files. `about` is borrowed. */
void tool_init(tool_io *io, const tool_about *about);

/* The key of the next option of the tool's own, or -1 after the last; its value is
 * in optarg. Those that all tools have are dealt with here. Wrong usage exits with 2. */
int tool_getopt(tool_io *io, int argc, char *argv[]);

/* The single file operand, or "-" if there is none; more exit with 2. */
const char *tool_operand(int argc, char *argv[]);

/* True if the name of a file, which may be NULL, is that of standard input. */
bool tool_is_standard(const char *path);

/* --- values of options: anything but a whole, finite, allowed value exits with 2 --- */

uint64_t tool_count(const char *option, const char *text, uint64_t min, uint64_t max);
double tool_real(const char *option, const char *text, double min, double max);

/* An amount: with a decimal point or % a fraction (of 0 .. 1), without a count. */
typedef struct tool_quantity {
    bool fraction;
    double value;
} tool_quantity;
tool_quantity tool_amount(const char *option, const char *text);

/* A number of bytes, at least `min`; K, M, G and T are powers of 1024. */
size_t tool_size(const char *option, const char *text, size_t min);

/* A moment, in seconds since 1970: those, or ISO 8601. */
int64_t tool_time(const char *option, const char *text);

/* The index of `text` in `names`, a list ended by NULL. */
int tool_choice(const char *option, const char *text, const char *const names[]);

/* A shard I/N, 1 <= I <= N <= 65536. */
void tool_shard(const char *option, const char *text, uint32_t *shard,
                uint32_t *shards);

/* --- files --- */

/* Room for n elements of `size` bytes; failure exits with 1. */
void *tool_array(tool_io *io, size_t n, size_t size);

/* Open a file for reading, "-" being standard input. Failure exits with 1. */
mf_in *tool_open(tool_io *io, const char *path);
mf_lines *tool_open_text(tool_io *io, const char *path);

/* Open the output, -o or standard output, as io->out. A binary stream does not
 * go to a terminal unless forced: that exits with 2. */
enum { TOOL_TEXT, TOOL_BINARY };
void tool_open_output(tool_io *io, int kind);

/* A second output file, which is written in place: --stats, --truth. */
mf_out *tool_create(tool_io *io, const char *path);
void tool_close_created(tool_io *io, mf_out *out);

/* A file that is replaced again and again, each time as a whole: begin opens an
 * empty output, commit puts it in the place of the file. They fail as the
 * library does, so that a job can call them. */
typedef struct tool_store {
    const char *path;
    tool_file file;
    mf_out *out;
} tool_store;
int tool_store_begin(void *store, mf_out **out, mf_err *err);
int tool_store_commit(void *store, mf_err *err);

/* A further output (--run) that takes its place when it is committed: begun here,
 * and an error exits. What is no regular file, such as a pipe, is written in place.
 * tool_store_sync sends it to its disk, the last place where a full one can show
 * itself: call it for all such files before the first is committed. */
mf_out *tool_store_open(tool_io *io, tool_store *store, const char *path);
int tool_store_sync(tool_store *store, mf_err *err);

/* Flush, fsync, rename; each checked. Returns TOOL_DONE or exits with 1. */
int tool_finish(tool_io *io);

/* --- messages --- */

/* Print the error as one line, remove the temporary files, exit with 1. */
_Noreturn void tool_die(tool_io *io, const mf_err *err);

/* Print what is wrong with the usage as one line, exit with 2. */
_Noreturn void tool_misuse(const char *format, ...) MF_PRINTF(1, 2);

#endif
