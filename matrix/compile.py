"""From cells to the list that cellrun carries out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matrix.cells import Cell
from matrix.observe import CONTROL
from matrix.scenario import CELL_DIRECTORY, HOLDFAST, PROBES
from matrix.wire import encode, line

BIN = "/usr/local/bin"
ORDINARY = "1000"
REPORT = "report.json"
WORK = "work"


def policy_text(cell: Cell) -> str:
    """The scenario's policy at the cell's place on the axes."""
    text = cell.scenario.substitute(cell.scenario.policy, cell.axes)
    text += "" if text.endswith("\n") or not text else "\n"
    match cell.axes.get("landlock", "omitted"):
        case "omitted":
            return text
        case "empty":
            return text + "landlock: {}\n"
        case level:
            return text + f"landlock:\n  compatibility: {level}\n"


def barred_on_host(cell: Cell, root: bool) -> str:
    """Why the host lane cannot run it; or nothing."""
    if cell.scenario.lane:
        return "it needs what only a guest has (lane: vm)"
    return "" if root else needs_root(cell)


def needs_root(cell: Cell) -> str:
    """Why an ordinary user, who has one uid alone in a namespace (user_namespaces(7)), cannot run it; or nothing."""
    if cell.axes.get("user") == "ordinary":
        return "only root can run a cell as user=ordinary"
    if any(entry.owner for entry in cell.scenario.tree):
        return "only root can make a tree with an owner"
    return "only root can run as another user (run_as_user)" if "run_as_" in policy_text(cell) else ""


def probe_specs(cell: Cell) -> list[str]:
    """`ID KIND ARG...` for hf-probe. A probe written as text may have several arguments, one written as a list may have
    spaces in them."""
    specs = []
    for name, probe in cell.scenario.probes.items():
        if isinstance(probe, str):
            specs.append(f"{encode(name)} {cell.scenario.substitute(probe, cell.axes)}")
        else:
            specs.append(line(name, *(cell.scenario.substitute(part, cell.axes) for part in probe)))
    return specs


def command_line(cell: Cell) -> list[str]:
    argv = [f"{BIN}/abi-ceiling", cell.target.ceiling] if cell.target.ceiling is not None else []
    for arg in cell.scenario.launcher or (HOLDFAST,):
        argv += _holdfast(cell) if arg == HOLDFAST else [cell.scenario.substitute(arg, cell.axes)]
    return argv


def _source(cell: Cell) -> list[str]:
    """The runtime with its policy, which is made a message by that same runtime where the cell says so."""
    runtime, policy = f"{BIN}/{cell.runtime}", f"{CELL_DIRECTORY}/policy"
    if cell.axes.get("source", "yaml") == "yaml":
        return [runtime, "run", "--policy", f"{policy}.yaml"]
    return ["sh", "-c", f'"$0" convert {policy}.yaml {policy}.pb && exec "$0" "$@"', runtime, "run", "--policy-pb",
            f"{policy}.pb"]


def _control(cell: Cell) -> list[str]:
    """What tries the probes without the sandbox and then becomes the rest."""
    if cell.scenario.control is None:
        return []
    return [f"{BIN}/hf-probe", "--control", f"{CELL_DIRECTORY}/{CONTROL}", *probe_specs(cell), "--"]


def _holdfast(cell: Cell) -> list[str]:
    scenario = cell.scenario
    argv = _control(cell) + _source(cell)
    if cell.axes["mode"] != "policy":
        argv += ["--mode", cell.axes["mode"]]
    argv += ["--workdir", f"{CELL_DIRECTORY}/{WORK}", "--report", f"{CELL_DIRECTORY}/{REPORT}"]
    argv += [scenario.substitute(arg, cell.axes) for arg in scenario.args]
    argv.append("--")
    for arg in scenario.command:
        argv += probe_specs(cell) if arg == PROBES else [scenario.substitute(arg, cell.axes)]
    return argv


def _tree(cell: Cell) -> Iterable[str]:
    made = {""}

    def parents(path: str) -> Iterable[str]:
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in made:
                made.add(folder)
                yield line("dir", "755", folder)

    ordinary = cell.axes.get("user") == "ordinary"
    yield line("dir", "755", WORK)
    made.add(WORK)
    if ordinary:
        yield line("own", ORDINARY, ORDINARY, CELL_DIRECTORY)
        yield line("own", ORDINARY, ORDINARY, WORK)
    for entry in cell.scenario.tree:
        path, text = (cell.scenario.substitute(part, cell.axes) for part in (entry.path, entry.text))
        yield from parents(path)
        if entry.kind == "dir":
            if path not in made:
                yield line("dir", f"{entry.mode:o}", path)
            made.add(path)
        elif entry.kind == "file":
            yield line("file", f"{entry.mode:o}", path, text)
        elif entry.kind == "symlink":
            yield line("symlink", path, text)
        else:
            yield line("readonly", path)
        if entry.kind not in ("dir", "file"):
            continue
        if entry.owner is not None:
            yield line("own", str(entry.owner[0]), str(entry.owner[1]), path)
        elif ordinary:
            yield line("own", ORDINARY, ORDINARY, path)


def directives(cell: Cell) -> list[str]:
    """The lines of one cell."""
    lines = [line("cell", cell.id, str(cell.scenario.time_limit * 1000))]
    if cell.axes.get("user") == "ordinary":
        lines.append(line("user", ORDINARY, ORDINARY))
    lines += _tree(cell)
    lines += [line("file", "644", "policy.yaml", policy_text(cell)), line("send", REPORT)]
    lines += [line("send", CONTROL)] if cell.scenario.control is not None else []
    lines += [line("run", *command_line(cell)), "end"]
    return lines


def cell_list(cells: Sequence[Cell]) -> str:
    return "".join(text + "\n" for cell in cells for text in directives(cell))
