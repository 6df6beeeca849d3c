/* tool_line.h - the line of progress on a terminal, which the stages of a pipe share.
 *
 * It is the last line, and only one program draws there at a time: who holds the lock
 * of the line, a record lock on byte LINE of the terminal, so that the system gives it
 * back when a program ends. A program whose results come out on the same terminal
 * holds the lock of byte RESULT, and then nobody draws. Looking at that and drawing is
 * one step, under a lock of byte STEP, held for one write. */
#ifndef TOOL_LINE_H
#define TOOL_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* True if standard error is a terminal that can clear a line. */
bool tool_line_can(void);

/* Columns that a line may have: COLUMNS, or what the terminal says, less one. */
size_t tool_line_width(void);

/* Columns that a text takes at most: 1 for ASCII, 2 for others. */
size_t tool_line_columns(const char *text);

/* Put the text, which is clean and fits, in the place of what is there. Nothing is
 * drawn where another program draws or writes results, or in the background. True if
 * this program has the line. */
bool tool_line_draw(const char *text);

/* Let other programs draw, if they want to; what is there stays. */
void tool_line_yield(void);

/* Take the line off the terminal and let others draw. */
void tool_line_clear(void);

/* The same from a signal handler, once and for all: nothing is drawn any more. */
void tool_line_end(void);

/* Write a message, len bytes with the line feed, in the place of a line that is there,
 * of whatever program. */
void tool_line_say(const char *text, size_t len);

/* Results follow on the terminal: clear the line, and let nobody draw until this
 * program ends. */
void tool_line_results(void);

#endif
