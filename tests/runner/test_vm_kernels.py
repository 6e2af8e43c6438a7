"""The lock, the record, and a second run that needs no network."""

import hashlib
import json
from pathlib import Path

import pytest
from matrix import record
from vm import kernels
from vm.debian import AptRoot
from vm.kernels import Locked, Store, Unavailable, read_lock, write_lock

SHA = "ab" * 32


def put(build: Path, series: str, version: str, instead_of: str | None = None) -> Path:
    folder = build / "kernels" / series
    folder.mkdir(parents=True)
    (folder / "vmlinux").write_bytes(b"kernel of " + version.encode())
    record = {
        "package": "linux-image", "version": version, "sha256": SHA, "suite": "s", "release": version,
        "image": "vmlinux",
        "image_sha256": hashlib.sha256((folder / "vmlinux").read_bytes()).hexdigest(), "instead_of": instead_of,
    }  # fmt: skip
    (folder / "record.json").write_text(json.dumps(record))
    return folder / "vmlinux"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of its own on a machine without any package client."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    return Store(tmp_path / "build", tmp_path / "kernels.lock")


def test_the_lock_survives_being_written_and_read(tmp_path: Path) -> None:
    locked = {"6.12": Locked("b", "2", SHA), "5.10": Locked("a", "1", SHA), "6.1": Locked("c", "3", SHA)}
    write_lock(locked, tmp_path / "lock")
    assert read_lock(tmp_path / "lock") == locked
    lines = (tmp_path / "lock").read_text().splitlines()
    assert [line.split()[0] for line in lines if not line.startswith("#")] == ["5.10", "6.1", "6.12"]


def test_a_damaged_lock_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(f"# x\n5.10 a 1 {SHA}\n6.1 b 2\n")
    with pytest.raises(ValueError, match=r"lock:3"):
        read_lock(tmp_path / "lock")


def test_the_lock_in_the_tree_has_every_series_of_the_rows() -> None:
    from vm import rows

    assert list(read_lock()) == list(rows.series())


def test_a_second_run_asks_nobody(store: Store) -> None:
    image = put(store.kernels.parent, "6.1", "6.1.9-1")
    write_lock({"6.1": Locked("linux-image", "6.1.9-1", SHA)}, store.lock_file)
    said: list[str] = []
    assert store.ensure("6.1", said.append).image == image
    assert said == []


def test_another_version_than_the_locked_one_is_fetched_anew(store: Store) -> None:
    put(store.kernels.parent, "6.1", "6.1.9-1")
    write_lock({"6.1": Locked("linux-image", "6.1.10-1", SHA)}, store.lock_file)
    assert store.present("6.1") is None
    with pytest.raises(Unavailable, match="6.1"):
        store.ensure("6.1", lambda _: None)


def test_a_damaged_image_is_not_used(store: Store) -> None:
    put(store.kernels.parent, "6.1", "6.1.9-1").write_bytes(b"half of it")
    assert store.present("6.1") is None


def test_a_substitute_for_a_dropped_version_is_used_and_told(store: Store) -> None:
    put(store.kernels.parent, "6.1", "6.1.10-1", instead_of="6.1.9-1")
    write_lock({"6.1": Locked("linux-image", "6.1.9-1", SHA)}, store.lock_file)
    said: list[str] = []
    assert store.ensure("6.1", said.append).version == "6.1.10-1"
    assert said == ["warning: kernel 6.1 has moved: the locked 6.1.9-1 is no longer offered, 6.1.10-1 is used; "
                    "lock it by: python3 -m vm update"]
    kernel = store.ensure("6.1", lambda _: None)
    assert kernel.moved_from == "6.1.9-1"
    assert record.surroundings(Path("holdfast"), [kernel])["kernels"][0]["moved_from"] == "6.1.9-1"


class Offered(AptRoot):
    """An apt root whose lists were fetched before: the real reader over files that the test wrote."""

    def update(self, suites: object) -> None:
        self.problems = []

    def suites(self) -> dict[str, Path]:
        return {file.name: file for file in (self.root / "lists").iterdir()}


def offering(store: Store, suite: str, *versions: str) -> None:
    store.apt = Offered(store.kernels.parent / "apt")
    (store.apt.root / "lists").mkdir(parents=True, exist_ok=True)
    text = "".join(
        f"Package: linux-image-{v.split('-')[0]}-cloud-amd64\nVersion: {v}\nSize: 1\nSHA256: {SHA}\n\n"
        for v in versions
    )
    (store.apt.root / "lists" / suite).write_text(text)


def test_the_locked_version_is_taken_while_it_is_offered(store: Store) -> None:
    offering(store, "bookworm-security", "6.1.9-1", "6.1.10-1")
    locked = Locked("linux-image-6.1.9-cloud-amd64", "6.1.9-1", SHA)
    assert store._search("6.1", locked, lambda _: None).version == "6.1.9-1"
    assert store._search("6.1", None, lambda _: None).version == "6.1.10-1"


def test_the_newest_is_taken_when_the_locked_one_is_dropped(store: Store) -> None:
    offering(store, "bookworm-security", "6.1.9-1", "6.1.10-1")
    locked = Locked("linux-image-6.1.8-cloud-amd64", "6.1.8-1", SHA)
    assert store._search("6.1", locked, lambda _: None).version == "6.1.10-1"


def test_other_content_under_the_locked_version_is_refused(store: Store) -> None:
    offering(store, "bookworm-security", "6.1.9-1")
    locked = Locked("linux-image-6.1.9-cloud-amd64", "6.1.9-1", "cd" * 32)
    with pytest.raises(Unavailable, match="another SHA-256"):
        store._fetch("6.1", locked, lambda _: None)


def test_a_series_that_nobody_offers_says_what_was_looked_for(store: Store) -> None:
    offering(store, "trixie-backports", "7.0.1-1~bpo13+1")
    with pytest.raises(Unavailable, match=r"7\.9.*linux-binary-7\.9.*trixie-backports"):
        store._search("7.9", None, lambda _: None)


def test_the_next_suites_are_asked_when_the_first_has_no_such_series(store: Store) -> None:
    offering(store, "bookworm-security", "6.1.9-1")
    offering(store, "trixie", "6.12.3-1")
    assert store._search("6.12", None, lambda _: None).suite == "trixie"


def test_a_file_that_is_no_kernel_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"#!/bin/sh\n")
    with pytest.raises(Unavailable, match="neither a bzImage nor an ELF kernel"):
        kernels.from_path(tmp_path / "k", tmp_path / "build")
    with pytest.raises(Unavailable, match="No such file"):
        kernels.from_path(tmp_path / "none", tmp_path / "build")
