"""Who asks: real programs in a real sandbox, and what becomes of each way to be somebody else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runner.proxy_world import ROOT, Upstream, web

HOLDFAST = ROOT / "build" / "holdfast"
PYTHON, CURL, BASH, SH = "/usr/bin/python3", "/usr/bin/curl", "/usr/bin/bash", "/bin/sh"
# In each: `proxy` is the proxy's address, `head` a request, `ask` prints the status that a socket is answered.
BEGIN = """\
import ctypes, os, socket, sys, threading, time
name, port = os.environ["HTTPS_PROXY"].rsplit("/", 1)[1].split(":")
head = "CONNECT {0} HTTP/1.1\\r\\nHost: {0}\\r\\n\\r\\n".format("127.0.0.1:" + sys.argv[1]).encode()
proxy = socket.create_connection((name, int(port)))
def ask():
    proxy.sendall(head)
    print(proxy.recv(4096).decode().split(" ")[1], flush=True)
"""


@pytest.fixture(params=["root", "ordinary", "run_as_user"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Path, str]]:
    """A folder that the command owns, and who starts the sandbox."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to be others too")
    with tempfile.TemporaryDirectory(prefix="hf-who-") as name:
        shutil.copy(HOLDFAST, name)
        for path in (Path(name), Path(name, "holdfast")):
            os.chmod(path, 0o755)
            if request.param != "root":
                os.chown(path, 65534 if request.param == "run_as_user" else 1000, -1)
        yield Path(name), request.param


def asked(place: tuple[Path, str], binaries: list[str], script: str, command: str = "") -> tuple[str, list[dict[str, Any]]]:
    """What the command prints, and the decisions. `command` is one of the shell's, by default the script."""
    folder, starter = place
    (folder / "script.py").write_text(BEGIN + script)
    with Upstream(web) as upstream:
        policy = {"version": 1, "network_policies": {"up": {
            "endpoints": [{"host": "127.0.0.1", "port": upstream.port}], "binaries": [{"path": path} for path in binaries]}}}
        if starter == "run_as_user":
            policy["process"] = {"run_as_user": "65534", "run_as_group": "65534"}
        text = Path(folder, "policy.yaml")
        text.write_text(json.dumps(policy))
        log = folder / "log"
        log.touch()
        log.chmod(0o666)
        command = command or f"exec {PYTHON} script.py $PORT"
        done = subprocess.run(
            [*(["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"] if starter == "ordinary" else []),
             str(folder / "holdfast"), "run", "--policy", str(text), "--log", str(log), "--", BASH, "-c", command],
            cwd=folder, env=os.environ | {"PORT": str(upstream.port)}, capture_output=True, text=True, timeout=30)
        decisions = [json.loads(row) for row in log.read_text().splitlines()]
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), [one for one in decisions if one["event"] == "decision"]


FETCH = "-sp -o /dev/null -w '%{http_connect}\\n' http://127.0.0.1:$PORT/"


def test_curl_is_let_out_and_python_is_not(place: tuple[Path, str]) -> None:
    out, decisions = asked(place, [CURL], "ask()", f"curl {FETCH}; {PYTHON} script.py $PORT")
    assert out.split() == ["200", "403"]
    assert decisions[0]["program"] == CURL and decisions[0]["verdict"] == "allow"
    assert decisions[1]["program"] == os.path.realpath(PYTHON) and decisions[1]["failed"] == "program"
    assert decisions[1]["rule"] == "up" and decisions[1]["process"] > 1


def test_bash_asks_itself(place: tuple[Path, str]) -> None:
    speak = ('host=${HTTPS_PROXY##*/}; exec 3<>/dev/tcp/${host/://}; printf "CONNECT 127.0.0.1:$PORT HTTP/1.1\\r\\n'
             'Host: 127.0.0.1:$PORT\\r\\n\\r\\n" >&3; read -r _ status _ <&3; echo $status')
    assert asked(place, [BASH], "", speak)[0] == "200"
    assert asked(place, [CURL], "", speak)[0] == "403"


def test_a_link_that_the_command_replaces_leads_to_nobody_new(place: tuple[Path, str]) -> None:
    link = place[0] / "program"
    link.symlink_to(PYTHON)
    if place[1] != "root":
        os.chown(link, place[0].stat().st_uid, -1, follow_symlinks=False)
    again = f"./program script.py $PORT; cp {PYTHON} new; mv new program; ./program script.py $PORT"
    out, decisions = asked(place, [str(link)], "ask()", again)
    assert out.split() == ["200", "403"], decisions


@pytest.mark.parametrize("binaries, script, command, answer", [
    pytest.param([PYTHON], "ask()", "", "200", id="a link leads to the program"),
    pytest.param(["/usr/bin/python3*"], "ask()", "", "200", id="a pattern"),
    pytest.param([BASH], "ask()", f"{PYTHON} script.py $PORT; true", "200", id="an ancestor"),
    pytest.param([BASH], "ask()", "(PYTHON script.py $PORT &) ; sleep 0.5", "403", id="a parent that has ended is none"),
    pytest.param(["/tmp/hf-who-*/script"], "ask()",
                 f"(echo '#!{PYTHON}'; cat script.py) > script; chmod +x script; ./script $PORT", "403",
                 id="a script is its interpreter"),
    pytest.param([CURL], "", f"/lib64/ld-linux-x86-64.so.2 {CURL} {FETCH}; true", "403", id="a loader is itself"),
    pytest.param(["/tmp/hf-who-*/copy"], "os.unlink('copy'); ask()",
                 f"cp {PYTHON} copy; ./copy script.py $PORT", "403", id="deleted"),
    pytest.param(["/tmp/hf-who-*/copy"], "os.rename('copy', 'kept'); os.link('kept', 'away'); ask()",
                 f"cp {PYTHON} copy; ./copy script.py $PORT", "403", id="renamed"),
    pytest.param(["/tmp/hf-who-*/copy"], "ask()",
                 f"cp {PYTHON} copy; ./copy script.py $PORT; touch copy; ./copy script.py $PORT; cp copy new; echo >> new;"
                 " mv new copy; ./copy script.py $PORT", "200 200 403", id="changed since it was first let out"),
    pytest.param([SH], "os.set_inheritable(proxy.fileno(), True)\nos.dup2(proxy.fileno(), 9)\nproxy.close()\n"
                 "import subprocess\ns = open('/dev/null')\n"
                 "subprocess.run(['/bin/sh', '-c', ASK], pass_fds=[9])", "", "403", id="inherited, and the parent has it too"),
    pytest.param([SH], "os.dup2(proxy.fileno(), 9)\nos.execv('/bin/sh', ['sh', '-c', ASK])", "", "200",
                 id="all that have it are listed"),
    pytest.param([PYTHON], "pid = os.fork()\nif pid: os._exit(0)\ntime.sleep(0.3)\nask()",
                 f"{PYTHON} script.py $PORT; sleep 1", "200", id="the child of one that has ended"),
    pytest.param([PYTHON], "ctypes.CDLL(None).prctl(4, 0)\nask()", "", "403", id="one that hides"),
    pytest.param([SH], "fd = proxy.fileno()\nstop = threading.Event()\n"
                 "def hide():\n    ctypes.CDLL(None).unshare(0x400)\n    ready.set()\n    time.sleep(3)\n"
                 "ready = threading.Event()\nthreading.Thread(target=hide, daemon=True).start()\nready.wait()\n"
                 "os.dup2(fd, 9)\nimport subprocess\n"
                 "child = subprocess.Popen(['/bin/sh', '-c', ASK], pass_fds=[9])\nos.close(9)\nproxy.close()\nchild.wait()\n",
                 "", "403", id="a thread with descriptors of its own"),
])
def test_who(place: tuple[Path, str], binaries: list[str], script: str, command: str, answer: str) -> None:
    ask = ("sleep 0.3; printf 'CONNECT 127.0.0.1:%s HTTP/1.1\\r\\nHost: 127.0.0.1:%s\\r\\n\\r\\n' $PORT $PORT >&9;"
           " read -r _ status _ <&9; echo $status")
    out, decisions = asked(place, binaries, script.replace("ASK", repr(ask)), command.replace("PYTHON", PYTHON))
    assert out.split() == answer.split(), decisions
