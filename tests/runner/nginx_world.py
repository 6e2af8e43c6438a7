"""An nginx that speaks HTTP/2 inside of TLS, for tests of what is between it and a client."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from proxy_world import WAIT, unused_port
from tls_world import Authority

PROGRAM = shutil.which("nginx") or "/usr/sbin/nginx"

CONFIGURATION = """
daemon off;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 512; }}
http {{
    access_log access.log combined;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    client_max_body_size 100m;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        server_name localhost;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        root served;
        location /echo {{ return 200 "$request_method $request_uri $host $http_x_a"; }}
        location /put {{ proxy_pass http://127.0.0.1:{sink}/; }}
    }}
    server {{ listen 127.0.0.1:{sink}; location / {{ return 200 "took"; }} }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    port: int
    folder: Path


@contextmanager
def serving(ca: Authority) -> Iterator[Nginx]:
    with tempfile.TemporaryDirectory() as name:  # which no other pytest closes to nginx's own user
        folder = Path(name)
        port = unused_port()
        (folder / "served").mkdir()
        (folder / "served/small").write_text("outside\n")
        (folder / "served/big").write_bytes(os.urandom(8_000_000))
        text = CONFIGURATION.format(port=port, sink=unused_port(), certificate=ca.issue("DNS:localhost"))
        (folder / "conf").write_text(text)
        for path in (folder, *folder.rglob("*"), ca.folder, *ca.folder.iterdir()):
            path.chmod(path.stat().st_mode | 0o055)
        server = subprocess.Popen([PROGRAM, "-p", name, "-c", "conf", "-e", "error.log"], stderr=subprocess.PIPE)
        end = time.monotonic() + WAIT
        while not (folder / "nginx.pid").exists() and server.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        assert server.poll() is None, server.stderr and server.stderr.read()
        try:
            yield Nginx(port, folder)
        finally:
            server.terminate()
            server.wait()
