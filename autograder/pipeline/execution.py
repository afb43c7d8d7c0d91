"""What comes back when a rebuilt notebook has been run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.pipeline.nodes import read_nodes
from autograder.pipeline.outcomes import Finding

RAN = ("cell_type", "outputs", "execution_count")  # what there is to know of a cell that has run


@dataclass(frozen=True)
class Execution:
    """An executed notebook whose outputs are settled, what happened on the way, and the wall time in seconds.

    `level` is the sandbox's where it ran, when that is another machine. What arrives in another process has outputs and
    execution counts alone: the rest is there already, with whoever handed the notebook over.
    """

    notebook: NotebookNode
    findings: tuple[Finding, ...]
    seconds: float
    level: str = ""

    def put_into(self, notebook: NotebookNode) -> None:
        """Give the cells of the `notebook` that was handed over what they have come to, in place."""
        for cell, ran in zip(notebook.cells, self.notebook.cells, strict=True):
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = ran.outputs, ran.execution_count

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process the notebook goes as JSON: as objects it takes twice as long."""
        cells = [{key: cell[key] for key in RAN if key in cell} for cell in self.notebook.cells]
        return _received, (json.dumps({"cells": cells}), self.findings, self.seconds, self.level)


def _received(notebook: str, *others: Any) -> Execution:
    return Execution(read_nodes(notebook), *others)
