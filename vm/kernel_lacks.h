/* What a runtime needs of a kernel and this one has not, asked of the kernel. */
#ifndef HF_VM_KERNEL_LACKS_H
#define HF_VM_KERNEL_LACKS_H

#include <stdio.h>

/* Writes " lacks=NAME,..."; nothing where all is there. */
void kernel_lacks(FILE *out);

#endif
