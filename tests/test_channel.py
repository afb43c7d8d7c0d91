"""Frames over a socket: what is queued goes with what is sent, in order, and in time."""

import socket
import threading
import time

import pytest

from autograder.byvalue.channel import CHUNK, Channel
from autograder.byvalue.wire import Frame, WireError


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), Channel(theirs)


def frames(*sizes):
    return [Frame(b"header %d" % number, [bytes([number]) * size]) for number, size in enumerate(sizes)]


def test_what_is_queued_arrives_with_the_next_frame_and_before_it(ends):
    ours, theirs = ends
    first, second, third = frames(3, 0, 5)
    ours.queue(first)
    ours.queue(second)
    with pytest.raises(TimeoutError):
        theirs.receive(time.monotonic() + 0.1)
    ours.send(third)
    assert [theirs.receive() for _ in range(3)] == [first, second, third]


def test_a_long_queue_does_not_wait(ends):
    ours, theirs = ends
    (large,) = frames(CHUNK + 1)
    ours.queue(large, time.monotonic() + 5)
    assert theirs.receive(time.monotonic() + 5) == large


def test_large_arrays_go_one_by_one_after_what_was_queued(ends):
    ours, theirs = ends
    small, large = frames(1, 40 * CHUNK)
    got = []
    reader = threading.Thread(target=lambda: got.extend(theirs.receive(time.monotonic() + 20) for _ in range(2)))
    reader.start()
    ours.queue(small)
    ours.send(large, time.monotonic() + 20)
    reader.join()
    assert got == [small, large]


def test_nobody_who_reads_is_told_in_time(ends):
    ours, _ = ends
    (large,) = frames(40 * CHUNK)
    with pytest.raises(TimeoutError):
        ours.queue(large, time.monotonic() + 0.2)


def test_sizes_are_checked_before_anything_is_taken(ends):
    ours, theirs = ends
    ours._connection.sendall(b"\xff" * 8)
    with pytest.raises(WireError, match="too large"):
        theirs.receive(time.monotonic() + 5)
    ours._connection.close()
    with pytest.raises(EOFError):
        Channel(theirs._connection).receive(time.monotonic() + 5)
