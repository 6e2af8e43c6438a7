"""TLS that ends in the proxy: Holdfast's beside squid's (ssl-bump, of squid-openssl), both of which make a certificate for the
server's name, judge the server's own by the same root, and read what is inside. The server is nginx, the client tls_client.c,
which trusts the CA of whom it asks, and stands in the sandbox where that is Holdfast. Each measurement of both in turn."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .load import measured, told_of
from .proxies import SQUID, World, inside_of, path_of, started, wait_for
from .show import at_least

CLIENT = "build/bench/tls_client"
SERVER_PORT = 8443
BIG_BYTES = 256 << 20
REQUESTS, OPENS, AT_ONCE = 40000, 2000, 32
ROUNDS = 5
OF_SQUID = 1.0
CERTIFICATES = Path("/usr/lib/squid/security_file_certgen")

BUMP = SQUID + """\
http_port 127.0.0.1:{port} ssl-bump cert={folder}/squid.pem generate-host-certificates=on dynamic_cert_mem_cache_size=16MB
sslcrtd_program {certificates} -s {folder}/made -M 16MB
tls_outgoing_options cafile={folder}/root.pem
ssl_bump bump all
"""
BUMP_PORT = 3129
NGINX = """\
{user}
master_process off;
daemon off;
pid nginx.pid;
error_log error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_protocols TLSv1.2 TLSv1.3;
        server_name localhost;
        ssl_certificate leaf.crt;
        ssl_certificate_key leaf.key;
        root served;
    }}
}}
"""
POLICY = f"""\
version: 1
network_policies:
  bench:
    name: bench
    endpoints: [{{host: localhost, port: {SERVER_PORT}, protocol: rest, tls: terminate, access: full}}]
"""


def tls() -> list[bool]:
    if not path_of("squid") or not CERTIFICATES.exists():
        print("tls: there is nothing to compare with: install squid-openssl", flush=True)
        return [False]
    with inside_of() as inside, servers(inside):
        return [*stream(inside), *many(inside, "requests", REQUESTS, "on connections that are kept"),
                *many(inside, "opens", OPENS, "each with a tunnel and a handshake of its own")]


def authority(folder: Path, name: str) -> None:
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3", "-subj",
            f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def credentials(folder: Path) -> None:
    """A root with the server's certificate, and squid's CA, its key beside it."""
    authority(folder, "root")
    authority(folder, "squid")
    (folder / "squid.pem").write_text((folder / "squid.pem").read_text() + (folder / "squid.key").read_text())
    (folder / "leaf.ext").write_text("subjectAltName=DNS:localhost\n")
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/O=leaf", "-keyout",
            "leaf.key", "-out", "leaf.csr")
    openssl(folder, "x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "2",
            "-extfile", "leaf.ext", "-out", "leaf.crt")


@contextlib.contextmanager
def servers(inside: World) -> Iterator[None]:
    """nginx and squid, in the world's namespace."""
    folder = inside.folder
    credentials(folder)
    (folder / "served").mkdir()
    (folder / "served/small").write_text("outside\n")
    with (folder / "served/big").open("wb") as file:
        file.truncate(BIG_BYTES)
    is_root = os.geteuid() == 0
    (folder / "nginx").write_text(NGINX.format(port=SERVER_PORT, user="user root;" if is_root else ""))
    subprocess.run([CERTIFICATES, "-c", "-s", folder / "made", "-M", "16MB"], check=True, capture_output=True)
    if is_root:  # squid takes its own user then
        folder.chmod(0o755)
        subprocess.run(["chown", "-R", "proxy:", folder / "made", folder / "squid.pem", folder / "root.pem"], check=True)
    (folder / "squid").write_text(BUMP.format(descriptors=4096, port=BUMP_PORT, folder=folder, certificates=CERTIFICATES))
    with started(inside.command(path_of("nginx"), "-p", folder, "-c", "nginx", "-e", "error.log")), \
            started(inside.command(path_of("squid"), "-N", "-f", folder / "squid")):
        wait_for(inside, "nginx", SERVER_PORT)
        wait_for(inside, "squid", BUMP_PORT)
        yield


def by_both(inside: World, what: str, *arguments: object) -> dict[str, list[str]]:
    policy = inside.folder / "policy.yaml"
    policy.write_text(POLICY, "utf-8")
    script = f'what=$1; shift; exec {CLIENT} "$what" "${{HTTPS_PROXY##*:}}" "$@"'
    trusting = ["env", f"SSL_CERT_FILE={inside.folder}/root.pem"]
    return {"holdfast": inside.command(*trusting, "build/holdfast", "run", "--policy", policy, "--", "sh", "-c", script, "sh",
                                       what, SERVER_PORT, *arguments),
            "squid": inside.command("env", f"SSL_CERT_FILE={inside.folder}/squid.pem", CLIENT, what, BUMP_PORT, SERVER_PORT,
                                    *arguments)}


def medians(commands: dict[str, list[str]]) -> dict[str, float]:
    """Of what both say: one figure, or bytes and seconds."""
    rates: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            first, *seconds = measured(command)
            rates[name].append(first / seconds[0] / 1e6 if seconds else first)
    return {name: statistics.median(rate) for name, rate in rates.items()}


def stream(inside: World) -> list[bool]:
    rate = medians(by_both(inside, "stream", "/big"))
    took = f"MB/s of an answer of {BIG_BYTES >> 20} MiB, medians of {ROUNDS}: {told_of(rate, '.0f')}; of squid's"
    return [at_least(f"{CLIENT} stream", took, rate["holdfast"] / rate["squid"], OF_SQUID, " x")]


def many(inside: World, what: str, count: int, how: str) -> list[bool]:
    rate = medians(by_both(inside, what, "/small", count, AT_ONCE))
    took = f"a second, {how}, medians of {ROUNDS}: {told_of(rate, '.0f')}; of squid's"
    return [at_least(f"{CLIENT} {what} (of {count}, {AT_ONCE} at once)", took, rate["holdfast"] / rate["squid"], OF_SQUID, " x")]
