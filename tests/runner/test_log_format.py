"""The proxy's log from a real sandbox, in both formats: every line has all that it is to have."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ocsf import check
from proxy_world import ROOT, Upstream, web

HOLDFAST, CURL = ROOT / "build" / "holdfast", "/usr/bin/curl"
pytestmark = pytest.mark.skipif(not HOLDFAST.exists() or not Path(CURL).exists(), reason="holdfast is not built, or no curl")

# One of each: a tunnel, a name that is not allowed, a request that is, one that is not, one that is let through all the same,
# and a head that is none.
SCRIPT = """
curl -sp -o tunnel http://localhost:$PORT/
curl -s -o denied http://other.test/
curl -s -o allowed http://127.0.0.1:$PORT/a
curl -s -o refused -X PATCH http://127.0.0.1:$PORT/a
curl -s -o audited -X DELETE http://127.0.0.2:$PORT/a
exec 3<>/dev/tcp/127.0.0.1/${HTTPS_PROXY##*:}; printf 'no\\n' >&3; read -r none <&3
"""


def logged(folder: Path, *options: str, verb: str = "run") -> tuple[list[dict[str, Any]], str]:
    with Upstream(web, "0.0.0.0") as up:
        rest = {"port": up.port, "protocol": "rest", "access": "read-only"}
        policy = {"version": 1, "network_policies": {"web": {"endpoints": [
            {"host": "localhost", "port": up.port}, rest | {"host": "127.0.0.1"},
            rest | {"host": "127.0.0.2", "enforcement": "audit"}]}}}
        (folder / "policy.yaml").write_text(json.dumps(policy))
        done = subprocess.run(
            [HOLDFAST, verb, "--policy", "policy.yaml", "--log", "log", *options, "--", "bash", "-c", SCRIPT],
            cwd=folder, env=os.environ | {"PORT": str(up.port)}, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in (folder / "log").read_text().splitlines()], done.stderr


def test_a_plain_line_has_it_all(tmp_path: Path) -> None:
    lines, _ = logged(tmp_path)
    decided = [line for line in lines if line["event"] == "decision"]
    assert [line["verdict"] for line in decided] == ["allow", "deny", "allow", "deny", "audit", "deny"], lines
    bash = os.path.realpath(shutil.which("bash") or "")
    for line, program in zip(decided, [CURL] * 5 + [bash]):
        assert (line["program"], line["process"] > 1) == (program, True), "though no binaries are in the policy"
        assert {"time", "id", "bytes_up", "bytes_down", "ms", "reason", "status"} <= line.keys()
    for line in decided[:1] + decided[2:5]:
        assert {"host", "port", "rule"} <= line.keys()
    assert (decided[0]["address"], decided[3]["method"], decided[3]["path"]) == ("127.0.0.1", "PATCH", "/a")
    closed = [line for line in lines if line["event"] == "close"]
    assert len(closed) == 3 and all(line["program"] == CURL and line["bytes_down"] > 8 for line in closed)


@pytest.mark.parametrize("verb", ["run", "why"])
def test_ocsf_is_what_its_schema_asks_for(tmp_path: Path, verb: str) -> None:
    lines, told = logged(tmp_path, "--log-format", "ocsf", verb=verb)
    for line in lines:
        check(line)
    kinds = [(line["class_uid"], line["activity_id"], line["unmapped"]["verdict"]) for line in lines]
    assert sorted(kinds) == sorted([(4001, 1, "allow"), (4001, 2, "allow"), (4001, 5, "deny"), (4002, 3, "allow"),
                                    (4001, 2, "allow"), (4002, 9, "deny"), (4002, 2, "audit"), (4001, 2, "audit"),
                                    (4001, 5, "deny")])
    assert {line["actor"]["process"]["path"] for line in lines} == {CURL, os.path.realpath(shutil.which("bash") or "")}
    assert all(line["traffic"]["bytes_in"] > 8 for line in lines if line["type_uid"] == 400102)
    if verb == "why":  # which reads the same lines
        assert "connect through the proxy to other.test:80" in told and "PATCH 127.0.0.1:" in told, told
