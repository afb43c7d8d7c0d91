"""An IPython shell that runs a notebook's cells quietly, so that magics work, and keeps little of what they print."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from course_utils.selfcheck.limits import TimeIsUp, time_limit
from course_utils.selfcheck.words import MARK

KEPT = 2000  # characters of a cell's output that are kept


class FirstPart(io.TextIOBase):
    """A text stream that keeps the beginning of what is written and counts the rest."""

    def __init__(self, size: int = KEPT) -> None:
        self.size = size
        self.kept = ""
        self.dropped = 0

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, text: str) -> int:
        """Keep what still fits."""
        room = self.size - len(self.kept)
        self.kept += text[:room]
        self.dropped += len(text) - len(text[:room])
        return len(text)

    def text(self) -> str:
        """What was kept, with a remark when something was dropped."""
        return self.kept + (f"\n… and {self.dropped:,} more characters" if self.dropped else "")


class NamedCells(CachingCompiler):
    """Compiles each cell under its own name, so that a traceback leads back to it."""

    label = "?"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """The name of the cell that is running."""
        return MARK.format(self.label)


class QuietShell(InteractiveShell):
    """Raises nothing, shows nothing: errors are read from the execution result."""

    compiler_class = NamedCells

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the error is put in words elsewhere."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Nothing, for the same reason."""

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing: ``%matplotlib`` must work, but there is no window to show."""

    def ask_exit(self) -> None:
        """What ``exit`` in a cell would do."""
        raise SystemExit


@contextlib.contextmanager
def notebook_shell(scratch: Path) -> Iterator[QuietShell]:
    """A fresh shell whose profile is made in ``scratch``, never in the student's home."""
    config = Config()
    config.InteractiveShell.ipython_dir = str(scratch)
    config.HistoryManager.enabled = False
    QuietShell.clear_instance()
    shell = QuietShell.instance(config=config)
    try:
        yield shell
    finally:
        shell.restore_sys_module_state()
        QuietShell.clear_instance()


def run_cell(shell: QuietShell, label: str, source: str, seconds: float, output: FirstPart) -> BaseException | None:
    """Run one cell for at most ``seconds``.

    Returns what stopped it, or None.  What it prints goes to ``output``.
    """
    shell.compile.label = label
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="To exit: use")  # advice for a terminal
        limit = time_limit(seconds)
        try:
            with limit:
                result = shell.run_cell(source, silent=True)
        except TimeIsUp as error:
            return error
    stopped: BaseException | None = result.error_before_exec or result.error_in_exec
    return TimeIsUp() if limit.fired and not isinstance(stopped, TimeIsUp) else stopped
