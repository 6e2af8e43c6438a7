/* Law 4's check before fork: can the command be executed under the plan at all? */
#ifndef HF_ENFORCE_REACH_H
#define HF_ENFORCE_REACH_H

#include "enforce/command.h"
#include "enforce/prepare.h"

/* Looks at the command's files, at what env(1) runs of them, and at the libraries of the programs among them, and asks of
 * each whether a rule of *prepared grants it. True when all are reachable, or when it cannot be told (a file that cannot
 * be read by the caller). False with HF_EXEC_UNREACHABLE, every missing path in error->object, and the lines that the
 * policy lacks in error->patch otherwise. Only explains early what the kernel would refuse: it enforces nothing. */
bool hf_reach_check(const struct hf_chain *chain, const struct hf_policy *policy, const struct hf_prepared *prepared,
                    struct hf_error *error);

#endif
