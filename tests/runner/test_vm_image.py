"""The root filesystem: the archive format by known bytes, the closure of libraries, the overlay."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from vm import elf, image
from vm.cpio import Archive


def read(data: bytes) -> dict[str, tuple[list[int], bytes]]:
    """A reader of newc archives on its own: name -> (the header's numbers, the content)."""
    found: dict[str, tuple[list[int], bytes]] = {}
    at = 0
    while True:
        assert at % 4 == 0 and data[at : at + 6] == b"070701"
        numbers = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110 : at + 110 + numbers[11] - 1].decode()
        at += (110 + numbers[11] + 3) // 4 * 4
        body = data[at : at + numbers[6]]
        at += (numbers[6] + 3) // 4 * 4
        if name == "TRAILER!!!":
            assert at == len(data)
            return found
        found[name] = (numbers, body)


def test_one_member_byte_by_byte() -> None:
    archive = Archive()
    archive.file("/a", b"hi\n", 0o640)
    assert archive.pack() == (
        b"070701" b"00000001" b"000081A0" b"00000000" b"00000000" b"00000001" b"00000000" b"00000003"
        b"00000000" b"00000000" b"00000000" b"00000000" b"00000002" b"00000000" b"a\0" b"hi\n\0"
        b"070701" b"00000000" b"00000000" b"00000000" b"00000000" b"00000001" b"00000000" b"00000000"
        b"00000000" b"00000000" b"00000000" b"00000000" b"0000000B" b"00000000" b"TRAILER!!!\0\0\0\0"
    )  # fmt: skip


def test_devices_owners_links_and_parents() -> None:
    archive = Archive()
    archive.device("/dev/console", 5, 1, 0o600)
    archive.symlink("/bin", "usr/bin")
    archive.folder("/home/sandbox", 0o755, 1000, 1001)
    found = read(archive.pack())
    assert list(found) == ["dev", "dev/console", "bin", "home", "home/sandbox"]
    assert found["dev/console"][0][1] == stat.S_IFCHR | 0o600 and found["dev/console"][0][9:11] == [5, 1]
    assert stat.S_ISLNK(found["bin"][0][1]) and found["bin"][1] == b"usr/bin"
    assert found["home/sandbox"][0][2:4] == [1000, 1001]


def test_the_closure_of_the_shell_is_its_loader_and_libc() -> None:
    names = [path.name for path in elf.closure([Path("/bin/sh")])]
    assert "libc.so.6" in names and "ld-linux-x86-64.so.2" in names


@pytest.mark.parametrize("program", ["/bin/sh", "/bin/ls", "/usr/bin/curl"])
def test_the_loader_itself_agrees_on_the_closure(program: str) -> None:
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    by_loader = {Path(word).name for word in told.split() if word.startswith("/")}
    assert {path.name for path in elf.closure([Path(program)])} == by_loader


def test_a_script_needs_no_libraries(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("#!/bin/sh\n")
    assert elf.closure([tmp_path / "s"]) == []


def test_the_base_boots_by_its_own_files_and_is_written_once(tmp_path: Path) -> None:
    (tmp_path / "init").write_bytes(b"\x7fELF init")
    base = image.archive(tmp_path, image.BASE)
    found = read(base.read_bytes())
    assert found["init"][0][1] == stat.S_IFREG | 0o755
    assert {"dev/console", "dev/null", "etc/nsswitch.conf", "mnt/cell", "usr/bin/env"} <= found.keys()
    if os.path.islink("/bin"):
        assert found["bin"][1] == os.readlink("/bin").encode()
    # Every symlink leads to something in the archive: nothing was copied without what it points to.
    for name, (numbers, body) in found.items():
        if stat.S_ISLNK(numbers[1]):
            target = os.path.normpath(os.path.join("/", os.path.dirname(name), body.decode())).lstrip("/")
            parts = target.split("/")
            if parts[0] in ("lib", "lib64", "bin") and parts[0] in found and stat.S_ISLNK(found[parts[0]][0][1]):
                target = "/".join([found[parts[0]][1].decode(), *parts[1:]])
            assert target in found or name in image.MERGED, name
    before = base.stat().st_mtime_ns, base.stat().st_ino
    assert image.archive(tmp_path, image.BASE) == base and (base.stat().st_mtime_ns, base.stat().st_ino) == before
    (tmp_path / "init").write_bytes(b"\x7fELF another init")
    assert read(image.archive(tmp_path, image.BASE).read_bytes())["init"][1] == b"\x7fELF another init"


def test_what_few_cells_run_is_there_where_one_names_it(tmp_path: Path) -> None:
    (tmp_path / "init").write_bytes(b"\x7fELF init")
    assert image.needed("run /usr/local/bin/hf-probe hosts%20read%20/etc/hosts") == ["base"]
    assert image.needed("file 644 script exec%20perl%20-e%201") == ["base", "perl"]
    assert image.needed("run curling properly") == ["base"]
    assert image.needed("file 644 policy tls:%20terminate") == ["base", "tls"]
    base, perl = (read(image.archive(tmp_path, name).read_bytes()) for name in ("base", "perl"))
    assert "usr/bin/perl" in perl and "usr/bin/perl" not in base
    assert {name for name in perl if ".so" in name}.isdisjoint(base)


def test_what_is_opened_while_it_runs_has_its_libraries_there(tmp_path: Path) -> None:
    (tmp_path / "init").write_bytes(b"\x7fELF init")
    shutil.copyfile("/usr/bin/curl", tmp_path / "holdfast-tls.so")  # any file that names libraries
    found = read(image.archive(tmp_path, "tls").read_bytes())
    assert {"libssl.so.3", "libcrypto.so.3", "libcurl.so.4", "openssl"} <= {name.rpartition("/")[2] for name in found}


def test_an_overlay_has_what_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(b"\x7fELF")
    (tmp_path / "tool").chmod(0o755)
    files: dict[str, Path | bytes] = {"/usr/local/bin/tool": tmp_path / "tool", "/cells": b"cell 1 100\n"}
    found = read(image.overlay(files))
    assert found["usr/local/bin/tool"][0][1] == stat.S_IFREG | 0o755
    assert found["cells"] == (found["cells"][0], b"cell 1 100\n") and found["cells"][0][1] == stat.S_IFREG | 0o644
    with pytest.raises(ValueError, match="not an absolute path"):
        image.overlay({"cells": b""})
