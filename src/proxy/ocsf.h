/* The log's lines in the shape of the Open Cybersecurity Schema Framework, for those who collect from many. Pure. */
#ifndef HF_PROXY_OCSF_H
#define HF_PROXY_OCSF_H

#include "proxy/tell.h"

/* Release of the schema: https://schema.ocsf.io/1.8.0 */
#define HF_OCSF_VERSION "1.8.0"

/* What hf_tell_event says: of a request that rules were asked of as HTTP Activity (class 4002), else as Network Activity
 * (4001). What is the policy's alone stands under `unmapped`, by the names that a plain line has for it. */
size_t hf_ocsf_event(char line[static HF_TELL_MAX], const struct hf_event *event, const struct hf_decision *decision);

/* What hf_tell_unlogged and hf_tell_update say, as Base Event (0). */
size_t hf_ocsf_unlogged(char line[static HF_TELL_MAX], int64_t time, uint64_t lines);
size_t hf_ocsf_update(char line[static HF_TELL_MAX], const struct hf_update_told *update);

#endif
