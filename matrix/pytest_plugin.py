"""The matrix as a pytest plugin: scenario files are collected, cells are items, a kernel is booted once.

    python3 -m pytest scenarios -k "default-change and proxy" --hf-kernel 6 -x

With pytest-xdist (-n 2, or --tx to other machines) the cells of a kernel stay together on one worker. The terminal
runner (`make matrix`) shares everything but this file and those beside it."""

from __future__ import annotations

import argparse
import fcntl
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from matrix import job, main_job, pytest_record
from matrix.find import SUFFIX
from matrix.job import Stop
from matrix.pytest_items import BOARD, CellItem, Red, ScenarioFile, open_board, scope
from matrix.pytest_record import Joined
from matrix.pytest_service import Service, batches

SERVICE = pytest.StashKey[Service]()
JOINED = pytest.StashKey[Joined]()
OUTPUT = "holdfast"  # in what a worker sends at its end

Hook = TypeVar("Hook", bound=Callable[..., Any])


def hook(**options: bool) -> Callable[[Hook], Hook]:
    """pytest's own, which has no types."""
    return cast(Callable[[Hook], Hook], pytest.hookimpl(**options))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("holdfast", "the kernel matrix (scenario files)")
    group.addoption("--hf-lane", choices=("vm", "host"), default="vm",
                    help="guests (vm), or ceilings on this machine's own kernel (host)")
    group.addoption("--hf-kernel", action="append", default=[], metavar="ROW|PATH",
                    help="only this row, or a kernel image of your own (all rows)")
    group.addoption("--hf-build", type=Path, default=Path("build"), metavar="DIR",
                    help="where holdfast is built, and the record is written (build)")


def _folder(config: pytest.Config) -> Path:
    return config.rootpath / "scenarios"


def _worker(config: pytest.Config) -> str:
    """The name of an xdist worker; empty in any other process."""
    return str(config.workerinput["workerid"]) if hasattr(config, "workerinput") else ""


def _out(config: pytest.Config) -> Path:
    build: Path = config.getoption("hf_build")
    return build / "matrix"


def _concerned(config: pytest.Config) -> bool:
    folder = _folder(config).resolve()
    for argument in config.args:
        path = (config.invocation_params.dir / argument.partition("::")[0]).resolve()
        if path.suffix == SUFFIX or path == folder or folder in path.parents or path in folder.parents:
            return True
    return False


@hook(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    config = session.config
    if not _concerned(config):
        return
    build: Path = config.getoption("hf_build")
    _out(config).mkdir(parents=True, exist_ok=True)
    try:
        with (_out(config) / ".lock").open("w") as lock:  # workers lay out the same files
            fcntl.flock(lock, fcntl.LOCK_EX)
            board = open_board(_folder(config), build, config.getoption("hf_lane"), config.getoption("hf_kernel"),
                               _worker(config))
    except Stop as stop:
        raise pytest.UsageError(str(stop)) from stop
    if not _worker(config) and not config.getoption("collectonly"):
        config.stash[JOINED] = Joined()
        pytest_record.remove(_out(config))
    config.stash[BOARD] = board


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    config = parent.config
    if file_path.suffix != SUFFIX or BOARD not in config.stash:
        return None
    if _folder(config) in file_path.parents or parent.session.isinitpath(file_path):
        return ScenarioFile.from_parent(parent, path=file_path)  # type: ignore[no-any-return]
    return None


@hook(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A kernel's cells one after the other, and the service of what is left after -k and -m."""
    cells = {item.cell: item for item in items if isinstance(item, CellItem)}
    if not cells or config.getoption("collectonly"):
        return
    board = config.stash[BOARD]
    others = [item for item in items if not isinstance(item, CellItem)]
    in_order = batches(list(cells))
    items[:] = [*others, *(cells[cell] for part in in_order.values() for cell in part)]
    scenarios = list({cell.scenario.name: cell.scenario for cell in cells}.values())
    arguments = argparse.Namespace(judge=frozenset(main_job.JUDGES), scenarios=board.folder)
    try:
        judge = main_job.last_word(arguments.judge, main_job.baselines_of(arguments, scenarios))
    except Stop as stop:
        raise pytest.UsageError(str(stop)) from stop
    fit = [cell for cell, item in cells.items() if item.result is None]
    # A worker knows what it was given only when it is asked for it.
    service = config.stash[SERVICE] = Service(board.lane, fit, judge, ahead=0 if _worker(config) else 1)
    board.ask = service.result


@hook(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """A red cell is told as by every other face. Its time is its own: the wait for a boot says nothing of it."""
    outcome = yield
    if not isinstance(item, CellItem):
        return
    report = outcome.get_result()
    if call.excinfo and isinstance(call.excinfo.value, Red):
        report.longrepr = str(call.excinfo.value)
    report.duration = item.result.ms / 1000 if item.result and report.when == "call" else 0.0
    if report.when == "teardown" and item.result:
        item.config.stash[BOARD].results.append(item.result)


@hook(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """For xdist's usual ways to distribute: what is booted together stays together."""
    if config.getoption("dist") not in ("load", "loadgroup") or JOINED not in config.stash:
        return None
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import]

    class ByBoot(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return scope(nodeid, config.getoption("hf_lane"))

    return ByBoot(config, log)


@hook(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    text = getattr(node, "workeroutput", {}).get(OUTPUT)
    if text and JOINED in node.config.stash:
        node.config.stash[JOINED].add(node.gateway.id, text)


@hook(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    if SERVICE in config.stash and config.stash[BOARD].results:
        board = config.stash[BOARD]
        text = json.dumps(pytest_record.make(board, config.stash[SERVICE].server.boots, 0.0))
        if _worker(config):
            config.workeroutput[OUTPUT] = text  # type: ignore[attr-defined]
        elif JOINED in config.stash:
            config.stash[JOINED].add("this process", text)
    joined = config.stash.get(JOINED, None)
    if joined and joined.parts and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        if joined.finish(_folder(config), _out(config)) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if JOINED in config.stash and config.stash[JOINED].lines:
        terminalreporter.section("matrix")
        for line in config.stash[JOINED].lines:
            terminalreporter.write_line(line)
