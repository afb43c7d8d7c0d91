"""Hidden tests run one by one on a namespace: each ends in an outcome, never in an exception."""

import builtins
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.byvalue import Fence, LimitError, Student, StudentError, Trace, open_loopback
from autograder.byvalue.fence import full_name
from autograder.grading.replay import Questions
from autograder.grading.seeds import generator_for
from autograder.testing.expect import FailedExpectation
from autograder.testing.registry import HiddenTest, banned_calls, hidden_tests_of
from course_utils.selfcheck.limits import TimeIsUp

NOT_WRITTEN = "not written yet"
WELL_KNOWN = {
    name
    for module in (builtins, np.exceptions, np.linalg)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, BaseException) and value not in (Exception, BaseException)
}
WRONG_KIND = "the answer is not of the kind that the docstring promises (its type, or how many values come back)"

NO_MEMORY = "no usable answer came back (the test would have needed more memory than there is)"


class DivergedError(Exception):
    """A mutant's answer is not that of the work it is compared with: the rest of the test tells nothing."""


@dataclass(frozen=True)
class Outcome:
    """What one hidden test found: a sentence for the student, and, for diagnosis, the replies that led to it."""

    test: HiddenTest
    passed: bool
    sentence: str
    trace: Trace
    questions: Questions
    raised: str = ""  # the class name when the student's code raised
    unexpected: str = ""  # a traceback when the test itself raised; for the instructor, never for the student

    @property
    def verdict(self) -> tuple[bool, str, str]:
        """What two pieces of work with the same mistake have in common (the line that raised may differ)."""
        return self.passed, self.raised, "" if self.raised else self.sentence


def run_test(test: HiddenTest, open_student: Callable[[], Student], seed: str) -> Outcome:
    """Run one hidden test on a student opened for it."""
    trace, questions = Trace(), Questions()
    try:
        student = open_student()
        student._callable = test.exercise
        trace = student._peer.trace
        student._peer.recording = questions
        try:
            with student._peer.guard():
                test.run(student, generator_for(seed, test.exercise, test.name))
        finally:
            student._restore()
    except FailedExpectation as failure:
        return Outcome(test, False, str(failure), trace, questions)
    except StudentError as error:
        return Outcome(
            test,
            False,
            describe_error(error, test.exercise),
            trace,
            questions,
            raised=error.kinds[0] if error.kinds else "Exception",
        )
    except (LimitError, TimeIsUp) as limit:
        questions.cut_short()
        return Outcome(test, False, f"no usable answer came back ({str(limit) or 'time was up'})", trace, questions)
    except MemoryError:  # the student's code had the test compute on huge arrays
        questions.cut_short()
        return Outcome(test, False, NO_MEMORY, trace, questions)
    except DivergedError:
        return Outcome(test, False, "", trace, questions)
    except Exception:
        return Outcome(test, False, WRONG_KIND, trace, questions, unexpected=traceback.format_exc(limit=-3))
    return Outcome(test, True, "", trace, questions)


def run_tests(exercise: str, namespace: dict[str, Any], seed: str) -> list[Outcome]:
    """Every hidden test of an exercise on the work in `namespace`, in file order, without diagnosis."""
    return run_tests_on(exercise, in_process(exercise, namespace), seed)


def in_process(exercise: str, namespace: dict[str, Any]) -> Callable[[], Student]:
    """Opens the work in `namespace` for one hidden test of `exercise`, in this process."""
    fence = Fence(banned_calls(exercise), namespace)
    return lambda: open_loopback(namespace, fence)


def run_tests_on(
    exercise: str, open_student: Callable[[], Student], seed: str, known: Mapping[str, Outcome] | None = None
) -> list[Outcome]:
    """Every hidden test of an exercise whose outcome is not `known`, each on the student's work opened for it; nothing
    is diagnosed.
    """
    known = known or {}
    return [known.get(test.name) or run_test(test, open_student, seed) for test in hidden_tests_of(exercise)]


def describe_error(error: StudentError, exercise: str) -> str:
    """An exception of the student's code in words: its class and the student's own line, never its message."""
    if "NotImplementedError" in error.kinds:
        return NOT_WRITTEN
    if error.kinds[:1] == ["TimeIsUp"]:
        return "your code took too long and was stopped"
    if error.kinds[:1] == ["ValueThatCannotCross"]:
        return "the answer holds something other than numbers, text, arrays, lists, tuples and dicts"
    text, number = error.lines[-1] if error.lines else ("", 0)
    banned = _banned_call(error, exercise)
    if banned:
        where = f" in line {number} of its cell" + (f" ({text})" if text else "") if number else ""
        return f"{exercise} calls {banned}{where}, which its docstring rules out: write it yourself, with NumPy"
    if error.missing_name and (error.missing_name in text or error.missing_name == exercise):
        return f"your code uses the name '{error.missing_name}', which is not defined"
    # A class made while the code ran may carry hidden input in its name: only well-known names are repeated.
    kind = next((name for name in error.kinds if name in WELL_KNOWN), "an exception")
    if not number:
        return f"your code raised {kind} (does the function take the arguments that its signature names?)"
    return f"your code raised {kind} in line {number} of its cell" + (f": {text}" if text else "")


def _banned_call(error: StudentError, exercise: str) -> str:
    """The entry of the exercise's list of banned calls that the error is about; empty if it is about none."""
    if error.kinds[:1] != ["ModuleNotFoundError"]:
        return ""
    missing = f"{full_name(error.missing_name)}."
    return next((name for name in banned_calls(exercise) if missing.startswith(f"{full_name(name)}.")), "")
