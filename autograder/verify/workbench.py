"""A notebook's code as one namespace, in which one exercise at a time can be swapped for other work."""

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any

from autograder.source import SourceCell, SourceNotebook


class Workbench:
    """The namespace after a notebook's own cells have run, with solutions or with gaps; checks can be run in it."""

    def __init__(self, notebook: SourceNotebook, solution: bool = True) -> None:
        os.environ.setdefault("MPLBACKEND", "Agg")
        self.notebook = notebook
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        for cell in notebook.cells:
            if cell.kind == "code" and not (cell.skipped or cell.is_graded or cell.is_locked):
                self._run(cell, cell.source if solution or not cell.is_gap else cell.released)

    @contextlib.contextmanager
    def swapped(self, name: str, work: Any) -> Iterator[dict[str, Any]]:
        """The namespace with `name` bound to other work for a while."""
        right = self.namespace[name]
        self.namespace[name] = work
        try:
            yield self.namespace
        finally:
            self.namespace[name] = right

    def check_failure(self, check: SourceCell) -> str:
        """Run a visible check: empty if it passes, otherwise what it says."""
        try:
            self._run(check, check.source)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def _run(self, cell: SourceCell, source: str) -> None:
        code = compile(source, f"{self.notebook.name}, cell at line {cell.line}", "exec")
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, self.namespace)
