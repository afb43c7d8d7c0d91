"""What the report tells, gathered from the gradebook and the autograded notebooks; no markup here."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.grading.run import NOT_WRITTEN
from autograder.pipeline.grades import UNUSABLE, GradeRow, check_gradebook, grade_rows
from autograder.pipeline.master import grade_id, is_test, load_master
from autograder.pipeline.outputs import result_of
from autograder.pipeline.state import graded_assignments, load_state

HELP_BELOW = 0.6  # a student below this share of the automatic points is listed as needing help
MOST_MISTAKES = 12
FULL = 0.999


@dataclass(frozen=True)
class HiddenTestTally:
    """A hidden test: how many of those who handed in passed it."""

    title: str
    passed: int
    total: int


@dataclass(frozen=True)
class ExerciseTally:
    """An exercise: points, how many got all, some and none of them, and its hidden tests in order."""

    name: str
    points: float
    full: int
    part: int
    none: int
    empty: int
    tests: list[HiddenTestTally]


@dataclass(frozen=True)
class Mistake:
    """A sentence said in feedback, to whom; `recognised` when it is that of a known mistake in the mutant bank."""

    exercise: str
    sentence: str
    students: list[str]
    recognised: bool


@dataclass(frozen=True)
class StudentLine:
    """A student: row of grades.csv, automatic points, points by exercise, and what is said about what is not right."""

    row: GradeRow
    automatic: float
    earned: dict[str, float]
    trouble: dict[str, str]


@dataclass(frozen=True)
class Report:
    assignment: str
    title: str
    automatic_max: float
    students: list[StudentLine]
    exercises: list[ExerciseTally]
    mistakes: list[Mistake]

    @property
    def need_help(self) -> list[StudentLine]:
        """Students below HELP_BELOW of the automatic points, furthest behind first."""
        behind = [line for line in self.students if line.automatic < HELP_BELOW * self.automatic_max]
        return sorted(behind, key=lambda line: (line.automatic, line.row.student_id))

    @property
    def remarks(self) -> list[GradeRow]:
        """Submissions with a note, those that could not be read first."""
        noted = [line.row for line in self.students if line.row.note]
        return sorted(noted, key=lambda row: (row.status in ("graded", "needs_manual_grade"), row.student_id))


def collect(course_dir: Path, assignment: str) -> Report:
    """Gather the report.

    Raises FileNotFoundError when the assignment was not graded in this course directory, or nobody handed it in.
    """
    check_gradebook(course_dir)
    if not load_state(course_dir, assignment):
        if assignment in graded_assignments(course_dir):
            raise FileNotFoundError(
                f"{course_dir}: there are no submissions of {assignment}; put notebooks in "
                f"submitted/STUDENT/{assignment}/ and run `course grade {assignment}`"
            )
        raise FileNotFoundError(
            f"{course_dir}: {assignment} has not been graded here; run `course grade {assignment}` first"
        )
    master = load_master(course_dir, assignment)
    points = {
        str(grade_id(cell)).removesuffix("_tests"): float(cell.metadata.nbgrader.points)
        for cell in master.notebook.cells
        if is_test(cell)
    }
    rows = [row for row in grade_rows(course_dir) if row.assignment == assignment]
    records = {row.student_id: _records(course_dir, row) for row in rows}
    students = [_student(row, records[row.student_id], points) for row in rows]
    heading = next((cell.source for cell in master.notebook.cells if cell.cell_type == "markdown"), "")
    title = heading.split("\n")[0].lstrip("# ").strip() or assignment
    return Report(
        assignment=assignment,
        title=title,
        automatic_max=sum(points.values()),
        students=students,
        exercises=[_exercise(name, worth, records) for name, worth in points.items()],
        mistakes=_mistakes(records),
    )


def _records(course_dir: Path, row: GradeRow) -> dict[str, dict[str, Any]]:
    """Exercise → record of its hidden tests, from the autograded notebook; empty when there is none."""
    path = course_dir / "autograded" / row.student_id / row.assignment / f"{row.assignment}.ipynb"
    if row.status == UNUSABLE or not path.is_file():
        return {}
    records = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        record = result_of(cell)
        if record is not None:
            records[name.removesuffix("_tests")] = record
    return records


def _student(row: GradeRow, records: dict[str, dict[str, Any]], points: dict[str, float]) -> StudentLine:
    earned = {name: float(records.get(name, {}).get("score", 0.0)) for name in points}
    trouble = {}
    for name, worth in points.items():
        failed = [test for test in records.get(name, {}).get("tests", []) if not test["passed"]]
        # A recognised mistake says more than a difference in numbers.
        failed.sort(key=lambda test: test["mutant"] is None)
        if failed:
            trouble[name] = str(failed[0]["sentence"])
        elif worth and earned[name] < worth:
            trouble[name] = "the hidden tests did not run"
    return StudentLine(row, sum(earned.values()), earned, trouble)


def _exercise(name: str, points: float, records: dict[str, dict[str, dict[str, Any]]]) -> ExerciseTally:
    shares, empty = [], 0
    tests: dict[str, list[bool]] = {}
    for of_student in records.values():
        results = of_student.get(name, {}).get("tests", [])
        weight = sum(test["weight"] for test in results)
        shares.append(sum(test["weight"] for test in results if test["passed"]) / weight if weight else 0.0)
        empty += bool(results) and all(test["sentence"] == NOT_WRITTEN for test in results)
        for test in results:
            tests.setdefault(test["title"], []).append(bool(test["passed"]))
    full, none = sum(share >= FULL for share in shares), sum(share == 0 for share in shares)
    tallies = [HiddenTestTally(title, sum(passed), len(passed)) for title, passed in tests.items()]
    return ExerciseTally(name, points, full, len(shares) - full - none, none, empty, tallies)


def _mistakes(records: dict[str, dict[str, dict[str, Any]]]) -> list[Mistake]:
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    recognised = set()
    for student, of_student in records.items():
        for name, record in of_student.items():
            for test in record["tests"]:
                if not test["passed"] and test["sentence"] != NOT_WRITTEN:
                    said[name, test["sentence"]].add(student)
                    if test["mutant"] is not None:
                        recognised.add((name, test["sentence"]))
    mistakes = [Mistake(*key, sorted(students), key in recognised) for key, students in said.items()]
    mistakes.sort(key=lambda m: (-len(m.students), not m.recognised, m.exercise, m.sentence))
    return mistakes[:MOST_MISTAKES]
