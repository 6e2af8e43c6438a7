/* What a run is doing, for a person: on a screen, or as plain lines. */
#ifndef HF_CONTROL_SHOW_H
#define HF_CONTROL_SHOW_H

#include "holdfast.h"

/* Shows the document that a run answers to HF_CONTROL_LOOK. Nothing that it says steers a terminal. False where it is no such
 * document, or memory is out. */
bool hf_control_show(struct hf_screen *screen, int run, const char *document, size_t length, FILE *stream);

#endif
