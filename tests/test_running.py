"""Submissions under way: what has finished is given out several in a row, and nothing that has finished waits long."""

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
        given = list(under_way.graded(tasks, lambda: None))
    assert sorted(each.seed for each, _ in given) == sorted(each.seed for each in tasks)
    assert all(outcome == f"graded {each.seed}" for each, outcome in given)


def test_what_has_finished_is_not_kept_for_what_has_not(monkeypatch):
    monkeypatch.setattr(running, "HOLD", 0.05)
    gate = {"slow": threading.Event()}
    with run_with(monkeypatch, FakeGrader(gate=gate)) as under_way:
        given = under_way.graded([task("slow"), task("quick")], lambda: None)
        assert next(given)[1] == "graded quick"  # while the other is waited for, by a test that would not end
        gate["slow"].set()
        assert next(given)[1] == "graded slow"
        assert list(given) == []


def test_several_are_given_out_in_a_row(monkeypatch):
    """Who takes one finds the others there, so long as they finish soon after each other."""
    monkeypatch.setattr(running, "HOLD", 30.0)
    with run_with(monkeypatch, FakeGrader(0.02)) as under_way:
        given = under_way.graded([task(number) for number in range(10)], lambda: None)
        next(given)
        assert len(under_way._finished) >= running.TOGETHER - 1
        assert len(list(given)) == 9


def test_what_was_kept_to_be_given_out_is_not_lost_when_the_run_is_stopped(monkeypatch):
    monkeypatch.setattr(running, "HOLD", 30.0)
    with run_with(monkeypatch, FakeGrader(0.01)) as under_way:
        given = under_way.graded([task(number) for number in range(10)], lambda: None)
        first = next(given)
        until = time.monotonic() + 30
        while len(under_way._finished) + under_way._done.qsize() < 9 and time.monotonic() < until:
            time.sleep(0.01)
        rest = under_way.stop()
        assert sorted(int(each.seed) for each, _ in [first, *rest]) == list(range(10))
