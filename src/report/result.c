/* From what happened to an outcome and an exit status. */
#include "report/report.h"

const char *hf_result_outcome(const struct hf_result *result)
{
    if (!result->started)
        return result->error.stage == HF_STAGE_EXEC ? "exec-failed" : "refused";
    return result->plan->weaker || result->prepared->weaker ? "degraded" : "started";
}

int hf_result_status(const struct hf_result *result)
{
    if (!result->started) {
        if (result->error.stage != HF_STAGE_EXEC)
            return 125;
        return result->error.id == HF_EXEC_NOT_FOUND ? 127 : 126;
    }
    switch (result->ended.kind) {
    case HF_EXIT_TIMEOUT:
        return 124;
    case HF_EXIT_SIGNALED:
        return 128 + result->ended.status;
    default:
        return result->ended.status;
    }
}
