/* The level of every machine: vectors of 4. */
#define WIDTH 4
#define LEVEL kernel_base
#define LEVEL_NAME "base"
#include "kernel_body.h"
#include "kernel_levels.h"
