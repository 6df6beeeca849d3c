/* tool_progress.h - progress in words: what is done, how far in per cent, how fast, how
 * long still.
 *
 * A thread of its own shows it, on the line of a terminal (tool_line.h) five times a
 * second, or as plain lines for a log: one where a phase or a step begins, at most one
 * a second, and else one every five seconds. The callbacks only note what there is to
 * show, so that they may be called as often as it suits a job. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include "mf/io.h"

enum { TOOL_PROGRESS_AUTO, TOOL_PROGRESS_ALWAYS, TOOL_PROGRESS_NEVER };

/* Show progress of the program of this name from here on: on a terminal if there is
 * one, or always, as plain lines, or never. False: nothing is shown. */
bool tool_progress_start(const char *name, int when);

/* As mf_report has it, and mf_in_watch; `self` is not used. */
void tool_progress_see(void *self, const mf_progress *now);
void tool_progress_read(void *self, const char *name, uint64_t done, uint64_t total);

/* Print a message, a line with its line feed. */
void tool_progress_say(const char *text, size_t len);

/* Before results go to a terminal. */
void tool_progress_results(void *self);

/* Before text goes to a pipe, whose reader may print it there at once: nothing is drawn
 * for a moment. */
void tool_progress_pause(void *self);

/* Nothing more is shown. */
void tool_progress_end(void);

#endif
