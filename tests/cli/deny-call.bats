#!/usr/bin/env bats
# deny-call: the calls named fail with the errors named, all others go on, and what it cannot do it says.

load helpers
bats_require_minimum_version 1.5.0

DENY=$BUILD/deny-call

@test "a denied call fails with its errno and no other is touched" {
    run "$DENY" mkdir=EROFS,rmdir=EBUSY "$BUILD/hf-probe" "m mkdir $WORK/new" "r rmdir $WORK" "w create $WORK/file"
    expect_status 0
    [ "$output" = $'m EROFS\nr EBUSY\nw ok' ]
}

@test "a call that is ok succeeds and is not made" {
    run "$DENY" mkdir=ok "$BUILD/hf-probe" "m mkdir $WORK/new"
    expect_status 0
    [ "$output" = "m ok" ]
    [ ! -e "$WORK/new" ]
}

@test "an ordinary user can use it, and what it starts can be refused" {
    cp "$HOLDFAST" . # the tree may lie where an ordinary user may not go
    run as_ordinary_user "$DENY" namespaces=EPERM ./holdfast run -- /bin/true
    expect_status 125
    expect_output HF-NAMESPACE-UNAVAILABLE
}

@test "the exit status is the command's, and 127 without a command" {
    run -7 "$DENY" mkdir=EPERM sh -c "exit 7"
    run -127 "$DENY" mkdir=EPERM "$WORK/none"
    expect_output "$WORK/none: No such file or directory"
}

@test "unknown calls and errors are named, and nothing is run" {
    run -2 "$DENY" mkdri=EPERM touch ran
    expect_output "no system call 'mkdri'"
    run -2 "$DENY" mkdir=EPRM touch ran
    expect_output "no error 'EPRM' for mkdir"
    run -2 "$DENY" mkdir touch ran
    expect_output "no error '' for mkdir"
    run -2 "$DENY" mkdir=EPERM
    expect_output usage:
    [ ! -e ran ]
}
