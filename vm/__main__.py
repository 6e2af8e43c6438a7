"""`python3 -m vm fetch|update|list`: the kernels from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vm import kernels, rows


def _say(line: str) -> None:
    # Warnings always; what is merely going on only where somebody is watching.
    if line.startswith("warning:") or sys.stdout.isatty():
        print(line, file=sys.stderr if line.startswith("warning:") else sys.stdout, flush=True)


def _known(names: Sequence[str]) -> list[str]:
    unknown = [name for name in names if name not in rows.series()]
    if unknown:
        raise SystemExit(f"no row needs a kernel {', '.join(unknown)}; there are {', '.join(rows.series())}")
    return list(names) or list(rows.series())


def fetch(store: kernels.Store, names: Sequence[str]) -> int:
    """Fetch what is missing; one line a kernel; 1 when one cannot be had."""
    missing = 0
    for name in _known(names):
        there = store.present(name) is not None
        try:
            kernel = store.ensure(name, _say)
        except kernels.Unavailable as error:
            print(f"unavailable: {error}", file=sys.stderr, flush=True)
            missing += 1
            continue
        print(f"kernel {name}: {kernel.package} {kernel.version} {'is here' if there else 'fetched'}", flush=True)
    return 1 if missing else 0


def update(store: kernels.Store, names: Sequence[str]) -> int:
    """Fetch the newest of every series and write the lock file anew."""
    missing = 0
    locked = kernels.read_lock()
    for name in _known(names):
        try:
            kernel = store.newest(name, _say)
        except kernels.Unavailable as error:
            print(f"unavailable: {error}", file=sys.stderr, flush=True)
            missing += 1
            continue
        new = kernels.Locked(kernel.package, kernel.version, kernel.sha256)
        old = locked.get(name)
        locked[name] = new
        change = "as locked" if old == new else f"locked (was {old.version})" if old else "locked"
        print(f"kernel {name}: {kernel.package} {kernel.version} {change}", flush=True)
    kernels.write_lock(locked)
    return 1 if missing else 0


def show(store: kernels.Store) -> int:
    """A table of the rows and what is here for them."""
    locked = kernels.read_lock()
    form = "{:<5} {:<7} {:<8} {:<22} {}"
    print(form.format("row", "series", "ceiling", "version", "state"))
    for row in rows.ROWS:
        lock, record, kernel = locked.get(row.series), store.record(row.series), store.present(row.series)
        if kernel is not None:
            version = kernel.version
            state = "here" if record is None or record.instead_of is None else f"here, locked was {record.instead_of}"
        else:
            version = lock.version if lock else "-"
            state = "not fetched" if record is None else "to be fetched anew (differs from the lock, or is damaged)"
        print(form.format(row.name, row.series, row.ceiling or "-", version, state))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python3 -m vm", description="the kernels of the matrix")
    parser.add_argument("--build", type=Path, default=kernels.BUILD, metavar="DIR", help="the build folder (build)")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, text in (("fetch", "fetch the locked kernels"), ("update", "lock the newest kernels")):
        verbs.add_parser(name, help=text).add_argument("series", nargs="*", metavar="SERIES")
    verbs.add_parser("list", help="the rows and what is here for them")
    options = parser.parse_args(arguments)
    store = kernels.Store(options.build)
    try:
        if options.verb == "list":
            return show(store)
        return (fetch if options.verb == "fetch" else update)(store, options.series)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
