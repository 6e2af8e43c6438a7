#!/usr/bin/env bats
# holdfast's other verbs: plan, check, probe, and the command line itself.

load helpers

@test "without a verb the usage is printed and the status is 2" {
    run "$HOLDFAST"
    expect_status 2
    expect_output "usage: holdfast VERB"
}

@test "a verb that there is not is told with those that there are" {
    run "$HOLDFAST" rn -- true
    expect_status 2
    expect_output "no verb 'rn': the verbs are these"
    expect_output "  run "
}

@test "probe takes no other option and no argument" {
    for word in --yaml landlock; do
        run "$HOLDFAST" probe "$word"
        expect_status 2
        expect_output "usage: holdfast probe"
    done
}

@test "--help lists the verbs" {
    run "$HOLDFAST" --help
    expect_status 0
    for verb in run why learn plan check convert update top probe; do
        expect_output "  $verb "
    done
}

@test "--version prints the version" {
    run "$HOLDFAST" --version
    expect_status 0
    [[ "$output" =~ ^holdfast\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "each verb has a --help" {
    for verb in run why learn plan check convert update top probe; do
        run "$HOLDFAST" "$verb" --help
        expect_status 0
        expect_output "usage: holdfast $verb"
    done
}

@test "plan names the origin of every rule" {
    policy <<EOF
version: 1
filesystem_policy:
  include_workdir: true
  read_only: [/usr]
EOF
    run "$HOLDFAST" plan --policy policy.yaml --abi 6
    expect_status 0
    expect_output "rule: /usr: read_only (policy.yaml:4:15)"
    expect_output "landlock: ABI 6"
}

@test "plan --abi plans for another kernel than this one" {
    run "$HOLDFAST" plan --abi none
    expect_status 0
    expect_output "not enforced, this kernel says none"
    run "$HOLDFAST" plan --abi 2
    expect_output "read_only files can still be truncated"
    run "$HOLDFAST" plan --abi twelve
    expect_status 2
}

@test "plan refuses what a start would refuse" {
    policy <<EOF
version: 1
landlock: {compatibility: hard_requirement}
EOF
    run "$HOLDFAST" plan --policy policy.yaml --abi 1
    expect_status 1
    expect_output "HF-LANDLOCK-ABI-TOO-OLD"
    expect_output "because of policy.yaml:2:27"
    run "$HOLDFAST" plan --policy policy.yaml --abi none
    expect_status 1
    expect_output "HF-LANDLOCK-UNAVAILABLE"
}

@test "plan --json is JSON with the rules and where they come from" {
    run "$HOLDFAST" plan --abi 6 --json
    expect_status 0
    echo "$output" | python3 -c '
import json, sys
plan = json.load(sys.stdin)
assert plan["abi"] == 6 and plan["mode"] == "block"
assert {"path": "/usr", "at_most": ["execute", "read_file", "read_dir"], "origin": "baseline"} in plan["rules"]'
}

@test "plan shows the endpoints and what the mode comes from" {
    policy <<EOF
version: 1
network_policies:
  api: {endpoints: [{host: api.example.com, ports: [443, 8443]}]}
EOF
    run "$HOLDFAST" plan --policy policy.yaml
    expect_output "mode: proxy (policy.yaml:3:3)"
    expect_output "endpoint: api.example.com:443,8443 (policy.yaml:3:21)"
    run "$HOLDFAST" plan --policy policy.yaml --json
    echo "$output" | python3 -c '
import json, sys
plan = json.load(sys.stdin)
assert plan["mode_origin"] == "policy:3:3"
assert plan["endpoints"] == [{"host": "api.example.com", "ports": [443, 8443], "origin": "policy:3:21"}]'
    policy <<EOF
version: 1
network_policies:
  api: {endpoints: [{host: api.example.com, port: 443, allowed_ips: [10.0.0.0/8, "fc00::/7"]}]}
EOF
    run "$HOLDFAST" plan --policy policy.yaml
    expect_output "endpoint: api.example.com:443 at 10.0.0.0/8, fc00::/7 (policy.yaml:3:21)"
    run "$HOLDFAST" plan --policy policy.yaml --json
    expect_output '"10.0.0.0/8"'
    run "$HOLDFAST" plan --policy policy.yaml --mode block
    expect_output "mode: block (command line)"
    [[ $output != *endpoint* ]]
    run "$HOLDFAST" plan
    expect_output "mode: block (baseline)"
}

@test "plan shows the rules for requests, each with its line" {
    policy <<EOF
version: 1
network_policies:
  api:
    endpoints:
      - host: a.test
        port: 80
        protocol: rest
        access: read-only
        deny_rules: [{method: "*", path: "/admin/**", query: {a: {any: [x, "y*"]}, b: c}}]
      - {host: b.test, port: 443, protocol: rest, tls: terminate, enforcement: audit, rules: [{allow: {method: GET, path: /x}}]}
EOF
    run "$HOLDFAST" plan --policy policy.yaml
    expect_output 'deny: * /admin/** with a="x" or "y*" and b="c" (policy.yaml:9:22)
    allow: read-only (policy.yaml:8:17)
    all else is denied
  endpoint: b.test:443 (policy.yaml:10:9)
    TLS ends in the proxy (policy.yaml:10:56)
    allow: GET /x (policy.yaml:10:95)
    all else is let through and told (audit)'
    run "$HOLDFAST" plan --policy policy.yaml --json
    echo "$output" | python3 -c '
import json, sys
a, b = (one["requests"] for one in json.load(sys.stdin)["endpoints"])
assert a == {"enforcement": "enforce", "access": "read-only", "allow": [], "deny": [
    {"method": "*", "path": "/admin/**", "query": {"a": ["x", "y*"], "b": ["c"]}, "origin": "policy:9:22"}]}
assert b == {"tls": "terminate", "enforcement": "audit", "deny": [], "allow": [
    {"method": "GET", "path": "/x", "query": {}, "origin": "policy:10:95"}]}'
}

@test "check accepts a valid file and prints nothing" {
    printf 'version: 1\n' | policy
    run "$HOLDFAST" check policy.yaml
    expect_status 0
    [ -z "$output" ]
}

@test "check prints the faults of every file in one run" {
    printf 'version: 2\n' > one.yaml
    printf 'version: 1\nlandlok: {}\n' > two.yaml
    run "$HOLDFAST" check one.yaml two.yaml
    expect_status 1
    expect_output "one.yaml:1:10: "
    expect_output "two.yaml:2:1: "
}

@test "check tells the keys that a start in proxy mode would not enforce, and the file is valid" {
    policy <<EOF
version: 1
network_policies:
  api:
    endpoints:
      - {host: api.example.com, port: 443, tls: terminate}
EOF
    run "$HOLDFAST" check policy.yaml
    expect_status 0
    expect_output "policy.yaml:5:44: note: this version cannot enforce 'tls'"
    run "$HOLDFAST" plan --policy policy.yaml
    expect_status 1
    expect_output "HF-POLICY-UNSUPPORTED"
    run "$HOLDFAST" plan --policy policy.yaml --mode block
    expect_status 0
}

@test "check names a file that is not there" {
    run "$HOLDFAST" check nothing.yaml
    expect_status 1
    expect_output "nothing.yaml: "
}

@test "probe tells the ABI and exits by it" {
    run "$HOLDFAST" probe --json
    echo "$output" | python3 -c '
import json, sys
facts = json.load(sys.stdin)
assert (facts["landlock"] == "available") == (facts["abi"] > 0)'
}
