"""What is graded again and what is not, when something has changed since a run; and what is kept with a grade."""

import errno
import json
from pathlib import Path

import nbformat
import pytest
from journal_course import NEW, prepared, stopped
from pipeline_course import NAME, filled, grade, hand_in

from autograder.pipeline import folders, state, tasks
from autograder.pipeline.gradebook import summary_table
from autograder.pipeline.grades import open_gradebook
from autograder.pipeline.state import load_state


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepared(tmp_path, monkeypatch)


@pytest.mark.parametrize("usable", [True, False])
def test_what_was_begun_for_other_work_is_not_taken_for_graded(
    course: Path, monkeypatch: pytest.MonkeyPatch, usable: bool
) -> None:
    path = course / "submitted" / "ana" / NAME / f"{NAME}.ipynb"
    before = path.read_bytes()
    released = nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    hand_in(course, "ana", filled(released, double="return 0") if usable else "no notebook")

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(folders, "write_text", full)
        stopped(course, "the disk is full")
    with open_gradebook(course) as gradebook:
        assert (
            gradebook.find_submission(NAME, "ana").score == 5 * usable
        )  # the gradebook was written, the notebook was not
    path.write_bytes(before)
    assert grade(course, NAME, progress=False).regraded == len(NEW) + 1


def test_a_changed_hidden_test_grades_its_own_assignment_again(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def grade_by_hand(score: float | None) -> float | None:
        with open_gradebook(course) as gradebook:
            mark = gradebook.find_grade("question", NAME, NAME, "ana")
            if score is not None:
                mark.manual_score, mark.needs_manual_grade = score, False
                gradebook.db.commit()
            assert not mark.needs_manual_grade
            return mark.manual_score

    grade(course, NAME, progress=False)
    grade_by_hand(4.5)
    monkeypatch.setattr(tasks, "tests_version", lambda assignment: "other tests")
    summary = grade(course, NAME, progress=False)
    assert summary.regraded == len(summary.rows) == 11 + len(NEW)
    assert grade_by_hand(None) == 4.5


def test_the_version_of_hidden_tests_is_that_of_their_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(state.__file__).parent.parent
    own = root / "hidden" / "made_up.py"
    contents = {own: b"first"}
    monkeypatch.setattr(state, "files_of_topic", lambda folder, topic: [own] if topic == "mine" else [])
    monkeypatch.setattr(Path, "read_bytes", lambda path: contents.get(path, b""))
    monkeypatch.setattr(Path, "is_file", lambda path: True)
    version = state.tests_version.__wrapped__
    before = version("91_mine"), version("92_theirs")
    contents[own] = b"second"
    after = version("91_mine"), version("92_theirs")
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)


def test_the_sandbox_level_is_kept_with_every_grade_and_shown(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = grade(course, NAME, progress=False)
    kept = load_state(course, NAME)
    assert {each.level for each in kept.values()} == {summary.level}
    assert f"sandbox level {summary.level}" in str(summary_table(summary).title)
    content = json.loads((course / ".course" / "graded" / f"{NAME}.json").read_text())
    content["ana"]["level"] = content["ben"]["level"] = "another"
    (course / ".course" / "graded" / f"{NAME}.json").write_text(json.dumps(content))
    assert grade(course, NAME, progress=False).notes == ("2 of the grades kept were made at sandbox level another",)
