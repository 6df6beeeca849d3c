/* Print "TOOL NAME" for each name that an option of a tool takes, by the library's lists. */
#include <stdio.h>
#include <string.h>

#include <mf/mf.h>

static void list(const char *tool, const char *const names[])
{
    for (int i = 0; names[i]; i++)
        printf("%s %s\n", tool, names[i]);
}

/* The names behind "there are" or "is none of" in an error, to its end or a ';'. */
static void list_error(const char *tool, mf_err *err)
{
    char *text = strstr(err->text, "there are ");
    text = text ? text + 10 : strstr(err->text, "is none of ");
    if (!text)
        return;
    if (strncmp(text, "is none of ", 11) == 0)
        text += 11;
    for (char *name = strtok(text, ", ;"); name; name = strtok(NULL, ", ;"))
        if (strcmp(name, "and") != 0)
            printf("%s %.*s\n", tool, (int)strcspn(name, "@"), name);
}

int main(void)
{
    mf_err err = {0};
    mf_metric_list metrics;
    mf_transform_op op;
    list("mf-als", mf_preset_names);
    list("mf-als", mf_init_names);
    list("mf-als", mf_assign_names);
    list("mf-als", mf_confidence_names);
    list("mf-als", mf_solver_names);
    list("mf-tune", mf_preset_names);
    list("mf-tune", mf_assign_names);
    list("mf-tune", mf_confidence_names);
    list("mf-tune", mf_solver_names);
    list("mf-tune", mf_tune_axis_names);
    list("mf-convert", mf_format_names);
    list("mf-convert", mf_part_names);
    list("mf-convert", mf_duplicates_names);
    list("mf-eval", mf_evaluation_format_names);
    list("mf-recommend", mf_recommend_format_names);
    list("mf-split", mf_split_method_names);
    list("msd-aggregate", mf_level_names);
    list("msd-aggregate", mf_artist_rule_names);
    if (mf_metrics_parse(&metrics, "no", &err) < 0)
        list_error("mf-eval", &err);
    err = (mf_err){0};
    if (mf_transform_parse(&op, "no", &err) < 0)
        list_error("mf-transform", &err);
    return 0;
}
