"""The connection to one open submission: requests with a deadline, and the end of the process at any deviation."""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograder.byvalue import LimitError, Student, wire
from autograder.byvalue.channel import Channel
from autograder.byvalue.peer import MEASURING, SEVERAL, Peer
from autograder.engine.watchdog import Watchdog
from autograder.inside.files import Files

ENDED = "the process ended"
GRACE = 0.5  # seconds between the limit that the student's process keeps itself and its end
SHORTEST = 0.05  # seconds that any request gets
FILE_SECONDS = 20.0  # that placing a file may take
MAX_LINE = 10_000  # lines of a cell that an error may come from
# Bytes of cells sent together, where a socket holds four times as much: were it full, and the first cell's output too
# large to be sent while nobody reads, both ends would wait for each other.
MAX_AHEAD = 1 << 15
MAX_CALLBACK_BYTES = 2 << 20  # of the arrays with which student code may call a hidden test's function
MAX_ANSWER_BYTES = 16 << 20  # of the arrays in all that comes for one hidden test, ten times what right work sends


class Cell(NamedTuple):
    """A cell to be run: the seconds it may take, and whether its figures are wanted."""

    source: str
    seconds: float
    figures: bool = False


class NotTogetherError(BaseException):
    """A hidden test asks what cannot be asked together with others.

    That is a second question, or one whose answer is measured: code that looks ahead in what was sent along could have
    the answer before it is measured.
    """


class Line:
    """The grader's end. After `broken` is set nothing more is asked: it says why, in words for the student."""

    def __init__(self, connection: socket.socket, kill: Callable[[], None]) -> None:
        self.sources: list[str] = []  # of the cells that ran: what an error may quote
        self._channel = Channel(connection)
        holds = connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        self._room = MAX_AHEAD if holds >= 4 * MAX_AHEAD else 0
        self._kill = kill
        self._number = 0
        self._ahead: deque[tuple[int, Cell]] = deque()  # cells that were sent and are not yet answered
        self._gathered: list[wire.Frame] | None = None  # to be sent together
        self._arrived = 0  # bytes of arrays in the last frame
        self._taken = 0  # and in all frames for this hidden test
        self._watchdog: Watchdog | None = None
        self.deadline = 0.0
        self.broken = ""

    def place_files(self, files: Files) -> str:
        """Put copies of `files` into the student's folder; returns what came in the way, in words, or nothing."""
        for name, content in files:
            self.deadline = time.monotonic() + FILE_SECONDS
            try:
                reply = self._ask(["file", name, np.frombuffer(content, np.uint8)], None)
            except (LimitError, wire.WireError, ValueError) as error:
                return f"{name}: {error}"
            if reply != ["ok"]:
                return f"{name}: {reply[-1]}"
        return ""

    def run_cell(self, cell: Cell, following: Iterable[Cell] = ()) -> list[Any] | None:
        """The outputs of a cell, as hostile as any reply; None when the process ended (see `broken`).

        The cells `following` are sent along, for nobody to wait in between: they are to be run next, in this order.
        """
        self.deadline = time.monotonic() + cell.seconds
        try:
            self._refuse_if_broken()
            if not self._ahead:
                self._send_cells(cell, following)
            number, sent = self._ahead.popleft()
            if sent.source != cell.source:
                raise ValueError("another cell was said to follow")
            reply = self._answer(number, None)
        except LimitError:
            return None
        outputs = reply[1] if len(reply) == 2 and _is(reply[0], "ok") else None
        if type(outputs) is not list:
            self._break("malformed reply")
            return None
        return outputs

    def open_student(self, seconds: float, banned: Sequence[str] = ()) -> Student:
        """The student's work for one hidden test, which may take `seconds` in all, without what is `banned` from its
        exercise. Raises LimitError when broken.
        """
        self.deadline = time.monotonic() + seconds
        self._begin(banned)
        peer = Peer(self._transport, self._deliver)
        peer.guard = self._in_time
        return Student(peer)

    def open_student_asked_once(self, seconds: float, wait_for_turn: Callable[[], object]) -> Student:
        """The student's work for a hidden test whose one question is gathered with others (see `ask_together`).

        `wait_for_turn` is called with the question put down, and returns when its answer is the next to be taken; from
        then on the test may take `seconds`. Another question, or a measured one, raises NotTogetherError.
        """
        asked = False
        watchdog = Watchdog(self._time_is_up)

        def transport(request: list[Any], peer: Peer) -> list[Any]:
            nonlocal asked
            if asked:
                if peer.nesting:  # the student's code waits for the function that asks: nobody is to wait for both
                    self._break("a question was asked in between")
                raise NotTogetherError
            if request[1] in MEASURING:
                raise NotTogetherError
            asked = True
            number = self._put(["do", seconds, request], peer)
            wait_for_turn()
            self._taken = 0
            self.deadline = time.monotonic() + seconds
            self._watchdog = watchdog
            watchdog.arm(seconds + 2 * GRACE)
            return self._checked(request, self._answer(number, peer))

        def deliver(message: list[Any], peer: Peer) -> None:
            if not asked:  # afterwards there is nothing but to put back what was provided, which the next test does
                self._deliver(message, peer)

        self._refuse_if_broken()
        self._taken = 0
        peer = Peer(transport, deliver)
        peer.guard = lambda: watchdog
        return Student(peer)

    @contextlib.contextmanager
    def ask_together(self, seconds: float, banned: Sequence[str]) -> Iterator[None]:
        """What is sent within is gathered, and goes to the student's process at the end, which takes all of it before
        it answers anything. That may take `seconds`. There a hidden test, without what is `banned` from its exercise,
        ends with its question: what follows is the next one's. Raises LimitError when broken.
        """
        self._gathered = []
        try:
            yield
            frames = self._gathered
        finally:
            self._gathered = None
        if frames:
            self.deadline = time.monotonic() + seconds
            self._send(wire.encode(["together", 0, len(frames), list(banned)]), later=True)
            for frame in frames:
                self._send(frame, later=frame is not frames[-1])

    @contextlib.contextmanager
    def taken_back_unless(self, asked: Callable[[], bool]) -> Iterator[None]:
        """What is gathered within is not sent after all, unless at the end a question has been `asked`."""
        gathered = self._gathered
        assert gathered is not None
        before = len(gathered)
        try:
            yield
        finally:
            if not asked():
                del gathered[before:]

    def _begin(self, banned: Sequence[str]) -> None:
        self._refuse_if_broken()
        self._taken = 0
        self._send(wire.encode(["begin", 0, list(banned)]), later=True)

    def _send_cells(self, first: Cell, following: Iterable[Cell]) -> None:
        cells, room = [first], self._room - _bytes(first)
        for cell in following if room > 0 else ():
            room -= _bytes(cell)
            if room < 0:
                break
            cells.append(cell)
        for cell in cells:
            self._number += 1
            self._ahead.append((self._number, cell))
            self._send(wire.encode(["cell", self._number, *cell]), later=cell is not cells[-1])

    def close(self) -> None:
        """End the student's process."""
        self._break(self.broken or "the submission was closed")

    def _transport(self, request: list[Any], peer: Peer) -> list[Any]:
        seconds = max(SHORTEST, self.deadline - time.monotonic())
        return self._checked(request, self._ask(["do", seconds, request], peer))

    def _checked(self, request: list[Any], reply: list[Any]) -> list[Any]:
        """The reply, in which errors name no lines but the submission's own."""
        several = _is(request[1], SEVERAL) and len(reply) == 2 and type(reply[1]) is list
        for each in (reply, *reply[1]) if several else (reply,):
            if type(each) is list and len(each) == 4 and _is(each[0], "raised") and type(each[3]) is list:
                each[3] = list(filter(self._is_own_line, each[3]))
        return reply

    def _deliver(self, message: list[Any], peer: Peer) -> None:
        self._refuse_if_broken()
        frame = wire.encode(["heed", *message], peer.export)
        peer.note(frame)
        self._send(frame, later=True)

    def _is_own_line(self, line: Any) -> bool:
        """Whether a line that an error is said to come from is in the submission: a made-up one could carry hidden
        input into the feedback.
        """
        if type(line) is not list or [type(part) for part in line] != [str, int]:
            return True  # malformed: the peer refuses it
        text, number = line
        return 0 < number <= MAX_LINE and any(text in source for source in self.sources)

    def _ask(self, message: list[Any], peer: Peer | None) -> list[Any]:
        return self._answer(self._put(message, peer), peer)

    def _put(self, message: list[Any], peer: Peer | None) -> int:
        """Send a message that will be answered; returns its number."""
        self._refuse_if_broken()
        self._number += 1
        what, *rest = message
        frame = wire.encode([what, self._number, *rest], peer.export if peer else None)
        if peer:
            peer.note(frame, rest[-1][1])
        self._send(frame)
        return self._number

    def _answer(self, number: int, peer: Peer | None) -> list[Any]:
        """The reply to the message with this number, after the callbacks on the way to it."""
        resolve = peer.resolve if peer else None
        while True:
            reply = self._receive(resolve)
            self._taken += self._arrived
            if peer is not None and self._taken > MAX_ANSWER_BYTES:
                self._fail("the arrays are too large")
            if type(reply) is not list or not reply:
                self._fail("malformed reply")
            if _is(reply[0], number):
                return reply[1:]
            if peer is None or not _is(reply[0], "call"):
                self._fail("malformed reply")
            self._serve_callback(peer, *reply[1:])

    def _refuse_if_broken(self) -> None:
        if self.broken:
            raise LimitError(self.broken)

    def _serve_callback(self, peer: Peer, number: Any = None, *request: Any) -> None:
        if type(number) is not int:
            self._fail("malformed reply")
        if self._arrived > MAX_CALLBACK_BYTES:
            self._fail("a function passed in was called with too large arrays")
        result = peer.serve_callback(list(request))
        try:
            frame = wire.encode(["result", number, *result, *peer.answers_foreseen()], peer.export)
        except wire.WireError as error:  # what the hidden test's function returned cannot cross
            peer.callback_error = peer.callback_error or error
            frame = wire.encode(["result", number, "failed"])
        self._send(frame)

    def _in_time(self) -> Watchdog:
        """Stops the hidden test's own code too: the student chose what it works on, and may have chosen badly."""
        seconds = max(SHORTEST, self.deadline + 2 * GRACE - time.monotonic())
        self._watchdog = Watchdog(self._time_is_up, seconds)
        return self._watchdog

    def _time_is_up(self) -> None:
        self._break("time was up")

    def _send(self, frame: wire.Frame, later: bool = False) -> None:
        """Send a message; `later`, one that has no reply: the next one's shows that it was heard."""
        if self._gathered is not None:
            self._gathered.append(frame)
            return
        send = self._channel.queue if later else self._channel.send
        try:
            send(frame, self.deadline + GRACE)
        except TimeoutError:
            self._fail("time was up")
        except OSError:
            self._fail(ENDED)

    def _receive(self, resolve: Callable[[Any], Any] | None) -> Any:
        try:
            frame = self._channel.receive(self.deadline + GRACE)
            self._arrived = sum(map(len, frame.buffers))
            return wire.decode(frame, resolve)
        except TimeoutError:
            self._fail("time was up")
        except (EOFError, OSError):
            self._fail(ENDED)
        except wire.WireError as error:
            self._fail(str(error))
        except Exception:  # whatever hostile bytes make of a decoder, it is a malformed reply and nobody else's trouble
            self._fail("malformed reply")

    def _fail(self, why: str) -> NoReturn:
        self._break(why)
        raise LimitError(why)

    def _break(self, why: str) -> None:
        if self._watchdog is not None:
            self._watchdog.disarm()  # killing and clearing up is not to be interrupted
        if not self.broken or self._channel.fileno() >= 0:
            self.broken = self.broken or why
            self._kill()
            self._channel.close()


def _bytes(cell: Cell) -> int:
    return len(cell.source.encode("utf-8", "surrogatepass"))


def _is(value: Any, expected: str | int) -> bool:
    """Equality without asking the value: an array would answer with an array, a student's object with what it likes."""
    return type(value) is type(expected) and value == expected
