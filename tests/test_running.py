"""Submissions under way: what has finished is given out several in a row, and nothing that has finished waits long."""

import itertools
import queue
import threading
import time
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_notebook

from autograder import sandbox
from autograder.engine import Limits
from autograder.pipeline import running
from autograder.pipeline.running import Running


class FakeGrader:
    """Says back what it was given, after a while or when it is let."""

    def __init__(self, seconds=0.0, gate=None):
        self.seconds, self.gate = seconds, gate

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def start(self):
        pass

    def grade(self, job):
        time.sleep(self.seconds)
        if self.gate is not None and job.seed in self.gate:
            assert self.gate[job.seed].wait(30)
        return f"graded {job.seed}"


def task(name):
    submission = SimpleNamespace(usable=True, notebook=new_notebook())
    return SimpleNamespace(submission=submission, seed=str(name), result=None, files=())


def run_with(monkeypatch, grader, workers=2):
    monkeypatch.setattr(running, "grader_for", lambda level: grader)
    return Running(workers, Limits(), sandbox.Level.NONE)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 100])
def test_each_task_comes_back_once_with_its_outcome(monkeypatch, count):
    with run_with(monkeypatch, FakeGrader()) as under_way:
        tasks = [task(number) for number in range(count)]
        rows = list(under_way.graded(tasks, lambda: None))
    assert all(1 <= len(row) <= running.TOGETHER for row in rows)
    given = list(itertools.chain(*rows))
    assert sorted(each.seed for each, _ in given) == sorted(each.seed for each in tasks)
    assert all(outcome == f"graded {each.seed}" for each, outcome in given)


def test_what_has_finished_is_not_kept_for_what_has_not(monkeypatch):
    monkeypatch.setattr(running, "HOLD", 0.05)
    gate = {"slow": threading.Event()}
    with run_with(monkeypatch, FakeGrader(gate=gate)) as under_way:
        given = under_way.graded([task("slow"), task("quick")], lambda: None)
        ((_, outcome),) = next(given)  # while the other is waited for, by a test that would not end
        assert outcome == "graded quick"
        gate["slow"].set()
        ((_, outcome),) = next(given)
        assert outcome == "graded slow"
        assert list(given) == []


def test_several_are_given_out_in_a_row(monkeypatch):
    """So long as they finish soon after each other."""
    monkeypatch.setattr(running, "HOLD", 30.0)
    with run_with(monkeypatch, FakeGrader(0.02)) as under_way:
        given = under_way.graded([task(number) for number in range(10)], lambda: None)
        assert [len(row) for row in given] == [running.TOGETHER, 10 - running.TOGETHER]


def test_what_was_kept_to_be_given_out_is_not_lost_when_the_run_is_stopped(monkeypatch):
    monkeypatch.setattr(running, "HOLD", 30.0)
    with run_with(monkeypatch, FakeGrader(0.01)) as under_way:
        given = under_way.graded([task(number) for number in range(10)], lambda: None)
        first = next(given)
        until = time.monotonic() + 30
        while len(first) + under_way._done.qsize() < 10 and time.monotonic() < until:
            time.sleep(0.01)
        rest = under_way.stop()
        assert rest and sorted(int(each.seed) for each, _ in [*first, *rest]) == list(range(10))


def test_what_was_gathered_when_the_run_is_stopped_is_not_lost(monkeypatch):
    """Ctrl-C comes while others are waited for that would go out in the same row."""
    monkeypatch.setattr(running, "HOLD", 30.0)
    gate = {"slow": threading.Event()}
    with run_with(monkeypatch, FakeGrader(gate=gate)) as under_way:
        monkeypatch.setattr(under_way, "_done", InterruptedQueue())
        with pytest.raises(KeyboardInterrupt):
            next(under_way.graded([task("slow"), task("quick")], lambda: None))
        assert [each.seed for each, _ in under_way.stop()] == ["quick"]
        gate["slow"].set()


class InterruptedQueue(queue.SimpleQueue):
    """Ctrl-C is pressed whenever somebody waits only for a while."""

    def get(self, block=True, timeout=None):
        if timeout is not None:
            raise KeyboardInterrupt
        return super().get()
