/* Fuzzing the judge of requests. The input is a pattern of a path, a pattern of a query's parameter "q", and a target, one a
 * line. What is taken of the target is measured by other readings: its two forms are one path, which has nothing in it that is
 * refused; that it is canonical already when it is read again; a pattern by one that tries all ways; and that what a rule
 * of a query allows a deny rule would have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "rest/judge.h"
#include "rest/query.h"

#define TRIED 24 /* longer ones would be tried for too long */

static void check_path(const struct hf_rest_target *target)
{
    static struct hf_rest_target again;
    char read[HF_REST_TARGET_MAX + 1];
    size_t length = 0;

    for (size_t i = 0; i < target->path_length; i++) {
        unsigned byte;

        if (target->wire[i] == '%' && sscanf((char[]){target->wire[i + 1], target->wire[i + 2], '\0'}, "%2x", &byte) == 1) {
            read[length++] = (char)byte;
            i += 2;
        } else {
            read[length++] = target->wire[i];
        }
    }
    read[length] = '\0';
    MUST(strlen(read) == length && !strcmp(read, target->path));
    MUST(target->path[0] == '/' || !strcmp(target->path, "*"));
    MUST(!strstr(read, "//") && !strstr(read, "/./") && !strstr(read, "/../") && !strpbrk(read, ";\\"));
    MUST(length < 2 || strcmp(read + length - 2, "/.") != 0);
    MUST(length < 3 || strcmp(read + length - 3, "/..") != 0);
    for (size_t i = 0; i < target->length; i++)
        MUST(target->wire[i] > 0x20 && target->wire[i] < 0x7f);
    MUST(!hf_rest_target_read((struct hf_span){target->wire, target->length}, &again));
    MUST(!strcmp(again.wire, target->wire) && !strcmp(again.path, target->path));
}

static bool covers(const char *pattern, const char *path)
{
    const bool is_two = pattern[0] == '*' && pattern[1] == '*';

    if (!*pattern)
        return !*path;
    if (*pattern != '*')
        return *path == *pattern && covers(pattern + 1, path + 1);
    for (const char *rest = pattern + 1 + is_two;; path++) {
        if (covers(rest, path))
            return true;
        if (!*path || (*path == '/' && !is_two))
            return false;
    }
}

static void check_rule(char *pattern, const struct hf_rest_target *target)
{
    static char get[] = "GET";
    struct hf_request_rule rule = {.method.text = get, .path.text = pattern};
    struct hf_endpoint endpoint = {.protocol = HF_PROTOCOL_REST, .rules = {.items = &rule, .count = 1}};
    const struct hf_span method = {get, 3};
    enum hf_rest_half half = hf_rest_judge(&endpoint, method, target).half;

    MUST(half == HF_REST_ALLOWED || half == HF_REST_PATH);
    if (strlen(pattern) <= TRIED && strlen(target->path) <= TRIED && !strstr(pattern, "***"))
        MUST((half == HF_REST_ALLOWED) == covers(pattern, target->path));
    endpoint.deny_rules = endpoint.rules;
    MUST(half != HF_REST_ALLOWED || hf_rest_judge(&endpoint, method, target).half == HF_REST_DENY_RULE);
    MUST(hf_rest_judge(&endpoint, method, target).half != HF_REST_ALLOWED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hf_rest_target target;
    char text[2048], name[] = "q", *pattern = text, *value, *asked;
    struct hf_text values;
    struct hf_query query = {.name = name, .values = &values, .value_count = 1};
    const char *reason;

    if (size >= sizeof(text) || memchr(data, '\0', size))
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    value = strchr(text, '\n');
    asked = value ? strchr(value + 1, '\n') : NULL;
    if (!asked)
        return 0;
    *value++ = '\0';
    *asked++ = '\0';
    values.text = value;
    reason = hf_rest_target_read((struct hf_span){asked, strlen(asked)}, &target);
    MUST(!reason || reason[0]);
    if (reason)
        return 0;
    check_path(&target);
    check_rule(pattern, &target);
    if (!hf_rest_query_problem(target.query))
        MUST(!hf_rest_query_allows(&query, target.query) || hf_rest_query_has(&query, target.query));
    return 0;
}
