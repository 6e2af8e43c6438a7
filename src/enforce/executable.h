/* Whether execve(2) takes the command whatever the policy says, and if not why. */
#ifndef HF_ENFORCE_EXECUTABLE_H
#define HF_ENFORCE_EXECUTABLE_H

#include "enforce/command.h"
#include "enforce/identity.h"

/* Looks before the start for what makes it fail for sure: false with HF_EXEC_NOT_FOUND or HF_EXEC_FAILED. */
bool hf_executable_check(const struct hf_chain *chain, struct hf_error *error);

/* After execve(2) has failed with *error: adds why, as far as it can be told. `identity` is the command's. */
void hf_executable_explain(const char *command, const struct hf_identity *identity, struct hf_error *error);

#endif
