/* Fuzzing the reader of policies in YAML, by the library's own call. */
#include "policy.h"

int LLVMFuzzerTestOneInput(const char *bytes, size_t length);
int LLVMFuzzerTestOneInput(const char *bytes, size_t length)
{
    check_policy(bytes, length, HF_FORMAT_YAML);
    return 0;
}
