#include "wire/stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "mf/version.h"

static void copy_name(mf_stage *stage, char to[MF_STAGE_TEXT], const char *name)
{
    stage->cut |= strlen(name) >= MF_STAGE_TEXT;
    snprintf(to, MF_STAGE_TEXT, "%s", name);
}

mf_stage mf_stage_make(const char *tool)
{
    mf_stage stage = {.version = MF_VERSION};
    copy_name(&stage, stage.tool, tool);
    return stage;
}

void mf_stage_seed(mf_stage *stage, uint64_t seed)
{
    stage->seeded = true;
    stage->seed = seed;
}

void mf_stage_option(mf_stage *stage, const char *name, const char *format, ...)
{
    if (stage->options == MF_STAGE_OPTIONS) {
        stage->cut = true;
        return;
    }
    size_t at = stage->options++;
    for (; at > 0 && strcmp(stage->option[at - 1].name, name) > 0; at--)
        stage->option[at] = stage->option[at - 1];
    copy_name(stage, stage->option[at].name, name);
    va_list args;
    va_start(args, format);
    stage->cut |= mf__vsnprintf(stage->option[at].value, MF_STAGE_VALUE, format,
                                args) >= MF_STAGE_VALUE;
    va_end(args);
}

void mf_stage_number(mf_stage *stage, const char *name, double value)
{
    char text[NUMBER_TEXT];
    mf__number_plain(text, value);
    mf_stage_option(stage, name, "%s", text);
}

const char *mf__stage_value(const mf_stage *stage, const char *name)
{
    for (size_t i = 0; i < stage->options; i++)
        if (strcmp(stage->option[i].name, name) == 0)
            return stage->option[i].value;
    return NULL;
}

void mf__stage_drop(mf_stage *stage, const char *name)
{
    for (size_t i = 0; i < stage->options; i++)
        if (strcmp(stage->option[i].name, name) == 0) {
            stage->options--;
            memmove(&stage->option[i], &stage->option[i + 1],
                    (stage->options - i) * sizeof *stage->option);
            return;
        }
}

void mf_stage_input(mf_stage *stage, const char *name, uint64_t digest)
{
    if (stage->inputs == MF_STAGE_INPUTS) {
        stage->input[MF_STAGE_INPUTS - 1].digest += digest;
        return;
    }
    copy_name(stage, stage->input[stage->inputs].name, name);
    stage->input[stage->inputs++].digest = digest;
}
