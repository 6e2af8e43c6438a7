"""What the tests of TLS that ends in the proxy share: a CA of the servers' own, servers behind it, the client's side."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proxy_world import Handler, Proxy, Upstream, proxy, tunnel


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@dataclass(frozen=True)
class Authority:
    """A CA, and what it signs."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def issue(self, names: str, days: int = 2, subject: str = "/O=leaf") -> Path:
        """A file with a certificate for names as in a subjectAltName, or for a subject alone, and its key."""
        stem = f"leaf{len(list(self.folder.iterdir()))}"
        (self.folder / f"{stem}.ext").write_text(f"subjectAltName={names}\n" if names else "basicConstraints=CA:FALSE\n")
        _openssl(self.folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
                 "-keyout", f"{stem}.key", "-out", f"{stem}.csr")
        _openssl(self.folder, "x509", "-req", "-in", f"{stem}.csr", "-CA", "root.pem", "-CAkey", "root.key",
                 "-CAcreateserial", "-days", str(days), "-extfile", f"{stem}.ext", "-out", f"{stem}.crt")
        whole = self.folder / f"{stem}.pem"
        whole.write_text((self.folder / f"{stem}.crt").read_text() + (self.folder / f"{stem}.key").read_text())
        return whole


@contextmanager
def authority() -> Iterator[Authority]:
    with tempfile.TemporaryDirectory() as name:
        _openssl(Path(name), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                 "-subj", "/CN=the servers' root", "-keyout", "root.key", "-out", "root.pem")
        os.chmod(name, 0o755)
        yield Authority(Path(name))


class Server(Upstream):
    """A server whose handler gets what is inside of TLS."""

    def __init__(self, certificate: Path, handler: Handler) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.set_alpn_protocols(["http/1.1"])
        self.names: list[str | None] = []

        def note(_: object, name: str | None, __: object) -> None:
            self.names.append(name)

        def inside(raw: socket.socket) -> None:
            with context.wrap_socket(raw, server_side=True) as client:
                handler(client)
                client.unwrap()

        context.sni_callback = note  # type: ignore[assignment]
        super().__init__(inside)


ALL = "access: full"


def policy_text(port: int, rules: str = ALL, host: str = "localhost") -> str:
    return f"""version: 1
network_policies:
  test:
    endpoints:
      - {{host: "{host}", port: {port}, protocol: rest, tls: terminate, {rules}}}
"""


class Halved:
    """A client inside of TLS that can say that it says no more, and go on listening. (ssl's sockets cannot.)"""

    def __init__(self, raw: socket.socket, context: ssl.SSLContext, name: str) -> None:
        self.raw, self.coming, self.going = raw, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.coming, self.going, server_hostname=name)
        self._until(self.tls.do_handshake)

    def _until(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.flush()
                data = self.raw.recv(65536)
                if data:
                    self.coming.write(data)
                else:
                    self.coming.write_eof()
            finally:
                self.flush()

    def flush(self) -> None:
        if data := self.going.read():
            self.raw.sendall(data)

    def sendall(self, data: bytes) -> None:
        self._until(lambda: self.tls.write(data))

    def recv(self, size: int) -> bytes:
        return bytes(self._until(lambda: self.tls.read(size)))

    def finish(self) -> None:
        """Says so. What the other has sent must have been read."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            self.flush()


@dataclass
class Ending(Proxy):
    """A proxy that ends TLS, and its run's own directory."""

    directory: Path

    def context(self, protocols: tuple[str, ...]) -> ssl.SSLContext:
        """Of a client that trusts the run's CA."""
        context = ssl.create_default_context(cafile=str(self.directory / "ca.pem"))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    def wrap(self, raw: socket.socket, name: str | None = "localhost",
             protocols: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLSocket:
        context = self.context(protocols)
        context.check_hostname = name is not None
        return context.wrap_socket(raw, server_hostname=name, suppress_ragged_eofs=False)

    def inside(self, port: int, host: str = "localhost") -> ssl.SSLSocket:
        """A client, inside of a tunnel."""
        return self.wrap(tunnel(self, host, port), host)


@contextmanager
def ending(text: str, root: Path, *options: str) -> Iterator[Ending]:
    """The driver, which judges servers by this root."""
    with tempfile.TemporaryDirectory() as name:
        before = ("env", f"SSL_CERT_FILE={root}")
        with proxy(text, "-r", name, *options, before=before) as running:
            yield Ending(running.port, running.process, running.log, Path(name))
