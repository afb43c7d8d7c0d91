"""A cell of plain Python is run without IPython's machinery, and nobody can tell."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.inside.cells import Cells, Shell
from autograder.inside.tracebacks import CELL_FILE
from autograder.source import find_notebooks
from course_utils.selfcheck.limits import TimeIsUp

PLAIN = {
    "a value shown": "x = 20\nx + 1",
    "a value with a semicolon": "41 + 1;",
    "None": "None",
    "an empty cell": "",
    "a comment": "# nothing",
    "printed and shown": "print('a')\n[1, 2]",
    "displayed": "display(3)\ndisplay('four')\n5",
    "the shell": "get_ipython().user_ns is globals()",
    "a function": "def f(n):\n    return n * k\nk = 3\nf(2)",
    "a class": "class A:\n    b = 1\n    def __repr__(self): return f'A{self.b}'\nA()",
    "a comprehension": "n = 3\n[n * i for i in range(n)]",
    "__name__": "__name__",
    "an error": "a = 1\n{}['b']\na = 2",
    "an error in what is shown": "class E:\n    def __repr__(self): raise ValueError('e')\nE()",
    "a syntax error": "if x = 2: pass",
    "an unfinished text": "x = 'a",
    "a warning": "x = '\\d'",
    "a warning asked for": "import warnings\nwarnings.warn('careful')",
    "a deep cell": "(" * 500 + ")" * 500,
    "a nul byte": "x = '\0'",
    "the end": "exit()",
    "a future feature": "from __future__ import annotations\ndef f(a: nothing_of_this_name): pass\nf.__annotations__",
    "an interruption": "raise KeyboardInterrupt",
    "a return in no function": "a = 1\ndef f(): return 2\nreturn a\nb = 3",
    "a future feature that comes late": "import math\nfrom __future__ import annotations\na = 1",
    "global after use": "a = 1\nglobal a\nb = 2",
    "shown in between": "a = 1\na\nb = 2\nb",
}
IPYTHONS = {
    "a magic": "%time 1",
    "a magic in between": "a = 1\n%time b = 2\na + b",
    "a cell magic": "%%capture kept\nprint(1)",
    "a shell command's output": "files = !echo one",
    "a question": "len?",
    "a prompt": ">>> 1 + 1",
    "an indented cell": "  x = 1\n  y = 2",
    "a magic in a text": "text = '''\n%time 1\n'''",
    "an await": "import asyncio\nawait asyncio.sleep(0)\n7",
    "an async loop": "async def two():\n    yield 1\n    yield 2\nasync for n in two(): print(n)",
    "awaiting in a function": "async def f(): await g()\nf",
}


@pytest.fixture
def make_cells():
    yield lambda: Cells(Shell(config=Config(HistoryManager=Config(enabled=False))))
    InteractiveShell.clear_instance()


def seen(cells, source):
    """Outputs as a notebook has them, without places in memory, and the names that the cell has made."""
    before = set(cells.namespace)
    outputs = cells.run(source, 10, False)
    for output in outputs:
        output.pop("traceback", None)
        if "evalue" in output:
            output["evalue"] = CELL_FILE.sub("...", output["evalue"])
        if "<ipython" in output.get("text", ""):
            output["text"] = output["text"].splitlines()[0].rpartition(":")[2]
        if "<function" in str(output.get("data")) or "s: " in output.get("text", ""):
            output["data"] = output["text"] = "..."
    return outputs, sorted(set(cells.namespace) - before)


@pytest.mark.parametrize("name", PLAIN | IPYTHONS)
def test_a_cell_does_what_it_does_in_ipython(make_cells, monkeypatch, name):
    source = (PLAIN | IPYTHONS)[name]
    ours = seen(make_cells(), source)
    monkeypatch.setattr(Shell, "_as_python", lambda self, source: None)
    assert ours == seen(make_cells(), source)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_python_goes_the_short_way(make_cells, monkeypatch, name):
    def run_cell(self, source, **_):
        raise AssertionError

    monkeypatch.setattr(InteractiveShell, "run_cell", run_cell)
    cells = make_cells()
    cannot_be_parsed = name in ("a syntax error", "an unfinished text", "a deep cell", "a nul byte")
    assert ("AssertionError" in str(cells.run(PLAIN[name], 10, False))) == cannot_be_parsed


def test_most_cells_of_the_notebooks_go_the_short_way(make_cells):
    shell = make_cells().shell
    cells = [cell.source for notebook in find_notebooks() for cell in notebook.cells if cell.kind == "code"]
    assert sum(shell._as_python(source) is not None for source in cells) > 0.95 * len(cells) > 500


def test_what_one_cell_leaves_the_next_finds(make_cells):
    cells = make_cells()
    cells.run("from __future__ import annotations\nn = 2", 10, False)
    cells.run("def f(a: nothing_of_this_name): return n", 10, False)
    (output,) = cells.run("n = 5\nf(1)", 10, False)
    assert output["data"] == {"text/plain": "5"}


def test_time_that_is_up_ends_a_cell(make_cells):
    cells = make_cells()
    (output,) = cells.run("while True: pass", 0.2, False)
    assert output["ename"] == "TimeUp"
    assert cells.run("from course_utils.selfcheck.limits import TimeIsUp\nraise TimeIsUp", 10, False) == []
    assert TimeIsUp.__mro__[1] is BaseException
