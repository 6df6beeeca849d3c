/* jobs/synth/names.h - plausible ids, names and titles of a synthetic data set. */
#ifndef JOBS_SYNTH_NAMES_H
#define JOBS_SYNTH_NAMES_H

#include <stdint.h>

#include "base/rng.h"
#include "mf/ratings.h"

enum { SYNTH_ID = 18, SYNTH_USER = 40, SYNTH_TEXT = 256 };

/* "SO" or "TR", then 16 letters and digits: another one for each n below 2^28;
 * [SYNTH_ID], not terminated. */
void mf__synth_song_id(char id[SYNTH_ID], uint64_t seed, uint32_t n);
void mf__synth_track_id(char id[SYNTH_ID], uint64_t seed, uint32_t n);

/* 40 hexadecimal digits; [SYNTH_USER], not terminated. */
void mf__synth_user_id(char id[SYNTH_USER], mf_rng *rng);

/* An artist's name: mostly ASCII, some with accents, some in other scripts. */
void mf__synth_artist_name(char name[SYNTH_TEXT], mf_rng *rng);

/* Add a word to a name. */
void mf__synth_longer_name(char name[SYNTH_TEXT], mf_rng *rng);

/* Another way to write the name that folds to the same key. */
void mf__synth_spelling(char out[SYNTH_TEXT], const char *name, mf_rng *rng);

void mf__synth_title(char title[SYNTH_TEXT], mf_rng *rng);

#endif
