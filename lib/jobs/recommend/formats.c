#include "jobs/recommend/formats.h"

/* Both in the order of mf_recommend_format. */
const char *const mf_recommend_format_names[] = {"tsv", "json", "trec", "csv", NULL};
static const list_format FORMATS[] = {
    {.list = mf__rec_tsv_list},
    {.list = mf__rec_json_list},
    {.list = mf__rec_trec_list, .no_explain = "a TREC run has no room for --explain"},
    {.head = mf__rec_csv_head, .list = mf__rec_csv_list},
};

const list_format *mf__rec_format(const mf_recommend_params *params)
{
    size_t i = (size_t)params->format;
    return i < sizeof FORMATS / sizeof *FORMATS ? &FORMATS[i] : NULL;
}
