/* mf/stage.h - provenance: what one stage of a pipe did.
 *
 * Each stage leaves in the E frame its tool, version, the options that change
 * the result, its seed and the digest of each input; nothing about time, host,
 * threads or paths, so that equal data and options give equal bytes. */
#ifndef MF_STAGE_H
#define MF_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mf/err.h"

#define MF_VERSION "0.1.0"

enum { MF_STAGE_OPTIONS = 40, MF_STAGE_INPUTS = 16, MF_STAGE_TEXT = 64 };

typedef struct mf_stage {
    char tool[MF_STAGE_TEXT], version[MF_STAGE_TEXT];
    bool seeded;
    uint64_t seed; /* if seeded */
    size_t options, inputs;
    struct {
        char name[MF_STAGE_TEXT], value[2 * MF_STAGE_TEXT];
    } option[MF_STAGE_OPTIONS]; /* sorted by name */
    struct {
        char name[MF_STAGE_TEXT]; /* what it is: "bundle", "triplets", "tracks" */
        uint64_t digest;
    } input[MF_STAGE_INPUTS];
} mf_stage;

/* A stage of this version of `tool`, without options or inputs. */
mf_stage mf_stage_make(const char *tool);

void mf_stage_seed(mf_stage *stage, uint64_t seed);

/* Add an option in its canonical form ("0.15", never "15%"). Text past the
 * room is cut. */
void mf_stage_option(mf_stage *stage, const char *name, const char *format, ...)
    MF_PRINTF(3, 4);

/* The same for a number, as mf_stage_digits writes it. */
void mf_stage_number(mf_stage *stage, const char *name, double value);

/* The shortest text that gives the number back; a whole one has no exponent. */
enum { MF_STAGE_DIGITS = 32 };
void mf_stage_digits(char text[MF_STAGE_DIGITS], double value);

/* Take an option away, if it is there. */
void mf_stage_drop(mf_stage *stage, const char *name);

/* Add an input. Past the room, the digest is added to that of the last one, so
 * that the result still depends on every input. */
void mf_stage_input(mf_stage *stage, const char *name, uint64_t digest);

#endif
