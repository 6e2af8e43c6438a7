#!/usr/bin/env bats
# holdfast run --capture: what stands in the file, what does not, and that the matrix takes it.

bats_require_minimum_version 1.5.0
load helpers

ROOT=$BATS_TEST_DIRNAME/../..

# The value at a path of captured.yaml, by Python's own syntax.
captured() {
    /usr/bin/python3 -c "import yaml; print(yaml.safe_load(open('captured.yaml'))$1)"
}

is_a_scenario() {
    local file
    file=$(readlink -f captured.yaml)
    (cd "$ROOT" && /usr/bin/python3 -m matrix check "$file")
}

capture() {
    run "$HOLDFAST" run --capture captured.yaml "$@"
}

@test "a start that went well is captured with its exit status" {
    capture --timeout 30 -- sh -c 'exit 7'
    expect_status 7
    is_a_scenario
    [ "$(captured '["expect"]')" = "[{'outcome': 'started', 'exit': 7}]" ] ||
        [ "$(captured '["expect"]')" = "[{'outcome': 'degraded', 'exit': 7}]" ]
    [ "$(captured '["command"]')" = "['sh', '-c', 'exit 7']" ]
    [ "$(captured '["args"]')" = "['--timeout', 30]" ]
    [ "$(captured '["time_limit"]')" = 40 ]
    [ "$(captured '["policy"]')" = "version: 1" ]
    [ "$(captured '["captured"]["kernel"]')" = "$(uname -r)" ]
}

@test "a refused start is captured with its error" {
    policy <<EOF
version: 1
filesystem_policy:
  read_only: [/usr, /bin, /lib, /lib64, $WORK/not-there]
landlock: {compatibility: hard_requirement}
EOF
    capture --mode block --policy policy.yaml -- true
    expect_status 125
    is_a_scenario
    [[ "$(captured '["expect"]')" = "[{'outcome': 'refused', 'error': 'HF-"* ]]
    [[ "$(captured '["policy"]')" = *" /mnt/cell/work/not-there]"* ]]
    [ "$(captured '["axes"]["mode"]')" = "['block']" ]
    run captured '["axes"]["landlock"]'
    [ "$status" -ne 0 ]
}

@test "a policy that is not valid is the scenario, comments and all" {
    policy <<'EOF'
version: 1   # of ${NOTHING}
filesystem_polici: {}
EOF
    capture --policy policy.yaml -- true
    expect_status 125
    is_a_scenario
    [ "$(captured '["policy"].replace("${DOLLAR}", "$")')" = "$(cat policy.yaml)" ]
    [ "$(captured '["expect"]')" = "[{'outcome': 'refused', 'error': 'HF-POLICY-INVALID', 'exit': 125}]" ]
}

@test "a command that is not there is captured" {
    run -127 "$HOLDFAST" run --capture captured.yaml -- no-such-command
    is_a_scenario
    [[ "$(captured '["expect"]')" = *"'HF-EXEC-NOT-FOUND'"* ]]
}

@test "names, homes, environment and what is in files stay out" {
    mkdir -p home/project/data
    echo "content of a file" > home/project/data/file
    ln -s data/file home/project/link
    chmod 600 home/project/data/file
    policy <<EOF
version: 1
filesystem_policy:
  include_workdir: true
  read_only: [/usr, /bin, /lib, /lib64, /etc, $WORK/home/project/data/file, $WORK/home/project/link]
  read_write: [$WORK/home/project/data, $WORK/home/gone]
EOF
    SECRET=from-the-environment HOME=$WORK/home capture --policy policy.yaml --workdir home/project -- \
        cat "$WORK/home/project/link" "on $(hostname)"
    is_a_scenario
    for left_out in "$WORK" "content of a file" from-the-environment "$(hostname)"; do
        run ! grep -qF "$left_out" captured.yaml
    done
    [ "$(captured '["args"]')" = "['--workdir', '/mnt/cell/home/project']" ]
    [ "$(captured '["command"]')" = "['cat', '/mnt/cell/home/project/link', 'on host']" ]
    [ "$(captured '["tree"]')" = "[{'dir': 'home/project'}, {'file': 'home/project/data/file', 'mode': 384}, \
{'symlink': 'home/project/link', 'target': 'data/file'}, {'dir': 'home/project/data'}]" ]
}

@test "the files are those that were there before the command ran" {
    mkdir -p home
    touch home/notes
    HOME=$WORK/home capture --workdir home -- mv "$WORK/home/notes" moved
    expect_status 0
    is_a_scenario
    [ "$(captured '["tree"]')" = "[{'dir': 'home'}, {'file': 'home/notes'}]" ]
}

@test "a file that cannot be written refuses the start" {
    run "$HOLDFAST" run --capture no/such/folder -- touch started
    expect_status 125
    expect_output HF-CAPTURE-UNWRITABLE
    [ ! -e started ]
}

@test "a policy that cannot be read is not captured, and that is said" {
    capture --policy not-there.yaml -- true
    expect_status 125
    expect_output "the run cannot be captured: a policy that cannot be read"
    [ ! -s captured.yaml ]
}

@test "what the command writes into the capture's file does not stay there" {
    capture -- sh -c 'yes | head -n 5000 > captured.yaml'
    expect_status 0
    is_a_scenario
    run ! grep -qx y captured.yaml
}
