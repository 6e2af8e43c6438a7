"""The object that ends TLS: where it is looked for, whose it must be, and what it must be; else nothing is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import usage
from tls_world import Authority, authority, policy_text

NAME = "holdfast-tls.so"
OTHER_USER = 65534
INSTALLED = Path("/usr/local/lib/holdfast", NAME)

pytestmark = pytest.mark.skipif(INSTALLED.exists(), reason=f"{INSTALLED} is there, and is taken where there is no other")


@pytest.fixture(scope="module")
def ca() -> Iterator[Authority]:
    with authority() as made:
        yield made


@pytest.fixture
def place() -> Iterator[Path]:
    """With a program in bin/, and no object."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        (Path(name) / "bin").mkdir()
        shutil.copy(usage.HOLDFAST, Path(name) / "bin/hf")
        (Path(name) / "policy.yaml").write_text(policy_text(443))
        Path(name).chmod(0o755)
        yield Path(name)


def put(place: Path, where: str) -> Path:
    path = place / where
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(usage.HOLDFAST.parent / NAME, path)
    return path


def run(place: Path, ca: Authority) -> subprocess.CompletedProcess[str]:
    return subprocess.run([place / "bin/hf", "run", "--policy", place / "policy.yaml", "--", "echo", "ran"], cwd=place,
                          env={**os.environ, "SSL_CERT_FILE": str(ca.root)}, capture_output=True, text=True, check=False)


def refused(place: Path, ca: Authority) -> str:
    """What is said of it."""
    done = run(place, ca)
    assert done.returncode == 125 and done.stdout == "", done.stderr
    assert "[HF-TLS-UNAVAILABLE]" in done.stderr and "policy.yaml:5:" in done.stderr, done.stderr
    return done.stderr


def test_without_it_nothing_is_run(place: Path, ca: Authority) -> None:
    assert f"{NAME} (ENOENT: No such file or directory) [HF-" in refused(place, ca)


@pytest.mark.parametrize("where", [NAME, f"holdfast/{NAME}", f"../lib/holdfast/{NAME}"])
def test_where_it_is_looked_for(place: Path, ca: Authority, where: str) -> None:
    put(place / "bin", where)
    done = run(place, ca)
    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can put it there")
def test_at_last_it_is_looked_for_where_the_build_was_told(place: Path, ca: Authority) -> None:
    """In mounts of its own, so that it is not for anybody else. It must be root's there."""
    put(place, "other/" + NAME)
    script = ('mount -t tmpfs none /usr/local/lib && mkdir /usr/local/lib/holdfast && cp "$1" /usr/local/lib/holdfast/ && '
              'chown "$2" /usr/local/lib/holdfast/*.so && cd "$3" && exec bin/hf run --policy policy.yaml -- echo ran')
    for owner, wanted in ((0, "ran\n"), (1, ""), (OTHER_USER, "")):
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", place / "other" / NAME, str(owner), place],
                              env={**os.environ, "SSL_CERT_FILE": str(ca.root)}, capture_output=True, text=True, check=False)
        assert done.stdout == wanted, done.stderr


def test_the_nearest_that_can_be_trusted_is_taken(place: Path, ca: Authority) -> None:
    near, far = put(place / "bin", NAME), put(place / "bin", f"../lib/holdfast/{NAME}")
    near.write_text("no object\n")
    refused(place, ca)
    near.chmod(0o666)
    assert run(place, ca).stdout == "ran\n"
    far.chmod(0o666)
    refused(place, ca)


def test_what_anybody_could_have_put_there_is_none(place: Path, ca: Authority) -> None:
    object_ = put(place / "bin", NAME)
    object_.chmod(0o666)
    assert f"{NAME} (ENOENT: No such file or directory) [HF-" in refused(place, ca)
    object_.chmod(0o664)  # whoever made the group trusts it
    assert run(place, ca).stdout == "ran\n"
    object_.unlink()
    object_.mkdir()
    assert f"{NAME} (ENOENT: No such file or directory) [HF-" in refused(place, ca)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_it_is_the_owners_of_the_program_or_roots(place: Path, ca: Authority) -> None:
    object_ = put(place / "bin", NAME)
    os.chown(object_, OTHER_USER, OTHER_USER)
    refused(place, ca)
    os.chown(place / "bin/hf", OTHER_USER, OTHER_USER)
    assert run(place, ca).stdout == "ran\n"
    os.chown(object_, 0, 0)
    assert run(place, ca).stdout == "ran\n"
    os.chown(object_, OTHER_USER - 1, 0)
    refused(place, ca)


def test_what_cannot_be_loaded_is_said(place: Path, ca: Authority) -> None:
    object_ = put(place / "bin", NAME)
    object_.write_text("no object\n")
    assert f"{object_}: file too short [HF-" in refused(place, ca)


@pytest.mark.parametrize("source", ["const unsigned hf_tls_ops[64] = {2};", "int other;"], ids=["version", "no table"])
def test_one_of_another_version_is_none(place: Path, ca: Authority, source: str) -> None:
    object_ = place / "bin" / NAME
    subprocess.run(["cc", "-shared", "-o", object_, "-xc", "-"], input=source, text=True, check=True)
    assert f"{object_} is of another version [HF-" in refused(place, ca)
