/* With MPI: built by `make MPI=1`. Errors of MPI itself end all processes, as is its
 * default. */
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "base/mem.h"
#include "base/ranks.h"

enum { PIECE = 1 << 30 }; /* bytes of one message: MPI counts in int */

typedef struct mpi_self {
    int rank, size;
    MPI_Request *request;
    size_t cap;
} mpi_self;

static MPI_Request *next_request(mpi_self *self, size_t n)
{
    if (mf__reserve(&self->request, &self->cap, n + 1, sizeof *self->request, NULL) < 0)
        MPI_Abort(MPI_COMM_WORLD, 1);
    return &self->request[n];
}

/* Send and receive in pieces; ranks q at a distance of `step`. */
static void pair(mpi_self *self, int to_rank, const char *to, size_t send,
                 int from_rank, char *from, size_t receive)
{
    size_t n = 0;
    for (size_t at = 0; at < receive; at += PIECE, n++)
        MPI_Irecv(from + at, (int)(receive - at < PIECE ? receive - at : PIECE),
                  MPI_BYTE, from_rank, 0, MPI_COMM_WORLD, next_request(self, n));
    for (size_t at = 0; at < send; at += PIECE, n++)
        MPI_Isend(to + at, (int)(send - at < PIECE ? send - at : PIECE), MPI_BYTE,
                  to_rank, 0, MPI_COMM_WORLD, next_request(self, n));
    if (n > 0)
        MPI_Waitall((int)n, self->request, MPI_STATUSES_IGNORE);
}

static void exchange(void *v, const char *to, const size_t to_at[], char *from,
                     const size_t from_at[])
{
    mpi_self *self = v;
    int me = self->rank, size = self->size;
    if (to_at[me + 1] > to_at[me])
        memcpy(from + from_at[me], to + to_at[me], to_at[me + 1] - to_at[me]);
    for (int step = 1; step < size; step++) {
        int next = (me + step) % size, before = (me + size - step) % size;
        pair(self, next, to + to_at[next], to_at[next + 1] - to_at[next], before,
             from + from_at[before], from_at[before + 1] - from_at[before]);
    }
}

/* Around a ring: each rank hands on what came last. */
static void gather(void *v, char *all, const size_t at[])
{
    mpi_self *self = v;
    int me = self->rank, size = self->size;
    int next = (me + 1) % size, before = (me + size - 1) % size;
    for (int step = 0; step < size - 1; step++) {
        int out = (me + size - step) % size, in = (me + 2 * size - step - 1) % size;
        pair(self, next, all + at[out], at[out + 1] - at[out], before, all + at[in],
             at[in + 1] - at[in]);
    }
}

static void broadcast(void *v, char *data, size_t bytes, int root)
{
    (void)v;
    for (size_t at = 0; at < bytes; at += PIECE)
        MPI_Bcast(data + at, (int)(bytes - at < PIECE ? bytes - at : PIECE), MPI_BYTE,
                  root, MPI_COMM_WORLD);
}

static void leave(void *v)
{
    mpi_self *self = v;
    free(self->request);
    free(self);
    MPI_Finalize();
}

static void abandon(void *v, int status)
{
    (void)v;
    MPI_Abort(MPI_COMM_WORLD, status);
}

static const ranks_ops OPS = {exchange, gather, broadcast, leave, abandon};

int mf_ranks_open(mf_ranks **out, mf_err *err)
{
    static const char *const started[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                          "PMI_RANK", "PMIX_RANK"};
    int level, with = 0;
    *out = NULL;
    for (size_t i = 0; i < sizeof started / sizeof *started; i++)
        with |= getenv(started[i]) != NULL;
    if (!with) /* by no launcher: MPI would take seconds to find that out */
        return MF_OK;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
        return mf_fail(err, MF_EINVAL, "MPI does not start");
    mpi_self *self = mf__new0(1, sizeof *self);
    if (!self) {
        MPI_Abort(MPI_COMM_WORLD, 1);
        return mf__nomem(err);
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &self->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &self->size);
    return mf__ranks_make(out, self->rank, self->size, &OPS, self, err);
}
