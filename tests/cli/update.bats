#!/usr/bin/env bats
# holdfast update: its command line and exit status. What it does to a run is tests/runner/test_update.py's.

load helpers

refuses_usage() {
    run "$HOLDFAST" update "$@"
    expect_status 2
}

@test "update wants one run and one policy" {
    refuses_usage
    expect_output "give one RUN"
    expect_output "usage: holdfast update RUN"
    refuses_usage 1 2 --policy policy.yaml
    expect_output "give one RUN"
    refuses_usage 1
    expect_output "there is no policy to go by: give --policy FILE"
    refuses_usage --policy a --policy-pb b 1
    expect_output "one policy"
    refuses_usage 1 --policy
    expect_output "--policy needs a value"
    refuses_usage 1 --polcy=x
    expect_output "unknown option '--polcy=x'"
}

@test "a run is named by its process id" {
    for name in 0 -1 +1 1x x '' 99999999999 ' 1'; do
        refuses_usage --policy policy.yaml -- "$name"
        expect_output "RUN is the process id of a holdfast run, not '$name'"
    done
}

@test "options may stand behind the run or before it" {
    policy <<< "version: 1"
    for words in "$$ --policy policy.yaml" "--policy policy.yaml $$" "--policy=policy.yaml $$"; do
        # shellcheck disable=SC2086 # words they are
        run "$HOLDFAST" update $words
        expect_status 1
        expect_output "$$: this process is no run [HF-RUN-NOT-FOUND]"
        expect_output "to do: give the process id of a holdfast run in proxy mode"
    done
}

@test "every fault of the file is told with its place, and nobody is asked" {
    policy <<EOF
version: 1
landlock: {compatibility: strict}
network: {}
EOF
    run "$HOLDFAST" update $$ --policy policy.yaml
    expect_status 1
    expect_output "policy.yaml:2:27: unknown value 'strict'"
    expect_output "policy.yaml:3:1: unknown key 'network'"
    expect_output "[HF-POLICY-INVALID]"
    [[ $output != *HF-RUN* ]]
}

@test "a file that is not there is told" {
    run "$HOLDFAST" update $$ --policy nowhere.yaml
    expect_status 1
    expect_output "nowhere.yaml: cannot open the policy file"
    expect_output "[HF-POLICY-UNREADABLE]"
}

@test "a policy may come from standard input" {
    run sh -c "printf 'version: 1\n' | '$HOLDFAST' update $$ --policy -"
    expect_status 1
    expect_output "HF-RUN-NOT-FOUND"
}

@test "a run in proxy mode is updated, and says nothing" {
    policy <<EOF
version: 1
network_policies: {a: {endpoints: [{host: a.test, port: 1}]}}
EOF
    "$HOLDFAST" run --policy policy.yaml -- sh -c 'touch begun; until [ -e end ]; do sleep 0.1; done' 2> /dev/null 3>&- &
    until [ -e begun ]; do sleep 0.1; done
    run "$HOLDFAST" update $! --policy policy.yaml
    touch end
    wait $!
    expect_status 0
    [ -z "$output" ]
}
