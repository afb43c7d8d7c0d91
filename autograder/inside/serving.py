"""The student's end of the connection: one request after another, answered by the by-value server.

A request is `["do", number, seconds, request]`; while one is served, the student's code may call a function of the
grader's (`["call", n, ...]`), and the grader may ask again before it answers that call with `["result", n, ...]`.
`["cell", ...]` runs a cell, `["file", number, name, content]` puts a file into the folder; `["heed", number, operation,
...]` and `["begin", ...]` are not answered. `["together", 0, n, ...]` says that the next n messages are taken in before
the first is answered, and that a hidden test begins with the first of them and after each `do`.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from autograder.byvalue import wire
from autograder.byvalue.channel import Channel
from autograder.byvalue.fence import Fence
from autograder.byvalue.muted import muted
from autograder.byvalue.server import Server
from autograder.inside.files import place
from course_utils.selfcheck.limits import alarms_heard, time_limit

HOLD = 0.05  # seconds: replies that are ready by then to questions asked together go with the next one

RunCell = Callable[[str, float, bool], list[dict[str, Any]]]


class Serving:
    """Serves one submission until the grader hangs up."""

    def __init__(self, channel: Channel, namespace: dict[str, Any], run_cell: RunCell) -> None:
        self.channel, self.namespace, self.run_cell = channel, namespace, run_cell
        self.server = Server(namespace, self._call_grader)
        self.fence = Fence()
        self.muted: muted | None = None  # from a hidden test's first question until a cell runs
        self.nested = 0
        self.calls = 0  # of functions of the grader's
        self.hold_until = 0.0  # in `monotonic` seconds: replies that are ready before go with the next one

    def serve(self) -> None:
        """Answer until the connection ends."""
        while True:
            self.answer_next()

    def answer_next(self) -> None:
        """Wait for a message, and answer it."""
        message = self.channel.receive()
        alarms_heard.start_afresh()
        self._answer(self._decoded(message))

    def at_ease(self) -> None:
        """As between hidden tests: the exercise's ban is lifted, and what is printed is shown."""
        self.server.restore()
        self.fence.down()
        self._unmute()

    def _answer(self, message: list[Any]) -> None:
        what, number, *rest = message
        if what == "result":  # of a call that the student's code gave up when its time was over
            return
        if what == "do":
            self._do(number, *rest)
        elif what == "cell":
            source, seconds, figures = rest
            self.at_ease()
            self.channel.send(wire.encode([number, "ok", self.run_cell(source, seconds, figures)]))
        elif what == "file":
            self.channel.send(wire.encode([number, *_placed(*rest)]))
        elif what == "heed":
            self.server.heed(number, *rest)
        elif what == "begin":
            self._begin(*rest)
        elif what == "together":
            self._together(*rest)
        else:
            raise ValueError(f"unknown message {what}")

    def _begin(self, banned: list[str]) -> None:
        """A new hidden test: what the one before held is let go."""
        self.server.restore()
        self._rule_out(banned)
        self.server = Server(self.namespace, self._call_grader)

    def _together(self, count: int, banned: list[str]) -> None:
        """Answer messages one after the other, those of hidden tests that each end with a question. All are taken in
        first: the grader, which sends them without reading, is not kept waiting, and what answers a call of student
        code's is not behind them. The first quick ones leave together.
        """
        frames = [self.channel.receive() for _ in range(count)]
        self.hold_until = monotonic() + HOLD
        begins = True
        with alarms_heard():
            for frame in frames:
                if begins:
                    self._begin(banned)
                message = self._decoded(frame)
                self._answer(message)
                begins = message[0] == "do"
        self.hold_until = 0.0
        self.channel.flush()

    def _reply(self, frame: wire.Frame) -> None:
        if monotonic() < self.hold_until:
            self.channel.queue(frame)
        else:
            self.channel.send(frame)

    def _rule_out(self, names: list[str]) -> None:
        """Take from the student's code what its exercise rules out, until a cell runs or another exercise begins."""
        if not self.fence.is_up or self.fence.names != tuple(names):
            self.fence.down()
            self.fence = Fence(names, self.namespace)
            self.fence.up()

    def _do(self, number: int, seconds: float, request: list[Any]) -> None:
        if self.nested:  # the outer request's time runs
            self.channel.send(self.server.answer(request, number))
        else:
            self._reply(self._within(seconds, number, request))

    def _within(self, seconds: float, number: int, request: list[Any]) -> wire.Frame:
        limit = time_limit(seconds)
        self._mute()
        try:
            with limit:
                frame = self.server.answer(request, number)
        except BaseException:  # time was up between the student's code and ours
            limit.fired = True
        return wire.encode([number, "raised", ["TimeIsUp"], "", []]) if limit.fired else frame

    def _mute(self) -> None:
        if self.muted is None:
            self.muted = muted()
            self.muted.__enter__()

    def _unmute(self) -> None:
        if self.muted is not None:
            self.muted.__exit__(None, None, None)
            self.muted = None

    def _call_grader(self, request: list[Any]) -> list[Any]:
        self.calls += 1
        number = self.calls  # the result of a call that was given up may come when the next one waits
        self.channel.send(wire.encode(["call", number, *request], self.server.export))
        self.nested += 1
        try:
            while True:
                message = self._decoded(self.channel.receive())
                if message[0] == "result" and message[1] == number:
                    result: list[Any] = message[2:]
                    return result
                self._answer(message)
        finally:
            self.nested -= 1

    def _decoded(self, frame: wire.Frame) -> list[Any]:
        message: list[Any] = wire.decode(frame, self.server.resolve)
        return message


def _placed(name: str, content: np.ndarray) -> list[str]:
    """The answer to a file for this process's folder, from which modules can then be imported, as in a kernel."""
    try:
        place(Path(), [(name, content.tobytes())])
    except OSError as error:
        return ["failed", error.strerror or type(error).__name__]
    if "" not in sys.path:
        sys.path.insert(0, "")
    return ["ok"]
