"""Hidden tests that ask one question each, asked together.

Two processes that take turns find their caches empty each time, which costs more than most questions do. So the tests
of an exercise are run up to their questions, one after the other; the student's process gets all of these at once; and
each test goes on as its answer comes. The student's code could look at the questions that follow, so one whose answer
is measured is not among them: such a test is run alone.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Sequence

from greenlet import GreenletExit, getcurrent, greenlet

from autograder.byvalue import LimitError, Student
from autograder.engine.line import Line, NotTogetherError
from autograder.engine.watchdog import can_be_stopped
from autograder.grading.run import Outcome, run_test
from autograder.testing.registry import HiddenTest
from course_utils.selfcheck.limits import alarms_heard


def run_together(
    tests: Sequence[HiddenTest], line: Line, seed: str, seconds: float, banned: Sequence[str]
) -> dict[str, Outcome]:
    """What became of the tests, by name; each may take `seconds`, without what is `banned`.

    Left out are those to be run alone: what cannot be asked together, and, where the student's process ends on the way,
    what was not answered: which of them ended it is seen when they are run one by one.
    """
    together = _Together(line, seed, seconds)
    try:
        with line.ask_together(seconds, banned):
            for test in tests:
                if not test.measures:  # it would be given up at its question
                    together.begin(test)
        with alarms_heard() if can_be_stopped() else contextlib.nullcontext():
            together.judge()
    except LimitError:  # while they were sent
        pass
    finally:
        together.give_up()
    return together.outcomes


class _Together:
    """Hidden tests on their way."""

    def __init__(self, line: Line, seed: str, seconds: float) -> None:
        self.line, self.seed, self.seconds = line, seed, seconds
        self.outcomes: dict[str, Outcome] = {}
        self._waiting: dict[str, greenlet] = {}
        self._here = getcurrent()

    def begin(self, test: HiddenTest) -> None:
        """Run a test up to its question, or to its end if it asks none."""
        running = greenlet(lambda: run_test(test, self._open_student, self.seed))
        running.gr_context = contextvars.copy_context()
        with contextlib.suppress(NotTogetherError), self.line.taken_back_unless(lambda: not running.dead):
            outcome = running.switch()
            if running.dead:
                self.outcomes[test.name] = outcome
            else:
                self._waiting[test.name] = running

    def judge(self) -> None:
        """Let each test take its answer, and go on."""
        for name in list(self._waiting):
            running = self._waiting.pop(name)
            try:
                outcome = running.switch()
            except NotTogetherError:
                continue  # where that broke the line, the next one has no answer
            if self.line.broken:
                return
            self.outcomes[name] = outcome

    def give_up(self) -> None:
        """End the tests that got no answer."""
        for running in self._waiting.values():
            with contextlib.suppress(NotTogetherError):
                running.throw(GreenletExit)
        self._waiting.clear()

    def _open_student(self) -> Student:
        return self.line.open_student_asked_once(self.seconds, self._here.switch)
