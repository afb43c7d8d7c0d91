"""Stopping code that takes too long, from inside the process that runs it."""

from __future__ import annotations

import _thread
import signal
import threading
from types import FrameType, TracebackType

AGAIN = 0.2  # seconds until the next try, for code that swallows the first


class TimeIsUp(BaseException):
    """Raised in the running code.  Not an Exception, so that a student's ``except Exception`` lets it through."""


class time_limit:  # noqa: N801 - a context manager is used like a function
    """``with time_limit(2.0): ...`` raises TimeIsUp in the main thread once the seconds are over.

    ``fired`` tells afterwards whether that happened, even when the code swallowed it.  Systems without interval
    timers (Windows) get a thread that interrupts the main one; there a sleep ends only by itself.
    """

    def __init__(self, seconds: float, *, by_thread: bool = not hasattr(signal, "setitimer")) -> None:
        self.seconds = seconds
        self.by_thread = by_thread
        self.fired = False
        self._armed = False

    def __enter__(self) -> time_limit:
        self._armed = True
        if self.by_thread:
            self._signal = int(signal.SIGINT)
            self._previous = signal.signal(self._signal, self._raise)
            self._over = threading.Event()
            self._thread = threading.Thread(target=self._interrupt, daemon=True)
            self._thread.start()
        else:
            self._signal = int(signal.SIGALRM)
            self._previous = signal.signal(self._signal, self._raise)
            signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._armed = False
        if self.by_thread:
            self._over.set()
            self._thread.join()
        else:
            signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(self._signal, self._previous)

    def _raise(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            self.fired = True
            raise TimeIsUp

    def _interrupt(self) -> None:
        wait = self.seconds
        while not self._over.wait(wait):
            _thread.interrupt_main()
            wait = AGAIN
