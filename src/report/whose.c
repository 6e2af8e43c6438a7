/* The names of the caller and of the machine, from the user database, the environment and the kernel. */
#include "report/whose.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/account.h"
#include "base/cleanup.h"

#define FIRST_PERSON 1000 /* below are the distribution's own users, nobody is above (login.defs(5), UID_MIN) */
#define NOBODY 65534

static const char home[] = "/mnt/cell/home";

bool hf_whose_nobody(const char *path)
{
    static const char *const everywhere[] = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64",
                                             "/etc", "/proc", "/sys",  "/dev"};

    if (strcmp(path, "/") == 0 || strcmp(path, "/tmp") == 0)
        return true;
    for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++) {
        const size_t length = strlen(everywhere[i]);

        if (strncmp(path, everywhere[i], length) == 0 && (path[length] == '/' || !path[length]))
            return true;
    }
    return false;
}

/* As it is written, and without symbolic links. */
static void add_home(struct hf_names *names, const char *given)
{
    hf_autofree char *path = given && given[0] == '/' ? strdup(given) : NULL;
    hf_autofree char *real = path ? realpath(path, NULL) : NULL;

    if (!path)
        return;
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
    if (!hf_whose_nobody(path))
        hf_names_add(names, path, home, true);
    if (real && !hf_whose_nobody(real))
        hf_names_add(names, real, home, true);
}

static void add_user(struct hf_names *names, const struct passwd *user, bool words)
{
    if (!user)
        return;
    if (words && user->pw_uid >= FIRST_PERSON && user->pw_uid != NOBODY)
        hf_names_add(names, user->pw_name, "user", false);
    add_home(names, user->pw_dir);
}

static void add_host(struct hf_names *names)
{
    char host[HOST_NAME_MAX + 1] = "";

    if (gethostname(host, sizeof(host) - 1) < 0 || strcmp(host, "localhost") == 0)
        return;
    hf_names_add(names, host, "host", false);
    host[strcspn(host, ".")] = '\0';
    hf_names_add(names, host, "host", false);
}

void hf_whose(struct hf_names *names, bool words)
{
    const char *behind = getenv("SUDO_USER");
    hf_autoaccount account = {0};

    add_user(names, hf_account_uid(&account, getuid()), words);
    if (behind)
        add_user(names, hf_account_user(&account, behind), words);
    add_home(names, getenv("HOME"));
    if (words)
        add_host(names);
}
