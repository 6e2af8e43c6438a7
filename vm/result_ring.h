/* Results out of a guest by memory that it shares with the host: a serial port is a thousand times slower when the
 * processor is emulated (0.5 MB/s measured, against 500 MB/s). The other side of it is vm/ring.py. */
#ifndef HF_VM_RESULT_RING_H
#define HF_VM_RESULT_RING_H

#include <stdbool.h>
#include <stddef.h>

struct result_ring;

/* The ring of this guest, mapped; NULL where qemu gave it none, or, with a message on stderr, where it cannot be used.
 * Needs /sys. It stays mapped until the guest ends. */
struct result_ring *result_ring_open(void);

/* Every byte is where the host sees it when this returns, so that nothing is lost to a panic right after. Waits while
 * the ring is full. */
void result_ring_write(struct result_ring *ring, const char *text, size_t length);

#endif
