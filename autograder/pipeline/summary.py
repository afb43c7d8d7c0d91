"""What a grading run tells the instructor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from autograder.pipeline.grades import FAILED, GradeRow


@dataclass(frozen=True)
class GradingSummary:
    """What a run did: the rows of this assignment, how many were graded in this run, wall seconds, where things are.

    `notes` are remarks on the run as a whole, for the instructor; `level` is how well student code was isolated.
    """

    course_dir: Path
    assignment: str
    rows: list[GradeRow]
    regraded: int
    seconds: float
    grades_csv: Path
    feedback_dir: Path
    notes: tuple[str, ...] = ()
    level: str = ""

    @property
    def all_graded(self) -> bool:
        """False when a submission failed for a reason of ours."""
        return all(row.status != FAILED for row in self.rows)


def summary_table(summary: GradingSummary) -> Table:
    """The rows of a grading run as a table for the terminal."""
    heading = f"{summary.assignment}: {len(summary.rows)} submissions, {summary.regraded} graded now"
    table = Table(title=f"{heading}, sandbox level {summary.level}" if summary.level else heading)
    if summary.notes:
        table.caption = Text("\n".join(map(_printable, summary.notes)))
    table.add_column("student", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("note", overflow="fold")
    for row in summary.rows:
        note = Text(_printable(row.note))
        table.add_row(Text(row.student_id), f"{round(row.score, 2):g} / {row.max_score:g}", row.status, note)
    return table


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
