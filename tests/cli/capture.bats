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

@test "a policy that is not there, or is a directory, is what the cell has as well" {
    capture --policy not-there.yaml -- true
    expect_status 125
    is_a_scenario
    [ "$(captured '["args"]')" = "['--policy', '/mnt/cell/work/captured-policy']" ]
    [[ "$(captured '["expect"]')" = "[{'outcome': 'refused', 'error': 'HF-POLICY-UNREADABLE'"* ]]
    mkdir folder
    capture --policy folder -- true
    is_a_scenario
    [ "$(captured '["tree"]')" = "[{'dir': 'work/captured-policy'}]" ]
}

@test "a policy that its user may not read is a file that cannot be read" {
    mkdir open && chmod 777 open && cp "$HOLDFAST" open && cd open
    touch policy.yaml && chmod 0 policy.yaml
    [ "$(id -u)" = 0 ] && chown 65534 policy.yaml
    run as_ordinary_user ./holdfast run --capture captured.yaml --policy policy.yaml -- true
    expect_status 125
    is_a_scenario
    [ "$(captured '["tree"]')" = "[{'file': 'work/captured-policy', 'mode': 0}]" ]
}

@test "a policy that is no text is written byte for byte, names left out" {
    mkdir home
    printf 'version: 1 # f\374r\0 %%s \\ %s ${HOME} it'"'"'s\n' "$WORK/home/x" > policy.yaml
    HOME=$WORK/home capture --policy policy.yaml -- true
    expect_status 125
    is_a_scenario
    run ! grep -qF "$WORK/home" captured.yaml
    captured '["launcher"][2]' | sed 's,> /mnt/cell/work/captured-policy; exec.*,> again,' > script
    sh -e script
    sed "s,$WORK/home,/mnt/cell/home," policy.yaml | cmp - again
}

@test "names, environment and contents are captured where they are asked for" {
    mkdir -p home/project
    printf '#!/bin/sh\necho "${HOME}"\n' > home/project/tool
    printf 'a\nb: ü\n' > home/project/data
    head -c 20000 /dev/zero | tr '\0' x > home/project/long
    printf '\377' > home/project/bytes
    chmod 755 home/project/tool
    OWN='a value' BYTES=$'\377' HOME=$WORK/home capture --capture-with names,environment,contents --workdir home/project -- \
        ./tool data long bytes "on $(hostname)"
    expect_status 0
    is_a_scenario
    [ "$(captured '["command"]')" = "['./tool', 'data', 'long', 'bytes', 'on $(hostname)']" ]
    [[ "$(captured '["launcher"]')" = "['env', '-i', "*"'OWN=a value'"*"'\${HOLDFAST}']" ]]
    [[ "$(captured '["launcher"]')" = *"'HOME=/mnt/cell/home'"* ]]
    [[ "$(captured '["launcher"]')" != *BYTES* ]]
    [ "$(captured '["tree"]')" = "[{'dir': 'home/project'}, {'file': 'home/project/data', 'content': 'a\nb: ü\n'}, \
{'file': 'home/project/long'}, {'file': 'home/project/bytes'}, \
{'file': 'home/project/tool', 'mode': 493, 'content': '#!/bin/sh\necho \"\${DOLLAR}{HOME}\"\n'}]" ]
}

@test "each part is captured alone, and what is none is told" {
    mkdir home && echo content > home/file
    HOME=$WORK/home capture --capture-with contents -- cat "$WORK/home/file" "$(hostname)"
    [[ "$(captured '["tree"]')" = *"'content': 'content\n'"* ]]
    run captured '["launcher"]'
    [ "$status" -ne 0 ]
    run ! grep -qF "$(hostname)" captured.yaml
    capture --capture-with names,secrets -- touch started
    expect_status 125
    expect_output "--capture-with is of names, environment, contents"
    run "$HOLDFAST" run --capture-with names -- touch started
    expect_status 125
    expect_output "give --capture FILE, too"
    [ ! -e started ]
}

@test "what the command writes into the capture's file does not stay there" {
    capture -- sh -c 'yes | head -n 5000 > captured.yaml'
    expect_status 0
    is_a_scenario
    run ! grep -qx y captured.yaml
}
