/* mf/fold_model.h - new users for a stored model: from a bundle to mf/fold_in.h.
 *
 * The model card says how a model was trained, and so how users are placed in it. To
 * place a user who likes the items 3 and 14 of the model in `in`, a bundle called
 * `name` (mf_in_open), and list the best ten items:
 *
 *     const uint32_t item[] = {3, 14};
 *     const float value[] = {1, 1};
 *     uint8_t z[2];
 *     uint32_t found;
 *     mf_hit hit[10];
 *     mf_model model;
 *     mf_fold_in *fold = NULL;
 *     mf_fold_work *work = NULL;
 *     mf_catalogue *catalogue = NULL;
 *     mf_search *search = NULL;
 *     int code = mf_model_load(&model, in, MF_WANT_FACTORS, NULL, NULL, &err);
 *     size_t floats = (size_t)model.users.personas * model.users.k;
 *     float *vectors = calloc(floats + 1, sizeof *vectors);
 *     mf_fold_user user = {
 *         .n = 2, .item = item, .value = value, .vectors = vectors, .z = z};
 *     if (code == MF_OK)
 *         code = mf_model_fold_open(&fold, &model, name, 0, &err);
 *     if (code == MF_OK)
 *         code = mf_fold_work_open(&work, fold, &err);
 *     if (code == MF_OK)
 *         code = mf_als_fold_in(fold, work, &user, &err);
 *     if (code == MF_OK)
 *         code = mf_catalogue_open(&catalogue, &model.items, NULL, &err);
 *     if (code == MF_OK)
 *         code = mf_search_open(&search, catalogue, model.users.personas, 10, &err);
 *     if (code == MF_OK) {
 *         mf_query query = {.vectors = vectors,
 *                           .active = mf_fold_active(fold, &user),
 *                           .base = model.card.mu + user.bias,
 *                           .hidden = 2,
 *                           .hide = item};
 *         mf_search_users(search, 1, &query, hit, &found);
 *     }
 *     mf_search_close(search);
 *     mf_catalogue_close(catalogue);
 *     mf_fold_work_close(work);
 *     mf_fold_in_close(fold);
 *     free(vectors);
 *     mf_model_free(&model);
 *
 * The index of an item by its id is mf_ids_find(&model.ratings.items, ...). A list is
 * safe where mf_search_check passes the model's factors and those that were placed. */
#ifndef MF_FOLD_MODEL_H
#define MF_FOLD_MODEL_H

#include "mf/fold_in.h"
#include "mf/model.h"

MF_BEGIN_DECLS

/* Get ready to fold users into a model with factors, as its card says it was trained;
 * `model` is borrowed until mf_fold_in_close. `name` is that of the model's file, for
 * messages; threads (0: all) are used by this call alone. O(items k^2). Returns MF_OK,
 * MF_EFORMAT (the card does not say what the model is), MF_EINVAL (items that are not
 * those of the card), MF_EMATH (V is not finite) or MF_ENOMEM. */
int mf_model_fold_open(mf_fold_in **out, const mf_model *model, const char *name,
                       int threads, mf_err *err) MF_MUST_USE;

MF_END_DECLS

#endif
