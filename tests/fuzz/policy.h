/* What holds of any bytes that are read as a policy, in either format: they are valid or have faults, and what is valid can be
 * written in both formats, and is read again as the same policy. */
#ifndef HF_FUZZ_POLICY_H
#define HF_FUZZ_POLICY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "holdfast.h"
#include "must.h"

struct written {
    char *bytes;
    size_t length;
};

static struct written write_policy(const struct hf_policy *policy, enum hf_format format)
{
    struct written written;
    FILE *stream = open_memstream(&written.bytes, &written.length);

    MUST(stream);
    MUST(hf_policy_write(policy, format, stream));
    MUST(fclose(stream) == 0);
    return written;
}

/* Nothing is lost in either format. Compared as messages: YAML keeps the order in which its keys were written. */
static void check_again(const struct hf_policy *policy, enum hf_format format)
{
    struct written message = write_policy(policy, HF_FORMAT_PB), between = write_policy(policy, format), again;
    struct hf_policy *same = hf_policy_load_bytes("again", between.bytes, between.length, format);

    MUST(same && hf_policy_fault_count(same) == 0);
    again = write_policy(same, HF_FORMAT_PB);
    MUST(message.length == again.length && memcmp(message.bytes, again.bytes, message.length) == 0);
    hf_policy_unload(same);
    free(message.bytes);
    free(between.bytes);
    free(again.bytes);
}

static void check_policy(const char *bytes, size_t length, enum hf_format format)
{
    struct hf_policy *policy = hf_policy_load_bytes("fuzz", bytes, length, format);
    struct hf_remark remark;
    size_t index = 0;

    MUST(policy);
    for (; hf_policy_fault(policy, index, &remark); index++)
        MUST(remark.text && remark.text[0]);
    MUST(index == hf_policy_fault_count(policy));
    for (index = 0; hf_policy_unenforced(policy, index, &remark); index++)
        MUST(remark.text && remark.text[0]);
    if (hf_policy_fault_count(policy) == 0) {
        check_again(policy, HF_FORMAT_YAML);
        check_again(policy, HF_FORMAT_PB);
    }
    hf_policy_unload(policy);
}

#endif
