/* The observer's thread: takes a notification, looks, tells, lets the kernel go on. */
#include "why/observe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/cleanup.h"
#include "enforce/seccomp.h"
#include "why/proxied.h"
#include "why/remote.h"
#include "why/sight.h"

#define RECORDS_LATE 200 /* milliseconds by which the kernel hands records out after the fact */
#define NOTIFICATION_MAX 512 /* the kernel's structures grow (seccomp_unotify(2), SECCOMP_GET_NOTIF_SIZES) */

/* False where a call's arguments could not be read. */
static bool read_arguments(pid_t pid, struct hf_call *call, struct hf_reached *reached)
{
    struct open_how how;

    if (call->kind == HF_CALL_OPEN_HOW) {
        if (!hf_remote_read(pid, call->flags, &how, sizeof(how)))
            return false;
        call->flags = how.flags;
    }
    for (size_t i = 0; i < call->path_count; i++)
        if (!hf_remote_text(pid, call->path[i].address, reached->text[i], sizeof(reached->text[i])))
            return false;
    reached->address_length = call->length < sizeof(reached->address) ? call->length : sizeof(reached->address);
    return !call->address || hf_remote_read(pid, call->address, &reached->address, reached->address_length);
}

/* The first call is the runtime's own execve, by a process that nobody may read yet (PR_SET_DUMPABLE). */
static bool read_first(struct hf_observer *observer, struct hf_reached *reached)
{
    reached->pid = getpid();
    return (size_t)snprintf(reached->text[0], sizeof(reached->text[0]), "%s", observer->command) <
           sizeof(reached->text[0]);
}

static void look(struct hf_observer *observer, const struct seccomp_notif *notification)
{
    struct hf_reached reached = {.pid = (pid_t)notification->pid};
    uint64_t id = notification->id;
    bool read;

    if (hf_seccomp_errno(notification->data.nr)) {
        hf_sight_denied(observer, reached.pid, &notification->data);
        return;
    }
    if (!hf_call_read(&notification->data, &reached.call))
        return;
    if (!observer->pid && reached.call.kind == HF_CALL_EXECUTE) {
        observer->pid = reached.pid;
        read = read_first(observer, &reached);
    } else {
        read = read_arguments(reached.pid, &reached.call, &reached);
    }
    /* What was read is this process's, and not that of another one which has its number by now. */
    if (ioctl(observer->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) < 0)
        return;
    if (!read || !hf_sight(observer, &reached))
        observer->unreadable++;
}

/* False where nobody is left. */
static bool answer_one(struct hf_observer *observer)
{
    union {
        struct seccomp_notif notification;
        char room[NOTIFICATION_MAX];
    } got = {.room = {0}};
    union {
        struct seccomp_notif_resp response;
        char room[NOTIFICATION_MAX];
    } answer = {.room = {0}};

    if (ioctl(observer->listener, SECCOMP_IOCTL_NOTIF_RECV, &got) < 0)
        return errno == EINTR || errno == ENOENT;
    look(observer, &got.notification);
    answer.response.id = got.notification.id;
    answer.response.error = -hf_seccomp_errno(got.notification.data.nr);
    if (!answer.response.error)
        answer.response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    /* It fails where the caller was killed meanwhile, which is no matter. */
    (void)ioctl(observer->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return true;
}

/* The first denial of all is the runtime's own: it proves that the ruleset is in force. */
static bool is_proof(const struct hf_observer *observer, const struct hf_record *record)
{
    char own[16];

    hf_remote_name(getpid(), own);
    return record->pid == observer->pid && record->rights == HF_FS_READ_DIR && strcmp(record->path, "/") == 0 &&
           strcmp(record->process, own) == 0;
}

static void read_records(struct hf_observer *observer, const struct timespec *deadline)
{
    struct hf_record record;

    while (hf_audit_next(&observer->audit, observer->pid, deadline, &record))
        if (!is_proof(observer, &record))
            hf_sight_record(observer, &record);
}

static void *serve(void *context)
{
    struct hf_observer *observer = context;
    struct pollfd wanted[] = {{.fd = observer->listener, .events = POLLIN}, {.fd = -1, .events = POLLIN}};

    while (poll(wanted, 2, -1) > 0 || errno == EINTR) {
        if (wanted[0].revents && (!(wanted[0].revents & POLLIN) || !answer_one(observer)))
            break;
        if (wanted[1].revents)
            read_records(observer, NULL);
        /* Which records are the command's is known once its process is. */
        wanted[1].fd = observer->pid ? observer->audit.log : -1;
    }
    close(observer->listener);
    return NULL;
}

static bool listen_to(struct hf_watch *watch, int listener)
{
    struct hf_observer *observer = (struct hf_observer *)watch;

    observer->listener = listener;
    observer->running = pthread_create(&observer->thread, NULL, serve, observer) == 0;
    return observer->running;
}

void hf_observer_init(struct hf_observer *observer)
{
    observer->watch = (struct hf_watch){
        .calls = {observer->calls, hf_calls(observer->calls, sizeof(observer->calls) / sizeof(observer->calls[0]))},
        .proxy_log = observer->plan->mode == HF_MODE_PROXY ? hf_proxied_open() : -1,
        .listen = listen_to};
    if (observer->plan->landlock && observer->plan->abi >= 7)
        hf_audit_open(&observer->audit);
    else
        observer->audit = (struct hf_audit){.log = -1};
}

void hf_observer_finish(struct hf_observer *observer)
{
    struct timespec late;

    if (observer->running)
        pthread_join(observer->thread, NULL);
    observer->running = false;
    clock_gettime(CLOCK_MONOTONIC, &late);
    late.tv_nsec += RECORDS_LATE * 1000000L;
    late.tv_sec += late.tv_nsec / 1000000000L;
    late.tv_nsec %= 1000000000L;
    read_records(observer, &late);
    hf_audit_close(&observer->audit);
    if (observer->watch.proxy_log >= 0) {
        hf_proxied_tell(observer, observer->watch.proxy_log);
        if (observer->log >= 0)
            hf_proxied_copy(observer->watch.proxy_log, observer->log);
        close(observer->watch.proxy_log);
    }
}
