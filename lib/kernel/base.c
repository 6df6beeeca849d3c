/* The level of every machine: vectors of 4. */
#define WIDTH 4
#define LEVEL mf__kernel_base
#define LEVEL_NAME "base"
#include "kernel/body.h"
#include "kernel/levels.h"
