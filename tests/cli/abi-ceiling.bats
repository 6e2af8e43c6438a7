#!/usr/bin/env bats
# abi-ceiling: every level shows what a kernel of that Landlock ABI does, call by call; the table below was checked against
# the real kernels of ABI 2 and 6 to 11. Levels above this kernel's own ABI are skipped, and say so.

load helpers
bats_require_minimum_version 1.5.0

setup_file() {
    export CALLS=$BATS_FILE_TMPDIR/landlock-calls
    chmod 755 "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR"
    "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -I"$BATS_TEST_DIRNAME/../../src" -o "$CALLS" \
        "$BATS_TEST_DIRNAME/landlock-calls.c"
    HOST_ABI=$("$CALLS" | awk '$1 == "version" { print $2 }')
    HOST_ERRATA=$("$CALLS" | awk '$1 == "errata" { print $2 }')
    export HOST_ABI HOST_ERRATA
}

setup() {
    CEILING=$(cd "${BUILD:-$BATS_TEST_DIRNAME/../../build}" && pwd)/abi-ceiling
    WORK=$(mktemp -d)
    chmod 755 "$WORK"
    cd "$WORK" || return 1
}

# call, and its result from the given ABI on
calls_table='
version-with-attribute       1=EINVAL
version-with-size            1=EINVAL
version-and-errata           1=EINVAL
unknown-query                1=EINVAL
no-attribute                 1=EFAULT
no-attribute-no-size         1=EFAULT
bad-address                  1=EFAULT
bad-address-short            1=EINVAL
size-7                       1=EINVAL
size-8                       1=ok
size-12                      1=ok
size-4096                    1=ok
size-4097                    1=E2BIG
tail-at-48                   1=E2BIG
tail-beyond-size             1=ok
to-the-page-end              1=ok
over-the-page-end            1=EFAULT
over-the-page-end-with-tail  1=E2BIG
half-a-field-there           1=EFAULT
nothing-handled              1=ENOMSG
first-13                     1=ok
refer                        1=EINVAL 2=ok
truncate                     1=EINVAL 3=ok
ioctl-dev                    1=EINVAL 5=ok
resolve-unix                 1=EINVAL 9=ok
unknown-right                1=EINVAL
unknown-high-right           1=EINVAL
tcp                          1=E2BIG 4=ok
udp                          1=E2BIG 4=EINVAL 10=ok
unknown-net                  1=E2BIG 4=EINVAL
scopes                       1=E2BIG 6=ok
unknown-scope                1=E2BIG 6=EINVAL
unknown-right-and-tail       1=E2BIG 6=EINVAL
quiet                        1=E2BIG 10=ok
quiet-not-handled            1=E2BIG 10=EINVAL
ruleset                      1=ruleset,cloexec
rule                         1=ok
rule-not-handled             1=EINVAL
rule-quiet                   1=EINVAL 10=ok
rule-unknown-flag            1=EINVAL
rule-unknown-flag-bad-fd     1=EINVAL
rule-bad-fd                  1=EBADF
rule-unknown-type            1=EINVAL
port                         1=EINVAL
port-bad-fd                  1=EBADF
port-other-fd                1=EBADFD
port-no-access               1=EINVAL 4=ENOMSG
port-no-attribute            1=EINVAL 4=EFAULT
'
enforcement_table='
restrict                     1=ok
restrict-bad-fd              1=EBADF
restrict-log                 1=EINVAL 7=ok
restrict-log-only            1=EINVAL 7=ok
restrict-tsync               1=EINVAL 8=ok
restrict-no-new-privs        1=EINVAL 11=ok
restrict-unknown-flag        1=EINVAL
restrict-unknown-flag-bad-fd 1=EINVAL
list-when-restricted         1=EACCES
'

# expected TABLE LEVEL
expected() {
    awk -v level="$2" 'NF {
        for (i = 2; i <= NF; i++) {
            split($i, from, "=")
            if (from[1] + 0 <= level + 0)
                result = from[2]
        }
        print $1, result
    }' <<<"$1"
}

# The errata of the kernel that does the work, as far as they belong to the level: 3 and 4 came for ABI 1, 1 for 4, 2 for 6.
expected_errata() {
    local known=12
    [ "$1" -lt 4 ] || known=$((known | 1))
    [ "$1" -lt 6 ] || known=$((known | 2))
    case $HOST_ERRATA in
    [0-9]*) echo $((HOST_ERRATA & known)) ;;
    *) echo "$HOST_ERRATA" ;; # an older kernel's errno
    esac
}

# same WHAT EXPECTED GOT
same() {
    diff -u --label "expected: $1" --label "got" <(printf '%s\n' "$2") <(printf '%s\n' "$3")
}

# needs_abi LEVEL: a ceiling cannot be above the kernel's own ABI.
needs_abi() {
    case $HOST_ABI in
    [0-9]*) [ "$HOST_ABI" -ge "$1" ] || skip "this kernel's Landlock ABI is $HOST_ABI, below $1" ;;
    *) skip "this kernel has no Landlock to put a ceiling on ($HOST_ABI)" ;;
    esac
}

# shows LEVEL [WRAPPER...]: what landlock-calls prints below that ceiling, run by WRAPPER, is what the table says.
shows() {
    local level=$1
    shift
    needs_abi "$level"
    same "calls at ABI $level" \
        "version $level"$'\n'"errata $(expected_errata "$level")"$'\n'"$(expected "$calls_table" "$level")" \
        "$("$@" "$CEILING" "$level" "$CALLS")"
    same "enforcement at ABI $level" "$(expected "$enforcement_table" "$level")" \
        "$("$@" "$CEILING" "$level" "$CALLS" enforcement)"
}

@test "level 1 shows what a kernel of ABI 1 does" {
    shows 1
}

@test "level 2 shows what a kernel of ABI 2 does" {
    shows 2
}

@test "level 3 shows what a kernel of ABI 3 does" {
    shows 3
}

@test "level 4 shows what a kernel of ABI 4 does" {
    shows 4
}

@test "level 5 shows what a kernel of ABI 5 does" {
    shows 5
}

@test "level 6 shows what a kernel of ABI 6 does" {
    shows 6
}

@test "level 7 shows what a kernel of ABI 7 does" {
    shows 7
}

@test "level 8 shows what a kernel of ABI 8 does" {
    shows 8
}

@test "level 9 shows what a kernel of ABI 9 does" {
    shows 9
}

@test "level 10 shows what a kernel of ABI 10 does" {
    shows 10
}

@test "level 11 shows what a kernel of ABI 11 does" {
    shows 11
}

@test "every level shows the same to an ordinary user" {
    needs_abi 1
    for level in 1 2 3 4 5 6 7 8 9 10 11; do
        [ "$level" -gt "$HOST_ABI" ] || shows "$level" as_ordinary_user
    done
}

# refuses_all ERRNO LEVEL [WRAPPER...]: every single call fails so.
refuses_all() {
    local results
    results=$("${@:3}" "$CEILING" "$2" "$CALLS" | grep -v '^ruleset ' | cut -d' ' -f2 | sort -u)
    same "every call at $2" "$1" "$results"
    results=$("${@:3}" "$CEILING" "$2" "$CALLS" enforcement | grep -v '^list-when-restricted ' | cut -d' ' -f2 | sort -u)
    same "every enforcement at $2" "$1" "$results"
}

@test "none is a kernel without Landlock, off one that has it switched off, blocked a container's filter" {
    refuses_all ENOSYS none
    refuses_all EOPNOTSUPP off
    refuses_all EPERM blocked
    refuses_all ENOSYS none as_ordinary_user
}

# restrict_below LEVEL: what restrict_self says to nobody without no_new_privs, below a ceiling that root has set.
restrict_below() {
    "$CEILING" "$1" setpriv --reuid 65534 --regid 65534 --clear-groups "$CALLS" enforcement | grep '^restrict'
}

@test "restrict_self without privilege or no_new_privs is EPERM, before ABI 11 with an unknown flag too" {
    [ "$(id -u)" = 0 ] || skip "needs root: without it the ceiling itself sets no_new_privs"
    needs_abi 2
    same "restrict_self by nobody" "EPERM" "$(restrict_below 2 | cut -d' ' -f2 | sort -u)"
}

@test "from ABI 11 on restrict_self looks at its flags before the caller's privilege" {
    [ "$(id -u)" = 0 ] || skip "needs root: without it the ceiling itself sets no_new_privs"
    needs_abi 11
    same "the two unknown flags" $'restrict-unknown-flag EINVAL\nrestrict-unknown-flag-bad-fd EINVAL' \
        "$(restrict_below 11 | grep unknown-flag)"
}

@test "root gets no no_new_privs from a ceiling, an ordinary user does" {
    if [ "$(id -u)" = 0 ]; then
        run "$CEILING" none grep NoNewPrivs /proc/self/status
        expect_output $'NoNewPrivs:\t0'
    fi
    run as_ordinary_user "$CEILING" none grep NoNewPrivs /proc/self/status
    expect_output $'NoNewPrivs:\t1'
}

@test "a level above the kernel's own ABI is refused with 125, and the command is not run" {
    needs_abi 1
    [ "$HOST_ABI" -lt 11 ] || skip "this kernel's ABI is $HOST_ABI: there is no level above it"
    run "$CEILING" 11 touch ran
    expect_status 125
    expect_output "this kernel's Landlock ABI is $HOST_ABI, which is below 11"
    [ ! -e ran ]
}

@test "a level that is none is refused with 125" {
    for level in 0 12 -1 1x "" NONE; do
        run "$CEILING" "$level" touch ran
        expect_status 125
        expect_output "usage: abi-ceiling"
    done
    [ ! -e ran ]
}

@test "the exit status is the command's, 127 and 126 as a shell's" {
    run -42 "$CEILING" none sh -c 'exit 42'
    run -127 "$CEILING" none no-such-command
    run -126 "$CEILING" none /
}

@test "below a level too, and 128+n for a signal" {
    needs_abi 1
    run -42 "$CEILING" 1 sh -c 'exit 42'
    run -137 "$CEILING" 1 sh -c 'kill -9 $$; sleep 9'
    run -127 "$CEILING" 1 no-such-command
    run -126 "$CEILING" 1 /
}

@test "a signal is passed on to the command" {
    needs_abi 1
    "$CEILING" 1 sh -c 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done' >out 3>&- &
    for _ in $(seq 100); do grep -q ready out && break; sleep 0.05; done
    kill -TERM $!
    status=0
    wait $! || status=$?
    expect_status 9
}

@test "no process is left when the command has ended, nor when the ceiling is killed" {
    needs_abi 1
    "$CEILING" 1 sh -c 'setsid sleep 300.125 & exit 0'
    ! pgrep -f '^sleep 300\.125' || return 1
    "$CEILING" 1 sleep 300.25 3>&- &
    for _ in $(seq 100); do pgrep -f '^sleep 300\.25' >pid && break; sleep 0.05; done
    [ -s pid ]
    kill -KILL $!
    for _ in $(seq 100); do pgrep -f '^sleep 300\.25' || return 0; sleep 0.05; done
    return 1
}

@test "a ceiling in a ceiling is refused, and says why" {
    needs_abi 1
    run "$CEILING" 1 "$CEILING" 1 true
    expect_status 125
    expect_output "a process tree has one only"
}

@test "a caller whose memory cannot be read gets EIO, never the kernel's own answer" {
    needs_abi 1
    run as_ordinary_user "$CEILING" 1 "$CALLS" undumpable
    expect_output "undumpable EIO"
    expect_output "cannot read the memory of process"
}

@test "root's ceiling reads a caller that is not dumpable" {
    needs_abi 1
    [ "$(id -u)" = 0 ] || skip "needs root"
    run "$CEILING" 1 "$CALLS" undumpable
    expect_output "undumpable ok"
}

@test "callers in other user and network namespaces are answered too" {
    needs_abi 1
    run as_ordinary_user unshare --user --net true
    [ "$status" -eq 0 ] || skip "no user namespaces here"
    same "calls in a user namespace" "$(as_ordinary_user "$CEILING" 1 "$CALLS")" \
        "$(as_ordinary_user "$CEILING" 1 unshare --user --net --map-root-user "$CALLS")"
}
