"""Whatever bytes arrive on a student's connection: values or a refusal, never points, never another exception."""

import itertools
import socket
import struct
from typing import Any

import numpy as np
from fuzzing import fuzz
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from test_byvalue_wire import packed, trees

from autograder.byvalue import wire
from autograder.byvalue.channel import HEAD, Channel
from autograder.byvalue.peer import Handle
from autograder.byvalue.wire import Frame, WireError
from autograder.engine.line import Cell, Line
from autograder.engine.session import _kept
from autograder.engine.together import run_together
from autograder.grading.run import run_test
from autograder.pipeline.outputs import clean
from autograder.testing import expect_equal
from autograder.testing.registry import HiddenTest

SECRET = 2_305_843_009_213_693_951  # no example is this number by chance
PATIENCE = 30.0
ROOM = 150_000  # bytes that a socket takes without a reader

buffers = st.lists(st.binary(max_size=40), max_size=3)
noise = st.binary(max_size=60)
numbers = st.integers(0, 6) | st.booleans() | st.floats(0, 6)
statuses = st.sampled_from(["ok", "raised", "callback", "failed", "call", ""])
references = st.builds(
    lambda n, kind: [wire.REF, n, kind], st.integers(-1, 4), st.sampled_from(["object", "type", "function", "x"])
)
calls_back = st.builds(lambda n: [wire.CALLBACK, n], st.integers(-1, 2))
values = (
    trees | references | calls_back | st.lists(references | trees, max_size=3).map(lambda parts: [wire.LIST, *parts])
)
errors = st.builds(
    lambda names, missing, lines: ["raised", [wire.LIST, *names], missing, [wire.LIST, *lines]],
    st.lists(st.text(max_size=9) | values, max_size=3),
    st.text(max_size=9) | values,
    st.lists(st.builds(lambda text, n: [wire.LIST, text, n], st.text(max_size=9), st.integers()) | values, max_size=2),
)
answers = st.builds(lambda value: ["ok", value], values) | errors | st.lists(values | statuses, max_size=4)
replies = st.builds(lambda number, answer: [wire.LIST, number, *answer], numbers, answers)
callbacks = st.builds(
    lambda number, arguments, keywords: [wire.LIST, "call", number, arguments, keywords],
    st.integers(-1, 2) | values,
    st.lists(values, max_size=3).map(lambda parts: [wire.LIST, *parts]) | values,
    st.just([wire.DICT]) | values,
)


def is_dict(tree: Any) -> bool:
    return isinstance(tree, list) and tree[0] == wire.DICT


def frame_bytes(tree: Any, arrays: list[bytes]) -> bytes:
    header = packed(tree)
    return head(len(header), [len(each) for each in arrays]) + header + b"".join(arrays)


def head(size: int, sizes: list[int]) -> bytes:
    return HEAD.pack(size, len(sizes)) + struct.pack(f"<{len(sizes)}Q", *sizes)


frames = st.builds(frame_bytes, replies | callbacks | trees, buffers)
announced = st.builds(head, st.integers(0, 2**32 - 1), st.lists(st.integers(0, 2**64 - 1), max_size=3))

# What an honest process would answer, request after request, with calls of the grader's functions in between; then
# anything at all.
honest_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats()
    | st.text(max_size=5)
    | references
    | st.just([wire.REF, 1, "function"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: [wire.LIST, *parts]),
    max_leaves=5,
)
honest_answers = st.builds(lambda value: ["ok", value], honest_values | st.just([wire.REF, 1, "function"])) | st.just(
    ["raised", [wire.LIST, "ValueError"], "", [wire.LIST, [wire.LIST, "return x", 1]]]
)
# What a cell shows, in nbformat's shape or nearly.
OUTPUT_KEYS = ("output_type", "name", "text", "ename", "evalue", "traceback", "data", "text/plain", "image/png")
OUTPUT_TYPES = ("stream", "error", "display_data", "execute_result", "stderr")
outputs = st.recursive(
    honest_values | st.sampled_from(OUTPUT_TYPES),
    lambda inner: st.dictionaries(st.sampled_from(OUTPUT_KEYS), inner, max_size=4).map(
        lambda shown: [wire.DICT, *(part for item in shown.items() for part in item)]
    ),
    max_leaves=8,
)
shown_by_a_cell = st.lists(
    st.builds(
        lambda kind, shown: [wire.DICT, "output_type", kind, *shown[1:]],
        st.sampled_from(OUTPUT_TYPES),
        outputs.filter(is_dict),
    ),
    max_size=3,
).map(lambda parts: ["ok", [wire.LIST, *parts]])
honest_calls = st.builds(
    lambda arguments: [wire.LIST, "call", 0, [wire.LIST, *arguments], [wire.DICT]], st.lists(honest_values, max_size=2)
)


def conversation(turns: list[tuple[list[Any] | None, list[Any]]], rest: bytes) -> bytes:
    """Each turn is a call of a function, or none, and an answer; the answers bear the numbers of the requests."""
    heard = b""
    for number, (call, answer) in enumerate(turns, start=1):
        heard += b"" if call is None else frame_bytes(call, [])
        heard += frame_bytes([wire.LIST, number, *answer], [])
    return heard + rest


turns = st.lists(st.tuples(st.none() | honest_calls, honest_answers | shown_by_a_cell), max_size=6)
nonsense = st.lists(frames | frames | frames | noise | announced, max_size=4).map(b"".join)
streams = st.builds(conversation, turns, nonsense)


class Killed:
    """Stands for the end of the student's process."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def line_that_hears(stream: bytes) -> tuple[Line, Killed, socket.socket]:
    """The grader's end of a connection on which `stream` has arrived, and nothing will after it."""
    ours, theirs = socket.socketpair()
    theirs.sendall(stream[:ROOM])
    theirs.shutdown(socket.SHUT_WR)
    killed = Killed()
    return Line(ours, killed), killed, theirs


@fuzz
@given(stream=streams)
def test_a_cell_gives_a_list_of_outputs_or_nothing(stream: bytes) -> None:
    line, killed, theirs = line_that_hears(stream)
    with theirs:
        outputs = line.run_cell(Cell("1 + 1", PATIENCE))
        assert outputs is None or type(outputs) is list
        assert (outputs is None) == bool(line.broken) == bool(killed.times)
        if outputs is not None:
            cell = new_code_cell(outputs=clean(_kept(outputs, 100_000)))
            assert len(str(new_notebook(cells=[cell]))) < 200_000
        line.close()
        assert (killed.times, line.run_cell(Cell("1", PATIENCE))) == (1, None)


def asks_for_a_secret(student: Any, rng: Any) -> None:
    """asks in every way there is; each answer would have to be one that nobody can guess"""
    answer = student.f(np.zeros(2), lambda *given, **named: 0.0)
    if isinstance(answer, Handle):
        answer = student.value(answer.g(1) + 1)
    for item in answer if isinstance(answer, list | tuple) else [answer]:
        expect_equal(item, SECRET)
    for item in student.several(student.g, (1,), (np.ones(2),), then=student.keep([3])):
        expect_equal(item, SECRET)
    expect_equal(student.h, SECRET)


def asks_once_for_a_secret(student: Any, rng: Any) -> None:
    """asks in one question"""
    for item in student.several(student.f, (1,), (lambda *given, **named: 0.0,), then=student.keep([3])):
        expect_equal(item, SECRET)


@fuzz
@given(stream=streams)
def test_no_reply_to_tests_asked_together_earns_or_breaks_anything(stream: bytes) -> None:
    line, killed, theirs = line_that_hears(stream)
    with theirs:
        tests = [
            HiddenTest("f", f"secret {number}", "asks for a secret", 1.0, test)
            for number, test in enumerate((asks_once_for_a_secret, asks_for_a_secret, asks_once_for_a_secret))
        ]
        outcomes = run_together(tests, line, "seed", PATIENCE, ["scipy"])
        assert set(outcomes) <= {test.name for test in tests}
        assert not any(outcome.passed for outcome in outcomes.values())
        assert all(outcome.sentence.isprintable() for outcome in outcomes.values())
        line.close()
        assert killed.times == 1


@fuzz
@given(stream=streams)
def test_no_reply_to_a_hidden_test_earns_or_breaks_anything(stream: bytes) -> None:
    line, killed, theirs = line_that_hears(stream)
    with theirs:
        test = HiddenTest("f", "secret", "asks for a secret", 1.0, asks_for_a_secret)
        outcome = run_test(test, lambda: line.open_student(PATIENCE), "seed")
        assert not outcome.passed
        assert outcome.sentence.isprintable()
        line.close()
        assert killed.times == 1


@fuzz
@given(stream=streams, cuts=st.lists(st.integers(0, 400), max_size=4))
def test_a_stream_is_frames_until_it_is_none(stream: bytes, cuts: list[int]) -> None:
    """However the bytes are cut on their way, the same frames come out."""
    heard = [frames_of([stream])]
    bounds = [0, *sorted(cuts), len(stream)]
    heard.append(frames_of([stream[start:end] for start, end in itertools.pairwise(bounds)]))
    assert heard[0] == heard[1]


def frames_of(pieces: list[bytes]) -> tuple[list[Frame], str]:
    ours, theirs = socket.socketpair()
    channel, found = Channel(ours), []
    with ours, theirs:
        try:
            for piece in pieces:
                theirs.sendall(piece)
            theirs.shutdown(socket.SHUT_WR)
            while True:
                found.append(channel.receive())
        except (EOFError, WireError) as end:
            return found, type(end).__name__


@fuzz
@given(sent=st.lists(st.builds(Frame, noise, buffers), max_size=4))
def test_what_is_sent_arrives(sent: list[Frame]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for frame in sent:
            Channel(theirs).send(frame)
        channel = Channel(ours)
        assert [channel.receive() for _ in sent] == sent


@fuzz
@given(tree=values, arrays=buffers)
def test_a_frame_is_a_value_that_can_be_sent_back_or_is_refused(tree: Any, arrays: list[bytes]) -> None:
    try:
        value = wire.decode(Frame(packed(tree), arrays), lambda reference: reference)
    except WireError:
        return
    again = wire.encode(value)
    assert wire.encode(wire.decode(again, lambda reference: reference)) == again
