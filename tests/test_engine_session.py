"""A notebook runs isolated, and whatever its code does, what is right in it earns its points."""

import socket
from pathlib import Path

import pytest
from engine_runs import QUICK, outputs, run, scores, sentences, solved, worker
from nbformat.v4 import new_code_cell, new_notebook

from autograder.engine import Limits, Worker, WorkerFailed
from autograder.engine.calls import grade_call
from autograder.engine.line import Cell
from autograder.pipeline.outcomes import Outcome
from autograder.source import find_notebooks

FULL = scores(run(solved()))


def test_the_fixture_earns_everything():
    assert sum(FULL.values()) == pytest.approx(90)
    assert all(FULL.values())


@pytest.mark.parametrize("notebook", [source.name for source in find_notebooks()[1:]])
def test_solutions_earn_every_point_in_the_sandbox(notebook):
    execution = run(solved(notebook), limits=Limits())
    assert sum(scores(execution).values()) == pytest.approx(90), execution.findings
    shown = [output for cell in execution.notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in shown if output.output_type == "error"]  # for want of a cell that is left out


ENDINGS = {  # what the code of one exercise does when it is called, and what the student reads
    "ends its process": ("import os; os._exit(0)", "the process ended"),
    "never returns": ("while True: pass", "took too long"),
    "swallows its interruption": (
        "while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        "took too long",
    ),
    "spins where Python cannot interrupt it": ("sum(range(10**15))", "time was up"),
    "calls itself for ever": ("return predict_labels(dists, y_train, k)", "RecursionError"),
    "raises": ("raise ZeroDivisionError('sec' + 'ret')", "ZeroDivisionError"),
    "leaves by SystemExit": ("raise SystemExit", "SystemExit"),
    "returns something that cannot cross": ("return [[[object]] for _ in range(30_000)]", ""),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_an_exercise_that_ends_badly_costs_its_own_points_only(name):
    body, said = ENDINGS[name]
    source = f"def predict_labels(dists, y_train, k=1):\n    {body}"
    execution = run(solved(cells={"predict_labels": source}))
    assert scores(execution) == {**FULL, "predict_labels": 0.0}
    assert all(said in sentence for sentence in sentences(execution, "predict_labels"))
    assert not any("secret" in sentence for sentence in sentences(execution, "predict_labels"))


CLASS = """
import numpy as np

class NearestNeighbor:
    def train(self, X, y):
        self.X, self.y = np.array(X, dtype=float), y

    def answers(self, X):
        return self.y[np.abs(np.array(X, dtype=float)[:, None] - self.X[None]).sum(axis=2).argmin(axis=1)]
"""
CALLS_BACK = """
    @property
    def predict(self):
        l1_distance(self.X[:1], self.X[:1])
        return self.answers
"""
NEVER_FOUND = """
    def __getattribute__(self, name):
        while name == "train":
            pass
        return object.__getattribute__(self, name)
"""
# How the class gives out its methods, the points of the exercise, what the student reads.
LOOKED_UP = {
    "a property that calls back": (CALLS_BACK, FULL["NearestNeighbor"], ""),
    "an endless loop": (NEVER_FOUND, 0.0, "took too long"),
}


@pytest.mark.parametrize("name", LOOKED_UP)
def test_a_method_is_looked_up_as_student_code_runs(name):
    how, points, said = LOOKED_UP[name]
    execution = run(solved(cells={"NearestNeighbor": CLASS + how}))
    assert scores(execution) == {**FULL, "NearestNeighbor": points}
    assert all(said in sentence for sentence in sentences(execution, "NearestNeighbor"))
    assert Outcome.KERNEL_DIED not in {finding.outcome for finding in execution.findings}


CELLS = {  # a cell of the student's own in front: its text, what its output holds, the outcome noted
    "an error": ("1 / 0", "ZeroDivisionError", None),
    "a syntax error": ("def f(:", "SyntaxError", None),
    "the end of the process": ("import os; os._exit(1)", "the process ended", Outcome.KERNEL_DIED),
    "an endless loop": ("while True: pass", "TimeUp", Outcome.TIME_UP),
    "input": ("input('name? ')", "not available", Outcome.ASKED_INPUT),
    "exit": ("exit()", "SystemExit", None),
    "a magic": ("%matplotlib inline\n%time 1 + 1\nprint('went on')", "went on", None),
    "an unknown magic": ("%no_such_magic\nprint('reached')", "not found", None),
    "a cell magic": ("%%capture kept\nprint('x')", "", None),
    "a flood of output": ("for _ in range(50_000): print('x' * 20)", "x", None),
    "a broken exception": (
        "class E(Exception):\n    def __str__(self): raise E\n    __repr__ = __str__\nraise E",
        "E",
        None,
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_of_the_students_own_costs_no_points(name):
    source, shown, outcome = CELLS[name]
    notebook = solved()
    notebook.cells.insert(0, new_code_cell("# the student's own\n" + source if "%%" not in source else source))
    execution = run(notebook)
    assert scores(execution) == FULL
    assert shown in str(execution.notebook.cells[0].outputs)
    assert len(str(execution.notebook.cells[0].outputs)) < 300_000
    assert [finding.outcome for finding in execution.findings] == ([outcome] if outcome else [])


def test_an_answer_of_any_size_costs_its_own_points_only():
    work = "def predict_labels(dists, y_train, k=1): return 2**70"
    execution = run(solved(cells={"predict_labels": work}))
    assert scores(execution) == {**FULL, "predict_labels": 0.0}


def test_a_test_that_never_began_recognises_no_mistake():
    loop = "def distances_two_loops(*_):\n    while True: pass"
    limits = Limits(cell=1.0, test=0.4, notebook=2.0)
    execution = run(solved(cells={"distances_two_loops": loop}), limits=limits)
    said = sentences(execution, "distances_two_loops")
    assert said and all("took too long" in sentence or "time was up" in sentence for sentence in said)


def test_figures_are_not_drawn_where_nobody_looks():
    notebook = solved()
    notebook.cells.insert(0, new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);"))
    assert not any("image/png" in str(output) for output in run(notebook).notebook.cells[0].outputs)


def test_cells_tagged_as_experiments_do_not_run():
    notebook = solved()
    notebook.cells.insert(0, new_code_cell("raise SystemExit", metadata={"tags": ["skip-execution"]}))
    execution = run(notebook)
    assert scores(execution) == FULL and execution.notebook.cells[0].outputs == []


def test_a_cell_that_kills_its_process_is_not_run_again_when_the_rest_is():
    notebook = solved()
    notebook.cells.insert(0, new_code_cell("kept = 41"))
    notebook.cells.insert(1, new_code_cell("lost = 1; import os; os._exit(1)"))
    notebook.cells.insert(2, new_code_cell("print(kept + 1, 'lost' in globals())"))
    assert "42 False" in str(outputs(run(notebook), "kept + 1"))


def test_cells_that_are_run_next_are_sent_along_but_no_tests_of_the_instructors():
    """What was sent lies in the buffer that Python reads into; a student's own code may look for it there."""
    notebook = solved()
    looks = (
        "import gc\n"
        "from autograder.byvalue.channel import Channel\n"
        "(channel,) = [each for each in gc.get_objects() if type(each) is Channel and each.fileno() >= 0]\n"
        "sent = bytes(channel._pending)\n"
        "print([each in sent for each in (b'the next' + b' cell', b'12343' + b'21')])"
    )
    graded = new_code_cell("assert 1234321 > 0")
    graded.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 1, "grade_id": "own", "locked": True}
    notebook.cells[:0] = [new_code_cell(looks), new_code_cell("'the next' ' cell', 'the next cell'"), graded]
    assert "[True, False]" in str(outputs(run(notebook), "import gc"))


LARGE_OUTPUT = "print('x' * 190_000)\nimport sys; print('y' * 190_000, file=sys.stderr)\n"


@pytest.mark.parametrize("holds", [None, 4096])
@pytest.mark.parametrize("size", [10, 20_000, 33_000, 65_000, 200_000])
def test_a_large_output_and_large_cells_to_come_do_not_wait_for_each_other(monkeypatch, size, holds):
    """What is sent ahead must fit the socket: `holds` is how many bytes that takes, if it is not the system's own."""
    if holds is not None:
        opened = Worker.open

        def narrow(self, **kwargs):
            pair = socket.socketpair

            def small():
                ends = pair()
                for end in ends:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, holds)
                return ends

            with monkeypatch.context() as patch:
                patch.setattr(socket, "socketpair", small)
                return opened(self, **kwargs)

        monkeypatch.setattr(Worker, "open", narrow)
    sources = [LARGE_OUTPUT + "#" * size, *("#" + "\N{CJK UNIFIED IDEOGRAPH-6F22}" * 4_000 + "\nprint(1)",) * 5]
    execution = run(new_notebook(cells=[new_code_cell(source) for source in sources]))
    assert not execution.findings
    assert [cell.outputs[0].text for cell in execution.notebook.cells[1:]] == ["1\n"] * 5


def test_a_notebook_out_of_time_keeps_what_it_earned():
    notebook = solved()
    notebook.cells.append(new_code_cell("while True: pass"))
    notebook.cells.append(new_code_cell("while True: pass\n"))
    execution = run(notebook, limits=Limits(cell=1.0, test=1.5, notebook=8.0))
    assert scores(execution) == FULL
    assert {finding.outcome for finding in execution.findings} == {Outcome.TIME_UP}


def test_a_worker_that_is_gone_is_said_to_be_gone():
    gone = Worker(worker().level)
    gone._process.kill()
    assert gone._process.wait(10)
    with pytest.raises(WorkerFailed, match="worker"):
        gone.open()
    gone.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_a_submission_that_was_closed_is_gone_when_the_next_opens_and_leaves_no_descriptor():
    def is_there(pid):
        status = Path(f"/proc/{pid}/status")
        return status.exists() and "State:\tZ" not in status.read_text(encoding="utf-8")  # a zombie has ended

    with Worker(worker().level) as fresh:
        fresh.open().close()
        fresh.open().close()
        before = len(list(Path("/proc/self/fd").iterdir()))
        lines = [fresh.open() for _ in range(3)]
        pids = [ending.process.pid for ending in fresh._endings[-3:]]
        assert [line.run_cell(Cell("1 + 1", 5.0))[0]["data"]["text/plain"] for line in lines] == ["2"] * 3
        lines[2].close()
        lines[0].close()
        fresh.open().close()
        assert [is_there(pid) for pid in pids] == [False, True, False]
        assert lines[1].run_cell(Cell("2 + 2", 5.0))[0]["data"]["text/plain"] == "4"
        lines[1].close()
        fresh.open().close()
        assert not is_there(pids[1])
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        last = fresh.open()
        assert last.run_cell(Cell("1 + 1", 5.0))
        pid = fresh._endings[-1].process.pid
    assert not is_there(pid)
    assert last.run_cell(Cell("1 + 1", 5.0)) is None


CALLS = {
    "from autograder import grade\ngrade('knn', globals())": "knn",
    "# Graded\nfrom autograder import grade\ngrade('knn', globals(), points=4)\n": "knn",
    "from autograder import grade\ngrade(name, globals())": None,
    "assert double(2) == 4": None,
    "from autograder import grade\ngrade('knn', globals())\nprint('more')": None,
    "def broken(": None,
}


@pytest.mark.parametrize("source", CALLS)
def test_only_a_cell_that_does_nothing_but_call_grade_is_taken_for_a_graded_cell(source):
    call = grade_call(source)
    assert (call and call.exercise) == CALLS[source]


def test_the_quick_limits_of_these_tests_are_short():
    assert QUICK.test < QUICK.cell < QUICK.notebook
