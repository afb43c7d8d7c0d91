"""The questions of a hidden test, to be put to others without the test.

A hidden test that is not stopped asks the same as long as it is answered the same: its inputs come from the seed. So
what the student's work was asked can be put to a mutant: where it answers otherwise, or does the same throughout, the
test itself, with its inputs and right answers, need not be run again.
"""

from typing import Any, NamedTuple

import numpy as np

from autograder.byvalue import Handle, LimitError, Loopback, Trace, wire
from autograder.byvalue.peer import MEASURING, answers_in, without_handles
from autograder.grading.sameness import same_reply

MAX_BYTES = 8 << 20  # of the frames of a recording


class Question(NamedTuple):
    """A frame on its way to the student's side. Without an `operation` there is no answer."""

    frame: wire.Frame
    operation: str


class Questions:
    """What was asked in a run of a hidden test, up to the first thing that depends on who answered: a value that the
    trace does not hold, a function of the test's own that was called.
    """

    def __init__(self) -> None:
        self.answers = 0  # that the test has got
        self._asked: list[Question] = []
        self._counting: set[int] = set()  # places of questions whose answers the trace holds
        self._room = MAX_BYTES
        self._whole = True  # so far
        self._waiting = False  # for the last answer
        self._untold = False  # the last answer gave the test something that no trace holds

    def sent(self, frame: wire.Frame, operation: str) -> None:
        """A question, on its way."""
        if self._untold:
            self._end()
        self._room -= len(frame.header) + sum(map(len, frame.buffers))
        if self._room < 0:
            self._whole = False
        if self._whole:
            self._asked.append(Question(frame, operation))
            self._waiting = self._waiting or bool(operation)

    def answered(self, reply: list[Any]) -> None:
        """The answer to the last question; `recorded` follows if it counts."""
        self.answers += 1
        self._waiting = False
        self._untold = not (len(reply) == 2 and reply[0] == "ok" and type(reply[1]) is Handle)

    def recorded(self) -> None:
        """The trace holds the last answer."""
        if self._whole:
            self._counting.add(len(self._asked) - 1)
        self._untold = False

    def added(self) -> None:
        """The trace holds something that the test has made of the answers."""
        if self._untold:
            self._end()
        self._whole = False

    def cut_short(self) -> None:
        """The run was ended from outside: what the work would have gone on to do is not known."""
        self._whole = False

    def called_back(self) -> None:
        """A function of the test's own was called, in answering the last question."""
        self._end()

    def compare(self, namespace: dict[str, Any], awaited: Trace) -> bool | None:
        """Whether the work in `namespace` answers as was `awaited`: False when it answers otherwise, True when all is
        equal to the last bit to the end of the test, None when that cannot be told from here.
        """
        link = Loopback(namespace)
        replies, exactly = iter(awaited.replies), True
        all_told = self._whole and not self._waiting and not self._untold
        for place, (frame, operation) in enumerate(self._asked):
            try:
                what, *rest = wire.decode(frame, link.server.resolve)
                if not operation:
                    link.heed(rest if what == "heed" else [what, *rest])
                    continue
                reply = link.answer(rest[-1] if what == "do" else [what, *rest])
            except (KeyError, LimitError):  # what the question is about is not there
                return None
            if link.has_called_back:
                return None
            if place in self._counting or reply[0] != "ok":
                for status, value in answers_in(operation, reply):
                    found, expected = (status, without_handles(value)), next(replies, ("", None))
                    if not same_reply(found, expected):
                        return False if exactly else None  # after a nearly equal answer others may have been asked
                    exactly = exactly and _identical(found, expected)
                all_told = all_told and operation not in MEASURING
        return True if exactly and all_told and next(replies, None) is None else None

    def _end(self) -> None:
        """Nothing from the last question on is kept."""
        if self._whole:
            self._whole = False
            self._asked.pop()


def _identical(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape and one.strides == other.strides
        return same and one.tobytes() == other.tobytes()
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_identical, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(_identical, one.values(), other.values()))
    if isinstance(one, np.generic):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return bool(one == other)
