"""What a notebook's source says: its cells, its exercises with their hints, its written questions."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from autograder.source.regions import ANSWER_STUB, gap_of, regions, without_regions

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


class SourceError(ValueError):
    """What is wrong in a source file: one `file:line: problem, what to do` a line."""


@dataclass(frozen=True)
class SourceCell:
    """One cell of the source. `line` is where its `# %%` stands in the file, `exercise` the exercise it belongs to."""

    kind: Literal["code", "markdown"]
    source: str
    line: int
    nbgrader: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    hints_for: str | None = None
    exercise: str | None = None

    @property
    def grade_id(self) -> str | None:
        return self.nbgrader.get("grade_id")

    @property
    def is_question(self) -> bool:
        return self.kind == "markdown" and bool(self.nbgrader.get("solution"))

    @property
    def is_gap(self) -> bool:
        return self.kind == "code" and bool(self.nbgrader.get("solution"))

    @property
    def is_graded(self) -> bool:
        return self.kind == "code" and bool(self.nbgrader.get("grade"))

    @property
    def is_locked(self) -> bool:
        return bool(self.nbgrader.get("locked"))

    @property
    def skipped(self) -> bool:
        """Whether grading leaves this cell out."""
        return "skip-execution" in self.tags

    @property
    def released(self) -> str:
        """The cell's text as students get it: gaps for solutions, no hidden tests, no mark scheme."""
        if self.is_gap:
            return gap_of(self.source, self.exercise or self.grade_id or "")
        return without_regions(self.source, ANSWER_STUB)


@dataclass(frozen=True)
class Exercise:
    """One exercise: its gap cells, its visible check, its graded cell and its three hints, from gentle to plain."""

    name: str
    points: float
    gaps: list[SourceCell]
    check: SourceCell
    tests: SourceCell
    hints: list[str]

    @property
    def extension(self) -> bool:
        """Whether it is an extension (+): tested, but worth no points."""
        return self.points == 0

    @property
    def solution(self) -> str:
        """The gap cells with their solutions, as one piece of code."""
        return "\n\n".join(cell.source for cell in self.gaps)

    @property
    def gap(self) -> str:
        """The gap cells as students get them, as one piece of code."""
        return "\n\n".join(cell.released for cell in self.gaps)


@dataclass(frozen=True)
class Question:
    """A written question: its prompt, the model answer, and the scheme a person marks it by."""

    name: str
    points: float
    prompt: SourceCell | None
    cell: SourceCell

    @property
    def model_answer(self) -> str:
        return self._region("SOLUTION")

    @property
    def mark_scheme(self) -> str:
        return self._region("MARK SCHEME")

    def _region(self, kind: str) -> str:
        return "\n".join(region.text for region in regions(self.cell.source) if region.kind == kind).strip()


@dataclass(frozen=True)
class SourceNotebook:
    """One notebook of the course. Times: `minutes` for a student, `budget_seconds` for a run of the whole notebook."""

    name: str
    title: str
    builds: str
    needs: str
    minutes: int
    budget_seconds: float
    path: Path
    cells: list[SourceCell]
    exercises: list[Exercise]
    questions: list[Question]

    @property
    def number(self) -> str:
        return self.name.partition("_")[0]

    @property
    def topic(self) -> str:
        """The name of the files that belong to this notebook in hidden/, oracles/ and mutants/."""
        return self.name.partition("_")[2]

    @property
    def points(self) -> float:
        """All points, automatic and written."""
        return sum(exercise.points for exercise in self.exercises) + sum(question.points for question in self.questions)

    @property
    def hints(self) -> dict[str, list[str]]:
        return {exercise.name: exercise.hints for exercise in self.exercises}

    def exercise(self, name: str) -> Exercise:
        """The exercise of this name. Raises `KeyError` with the names there are."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise KeyError(f"{self.name} has no exercise {name!r}; it has: {', '.join(e.name for e in self.exercises)}")

    def as_notebook(self, solution: bool = True) -> Any:
        """The notebook (nbformat 4) without hint cells, with all of nbgrader's metadata.

        With `solution` it is the instructor's: solutions, hidden tests, mark schemes. Without, every cell's text is as
        students get it, but nbgrader's checksums and locks are missing: `course build` makes the real release.
        """
        # Imported here: nbformat costs a tenth of a second that readers of exercises and hints need not pay.
        from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

        seen: Counter[str] = Counter()
        cells = []
        for cell in self.cells:
            if cell.hints_for:
                continue
            make = new_code_cell if cell.kind == "code" else new_markdown_cell
            source = _with_points(cell) if solution else cell.released
            cells.append(make(source, id=_cell_id(cell, seen), metadata=_metadata(cell)))
        course = {key: getattr(self, key) for key in ("title", "builds", "needs", "minutes", "budget_seconds")}
        metadata = {"course": course, "kernelspec": dict(KERNELSPEC), "language_info": {"name": "python"}}
        return new_notebook(cells=cells, metadata=metadata)


def _with_points(cell: SourceCell) -> str:
    """A graded cell's call is told what the exercise is worth: the source says it once, in the cell's metadata."""
    if not cell.is_graded:
        return cell.source
    call = f'grade("{cell.exercise}", globals())'
    return cell.source.replace(call, f'grade("{cell.exercise}", globals(), points={cell.nbgrader["points"]:g})')


def _metadata(cell: SourceCell) -> dict[str, Any]:
    metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
    if cell.nbgrader:
        flags = {flag: bool(cell.nbgrader.get(flag)) for flag in ("grade", "solution", "locked")}
        # nbgrader itself marks autograded cells as locked: students may not edit them.
        flags["locked"] = flags["locked"] or (flags["grade"] and not flags["solution"])
        metadata["nbgrader"] = {"grade_id": cell.grade_id, "schema_version": 3, "task": False, **flags}
        if flags["grade"]:
            metadata["nbgrader"]["points"] = cell.nbgrader["points"]
    return metadata


def _cell_id(cell: SourceCell, seen: Counter[str]) -> str:
    """The grade_id, else a hash of the text, so that an inserted cell does not change the ids of those after it."""
    if cell.grade_id:
        return cell.grade_id
    digest = hashlib.sha256(f"{cell.kind}\n{cell.source}".encode()).hexdigest()[:12]
    seen[digest] += 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
