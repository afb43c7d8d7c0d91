"""What comes back when a rebuilt notebook has been run."""

from __future__ import annotations

from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.pipeline.outcomes import Finding


@dataclass(frozen=True)
class Execution:
    """An executed notebook whose outputs are settled, what happened on the way, and the wall time in seconds.

    `level` is the sandbox's where it ran, when that is another machine.
    """

    notebook: NotebookNode
    findings: tuple[Finding, ...]
    seconds: float
    level: str = ""
