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
from course_utils.selfcheck.limits import AGAIN, HAS_ALARMS, TimeIsUp, alarms_heard, deaf

STUCK_SECONDS = 5.0  # of CPU beyond the time, after which a process that has not heard the alarm is ended
STUCK = getattr(signal, "SIGPROF", None)  # the signal that ends it


class Watchdog:
    """`with watchdog: ...` ends the block with a LimitError when the time is over for which it was armed.

    `on_time_up` is the clean-up, which nothing interrupts; `disarm()` makes sure that no alarm comes from then on. An
    alarm that finds Python in the middle of freeing objects is lost there, so another follows every AGAIN seconds until
    the block has ended. Only a main thread on a system with alarms can be stopped; elsewhere the block just runs. Where
    `ends_process` was set, code that does not hear the alarm is ended with its process.
    """

    ends_process = False

    def __init__(self, on_time_up: Callable[[], None], seconds: float | None = None) -> None:
        """With `seconds` it is armed when the block begins, else by `arm`."""
        self.on_time_up, self._seconds = on_time_up, seconds
        self._armed = self._hears = False

    @deaf
    def __enter__(self) -> Watchdog:
        if self._seconds is not None:
            self.arm(self._seconds)
        return self

    @deaf
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.disarm()
        if kind is TimeIsUp:
            self.on_time_up()
            raise LimitError("time was up") from None

    @deaf
    def arm(self, seconds: float) -> None:
        """The time runs from now."""
        if can_be_stopped():
            self._armed = self._hears = True
            self._heard = alarms_heard()
            self._heard.__enter__()
            alarms_heard.on_alarm = self._raise
            signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
            if Watchdog.ends_process:
                signal.setitimer(signal.ITIMER_PROF, seconds + STUCK_SECONDS)

    @deaf
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
            raise TimeIsUp


def can_be_stopped() -> bool:
    """Whether an alarm ends what runs here."""
    return HAS_ALARMS and threading.current_thread() is threading.main_thread()
