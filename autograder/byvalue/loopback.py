"""Both ends in one process, joined by the same encoder that a socket would carry.

Used in the kernel of stock nbgrader, in self-checks and against mutants. Isolation is no aim here; that every value is
copied, checked and refused exactly as in a separate process is.
"""

from typing import Any

from autograder.byvalue import wire
from autograder.byvalue.fence import Fence
from autograder.byvalue.muted import muted
from autograder.byvalue.peer import LimitError, Peer
from autograder.byvalue.server import Server
from autograder.byvalue.student import Student


def open_loopback(namespace: dict[str, Any], fence: Fence | None = None) -> Student:
    """A `student` for hidden tests that run in the same process as the student's code.

    `fence` is up while the student's code runs, and down while the grader's does.
    """
    return Student(Loopback(namespace, fence).peer)


class Loopback:
    """The connection."""

    def __init__(self, namespace: dict[str, Any], fence: Fence | None = None) -> None:
        self.fence = fence or Fence()
        self.server = Server(namespace, self._callback)
        self.peer = Peer(self._request, self._deliver)
        self.has_called_back = False  # a function of the hidden test's

    def answer(self, request: list[Any]) -> list[Any]:
        """The reply to a request that has arrived. Raises LimitError when it is malformed."""
        with muted(), self.fence:
            frame = self.server.answer(request)
        return self._arrived(frame)

    def _arrived(self, frame: wire.Frame) -> list[Any]:
        try:
            return wire.decode(frame, self.peer.resolve)
        except wire.WireError as error:
            raise LimitError(str(error)) from None

    def heed(self, message: list[Any]) -> None:
        """Take in what has arrived and is not answered."""
        with self.fence:
            self.server.heed(*message)

    def _request(self, request: list[Any], peer: Peer) -> list[Any]:
        frame = wire.encode(request, peer.export)
        peer.note(frame, request[1])
        with muted(), self.fence:  # which stands before what a name in the request leads to
            reply = self.server.answer(wire.decode(frame, self.server.resolve))
        return self._arrived(reply)

    def _deliver(self, message: list[Any], peer: Peer) -> None:
        frame = wire.encode(message, peer.export)
        peer.note(frame)
        with self.fence:
            message = wire.decode(frame, self.server.resolve)
        self.heed(message)

    def _callback(self, request: list[Any]) -> list[Any]:
        self.has_called_back = True
        arrived = wire.decode(wire.encode(request, self.server.export), self.peer.resolve)
        with self.fence.lifted():
            reply = self.peer.serve_callback(arrived)
        try:
            frame = wire.encode(reply, self.peer.export)
        except wire.WireError as error:
            self.peer.callback_error = self.peer.callback_error or error
            frame = wire.encode(["failed"])
        return wire.decode(frame, self.server.resolve)
