#include "why/record.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/rights.h"

/* What stands behind " key=", or NULL. */
static const char *find(const char *text, const char *key)
{
    const size_t length = strlen(key);

    for (const char *at = strchr(text, ' '); at; at = strchr(at + 1, ' '))
        if (strncmp(at + 1, key, length) == 0 && at[1 + length] == '=')
            return at + 2 + length;
    return NULL;
}

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : toupper((unsigned char)c) - 'A' + 10;
}

/* Text that the kernel does not trust is quoted, or in hexadecimal where quotes would not hold it
 * (audit_log_untrustedstring). */
static void copy(const char *at, char *to, size_t size)
{
    size_t used = 0;

    if (at && *at == '"')
        for (at++; *at && *at != '"' && used + 1 < size;)
            to[used++] = *at++;
    else
        for (; at && isxdigit((unsigned char)at[0]) && isxdigit((unsigned char)at[1]) && used + 1 < size; at += 2)
            to[used++] = (char)(digit(at[0]) * 16 + digit(at[1]));
    to[used] = '\0';
}

static void add_blocker(struct hf_record *record, const char *name, size_t length)
{
    static const char files[] = "fs.";
    const size_t prefix = sizeof(files) - 1;

    if (length > prefix && strncmp(name, files, prefix) == 0)
        for (size_t i = 0; i < hf_right_count; i++)
            if (hf_rights[i].class == HF_RIGHT_FS && strlen(hf_rights[i].name) == length - prefix &&
                strncmp(hf_rights[i].name, name + prefix, length - prefix) == 0) {
                record->rights |= hf_rights[i].bit;
                return;
            }
    snprintf(record->other, sizeof(record->other), "%.*s", (int)length, name);
}

static void read_blockers(const char *at, struct hf_record *record)
{
    while (at && *at && *at != ' ') {
        const size_t length = strcspn(at, ", ");

        add_blocker(record, at, length);
        at += length + (at[length] == ',');
    }
}

static uint64_t number(const char *at, int base)
{
    return at ? strtoull(at, NULL, base) : 0;
}

bool hf_record_read(int type, const char *text, struct hf_record *record)
{
    const char *event = strchr(text, ':');

    *record = (struct hf_record){.type = type};
    if (strncmp(text, "audit(", 6) != 0 || !event)
        return false;
    record->event = strtoul(event + 1, NULL, 10);
    switch (type) {
    case HF_RECORD_ACCESS:
        record->domain = number(find(text, "domain"), 16);
        read_blockers(find(text, "blockers"), record);
        copy(find(text, "path"), record->path, sizeof(record->path));
        return record->rights || record->other[0];
    case HF_RECORD_DOMAIN:
        record->domain = number(find(text, "domain"), 16);
        record->pid = (pid_t)number(find(text, "pid"), 10);
        return true;
    case HF_RECORD_SYSCALL:
        record->pid = (pid_t)number(find(text, "pid"), 10);
        copy(find(text, "comm"), record->process, sizeof(record->process));
        return true;
    default:
        return type == HF_RECORD_END;
    }
}
