"""Stops the grader's own code when a student has brought it to compute for too long.

An alarm is heard between two steps of Python. One step may last for hours: a product of two large arrays that NumPy
was given. A process that does nothing but grade is ended then, by the system, and what it graded is graded again
without that (see `Grader.grade`).
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import TracebackType

from autograder.byvalue import LimitError
from course_utils.selfcheck.limits import HAS_ALARMS, TimeIsUp, alarms_heard

STUCK_SECONDS = 5.0  # of CPU beyond the time, after which a process that has not heard the alarm is ended
STUCK = getattr(signal, "SIGPROF", None)  # the signal that ends it


class Watchdog:
    """`with watchdog: ...` ends the block with a LimitError when the time is over for which it was armed.

    Raises at most once, so that no second alarm can hit the clean-up after the first, which is `on_time_up`; `disarm()`
    makes sure that none comes at all. Only a main thread on a system with alarms can be stopped; elsewhere the block
    just runs. Where `ends_process` was set, code that does not hear the alarm is ended with its process.
    """

    ends_process = False

    def __init__(self, on_time_up: Callable[[], None]) -> None:
        self.on_time_up = on_time_up
        self._armed = self._hears = False

    def __enter__(self) -> Watchdog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.disarm()
        if kind is TimeIsUp:
            self.on_time_up()
            raise LimitError("time was up") from None

    def arm(self, seconds: float) -> None:
        """The time runs from now."""
        if can_be_stopped():
            self._armed = self._hears = True
            self._heard = alarms_heard()
            self._heard.__enter__()
            alarms_heard.on_alarm = self._raise
            signal.setitimer(signal.ITIMER_REAL, seconds)
            if Watchdog.ends_process:
                signal.setitimer(signal.ITIMER_PROF, seconds + STUCK_SECONDS)

    def disarm(self) -> None:
        """From now on nothing is raised."""
        self._armed = False
        if self._hears:
            self._hears = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            if Watchdog.ends_process:
                signal.setitimer(signal.ITIMER_PROF, 0)
            alarms_heard.on_alarm = None
            self._heard.__exit__(None, None, None)

    def _raise(self) -> None:
        if self._armed:
            self._armed = False
            raise TimeIsUp


def can_be_stopped() -> bool:
    """Whether an alarm ends what runs here."""
    return HAS_ALARMS and threading.current_thread() is threading.main_thread()
