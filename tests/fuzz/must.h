/* What a fuzz target asks of the code: one that does not hold ends it, as a finding. */
#ifndef HF_FUZZ_MUST_H
#define HF_FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define MUST(condition) ((condition) ? (void)0 : must(#condition))

static void must(const char *condition)
{
    fprintf(stderr, "does not hold: %s\n", condition);
    abort();
}

#endif
