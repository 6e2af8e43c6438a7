/* Asked once for each request, and only where the answer counts. */
#include "proxy/admission.h"

#include <stdlib.h>

static bool counts(const struct hf_network_policy *network, const struct hf_target *target)
{
    return network->binaries.given && hf_match_covers(network, target);
}

static struct hf_admission *make(const struct hf_policy *policy)
{
    return calloc(1, sizeof(struct hf_admission) + policy->network_count * sizeof(bool));
}

struct hf_admission *hf_admission_new(struct hf_who *who, int fd, const struct hf_policy *policy,
                                      const struct hf_target *target)
{
    struct hf_admission *admission = NULL;
    struct hf_question *question = NULL;
    bool is_admitted = false;

    for (size_t i = 0; who && i < policy->network_count; i++) {
        struct hf_asker asker;

        if (!counts(&policy->networks[i], target))
            continue;
        if (!admission) {
            admission = make(policy);
            if (!admission)
                return NULL;
            question = hf_question_new(who, fd, &admission->asker);
        }
        if (!question)
            break;
        admission->networks[i] = hf_question_admits(question, &policy->networks[i], &asker);
        if (!is_admitted) /* whom one network lets is told rather than whom another does not */
            admission->asker = asker;
        is_admitted = is_admitted || admission->networks[i];
    }
    hf_question_free(question);
    return admission;
}

struct hf_admission *hf_admission_name(struct hf_who *who, int fd, const struct hf_policy *policy)
{
    struct hf_admission *admission = who ? make(policy) : NULL;
    struct hf_question *question = admission ? hf_question_new(who, fd, &admission->asker) : NULL;

    if (question)
        hf_question_names(question, &admission->asker);
    hf_question_free(question);
    return admission;
}
