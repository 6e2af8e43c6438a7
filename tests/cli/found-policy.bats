#!/usr/bin/env bats
# The policy of the machine, /etc/holdfast/policy.yaml, which counts where none is named. Each test has its own /etc.

load helpers

# What of /etc cannot be read is not needed.
own_etc() {
    mkdir -p etc
    cp -a /etc/. etc/ 2> /dev/null || true
    rm -rf etc/holdfast
}

# with_etc COMMAND...: runs it where /etc is a copy, in which holdfast/ is the test's own.
with_etc() {
    [ -d etc ] || own_etc
    as_root=
    [ "$(id -u)" = 0 ] || as_root=--map-root-user
    unshare --mount $as_root sh -c 'mount --bind etc /etc && exec "$@"' sh "$@"
}

# Writes it from standard input.
machine_policy() {
    own_etc
    mkdir etc/holdfast
    cat > etc/holdfast/policy.yaml
}

@test "the machine's policy is enforced where none is named, and is told" {
    machine_policy <<EOF
version: 1
filesystem_policy:
  read_only: [/usr, /lib, /lib64, /bin, /etc/ld.so.cache]
EOF
    run with_etc "$HOLDFAST" run --report report.json -- cat /etc/passwd
    expect_status 1
    expect_output "holdfast: no policy is named: /etc/holdfast/policy.yaml is taken"
    expect_output "/etc/passwd: Permission denied"
    [ "$(field '["policy"]["file"]')" = /etc/holdfast/policy.yaml ]
    [ "$(field '["policy"]["named"]')" = False ]
    run with_etc "$HOLDFAST" plan
    expect_status 0
    expect_output "policy: /etc/holdfast/policy.yaml (none is named)"
    expect_output "rule: /usr: read_only (/etc/holdfast/policy.yaml:3:15)"
}

@test "a policy that is named takes the place of the machine's, whole" {
    machine_policy <<EOF
version: 1
filesystem_policy: {read_only: []}
EOF
    policy <<< 'version: 1'
    for named in "--policy policy.yaml" "--policy-pb policy.pb"; do
        "$HOLDFAST" convert policy.yaml policy.pb
        # shellcheck disable=SC2086 # an option and its value
        run with_etc "$HOLDFAST" run $named --report report.json -- cat /etc/hostname
        expect_status 0
        [[ "$output" != *"is taken"* ]]
        [ "$(field '["policy"]["named"]')" = True ]
    done
}

@test "a bad policy of the machine is refused, and not passed over" {
    machine_policy <<< 'landlock: {compatibility: strict}'
    run with_etc "$HOLDFAST" run -- echo started
    expect_status 125
    expect_output "/etc/holdfast/policy.yaml:1:1: 'version' is missing"
    expect_output "/etc/holdfast/policy.yaml:1:27: unknown value 'strict'"
    expect_output "[HF-POLICY-INVALID]"
    [[ "$output" != *started* ]]
    run with_etc "$HOLDFAST" plan
    expect_status 1
    expect_output "/etc/holdfast/policy.yaml:1:1: 'version' is missing"
}

@test "one that cannot be read is refused: a link to nowhere, a directory, and to whom it is closed" {
    machine_policy <<< 'version: 1'
    ln -sf /nowhere etc/holdfast/policy.yaml
    run with_etc "$HOLDFAST" run -- echo started
    expect_status 125
    expect_output "/etc/holdfast/policy.yaml: cannot open the policy file: No such file or directory"
    expect_output "[HF-POLICY-UNREADABLE]"
    rm etc/holdfast/policy.yaml
    mkdir etc/holdfast/policy.yaml
    run with_etc "$HOLDFAST" run -- echo started
    expect_status 125
    expect_output "/etc/holdfast/policy.yaml: is a directory"
    [ "$(id -u)" = 0 ] || skip "only root can close a file to somebody and become them"
    for closed in policy.yaml .; do
        machine_policy <<< 'version: 1'
        chmod 0 "etc/holdfast/$closed"
        run with_etc setpriv --reuid 65534 --regid 65534 --clear-groups -- "$HOLDFAST" run -- touch started
        expect_status 125
        expect_output "/etc/holdfast/policy.yaml: cannot open the policy file: Permission denied"
        [ ! -e started ]
    done
}

@test "where there is none nothing is said, and the default set counts" {
    run with_etc "$HOLDFAST" run --report report.json -- cat /etc/hostname
    expect_status 0
    [[ "$output" != *"is taken"* ]]
    [ "$(field '["policy"]')" = None ]
    run with_etc "$HOLDFAST" plan
    expect_output "policy: the empty one (none is named)"
}
