#!/usr/bin/env bats
# holdfast why: what was denied is told, by whom, by which rule, and the patch allows it. On this machine's kernel, as root and
# as an ordinary user.

bats_require_minimum_version 1.5.0
load helpers

# What a program needs to start, and a folder of the test's that is not in it.
small_policy() {
    mkdir -p given kept
    echo secret > kept/file
    echo open > given/file
    chmod -R a+rwX "$WORK"
    policy <<END
version: 1
filesystem_policy:
  read_only: [/usr, /bin, /lib, /lib64, /etc, /proc, "$WORK/given"]
  read_write: [/dev/null]
END
}

# The report alone, without what the command itself prints.
why() {
    run --separate-stderr "$@" "$HOLDFAST" why --policy policy.yaml -- sh -c "$SCRIPT"
    report=$(grep -A 999 '^holdfast: why: ' <<< "$stderr")
}

expect_report() {
    [[ "$report" == *"$1"* ]] || {
        echo "expected in the report: $1"
        echo "got: $stderr"
        return 1
    }
}

@test "a command that was denied nothing is told so, and its status and output are its own" {
    small_policy
    SCRIPT='cat given/file; exit 7' why
    expect_status 7
    [ "$output" = open ]
    expect_report "the sandbox denied nothing that was seen"
}

@test "a file that may not be read is told with its process, the nearest rule and what to add" {
    small_policy
    for user in "" as_ordinary_user; do
        SCRIPT='cat kept/file' why $user
        expect_status 1
        expect_report "the sandbox denied 1 access"
        expect_report "read_file on $WORK/kept/file, by cat (process "
        expect_report "nearest rule: $WORK/given (policy.yaml:3:54), which is beside it"
        expect_report "to allow it: add $WORK/kept/file to filesystem_policy.read_only"
    done
}

@test "the patch allows what was denied, and no more than it" {
    small_policy
    echo other > kept/other
    chmod a+r kept/other
    for user in "" as_ordinary_user; do
        cp policy.yaml before.yaml
        SCRIPT='cat kept/file && mkdir kept/made && rmdir kept/made && echo x > given/new && rm given/new' why $user
        while [ "$status" -ne 0 ]; do
            patch -s policy.yaml <<< "$report"
            SCRIPT='cat kept/file && mkdir kept/made && rmdir kept/made && echo x > given/new && rm given/new' why $user
        done
        expect_report "denied nothing"
        run "$HOLDFAST" check policy.yaml
        expect_status 0
        mv before.yaml policy.yaml
    done
    SCRIPT='cat kept/file' why
    patch -s policy.yaml <<< "$report"
    SCRIPT='cat kept/file' why
    expect_status 0
    SCRIPT='cat kept/other' why
    expect_status 1
}

@test "writing below a read_only path names the rule that covers it" {
    small_policy
    SCRIPT='echo x > given/file' why
    expect_report "write_file"
    expect_report "$WORK/given/file, by sh (process "
    expect_report "nearest rule: $WORK/given (policy.yaml:3:54), which covers it and does not grant that"
    expect_report "add $WORK/given/file to filesystem_policy.read_write"
}

@test "paths are seen as the process sees them: by its working directory, symbolic links, descriptors and /proc/self" {
    small_policy
    ln -s "$WORK/kept" given/link
    SCRIPT='cd given; cat ../given/./link/file' why
    expect_report "read_file on $WORK/kept/file, by cat"
    SCRIPT='cat /proc/self/root'"$WORK"'/kept/file' why
    expect_report "read_file on $WORK/kept/file, by cat"
    SCRIPT='exec python3 -c "
import os
os.open(\"file\", os.O_RDONLY, dir_fd=os.open(\"kept\", os.O_PATH))"' why
    expect_report "read_file on $WORK/kept/file, by python3"
    SCRIPT='cat /proc/self/status /dev/stdin /dev/fd/0 > /dev/null' why
    expect_report "denied nothing"
}

@test "what is not there, or there already, is not called denied" {
    small_policy
    SCRIPT='cat kept/nothing; cat given/nothing/file; mkdir kept; rm given/nothing; cat /dev/null' why
    expect_report "denied nothing"
}

@test "each process and how often is told, and children are seen" {
    small_policy
    SCRIPT='for i in 1 2 3; do (cat kept/file &) ; done; wait; sleep 0.2' why
    expect_report "read_file on $WORK/kept/file, by cat (process "
    expect_report ", 3 times"
}

@test "a script's interpreter that may not be executed is told, with its script" {
    small_policy
    cp /bin/true kept/interpreter
    printf '#!%s/kept/interpreter\n' "$WORK" > given/script
    chmod a+x given/script kept/interpreter
    SCRIPT='./given/script' why
    expect_report "execute, read_file on $WORK/kept/interpreter, by sh"
}

@test "what is moved out of a directory and into another names both" {
    small_policy
    SCRIPT='mv kept/file given/moved' why
    expect_report "remove_file, refer on $WORK/kept, by mv"
    expect_report "make_reg, refer on $WORK/given, by mv"
}

@test "without a policy the patch makes one of the default set" {
    mkdir outside
    chmod a+rx "$WORK" outside
    run --separate-stderr env "HOME=$WORK" "$HOLDFAST" why --workdir /tmp -- cat /var/lib/dpkg/status
    expect_status 1
    [[ $stderr == *"read_file on /var/lib/dpkg/status, by cat"* ]]
    patch -s <<< "$stderr"
    run "$HOLDFAST" run --policy policy.yaml --workdir /tmp -- cat /var/lib/dpkg/status
    expect_status 0
}

@test "a start that is refused says what run says" {
    small_policy
    run "$HOLDFAST" why --policy policy.yaml --workdir "$WORK/none" -- true
    expect_status 125
    expect_output "HF-WORKDIR-UNUSABLE"
}

@test "a time limit ends what is watched" {
    small_policy
    run --separate-stderr "$HOLDFAST" why --policy policy.yaml --timeout 1 -- sh -c 'cat kept/file; sleep 30'
    expect_status 124
    [[ $stderr == *"read_file on $WORK/kept/file"* ]]
}

@test "every call of a threaded program is answered" {
    small_policy
    SCRIPT='cd given; exec python3 -c "
import threading
def look():
    for i in range(200):
        open(\"file\").close()
threads = [threading.Thread(target=look) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]"' why
    expect_status 0
    expect_report "denied nothing"
}

@test "a call that the filter denies is told, and fails as it does without an observer" {
    small_policy
    for user in "" as_ordinary_user; do
        SCRIPT='cd given; exec python3 -c "
import socket
for family in (socket.AF_INET, socket.AF_ALG):
    try:
        socket.socket(family)
    except PermissionError as error:
        print(error.strerror)"' why $user
        [ "$output" = "Permission denied"$'\n'"Permission denied" ]
        expect_report "call socket (AF_INET), by python3"
        expect_report "denied by: the filter of system calls"
        expect_report "to allow it: name hosts and ports in network_policies"
        expect_report "call socket (AF_ALG), by python3"
        expect_report "to allow it: no policy can"
    done
}

@test "in proxy mode an address outside is told, and what is bound inside is not" {
    small_policy
    cat >> policy.yaml <<END
network_policies:
  api: {endpoints: [{host: api.example.com, port: 443}]}
END
    SCRIPT='cd given; exec python3 -c "
import socket
inside = socket.create_server((\"127.0.0.1\", 0))
socket.create_connection(inside.getsockname())
try:
    socket.create_connection((\"192.0.2.1\", 443))
except OSError:
    pass"' why
    expect_status 0
    expect_report "the sandbox denied 1 access"
    expect_report "connect to 192.0.2.1 port 443, by python3"
    expect_report "denied by: the network namespace"
}

@test "a host that the proxy refuses is told, and the patch names it" {
    small_policy
    cat >> policy.yaml <<END
network_policies:
  api: {endpoints: [{host: api.example.com, port: 443}]}
END
    SCRIPT='cd given; exec python3 -c "
import os, socket, urllib.parse
proxy = urllib.parse.urlparse(os.environ[\"HTTPS_PROXY\"])
for host in (\"other.example.org:443\", \"api.example.com:8443\"):
    connection = socket.create_connection((proxy.hostname, proxy.port))
    connection.sendall(f\"CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n\".encode())
    print(connection.recv(12).decode())"' why
    expect_status 0
    expect_report "connect through the proxy to other.example.org:443"
    expect_report "denied by: the proxy: no endpoint of the policy has this host"
    expect_report "connect through the proxy to api.example.com:8443"
    expect_report "denied by: the proxy: no endpoint of this host has this port"
    patch -s policy.yaml <<< "$report"
    run "$HOLDFAST" plan --policy policy.yaml
    expect_output "endpoint: other.example.org:443"
    expect_output "endpoint: api.example.com:8443"
    expect_output "endpoint: api.example.com:443"
}

@test "a request that no rule allows is told, with what it asked for" {
    small_policy
    cat >> policy.yaml <<END
network_policies:
  api:
    endpoints:
      - {host: api.example.com, port: 80, protocol: rest, rules: [{allow: {method: GET, path: /ok}}]}
      - host: "*.example.org"
        port: 80
        protocol: rest
        rules:
          # kept
          - allow:
              method: GET
              path: /ok
      - {host: "::1", port: 80, protocol: rest, rules: [{allow: {method: GET, path: /ok}}]}
END
    SCRIPT='cd given; exec python3 -c "
import os, socket, urllib.parse
proxy = urllib.parse.urlparse(os.environ[\"HTTPS_PROXY\"])
for request in (\"PUT http://api.example.com/ok\", \"GET http://api.example.com/no/../other?x\", \"CONNECT api.example.com:80\",
                \"GET http://a.example.org/x/y\", \"POST http://a.example.org/ok\", \"GET http://a.example.org/%2f\",
                \"GET http://[::1]/six\"):
    connection = socket.create_connection((proxy.hostname, proxy.port))
    host = request.partition(\" \")[2].removeprefix(\"http://\").partition(\"/\")[0]
    connection.sendall(f\"{request} HTTP/1.1\r\nHost: {host}\r\n\r\n\".encode())
    print(connection.recv(12).decode())"' why
    expect_status 0
    expect_report "the sandbox denied 7 accesses"
    expect_report "ask, through the proxy, for PUT api.example.com:80/ok"
    expect_report "denied by: the proxy: no rule for this host has this method there"
    expect_report "ask, through the proxy, for GET api.example.com:80/other"
    expect_report "to allow it: add an allow with this method and path to rules of the host's endpoint"
    expect_report "connect through the proxy to api.example.com:80"
    expect_report "nobody would see in a tunnel"
    expect_report "the proxy: servers could read its path in two ways"
    patch -s policy.yaml <<< "$report"
    run "$HOLDFAST" plan --policy policy.yaml
    expect_output '    allow: PUT /ok (policy.yaml:8:67)
    allow: GET /other (policy.yaml:8:104)
    allow: GET /ok (policy.yaml:8:144)'
    expect_output "    allow: GET /x/y (policy.yaml:14:13)"
    expect_output "    allow: POST /ok (policy.yaml:15:13)"
    expect_output "    allow: GET /six (policy.yaml:19:57)"
    grep -q '# kept' policy.yaml
}

@test "a name that would steer a terminal is shown harmless" {
    small_policy
    SCRIPT='cat kept/$(printf "a\033[31mb")' 
    echo x > "kept/$(printf 'a\033[31mb')"
    why
    expect_report "read_file on $WORK/kept/a\\x1b[31mb, by cat"
    expect_report "list a directory above it"
}

@test "where audit is on, what the kernel records is told too" {
    audit_is_on || skip "audit is off, or not to be read by this user"
    small_policy
    sed -i "s#/proc,#/proc, /dev/zero,#" policy.yaml
    SCRIPT='cd given; exec python3 -c "
import fcntl
try:
    fcntl.ioctl(open(\"/dev/zero\"), 0x1234)
except PermissionError:
    print(\"denied\")"' why
    [ "$output" = denied ]
    expect_report "ioctl_dev on /dev/zero, by python3"
    expect_report "to allow it: add /dev/zero to filesystem_policy.read_write"
}

@test "root is told what a mode keeps from a process without capabilities, and that no list helps" {
    [ "$(id -u)" = 0 ] || skip "only root could pass by a mode"
    small_policy
    mkdir -m 700 given/private
    echo x > given/private/file
    chown -R 65534:65534 given/private
    SCRIPT='cat given/private/file' why
    expect_status 1
    expect_report "read_file on $WORK/given/private/file, by cat"
    expect_report "denied by: $WORK/given/private, mode 0700 of 65534:65534"
    expect_report "run the command as somebody who may (process.run_as_user)"
    [[ $report != *"+++"* ]]
    SCRIPT='cat given/private/file' why as_ordinary_user
    expect_status 0
    expect_report "denied nothing"
}

@test "what a mode denies as well is said, and is no part of the patch" {
    [ "$(id -u)" = 0 ] || skip "it needs a file of another user"
    small_policy
    chmod 600 kept/file
    SCRIPT='cat kept/file' why as_ordinary_user
    expect_report "read_file on $WORK/kept/file, by cat"
    expect_report "denied by, too: $WORK/kept/file, mode 0600 of 0:0"
    expect_report "no list alone can: the mode must, too"
    [[ $report != *"+++"* ]]
}
