"""A hidden test says the same of the same work, in the grader's own process and in the sandbox."""

import atexit
import functools
import time

import numpy as np
import pytest

import autograder
from autograder.byvalue import LimitError, Trace, open_loopback
from autograder.engine import Worker, chosen_level
from autograder.engine.line import Cell, Line
from autograder.grading.run import run_test
from autograder.testing.expect import NUMBERS
from autograder.testing.registry import alternatives_of, hidden_tests_of, mutant_namespace, mutants_of, topics

SEED = "same"
SECONDS = 20.0
EXERCISES = [exercise for exercises in topics().values() for exercise in exercises]
MOST_MUTANTS = 2  # an exercise: all of them take many minutes
LOAD = """
from autograder.testing.expect import NUMBERS
from autograder.testing.registry import mutant_namespace, mutants_of
globals().update(mutant_namespace(mutants_of({exercise!r})[{number}]))
"""


@functools.cache
def worker() -> Worker:
    """A worker whose student code sees the whole autograder: the mutants are the students here."""
    (folder,) = autograder.__path__
    started = Worker(chosen_level(allow_unsandboxed=True), also_visible=(folder,))
    atexit.register(started.close)
    return started


def kinds(trace: Trace) -> list[tuple[str, ...]]:
    """What came back, but for the values: some mutants draw unseeded numbers, and sums in float32 depend on threads."""
    return [(status, type(value).__name__, str(np.shape(value))) for status, value in simple(trace)]


def simple(trace: Trace) -> list[tuple[str, object]]:
    return [(status, value if isinstance(value, NUMBERS) else type(value)) for status, value in trace.replies]


def opened(exercise: str, number: int) -> Line:
    line = worker().open()
    outputs = line.run_cell(Cell(LOAD.format(exercise=exercise, number=number), SECONDS))
    assert outputs == [], outputs or line.broken
    return line


@pytest.mark.parametrize("exercise", EXERCISES)
def test_mutants_get_the_same_verdicts_in_the_sandbox(exercise):
    mutants = mutants_of(exercise)
    step = max(1, -(-len(mutants) // MOST_MUTANTS))
    for number in range(0, len(mutants), step):
        namespace = mutant_namespace(mutants[number])
        line = opened(exercise, number)
        try:
            for test in hidden_tests_of(exercise):
                here = run_test(test, lambda namespace=namespace: open_loopback(namespace), SEED)
                there = run_test(test, lambda line=line: line.open_student(SECONDS), SEED)
                where = f"{mutants[number].name} in {test.name}"
                if "frame" in there.sentence or line.broken:  # what may not cross ends the process there
                    assert not here.passed, where
                    break
                assert there.verdict == here.verdict, where
                assert kinds(there.trace) == kinds(here.trace), where
        finally:
            line.close()


def test_there_is_an_alternative_in_the_namespace_of_every_mutant():
    for exercise in EXERCISES:
        names = {right.replaces for right in alternatives_of(exercise)}
        assert all(names <= set(mutant_namespace(mutant)) for mutant in mutants_of(exercise))


def test_a_closed_line_answers_nothing():
    line = worker().open()
    line.close()
    with pytest.raises(LimitError, match="closed"):
        line.open_student(1.0)


def test_a_killed_process_is_gone_at_once():
    line = worker().open()
    before = time.monotonic()
    line.close()
    assert time.monotonic() - before < 10
