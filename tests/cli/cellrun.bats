#!/usr/bin/env bats
# cellrun --isolate: cells run one after the other, each in a fresh directory, and nothing of one reaches the next or the host.

load helpers

setup() {
    CELLRUN=$(cd "$BUILD" && pwd)/cellrun
    WORK=$(mktemp -d)
    chmod 755 "$WORK"
    cd "$WORK" || return 1
    mkdir -p payload/usr/local/bin payload/etc
    printf '127.0.0.1 localhost upstream.test\n' >payload/etc/hosts
    printf 'root:x:0:0::/:/bin/sh\nsandbox:x:1000:1000::/:/bin/sh\n' >payload/etc/passwd
    printf 'root:x:0:\nsandbox:x:1000:\nextra:x:1001:sandbox\n' >payload/etc/group
    printf '#!/bin/sh\necho from the payload\n' >payload/usr/local/bin/greet
    chmod 755 payload/usr/local/bin/greet
    as_ordinary_user unshare --user --map-root-user --pid --fork --mount-proc true ||
        skip "no user namespaces here"
}

# results_of < CELLS: the result lines, decoded, without the times.
results_of() {
    cat >cells
    as_ordinary_user "$CELLRUN" --isolate payload cells fd:1 | decoded
}

results_as_caller() {
    cat >cells
    "$CELLRUN" --isolate payload cells fd:1 | decoded
}

decoded() {
    python3 -c 'import re, sys, urllib.parse
for line in sys.stdin:
    print(urllib.parse.unquote(re.sub(r" ms=\d+$", "", line.replace(" %00\n", " \n"))), end="")'
}

# script ID COMMAND: a cell that runs a shell command.
script() {
    python3 -c 'import sys, urllib.parse
print(f"cell {sys.argv[1]} 10000\nrun sh -c {urllib.parse.quote(sys.argv[2])}\nend")' "$1" "$2"
}

@test "a cell finds what its list makes, and sends what it left" {
    run results_of <<<'cell a/b 10000
dir 700 d
file 640 d/f some%20text%0A
symlink l d/f
env GREETING hello%20there
send out
send not-there
run sh -c cat%20l;stat%20-c%20%25a%20d%20d/f;pwd;echo%20$GREETING;greet%20>out;exit%203
end'
    expect_output $'@begin a/b\n@data a/b stdout some text\n700\n640\n/mnt/cell\nhello there\n\n@data a/b stderr \n@data a/b out from the payload\n\n@end a/b exit=3\n@done'
}

@test "a signal that the caller ignores reaches a cell" {
    ended=$(trap '' INT; script a 'kill -INT $$' | results_of)
    [[ $ended == *'@end a signal=2'* ]]
}

@test "nothing of a cell is left for the next one" {
    run results_of < <(
        script first 'touch x /tmp/x; setsid sleep 300.5 & echo'
        script second 'ls -A . /tmp; pgrep -f "^sleep 300" || echo none'
    )
    expect_output $'@data second stdout .:\n\n/tmp:\nnone\n'
}

@test "past its time a cell is ended with all that it started, and the next one runs" {
    run results_of <<<'cell slow 200
run sh -c setsid%20sleep%20300.75%20&%20echo%20begun;%20sleep%20300.75
end
cell next 10000
run true
end'
    expect_output $'@data slow stdout begun\n\n@data slow stderr \n@end slow timeout\n@begin next'
    ! pgrep -f '^sleep 300\.75'
}

@test "how a cell ended: by a signal, not at all for want of a command, of a place, or of a user" {
    run results_of <<<'cell signal 10000
run sh -c kill%20-11%20$$
end
cell command 10000
run no-such-command
end
cell place 10000
dir 755 a/b
run true
end'
    expect_output '@end signal signal=11'
    expect_output '@end command setup=exec:ENOENT'
    expect_output '@end place setup=dir:ENOENT'
}

@test "output beyond 64 KiB is cut, and said to be" {
    run results_of <<<'cell big 10000
run head -c 70000 /dev/zero
end'
    expect_output '@data big stdout!cut '
}

@test "the outside answers: HTTP, a socket by path, a process of the cell's user" {
    run results_of < <(script outside \
        'curl -s http://upstream.test:8080/ http://[::1]:8080/; stat -c %a /run/hf-outside.sock; kill -0 $HF_OUTSIDE_PID && echo there')
    expect_output $'stdout outside\noutside\n666\nthere\n'
}

@test "what a sandbox must not reach can be reached without one" {
    cp "$BUILD/hf-probe" payload/usr/local/bin
    run results_of < <(script outside "hf-probe 'a tcp-connect 127.0.0.1 8080' 'b tcp-connect 192.0.2.1 80' \
        'c udp-send 127.0.0.1 8081' 'd udp-send 192.0.2.1 53' 'e abstract-connect hf-outside' 'f netns-interfaces'")
    expect_output $'stdout a ok\nb ok\nc ok\nd ok\ne ok\nf outer\n'
}

@test "users and groups are the payload's" {
    run results_of < <(script names 'id -G sandbox; id daemon 2>&1')
    expect_output $'stdout 1000 1001\nid: '
}

@test "root's cells run as another user where the list says so" {
    [ "$(id -u)" = 0 ] || skip "needs root"
    run results_as_caller <<<'cell user 10000
user 65534 65534
run sh -c id%20-u;id%20-G;touch%20mine;kill%20-0%20$HF_OUTSIDE_PID%20&&%20echo%20there
end'
    expect_output $'stdout 65534\n65534\nthere\n'
}

@test "a list with a mistake is refused with its line, and nothing is run" {
    printf 'cell a 1000\nrum true\nend\n' >cells
    run as_ordinary_user "$CELLRUN" --isolate payload cells fd:1
    expect_status 1
    expect_output "cells:2: unknown directive 'rum'"
    [[ $output != *@begin* ]]
}

@test "when cellrun is killed, so is all that it started" {
    printf 'cell a 60000\nrun sleep 300.625\nend\n' >cells
    # exec, so that $! is cellrun itself
    as_ordinary_user_in_place "$CELLRUN" --isolate payload cells fd:1 >results 3>&- &
    for _ in $(seq 100); do pgrep -f '^sleep 300\.625' && break; sleep 0.05; done
    kill -KILL $!
    for _ in $(seq 100); do pgrep -f '^sleep 300\.625' || return 0; sleep 0.05; done
    return 1
}

as_ordinary_user_in_place() {
    [ "$(id -u)" != 0 ] || exec setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
    exec "$@"
}
