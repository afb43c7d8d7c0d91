"""Build the notebook that is graded: the instructor's cells, with the student's text in the gaps.

A submission is source text. Only the gaps and the student's own extra cells are taken; metadata, tags, points, stored
outputs and changes to the instructor's cells count for nothing.
"""

from __future__ import annotations

import copy
from collections import defaultdict

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.pipeline.master import (
    SKIP_TAG,
    Master,
    definitions,
    grade_id,
    is_answer,
    is_skipped,
    is_solution,
    parse,
)
from autograder.pipeline.matching import Match, match_cells, same_text
from autograder.pipeline.outcomes import Finding, Outcome
from autograder.pipeline.reading import StudentCell

RUNNABLE = ("code", "markdown")


def rebuild(master: Master, cells: list[StudentCell]) -> tuple[NotebookNode, list[Finding]]:
    """The notebook to grade, made of `master` and the student's `cells`, and what had to be put right."""
    match = match_cells(master, cells)
    extras = _extras(master, cells, match)
    notebook = copy.deepcopy(master.notebook)
    notebook.cells = [_new_cell(extra) for extra in extras.get(-1, [])]
    elsewhere = _defined_elsewhere(master, match, extras)
    for place, original in enumerate(master.notebook.cells):
        cell = copy.deepcopy(original)
        cell.source = master.cell_source(original)
        if is_solution(original):
            cell.source = _gap(original, place, match, extras, elsewhere)
        notebook.cells.append(cell)
        notebook.cells += [_new_cell(extra) for extra in extras.get(place, [])]
    _remark_on_instructors_cells(master, match)
    _remark_on_order(master, match)
    if not match.taken:
        sentence = "none of the assignment's cells is in it; is it another notebook?"
        return notebook, [Finding(Outcome.OTHER_NOTEBOOK, sentence)]
    return notebook, match.findings


def _gap(
    original: NotebookNode,
    place: int,
    match: Match,
    extras: dict[int, list[StudentCell]],
    elsewhere: dict[str, str],
) -> str:
    """The student's text for a gap; the released text when there is none."""
    name, taken = grade_id(original), match.taken.get(place)
    if taken is None:
        names = set(definitions(original.source))
        if names and names <= set(elsewhere):
            match.find(Outcome.MERGED, f"cell {name} was written inside another cell")
            return "\n\n\n".join(elsewhere[each] for each in sorted(names))
        match.empty.append(str(name))
        return str(original.source)
    if place in match.answers:
        return "\n\n".join(cell.source for cell in match.answers[place])
    if taken.cell_type != original.cell_type:
        match.find(Outcome.RETYPED, f"cell {name} was turned into a {taken.cell_type[:10]} cell; read as it was")
    if original.cell_type == "code":
        return _joined(taken, extras, name, match)
    return taken.source


def _joined(taken: StudentCell, extras: dict[int, list[StudentCell]], name: str | None, match: Match) -> str:
    """A function split over two or more cells is put together when only the whole is Python."""
    if parse(taken.source) is not None:
        return taken.source
    for group in extras.values():
        following = [extra for extra in group if extra.position > taken.position]
        if not following or following[0].position != taken.position + 1:
            continue
        source = taken.source
        for count, extra in enumerate(following, start=1):
            source = source.rstrip("\n") + "\n" + extra.source
            if parse(source) is not None:
                match.find(Outcome.SPLIT, f"cell {name} was split over {count + 1} cells; put together")
                for used in following[:count]:
                    group.remove(used)
                return source
    return taken.source


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
            original = master.notebook.cells[place]
            edited = not same_text(cell.source, original.source)
            if edited and grade_id(original) is None and cell.cell_type == "code" and not is_skipped(original):
                extras[place].append(cell)
        elif cell.position not in used and cell.cell_type in RUNNABLE and cell.source.strip():
            extras[place].append(cell)
    return extras


def _defined_elsewhere(master: Master, match: Match, extras: dict[int, list[StudentCell]]) -> dict[str, str]:
    """Name → text of what the student defined in any cell that was kept or looked at."""
    found: dict[str, str] = {}
    if all(place in match.taken for place, cell in enumerate(master.notebook.cells) if is_solution(cell)):
        return found
    kept = [*match.taken.values(), *(extra for group in extras.values() for extra in group)]
    for cell in sorted(kept, key=lambda cell: cell.position):
        found |= definitions(cell.source)
    return found


def _remark_on_instructors_cells(master: Master, match: Match) -> None:
    """What is missing and what was changed, each in one sentence however many cells there are."""
    missing, changed = [], []
    for place, original in enumerate(master.notebook.cells):
        name, taken = grade_id(original), match.taken.get(place)
        if name is None or is_solution(original):
            continue
        if taken is None:
            missing.append(name)
        elif not any(same_text(taken.source, text) for text in (original.source, master.cell_source(original))):
            changed.append(name)
    table = [
        (Outcome.DELETED, match.empty, "is not there; graded as left empty", "are not there; graded as left empty"),
        (Outcome.DELETED, missing, "is not there; put back", "are not there; put back"),
        (Outcome.RESTORED, changed, "was changed; the instructor's is used", "were changed; the instructor's are used"),
    ]
    for outcome, names, one, many in table:
        if names:
            match.find(outcome, f"cell {names[0]} {one}" if len(names) == 1 else f"cells {', '.join(names)} {many}")


def _remark_on_order(master: Master, match: Match) -> None:
    gaps = [
        match.taken[place].position
        for place, cell in enumerate(master.notebook.cells)
        if is_solution(cell) and place in match.taken
    ]
    if gaps != sorted(gaps):
        match.find(Outcome.REORDERED, "cells are in another order; put back in the instructor's")


def _new_cell(cell: StudentCell) -> NotebookNode:
    identifier = f"student-{cell.position}"
    if cell.cell_type == "markdown":
        return new_markdown_cell(cell.source, id=identifier)
    # A copy of one of our experiments, perhaps edited: it earns nothing, so there is nothing to win by the tag.
    metadata = {"tags": [SKIP_TAG]} if cell.skipped else {}
    return new_code_cell(cell.source, id=identifier, metadata=metadata)


def is_unanswered(original: NotebookNode, source: str) -> bool:
    """A written question whose text is still the released one, or nothing."""
    return is_answer(original) and (not source.strip() or same_text(source, original.source))
