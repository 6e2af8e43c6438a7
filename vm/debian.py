"""The distribution's packages: a private apt root that knows the suites with kernels, and a reader of its index.

Nothing is installed and the machine's own apt state is not touched: lists, cache and sources lie under build/apt,
so that an ordinary user can do it too. Where the mirrors are is asked of the machine (`apt-get indextargets`); what
they send is checked by apt against the distribution's keyring. A file list without a signature, or with one by an
unknown key, is not used.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from pathlib import Path

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# -c files are read after the machine's configuration: its proxies and credentials stay, its hooks do not (they would
# tidy the system's own cache, which is not ours).
CONFIG = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "{root}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{root}/state";
Dir::State::status "{root}/status";
Dir::Cache "{root}/cache";
Acquire::GzipIndexes "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "{user}";
Acquire::Retries "3";
"""


class AptError(Exception):
    """apt could not be asked, or what it fetched is not to be trusted."""


@dataclass(frozen=True)
class Package:
    """One binary package as the signed index of a suite describes it."""

    name: str
    version: str
    sha256: str
    size: int
    suite: str


def _order(char: str) -> int:
    if char == "~":
        return -1
    if char.isalpha():
        return ord(char)
    return ord(char) + 256


def _compare_part(one: str, other: str) -> int:
    """deb-version(7): by turns a text (tilde before its end, letters before the rest) and a number."""
    while one or other:
        texts = [re.match(r"[^0-9]*", part)[0] for part in (one, other)]  # type: ignore[index]
        for at in range(max(map(len, texts))):
            left, right = (_order(text[at]) if at < len(text) else 0 for text in texts)
            if left != right:
                return left - right
        one, other = one[len(texts[0]) :], other[len(texts[1]) :]
        numbers = [re.match(r"[0-9]*", part)[0] for part in (one, other)]  # type: ignore[index]
        if int(numbers[0] or 0) != int(numbers[1] or 0):
            return int(numbers[0] or 0) - int(numbers[1] or 0)
        one, other = one[len(numbers[0]) :], other[len(numbers[1]) :]
    return 0


def compare_versions(one: str, other: str) -> int:
    """Negative, zero or positive as `one` is older than, the same as, or newer than `other`."""
    parts = []
    for version in (one, other):
        epoch, _, rest = version.rpartition(":") if ":" in version else ("0", "", version)
        upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
        parts.append((int(epoch), upstream, revision))
    (epoch1, upstream1, revision1), (epoch2, upstream2, revision2) = parts
    return (epoch1 - epoch2) or _compare_part(upstream1, upstream2) or _compare_part(revision1, revision2)


VERSION_KEY = cmp_to_key(compare_versions)


def read_index(text: str, suite: str, wanted: re.Pattern[str]) -> Iterator[Package]:
    """The packages of a Packages file whose name matches `wanted`."""
    for match in re.finditer(r"^Package: (\S+)\n(.*?)(?=^\s*$|\Z)", text, re.MULTILINE | re.DOTALL):
        if not wanted.fullmatch(match[1]):
            continue
        fields = dict(re.findall(r"^(Version|SHA256|Size): (\S+)$", match[2], re.MULTILINE))
        if {"Version", "SHA256", "Size"} <= fields.keys():
            yield Package(match[1], fields["Version"], fields["SHA256"], int(fields["Size"]), suite)


def read_mirrors(lines: Iterable[str]) -> dict[str, str]:
    """From `ORIGIN|REPO_URI|RELEASE` lines the addresses of the `main` and the `security` mirror.

    ORIGIN is what the signed Release file says; where the machine has not fetched it, apt leaves `$(ORIGIN)` as it
    is, and then only addresses that end as Debian's do are taken, since third parties' lists stand beside them.
    """
    found: dict[str, str] = {}
    for line in lines:
        origin, _, rest = line.strip().partition("|")
        uri, _, release = rest.partition("|")
        by_address = origin == "$(ORIGIN)" and re.search(r"/debian(-security)?/?$", uri) is not None
        if origin == "Debian" or by_address:
            found.setdefault("security" if release.endswith("-security") else "main", uri)
    return found


def _mirrors() -> dict[str, str]:
    """Where this machine gets its packages from; HOLDFAST_MIRROR and HOLDFAST_SECURITY_MIRROR say it for others."""
    found: dict[str, str] = {}
    # Without release info too: the lists of a fresh container were never fetched.
    for option in ("--no-release-info", "--release-info"):
        command = ["apt-get", option, "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)"]
        done = _run([*command, "Created-By: Packages"], "ask apt for the mirrors of this machine")
        found.update(read_mirrors(done.stdout.splitlines()))
    for name, variable in (("main", "HOLDFAST_MIRROR"), ("security", "HOLDFAST_SECURITY_MIRROR")):
        if variable in os.environ:
            found[name] = os.environ[variable]
    return found


def _run(command: Sequence[str], what: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace", check=False, env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except FileNotFoundError as error:
        raise AptError(f"cannot {what}: {command[0]} is not installed") from error


class AptRoot:
    """The private apt root under `root` (the caller holds the lock on it)."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.config = self.root / "apt.conf"
        self.problems: list[str] = []

    def _write(self, suites: Sequence[str]) -> None:
        keyring = os.environ.get("HOLDFAST_KEYRING", KEYRING)
        if not Path(keyring).is_file():
            raise AptError(f"no keyring {keyring}: install debian-archive-keyring, or name one in HOLDFAST_KEYRING")
        mirrors = _mirrors()
        lines = []
        for suite in suites:
            kind = "security" if suite.endswith("-security") else "main"
            if kind in mirrors:
                lines.append(f"deb [arch=amd64 signed-by={keyring}] {mirrors[kind]} {suite} main\n")
            else:
                variable = "HOLDFAST_SECURITY_MIRROR" if kind == "security" else "HOLDFAST_MIRROR"
                self.problems.append(f"{suite}: this machine has no {kind} mirror; name one in {variable}")
        for folder in ("state/lists/partial", "cache/archives/partial"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        (self.root / "sources.list").write_text("".join(lines))
        # apt run by root gives its rights away to `_apt`, who may not enter a checkout in somebody's home.
        user = "root" if os.geteuid() == 0 else ""
        self.config.write_text(CONFIG.format(root=self.root, user=user))

    def update(self, suites: Sequence[str]) -> None:
        """Fetch the indexes of `suites`; what went wrong with one of them is kept in `problems`."""
        self.problems = []
        self._write(suites)
        done = _run(["apt-get", "-c", str(self.config), "-q", "update"], "update the package lists")
        (self.root / "update.log").write_text(done.stdout + done.stderr)
        for line in done.stderr.splitlines():
            if line.startswith(("E:", "W:")):
                self.problems.append(explain(line))

    def suites(self) -> dict[str, Path]:
        """The suites whose (verified) index is here, each with its file."""
        if not self.config.exists():
            return {}
        command = ["apt-get", "-c", str(self.config), "indextargets", "--format", "$(RELEASE) $(FILENAME)"]
        done = _run([*command, "Created-By: Packages"], "list the fetched package lists")
        pairs = (line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
        return {suite: Path(file) for suite, file in pairs if Path(file).is_file()}

    def packages(self, suites: Sequence[str], wanted: re.Pattern[str]) -> list[Package]:
        """What `suites` offer under a name like `wanted`."""
        found: list[Package] = []
        for suite, file in self.suites().items():
            if suite in suites:
                found.extend(read_index(file.read_text(errors="replace"), suite, wanted))
        return found

    def download(self, package: Package, folder: Path) -> Path:
        """Fetch a package as a file; apt checks it against the signed index."""
        name = f"{package.name}={package.version}"
        command = ["apt-get", "-c", str(self.config), "-q", "download", name]
        done = _run(command, f"download {name}", cwd=folder)
        files = list(folder.glob(f"{package.name}_*.deb"))
        if done.returncode != 0 or len(files) != 1:
            raise AptError(f"cannot download {name}: {done.stderr.strip() or 'no file came'}")
        return files[0]


def explain(line: str) -> str:
    """An apt message, with the remedy where the signature is what failed."""
    line = line.strip()
    if keys := re.findall(r"NO_PUBKEY ([0-9A-F]+)", line):
        lacking = " and ".join(keys)
        return f"{line} (the keyring lacks {lacking}: upgrade debian-archive-keyring, or set HOLDFAST_KEYRING)"
    if "EXPKEYSIG" in line or "KEYEXPIRED" in line:
        return f"{line} (its key has expired: upgrade debian-archive-keyring)"
    if "Valid-Until" in line or "Release file" in line and "expired" in line:
        return f"{line} (the suite is no longer renewed: it may have moved to an archive)"
    return line
