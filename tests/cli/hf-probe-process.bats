#!/usr/bin/env bats
# hf-probe: attempts on processes and by system calls, and what it tells of its own process.

bats_require_minimum_version 1.5.0
load probe

@test "exec: ok, the errno of execve, the exit status, the signal" {
    printf '#!/bin/sh\nkill -9 $$\n' >killed
    printf '#!/bin/sh\nexit 7\n' >seven
    printf '#!/bin/sh\nexit 0\n' >zero
    chmod +x killed seven zero
    gives "exec $T/zero" ok
    gives "exec $T/seven" exit=7
    gives "exec $T/killed" signal=9
    gives "exec $T/file" EACCES
    gives "exec $T/none" ENOENT
}

@test "exec: a script whose interpreter is not there, and what is no program" {
    not_under_valgrind # it looks for the interpreter itself, and says something else
    printf '#!/no/such/interpreter\n' >lost
    printf 'neither\n' >neither
    chmod +x lost neither
    gives "exec $T/lost" ENOENT
    gives "exec $T/neither" ENOEXEC
}

@test "exec: what the program prints is not on stdout" {
    printf '#!/bin/sh\necho noise\n' >noisy
    chmod +x noisy
    run --separate-stderr "$PROBE" "a exec $T/noisy" "b nnp"
    [ "${lines[0]}" = "a ok" ]
    [ "${#lines[@]}" -eq 2 ]
    [[ $stderr == *noise* ]]
}

@test "thread: also where clone3 is not there, and not where no call makes one" {
    gives thread ok
    not_under_valgrind
    run "$BUILD_FOLDER/deny-call" clone3=ENOSYS "$PROBE" "a thread"
    [ "$output" = "a ok" ]
    run "$BUILD_FOLDER/deny-call" clone3=EPERM "$PROBE" "a thread"
    [ "$output" = "a EPERM" ]
}

@test "signal: a process, one that is gone, and the one outside" {
    gives "signal $$" ok
    HF_OUTSIDE_PID=$$ gives "signal outside" ok
    sh -c 'echo $$' >"$T/gone"
    gives "signal $(cat "$T/gone")" ESRCH
    HF_OUTSIDE_PID=$(cat "$T/gone") gives "signal outside" ESRCH
}

@test "signal: without a sound HF_OUTSIDE_PID nothing is signalled" {
    unset HF_OUTSIDE_PID
    gives "signal outside" no-outside-pid
    for pid in "" 0 -1 1x 99999999999; do
        HF_OUTSIDE_PID=$pid gives "signal outside" no-outside-pid
    done
}

@test "syscall: nothing in the way of those which ask for no privileges" {
    not_under_valgrind
    for call in ptrace process_vm_readv process_vm_writev pidfd_getfd mount umount2 fsconfig open_tree setns; do
        gives "syscall $call" ok
    done
}

@test "syscall: EPERM where the privilege is missing" {
    not_under_valgrind
    for call in fsopen fsmount fspick move_mount; do
        run unshare -r "$PROBE" "a syscall $call"
        [ "$output" = "a EPERM" ]
    done
}

@test "syscall: ENOSYS for a number above all" {
    gives "syscall no-such-call" ENOSYS
}

@test "what is done in a child leaves the process as it was" {
    not_under_valgrind
    specs=("before id" "caps-before caps" "u syscall unshare-user" "c syscall clone-user" "d syscall clone3-user"
        "p syscall ptrace" "i int80" "x x32" "e exec $T/none" "after id" "caps-after caps" "fd fds" "last read $T/file")
    run bash -c 'for fd in /proc/self/fd/*; do fd=${fd##*/}; [ "$fd" -le 2 ] || eval "exec $fd>&-"; done; exec "$@"' - \
        "$PROBE" "${specs[@]}"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq "${#specs[@]}" ]
    [ "${lines[0]#before }" = "${lines[9]#after }" ]
    [ "${lines[1]#caps-before }" = "${lines[10]#caps-after }" ]
    [ "${lines[11]}" = "fd ok" ]
    [ "${lines[12]}" = "last ok" ]
}

@test "int80 and x32: ok, or what a kernel without them answers" {
    not_under_valgrind
    run "$PROBE" "i int80" "x x32"
    [ "$status" -eq 0 ]
    [[ ${lines[0]} =~ ^i\ (ok|ENOSYS|signal=11)$ ]]
    [[ ${lines[1]} =~ ^x\ (ok|ENOSYS)$ ]]
}

@test "caps: the sets as /proc/self/status has them, or none" {
    run unshare -r "$PROBE" "a caps"
    [[ $output == *CapPrm=* && $output == *CapEff=* && $output == *CapBnd=* && $output != *CapAmb=* ]]
    run unshare -r setpriv --inh-caps -all --bounding-set -all \
        bash -c '"$0" "a caps"; grep ^Cap /proc/self/status' "$PROBE"
    [ "$(grep -c 0000000000000000 <<<"$output")" -eq 5 ]
    [ "${lines[0]}" = "a none" ]
}

@test "nnp: 0, and 1 once it is set" {
    gives nnp "$(awk '/^NoNewPrivs/ { print $2 }' /proc/self/status)"
    run setpriv --no-new-privs "$PROBE" "a nnp"
    [ "$output" = "a 1" ]
}

@test "id: user, group and the supplementary groups in the kernel's order" {
    run unshare -r "$PROBE" "a id"
    [[ $output =~ ^a\ 0:0:[0-9,]*$ ]]
    not_under_valgrind # it does not start with ids that differ
    setpriv --reuid 1234 --groups 4,24 true || skip "other ids cannot be had here"
    run setpriv --ruid 1234 --regid 1235 --groups 4,24 "$PROBE" "a id"
    [ "$output" = "a 1234/0/0:1235:4,24" ]
    run setpriv --clear-groups "$PROBE" "a id"
    [ "$output" = "a 0:0:" ]
}

@test "env: a value, encoded; an empty one; none" {
    HF_TEST=$'a b%\n' gives "env HF_TEST" a%20b%25%0A
    HF_TEST="" gives "env HF_TEST" %00
    unset HF_TEST
    gives "env HF_TEST" unset
}

@test "fds: ok, or the ones that were inherited, O_PATH and high ones too" {
    not_under_valgrind # it has a log open
    python3 - "$PROBE" <<'PYTHON' >"$T/out"
import os, subprocess, sys
subprocess.run([sys.argv[1], "none fds"], check=True)
path = os.open(".", os.O_PATH)
os.dup2(path, 300)
subprocess.run([sys.argv[1], "two fds"], check=True, pass_fds=(path, 300))
print(f"two {path},300")
PYTHON
    [ "$(sed -n 1p "$T/out")" = "none ok" ]
    [ "$(sed -n 2p "$T/out")" = "$(sed -n 3p "$T/out")" ] # hf-probe's line and what was handed down
}

@test "through: a call that another process makes, which goes on as it was" {
    not_under_valgrind # which knows no ptrace(2) of this kind
    sleep 60 &
    other=$!
    until grep -q '(sleep) S' "/proc/$other/stat"; do sleep 0.01; done # a shell, and its loader, have other descriptors
    before=$(ls "/proc/$other/fd")
    gives "through $other read $T/file" ok
    gives "through $other read $T/none" ENOENT
    gives "through $other write $T/dir" EISDIR
    gives "through $other execute $T/none" ENOENT
    gives "through $other socket %00" ok
    [ "$(ls "/proc/$other/fd")" = "$before" ]
    [ "$(cat "/proc/$other/comm")" = sleep ]
    kill "$other" && wait "$other" || [ $? -eq 143 ]
    gives "through $other read $T/file" ptrace=ESRCH
}

@test "through: what that process is denied, and not the one that asks" {
    not_under_valgrind
    mkfifo up
    "$BUILD_FOLDER/deny-call" socket=EPERM bash -c 'echo $$ >up; exec sleep 60' &
    other=$(cat up)
    gives "through $other socket %00" EPERM
    gives "through $other read $T/file" ok
    kill "$other"
}
