"""What a student reads of an error in a cell: their own lines, short names of files, and never a failure of ours."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.inside.cells import Shell
from autograder.inside.tracebacks import MAX_CHAIN, MAX_CHARACTERS, lines_of


@pytest.fixture(scope="module")
def shell():
    shell = Shell(config=Config(HistoryManager=Config(enabled=False)))
    yield shell
    InteractiveShell.clear_instance()


def error_of(shell, source):
    result = shell.run_cell(source, store_history=False)
    return result.error_before_exec or result.error_in_exec


def told(shell, source):
    return "\n".join(lines_of(error_of(shell, source)))


def test_the_line_that_failed_and_those_that_called_it_are_shown(shell):
    text = told(shell, "def half(n):\n    return n / 0\n\nhalf(3)")
    assert text == (
        "Traceback (most recent call last):\n"
        '  File "your cell", line 4, in <module>\n    half(3)\n'
        '  File "your cell", line 2, in half\n    return n / 0\n           ~~^~~\n'
        "ZeroDivisionError: division by zero"
    )


def test_a_library_has_the_name_under_which_it_is_imported(shell):
    text = told(shell, "import numpy as np\nnp.linalg.inv(np.zeros((2, 2)))")
    assert '  File "your cell", line 2, in <module>' in text
    assert '  File "numpy/linalg/_linalg.py", line' in text
    assert text.endswith("LinAlgError: Singular matrix")


def test_a_syntax_error_is_pointed_at(shell):
    text = told(shell, "x = 1\nif x = 2: pass")
    assert '  File "your cell", line 2\n    if x = 2: pass\n       ^' in text
    assert "SyntaxError: invalid syntax" in text and "IPython" not in text


def test_an_error_that_came_of_another_shows_both(shell):
    source = "try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('no a') from error"
    text = told(shell, source)
    assert text.index("KeyError: 'a'") < text.index("direct cause") < text.index("ValueError: no a")


def test_a_long_chain_of_errors_is_cut(shell):
    made = "    new = ValueError(f'number {n}')\n    new.__context__ = error\n    error = new\n"
    text = told(shell, f"error = None\nfor n in range(5000):\n{made}raise error")
    assert text.endswith("ValueError: number 4999") and text.count("ValueError: number") == MAX_CHAIN


def test_recursion_without_an_end_takes_a_few_lines(shell):
    text = told(shell, "def again(): again()\nagain()")
    assert "Previous line repeated" in text and text.count("\n") < 20 and "RecursionError" in text


def test_a_check_says_its_sentences_alone(shell):
    error = error_of(shell, "from course_utils.check import CheckFailed\nraise CheckFailed('two', 'sentences')")
    assert lines_of(error) == "\n".join(error._render_traceback_()).split("\n")


HOSTILE = {
    "says nothing": "class E(Exception):\n    def __str__(self): raise E\n    __repr__ = __str__\nraise E",
    "renders by leaving": "class E(Exception):\n    def _render_traceback_(self): raise SystemExit\nraise E",
    "renders numbers": "class E(Exception):\n    def _render_traceback_(self): return [1, 2]\nraise E",
    "talks for ever": "raise ValueError('x' * 1_000_000)",
    "comes of itself": "e = OSError()\ne.__context__ = KeyError()\ne.__context__.__context__ = e\nraise e",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_error_can_do_nothing_by_being_described(shell, name):
    lines = lines_of(error_of(shell, HOSTILE[name]))
    assert all(type(line) is str for line in lines) and len("\n".join(lines)) <= MAX_CHARACTERS
