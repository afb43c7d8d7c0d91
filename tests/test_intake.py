"""What students hand in, in every broken form, and the notebook that is rebuilt from it."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pipeline_course import ANSWER, NAME, altered, code, filled, hand_in, outcomes, source

from autograder.pipeline import file_text, json_cells
from autograder.pipeline import intake as intake_module
from autograder.pipeline.intake import intake
from autograder.pipeline.locate import submitted_folders
from autograder.pipeline.master import Master
from autograder.pipeline.outcomes import Outcome

RIGHT = "def double(x):\n    return 2 * x"


def released(course: tuple[Path, Master]) -> Any:
    return course[1].notebook


def test_a_good_submission_has_no_note_and_keeps_the_students_work(course: Any, take: Any) -> None:
    submission = take(filled(released(course)))
    assert (submission.usable, submission.note) == (True, "")
    assert source(submission, "double") == RIGHT
    assert source(submission, "question") == ANSWER


def test_a_graded_cell_gets_its_hidden_tests_back(course: Any, take: Any) -> None:
    assert "BEGIN HIDDEN TESTS" not in nbformat.writes(released(course))
    assert "run_secret_tests" in source(take(filled(released(course))), "double_tests")


BROKEN_FILES = [
    ("not JSON", '{\n "cells": [\n  {"cell', Outcome.NOT_JSON, "not valid JSON at line 3"),
    ("an empty file", "", Outcome.EMPTY, "an empty file"),
    ("only NUL bytes", b"\x00" * 99, Outcome.EMPTY, "an empty file"),
    ("a JSON list", "[1, 2]", Outcome.NOT_A_NOTEBOOK, "not a notebook"),
    ("cells are text", '{"nbformat": 4, "cells": "none"}', Outcome.NOT_A_NOTEBOOK, "without a list of cells"),
    ("no version", '{"cells": []}', Outcome.UNKNOWN_FORMAT, "'none' is not known"),
    ("version 5", '{"nbformat": 5, "nbformat_minor": 0, "cells": []}', Outcome.UNKNOWN_FORMAT, "5 is not known"),
    ("a broken version 3", '{"nbformat": 3, "worksheets": 7}', Outcome.NOT_A_NOTEBOOK, "cannot be upgraded"),
    ("deeply nested", "[" * 200_000, Outcome.NOT_JSON, ""),
    ("a binary file", bytes(range(256)) * 9, Outcome.NOT_JSON, "not valid JSON at line 1"),
]


@pytest.mark.parametrize(
    ("content", "outcome", "words"), [case[1:] for case in BROKEN_FILES], ids=[c[0] for c in BROKEN_FILES]
)
def test_a_file_that_is_no_notebook_is_graded_0_with_the_reason(
    take: Any, content: Any, outcome: Outcome, words: str
) -> None:
    submission = take(content)
    assert not submission.usable
    assert outcomes(submission)[-1] == outcome
    assert words in submission.note
    assert submission.note.startswith(f"submitted/ana/{NAME}/{NAME}.ipynb: ")
    assert submission.note.endswith("; graded 0 with a note")


def test_a_huge_file_is_not_read(course: Any, take: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_text, "MAX_BYTES", 1_000)
    assert outcomes(take(filled(released(course)))) == [Outcome.TOO_LARGE]


def test_a_notebook_of_very_many_cells_is_not_read(course: Any, take: Any) -> None:
    many = altered(released(course), lambda cells: cells + [code("1")] * json_cells.MAX_CELLS)
    assert outcomes(take(many)) == [Outcome.TOO_MANY_CELLS]


def encoded(notebook: Any, encoding: str) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode(encoding)


def test_odd_encodings_are_read_and_noted(course: Any, take: Any) -> None:
    notebook = filled(released(course), answer="é" + ANSWER)
    table = [("utf-8-sig", Outcome.BYTE_ORDER_MARK), ("utf-16", Outcome.NOT_UTF8), ("latin-1", Outcome.NOT_UTF8)]
    for encoding, outcome in table:
        submission = take(encoded(notebook, encoding))
        assert (submission.usable, outcomes(submission)) == (True, [outcome]), encoding
        assert source(submission, "double") == RIGHT
        assert source(submission, "question").endswith(ANSWER)


def test_old_notebook_formats_are_upgraded(course: Any, take: Any) -> None:
    cells = [
        {"cell_type": "code", "language": "python", "input": RIGHT, "outputs": [], "metadata": {}, "prompt_number": 1}
    ]
    for version in (2, 3):
        old = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
        submission = take(old)
        assert Outcome.OLD_FORMAT in outcomes(submission)
        assert source(submission, "double") == RIGHT


def test_another_kernel_is_noted_and_python_is_used(course: Any, take: Any) -> None:
    notebook = filled(released(course))
    notebook["metadata"] = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}
    submission = take(notebook)
    assert outcomes(submission) == [Outcome.OTHER_KERNEL]
    assert submission.notebook.metadata.kernelspec.name == "python3"


def test_a_lone_surrogate_and_nul_bytes_do_not_reach_the_rebuilt_notebook(course: Any, take: Any) -> None:
    submission = take(json.dumps(filled(released(course), answer="a\ud800b\x00c")))
    nbformat.writes(submission.notebook).encode("utf-8")
    assert "\x00" not in source(submission, "question")


WRONG_NAMES = [f"{NAME} (1).ipynb", f"{NAME.upper()}.ipynb", "solution.IPYNB"]


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_a_wrong_file_name_is_used_and_noted(course: Any, take: Any, name: str) -> None:
    submission = take(filled(released(course)), name)
    assert (submission.usable, outcomes(submission)) == (True, [Outcome.RENAMED])
    assert name in submission.note


def test_of_two_notebooks_the_exact_name_is_used_and_else_the_newest(course: Any, take: Any, tmp_path: Path) -> None:
    old = hand_in(tmp_path, "ana", filled(released(course), answer="old"), "a.ipynb")
    os.utime(old, (1, 1))
    newest = take(filled(released(course), answer="new"), "b.ipynb")
    assert source(newest, "question") == "new"
    assert outcomes(newest) == [Outcome.RENAMED, Outcome.SEVERAL]
    exact = take(filled(released(course), answer="exact"))
    assert (source(exact, "question"), outcomes(exact)) == ("exact", [Outcome.SEVERAL])


def test_a_notebook_in_a_folder_inside_the_folder_is_found(course: Any, take: Any) -> None:
    submission = take(filled(released(course)), f"{NAME}/{NAME}.ipynb")
    assert (submission.usable, outcomes(submission)) == (True, [Outcome.NESTED])


def test_checkpoints_and_hidden_files_are_not_submissions(course: Any, tmp_path: Path) -> None:
    hand_in(tmp_path, "ana", filled(released(course)), f"._{NAME}.ipynb")
    (tmp_path / "submitted" / "ana" / NAME / ".ipynb_checkpoints").mkdir()
    (submission,) = intake(tmp_path, course[1])
    assert outcomes(submission) == [Outcome.MISSING]


def test_a_folder_in_place_of_the_notebook_is_named(course: Any, tmp_path: Path) -> None:
    (tmp_path / "submitted" / "ana" / NAME / f"{NAME}.ipynb").mkdir(parents=True)
    (submission,) = intake(tmp_path, course[1])
    assert outcomes(submission) == [Outcome.DIRECTORY]


def test_a_file_in_place_of_the_folder_is_named(course: Any, tmp_path: Path) -> None:
    (tmp_path / "submitted" / "ana").mkdir(parents=True)
    (tmp_path / "submitted" / "ana" / NAME).write_text("hello")
    (submission,) = intake(tmp_path, course[1])
    assert outcomes(submission) == [Outcome.MISSING]


def test_an_assignment_folder_in_another_case_counts(course: Any, tmp_path: Path) -> None:
    (tmp_path / "submitted" / "ana" / NAME.upper()).mkdir(parents=True)
    (tmp_path / "submitted" / ".hidden" / NAME).mkdir(parents=True)
    (tmp_path / "submitted" / "ben" / "another").mkdir(parents=True)
    assert list(submitted_folders(tmp_path / "submitted", NAME, {NAME, "another"})) == ["ana"]
    assert submitted_folders(tmp_path / "nowhere", NAME) == {}


def test_what_a_student_put_elsewhere_has_a_row_that_names_it(course: Any, tmp_path: Path) -> None:
    submitted = tmp_path / "submitted"
    (tmp_path / "release" / "93_other").mkdir(parents=True)
    for student, names in {"ana": ["93_other", "01_knn"], "ben": ["93_other", "odd"], "cem": [], "knn": ["x"]}.items():
        (submitted / student).mkdir(parents=True)
        for name in names:
            (submitted / student / name).mkdir()
    rows = {each.student: each for each in intake(tmp_path, course[1])}
    assert {student: (row.usable, row.note) for student, row in rows.items()} == {
        "ben": (False, f"submitted/ben: no {NAME} found; there is: '93_other', 'odd'; graded 0 with a note"),
        "cem": (False, f"submitted/cem: no {NAME} found; the student's folder is empty; graded 0 with a note"),
        "knn": (False, f"submitted/knn: no {NAME} found; there is: 'x'; graded 0 with a note"),
    }


def test_a_notebook_directly_in_the_students_folder_is_used(course: Any, tmp_path: Path) -> None:
    hand_in(tmp_path, "ana", filled(released(course))).rename(tmp_path / "submitted" / "ana" / f"{NAME}.ipynb")
    (tmp_path / "submitted" / "ana" / NAME).rmdir()
    (submission,) = intake(tmp_path, course[1])
    assert (submission.usable, outcomes(submission)) == (True, [Outcome.LOOSE])
    assert source(submission, "double") == RIGHT


def packed(path: Path, content: str, *members: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(member, content)


MEMBER = f"{NAME}/{NAME}.ipynb"


@pytest.mark.parametrize("place", [f"{NAME}.zip", f"{NAME}/{NAME}.zip"])
def test_what_course_pack_writes_is_read_unopened(course: Any, tmp_path: Path, place: str) -> None:
    packed(tmp_path / "submitted" / "ana" / place, json.dumps(filled(released(course))), MEMBER)
    before = sorted(tmp_path.rglob("*"))
    (submission,) = intake(tmp_path, course[1])
    assert (submission.usable, outcomes(submission)) == (True, [Outcome.PACKED])
    assert source(submission, "double") == RIGHT
    assert sorted(tmp_path.rglob("*")) == before


BAD_ARCHIVES = [[f"../{MEMBER}"], [MEMBER, "more.txt"], [f"{NAME}.ipynb"], [], None, [MEMBER]]


@pytest.mark.parametrize("members", BAD_ARCHIVES, ids=str)
def test_any_other_archive_is_graded_0(
    course: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: list[str] | None
) -> None:
    path = tmp_path / "submitted" / "ana" / f"{NAME}.zip"
    packed(path, "x" * 20_000, *(members or []))
    monkeypatch.setattr(file_text, "MAX_BYTES", 10_000)  # the last archive is small, its notebook is not
    if members is None:
        path.write_text("no archive")
    (submission,) = intake(tmp_path, course[1])
    reason = Outcome.TOO_LARGE if members == [MEMBER] else Outcome.UNREADABLE
    assert (submission.usable, outcomes(submission)) == (False, [Outcome.PACKED, reason])


@pytest.mark.parametrize("closed", ["ana", f"ana/{NAME}"])
def test_a_folder_that_cannot_be_read_is_a_row_and_not_the_end(
    course: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    for student in ("ana", "ben"):
        hand_in(tmp_path, student, filled(released(course)))
    iterdir = Path.iterdir

    def refusing(path: Path) -> Any:
        if path == tmp_path / "submitted" / closed:
            raise PermissionError(13, "Permission denied", str(path))
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", refusing)
    ana, ben = intake(tmp_path, course[1])
    assert (ana.usable, outcomes(ana), ben.usable) == (False, [Outcome.UNREADABLE], True)
    assert ana.note == f"submitted/{closed}: cannot be read (Permission denied); graded 0 with a note"


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege on Windows")
def test_links_out_of_the_students_folder_are_not_followed(course: Any, tmp_path: Path) -> None:
    other = hand_in(tmp_path, "ben", filled(released(course)))
    mine = tmp_path / "submitted" / "ana" / NAME
    for target in (other, tmp_path / "nowhere"):
        mine.mkdir(parents=True, exist_ok=True)
        (mine / f"{NAME}.ipynb").unlink(missing_ok=True)
        (mine / f"{NAME}.ipynb").symlink_to(target)
        ana, _ = intake(tmp_path, course[1])
        assert (ana.usable, outcomes(ana)) == (False, [Outcome.LINK])
    (mine / f"{NAME}.ipynb").unlink()
    mine.rmdir()
    mine.symlink_to(other.parent, target_is_directory=True)
    assert outcomes(intake(tmp_path, course[1])[0]) == [Outcome.LINK]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_does_not_hang_the_grader(course: Any, tmp_path: Path) -> None:
    (tmp_path / "submitted" / "ana" / NAME).mkdir(parents=True)
    os.mkfifo(tmp_path / "submitted" / "ana" / NAME / f"{NAME}.ipynb")
    (submission,) = intake(tmp_path, course[1])
    assert outcomes(submission) == [Outcome.MISSING]


def test_a_time_of_hand_in_is_kept_and_a_wrong_one_is_noted(course: Any, take: Any, tmp_path: Path) -> None:
    path = hand_in(tmp_path, "ana", filled(released(course)))
    table = [
        ("2026-03-01 12:00:00 UTC", "2026-03-01 12:00:00 UTC", []),
        ("yesterday-ish", None, [Outcome.BAD_TIMESTAMP]),
    ]
    for content, kept, expected in table:
        path.with_name("timestamp.txt").write_text(content)
        submission = take(filled(released(course)))
        assert (submission.timestamp, outcomes(submission)) == (kept, expected)


def test_intake_writes_nothing_into_the_submissions(course: Any, tmp_path: Path) -> None:
    path = hand_in(tmp_path, "ana", filled(released(course)))
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.rglob("*")))
    intake_module.intake(tmp_path, course[1])
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.rglob("*"))) == before


@pytest.mark.parametrize("version", [4, 3, 2, None, "4", [4]], ids=str)
def test_a_notebook_is_read_alike_whatever_its_size(version: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small one is read whole; of a large one outputs are left out while it is read."""
    output = {"output_type": "stream", "name": "stdout", "text": "1"}
    cell = {"cell_type": "code", "metadata": {}, "source": "1", "outputs": [output], "execution_count": 2**80}
    notebook = {"nbformat": version, "cells": [cell, "no cell", {"outputs": 1}], "worksheets": [{"cells": [cell]}]}
    whole = json_cells.parsed(json.dumps(notebook))
    monkeypatch.setattr(json_cells, "SMALL", 0)
    assert json_cells.parsed(json.dumps(notebook))["cells"] == whole["cells"]
    assert whole["cells"][0] == cell | {"outputs": []}
    if version != 4:
        assert whole == json_cells.parsed(json.dumps(notebook))
