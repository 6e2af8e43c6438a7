"""One way to start a sandbox: who, in which mode, at which level, by lists or by the default set. And a place for it."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

ORDINARY = 65534


@dataclass(frozen=True)
class Setting:
    user: int  # who starts it
    runs_as: int
    mode: str
    level: str | None  # None: the section is left out
    lists: bool

    @property
    def name(self) -> str:
        who = "root" if self.user == 0 else "user"
        if self.runs_as != self.user:
            who += " as another user"
        return f"{who}, {self.mode}, {self.level or 'landlock omitted'}, {'lists' if self.lists else 'the default set'}"

    @property
    def beside(self) -> str:
        """The processes beside the sandbox's own; with `binaries` one finds out who asks."""
        return "porter,proxy" if self.lists else "proxy"

    def policy(self, place: Path) -> str:
        lines = ["version: 1"]
        if self.lists:
            lines.append(f"filesystem_policy: {{read_only: [{place}/readable, {place}/witness], read_write: [{place}/work]}}")
        if self.level:
            lines.append(f"landlock: {{compatibility: {self.level}}}")
        if self.runs_as != self.user:
            lines.append(f"process: {{run_as_user: '{self.runs_as}', run_as_group: '{self.runs_as}'}}")
        if self.mode == "proxy":
            programs = f", binaries: [{{path: {place}/witness/witness}}]" if self.lists else ""
            lines.append(f"network_policies: {{a: {{name: a, endpoints: [{{host: unreachable.test, port: 443}}]{programs}}}}}")
        return "\n".join(lines) + "\n"


QUICK = (Setting(0, ORDINARY, "proxy", "hard_requirement", True), Setting(ORDINARY, ORDINARY, "block", None, False))
ALL = tuple(Setting(user, runs_as, mode, level, lists)
            for user, runs_as in ((0, 0), (0, ORDINARY), (ORDINARY, ORDINARY))
            for mode in ("block", "proxy")
            for level in (None, "best_effort", "hard_requirement")
            for lists in (True, False))


def _listener_of_a_low_port() -> socket.socket:
    """Below the ports that a kernel chooses by itself (ip(7), ip_local_port_range): the proxy has one of those inside, and that
    it can be reached there would be taken for a way out."""
    for port in range(20000 + os.getpid() % 10000, 32768):
        try:
            return socket.create_server(("127.0.0.1", port), backlog=1000)
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
    raise OSError(errno.EADDRINUSE, "no port for the host's side of the faults")


def _process_of_a_high_number() -> subprocess.Popen[bytes]:
    """One that no process of a sandbox shares its number with, which count from 1."""
    command = ["setpriv", "--pdeathsig", "KILL", "sleep", "infinity"]
    while (process := subprocess.Popen(command)).pid < 50:
        process.kill()
        process.wait()
    return process


class Place:
    """Files that the policy names and does not name, and what a sandbox must not reach: below no path of the default set."""

    def __init__(self, witness: Path, folder: Path) -> None:
        self.path = folder / f"{os.getpid():08}"  # the same length always: columns of a policy are told
        self.path.mkdir()
        for name in ("readable", "work", "witness", "run"):
            (self.path / name).mkdir()
            (self.path / name).chmod(0o777)
        self.restore()
        self.witness = self.copy(witness)
        self._tcp = _listener_of_a_low_port()
        self._unix = socket.socket(socket.AF_UNIX)
        self._name = f"holdfast-faults-{os.getpid()}"
        self._unix.bind("\0" + self._name)
        self._unix.listen(1000)
        self._outside = _process_of_a_high_number()
        self.secret = os.open(self.path / "secret", os.O_RDONLY)  # inherited by every run, and to be closed by it

    def restore(self) -> None:
        """What a command whose files nothing protects, and that was said, may have cut short or removed."""
        for name in ("secret", "readable/file"):
            (self.path / name).write_text("what is in it\n")
            (self.path / name).chmod(0o666)

    def copy(self, program: Path) -> Path:
        copied = self.path / "witness" / program.name
        copied.write_bytes(program.read_bytes())
        copied.chmod(0o755)
        return copied

    def policy(self, setting: Setting) -> Path:
        policy = self.path / f"{setting.name.replace(' ', '-')}.yaml"
        if not policy.exists():
            policy.write_text(setting.policy(self.path))
        return policy

    def command(self, holdfast: Path, setting: Setting) -> list[str]:
        """A run with the witness as its command. In the default set the working directory is the place's."""
        work = self.path / ("work" if setting.lists else "witness")
        port = str(self._tcp.getsockname()[1])
        return [str(holdfast), "run", "--policy", str(self.policy(setting)), "--workdir", str(work), "--", str(self.witness),
                str(self.path / "secret"), str(self.path / "readable/file") if setting.lists else "-", str(work),
                setting.mode, str(setting.runs_as), port, self._name, str(self._outside.pid)]
