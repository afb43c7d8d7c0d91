"""Build the notebook that is graded: the instructor's cells, with the student's text in the gaps.

A submission is source text. Only the gaps and the student's own extra cells are taken; metadata, tags, points, stored
outputs and changes to the instructor's cells count for nothing.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections import defaultdict

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.pipeline.cell_code import definitions
from autograder.pipeline.master import SKIP_TAG, Master, grade_id, is_answer, is_skipped, is_solution
from autograder.pipeline.matching import Match, match_cells, same_text
from autograder.pipeline.nodes import changed
from autograder.pipeline.outcomes import Finding, Outcome
from autograder.pipeline.reading import StudentCell
from autograder.pipeline.remarks import Remark

MOST_PIECES = 20  # of a cell that was split
SETTINGS = ("grade", "solution", "locked", "task", "points", "schema_version")
_WITHIN_A_BLOCK = re.compile(r"\s*^[ \t]+\S", re.MULTILINE)
_SHELL = re.compile(
    r"^[ \t]*(?:\w+[ \t]*=[ \t]*)?(?:!|%(?:pip|conda|sx|system)\b)|\A\s*%%(?:bash|sh|script|system|!)", re.MULTILINE
)


def rebuild(master: Master, cells: list[StudentCell]) -> tuple[NotebookNode, list[Finding]]:
    """The notebook to grade, made of `master` and the student's `cells`, and what had to be put right.

    A rebuilt notebook, taken in again, gives itself.
    """
    match = match_cells(master, cells)
    extras = _extras(master, cells, match)
    notebook = copy.deepcopy(changed(master.notebook, cells=[]))
    _add(notebook, extras.get(-1, []))
    elsewhere, unheard = _defined_elsewhere(master, match, extras)
    for place, original in enumerate(master.notebook.cells):
        if is_solution(original):
            source = _gap(original, place, match, extras, elsewhere, unheard)
        else:
            source = master.cell_source(original)
        notebook.cells.append(changed(original, source=source))
        _add(notebook, extras.get(place, []))
    if not match.taken:
        sentence = "none of the assignment's cells is in it; is it another notebook?"
        return notebook, [Finding(Outcome.OTHER_NOTEBOOK, sentence)]
    _remark_on_instructors_cells(master, match)
    _remark_on_shells(notebook, match)
    return notebook, [*match.remarks.findings(), *_remark_on_order(master, match)]


def is_unanswered(original: NotebookNode, source: str) -> bool:
    """A written question whose text is still the released one, or nothing."""
    return is_answer(original) and (not source.strip() or same_text(source, original.source))


def holds_work(master: Master, notebook: NotebookNode) -> bool:
    """Whether a rebuilt notebook has anything in a gap that was not released."""
    released = {grade_id(cell): cell.source for cell in master.notebook.cells if is_solution(cell)}
    return any(not same_text(cell.source, released[grade_id(cell)]) for cell in notebook.cells if is_solution(cell))


def _gap(
    original: NotebookNode,
    place: int,
    match: Match,
    extras: dict[int, list[StudentCell]],
    elsewhere: dict[str, str],
    unheard: dict[str, str],
) -> str:
    """The student's text for a gap; the released text when there is none."""
    name, taken = str(grade_id(original)), match.taken.get(place)
    if taken is None or (original.cell_type == "code" and same_text(taken.source, original.source)):
        names = set(definitions(original.source))
        # Beside an untouched gap only what stands in cells that do not run is missed: the rest runs where it stands.
        found = elsewhere if taken is None else unheard
        if names and names <= set(found):
            match.remarks.add(Remark.MERGED, name)
            return "\n\n\n".join(dict.fromkeys(found[each] for each in definitions(original.source)))
        if taken is None:
            match.remarks.add(Remark.EMPTY, name)
        return str(original.source)
    if place in match.answers:
        return "\n\n".join(cell.source for cell in match.answers[place])
    if taken.cell_type != original.cell_type:
        match.remarks.add(Remark.RETYPED, name)
    if original.cell_type == "code":
        return _joined(taken, extras.get(place, []), name, match)
    return taken.source


def _joined(taken: StudentCell, following: list[StudentCell], name: str, match: Match) -> str:
    """A function split over two or more cells is put together: when only the whole is Python, or when the next cell
    starts within a block. `following` are the student's own cells after it; those that are used leave the list.
    """
    source = joined = taken.source
    candidates = list(itertools.takewhile(_is_piece, following[:MOST_PIECES]))
    pieces, whole = 0, not candidates or match.code.is_python(source)
    for count, extra in enumerate(candidates, start=1):
        within = _WITHIN_A_BLOCK.match(extra.source) is not None
        if whole and not within:
            break
        joined = joined.rstrip("\n") + "\n" + extra.source
        if match.code.is_python(joined):
            source, pieces, whole = joined, count, True
    if pieces:
        match.remarks.add(Remark.SPLIT, name)
        del following[:pieces]
    return source


def _is_piece(extra: StudentCell) -> bool:
    return extra.cell_type == "code" and not extra.skipped


def _extras(master: Master, cells: list[StudentCell], match: Match) -> dict[int, list[StudentCell]]:
    """The student's own cells, each after the instructor's cell that it follows (-1: before the first).

    An edited copy of an open code cell of the instructor's runs after the original: a student may have added an import.
    """
    used, ours = match.used(), master.notebook.cells
    place_of = {cell.position: place for place, cell in match.taken.items()}
    extras: dict[int, list[StudentCell]] = defaultdict(list)
    place = -1
    for cell in cells:
        if cell.position in place_of:
            place = place_of[cell.position]
            original = ours[place]
            if grade_id(original) is not None or cell.cell_type != "code" or is_skipped(original):
                continue
            if cell.source.strip() and not same_text(cell.source, original["source"]):
                extras[place].append(cell)
        elif cell.position not in used and cell.is_kept:
            extras[place].append(cell)
    return extras


def _defined_elsewhere(
    master: Master, match: Match, extras: dict[int, list[StudentCell]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Name → text of what the student defined for the gaps that are missing or untouched, in any cell that was looked
    at; and in those of the instructor's cells that do not run as the student changed them.
    """
    open_gaps = [
        cell
        for place, cell in enumerate(master.notebook.cells)
        if is_solution(cell)
        and cell["cell_type"] == "code"
        and (place not in match.taken or same_text(match.taken[place].source, cell["source"]))
    ]
    wanted = {name for cell in open_gaps for name in definitions(cell.source)}
    everywhere: dict[str, str] = {}
    unheard: dict[str, str] = {}
    if not wanted:
        return everywhere, unheard
    ours = master.notebook.cells
    originals = {cell.position: ours[place] for place, cell in match.taken.items()}
    kept = [*match.taken.values(), *(extra for group in extras.values() for extra in group)]
    for cell in sorted(kept, key=lambda cell: cell.position):
        original = originals.get(cell.position)
        if original is not None and same_text(cell.source, original["source"]):
            continue
        found = match.code.definitions(cell.source, wanted)
        everywhere |= found
        if original is not None and not is_solution(original) and (grade_id(original) or is_skipped(original)):
            unheard |= found
    return everywhere, unheard


def _remark_on_instructors_cells(master: Master, match: Match) -> None:
    """What is missing and what was changed."""
    for place, original in enumerate(master.notebook.cells):
        name, taken = grade_id(original), match.taken.get(place)
        if name is None:
            continue
        if taken is None:
            if not is_solution(original):
                match.remarks.add(Remark.MISSING, name)
            continue
        if not is_solution(original) and not any(
            same_text(taken.source, text) for text in (original.source, master.cell_source(original))
        ):
            match.remarks.add(Remark.RESTORED, name)
        if taken.settings is not None or not is_solution(original):
            own, ours = taken.settings or {}, original.metadata.nbgrader
            if any(own.get(key) != ours.get(key) for key in SETTINGS):
                match.remarks.add(Remark.SETTINGS, name)


def _remark_on_shells(notebook: NotebookNode, match: Match) -> None:
    for position, cell in enumerate(notebook.cells):
        if cell["cell_type"] != "code" or not (is_solution(cell) or cell["id"].startswith(_OWN)):
            continue
        if not is_skipped(cell) and _SHELL.search(cell["source"]):
            match.remarks.add(Remark.SHELL, grade_id(cell) or f"number {position + 1}")


def _remark_on_order(master: Master, match: Match) -> list[Finding]:
    gaps = [
        match.taken[place].position
        for place, cell in enumerate(master.notebook.cells)
        if is_solution(cell) and place in match.taken
    ]
    if gaps == sorted(gaps):
        return []
    return [Finding(Outcome.REORDERED, "cells are in another order; put back in the instructor's")]


_OWN = "student-"


def _add(notebook: NotebookNode, extras: list[StudentCell]) -> None:
    """Add cells of the student's own; they are called by their places, so that each name is there once."""
    for cell in extras:
        identifier = f"{_OWN}{len(notebook.cells)}"
        if cell.cell_type == "markdown":
            notebook.cells.append(new_markdown_cell(cell.source, id=identifier))
            continue
        # A copy of one of our experiments, perhaps edited: it earns nothing, so there is nothing to win by the tag.
        metadata = {"tags": [SKIP_TAG]} if cell.skipped else {}
        notebook.cells.append(new_code_cell(cell.source, id=identifier, metadata=metadata))
