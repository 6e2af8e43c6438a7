"""The kernels: fetched once as distribution packages, unpacked, never installed, and recorded.

vm/kernels.lock (in git) says which package of each series was last agreed on. While that one is offered it is what
is taken; when the distribution has dropped it, as mirrors do with what is superseded, the newest of the series is, and
everybody is told: the kernel has moved. A series that no suite has any more is unavailable. What was really
fetched stands in build/kernels/SERIES/record.json, and as long as that agrees with the lock nothing is asked of the
network.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from vm import bzimage
from vm.debian import VERSION_KEY, AptError, AptRoot, Package, compare_versions

TOP = Path(__file__).resolve().parent.parent
BUILD = TOP / "build"
LOCK = Path(__file__).resolve().parent / "kernels.lock"

Say = Callable[[str], None]

# Where a series is looked for: the first group which has it wins, later groups are fetched only when it does not.
SUITES: dict[str, tuple[tuple[str, ...], ...]] = {
    "5.10": (("bullseye-security",),),
    "6.1": (("bookworm-security",), ("bookworm",)),
    "6.12": (("bookworm-security",), ("trixie", "trixie-security")),
}
BACKPORTS: tuple[tuple[str, ...], ...] = (("trixie-backports",),)


class Unavailable(Exception):
    """No suite offers a kernel of this series, or it cannot be fetched."""


@dataclass(frozen=True)
class Kernel:
    """A kernel that can be booted; `sha256` is that of the package it came in, `moved_from` the locked version that is
    no longer offered."""

    series: str
    package: str
    version: str
    sha256: str
    image: Path
    moved_from: str | None = None


@dataclass(frozen=True)
class Locked:
    """One line of the lock file."""

    package: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """What was fetched for a series. `instead_of` is the locked version that was no longer offered."""

    package: str
    version: str
    sha256: str
    suite: str
    release: str
    image: str
    image_sha256: str
    instead_of: str | None = None


def read_lock(path: Path = LOCK) -> dict[str, Locked]:
    """The lock file: `SERIES PACKAGE VERSION SHA256` a line, `#` begins a comment."""
    found: dict[str, Locked] = {}
    if not path.exists():
        return found
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fields = line.split("#")[0].split()
        if not fields:
            continue
        if len(fields) != 4 or not re.fullmatch(r"[0-9a-f]{64}", fields[3]):
            raise ValueError(f"{path}:{number}: not `SERIES PACKAGE VERSION SHA256`: {line!r}")
        found[fields[0]] = Locked(*fields[1:])
    return found


def write_lock(locked: dict[str, Locked], path: Path = LOCK) -> None:
    """Write the lock file anew, oldest series first."""
    head = "# The kernels the results were made with: SERIES PACKAGE VERSION SHA256-OF-THE-PACKAGE.\n"
    head += "# Written by `python3 -m vm update`.\n"
    body = [f"{series} {lock.package} {lock.version} {lock.sha256}\n" for series, lock in locked.items()]
    body.sort(key=lambda line: [int(part) for part in line.split(" ", 1)[0].split(".")])
    path.write_text(head + "".join(body))


def name_pattern(series: str) -> re.Pattern[str]:
    """Names of packages with an image of `series`: from 6.19 on the image sits in linux-binary-*."""
    return re.compile(rf"linux-(image|binary)-{re.escape(series)}\.\d[^-]*(-[\w.]+?)??(-cloud)?-amd64(-unsigned)?")


def choose(series: str, offered: Sequence[Package]) -> Package | None:
    """The newest package of a series; of one version the cloud flavour, signed, and the one which holds the image."""

    def preference(package: Package) -> tuple[object, ...]:
        name = package.name
        return ("-cloud-" in name, VERSION_KEY(package.version), not name.endswith("-unsigned"), "-binary-" in name)

    upstream = re.compile(rf"{re.escape(series)}\.\d+[-~+]")
    fitting = [package for package in offered if upstream.match(package.version) and "-rt-" not in package.name]
    return max(fitting, key=preference) if fitting else None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Store:
    """build/kernels and build/apt of one build folder."""

    def __init__(self, build: Path = BUILD, lock: Path = LOCK) -> None:
        self.kernels = build / "kernels"
        self.apt = AptRoot(build / "apt")
        self.lock_file = lock
        self._updated: set[str] = set()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time fetches; a second one waits and then finds the files."""
        self.kernels.mkdir(parents=True, exist_ok=True)
        with (self.kernels / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def record(self, series: str) -> Record | None:
        """What is recorded for a series, whether or not the file is whole."""
        try:
            return Record(**json.loads((self.kernels / series / "record.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def present(self, series: str) -> Kernel | None:
        """The kernel, when it is here, unharmed, and the one the lock asks for."""
        record = self.record(series)
        wanted = read_lock(self.lock_file).get(series)
        if record is None:
            return None
        if wanted is not None and wanted != Locked(record.package, record.version, record.sha256):
            if record.instead_of != wanted.version:
                return None
        image = self.kernels / series / record.image
        if not image.is_file() or _digest(image) != record.image_sha256:
            return None
        return Kernel(series, record.package, record.version, record.sha256, image, record.instead_of)

    def ensure(self, series: str, say: Say) -> Kernel:
        """The kernel of a series; fetched when absent, offline when present. Raises Unavailable."""
        kernel = self.present(series)
        if kernel is None:
            with self.locked():
                kernel = self.present(series) or self._fetch(series, read_lock(self.lock_file).get(series), say)
        if kernel.moved_from is not None:
            say(f"warning: kernel {series} has moved: the locked {kernel.moved_from} is no longer offered, "
                f"{kernel.version} is used; lock it by: python3 -m vm update")
        return kernel

    def newest(self, series: str, say: Say) -> Kernel:
        """The newest kernel of a series, whatever the lock says."""
        with self.locked():
            record, package = self.record(series), self._search(series, None, say)
            if record is not None and (record.package, record.sha256) == (package.name, package.sha256):
                image = self.kernels / series / record.image
                if image.is_file() and _digest(image) == record.image_sha256:
                    return Kernel(series, record.package, record.version, record.sha256, image)
            return self._take(series, package, None, say)

    def _search(self, series: str, wanted: Locked | None, say: Say) -> Package:
        groups = SUITES.get(series, BACKPORTS)
        problems: list[str] = []
        best: Package | None = None
        for group in groups:
            try:
                self._refresh(group, say)
                problems += self.apt.problems
                offered = self.apt.packages(group, name_pattern(series))
            except AptError as error:
                raise Unavailable(f"kernel {series}: {error}") from error
            for package in offered:
                if wanted == Locked(package.name, package.version, package.sha256):
                    return package
            if best is None:
                best = choose(series, offered)
            if best is not None and wanted is None:
                break
        if best is None:
            looked = ", ".join(suite for group in groups for suite in group)
            why = "".join(f"\n  {problem}" for problem in dict.fromkeys(problems))
            names = f"linux-image-{series}.* or linux-binary-{series}.*"
            raise Unavailable(f"kernel {series}: no package {names} for amd64 in {looked}{why}")
        return best

    def _refresh(self, group: Sequence[str], say: Say) -> None:
        if set(group) <= self._updated:
            return
        first = {suite for groups in (*SUITES.values(), BACKPORTS) for suite in groups[0]}
        self._updated |= first | set(group)
        say("reading the package lists of " + ", ".join(sorted(self._updated)))
        self.apt.update(sorted(self._updated))

    def _fetch(self, series: str, wanted: Locked | None, say: Say) -> Kernel:
        package = self._search(series, wanted, say)
        instead_of = None
        if wanted is not None and wanted != Locked(package.name, package.version, package.sha256):
            if (wanted.package, wanted.version) == (package.name, package.version):
                raise Unavailable(
                    f"kernel {series}: {package.name} {package.version} is offered with another SHA-256 than"
                    f" {self.lock_file.name} has: {package.sha256}, locked {wanted.sha256}"
                )
            instead_of = wanted.version
        return self._take(series, package, instead_of, say)

    def _take(self, series: str, package: Package, instead_of: str | None, say: Say) -> Kernel:
        say(f"kernel {series}: fetching {package.name} {package.version} ({package.size / 1e6:.0f} MB)")
        with tempfile.TemporaryDirectory(dir=self.kernels, prefix=f".{series}-") as name:
            folder = Path(name)
            try:
                deb = self.apt.download(package, folder)
            except AptError as error:
                raise Unavailable(f"kernel {series}: {error}") from error
            digest = _digest(deb)
            if digest != package.sha256:
                raise Unavailable(f"kernel {series}: {deb.name} has SHA-256 {digest}, the index says {package.sha256}")
            image, release = unpack(deb, folder, say)
            deb.unlink()
            record = Record(
                package.name, package.version, package.sha256, package.suite, release, image.name, _digest(image),
                instead_of,
            )  # fmt: skip
            (folder / "record.json").write_text(json.dumps(asdict(record), indent=1) + "\n")
            place = self.kernels / series
            shutil.rmtree(place, ignore_errors=True)
            folder.chmod(0o755)
            folder.rename(place)
            folder.mkdir()  # what the context manager removes
        return Kernel(series, package.name, package.version, package.sha256, place / image.name, instead_of)


def unpack(deb: Path, folder: Path, say: Say) -> tuple[Path, str]:
    """The kernel image out of a package: the vmlinux where that can be booted, else the bzImage; and its release."""
    tree = folder / "tree"
    done = subprocess.run(["dpkg-deb", "-x", deb, tree], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"{deb.name}: dpkg-deb cannot unpack it: {done.stderr.strip()}")
    found = [*tree.glob("boot/vmlinuz-*"), *tree.glob("usr/lib/modules/*/vmlinuz"), *tree.glob("lib/modules/*/vmlinuz")]
    if len(found) != 1:
        raise Unavailable(f"{deb.name}: {len(found)} kernel images in it, one was expected")
    try:
        data = bzimage.read(found[0])
        image = _bootable(data, folder, say)
        release = bzimage.release(data)
    except bzimage.NotAKernel as error:
        raise Unavailable(f"{deb.name}: {found[0].name}: {error}") from error
    shutil.rmtree(tree)
    return image, release


def _bootable(data: bytes, folder: Path, say: Say) -> Path:
    """Write what qemu boots fastest: a vmlinux with a PVH entry, unpacked here and not by the emulated CPU."""
    if bzimage.is_bzimage(data):
        try:
            elf = bzimage.vmlinux(data)
        except bzimage.NotAKernel as error:
            say(f"warning: the bzImage is booted as it is, which is slower: {error}")
            elf = b""
        name, body = ("vmlinux", elf) if bzimage.has_pvh_entry(elf) else ("bzImage", data)
    elif bzimage.has_pvh_entry(data):
        name, body = "vmlinux", data
    else:
        raise bzimage.NotAKernel("an ELF kernel without a PVH entry (CONFIG_PVH): give its bzImage")
    (folder / name).write_bytes(body)
    return folder / name


def from_path(path: Path, build: Path = BUILD) -> Kernel:
    """A kernel of the user's own: bzImage, vmlinux, or a compressed vmlinux. Raises Unavailable."""
    try:
        digest = _digest(path)
        folder = build / "kernels" / f"file-{digest[:16]}"
        data = bzimage.read(path)
        release = bzimage.release(data)
        image = next((folder / name for name in ("vmlinux", "bzImage") if (folder / name).is_file()), None)
        if image is None:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".file-") as name:
                made = _bootable(data, Path(name), lambda _: None)
                folder.mkdir(exist_ok=True)
                image = made.rename(folder / made.name)
    except (OSError, bzimage.NotAKernel) as error:
        raise Unavailable(f"{path}: {error.strerror if isinstance(error, OSError) else error}") from error
    match = re.match(r"\d+\.\d+", release)
    return Kernel(match[0] if match else release, str(path), release, digest, image)


__all__ = ["Kernel", "Unavailable", "from_path", "Store", "compare_versions"]
