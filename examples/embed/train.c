/* Trains on lines "user item plays", numbers from 0, of standard input, and lists ten
 * items for a user. usage: train USER <plays.txt */
#include <mf/mf.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX = 1000000, TOP = 10 };

int main(int argc, char *argv[])
{
    static uint32_t row[MAX], col[MAX];
    static float val[MAX];
    uint32_t users = 0, items = 0, user = argc > 1 ? (uint32_t)atoi(argv[1]) : 0,
             found = 0;
    size_t n = 0;
    for (; n < MAX && scanf("%u %u %f", &row[n], &col[n], &val[n]) == 3; n++) {
        users = row[n] < users ? users : row[n] + 1;
        items = col[n] < items ? items : col[n] + 1;
    }
    if (n == 0) {
        fprintf(stderr, "train: no line of user, item and plays: wanted 0 12 3\n");
        return 1;
    }

    mf_csr plays;
    mf_als *als = NULL;
    mf_hit hit[TOP];
    mf_err err = {0};
    mf_als_params params = mf_als_defaults(MF_PRESET_IMPLICIT);
    params.k = 8;
    int code = mf_csr_from_triplets(&plays, users, items, n, row, col, val, &err);
    if (code == MF_OK)
        code = mf_als_open(&als, &plays, NULL, &params, &err);
    if (code == MF_OK)
        code = mf_als_run(als, NULL, NULL, &err);
    if (code == MF_OK)
        code = mf_als_recommend(als, 1, &user, TOP, hit, &found, &err);
    for (uint32_t r = 0; code == MF_OK && r < found; r++)
        printf("%u %.4f\n", hit[r].item, hit[r].score);
    if (code != MF_OK)
        fprintf(stderr, "train: %s\n", err.text);
    mf_als_close(als);
    mf_csr_free(&plays);
    return code == MF_OK ? 0 : 1;
}
