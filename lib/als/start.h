/* als/start.h - what a training starts from. */
#ifndef ALS_START_H
#define ALS_START_H

#include "als/context.h"

/* Draw random factors, of one persona where a warm-up follows. Returns MF_OK,
 * MF_ENOMEM or MF_EMATH. */
int mf__als_start_random(mf_als *als, mf_err *err) MF_MUST_USE;

/* Find the parts into which the personas of a model, just restored, divide each
 * history. have[u] becomes the number of parts, and z names them: a cell of no persona
 * goes to the persona that fits it best. have[u] is 0 for users without vectors, and
 * for all users where the model has one persona and this training several: those
 * histories are to be clustered from nothing. */
void mf__als_find_parts(mf_als *als, uint8_t have[]);

/* Divide each user's history into p.personas parts, z, by clustering its item vectors.
 * The first centers are those of its have[u] parts, which z names; a user who has all
 * p.personas parts is left alone. have NULL: 0 for all. Returns MF_OK, MF_ENOMEM or
 * MF_EMATH. */
int mf__als_split_histories(mf_als *als, const uint8_t *have, mf_err *err) MF_MUST_USE;

/* Give users p personas, each a copy of one of theirs. The biases stay, so that b_u,
 * the next to be solved, starts from where it is. Returns MF_OK or MF_ENOMEM. */
int mf__als_set_personas(mf_als *als, uint32_t p, mf_err *err) MF_MUST_USE;

/* The same where all of U is solved next and nothing begins with it: its vectors are 0,
 * unless there are biases. Both are never in memory at once. */
int mf__als_new_personas(mf_als *als, uint32_t p, mf_err *err) MF_MUST_USE;

#endif
