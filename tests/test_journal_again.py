"""What is graded again and what is not, when something has changed since a run; and what is kept with a grade."""

import ast
import errno
import json
import shutil
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


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the course's code and data."""
    root = tmp_path_factory.mktemp("packages")
    for name in ("autograder", "course_utils"):
        shutil.copytree(state.ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.md", "*.css"))
    (root / "data").mkdir()
    (root / "data" / "garments.npz").write_bytes(b"images")
    return root


NOTEBOOKS = ("01_knn", "02_linear", "03_backprop", "09_convolution", NAME)


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("autograder/hidden/knn/distances.py", ("01_knn", NAME)),
        ("autograder/mutants/linear/__init__.py", ("02_linear", NAME)),
        ("autograder/oracles/backprop.py", ("03_backprop", NAME)),
        ("autograder/oracles/linear.py", ("02_linear", "03_backprop", NAME)),  # imported by that of backprop
        ("autograder/byvalue/server.py", NOTEBOOKS),
        ("autograder/engine/session.py", NOTEBOOKS),
        ("autograder/grading/run.py", NOTEBOOKS),
        ("autograder/inside/cells.py", NOTEBOOKS),
        ("autograder/pipeline/matching.py", NOTEBOOKS),
        ("autograder/sandbox/seccomp.py", NOTEBOOKS),
        ("autograder/testing/expect.py", NOTEBOOKS),
        ("course_utils/differences.py", NOTEBOOKS),
        ("course_utils/nn/layers/convolution.py", NOTEBOOKS),
        ("course_utils/selfcheck/limits.py", NOTEBOOKS),
        ("data/garments.npz", NOTEBOOKS),
        ("autograder/report/page.py", ()),
        ("course_utils/cli/console.py", ()),
    ],
)
def test_a_changed_file_makes_those_due_again_whose_verdicts_it_can_change(
    packages: Path, name: str, due: tuple[str, ...]
) -> None:
    """NAME has no hidden tests of its own in the package: its notebook may ask for those of any topic."""
    version, path = state.tests_version.__wrapped__, packages / name
    before, content = {each: version(each, packages) for each in NOTEBOOKS}, path.read_bytes()
    path.write_bytes(content + b"# changed\n")
    try:
        after = {each: version(each, packages) for each in NOTEBOOKS}
    finally:
        path.write_bytes(content)
    assert tuple(each for each in NOTEBOOKS if after[each] != before[each]) == due


@pytest.mark.parametrize(
    "line",
    [
        "from autograder.oracles import knn",
        "from autograder.oracles.knn import distances",
        "import autograder.oracles.knn as other",
        "from autograder.oracles import (\n    linear,\n    knn,\n)",
        "from autograder import oracles",
        "import autograder.oracles",
    ],
)
def test_what_a_topic_imports_of_another_counts_in_whichever_way_it_is_written(tmp_path: Path, line: str) -> None:
    for folder in ("hidden", "oracles", "mutants"):
        (tmp_path / "autograder" / folder).mkdir(parents=True)
        for topic in ("linear", "knn", "mine"):
            (tmp_path / "autograder" / folder / f"{topic}.py").write_text("")
    version, other = state.tests_version.__wrapped__, tmp_path / "autograder" / "oracles" / "knn.py"
    (tmp_path / "autograder" / "hidden" / "mine.py").write_text(f"import math\n{line}\nONE = 1\n")
    before = version("91_mine", tmp_path), version("92_linear", tmp_path)
    other.write_text("changed")
    after = version("91_mine", tmp_path), version("92_linear", tmp_path)
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)


def imported(path: Path) -> set[str]:
    """The modules of ours that the code in `path` imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    return found


def test_what_counts_imports_nothing_that_is_left_out_but_what_prepares_a_release() -> None:
    left_out = {name.removesuffix(".py").replace("/", ".") for name in state._NO_VERDICTS}
    used = {
        name
        for path in state._deciding_files("knn", state.ROOT)
        if path.suffix == ".py"
        for name in imported(path)
        if any(name == each or name.startswith(f"{each}.") for each in left_out)
    }
    assert {".".join(name.split(".")[:3]) for name in used} == {"autograder.build.release", "autograder.build.settings"}


def test_the_sandbox_level_is_kept_with_every_grade_and_shown(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = grade(course, NAME, progress=False)
    kept = load_state(course, NAME)
    assert {each.level for each in kept.values()} == {summary.level}
    assert f"sandbox level {summary.level}" in str(summary_table(summary).title)
    content = json.loads((course / ".course" / "graded" / f"{NAME}.json").read_text())
    content["ana"]["level"] = content["ben"]["level"] = "another"
    (course / ".course" / "graded" / f"{NAME}.json").write_text(json.dumps(content))
    assert grade(course, NAME, progress=False).notes == ("2 of the grades kept were made at sandbox level another",)


def test_an_editors_link_to_nothing_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder" / "names.py").write_text("")
    version = state.tests_version.__wrapped__
    without = version("01_knn", tmp_path)
    (tmp_path / "autograder" / ".#names.py").symlink_to("nobody@nowhere.1")
    assert version("01_knn", tmp_path) == without
