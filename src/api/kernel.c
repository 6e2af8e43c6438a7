/* The kernel's facts for callers. */
#include <string.h>
#include <sys/utsname.h>

#include "api/handles.h"
#include "plan/errata.h"
#include "version.h"

static void hand_out(const struct hf_facts *facts, bool privileged, struct hf_kernel *kernel, size_t size)
{
    const struct hf_kernel known = {hf_landlock_state_name(facts->landlock), facts->abi, facts->errata, privileged,
                                    facts->errata_told};

    memset(kernel, 0, size);
    memcpy(kernel, &known, size < sizeof(known) ? size : sizeof(known));
}

void hf_kernel_probe(struct hf_kernel *kernel, size_t size)
{
    const struct hf_identity as_caller = {0};
    const struct hf_facts facts = hf_facts_probe();

    hand_out(&facts, hf_identity_privileged(&as_caller), kernel, size);
}

bool hf_kernel_parse(const char *text, struct hf_kernel *kernel, size_t size)
{
    struct hf_facts facts;

    if (!hf_facts_parse(text, &facts))
        return false;
    hand_out(&facts, false, kernel, size);
    return true;
}

struct hf_facts hf_kernel_facts(const struct hf_kernel *kernel)
{
    struct hf_facts facts;

    if (!hf_facts_parse(kernel->landlock, &facts))
        facts.landlock = kernel->abi > 0 ? HF_LANDLOCK_AVAILABLE : HF_LANDLOCK_UNKNOWN;
    facts.abi = facts.landlock == HF_LANDLOCK_AVAILABLE ? kernel->abi : 0;
    facts.errata = kernel->errata;
    facts.errata_told = kernel->errata_told;
    return facts;
}

bool hf_kernel_write(FILE *stream)
{
    const struct hf_identity as_caller = {0};
    const struct hf_facts facts = hf_facts_probe();
    struct utsname name;
    json_t *json;
    bool written;

    if (uname(&name) < 0)
        name.release[0] = '\0';
    json = json_pack("{s:s, s:i, s:o, s:o, s:b}", "landlock", hf_landlock_state_name(facts.landlock), "abi", facts.abi,
                     "errata", hf_errata_json(&facts), "release", hf_text_json(name.release), "privileged",
                     hf_identity_privileged(&as_caller));
    written = json && json_dumpf(json, stream, JSON_INDENT(2)) == 0 && fputs("\n", stream) >= 0;
    json_decref(json);
    return written;
}

bool hf_kernel_right(size_t index, const char **name, int *since)
{
    if (index >= hf_right_count)
        return false;
    *name = hf_rights[index].name;
    *since = hf_rights[index].since;
    return true;
}

bool hf_kernel_erratum(size_t index, unsigned *number, int *since, const char **what)
{
    if (index >= hf_errata_count)
        return false;
    *number = hf_errata[index].number;
    *since = hf_errata[index].since;
    *what = hf_errata[index].what;
    return true;
}

const char *hf_version(void)
{
    return HF_VERSION;
}
