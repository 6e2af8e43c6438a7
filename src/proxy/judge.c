/* The decisions in words that say which half failed and what to add to the policy. */
#include "proxy/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void hf_judge(struct hf_judgement *judgement, const struct hf_target *target, const struct hf_match *match,
              const char *verdict, int status, const char *failed, const char *reason, ...)
{
    va_list arguments;

    judgement->decision = (struct hf_decision){
        .host = target && target->host[0] ? target->host : NULL,
        .port = target ? target->port : 0,
        .rule = match && match->network ? match->network->key : NULL,
        .verdict = verdict,
        .failed = failed,
        .reason = judgement->reason,
        .status = status,
    };
    va_start(arguments, reason);
    vsnprintf(judgement->reason, sizeof(judgement->reason), reason, arguments);
    va_end(arguments);
}

/* "443" or "80, 443", cut where it gets long. */
static const char *list_ports(const struct hf_endpoint *endpoint, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < endpoint->port_count; i++) {
        if (size - used < 16) {
            memcpy(text + used, ", ...", 6);
            break;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%u", i ? ", " : "", (unsigned)endpoint->ports[i]);
    }
    return used ? text : "no port";
}

const char *hf_judge_key(const struct hf_match *match)
{
    return strlen(match->network->key) <= 64 ? match->network->key : "(the rule)";
}

/* Which of the two it is, the list or the program itself, decides what helps. */
static void refuse_program(const struct hf_target *target, const struct hf_admission *admission,
                           const struct hf_match *match, struct hf_judgement *judgement)
{
    const struct hf_asker nobody = {.trouble = "who asks could not be looked for"};
    const struct hf_asker *asker = admission ? &admission->asker : &nobody;
    const char *program = asker->program[0] ? asker->program : "a program that cannot be told";

    if (asker->pid == 0)
        hf_judge(judgement, target, match, "deny", 403, "program",
                 "the policy lets this host be reached by some programs, and %s", asker->trouble);
    else if (asker->trouble)
        hf_judge(judgement, target, match, "deny", 403, "program",
                 "the policy lets this host be reached by some programs, and not by %s, %s", program,
                 asker->trouble);
    else
        hf_judge(judgement, target, match, "deny", 403, "program",
                 "the policy lets this host be reached by some programs, and %s is none of them", program);
    if (asker->pid == 0 || asker->trouble || !asker->program[0])
        return;
    snprintf(judgement->remedy, sizeof(judgement->remedy),
             "add path: \"%s\" to binaries under network_policies.%s", program, hf_judge_key(match));
    judgement->decision.remedy = judgement->remedy;
}

bool hf_judge_target(const struct hf_policy *policy, const struct hf_target *target,
                     const struct hf_admission *admission, struct hf_match *match, struct hf_judgement *judgement)
{
    char ports[80];

    *match = hf_match_target(policy, target, admission ? admission->networks : NULL);
    switch (match->verdict) {
    case HF_MATCH_ALLOWED:
        return true;
    case HF_MATCH_NO_PROGRAM:
        refuse_program(target, admission, match, judgement);
        return false;
    case HF_MATCH_NO_PORT:
        hf_judge(judgement, target, match, "deny", 403, "port", "the policy allows this host on port %s, not on %u",
                 list_ports(match->endpoint, ports, sizeof(ports)), (unsigned)target->port);
        snprintf(judgement->remedy, sizeof(judgement->remedy),
                 "add port %u to the endpoint of this host under network_policies.%s", (unsigned)target->port,
                 hf_judge_key(match));
        break;
    default:
        hf_judge(judgement, target, NULL, "deny", 403, "host", "no endpoint of the policy has this host");
        snprintf(judgement->remedy, sizeof(judgement->remedy),
                 "add an endpoint with host: \"%s\" and port: %u under network_policies", target->host,
                 (unsigned)target->port);
        break;
    }
    judgement->decision.remedy = judgement->remedy;
    return false;
}

/* Why an address may not be dialled: its kind, else the ranges that the endpoint gives. */
static void refuse_address(const struct hf_target *target, const struct hf_match *match,
                           const union hf_address *address, struct hf_judgement *judgement)
{
    const enum hf_address_class class = hf_address_classify(&address->any);
    const bool is_out_of_range = hf_address_permitted(class, match->named);

    hf_judge(judgement, target, match, "deny", 403, "address", "the host has the address %s, which is %s",
             hf_address_text(address, judgement->address),
             is_out_of_range ? "not in allowed_ips of its endpoint" : hf_address_class_name(class));
    judgement->decision.address = judgement->address;
    if (is_out_of_range)
        snprintf(judgement->remedy, sizeof(judgement->remedy),
                 "if this address is meant, add it to allowed_ips of this host under network_policies.%s",
                 hf_judge_key(match));
    else if (hf_address_permittable(class))
        snprintf(judgement->remedy, sizeof(judgement->remedy),
                 "if this host is meant, add an endpoint with host: \"%s\" in full (no wildcard) under "
                 "network_policies.%s",
                 target->host, hf_judge_key(match));
    else
        snprintf(judgement->remedy, sizeof(judgement->remedy), "no policy can allow this address");
    judgement->decision.remedy = judgement->remedy;
}

bool hf_judge_addresses(const struct hf_policy *policy, const struct hf_target *target,
                        const struct hf_admission *admission, struct hf_match *match, const union hf_address *addresses,
                        size_t count, bool overflow, struct hf_judgement *judgement)
{
    for (size_t i = 0; i < count; i++) {
        const struct hf_match by = hf_match_address(policy, target, admission ? admission->networks : NULL,
                                                    &addresses[i]);

        if (by.verdict != HF_MATCH_ALLOWED) {
            refuse_address(target, match, &addresses[i], judgement);
            return false;
        }
        if (i == 0)
            *match = by;
    }
    if (!overflow)
        return true;
    hf_judge(judgement, target, match, "deny", 403, "address", "the host has more than %zu addresses", count);
    return false;
}
