#!/usr/bin/env bats
# holdfast top: its command line, exit status, and what it prints where there is no terminal. The terminal is
# tests/runner/test_top.py's.

load helpers

@test "top takes one run at most" {
    run "$HOLDFAST" top 1 2
    expect_status 2
    expect_output "one RUN at most"
    expect_output "usage: holdfast top"
    run "$HOLDFAST" top x
    expect_status 2
    expect_output "RUN is the process id of a holdfast run, not 'x'"
    run "$HOLDFAST" top --fast
    expect_status 2
    expect_output "unknown option '--fast'"
}

@test "a process that is no run is told" {
    run "$HOLDFAST" top $$
    expect_status 1
    expect_output "$$: this process is no run [HF-RUN-NOT-FOUND]"
}

@test "a snapshot is plain, and has what was denied" {
    policy <<EOF
version: 1
network_policies: {a: {endpoints: [{host: a.test, port: 1}]}}
EOF
    "$HOLDFAST" run --policy policy.yaml --log log -- sh -c \
        'curl -s -o denied http://denied.test/; touch asked; until [ -e end ]; do sleep 0.1; done' 2> /dev/null 3>&- &
    until [ -e asked ]; do sleep 0.1; done
    run "$HOLDFAST" top $!
    expect_status 0
    expect_output "run $!: 0 open, 1 accepted, 1 denied, 0 updates"
    expect_output "1x  denied.test:80 by "
    expect_output "curl: no endpoint of the policy has this host"
    [[ $output != *$'\e'* ]]
    "$HOLDFAST" update $! --policy policy.yaml
    run "$HOLDFAST" top
    expect_status 0
    expect_output "run $!: 0 open, 1 accepted, 1 denied, 1 updates"
    touch end
    wait $!
}

@test "output that cannot be written is told" {
    run sh -c "'$HOLDFAST' top > /dev/full"
    expect_status 1
    expect_output "No space left on device"
}
