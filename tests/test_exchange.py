"""An assignment goes out through nbgrader's exchange, and its feedback comes back, with `course grade` in between."""

import csv
import shutil
import time
from pathlib import Path

import pytest
from nbgrader_runs import COURSE, NAME, nbgrader, new_course, solve
from pipeline_course import grade

from autograder.pipeline.intake import take_in
from autograder.pipeline.master import load_master

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own making
STUDENTS = ("ana", "ben", "cem")


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The instructor's course and a folder for each student, after release, hand-in, grading and return."""
    root = tmp_path_factory.mktemp("exchange")
    settings = f"c.Exchange.root = {str(root / 'exchange')!r}\n"
    course_dir = root / "course"
    new_course(course_dir, settings)
    nbgrader(course_dir, "release_assignment", NAME)
    for student in STUDENTS:
        folder = root / student
        folder.mkdir()
        lines = (
            f"c = get_config()\nc.CourseDirectory.course_id = {COURSE!r}\nc.CourseDirectory.student_id = {student!r}\n"
        )
        (folder / "nbgrader_config.py").write_text(lines + settings)
        nbgrader(folder, "fetch_assignment", NAME)
    places = {"course": course_dir} | {student: root / student for student in STUDENTS}
    notebooks = {student: places[student] / NAME / f"{NAME}.ipynb" for student in STUDENTS}
    assert notebooks["ana"].read_bytes() == (course_dir / "release" / NAME / f"{NAME}.ipynb").read_bytes()
    solve(notebooks["ana"])
    solve(notebooks["ben"], double="return 2 * x if x < 1000 else 2 * x + 1")
    notebooks["cem"].write_text("cut sh")
    for student in STUDENTS:
        nbgrader(places[student], "submit", NAME)
    nbgrader(course_dir, "collect", NAME)
    grade(course_dir, NAME, workers=1, progress=False)
    nbgrader(course_dir, "release_feedback", NAME)
    for student in STUDENTS:
        nbgrader(places[student], "fetch_feedback", NAME)
    return places


def feedback(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted((folder / NAME / "feedback").glob(f"*/{NAME}.html"))]


@pytest.mark.parametrize(
    ("student", "score", "words"),
    [
        ("ana", 10, "ok    "),
        ("ben", 7, "The result is one too large."),
        ("cem", 0, "not valid JSON"),
    ],
)
def test_what_a_student_hands_in_comes_back_with_a_grade_and_feedback(
    places: dict[str, Path], student: str, score: float, words: str
) -> None:
    with (places["course"] / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    (page,) = feedback(places[student])
    assert (scores[student], words in page) == (score, True)


def test_each_student_gets_their_own_page_of_the_course(places: dict[str, Path]) -> None:
    for student in STUDENTS:
        (mine,) = feedback(places[student])
        assert mine == (places["course"] / "feedback" / student / NAME / f"{NAME}.html").read_text()


def test_a_second_hand_in_is_collected_graded_and_its_feedback_fetched_too(places: dict[str, Path]) -> None:
    course_dir, folder = places["course"], places["ben"]
    (first,) = feedback(folder)
    solve(folder / NAME / f"{NAME}.ipynb")
    time.sleep(1.1)  # hand-ins of one student are told apart by the second
    nbgrader(folder, "submit", NAME)
    nbgrader(course_dir, "collect", NAME, "--update")
    assert grade(course_dir, NAME, workers=1, progress=False).regraded == 1
    nbgrader(course_dir, "release_feedback", NAME)
    nbgrader(folder, "fetch_feedback", NAME)
    before, after = feedback(folder)
    assert before == first
    assert "one too large" not in after


@pytest.mark.parametrize("kind", ["a link", "too long", "no text", "nothing"])
def test_only_a_short_secret_of_ones_own_is_taken(places: dict[str, Path], kind: str) -> None:
    """The name of a released page is made of it: with another's secret a page would take the place of theirs."""
    course_dir = places["course"]
    folder = course_dir / "submitted" / "eve" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(places["ana"] / NAME / f"{NAME}.ipynb", folder)
    secret, other = folder / "submission_secret.txt", course_dir / "submitted" / "ana" / NAME / "submission_secret.txt"
    secret.unlink(missing_ok=True)
    if kind == "a link":
        secret.symlink_to(other)
    elif kind != "nothing":
        secret.write_bytes(b"s" * 10_000 if kind == "too long" else b"\xff\x00")
    master = load_master(course_dir, NAME)
    assert take_in(course_dir, master, "eve", folder).secret is None
    assert take_in(course_dir, master, "ana", other.parent).secret == other.read_text()
