"""Which known mistake a piece of work agrees with.

A mutant is run on the very inputs that the student's code was run on. Where every reply of the mutant equals the
student's reply, the mutant's sentence says what the student did. Among several that agree, the one that agrees on most
tests of the exercise is named.
"""

from typing import Any

import numpy as np

from autograder.byvalue import Student, Trace, open_loopback
from autograder.grading.run import NOT_WRITTEN, DivergedError, Outcome, run_test
from autograder.testing.registry import HiddenTest, Mutant, mutant_namespace, mutants_of

# The same mistake in another order of operations differs by rounding only: (relative, absolute) by the coarser dtype.
ROUNDING = {2: (2e-2, 1e-3), 4: (2e-4, 1e-6), 8: (1e-6, 1e-9)}


class MutantRuns:
    """The mutants of an exercise beside one piece of work under one seed: each runs only as far as it answers alike."""

    def __init__(self, exercise: str, seed: str) -> None:
        self.mutants = mutants_of(exercise)
        self.seed = seed
        self._agreed: dict[tuple[str, str], bool] = {}

    def agrees(self, mutant: Mutant, outcome: Outcome) -> bool:
        """Whether the mutant does in a hidden test as the work did."""
        key = mutant.name, outcome.test.name
        if key not in self._agreed:
            self._agreed[key] = agree(self._run(mutant, outcome.test, outcome.trace), outcome)
        return self._agreed[key]

    def _run(self, mutant: Mutant, test: HiddenTest, awaited: Trace | None) -> Outcome:
        namespace = mutant_namespace(mutant)
        trace = Trace() if awaited is None else Followed(awaited)

        def open_student() -> Student:
            student = open_loopback(namespace)
            student._peer.trace = trace
            return student

        outcome = run_test(test, open_student, self.seed)
        if isinstance(trace, Followed):
            trace.forget()
        return outcome


class RememberedRuns(MutantRuns):
    """The same beside many pieces of work: what each mutant does is found out to the end, once."""

    def __init__(self, exercise: str, seed: str) -> None:
        super().__init__(exercise, seed)
        self._outcomes: dict[tuple[str, str], Outcome] = {}

    def agrees(self, mutant: Mutant, outcome: Outcome) -> bool:
        """Whether the mutant does in a hidden test as the work did."""
        key = mutant.name, outcome.test.name
        if key not in self._outcomes:
            self._outcomes[key] = self._run(mutant, outcome.test, None)
        return agree(self._outcomes[key], outcome)


class Followed(Trace):
    """A trace that is to be like another: the first reply that is not ends the test."""

    def __init__(self, awaited: Trace) -> None:
        super().__init__()
        self._awaited = awaited.replies

    def forget(self) -> None:
        """Let go of what was awaited, which may be large: a mutant's process and its trace hold one another."""
        self._awaited = []

    def record(self, status: str, value: Any) -> None:
        """Add a reply. Raises DivergedError when it is not the one awaited."""
        super().record(status, value)
        position = len(self.replies) - 1
        if position >= len(self._awaited) or not _same_reply(self.replies[position], self._awaited[position]):
            raise DivergedError


def diagnose(outcomes: list[Outcome], runs: MutantRuns) -> dict[str, Mutant]:
    """Name of each failed test → the mutant recognised in it, where one is."""
    failed = [outcome for outcome in outcomes if not outcome.passed and outcome.sentence != NOT_WRITTEN]
    suspects = {
        outcome.test.name: [mutant for mutant in runs.mutants if runs.agrees(mutant, outcome)] for outcome in failed
    }
    agreements = _Agreements(outcomes, failed, runs)
    recognised = {}
    for outcome in failed:
        name = outcome.test.name
        if len(suspects[name]) == 1 and not outcome.raised:
            recognised[name] = suspects[name][0]  # in whatever other tests it agrees
            continue
        fitting = [mutant for mutant in suspects[name] if name in agreements.of(mutant)]
        if fitting:
            recognised[name] = max(fitting, key=lambda mutant: len(agreements.of(mutant)))  # the first among equals
    return recognised


class _Agreements:
    """In which tests a mutant does as the student's work did, found out when asked for."""

    def __init__(self, outcomes: list[Outcome], failed: list[Outcome], runs: MutantRuns) -> None:
        self._outcomes, self._runs = outcomes, runs
        self._raised = {outcome.test.name for outcome in failed if outcome.raised}
        self._answered = any(status == "ok" for outcome in outcomes for status, _ in outcome.trace.replies)
        self._found: dict[str, set[str]] = {}

    def of(self, mutant: Mutant) -> set[str]:
        """The tests' names."""
        if mutant.name not in self._found:
            self._found[mutant.name] = self._find(mutant)
        return self._found[mutant.name]

    def _find(self, mutant: Mutant) -> set[str]:
        agreed = {outcome.test.name for outcome in self._outcomes if self._runs.agrees(mutant, outcome)}
        # An exception alone says little: a mutant that raises is recognised only when it agrees in every other test
        # too, one of which got an answer.
        if len(agreed) < len(self._outcomes) or not self._answered:
            agreed -= self._raised
        return agreed


def agree(one: Outcome, other: Outcome) -> bool:
    """Whether two pieces of work came to the same end by the same answers."""
    return one.verdict == other.verdict and same_trace(one.trace, other.trace)


def same_trace(one: Trace, other: Trace) -> bool:
    """Whether two pieces of work answered alike, up to rounding."""
    if len(one.replies) != len(other.replies):
        return False
    return all(map(_same_reply, one.replies, other.replies))


def _same_reply(one: tuple[str, Any], other: tuple[str, Any]) -> bool:
    return one[0] == other[0] and same_value(one[1], other[1])


def same_value(a: Any, b: Any) -> bool:
    """Whether two answers are equal, up to rounding."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_value(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same_value, a, b))
    numbers = (np.ndarray, np.generic, int, float, complex)
    if isinstance(a, numbers) and isinstance(b, numbers):
        return _same_array(np.asarray(a), np.asarray(b))
    return type(a) is type(b) and bool(a == b)


def _same_array(x: np.ndarray, y: np.ndarray) -> bool:
    if x.shape != y.shape:
        return False
    if "U" in (x.dtype.kind, y.dtype.kind):
        return x.dtype.kind == y.dtype.kind and bool(np.all(x == y))
    if x.dtype.kind in "biu" and y.dtype.kind in "biu":
        return np.array_equal(x, y)
    relative, absolute = ROUNDING[min(_precision(x), _precision(y))]
    with np.errstate(invalid="ignore", over="ignore"):
        near = (np.abs(x - y) <= absolute + relative * np.abs(y)) & np.isfinite(y)
        return bool(np.all(near | (x == y) | (np.isnan(x) & np.isnan(y))))  # infinities and NaN equal themselves


def _precision(x: np.ndarray) -> int:
    """Bytes of a real number in the array, 8 for those that are exact."""
    bytes_each = x.dtype.itemsize // (2 if x.dtype.kind == "c" else 1)
    return bytes_each if x.dtype.kind in "fc" and bytes_each in ROUNDING else 8
