/* Prints the runtime's filter of block mode as what stands between the braces of an array, for floor.c. */
#include <stdio.h>

#include "enforce/seccomp.h"

int main(void)
{
    struct hf_filter filter;

    if (!hf_seccomp_filter(HF_MODE_BLOCK, NULL, &filter))
        return 1;
    for (size_t i = 0; i < filter.length; i++)
        printf("{0x%02x, %u, %u, 0x%08xU},\n", filter.code[i].code, filter.code[i].jt, filter.code[i].jf,
               filter.code[i].k);
    return 0;
}
