"""A hidden test that student code has brought to compute for hours in one step of Python, where no alarm is heard."""

import json
import signal
import time
from dataclasses import replace
from typing import Any

import pytest
from engine_runs import run, scores, sentences, solved, worker

from autograder.engine import (
    Grader,
    GradingProcessDied,
    Job,
    Limits,
    chosen_level,
    grade_apart,
    processes,
    run_notebook,
)
from autograder.engine.processes import ATTEMPTS, _Ended
from autograder.engine.session import EVERY_TEST
from autograder.grading.run import NO_MEMORY
from autograder.pipeline.execution import Execution
from autograder.testing import hidden_tests_of

LEVEL = chosen_level(allow_unsandboxed=True)
LIMITS = Limits(cell=20.0, test=2.0, notebook=120.0)
unix = pytest.mark.skipif(not hasattr(signal, "SIGPROF"), reason="no signal ends a process by its time here")

HUGE = """import numpy as np
def correlate2d(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            out[i, j] = (image[i:i + kernel.shape[0], j:j + kernel.shape[1]].astype(float) * kernel).sum()
    return out
def convolve2d(image, kernel):
    if image.dtype == np.uint8:
        return correlate2d(np.ones((SIZE, SIZE), np.uint8), np.ones((SIZE // 2, SIZE // 2), np.uint8))
    return correlate2d(image, kernel[::-1, ::-1])
"""


@unix
def test_the_test_it_got_stuck_in_is_failed_and_all_others_count() -> None:
    """The provided `correlate2d` is asked for 650 thousand million products, by arrays that are not large."""
    execution = graded(asking_for_much(400))
    assert sentences(execution, "correlate2d") == ["no usable answer came back (time was up)"]
    assert scores(execution)["correlate2d"] == pytest.approx(7.2)
    assert sum(scores(graded(solved())).values()) == pytest.approx(90)


@unix
def test_a_test_that_was_brought_to_take_more_memory_than_there_is_says_so() -> None:
    """Tables of 3.2 GiB each, where 6 GiB are the limit; with time enough to fill the first one anywhere."""
    execution = graded(asking_for_much(1200), replace(LIMITS, test=60.0))
    assert sentences(execution, "correlate2d") == [NO_MEMORY]
    assert scores(execution)["correlate2d"] == pytest.approx(7.2)


def asking_for_much(size: int) -> Any:
    """The first cells of 08, where the test's `correlate2d` is asked for the correlation of images of this size."""
    notebook = solved("08", {"correlate2d": HUGE.replace("SIZE", str(size))})
    wanted = ("correlate2d", "correlate2d_tests")
    notebook.cells = [cell for cell in notebook.cells if "course_utils import" in cell.source or cell.id in wanted]
    return notebook


def graded(notebook, limits: Limits = LIMITS) -> Execution:
    """As `nbgrader autograde` has it graded; `course grade` uses the same class itself."""
    execution = grade_apart(Job(json.dumps(notebook), "seed", limits, LEVEL))
    execution.put_into(notebook)
    return replace(execution, notebook=notebook)


def test_what_it_got_stuck_in_is_not_run_and_the_rest_is_told_of_before() -> None:
    begun: list[tuple[str, str]] = []
    first, *others = [test.name for test in hidden_tests_of("l1_distance")]
    stuck = (f"l1_distance.{first}", "predict_labels")
    notebook = solved()
    run_notebook(
        worker(),
        notebook,
        seed="seed",
        limits=LIMITS,
        stuck=stuck,
        begin=lambda exercise, name: begun.append((exercise, name)),
    )
    execution, usual = Execution(notebook, (), 0.0), run(solved())
    assert [name for exercise, name in begun if exercise == "l1_distance"] == others
    assert sentences(execution, "l1_distance") == ["no usable answer came back (time was up)"]
    assert scores(execution)["predict_labels"] == 0 and not any(exercise == "predict_labels" for exercise, _ in begun)
    left_out = ("l1_distance", "predict_labels")
    assert [points for name, points in scores(execution).items() if name not in left_out] == [
        points for name, points in scores(usual).items() if name not in left_out
    ]


class Scripted(Grader):
    """Ends as it is told to, attempt after attempt."""

    def __init__(self, *results: object) -> None:
        super().__init__(LEVEL)
        self.results, self.jobs = list(results), []

    def _attempt(self, job):
        self.jobs.append(job)
        return self.results.pop(0)


DONE = Execution(solved(), (), 1.0)
JOB = Job("{}", "seed", LIMITS, LEVEL)
UNKNOWN, OTHERWISE = _Ended(True, None), _Ended(False, None)


def test_an_exercise_that_gets_stuck_twice_is_left_out_as_a_whole() -> None:
    tests = [("one", "first"), ("two", "first"), ("one", "second"), ("two", "second")]
    grader = Scripted(UNKNOWN, *(_Ended(True, test) for test in tests), DONE)
    assert grader.grade(JOB) is DONE
    assert [job.stuck for job in grader.jobs] == [
        None,
        (),
        ("one.first",),
        ("one.first", "two.first"),
        ("one.first", "two.first", "one"),
        ("one.first", "two.first", "one", "two"),
    ]


def test_no_hidden_test_is_run_when_the_time_of_a_notebook_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = processes.PATIENCE * (LIMITS.notebook + processes.SLACK)
    now = iter([0.0, limit + 1])
    monkeypatch.setattr(
        processes, "time", type("Clock", (), {"monotonic": lambda: next(now, 1e6), "sleep": time.sleep})
    )
    grader = Scripted(UNKNOWN, _Ended(True, ("one", "first")), DONE)
    assert grader.grade(JOB) is DONE
    assert grader.jobs[-1].stuck == (EVERY_TEST,)
    execution = run_notebook(worker(), solved(), seed="seed", limits=LIMITS, stuck=(EVERY_TEST,), begin=pytest.fail)
    assert set(scores(execution).values()) == {0.0}


@pytest.mark.parametrize("ends", [[OTHERWISE] * ATTEMPTS, [UNKNOWN, OTHERWISE, UNKNOWN]], ids=["killed", "nowhere"])
def test_a_process_that_ends_for_other_reasons_is_started_twice(ends: list[object]) -> None:
    with pytest.raises(GradingProcessDied, match="twice"):
        Scripted(*ends).grade(JOB)


def test_what_grading_raised_is_raised() -> None:
    with pytest.raises(OSError, match="a disk"):
        Scripted(OTHERWISE, OSError("a disk")).grade(JOB)
