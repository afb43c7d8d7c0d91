"""Grades for other systems: plain CSV, and the layouts that Canvas and Moodle import."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from autograder.pipeline.grades import COLUMNS, GradeRow, check_gradebook, grade_rows, open_gradebook, write_csv

FORMATS = ("csv", "canvas", "moodle")


class UnknownFormatError(ValueError):
    """No system has the name asked for; the message lists those there are."""


def export(course_dir: Path | str, to: str = "csv", out: Path | str | None = None) -> Path:
    """Write the course's grades for `to` ("csv", "canvas" or "moodle") and return the path.

    `out` is DIR/grades-TO.csv by default.

    Raises UnknownFormatError for another format, FileNotFoundError when nothing has been graded here,
    IsADirectoryError when `out` is a folder, GradebookError when the gradebook is damaged.
    """
    course_dir = Path(course_dir).resolve()
    if to not in FORMATS:
        raise UnknownFormatError(f"unknown export format {to!r}: choose one of {', '.join(FORMATS)}")
    if not (course_dir / "gradebook.db").is_file():
        raise FileNotFoundError(f"{course_dir / 'gradebook.db'}: not there; run `course grade` first")
    path = Path(out) if out else course_dir / f"grades-{to}.csv"
    if path.is_dir():
        raise IsADirectoryError(f"{path}: a folder; name the file to write, as in {path / f'grades-{to}.csv'}")
    check_gradebook(course_dir)
    rows = grade_rows(course_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_csv(path, {"csv": _plain, "canvas": _canvas, "moodle": _moodle}[to](course_dir, rows))


def _plain(course_dir: Path, rows: list[GradeRow]) -> list[list[str]]:
    lines = [[r.student_id, r.assignment, f"{r.score:g}", f"{r.max_score:g}", r.status, r.note] for r in rows]
    return [list(COLUMNS), *lines]


def _canvas(course_dir: Path, rows: list[GradeRow]) -> list[list[str]]:
    """A gradebook import: a row a student, a column an assignment, a second line with the points possible.

    Canvas finds students by SIS Login ID when its own ID is left empty; a column whose name it does not know becomes a
    new assignment. Students without a submission keep an empty field, which Canvas leaves as it is.
    """
    people, scores, maxima = _by_student(course_dir, rows)
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *maxima]
    possible = ["    Points Possible", "", "", "", "", *(f"{maximum:g}" for maximum in maxima.values())]
    lines = []
    for student, of_student in scores.items():
        first, last, _ = people.get(student, ("", "", ""))
        name = f"{last}, {first}" if first and last else first or last or student
        lines.append([name, "", "", student, "", *(_score(of_student.get(each)) for each in maxima)])
    return [header, possible, *lines]


def _moodle(course_dir: Path, rows: list[GradeRow]) -> list[list[str]]:
    """A grade import: students by ID number (or e-mail address), and for each assignment its grade and a feedback text.

    Moodle wants both columns mapped: grades without their feedback column would be lost on import.
    """
    people, scores, maxima = _by_student(course_dir, rows)
    header = ["First name", "Last name", "ID number", "Email address"]
    for assignment in maxima:
        header += [assignment, f"{assignment} (Feedback)"]
    lines = []
    for student, of_student in scores.items():
        first, last, email = people.get(student, ("", "", ""))
        line = [first, last, student, email or (student if "@" in student else "")]
        for assignment in maxima:
            row = of_student.get(assignment)
            line += [_score(row), row.note if row else ""]
        lines.append(line)
    return [header, *lines]


def _score(row: GradeRow | None) -> str:
    return f"{row.score:g}" if row else ""


def _by_student(
    course_dir: Path, rows: list[GradeRow]
) -> tuple[dict[str, tuple[str, str, str]], dict[str, dict[str, GradeRow]], dict[str, float]]:
    """Names and e-mail addresses, rows by student and assignment, and points possible by assignment."""
    with open_gradebook(course_dir) as gradebook:
        people = {
            student.id: (student.first_name or "", student.last_name or "", student.email or "")
            for student in gradebook.students
        }
    scores: dict[str, dict[str, GradeRow]] = defaultdict(dict)
    maxima: dict[str, float] = {}
    for row in sorted(rows, key=lambda row: (row.student_id, row.assignment)):
        scores[row.student_id][row.assignment] = row
        maxima[row.assignment] = row.max_score
    return people, dict(scores), dict(sorted(maxima.items()))
