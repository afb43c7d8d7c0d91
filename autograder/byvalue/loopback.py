"""Both ends in one process, joined by the same encoder that a socket would carry.

Used in the kernel of stock nbgrader, in self-checks and against mutants. Isolation is no aim here; that every value is
copied, checked and refused exactly as in a separate process is.
"""

from typing import Any

from autograder.byvalue import wire
from autograder.byvalue.fence import Fence
from autograder.byvalue.muted import muted
from autograder.byvalue.server import Server
from autograder.byvalue.student import LimitError, Peer, Student


def open_loopback(namespace: dict[str, Any], fence: Fence | None = None) -> Student:
    """A `student` for hidden tests that run in the same process as the student's code.

    `fence` is up while the student's code runs, and down while the grader's does.
    """
    link = _Loopback(namespace, fence or Fence())
    return Student(link.peer)


class _Loopback:
    def __init__(self, namespace: dict[str, Any], fence: Fence) -> None:
        self.fence = fence
        self.server = Server(namespace, self._callback)
        self.peer = Peer(self._request, self._deliver)

    def _request(self, request: list[Any], peer: Peer) -> list[Any]:
        arrived = wire.decode(wire.encode(request, peer.export), self.server.resolve)
        with muted(), self.fence:
            frame = self.server.answer(arrived)
        try:
            return wire.decode(frame, peer.resolve)
        except wire.WireError as error:
            raise LimitError(str(error)) from None

    def _deliver(self, message: list[Any], peer: Peer) -> None:
        arrived = wire.decode(wire.encode(message, peer.export), self.server.resolve)
        with self.fence:
            self.server.heed(*arrived)

    def _callback(self, request: list[Any]) -> list[Any]:
        arrived = wire.decode(wire.encode(request, self.server.export), self.peer.resolve)
        with self.fence.lifted():
            reply = self.peer.serve_callback(arrived)
        try:
            frame = wire.encode(reply, self.peer.export)
        except wire.WireError as error:
            self.peer.callback_error = self.peer.callback_error or error
            frame = wire.encode(["failed"])
        return wire.decode(frame, self.server.resolve)
