"""benchmarks/grading.py: its class, its sums, the assignment it makes for Otter, and one small run."""

import importlib.util
import json
import subprocess
import sys
import zipfile
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from autograder.source import find_notebook
from autograder.testing.registry import hidden_tests_of, mutants_of

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks"
# After each change it waits for the second look that ends from then on, which began after it.
GRADER = """
import time
from pathlib import Path
looks = Path("looks")
def wait_until_seen():
    before = looks.stat().st_size if looks.exists() else 0
    while not looks.exists() or looks.stat().st_size < before + 2:
        time.sleep(0.01)
kept = []
for student in sorted(Path("submitted").iterdir()):
    kept.append(b"x" * (8 << 20))
    wait_until_seen()
    (Path("autograded") / student.name).mkdir(parents=True)
    wait_until_seen()
"""
BUDGET = 0.1  # CPU seconds that the cells and hidden tests of a submission of 01 may take
linux = pytest.mark.skipif(sys.platform != "linux", reason="memory and orphans are looked up as Linux has them")


@pytest.fixture(scope="module", autouse=True)
def benchmarks_importable() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield
    for name in ("grading", "fixed_cost", "timing", "class_sizes", "otter_run"):
        sys.modules.pop(name, None)


def module(name: str) -> Any:
    return importlib.import_module(name)


def course_of(folder: Path, students: int) -> list[str]:
    names = [f"student{number}" for number in range(students)]
    for name in names:
        (folder / "submitted" / name).mkdir(parents=True)
    return names


def test_a_small_class_is_graded_and_the_text_says_that_otter_is_left_out(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "grading.py"), "--students", "2", "--stock", "1", "--workers", "1"]
    done = subprocess.run(
        [*command, "--skip-experiments-only", "--json"], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    (run,) = report["runs"].values()
    first, both = "nbgrader autograde", "nbgrader autograde, generate_feedback"
    ours, bare = "course grade", "course grade --no-feedback"
    assert report["Otter"] is None and list(run["seconds"]) == [ours, bare, first, both]
    assert min(seconds["CPU"] for seconds in run["seconds"].values()) > 0
    assert run["times as fast"][both]["CPU"] == run["seconds"][both]["CPU"] / run["seconds"][ours]["CPU"]
    assert run["times as fast"][first]["CPU"] == run["seconds"][first]["CPU"] / run["seconds"][bare]["CPU"]
    assert run["times as fast"].keys() == {first, both} and run["scores that differ"] == {first: []}
    assert run["warm CPU"] > 0
    text = module("grading").as_text(report)
    assert "Otter left out: it takes part with --otter PYTHON" in text
    assert "the same cells and tests, warm" in text


def test_the_fixed_cost_is_what_a_submission_costs_beyond_the_start_and_the_warm_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed_cost = module("fixed_cost")
    names = course_of(tmp_path / "course", 101)

    def spent(command: list[str], copy: Path) -> dict[str, float]:  # for the start, and more for each submission
        more = len(list((copy / "submitted").iterdir())) - 1
        return {"CPU": 2.0 + more * 0.07 if "--no-feedback" in command else 2.5 + more * 0.08}

    monkeypatch.setattr(fixed_cost, "timed", spent)
    monkeypatch.setattr(fixed_cost, "warm_cpu", lambda course_dir, names: 0.03 * len(names))
    assert fixed_cost.one_round(tmp_path / "course", names, workers=2) == pytest.approx({
        "warm": 0.03, "start": 2.0, "start, with its page": 2.5,
        "a submission": 0.07, "a submission, with its page": 0.08,
        "fixed": 0.07 - 1.1 * 0.03, "fixed, with its page": 0.08 - 1.1 * 0.03,
    })  # fmt: skip
    assert not (tmp_path / "copy").exists()


def test_the_fixed_cost_is_measured_in_rounds(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "fixed_cost.py"), "--students", "3", "--rounds", "2", "--workers", "1"]
    done = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["students"] == 3 and len(report["rounds"]) == 2
    for each in report["rounds"]:
        assert each["start"] > 0 < each["warm"]  # no more: two submissions may cost less than a start differs by
        assert each["fixed"] == pytest.approx(each["a submission"] - 1.1 * each["warm"])
    text = module("fixed_cost").as_text(report)
    assert "3 submissions of 01 in 2 rounds" in text and f"{report['medians']['start'] * 1e3:.1f}" in text
    refused = subprocess.run([*command, "--students", "1"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2 and "needs two submissions" in refused.stderr


def test_one_warm_process_gives_right_work_its_points_one_submission_after_the_other(tmp_path: Path) -> None:
    grading = module("grading")
    names = grading.made_class(tmp_path, len(grading.ORDINARY), experiments=False)
    right, wrong = (names[grading.ORDINARY.index(grading.ALONE[kind])] for kind in ("all right", "with six mistakes"))
    command = [sys.executable, str(FOLDER / "warm_process.py"), str(tmp_path), "01_knn", right, wrong, right]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    said = json.loads(done.stdout)
    full = sum(exercise.points for exercise in find_notebook("01_knn").exercises)
    assert said["points"][right] == pytest.approx(full) and 0 < said["points"][wrong] < full
    assert 0 < said["CPU"] / 3 < 3 * BUDGET


def test_the_sample_has_right_wrong_and_half_done_work_in_proportion() -> None:
    grading = module("grading")
    names = [str(number) for number in range(95)]  # every plan five times
    plans = [grading.ORDINARY[int(name) % len(grading.ORDINARY)] for name in grading.sample_of(names, 19)]
    assert plans == grading.ORDINARY
    assert grading.sample_of(names, 1) == ["0"] and len(set(grading.sample_of(names, 200))) == 95


@pytest.mark.parametrize("text", ["0,5", "ten"])
def test_a_size_that_is_no_size_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(sys, "argv", ["grading.py", "--sizes", text])
        module("grading").main()
    assert "--sizes" in capsys.readouterr().err


@linux
def test_memory_of_the_main_process_is_measured_against_submissions_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, class_sizes = course_of(tmp_path, 6), module("class_sizes")

    class Telling(class_sizes.MemoryWatch):  # type: ignore[misc]
        """Adds a byte to a file after each look."""

        def __call__(self, process: int) -> None:
            super().__call__(process)
            with (self.autograded.parent / "looks").open("ab") as file:
                file.write(b".")

    monkeypatch.setattr(class_sizes, "MemoryWatch", Telling)
    command = lambda copy: [sys.executable, "-c", GRADER]  # noqa: E731
    report = class_sizes.measure_sizes(tmp_path, names, [1, 3, 6], command)
    one, three, six = report["sizes"]
    assert [row["submissions"] for row in report["sizes"]] == [1, 3, 6]
    assert three["peak"] - one["peak"] == pytest.approx(16, abs=4)
    assert six["grown"] == pytest.approx(40, abs=4) and one["grown"] == pytest.approx(0, abs=4)
    counts, memory = zip(*six["memory"], strict=True)
    assert list(counts) == sorted(set(counts)) and counts[-1] == 6 and memory[-1] - memory[0] > 30
    assert not (tmp_path / "autograded").exists()


@linux
def test_a_grader_that_leaves_submissions_out_ends_the_benchmark(tmp_path: Path) -> None:
    names = course_of(tmp_path, 2)
    idle = lambda copy: [sys.executable, "-c", ""]  # noqa: E731
    with pytest.raises(SystemExit, match="0 of 2 submissions were graded"):
        module("class_sizes").graded(tmp_path, names, idle)


def rows(*walls: float) -> list[dict[str, Any]]:
    memory = {"peak": 150.0, "grown": 4.0, "memory": [(1, 146.0), (9, 150.0)]}
    return [{"submissions": 10**power, "wall": wall, "CPU": wall, **memory} for power, wall in enumerate(walls)]


def test_the_line_says_what_a_submission_costs_and_how_far_off_a_class_is() -> None:
    line_through = module("class_sizes").line_through
    straight = line_through(rows(2.1, 3.0, 12.0, 102.0))
    assert straight["each"] == pytest.approx(0.1) and straight["start"] == pytest.approx(2.0)
    assert straight["off"] == pytest.approx(0, abs=1e-9)
    assert line_through(rows(2.1, 3.0, 12.0, 1002.0))["off"] > 0.5
    assert line_through(rows(2.1, 3.0)) == {}


def test_text_and_figure_show_what_was_measured(tmp_path: Path) -> None:
    class_sizes = module("class_sizes")
    measured = rows(2.1, 3.0, 12.0)
    alone = {"all right": {"wall": 2.5, "CPU": 2.0}}
    report = {"sizes": measured, "line": class_sizes.line_through(measured), "alone": alone}
    text = "\n".join(class_sizes.sizes_as_text(report))
    assert "2.00 s + 100.0 ms a submission" in text and "all right 2.50 s (CPU 2.00 s)" in text
    class_sizes.plot_sizes(report, tmp_path / "sizes.png")
    assert (tmp_path / "sizes.png").read_bytes().startswith(b"\x89PNG")


def test_a_command_that_fails_ends_the_benchmark_with_what_it_said(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('no such course'); sys.exit(3)"]
    with pytest.raises(SystemExit, match="exit status 3\nno such course"):
        module("timing").timed(command, tmp_path)


@linux
def test_processes_that_outlive_the_command_are_counted(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.5: pass"
    program = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {busy!r}])"
    code = f"""
import json, sys
sys.path.insert(0, {str(FOLDER)!r})
from pathlib import Path
from timing import timed
print(json.dumps(timed([sys.executable, "-c", {program!r}], Path())))
"""
    # In a process of its own: it adopts orphans and waits for all of its children.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout)["CPU"] > 0.5


def run_otters_test(text: str, namespace: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[float, float]:
    """Points earned and points there are, by a stand-in for Otter's own `test_case`."""
    cases: list[Any] = []

    def test_case(name: str, points: float, hidden: bool) -> Any:
        return lambda run: cases.append(SimpleNamespace(name=name, points=points, run=run)) or cases[-1]

    for name in ("otter", "otter.test_files"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(sys.modules["otter.test_files"], "test_case", test_case, raising=False)
    monkeypatch.setenv("COURSE_SEED", "a student's")
    variables: dict[str, Any] = {}
    exec(text, variables)
    assert variables["OK_FORMAT"] is False
    assert [case.name for case in cases] == [test.title for test in hidden_tests_of(variables["name"])]
    # Otter takes for a test case whatever variable of the file is one, so each must be there once.
    assert [value for value in variables.values() if value in cases] == cases
    earned = 0.0
    for case in cases:
        try:
            case.run(namespace)
        except AssertionError as failed:
            assert str(failed), f"{case.name} fails without a word"
        else:
            earned += case.points
    return earned, sum(case.points for case in cases)


def test_otters_assignment_gives_an_exercises_points_for_right_work_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = find_notebook("01_knn")
    module("otter_run").write_autograder(tmp_path / "autograder.zip", "01_knn")
    archive = zipfile.ZipFile(tmp_path / "autograder.zip")
    assert set(archive.namelist()) == {
        "otter_config.json",
        *(f"tests/{exercise.name}.py" for exercise in notebook.exercises),
    }
    exercise = next(exercise for exercise in notebook.exercises if exercise.name == "l1_distance")
    text = archive.read("tests/l1_distance.py").decode()
    right: dict[str, Any] = {}
    exec(f"import numpy as np\n{exercise.solution}", right)
    assert run_otters_test(text, right, monkeypatch) == pytest.approx((exercise.points, exercise.points))
    wrong = mutants_of("l1_distance")[0]
    earned, possible = run_otters_test(text, {wrong.replaces: wrong.work}, monkeypatch)
    assert earned < possible == pytest.approx(exercise.points)


def test_an_exercise_with_another_share_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    otter_run = module("otter_run")
    exercises = [exercise for exercise in find_notebook("01_knn").exercises if not exercise.extension]
    grades = [SimpleNamespace(name=exercise.tests.grade_id, auto_score=exercise.points / 2) for exercise in exercises]
    submission = SimpleNamespace(notebooks=[SimpleNamespace(grades=grades)])
    gradebook = SimpleNamespace(find_submission=lambda assignment, name: submission)
    monkeypatch.setattr(otter_run, "open_gradebook", lambda folder: nullcontext(gradebook))
    same = {exercise.name: exercise.points / 2 for exercise in exercises}
    assert otter_run.other_shares(Path(), "01_knn", {"ana": same}) == []
    other = same | {exercises[1].name: exercises[1].points}
    assert otter_run.other_shares(Path(), "01_knn", {"ana": other}) == [f"ana, {exercises[1].name}: 50% and 100%"]


@pytest.mark.parametrize("python", ["no-such-interpreter", sys.executable])
def test_an_environment_without_otter_is_refused_with_how_to_make_one(python: str) -> None:
    if python == sys.executable and importlib.util.find_spec("otter"):
        pytest.skip("Otter is installed here")
    with pytest.raises(SystemExit, match=r"(?s)--otter .*pip install otter-grader"):
        module("otter_run").otter_version(python)
