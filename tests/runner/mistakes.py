"""The mistakes that a start most often fails for, and the words of each and of its remedy that its first two lines must
have. $HERE is the folder in which all of it happens, $LOADER this machine's ELF loader."""

from __future__ import annotations

import struct
from dataclasses import dataclass

# What a dynamically linked program of this machine needs, as a policy's list begins.
USUAL = "read_only: [/usr, /lib, /lib64, /bin"
LISTS = f"version: 1\nfilesystem_policy:\n  {USUAL}]\n"
HOST = "version: 1\nnetwork_policies:\n  api:\n    endpoints:\n      - {host: %s, port: %s}\n"
ONLY = "version: 1\nfilesystem_policy:\n  read_only: [%s]\n"
ADD = "to do: add these paths, or directories above them, to filesystem_policy.read_only"
HARD = LISTS + "landlock:\n  compatibility: hard_requirement\n"
# A header, and the one segment that it has: the loader's name, at 84 (elf(5)).
ELF_32 = "".join(f"\\{byte:03o}" for byte in struct.pack(
    "<16sHHIIIIIHHHHHH IIIIIIII", b"\x7fELF\1\1\1", 2, 3, 1, 0, 52, 0, 0, 52, 32, 1, 40, 0, 0,
    3, 84, 84, 84, 18, 18, 4, 1))


@dataclass(frozen=True)
class Mistake:
    name: str
    mistake: str
    remedy: str
    policy: str | bytes | None = None
    run: str = "--policy policy.yaml -- true"  # the rest of `holdfast run`, as a shell has it
    setup: str = ""
    launcher: str = ""  # $BUILD is where the programs are
    exit: int = 125
    user: str = "any"  # root: needs it; ordinary: run as one
    late: bool = False  # execve alone finds it, after the warnings of what this kernel lacks


MISTAKES = [
    # The policy's text.
    Mistake("misspelt-key", "unknown key 'read_onyl'", "did you mean 'read_only'?",
            policy="version: 1\nfilesystem_policy:\n  read_onyl: [/usr]\n"),
    Mistake("key-of-another-section", "unknown key 'compatibility' in the policy", "it belongs in landlock",
            policy="version: 1\ncompatibility: best_effort\n"),
    Mistake("key-that-is-none", "unknown key 'colour' in landlock", "take it out",
            policy="version: 1\nlandlock:\n  colour: red\n"),
    Mistake("misspelt-value", "unknown value 'hard_requirment'", "did you mean 'hard_requirement'?",
            policy="version: 1\nlandlock:\n  compatibility: hard_requirment\n"),
    Mistake("tab-indentation", "tab", "indent with spaces",
            policy="version: 1\nfilesystem_policy:\n\tread_only: [/usr]\n"),
    Mistake("bracket-left-open", "not valid YAML", "']'",
            policy="version: 1\nfilesystem_policy:\n  read_only: [/usr, /lib\nlandlock: {}\n"),
    Mistake("wrong-indentation", "not valid YAML", "indent",
            policy="version: 1\nfilesystem_policy:\n  read_only: [/usr]\n read_write: [/tmp]\n"),
    Mistake("no-space-after-colon", "expected a mapping", "space",
            policy="version: 1\nlandlock:\n  compatibility:best_effort\n"),
    Mistake("text-for-a-list", "expected a list of paths for 'read_only', got a string '/usr'", "put it in brackets",
            policy="version: 1\nfilesystem_policy:\n  read_only: /usr\n"),
    Mistake("yes-for-true", "expected true or false for 'include_workdir', got 'yes'", "write true or false",
            policy="version: 1\nfilesystem_policy:\n  include_workdir: yes\n"),
    Mistake("unknown-version", "unknown version '2'", "the only one is 1", policy="version: 2\n"),
    Mistake("version-in-quotes", "got a string '1'", "take the quotes away", policy='version: "1"\n'),
    Mistake("missing-version", "'version' is missing", "begin the policy with 'version: 1'",
            policy="filesystem_policy: {}\n"),
    Mistake("duplicate-key", "duplicate key 'landlock': it is on line 2 already", "keep one",
            policy="version: 1\nlandlock: {}\nlandlock: {compatibility: best_effort}\n"),
    Mistake("two-documents", "a second document", "a policy file holds one", policy="version: 1\n---\nversion: 1\n"),
    Mistake("anchor-and-alias", "anchors and aliases are not allowed", "write",
            policy="version: 1\nfilesystem_policy:\n  read_only: &a [/usr]\n  read_write: *a\n"),
    Mistake("byte-order-mark", "byte order mark", "save it as UTF-8 without one",
            policy=b"\xef\xbb\xbfversion: 1\n"),
    Mistake("utf-16", "UTF-16", "save it as UTF-8", policy="version: 1\n".encode("utf-16")),
    Mistake("latin-1", "not valid UTF-8", "save the policy as UTF-8", policy="version: 1 # für\n".encode("latin-1")),
    Mistake("template-not-filled-in", "placeholder '${HOME}'", "fill the template in",
            policy='version: 1\nfilesystem_policy:\n  read_only: ["${HOME}/x"]\n'),
    Mistake("limit-without-a-unit-that-is-known", "'10GB' is no value for 'file_size'", "such as 64MiB",
            policy="version: 1\nprocess:\n  limits: {file_size: 10GB}\n"),
    Mistake("limit-of-the-other-section", "unknown key 'memory' in process.limits", "it belongs in resources",
            policy="version: 1\nprocess:\n  limits: {memory: 1GiB}\n"),
    # Its paths.
    Mistake("relative-path", "path 'src' is relative", "write it from / on",
            policy=f"version: 1\nfilesystem_policy:\n  {USUAL}, src]\n"),
    Mistake("tilde-in-a-path", "path '~/src'", "write it from / on, the home directory too",
            policy=f"version: 1\nfilesystem_policy:\n  {USUAL}, ~/src]\n"),
    Mistake("variable-in-a-path", "path '$HOME/src'", "variables are not filled in",
            policy=f"version: 1\nfilesystem_policy:\n  {USUAL}, $HOME/src]\n"),
    Mistake("dots-in-a-path", "path '/usr/../etc' has '..' in it", "write where it leads",
            policy="version: 1\nfilesystem_policy:\n  read_only: [/usr/../etc]\n"),
    Mistake("root-made-writable", "would make everything writable", "list the directories",
            policy="version: 1\nfilesystem_policy:\n  read_write: [/]\n"),
    Mistake("path-in-both-lists", "'/usr' is in both read_only and read_write", "keep one of them",
            policy="version: 1\nfilesystem_policy:\n  read_only: [/usr]\n  read_write: [/usr]\n"),
    Mistake("missing-path-under-hard-requirement", "/no/such/path (ENOENT: No such file", "create it",
            policy=HARD.replace("/bin]", "/bin, /no/such/path]")),
    Mistake("only-missing-paths-under-hard-requirement", "/no/such/path (ENOENT: No such file", "create it",
            policy=HARD.replace(USUAL + "]", "read_only: [/no/such/path]")),
    # The policy's file.
    Mistake("policy-not-there", "policy.yaml: cannot open the policy file: No such file", "name one that is there"),
    Mistake("policy-is-a-directory", "policy.yaml: is a directory", "name a file", setup="mkdir policy.yaml"),
    Mistake("policy-unreadable", "cannot open the policy file: Permission denied", "name one that you may read",
            setup="echo 'version: 1' > policy.yaml; chmod 0 policy.yaml", user="ordinary"),
    Mistake("policy-empty", "there is no policy in the file", "begin it with 'version: 1'", policy=""),
    # The network's part.
    Mistake("wildcard-in-the-middle", "'api.*.com' is not a host", "'*.' before a name",
            policy=HOST % ("api.*.com", "443")),
    Mistake("wildcard-for-all", "'*' alone would be every host", "write '*.' and a name", policy=HOST % ("'*'", "443")),
    Mistake("url-for-a-host", "is not a host", "without a scheme",
            policy=HOST % ("'https://api.example.com'", "443")),
    Mistake("port-in-the-host", "is not a host", "write the port under 'port'",
            policy=HOST % ("'api.example.com:443'", "443")),
    Mistake("port-out-of-range", "'70000' is not a port", "from 1 to 65535", policy=HOST % ("a.test", "70000")),
    Mistake("port-in-quotes", "got a string '443'", "take the quotes away", policy=HOST % ("a.test", "'443'")),
    Mistake("port-missing", "'port' is missing", "'port: 443'",
            policy="version: 1\nnetwork_policies:\n  api:\n    endpoints:\n      - {host: a.test}\n"),
    Mistake("bad-range-of-addresses", "'10.0.0.0/33' is not a range", "from 0 to 32",
            policy=HOST % ("a.test", "443, allowed_ips: [10.0.0.0/33]")),
    Mistake("range-with-host-bits", "'10.0.0.1/8' is not a range", "write the first address of the range",
            policy=HOST % ("a.test", "443, allowed_ips: [10.0.0.1/8]")),
    Mistake("key-that-is-not-enforced", "tls (line 5)", "--mode block",
            policy=HOST % ("a.test", "443, tls: terminate")),
    # Rules for requests.
    Mistake("rules-without-a-protocol", "'access' is about requests", "only with 'protocol: rest': add that",
            policy=HOST % ("a.test", "80, access: full")),
    Mistake("requests-without-rules", "'protocol: rest' has 'access' or 'rules'", "write 'access: full' if all",
            policy=HOST % ("a.test", "80, protocol: rest")),
    Mistake("access-and-rules", "'access' or 'rules', not both", "each says alone which requests are allowed",
            policy=HOST % ("a.test", "80, protocol: rest, access: full, rules: [{allow: {method: GET, path: /}}]")),
    Mistake("method-in-lower-case", "unknown method 'get'", "did you mean 'GET'?",
            policy=HOST % ("a.test", "80, protocol: rest, rules: [{allow: {method: get, path: /}}]")),
    Mistake("rule-without-a-path", "'path' is missing", '"**" for every path',
            policy=HOST % ("a.test", "80, protocol: rest, rules: [{allow: {method: GET}}]")),
    Mistake("query-in-the-path", "'/a?b=c' is not a pattern for paths", "under 'query'",
            policy=HOST % ("a.test", "80, protocol: rest, rules: [{allow: {method: GET, path: '/a?b=c'}}]")),
    Mistake("classes-in-a-pattern", "'/[ab]' is not a pattern for paths", "'*' and '**' are the only patterns",
            policy=HOST % ("a.test", "80, protocol: rest, rules: [{allow: {method: GET, path: '/[ab]'}}]")),
    Mistake("another-protocol", "protocol: graphql (line 5), access (line 5)", "--mode block",
            policy=HOST % ("a.test", "443, protocol: graphql, access: full")),
    # The command and its way to be executed.
    Mistake("no-command", "no command to run", "after --", run="--"),
    Mistake("options-without-dashes-between", "no such command: true-or-not", "check the spelling", exit=127,
            policy=LISTS, run="--policy policy.yaml true-or-not"),
    Mistake("command-not-found", "no such command: no-such-command", "check the spelling and PATH", exit=127,
            policy=LISTS, run="--policy policy.yaml -- no-such-command"),
    Mistake("command-in-the-current-directory", "no such command: here: it is in the current directory",
            "with ./ before its name", exit=127, policy=LISTS,
            setup="cp /bin/true here", run="-- here"),
    Mistake("one-word-with-blanks", "no such command: echo hello", "quotes", exit=127, run="-- 'echo hello'"),
    Mistake("not-executable", "./script", "chmod +x", exit=126,
            setup="printf '#!/bin/sh\\n' > script", run="-- ./script"),
    Mistake("not-executable-in-path", "script", "chmod +x", exit=126,
            setup="printf '#!/bin/sh\\n' > script", run="-- script", launcher="env PATH=$HERE"),
    Mistake("directory-as-command", "a directory", "name a program", exit=126, setup="mkdir d", run="-- ./d"),
    Mistake("link-that-leads-nowhere", "./link", "/no/such/program", exit=127,
            setup="ln -s /no/such/program link", run="-- ./link"),
    Mistake("file-on-the-way", "./file", "not a directory", exit=126, setup="touch file", run="-- ./file/x"),
    Mistake("interpreter-not-on-this-machine", "/no/such/python, the interpreter of ./script", "install it", exit=126,
            setup="printf '#!/no/such/python\\n' > script; chmod +x script", run="-- ./script"),
    Mistake("interpreter-of-an-interpreter", "/no/such/python, the interpreter of $HERE/middle", "install it", exit=126,
            setup="printf '#!/no/such/python\\n' > middle; printf \"#!$HERE/middle\\n\" > script; chmod +x script mid*",
            run="-- ./script"),
    Mistake("script-with-dos-line-ends", "carriage return", "line ends", exit=126,
            setup="printf '#!/bin/sh\\r\\n' > script; chmod +x script", run="-- ./script"),
    Mistake("text-without-interpreter-line", "no #! line", "#!/bin/sh", exit=126, late=True,
            setup="printf 'echo hello\\n' > script; chmod +x script", run="-- ./script"),
    Mistake("byte-order-mark-before-interpreter-line", "byte order mark", "save it without", exit=126, late=True,
            setup="printf '\\357\\273\\277#!/bin/sh\\n' > script; chmod +x script", run="-- ./script"),
    Mistake("empty-command", "./x: it is an empty file", "build or copy it again", exit=126, late=True,
            setup="touch x; chmod +x x", run="-- ./x"),
    Mistake("other-architecture", "another architecture", "take a build for x86_64", exit=126, late=True, run="-- ./x",
            setup="cp /bin/true x; printf '\\267' | dd of=x bs=1 seek=18 conv=notrunc 2>/dev/null"),
    Mistake("loader-not-on-this-machine", "/lib64/ld-none-x86-64.so.2, the ELF loader of ./x", "install", exit=126,
            run="-- ./x",
            setup="sed 's|/lib64/ld-linux-x86-64.so.2|/lib64/ld-none-x86-64.so.2|' /bin/true > x; chmod +x x"),
    Mistake("32-bit-program-without-its-loader", "/lib/ld-none.so.2, the ELF loader of ./x: it is not on this machine",
            "install the C library", exit=126, run="-- ./x",
            setup=f"printf '{ELF_32}' > x; printf '/lib/ld-none.so.2\\0' >> x; chmod +x x"),
    Mistake("noexec-mount", "noexec", "remount", exit=126, user="root",
            launcher="unshare -m sh -ec 'mkdir m; mount -t tmpfs -o noexec none m; cp /bin/true m; exec \"$@\"' sh",
            run="-- m/true"),
    Mistake("command-open-for-writing", "open for writing", "close it", exit=126, late=True,
            setup="cp /bin/true x", run="-- ./x", launcher="sh -c 'exec \"$@\" 8>>x' sh"),
    # What the lists do not reach.
    Mistake("list-without-the-command", "it lacks: /usr/bin/true (the command)", ADD,
            policy=ONLY % "/lib, /lib64, /usr/lib", run="--policy policy.yaml -- /usr/bin/true"),
    Mistake("list-without-the-loader", "/ld-linux-x86-64.so.2 (the ELF loader by way of /lib64/", ADD,
            policy=ONLY % "/usr/bin"),
    Mistake("list-without-the-libraries", "/libc.so.6 (a library", ADD, policy=ONLY % "/usr/bin, $LOADER"),
    Mistake("empty-list", "/true (the command", ADD, policy=ONLY % ""),
    Mistake("list-without-the-interpreter", "$HERE/out/interpreter (a script's interpreter)", ADD,
            policy=ONLY % "/usr, /lib, /lib64, /bin, $HERE/in", run="--policy policy.yaml -- in/script",
            setup='mkdir in out; printf "#!/bin/sh\n" > out/interpreter;'
                  'printf "#!$HERE/out/interpreter\n" > in/script; chmod +x */*'),
    Mistake("list-without-what-env-runs", "$HERE/out/program (what env runs)", ADD,
            policy=ONLY % "/usr, /lib, /lib64, /bin, $HERE/in", run="--policy policy.yaml -- in/script",
            setup='mkdir in out; cp /bin/true out/program;'
                  'printf "#!/usr/bin/env program\n" > in/script; chmod +x in/*',
            launcher="env PATH=$HERE/out"),
    Mistake("link-out-of-the-list", "$HERE/out/true (the command by way of $HERE/in/link)", ADD,
            policy=ONLY % "/usr, /lib, /lib64, /bin, $HERE/in", run="--policy policy.yaml -- in/link",
            setup="mkdir in out; cp /bin/true out; ln -s ../out/true in/link"),
    Mistake("default-set-without-the-command", "it lacks: /mnt/tool (the command)", ADD, run="-- /mnt/tool",
            user="root",
            launcher="unshare -m sh -ec 'mount -t tmpfs none /mnt; cp /bin/true /mnt/tool; exec \"$@\"' sh"),
    # The place to run in, and the files to write.
    Mistake("workdir-not-there", "absent (ENOENT: No such file", "--workdir", run="--workdir absent -- true"),
    Mistake("workdir-is-a-file", "the working directory cannot be used: file", "name a directory",
            setup="touch file", run="--workdir file -- true"),
    Mistake("workdir-not-to-be-entered", "closed (EACCES", "that you may enter", setup="mkdir -m 0 closed",
            run="--workdir closed -- true", user="ordinary"),
    Mistake("workdir-is-root", "the working directory is /", "name another directory with --workdir",
            run="--workdir / -- true"),
    Mistake("report-in-a-directory-that-is-not-there", "the report file cannot be written: no/report.json",
            "name a file in a directory", run="--report no/report.json -- true"),
    # The command line of holdfast itself.
    Mistake("misspelt-option", "unknown option '--polcy'", "there are --policy, --policy-pb, --mode,",
            run="--polcy x -- true"),
    Mistake("option-without-its-value", "--policy needs a value", "write it after it", run="--policy"),
    Mistake("policies-of-both-kinds", "a start has one policy", "--policy or --policy-pb, not both",
            policy="version: 1\n", run="--policy policy.yaml --policy-pb policy.pb -- true"),
    Mistake("yaml-as-a-message", "not a policy message", "YAML goes by --policy",
            policy="version: 1\n", run="--policy-pb policy.yaml -- true"),
    Mistake("short-option", "unknown option '-p'", "there are --policy, --policy-pb, --mode,",
            run="-p policy.yaml -- true"),
    Mistake("mode-that-is-none", "not 'blok'", "--mode is block or proxy", run="--mode blok -- true"),
    Mistake("time-limit-with-a-unit", "not '5s'", "a whole number of seconds", run="--timeout 5s -- true"),
    # The kernel and the machine.
    Mistake("hard-requirement-without-landlock", "landlock is required", "or write compatibility: best_effort",
            policy=HARD, launcher="$BUILD/abi-ceiling none"),
    Mistake("hard-requirement-with-landlock-off", "EOPNOTSUPP", "add landlock to the kernel's lsm= list",
            policy=HARD, launcher="$BUILD/abi-ceiling off"),
    Mistake("hard-requirement-on-abi-1", "this kernel has ABI 1, ABI 2 is required", "run a newer kernel",
            policy=HARD, launcher="$BUILD/abi-ceiling 1"),
    Mistake("min-abi-above-the-kernel", "ABI 6 is required", "lower landlock.min_abi",
            policy=HARD + "  min_abi: 6\n", launcher="$BUILD/abi-ceiling 3"),
    Mistake("container-forbids-namespaces", "no namespaces can be made here: clone(", "the container's seccomp profile",
            run="-- true", launcher="$BUILD/deny-call namespaces=EPERM"),
    Mistake("container-forbids-landlock", "EPERM", "allow the landlock calls in the container's seccomp profile",
            policy=HARD, launcher="$BUILD/deny-call landlock_create_ruleset=EPERM"),
    # Who the command runs as.
    Mistake("user-that-is-not-there", "no such user or group: nobody-here", "create it, or name another one",
            policy="version: 1\nprocess: {run_as_user: nobody-here}\n"),
    Mistake("another-user-without-root", "only root can run the command as somebody else: root",
            "run holdfast as root, or take run_as_user and run_as_group out",
            policy="version: 1\nprocess: {run_as_user: root}\n", user="ordinary"),
    Mistake("another-user-may-not-enter", "$HERE/closed, on the way to $HERE/closed/true", "chmod", exit=126, late=True,
            user="root",
            policy="version: 1\nprocess: {run_as_user: nobody}\n", run="--policy policy.yaml -- $HERE/closed/true",
            setup="mkdir -m 700 closed; cp /bin/true closed"),
]
