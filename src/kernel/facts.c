/* Asking the kernel for its Landlock ABI and errata. */
#include "kernel/facts.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/landlock_abi.h"

static const struct {
    const char *name;
    int errnum;
} states[] = {
    [HF_LANDLOCK_AVAILABLE] = {"available", 0},
    [HF_LANDLOCK_NONE] = {"none", ENOSYS},
    [HF_LANDLOCK_OFF] = {"off", EOPNOTSUPP},
    [HF_LANDLOCK_BLOCKED] = {"blocked", EPERM},
    [HF_LANDLOCK_UNKNOWN] = {"unknown", EINVAL},
};

struct hf_facts hf_facts_probe(void)
{
    struct hf_facts facts = {.landlock = HF_LANDLOCK_AVAILABLE};
    long answer = syscall(HF_NR_LANDLOCK_CREATE_RULESET, NULL, (size_t)0, HF_LANDLOCK_CREATE_VERSION);

    if (answer > 0) {
        facts.abi = (int)answer;
        answer = syscall(HF_NR_LANDLOCK_CREATE_RULESET, NULL, (size_t)0, HF_LANDLOCK_CREATE_ERRATA);
        facts.errata_told = answer >= 0;
        facts.errata = answer > 0 ? (uint32_t)answer : 0;
        return facts;
    }
    facts.errnum = answer < 0 ? errno : 0;
    if (facts.errnum == ENOSYS)
        facts.landlock = HF_LANDLOCK_NONE;
    else if (facts.errnum == EOPNOTSUPP)
        facts.landlock = HF_LANDLOCK_OFF;
    else if (facts.errnum == EPERM || facts.errnum == EACCES)
        facts.landlock = HF_LANDLOCK_BLOCKED;
    else
        facts.landlock = HF_LANDLOCK_UNKNOWN;
    return facts;
}

const char *hf_landlock_state_name(enum hf_landlock_state state)
{
    return states[state].name;
}

int hf_landlock_state_errno(enum hf_landlock_state state)
{
    return states[state].errnum;
}

bool hf_facts_parse(const char *text, struct hf_facts *facts)
{
    char *end;
    long abi;

    *facts = (struct hf_facts){.landlock = HF_LANDLOCK_AVAILABLE};
    for (size_t i = HF_LANDLOCK_NONE; i <= HF_LANDLOCK_BLOCKED; i++)
        if (strcmp(text, states[i].name) == 0) {
            facts->landlock = (enum hf_landlock_state)i;
            facts->errnum = states[i].errnum;
            return true;
        }
    if (text[0] < '1' || text[0] > '9')
        return false;
    errno = 0;
    abi = strtol(text, &end, 10);
    if (errno || *end || abi > 1000)
        return false;
    facts->abi = (int)abi;
    return true;
}
