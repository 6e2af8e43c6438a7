#!/usr/bin/env bats
# Policies as protobuf messages: convert both ways, and the verbs that take a message.

load helpers

# A message as its bytes, in printf's escapes: version 1, and what is given.
message() {
    printf '\x08\x01'"$1" > policy.pb
}

@test "convert goes by the extensions, and by options where there are none" {
    policy <<< 'version: 1'
    "$HOLDFAST" convert policy.yaml policy.pb
    cmp policy.pb <(printf '\x08\x01')
    [ "$("$HOLDFAST" convert --to yaml policy.pb -)" = "version: 1" ]
    [ "$("$HOLDFAST" convert --from pb --to yaml - - < policy.pb)" = "version: 1" ]
    run "$HOLDFAST" convert policy.yaml policy
    expect_status 2
    expect_output "policy has no extension that names its format: give --to yaml or --to pb"
    run "$HOLDFAST" convert --to json policy.yaml policy.json
    expect_status 2
    expect_output "--to is yaml or pb, not 'json'"
    run "$HOLDFAST" convert policy.yaml
    expect_status 2
}

@test "convert writes nothing of a policy that is not valid, and says every fault" {
    policy <<< 'version: 2'
    echo before > policy.pb
    run "$HOLDFAST" convert policy.yaml policy.pb
    expect_status 1
    expect_output "policy.yaml:1:10: unknown version '2'"
    [ "$(cat policy.pb)" = before ]
    run "$HOLDFAST" convert nowhere.yaml policy.pb
    expect_status 1
    expect_output "nowhere.yaml: cannot open the policy file"
    policy <<< 'version: 1'
    run "$HOLDFAST" convert policy.yaml /nowhere/policy.pb
    expect_status 1
    expect_output "/nowhere/policy.pb cannot be written: No such file or directory"
}

@test "a fault of a message is named by its field, in every verb" {
    message '\x1a\x08\x0a\x06strict\x12\x06\x12\x04\x0a\x02us'
    for verb in "check policy.pb" "plan --policy-pb policy.pb" "convert policy.pb out.yaml"; do
        # shellcheck disable=SC2086 # several words
        run "$HOLDFAST" $verb
        expect_status 1
        expect_output "policy.pb:landlock.compatibility: unknown value 'strict' for 'compatibility': it is best_effort or"
        expect_output "policy.pb:filesystem_policy.read_only[0]: path 'us' is relative"
    done
    run "$HOLDFAST" run --policy-pb policy.pb --report report.json -- /bin/true
    expect_status 125
    expect_output "policy.pb:landlock.compatibility: unknown value 'strict'"
    expect_output "[HF-POLICY-INVALID]"
    [ "$(field '["diagnostics"][0]["field"]')" = landlock.compatibility ]
    [ "$(field '["diagnostics"][0]["line"]')" = 0 ]
    [ "$(field '["policy"]["format"]')" = pb ]
}

@test "a message without landlock is best_effort, and one with an empty list gets nothing" {
    message ''
    run "$HOLDFAST" plan --policy-pb policy.pb --abi 6
    expect_status 0
    expect_output "policy: policy.pb (protobuf)"
    expect_output "compatibility: best_effort (baseline)"
    expect_output "rule: /usr: read_only (baseline)"
    message '\x12\x02\x12\x00'
    run "$HOLDFAST" plan --policy-pb policy.pb --abi 6
    expect_status 0
    [[ "$output" != *"rule: /"* ]]
}

@test "what is enforced comes from a field of the message" {
    message '\x12\x08\x12\x06\x0a\x04/usr'
    run "$HOLDFAST" plan --policy-pb - --abi 6 < policy.pb
    expect_output "policy: standard input (protobuf)"
    expect_output "rule: /usr: read_only (standard input:filesystem_policy.read_only[0])"
}

@test "run takes a message from standard input" {
    message ''
    run "$HOLDFAST" run --policy-pb - -- echo sandboxed < policy.pb
    expect_status 0
    expect_output sandboxed
}

@test "a start has one policy" {
    message ''
    policy <<< 'version: 1'
    for verb in run plan; do
        run "$HOLDFAST" "$verb" --policy policy.yaml --policy-pb policy.pb
        [ "$status" -ne 0 ]
        expect_output "a start has one policy: --policy or --policy-pb, not both"
    done
}

@test "a message is captured as the YAML that it is, and one that is not valid is not" {
    message '\x1a\x00'
    run "$HOLDFAST" run --policy-pb policy.pb --capture captured.yaml -- /bin/true
    expect_status 0
    grep -q '^  landlock: {}' captured.yaml
    message '\x78\x00'
    run "$HOLDFAST" run --policy-pb policy.pb --capture captured.yaml -- /bin/true
    expect_status 125
    expect_output "policy.pb: unknown field 15 in Policy"
    expect_output HF-CAPTURE-UNWRITABLE
}
