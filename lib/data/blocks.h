/* data/blocks.h - text files cut into blocks of whole lines, for several threads.
 *
 * Files are read in order, by whichever thread asks for the next block. Blocks
 * are numbered, so that the account of the lines, and which error is the first,
 * do not depend on who took which: once a block has failed no later one is
 * given out, those before it are finished, and of their errors the one of the
 * lowest block counts. */
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
    uint64_t fail_line; /* in the block, from 1; 0: the text has its place */
    mf_err err;
} blocks;

/* Blocks of about `bytes`, longer where one line is. On failure, and after use,
 * mf__blocks_close. */
int mf__blocks_open(blocks *b, mf_in **files, size_t n, size_t bytes,
                    mf_err *err) MF_MUST_USE;
void mf__blocks_close(blocks *b);

/* The next block. Returns 1, or 0: the end, or a failure that mf__blocks_result
 * will tell. */
int mf__blocks_next(blocks *b, text_block *out) MF_MUST_USE;
void mf__text_block_free(text_block *block);

/* What every line must be, without its end: not too long, UTF-8 without NUL. Returns
 * MF_OK or MF_EFORMAT. */
int mf__blocks_check_line(const char *text, size_t len, mf_err *err) MF_MUST_USE;

/* Account for a block: its lines and the sum of their hashes. */
void mf__blocks_done(blocks *b, const text_block *block, uint32_t lines,
                     uint64_t digest);

/* This block has an error, in this line of it (from 1; 0: in none). */
void mf__blocks_fail(blocks *b, const text_block *block, uint64_t line,
                     const mf_err *why);

/* When every thread has stopped: MF_OK, or the code and text of the first
 * error, with file and line. */
int mf__blocks_result(const blocks *b, mf_err *err) MF_MUST_USE;

/* Of all blocks that are done: lines, and their digest as mf_lines_digest. */
uint64_t mf__blocks_lines(blocks *b);
uint64_t mf__blocks_digest(const blocks *b);

#endif
