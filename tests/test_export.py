"""Grades in the layouts of other systems."""

import csv
import shutil
from pathlib import Path

import pytest
from pipeline_course import NAME, graded_class

from autograder.pipeline.export import export
from autograder.pipeline.grades import GradebookError, open_gradebook


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(graded_class()[0], tmp_path / "course")
    with open_gradebook(tmp_path / "course") as gradebook:
        gradebook.update_or_create_student("ana", first_name="Ana", last_name="Ruiz", email="ana@example.org")
    return tmp_path / "course"


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_csv_is_what_grades_csv_holds(course: Path) -> None:
    assert export(course).read_bytes() == (course / "grades.csv").read_bytes()


def test_canvas_gets_its_columns_and_the_points_possible(course: Path) -> None:
    header, possible, *rows = lines(export(course, "canvas"))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", NAME]
    assert possible == ["    Points Possible", "", "", "", "", "15"]
    assert rows[0] == ["Ruiz, Ana", "", "", "ana", "", "10"]
    assert rows[1] == ["ben", "", "", "ben", "", "7"]
    assert len(rows) == 11


def test_moodle_gets_ids_grades_and_feedback(course: Path, tmp_path: Path) -> None:
    header, *rows = lines(export(course, "moodle", tmp_path / "out" / "moodle.csv"))
    assert header == ["First name", "Last name", "ID number", "Email address", NAME, f"{NAME} (Feedback)"]
    assert rows[0] == ["Ana", "Ruiz", "ana", "ana@example.org", "10", ""]
    assert "not valid JSON" in rows[6][5]


def test_what_cannot_be_exported_is_said(course: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="choose one of csv, canvas, moodle"):
        export(course, "excel")
    with pytest.raises(FileNotFoundError, match="run `course grade` first"):
        export(tmp_path)
    with pytest.raises(IsADirectoryError, match="name the file to write"):
        export(course, out=tmp_path)
    (course / "gradebook.db").write_bytes(b"not a database " * 99)
    with pytest.raises(GradebookError, match="not a usable gradebook"):
        export(course)
