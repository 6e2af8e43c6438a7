/* The cell list's parser: what it takes, what it refuses with which line and words, and that fields survive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../vm/cells.h"
#include "../../vm/encode.h"

static const struct refused {
    const char *name;
    const char *text;
    size_t line;
    const char *message;
} refused[] = {
    {"a word that is no directive", "cell a 1\nrum x\n", 2, "unknown directive 'rum'"},
    {"a comment", "# cell\n", 1, "unknown directive '#'"},
    {"a directive outside of a cell", "run true\n", 1, "'run' outside of a cell"},
    {"an end without a cell", "end\n", 1, "'end' outside of a cell"},
    {"a cell in a cell", "cell a 1\ncell b 1\n", 2, "'cell' before the end of cell 'a'"},
    {"a cell that does not end", "cell a 1\nrun true\n", 3, "cell 'a' has no end"},
    {"a cell that runs nothing", "cell a 1\n\nend\n", 3, "cell 'a' has nothing to run"},
    {"two commands", "cell a 1\nrun true\nrun true\n", 3, "a second run in one cell"},
    {"two users", "cell a 1\nuser 1 1\nuser 1 1\n", 3, "a second user in one cell"},
    {"too few fields", "cell a\n", 1, "'cell' takes 2 fields, not 1"},
    {"too many fields", "cell a 1 2\n", 1, "'cell' takes 2 fields, not 3"},
    {"run without a command", "cell a 1\nrun\n", 2, "'run' takes 1 field or more, not 0"},
    {"two spaces", "cell a 1\nrun  true\n", 2,
     "an empty field: fields are separated by one space, an empty one is %00"},
    {"a space at the end", "cell a 1 \n", 1, "an empty field: fields are separated by one space, an empty one is %00"},
    {"a carriage return", "cell a 1\r\n", 1, "'1\r' is not a number up to 3600000"},
    {"an id of nothing", "cell %00 1\n", 1, "a cell needs an id"},
    {"a time that is no number", "cell a x\n", 1, "'x' is not a number"},
    {"a negative time", "cell a -1\n", 1, "'-1' is not a number"},
    {"a time of more than an hour", "cell a 3600001\n", 1, "'3600001' is not a number up to 3600000"},
    {"a number too large for the machine", "cell a 99999999999999999999999\n", 1,
     "'99999999999999999999999' is not a number up to 3600000"},
    {"a user that means none", "cell a 1\nuser 4294967295 0\n", 2, "'4294967295' is not a number up to 4294967294"},
    {"a mode that is not octal", "cell a 1\ndir 799 d\n", 2, "'799' is not a number up to 4095, in octal"},
    {"a mode with more than twelve bits", "cell a 1\ndir 10000 d\n", 2, "'10000' is not a number up to 4095, in octal"},
    {"a path of the machine", "cell a 1\nfile 644 /etc/passwd x\n", 2,
     "'/etc/passwd' is neither inside the cell nor below /mnt, /run or /tmp"},
    {"a path that leads out", "cell a 1\ndir 755 a/../../b\n", 2,
     "'a/../../b' is neither inside the cell nor below /mnt, /run or /tmp"},
    {"a path that leads out at its end", "cell a 1\ndir 755 /tmp/..\n", 2,
     "'/tmp/..' is neither inside the cell nor below /mnt, /run or /tmp"},
    {"a path of nothing", "cell a 1\nown 1 1 %00\n", 2, "'' is neither inside the cell nor below /mnt, /run or /tmp"},
    {"a read-only mount of the machine's", "cell a 1\nreadonly /etc\n", 2,
     "'/etc' is neither inside the cell nor below /mnt, /run or /tmp"},
    {"a percent sign alone", "cell a 1\nrun 100%\n", 2, "a % without two hexadecimal digits in field 1"},
    {"a percent sign with one digit", "cell a 1\nrun a %4g\n", 2, "a % without two hexadecimal digits in field 2"},
    {"a NUL in an argument", "cell a 1\nrun a%00b\n", 2, "a NUL in field 1"},
    {"a NUL in a path", "cell a 1\nfile 644 a%00b x\n", 2, "a NUL in field 2"},
    {"a variable with =", "cell a 1\nenv A%3DB c\n", 2, "'A=B' is no name of a variable"},
    {"a variable without a name", "cell a 1\nenv %00 c\n", 2, "'' is no name of a variable"},
};

static void refuses_with_line_and_words(void **state)
{
    const struct refused *test = *state;
    struct cell_list list;
    struct cells_error error;

    assert_false(cells_parse(test->text, strlen(test->text), &list, &error));
    assert_string_equal(error.message, test->message);
    assert_int_equal(error.line, test->line);
}

static void refuses_a_raw_nul(void **state)
{
    static const char text[] = "cell a 1\nrun a\0b\nend\n";
    struct cell_list list;
    struct cells_error error;

    (void)state;
    assert_false(cells_parse(text, sizeof(text) - 1, &list, &error));
    assert_string_equal(error.message, "a NUL");
    assert_int_equal(error.line, 2);
}

static void takes_every_directive(void **state)
{
    static const char text[] = "cell one%2Ftwo 1500\n"
                               "user 65534 65533\n"
                               "dir 1777 d%20d\n"
                               "file 0600 d%20d/f a%00%0Ab\n"
                               "file 644 /tmp/empty %00\n"
                               "symlink l ../else%20where\n"
                               "own 1 2 .\n"
                               "readonly d%20d\n"
                               "env A b%3Dc\n"
                               "send d%20d/f\n"
                               "send /run/x\n"
                               "run sh -c echo%20%25 %00\n"
                               "end\n"
                               "\n"
                               "cell b 0\n"
                               "run true\n"
                               "end";
    struct cell_list list;
    struct cells_error error;
    const struct cell *cell;

    (void)state;
    assert_true(cells_parse(text, sizeof(text) - 1, &list, &error));
    assert_int_equal(list.count, 2);
    cell = &list.cells[0];
    assert_string_equal(cell->id, "one/two");
    assert_int_equal(cell->timeout_ms, 1500);
    assert_true(cell->has_user);
    assert_int_equal(cell->uid, 65534);
    assert_int_equal(cell->gid, 65533);
    assert_int_equal(cell->step_count, 6);
    assert_int_equal(cell->steps[0].kind, CELL_DIR);
    assert_int_equal(cell->steps[0].mode, 01777);
    assert_string_equal(cell->steps[0].path, "d d");
    assert_int_equal(cell->steps[1].kind, CELL_FILE);
    assert_int_equal(cell->steps[1].mode, 0600);
    assert_int_equal(cell->steps[1].length, 4);
    assert_memory_equal(cell->steps[1].text, "a\0\nb", 4);
    assert_int_equal(cell->steps[2].length, 0);
    assert_int_equal(cell->steps[3].kind, CELL_SYMLINK);
    assert_string_equal(cell->steps[3].text, "../else where");
    assert_int_equal(cell->steps[4].kind, CELL_OWN);
    assert_int_equal(cell->steps[4].gid, 2);
    assert_int_equal(cell->steps[5].kind, CELL_READONLY);
    assert_string_equal(cell->steps[5].path, "d d");
    assert_int_equal(cell->env_count, 2);
    assert_string_equal(cell->env[1], "b=c");
    assert_int_equal(cell->send_count, 2);
    assert_string_equal(cell->sends[1], "/run/x");
    assert_int_equal(cell->argc, 4);
    assert_string_equal(cell->argv[2], "echo %");
    assert_string_equal(cell->argv[3], "");
    assert_null(cell->argv[4]);
    assert_false(list.cells[1].has_user);
    assert_int_equal(list.cells[1].timeout_ms, 0);
    cells_free(&list);
}

static void takes_an_empty_list(void **state)
{
    struct cell_list list;
    struct cells_error error;

    (void)state;
    assert_true(cells_parse("", 0, &list, &error));
    assert_int_equal(list.count, 0);
    cells_free(&list);
}

static void takes_many_cells_with_many_arguments(void **state)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    struct cell_list list;
    struct cells_error error;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        fprintf(out, "cell c%d 10\nrun", i);
        for (int j = 0; j <= i % 40; j++)
            fprintf(out, " %d", j);
        fputs("\nend\n", out);
    }
    fclose(out);
    assert_true(cells_parse(text, length, &list, &error));
    assert_int_equal(list.count, 1000);
    assert_int_equal(list.cells[999].argc, 40);
    assert_string_equal(list.cells[999].argv[39], "39");
    assert_string_equal(list.cells[3].id, "c3");
    cells_free(&list);
    free(text);
}

static void every_byte_survives_encoding(void **state)
{
    unsigned char bytes[256];
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i;
    encode_field(out, bytes, sizeof(bytes));
    fclose(out);
    for (size_t i = 0; i < length; i++)
        assert_in_range(text[i], 0x21, 0x7e);
    assert_int_equal(decode_field(text), sizeof(bytes));
    assert_memory_equal(text, bytes, sizeof(bytes));
    free(text);
}

static void nothing_is_written_as_percent_00(void **state)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    (void)state;
    encode_field(out, "", 0);
    fclose(out);
    assert_string_equal(text, "%00");
    assert_int_equal(decode_field(text), 0);
    free(text);
}

int main(void)
{
    enum { REFUSED = sizeof(refused) / sizeof(refused[0]) };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(refuses_a_raw_nul),
        cmocka_unit_test(takes_every_directive),
        cmocka_unit_test(takes_an_empty_list),
        cmocka_unit_test(takes_many_cells_with_many_arguments),
        cmocka_unit_test(every_byte_survives_encoding),
        cmocka_unit_test(nothing_is_written_as_percent_00),
    };
    struct CMUnitTest table[REFUSED];

    for (size_t i = 0; i < REFUSED; i++)
        table[i] = (struct CMUnitTest){.name = refused[i].name,
                                       .test_func = refuses_with_line_and_words,
                                       .initial_state = (void *)(uintptr_t)&refused[i]};
    return cmocka_run_group_tests_name("cells: refused", table, NULL, NULL) +
           cmocka_run_group_tests_name("cells", others, NULL, NULL);
}
