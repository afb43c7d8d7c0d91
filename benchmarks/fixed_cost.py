"""What a submission of 01 costs `course grade` on top of its own cells and hidden tests: CPU that grading itself takes.

Run: python benchmarks/fixed_cost.py [--students 100] [--rounds 5] [--workers 2] [--json]

Each round measures, one after the other, the same cells and hidden tests in one warm process (warm_process.py), and
without pages of feedback and with them the whole class and one submission alone, whose cost is taken for that of the
start. A machine's speed may change by half within minutes: what belongs together is measured in the same round, and
the medians of the rounds count. The fixed cost of a submission is what it costs more than 1.1 times the warm process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from grading import compile_course, grade_command, made_class, warm_cpu
from timing import timed

FACTOR = 1.1  # what a cell or test may cost of its warm self without counting as the grader's own
NO_PAGES = "--no-feedback"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.students < 2 or args.rounds < 1:
        parser.error("a round needs two submissions: one is taken for the start")
    compile_course()
    with tempfile.TemporaryDirectory(prefix="course-benchmark-") as folder:
        course_dir = Path(folder) / "course"
        names = made_class(course_dir, args.students, experiments=False)
        rounds = [one_round(course_dir, names, args.workers) for _ in range(args.rounds)]
    report = {"students": args.students, "rounds": rounds, "medians": medians(rounds)}
    print(json.dumps(report, indent=2) if args.json else as_text(report))


def one_round(course_dir: Path, names: list[str], workers: int) -> dict[str, float]:
    """CPU seconds: of a submission in the warm process; beyond the start; fixed, without pages and with them."""
    warm = warm_cpu(course_dir, names) / len(names)
    start, start_with_page = (graded(course_dir, names[:1], workers, *options) for options in ([NO_PAGES], []))
    more = len(names) - 1
    bare = (graded(course_dir, names, workers, NO_PAGES) - start) / more
    pages = (graded(course_dir, names, workers) - start_with_page) / more
    return {
        "warm": warm,
        "start": start,
        "start, with its page": start_with_page,
        "a submission": bare,
        "a submission, with its page": pages,
        "fixed": bare - FACTOR * warm,
        "fixed, with its page": pages - FACTOR * warm,
    }


def graded(course_dir: Path, names: list[str], workers: int, *options: str) -> float:
    """CPU seconds of grading a copy of the course in which only these students have handed in."""
    copy = course_dir.with_name("copy")
    shutil.copytree(course_dir, copy, ignore=lambda place, found: left_out(course_dir, place, found, names))
    try:
        return timed([*grade_command(copy, workers), *options], copy)["CPU"]
    finally:
        shutil.rmtree(copy)


def left_out(course_dir: Path, place: str, found: list[str], names: list[str]) -> list[str]:
    """The names in a folder that are students' who have not handed in."""
    return [name for name in found if name not in names] if Path(place) == course_dir / "submitted" else []


def medians(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}


def as_text(report: dict[str, object]) -> str:
    rounds, found = report["rounds"], report["medians"]
    assert isinstance(rounds, list) and isinstance(found, dict)
    lines = [
        f"CPU milliseconds, {report['students']} submissions of 01 in {len(rounds)} rounds: median (of each round)"
    ]
    for key, value in found.items():
        lines.append(f"  {key:28}{value * 1e3:8.1f}  ({', '.join(f'{each[key] * 1e3:.1f}' for each in rounds)})")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
