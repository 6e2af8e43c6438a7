/* The files of a command, asked for what execve(2) asks of them. */
#include "enforce/executable.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ANY_EXECUTE (S_IXUSR | S_IXGRP | S_IXOTH)

static bool fail(struct hf_error *error, int errnum, const char *object, enum hf_reason reason)
{
    hf_fail(error, HF_EXEC_FAILED, HF_STAGE_EXEC, errnum, "%s", object);
    error->reason = reason;
    return false;
}

/* One of the chain's files. What a message calls it is put together here, since most starts have nothing to say. */
static bool fail_file(const struct hf_chain *chain, size_t index, int errnum, enum hf_reason reason, struct hf_error *error)
{
    char called[2 * PATH_MAX];

    hf_chain_call(chain, index, called, sizeof(called));
    return fail(error, errnum, called, reason);
}

/* The command itself is not there. */
static bool fail_not_found(const char *path, struct hf_error *error)
{
    char target[PATH_MAX];
    const ssize_t length = readlink(path, target, sizeof(target) - 1);

    if (length < 0)
        return hf_fail(error, HF_EXEC_NOT_FOUND, HF_STAGE_EXEC, ENOENT, "%s", path);
    hf_fail(error, HF_EXEC_NOT_FOUND, HF_STAGE_EXEC, ENOENT, "%s, a link to %.*s", path, (int)length, target);
    error->reason = HF_REASON_DANGLING_LINK;
    return false;
}

/* A file is not there that the one before it needs. */
static bool fail_without(const struct hf_chain *chain, size_t index, struct hf_error *error)
{
    const char *path = chain->files[index].path;

    if (chain->files[index].role == HF_ROLE_LOADER)
        return fail_file(chain, index, ENOENT, HF_REASON_NO_LOADER, error);
    if (path[strlen(path) - 1] == '\r')
        return fail(error, ENOENT, chain->files[index - 1].path, HF_REASON_CARRIAGE_RETURN);
    return fail_file(chain, index, ENOENT, HF_REASON_NO_INTERPRETER, error);
}

/* HF_REASON_NONE where it can be executed. */
static enum hf_reason why_not(const struct stat *status, const char *path)
{
    struct statvfs mounted;

    if (S_ISDIR(status->st_mode))
        return HF_REASON_DIRECTORY;
    if (!S_ISREG(status->st_mode))
        return HF_REASON_NO_FILE;
    /* With none of the three no access list gives it either (acl(5)): its mask is the group's part. */
    if (!(status->st_mode & ANY_EXECUTE))
        return HF_REASON_MODE;
    return statvfs(path, &mounted) == 0 && mounted.f_flag & ST_NOEXEC ? HF_REASON_NOEXEC : HF_REASON_NONE;
}

static bool check_file(const struct hf_chain *chain, size_t index, struct hf_error *error)
{
    const char *path = chain->files[index].path;
    struct stat status;

    if (stat(path, &status) == 0) {
        const enum hf_reason reason = why_not(&status, path);

        return reason == HF_REASON_NONE || fail_file(chain, index, EACCES, reason, error);
    }
    if (errno == ENOENT)
        return index ? fail_without(chain, index, error) : fail_not_found(path, error);
    /* What is wrong otherwise execve(2) itself says best. */
    return errno != ENOTDIR || fail_file(chain, index, ENOTDIR, HF_REASON_NO_DIRECTORY, error);
}

bool hf_executable_check(const struct hf_chain *chain, struct hf_error *error)
{
    for (size_t i = 0; i < chain->count; i++)
        if (!check_file(chain, i, error))
            return false;
    return true;
}

/* What the kernel had before it that is no program. */
static enum hf_reason why_no_program(const struct hf_chain *chain)
{
    const bool loader = chain->files[chain->count - 1].role == HF_ROLE_LOADER;
    const char *path = chain->files[chain->count - (loader ? 2 : 1)].path;
    unsigned char head[20] = {0};
    hf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const ssize_t length = fd < 0 ? -1 : read(fd, head, sizeof(head));

    if (length < 0)
        return HF_REASON_NONE;
    if (length == 0)
        return HF_REASON_EMPTY;
    if (memcmp(head, "\xef\xbb\xbf#!", 5) == 0)
        return HF_REASON_BYTE_ORDER_MARK;
    if (memcmp(head, ELFMAG, SELFMAG) != 0)
        return HF_REASON_NO_INTERPRETER_LINE;
    /* e_machine stands there in both classes, in the order of bytes that EI_DATA says (elf(5)). */
    return length == sizeof(head) && (head[EI_DATA] != ELFDATA2LSB || (head[18] | head[19] << 8) != EM_X86_64)
               ? HF_REASON_ARCHITECTURE
               : HF_REASON_DAMAGED;
}

static bool is_of_group(const struct hf_identity *who, gid_t group)
{
    if (!who->change)
        return group_member(group);
    for (size_t i = 0; i < who->group_count; i++)
        if (who->groups[i] == group)
            return true;
    return who->gid == group;
}

/* By the mode's bits alone, as it is for a process without capabilities. */
static bool may_execute(const struct hf_identity *who, const struct stat *status)
{
    if (status->st_uid == who->uid)
        return status->st_mode & S_IXUSR;
    return status->st_mode & (is_of_group(who, status->st_gid) ? S_IXGRP : S_IXOTH);
}

/* Names the first part of the path that the user may not enter or execute; false where there is none. */
static bool name_denied(const char *path, const struct hf_identity *who, struct hf_error *error)
{
    hf_autofree char *real = realpath(path, NULL);
    struct stat status;

    for (char *end = real; end;) {
        end = strchr(end + 1, '/');
        if (end)
            *end = '\0';
        if (stat(real, &status) == 0 && !may_execute(who, &status)) {
            snprintf(error->object, sizeof(error->object), end ? "%s, on the way to %s" : "%s", real, path);
            error->reason = HF_REASON_USER;
            return true;
        }
        if (end)
            *end = '/';
    }
    return false;
}

static void explain_access(const struct hf_chain *chain, const struct hf_identity *identity, struct hf_error *error)
{
    for (size_t i = 0; i < chain->count; i++)
        if (name_denied(chain->files[i].path, identity, error))
            return;
}

void hf_executable_explain(const char *command, const struct hf_identity *identity, struct hf_error *error)
{
    struct hf_error closer;
    struct hf_chain chain;

    hf_chain_read(command, &chain);
    if (chain.count && !hf_executable_check(&chain, &closer)) {
        if (closer.errnum == error->errnum)
            *error = closer;
    } else if (chain.count && error->errnum == ENOEXEC) {
        error->reason = why_no_program(&chain);
    } else if (error->errnum == EACCES) {
        explain_access(&chain, identity, error);
    } else if (error->errnum == ETXTBSY || error->errnum == E2BIG) {
        error->reason = error->errnum == E2BIG ? HF_REASON_TOO_LONG : HF_REASON_BUSY;
    }
    hf_chain_free(&chain);
}
