#include "wire/kinds.h"

#include <stddef.h>

/* The order of the rows is that of the stream; what may stand anywhere comes last. */
static const frame_kind KINDS[] = {
    {
        .tag = 'H',
        .kind = MF_REC_HEADER,
        .name = "the header",
        .fate = FATE_STAYS,
        .once = true,
        .read = mf__header_read,
        .passed = mf__header_passed,
    },
    {
        .tag = 'I',
        .kind = MF_REC_IDS,
        .name = "the ids",
        .fate = FATE_STAYS,
        .read = mf__id_block_read,
        .missing = mf__id_block_missing,
        .all = "all ids",
        .passed = mf__id_block_passed,
    },
    {
        .tag = 'R',
        .kind = MF_REC_ROWS,
        .name = "the ratings",
        .fate = FATE_STAYS,
        .read = mf__rows_read,
        .missing = mf__rows_missing,
        .all = "all rows",
        .passed = mf__rows_passed,
    },
    {
        .tag = 'M',
        .kind = MF_REC_CARD,
        .name = "the model card",
        .fate = FATE_GOES,
        .once = true,
        .read = mf__card_read,
    },
    {
        .tag = 'F',
        .kind = MF_REC_FACTORS,
        .name = "the factors",
        .fate = FATE_GOES,
        .read = mf__factors_read,
        .missing = mf__factors_missing,
        .all = "all factors",
    },
    {
        .tag = 'h',
        .kind = MF_REC_HISTORY,
        .name = "the training history",
        .fate = FATE_GOES,
        .read = mf__history_read,
    },
    {
        .tag = 'E',
        .kind = MF_REC_OTHER, /* verified, never shown */
        .name = "the end",
        .fate = FATE_GOES,
        .once = true,
        .read = mf__end_read,
    },
    {
        .tag = 'n',
        .kind = MF_REC_NOTE,
        .name = "the note",
        .fate = FATE_STAYS_IF_SAFE,
        .once = true,
        .anywhere = true,
        .read = mf__note_read,
    },
    {
        .kind = MF_REC_OTHER,
        .name = "the unknown frame",
        .fate = FATE_STAYS_IF_SAFE,
        .anywhere = true,
    },
};

const frame_kind *mf__frame_kind(char tag)
{
    const frame_kind *kind = KINDS;
    while (kind->tag && kind->tag != tag)
        kind++;
    return kind;
}
