"""What a grading run will need, started before the rest of the grader is imported: that takes as long again."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from autograder.forking import start_fork_server


def start_ahead(course_dir: Path, assignment: str, workers: int | None, allow_unsandboxed: bool) -> None:
    """Start the process that grading processes are forked from; and these, when nothing of `assignment` has been graded
    yet, so that there is work for them. Does not wait, and leaves it to the run to say what is wrong.
    """
    start_fork_server()
    from autograder.imports import import_without_uri_grammar

    import_without_uri_grammar()
    from autograder.engine import UnsandboxedError, chosen_level
    from autograder.engine.processes import start_graders
    from autograder.pipeline.state import is_known

    submitted = course_dir / "submitted"
    with contextlib.suppress(OSError, UnsandboxedError):
        if submitted.is_dir() and not is_known(course_dir, assignment):
            count = sum(1 for folder in submitted.iterdir() if (folder / assignment).is_dir())
            start_graders(chosen_level(allow_unsandboxed), min(count, workers or os.cpu_count() or 1))
