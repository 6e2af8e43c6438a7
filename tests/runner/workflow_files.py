"""The ready workflows read: their jobs and shell steps, and what does not have the shape that the forges publish.

The shapes are those of SchemaStore's github-workflow.json and of GitLab's CI/CD YAML syntax reference, as far as these
two files go: a key that is not named here is told, though a forge may know it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "ci" / "workflows"

GITHUB = {"name", "on", "permissions", "concurrency", "defaults", "env", "jobs"}
GITHUB_JOB = {"needs", "if", "runs-on", "timeout-minutes", "container", "strategy", "steps", "permissions", "env"}
GITHUB_STEP = {"name", "id", "if", "uses", "with", "run", "env"}
CONTEXTS = {"github", "matrix", "strategy", "env", "needs"}  # and functions, of which these are used
FUNCTIONS = {"hashFiles", "cancelled", "always", "failure"}

GITLAB = {"workflow", "stages", "default"}
GITLAB_JOB = {"stage", "needs", "rules", "when", "parallel", "variables", "cache", "before_script", "script",
              "artifacts"}
CACHE = {"key", "paths", "policy"}
ARTIFACTS = {"when", "expose_as", "paths", "reports"}
WHEN = {"on_success", "on_failure", "always", "manual", "delayed", "never"}

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_NAME = re.compile(r"'[^']*'|([A-Za-z_][\w-]*)(?:\.[\w.-]+)?")


def read(name: str) -> dict[str, Any]:
    """Every scalar as it is written, so that `on` stays a word."""
    found: dict[str, Any] = yaml.load((FOLDER / name).read_text(), yaml.BaseLoader)
    return found


def unknown(where: str, value: Mapping[str, Any], keys: set[str]) -> Iterator[str]:
    for key in value.keys() - keys:
        yield f"{where}: '{key}' is not known here"


def github_faults(flow: Mapping[str, Any]) -> Iterator[str]:
    yield from unknown("the workflow", flow, GITHUB)
    for key in ("on", "jobs"):
        if not flow.get(key):
            yield f"the workflow has no '{key}'"
    for name, job in flow.get("jobs", {}).items():
        yield from unknown(name, job, GITHUB_JOB)
        if "runs-on" not in job:
            yield f"{name}: no 'runs-on'"
        if "timeout-minutes" not in job:
            yield f"{name}: no 'timeout-minutes', so that what hangs takes six hours"
        yield from _needs(name, job, flow["jobs"])
        for number, step in enumerate(job.get("steps", ())):
            yield from _step(f"{name}.steps[{number}]", step)
    for expression in _EXPRESSION.findall(str(flow)):
        for word in filter(None, (found[1] for found in _NAME.finditer(expression))):
            if word not in CONTEXTS | FUNCTIONS:
                yield f"'{expression.strip()}': '{word}' is no context and no function"


def _needs(name: str, job: Mapping[str, Any], jobs: Mapping[str, Any]) -> Iterator[str]:
    needs = job.get("needs", [])
    for one in [needs] if isinstance(needs, str) else needs:
        if one not in jobs or list(jobs).index(one) >= list(jobs).index(name):
            yield f"{name}: needs '{one}', which is no job before it"


def _step(where: str, step: Mapping[str, Any]) -> Iterator[str]:
    yield from unknown(where, step, GITHUB_STEP)
    if ("run" in step) == ("uses" in step):
        yield f"{where}: exactly one of 'run' and 'uses'"
    if "uses" in step and not re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", step["uses"]):
        yield f"{where}: '{step['uses']}' is no action with a version"
    if "with" in step and "uses" not in step:
        yield f"{where}: 'with' is for an action"
    if "${{" in step.get("run", ""):
        yield f"{where}: an expression in a script is a way to inject commands; give it by env"


def gitlab_jobs(flow: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: job for name, job in flow.items() if name not in GITLAB and not name.startswith(".")}


def gitlab_faults(flow: Mapping[str, Any]) -> Iterator[str]:
    jobs = gitlab_jobs(flow)
    for name, job in jobs.items():
        yield from unknown(name, job, GITLAB_JOB)
        if not isinstance(job.get("script"), list) or not all(isinstance(line, str) for line in job["script"]):
            yield f"{name}: 'script' must be a list of commands"
        if job.get("stage") not in flow["stages"]:
            yield f"{name}: stage '{job.get('stage')}' is not in 'stages'"
        yield from _needs(name, job, jobs)
        yield from unknown(f"{name}.cache", job.get("cache", {}), CACHE)
        artifacts = job.get("artifacts", {})
        yield from unknown(f"{name}.artifacts", artifacts, ARTIFACTS)
        for when in (job.get("when", "always"), artifacts.get("when", "always")):
            if when not in WHEN:
                yield f"{name}: when '{when}'"
        if "expose_as" in artifacts and any("*" in path for path in artifacts["paths"]):
            yield f"{name}: 'expose_as' takes no patterns"
