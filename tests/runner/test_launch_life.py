"""The life of a run, on real terminals and with real signals: nothing outlives it, and the command sees what it would see
without a sandbox."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from usage import open_to_others

HOLDFAST = Path(os.environ.get("BUILD", "build")).resolve() / "holdfast"
PATIENCE = 10.0
ORDINARY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
USERS = [[], ORDINARY] if os.getuid() == 0 else [[]]


def until(true: object, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def running(mark: str) -> list[int]:
    """The processes whose command line has the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


class Terminal:
    """A terminal of its own with a program at it."""

    def __init__(self, *command: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1="ready> ", TERM="dumb")
            for number in (signal.SIGINT, signal.SIGQUIT):  # a shell has its background jobs ignore them, which is inherited
                signal.signal(number, signal.SIG_DFL)
            os.execvp(command[0], command)
        self.text = ""

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def expect(self, wanted: str) -> str:
        """Waits for a text; returns what came up to its end, which is then taken off."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.text:
            assert time.monotonic() < deadline, f"no {wanted!r} in {self.text!r}"
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.fd, 4096).decode(errors="replace")
                except OSError as fault:
                    raise AssertionError(f"ended without {wanted!r}: {self.text!r}") from fault
        before, _, self.text = self.text.partition(wanted)
        return before + wanted

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """An interactive shell outside, as somebody has who types `holdfast run`."""
    monkeypatch.setenv("HF", str(HOLDFAST))
    terminal = Terminal("bash", "--norc", "--noprofile", "-i")
    terminal.expect("ready> ")
    yield terminal
    terminal.close()


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("mode", ["block", "proxy"])
@pytest.mark.parametrize("wait", [0.0, 0.002, 0.005, 0.01, 0.02, 0.3])
def test_nothing_outlives_a_supervisor_that_is_killed(user: list[str], mode: str, wait: float) -> None:
    mark = f"43{os.getpid()}{int(wait * 1000)}"
    run = subprocess.Popen([*user, str(HOLDFAST), "run", "--mode", mode, "--workdir", "/tmp", "--", "sh", "-c",
                            f"setsid sleep {mark} & sleep {mark}; true"], stderr=subprocess.DEVNULL)
    time.sleep(wait)
    run.kill()
    run.wait()
    until(lambda: not running(mark), f"still there: {running(mark)}")


def test_the_command_runs_before_it_is_killed_with_its_supervisor() -> None:
    """The control of the test above: the processes it looks for do exist."""
    mark = f"44{os.getpid()}"
    run = subprocess.Popen([str(HOLDFAST), "run", "--workdir", "/tmp", "--", "sh", "-c",
                            f"setsid sleep {mark} & sleep {mark}; true"], stderr=subprocess.DEVNULL)
    until(lambda: len(running(f"sleep\0{mark}")) == 2, "the command never ran")
    run.kill()
    run.wait()
    until(lambda: not running(mark), f"still there: {running(mark)}")


def test_ctrl_c_reaches_the_command_and_its_status_comes_back(shell: Terminal) -> None:
    """Perl, not sh: dash loses a signal that comes while it vforks."""
    shell.type("$HF run --workdir /tmp -- perl -e '$|=1; $SIG{INT}=sub {print \"got-it\\n\"; exit 5}; print \"go\\n\";"
               " sleep 1 while 1'\n")
    shell.expect("\ngo")
    shell.type("\x03")
    shell.expect("got-it")
    shell.expect("ready> ")
    shell.type("echo status=$?\n")
    shell.expect("status=5")


def test_ctrl_c_comes_once() -> None:
    """From the terminal, and not from the supervisor, which gets it too: later here, so that two would not look like one."""
    terminal = Terminal(str(HOLDFAST), "run", "--workdir", "/tmp", "--", "perl", "-e",
                        '$|=1; $SIG{INT}=sub {print "got-it\\n"}; print "go\\n"; sleep 1 until <STDIN>; print "ended\\n"')
    terminal.expect("go\r\n")
    time.sleep(0.3)  # until the supervisor knows that it runs: what comes before that is sent on
    os.kill(terminal.pid, signal.SIGSTOP)
    terminal.type("\x03")
    terminal.expect("got-it")
    os.kill(terminal.pid, signal.SIGCONT)
    time.sleep(0.3)
    terminal.type("\n")
    assert "got-it" not in terminal.expect("ended")
    terminal.close()


@pytest.mark.parametrize(("before", "typed"), [([], "\x03"), (["env", "--ignore-signal=INT"], "\x03\x1c")], ids=["one", "two"])
def test_what_is_typed_is_heard_while_the_sandbox_is_being_set_up(before: list[str], typed: str) -> None:
    """At forty moments of a start, which takes a few milliseconds. Of two the first is ignored, so that the other must come."""
    for moment in range(40):
        terminal = Terminal(*before, str(HOLDFAST), "run", "--workdir", "/tmp", "--", "sleep", "30")
        while os.readlink(f"/proc/{terminal.pid}/exe") != str(HOLDFAST):
            pass
        due = time.perf_counter() + moment / 10_000
        while time.perf_counter() < due:
            pass
        terminal.type(typed)
        until(lambda: os.waitid(os.P_PID, terminal.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT), f"lost at {moment}")
        terminal.close()


def test_ctrl_z_stops_the_run_and_fg_continues_it(shell: Terminal) -> None:
    shell.type("$HF run --workdir /tmp -- sh -c 'echo go; read line; echo read-$line'\n")
    shell.expect("\ngo")
    shell.type("\x1a")
    shell.expect("Stopped")
    shell.expect("ready> ")
    shell.type("fg\n")
    shell.expect("run --workdir")
    shell.type("word\n")
    shell.expect("\nread-word")


def test_a_command_that_stops_itself_stops_the_run(shell: Terminal) -> None:
    shell.type("$HF run --workdir /tmp -- sh -c 'kill -TSTP $$; echo went-on'\n")
    shell.expect("Stopped")
    shell.expect("ready> ")
    shell.type("fg\n")
    shell.expect("\nwent-on")


def test_a_shell_inside_has_job_control(shell: Terminal) -> None:
    shell.type("$HF run --workdir /tmp -- bash --norc --noprofile -i\n")
    assert "job control" not in shell.expect("ready> ")
    shell.type("sleep 100\n")
    time.sleep(0.2)
    shell.type("\x1a")
    shell.expect("Stopped")
    shell.expect("ready> ")
    shell.type("kill -KILL %1; sleep 0.5; echo still-$((40 + 2))\n")
    shell.expect("still-42")
    shell.type("exit 7\n")
    shell.expect("ready> ")
    shell.type("echo status=$?\n")
    shell.expect("status=7")


def test_the_window_size_reaches_the_command(shell: Terminal) -> None:
    shell.type("$HF run --workdir /tmp -- bash -c 'trap \"stty size; exit\" WINCH; echo go; while :; do sleep 0.05; done'\n")
    shell.expect("\ngo")
    fcntl.ioctl(shell.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 121, 0, 0))
    shell.expect("33 121")


STI = ("import ctypes\n"
       "libc = ctypes.CDLL(None, use_errno=True)\n"
       "for name, command in (('sti', 0x5412), ('linux', 0x541c), ('high-half', 0x5412 | 1 << 32)):\n"
       "    got = libc.syscall(16, 0, ctypes.c_ulong(command), ctypes.c_char_p(b'x'))\n"
       "    print(name, got, ctypes.get_errno())\n")


@pytest.mark.skipif(os.getuid() != 0, reason="the control needs CAP_SYS_ADMIN, without which newer kernels deny it anyway")
def test_nothing_can_be_typed_into_the_terminal(shell: Terminal, tmp_path: Path) -> None:
    script = tmp_path / "sti.py"
    script.write_text(STI)
    tmp_path.chmod(0o755)
    shell.type(f"/usr/bin/python3 {script}\n")  # the control
    shell.expect("sti 0 0")
    shell.expect("ready> ")
    shell.type(f"\x15$HF run --workdir {tmp_path} -- /usr/bin/python3 {script}\n")
    shell.expect("sti -1 1")
    shell.expect("linux -1 1")
    shell.expect("high-half -1 1")


def test_a_caller_that_ignores_its_children_gets_the_status() -> None:
    """SIGCHLD ignored is inherited over exec (signal(7))."""
    code = ("import os, signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN);"
            f"os.execv('{HOLDFAST}', ['holdfast', 'run', '--workdir', '/tmp', '--',"
            " 'grep', '-h', 'SigIgn', '/proc/self/status', '/no/such/file'])")
    done = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert int(done.stdout.split()[1], 16) & 1 << signal.SIGCHLD - 1


@pytest.mark.parametrize("mode", ["block", "proxy"])
def test_a_pipe_ends_when_the_command_closes_it(mode: str) -> None:
    run = subprocess.Popen([str(HOLDFAST), "run", "--mode", mode, "--workdir", "/tmp", "--", "sh", "-c",
                            "echo out; exec >&-; sleep 4321"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert run.stdout
    assert select.select([run.stdout], [], [], PATIENCE)[0]
    assert os.read(run.stdout.fileno(), 100) == b"out\n"
    ended = select.select([run.stdout], [], [], 2.0)[0] and os.read(run.stdout.fileno(), 1) == b""
    run.kill()
    run.wait()
    assert ended


@pytest.mark.parametrize("mode", ["block", "proxy"])
def test_who_writes_into_a_pipe_is_told_when_the_command_reads_no_more(mode: str) -> None:
    """Nobody else has the command's standard input, the proxy least of all."""
    run = subprocess.Popen([str(HOLDFAST), "run", "--mode", mode, "--workdir", "/tmp", "--", "sh", "-c",
                            "exec <&-; echo closed; sleep 4322"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
    assert run.stdin and run.stdout and run.stdout.readline() == b"closed\n"
    told = select.poll()
    told.register(run.stdin, select.POLLERR)
    ended = told.poll(2000)
    run.kill()
    run.wait()
    assert ended


def test_a_time_limit_holds_for_a_command_that_stops_itself() -> None:
    run = subprocess.run([str(HOLDFAST), "run", "--workdir", "/tmp", "--timeout", "1", "--", "sh", "-c", "kill -STOP $$"],
                         timeout=PATIENCE, check=False)
    assert run.returncode == 124


def test_what_a_killed_run_left_is_removed_by_the_next_and_no_others(tmp_path: Path) -> None:
    """In proxy mode, which has a directory of its own; as an ordinary user, who may name the place for it."""
    for folder in ("runtime", "work"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder).chmod(0o777)
    place = tmp_path / "runtime"
    open_to_others(tmp_path)
    command = [*USERS[-1], str(HOLDFAST), "run", "--mode", "proxy", "--workdir", str(tmp_path / "work"), "--"]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(place)}
    runs = [subprocess.Popen([*command, "sleep", "301.25"], env=environment) for _ in range(2)]
    until(lambda: len(running("301.25")) >= 4 and len(list(place.glob("*/proxy.env"))) == 2, "both run")
    killed, alive = runs
    killed.kill()
    killed.wait()
    left = sorted(place.iterdir())
    assert len(left) == 2
    subprocess.run([*command, "true"], env=environment, check=True)
    assert sorted(place.iterdir()) == left, "a fresh one may be of a run that has not locked it yet"
    for folder in left:
        os.utime(folder, (0, 0))
    subprocess.run([*command, "true"], env=environment, check=True)
    kept = list(place.iterdir())
    assert len(kept) == 1 and kept[0] in left
    assert alive.poll() is None
    alive.terminate()
    alive.wait()
    assert not list(place.iterdir())


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1), (0, 1, 2)])
@pytest.mark.parametrize("user", USERS)
def test_a_stream_that_is_closed_stays_so_and_no_other_takes_its_place(user: list[str], closed: tuple[int, ...],
                                                                       tmp_path: Path) -> None:
    """As a daemon starts what it starts; the number must not become a descriptor of the runtime's."""
    open_to_others(tmp_path)
    tmp_path.chmod(0o777)
    closing = " ".join(f"{stream}>&-" for stream in closed)
    done = subprocess.run(["timeout", "--signal=KILL", str(PATIENCE), "sh", "-c", f'exec "$@" {closing}', "sh", *user,
                           str(HOLDFAST), "run", "--workdir", str(tmp_path),
                           "--", "sh", "-c", "for fd in 0 1 2 3 4 5 6; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done > open"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == 0
    assert (tmp_path / "open").read_text().split() == [str(fd) for fd in range(3) if fd not in closed or fd == 1]


def outside(run: int) -> list[int]:
    """The runtime's own processes beside the command: the proxy, and where a policy has binaries the porter."""
    children = [int(pid) for pid in Path(f"/proc/{run}/task/{run}/children").read_text().split()]
    inits = {pid for pid in children if Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()}
    assert len(inits) == 1
    return [pid for pid in children if pid not in inits]


BINARIES = """\
version: 1
network_policies:
  a: {name: a, endpoints: [{host: localhost, port: 9}], binaries: [{path: /usr/bin/curl}]}
"""
ANYBODY = BINARIES.replace(", binaries: [{path: /usr/bin/curl}]", "")


@pytest.mark.parametrize("number, victim", [(1, 0), (2, 0), (2, 1)], ids=["proxy", "porter", "proxy of two"])
def test_a_proxy_that_ends_is_told_and_nothing_is_let_out(number: int, victim: int, tmp_path: Path) -> None:
    place, policy = tmp_path / "said", tmp_path / "policy.yaml"
    policy.write_text(ANYBODY if number == 1 else BINARIES)
    script = ("head -n 1 >/dev/null; curl -s --max-time 5 -o /dev/null http://localhost:9/; echo curl $?; "
              "sleep 302.5")
    with place.open("w") as said:
        run = subprocess.Popen([str(HOLDFAST), "run", "--policy", str(policy), "--", "sh", "-c", script], stderr=said,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert run.stdin and run.stdout
        until(lambda: len(running("302.5")) >= 3 + number, "the proxy runs")
        beside = outside(run.pid)
        assert len(beside) == number
        os.kill(beside[victim], signal.SIGKILL)
        until(lambda: "the proxy ended; the command has no network any more" in place.read_text(), "it is told")
        until(lambda: not outside(run.pid), "the other has ended with it")
        run.stdin.write("\n")
        run.stdin.flush()
        assert run.stdout.readline() == "curl 7\n", "it could still be connected to"
        assert run.poll() is None
        run.terminate()
        run.wait()
    assert place.read_text().count("the proxy ended") == 1


def seconds_of_the_end(victim: int, tmp_path: Path) -> float:
    """From SIGTERM on, of a run whose proxy or porter is gone."""
    place, policy = tmp_path / "said", tmp_path / "policy.yaml"
    policy.write_text(BINARIES)
    with place.open("w") as said:
        mark = f"302.{os.getpid()}75"
        run = subprocess.Popen([HOLDFAST, "run", "--policy", policy, "--log", tmp_path / "log", "--", "sleep", mark],
                               stderr=said)
        try:
            until(lambda: len(running(mark)) >= 5, "the proxy runs")
            os.kill(outside(run.pid)[victim], signal.SIGKILL)
            until(lambda: "the proxy ended" in place.read_text(), "it is told")
        finally:
            begun = time.monotonic()
            run.terminate()
            run.wait()
        return time.monotonic() - begun


@pytest.mark.parametrize("victim", [0, 1], ids=["porter", "proxy"])
def test_a_run_does_not_wait_for_the_log_of_a_proxy_that_is_gone(victim: int, tmp_path: Path) -> None:
    """For which it has a second where there is one."""
    assert any(seconds_of_the_end(victim, tmp_path) < 0.9 for _ in range(3))


FAILS = """\
#include <errno.h>
int %s
{
    errno = %s;
    return -1;
}
"""


@pytest.mark.parametrize("call, errno, what", [
    ("setenv(const char *name, const char *value, int overwrite)", "ENOMEM", "the environment"),
    ("dup2(int from, int to)", "EBADF", "the log")], ids=["environment", "log"])
def test_a_run_whose_log_or_environment_cannot_be_set_is_refused(call: str, errno: str, what: str, tmp_path: Path) -> None:
    """By a library that stands before the system's, for no system fails so by itself."""
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "fails.so", "-xc", "-"], input=FAILS % (call, errno),
                   text=True, check=True)
    policy = tmp_path / "policy.yaml"
    policy.write_text(ANYBODY)
    done = subprocess.run([HOLDFAST, "run", "--policy", policy, "--log", tmp_path / "log", "--", "echo", "ran"],
                          env={**os.environ, "LD_PRELOAD": str(tmp_path / "fails.so")}, capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (125, "")
    assert f"{what} ({errno}" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can look at a process that is not dumpable")
def test_who_observes_has_no_input_but_holds_its_place() -> None:
    """What is opened later must not be taken for a stream."""
    mark = f"302.{os.getpid()}875"
    run = subprocess.Popen([HOLDFAST, "why", "--", "sleep", mark], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        until(lambda: len(running(mark)) >= 3, "the command runs")
        until(lambda: os.readlink(f"/proc/{run.pid}/fd/0") == "/dev/null", "the input is given up")
    finally:
        run.terminate()
        run.wait()


TERMINATES = """\
version: 1
network_policies:
  site: {name: site, endpoints: [{host: localhost, port: 8443, protocol: rest, tls: terminate, access: read-only}]}
"""
# Of what reads it: OpenSSL, curl, requests, pip, git, cargo, the AWS tools, gRPC, Nix; deno and Node, which trust it beside
# their own.
TRUSTS = {name: "bundle.pem" for name in (
    "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO",
    "AWS_CA_BUNDLE", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", "NIX_SSL_CERT_FILE")} | dict.fromkeys(
    ("DENO_CERT", "NODE_EXTRA_CA_CERTS"), "ca.pem")


def terminating(tmp_path: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    policy = tmp_path / "policy.yaml"
    policy.write_text(TERMINATES)
    kept = {name: value for name, value in os.environ.items() if name not in TRUSTS}
    return subprocess.run([HOLDFAST, "run", "--policy", policy, "--", *command], env=kept | more, capture_output=True,
                          text=True, check=False)


def test_every_program_is_told_whom_to_trust_where_the_proxy_ends_tls(tmp_path: Path) -> None:
    done = terminating(tmp_path, "env", "-0", NO_PROXY="*", no_proxy="*", PIP_CERT="/another")
    assert done.returncode == 0, done.stderr
    told = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    directory = told["HOLDFAST_RUN_DIRECTORY"]
    assert {name: told.get(name) for name in TRUSTS} == {name: f"{directory}/{file}" for name, file in TRUSTS.items()}
    assert not {"NO_PROXY", "no_proxy"} & set(told)


def test_a_run_whose_proxy_can_trust_nobody_is_refused(tmp_path: Path) -> None:
    done = terminating(tmp_path, "true", SSL_CERT_FILE="/dev/null")
    assert done.returncode == 125
    assert done.stderr.startswith("holdfast: refused at proxy: the policy has tls: terminate, and the proxy cannot end TLS here: "
                                  "there is no certificate in the file of roots [HF-TLS-UNAVAILABLE]\n")
    assert "or name another file of certificates in SSL_CERT_FILE" in done.stderr


@pytest.mark.parametrize("user", USERS)
def test_the_processes_beside_the_command_are_confined(user: list[str], tmp_path: Path) -> None:
    """What they cannot do is tests/unit/test_confine.c's; here they are those of a run."""
    open_to_others(tmp_path)
    policy = tmp_path / "policy.yaml"
    policy.write_text(BINARIES)
    run = subprocess.Popen([*user, str(HOLDFAST), "run", "--policy", str(policy), "--", "sleep", "304.5"],
                           stderr=subprocess.DEVNULL)
    until(lambda: len(running("304.5")) >= 5, "the proxy runs")
    try:
        beside = outside(run.pid)
        assert len(beside) == 2
        for pid in beside:
            rows = (row.split(":\t", 1) for row in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in row)
            status = dict(rows)
            assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
            sets = ("CapInh", "CapPrm", "CapEff", "CapAmb", *(() if user else ("CapBnd",)))
            assert {int(status[name], 16) for name in sets} == {0}
            limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
            assert next(row.split()[4:6] for row in limits if row.startswith("Max core")) == ["0", "0"]
            same_user = subprocess.run([*(user or ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]), "cat",
                                        f"/proc/{pid}/environ"], capture_output=True, check=False)
            assert same_user.returncode != 0, "another process of its user looks into it"
    finally:
        run.terminate()
        run.wait()


CHROOT = """
set -e
cd "$1"
mkdir -p usr etc dev proc tmp work
for link in bin sbin lib lib64; do ln -s usr/$link $link; done
mount --bind /usr usr && mount --bind /etc etc && mount --rbind /dev dev
cp "$2" work/holdfast
[ "$3" = without ] || mount -t proc proc proc
exec chroot . /work/holdfast run --mode block --workdir /tmp -- echo ran
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can change its root")
@pytest.mark.skipif(not Path("/bin").is_symlink(), reason="/bin is not /usr/bin here")
@pytest.mark.parametrize("proc", ["with", "without"])
def test_in_a_chroot(proc: str, tmp_path: Path) -> None:
    """Its / is no mount point. Where /proc is none either, a mount of the sandbox's could come out of it."""
    done = subprocess.run(["unshare", "--mount", "sh", "-c", CHROOT, "sh", tmp_path, HOLDFAST, proc], capture_output=True,
                          text=True, check=False)
    if proc == "with":
        assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr
    else:
        assert done.returncode == 125 and done.stdout == "", done.stderr
        assert "making the mounts the sandbox's own (EINVAL: Invalid argument) [HF-NAMESPACE-UNAVAILABLE]" in done.stderr
        assert "in which neither / nor /proc is one: mount a /proc there" in done.stderr
