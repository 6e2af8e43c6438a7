"""The command line: a table of verbs."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from matrix import (accept_job, bisect_job, bugs_job, ceiling, check, diff_job, escapes, main_job, merge_job,
                    mutants_job, report_job, shrink_job, times_job)
from matrix.job import Stop
from matrix.mechanical import job as mechanical

EXIT = """\
exit status: 0 every cell passed; 1 a cell failed (diff: moved); 2 usage, or a scenario file or a kernel
of your own is wrong; 3 the harness could not judge a cell (error, hang, panic), or none, or a guest ended badly;
141 whoever read the output went away"""

# verb, what it does, what it takes, what carries it out
Verb = tuple[str, str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]
VERBS: tuple[Verb, ...] = (
    ("run", "run scenarios over kernels and show what differs from what is expected", main_job.options, main_job.main),
    ("report", "show a record that is there, or write its faces", report_job.options, report_job.main),
    ("merge", "join the records of all shards into one, and judge it as a whole", merge_job.options, merge_job.main),
    ("times", "take from a record how long boots and cells take, for shards", times_job.options, times_job.main),
    ("accept", "record what cells do as what they shall do, with the reason", accept_job.options, accept_job.main),
    ("diff", "run another revision's runtime beside this one and show what moved", diff_job.options, diff_job.main),
    ("bisect", "find the first commit whose runtime turns cells red", bisect_job.options, bisect_job.main),
    ("check", "check the scenario files, run nothing", check.options, check.main),
    ("escapes", "count the attempts at getting out, and what is recorded of them", escapes.options, escapes.main),
    ("ceiling", "compare ceilings on newer kernels with the real older ones", ceiling.options, ceiling.main),
    ("shrink", "cut a scenario while a red cell of it stays red in the same way", shrink_job.options, shrink_job.main),
    ("bugs", "reproduce the design's table of bugs with variants of the runtime", bugs_job.options, bugs_job.main),
    ("mutants", "prove that scenarios kill bugs that are put into the runtime", mutants_job.options, mutants_job.main),
    ("mutate", "change every place of the code that confines, and tell what no test notices", mechanical.options,
     mechanical.main),
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="matrix", description="Spreads scenarios over kernels.", epilog=EXIT,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = top.add_subparsers(required=True, metavar="VERB")
    for name, summary, options, act in VERBS:
        verb = verbs.add_parser(name, help=summary, description=summary, epilog=EXIT,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
        verb.add_argument("--scenarios", type=Path, default=Path("scenarios"), metavar="DIR",
                          help="the folder of scenario files (scenarios)")
        options(verb)
        verb.set_defaults(act=act)
    return top


def main(arguments: Sequence[str]) -> int:
    chosen = parser().parse_args(arguments)
    try:
        status = int(chosen.act(chosen))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be flushed at exit
        return 128 + signal.SIGPIPE
    except Stop as stop:
        print(stop, file=sys.stderr)
        return stop.status
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(130)  # the threads that serve guests are not waited for; the guests go down with this process
