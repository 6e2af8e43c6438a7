/* What is refused in a policy file, and in which words: each row is a text and all of its faults. */
#include "policy/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *title;
    const char *text;
    size_t length;
    const char *faults; /* LINE:COLUMN: message, one a line */
};

#define TEXT(literal) (literal), sizeof(literal) - 1

#define ONE "version: 1\n"
#define FILES ONE "filesystem_policy:\n"
#define ABI " is not an ABI for 'min_abi': write it in decimal, from 2 (hard_requirement never accepts less) to 999\n"
#define NET ONE "network_policies:\n  web:\n    endpoints:\n"

static const struct row rows[] = {
    /* What is no policy at all. */
    {"an empty file", TEXT(""),
     "1:1: there is no policy in the file: begin it with 'version: 1'\n"},
    {"comments alone", TEXT("# nothing\n"),
     "1:1: there is no policy in the file: begin it with 'version: 1'\n"},
    {"a null document", TEXT("---\n"),
     "2:1: there is no policy in the file: begin it with 'version: 1'\n"},
    {"a list at the top", TEXT("- version: 1\n"),
     "1:1: expected a mapping for the policy, got a list (write KEY: VALUE)\n"},
    {"a word at the top", TEXT("version\n"),
     "1:1: expected a mapping for the policy, got a string (write KEY: VALUE)\n"},
    {"no version", TEXT("landlock: {}\n"),
     "1:1: 'version' is missing: begin the policy with 'version: 1'\n"},
    {"another version", TEXT("version: 2\n"),
     "1:10: unknown version '2': the only one is 1\n"},
    {"a quoted version", TEXT("version: \"1\"\n"),
     "1:10: expected the integer 1 for 'version', got a string '1' (take the quotes away)\n"},
    {"a version with a fraction", TEXT("version: 1.0\n"),
     "1:10: expected the integer 1 for 'version', got a fraction '1.0'\n"},
    {"a version of nothing", TEXT("version:\n"),
     "1:9: expected the integer 1 for 'version', got nothing\n"},
    /* Encoding. */
    {"UTF-8 with a byte order mark", TEXT("\xef\xbb\xbfversion: 1\n"),
     "1:1: the file begins with a byte order mark: save it as UTF-8 without one\n"},
    {"UTF-16, little endian", TEXT("\xff\xfev\x00" "e\x00"),
     "1:1: the file is UTF-16 or UTF-32: save it as UTF-8\n"},
    {"UTF-16, big endian", TEXT("\xfe\xff\x00v\x00" "e"),
     "1:1: the file is UTF-16 or UTF-32: save it as UTF-8\n"},
    {"UTF-16 without a mark", TEXT("v\x00" "e\x00r\x00"),
     "1:2: NUL byte: a policy is UTF-8 text (is the file UTF-16, or binary?)\n"},
    {"a NUL in the text", TEXT("version: 1\nlandlock: {}\x00\n"),
     "2:13: NUL byte: a policy is UTF-8 text (is the file UTF-16, or binary?)\n"},
    {"binary garbage", TEXT("\x7f" "ELF\x02\x01\x01"),
     "1:1: character U+007F is not allowed in a policy: take it out\n"},
    {"not UTF-8", TEXT("version: 1\n# caf\xe9\n"),
     "2:6: byte 0xe9 is not valid UTF-8: save the policy as UTF-8\n"},
    {"an overlong form", TEXT("# \xc0\xaf\n"),
     "1:3: byte 0xc0 is not valid UTF-8: save the policy as UTF-8\n"},
    {"a surrogate", TEXT("# \xed\xa0\x80\n"),
     "1:3: byte 0xed is not valid UTF-8: save the policy as UTF-8\n"},
    {"a character cut off at the end", TEXT("version: 1 # \xe2\x82"),
     "1:14: byte 0xe2 is not valid UTF-8: save the policy as UTF-8\n"},
    {"a line break that editors do not know", TEXT("version: 1 #\xe2\x80\xa8landlock: {}\n"),
     "1:13: character U+2028 is not allowed in a policy: take it out\n"},
    {"a carriage return alone", TEXT("version: 1\x0dlandlock: {}\n"),
     "1:11: character U+000D is not allowed in a policy: take it out\n"},
    /* YAML that is refused. */
    {"a syntax error", TEXT(ONE "landlock: {\n"),
     "3:1: not valid YAML: did not find expected node content (while parsing a flow node, from line 3)\n"},
    {"a syntax error after a fault", TEXT(ONE "landlock: &a {}\nprocess: [}\n"),
     "2:11: anchor 'a': anchors and aliases are not allowed in a policy: write the value out\n"
     "3:11: not valid YAML: did not find expected node content (while parsing a flow node, from line 3)\n"},
    {"a tab for indentation", TEXT(ONE "landlock:\n\tcompatibility: best_effort\n"),
     "3:1: not valid YAML: found character that cannot start any token (while scanning for the next token, from "
     "line 3); indent with spaces, not with tabs\n"},
    {"two documents", TEXT(ONE "---\nversion: 1\n"),
     "2:1: a second document: a policy file holds one, write a file for each\n"},
    {"a fault and then a second document", TEXT("version: 2\n---\n[\n"),
     "1:10: unknown version '2': the only one is 1\n"
     "2:1: a second document: a policy file holds one, write a file for each\n"},
    {"an anchor and an alias", TEXT(FILES "  read_only: &a [/usr]\n  read_write: *a\n"),
     "3:14: anchor 'a': anchors and aliases are not allowed in a policy: write the value out\n"
     "4:15: alias 'a': anchors and aliases are not allowed in a policy: write the value out\n"},
    {"an anchor on a key", TEXT("&k version: 1\n"),
     "1:1: anchor 'k': anchors and aliases are not allowed in a policy: write the value out\n"},
    {"a merge key", TEXT(ONE "landlock:\n  <<: {compatibility: best_effort}\n"),
     "3:3: merge key '<<' is not allowed in a policy: write the keys out\n"},
    {"a tag", TEXT("version: !!int 1\n"),
     "1:10: tag 'tag:yaml.org,2002:int': tags are not allowed in a policy: take it out\n"},
    {"a local tag on a section", TEXT(ONE "landlock: !secret {}\n"),
     "2:11: tag '!secret': tags are not allowed in a policy: take it out\n"},
    {"a YAML directive", TEXT("%YAML 1.1\n---\nversion: 1\n"),
     "1:1: % directives are not allowed in a policy: take the line out\n"},
    {"a directive further down", TEXT("# policy\n%TAG !a! x\n---\nversion: 1\n"),
     "2:1: % directives are not allowed in a policy: take the line out\n"},
    {"nested too deeply", TEXT("[[[[[[[[[[[[[[[[[[["),
     "1:17: nested deeper than 16 levels\n"},
    {"a list for a key", TEXT(ONE "? [a, b]\n: 1\n"),
     "2:3: a key must be text, not a list\n"},
    {"an empty key", TEXT(ONE "\"\": 1\n"),
     "2:1: empty key\n"},
    /* Keys. */
    {"an unknown key with a near one", TEXT(FILES "  read_onyl: []\n"),
     "3:3: unknown key 'read_onyl' in filesystem_policy (did you mean 'read_only'?)\n"},
    {"an unknown key with none near", TEXT(ONE "inference: {}\n"),
     "2:1: unknown key 'inference' in the policy: take it out\n"},
    {"an unknown key of another section", TEXT(ONE "compatibility: best_effort\n"),
     "2:1: unknown key 'compatibility' in the policy (it belongs in landlock)\n"},
    {"an unknown key in an endpoint", TEXT(NET "      - {host: a.test, port: 1, colour: red}\n"),
     "5:33: unknown key 'colour' in an endpoint: take it out\n"},
    {"an unknown key with a terminal escape", TEXT(ONE "\"\\e[2J\": 1\n"),
     "2:1: unknown key '\\x1b[2J' in the policy: take it out\n"},
    {"an unknown key that is very long", TEXT(ONE
          "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
          "kkkkk: 1\n"),
     "2:1: unknown key 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...' in the policy: "
     "take it out\n"},
    {"a duplicate key", TEXT(FILES "  read_only: []\n  read_write: []\n  read_only: [x]\n"),
     "5:3: duplicate key 'read_only': it is on line 3 already, keep one of them\n"},
    {"a duplicate section", TEXT(ONE "landlock: {}\nlandlock: {}\n"),
     "3:1: duplicate key 'landlock': it is on line 2 already, keep one of them\n"},
    {"a duplicate network policy", TEXT(ONE "network_policies:\n  a: {}\n  b: {}\n  a: {}\n  a: {}\n"),
     "5:3: duplicate key 'a': it is on line 3 already, keep one of them\n"
     "6:3: duplicate key 'a': it is on line 3 already, keep one of them\n"},
    {"a duplicate key inside of an unknown one", TEXT(ONE "rules:\n  a: 1\n  a: 2\n"),
     "2:1: unknown key 'rules' in the policy: take it out\n"
     "4:3: duplicate key 'a': it is on line 3 already, keep one of them\n"},
    {"all faults in the order of the file", TEXT("landlock: {compatibility: never}\n"
          "version: 3\n"
          "filesystem_policy:\n"
          "  read_only: [etc, /../x]\n"
          "  include_workdir: yes\n"
          "proces: {}\n"),
     "1:27: unknown value 'never' for 'compatibility': it is best_effort or hard_requirement\n"
     "2:10: unknown version '3': the only one is 1\n"
     "4:15: path 'etc' is relative: write it from / on\n"
     "4:20: path '/../x' has '..' in it: write where it leads\n"
     "5:20: expected true or false for 'include_workdir', got 'yes': write true or false\n"
     "6:1: unknown key 'proces' in the policy (did you mean 'process'?)\n"},
    /* Types. */
    {"a section of nothing", TEXT(ONE "landlock:\n"),
     "2:10: expected a mapping for landlock, got nothing (write {} for an empty one)\n"},
    {"a section of text", TEXT(ONE "process: root\n"),
     "2:10: expected a mapping for process, got a string (write KEY: VALUE)\n"},
    {"a list of nothing", TEXT(FILES "  read_only:\n"),
     "3:13: expected a list of paths for 'read_only', got nothing (write [] for an empty list)\n"},
    {"a list as text", TEXT(FILES "  read_only: /usr\n"),
     "3:14: expected a list of paths for 'read_only', got a string '/usr' (put it in brackets: [...])\n"},
    {"a list as a mapping", TEXT(FILES "  read_write: {/tmp: rw}\n"),
     "3:15: expected a list of paths for 'read_write', got a mapping\n"},
    {"a boolean for a path", TEXT(FILES "  read_only: [true]\n"),
     "3:15: expected a path for 'read_only', got a boolean 'true' (put it in quotes if it is meant as text)\n"},
    {"a number for a path", TEXT(FILES "  read_only: [17]\n"),
     "3:15: expected a path for 'read_only', got an integer '17' (put it in quotes if it is meant as text)\n"},
    {"nothing for a path", TEXT(FILES "  read_only: [~]\n"),
     "3:15: expected a path for 'read_only', got nothing\n"},
    {"a list for a path", TEXT(FILES "  read_only: [[/usr]]\n"),
     "3:15: expected a path for 'read_only', got a list\n"},
    {"yes for a boolean", TEXT(FILES "  include_workdir: yes\n"),
     "3:20: expected true or false for 'include_workdir', got 'yes': write true or false\n"},
    {"Off for a boolean", TEXT(FILES "  include_workdir: Off\n"),
     "3:20: expected true or false for 'include_workdir', got 'Off': write true or false\n"},
    {"True for a boolean", TEXT(FILES "  include_workdir: True\n"),
     "3:20: expected true or false for 'include_workdir', got 'True': write true or false\n"},
    {"a quoted boolean", TEXT(FILES "  include_workdir: \"true\"\n"),
     "3:20: expected true or false for 'include_workdir', got a string 'true' (take the quotes away)\n"},
    {"a number for a boolean", TEXT(FILES "  include_workdir: 1\n"),
     "3:20: expected true or false for 'include_workdir', got an integer '1'\n"},
    {"nothing for a boolean", TEXT(FILES "  include_workdir:\n"),
     "3:19: expected true or false for 'include_workdir', got nothing\n"},
    {"network policies as a list", TEXT(ONE "network_policies: []\n"),
     "2:19: expected a mapping of network policies for 'network_policies', got a list\n"},
    {"network policies of nothing", TEXT(ONE "network_policies:\n"),
     "2:18: expected a mapping of network policies for 'network_policies', got nothing (write {} for an empty "
     "mapping)\n"},
    {"a network policy of nothing", TEXT(ONE "network_policies:\n  web:\n"),
     "3:7: expected a mapping for a network policy, got nothing (write {} for an empty one)\n"},
    {"endpoints as a mapping", TEXT(ONE "network_policies:\n  web:\n    endpoints: {host: a.test}\n"),
     "4:16: expected a list of endpoints for 'endpoints', got a mapping\n"},
    {"an endpoint as text", TEXT(NET "      - a.test:443\n"),
     "5:9: expected a mapping for an endpoint, got a string (write KEY: VALUE)\n"},
    {"a binary as text", TEXT(ONE "network_policies:\n  web:\n    binaries: [/usr/bin/curl]\n"),
     "4:16: expected a mapping for a binary, got a string (write KEY: VALUE)\n"},
    {"a number for a name", TEXT(ONE "network_policies:\n  web: {name: 7}\n"),
     "3:15: expected a string for 'name', got an integer '7' (put it in quotes if it is meant as text)\n"},
    /* Landlock. */
    {"a misspelt compatibility", TEXT(ONE "landlock:\n  compatibility: hard_requirment\n"),
     "3:18: unknown value 'hard_requirment' for 'compatibility': it is best_effort or hard_requirement (did you "
     "mean 'hard_requirement'?)\n"},
    {"a compatibility in capitals", TEXT(ONE "landlock:\n  compatibility: BEST_EFFORT\n"),
     "3:18: unknown value 'BEST_EFFORT' for 'compatibility': it is best_effort or hard_requirement (did you mean "
     "'best_effort'?)\n"},
    {"an empty compatibility", TEXT(ONE "landlock:\n  compatibility: \"\"\n"),
     "3:18: unknown value '' for 'compatibility': it is best_effort or hard_requirement\n"},
    {"a compatibility of nothing", TEXT(ONE "landlock:\n  compatibility:\n"),
     "3:17: expected best_effort or hard_requirement for 'compatibility', got nothing\n"},
    {"a compatibility as a boolean", TEXT(ONE "landlock:\n  compatibility: false\n"),
     "3:18: unknown value 'false' for 'compatibility': it is best_effort or hard_requirement\n"},
    {"a least ABI below what hard_requirement ever accepts", TEXT(ONE "landlock:\n  min_abi: 1\n"),
     "3:12: '1'" ABI},
    {"a least ABI of four digits", TEXT(ONE "landlock: {min_abi: 1000}\n"), "2:21: '1000'" ABI},
    {"a least ABI in octal", TEXT(ONE "landlock: {min_abi: 06}\n"), "2:21: '06'" ABI},
    {"a least ABI below nothing", TEXT(ONE "landlock: {min_abi: -6}\n"), "2:21: '-6'" ABI},
    {"a least ABI as text", TEXT(ONE "landlock: {min_abi: \"6\"}\n"),
     "2:21: expected a landlock ABI for 'min_abi', got a string '6' (take the quotes away)\n"},
    /* Limits on what the command uses. */
    {"limits without a unit, with one of another kind, and text for a number",
     TEXT(ONE "process:\n  limits: {cpu_time: 60, file_size: 1GB, open_files: \"64\"}\nresources: {cpu: 1 core}\n"),
     "3:22: '60' is no value for 'cpu_time': write a whole number and s, min or h, such as 90s, from 1s to 8784h\n"
     "3:37: '1GB' is no value for 'file_size': write a whole number and B, KiB, MiB, GiB or TiB, such as 64MiB, from 0 to "
     "1024TiB\n"
     "3:54: expected a whole number for 'open_files', got a string '64' (take the quotes away)\n"
     "4:18: expected a number for 'cpu', got a string '1 core'\n"},
    {"limits out of their range",
     TEXT(ONE "resources: {memory: 1MiB, pids: 0, cpu: 0.001}\n"),
     "2:21: '1MiB' is no value for 'memory': write a whole number and B, KiB, MiB, GiB or TiB, such as 64MiB, from 4MiB "
     "to 1024TiB\n"
     "2:33: '0' is no value for 'pids': write a whole number in decimal, such as 256, from 1 to 4194304\n"
     "2:41: '0.001' is no value for 'cpu': write a number of processors with up to three decimals, such as 1.5, from "
     "0.01 to 1024\n"},
    {"limits in each other's place",
     TEXT(ONE "process: {limits: {memory: 1GiB}}\nresources: {open_files: 64}\nlimits: {}\n"),
     "2:20: unknown key 'memory' in process.limits (it belongs in resources)\n"
     "3:13: unknown key 'open_files' in resources (it belongs in process.limits)\n"
     "4:1: unknown key 'limits' in the policy (it belongs in process)\n"},
    {"a limit of nothing", TEXT(ONE "resources: {memory: }\n"), "2:21: expected a number for 'memory', got nothing\n"},
    {"a least ABI in the wrong place", TEXT(ONE "min_abi: 6\n"),
     "2:1: unknown key 'min_abi' in the policy (it belongs in landlock)\n"},
    /* Paths. */
    {"an empty path", TEXT(FILES "  read_only: [\"\"]\n"),
     "3:15: empty path\n"},
    {"a relative path", TEXT(FILES "  read_only: [usr/bin]\n"),
     "3:15: path 'usr/bin' is relative: write it from / on\n"},
    {"a path from the home directory", TEXT(FILES "  read_only: [\"~/x\"]\n"),
     "3:15: path '~/x' is relative: write it from / on, the home directory too\n"},
    {"a path with ..", TEXT(FILES "  read_only: [/usr/../etc]\n"),
     "3:15: path '/usr/../etc' has '..' in it: write where it leads\n"},
    {"a path that ends in ..", TEXT(FILES "  read_only: [/usr/..]\n"),
     "3:15: path '/usr/..' has '..' in it: write where it leads\n"},
    {"a path with a NUL", TEXT(FILES "  read_only: [\"/usr\\0/x\"]\n"),
     "3:15: path '/usr\\x00/x' has a control character (0x00) in it\n"},
    {"a path with a line feed", TEXT(FILES "  read_only: [\"/usr\\n\"]\n"),
     "3:15: path '/usr\\x0a' has a control character (0x0a) in it\n"},
    {"a path with DEL", TEXT(FILES "  read_only: [\"/usr\\x7f\"]\n"),
     "3:15: path '/usr\\x7f' has a control character (0x7f) in it\n"},
    {"the root, writable", TEXT(FILES "  read_write: [/]\n"),
     "3:16: path '/' in 'read_write' would make everything writable: list the directories that the command writes "
     "to\n"},
    {"the root, writable, with more slashes", TEXT(FILES "  read_write: [//]\n"),
     "3:16: path '//' in 'read_write' would make everything writable: list the directories that the command "
     "writes to\n"},
    {"the root, writable, with dots", TEXT(FILES "  read_write: [/./.]\n"),
     "3:16: path '/./.' in 'read_write' would make everything writable: list the directories that the command "
     "writes to\n"},
    {"a path in both lists", TEXT(FILES "  read_only: [/usr, /tmp]\n  read_write: [/tmp]\n"),
     "4:16: '/tmp' is in both read_only and read_write (line 3): keep one of them\n"},
    {"a path in both lists, written differently", TEXT(FILES "  read_write: [/var/tmp/]\n  read_only: [//var/./tmp]\n"),
     "4:15: '//var/./tmp' is in both read_only and read_write (line 3): keep one of them\n"},
    /* Identity. */
    {"an empty user", TEXT(ONE "process:\n  run_as_user: \"\"\n"),
     "3:16: the name is empty\n"},
    {"a user of nothing", TEXT(ONE "process:\n  run_as_user: \n"),
     "3:15: expected a name or a number for 'run_as_user', got nothing\n"},
    {"a negative user", TEXT(ONE "process:\n  run_as_user: -1\n"),
     "3:16: '-1' is not a number for 'run_as_user': write it in decimal, from 0 to 4294967294\n"},
    {"a user with a leading zero", TEXT(ONE "process:\n  run_as_user: 010\n"),
     "3:16: '010' is not a number for 'run_as_user': write it in decimal, from 0 to 4294967294\n"},
    {"a hexadecimal user", TEXT(ONE "process:\n  run_as_user: 0x10\n"),
     "3:16: '0x10' is not a number for 'run_as_user': write it in decimal, from 0 to 4294967294\n"},
    {"a user that is (uid_t)-1", TEXT(ONE "process:\n  run_as_user: 4294967295\n"),
     "3:16: '4294967295' is not a number for 'run_as_user': write it in decimal, from 0 to 4294967294\n"},
    {"a quoted user that is too big", TEXT(ONE "process:\n  run_as_user: \"99999999999999999999\"\n"),
     "3:16: '99999999999999999999' is not a number for 'run_as_user': write it in decimal, from 0 to 4294967294\n"},
    {"a user with a colon", TEXT(ONE "process:\n  run_as_user: \"root:root\"\n"),
     "3:16: 'root:root' is not a name for 'run_as_user': no blank, ':', ',' or '/', and no sign before it\n"},
    {"a user with a blank", TEXT(ONE "process:\n  run_as_user: a b\n"),
     "3:16: 'a b' is not a name for 'run_as_user': no blank, ':', ',' or '/', and no sign before it\n"},
    {"a user with a NUL", TEXT(ONE "process:\n  run_as_user: \"root\\0x\"\n"),
     "3:16: the name has a control character (0x00) in it: 'root\\x00x'\n"},
    {"a boolean for a group", TEXT(ONE "process:\n  run_as_group: true\n"),
     "3:17: expected a name or a number for 'run_as_group', got a boolean 'true' (put it in quotes if it is meant "
     "as text)\n"},
    /* Hosts. */
    {"no host", TEXT(NET "      - port: 443\n"),
     "5:9: 'host' is missing: an endpoint names the host that may be reached\n"},
    {"an empty host", TEXT(NET "      - {host: \"\", port: 443}\n"),
     "5:16: '' is not a host: it is empty\n"},
    {"a number for a host", TEXT(NET "      - {host: 10, port: 443}\n"),
     "5:16: expected a host for 'host', got an integer '10' (put it in quotes if it is meant as text)\n"},
    {"a host with a scheme", TEXT(NET "      - {host: \"https://a.test\", port: 443}\n"),
     "5:16: 'https://a.test' is not a host: write the host alone, without a scheme\n"},
    {"a host with a port", TEXT(NET "      - {host: \"a.test:443\", port: 443}\n"),
     "5:16: 'a.test:443' is not a host: write the port under 'port', not in the host\n"},
    {"a host with a path", TEXT(NET "      - {host: a.test/x, port: 443}\n"),
     "5:16: 'a.test/x' is not a host: write the host alone, without a path or a prefix length\n"},
    {"a host with a user", TEXT(NET "      - {host: \"a@b.test\", port: 443}\n"),
     "5:16: 'a@b.test' is not a host: write the host alone, without a user\n"},
    {"a host with a fragment", TEXT(NET "      - {host: \"evil.test#ok.test\", port: 443}\n"),
     "5:16: 'evil.test#ok.test' is not a host: a name is letters, digits, '-' and '.'\n"},
    {"a host with a trailing dot", TEXT(NET "      - {host: a.test., port: 443}\n"),
     "5:16: 'a.test.' is not a host: write the name without a dot at its end\n"},
    {"a host with a leading dot", TEXT(NET "      - {host: .a.test, port: 443}\n"),
     "5:16: '.a.test' is not a host: a name has no empty parts: two dots in a row, or one at the start\n"},
    {"a host with two dots", TEXT(NET "      - {host: a..test, port: 443}\n"),
     "5:16: 'a..test' is not a host: a name has no empty parts: two dots in a row, or one at the start\n"},
    {"a host with a NUL", TEXT(NET "      - {host: \"a.test\\0.evil\", port: 443}\n"),
     "5:16: 'a.test\\x00.evil' is not a host: it has a NUL in it\n"},
    {"a host with a blank", TEXT(NET "      - {host: \"a.test \", port: 443}\n"),
     "5:16: 'a.test ' is not a host: a name is letters, digits, '-' and '.'\n"},
    {"a host with an underscore", TEXT(NET "      - {host: my_host.test, port: 443}\n"),
     "5:16: 'my_host.test' is not a host: a name is letters, digits, '-' and '.'\n"},
    {"a host that begins with -", TEXT(NET "      - {host: -a.test, port: 443}\n"),
     "5:16: '-a.test' is not a host: a part between dots does not begin or end with '-'\n"},
    {"a host with a label ending in -", TEXT(NET "      - {host: a-.test, port: 443}\n"),
     "5:16: 'a-.test' is not a host: a part between dots does not begin or end with '-'\n"},
    {"a host with a label of 64", TEXT(NET
          "      - {host: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaa.test, port: 443}\n"),
     "5:16: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is not a host: a part between "
     "dots is at most 63 bytes long\n"},
    {"a host of 254 bytes", TEXT(NET
          "      - {host: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaa"
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbb"
          "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, port: 443}\n"),
     "5:16: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa....' is not a host: a host is at "
     "most 253 bytes long\n"},
    {"an international host", TEXT(NET "      - {host: b\xc3\xbc" "cher.test, port: 443}\n"),
     "5:16: 'b\xc3\xbc" "cher.test' is not a host: write an international name in its xn-- form\n"},
    {"every host", TEXT(NET "      - {host: \"*\", port: 443}\n"),
     "5:16: '*' is not a host: '*' alone would be every host: write '*.' and a name\n"},
    {"a star in the middle", TEXT(NET "      - {host: a.*.test, port: 443}\n"),
     "5:16: 'a.*.test' is not a host: '*' stands only at the start, as '*.' before a name\n"},
    {"a star in a label", TEXT(NET "      - {host: \"*a.test\", port: 443}\n"),
     "5:16: '*a.test' is not a host: '*' stands only at the start, as '*.' before a name\n"},
    {"two stars", TEXT(NET "      - {host: \"*.*.test\", port: 443}\n"),
     "5:16: '*.*.test' is not a host: '*' stands only at the start, as '*.' before a name\n"},
    {"a star before an address", TEXT(NET "      - {host: \"*.10.0.0.1\", port: 443}\n"),
     "5:16: '*.10.0.0.1' is not a host: it ends in a number and is no IPv4 address of four decimal parts\n"},
    {"an address in short form", TEXT(NET "      - {host: \"127.1\", port: 443}\n"),
     "5:16: '127.1' is not a host: it ends in a number and is no IPv4 address of four decimal parts\n"},
    {"an address in hexadecimal", TEXT(NET "      - {host: \"0x7f.0.0.1\", port: 443}\n"),
     "5:16: '0x7f.0.0.1' is not a host: it ends in a number and is no IPv4 address of four decimal parts\n"},
    {"an address as one hexadecimal number", TEXT(NET "      - {host: \"0x7f000001\", port: 443}\n"),
     "5:16: '0x7f000001' is not a host: it ends in a number and is no IPv4 address of four decimal parts\n"},
    {"an address with an octal part", TEXT(NET "      - {host: 0177.0.0.1, port: 443}\n"),
     "5:16: '0177.0.0.1' is not a host: it ends in a number and is no IPv4 address of four decimal parts\n"},
    {"an address with a part too big", TEXT(NET "      - {host: 256.0.0.1, port: 443}\n"),
     "5:16: '256.0.0.1' is not a host: it ends in a number and is no IPv4 address of four decimal parts\n"},
    {"an address that is never dialled", TEXT(NET "      - {host: 0.0.0.0, port: 443}\n"),
     "5:16: '0.0.0.0' is not a host: no policy can allow this address: it is unspecified, multicast or broadcast\n"},
    {"the same as an IPv6 address", TEXT(NET "      - {host: '::ffff:224.0.0.1', port: 443}\n"),
     "5:16: '::ffff:224.0.0.1' is not a host: no policy can allow this address: it is unspecified, multicast or "
     "broadcast\n"},
    {"an address with a prefix length", TEXT(NET "      - {host: 10.0.0.0/8, port: 443}\n"),
     "5:16: '10.0.0.0/8' is not a host: write the host alone, without a path or a prefix length\n"},
    {"an IPv6 address in brackets", TEXT(NET "      - {host: \"[::1]\", port: 443}\n"),
     "5:16: '[::1]' is not a host: write an IPv6 address without brackets, and the port under 'port'\n"},
    {"an IPv6 address with a zone", TEXT(NET "      - {host: \"fe80::1%eth0\", port: 443}\n"),
     "5:16: 'fe80::1%eth0' is not a host: an address with a zone is not allowed\n"},
    {"a bad IPv6 address", TEXT(NET "      - {host: \"1::2::3\", port: 443}\n"),
     "5:16: '1::2::3' is not a host: not an IPv6 address\n"},
    /* Ports and binaries. */
    {"no port", TEXT(NET "      - host: a.test\n"),
     "5:9: 'port' is missing: an endpoint has 'port: 443' or 'ports: [80, 443]'\n"},
    {"port and ports", TEXT(NET "      - host: a.test\n        port: 443\n        ports: [80]\n"),
     "7:9: an endpoint has 'port' or 'ports', not both\n"},
    {"port 0", TEXT(NET "      - {host: a.test, port: 0}\n"),
     "5:30: '0' is not a port: write it in decimal, from 1 to 65535\n"},
    {"port 65536", TEXT(NET "      - {host: a.test, port: 65536}\n"),
     "5:30: '65536' is not a port: write it in decimal, from 1 to 65535\n"},
    {"a negative port", TEXT(NET "      - {host: a.test, port: -1}\n"),
     "5:30: '-1' is not a port: write it in decimal, from 1 to 65535\n"},
    {"a quoted port", TEXT(NET "      - {host: a.test, port: \"443\"}\n"),
     "5:30: expected a port from 1 to 65535 for 'port', got a string '443' (take the quotes away)\n"},
    {"a port with a leading zero", TEXT(NET "      - {host: a.test, port: 0443}\n"),
     "5:30: '0443' is not a port: write it in decimal, from 1 to 65535\n"},
    {"a hexadecimal port", TEXT(NET "      - {host: a.test, port: 0x1bb}\n"),
     "5:30: '0x1bb' is not a port: write it in decimal, from 1 to 65535\n"},
    {"a port with a fraction", TEXT(NET "      - {host: a.test, port: 443.0}\n"),
     "5:30: expected a port from 1 to 65535 for 'port', got a fraction '443.0'\n"},
    {"a huge port", TEXT(NET "      - {host: a.test, port: 9999999999999999999999999999999999999999}\n"),
     "5:30: '9999999999999999999999999999999999999999' is not a port: write it in decimal, from 1 to 65535\n"},
    {"a list of ports under port", TEXT(NET "      - {host: a.test, port: [443]}\n"),
     "5:30: expected a port from 1 to 65535 for 'port', got a list\n"},
    {"a port under ports", TEXT(NET "      - {host: a.test, ports: 443}\n"),
     "5:31: expected a list of ports for 'ports', got an integer '443' (put it in brackets: [...])\n"},
    {"no ports in the list", TEXT(NET "      - {host: a.test, ports: []}\n"),
     "5:31: 'ports' is empty: list the ports that may be reached\n"},
    {"bad ports in the list", TEXT(NET "      - {host: a.test, ports: [80, 0, x]}\n"),
     "5:36: '0' is not a port: write it in decimal, from 1 to 65535\n"
     "5:39: expected a port from 1 to 65535 for 'ports', got a string 'x'\n"},
    {"ranges that are none", TEXT(NET "      - host: a.test\n        port: 1\n"
          "        allowed_ips: [10.1.2.3/8, 10.0.0.0/33, 10.0.0.0/08, 10.0.0.0/, 10.0.0/8, a.test, 'fc00::/129', "
          "10, '',\n"
          "          0.0.0.0/8, 224.0.0.0/4, 'ff00::/8', '::', '::ffff:224.0.0.0/100', 'fe80::1%lo']\n"),
#define PREFIX " is not a range of addresses: a prefix length is a number from 0 to 32, of IPv6 to 128\n"
#define FORM " is not a range of addresses: write an address and its prefix length, such as 10.0.0.0/8 or fc00::/7\n"
#define NEVER " is not a range of addresses: no policy can allow these addresses: they are unspecified, multicast or " \
              "broadcast\n"
     "7:23: '10.1.2.3/8' is not a range of addresses: it has bits behind its prefix: write the first address of the "
     "range, or a longer prefix\n"
     "7:35: '10.0.0.0/33'" PREFIX
     "7:48: '10.0.0.0/08'" PREFIX
     "7:61: '10.0.0.0/'" PREFIX
     "7:72: '10.0.0/8'" FORM
     "7:82: 'a.test'" FORM
     "7:90: 'fc00::/129'" PREFIX
     "7:104: expected an address range for 'allowed_ips', got an integer '10' (put it in quotes if it is meant as "
     "text)\n"
     "7:108: ''" FORM
     "8:11: '0.0.0.0/8'" NEVER
     "8:22: '224.0.0.0/4'" NEVER
     "8:35: 'ff00::/8'" NEVER
     "8:47: '::'" NEVER
     "8:53: '::ffff:224.0.0.0/100'" NEVER
     "8:77: 'fe80::1%lo'" FORM},
    {"an empty list of ranges", TEXT(NET "      - {host: a.test, port: 1, allowed_ips: []}\n"),
     "5:46: 'allowed_ips' is empty: list the addresses that the host may have, or leave it out\n"},
    {"ranges that a wildcard never reaches", TEXT(NET
          "      - {host: '*.a.test', port: 1, allowed_ips: [8.0.0.0/7, 10.0.0.0/8, 127.0.0.1, 'fc00::/7']}\n"),
     "5:62: this range is private, and a host given by a wildcard never reaches it: name the host in full\n"
     "5:74: this range is loopback, and a host given by a wildcard never reaches it: name the host in full\n"
     "5:85: this range is private, and a host given by a wildcard never reaches it: name the host in full\n"},
    /* What is not enforced has its shape all the same. */
    {"words that are none", TEXT(NET "      - {host: a.test, port: 1, protocol: rset, tls: none, access: all, "
          "enforcement: 1}\n"),
     "5:43: unknown value 'rset' for 'protocol': it is tcp, rest, websocket, graphql, sql, json-rpc or mcp (did you "
     "mean 'rest'?)\n"
     "5:54: unknown value 'none' for 'tls': it is terminate, passthrough or skip\n"
     "5:68: unknown value 'all' for 'access': it is read-only, read-write or full\n"
     "5:86: unknown value '1' for 'enforcement': it is enforce or audit\n"},
    {"rules that are none", TEXT(NET "      - host: a.test\n        port: 1\n        protocol: mcp\n"
          "        rules: [{alow: {}}, {allow: [GET]}, {allow: {verb: GET, path: 1}}, GET]\n"
          "        deny_rules: {method: GET}\n"
          "        path: ''\n"),
     "8:17: 'allow' is missing: a rule is written as 'allow: {method: GET, path: /}'\n"
     "8:18: unknown key 'alow' in a rule (did you mean 'allow'?)\n"
     "8:37: expected a mapping for a request of a rule, got a list (write KEY: VALUE)\n"
     "8:54: unknown key 'verb' in a request of a rule: take it out\n"
     "8:71: expected a string for 'path', got an integer '1' (put it in quotes if it is meant as text)\n"
     "8:76: expected a mapping for a rule, got a string (write KEY: VALUE)\n"
     "9:21: expected a list of mappings for 'deny_rules', got a mapping\n"
     "10:15: the text is empty\n"},
    {"rules without a protocol", TEXT(NET "      - {host: a.test, port: 1, access: full}\n"
          "      - {host: a.test, port: 1, enforcement: audit, rules: [], deny_rules: []}\n"),
#define UNSEEN " is about requests, which are looked at only with 'protocol: rest': add that, or take this out\n"
     "5:33: 'access'" UNSEEN
     "6:33: 'enforcement'" UNSEEN
     "6:53: 'rules'" UNSEEN
     "6:64: 'deny_rules'" UNSEEN},
    {"no rules, and rules twice", TEXT(NET "      - {host: a.test, port: 1, protocol: rest}\n"
          "      - {host: a.test, port: 1, protocol: rest, deny_rules: [{method: GET, path: /}]}\n"
          "      - {host: a.test, port: 1, protocol: rest, access: full, rules: [{allow: {method: GET, path: /}}]}\n"
          "      - {host: a.test, port: 1, protocol: rest, rules: [], deny_rules: []}\n"),
#define NONE " an endpoint with 'protocol: rest' has 'access' or 'rules': write 'access: full' if all requests but those of " \
             "deny_rules are to be allowed\n"
     "5:33:" NONE
     "6:33:" NONE
     "7:63: an endpoint has 'access' or 'rules', not both: each says alone which requests are allowed\n"
     "8:49: 'rules' is empty: no request would be allowed, so leave the endpoint out\n"
     "8:60: 'deny_rules' is empty: leave it out\n"},
    {"requests that would not be seen", TEXT(NET "      - {host: a.test, port: 1, protocol: rest, access: full, tls: skip}\n"
          "      - {host: a.test, port: 1, tls: passthrough, protocol: rest, access: full}\n"),
#define TLS "' leaves requests unseen, and with 'protocol: rest' they are to be judged: take out one of the two\n"
     "5:68: 'tls: skip" TLS
     "6:38: 'tls: passthrough" TLS},
    {"methods that are none", TEXT(NET "      - host: a.test\n        port: 1\n        protocol: rest\n"
          "        access: full\n        deny_rules:\n"
          "          - {method: get, path: /}\n          - {method: GTE, path: /}\n          - {method: BREW, path: /}\n"
          "          - {method: CONNECT, path: /}\n          - {method: 'GET ', path: /}\n          - {path: /}\n"),
     "10:22: unknown method 'get' (did you mean 'GET'?)\n"
     "11:22: unknown method 'GTE' (did you mean 'GET'?)\n"
     "12:22: unknown method 'BREW': write one of HTTP's in upper case, or \"*\" for all\n"
     "13:22: a rule cannot be for CONNECT: in the tunnel that it opens no request would be seen\n"
     "14:22: unknown method 'GET ' (did you mean 'GET'?)\n"
     "15:13: 'method' is missing: write one, or \"*\" for all\n"},
    {"paths of requests that are none", TEXT(NET "      - host: a.test\n        port: 1\n        protocol: rest\n"
          "        access: full\n        deny_rules:\n"
          "          - {method: GET, path: a}\n          - {method: GET, path: '*'}\n"
          "          - {method: GET, path: '/a?b=c'}\n          - {method: GET, path: '/a#b'}\n"
          "          - {method: GET, path: /a%20b}\n          - {method: GET, path: /a;b}\n"
          "          - {method: GET, path: /a//b}\n          - {method: GET, path: /a/../b}\n"
          "          - {method: GET, path: '/a/*/.'}\n          - {method: GET, path: '/a/***'}\n"
          "          - {method: GET, path: '/a/[0-9]'}\n          - {method: GET, path: '/{a,b}'}\n"
          "          - {method: GET}\n          - {method: GET, path: \"/a\\x07\"}\n"),
#define NO_PATH " is not a pattern for paths: "
     "10:33: 'a'" NO_PATH "write it from / on, or \"**\" for every path\n"
     "11:33: '*'" NO_PATH "write \"**\" for every path\n"
     "12:33: '/a?b=c'" NO_PATH "write the path alone, and what its query must have under 'query'\n"
     "13:33: '/a#b'" NO_PATH "write the path alone, and what its query must have under 'query'\n"
     "14:33: '/a%20b'" NO_PATH "write the characters that its escapes stand for\n"
     "15:33: '/a;b'" NO_PATH "requests with ';' or '\\' in their path are refused whatever the rules say\n"
     "16:33: '/a//b'" NO_PATH "paths are compared with slashes in a row as one\n"
     "17:33: '/a/../b'" NO_PATH "paths are compared without '.' and '..': write where it leads\n"
     "18:33: '/a/*/.'" NO_PATH "paths are compared without '.' and '..': write where it leads\n"
     "19:33: '/a/***'" NO_PATH "three '*' in a row mean nothing\n"
     "20:33: '/a/[0-9]'" NO_PATH "'*' and '**' are the only patterns\n"
     "21:33: '/{a,b}'" NO_PATH "'*' and '**' are the only patterns\n"
     "22:13: 'path' is missing: write a path or pattern, or \"**\" for every path\n"
     "23:33: the text has a control character (0x07) in it: '/a\\x07'\n"},
    {"queries of requests that are none", TEXT(NET "      - host: a.test\n        port: 1\n        protocol: rest\n"
          "        access: full\n        deny_rules:\n"
          "          - {method: GET, path: /, query: a=b}\n          - {method: GET, path: /, query: {}}\n"
          "          - {method: GET, path: /, query: {a: 1}}\n          - {method: GET, path: /, query: {a: [x]}}\n"
          "          - {method: GET, path: /, query: {a: {any: x, all: y}}}\n"
          "          - {method: GET, path: /, query: {a: {any: []}, b: {}}}\n"
          "          - {method: GET, path: /, query: {'a[]': x, '': y}}\n"
          "          - {method: GET, path: /, query: {a: 'v[12]', b: {any: ['c?', d]}}}\n"),
     "10:43: expected a mapping from parameters to values for 'query', got a string 'a=b'\n"
     "11:43: 'query' is empty: name the parameters that are looked at, or leave it out\n"
     "12:47: expected a string for 'a value of the query', got an integer '1' (put it in quotes if it is meant as text)\n"
     "13:47: expected a string for 'a value of the query', got a list\n"
     "14:53: expected a list of strings for 'any', got a string 'x' (put it in brackets: [...])\n"
     "14:56: unknown key 'all' for a parameter of 'query': write a string, or 'any' and a list of them\n"
     "15:53: 'any' is empty: list what the parameter may be\n"
     "15:61: 'any' is missing: list what the parameter may be\n"
     "16:44: a parameter is named without brackets: 'a' is meant with brackets as well\n"
     "16:54: empty key\n"
     "17:47: 'v[12]' is not a pattern for a query: '*' and '**' are the only patterns\n"
     "17:66: 'c?' is not a pattern for a query: '*' and '**' are the only patterns\n"},
    {"an mcp section with other values", TEXT(NET "      - host: a.test\n        port: 1\n"
          "        mcp: {max_body_bytes: -1, allow_all_known_mcp_methods: yes, tools: []}\n"),
     "7:31: '-1' is not a number for 'max_body_bytes': write it in decimal, from 0 to 4294967295\n"
     "7:64: expected true or false for 'allow_all_known_mcp_methods', got 'yes': write true or false\n"
     "7:69: unknown key 'tools' in mcp: take it out\n"},
    {"middlewares that are none", TEXT(ONE "network_middlewares:\n"
          "  guard: {order: first, on_error: ignore, endpoints: {include: a.test}, config: [{}, any]}\n"
          "  other: guard\n"),
     "3:10: 'middleware' is missing: it names what the requests go through\n"
     "3:18: expected a whole number for 'order', got a string 'first'\n"
     "3:35: unknown value 'ignore' for 'on_error': it is fail_closed or fail_open\n"
     "3:64: expected a list of strings for 'include', got a string 'a.test' (put it in brackets: [...])\n"
     "4:10: expected a mapping for a middleware, got a string (write KEY: VALUE)\n"},
    {"a list of middlewares", TEXT(ONE "network_middlewares: []\n"),
     "2:22: expected a mapping of mappings for 'network_middlewares', got a list\n"},
    /* Templates. */
    {"placeholders", TEXT(FILES "  read_only: [/usr, '/home/${USER}/x', /a__B]\n"
          "process: {run_as_user: '{{ user }}', run_as_group: __GROUP__}\n"),
     "3:21: placeholder '${USER}': fill the template in first\n"
     "4:24: placeholder '{{ user }}': fill the template in first\n"
     "4:52: placeholder '__GROUP__': fill the template in first\n"},
    {"a template that is no YAML", TEXT("# ${COMMENT}\n" NET "      - ${host}\n${port}\n        path: x\n"),
     "6:9: placeholder '${host}': fill the template in first\n"
     "8:13: not valid YAML: could not find expected ':' (while scanning a simple key, from line 7)\n"},
    {"a binary without a path", TEXT(ONE "network_policies:\n  web:\n    binaries: [{}]\n"),
     "4:16: 'path' is missing: a binary is written as 'path: /usr/bin/curl'\n"},
    {"a relative binary", TEXT(ONE "network_policies:\n  web:\n    binaries: [{path: curl}]\n"),
     "4:23: path 'curl' is relative: write it from / on\n"},
    {"a pattern that is not from the root", TEXT(ONE "network_policies:\n  web:\n    binaries: [{path: '**bin'}]\n"),
     "4:23: path '**bin' is relative: write it from / on\n"},
    {"a control character in the key of a network policy", TEXT(ONE "network_policies:\n  \"a\\n\": {}\n"),
     "3:3: the key of a network policy has a control character (0x0a) in it: 'a\\x0a'\n"},
    {"an empty name", TEXT(ONE "network_policies:\n  web: {name: ''}\n"),
     "3:15: the name is empty\n"},
};

static void every_fault_is_named(void **state)
{
    const struct row *row = *state;
    struct hf_diagnostics diagnostics;
    struct hf_policy policy;
    char *got = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&got, &size);

    assert_non_null(stream);
    assert_false(hf_policy_parse(row->text, row->length, &policy, &diagnostics));
    for (size_t i = 0; i < diagnostics.count; i++)
        fprintf(stream, "%u:%u: %s\n", diagnostics.items[i].pos.line, diagnostics.items[i].pos.column,
                diagnostics.items[i].message);
    fclose(stream);
    assert_string_equal(got, row->faults);
    assert_int_equal(policy.network_count + policy.read_only.count + policy.read_write.count, 0);
    free(got);
    hf_diagnostics_free(&diagnostics);
    hf_policy_free(&policy);
}

int main(void)
{
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    struct CMUnitTest tests[COUNT];

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){
            .name = rows[i].title, .test_func = every_fault_is_named, .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests_name("policy faults", tests, NULL, NULL);
}
