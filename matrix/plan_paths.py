"""What the rules of a cell's plan grant of files, as far as it can be told from names alone: where no link is on the
way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matrix.result import Result
from matrix.scenario import CELL_DIRECTORY

# What a probe asks for on each of its paths, by the plan's names; a new name needs the right on its directory, which a
# rule for that or for what is above it gives.
NEEDS = {
    "read": ("read_file",), "write": ("write_file",), "list": ("read_dir",), "create": ("make_reg",),
    "exec": ("execute",), "mkdir": ("make_dir",), "mkfifo": ("make_fifo",), "unlink": ("remove_file",),
    "rmdir": ("remove_dir",), "truncate": ("truncate",), "ftruncate": ("write_file",), "ioctl": ("ioctl_dev",),
    "unix-connect": ("write_file",), "unix-send": ("write_file",),
    "rename": ("remove_file", "remove_dir", "make_reg", "make_dir", "make_sym"),
    "link": ("remove_file", "make_reg", "make_sym"),
}

# Of these NEEDS has all that the two paths can need together, which is more than each needs.
TWO_PATHS = ("rename", "link")

# Outside of the cell's directory, which has links that are known, names that are no links on any machine.
PLAIN = ("/dev/zero", "/dev/null", "/dev/full", "/run/hf-outside.sock", "/run/hf-outside.dgram")


class Rules:
    def __init__(self, one: Result) -> None:
        plan = one.seen.plan or {}
        self._rules = [(str(rule["path"]), frozenset(rule["at_most"])) for rule in plan.get("rules") or ()]
        self._links = [f"{CELL_DIRECTORY}/{entry.path}" for entry in one.cell.scenario.tree if entry.kind == "symlink"]

    def withhold(self, kind: str, paths: Sequence[str]) -> bool:
        """Whether no rule gives such a probe what it needs of one of these paths. False where it cannot be told."""
        return kind not in TWO_PATHS and self._can_tell(kind, paths) and not self._give(kind, paths)

    def grant(self, kind: str, paths: Sequence[str]) -> bool:
        """Whether rules give it all that it needs of each of these paths. False where it cannot be told."""
        return self._can_tell(kind, paths) and self._give(kind, paths)

    def _can_tell(self, kind: str, paths: Sequence[str]) -> bool:
        return (kind in NEEDS and bool(paths) and all(map(self._is_plain, paths))
                and not any(is_below(path, self._links) for path, _ in self._rules))

    def _give(self, kind: str, paths: Sequence[str]) -> bool:
        return all(self._grants(path, NEEDS[kind]) for path in paths)

    def _is_plain(self, path: str) -> bool:
        return path in PLAIN or is_below(path, [CELL_DIRECTORY]) and ".." not in path.split("/") \
            and not is_below(path, self._links)

    def _grants(self, path: str, needs: Sequence[str]) -> bool:
        given = [rights for folder, rights in self._rules if is_below(path, [folder])]
        return all(any(need in rights for rights in given) for need in needs)


def is_below(path: str, folders: Iterable[str]) -> bool:
    return any(f"{path}/".startswith(f"{folder.rstrip('/')}/") for folder in folders)
