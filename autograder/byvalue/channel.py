"""Frames over a stream socket. Every size is checked before memory is taken; what does not fit ends the connection."""

import itertools
import socket
import struct
import time

from autograder.byvalue.wire import MAX_BUFFER_BYTES, MAX_BUFFERS, MAX_HEADER_BYTES, Frame, WireError

HEAD = struct.Struct("<II")  # bytes of the header, number of array buffers; then a <Q for the size of each buffer
CHUNK = 1 << 16


class Channel:
    """One end of a connection. Not for two threads at once."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._pending = bytearray()  # arrived, not asked for yet
        self._queued = bytearray()  # to be sent, with what follows

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._connection.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._connection.close()

    def queue(self, frame: Frame, deadline: float | None = None) -> None:
        """Send a frame that is not answered together with the next one: nobody need wake up for it. Raises as `send`
        does, for a queue that has grown large is sent.
        """
        self._queued += _head(frame)
        for part in frame.buffers:
            self._queued += part
        if len(self._queued) > CHUNK:
            self._send_queue(deadline)

    def send(self, frame: Frame, deadline: float | None = None) -> None:
        """Send a frame. Raises TimeoutError at the deadline (in `time.monotonic` seconds), OSError if nobody reads."""
        self._queued += _head(frame)
        if sum(map(len, frame.buffers)) <= CHUNK:
            self._queued += b"".join(frame.buffers)
            self._send_queue(deadline)
            return
        self._send_queue(deadline)
        for part in frame.buffers:
            self._limit(deadline)
            self._connection.sendall(part)

    def flush(self, deadline: float | None = None) -> None:
        """Send what is queued. Raises as `send` does."""
        if self._queued:
            self._send_queue(deadline)

    def receive(self, deadline: float | None = None) -> Frame:
        """The next frame. Raises TimeoutError at the deadline, EOFError when the other end has gone, WireError when a
        size is beyond its limit.
        """
        pending = self._pending
        if len(pending) < HEAD.size:
            self._await(HEAD.size, deadline)
        header_size, count = HEAD.unpack_from(pending)
        if header_size > MAX_HEADER_BYTES or count > MAX_BUFFERS:
            raise WireError("the frame is too large")
        start = HEAD.size + 8 * count
        end = start + header_size
        ends = [end]
        if count:
            if len(pending) < start:
                self._await(start, deadline)
            sizes = struct.unpack_from(f"<{count}Q", pending, HEAD.size)
            if sum(sizes) > MAX_BUFFER_BYTES:
                raise WireError("the arrays of the frame are too large")
            ends = list(itertools.accumulate(sizes, initial=end))
        if len(pending) < ends[-1]:
            self._await(ends[-1], deadline)
        buffers: list[bytes | bytearray] = [pending[begin:end] for begin, end in itertools.pairwise(ends)]
        frame = Frame(pending[start : ends[0]], buffers)
        del pending[: ends[-1]]
        return frame

    def _send_queue(self, deadline: float | None) -> None:
        queued, self._queued = self._queued, bytearray()
        self._limit(deadline)
        self._connection.sendall(queued)

    def _await(self, size: int, deadline: float | None) -> None:
        """Wait until so many bytes have arrived."""
        while len(self._pending) < size:
            self._limit(deadline)
            arrived = self._connection.recv(max(CHUNK, size - len(self._pending)))
            if not arrived:
                raise EOFError("the other end has gone")
            self._pending += arrived

    def _limit(self, deadline: float | None) -> None:
        if deadline is None:
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("time was up")
        self._connection.settimeout(left)


def _head(frame: Frame) -> bytes:
    """What goes before the arrays."""
    if not frame.buffers:
        return HEAD.pack(len(frame.header), 0) + frame.header
    sizes = struct.pack(f"<{len(frame.buffers)}Q", *map(len, frame.buffers))
    return HEAD.pack(len(frame.header), len(frame.buffers)) + sizes + frame.header
