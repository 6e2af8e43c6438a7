"""What hf-probe's network tests talk to: `hf-probe-peer.py COMMAND ARG...`: loopback up, listen, run the command.

Only to be run in a network namespace of its own (`unshare -rn`). On 127.0.0.1 and [::1] it listens on 8080 (TCP),
8081 (UDP, which answers) and 8082, where a proxy answers CONNECT by the name of the host (see PROXY_ANSWERS); and on the abstract name
`hf-peer`. Its exit status is the command's.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
import threading

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, linux/if.h

TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"

# target of CONNECT -> (what the proxy answers, what comes back through the tunnel)
PROXY_ANSWERS: dict[bytes, tuple[bytes, bytes]] = {
    b"allowed.test:443": (TUNNEL, b"HTTP/1.0 200 OK\r\n\r\noutside\n"),
    b"[::1]:443": (TUNNEL, b"HTTP/1.0 200 OK\r\n\r\noutside\n"),
    b"missing.test:443": (TUNNEL, b"HTTP/1.0 404 Not Found\r\n\r\n"),
    b"port.test:443": (b'HTTP/1.1 403 Forbidden\r\n\r\n{"error":"x","failed":"port","reason":"host"}\n', b""),
    b"http://allowed.test/a%2fb?c": (b"HTTP/1.1 200 OK\r\n\r\n", b""),
    b"http://port.test:443": (b'HTTP/1.1 403 Forbidden\r\n\r\n{"failed":"port"}\n', b""),
    b"terse.test:443": (b"HTTP/1.1 403 Forbidden\r\n\r\n{}\n", b""),
    b"silent.test:443": (b"", b""),
    b"odd.test:443": (b"SSH-2.0-odd\r\n\r\n", b""),
}
REFUSAL = (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", b"")


def bring_loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        flags = struct.unpack("16xh", fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16sh", b"lo", 0)))[0]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(4096)
        if not more:
            break
        head += more
    return head


def serve_proxy(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            words = read_head(connection).split(b" ")
            answer, inside = PROXY_ANSWERS.get(words[1] if len(words) > 1 else b"", REFUSAL)
            connection.sendall(answer)
            if inside:
                read_head(connection)
                connection.sendall(inside)


def serve_echo(echo: socket.socket) -> None:
    while True:
        echo.sendto(*echo.recvfrom(1))


def listen(family: int, kind: int, address: str | tuple[str, int]) -> socket.socket:
    listener = socket.socket(family, kind)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen(64)
    return listener


def main() -> int:
    bring_loopback_up()
    listeners = [listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0hf-peer")]
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        listeners.append(listen(family, socket.SOCK_STREAM, (host, 8080)))
        echo = listen(family, socket.SOCK_DGRAM, (host, 8081))
        threading.Thread(target=serve_echo, args=(echo,), daemon=True).start()
        listeners.append(echo)
        proxy = listen(family, socket.SOCK_STREAM, (host, 8082))
        threading.Thread(target=serve_proxy, args=(proxy,), daemon=True).start()
        listeners.append(proxy)
    return subprocess.run(sys.argv[1:], check=False, env=dict(os.environ)).returncode


if __name__ == "__main__":
    sys.exit(main())
