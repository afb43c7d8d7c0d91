"""What `course grade` writes is what nbgrader's own converters write: gradebook, notebooks, feedback."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pipeline_course import NAME, filled, hand_in
from writing_course import files, on_both, tables, two_courses, write_results

from autograder.pipeline import convert
from autograder.pipeline.by_nbgrader import ByNbgrader
from autograder.pipeline.convert import Converters
from autograder.pipeline.grades import (
    FAILED,
    GRADED,
    NEEDS_PERSON,
    UNUSABLE,
    grade_rows,
    manual_marks,
    open_gradebook,
)
from autograder.pipeline.intake import intake
from autograder.pipeline.master import load_master
from autograder.pipeline.state import Kept, save_state

DUE = datetime(2026, 3, 1, 12)
HALF_OFF = """
from nbgrader.api import Gradebook
from nbgrader.plugins import BasePlugin
class HalfOff(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        step = self.parent
        with Gradebook(step.db_url) as gradebook:  # a plugin may ask the gradebook, and the converter around it
            notebook = gradebook.find_submission_notebook(step.notebook_id, step.assignment_id, student_id)
            assert notebook.score == score
        assert step.parent.parent.coursedir.assignment_id == step.assignment_id
        return score / 2 + total_seconds_late / 86400
c.AssignLatePenalties.plugin_class = HalfOff
"""


def assert_same(courses: tuple[Path, Path]) -> None:
    theirs, ours = (tables(course_dir) for course_dir in courses)
    assert theirs.keys() == ours.keys()
    for name in theirs:
        assert theirs[name] == ours[name], name
    for name in ("autograded", "feedback"):
        theirs, ours = (files(course_dir / name) for course_dir in courses)
        assert theirs.keys() == ours.keys()
        assert [path for path in theirs if theirs[path] != ours[path]] == []


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    courses = two_courses(tmp_path_factory.mktemp("courses"), settings=HALF_OFF)
    for course_dir, fast in zip(courses, (False, True), strict=True):
        write_results(course_dir, fast, together=4 if fast else 1)
    return courses


@pytest.fixture
def courses(graded: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Copies that a test may change."""
    for course_dir in graded:
        shutil.copytree(course_dir, tmp_path / course_dir.name)
    return tmp_path / "nbgrader", tmp_path / "ours"


@pytest.fixture(params=[1, 4], ids=["alone", "together"])
def together(request: pytest.FixtureRequest) -> int:
    """How many submissions go into the gradebook in one transaction."""
    return int(request.param)


def again(courses: tuple[Path, Path], *students: str, score: float = 0.25, together: int = 1) -> None:
    for course_dir, fast in zip(courses, (False, True), strict=True):
        write_results(course_dir, fast, students, score, together if fast else 1)


def test_a_class_graded_for_the_first_time(graded: tuple[Path, Path], tmp_path: Path) -> None:
    assert_same(graded)
    _, alone = two_courses(tmp_path, settings=HALF_OFF)
    write_results(alone, fast=True)
    assert_same((graded[0], alone))
    content = tables(graded[1])
    assert len(content["submitted_notebook"]) == 15
    assert {row["auto_score"] for row in content["grade"]} == {0.0, 2.0, 3.0, None}
    assert {row["auto_comment"] for row in content["comment"]} == {None, "No response."}
    assert not (graded[1] / ".course" / "rebuilt").exists()  # nbgrader's converter was not needed


def test_graded_again_after_a_person_has_graded(courses: tuple[Path, Path], together: int) -> None:
    def grade_by_hand(course_dir: Path) -> None:
        with open_gradebook(course_dir) as gradebook:
            for student, score in (("ana", 4.5), ("ben", 2.0), ("cem", 1.0), ("eli", 0.0), ("mallory 0", 5.0)):
                grade = gradebook.find_grade("question", NAME, NAME, student)
                grade.manual_score, grade.needs_manual_grade = score, student == "eli"
                gradebook.find_comment("question", NAME, NAME, student).manual_comment = f"**{student}** <b onclick=x>"
            tests = gradebook.find_grade("double_tests", NAME, NAME, "ben")
            tests.manual_score, tests.needs_manual_grade = 5.5, False
            gradebook.find_grade("halve_tests", NAME, NAME, "ana").extra_credit = 1.25
            gradebook.find_comment("double", NAME, NAME, "dora").manual_comment = "Why `2 * x`?"
            gradebook.find_submission_notebook(NAME, NAME, "ana").flagged = True
            gradebook.db.commit()
        released = nbformat.read(course_dir / "release" / NAME / f"{NAME}.ipynb", as_version=4)
        hand_in(course_dir, "ana", filled(released, halve="return 0"))
        hand_in(course_dir, "mallory 0", filled(released, answer="Another answer."))
        hand_in(course_dir, "dora", nbformat.writes(released))
        hand_in(course_dir, "eli", "no notebook")
        stray = course_dir / "autograded" / "ana" / NAME / "old"
        stray.mkdir()
        (stray / "table.csv").write_text("of an earlier release")

    on_both(courses, grade_by_hand)
    again(courses, "ana", "ben", "cem", "dora", "eli", "mallory 0", together=together)
    assert_same(courses)
    with open_gradebook(courses[1]) as gradebook:
        states = {
            student: gradebook.find_grade("question", NAME, NAME, student).needs_manual_grade
            for student in ("ana", "ben", "eli", "mallory 0")
        }
        assert states == {"ana": False, "ben": False, "eli": True, "mallory 0": True}
        assert gradebook.find_grade("double_tests", NAME, NAME, "ben").needs_manual_grade
        assert gradebook.find_submission(NAME, "ana").score == 4.5 + 1.5 + 1.0 + 1.25


def test_late_penalties_extensions_and_times_of_hand_in(courses: tuple[Path, Path]) -> None:
    def hand_in_at(course_dir: Path) -> None:
        with open_gradebook(course_dir) as gradebook:
            gradebook.find_assignment(NAME).duedate = DUE
            gradebook.db.commit()
            gradebook.grant_extension(NAME, "ben", days=2)
            gradebook.update_or_create_submission(NAME, "hana", timestamp=DUE + timedelta(days=1))
            gradebook.find_submission_notebook(NAME, NAME, "hana").late_submission_penalty = 0.5
            gradebook.find_submission_notebook(NAME, NAME, "fay").late_submission_penalty = 0.5
            gradebook.db.commit()
            gradebook.remove_submission(NAME, "cem")
        for student, hours in (("ana", 36), ("ben", 36), ("dora", -1), ("cem", 12)):
            moment = (DUE + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S UTC")
            (course_dir / "submitted" / student / NAME / "timestamp.txt").write_text(moment)

    on_both(courses, hand_in_at)
    again(courses, "ana", "ben", "cem", "dora", "fay", "hana", score=1.0)
    assert_same(courses)
    with open_gradebook(courses[1]) as gradebook:
        penalties = {
            student: gradebook.find_submission_notebook(NAME, NAME, student).late_submission_penalty
            for student in ("ana", "ben", "cem", "dora", "fay", "hana")
        }
    assert penalties == {"ana": 6.5, "ben": None, "cem": 5.5, "dora": None, "fay": None, "hana": 6.0}


def test_feedback_alone_is_written_from_the_gradebook(courses: tuple[Path, Path]) -> None:
    def comment(course_dir: Path) -> None:
        with open_gradebook(course_dir) as gradebook:
            gradebook.find_comment("question", NAME, NAME, "ana").manual_comment = "<i>well</i> <script>x</script>"
            gradebook.db.commit()
        with Converters(course_dir, NAME, fast=course_dir == courses[1]) as converters:
            converters.give_feedback("ana", "a <note> of `x`\n# and more")

    on_both(courses, comment)
    assert_same(courses)
    assert "<i>well</i>" in (courses[1] / "feedback" / "ana" / NAME / f"{NAME}.html").read_text()


def test_grades_csv_counts_as_nbgrader_does(courses: tuple[Path, Path]) -> None:
    course_dir = courses[1]
    with open_gradebook(course_dir) as gradebook:
        for student, score, extra in (("ana", 1 / 3, None), ("ben", 0.1, 0.7), ("gus", 2.0, 0.0)):
            grade = gradebook.find_grade("question", NAME, NAME, student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, extra, False
        gradebook.find_submission_notebook(NAME, NAME, "ben").late_submission_penalty = 0.3
        gradebook.db.commit()
        statuses = {"gus": UNUSABLE, "kim": UNUSABLE, "eli": FAILED}
        students = [submission.student.id for submission in gradebook.assignment_submissions(NAME)]
        kept = {student: Kept("", statuses.get(student, GRADED), "note") for student in [*students, "nobody"]}
        save_state(course_dir, NAME, kept)
        rows = {row.student_id: row for row in grade_rows(course_dir)}
        for student in students:
            theirs, row = gradebook.find_submission(NAME, student), rows[student]
            assert row.score == pytest.approx(theirs.score - (theirs.late_submission_penalty or 0), abs=1e-6)
            assert row.max_score == theirs.max_score == 15
            assert (row.status == NEEDS_PERSON) == (theirs.needs_manual_grade and kept[student].status == GRADED)
    assert (rows["nobody"].status, rows["nobody"].score) == (FAILED, 0)
    assert rows["gus"].note == "note; automatic points 0, the 2 points that a person gave stay"
    assert rows["kim"].note == "note"
    marks = manual_marks(course_dir, NAME)
    assert marks.keys() == {"ana", "ben", "gus"}
    with open_gradebook(course_dir) as gradebook:
        gradebook.find_comment("double", NAME, NAME, "ana").manual_comment = "Well done."
        gradebook.find_comment("double", NAME, NAME, "cem").manual_comment = ""
        gradebook.db.commit()
    changed = manual_marks(course_dir, NAME)
    assert {student for student in marks | changed if marks.get(student) != changed.get(student)} == {"ana"}


SETTINGS = [  # lines of nbgrader_config.py; whether we write the notebook, and the feedback, ourselves
    ("", True, True),
    ("c.LateSubmissionPlugin.penalty_method = 'zero'", True, True),
    ("c.Exchange.root = '/somewhere'", True, True),
    ("c.LimitOutput.max_lines = 3", False, True),
    ("c.Autograde.LimitOutput.max_lines = 3", False, True),
    ("c.ClearMetadataPreprocessor.enabled = True", False, True),
    ("c.NbConvertBase.display_data_priority = ['text/plain']", False, False),
    ("c.AssignLatePenalties.enabled = False", False, True),
    ("c.Autograde.autograde_preprocessors.append('nbgrader.preprocessors.ClearOutput')", False, True),
    ("c.BaseConverter.permissions = 640", False, False),
    ("c.CourseDirectory.ignore = []", False, False),
    ("c.HTMLExporter.exclude_input = True", True, False),
    ("c.GenerateFeedback.preprocessors = c.GenerateFeedback.preprocessors[:-1]", True, False),
]


@pytest.mark.parametrize(("line", "notebook", "page"), SETTINGS, ids=[case[0] for case in SETTINGS])
def test_settings_that_ask_for_more_are_left_to_nbgrader(
    tmp_path: Path, graded: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, line: str, notebook: bool, page: bool
) -> None:
    called = []
    monkeypatch.setattr(ByNbgrader, "record", lambda *_: called.append("record"))
    monkeypatch.setattr(ByNbgrader, "give_feedback", lambda *_: called.append("feedback"))
    course_dir = tmp_path / "course"
    shutil.copytree(graded[1], course_dir)
    (course_dir / "nbgrader_config.py").write_text(
        f"from autograder.plugins import configure\nc = get_config()\nconfigure(c)\n{line}\n"
    )
    write_results(course_dir, True, ["ana"])
    assert called == ["record"] * (not notebook) + ["feedback"] * (not page)


def test_settings_of_the_course_count_by_either_way(tmp_path: Path) -> None:
    courses = two_courses(tmp_path, "c.LimitOutput.max_lines = 3\nc.HTMLExporter.sanitize_html = False\n")
    for course_dir, fast in zip(courses, (False, True), strict=True):
        write_results(course_dir, fast, ["mallory 1"])
    assert_same(courses)
    assert b"Output truncated" in files(courses[1] / "autograded")[f"mallory 1/{NAME}/{NAME}.ipynb"][1]


def test_steps_of_the_course_never_run_students_code_here(tmp_path: Path) -> None:
    steps = ["nbgrader.preprocessors.Execute", "nbgrader.preprocessors.SaveAutoGrades"]
    _, course_dir = two_courses(tmp_path, f"c.Autograde.autograde_preprocessors = {steps}")
    write_results(course_dir, True, ["ana"])
    with open_gradebook(course_dir) as gradebook:
        assert gradebook.find_submission(NAME, "ana").score == 5.0  # of the outputs there were


def test_a_gradebook_with_other_cells_is_left_to_nbgrader(courses: tuple[Path, Path]) -> None:
    def lose_an_entry(course_dir: Path) -> None:
        with open_gradebook(course_dir) as gradebook:
            gradebook.db.delete(gradebook.find_grade("double_tests", NAME, NAME, "ana"))
            gradebook.db.commit()

    on_both(courses, lose_an_entry)
    for course_dir, fast in zip(courses, (False, True), strict=True):
        with pytest.raises(RuntimeError, match="No such grade: 92_numbers/92_numbers/double_tests for ana"):
            write_results(course_dir, fast, ["ana"])
    assert tables(courses[0]) == tables(courses[1])


def test_entries_are_written_all_or_not_at_all(courses: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    course_dir = courses[1]
    before = tables(course_dir), files(course_dir / "autograded")
    (submission,) = (each for each in intake(course_dir, load_master(course_dir, NAME)) if each.student == "ana")

    def broken(*_: Any) -> dict[str, str]:
        return {"double": "lost", "question": 7j}  # nothing a database can keep

    monkeypatch.setattr(convert, "automatic_comments", broken)
    with Converters(course_dir, NAME) as converters, pytest.raises(Exception, match="complex"):
        converters.record(submission, submission.notebook)
    assert (tables(course_dir), files(course_dir / "autograded")) == before
