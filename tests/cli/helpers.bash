# What every file of command line tests starts with: the programs under test and a folder of the test's own.

BUILD=$(readlink -f "${BUILD:-$BATS_TEST_DIRNAME/../../build}")
HOLDFAST=$BUILD/holdfast
# A folder of the caller's PATH that nobody may enter would make a command that is not there EACCES (execvp(3)).
PATH=/usr/sbin:/usr/bin:/sbin:/bin

setup() {
    WORK=$(mktemp -d)
    chmod 755 "$WORK"
    cd "$WORK" || return 1
}

teardown() {
    cd / && rm -rf "$WORK"
}

# Writes policy.yaml from standard input.
policy() {
    cat > policy.yaml
}

# The value at a path of the report, by Python's own syntax: field '["outcome"]'
field() {
    python3 -c "import json, sys; print(json.load(open('report.json'))$1)"
}

# Whether audit is switched on and this process may ask: AUDIT_GET's status, its second word (audit.h).
audit_is_on() {
    python3 -c '
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)
s.bind((0, 0))
s.settimeout(1)
s.send(struct.pack("=IHHII", 16, 1000, 1, 0, 0))
kind, enabled = struct.unpack_from("=4xH14xI", s.recv(8192))
raise SystemExit(not (kind == 1000 and enabled))' 2> /dev/null
}

# Runs a command as nobody, where the test is root's; as whoever runs the test otherwise.
as_ordinary_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
    else
        "$@"
    fi
}

expect_status() {
    [ "$status" -eq "$1" ] || {
        echo "expected status $1, got $status; output:"
        echo "$output"
        return 1
    }
}

expect_output() {
    [[ "$output" == *"$1"* ]] || {
        echo "expected output with: $1"
        echo "got: $output"
        return 1
    }
}
