"""The zygote: workers share it, survive nothing that it does not, and one that fails says why."""

import contextlib
import os
import signal
import socket
import threading
import time

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine import Limits, Worker, WorkerFailed, chosen_level, run_notebook
from autograder.engine import worker as workers
from autograder.engine import zygote as zygotes
from autograder.engine.line import Cell
from autograder.engine.zygote import Handle, shared_zygote
from autograder.pipeline.outcomes import Outcome

LEVEL = chosen_level(allow_unsandboxed=True)
SUM = "import numpy as np\nint(np.arange(4).sum())"


@pytest.fixture
def own_zygote(monkeypatch):
    """One for this test alone: it may be killed."""
    monkeypatch.setattr(zygotes, "_shared", [])
    yield
    for each in zygotes._shared:
        each.close()


def answer(worker):
    line = worker.open()
    outputs = line.run_cell(Cell(SUM, 5.0))
    line.close()
    return outputs[0]["data"]["text/plain"]


def is_gone(pid):
    for _ in range(500):
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
                continue
        return True
    return False


def test_workers_share_a_zygote_and_end_alone(own_zygote):
    with Worker(LEVEL) as one, Worker(LEVEL) as other:
        parents = {psutil.Process(each._process.pid).ppid() for each in (one, other)}
        assert parents == {shared_zygote()._process.pid}
        pid = one._process.pid
        one.close()
        assert is_gone(pid)
        assert answer(other) == "6"


def test_a_zygote_ends_when_nobody_needs_it(own_zygote):
    worker = Worker(LEVEL)
    pid = shared_zygote()._process.pid
    shared_zygote().close()
    assert is_gone(pid) and is_gone(worker._process.pid)
    worker.close()


def test_a_worker_whose_zygote_is_killed_fails_and_the_next_comes_of_a_new_one(own_zygote):
    with Worker(LEVEL) as worker:
        before = shared_zygote()
        os.kill(before._process.pid, signal.SIGKILL)
        assert is_gone(worker._process.pid)
        with pytest.raises(WorkerFailed, match="worker of the sandbox"):
            worker.open()
    with Worker(LEVEL) as following:
        assert answer(following) == "6"
        assert shared_zygote() is not before


def test_who_ended_the_process_is_asked_before_a_student_is_blamed(own_zygote):
    notebook = new_notebook(cells=[new_code_cell("while True:\n    pass")])
    with Worker(LEVEL) as worker:
        threading.Timer(1.0, os.kill, (shared_zygote()._process.pid, signal.SIGKILL)).start()
        with pytest.raises(WorkerFailed, match="it ended"):
            run_notebook(worker, notebook, seed="seed", limits=Limits(cell=20.0))
    notebook = new_notebook(cells=[new_code_cell("import os\nos._exit(3)")])
    with Worker(LEVEL) as worker:
        execution = run_notebook(worker, notebook, seed="seed", limits=Limits(cell=20.0))
    assert [finding.outcome for finding in execution.findings][:1] == [Outcome.KERNEL_DIED]


def test_a_request_that_cannot_be_met_does_not_end_the_zygote(own_zygote):
    with Worker(LEVEL) as worker:
        before = shared_zygote()
        socket.send_fds(before._requests, [b"fork"], [0])
        with Worker(LEVEL) as following:
            assert answer(following) == "6"
        assert shared_zygote() is before and answer(worker) == "6"


def test_what_stops_a_worker_before_there_is_a_zygote_is_said(own_zygote, monkeypatch):
    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zygotes, "filled_cache", full)
    with pytest.raises(WorkerFailed, match=r"no zygote could be started .*No space left"):
        Worker(LEVEL)
    monkeypatch.setattr(workers, "filled_cache", full)
    monkeypatch.setattr(workers, "copied_cache", lambda folder: full())
    with pytest.raises(WorkerFailed, match=r"could not be filled .*No space left"):
        Worker(LEVEL)


def test_a_zygote_that_cannot_load_says_why(own_zygote, monkeypatch, tmp_path):
    (tmp_path / "msgpack.py").write_text("raise ImportError('the disk ate msgpack')", encoding="utf-8")
    usual = zygotes.environment
    monkeypatch.setattr(zygotes, "environment", lambda *places: usual(*places) | {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(WorkerFailed, match=r"(?s)did not start.*the disk ate msgpack"):
        Worker(LEVEL)


def test_a_zygote_has_nothing_of_the_environment_and_no_file_of_whoever_started_it(own_zygote, monkeypatch, tmp_path):
    monkeypatch.setenv("TOKEN_OF_THE_INSTRUCTOR", "secret")
    with (tmp_path / "gradebook.db").open("w"), Worker(LEVEL) as worker:
        process = psutil.Process(shared_zygote()._process.pid)
        assert "TOKEN_OF_THE_INSTRUCTOR" not in process.environ()
        assert not any("gradebook" in each for each in process.cmdline())
        assert not [each for each in process.open_files() if "gradebook" in each.path]
        assert process.num_threads() == 1
        line = worker.open()
        (shown,) = line.run_cell(Cell("import os; sorted(os.environ)", 5.0))
        assert "TOKEN" not in shown["data"]["text/plain"]
        line.close()


def test_nothing_of_what_the_worker_tried_out_is_in_the_notebook():
    from autograder.inside.rehearsal import CELLS

    with Worker(LEVEL) as worker:
        line = worker.open()
        look = "import linecache, sys\n(sorted(globals()), [text for _, _, text, _ in linecache.cache.values()])"
        (shown,) = line.run_cell(Cell(look, 5.0))
        text = shown["data"]["text/plain"]
        assert "'double'" not in text and "'np'" not in text and "'__name__'" in text
        assert CELLS[-1] not in text
        (error,) = line.run_cell(Cell("double(1)", 5.0))
        assert error["ename"] == "NameError"
        (printed,) = line.run_cell(Cell("print('heard')", 5.0))
        assert printed["text"] == "heard\n"
        line.close()


@pytest.mark.parametrize("exact", [True, False])
def test_a_process_is_killed_and_waited_for_by_descriptor_or_by_number(exact):
    if exact and not hasattr(os, "pidfd_open"):
        pytest.skip("the system has no descriptors of processes")
    pid = os.posix_spawn("/bin/sleep", ["sleep", "60"], {})
    handle = Handle(pid, os.pidfd_open(pid) if exact else None)
    assert not handle.wait(0.05)
    handle.kill()
    os.waitid(os.P_PID, pid, os.WEXITED)  # as the worker does for its forks
    assert handle.wait(5)
    handle.kill()
    handle.close()


def drawn(worker, *sources):
    """What a notebook of these cells shows, the last of which is a written question's."""
    cells = [new_code_cell(source, id=f"cell{place}") for place, source in enumerate(sources)]
    cells[-1].metadata["nbgrader"] = {"grade": True, "solution": True, "points": 1, "grade_id": "answer"}
    execution = run_notebook(worker, new_notebook(cells=cells), seed="seed", limits=Limits())
    return [list(cell.outputs) for cell in execution.notebook.cells]


LOADED = "import sys\n'mat' + 'plotlib.py' + 'plot' in sys.modules"  # without a word that speaks of figures
DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"


def test_what_draws_is_loaded_by_the_first_submission_that_speaks_of_it():
    with Worker(LEVEL) as worker:
        found = [drawn(worker, LOADED, last)[0][0].data["text/plain"] for last in ("1", DRAW, "1")]
    assert found == ["False", "True", "True"]


def test_a_submission_draws_whether_that_was_expected_or_not():
    unsaid = "import importlib\nimportlib.import_module('mat' + 'plotlib.py' + 'plot').plot([1, 2]);"
    with Worker(LEVEL) as worker:
        for source in (unsaid, DRAW):
            outputs = drawn(worker, "1", source)[1]
            assert [list(each.data) for each in outputs] == [["text/plain"], ["image/png"]]  # and nothing on stderr
