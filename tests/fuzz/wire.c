/* Fuzzing the reader of policies as protobuf messages, by the library's own call. */
#include "policy.h"

int LLVMFuzzerTestOneInput(const char *bytes, size_t length);
int LLVMFuzzerTestOneInput(const char *bytes, size_t length)
{
    check_policy(bytes, length, HF_FORMAT_PB);
    return 0;
}
