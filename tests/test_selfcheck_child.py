"""The functions that run inside the check's process, called here without one."""

import importlib.metadata
import json
import os
import sys
import time
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from course_utils.selfcheck import child
from course_utils.selfcheck.limits import TimeIsUp, time_limit
from course_utils.selfcheck.plan import Step
from course_utils.selfcheck.shell import FirstPart
from course_utils.selfcheck.words import explain


def _give(exercise, namespace, points):
    namespace["double"](1)
    print("a line that goes nowhere")
    return {"score": points / 2, "points": points, "lines": ["half of it"]}


def _raise(exercise, namespace, points):
    raise ValueError("no such exercise")


def _hang(exercise, namespace, points):
    while True:
        time.sleep(0.01)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run steps in this process; gives the events back."""

    def go(steps, practice=None, **changes):
        monkeypatch.setattr(child, "load_practice", practice if isinstance(practice, Exploding) else lambda: practice)
        order = {
            "folder": str(tmp_path), "scratch": str(tmp_path), "hidden": True, "limit": 5.0,
            "deadline": time.time() + 60, "skip": [], "steps": [asdict(step) for step in steps], **changes,
        }  # fmt: skip
        events = []
        monkeypatch.chdir(tmp_path)
        child.run_order(order, events.append)
        assert events[-1] == {"event": "done"}
        return events

    return go


class Exploding:
    def __call__(self):
        raise ImportError("broken half-way")


HANG = 60.0  # seconds
GOOD = Step("double", "def double(x):\n    return 2 * x", "double")
CHECK = Step("double_check", "assert double(1) == 2", "double", True, 6.0)


def _kind(events, kind):
    return [event for event in events if event["event"] == kind]


@pytest.mark.parametrize(
    ("practice", "score", "line"),
    [
        (_give, 3.0, "half of it"),
        (_raise, 0.0, "did not run: ValueError: no such exercise"),
        (_hang, 0.0, "stopped after"),
    ],
)
def test_hidden_tests_give_points_and_lines(run, monkeypatch, practice, score, line):
    if practice is _hang:
        monkeypatch.setattr(child, "time_limit", lambda seconds: time_limit(0.2))
    [event] = _kind(run([GOOD, CHECK], practice, limit=HANG), "hidden")
    assert event["hidden"]["score"] == score
    assert event["hidden"]["points"] == 6.0
    assert line in event["hidden"]["lines"][0]


def test_a_gap_that_does_not_run_is_not_given_to_the_hidden_tests(run):
    events = run([Step("double", "1 / 0", "double"), CHECK], _give)
    assert _kind(events, "hidden") == []
    assert _kind(events, "result")[0]["result"]["status"] == "error"


def test_hidden_tests_that_cannot_be_loaded_leave_the_visible_ones(run):
    events = run([GOOD, CHECK], Exploding())
    assert "broken half-way" in _kind(events, "note")[0]["text"]
    assert _kind(events, "result")[0]["result"]["status"] == "ok"


def test_several_endless_loops_leave_time_for_what_follows(run, monkeypatch):
    """By a clock on which a loop takes all the time that it is given, and nothing else takes any."""
    loops = [Step(f"loop{i}", "while True: pass", f"loop{i}") for i in range(3)]
    now, given, run_cell = 0.0, [], child.run_cell

    def on_that_clock(shell, label, source, seconds, output):
        nonlocal now
        given.append(seconds)
        is_loop = "while" in source
        now += seconds * is_loop
        return run_cell(shell, label, source, 0.2 if is_loop else HANG, output)

    monkeypatch.setattr(child, "run_cell", on_that_clock)
    monkeypatch.setattr(child, "time", SimpleNamespace(time=lambda: now))
    events = run([*loops, GOOD, CHECK], deadline=4.0, limit=1.0)
    assert given == [1.0, 1.0, 1.0, 0.5, 0.5]
    assert _kind(events, "result")[0]["result"]["status"] == "ok"


def test_a_swallowed_interruption_still_counts_as_too_slow(run):
    swallow = Step("double", "try:\n    while True: pass\nexcept BaseException:\n    pass", "double")
    [event] = _kind(run([swallow, CHECK], limit=0.3), "result")
    assert event["result"]["status"] == "time"


def test_skipped_steps_do_not_run(run):
    assert [e["index"] for e in _kind(run([GOOD, CHECK], skip=[0]), "step")] == [1]


class Entry:
    def __init__(self, answer):
        self.answer = answer
        self.module = "grader.deep"

    def load(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_grader_is_found_by_entry_point_and_its_absence_is_no_error(monkeypatch):
    absent = Entry(ModuleNotFoundError("no grader", name="grader"))
    monkeypatch.setattr(child, "entry_points", lambda group: [absent, Entry(_give)])
    assert child.load_practice() is _give
    monkeypatch.setattr(child, "entry_points", lambda group: [absent])
    assert child.load_practice() is None
    broken = Entry(ModuleNotFoundError("no numpy", name="numpy"))
    monkeypatch.setattr(child, "entry_points", lambda group: [broken])
    with pytest.raises(ModuleNotFoundError, match="no numpy"):
        child.load_practice()


@pytest.mark.parametrize("bad", [False, True])
def test_the_process_writes_events_and_then_ends(tmp_path, monkeypatch, bad):
    class Ended(BaseException):
        pass

    def end(code):
        raise Ended(code)

    order = tmp_path / "order.json"
    order.write_text(json.dumps({"folder": str(tmp_path)}))
    saved, reading, writing = [os.dup(1), os.dup(2)], *os.pipe()

    def run_order(order, emit):
        emit({"event": "done"})
        if bad:
            raise ValueError("broken")

    monkeypatch.setattr(child, "run_order", run_order)
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(sys, "argv", ["child", str(order)])
    monkeypatch.setattr(sys, "path", [*sys.path])
    os.dup2(writing, 1)
    try:
        with pytest.raises(Ended) as ended:
            child.main()
    finally:
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)
    assert ended.value.args == (int(bad),)
    assert json.loads(os.read(reading, 100)) == {"event": "done"}


@pytest.mark.parametrize("by_thread", [False, True])
def test_a_time_limit_raises_once_over_and_not_before(by_thread):
    with time_limit(30, by_thread=by_thread) as limit:
        pass
    assert not limit.fired
    with pytest.raises(TimeIsUp), time_limit(0.05, by_thread=by_thread) as limit:
        while True:
            pass
    assert limit.fired


def test_output_is_kept_up_to_its_size():
    stream = FirstPart(5)
    assert stream.writable()
    print("hello, world", file=stream)
    assert stream.text() == "hello\n… and 8 more characters"


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError


class CheckFailed(AssertionError):
    pass


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Unprintable(), "error", "its message cannot be shown"),
        (ValueError("x" * 5000), "error", "(5,000 characters)"),
        (CheckFailed("the shape is wrong"), "wrong", "the shape is wrong"),
        (AssertionError(), "wrong", "this is false: an assertion"),
        (NotImplementedError(), "gap", "not written yet"),
        (KeyError(), "error", "KeyError"),
    ],
)
def test_every_error_becomes_a_short_sentence(error, status, said):
    trouble = explain(error, "double_check", "double")
    assert trouble.status == status
    assert said in trouble.message
    assert len(trouble.message) < 700


UNFIT = [
    (
        "def f(): return 3",
        "list(f())",
        "wrong",
        "what f returned: it found an int (TypeError: 'int' object is not iter",
    ),
    ("def f(): return 3.5", "a, b = f()", "wrong", "what f returned: it found a float (TypeError: cannot unpack"),
    ("def f(): pass", "f()[0]", "wrong", "what f returned: it found None there (is the result returned?)"),
    ("def f(): return 1, 2, 3", "a, b = f()", "wrong", "what f returned (ValueError: too many values to unpack"),
    ("def f(): return {}", "f()[1]", "wrong", "what f returned (KeyError: 1); look at what the docstring says"),
    ("def f(): pass", "f(1)", "error", "the check could not call f (TypeError: f() takes 0"),
    ("class f: pass", "f().train()", "error", "the check could not use f (AttributeError: 'f' object has no"),
    ("class f: pass", "f.train()", "error", "the check could not use f (AttributeError: type object 'f' has no"),
]


@pytest.mark.parametrize(("source", "check", "status", "said"), UNFIT)
def test_an_answer_the_check_cannot_use_is_told_without_the_checks_own_line(run, source, check, status, said):
    [event] = _kind(run([Step("f", source, "f"), Step("f_check", f"{check}  # own line", "f", True, 6.0)]), "result")
    result = event["result"]
    assert (result["status"], result["where"]) == (status, None)
    assert said in result["message"]
    assert "own line" not in result["message"]


def test_an_error_in_the_students_code_keeps_its_line(run):
    [event] = _kind(run([Step("f", "def f():\n    return list(3)", "f"), Step("f_check", "f()", "f", True)]), "result")
    assert event["result"]["message"] == "TypeError: 'int' object is not iterable"
    assert event["result"]["where"] == {"cell": "f", "line": 2, "source": "return list(3)"}


def test_the_entry_point_group_is_declared_for_the_grader():
    names = [entry.value for entry in importlib.metadata.entry_points(group=child.GROUP)]
    assert names == ["autograder.grading:practice"]
