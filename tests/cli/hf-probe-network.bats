#!/usr/bin/env bats
# hf-probe: attempts on sockets, and what it tells of the network it is in.

bats_require_minimum_version 1.5.0
load probe

@test "tcp-connect: to a listener, and where nobody listens" {
    talks "tcp-connect 127.0.0.1 8080" ok
    talks "tcp-connect ::1 8080" ok
    talks "tcp-connect 127.0.0.1 9" ECONNREFUSED
    talks "tcp-connect 192.0.2.1 8080" ENETUNREACH
}

@test "tcp-bind: a free port, one that is taken, an address of others" {
    talks "tcp-bind 127.0.0.1 8090" ok
    talks "tcp-bind :: 0" ok
    talks "tcp-bind 127.0.0.1 8080" EADDRINUSE
    talks "tcp-bind 192.0.2.1 8090" EADDRNOTAVAIL
}

@test "udp-send: to a socket, to nobody, to nowhere" {
    talks "udp-send 127.0.0.1 8081" ok
    talks "udp-send ::1 8081" ok
    talks "udp-send 127.0.0.1 9" ECONNREFUSED
    talks "udp-send ::1 9" ECONNREFUSED
    talks "udp-send 192.0.2.1 9" ENETUNREACH
}

@test "unix-connect: a path without a socket, with a file, too long" {
    gives "unix-connect $T/none" ENOENT
    gives "unix-connect $T/file" ECONNREFUSED
    gives "unix-connect $(printf 'a%.0s' {1..109})" ENAMETOOLONG
}

@test "unix-connect: a listener" {
    local socket=$T/s
    python3 - "$socket" "$PROBE" <<'PYTHON' >"$T/out"
import socket, subprocess, sys
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    subprocess.run([sys.argv[2], f"a unix-connect {sys.argv[1]}"], check=True)
PYTHON
    [ "$(cat "$T/out")" = "a ok" ]
}

@test "unix-send: a datagram socket takes it, another kind is told from none" {
    run python3 - "$T/datagrams" "$T/stream" "$PROBE" <<'EOT'
import socket, subprocess, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams, socket.socket(socket.AF_UNIX) as stream:
    datagrams.bind(sys.argv[1])
    stream.bind(sys.argv[2])
    subprocess.run([sys.argv[3], f"a unix-send {sys.argv[1]}", f"b unix-send {sys.argv[2]}"], check=True)
EOT
    [ "$output" = $'a ok\nb EPROTOTYPE' ]
    gives "unix-send $T/none" ENOENT
    gives "unix-send $(printf 'a%.0s' {1..109})" ENAMETOOLONG
}

@test "abstract-connect: a listener, and nobody" {
    talks "abstract-connect hf-peer" ok
    talks "abstract-connect hf-nobody" ECONNREFUSED
    talks "abstract-connect hf-pee" ECONNREFUSED
    gives "abstract-connect $(printf 'a%.0s' {1..108})" ENAMETOOLONG
}

@test "socket: one that there is, a type and a family that there are not" {
    gives "socket 1 1 0" ok
    gives "socket 1 77 0" EINVAL
    gives "socket 250 1 0" EAFNOSUPPORT
}

@test "http: the answer from behind the proxy, or the proxy's own" {
    export HTTPS_PROXY=http://127.0.0.1:8082
    talks "http allowed.test 443" http-200
    talks "http missing.test 443" http-404
    talks "http denied.test 443" http-403
    talks "http allowed.test 444" http-403
    talks "http ::1 443" http-200
    HTTPS_PROXY="http://[::1]:8082/" talks "http allowed.test 443" http-200
}

@test "http-why: the half that failed, if the proxy says one" {
    export HTTPS_PROXY=http://127.0.0.1:8082
    talks "http-why allowed.test 443" allowed
    talks "http-why port.test 443" port
    talks "http-why terse.test 443" unsaid
    talks "http-why denied.test 443" ECONNRESET
    unset HTTPS_PROXY
    gives "http-why allowed.test 443" no-proxy
}

@test "request: one for an http:// address, and the half that failed" {
    export HTTPS_PROXY=http://127.0.0.1:8082
    talks "request GET http://allowed.test/a%252fb?c" allowed
    talks "request PUT http://port.test:443" port
    talks "request GET nonsense" EINVAL
    unset HTTPS_PROXY
    gives "request GET http://allowed.test/" no-proxy
}

@test "http: no proxy, a proxy that is none, a proxy that is not there" {
    unset HTTPS_PROXY
    gives "http allowed.test 443" no-proxy
    HTTPS_PROXY="" gives "http allowed.test 443" no-proxy
    for url in nonsense http://proxy.test:80 http://127.0.0.1: http://127.0.0.1:65536 "http://[::1" "http://[::1]"; do
        HTTPS_PROXY=$url gives "http allowed.test 443" bad-proxy
    done
    HTTPS_PROXY=http://127.0.0.1:9 talks "http allowed.test 443" ECONNREFUSED
    HTTPS_PROXY=http://127.0.0.1:8082 talks "http silent.test 443" ECONNRESET
    HTTPS_PROXY=http://127.0.0.1:8082 talks "http odd.test 443" EPROTO
}

@test "proxy-env: the proxy's address whatever its port; none; no proxy" {
    HF_TEST=http://127.0.0.1:4711 gives "proxy-env HF_TEST" 127.0.0.1
    HF_TEST=socks gives "proxy-env HF_TEST" bad-proxy
    unset HF_TEST
    gives "proxy-env HF_TEST" unset
}

@test "netns-interfaces: loopback alone in a namespace of its own" {
    run unshare -rn "$PROBE" "a netns-interfaces"
    [ "$output" = "a lo" ]
}
