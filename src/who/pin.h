/* What a program was when it was first let out is what it has to be from then on. */
#ifndef HF_WHO_PIN_H
#define HF_WHO_PIN_H

#include <stdbool.h>
#include <stddef.h>

struct hf_pin;

struct hf_pins {
    struct hf_pin *items;
    size_t count;
};

/* Is `path` what `folder` (a /proc/PID) executes, and is that what it was when this was asked first? Else *why says
 * what is wrong, in words that follow the path; NULL where it holds. */
bool hf_pins_hold(struct hf_pins *pins, const char *path, int folder, const char **why);

void hf_pins_free(struct hf_pins *pins);

#endif
