"""The shell in which students' cells run takes short cuts that change nothing."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.inside.cells import Shell
from autograder.source import find_notebooks

SYNTAX = {  # IPython's own, or nearly Python's
    "a magic": "%time 1",
    "a cell magic": "%%capture kept\nprint(1)",
    "a shell command": "!ls",
    "a shell command's output": "files = !ls",
    "a question": "len?",
    "a prompt": ">>> 1 + 1",
    "an indented cell": "  x = 1\n  y = 2",
    "a magic in a text": "text = '''\n%time 1\n'''",
    "an unfinished text": "x = 'a",
    "an empty cell": "",
    "a warning": "x = '\\d'",
    "a deep cell": "(" * 500 + ")" * 500,
}
AWAITING = {
    "await": ("await f()", True),
    "async for": ("async for x in y:\n    pass", True),
    "async with": ("async with x:\n    pass", True),
    "in a function only": ("async def f():\n    await g()", False),
    "as a word": ("await_me = 1", False),
}


@pytest.fixture(scope="module")
def shell():
    return Shell(config=Config(HistoryManager=Config(enabled=False)))


@pytest.mark.parametrize("name", SYNTAX)
def test_a_cell_is_transformed_as_ipython_does(shell, name):
    assert shell.transform_cell(SYNTAX[name]).strip("\n") == InteractiveShell.transform_cell(shell, SYNTAX[name]).strip(
        "\n"
    )


def test_the_cells_of_all_notebooks_are_transformed_as_ipython_does(shell):
    cells = [cell.source for notebook in find_notebooks() for cell in notebook.cells if cell.kind == "code"]
    assert len(cells) > 500
    assert all(shell.transform_cell(source) == InteractiveShell.transform_cell(shell, source) for source in cells)


@pytest.mark.parametrize("name", AWAITING)
def test_a_cell_that_awaits_something_is_known(shell, name):
    source, expected = AWAITING[name]
    assert shell.should_run_async(source, transformed_cell=source) == expected
