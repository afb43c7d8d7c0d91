"""Build the notebook that is graded: the instructor's cells, with the student's text in the gaps.

A submission is source text. Only the gaps and the student's own extra cells are taken; metadata, tags, points, stored
outputs and changes to the instructor's cells count for nothing.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.pipeline.master import SKIP_TAG, Master, grade_id, is_answer, is_skipped, is_solution
from autograder.pipeline.matching import Match, match_cells, same_text
from autograder.pipeline.nodes import changed
from autograder.pipeline.originals import Original
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

    A rebuilt notebook, taken in again, gives itself. It shares with others all that is the instructor's: nothing in it
    may be changed.
    """
    match = match_cells(master, cells)
    extras = _extras(master, cells, match)
    made: list[NotebookNode] = []
    _add(made, extras.get(-1, []))
    elsewhere, unheard = _defined_elsewhere(master, match, extras)
    for original in master.originals:
        if original.is_solution:
            made.append(changed(original.node, source=_gap(original, match, extras, elsewhere, unheard)))
        else:
            made.append(original.graded)
        _add(made, extras.get(original.place, []))
    notebook = changed(master.notebook, cells=made)
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
    released = {original.name: original.source for original in master.gaps}
    return any(not same_text(cell["source"], released[grade_id(cell)]) for cell in notebook.cells if is_solution(cell))


def _gap(
    original: Original,
    match: Match,
    extras: dict[int, list[StudentCell]],
    elsewhere: dict[str, str],
    unheard: dict[str, str],
) -> str:
    """The student's text for a gap; the released text when there is none."""
    name, place = str(original.name), original.place
    taken = match.taken.get(place)
    if taken is None or (original.cell_type == "code" and same_text(taken.source, original.source)):
        names = set(original.defines)
        # Beside an untouched gap only what stands in cells that do not run is missed: the rest runs where it stands.
        found = elsewhere if taken is None else unheard
        if names and names <= set(found):
            match.remarks.add(Remark.MERGED, name)
            return "\n\n\n".join(dict.fromkeys(found[each] for each in original.defines))
        if taken is None:
            match.remarks.add(Remark.EMPTY, name)
        return original.source
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
    used = match.used()
    place_of = {cell.position: place for place, cell in match.taken.items()}
    extras: dict[int, list[StudentCell]] = defaultdict(list)
    place = -1
    for cell in cells:
        if cell.position in place_of:
            place = place_of[cell.position]
            original = master.originals[place]
            if original.name is not None or cell.cell_type != "code" or original.is_skipped:
                continue
            if cell.source.strip() and not same_text(cell.source, original.source):
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
        gap
        for gap in master.gaps
        if gap.cell_type == "code"
        and (gap.place not in match.taken or same_text(match.taken[gap.place].source, gap.source))
    ]
    wanted = {name for gap in open_gaps for name in gap.defines}
    everywhere: dict[str, str] = {}
    unheard: dict[str, str] = {}
    if not wanted:
        return everywhere, unheard
    originals = {cell.position: master.originals[place] for place, cell in match.taken.items()}
    kept = [*match.taken.values(), *(extra for group in extras.values() for extra in group)]
    for cell in sorted(kept, key=lambda cell: cell.position):
        original = originals.get(cell.position)
        if original is not None and same_text(cell.source, original.source):
            continue
        found = match.code.definitions(cell.source, wanted)
        everywhere |= found
        if original is not None and not original.is_solution and (original.name or original.is_skipped):
            unheard |= found
    return everywhere, unheard


def _remark_on_instructors_cells(master: Master, match: Match) -> None:
    """What is missing and what was changed."""
    for original in master.originals:
        name, taken = original.name, match.taken.get(original.place)
        if name is None:
            continue
        if taken is None:
            if not original.is_solution:
                match.remarks.add(Remark.MISSING, name)
            continue
        if not original.is_solution and not any(
            same_text(taken.source, text) for text in (original.source, original.graded["source"])
        ):
            match.remarks.add(Remark.RESTORED, name)
        if taken.settings is not None or not original.is_solution:
            own, ours = taken.settings or {}, original.node["metadata"]["nbgrader"]
            if own != ours and any(own.get(key) != ours.get(key) for key in SETTINGS):
                match.remarks.add(Remark.SETTINGS, name)


def _remark_on_shells(notebook: NotebookNode, match: Match) -> None:
    for position, cell in enumerate(notebook.cells):
        source = cell["source"]
        if cell["cell_type"] != "code" or ("!" not in source and "%" not in source):
            continue
        ran = (is_solution(cell) or cell["id"].startswith(_OWN)) and not is_skipped(cell)
        if ran and _SHELL.search(source):
            match.remarks.add(Remark.SHELL, grade_id(cell) or f"number {position + 1}")


def _remark_on_order(master: Master, match: Match) -> list[Finding]:
    gaps = [match.taken[gap.place].position for gap in master.gaps if gap.place in match.taken]
    if gaps == sorted(gaps):
        return []
    return [Finding(Outcome.REORDERED, "cells are in another order; put back in the instructor's")]


_OWN = "student-"


def _add(cells: list[NotebookNode], extras: list[StudentCell]) -> None:
    """Add cells of the student's own; they are called by their places, so that each name is there once."""
    for cell in extras:
        identifier = f"{_OWN}{len(cells)}"
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(cell.source, id=identifier))
            continue
        # A copy of one of our experiments, perhaps edited: it earns nothing, so there is nothing to win by the tag.
        metadata = {"tags": [SKIP_TAG]} if cell.skipped else {}
        cells.append(new_code_cell(cell.source, id=identifier, metadata=metadata))
