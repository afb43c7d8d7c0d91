"""Hostile submissions graded by stock nbgrader and by `course grade`: points gained, and what became of the others.

Run: python benchmarks/attacks.py [--only WORD] [--cell-seconds 5] [--markdown | --json]
Needs Linux and the course installed with its grading part; takes about a quarter of an hour. Every attack meets a
course of its own: two exercises of notebook 01, and a class of three. mallory attacks, with work that is wrong; ana
(all right) is graded before, zoe (wrong in the attacked exercise) after. Three graders: stock nbgrader as it comes (its
own configuration, a kernel for each notebook), with hidden tests as its documentation shows them, assertions in the
graded cell; the same with our hidden tests, run in its kernel; and `course grade`. Each process may hold 4 GiB. A run
that hangs is killed, and so is what any run leaves behind.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from attack_lab import KINDS
from attack_lab.case import Case
from attack_lab.course import GRADERS, OURS, STOCK, STOCK_OURS, AttackedCourse
from timing import adopt_orphans

from autograder.engine import chosen_level

SUBMISSIONS = 6  # of a student who learns from the feedback


@dataclass(frozen=True)
class Run:
    """What one grader made of one attack: mallory's points in the attacked exercise, and what happened to the rest."""

    points: float | None
    others: list[str]
    harm: list[str]

    @property
    def consequences(self) -> str:
        return "; ".join(self.others + self.harm) or "none"


Row = tuple[str, Case, dict[str, Run]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="attacks whose name holds this word")
    parser.add_argument("--cell-seconds", type=int, default=5, help="the limit of a cell, for all graders")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    adopt_orphans()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="course-attacks-") as folder:
        os.environ.setdefault("COURSE_CACHE", f"{folder}/cache")  # one for all homes
        for kind, cases in KINDS.items():
            for case in cases:
                if args.only in case.name:
                    print(f"{case.name} ...", file=sys.stderr, flush=True)
                    runs = {grader: attack(case, grader, Path(folder), args.cell_seconds) for grader in GRADERS}
                    rows.append((kind, case, runs))
    if args.json:
        print(json.dumps(as_records(rows), indent=2))
    else:
        print(as_markdown(rows) if args.markdown else as_text(rows))


def attack(case: Case, grader: str, folder: Path, seconds: int) -> Run:
    """Grade a class with this attack in it, and look at what it has done."""
    with tempfile.TemporaryDirectory(dir=folder) as made, socket.create_server(("127.0.0.1", 0)) as listener:
        course = AttackedCourse(case, grader, Path(made), listener, seconds)
        course.grade()
        for _ in range(SUBMISSIONS - 1):
            if not case.shows or not course.learn():
                break
            course.hand_in()
            course.grade()
        return Run(course.points(), course.others(), course.harm())


def machine() -> str:
    """What it was measured on."""
    level = chosen_level(allow_unsandboxed=True).value
    return f"nbgrader {version('nbgrader')}, Python {platform.python_version()}, {platform.machine()}, level {level}"


def as_records(rows: list[Row]) -> dict[str, object]:
    attacks = [
        {
            "kind": kind,
            "attack": case.name,
            "what": case.what,
            "runs": {name: asdict(run) for name, run in runs.items()},
        }
        for kind, case, runs in rows
    ]
    return {"machine": machine(), "attacks": attacks}


def as_text(rows: list[Row]) -> str:
    lines = [machine()]
    for _, case, runs in rows:
        lines += ["", f"{case.name}: {case.what}"]
        lines += [f"  {grader:18}{said(run):>10}   harm: {run.consequences}" for grader, run in runs.items()]
    return "\n".join(lines)


def as_markdown(rows: list[Row]) -> str:
    lines = [f"Measured with {machine()}."]
    for kind in KINDS:
        chosen = [(case, runs) for its, case, runs in rows if its == kind]
        if chosen:
            lines += [
                "",
                f"## {kind}",
                "",
                f"| attack | what it does | {' | '.join(GRADERS)} | harm, stock | harm, ours |",
            ]
            lines += ["|---" * (len(GRADERS) + 4) + "|"]
        for case, runs in chosen:
            stock = dict.fromkeys(runs[grader].consequences for grader in (STOCK, STOCK_OURS))
            cells = [case.name, case.what, *(said(runs[grader]) for grader in GRADERS)]
            cells += [" / ".join(stock), runs[OURS].consequences]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def said(run: Run) -> str:
    return "no grade" if run.points is None else f"{run.points:g} of 10"


if __name__ == "__main__":
    main()
