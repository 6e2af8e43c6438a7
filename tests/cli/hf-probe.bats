#!/usr/bin/env bats
# hf-probe: every kind once with success and, where that can be had, once with the right errno; malformed specs.
# BUILD is the folder with hf-probe. HF_VALGRIND=1 (valgrind runs it) leaves out what valgrind cannot do.

bats_require_minimum_version 1.5.0

setup() {
    cd "${BUILD:-$BATS_TEST_DIRNAME/../../build}" || return 1
    BUILD_FOLDER=$PWD
    PROBE=$PWD/hf-probe
    PEER=$BATS_TEST_DIRNAME/hf-probe-peer.py
    T=$BATS_TEST_TMPDIR
    cd "$T" || return 1
    echo content >file
    mkdir dir
}

# gives SPEC-WITHOUT-ID RESULT: hf-probe's whole output for it is the one line with that result, and it exits with 0.
gives() {
    run "$PROBE" "some-id $1"
    [ "$status" -eq 0 ] && [ "$output" = "some-id $2" ] && return
    printf "spec     '%s'\nexpected 'some-id %s', exit 0\ngot      '%s', exit %s\n" "$1" "$2" "$output" "$status"
    return 1
}

# refuses PART-OF-THE-MESSAGE SPEC...: exit 2, nothing on stdout, and a message that says so.
refuses() {
    local part=$1
    shift
    run --separate-stderr "$PROBE" "$@"
    [ "$status" -eq 2 ] && [ -z "$output" ] && [[ $stderr == *"$part"* ]] && return
    printf "specs    %s\nexpected exit 2 and '%s'\n" "$*" "$part"
    printf "got      '%s' '%s', exit %s\n" "$output" "$stderr" "$status"
    return 1
}

# with_peer COMMAND...: in a network namespace of its own, with something to talk to.
with_peer() {
    unshare -rn python3 "$PEER" "$@"
}

# talks SPEC-WITHOUT-ID RESULT: as gives, with the peer there.
talks() {
    run with_peer "$PROBE" "some-id $1"
    [ "$status" -eq 0 ] && [ "$output" = "some-id $2" ] && return
    printf "spec     '%s'\nexpected 'some-id %s', exit 0\ngot      '%s', exit %s\n" "$1" "$2" "$output" "$status"
    return 1
}

not_under_valgrind() {
    [ -z "${HF_VALGRIND:-}" ] || skip "not under valgrind"
}

@test "the help lists every kind and every call" {
    run "$PROBE" --help
    [ "$status" -eq 0 ]
    for kind in read write create list exec rename link symlink unlink mkdir rmdir mkfifo truncate ftruncate ioctl \
        chmod tcp-connect tcp-bind udp-send unix-connect unix-send \
        abstract-connect signal thread socket syscall int80 x32 http http-why caps \
        nnp id env proxy-env fds netns-interfaces bpf pidfd_getfd clone3-user; do
        grep -q "^  $kind " <<<"$output" || { echo "no line for $kind"; return 1; }
    done
}

@test "results come in the order of the specs, one line each" {
    run "$PROBE" "b read $T/file" "a read $T/none" "b list $T"
    [ "$status" -eq 0 ]
    [ "$output" = $'b ok\na ENOENT\nb ok' ]
}

@test "fields are percent-encoded" {
    echo >"$T/a b%é"
    gives "read $T/a%20b%25%C3%A9" ok
    gives "read $T/a%20b%25%c3%a9" ok
    gives "read %00" ENOENT
}

@test "no spec at all is a usage error" {
    refuses "no spec given"
}

@test "a malformed spec is named, with what is wrong, and nothing is tried" {
    refuses "spec 2, 'b frobnicate x': no kind 'frobnicate'" "a mkdir $T/never" "b frobnicate x"
    [ ! -e "$T/never" ]
    refuses "the KIND is missing" "a"
    refuses "the KIND is missing" "a "
    refuses "the ID is missing" ""
    refuses "the ID is missing" " read $T/file"
    refuses "read takes 1 argument, not 0" "a read"
    refuses "read takes 1 argument, not 2" "a read $T/file $T/file"
    refuses "rename takes 2 arguments, not 1" "a rename $T/file"
    refuses "nnp takes 0 arguments, not 1" "a nnp 1"
}

@test "bad encoding is a malformed spec" {
    refuses "argument 1 of read: an empty field (write it %00)" "a read "
    refuses "argument 1 of rename: an empty field" "a rename  $T/file"
    refuses "'%' without two hexadecimal digits" "a read $T/%4"
    refuses "'%' without two hexadecimal digits" "a read $T/%zz"
    refuses "%00 inside of a field" "a read $T/%00"
    refuses "a byte that must be percent-encoded" $'a read \tfile'
    refuses "a byte that must be percent-encoded" "a read é"
}

@test "arguments of the wrong kind are malformed specs" {
    refuses "ADDR 'localhost' is not an IPv4 or IPv6 address in numbers" "a tcp-connect localhost 80"
    refuses "ADDR '127.1' is not an IPv4" "a udp-send 127.1 80"
    refuses "PORT '65536' is not a number from 0 to 65535" "a tcp-bind ::1 65536"
    refuses "PORT '80x' is not a number" "a http allowed.test 80x"
    refuses "FAMILY 'inet' is not a number" "a socket inet 1 0"
    refuses "TYPE '-1' is not a number" "a socket 1 -1 0"
    refuses "PID|outside '0' is not a process id" "a signal 0"
    refuses "PID|outside 'inside' is not a process id" "a signal inside"
    refuses "NAME 'fork' is not one of the calls" "a syscall fork"
}

@test "every malformed spec of a command line is told" {
    refuses "spec 1" "a frob" "b nnp" "c frob"
    refuses "spec 3" "a frob" "b nnp" "c frob"
}

@test "results that cannot be written are an error" {
    [ -e /dev/full ] || skip "no /dev/full"
    run bash -c '"$0" "a nnp" >/dev/full' "$PROBE"
    [ "$status" -eq 1 ]
    [[ $output == *"could not be written: No space left on device"* ]]
}

@test "read: a file, a missing one, a directory" {
    gives "read $T/file" ok
    gives "read $T/none" ENOENT
    gives "read $T/dir" EISDIR
}

@test "read and write do not wait for the other end of a FIFO" {
    mkfifo "$T/fifo"
    gives "read $T/fifo" ok
    gives "write $T/fifo" ENXIO
}

@test "write: a file, a missing one, which is not made, and a directory" {
    gives "write $T/file" ok
    [ "$(head -c 1 "$T/file" | od -An -c | tr -d ' ')" = '\n' ]
    gives "write $T/none" ENOENT
    [ ! -e "$T/none" ]
    gives "write $T/dir" EISDIR
}

@test "create: a new file, once" {
    gives "create $T/new" ok
    [ -f "$T/new" ]
    gives "create $T/new" EEXIST
}

@test "list: a directory, a file" {
    gives "list $T/dir" ok
    gives "list $T/file" ENOTDIR
}

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

@test "rename, link and symlink: done, and into nowhere" {
    gives "link $T/file $T/dir/linked" ok
    [ "$T/file" -ef "$T/dir/linked" ]
    gives "link $T/file $T/dir/linked" EEXIST
    gives "rename $T/file $T/dir/moved" ok
    [ -f "$T/dir/moved" ]
    gives "rename $T/file $T/dir/moved" ENOENT
    gives "symlink dir/moved $T/soft" ok
    [ "$(readlink "$T/soft")" = dir/moved ]
    gives "symlink dir/moved $T/soft" EEXIST
}

@test "unlink, mkdir, rmdir and mkfifo: done, and refused" {
    gives "unlink $T/file" ok
    gives "unlink $T/file" ENOENT
    gives "mkdir $T/made" ok
    gives "mkdir $T/made" EEXIST
    gives "rmdir $T/made" ok
    [ ! -e "$T/made" ]
    touch "$T/dir/inside"
    gives "rmdir $T/dir" ENOTEMPTY
    gives "mkfifo $T/fifo" ok
    [ -p "$T/fifo" ]
    gives "mkfifo $T/fifo" EEXIST
}

@test "truncate and ftruncate empty a file and make none" {
    gives "truncate $T/file" ok
    [ ! -s "$T/file" ]
    echo content >"$T/file"
    gives "ftruncate $T/file" ok
    [ ! -s "$T/file" ]
    gives "truncate $T/none" ENOENT
    gives "ftruncate $T/none" ENOENT
    gives "truncate $T/dir" EISDIR
    [ ! -e "$T/none" ]
}

@test "ioctl: a device that has no such command was reached; a missing one was not" {
    gives "ioctl /dev/null" ok
    gives "ioctl $T/none" ENOENT
}

@test "chmod leaves the mode as it is" {
    chmod 4711 "$T/file"
    gives "chmod $T/file" ok
    [ "$(stat -c %a "$T/file")" = 4711 ]
    gives "chmod $T/none" ENOENT
}

@test "tcp-connect: to a listener, and where nobody listens" {
    talks "tcp-connect 127.0.0.1 8080" ok
    talks "tcp-connect ::1 8080" ok
    talks "tcp-connect 127.0.0.1 9" ECONNREFUSED
    talks "tcp-connect 192.0.2.1 8080" ENETUNREACH
}

@test "tcp-bind: a free port, one that is taken, an address of others" {
    talks "tcp-bind 127.0.0.1 8090" ok
    talks "tcp-bind :: 0" ok
    talks "tcp-bind 127.0.0.1 8080" EADDRINUSE
    talks "tcp-bind 192.0.2.1 8090" EADDRNOTAVAIL
}

@test "udp-send: to a socket, to nobody, to nowhere" {
    talks "udp-send 127.0.0.1 8081" ok
    talks "udp-send ::1 8081" ok
    talks "udp-send 127.0.0.1 9" ECONNREFUSED
    talks "udp-send ::1 9" ECONNREFUSED
    talks "udp-send 192.0.2.1 9" ENETUNREACH
}

@test "unix-connect: a path without a socket, with a file, too long" {
    gives "unix-connect $T/none" ENOENT
    gives "unix-connect $T/file" ECONNREFUSED
    gives "unix-connect $(printf 'a%.0s' {1..109})" ENAMETOOLONG
}

@test "unix-connect: a listener" {
    local socket=$T/s
    python3 - "$socket" "$PROBE" <<'PYTHON' >"$T/out"
import socket, subprocess, sys
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    subprocess.run([sys.argv[2], f"a unix-connect {sys.argv[1]}"], check=True)
PYTHON
    [ "$(cat "$T/out")" = "a ok" ]
}

@test "unix-send: a datagram socket takes it, another kind is told from none" {
    run python3 - "$T/datagrams" "$T/stream" "$PROBE" <<'EOT'
import socket, subprocess, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams, socket.socket(socket.AF_UNIX) as stream:
    datagrams.bind(sys.argv[1])
    stream.bind(sys.argv[2])
    subprocess.run([sys.argv[3], f"a unix-send {sys.argv[1]}", f"b unix-send {sys.argv[2]}"], check=True)
EOT
    [ "$output" = $'a ok\nb EPROTOTYPE' ]
    gives "unix-send $T/none" ENOENT
    gives "unix-send $(printf 'a%.0s' {1..109})" ENAMETOOLONG
}

@test "thread: also where clone3 is not there, and not where no call makes one" {
    gives thread ok
    not_under_valgrind
    run "$BUILD_FOLDER/deny-call" clone3=ENOSYS "$PROBE" "a thread"
    [ "$output" = "a ok" ]
    run "$BUILD_FOLDER/deny-call" clone3=EPERM "$PROBE" "a thread"
    [ "$output" = "a EPERM" ]
}

@test "abstract-connect: a listener, and nobody" {
    talks "abstract-connect hf-peer" ok
    talks "abstract-connect hf-nobody" ECONNREFUSED
    talks "abstract-connect hf-pee" ECONNREFUSED
    gives "abstract-connect $(printf 'a%.0s' {1..108})" ENAMETOOLONG
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

@test "socket: one that there is, a type and a family that there are not" {
    gives "socket 1 1 0" ok
    gives "socket 1 77 0" EINVAL
    gives "socket 250 1 0" EAFNOSUPPORT
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

@test "http: the answer from behind the proxy, or the proxy's own" {
    export HTTPS_PROXY=http://127.0.0.1:8082
    talks "http allowed.test 443" http-200
    talks "http missing.test 443" http-404
    talks "http denied.test 443" http-403
    talks "http allowed.test 444" http-403
    talks "http ::1 443" http-200
    HTTPS_PROXY="http://[::1]:8082/" talks "http allowed.test 443" http-200
}

@test "http-why: the half that failed, if the proxy says one" {
    export HTTPS_PROXY=http://127.0.0.1:8082
    talks "http-why allowed.test 443" allowed
    talks "http-why port.test 443" port
    talks "http-why terse.test 443" unsaid
    talks "http-why denied.test 443" ECONNRESET
    unset HTTPS_PROXY
    gives "http-why allowed.test 443" no-proxy
}

@test "http: no proxy, a proxy that is none, a proxy that is not there" {
    unset HTTPS_PROXY
    gives "http allowed.test 443" no-proxy
    HTTPS_PROXY="" gives "http allowed.test 443" no-proxy
    for url in nonsense http://proxy.test:80 http://127.0.0.1: http://127.0.0.1:65536 "http://[::1" "http://[::1]"; do
        HTTPS_PROXY=$url gives "http allowed.test 443" bad-proxy
    done
    HTTPS_PROXY=http://127.0.0.1:9 talks "http allowed.test 443" ECONNREFUSED
    HTTPS_PROXY=http://127.0.0.1:8082 talks "http silent.test 443" ECONNRESET
    HTTPS_PROXY=http://127.0.0.1:8082 talks "http odd.test 443" EPROTO
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

@test "proxy-env: the proxy's address whatever its port; none; no proxy" {
    HF_TEST=http://127.0.0.1:4711 gives "proxy-env HF_TEST" 127.0.0.1
    HF_TEST=socks gives "proxy-env HF_TEST" bad-proxy
    unset HF_TEST
    gives "proxy-env HF_TEST" unset
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

@test "netns-interfaces: loopback alone in a namespace of its own" {
    run unshare -rn "$PROBE" "a netns-interfaces"
    [ "$output" = "a lo" ]
}
