/* A user's artist is proposed by popularity, from Walker's alias table, and accepted
 * with the probability that the taste gives it, so that no user looks at all
 * artists. */
#include "mf/synth.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/par.h"
#include "base/report.h"
#include "base/rng.h"
#include "data/intern.h"
#include "jobs/synth/names.h"
#include "mf/artist_key.h"
#include "mf/ratings.h"

/* Set by measuring; tests/cli/synth.t holds the result against the original. */
static const double AFFINITY = 5;      /* b of mf/synth.h */
static const double ZIPF = 1.1;        /* s */
static const double ZIPF_SHIFT = .009; /* c */
/* How far artists and tastes are from their axis. */
static const double ARTIST_WIDTH = .5, TASTE_WIDTH = .2;
/* The number of a user's artists is log-normal; its sigma is SPREAD where its mean is
 * MEAN, and grows with the logarithm of the mean by SPREAD_SLOPE. */
static const double MEAN = 17.3, SPREAD = .88, SPREAD_SLOPE = .157;
/* The logarithm of the plays of a song is normal; its mean is PLAYS_MEAN where taste
 * and artist have cosine 0, and grows with the cosine by PLAYS_SLOPE; its sigma is
 * PLAYS_SD. */
static const double PLAYS_MEAN = .40, PLAYS_SLOPE = .2, PLAYS_SD = 1.15;

enum {
    MANY_SONGS = 4,      /* of one cell in so many, several songs are played */
    VARIANTS = 12,       /* one artist in so many has a second spelling */
    TRIES = 4096,        /* proposals; after them any new artist will do */
    SONGS_PLAYED = 16,   /* songs of an artist that a user plays, at most */
    SONGS_MAX = 1 << 28, /* in all */
    FACTORS_MAX = 64,
    BATCH = 4096 /* users drawn before they are written */
};

/* Random generators: users have the indices from 0 on, artists those from here. */
static const uint64_t FIRST_ARTIST = (uint64_t)1 << 32;

typedef struct artists {
    const mf_synth_params *p;
    float *vector;   /* [p->artists * p->factors], unit vectors */
    double *prob;    /* [p->artists], alias table: chance of an artist itself, */
    uint32_t *alias; /* [p->artists], and the one that takes its place else */
    uint32_t *song;  /* [p->artists + 1], first song of each */
    mf_ids names;    /* [p->artists], the main spelling of each */
} artists;

/* Text on its way to a file. */
typedef struct text {
    char *data;
    size_t len, cap;
} text;

static void free_artists(artists *all)
{
    free(all->vector);
    free(all->prob);
    free(all->alias);
    free(all->song);
    mf_ids_free(&all->names);
}

mf_synth_params mf_synth_defaults(void)
{
    return (mf_synth_params){.users = 1600,
                             .artists = 3000,
                             .songs_per_artist = 4,
                             .personas = 3,
                             .factors = 16,
                             .artists_per_user = MEAN,
                             .seed = 1};
}

int mf_synth_check(const mf_synth_params *p, mf_err *err)
{
    if (p->users < 1 || p->artists < 1 || p->personas < 1 || p->factors < 1)
        return mf_fail(err, MF_EINVAL, "users, artists, personas, factors: at least 1");
    if (p->factors > FACTORS_MAX)
        return mf_fail(err, MF_EINVAL, "more than %d factors", FACTORS_MAX);
    if (p->personas > p->factors)
        return mf_fail(err, MF_EINVAL,
                       "%u personas need as many factors: their tastes are orthogonal",
                       p->personas);
    if (p->songs_per_artist < 1 || p->songs_per_artist > 1000 ||
        p->artists_per_user < 1 || p->artists_per_user > 100000)
        return mf_fail(
            err, MF_EINVAL,
            "songs per artist are in 1 .. 1000, artists per user in 1 .. 100000");
    return MF_OK;
}

/* --- the artists --- */

/* Walker's alias table of the popularity, as Vose (1991) builds it. */
static int make_popularity(artists *all, mf_err *err)
{
    uint32_t n = all->p->artists, small = 0, large = n;
    uint32_t *todo = mf__new(
        n, sizeof *todo); /* those below 1 from the left, others from the right */
    double sum = 0;
    if (!todo)
        return mf__nomem(err);
    for (uint32_t i = 0; i < n; i++)
        sum += all->prob[i] = pow(i + 1 + ZIPF_SHIFT * n, -ZIPF);
    for (uint32_t i = 0; i < n; i++) {
        all->prob[i] *= n / sum;
        all->alias[i] = i;
        todo[all->prob[i] < 1 ? small++ : --large] = i;
    }
    while (small > 0 && large < n) {
        uint32_t s = todo[--small], l = todo[large];
        all->alias[s] = l;
        all->prob[l] -= 1 - all->prob[s];
        if (all->prob[l] < 1) {
            large++;
            todo[small++] = l;
        }
    }
    while (small > 0)
        all->prob[todo[--small]] = 1; /* what they are but for rounding */
    while (large < n)
        all->prob[todo[large++]] = 1;
    free(todo);
    return MF_OK;
}

static double dot(const float a[], const float b[], uint32_t k)
{
    double sum = 0;
    for (uint32_t f = 0; f < k; f++)
        sum += (double)a[f] * (double)b[f];
    return sum;
}

/* A unit vector near an axis, orthogonal to the `before` vectors that precede it in
 * memory. */
static void draw_direction(float out[], uint32_t k, uint32_t axis, double width,
                           uint32_t before, mf_rng *rng)
{
    double norm, sd = width / sqrt(k);
    do {
        for (uint32_t f = 0; f < k; f++)
            out[f] = (float)((f == axis ? 1 : 0) + sd * mf__rng_normal(rng));
        for (uint32_t q = 1; q <= before; q++) {
            const float *other = out - (size_t)q * k;
            double along = dot(out, other, k);
            for (uint32_t f = 0; f < k; f++)
                out[f] -= (float)(along * (double)other[f]);
        }
        norm = sqrt(dot(out, out, k));
    } while (norm < 1e-3);
    for (uint32_t f = 0; f < k; f++)
        out[f] = (float)((double)out[f] / norm);
}

/* A name whose folding key no earlier artist has. */
static int draw_name(artists *all, mf_intern *keys, mf_artist_key *key, mf_rng *rng,
                     mf_err *err)
{
    char name[SYNTH_TEXT];
    uint32_t number, before = mf__intern_ids(keys)->n;
    for (uint32_t tries = 0;; tries++) {
        mf__synth_artist_name(name, rng);
        if (tries > 20) /* names run short: one more word */
            mf__synth_longer_name(name, rng);
        int code = mf_artist_key_make(key, MF_ARTIST_FOLD, name, strlen(name), err);
        if (code == MF_OK)
            code = mf__intern_put(keys, key->text, key->len, &number, err);
        if (code < 0)
            return code;
        if (number == before)
            return mf_ids_append(&all->names, name, strlen(name), err);
    }
}

/* The number of an artist's songs: geometric, with this mean. */
static uint32_t draw_songs(double mean, mf_rng *rng)
{
    double u = 1 - mf__rng_uniform(rng);
    return 1 + (mean > 1 ? (uint32_t)(log(u) / log1p(-1 / mean)) : 0);
}

static int write_tracks(const artists *all, uint32_t artist, mf_rng *rng, mf_out *out,
                        mf_err *err)
{
    char track[SYNTH_ID], song[SYNTH_ID], title[SYNTH_TEXT], name[SYNTH_TEXT],
        other[SYNTH_TEXT] = "";
    size_t len;
    const char *id = mf_ids_get(&all->names, artist, &len);
    memcpy(name, id, len);
    name[len] = '\0';
    uint32_t first = all->song[artist], n = all->song[artist + 1] - first;
    if (n > 2 && mf__rng_below(rng, VARIANTS) == 0)
        mf__synth_spelling(other, name,
                           rng); /* of the last song alone: the main one has more */
    for (uint32_t s = 0; s < n; s++) {
        mf__synth_track_id(track, all->p->seed, first + s);
        mf__synth_song_id(song, all->p->seed, first + s);
        mf__synth_title(title, rng);
        int code =
            mf_out_printf(out, err, "%.*s<SEP>%.*s<SEP>%s<SEP>%s\n", SYNTH_ID, track,
                          SYNTH_ID, song, s + 1 == n && *other ? other : name, title);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

static int make_artists(artists *all, mf_out *tracks, mf_err *err)
{
    const mf_synth_params *p = all->p;
    mf_intern *keys = NULL;
    mf_artist_key key = {0};
    int code = mf__intern_open(&keys, err);
    for (uint32_t i = 0; i < p->artists && code == MF_OK; i++) {
        mf_rng rng = mf__rng_make(p->seed, MF_STREAM_SYNTH, FIRST_ARTIST + i);
        draw_direction(all->vector + (size_t)i * p->factors, p->factors,
                       mf__rng_below(&rng, p->factors), ARTIST_WIDTH, 0, &rng);
        uint32_t n = draw_songs(p->songs_per_artist, &rng);
        if (n > SONGS_MAX - all->song[i]) {
            code = mf_fail(err, MF_ERANGE, "more than %d songs", SONGS_MAX);
            break;
        }
        all->song[i + 1] = all->song[i] + n;
        code = draw_name(all, keys, &key, &rng, err);
        if (code == MF_OK)
            code = write_tracks(all, i, &rng, tracks, err);
    }
    mf_artist_key_free(&key);
    mf__intern_close(keys);
    return code < 0 ? code : mf_out_flush(tracks, err);
}

static int make_tables(artists *all, mf_out *tracks, mf_err *err)
{
    size_t n = all->p->artists;
    size_t cells;
    if (!__builtin_mul_overflow(n, (size_t)all->p->factors, &cells))
        all->vector = mf__new(cells, sizeof *all->vector);
    all->prob = mf__new(n, sizeof *all->prob);
    all->alias = mf__new(n, sizeof *all->alias);
    all->song = mf__new0(n + 1, sizeof *all->song);
    if (!all->vector || !all->prob || !all->alias || !all->song)
        return mf__nomem(err);
    int code = make_popularity(all, err);
    return code < 0 ? code : make_artists(all, tracks, err);
}

/* --- the users --- */

typedef struct listener {
    char id[SYNTH_USER];
    float taste[FACTORS_MAX * FACTORS_MAX]; /* [personas * factors], orthonormal */
    double share[FACTORS_MAX];              /* [personas], of the choices; cumulative */
    uint32_t artists;
} listener;

static void draw_listener(const artists *all, listener *user, mf_rng *rng)
{
    const mf_synth_params *p = all->p;
    mf__synth_user_id(user->id, rng);
    double sum = 0;
    uint32_t axis[FACTORS_MAX];
    for (uint32_t f = 0; f < p->factors; f++)
        axis[f] = f;
    for (uint32_t q = 0; q < p->personas; q++) {
        uint32_t other = q + mf__rng_below(rng, p->factors - q), chosen = axis[other];
        axis[other] = axis[q]; /* the first q + 1 are those that are taken */
        axis[q] = chosen;
        draw_direction(user->taste + (size_t)q * p->factors, p->factors, chosen,
                       TASTE_WIDTH, q, rng);
        user->share[q] = sum += .5 + mf__rng_uniform(rng);
    }
    for (uint32_t q = 0; q < p->personas; q++)
        user->share[q] /= sum;
    double spread = SPREAD + SPREAD_SLOPE * log(p->artists_per_user / MEAN);
    double many = floor(.5 + p->artists_per_user * exp(spread * mf__rng_normal(rng) -
                                                       spread * spread / 2));
    double most = p->artists > 1 ? p->artists / 2 : 1; /* or proposals rarely are new */
    user->artists = many < 1 ? 1 : (uint32_t)(many > most ? most : many);
}

/* An artist whom the user does not have yet, by this taste. Sets *cosine. */
static uint32_t draw_artist(const artists *all, const float taste[],
                            const uint32_t owner[], uint32_t mark, double *cosine,
                            mf_rng *rng)
{
    uint32_t k = all->p->factors, i = 0;
    for (int tries = 0; tries < TRIES; tries++) {
        i = mf__rng_below(rng, all->p->artists);
        if (mf__rng_uniform(rng) >= all->prob[i])
            i = all->alias[i];
        if (owner[i] == mark)
            continue;
        *cosine = dot(taste, all->vector + (size_t)i * k, k);
        if (mf__rng_uniform(rng) < exp(AFFINITY * (*cosine - 1)))
            return i;
    }
    while (owner[i] == mark) /* the taste is exhausted: the next new one */
        i = (i + 1) % all->p->artists;
    *cosine = dot(taste, all->vector + (size_t)i * k, k);
    return i;
}

static int put(text *t, const char *data, size_t len, mf_err *err)
{
    if (mf__reserve(&t->data, &t->cap, t->len + len, 1, err) < 0)
        return MF_ENOMEM;
    memcpy(t->data + t->len, data, len);
    t->len += len;
    return MF_OK;
}

/* One to 4294967295 and its newline. */
static int put_count(text *t, uint32_t count, mf_err *err)
{
    char digits[12], *at = digits + sizeof digits;
    *--at = '\n';
    do
        *--at = (char)('0' + count % 10);
    while (count /= 10);
    return put(t, at, (size_t)(digits + sizeof digits - at), err);
}

/* Which songs of an artist a user plays; the first songs are the most likely. */
static uint32_t draw_played(uint32_t songs, uint32_t played[SONGS_PLAYED], mf_rng *rng)
{
    uint32_t n = 1;
    if (mf__rng_below(rng, MANY_SONGS) == 0)
        do
            n++;
        while (n < SONGS_PLAYED && mf__rng_below(rng, 2));
    if (n > songs)
        n = songs;
    for (uint32_t s = 0; s < n; s++) {
        uint32_t song = (uint32_t)(pow(songs + 1.0, mf__rng_uniform(rng))) - 1;
        bool again = true;
        if (song >= songs)
            song = songs - 1;
        while (again) { /* go on to the next that is not played yet */
            again = false;
            for (uint32_t t = 0; t < s && !again; t++)
                again = played[t] == song;
            song = again ? (song + 1) % songs : song;
        }
        played[s] = song;
    }
    return n;
}

static int put_cell(const artists *all, const listener *user, uint32_t artist,
                    double cosine, text *lines, mf_rng *rng, mf_err *err)
{
    uint32_t played[SONGS_PLAYED], first = all->song[artist];
    uint32_t n = draw_played(all->song[artist + 1] - first, played, rng);
    for (uint32_t s = 0; s < n; s++) {
        char line[SYNTH_USER + SYNTH_ID + 2];
        double plays =
            exp(PLAYS_MEAN + PLAYS_SLOPE * cosine + PLAYS_SD * mf__rng_normal(rng));
        memcpy(line, user->id, SYNTH_USER);
        line[SYNTH_USER] = '\t';
        mf__synth_song_id(line + SYNTH_USER + 1, all->p->seed, first + played[s]);
        line[SYNTH_USER + 1 + SYNTH_ID] = '\t';
        int code = put(lines, line, sizeof line, err);
        if (code == MF_OK)
            code = put_count(lines,
                             plays < 1     ? 1
                             : plays > 1e6 ? 1000000
                                           : (uint32_t)plays,
                             err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

static int put_truth(const artists *all, const listener *user, uint32_t artist,
                     uint32_t persona, text *truth, mf_err *err)
{
    size_t len;
    const char *name = mf_ids_get(&all->names, artist, &len);
    int code = put(truth, user->id, SYNTH_USER, err);
    if (code == MF_OK)
        code = put(truth, "\t", 1, err);
    if (code == MF_OK)
        code = put(truth, name, len, err);
    if (code == MF_OK)
        code = put(truth, "\t", 1, err);
    return code < 0 ? code : put_count(truth, persona, err);
}

/* All lines of a user. owner[i] is user + 1 of the last user who chose artist i. */
static int put_user(const artists *all, uint32_t user, uint32_t owner[], text *lines,
                    text *truth, mf_err *err)
{
    const mf_synth_params *p = all->p;
    mf_rng rng = mf__rng_make(p->seed, MF_STREAM_SYNTH, user);
    listener drawn;
    draw_listener(all, &drawn, &rng);
    for (uint32_t n = 0; n < drawn.artists; n++) {
        double u = mf__rng_uniform(&rng), cosine;
        uint32_t q = 0;
        while (q + 1 < p->personas && u >= drawn.share[q])
            q++;
        uint32_t artist = draw_artist(all, drawn.taste + (size_t)q * p->factors, owner,
                                      user + 1, &cosine, &rng);
        owner[artist] = user + 1;
        int code = put_cell(all, &drawn, artist, cosine, lines, &rng, err);
        if (code == MF_OK && truth)
            code = put_truth(all, &drawn, artist, q, truth, err);
        if (code < 0)
            return code;
    }
    return MF_OK;
}

/* The text of some users, drawn in parallel and then written part by part. */
typedef struct batch {
    int threads;
    text lines[MF_PAR_PARTS], truth[MF_PAR_PARTS];
    mf_err err[MF_PAR_PARTS];
} batch;

/* Users [first, first + n). `owner` has a row for each thread. */
static int draw_batch(const artists *all, uint32_t first, uint32_t n, uint32_t owner[],
                      bool truth, batch *b, mf_err *err)
{
#pragma omp parallel for num_threads(b->threads) schedule(dynamic)
    for (int part = 0; part < MF_PAR_PARTS; part++) {
        size_t lo, hi;
        uint32_t *mine = owner + (size_t)omp_get_thread_num() * all->p->artists;
        b->lines[part].len = b->truth[part].len = 0;
        mf__par_part(n, part, &lo, &hi);
        for (size_t u = lo; u < hi; u++)
            if (put_user(all, first + (uint32_t)u, mine, &b->lines[part],
                         truth ? &b->truth[part] : NULL, &b->err[part]) < 0)
                break;
    }
    for (int part = 0; part < MF_PAR_PARTS; part++)
        if (b->err[part].code < 0)
            return mf_fail(err, b->err[part].code, "%s", b->err[part].text);
    return MF_OK;
}

static int write_batch(const batch *b, const mf_synth_io *io, mf_err *err)
{
    int code = MF_OK;
    for (int part = 0; part < MF_PAR_PARTS && code == MF_OK; part++) {
        const text *lines = &b->lines[part], *truth = &b->truth[part];
        if (lines->len == 0) /* a part without users */
            continue;
        code = mf_out_write(io->triplets, lines->data, lines->len, err);
        if (code == MF_OK && io->truth)
            code = mf_out_write(io->truth, truth->data, truth->len, err);
    }
    return code;
}

static int make_users(const artists *all, const mf_synth_io *io,
                      const mf_report *report, mf_err *err)
{
    const mf_synth_params *p = all->p;
    int threads = mf__par_threads(p->threads);
    size_t owners;
    uint32_t *owner = NULL;
    if (!__builtin_mul_overflow((size_t)threads, (size_t)p->artists, &owners))
        owner = mf__new0(owners, sizeof *owner);
    batch *b = mf__new0(1, sizeof *b);
    int code = owner && b ? MF_OK : mf__nomem(err);
    if (b)
        b->threads = threads;
    for (uint32_t first = 0; first < p->users && code == MF_OK;) {
        uint32_t n = p->users - first < BATCH ? p->users - first : BATCH;
        code = draw_batch(all, first, n, owner, io->truth != NULL, b, err);
        if (code == MF_OK)
            code = write_batch(b, io, err);
        first += n;
        mf__report_count(report, "making data", "users", first, p->users);
    }
    for (int part = 0; b && part < MF_PAR_PARTS; part++) {
        free(b->lines[part].data);
        free(b->truth[part].data);
    }
    free(b);
    free(owner);
    if (code == MF_OK && io->truth)
        code = mf_out_flush(io->truth, err);
    return code < 0 ? code : mf_out_flush(io->triplets, err);
}

int mf_synth_run(const mf_synth_io *io, const mf_synth_params *params,
                 const mf_report *report, mf_err *err)
{
    artists all = {.p = params};
    int code = mf_synth_check(params, err);
    if (code == MF_OK)
        code = make_tables(&all, io->tracks, err);
    if (code == MF_OK)
        code = make_users(&all, io, report, err);
    if (code == MF_OK)
        mf__report_note(report, "%u user%s, %u artist%s, %u song%s", params->users,
                        mf__plural(params->users), params->artists,
                        mf__plural(params->artists), all.song[params->artists],
                        mf__plural(all.song[params->artists]));
    free_artists(&all);
    return code;
}
