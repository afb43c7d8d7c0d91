"""An extension, a due date or a rule of late penalties that changes after grading counts at the next `course grade`."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from late_course import PLUGIN, not_again, page, regraded, scores
from nbgrader_runs import NAME
from pipeline_course import grade

from autograder.engine.processes import Grader
from autograder.pipeline import by_nbgrader
from autograder.pipeline.grades import open_gradebook

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own making
BROKEN = PLUGIN.format(points="1 / 0 ")


@pytest.fixture
def course(late_class: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(late_class, tmp_path / "course"))


def grant_extension(course_dir: Path) -> None:
    with open_gradebook(course_dir) as gradebook:
        gradebook.grant_extension(NAME, "ana", days=1)


def take_extension_back(course_dir: Path) -> None:
    with open_gradebook(course_dir) as gradebook:
        gradebook.grant_extension(NAME, "ana")


def move_due_date(course_dir: Path) -> None:
    with open_gradebook(course_dir) as gradebook:
        gradebook.find_assignment(NAME).duedate = datetime(2026, 3, 9)
        gradebook.db.commit()


def take_due_date_away(course_dir: Path) -> None:
    with open_gradebook(course_dir) as gradebook:
        gradebook.find_assignment(NAME).duedate = None
        gradebook.db.commit()


def settings(text: str) -> Callable[[Path], object]:
    def add(course_dir: Path) -> None:
        with (course_dir / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(text)

    return add


ZERO = "from nbgrader.plugins import LateSubmissionPlugin\nc.AssignLatePenalties.plugin_class = LateSubmissionPlugin\n"
CHANGES = [
    (grant_extension, 1.0),
    (move_due_date, None),
    (take_due_date_away, None),
    (settings(PLUGIN.format(points=1.5)), 3.0),
    (settings(ZERO + "c.LateSubmissionPlugin.penalty_method = 'zero'\n"), 10.0),
    (settings(ZERO + "c.AssignLatePenalties.LateSubmissionPlugin.penalty_method = 'zero'\n"), 10.0),
    (settings(ZERO), None),
]
CHANGED = ["extension", "due date", "no due date", "plugin", "method", "method of the step", "no penalty"]


@pytest.mark.parametrize(("change", "penalty"), CHANGES, ids=CHANGED)
def test_a_late_penalty_follows_what_it_depends_on_and_nothing_is_run(
    course: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], penalty: float | None
) -> None:
    monkeypatch.setattr(Grader, "grade", not_again)
    unchanged = page(course, "ben").stat().st_mtime_ns
    change(course)
    summary = grade(course, NAME, workers=1, progress=False)
    note = "what late penalties depend on (due date, extension, settings) has changed: computed again for 1"
    assert (summary.regraded, summary.notes) == (0, (note,))
    with open_gradebook(course) as gradebook:
        assert gradebook.find_submission_notebook(NAME, NAME, "ana").late_submission_penalty == penalty
    score = 10 - (penalty or 0.0)
    assert scores(course) == {"ana": score, "ben": 6, "cem": 6}
    text = page(course, "ana").read_text()
    assert f"(Score: {score} / 15.0)" in text
    assert page(course, "ben").stat().st_mtime_ns == unchanged
    assert grade(course, NAME, workers=1, progress=False).notes == ()


def test_a_late_penalty_follows_also_where_nbgraders_converters_write(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings("c.ClearMetadataPreprocessor.enabled = True\n")(course)
    monkeypatch.setattr(Grader, "grade", not_again)
    grant_extension(course)
    assert (regraded(course), scores(course)["ana"]) == (0, 9)


def test_an_extension_taken_back_costs_what_it_did(course: Path) -> None:
    grant_extension(course)
    assert (regraded(course), scores(course)["ana"]) == (0, 9)
    take_extension_back(course)
    assert (regraded(course), scores(course)["ana"]) == (0, 8)


def test_a_late_penalty_of_an_old_backup_is_computed_again(course: Path) -> None:
    shutil.copy(course / "gradebook.db", course / "backup.db")
    settings(PLUGIN.format(points=1.5))(course)
    assert (regraded(course), scores(course)["ana"]) == (0, 7)
    shutil.copy(course / "backup.db", course / "gradebook.db")
    assert (regraded(course), scores(course)["ana"]) == (0, 7)


def test_without_feedback_a_page_with_another_penalty_goes(course: Path) -> None:
    grant_extension(course)
    assert (regraded(course, feedback=False), scores(course)["ana"]) == (0, 9)
    assert not page(course, "ana").exists() and page(course, "ben").exists()
    assert regraded(course) == 0
    assert "(Score: 9.0 / 15.0)" in page(course, "ana").read_text()


def test_a_plugin_that_fails_stops_nobody_and_is_asked_again(course: Path) -> None:
    config = (course / "nbgrader_config.py").read_text()
    settings(BROKEN)(course)
    before = page(course, "ana").stat().st_mtime_ns
    for _ in range(2):
        summary = grade(course, NAME, workers=1, progress=False)
        assert summary.notes == ("the late penalty of 'ana' could not be computed again (ZeroDivisionError)",)
    assert scores(course) == {"ana": 8, "ben": 6, "cem": 6}
    assert page(course, "ana").stat().st_mtime_ns == before
    (course / "nbgrader_config.py").write_text(config)
    assert grade(course, NAME, workers=1, progress=False).notes == ()


def test_settings_read_the_same_in_every_process() -> None:
    """Python's own words for a set follow no order that would stay, and those for a function hold an address."""
    names = [f"student {number}" for number in range(20)]
    described = by_nbgrader._in_words({"exempt": set(names), "days": 2})
    assert described == f"{{'days': 2, 'exempt': {{{', '.join(sorted(map(repr, names)))}}}}}"
    assert by_nbgrader._in_words([lambda late: 2 * late]) == by_nbgrader._in_words([lambda late: 2 * late])
    assert by_nbgrader._in_words(object()) == by_nbgrader._in_words(object())
