/* JSON, written into a buffer of fixed size: no library, no allocation. What there is no room for is left out. */
#ifndef HF_PROXY_OBJECT_H
#define HF_PROXY_OBJECT_H

#include <stddef.h>
#include <stdint.h>

struct hf_object {
    char *at;
    size_t length;
    size_t size;
};

void hf_object_put(struct hf_object *object, const char *bytes, size_t length);
void hf_object_word(struct hf_object *object, const char *word);

/* `"name":` and an opening brace. */
void hf_object_open(struct hf_object *object, const char *name);
void hf_object_close(struct hf_object *object);

/* Members. A string that is NULL is none. */
void hf_object_member(struct hf_object *object, const char *name, const char *value);
void hf_object_number(struct hf_object *object, const char *name, uint64_t value);

/* A string of which `max` bytes are written at most, cut between two characters. */
void hf_object_cut(struct hf_object *object, const char *name, const char *value, size_t max);

#endif
