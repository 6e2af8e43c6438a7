/* SHA-256 (FIPS 180-4). Of its own: the block mode, which is the same program, must not load a library for it, and the
 * kernel's (AF_ALG) is a module that many kernels cannot load. */
#ifndef HF_WHO_SHA256_H
#define HF_WHO_SHA256_H

#include <stdbool.h>
#include <stdint.h>

#define HF_SHA256_SIZE 32

/* Of all that can be read from `fd`. False with errno. */
bool hf_sha256_file(int fd, uint8_t digest[static HF_SHA256_SIZE]);

#endif
