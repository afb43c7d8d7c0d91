"""Runs of `course grade` that are killed at given moments. As a program: COURSE_DIR ASSIGNMENT MOMENT...

A moment is FUNCTION+NUMBER: so many Python calls of the main thread after the first one of that function. It falls into
the same place however busy the machine is. "end" lets a run end. Every run is a process of its own, forked from one
that has loaded everything, which saves most of its time. Prints for each run its exit status, and for one that ended
before it the number of calls up to each of FUNCTIONS, and in all.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

FUNCTIONS = ("in_words", "tasks", "_renew_feedback")  # a run begins, submissions are looked at, all are written


def main() -> None:
    from autograder.pipeline import gradebook  # noqa: F401 - loaded once for all runs

    course_dir, assignment, *moments = sys.argv[1:]
    for moment in moments:
        child = os.fork()
        if child == 0:
            _run(course_dir, assignment, moment)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(course_dir: str, assignment: str, moment: str) -> None:
    from course_utils.cli import main as course

    function, _, number = moment.partition("+")
    first: dict[str, int] = {}
    calls, last = 0, -1

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls, last
        calls += 1
        name = frame.f_code.co_name
        if event == "call" and name in FUNCTIONS and name not in first:
            first[name] = calls
            if name == function:
                last = calls + int(number)
        if calls == last:
            os.kill(os.getpid(), signal.SIGKILL)

    arguments = ["grade", assignment, "--course-dir", course_dir, "--workers", "1", "--allow-unsandboxed", "--json"]
    shown = sys.stdout
    with Path(os.devnull).open("w") as sys.stdout:
        sys.setprofile(count)
        status = course(arguments)
        sys.setprofile(None)
    print(*(first[name] for name in FUNCTIONS), calls, file=shown, flush=True)
    os._exit(status)


if __name__ == "__main__":
    main()
