"""Which known mistake a piece of work agrees with.

A mutant is run on the very inputs that the student's code was run on. Where every reply of the mutant equals the
student's reply, the mutant's sentence says what the student did. Among several that agree, the one that agrees on most
tests of the exercise is named.
"""

from typing import Any

from autograder.byvalue import Student, Trace, open_loopback
from autograder.grading.run import NOT_WRITTEN, DivergedError, Outcome, run_test
from autograder.grading.sameness import same_reply, same_trace
from autograder.testing.registry import HiddenTest, Mutant, mutant_namespace, mutants_of


class MutantRuns:
    """The mutants of an exercise beside one piece of work under one seed.

    Each is asked what the work was asked; where that tells too little, it runs as far as it answers alike.
    """

    def __init__(self, exercise: str, seed: str) -> None:
        self.mutants = mutants_of(exercise)
        self.seed = seed
        self._agreed: dict[tuple[str, str], bool] = {}

    def agrees(self, mutant: Mutant, outcome: Outcome) -> bool:
        """Whether the mutant does in a hidden test as the work did."""
        key = mutant.name, outcome.test.name
        if key not in self._agreed:
            self._agreed[key] = self._find_out(mutant, outcome)
        return self._agreed[key]

    def _find_out(self, mutant: Mutant, outcome: Outcome) -> bool:
        try:
            told = outcome.questions.compare(mutant_namespace(mutant), outcome.trace)
        except Exception:  # what is compared is hostile: diagnosis never costs a grade
            told = None
        if told is not None:
            return told
        followed = Followed(outcome.trace)
        found = self._run(mutant, outcome.test, followed)
        followed.forget()
        return agree(found, outcome)

    def _run(self, mutant: Mutant, test: HiddenTest, trace: Trace) -> Outcome:
        namespace = mutant_namespace(mutant)

        def open_student() -> Student:
            student = open_loopback(namespace)
            student._peer.trace = trace
            return student

        return run_test(test, open_student, self.seed)


class RememberedRuns(MutantRuns):
    """The same beside many pieces of work: what each mutant does is found out to the end, once."""

    def __init__(self, exercise: str, seed: str) -> None:
        super().__init__(exercise, seed)
        self._outcomes: dict[tuple[str, str], Outcome] = {}

    def agrees(self, mutant: Mutant, outcome: Outcome) -> bool:
        """Whether the mutant does in a hidden test as the work did."""
        key = mutant.name, outcome.test.name
        if key not in self._outcomes:
            self._outcomes[key] = self._run(mutant, outcome.test, Trace())
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
        if position >= len(self._awaited) or not same_reply(self.replies[position], self._awaited[position]):
            raise DivergedError


def diagnose(outcomes: list[Outcome], runs: MutantRuns) -> dict[str, Mutant]:
    """Name of each failed test → the mutant recognised in it, where one is."""
    failed = [outcome for outcome in outcomes if not outcome.passed and outcome.sentence != NOT_WRITTEN]
    agreements = _Agreements(outcomes, failed, runs)
    if len(failed) > 1:
        # One that agrees in every test cannot be outdone: what others agree in needs not be known.
        for mutant in runs.mutants:
            if runs.agrees(mutant, failed[0]) and agreements.are_all(mutant):
                return {outcome.test.name: mutant for outcome in failed}
    suspects = {
        outcome.test.name: [mutant for mutant in runs.mutants if runs.agrees(mutant, outcome)] for outcome in failed
    }
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

    def are_all(self, mutant: Mutant) -> bool:
        """Whether these are all tests there are."""
        return (self._answered or not self._raised) and all(self._runs.agrees(mutant, each) for each in self._outcomes)

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
