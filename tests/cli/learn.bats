#!/usr/bin/env bats
# holdfast learn: the policy of a run lets the command run again, and no more. As root and as an ordinary user.

bats_require_minimum_version 1.5.0
load helpers

# A program's own files, in a place that is in no default set, and a folder to work in.
world() {
    mkdir -p place/data place/work
    for name in one two; do echo $name > place/data/$name; done
    echo other > place/other
    chmod -R a+rwX "$WORK"
    cd place/work
}

learn() {
    run --separate-stderr "$@" "$HOLDFAST" learn -o ../../policy.yaml -- sh -c "$SCRIPT"
}


@test "the policy that was learnt runs the command again, and nothing is denied" {
    world
    SCRIPT='cat ../data/one ../data/two && echo x > made && mkdir -p d/e && echo y > d/e/f && rm -r d && mv made kept &&
            mktemp > /dev/null && python3 -c "import json" && ls ../data > /dev/null && rm kept'
    for user in "" as_ordinary_user; do
        rm -f ../../policy.yaml
        learn $user
        expect_status 0
        [[ $stderr == *"files are not limited in this run"* ]]
        run "$HOLDFAST" check ../../policy.yaml
        expect_status 0
        run --separate-stderr $user "$HOLDFAST" why --policy ../../policy.yaml -- sh -c "$SCRIPT"
        expect_status 0
        [[ $stderr == *"the sandbox denied nothing that was seen"* ]]
    done
}

@test "what the command did not do is not in the policy" {
    world
    SCRIPT='cat ../data/one' learn
    expect_status 0
    run "$HOLDFAST" run --policy ../../policy.yaml -- cat ../data/one
    expect_status 0
    run "$HOLDFAST" run --policy ../../policy.yaml -- cat ../other
    expect_status 1
    run "$HOLDFAST" run --policy ../../policy.yaml -- sh -c 'echo x > made'
    expect_status 2
}

@test "what is unsure is said: what was not there, the status, what was denied all the same" {
    world
    SCRIPT='cat ../missing; python3 -c "import socket; socket.socket()"' learn
    expect_status 1
    grep -F "#   $WORK/place/missing" ../../policy.yaml
    grep -F "# The command ended with status 1" ../../policy.yaml
    grep -F "call socket (AF_INET)" ../../policy.yaml
}

@test "the rest of the sandbox is in force: processes, network, capabilities" {
    world
    SCRIPT='grep -q "^CapBnd:.0*$" /proc/self/status && [ $$ = 2 ] && ! kill -0 '$$' &&
            [ "$(grep -c : /proc/net/dev)" = 1 ]' learn
    expect_status 0
}

@test "a file that is there is written over only when the command was started" {
    world
    echo precious > ../../policy.yaml
    run -127 "$HOLDFAST" learn -o ../../policy.yaml -- no-such-command
    expect_status 127
    [ "$(cat ../../policy.yaml)" = precious ]
}

@test "a name that YAML would take for something else is quoted" {
    world
    mkdir '../a: [b] #c'
    echo x > '../a: [b] #c/file'
    chmod -R a+rX ..
    SCRIPT="cat '../a: [b] #c/file'"
    learn
    run "$HOLDFAST" run --policy ../../policy.yaml -- sh -c "$SCRIPT"
    expect_status 0
}

@test "in proxy mode the hosts that were asked for stand in the policy" {
    world
    cat > ask.py <<'END'
import os, socket, urllib.parse
proxy = urllib.parse.urlparse(os.environ["HTTPS_PROXY"])
connection = socket.create_connection((proxy.hostname, proxy.port))
connection.sendall(b"CONNECT other.example.org:443 HTTP/1.1\r\nHost: other.example.org:443\r\n\r\n")
print(connection.recv(12).decode())
END
    chmod a+r ask.py
    SCRIPT='python3 ask.py'
    run --separate-stderr "$HOLDFAST" learn --mode proxy -o ../../policy.yaml -- python3 ask.py
    [ "$output" = "HTTP/1.1 403" ]
    run "$HOLDFAST" plan --policy ../../policy.yaml
    expect_status 0
    expect_output "mode: proxy"
    expect_output "endpoint: other.example.org:443"
}

@test "what learn cannot do is told before anything runs" {
    run -125 "$HOLDFAST" learn --outptu x -- touch made
    expect_output "holdfast learn"
    run -125 "$HOLDFAST" learn -o policy.yaml
    expect_output "holdfast: no command to run: write it after --"
    run -125 "$HOLDFAST" learn -o no/such/folder/policy.yaml -- touch made
    expect_output "holdfast: no/such/folder/policy.yaml: No such file or directory"
    run -125 "$HOLDFAST" learn -o . -- touch made
    expect_output "holdfast: .: Is a directory"
    [ ! -e made ]
}
