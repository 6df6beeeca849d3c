/* wire/card.h - more of model cards than callers need. */
#ifndef WIRE_CARD_H
#define WIRE_CARD_H

#include "mf/bundle.h"

/* True if the model predicts the values themselves, as the presets `explicit` and
 * `study` do; else a value says whether its item is liked. */
bool mf__card_takes_numbers(const mf_card *card);

/* True if what a cell counts depends on its value: the card names a confidence other
 * than "none". */
bool mf__card_has_confidence(const mf_card *card);

#endif
