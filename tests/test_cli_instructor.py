"""The instructor's verbs, as they are typed: what they print, and one clear line for a mistake."""

import json
import shutil
import subprocess
import sys

import pytest
from made_up import write_made_up_grading, write_made_up_notebook

from autograder.build.bundle import CHECKOUT
from course_utils.cli import main


@pytest.fixture(scope="module")
def course_dir(tmp_path_factory):
    """A course folder with two submissions: a solved notebook, and a solved one whose root is missing."""
    from autograder.build.release import prepare_course
    from autograder.demo.work import solved
    from autograder.source import find_notebook

    folder = tmp_path_factory.mktemp("course")
    prepare_course(folder, ["01_knn"])
    source = find_notebook("01")
    for student in ("ana", "bo"):
        notebook = json.loads((folder / "release" / "01_knn" / "01_knn.ipynb").read_text(encoding="utf-8"))
        texts = {cell.grade_id: solved(cell) for exercise in source.exercises for cell in exercise.gaps}
        if student == "bo":  # typed by hand, in no words of the mutant bank
            texts["distances_two_loops"] = (
                "def distances_two_loops(X, X_train):\n"
                "    out = np.empty((len(X), len(X_train)))\n"
                "    for i, a in enumerate(X.astype(float)):\n"
                "        for j, b in enumerate(X_train.astype(float)):\n"
                "            d = b - a\n"
                "            out[i, j] = d @ d\n"
                "    return out"
            )
        for cell in notebook["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if grade_id in texts:
                cell["source"] = texts[grade_id]
        target = folder / "submitted" / student / "01_knn" / "01_knn.ipynb"
        target.parent.mkdir(parents=True)
        target.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def test_grade_report_and_export_from_the_command_line(course_dir, capsys):
    assert main(["grade", "01_knn", "--course-dir", str(course_dir), "--json"]) == 0
    rows = {row["student_id"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["ana"]["score"] == 90 > rows["bo"]["score"]
    assert main(["report", "1", "--course-dir", str(course_dir)]) == 0
    assert "01_knn.html" in capsys.readouterr().out
    for system in ("csv", "canvas", "moodle"):
        assert main(["export", "--to", system, "--course-dir", str(course_dir)]) == 0
    assert (course_dir / "grades-canvas.csv").exists()


def test_a_wrong_solution_typed_by_hand_gets_the_diagnosis_for_its_mistake(course_dir, capsys):
    main(["grade", "01_knn", "--course-dir", str(course_dir)])
    capsys.readouterr()
    page = (course_dir / "feedback" / "bo" / "01_knn" / "01_knn.html").read_text(encoding="utf-8")
    assert "squared" in page
    assert "0.0 of" in page and "FAIL" in page


def test_feedback_shows_nothing_of_the_hidden_tests(course_dir, capsys):
    from autograder.build.leaks import find_leaks
    from autograder.source import find_notebook

    main(["grade", "01_knn", "--course-dir", str(course_dir)])
    page = (course_dir / "feedback" / "bo" / "01_knn" / "01_knn.html").read_text(encoding="utf-8")
    knn = find_notebook("01")
    own = [exercise.solution for exercise in knn.exercises]  # the student wrote these lines
    assert find_leaks(page, [knn], allowed=own) == []
    assert "BEGIN HIDDEN" not in page


def course(*arguments):
    """What `course ARGUMENTS` prints, as a program: forks of this process would copy all that earlier tests made."""
    command = [sys.executable, "-m", "course_utils.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout


def test_verify_prints_a_table_and_json():
    assert "l1_distance" in course("verify", "01", "--seeds", "1")
    (report,) = json.loads(course("verify", "01", "--seeds", "1", "--json", "--workers", "1"))
    assert report["ok"] and report["exercises"][0]["mutants"]


MISTAKES = {
    "an unknown notebook": (["verify", "77"], "no notebook '77'; there are: 01_knn"),
    "an unknown assignment": (["grade", "77_nothing", "--course-dir", "COURSE"], "no notebook '77_nothing'"),
    "a path for an assignment": (["grade", "../../etc", "--course-dir", "EMPTY"], "no notebook '../../etc'"),
    "a folder without submissions": (["grade", "01_knn", "--course-dir", "EMPTY"], "submitted"),
    "a gradebook that is no database": (["grade", "01_knn", "--course-dir", "BROKEN"], "gradebook.db"),
    "a report before grading": (["report", "01_knn", "--course-dir", "EMPTY"], "course grade"),
    "an unknown system": (["export", "--to", "blackboard", "--course-dir", "COURSE"], "choose one of"),
    "a demo in a folder with other things": (["demo", "--out", "FULL"], "name an empty folder"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_clear_line_and_status_2(mistake, tmp_path, capsys):
    arguments, says = MISTAKES[mistake]
    for name in ("COURSE", "EMPTY", "FULL"):
        (tmp_path / name).mkdir()
    (tmp_path / "COURSE" / "submitted").mkdir()
    (tmp_path / "BROKEN" / "submitted").mkdir(parents=True)
    (tmp_path / "BROKEN" / "gradebook.db").write_text("garbage")
    (tmp_path / "FULL" / "thesis.txt").write_text("mine")
    words = [str(tmp_path / word) if word.isupper() else word for word in arguments]
    assert main(words) == 2
    captured = capsys.readouterr()
    assert says in captured.err and captured.err.strip().count("\n") == 0
    assert "Traceback" not in captured.err + captured.out


@pytest.mark.parametrize("folder", ["solutions/91_moons/91_moons.py", "assignments/91_moons/91_moons.ipynb"])
def test_build_check_fails_after_a_change_of_one_character_in_either_folder(folder, tmp_path):
    from autograder.build.check import check_build
    from autograder.build.release import build_assignments
    from autograder.source import find_notebooks

    for name in ("course_utils", "data"):
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.npz", "__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, tmp_path / name)
    write_made_up_notebook(tmp_path / "solutions")
    write_made_up_grading(tmp_path / "autograder")
    build_assignments(tmp_path / "assignments", find_notebooks(tmp_path / "solutions"))
    assert check_build(tmp_path) == []
    path = tmp_path / folder
    path.write_text(path.read_text(encoding="utf-8").replace("Each planet", "each planet"), encoding="utf-8")
    assert any("91_moons" in problem for problem in check_build(tmp_path))


def test_the_command_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "course_utils.cli", "--version"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and done.stdout.strip()
