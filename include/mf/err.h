/* mf/err.h - error codes and messages.
 *
 * A fallible call returns MF_OK or a negative code and takes an mf_err last;
 * the err may be NULL where the caller wants the code alone. Readers return 1
 * for a record, 0 for a verified end and a negative code for an error. The
 * library never prints, exits or raises. */
#ifndef MF_ERR_H
#define MF_ERR_H

#if defined(__GNUC__)
#define MF_MUST_USE __attribute__((warn_unused_result))
#define MF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define MF_MUST_USE
#define MF_PRINTF(fmt, args)
#endif

/* Around the declarations of each header: in C++ they are C's. */
#ifdef __cplusplus
#define MF_BEGIN_DECLS extern "C" {
#define MF_END_DECLS }
#else
#define MF_BEGIN_DECLS
#define MF_END_DECLS
#endif

MF_BEGIN_DECLS

enum {
    MF_OK = 0,
    MF_EINVAL = -1,  /* an argument or option outside its range */
    MF_ENOMEM = -2,  /* memory ran out */
    MF_EIO = -3,     /* the operating system refused a read or write */
    MF_EFORMAT = -4, /* the input is damaged or is not what it should be */
    MF_ERANGE = -5,  /* a number leaves the range of its type */
    MF_EMATH = -6    /* a system that cannot be solved */
};

typedef struct mf_err {
    int code;       /* MF_OK or the code of the failure */
    char text[600]; /* one line, without the name of the tool */
} mf_err;

/* Record a failure and return its code: `return mf_fail(err, MF_EIO, ...)`.
 * The first message stays: a second call on the same err changes nothing but
 * still returns its own code, so clean-up code cannot hide the cause. What the
 * input put into the words cannot break the line: it is cleaned as by mf_err_clean. */
int mf_fail(mf_err *err, int code, const char *format, ...) MF_PRINTF(3, 4);

/* Make `text` one line that a terminal may show: in place, a '?' for each character
 * that acts on a terminal or on the text around it (control characters, C0, DEL and C1;
 * line and paragraph separators; byte order marks; those that set a direction of
 * writing) and for each byte that is not UTF-8. */
void mf_err_clean(char *text);

MF_END_DECLS

#endif
