/* Prints all that the library reads in bundles: golden/show FILE... */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mf/bundle.h"

static void show_ids(const mf_id_block *b)
{
    const char *at = b->text;
    printf("I %s %u+%u:", b->axis == MF_USER ? "user" : "item", b->first, b->n);
    for (uint32_t i = 0; i < b->n; at += b->len[i++])
        printf(" '%.*s'", (int)b->len[i], at);
    putchar('\n');
}

static void show_rows(const mf_row_block *b)
{
    size_t t = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        printf("R %u:", b->first + i);
        for (uint32_t j = 0; j < b->len[i]; j++, t++)
            if (b->u32)
                printf(" %u=%u/%d", b->item[t], b->u32[t], b->fold[t]);
            else
                printf(" %u=%.9g/%d", b->item[t], (double)b->f32[t], b->fold[t]);
        for (size_t j = t - b->len[i]; b->time && j < t; j++)
            printf(" @%" PRId64, b->time[j]);
        putchar('\n');
    }
}

static void show_factors(const mf_factor_block *b)
{
    printf("F %s %u+%u:", b->side == MF_USER ? "user" : "item", b->first, b->n);
    for (size_t i = 0; i < (size_t)b->n * b->personas * b->k; i++)
        printf(" %.9g", (double)b->data[i]);
    for (size_t i = 0; b->bias && i < b->n; i++)
        printf(" b%.9g", (double)b->bias[i]);
    for (size_t i = 0; b->weight && i < b->n; i++)
        printf(" w%.9g", (double)b->weight[i]);
    for (size_t i = 0; b->z && i < b->n; i++)
        printf(" len %u", b->len[i]);
    for (size_t i = 0; i < b->z_size; i++)
        printf(" z%d", b->z[i]);
    putchar('\n');
}

static void show(const mf_record *rec)
{
    const mf_header *h = &rec->header;
    const mf_card *c = &rec->card;
    switch (rec->kind) {
    case MF_REC_HEADER:
        printf("H users %u items %u nnz %" PRIu64 "%s value %s\n", h->users, h->items,
               h->nnz, h->nnz_known ? "" : " (not known)",
               h->value == MF_U32 ? "u32" : "f32");
        break;
    case MF_REC_IDS: show_ids(&rec->ids); break;
    case MF_REC_ROWS: show_rows(&rec->rows); break;
    case MF_REC_CARD:
        printf(
            "M k %u p %u preset %s init %s overlap %g unobserved %g lambda %g %g nu %g "
            "iterations %u warmup %u seed %" PRIu64 " mu %g train %016" PRIx64
            " held_out %016" PRIx64,
            c->k, c->personas, c->preset, c->init, c->overlap, c->unobserved,
            c->lambda_users, c->lambda_items, c->nu, c->iterations, c->warmup, c->seed,
            c->mu, c->train, c->held_out);
        if (c->assign[0])
            printf(" assign %s", c->assign);
        if (c->confidence[0])
            printf(" confidence %s %g %g", c->confidence, c->alpha, c->eps);
        if (c->popularity > 0)
            printf(" popularity %g", c->popularity);
        if (c->lambda_bias != 0)
            printf(" lambda_bias %g", c->lambda_bias);
        putchar('\n');
        break;
    case MF_REC_FACTORS: show_factors(&rec->factors); break;
    case MF_REC_HISTORY:
        for (size_t i = 0; i < rec->history.n; i++) {
            const mf_history_entry *e = &rec->history.entry[i];
            printf("h %u %s loss %g = %g + %g + %g rmse %g valid %g moved %g\n",
                   e->iteration, e->half, e->loss, e->prediction, e->users, e->items,
                   e->rmse, e->valid, e->moved);
        }
        break;
    case MF_REC_NOTE:
        printf("n %s '%.*s'\n", rec->safe ? "safe" : "not safe", (int)rec->note.len,
               rec->note.text);
        break;
    case MF_REC_OTHER:
        printf("%c %s\n", rec->tag, rec->safe ? "safe" : "not safe");
        break;
    }
}

static void show_stages(const mf_bundle_reader *r, mf_err *err)
{
    mf_stage s;
    for (size_t i = 0;
         i < mf_bundle_stages(r) && mf_bundle_stage(r, i, &s, err) == MF_OK; i++) {
        printf("E %s %s", s.tool, s.version);
        for (size_t j = 0; j < s.options; j++)
            printf(" %s=%s", s.option[j].name, s.option[j].value);
        if (s.seeded)
            printf(" seed %" PRIu64, s.seed);
        for (size_t j = 0; j < s.inputs; j++)
            printf(" %s %016" PRIx64, s.input[j].name, s.input[j].digest);
        putchar('\n');
    }
}

int main(int argc, char *argv[])
{
    for (int i = 1; i < argc; i++) {
        mf_err err = {0};
        mf_in *in;
        mf_bundle_reader *r;
        const mf_record *rec;
        int fd = open(argv[i], O_RDONLY), code;
        const char *slash = strrchr(argv[i], '/');
        printf("== %s\n", slash ? slash + 1 : argv[i]);
        if (fd < 0 || mf_in_open(&in, fd, argv[i], &err) < 0 ||
            mf_bundle_reader_open(&r, in, &err) < 0)
            return 1;
        while ((code = mf_bundle_next(r, &rec, &err)) == 1)
            show(rec);
        if (code == 0) {
            show_stages(r, &err);
            printf("digest %016" PRIx64 " cells %" PRIu64 "\n", mf_bundle_digest(r),
                   mf_bundle_cells(r));
        }
        mf_bundle_reader_close(r);
        mf_in_close(in);
        close(fd);
        if (err.code) {
            fprintf(stderr, "show: %s\n", err.text);
            return 1;
        }
    }
    return 0;
}
