"""One class graded in four ways: by stock nbgrader, by `nbgrader autograde` with our settings, by formgrader's button
and by `course grade`. The gradebooks are equal, late penalties and extensions included.
"""

import csv
import functools
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader_runs import NAME, copied, hand_in_at, nbgrader, new_course
from pipeline_course import filled, grade, hand_in
from traitlets.config import PyFileConfigLoader
from writing_course import tables

from autograder.pipeline.grades import open_gradebook

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own making
DUE = datetime(2026, 3, 1, 12)
SETTINGS = """
from nbgrader.plugins import BasePlugin
class PointADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 86400
c.AssignLatePenalties.plugin_class = PointADay
"""
STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'deep-learning-from-scratch'\n" + SETTINGS
WORK: dict[str, tuple[dict[str, str], str]] = {  # student → what differs from right work, when it was handed in
    "ana": ({}, "2026-03-01 11:59:00 UTC"),
    "ben": ({"double": "return 2 * x if x < 1000 else 2 * x + 1"}, "2026-03-03 12:00:00 UTC"),
    "cem": ({"halve": "raise ValueError(x)"}, "2026-03-03 12:00:00 UTC"),  # two days late, and has two more days
    "dora": ({"double": "return x", "halve": "return x", "answer": "I do not know."}, "2026-03-21 12:00:00 UTC"),
}
PAID = {"ana": (10, 0), "ben": (7, 2), "cem": (6, 0), "dora": (0, 0)}  # points, and what being late costs of them


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course_dir = tmp_path_factory.mktemp("courses") / "handed-in"
    released = new_course(course_dir, SETTINGS)
    for student, (work, moment) in WORK.items():
        hand_in_at(course_dir, student, filled(released, **work), moment)
    with open_gradebook(course_dir) as gradebook:
        gradebook.find_assignment(NAME).duedate = DUE
        gradebook.add_student("cem")
        gradebook.add_submission(NAME, "cem")
        gradebook.grant_extension(NAME, "cem", days=2)
    return course_dir


def by_course_grade(course_dir: Path) -> None:
    grade(course_dir, NAME, workers=1, progress=False)


def by_stock_nbgrader(course_dir: Path) -> None:
    (course_dir / "nbgrader_config.py").write_text(STOCK)
    nbgrader(course_dir, "autograde", NAME)


def by_nbgrader_with_our_settings(course_dir: Path) -> None:
    nbgrader(course_dir, "autograde", NAME)


def by_formgraders_button(course_dir: Path) -> None:
    for student in WORK:
        result = api(course_dir).autograde(NAME, student)
        assert result["success"], result


def api(course_dir: Path) -> NbGraderAPI:
    """What formgrader's buttons call."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course_dir)).load_config()
    config.CourseDirectory.root = str(course_dir)
    return NbGraderAPI(config=config)


WAYS = [by_stock_nbgrader, by_nbgrader_with_our_settings, by_formgraders_button]


@pytest.fixture(scope="module")
def graded(handed_in: Path) -> Any:
    """A function that gives the class graded in one of these ways; each is done once."""

    @functools.cache
    def in_this_way(way: Any) -> Path:
        course_dir = copied(handed_in, way.__name__)
        way(course_dir)
        return course_dir

    return in_this_way


def exported(course_dir: Path) -> dict[str, dict[str, str]]:
    """The rows of `nbgrader export`."""
    nbgrader(course_dir, "export", "--to", "exported.csv")
    with (course_dir / "exported.csv").open(newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("way", WAYS)
def test_the_gradebook_is_the_same_table_by_table(graded: Any, way: Any) -> None:
    theirs, ours = tables(graded(way)), tables(graded(by_course_grade))
    assert theirs.keys() == ours.keys()
    for name in theirs:
        assert theirs[name] == ours[name], name


@pytest.mark.parametrize("way", [by_course_grade, by_stock_nbgrader])
def test_late_penalties_and_extensions_are_in_the_exported_grades(graded: Any, way: Any) -> None:
    rows = exported(graded(way))
    for student, (points, penalty) in PAID.items():
        row = rows[student]
        numbers = float(row["raw_score"]), float(row["late_submission_penalty"]), float(row["score"])
        assert numbers == (points, penalty, points - penalty)


def test_grades_csv_says_what_nbgrader_exports(graded: Any) -> None:
    course_dir = graded(by_course_grade)
    with (course_dir / "grades.csv").open(newline="") as file:
        ours = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    theirs = {student: (float(row["score"]), float(row["max_score"])) for student, row in exported(course_dir).items()}
    assert ours == theirs


def test_a_penalty_never_takes_more_than_there_is(graded: Any) -> None:
    course_dir = copied(graded(by_course_grade), "fewer-points")
    with open_gradebook(course_dir) as gradebook:
        for name, points in (("double_tests", 0), ("halve_tests", 1)):
            gradebook.find_grade(name, NAME, NAME, "ben").manual_score = points
        gradebook.db.commit()
        assert gradebook.find_submission(NAME, "ben").late_submission_penalty == 2
    grade(course_dir, NAME, workers=1, progress=False)
    with (course_dir / "grades.csv").open(newline="") as file:
        ours = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert (ours["ben"], float(exported(course_dir)["ben"]["score"])) == (0, 0)


def test_nbgraders_export_leaves_our_grades_alone(graded: Any) -> None:
    course_dir = graded(by_course_grade)
    before = (course_dir / "grades.csv").read_bytes()
    nbgrader(course_dir, "export")
    assert (course_dir / "grades.csv").read_bytes() == before
    assert "late_submission_penalty" in (course_dir / "nbgrader-grades.csv").read_text()


def test_a_comment_given_by_hand_is_in_nbgraders_feedback_after_a_regrade(graded: Any) -> None:
    course_dir = copied(graded(by_formgraders_button), "graded-by-hand")
    with open_gradebook(course_dir) as gradebook:
        answer = gradebook.find_grade("question", NAME, NAME, "ana")
        assert answer.needs_manual_grade
        answer.manual_score, answer.needs_manual_grade = 3.5, False
        gradebook.find_comment("question", NAME, NAME, "ana").manual_comment = "Halves are **not** answered for."
        gradebook.db.commit()
    released = nbformat.read(course_dir / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course_dir, "ana", filled(released, halve="return 0"))
    for result in (api(course_dir).autograde(NAME, "ana"), api(course_dir).generate_feedback(NAME, "ana")):
        assert result["success"], result
    page = (course_dir / "feedback" / "ana" / NAME / f"{NAME}.html").read_text()
    assert "Halves are <strong>not</strong> answered for." in page
    assert "(Score: 9.5 / 15.0)" in page
    with open_gradebook(course_dir) as gradebook:
        answer = gradebook.find_grade("question", NAME, NAME, "ana")
        assert (answer.score, answer.needs_manual_grade) == (3.5, True)  # nbgrader asks for a second look
    nbgrader(course_dir, "generate_feedback", NAME, "--force")
    assert {path.parent.parent.name for path in course_dir.glob(f"feedback/*/{NAME}/*.html")} == set(WORK)


def test_what_nbgrader_is_told_not_to_run_is_not_graded(graded: Any) -> None:
    course_dir = copied(graded(by_nbgrader_with_our_settings), "not-run")
    before = tables(course_dir)["grade"]
    nbgrader(course_dir, "autograde", NAME, "--force", "--no-execute", status=1)
    assert tables(course_dir)["grade"] == before
