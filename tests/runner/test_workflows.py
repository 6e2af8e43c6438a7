"""The ready workflows: their shape, and their shell steps carried out in a clean clone, on the host lane."""

from __future__ import annotations

import copy
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from matrix.cells import spread
from matrix.find import find
from matrix.targets import choose, on_guests
from workflow_files import github_faults, gitlab_faults, gitlab_jobs, read

ROOT = Path(__file__).resolve().parents[2]
GITHUB, GITLAB = read("github.yaml"), read("gitlab.yaml")
SHARDS = GITHUB["jobs"]["matrix"]["strategy"]["matrix"]["shard"]
SCENARIOS = ("regressions/default-change", "law-8-the-newest-abi-is-used")

Change = Callable[[dict[str, Any]], object]


def steps(job: str) -> dict[str, dict[str, Any]]:
    return {step.get("name", step.get("uses")): step for step in GITHUB["jobs"][job]["steps"]}


def test_both_have_the_published_shape() -> None:
    assert list(github_faults(GITHUB)) == [] and list(gitlab_faults(GITLAB)) == []


@pytest.mark.parametrize(("change", "fault"), [
    (lambda flow: flow.update(job={}), "the workflow: 'job' is not known here"),
    (lambda flow: flow["jobs"]["check"].pop("runs-on"), "check: no 'runs-on'"),
    (lambda flow: flow["jobs"]["report"].update(needs="many"), "report: needs 'many', which is no job before it"),
    (lambda flow: flow["jobs"]["check"]["steps"][0].pop("run"), "check.steps[0]: exactly one of 'run' and 'uses'"),
    (lambda flow: flow["jobs"]["check"]["steps"][1].update(uses="actions/checkout"), "is no action with a version"),
    (lambda flow: flow["jobs"]["check"]["steps"][0].update(run="echo ${{ github.head_ref }}"), "inject commands"),
    (lambda flow: flow["jobs"]["check"].update({"if": "${{ gihub.actor }}"}), "'gihub' is no context and no function"),
])
def test_a_workflow_of_another_shape_is_told(change: Change, fault: str) -> None:
    flow = copy.deepcopy(GITHUB)
    change(flow)
    assert any(fault in told for told in github_faults(flow)), list(github_faults(flow))


@pytest.mark.parametrize(("change", "fault"), [
    (lambda flow: flow["check"].update(scrpt=[]), "check: 'scrpt' is not known here"),
    (lambda flow: flow["check"].update(script="make check"), "check: 'script' must be a list"),
    (lambda flow: flow["check"].update(stage="deploy"), "check: stage 'deploy' is not in 'stages'"),
    (lambda flow: flow["report"].update(needs=["matrices"]), "report: needs 'matrices'"),
    (lambda flow: flow["report"].update(when="ever"), "report: when 'ever'"),
    (lambda flow: flow["report"]["artifacts"].update(paths=["*.html"]), "'expose_as' takes no patterns"),
])
def test_a_pipeline_of_another_shape_is_told(change: Change, fault: str) -> None:
    flow = copy.deepcopy(GITLAB)
    change(flow)
    assert any(fault in told for told in gitlab_faults(flow)), list(gitlab_faults(flow))


def test_the_shards_are_all_there_are() -> None:
    assert SHARDS == [f"{number}/{len(SHARDS)}" for number in range(1, len(SHARDS) + 1)]
    assert "$CI_NODE_INDEX/$CI_NODE_TOTAL" in GITLAB["matrix"]["script"][0]


def test_kernels_are_kept_by_the_lock_file() -> None:
    keys = [step["with"]["key"] for job in GITHUB["jobs"].values() for step in job["steps"]
            if step.get("uses", "").startswith("actions/cache")]
    assert keys == ["kernels-${{ hashFiles('vm/kernels.lock') }}"] * 3
    for job in ("kernels", "matrix", "behaviour"):
        assert GITLAB[job]["cache"]["key"] == {"files": ["vm/kernels.lock"]}


def test_only_the_job_that_comments_may_write_and_it_runs_nothing_of_the_change() -> None:
    assert GITHUB["permissions"] == {"contents": "read"}
    writers = [name for name, job in GITHUB["jobs"].items() if "write" in job.get("permissions", {}).values()]
    assert writers == ["comment"]
    assert not any("checkout" in step.get("uses", "") for step in GITHUB["jobs"]["comment"]["steps"])


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git clone, so that there is nothing to clone")
    place = tmp_path_factory.mktemp("workflow") / "clone"
    subprocess.run(["git", "clone", "-q", ROOT, place], check=True)
    return place


def shell(clone: Path, script: str, status: int = 0, **env: str) -> str:
    """As the forges run it: every command has to succeed. Its output."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "BUILD"))}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=clone, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**own, "HOME": str(clone.parent), "CI": "true", "LANE": "host", "SCENARIO": " ".join(SCENARIOS),
             "CFLAGS": "-O1", "MAKEFLAGS": "-j2", **env})
    assert done.returncode == status, done.stdout
    return done.stdout


def given(step: Mapping[str, Any], **known: str) -> dict[str, str]:
    """A step's environment, its expressions replaced."""
    return {name: re.sub(r"\$\{\{ *(.*?) *\}\}", lambda match: known[match[1].rpartition(".")[2]], value)
            for name, value in step.get("env", {}).items()}


def clean(clone: Path) -> None:
    shutil.rmtree(clone / "build" / "matrix", ignore_errors=True)


def test_the_matrix_of_the_workflow_is_merged_and_told(clone: Path) -> None:
    shell(clone, steps("matrix")["own the clone"]["run"])
    for shard in SHARDS:
        step = steps("matrix")["matrix"]
        shell(clone, step["run"], **given(step, shard=shard))
    report, summary = steps("report"), clone.parent / "summary.md"
    said = shell(clone, report["merge"]["run"])
    assert re.search(r"\n\d+ passed, 0 failed(, \d+ skipped)?\n$", said), said
    shell(clone, report["summary"]["run"], GITHUB_STEP_SUMMARY=str(summary))
    assert re.match(r"### \d+ passed, 0 failed", summary.read_text())
    for path in report["record and reports"]["with"]["path"].split():
        assert (clone / path).stat().st_size > 100
    cells = {cell.id for one in find(ROOT / "scenarios", SCENARIOS)[0] for cell in spread(one, on_guests(choose(())))}
    assert {cell["id"] for cell in json.loads((clone / "build/matrix/record.json").read_bytes())["cells"]} == cells


def test_a_shard_that_is_missing_is_told_on_the_page(clone: Path) -> None:
    clean(clone)
    step = steps("matrix")["matrix"]
    shell(clone, step["run"], **given(step, shard=SHARDS[0]))
    summary = clone.parent / "missing.md"
    said = shell(clone, steps("report")["merge"]["run"], status=2)
    assert "nothing is merged:\nshard 2, 3, 4 of 4 is missing" in said
    shell(clone, steps("report")["summary"]["run"], GITHUB_STEP_SUMMARY=str(summary))
    assert "could not be merged" in summary.read_text()


def test_the_pipeline_merges_as_well(clone: Path) -> None:
    clean(clone)
    total = int(GITLAB["matrix"]["parallel"])
    for number in range(1, total + 1):
        shell(clone, "\n".join(GITLAB["matrix"]["script"]), CI_NODE_INDEX=str(number), CI_NODE_TOTAL=str(total))
    assert " passed, 0 failed" in shell(clone, "\n".join(GITLAB["report"]["script"]))
    for path in (*GITLAB["report"]["artifacts"]["paths"], GITLAB["report"]["artifacts"]["reports"]["junit"]):
        assert (clone / path).exists()


@pytest.fixture(scope="module")
def changed(clone: Path) -> Path:
    """The clone with a commit that flips the default which this is all about, and the few scenarios that show it."""
    for path in (clone / "scenarios").rglob("*.yaml"):
        if str(path.relative_to(clone / "scenarios").with_suffix("")) not in SCENARIOS:
            path.unlink()
    plan = clone / "src" / "plan" / "plan.c"
    before = plan.read_text()
    after = before.replace("plan->compatibility = HF_COMPATIBILITY_BEST_EFFORT;",
                           "plan->compatibility = HF_COMPATIBILITY_HARD_REQUIREMENT;", 1)
    assert after != before
    plan.write_text(after)
    author = ["-c", "user.name=t", "-c", "user.email=t@t"]
    subprocess.run(["git", *author, "commit", "-qam", "flip"], cwd=clone, check=True)
    return clone


def test_what_a_change_does_is_told(changed: Path) -> None:
    clean(changed)
    base = subprocess.run(["git", "rev-parse", "HEAD~1"], cwd=changed, capture_output=True, text=True, check=True)
    step, summary = steps("behaviour")["what this changes"], changed.parent / "behaviour.md"
    said = shell(changed, step["run"], **given(step, sha=base.stdout.strip()))
    assert "degraded -> refused" in said, said
    shell(changed, steps("behaviour")["summary"]["run"], GITHUB_STEP_SUMMARY=str(summary))
    assert "degraded" in summary.read_text()


def test_the_pipeline_tells_it_in_the_same_way() -> None:
    lines = [line.strip() for line in steps("behaviour")["what this changes"]["run"].replace(
        "$TARGET", "$CI_MERGE_REQUEST_DIFF_BASE_SHA").splitlines()]
    assert [line.partition("  #")[0] for line in lines] == GITLAB["behaviour"]["script"]


def test_a_revision_that_is_not_there_fails_the_step(changed: Path) -> None:
    step = steps("behaviour")["what this changes"]
    assert "Not a valid object name" in shell(changed, step["run"], status=128, TARGET="no-such-revision")


class Forge(http.server.BaseHTTPRequestHandler):
    """Takes comments, and keeps them in `taken`."""

    taken: list[tuple[str, str, Any]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
        self.taken.append((self.path, token, body))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_comment_is_what_was_found(tmp_path: Path, forge: str) -> None:
    if not shutil.which("jq"):
        pytest.skip("no jq here")
    text = 'what moved: "a" -> \\b\n\n- `c` $(d)\n'
    for place in (tmp_path, tmp_path / "build" / "matrix"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "behaviour.md").write_text(text)
    server = http.server.HTTPServer(("127.0.0.1", 0), Forge)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        if forge == "github":
            step = steps("comment")["comment"]
            shell(tmp_path, step["run"], **given(step, token="secret", number="7"), GITHUB_API_URL=url,
                  GITHUB_REPOSITORY="me/holdfast", NO_PROXY="*")
            assert Forge.taken.pop() == ("/repos/me/holdfast/issues/7/comments", "Bearer secret", {"body": text})
        else:
            shell(tmp_path, "\n".join(gitlab_jobs(GITLAB)["comment"]["script"]), NOTE_TOKEN="secret", CI_API_V4_URL=url,
                  CI_PROJECT_ID="5", CI_MERGE_REQUEST_IID="7", NO_PROXY="*")
            assert Forge.taken.pop() == ("/projects/5/merge_requests/7/notes", "secret", {"body": text})
    finally:
        server.shutdown()
