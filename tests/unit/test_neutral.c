/* What becomes of names in text: at the borders of words and of paths alone, the longest first. */
#include "report/neutral.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names_are_replaced_where_they_stand(void **state)
{
    static const struct {
        const char *text, *neutral;
    } table[] = {
        {"/home/alice", "/mnt/cell/home"},
        {"[/home/alice/.ssh, /home/alice2]", "[/mnt/cell/home/.ssh, /home/alice2]"},
        {"--file=/home/alice/x:/home/alice", "--file=/mnt/cell/home/x:/mnt/cell/home"},
        {"/srv/home/alice", "/srv/home/user"},
        {"file:///home/alice/x", "file:///home/user/x"},
        {"/home/alice/work/x /home/alice/works", "/mnt/cell/work/x /mnt/cell/home/works"},
        {"run_as_user: alice", "run_as_user: user"},
        {"alice-laptop alice_b malice alice@box.example.com", "user-laptop alice_b malice user@host.example.com"},
        {"echo ${HOME} $HOME $$ $", "echo ${DOLLAR}{HOME} $HOME $$ $"},
        {"", ""},
    };
    struct hf_names names = {0};

    (void)state;
    hf_names_add(&names, "/home/alice", "/mnt/cell/home", true);
    hf_names_add(&names, "/home/alice/work", "/mnt/cell/work", true);
    hf_names_add(&names, "alice", "user", false);
    hf_names_add(&names, "box", "host", false);
    hf_names_add(&names, NULL, "nothing", false);
    hf_names_add(&names, "", "nothing", false);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char *neutral = hf_neutral(&names, table[i].text, strlen(table[i].text));

        assert_string_equal(neutral, table[i].neutral);
        free(neutral);
    }
    assert_true(hf_names_cover(&names, "/home/alice/x"));
    assert_false(hf_names_cover(&names, "/home/alicex"));
    assert_false(hf_names_cover(&names, "alice"));
    hf_names_free(&names);
}

static void only_the_given_length_is_read(void **state)
{
    static const char text[] = {'$', '{', 'a', 'l', 'i', 'c', 'e'};
    struct hf_names names = {0};
    char *neutral;

    (void)state;
    hf_names_add(&names, "alice", "user", false);
    neutral = hf_neutral(&names, text, sizeof(text));
    assert_string_equal(neutral, "${DOLLAR}{user");
    free(neutral);
    neutral = hf_neutral(&names, text, 1);
    assert_string_equal(neutral, "$");
    free(neutral);
    hf_names_free(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_replaced_where_they_stand),
        cmocka_unit_test(only_the_given_length_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
