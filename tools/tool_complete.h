/* tool_complete.h - what may follow on a command line, for the shells: by the table of
 * options that --help prints. */
#ifndef TOOL_COMPLETE_H
#define TOOL_COMPLETE_H

#include "tool.h"

/* Where the arguments are "--_complete BEFORE WORD", print what WORD may become, BEFORE
 * being the argument that it follows, and exit: a line for each candidate, which is a
 * whole argument, with TAB and help where it is an option; or "/files" or "/folders",
 * for the shell to say which there are. `common` are the options of every tool. */
void tool_complete(tool_io *io, const tool_option *common, int argc,
                   char *const argv[]);

#endif
