/* Strings as RFC 8259 section 7 has them. */
#include "proxy/object.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void hf_object_put(struct hf_object *object, const char *bytes, size_t length)
{
    if (length > object->size - object->length)
        length = object->size - object->length;
    memcpy(object->at + object->length, bytes, length);
    object->length += length;
}

void hf_object_word(struct hf_object *object, const char *word)
{
    hf_object_put(object, word, strlen(word));
}

/* A character of UTF-8 whole, or the escape of one. Bytes from 0x80 on go through as they are: all that can hold them is the
 * policy's text and a program's name, which are UTF-8 by then; what a client sends is ASCII. */
static size_t take_character(const char *string, char written[8], size_t *length)
{
    size_t taken = 1;

    if (*string == '"' || *string == '\\') {
        *length = (size_t)snprintf(written, 8, "\\%c", *string);
    } else if ((unsigned char)*string < 0x20 || *string == 0x7f) {
        *length = (size_t)snprintf(written, 8, "\\u%04x", (unsigned)*string);
    } else {
        while (taken < 4 && ((unsigned char)string[taken] & 0xc0) == 0x80)
            taken++;
        memcpy(written, string, taken);
        *length = taken;
    }
    return taken;
}

static void put_string(struct hf_object *object, const char *string, size_t max)
{
    char written[8];
    size_t length;

    hf_object_put(object, "\"", 1);
    while (*string) {
        const size_t taken = take_character(string, written, &length);

        if (length > max)
            break;
        hf_object_put(object, written, length);
        max -= length;
        string += taken;
    }
    hf_object_put(object, "\"", 1);
}

/* `,"name":` or, as the first member, `"name":`. */
static void put_name(struct hf_object *object, const char *name)
{
    if (object->length && object->at[object->length - 1] != '{')
        hf_object_put(object, ",", 1);
    put_string(object, name, SIZE_MAX);
    hf_object_put(object, ":", 1);
}

void hf_object_open(struct hf_object *object, const char *name)
{
    put_name(object, name);
    hf_object_put(object, "{", 1);
}

void hf_object_close(struct hf_object *object)
{
    hf_object_put(object, "}", 1);
}

void hf_object_member(struct hf_object *object, const char *name, const char *value)
{
    hf_object_cut(object, name, value, SIZE_MAX);
}

void hf_object_number(struct hf_object *object, const char *name, uint64_t value)
{
    char digits[24];

    put_name(object, name);
    hf_object_put(object, digits, (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value));
}

void hf_object_cut(struct hf_object *object, const char *name, const char *value, size_t max)
{
    if (!value)
        return;
    put_name(object, name);
    put_string(object, value, max);
}
