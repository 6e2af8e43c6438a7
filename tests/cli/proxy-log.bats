#!/usr/bin/env bats
# What is told of the proxy's decisions: the lines of --log, and the count of what was denied at the end of a run.

bats_require_minimum_version 1.5.0
load helpers

setup_policy() {
    policy <<EOF
version: 1
network_policies:
  web:
    name: web
    endpoints:
      - {host: allowed.invalid, port: 8443}
EOF
}

ask() {
    echo "curl -s -p http://$1/; "
}

@test "denials are counted by place and reason, each with what to do" {
    setup_policy
    run "$HOLDFAST" run --policy policy.yaml -- \
        sh -c "$(ask other.invalid:443)$(ask other.invalid:443)$(ask allowed.invalid:99)exit 7"
    expect_status 7
    expect_output "holdfast: the proxy denied 3 requests"
    expect_output "  other.invalid:443, 2 times: no endpoint of the policy has this host"
    expect_output '    to do: add an endpoint with host: "other.invalid" and port: 443 under network_policies'
    expect_output "  allowed.invalid:99, once: the policy allows this host on port 8443, not on 99"
    expect_output "    to do: add port 99 to the endpoint of this host under network_policies.web"
}

@test "nothing is said where nothing was denied" {
    setup_policy
    run "$HOLDFAST" run --policy policy.yaml -- true
    expect_status 0
    [[ "$output" != *"the proxy denied"* ]]
}

@test "more places than are shown are counted" {
    setup_policy
    run "$HOLDFAST" run --policy policy.yaml -- \
        bash -c 'for i in {1..70}; do curl -s -p "http://h$i.invalid:1/"; done; true'
    expect_output "holdfast: the proxy denied 70 requests"
    expect_output "  and 60 of other places and reasons: --log FILE has them all"
    [ "$(grep -c 'once: no endpoint' <<<"$output")" -eq 10 ]
}

@test "the log has a line for each decision, and is added to" {
    setup_policy
    for _ in 1 2; do
        run "$HOLDFAST" run --policy policy.yaml --log log -- sh -c "$(ask other.invalid:443)true"
        expect_status 0
    done
    python3 - <<'EOF'
import json
lines = [json.loads(line) for line in open("log")]
assert [(line["host"], line["port"], line["verdict"], line["failed"], line["status"]) for line in lines] \
    == [("other.invalid", 443, "deny", "host", 403)] * 2, lines
EOF
    [ "$(stat -c %a log)" = 600 ]
}

@test "why writes the log, too" {
    setup_policy
    run "$HOLDFAST" why --policy policy.yaml --log log -- sh -c "$(ask other.invalid:443)true"
    expect_status 0
    grep -q '"host":"other.invalid","port":443,.*"verdict":"deny"' log
}

@test "the command has no descriptor of the log" {
    setup_policy
    run "$HOLDFAST" run --policy policy.yaml --log log -- sh -c 'ls -l /proc/self/fd'
    expect_status 0
    [[ "$output" != *"/log"* ]]
}

@test "a log that cannot be written starts nothing" {
    run "$HOLDFAST" run --log no-such-directory/log -- touch started
    expect_status 125
    expect_output HF-LOG-UNWRITABLE
    [ ! -e started ]
}

@test "a format of the log that is none, and one without a log, start nothing" {
    run "$HOLDFAST" run --log log --log-format xml -- touch started
    expect_status 125
    expect_output "holdfast: --log-format is plain or ocsf, not 'xml'"
    run "$HOLDFAST" run --log-format ocsf -- touch started
    expect_status 125
    expect_output "holdfast: --log-format is of a log: give --log FILE, too"
    [ ! -e started ]
}
