/* A policy as a protobuf message: which bytes it is, what is refused in them, and that nothing is lost on the way. */
#include "wire/format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define BYTES(literal) (literal), sizeof(literal) - 1
#define ONE "\x08\x01" /* version: 1 */
#define YAML_ONE "version: 1\n"

struct row {
    const char *title;
    const char *bytes;
    size_t length;
    const char *text; /* the YAML that it is, or the faults */
};

/* The bytes are written out from protobuf's own description of its encoding, tag by tag. */
static const struct row rows[] = {
    {"the version alone", BYTES(ONE), YAML_ONE},
    {"landlock that is empty", BYTES(ONE "\x1a\x00"), YAML_ONE "landlock: {}\n"},
    {"best_effort", BYTES(ONE "\x1a\x0d\x0a\x0b" "best_effort"), YAML_ONE "landlock:\n  compatibility: best_effort\n"},
    {"the least ABI", BYTES(ONE "\x1a\x02\x10\x06"), YAML_ONE "landlock:\n  min_abi: 6\n"},
    {"an empty filesystem_policy", BYTES(ONE "\x12\x00"), YAML_ONE "filesystem_policy: {}\n"},
    {"a list that is empty", BYTES(ONE "\x12\x02\x12\x00"), YAML_ONE "filesystem_policy:\n  read_only: []\n"},
    {"both lists, one empty, and a boolean that is false",
     BYTES(ONE "\x12\x0d\x08\x00\x12\x00\x1a\x07\x0a\x05/a\xc3\xa9x"),
     YAML_ONE "filesystem_policy:\n  include_workdir: false\n  read_only: []\n  read_write:\n  - \"/a\xc3\xa9x\"\n"},
    {"a user that is a number", BYTES(ONE "\x22\x06\x0a\x04" "1000"), YAML_ONE "process:\n  run_as_user: \"1000\"\n"},
    {"limits, with units and a fraction",
     BYTES(ONE "\x22\x08\x1a\x06\x08\x40\x22\x02" "9s" "\x3a\x09\x19\0\0\0\0\0\0\xf8\x3f"),
     YAML_ONE "process:\n  limits:\n    open_files: 64\n    cpu_time: 9s\nresources:\n  cpu: 1.5\n"},
    {"no network policies", BYTES(ONE "\x2a\x00"), YAML_ONE "network_policies: {}\n"},
    {"a network policy without anything", BYTES(ONE "\x2a\x07\x0a\x05\x0a\x01w\x12\x00"),
     YAML_ONE "network_policies:\n  w: {}\n"},
    {"an endpoint with ports",
     BYTES(ONE "\x2a\x17\x0a\x15\x0a\x01w\x12\x10\x12\x0e\x0a\x0c\x0a\x03" "a.b\x1a\x05\x08\x50\x08\xbb\x03"),
     YAML_ONE "network_policies:\n  w:\n    endpoints:\n    - host: a.b\n      ports:\n      - 80\n      - 443\n"},
    {"a configuration of every kind",
     BYTES(ONE "\x32\x41\x0a\x3f\x0a\x01m\x12\x3a\x12\x01x\x22\x35\x3a\x33"
               "\x0a\x07\x0a\x01n\x12\x02\x08\x01" "\x0a\x07\x0a\x01" "b\x12\x02\x10\x00"
               "\x0a\x09\x0a\x01i\x12\x04\x1a\x02-7" "\x0a\x0a\x0a\x01" "f\x12\x05\x22\x03" "1.5"
               "\x0a\x08\x0a\x02\"\n\x12\x02\x2a\x00"),
     YAML_ONE "network_middlewares:\n  m:\n    middleware: x\n    config:\n      n: null\n      b: false\n      i: -7\n"
              "      f: 1.5\n      ? \"\\\"\\n\"\n      : \"\"\n"},
};

#define M "network_middlewares.m.config."

static const struct row faults[] = {
    {"no bytes at all", BYTES(""), "'version' is missing: begin the policy with 'version: 1'\n"},
    {"an unknown field", BYTES(ONE "\x78\x01"), "unknown field 15 in Policy: take it out\n"},
    {"an unknown field of a section", BYTES(ONE "\x1a\x02\x18\x01"),
     "landlock: unknown field 3 in Landlock: take it out\n"},
    {"an unknown field of a list", BYTES(ONE "\x12\x04\x12\x02\x10\x01"),
     "filesystem_policy.read_only: unknown field 2 in Strings: take it out\n"},
    {"an unknown field of an entry", BYTES(ONE "\x2a\x09\x0a\x07\x0a\x01w\x12\x00\x18\x01"),
     "network_policies: unknown field 3 in EntriesEntry: take it out\n"},
    {"an unknown word", BYTES(ONE "\x1a\x0d\x0a\x0b" "best-effort"),
     "landlock.compatibility: unknown value 'best-effort' for 'compatibility': it is best_effort or hard_requirement "
     "(did you mean 'best_effort'?)\n"},
    {"an empty word", BYTES(ONE "\x1a\x02\x0a\x00"),
     "landlock.compatibility: unknown value '' for 'compatibility': it is best_effort or hard_requirement\n"},
    {"another version and a relative path", BYTES("\x08\x02\x12\x0c\x12\x0a\x0a\x02/a\x0a\x04" "usr/"),
     "version: unknown version '2': the only one is 1\n"
     "filesystem_policy.read_only[1]: path 'usr/' is relative: write it from / on\n"},
    {"a boolean that is 2", BYTES(ONE "\x12\x02\x08\x02"),
     "filesystem_policy.include_workdir: expected true or false for 'include_workdir', got an integer '2'\n"},
    {"a number that 32 bits would cut to 6", BYTES(ONE "\x1a\x06\x10\x86\x80\x80\x80\x10"),
     "landlock.min_abi: '4294967302' is not an ABI for 'min_abi': write it in decimal, from 2 (hard_requirement never "
     "accepts less) to 999\n"},
    {"another wire type", BYTES(ONE "\x1a\x03\x12\x01\x06"),
     "landlock.min_abi: expected wire type 0, got 2: write it as policy.proto has it\n"},
    {"a section that is a number", BYTES(ONE "\x18\x01"),
     "landlock: expected wire type 2, got 0: write it as policy.proto has it\n"},
    {"a section twice", BYTES(ONE "\x1a\x0d\x0a\x0b" "best_effort\x1a\x00"),
     "landlock: duplicate key 'landlock': it is in landlock already, keep one of them\n"},
    {"a path in both lists", BYTES(ONE "\x12\x0c\x12\x04\x0a\x02/a\x1a\x04\x0a\x02/a"),
     "filesystem_policy.read_write[0]: '/a' is in both read_only and read_write (filesystem_policy.read_only[0]): keep "
     "one of them\n"},
    {"text that is not UTF-8", BYTES(ONE "\x12\x06\x12\x04\x0a\x02/\xe9"),
     "filesystem_policy.read_only[0]: byte 0xe9 is not valid UTF-8: write the text as UTF-8\n"},
    {"a network policy by an odd name", BYTES(ONE "\x2a\x0f\x0a\x0d\x0a\x03" "a b\x12\x06\x12\x04\x0a\x02\x10\x01"),
     "network_policies['a b'].endpoints[0]: 'host' is missing: an endpoint names the host that may be reached\n"},
    {"a network policy twice", BYTES(ONE "\x2a\x0e\x0a\x05\x0a\x01w\x12\x00\x0a\x05\x0a\x01w\x12\x00"),
     "network_policies.w: duplicate key 'w': it is in network_policies.w already, keep one of them\n"},
    {"a network policy without a name", BYTES(ONE "\x2a\x04\x0a\x02\x12\x00"), "network_policies['']: empty key\n"},
    {"an entry with two names", BYTES(ONE "\x2a\x08\x0a\x06\x0a\x01w\x0a\x01v"),
     "network_policies: not a policy message: an entry of a map has one key, which is a string, and one value\n"},
    {"a value of two kinds, of none, of one that is not known, and numbers that are none",
     BYTES(ONE "\x32\x3d\x0a\x3b\x0a\x01m\x12\x36\x12\x01x\x22\x31\x3a\x2f"
               "\x0a\x09\x0a\x01" "a\x12\x04\x2a\x00\x2a\x00"
               "\x0a\x05\x0a\x01" "b\x12\x00" "\x0a\x07\x0a\x01" "c\x12\x02\x40\x00"
               "\x0a\x09\x0a\x01" "d\x12\x04\x1a\x02" "1."
               "\x0a\x07\x0a\x01" "e\x12\x02\x08\x00"),
     M "a: a value has one of the kinds that are known, and no other field\n"
     M "b: a value without a kind: write null if it is to be nothing\n"
     M "c: a value has one of the kinds that are known, and no other field\n"
     M "d: '1.' is not an integer\n"
     M "e: 0 is no boolean that is true, as a null has it\n"},
    {"a message that is cut off", BYTES(ONE "\x1a\x0d\x0a\x0b" "best"),
     "not a policy message: it ends in the middle of a field\n"},
    {"a section that is cut off", BYTES(ONE "\x1a\x02\x0a\x0b"),
     "landlock: not a policy message: it ends in the middle of a field\n"},
    {"YAML", BYTES("version: 1\n"),
     "not a policy message: there is no field of such a wire type (is it a protobuf message? YAML goes by --policy)\n"},
    {"field 0", BYTES("\x00\x01"), "not a policy message: there is no field of such a number\n"},
    {"a number of 65 bits", BYTES("\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\x02"),
     "not a policy message: a number in it is longer than 64 bits\n"},
};

/* The bytes of one format in another, or the faults where they are not valid. */
static char *converted(enum hf_format from, enum hf_format to, const char *bytes, size_t length, size_t *size)
{
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;
    struct hf_tree tree;
    char *made = NULL;
    FILE *stream;

    if (hf_format_judge(from, bytes, length, &tree, &policy, &diagnostics)) {
        assert_true(hf_format_write(to, &tree, &made, size, &diagnostics));
    } else {
        stream = open_memstream(&made, size);
        assert_non_null(stream);
        for (size_t i = 0; i < diagnostics.count; i++)
            fprintf(stream, "%s%s%s\n", diagnostics.items[i].field ? diagnostics.items[i].field : "",
                    diagnostics.items[i].field ? ": " : "", diagnostics.items[i].message);
        fclose(stream);
    }
    hf_tree_free(&tree);
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
    return made;
}

static void a_policy_is_the_same_both_ways(void **state)
{
    const struct row *row = *state;
    size_t length, size;
    hf_autofree char *yaml = converted(HF_FORMAT_PB, HF_FORMAT_YAML, row->bytes, row->length, &length);
    hf_autofree char *bytes = converted(HF_FORMAT_YAML, HF_FORMAT_PB, yaml, length, &size);

    assert_string_equal(yaml, row->text);
    assert_int_equal(size, row->length);
    assert_memory_equal(bytes, row->bytes, size);
}

static void every_fault_is_named(void **state)
{
    const struct row *row = *state;
    size_t size;
    hf_autofree char *got = converted(HF_FORMAT_PB, HF_FORMAT_YAML, row->bytes, row->length, &size);

    assert_string_equal(got, row->text);
}

/* Whatever is taken for a policy is the same policy after a way through YAML. */
static void expect_stable(const char *bytes, size_t length)
{
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;
    struct hf_tree tree;
    size_t first_length, yaml_length, second_length;
    hf_autofree char *first = NULL, *yaml = NULL, *second = NULL;

    if (hf_format_judge(HF_FORMAT_PB, bytes, length, &tree, &policy, &diagnostics)) {
        assert_true(hf_format_write(HF_FORMAT_PB, &tree, &first, &first_length, &diagnostics));
        yaml = converted(HF_FORMAT_PB, HF_FORMAT_YAML, bytes, length, &yaml_length);
        second = converted(HF_FORMAT_YAML, HF_FORMAT_PB, yaml, yaml_length, &second_length);
        assert_int_equal(second_length, first_length);
        assert_memory_equal(second, first, first_length);
    } else {
        assert_true(diagnostics.count > 0);
    }
    hf_tree_free(&tree);
    hf_policy_free(&policy);
    hf_diagnostics_free(&diagnostics);
}

static void damaged_messages_are_refused_or_are_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t at = 0; at < rows[i].length; at++) {
            hf_autofree char *bytes = malloc(rows[i].length);

            assert_non_null(bytes);
            expect_stable(rows[i].bytes, at);
            for (unsigned bit = 0; bit < 9; bit++) {
                memcpy(bytes, rows[i].bytes, rows[i].length);
                bytes[at] = (char)(bytes[at] ^ (bit < 8 ? 1 << bit : 0xff));
                expect_stable(bytes, rows[i].length);
            }
        }
    }
}

/* A writer may send the numbers of a list in one field: protobuf's "packed". */
static void packed_numbers_are_read(void **state)
{
    static const char packed[] =
        ONE "\x2a\x15\x0a\x13\x0a\x01w\x12\x0e\x12\x0c\x0a\x0a\x0a\x03" "a.b\x1a\x03\x0a\x01\x50";
    size_t size;
    hf_autofree char *yaml = converted(HF_FORMAT_PB, HF_FORMAT_YAML, packed, sizeof(packed) - 1, &size);

    (void)state;
    assert_string_equal(yaml, YAML_ONE "network_policies:\n  w:\n    endpoints:\n    - host: a.b\n      ports:\n"
                                       "      - 80\n");
}

/* A middleware's configuration of lists in one another. */
static size_t nested(unsigned depth, char bytes[128])
{
    static const char head[] = ONE "\x32#\x0a#\x0a\x01m\x12#\x12\x01x\x22";
    const size_t begins = sizeof(head) - 1, length = begins + 1 + 4 * depth - 2;
    char *at = bytes + begins;

    memcpy(bytes, head, begins);
    for (size_t i = 0; i < begins; i++)
        if (bytes[i] == '#')
            bytes[i] = (char)(length - i - 1);
    for (; depth > 0; depth--) {
        *at++ = (char)(4 * depth - 2); /* of a Value */
        *at++ = 0x32;
        *at++ = (char)(4 * depth - 4); /* of the Values in it */
        *at++ = 0x0a;
    }
    return length;
}

static void lists_may_be_nested_as_deeply_as_in_yaml(void **state)
{
    char bytes[128];
    size_t length, size, back;

    (void)state;
    for (unsigned depth = 13; depth <= 14; depth++) {
        hf_autofree char *yaml = NULL, *again = NULL;

        length = nested(depth, bytes);
        yaml = converted(HF_FORMAT_PB, HF_FORMAT_YAML, bytes, length, &size);
        assert_int_equal(strstr(yaml, "nested deeper than 16 levels") != NULL, depth == 14);
        again = converted(HF_FORMAT_YAML, HF_FORMAT_PB, yaml, size, &back);
        assert_int_equal(back == length && memcmp(again, bytes, length) == 0, depth == 13);
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(damaged_messages_are_refused_or_are_policies),
        cmocka_unit_test(packed_numbers_are_read),
        cmocka_unit_test(lists_may_be_nested_as_deeply_as_in_yaml),
    };
    enum {
        ROWS = sizeof(rows) / sizeof(rows[0]),
        FAULTS = sizeof(faults) / sizeof(faults[0]),
        OTHERS = sizeof(others) / sizeof(others[0])
    };
    struct CMUnitTest tests[ROWS + FAULTS + OTHERS];

    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].title,
                                       .test_func = a_policy_is_the_same_both_ways,
                                       .initial_state = (void *)(uintptr_t)&rows[i]};
    for (size_t i = 0; i < FAULTS; i++)
        tests[ROWS + i] = (struct CMUnitTest){.name = faults[i].title,
                                              .test_func = every_fault_is_named,
                                              .initial_state = (void *)(uintptr_t)&faults[i]};
    memcpy(tests + ROWS + FAULTS, others, sizeof(others));
    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
