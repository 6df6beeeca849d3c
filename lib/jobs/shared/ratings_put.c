#include "jobs/shared/ratings_put.h"

int mf__ratings_put(mf_bundle_writer *w, const mf_ratings *r, mf_value value,
                    bool nnz_known, const char *note, mf_err *err)
{
    const mf_header header = {.users = r->users.n,
                              .items = r->items.n,
                              .nnz = r->x.nnz,
                              .nnz_known = nnz_known,
                              .value = value,
                              .time = r->time != NULL};
    int code = mf_bundle_put_header(w, &header, NULL, err);
    if (code == MF_OK && note)
        code = mf_bundle_put_note(w, note, err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(w, MF_USER, &r->users, err);
    if (code == MF_OK)
        code = mf_bundle_put_ids(w, MF_ITEM, &r->items, err);
    for (uint32_t u = 0; code == MF_OK && u < r->users.n; u++) {
        size_t at = r->x.ptr[u];
        code = mf_bundle_put_row_time(
            w, (uint32_t)(r->x.ptr[u + 1] - at), r->x.col + at,
            value == MF_U32 ? (const void *)(r->count + at) : r->x.val + at,
            r->fold + at, r->time ? r->time + at : NULL, err);
    }
    return code;
}
