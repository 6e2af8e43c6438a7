/* One file has them all on every distribution, by one of a few names. */
#include "launch/roots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define ROOTS_BYTES_MAX (16 << 20)

static const char *const bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Arch, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* newer ones */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/ssl/cert.pem",
};

/* A pipe or device would not end, or would hold the start up. */
static bool read_file(const char *path, char **pem, size_t *length)
{
    hf_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    hf_autofree char *bytes = NULL;
    size_t used = 0, size = 0;
    ssize_t got;

    if (fd < 0)
        return false;
    do {
        if (used == size) {
            char *grown = realloc(bytes, size += 1 << 18);

            if (!grown)
                return false;
            bytes = grown;
        }
        got = read(fd, bytes + used, size - used);
        used += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && used <= ROOTS_BYTES_MAX) || (got < 0 && errno == EINTR));
    if (got)
        errno = got > 0 ? EFBIG : errno;
    *length = used;
    *pem = got ? NULL : hf_steal(bytes, NULL);
    return got == 0;
}

bool hf_roots_read(char **pem, size_t *length, struct hf_error *error)
{
    const char *named = getenv("SSL_CERT_FILE");

    *pem = NULL;
    if (named && named[0])
        return read_file(named, pem, length) || hf_fail(error, HF_ROOTS_MISSING, HF_STAGE_PROXY, errno, "%s", named);
    for (size_t i = 0; i < sizeof(bundles) / sizeof(bundles[0]); i++)
        if (read_file(bundles[i], pem, length))
            return true;
    return hf_fail(error, HF_ROOTS_MISSING, HF_STAGE_PROXY, ENOENT, "%s", bundles[0]);
}
