# What the tests of hf-probe share. BUILD is the folder with it. HF_VALGRIND=1 (valgrind runs it) leaves out what valgrind
# cannot do.

setup() {
    cd "${BUILD:-$BATS_TEST_DIRNAME/../../build}" || return 1
    BUILD_FOLDER=$PWD
    PROBE=$PWD/hf-probe
    PEER=$BATS_TEST_DIRNAME/hf-probe-peer.py
    T=$BATS_TEST_TMPDIR
    cd "$T" || return 1
    echo content >file
    mkdir dir
}

# gives SPEC-WITHOUT-ID RESULT: hf-probe's whole output for it is the one line with that result, and it exits with 0.
gives() {
    run "$PROBE" "some-id $1"
    [ "$status" -eq 0 ] && [ "$output" = "some-id $2" ] && return
    printf "spec     '%s'\nexpected 'some-id %s', exit 0\ngot      '%s', exit %s\n" "$1" "$2" "$output" "$status"
    return 1
}

# refuses PART-OF-THE-MESSAGE SPEC...: exit 2, nothing on stdout, and a message that says so.
refuses() {
    local part=$1
    shift
    run --separate-stderr "$PROBE" "$@"
    [ "$status" -eq 2 ] && [ -z "$output" ] && [[ $stderr == *"$part"* ]] && return
    printf "specs    %s\nexpected exit 2 and '%s'\n" "$*" "$part"
    printf "got      '%s' '%s', exit %s\n" "$output" "$stderr" "$status"
    return 1
}

# with_peer COMMAND...: in a network namespace of its own, with something to talk to.
with_peer() {
    unshare -rn python3 "$PEER" "$@"
}

# talks SPEC-WITHOUT-ID RESULT: as gives, with the peer there.
talks() {
    run with_peer "$PROBE" "some-id $1"
    [ "$status" -eq 0 ] && [ "$output" = "some-id $2" ] && return
    printf "spec     '%s'\nexpected 'some-id %s', exit 0\ngot      '%s', exit %s\n" "$1" "$2" "$output" "$status"
    return 1
}

not_under_valgrind() {
    [ -z "${HF_VALGRIND:-}" ] || skip "not under valgrind"
}
