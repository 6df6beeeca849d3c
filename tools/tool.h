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

/* The words that the value of an option may be, or begin with, for completion: a list
 * ended by NULL. What follows a ':' stands for what is to be filled in. */
typedef struct tool_words {
    const char *name; /* the option */
    const char *const *words;
} tool_words;

extern const char *const tool_metric_words[]; /* "ndcg@" and so on */

enum { TOOL_OPTIONS_MAX = 64 }; /* with those of every tool */

typedef struct tool_about {
    const char *name;
    const char *usage;          /* how to call it; lines */
    const char *purpose;        /* what it does; filled into lines */
    const tool_option *options; /* its own; the last has neither name nor help */
    /* What the options of every tool do in this one: */
    const int *repeats; /* keys of the options with a value that may be given again,
                            ended by 0; NULL: none may */
    const tool_words *words; /* of its own options; the last has no name; or NULL */
    bool one_thread;         /* -j is of no effect */
    const char *seeded;      /* --seed: what depends on it; NULL: nothing */
    const char *verbose;     /* -v: "note ..."; NULL: there are no notes */
    const char *force; /* -f, beside what it does for binary output; NULL: nothing */
    bool text;         /* the output is never binary */
} tool_about;

/* A file that appears as a whole, see tool_replace.c. */
typedef struct tool_file {
    const char *path; /* as it was given */
    char *temporary, *target;
    int unnamed; /* a descriptor of it as long as it has no name, or 0 */
    int slot;    /* where the signal handler finds its temporary name */
} tool_file;

/* A further output, beside -o: --stats, --run. */
typedef struct tool_store {
    const char *path;
    const char *kept; /* words for who interrupts the program once the file is there, as
                         of tool_kept; or NULL */
    tool_file file;
    mf_out *out;
    struct tool_store *next;
} tool_store;

typedef struct tool_io {
    const tool_about *about;
    /* options that every tool has */
    const char *output; /* -o, or NULL */
    int threads;        /* -j, 0: all */
    uint64_t seed;      /* --seed, 1 */
    bool quiet, verbose, force;
    int progress; /* TOOL_PROGRESS_AUTO and so on */
    bool given[TOOL_OPTIONS_MAX];
    mf_report report; /* prints as -q, -v and --progress say */
    /* files */
    mf_out *out;
    tool_file file;           /* of -o, unless that is written in place */
    tool_store *created;      /* of tool_create, one after the other */
    struct tool_names *names; /* of tool_name */
} tool_io;

/* Set up: descriptors 0 to 2 are made safe if they were closed, signals that
 * end the program remove the temporary files. `about` is borrowed. */
void tool_init(tool_io *io, const tool_about *about);

/* The key of the next option of the tool's own, or -1 after the last; its value is
 * in optarg. Those that all tools have are dealt with here. Wrong usage exits with
 * 2. */
int tool_getopt(tool_io *io, int argc, char *argv[]);

/* The single file operand, or "-" if there is none; more exit with 2. */
const char *tool_operand(int argc, char *argv[]);

/* True if the name of an input, which may be NULL, is that of standard input: "-",
 * /dev/stdin and the like. */
bool tool_is_standard(const char *path);

/* --- values of options: anything but a whole, finite, allowed value exits with 2
 * --- */

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

/* Wrong usage: a text that is none of these, with the nearest. */
_Noreturn void tool_none_of(const char *option, const char *text,
                            const char *const names[]);

/* A shard I/N, 1 <= I <= N <= 65536. */
void tool_shard(const char *option, const char *text, uint32_t *shard,
                uint32_t *shards);

/* --- files --- */

/* Room for n elements of `size` bytes; failure exits with 1. */
void *tool_array(tool_io *io, size_t n, size_t size);

/* Files by what is done with them. */
enum {
    TOOL_READS,
    TOOL_RESUMES,  /* read, and may be the one that is replaced */
    TOOL_WRITES,   /* appears at the end, or is written in place */
    TOOL_REPLACES, /* again and again */
};

/* Say which files the run touches besides -o, before the first output is opened. The
 * option is what the file is called in messages, NULL for an operand; a path that is
 * NULL is none. Both are borrowed.
 *
 * tool_compare, which tool_open_output calls, then compares all, by device and inode
 * or, where nothing is there yet, by the real path. Wrong usage, which exits with 2,
 * are: two outputs that are one file or pipe; an output that is an input, unless it is
 * -o and replaces the input as a whole; a pipe that is read twice; a file to be
 * replaced again and again that is not regular. */
void tool_name(tool_io *io, const char *option, const char *path, int use);
void tool_compare(tool_io *io);

/* The bytes of the file that is there and that an output of this name would replace, or
 * 0. */
uint64_t tool_replaced(const char *path);

/* True if the two inputs are one file, or would be. */
bool tool_one_file(const char *a, const char *b);

/* Open a file for reading, "-" being standard input; /dev/fd/N and the like are the
 * descriptors of the program. Failure exits with 1. */
mf_in *tool_open(tool_io *io, const char *path);
mf_lines *tool_open_text(tool_io *io, const char *path);

/* Open the output, -o or standard output, as io->out. A regular file, or one that is
 * not there, appears at once at the end; a pipe, a device, or a descriptor such as
 * /dev/stdout is written to as it is. A binary stream does not go to a terminal unless
 * forced: that exits with 2. */
enum { TOOL_TEXT, TOOL_BINARY };
void tool_open_output(tool_io *io, int kind);

/* A further output, written to store->out. tool_finish closes it; it appears as -o does
 * and when -o does: all files are on disk, and the result is out, before the first
 * takes its place. */
tool_store *tool_create(tool_io *io, const char *path);

/* Let a file of tool_create appear now, to be seen while it is written. */
int tool_store_appear(void *store, mf_err *err);

/* A file that is replaced again and again, each time as a whole: begin opens an
 * empty output, commit puts it in the place of the file. They fail as the
 * library does, so that a job can call them. */
int tool_store_begin(void *store, mf_out **out, mf_err *err);
int tool_store_commit(void *store, mf_err *err);

/* What to say to somebody who interrupts the program when `path` is there: that it is
 * whole, and that the command, with `more` (or NULL) before its operands, goes on from
 * it. It lives until the program ends; of two calls, what the last returned. NULL:
 * nothing is said. */
const char *tool_kept(const tool_io *io, const char *path, int argc, char *const argv[],
                      const char *more);

/* From here on what tool_kept returned is printed when somebody interrupts the program
 * and the file is there; NULL: nothing is. */
void tool_interrupted(const char *words);

/* Until then say that nothing is kept, and `what`, as in ": --log would have". */
void tool_unkept(const tool_io *io, const char *what);

/* Flush, fsync, rename; each checked. Returns TOOL_DONE or exits with 1. */
int tool_finish(tool_io *io);

/* The same in its two steps: all is on disk; all is there under its name. They return
 * MF_OK or a failure. */
int tool_finish_sync(tool_io *io, mf_err *err) MF_MUST_USE;
int tool_finish_appear(tool_io *io, mf_err *err) MF_MUST_USE;

/* --- messages --- */

/* Print the error as one line, remove the temporary files, exit with 1. */
_Noreturn void tool_die(tool_io *io, const mf_err *err);

/* Print what is wrong with the usage as one line, exit with 2. */
_Noreturn void tool_misuse(const char *format, ...) MF_PRINTF(1, 2);

#endif
