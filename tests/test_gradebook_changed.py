"""The gradebook may change between two runs of `course grade`: moved away, restored from a backup, written by
nbgrader's commands. The next run finds it out, and what it writes is right again.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from journal_course import run
from late_course import DUE, page, regraded, released, rows, scores
from nbgrader_runs import NAME, nbgrader
from pipeline_course import filled, give_marks, grade, hand_in

from autograder.build.release import prepare_course
from autograder.engine.processes import Grader
from autograder.pipeline.convert import Converters
from autograder.pipeline.folders import autograded_path
from autograder.pipeline.grades import GradebookError, open_gradebook, remove_drafts
from autograder.pipeline.intake import take_in
from autograder.pipeline.keys import CourseLockedError, course_lock
from autograder.pipeline.master import load_master
from autograder.pipeline.standing import Standing, Standings
from autograder.pipeline.state import load_state, state_path
from autograder.pipeline.tasks import Course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own making
KNN = "01_knn"


@pytest.fixture
def course(late_class: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(late_class, tmp_path / "course"))


def test_what_the_gradebook_holds_of_a_new_submission_in_time_is_known_without_reading_it(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = {"ben": DUE, "cem": DUE - timedelta(hours=1.5, microseconds=3), "dan": DUE + timedelta(seconds=1)}
    times = {"ana": ""} | {student: f"{moment} UTC" for student, moment in moments.items()}
    for student, timestamp in times.items():
        hand_in(course, student, filled(released(course)))
        (course / "submitted" / student / NAME / "timestamp.txt").write_text(timestamp)
    with open_gradebook(course) as gradebook:
        for student in "ana", "ben", "cem":
            gradebook.remove_submission(NAME, student)
    known: dict[str, Standing | None] = {}
    read: dict[str, Standing] = {}
    tell = Converters.standing_of_new

    def compared(self: Converters, student: str) -> Standing | None:
        known[student] = standing = tell(self, student)
        with Standings(course, NAME) as standings:
            read[student] = standings.of(student)
        return standing

    monkeypatch.setattr(Converters, "standing_of_new", compared)
    assert regraded(course) == 4
    assert [known[student] for student in moments.keys() - {"dan"}] == [read[s] for s in moments.keys() - {"dan"}]
    assert [student for student, standing in known.items() if standing is None] == ["dan"]
    assert regraded(course) == 0
    assert len(known) == 4


def test_where_the_gradebook_was_moved_away_an_instructors_assignment_is_asked_for_and_graded_from_the_start(
    course: Path,
) -> None:
    before = (course / "grades.csv").read_bytes()
    (course / "gradebook.db").rename(course / "damaged.db")
    words = f"nbgrader generate_assignment {NAME} --force"
    with pytest.raises(GradebookError, match=words) as raised:
        regraded(course)
    assert "\n" not in str(raised.value)
    nbgrader(course, "generate_assignment", NAME, "--force")
    with open_gradebook(course) as gradebook:
        gradebook.find_assignment(NAME).duedate = DUE
        gradebook.db.commit()
    assert regraded(course) == 3
    assert (course / "grades.csv").read_bytes() == before
    assert regraded(course) == 0


def test_a_gradebook_without_the_assignment_says_so(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.remove_assignment(NAME)
    with pytest.raises(GradebookError, match=rf"gradebook\.db: does not have {NAME}"):
        regraded(course)


def test_where_the_gradebook_was_moved_away_all_are_graded_again_and_other_assignments_keep_their_lines(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Grader, "grade", run)
    prepare_course(course, [KNN])
    for student in ("ana", "ben"):
        shutil.copytree(course / "release" / KNN, course / "submitted" / student / KNN)
    grade(course, KNN, workers=1, progress=False)
    before = rows(course, KNN)
    assert {row["score"] for row in before.values()} == {"45"}
    (course / "gradebook.db").rename(course / "damaged.db")
    summary = grade(course, KNN, workers=1, progress=False)
    assert (summary.regraded, rows(course, KNN)) == (2, before)
    others = rows(course)
    assert others.keys() == {"ana", "ben", "cem"}
    for row in others.values():
        assert (row["score"], row["status"]) == ("0", "failed")
        assert "not in gradebook.db" in row["note"] and f"course grade {NAME}" in row["note"]
    assert summary.notes == (
        f"3 submissions of {NAME} were graded before and are not in gradebook.db: 0 in grades.csv, with a note, until "
        f"`course grade {NAME}`",
    )


def test_where_a_backup_was_restored_what_was_graded_since_is_graded_again(course: Path) -> None:
    give_marks(course, "ben", 4.5, "Well argued.")
    give_marks(course, "cem", 3, "")
    regraded(course)
    shutil.copy(course / "gradebook.db", course / "backup.db")
    hand_in(course, "ben", filled(released(course), answer="Another answer."))
    assert (regraded(course), scores(course)["ben"]) == (1, 14.5)
    shutil.copy(course / "backup.db", course / "gradebook.db")
    assert regraded(course) == 1
    assert scores(course) == {"ana": 8, "ben": 14.5, "cem": 9}
    with open_gradebook(course) as gradebook:
        assert gradebook.find_submission(NAME, "ben").score == 14.5
        assert gradebook.find_comment("question", NAME, NAME, "ben").manual_comment == "Well argued."
    # That mark is of the answer before, which the autograded notebook no longer has.
    assert {student: row["status"] for student, row in rows(course).items()} == {
        "ana": "needs_manual_grade",
        "ben": "needs_manual_grade",
        "cem": "graded",
    }
    assert "(Score: 14.5 / 15.0)" in page(course, "ben").read_text()
    assert regraded(course) == 0


def test_a_time_of_hand_in_that_was_changed_in_the_gradebook_is_written_again(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.update_or_create_submission(NAME, "ben", timestamp=datetime(2026, 3, 5))
    assert (regraded(course), scores(course)["ben"]) == (1, 6)


def test_a_submission_that_was_removed_from_the_gradebook_is_graded_again(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.remove_submission(NAME, "ana")
    assert (regraded(course), scores(course)["ana"]) == (1, 8)


def test_what_is_in_neither_gradebook_nor_submitted_has_a_line_that_says_so(course: Path) -> None:
    with open_gradebook(course) as gradebook:
        gradebook.remove_submission(NAME, "ana")
    shutil.rmtree(course / "submitted" / "ana")
    summary = grade(course, NAME, workers=1, progress=False)
    assert (summary.regraded, summary.all_graded, summary.notes) == (0, False, ())
    row = rows(course)["ana"]
    assert (row["score"], row["status"]) == ("0", "failed")
    assert row["note"].startswith("graded before, but not in gradebook.db now")


def test_what_a_person_does_in_the_gradebook_is_no_difference(course: Path) -> None:
    give_marks(course, "ana", 4.5, "Well argued.")
    with open_gradebook(course) as gradebook:
        of_tests = gradebook.find_grade("double_tests", NAME, NAME, "ben")
        of_tests.manual_score, of_tests.extra_credit, of_tests.needs_manual_grade = 5, 1.5, False
        gradebook.find_submission_notebook(NAME, NAME, "ben").flagged = True
        gradebook.db.commit()
    assert regraded(course) == 0
    assert scores(course) == {"ana": 12.5, "ben": 6.5, "cem": 6}


def test_what_an_earlier_version_kept_is_read_and_graded_again(course: Path) -> None:
    give_marks(course, "ana", 4.5, "Well argued.")
    path = state_path(course, NAME)
    content = json.loads(path.read_text())
    for kept in content.values():
        del kept["automatic"], kept["lateness"]
    path.write_text(json.dumps(content))
    assert load_state(course, NAME).keys() == {"ana", "ben", "cem"}
    assert regraded(course) == 3
    assert (scores(course)["ana"], rows(course)["ana"]["status"]) == (12.5, "graded")


def test_what_nbgrader_graded_with_the_same_scores_is_left(course: Path) -> None:
    nbgrader(course, "autograde", NAME, "--force")
    assert regraded(course) == 0


def test_what_nbgrader_graded_with_other_scores_is_graded_again_and_a_persons_look_at_it_counts(course: Path) -> None:
    hand_in(course, "ben", filled(released(course)))
    nbgrader(course, "autograde", NAME, "--force")
    give_marks(course, "ben", 4.5, "")
    assert regraded(course) == 1
    assert (scores(course)["ben"], rows(course)["ben"]["status"]) == (14.5, "graded")
    with open_gradebook(course) as gradebook:
        gradebook.find_grade("double_tests", NAME, NAME, "ben").auto_score = 1
        gradebook.db.commit()
    assert (regraded(course), scores(course)["ben"]) == (1, 14.5)


@pytest.mark.parametrize(
    ("differs", "stays"), [({"task": None}, True), ({"double_tests": 1.0}, False)], ids=["a task", "a score"]
)
def test_an_autograded_notebook_stays_while_its_scores_are_the_gradebooks(
    course: Path, differs: dict[str, float | None], stays: bool
) -> None:
    with Standings(course, NAME) as standings:
        standing = standings.of("ben")
    standing = replace(standing, automatic="another", scores=standing.scores | differs)
    unsettle(course, standing)
    assert autograded_path(course, "ben", NAME).is_file() == stays


@pytest.mark.parametrize("content", ['{"cells": null}', '{"cells": [1]}', "{"])
def test_a_damaged_autograded_notebook_counts_as_none(course: Path, content: str) -> None:
    path = autograded_path(course, "ben", NAME)
    path.chmod(0o644)
    path.write_text(content)
    with Standings(course, NAME) as standings:
        unsettle(course, replace(standings.of("ben"), automatic="another"))
    assert not path.exists()


def unsettle(course_dir: Path, standing: Standing) -> None:
    course = Course(course_dir, load_master(course_dir, NAME), b"key", 30.0)
    submission = take_in(course_dir, course.master, "ben", course_dir / "submitted" / "ben" / NAME)
    course._unsettle(submission, load_state(course_dir, NAME)["ben"], standing)


KILLED = """
import os, pathlib, signal, sys
from autograder.pipeline import grades, state
pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
course_dir = pathlib.Path(sys.argv[1])
grades.write_grades(course_dir, []) if sys.argv[2] == "grades" else state.save_state(course_dir, sys.argv[3], {})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_run_killed_while_it_replaces_a_file_leaves_no_draft_after_the_next(course: Path) -> None:
    def drafts() -> list[str]:
        return sorted(path.name for folder in (course, state_path(course, NAME).parent) for path in folder.glob(".*.*"))

    for what in ("grades", "state"):
        killed = subprocess.run([sys.executable, "-c", KILLED, str(course), what, NAME], capture_output=True)
        assert killed.returncode == -9, killed.stderr
    assert [name.startswith(start) for name, start in zip(drafts(), (f".{NAME}.json.", ".grades.csv."), strict=True)]
    with course_lock(course), pytest.raises(CourseLockedError):
        regraded(course)
    assert len(drafts()) == 2  # they may be those of the run that holds the lock
    regraded(course)
    assert drafts() == []


def test_only_drafts_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    others = [
        path,
        tmp_path / ".grades.csv.notes",
        tmp_path / ".grades.csv.12.0123abcd~",
        tmp_path / ".other.12.0123abcd",
    ]
    for other in (*others, tmp_path / ".grades.csv.12.0123abcd"):
        other.touch()
    remove_drafts(path)
    assert sorted(tmp_path.iterdir()) == sorted(others)
