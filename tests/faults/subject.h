/* What a call of another process is about. */
#ifndef HF_FAULTS_SUBJECT_H
#define HF_FAULTS_SUBJECT_H

#include <linux/seccomp.h>
#include <stdio.h>

/* Writes the path that the call names, what its descriptor is, or the option that it asks for; nothing where none is known. */
void print_subject(FILE *stream, const struct seccomp_notif *asked);

#endif
