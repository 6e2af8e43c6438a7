/* Section numbers are those of FIPS 180-4. */
#include "who/sha256.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 64

/* 4.2.2 */
static const uint32_t k[BLOCK] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotated(uint32_t word, unsigned by)
{
    return word >> by | word << (32 - by);
}

/* 6.2.2, step 1 */
static void schedule(const uint8_t block[static BLOCK], uint32_t w[static BLOCK])
{
    for (int t = 0; t < 16; t++) {
        memcpy(&w[t], block + 4 * t, 4);
        w[t] = be32toh(w[t]);
    }
    for (int t = 16; t < BLOCK; t++) {
        const uint32_t s0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ w[t - 15] >> 3;
        const uint32_t s1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ w[t - 2] >> 10;

        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

/* 6.2.2, steps 2 to 4; v is a to h */
static void take_block(uint32_t hash[static 8], const uint8_t block[static BLOCK])
{
    uint32_t w[BLOCK], v[8];

    schedule(block, w);
    memcpy(v, hash, sizeof(v));
    for (int t = 0; t < BLOCK; t++) {
        const uint32_t s1 = rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25);
        const uint32_t s0 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22);
        const uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[t] + w[t];
        const uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++)
        hash[i] += v[i];
}

/* 5.1.1: a one, zeros, and the length in bits, so that the last block is full. */
static void take_end(uint32_t hash[static 8], const uint8_t *rest, size_t length, uint64_t total)
{
    uint8_t blocks[2 * BLOCK] = {0};
    const size_t size = length + 9 > BLOCK ? 2 * BLOCK : BLOCK;
    const uint64_t bits = htobe64(total * 8);

    memcpy(blocks, rest, length);
    blocks[length] = 0x80;
    memcpy(blocks + size - sizeof(bits), &bits, sizeof(bits));
    for (size_t at = 0; at < size; at += BLOCK)
        take_block(hash, blocks + at);
}

/* Fills the buffer unless the file ends before. -1 with errno. */
static ssize_t read_full(int fd, uint8_t *buffer, size_t size)
{
    size_t length = 0;

    while (length < size) {
        const ssize_t got = read(fd, buffer + length, size - length);

        if (got == 0)
            break;
        if (got > 0)
            length += (size_t)got;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)length;
}

bool hf_sha256_file(int fd, uint8_t digest[static HF_SHA256_SIZE])
{
    /* 5.3.3 */
    uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    uint8_t buffer[16384];
    uint64_t total = 0;
    size_t length, at;

    do {
        const ssize_t got = read_full(fd, buffer, sizeof(buffer));

        if (got < 0)
            return false;
        length = (size_t)got;
        total += length;
        for (at = 0; at + BLOCK <= length; at += BLOCK)
            take_block(hash, buffer + at);
    } while (length == sizeof(buffer));
    take_end(hash, buffer + at, length - at, total);
    for (int i = 0; i < 8; i++) {
        const uint32_t word = htobe32(hash[i]);

        memcpy(digest + 4 * i, &word, sizeof(word));
    }
    return true;
}
