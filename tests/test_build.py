"""From source to release: what students open, the course folder, drift, and the four files of a new notebook."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from made_up import NAME, SOURCE, write_made_up_grading, write_made_up_notebook
from nbgrader.api import Gradebook

from autograder.build import release
from autograder.build.check import check_build
from autograder.build.nbgrader_run import ReleaseError, generate_assignment
from autograder.build.release import build_assignments, prepare_course
from autograder.names import COURSE_ID
from autograder.source import SourceError, find_notebooks, read_notebook

CHECKOUT = Path(__file__).resolve().parents[1]


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def checkout(tmp_path):
    """A small checkout with one made-up notebook, built."""
    path = write_made_up_notebook(tmp_path / "solutions")
    write_made_up_grading(tmp_path / "autograder")
    (path.parent / "planets.csv").write_text("planet,moons\nEarth,1\n", encoding="utf-8")
    (tmp_path / "course_utils").mkdir()
    (tmp_path / "course_utils" / "__init__.py").write_text('"""The library."""\n', encoding="utf-8")
    (tmp_path / "data").mkdir()
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    build_assignments(tmp_path / "assignments", find_notebooks(tmp_path / "solutions"))
    return tmp_path


def test_students_get_the_notebook_its_hints_and_its_tables(checkout):
    folder = checkout / "assignments" / NAME
    assert sorted(contents(folder)) == [f"{NAME}.ipynb", "hints.json", "planets.csv"]
    assert list(json.loads((folder / "hints.json").read_text(encoding="utf-8"))) == ["mean_moons", "total_moons"]
    notebook = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["mean_moons_2"].source.endswith('"mean_moons: return how many entries moons has")')
    assert cells["total_moons_tests"].source == "# Graded, 60 points: hidden tests of total_moons run here."
    assert cells["question_next"].source == "YOUR ANSWER HERE"
    assert cells["total_moons_check"].metadata.editable is False
    assert "checksum" in cells["total_moons"].metadata.nbgrader
    assert notebook.metadata.course.title == "Counting moons"


def test_the_same_source_gives_the_same_bytes(checkout):
    again = checkout / "again"
    build_assignments(again, find_notebooks(checkout / "solutions"))
    assert contents(again) == contents(checkout / "assignments")
    assert all(content.endswith(b"\n") and b"\r" not in content for content in contents(again).values())


def test_a_build_removes_what_it_no_longer_makes(checkout):
    (checkout / "solutions" / NAME / "planets.csv").unlink()
    build_assignments(checkout / "assignments", find_notebooks(checkout / "solutions"))
    assert "planets.csv" not in contents(checkout / "assignments" / NAME)


def test_points_must_add_up_to_90_and_10(checkout):
    source = SOURCE.replace('"points": 60', '"points": 55').replace("Graded, 60", "Graded, 55")
    write_made_up_notebook(checkout / "solutions", source)
    with pytest.raises(SourceError, match=f"{NAME}.py:1: exercises are worth 85 and written questions 10"):
        build_assignments(checkout / "assignments", find_notebooks(checkout / "solutions"))


def test_an_undisturbed_checkout_has_no_problems(checkout):
    assert check_build(checkout) == []


def test_one_changed_character_in_an_assignment_is_found(checkout):
    path = checkout / "assignments" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("Each planet", "Each Planet"), encoding="utf-8")
    [problem] = check_build(checkout)
    assert problem.startswith(f"assignments/{NAME}/{NAME}.ipynb: not what solutions/ gives, first in cell 1 (")


def test_one_changed_character_in_a_source_is_found(checkout):
    write_made_up_notebook(checkout / "solutions", SOURCE.replace("Earth and Mars", "Earth and mars", 1))
    [problem] = check_build(checkout)
    assert "first in cell 5 (total_moons_check)" in problem


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "hints.json").unlink(), "hints.json: missing"),
        (lambda folder: (folder / "hints.json").write_text("{}"), "hints.json: not what solutions/ gives; run"),
        (lambda folder: (folder / "notes.txt").write_text("x"), "notes.txt: nothing in solutions/ makes this file"),
        (lambda folder: (folder / f"{NAME}.ipynb").write_text("{"), "(not a readable notebook)"),
        (
            lambda folder: (folder / f"{NAME}.ipynb").write_text('{"cells": []}'),
            "in cell 1 (3568c9d0c28d), which is missing",
        ),
    ],
)
def test_other_differences_are_found(checkout, damage, said):
    damage(checkout / "assignments" / NAME)
    [problem] = check_build(checkout)
    assert said in problem


def test_a_mistake_in_a_source_is_a_problem_of_the_build(checkout):
    write_made_up_notebook(checkout / "solutions", SOURCE.replace("### END SOLUTION", "### END", 1))
    assert any("without its END line" in problem for problem in check_build(checkout))


def test_a_course_folder_is_ready_for_grading(tmp_path):
    path = write_made_up_notebook(tmp_path / "solutions")
    (path.parent / "planets.csv").write_text("planet,moons\n", encoding="utf-8")
    course = tmp_path / "course"
    prepare_course(course, [NAME], tmp_path / "solutions")
    assert {
        "nbgrader_config.py",
        "gradebook.db",
        f"source/{NAME}/{NAME}.ipynb",
        f"source/{NAME}/planets.csv",
        f"release/{NAME}/{NAME}.ipynb",
        f"release/{NAME}/planets.csv",
    } <= set(contents(course))
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", COURSE_ID) as gradebook:
        assert gradebook.find_assignment(NAME).max_score == 100
        stored = gradebook.find_source_cell("total_moons_tests", NAME, NAME).source
    assert 'grade("total_moons", globals(), points=60)' in stored

    before = {file: (course / file).stat().st_mtime_ns for file in contents(course)}
    prepare_course(course, [NAME], tmp_path / "solutions")
    assert {file: (course / file).stat().st_mtime_ns for file in contents(course)} == before

    write_made_up_notebook(tmp_path / "solutions", SOURCE.replace("Earth and Mars", "Earth and its neighbour"))
    prepare_course(course, [NAME], tmp_path / "solutions")
    assert "its neighbour" in (course / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", COURSE_ID) as gradebook:
        gradebook.add_student("ana")
        gradebook.add_submission(NAME, "ana")
    renamed = SOURCE.replace("question_next", "question_then")
    write_made_up_notebook(tmp_path / "solutions", renamed)
    for _ in range(2):  # the second run must not take the failed one for done
        with pytest.raises(ReleaseError, match="Cannot add or remove cells"):
            prepare_course(course, [NAME], tmp_path / "solutions")


def test_what_has_not_changed_is_not_read_again(tmp_path, monkeypatch):
    write_made_up_notebook(tmp_path / "solutions")
    course = tmp_path / "course"
    prepare_course(course, [NAME], tmp_path / "solutions")
    with monkeypatch.context() as patch:
        patch.setattr(release, "read_notebook", lambda path: pytest.fail("the source was read"))
        prepare_course(course, [NAME], tmp_path / "solutions")


def test_a_source_saved_while_it_is_released_is_released_by_the_next_run(tmp_path, monkeypatch):
    source = write_made_up_notebook(tmp_path / "solutions")
    course = tmp_path / "course"
    with monkeypatch.context() as patch:
        read = release.read_notebook

        def read_and_save(path):
            notebook = read(path)
            source.write_text(SOURCE.replace("Earth and Mars", "Earth and its neighbour"), encoding="utf-8")
            return notebook

        patch.setattr(release, "read_notebook", read_and_save)
        prepare_course(course, [NAME], tmp_path / "solutions")
    released = course / "release" / NAME / f"{NAME}.ipynb"
    assert "its neighbour" not in released.read_text(encoding="utf-8")
    prepare_course(course, [NAME], tmp_path / "solutions")
    assert "its neighbour" in released.read_text(encoding="utf-8")


@pytest.mark.parametrize("what", ["a companion", "the instructor's copy", "the release", "the gradebook", "the note"])
def test_whatever_has_changed_since_the_note_is_put_right(tmp_path, what):
    source = write_made_up_notebook(tmp_path / "solutions")
    (source.parent / "planets.csv").write_text("planet,moons\n", encoding="utf-8")
    course = tmp_path / "course"
    prepare_course(course, [NAME], tmp_path / "solutions")
    before = {file: (course / file).read_bytes() for file in contents(course) if file.startswith(("source", "release"))}
    note = course / ".course" / "released" / f"{NAME}.json"
    if what == "a companion":
        (source.parent / "planets.csv").write_text("planet,rings\n", encoding="utf-8")
        for folder in ("source", "release"):
            before[f"{folder}/{NAME}/planets.csv"] = b"planet,rings\n"
    elif what == "the instructor's copy":
        (course / "source" / NAME / f"{NAME}.ipynb").write_text("{}", encoding="utf-8")
    elif what == "the release":
        (course / "release" / NAME / f"{NAME}.ipynb").unlink()
    elif what == "the gradebook":
        (course / "gradebook.db").unlink()
    else:
        note.write_text('{"from": 1}', encoding="utf-8")
    prepare_course(course, [NAME], tmp_path / "solutions")
    assert {file: (course / file).read_bytes() for file in before} == before
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", COURSE_ID) as gradebook:
        assert gradebook.find_assignment(NAME).max_score == 100
    assert note.stat().st_size > 100


def test_an_instructors_own_configuration_is_not_overwritten(tmp_path):
    write_made_up_notebook(tmp_path / "solutions")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    with pytest.raises(FileExistsError, match="add to it: from autograder"):
        prepare_course(tmp_path, [NAME], tmp_path / "solutions")
    assert (tmp_path / "nbgrader_config.py").read_text(encoding="utf-8") == "c = get_config()\n"


def test_nbgraders_refusal_comes_with_its_log(tmp_path, capfd):
    with pytest.raises(ReleaseError, match="No notebooks were matched"):
        generate_assignment(tmp_path, NAME, database=False)
    assert capfd.readouterr() == ("", "")


ELEVENTH = """
import sys
from pathlib import Path
from autograder import grade
from autograder.build.release import build_assignments
from autograder.source import find_notebook, find_notebooks
here = Path.cwd()
import autograder
assert Path(autograder.__file__).is_relative_to(here), autograder.__file__
assert "NAME" in [path.name for path in (here / "solutions").iterdir()]
notebook = find_notebook("moons")
[path] = build_assignments(here / "built", [notebook])
assert path.is_file()
for exercise in notebook.exercises:
    solved, unsolved = {}, {}
    exec("import numpy as np", solved)
    exec("\\n\\n".join(other.solution for other in notebook.exercises), solved)
    exec(exercise.gap, unsolved)
    full, none = (grade(exercise.name, namespace, exercise.points) for namespace in (solved, unsolved))
    assert (float(full), float(none)) == (exercise.points, 0), (exercise.name, full, none)
print("eleventh notebook built and graded")
"""


def test_an_eleventh_notebook_is_four_files_and_nothing_else(tmp_path):
    skip = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("autograder", "course_utils", "solutions"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=skip)
    before = set(contents(tmp_path))
    write_made_up_notebook(tmp_path / "solutions")
    write_made_up_grading(tmp_path / "autograder")
    assert len(set(contents(tmp_path)) - before) == 4
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", ELEVENTH.replace("NAME", NAME)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "eleventh notebook built and graded" in run.stdout, run.stderr


def test_the_release_is_read_back_as_the_source_says(checkout):
    notebook = read_notebook(checkout / "solutions" / NAME / f"{NAME}.py")
    released = nbformat.read(checkout / "assignments" / NAME / f"{NAME}.ipynb", as_version=4)
    expected = [cell.source for cell in notebook.as_notebook(solution=False).cells]
    assert [cell.source for cell in released.cells] == expected
