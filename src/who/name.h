/* How a program is called in messages. Pure. */
#ifndef HF_WHO_NAME_H
#define HF_WHO_NAME_H

#include "who/who.h"

/* NULL gives "". What is not UTF-8, and control characters, become ?: whoever names files must not write the log. */
void hf_name_program(const char *path, char name[static HF_ASKER_PROGRAM_MAX]);

#endif
