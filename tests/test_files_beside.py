"""Files that an instructor put beside the notebook: student code finds copies of them, whichever way it is graded."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from engine_runs import QUICK, run, solved, worker
from nbgrader.coursedir import CourseDirectory
from nbgrader_runs import nbgrader, new_course
from pipeline_course import NAME, code, filled, grade, hand_in
from typer.testing import CliRunner

from autograder.engine import WorkerFailed, run_notebook
from autograder.engine.line import Line
from autograder.inside.files import Files
from autograder.names import COURSE_CONFIG
from autograder.pipeline import beside
from autograder.pipeline.beside import BesideError, files_for_students
from autograder.pipeline.cluster import OnCluster
from autograder.pipeline.course_folders import course_directory
from autograder.pipeline.execute import execute_notebook
from autograder.pipeline.settings import load_settings
from course_utils.cli import build_app

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own making
FILES: Files = (("data/factors.csv", b"2,3\n"), ("helper.py", b"def twice(x):\n    return 2 * x\n"))
USING = "from helper import twice\nfactors = open('data/factors.csv').read()\nprint(factors, twice(21))"


def notebook(*sources: str) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def shown(execution: Any) -> list[str]:
    return [str(cell.outputs) for cell in execution.notebook.cells]


@pytest.mark.parametrize("where", ["sandbox", "kernel"])
def test_student_code_reads_and_imports_them(where: str) -> None:
    made = notebook(USING, "import os\nsorted(os.listdir('.'))")
    if where == "sandbox":
        execution = run_notebook(worker(), made, seed="seed", limits=QUICK, files=FILES)
    else:
        execution = execute_notebook(made, seed="seed", timeout=20, files=FILES)
    first, second = shown(execution)
    assert r"2,3\n 42" in first
    assert "'data'" in second and "'helper.py'" in second


def test_they_are_copies_that_nobody_else_sees_changed() -> None:
    spoil = "open('helper.py', 'w').write('raise RuntimeError')\nimport shutil; shutil.rmtree('data')"
    run_notebook(worker(), notebook(spoil), seed="seed", limits=QUICK, files=FILES)
    (after,) = shown(run_notebook(worker(), notebook(USING), seed="seed", limits=QUICK, files=FILES))
    assert r"2,3\n 42" in after
    assert "ModuleNotFoundError" in shown(run(notebook(USING)))[0], "without files the folder is empty"


def test_they_are_there_again_after_the_process_ended() -> None:
    made = notebook("import os; os.remove('helper.py'); os._exit(1)", USING)
    assert r"2,3\n 42" in shown(run_notebook(worker(), made, seed="seed", limits=QUICK, files=FILES))[1]


def test_what_does_not_fit_is_our_failure_and_says_which_file() -> None:
    large = (("much.bin", bytes(60 << 20)), ("more.bin", bytes(60 << 20)))
    with pytest.raises(WorkerFailed, match=r"more\.bin"):
        run_notebook(worker(), notebook("1"), seed="seed", limits=QUICK, files=large)


def test_a_failure_while_hidden_tests_run_fails_the_submission_and_costs_no_points(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place, calls = Line.place_files, []

    def fails_later(line: Line, files: Files) -> str:
        calls.append(files)
        return place(line, files) if len(calls) == 1 else "No space left on device"

    monkeypatch.setattr(Line, "place_files", fails_later)
    ends = solved(cells={"l1_distance": "import os\ndef l1_distance(a, b):\n    os._exit(1)"})
    with pytest.raises(WorkerFailed, match="No space left"):
        run_notebook(worker(), ends, seed="seed", limits=QUICK, files=FILES)
    assert len(calls) == 2, "it is not tried again in what is left of the notebook"


@pytest.fixture
def course_dir(tmp_path: Path) -> Path:
    """A class of two whose work needs the files, and one that wants to read what lies beside those."""
    course_dir = tmp_path / "course"
    released = new_course(course_dir)
    for name, content in FILES:
        path = course_dir / "source" / NAME / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    right = "from helper import twice\n    return twice(x)"
    hand_in(course_dir, "ana", filled(released, double=right))
    curious = filled(released, double=right)
    curious["cells"].append(code("print([name for name in ('..', '/') for name in __import__('os').listdir(name)])"))
    hand_in(course_dir, "ben", curious)
    return course_dir


def scores(course_dir: Path) -> dict[str, float]:
    nbgrader(course_dir, "export", "--to", "exported.csv")
    lines = (course_dir / "exported.csv").read_text().splitlines()
    column = lines[0].split(",").index("score"), lines[0].split(",").index("student_id")
    return {row.split(",")[column[1]]: float(row.split(",")[column[0]]) for row in lines[1:]}


def test_every_way_of_grading_gives_them_to_the_work(course_dir: Path) -> None:
    shutil.copytree(course_dir, stock := course_dir.parent / "stock")
    grade(course_dir, NAME, workers=1, progress=False)
    nbgrader(stock, "autograde", NAME)
    assert scores(course_dir) == scores(stock) == {"ana": 10, "ben": 10}
    page = (course_dir / "feedback" / "ben" / NAME / f"{NAME}.html").read_text()
    assert "gradebook.db" not in page and "submitted" not in page


def test_a_changed_file_grades_the_work_again_and_nothing_else_does(course_dir: Path) -> None:
    assert grade(course_dir, NAME, workers=1, progress=False).regraded == 2
    assert grade(course_dir, NAME, workers=1, progress=False).regraded == 0
    (course_dir / "source" / NAME / "helper.py").write_text("def twice(x):\n    return 2 * x + 1\n")
    again = grade(course_dir, NAME, workers=1, progress=False)
    assert again.regraded == 2
    assert all(row.score < 10 for row in again.rows)


def test_too_large_or_unreadable_files_are_one_clear_line_and_nothing_is_graded(
    course_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "MAX_BYTES", 20)
    refused = CliRunner().invoke(build_app(), ["grade", NAME, "--course-dir", str(course_dir)])
    assert refused.exit_code == 2
    assert "2 files of 0.0 MiB beside the notebook" in refused.stderr and "move what it does not read" in refused.stderr
    assert not (course_dir / "autograded").exists()
    monkeypatch.undo()
    monkeypatch.setattr(beside, "MAX_FILES", 1)
    with pytest.raises(BesideError, match="at most 1 files"):
        files_for_students(course_directory(course_dir), NAME)


def test_a_file_that_cannot_be_read_is_named(course_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(BesideError, match=r"factors\.csv: cannot be read \(Permission denied\)"):
        files_for_students(course_directory(course_dir), NAME)


def test_an_assignment_without_any_has_none(tmp_path: Path) -> None:
    new_course(tmp_path / "course")
    assert files_for_students(course_directory(tmp_path / "course"), NAME) == ()
    assert files_for_students(course_directory(tmp_path), "01_knn") == ()


def names(course_dir: Path) -> list[str]:
    return [name for name, _ in files_for_students(course_directory(course_dir), NAME)]


def test_what_nbgrader_is_told_to_ignore_and_hidden_files_stay_with_the_instructor(course_dir: Path) -> None:
    source = course_dir / "source" / NAME
    for name in (".DS_Store", ".helper.py.swp", ".git/config", "private/answers.csv", "__pycache__/helper.pyc"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("secret")
    (source / "pipe").symlink_to("/dev/null")
    assert names(course_dir) == ["data/factors.csv", "helper.py", "private/answers.csv"]
    with (course_dir / "nbgrader_config.py").open("a") as file:
        file.write("c.CourseDirectory.ignore = ['private']\n")
    assert names(course_dir) == ["data/factors.csv", "helper.py"]


@pytest.mark.parametrize("written", [COURSE_CONFIG, None, COURSE_CONFIG + "c.CourseDirectory.ignore = ['private']\n"])
def test_standard_settings_are_known_without_being_loaded(tmp_path: Path, written: str | None) -> None:
    if written is not None:
        (tmp_path / "nbgrader_config.py").write_text(written)
    config = load_settings(tmp_path)
    config.CourseDirectory.root = str(tmp_path)
    loaded, known = CourseDirectory(config=config), course_directory(tmp_path)
    settings = set(CourseDirectory.class_trait_names(config=True))
    assert "ignore" in settings
    assert {name: getattr(known, name) for name in settings} == {name: getattr(loaded, name) for name in settings}


def test_the_source_folder_may_have_another_name(course_dir: Path) -> None:
    (course_dir / "source").rename(course_dir / "masters")
    assert names(course_dir) == []
    with (course_dir / "nbgrader_config.py").open("a") as file:
        file.write("c.CourseDirectory.source_directory = 'masters'\n")
    assert names(course_dir) == ["data/factors.csv", "helper.py"]


def test_a_name_that_is_no_text_is_refused_in_words(course_dir: Path) -> None:
    try:
        (course_dir / "source" / NAME / "donn\udce9es.csv").write_text("1")
    except OSError:
        pytest.skip("file names are Unicode here")
    with pytest.raises(BesideError, match=r"'donn\\udce9es\.csv' is not UTF-8: rename it"):
        names(course_dir)


def test_a_cluster_is_handed_fewer_submissions_at_a_time_where_large_files_go_with_them() -> None:
    cluster: Any = OnCluster.__new__(OnCluster)
    cluster._client, cluster._size, cluster.address = SimpleNamespace(nthreads=lambda: {"a": 32}), 0, "tcp://a"
    cluster._look()
    assert cluster._room == 512
    cluster._size = 32 << 20
    cluster._look()
    assert cluster._room == 32
