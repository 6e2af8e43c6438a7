#!/usr/bin/env bats
# hf-probe: its command line: help, order, encoding, and malformed specs.

bats_require_minimum_version 1.5.0
load probe

@test "the help lists every kind and every call" {
    run "$PROBE" --help
    [ "$status" -eq 0 ]
    for kind in read write create list exec rename link symlink unlink mkdir rmdir mkfifo truncate ftruncate ioctl \
        chmod tcp-connect tcp-bind udp-send unix-connect unix-send \
        abstract-connect signal thread socket syscall int80 x32 http http-why request caps \
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

@test "an attempt that is not known is a malformed spec" {
    refuses "ATTEMPT 'nothing' is not one of the attempts that --help lists" "a try nothing"
}

@test "a control writes its lines to the file and becomes the command" {
    run "$PROBE" --control "$T/lines" "a read $T/file" "b read $T/none" -- sh -c 'echo "$@"' sh one "two  three"
    [ "$status" -eq 0 ]
    [ "$output" = "one two  three" ]
    [ "$(<"$T/lines")" = $'a ok\nb ENOENT' ]
}

@test "a control that cannot be made executes nothing" {
    refuses "--control takes FILE SPEC... -- COMMAND..." --control "$T/lines" "a nnp"
    refuses "--control takes FILE SPEC... -- COMMAND..." --control "$T/lines" "a nnp" --
    refuses "--control takes FILE SPEC... -- COMMAND..." --control "$T/lines" -- echo x
    refuses "--control takes FILE SPEC... -- COMMAND..." --control
    refuses "no kind 'frobnicate'" --control "$T/lines" "a frobnicate" -- echo x
    run "$PROBE" --control "$T/none/lines" "a nnp" -- echo x
    [ "$status" -eq 1 ] && [[ $output == *"cannot write $T/none/lines: No such file or directory"* ]]
    run "$PROBE" --control "$T/lines" "a nnp" -- "$T/none"
    [ "$status" -eq 1 ] && [[ $output == *"cannot execute $T/none: No such file or directory"* ]]
}
