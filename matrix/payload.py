"""What a guest or the host lane gets beside the base system: the runtime and its variants, the probe, launchers, the
names of hosts, users and groups that scenarios use."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Mapping
from pathlib import Path

PROGRAMS = ("hf-probe", "abi-ceiling", "deny-call", "hf-bait")
OBJECT = "holdfast-tls.so"  # which a runtime looks for in ../lib/holdfast

HOSTS = """\
127.0.0.1 localhost
::1 localhost
127.0.0.1 upstream.test
127.0.0.1 private.wild.test
::ffff:127.0.0.1 mapped.wild.test
169.254.169.254 metadata.test
127.0.0.1 other-upstream.test
127.0.0.1 upstream.test.evil.example
"""
PASSWD = """\
root:x:0:0:root:/root:/bin/sh
sandbox:x:1000:1000:sandbox:/home/sandbox:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
GROUP = """\
root:x:0:
tty:x:5:
sandbox:x:1000:
extra:x:1001:sandbox
nogroup:x:65534:
"""
TEXTS = {"etc/hosts": HOSTS, "etc/passwd": PASSWD, "etc/group": GROUP}  # each takes the place of the machine's own


class Missing(Exception):
    """A program that was not built."""


def assemble(build: Path, runtimes: Mapping[str, Path]) -> Path:
    """Lays build/payload out and returns it. Files that are the same stay as they are, so that nothing that depends on
    them is made anew."""
    payload = build / "payload"
    wanted = {f"usr/local/bin/{name}": path for name, path in runtimes.items()}
    wanted |= {f"usr/local/bin/{name}": build / name for name in PROGRAMS}
    wanted[f"usr/local/lib/holdfast/{OBJECT}"] = build / OBJECT
    for name, path in wanted.items():
        if not path.is_file():
            raise Missing(f"{path} is not there: build it first (make)")
        _copy(path, payload / name)
    for name, text in TEXTS.items():
        path = payload / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    for stale in (payload / "usr/local/bin").iterdir():
        if f"usr/local/bin/{stale.name}" not in wanted:
            stale.unlink()
    return payload


def files(payload: Path) -> dict[str, Path | bytes]:
    """The payload by its paths in the guest."""
    return {f"/{path.relative_to(payload)}": path for path in sorted(payload.rglob("*")) if path.is_file()}


def _copy(source: Path, target: Path) -> None:
    if target.exists() and filecmp.cmp(source, target, shallow=False):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)  # an old file may be running
    shutil.copyfile(source, target)
    target.chmod(0o755)
