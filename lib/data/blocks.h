/* data/blocks.h - text files cut into blocks of whole lines, for several threads.
 *
 * Files are read in order, by whichever thread asks for the next block. Blocks are
 * numbered, so that neither the counts of lines nor the error that is reported depend
 * on the threads: once a block has failed, no later one is handed out, those before it
 * are finished, and the error of the lowest block is the one that counts. */
#ifndef DATA_BLOCKS_H
#define DATA_BLOCKS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/io.h"

enum { BLOCK_SLACK = 64 }; /* zero bytes behind a block that may be read */

/* A thread's own, zeroed before the first use. */
typedef struct text_block {
    char *text; /* [len + BLOCK_SLACK] lines; only the last may lack its end */
    size_t len, cap;
    size_t number, file;
} text_block;

typedef struct blocks {
    mf_in **files; /* [n], borrowed */
    size_t n, file;
    bool begun; /* this file */
    size_t bytes;
    char *tail; /* the part of a line that the next block begins with */
    size_t tail_len, tail_cap;
    size_t next;     /* number of the next block */
    uint32_t *lines; /* [next], of each block, once it is done */
    size_t lines_cap;
    size_t *first; /* [n], number of the first block of each file */
    uint64_t total, digest;
    pthread_mutex_t lock;
    bool failed;
    size_t fail_number; /* of the block */
    uint64_t
        fail_line; /* in the block, from 1; 0: the text of the error names its place */
    mf_err err;
} blocks;

/* Blocks of about `bytes`, longer where one line is. On failure, and after use,
 * mf__blocks_close. */
int mf__blocks_open(blocks *b, mf_in **files, size_t n, size_t bytes,
                    mf_err *err) MF_MUST_USE;
void mf__blocks_close(blocks *b);

/* The next block. Returns 1, or 0 at the end and after a failure, which
 * mf__blocks_result returns. */
int mf__blocks_next(blocks *b, text_block *out) MF_MUST_USE;
void mf__text_block_free(text_block *block);

/* Check a line, without its end: it must be UTF-8 without NUL and not too long.
 * Returns MF_OK or MF_EFORMAT. */
int mf__blocks_check_line(const char *text, size_t len, mf_err *err) MF_MUST_USE;

/* Count a block as done: its lines and the sum of their hashes. */
void mf__blocks_done(blocks *b, const text_block *block, uint32_t lines,
                     uint64_t digest);

/* Report an error in a line of a block (from 1; 0: in no line of it). */
void mf__blocks_fail(blocks *b, const text_block *block, uint64_t line,
                     const mf_err *why);

/* When every thread has stopped: MF_OK, or the first error, with file and line. */
int mf__blocks_result(const blocks *b, mf_err *err) MF_MUST_USE;

/* The lines of all blocks that are done, and their digest (see mf_lines_digest). */
uint64_t mf__blocks_lines(blocks *b);
uint64_t mf__blocks_digest(const blocks *b);

#endif
