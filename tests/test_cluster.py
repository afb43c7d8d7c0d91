"""Grading on a Dask cluster: the same grades as here, whatever becomes of workers, scheduler and versions."""

import _thread
import contextlib
import csv
import json
import os
import re
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import DEADLY, HANG, UNSAFE, DaskPrograms, all_end, grading_programs
from engine_runs import solved
from pipeline_course import NAME, altered, code, filled, grade, hand_in, release, write_class
from writing_course import files, tables

import autograder
from autograder.build.release import prepare_course
from autograder.pipeline import cluster as on_cluster
from autograder.pipeline import roll_call
from autograder.pipeline.gradebook import GradingSummary
from autograder.pipeline.running import Running
from autograder.pipeline.state import load_state
from autograder.pipeline.stops import KEPT, ClusterError, GradingInterrupted, GradingStoppedError
from autograder.pipeline.writer import Writer
from course_utils.cli import main

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers run on Linux and macOS")

LOOP = "while True:\n        pass"
EXIT = "import os\n    os._exit(3)"
SECONDS = 1.5  # a cell may take
STUDENTS = tuple(f"s{number}" for number in range(12))


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskPrograms]:
    """A scheduler and two workers. After a worker has died twice with a job, the job is given up."""
    with DaskPrograms(tmp_path_factory.mktemp("dask")) as made:
        for name in ("first", "second"):
            made.add_worker(name, DEADLY)
        yield made


@pytest.fixture
def address(programs: DaskPrograms) -> str:
    programs.wait_for(2)
    return programs.address


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A course in which twelve have handed in something that takes a moment, and the released notebook."""
    course_dir = tmp_path_factory.mktemp("handed_in") / "course"
    released = release(course_dir)
    slow = altered(released, lambda cells: [*cells, code("import time; time.sleep(0.1)")])
    for student in STUDENTS:
        hand_in(course_dir, student, slow)
    return course_dir, released


@pytest.fixture
def course(handed_in: tuple[Path, Any], tmp_path: Path) -> Path:
    return Path(shutil.copytree(handed_in[0], tmp_path / "course"))


def at_third(monkeypatch: pytest.MonkeyPatch, what: Callable[[], object]) -> None:
    """Do something when the third result is about to be written."""
    write, written = Writer._kept, []

    def third(self: Writer, task: Any, result: Any) -> Any:
        written.append(task)
        if len(written) == 3:
            what()
        return write(self, task, result)

    monkeypatch.setattr(Writer, "_kept", third)


def assert_all_right(summary: GradingSummary, students: tuple[str, ...] = STUDENTS) -> None:
    scores = {row.student_id: (row.score, row.status) for row in summary.rows}
    assert {student: scores[student] for student in students} == dict.fromkeys(students, (10.0, "needs_manual_grade"))


def content(course_dir: Path, name: str) -> dict[str, Any]:
    """All that a grading run leaves; what it took is left out."""
    with (course_dir / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = {student: vars(each) | {"seconds": 0} for student, each in load_state(course_dir, name).items()}
    found = {folder: files(course_dir / folder) for folder in ("autograded", "feedback")}
    return tables(course_dir) | found | {"grades.csv": rows, "state": kept}


def test_a_class_graded_on_a_cluster_ends_like_one_graded_here(tmp_path: Path, address: str) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    released = release(here)
    write_class(here, released)
    hand_in(here, "lea", filled(released, double=LOOP))
    hand_in(here, "max", filled(released, double=EXIT))
    prepare_course(here, ["01_knn"])
    for student, cells in {"ana": {}, "ben": {"predict_labels": f"def predict_labels(*_):\n    {EXIT}"}}.items():
        path = here / "submitted" / student / "01_knn" / "01_knn.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(solved("01", cells)))
    shutil.copytree(here, there)
    for name in (NAME, "01_knn"):
        ours = grade(here, name, workers=2, timeout=SECONDS, seed="key", progress=False)
        theirs = grade(there, name, cluster=address, timeout=SECONDS, seed="key", progress=False)
        assert (theirs.all_graded, theirs.regraded, theirs.level) == (True, ours.regraded, ours.level)
        expected, found = content(here, name), content(there, name)
        for part in expected:
            assert found[part] == expected[part], part
    scores = {(row["student_id"], row["assignment"]): float(row["score"]) for row in found["grades.csv"]}
    # The loop and the exit cost the points of their own exercise.
    assert [scores[who, NAME] for who in ("ana", "lea", "max")] == [10, 4, 4]
    assert [scores[who, "01_knn"] for who in ("ana", "ben")] == [90, 90 - 14]


def test_a_worker_killed_in_the_middle_costs_nobody_anything(
    course: Path, address: str, programs: DaskPrograms
) -> None:
    victim, pid = programs.wait_for(2).popitem()
    left = []

    def kill_while_it_grades() -> None:
        until = time.monotonic() + HANG
        while time.monotonic() < until and not left:
            time.sleep(0.02)
            if client.processing()[victim] and grading_programs(pid):
                os.kill(pid, signal.SIGSTOP)
                client.processing()  # what it had said before it was stopped is read by then
                if client.processing()[victim]:
                    left.extend(grading_programs(pid))
                else:
                    os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGKILL)

    with programs.client() as client:
        killer = threading.Thread(target=kill_while_it_grades)
        killer.start()
        summary = grade(course, NAME, cluster=address, progress=False)
        killer.join()
        assert_all_right(summary)
        lost = [event for _, event in client.get_events("all") if event.get("action") == "remove-worker"]
    assert any(event["processing-tasks"] for event in lost)
    assert left and all_end(left)


def test_a_submission_that_ends_every_worker_is_the_only_one_to_fail(
    course: Path, handed_in: tuple[Path, Any], address: str
) -> None:
    hand_in(course, "a deadly one", filled(handed_in[1], double="return 'deadly'"))
    summary = grade(course, NAME, cluster=address, progress=False)
    failed = [row for row in summary.rows if row.status == "failed"]
    assert [row.student_id for row in failed] == ["a deadly one"]
    assert "grading failed (WorkersDied); see .course/failed/a deadly one" in failed[0].note
    said = (course / ".course" / "failed" / f"a deadly one-{NAME}.txt").read_text()
    assert f"graded alone on {address}, it ended one worker after another" in said
    assert_all_right(summary)


def test_what_fails_on_a_worker_fails_alone_and_names_the_machine(
    course: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    def third_is_broken(notebook: Any, known: Any) -> str:
        sent.append(notebook)
        return json.dumps(notebook) if len(sent) != 3 else "no notebook"

    monkeypatch.setattr(on_cluster, "to_be_run", third_is_broken)
    summary = grade(course, NAME, cluster=address, progress=False)
    (failed,) = [row.student_id for row in summary.rows if row.status == "failed"]
    said = (course / ".course" / "failed" / f"{failed}-{NAME}.txt").read_text()
    assert f"on the machine {socket.gethostname()}" in said
    assert_all_right(summary, tuple(student for student in STUDENTS if student != failed))


@pytest.fixture
def silence() -> Iterator[int]:
    """A port at which somebody takes calls and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("scheme", "why", "seconds"),
    [
        ("tcp://127.0.0.1:1", "Timed out trying to connect", 6.0),  # half of it passes, and the other half must not
        ("tcp://127.0.0.1:{silence}", "no answer within", 3.0),
        ("tls://127.0.0.1:{silence}", "TLS", HANG),
        ("http://127.0.0.1:8787", "unknown address scheme", HANG),
        ("cluster", "missing port number", HANG),
    ],
)
def test_a_scheduler_that_cannot_be_reached_is_one_line_and_exit_status_two(
    course: Path,
    silence: int,
    scheme: str,
    why: str,
    seconds: float,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(roll_call, "CONNECT_SECONDS", seconds)
    url = scheme.format(silence=silence)
    assert main(["grade", NAME, "--course-dir", str(course), "--cluster", url]) == 2
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"course: {url}: no Dask scheduler can be reached there (") and why in said.err
    assert "start one with: dask scheduler" in said.err
    assert not (course / "grades.csv").exists()


@contextlib.contextmanager
def third_worker(programs: DaskPrograms, preload: str = "", **settings: str) -> Iterator[None]:
    process = programs.add_worker("third", preload, **settings)
    programs.wait_for(3)
    yield
    process.terminate()
    process.wait()
    programs.wait_for(2)


def test_a_worker_with_other_hidden_tests_is_refused(
    course: Path, address: str, programs: DaskPrograms, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "autograder"
    shutil.copytree(Path(autograder.__file__).parent, other, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "hidden" / "knn" / "__init__.py").open("a") as file:
        file.write("# changed\n")
    words = r"1 of 3 workers cannot grade: tcp://\S+ \(.+\) has other code of the course"
    with third_worker(programs, PYTHONPATH=str(other.parent)), pytest.raises(ClusterError, match=words) as raised:
        grade(course, NAME, cluster=address, progress=False)
    assert "restart its workers, or take them out of the cluster" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_worker_that_cannot_isolate_is_refused_unless_that_is_said(
    course: Path, address: str, programs: DaskPrograms
) -> None:
    with third_worker(programs, UNSAFE):
        with pytest.raises(
            ClusterError, match=r"1 of 3 workers cannot grade: .* cannot be isolated .*--allow-unsandboxed"
        ):
            grade(course, NAME, cluster=address, allow_unsandboxed=False, progress=False)
        assert load_state(course, NAME) == {}
        summary = grade(course, NAME, cluster=address, allow_unsandboxed=True, progress=False)
    assert_all_right(summary)
    assert summary.level == "none"
    levels = [kept.level for kept in load_state(course, NAME).values()]
    best = autograder.engine.chosen_level(allow_unsandboxed=True).value
    assert set(levels) == {"none", best}  # each where it ran
    if best != "none":
        assert summary.notes == (f"{levels.count(best)} of the grades kept were made at sandbox level {best}",)


def test_a_worker_of_another_version_that_comes_late_stops_the_run(
    course: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = roll_call.version()
    with monkeypatch.context() as patched:
        patched.setattr(on_cluster, "version", lambda: ours | {"NumPy": "3.14"})
        words = r"a worker cannot grade: .* has NumPy \S+ in place of 3\.14\. Nothing that was graded is lost"
        with pytest.raises(GradingStoppedError, match=words):
            grade(course, NAME, cluster=address, progress=False)
    assert_all_right(grade(course, NAME, cluster=address, progress=False))


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_keeps_what_was_graded(course: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        at_third(patched, _thread.interrupt_main)
        with pytest.raises(GradingInterrupted, match=re.escape(KEPT)):
            grade(course, NAME, cluster=address, progress=False)
    assert_goes_on(course, address)


def assert_goes_on(course: Path, address: str) -> None:
    """Some were graded and written; the same command grades the others and writes all."""
    kept = set(load_state(course, NAME))
    assert 0 < len(kept) < len(STUDENTS)
    summary = grade(course, NAME, cluster=address, progress=False)
    assert summary.regraded == len(STUDENTS) - len(kept)
    assert_all_right(summary)


def test_a_cluster_without_workers_is_said(
    course: Path, tmp_path: Path, handed_in: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roll_call, "WORKER_SECONDS", 0.3)
    monkeypatch.setattr(on_cluster, "PATIENCE", 0.5)
    monkeypatch.setattr(on_cluster, "PAUSE", 0.1)
    with DaskPrograms(tmp_path) as lonely:
        with pytest.raises(ClusterError, match=f"the cluster has no workers; .* dask worker {lonely.address}"):
            grade(course, NAME, cluster=lonely.address, progress=False)
        worker = lonely.add_worker("only", nanny=False)
        lonely.wait_for(1)
        with monkeypatch.context() as patched:
            at_third(patched, worker.terminate)
            with pytest.raises(GradingStoppedError, match="the cluster has had no worker"):
                grade(course, NAME, cluster=lonely.address, progress=False)
        kept = len(load_state(course, NAME))
        lonely.add_worker("another", nanny=False)
        lonely.wait_for(1)
        at_third(monkeypatch, lonely.scheduler.kill)
        with pytest.raises(GradingStoppedError, match="scheduler was lost, or dropped"):
            grade(course, NAME, cluster=lonely.address, progress=False)
        assert kept < len(load_state(course, NAME)) < len(STUDENTS)
    monkeypatch.undo()
    assert_all_right(grade(course, NAME, workers=2, progress=False))


def test_the_command_knows_the_cluster(course: Path, address: str, capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["grade", NAME, "--course-dir", str(course), "--cluster", address, "--allow-unsandboxed"]
    assert main([*arguments, "--workers", "2"]) == 2
    assert "a cluster has as many as its workers have threads" in capfd.readouterr().err
    assert main([*arguments, "--json"]) == 0
    said = capfd.readouterr()
    assert (json.loads(said.out)["regraded"], said.err) == (len(STUDENTS), "")


def test_without_dask_one_line_says_what_to_install(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"needs dask\.distributed .* install it: pip install"):
        grade(course, NAME, cluster="tcp://127.0.0.1:1", progress=False)


def test_a_cluster_and_local_processes_are_used_in_the_same_way() -> None:
    assert {"graded", "stop", "start", "__enter__", "__exit__"} <= set(vars(Running)) & set(vars(on_cluster.OnCluster))
