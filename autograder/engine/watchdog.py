"""Stops the grader's own code when a student has brought it to compute for too long."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

from autograder.byvalue import LimitError
from course_utils.selfcheck.limits import TimeIsUp


class Watchdog:
    """`with Watchdog(seconds, on_time_up): ...` ends the block with a LimitError once the time is over.

    Raises at most once, so that no second alarm can hit the clean-up after the first; `disarm()` makes sure that none
    comes at all. Only a main thread on a system with alarms can be stopped; elsewhere the block just runs.
    """

    def __init__(self, seconds: float, on_time_up: Callable[[], None]) -> None:
        self.seconds, self.on_time_up = seconds, on_time_up
        self._armed = False

    def __enter__(self) -> Watchdog:
        if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
            self._armed = True
            self._before = signal.signal(signal.SIGALRM, self._raise)
            signal.setitimer(signal.ITIMER_REAL, self.seconds)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.disarm()
        if kind is TimeIsUp:
            self.on_time_up()
            raise LimitError("time was up") from None

    def disarm(self) -> None:
        """From now on nothing is raised."""
        if self._armed:
            self._armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            self._armed = False
            raise TimeIsUp
