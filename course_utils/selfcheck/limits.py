"""Stopping code that takes too long, from inside the process that runs it."""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable
from types import CodeType, FrameType, TracebackType
from typing import TypeVar

AGAIN = 0.2  # seconds until the next try, for code that swallows the first
HAS_ALARMS = hasattr(signal, "setitimer")
Method = TypeVar("Method", bound=Callable[..., object])
_deaf: set[CodeType] = set()


def deaf(method: Method) -> Method:
    """A method that begins or ends a limit of time, and is not interrupted itself: nobody would end the limit then."""
    _deaf.add(method.__code__)
    return method


class TimeIsUp(BaseException):
    """Raised in the running code.  Not an Exception, so that a student's ``except Exception`` lets it through."""


class alarms_heard:  # noqa: N801 - a context manager is used like a function
    """``with alarms_heard(): ...`` has the system's alarm call what ``on_alarm`` is then, in the main thread.

    Blocks may be nested: where limits of time follow each other closely, one around them all has the handler put in its
    place once.  That takes five times as long as setting the alarm.
    """

    on_alarm: Callable[[], None] | None = None
    _depth = 0  # of blocks in one another

    def __enter__(self) -> None:
        self._outer = alarms_heard._depth
        if self._outer == 0:
            self._before = signal.signal(signal.SIGALRM, _ring)
        alarms_heard._depth = self._outer + 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        alarms_heard._depth = self._outer  # also where an alarm came between, and a block within was never left
        if self._outer == 0:
            signal.signal(signal.SIGALRM, self._before)

    @classmethod
    def start_afresh(cls) -> None:
        """Said where no block can be open: the next one puts the handler in its place, whatever became of it."""
        cls._depth = 0


def _ring(number: int, frame: FrameType | None) -> None:
    if alarms_heard.on_alarm is not None and (frame is None or frame.f_code not in _deaf):
        alarms_heard.on_alarm()


class time_limit:  # noqa: N801 - a context manager is used like a function
    """``with time_limit(2.0): ...`` raises TimeIsUp in the main thread once the seconds are over.

    ``fired`` tells afterwards whether that happened, even when the code swallowed it.  Systems without interval
    timers (Windows) get a thread that interrupts the main one; there a sleep ends only by itself.
    """

    def __init__(self, seconds: float, *, by_thread: bool = not HAS_ALARMS) -> None:
        self.seconds = seconds
        self.by_thread = by_thread
        self.fired = False
        self._armed = False

    @deaf
    def __enter__(self) -> time_limit:
        self._armed = True
        if self.by_thread:
            self._previous = signal.signal(signal.SIGINT, self._interrupted)
            self._over = threading.Event()
            self._thread = threading.Thread(target=self._interrupt, daemon=True)
            self._thread.start()
        else:
            self._heard = alarms_heard()
            self._heard.__enter__()
            self._before, alarms_heard.on_alarm = alarms_heard.on_alarm, self._raise
            signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN)
        return self

    @deaf
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._armed = False
        if self.by_thread:
            self._over.set()
            self._thread.join()
            signal.signal(signal.SIGINT, self._previous)
        else:
            signal.setitimer(signal.ITIMER_REAL, 0)
            alarms_heard.on_alarm = self._before
            self._heard.__exit__(None, None, None)

    def _raise(self) -> None:
        if self._armed:
            self.fired = True
            raise TimeIsUp

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if frame is None or frame.f_code not in _deaf:
            self._raise()

    def _interrupt(self) -> None:
        wait = self.seconds
        while not self._over.wait(wait):
            _thread.interrupt_main()
            wait = AGAIN
