/* The table of errata (security/landlock/errata/ of Linux 7.3). */
#include "plan/errata.h"

#include "plan/plan.h"

const struct hf_erratum hf_errata[] = {
    {1, 4, "MPTCP, SMC and SCTP are taken for TCP and denied with it", NULL},
    {2, 6, "threads of one process that are in different domains cannot send signals to each other", NULL},
    {3, 1, "directories that were moved out of their bind mount are judged by a part of their path",
     "where a directory is moved out of a bind mount, a rename or link can take a file to where more can be done with "
     "it"},
    {4, 1, "whiteouts of an overlay file system need make_char, not make_reg", NULL},
};

const size_t hf_errata_count = sizeof(hf_errata) / sizeof(hf_errata[0]);

static bool has_bit(const struct hf_erratum *erratum, const struct hf_facts *facts)
{
    return facts->errata >> (erratum->number - 1) & 1;
}

bool hf_erratum_open(const struct hf_erratum *erratum, const struct hf_facts *facts)
{
    return facts->errata_told && facts->abi >= erratum->since && !has_bit(erratum, facts);
}

json_t *hf_errata_json(const struct hf_facts *facts)
{
    json_t *fixed = json_array(), *open = json_array();

    for (size_t i = 0; i < hf_errata_count; i++) {
        const struct hf_erratum *erratum = &hf_errata[i];

        if (has_bit(erratum, facts))
            hf_json_append(&fixed, json_integer(erratum->number));
        else if (hf_erratum_open(erratum, facts))
            hf_json_append(&open, json_pack("{s:i, s:s, s:s?}", "erratum", (int)erratum->number, "what",
                                            erratum->what, "weaker", erratum->weaker));
    }
    return json_pack("{s:I, s:b, s:o, s:o}", "bits", (json_int_t)facts->errata, "told", facts->errata_told, "fixed",
                     fixed, "open", open);
}

void hf_errata_print(const struct hf_facts *facts, FILE *stream)
{
    bool none = true;

    if (!facts->errata_told) {
        fputs("errata: this kernel does not tell them\n", stream);
        return;
    }
    for (size_t i = 0; i < hf_errata_count; i++)
        if (hf_erratum_open(&hf_errata[i], facts)) {
            fprintf(stream, "erratum %u is not fixed: %s\n", hf_errata[i].number, hf_errata[i].what);
            none = false;
        }
    if (none)
        fputs("errata: all that are known are fixed\n", stream);
}
