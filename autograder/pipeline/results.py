"""What a grading process found about one submission, as the journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.pipeline.execution import Execution
from autograder.pipeline.nodes import changed
from autograder.pipeline.outcomes import Finding, Outcome


@dataclass(frozen=True)
class Result:
    """The outputs of a submission's cells and what happened on the way.

    `digest` is that of all the grade depends on, `key` of the course key; `level` is the sandbox's, `timeout` the limit
    of a cell, `seconds` the time it took. `cells` holds [outputs, execution count] of each cell, None for text.
    """

    student: str
    digest: str
    key: str
    level: str
    timeout: float
    seconds: float
    findings: tuple[Finding, ...]
    cells: list[Any]

    @classmethod
    def of_execution(
        cls, execution: Execution, *, student: str, digest: str, key: str, level: str, timeout: float
    ) -> Result:
        cells = [
            [cell["outputs"], cell["execution_count"]] if cell["cell_type"] == "code" else None
            for cell in execution.notebook.cells
        ]
        return cls(student, digest, key, level, timeout, round(execution.seconds, 3), execution.findings, cells)

    def as_record(self) -> dict[str, Any]:
        """Everything as values that JSON knows."""
        findings = [[finding.outcome.value, finding.sentence] for finding in self.findings]
        return vars(self) | {"findings": findings}

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> Result:
        """What `as_record` gave; other entries do not count."""
        values = {name: record[name] for name in cls.__dataclass_fields__}
        findings = tuple(Finding(Outcome(outcome), sentence) for outcome, sentence in values.pop("findings"))
        cells = nbformat.from_dict(values.pop("cells"))
        return cls(**values, findings=findings, cells=cells)

    def executed(self, rebuilt: NotebookNode) -> NotebookNode:
        """The notebook that was graded: `rebuilt`, which is not changed, with these outputs, which may not be.

        Raises ValueError when it has other cells.
        """
        cells = [_with_outputs(cell, kept) for cell, kept in zip(rebuilt.cells, self.cells, strict=True)]
        return changed(rebuilt, cells=cells)


def _with_outputs(cell: NotebookNode, kept: Any) -> NotebookNode:
    if (cell["cell_type"] == "code") != (kept is not None):
        raise ValueError("the result is of another notebook")
    if kept is None:
        return cell
    outputs, count = kept
    return changed(cell, outputs=outputs, execution_count=count)
