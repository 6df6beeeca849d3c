/* Joining bundles: mf/join.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jobs/convert/format.h"
#include "jobs/shared/ratings_put.h"
#include "mf/convert.h"
#include "scratch.h"

enum { PARTS = 4 };

typedef struct file {
    char *bytes;
    size_t size;
} file;

static void free_file(file *f)
{
    free(f->bytes);
    *f = (file){0};
}

static void must(int code)
{
    assert_int_equal(code, MF_OK);
}

static void load(mf_model *m, const file *f, unsigned want)
{
    mf_in *in;
    int fd = scratch_fd(f->bytes, f->size);
    must(mf_in_open(&in, fd, "t", NULL));
    must(mf_model_load(m, in, want, NULL, NULL, NULL));
    mf_in_close(in);
    close(fd);
}

/* Ratings from "user TAB item TAB value TAB fold" lines, as if `stage` had
 * made them. */
static file make_ratings(const char *text, const mf_stage *stage, size_t stages)
{
    cells c;
    mf_ratings r;
    mf_lines *lines;
    mf_bundle_writer *w;
    mf_out *out;
    reading got;
    file result;
    mf_convert_from_params params = mf_convert_from_defaults();
    params.columns = "1,2,3,4";
    int fd = scratch_fd(text, strlen(text)), to = scratch_fd("", 0);
    must(mf_lines_open(&lines, fd, "t", NULL));
    must(mf__cells_open(&c, lines, NULL, NULL));
    const mf_convert_input input = {.text = lines};
    must(mf__delimited_read(&c, &input, &params, &got, NULL));
    must(mf__cells_settle(&c, MF_DUPLICATES_SUM, &r, NULL));
    must(mf_out_open(&out, to, "t", NULL));
    must(mf_bundle_writer_open(&w, out, NULL));
    must(mf__ratings_put(w, &r, r.count ? MF_U32 : MF_F32, true, NULL, NULL));
    must(mf_bundle_put_end_stages(w, stages, stage, NULL));
    mf_bundle_writer_close(w);
    mf_out_close(out);
    mf_lines_close(lines);
    mf_ratings_free(&r);
    mf__cells_close(&c);
    result.bytes = scratch_bytes(to, &result.size);
    close(fd);
    close(to);
    return result;
}

static file make_shard(const char *text, const char *shard, uint64_t before)
{
    mf_stage stage[2] = {mf_stage_make("msd-aggregate"), mf_stage_make("mf-split")};
    mf_stage_input(&stage[0], "triplets", 17);
    mf_stage_option(&stage[0], "level", "artist");
    if (shard)
        mf_stage_option(&stage[0], "shard", "%s", shard);
    mf_stage_input(&stage[1], "bundle", before);
    return make_ratings(text, stage, before ? 2 : 1);
}

/* Join; the error's text into `why`, [600], or "". */
static file join(const file *const part[], size_t parts, char *why)
{
    static const char *const name[PARTS] = {"a", "b", "c", "d"};
    mf_join *all;
    mf_out *out;
    mf_err err = {0};
    file result;
    int to = scratch_fd("", 0);
    must(mf_join_open(&all, NULL));
    for (size_t i = 0; i < parts; i++) {
        mf_in *in;
        int fd = scratch_fd(part[i]->bytes, part[i]->size);
        must(mf_in_open(&in, fd, name[i], NULL));
        must(mf_join_put(all, in, NULL));
        mf_in_close(in);
        close(fd);
    }
    must(mf_out_open(&out, to, "t", NULL));
    int code = mf_join_finish(all, out, NULL, &err);
    assert_int_equal(code, err.code);
    memcpy(why, err.text, sizeof err.text);
    mf_out_close(out);
    mf_join_close(all);
    result.bytes = scratch_bytes(to, &result.size);
    close(to);
    return result;
}

static void assert_same(const file *a, const file *b)
{
    assert_int_equal(a->size, b->size);
    assert_memory_equal(a->bytes, b->bytes, a->size);
}

static const char ANNA[] = "anna\tAbba\t1\t0\nanna\tNeu!\t4294967295\t2\n";
static const char BOB[] = "bob\tCan\t3\t1\nbob\tNeu!\t7\t0\n";
static const char CARL[] = "carl\tAbba\t2\t0\n";

static void all_shards_give_the_bytes_of_the_whole(void **state)
{
    (void)state;
    char text[200], why[600];
    snprintf(text, sizeof text, "%s%s%s", BOB, ANNA, CARL);
    file whole = make_shard(text, NULL, 0);
    file a = make_shard(ANNA, "2/3", 0), b = make_shard(BOB, "1/3", 0);
    file c = make_shard(CARL, "3/3", 0);
    const file *const parts[] = {&c, &a, &b};
    file joined = join(parts, 3, why);
    assert_string_equal(why, "");
    assert_same(&joined, &whole);
    free_file(&joined);

    joined = join(parts, 2, why);
    assert_string_equal(why, "shard 1/3 is missing; name all of them");
    free_file(&joined);
    file a_too = make_shard("dora\tAbba\t2\t0\n", "2/3", 0);
    const file *const again[] = {&a, &b, &c, &a_too};
    joined = join(again, 4, why);
    assert_string_equal(why, "d: shard 2/3 is there twice");
    free_file(&joined);
    free_file(&a_too);
    const file *const strange[] = {&a, &b, &whole};
    joined = join(strange, 3, why);
    assert_non_null(strstr(why, "is a shard, and not every other bundle"));
    free_file(&joined);
    free_file(&a);
    free_file(&b);
    free_file(&c);
    free_file(&whole);
}

static void a_stage_after_the_shards_makes_the_join_show(void **state)
{
    (void)state;
    char why[600];
    mf_model m;
    file a = make_shard(ANNA, "1/2", 100), b = make_shard(BOB, "2/2", 23);
    const file *const forth[] = {&a, &b}, *const back[] = {&b, &a};
    file joined = join(forth, 2, why), other = join(back, 2, why);
    assert_string_equal(why, "");
    assert_same(&joined, &other);
    load(&m, &joined, MF_WANT_RATINGS);
    assert_int_equal(m.stages, 3);
    assert_string_equal(m.stage[0].tool, "msd-aggregate");
    assert_int_equal(m.stage[0].options, 1); /* not the shard */
    assert_int_equal(m.stage[1].input[0].digest, 123);
    assert_string_equal(m.stage[2].tool, "mf-convert");
    assert_string_equal(m.stage[2].option[0].name, "join");
    assert_int_equal(m.ratings.count[1], 4294967295u);
    assert_int_equal(m.ratings.fold[1], MF_TEST);
    mf_model_free(&m);
    free_file(&joined);
    free_file(&other);
    free_file(&a);
    free_file(&b);
}

static void users_in_common_are_merged(void **state)
{
    (void)state;
    char why[600];
    mf_model m;
    file a = make_shard(ANNA, NULL, 0),
         b = make_shard("anna\tAbba\t6\t0\nanna\tX\t2\t0\nzoe\tX\t3\t1\n", NULL, 0);
    const file *const forth[] = {&a, &b}, *const back[] = {&b, &a};
    file joined = join(forth, 2, why), other = join(back, 2, why);
    assert_string_equal(why, "");
    assert_same(&joined, &other);
    load(&m, &joined, MF_WANT_RATINGS);
    assert_int_equal(m.ratings.users.n, 2);
    assert_int_equal(m.ratings.x.nnz, 4); /* Abba 7, Neu! 2^32 - 1, X 2; X 3 */
    assert_int_equal(m.header.nnz, 4);
    assert_int_equal(m.ratings.count[0], 7);
    assert_int_equal(m.ratings.count[1], 4294967295u);
    assert_int_equal(m.ratings.count[2], 2);
    assert_int_equal(m.ratings.count[3], 3);
    assert_string_equal(m.stage[m.stages - 1].option[0].name, "duplicates");
    mf_model_free(&m);
    free_file(&joined);
    free_file(&other);
    free_file(&a);
    free_file(&b);
}

static void counts_beside_floats_become_floats(void **state)
{
    (void)state;
    char why[600];
    mf_model m;
    file a = make_shard(ANNA, NULL, 0);
    file b = make_shard("anna\tAbba\t0.5\t0\nzoe\tX\t1.5\t0\n", NULL, 0);
    const file *const forth[] = {&a, &b}, *const back[] = {&b, &a};
    file joined = join(forth, 2, why), other = join(back, 2, why);
    assert_string_equal(why, "");
    assert_same(&joined, &other);
    load(&m, &joined, MF_WANT_RATINGS);
    assert_int_equal(m.header.value, MF_F32);
    assert_null(m.ratings.count);
    assert_int_equal(m.ratings.x.nnz, 3);
    assert_float_equal(m.ratings.x.val[0], 1.5f, 0);
    assert_float_equal(m.ratings.x.val[1], 4294967296.0f, 0); /* the nearest float */
    assert_float_equal(m.ratings.x.val[2], 1.5f, 0);
    mf_model_free(&m);
    free_file(&joined);
    free_file(&other);
    free_file(&a);
    free_file(&b);
    mf_err err = {0};
    mf_join *none;
    must(mf_join_open(&none, NULL));
    assert_int_equal(mf_join_finish(none, NULL, NULL, &err), MF_EINVAL);
    assert_string_equal(err.text, "no bundles to join");
    mf_join_close(none);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    char why[600];
    file a = make_shard(ANNA, NULL, 0);
    file f = make_shard("zoe\tX\t1.5\t0\n", NULL, 0);
    file fold = make_shard("anna\tAbba\t1\t1\n", NULL, 0);
    file much = make_shard("anna\tNeu!\t1\t2\n", NULL, 0);
    const file *const twice[] = {&a, &f, &a};
    const file *const folds[] = {&a, &fold}, *const large[] = {&a, &much};
    static const char *const words[] = {
        "c: is the same bundle as a; name it once",
        "user 'anna', item 'Abba' in a and in b: in different folds; join what "
        "mf-split read, and split the whole. Without its folds a bundle is mf-convert "
        "--to=csv BUNDLE | mf-convert --from=csv --columns=1,2,3",
        "user 'anna', item 'Neu!' in b and in a: the sum is more than 4294967295"};
    const file *const *const parts[] = {twice, folds, large};
    for (size_t i = 0; i < 3; i++) {
        file joined = join(parts[i], i == 0 ? 3 : 2, why);
        assert_string_equal(why, words[i]);
        free_file(&joined);
    }
    free_file(&a);
    free_file(&f);
    free_file(&fold);
    free_file(&much);
}

/* The model that training would make of the ratings, whole or factors only. */
static file make_model(const file *ratings, bool whole, uint32_t personas, int spoil)
{
    static const float numbers[64] = {1, 2, 3};
    static const uint8_t z[8] = {0, 1, 0};
    mf_model m;
    mf_bundle_writer *w;
    mf_out *out;
    file result;
    int to = scratch_fd("", 0);
    load(&m, ratings, MF_WANT_RATINGS);
    mf_ratings *r = &m.ratings;
    mf_card card = {.k = 2, .personas = personas, .preset = "implicit"};
    must(mf_ratings_digest(r, 1u << MF_TRAIN, true, &card.train, NULL));
    must(mf_ratings_digest(r, 1u << MF_VALID | 1u << MF_TEST, false, &card.held_out,
                           NULL));
    card.train += spoil == 1;
    card.held_out += spoil == 2;
    union {
        const float *in;
        float *out;
    } data = {numbers};
    mf_tensor users = {r->users.n, personas, 2, data.out, NULL, NULL},
              items = {r->items.n, 1, 2, data.out, NULL, NULL};
    size_t zptr[8] = {0};
    for (uint32_t u = 0; u < r->users.n; u++) {
        zptr[u + 1] = zptr[u];
        for (size_t t = r->x.ptr[u]; t < r->x.ptr[u + 1]; t++)
            zptr[u + 1] += r->fold[t] == MF_TRAIN;
    }
    zptr[r->users.n] -= spoil == 3;
    mf_stage stage[2] = {m.stage[0], mf_stage_make("mf-als")};
    mf_stage_option(&stage[1], "factors", "2");
    if (!whole)
        mf_stage_option(&stage[1], "factors-only", "yes");
    mf_stage_input(&stage[1], "bundle", m.digest + (spoil == 4));
    const mf_history_entry first = {.half = "start", .loss = 1};
    must(mf_out_open(&out, to, "t", NULL));
    must(mf_bundle_writer_open(&w, out, NULL));
    if (whole) {
        must(mf__ratings_put(w, r, m.header.value, true, NULL, NULL));
    } else {
        must(mf_bundle_put_header(w, &m.header, NULL, NULL));
        must(mf_bundle_put_ids(w, MF_USER, &r->users, NULL));
        must(mf_bundle_put_ids(w, MF_ITEM, &r->items, NULL));
    }
    must(mf_bundle_put_card(w, &card, NULL));
    must(mf_bundle_put_factors(w, MF_ITEM, &items, NULL, NULL, NULL));
    must(mf_bundle_put_factors(w, MF_USER, &users, zptr, z, NULL));
    must(mf_bundle_put_history(w, 1, &first, NULL));
    must(mf_bundle_put_end_stages(w, 2, stage, NULL));
    mf_bundle_writer_close(w);
    mf_out_close(out);
    mf_model_free(&m);
    result.bytes = scratch_bytes(to, &result.size);
    close(to);
    return result;
}

static void ratings_and_their_factors_become_the_model(void **state)
{
    (void)state;
    char text[200], why[600];
    snprintf(text, sizeof text, "%s%s%s", BOB, ANNA, CARL);
    file ratings = make_shard(text, NULL, 0);
    for (uint32_t personas = 1; personas <= 2; personas++) {
        file factors = make_model(&ratings, false, personas, 0);
        file whole = make_model(&ratings, true, personas, 0);
        const file *const forth[] = {&ratings, &factors}, *const back[] = {&factors,
                                                                           &ratings};
        file joined = join(forth, 2, why), other = join(back, 2, why);
        assert_string_equal(why, "");
        assert_same(&joined, &whole);
        assert_same(&other, &whole);
        free_file(&other);
        const file *const twice[] = {&whole, &factors};
        other = join(twice, 2, why);
        assert_non_null(strstr(why, "a: holds a model"));
        free_file(&other);
        free_file(&joined);
        free_file(&whole);
        free_file(&factors);
    }
    free_file(&ratings);
}

static void factors_of_other_ratings_are_refused(void **state)
{
    (void)state;
    static const char *const words[] = {
        "", "b: was not trained on the training cells of a",
        "b: was trained with other cells held out", "b: its personas do not fit", ""};
    char why[600];
    mf_model m;
    file ratings = make_shard(BOB, NULL, 0);
    for (int spoil = 1; spoil <= 4; spoil++) {
        file factors = make_model(&ratings, false, 2, spoil);
        const file *const parts[] = {&ratings, &factors};
        file joined = join(parts, 2, why);
        if (spoil < 4) {
            assert_memory_equal(why, words[spoil], strlen(words[spoil]));
            assert_int_equal(joined.size, 0);
        } else { /* the same cells from another bundle: it shows */
            assert_string_equal(why, "");
            load(&m, &joined, MF_WANT_RATINGS | MF_WANT_FACTORS);
            assert_int_equal(m.stages, 3);
            assert_string_equal(m.stage[2].input[1].name, "factors");
            mf_model_free(&m);
        }
        free_file(&joined);
        free_file(&factors);
    }
    file factors = make_model(&ratings, false, 1, 0), other = make_shard(ANNA, NULL, 0);
    const file *const parts[] = {&other, &factors};
    file joined = join(parts, 2, why);
    assert_string_equal(why, "b: its users or items are not those of a");
    free_file(&joined);
    free_file(&factors);
    free_file(&other);
    free_file(&ratings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_shards_give_the_bytes_of_the_whole),
        cmocka_unit_test(a_stage_after_the_shards_makes_the_join_show),
        cmocka_unit_test(users_in_common_are_merged),
        cmocka_unit_test(counts_beside_floats_become_floats),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(ratings_and_their_factors_become_the_model),
        cmocka_unit_test(factors_of_other_ratings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
