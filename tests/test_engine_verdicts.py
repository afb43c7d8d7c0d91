"""A hidden test says the same of the same work: in a kernel, as a mutant that is compared with, and in the sandbox.

In the sandbox it is asked by itself, and, where each test of an exercise asks one question, together with the others,
as in grading. `make test` takes a few pieces of work an exercise, always the same ones; `make nightly` takes them all.
"""

import atexit
import functools
import gc
import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autograder
from autograder.byvalue import LimitError, Student, Trace, open_loopback
from autograder.byvalue.peer import MEASURING
from autograder.byvalue.wire import Frame
from autograder.engine import Worker, chosen_level
from autograder.engine.line import Cell, Line
from autograder.engine.together import run_together
from autograder.grading.run import Outcome, in_process, run_test
from autograder.testing.expect import NUMBERS
from autograder.testing.registry import (
    Alternative,
    HiddenTest,
    Mutant,
    alternatives_of,
    asks_once,
    banned_calls,
    hidden_tests_of,
    mutant_namespace,
    mutants_of,
    topics,
)

SEED = "same"
SECONDS = 20.0
EXERCISES = [exercise for exercises in topics().values() for exercise in exercises]
ALL = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"  # it takes minutes
MOST_MUTANTS, MOST_ALTERNATIVES = 2, 1  # an exercise, unless it is all
TRIES = 500  # where what a test says may be luck
LOAD = """
from autograder.testing.registry import alternatives_of, mutant_namespace, mutants_of
globals().update(mutant_namespace([*mutants_of({exercise!r}), *alternatives_of({exercise!r})][{number}]))
"""

Work = Mutant | Alternative


@pytest.fixture(scope="module", autouse=True)
def what_was_there_before() -> Iterator[None]:
    """It is not searched for copies of what an exercise bans: that takes a fifth of a second for a piece of work."""
    gc.freeze()
    yield
    gc.unfreeze()


@functools.cache
def worker() -> Worker:
    """A worker whose student code sees the whole autograder: the mutants are the students here."""
    (folder,) = autograder.__path__
    started = Worker(chosen_level(allow_unsandboxed=True), also_visible=(folder,))
    atexit.register(started.close)
    return started


def works_of(exercise: str) -> list[tuple[int, Work]]:
    """The pieces of work to be compared, each with its place in the exercise's bank of mutants and alternatives."""
    mutants = list(enumerate(mutants_of(exercise)))
    alternatives = list(enumerate(alternatives_of(exercise), len(mutants)))
    if ALL:
        return [*mutants, *alternatives]
    return [*spread(mutants, MOST_MUTANTS), *spread(alternatives, MOST_ALTERNATIVES)]


def spread(works: list[tuple[int, Work]], most: int) -> list[tuple[int, Work]]:
    return works[:: max(1, -(-len(works) // most))]


class Sandboxed:
    """A piece of work in a process of the sandbox; another one is opened where that has ended, as a session does."""

    def __init__(self, exercise: str, number: int) -> None:
        self.load = LOAD.format(exercise=exercise, number=number)
        self.banned = banned_calls(exercise)
        self._line: Line | None = None

    def __enter__(self) -> "Sandboxed":
        return self

    def __exit__(self, *_: object) -> None:
        if self._line is not None:
            self._line.close()

    @property
    def line(self) -> Line:
        """One that works."""
        if self._line is None or self._line.broken:
            self._line = worker().open()
            outputs = self._line.run_cell(Cell(self.load, SECONDS))
            assert outputs == [], outputs or self._line.broken
        return self._line

    def open_student(self) -> Student:
        return self.line.open_student(SECONDS, self.banned)

    def alone(self, tests: list[HiddenTest]) -> dict[str, Outcome]:
        """The tests asked one by one."""
        return {test.name: run_test(test, self.open_student, SEED) for test in tests}

    def together(self, tests: list[HiddenTest], measuring: set[str]) -> dict[str, Outcome]:
        """The tests asked together, and those alone that were left out, as a session does."""
        line = self.line
        known = run_together(tests, line, SEED, SECONDS, self.banned)
        left_out = [test for test in tests if test.name not in known]
        assert line.broken or {test.name for test in left_out} <= measuring, "left out without a reason"
        return known | self.alone(left_out)


def kinds(trace: Trace) -> list[tuple[str, ...]]:
    """What came back, but for the values: some mutants draw unseeded numbers, and sums in float32 depend on threads."""
    return [(status, type(value).__name__, str(np.shape(value))) for status, value in simple(trace)]


def simple(trace: Trace) -> list[tuple[str, object]]:
    return [(status, value if isinstance(value, NUMBERS) else type(value)) for status, value in trace.replies]


def same(one: Outcome, other: Outcome) -> bool:
    return one.verdict == other.verdict and kinds(one.trace) == kinds(other.trace)


class Kernel:
    """A piece of work in this process, as in a notebook's kernel."""

    def __init__(self, exercise: str, namespace: dict[str, Any]) -> None:
        self._open = in_process(exercise, namespace)
        self.measuring: set[str] = set()  # names of the tests that ask for a measurement

    def outcome(self, test: HiddenTest) -> Outcome:
        """What the test says, this time."""

        def open_student() -> Student:
            student = self._open()
            note = student._peer.note

            def noted(frame: Frame, operation: str = "") -> None:
                if operation in MEASURING:
                    self.measuring.add(test.name)
                note(frame, operation)

            student._peer.note = noted
            return student

        return run_test(test, open_student, SEED)

    def may_say(self, found: Outcome, first: Outcome) -> bool:
        """Whether it says the same, for work that draws numbers without a seed at least now and then."""
        return same(found, first) or any(same(found, self.outcome(found.test)) for _ in range(TRIES))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_kernel_mutant_and_sandbox_give_the_same_verdicts(exercise):
    tests = hidden_tests_of(exercise)
    for number, work in works_of(exercise):
        namespace = mutant_namespace(work)
        kernel = Kernel(exercise, namespace)
        expected = {test.name: kernel.outcome(test) for test in tests}
        compared = functools.partial(open_loopback, namespace)
        ways = {"mutant": {test.name: run_test(test, compared, SEED) for test in tests}}
        with Sandboxed(exercise, number) as sandboxed:
            ways["sandbox"] = sandboxed.alone(tests)
            if asks_once(exercise):
                ways["sandbox, together"] = sandboxed.together(tests, kernel.measuring)
        for way, outcomes in ways.items():
            for name, first in expected.items():
                found = outcomes[name]
                said = f"{way}: {work.name} in {name}: {found.verdict}, and not {first.verdict}"
                assert kernel.may_say(found, first), said


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
