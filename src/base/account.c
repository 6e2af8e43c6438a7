/* Asking again with twice the room until an entry fits (getpwnam_r(3)). */
#include "base/account.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define FIRST_ROOM 1024
#define MOST_ROOM (16 * 1024 * 1024) /* a group names all of its members */

static bool has_room(struct hf_account *account, size_t room)
{
    char *text = room <= MOST_ROOM ? realloc(account->text, room) : NULL;

    account->text = text ? text : account->text;
    return text;
}

const struct passwd *hf_account_user(struct hf_account *account, const char *name)
{
    struct passwd *found = NULL;

    for (size_t room = FIRST_ROOM; has_room(account, room); room *= 2)
        if (getpwnam_r(name, &account->user, account->text, room, &found) != ERANGE)
            return found;
    return NULL;
}

const struct passwd *hf_account_uid(struct hf_account *account, uid_t uid)
{
    struct passwd *found = NULL;

    for (size_t room = FIRST_ROOM; has_room(account, room); room *= 2)
        if (getpwuid_r(uid, &account->user, account->text, room, &found) != ERANGE)
            return found;
    return NULL;
}

const struct group *hf_account_group(struct hf_account *account, const char *name)
{
    struct group *found = NULL;

    for (size_t room = FIRST_ROOM; has_room(account, room); room *= 2)
        if (getgrnam_r(name, &account->group, account->text, room, &found) != ERANGE)
            return found;
    return NULL;
}

void hf_account_free(struct hf_account *account)
{
    free(account->text);
}
