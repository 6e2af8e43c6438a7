"""The settings whose calls are recorded: who starts what, under which policy and kernel. And the place they start in, which is
the same on every machine."""

from __future__ import annotations

import socket
from dataclasses import dataclass

LISTS = "filesystem_policy: {read_only: [/mnt/bin, /mnt/file], read_write: [/mnt/work, /dev/null]}"
PROXY = "network_policies: {a: {name: a, endpoints: [{host: unreachable.test, port: 443}]}}"
PROGRAMS = PROXY.replace("]}}", "], binaries: [{path: /mnt/bin/command}]}}")
HARD = "landlock: {compatibility: hard_requirement}"
LIMITS = """process:
  run_as_user: agent
  limits: {open_files: 64, processes: 1000, file_size: 1MiB, cpu_time: 10s, address_space: 1GiB, core: 4KiB}"""
ORDINARY = "nobody"

# Processes, limits and mounts of its own: a place that the policies name, an empty folder for what a run leaves, and accounts.
# $1 is the runtime, $2 the command, $3 the policy, $4 what is done beside that.
PLACE = """
mount -t tmpfs -o mode=755 place /mnt
mount -t tmpfs -o mode=755 run /run
mkdir -m 777 /mnt/bin /mnt/work /mnt/run /mnt/etc
cp "$1" /mnt/holdfast
cp "$2" /mnt/bin/command
echo of no format > /mnt/bin/broken
chmod 755 /mnt/bin/broken
touch /mnt/file
printf '%s\\n' "$3" > /mnt/policy.yaml
printf '%s\\n' root:x:0:0::/:/bin/sh agent:x:1000:1000::/:/bin/sh nobody:x:65534:65534::/:/bin/sh > /mnt/etc/passwd
printf '%s\\n' root:x:0: agents:x:1000: helpers:x:1001:agent nogroup:x:65534: > /mnt/etc/group
printf '%s\\n' 'passwd: files' 'group: files' > /mnt/etc/nsswitch.conf
for name in passwd group nsswitch.conf; do mount --bind /mnt/etc/$name /etc/$name; done
cd /mnt
unset OLDPWD
ulimit -c 2048
ulimit -n 4096
ulimit -p 4000
ulimit -f 8388608
ulimit -t 1000
ulimit -v 16777216
eval "$4"
shift 4
exec "$@"
"""
PATIENCE = "10"  # seconds
# A folder to be the root of a process, in which everything is mounted, but which is no mount itself.
ROOT = """
mkdir /mnt/root
for name in /bin /lib /lib64 /usr /etc /dev /proc /run /mnt; do
    if [ -L $name ]; then cp -P $name /mnt/root; else mkdir /mnt/root$name; mount --bind $name /mnt/root$name; fi
done
"""
APART = ("timeout", "--signal=KILL", PATIENCE, "setsid", "--wait", "unshare", "--pid", "--fork", "--kill-child", "--mount",
         "--mount-proc", "--propagation", "private", "sh", "-ec", PLACE, "sh")


CEILING, NONE = ("{build}/abi-ceiling", "2"), ("{build}/abi-ceiling", "none")
DENYING = (*CEILING, "{build}/deny-call")


@dataclass(frozen=True)
class Setting:
    name: str
    about: str
    policy: tuple[str, ...] = (LISTS,)
    options: tuple[str, ...] = ()  # of `run`
    verb: str = "run"
    command: tuple[str, ...] = ("/mnt/bin/command",)
    user: str = ""  # an ordinary one; root where there is none
    kernel: tuple[str, ...] = CEILING  # what stands in for one
    place: str = ""  # what is done beside PLACE
    within: tuple[str, ...] = ()  # what the runtime is started by
    streams: str = ""  # redirections of the shell
    stdin: socket.AddressFamily | None = None  # a socket of this family
    processes: tuple[str, ...] = ("supervisor", "init", "command", "proxy", "porter")  # of which the calls are the same every time
    whole_filter: bool = False
    inject: str = ""  # what strace answers in the place of the kernel


ALL = (
    Setting("block", "files and folders to read and to write, no network", whole_filter=True),
    Setting("proxy", "the same with the proxy", (LISTS, PROXY), whole_filter=True),
    Setting("block-ordinary", "by an ordinary user: through a user namespace", user=ORDINARY),
    Setting("proxy-ordinary", "the same with the proxy", (LISTS, PROXY), user=ORDINARY),
    Setting("proxy-binaries", "programs named, and a log", (LISTS, PROGRAMS), ("--log", "/mnt/work/log")),
    Setting("run-as-name", "root, for a user who is in two groups", (LISTS, PROXY, "process: {run_as_user: agent}")),
    Setting("run-as-number", "for a user and a group by number",
            (LISTS, "process: {run_as_user: '4000', run_as_group: '4001'}")),
    *(Setting(f"run-as-{name}", about, (LISTS, f"process: {{{who}}}"), user=user) for name, about, who, user in (
        ("name-by-number", "a number that has a name, and its groups", "run_as_user: '1000'", ""),
        ("greatest-number", "the greatest number that is one", "run_as_user: '4294967294'", ""),
        ("number-and-more", "a number with something behind it", "run_as_user: 12x", ""),
        ("zero-group", "root's group by number", "run_as_group: '0'", ""),
        ("nine", "a number of the last digit", "run_as_user: '9'", ""),
        ("letter", "what is no number from its first letter on", "run_as_user: a9", ""),
        ("group", "a group by name", "run_as_user: agent, run_as_group: helpers", ""),
        ("unknown-group", "a group that is not there", "run_as_group: nowhere", ""),
        ("oneself", "an ordinary user as who it is", "run_as_user: nobody, run_as_group: nogroup", ORDINARY),
        ("somebody", "an ordinary user as somebody else", "run_as_user: agent", ORDINARY),
        ("some-group", "and in another group", "run_as_group: helpers", ORDINARY),
        ("own-group", "and in its own group", "run_as_group: nogroup", ORDINARY))),
    Setting("limits", "every limit of a process, lower than the caller's", (LISTS, LIMITS)),
    Setting("limits-of-caller", "as much as the caller has", (LISTS, "process: {limits: {cpu_time: 1000s, core: 1MiB}}")),
    Setting("limits-too-high", "more than the caller may have", (LISTS, "process: {limits: {cpu_time: 1001s}}")),
    Setting("limits-of-root", "one that does not hold root", (LISTS, "process: {limits: {processes: 1000}}")),
    Setting("no-core", "a caller who may not dump core at all", place="ulimit -c 0"),
    Setting("no-landlock", "a kernel that has none", kernel=NONE),
    Setting("proc", "a rule for /proc, which the sandbox has anew", (LISTS.replace("[/mnt/bin", "[/proc, /mnt/bin"),)),
    Setting("proc-of-caller", "a rule for what only the caller's /proc has",
            (LISTS.replace("/mnt/file", "/proc/self/fdinfo/9"),), streams="9</mnt/file"),
    Setting("root", "a rule for /", (LISTS.replace("[/mnt/bin, /mnt/file", "[/, /mnt/bin"),)),
    Setting("landlock-kept-open", "a landlock that says yes and does nothing", (LISTS.replace("/mnt/file", "/usr"),),
            kernel=(*DENYING, "landlock_restrict_self=ok")),
    Setting("capabilities-kept", "a kernel that says it dropped them", kernel=(*DENYING, "capset=ok")),
    # Of init's calls of prctl the third drops capability 0.
    Setting("bounding-set-kept", "a kernel that says it dropped a capability from the bounding set",
            inject="prctl:retval=0:when=5"),
    Setting("bounding-set-short", "a kernel that says it knows fewer capabilities than any does",
            inject="prctl:error=EINVAL:when=40"),
    Setting("user-kept", "a kernel that says it changed the user", (LISTS, "process: {run_as_user: agent}"),
            kernel=(*DENYING, "setresuid=ok")),
    Setting("chroot", "/ is no mount", place=ROOT, within=("chroot", "/mnt/root")),
    Setting("other-proc", "/proc is another file system, and there is a rule for it", (LISTS.replace("/mnt/file", "/proc"),),
            place=ROOT + "umount /mnt/root/proc; mount -t tmpfs proc /mnt/root/proc", within=("chroot", "/mnt/root")),
    Setting("missing", "a listed path that is not there", (LISTS.replace("/mnt/file", "/mnt/none"),)),
    Setting("missing-hard", "two such where they are required",
            (LISTS.replace("/mnt/file", "/mnt/none, /mnt/file/below"), HARD)),
    Setting("missing-kinds", "each way of not being there, for an ordinary user",
            (LISTS.replace("/mnt/file", f"/mnt/file/below, /mnt/loop, /mnt/closed/file, /mnt/{'x' * 256}"),), user=ORDINARY,
            place="ln -s loop /mnt/loop; mkdir -m 700 /mnt/closed"),
    Setting("nothing-hard", "nothing to hold the command to but what the runtime adds, where something is required",
            ("filesystem_policy: {read_only: []}", PROXY, HARD)),
    Setting("one-rule-hard", "a single rule, where something is required",
            ("filesystem_policy: {read_only: [/mnt/bin]}", HARD)),
    Setting("no-format", "a command that no kernel executes", command=("/mnt/bin/broken",)),
    Setting("status", "the command's own exit status", command=("/mnt/bin/command", "exit", "7")),
    Setting("killed", "a command that a signal ends", command=("/mnt/bin/command", "raise", "9")),
    Setting("timeout", "a command that a time limit ends", options=("--timeout", "1"), command=("/mnt/bin/command", "wait")),
    Setting("closed-streams", "started without standard streams", streams="<&- >&- 2>&-"),
    Setting("open-descriptors", "started with others beside them", streams="3</mnt/file 7</mnt/file 9</mnt/file"),
    Setting("socket", "standard input is a socket without a name, and there is a rule for it",
            (LISTS.replace("/dev/null", "/dev/null, /dev/stdin"),), stdin=socket.AF_UNIX),
    Setting("network-socket", "standard input is a socket of the outside's network", stdin=socket.AF_INET),
    Setting("no-close-range", "a kernel before 5.9", kernel=(*DENYING, "close_range=ENOSYS")),
    Setting("why-twice", "with an observer where there is one above", verb="why"),
    Setting("why", "with an observer", verb="why", kernel=(), processes=("init", "command"), whole_filter=True),
)
