"""Find which of the instructor's cells each of a student's cells is, by id, by text, by what it defines, by place."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from autograder.pipeline.cell_code import Code
from autograder.pipeline.master import Master
from autograder.pipeline.originals import Original
from autograder.pipeline.reading import StudentCell
from autograder.pipeline.remarks import Remark, Remarks


@dataclass
class Match:
    """Where the cells went. Numbers are positions: of the instructor's cell, and of the student's."""

    taken: dict[int, StudentCell] = field(default_factory=dict)  # instructor's position → student's cell
    answers: dict[int, list[StudentCell]] = field(default_factory=dict)  # a written answer spread over several cells
    dropped: set[int] = field(default_factory=set)  # student's cells that are neither taken nor extra
    remarks: Remarks = field(default_factory=Remarks)
    code: Code = field(default_factory=Code)

    def used(self) -> set[int]:
        spread = {cell.position for cells in self.answers.values() for cell in cells}
        return {cell.position for cell in self.taken.values()} | spread | self.dropped


def match_cells(master: Master, cells: list[StudentCell]) -> Match:
    """Match the student's cells to the instructor's, the surest signs first."""
    match = Match()
    _by_grade_id(master, cells, match)
    _by_cell_id(master, cells, match)
    _by_text(master, cells, match)
    _by_definition(master, cells, match)
    _by_place(master, cells, match)
    _answers_below(master, cells, match)
    return match


def same_text(left: str, right: str) -> bool:
    """Equal but for white space at line ends and around the whole."""
    return left == right or [line.rstrip() for line in left.strip().split("\n")] == [
        line.rstrip() for line in right.strip().split("\n")
    ]


def _by_grade_id(master: Master, cells: list[StudentCell], match: Match) -> None:
    claims: dict[str, list[StudentCell]] = defaultdict(list)
    for cell in cells:
        if cell.grade_id is not None:
            claims[cell.grade_id].append(cell)
    for original in master.originals:
        name = original.name
        copies = claims.get(name) if name is not None else None
        if not copies:
            continue
        if len(copies) == 1:
            (match.taken[original.place],) = copies
            continue
        written = [cell for cell in copies if not same_text(cell.source, original.source)]
        # An untouched gap beside a filled one is left over.
        candidates = written if original.is_solution and written else copies
        chosen = _original_among(candidates, original, match)
        match.taken[original.place] = chosen
        others = [cell for cell in copies if cell is not chosen]
        # Other filled copies of a gap run where they stand, as they did for the student; the rest are dropped.
        match.dropped |= {cell.position for cell in others if not original.is_solution or cell not in written}
        match.remarks.add(Remark.COPIED, str(name))


def _original_among(copies: list[StudentCell], original: Original, match: Match) -> StudentCell:
    """Of cells that claim one name, the one which is it: the original keeps its cell id when a copy is pasted."""
    if len(copies) == 1:
        return copies[0]
    wanted = set(original.defines)
    fitting = [cell for cell in copies if wanted & set(match.code.definitions(cell.source, wanted))] or copies
    return next((cell for cell in fitting if cell.cell_id == original.node.get("id")), fitting[-1])


def _by_cell_id(master: Master, cells: list[StudentCell], match: Match) -> None:
    used = match.used()
    names = {original.name for original in master.originals}
    by_id = {
        cell.cell_id: cell
        for cell in reversed(cells)
        if cell.cell_id and cell.position not in used and (cell.grade_id is None or cell.grade_id not in names)
    }
    for original in master.originals:
        cell = by_id.get(original.node.get("id")) if original.place not in match.taken else None
        if cell is not None:
            match.taken[original.place] = cell
            if original.is_solution:
                match.remarks.add(Remark.BY_ID, str(original.name))


def _by_text(master: Master, cells: list[StudentCell], match: Match) -> None:
    used = match.used()
    by_source: dict[str, list[StudentCell]] = defaultdict(list)
    for cell in reversed(cells):
        if cell.position not in used:
            by_source[cell.source.strip()].append(cell)
    for original in master.originals:
        if original.place not in match.taken and by_source.get(original.stripped):
            match.taken[original.place] = by_source[original.stripped].pop()


def _by_definition(master: Master, cells: list[StudentCell], match: Match) -> None:
    missing = [(original, set(original.defines)) for original in _missing(master, match)]
    wanted = set().union(*(names for _, names in missing))
    if not wanted:
        return
    used = match.used()
    defined = [(cell, set(match.code.definitions(cell.source, wanted))) for cell in cells if cell.position not in used]
    for original, names in missing:
        found = [cell for cell, its in defined if names & its and cell.position not in used]
        if found:
            match.taken[original.place] = found[-1]
            used.add(found[-1].position)
            match.remarks.add(Remark.BY_DEFINITION, str(original.name))


def _by_place(master: Master, cells: list[StudentCell], match: Match) -> None:
    if not match.taken:
        return  # nothing of the assignment is there: its places mean nothing
    for original in _missing(master, match):
        if original.defines and original.cell_type == "code":
            continue  # a function's cell is known by its name: another cell in its place is not it
        used = match.used()
        between = [
            cell
            for cell in _between(match, original.place, cells)
            if cell.position not in used and cell.cell_type == original.cell_type and cell.source.strip()
        ]
        if between:
            match.taken[original.place] = between[0]
            if original.is_answer:
                match.answers[original.place] = between
            match.remarks.add(Remark.BY_PLACE, str(original.name))


def _answers_below(master: Master, cells: list[StudentCell], match: Match) -> None:
    """An untouched answer cell with new text right under it: the text is the answer."""
    ours = {original.stripped for original in master.originals}
    for original in master.gaps:
        taken = match.taken.get(original.place) if original.is_answer else None
        if taken is None or not same_text(taken.source, original.source):
            continue
        used = match.used() - match.dropped
        below = []
        for cell in cells[cells.index(taken) + 1 :]:
            if not cell.is_kept or cell.position in match.dropped:
                continue
            if cell.position in used or cell.cell_type != "markdown" or cell.source.strip() in ours:
                break
            below.append(cell)
        if below:
            match.answers[original.place] = below
            match.remarks.add(Remark.BELOW, str(original.name))


def _missing(master: Master, match: Match) -> list[Original]:
    return [original for original in master.gaps if original.place not in match.taken]


def _between(match: Match, place: int, cells: list[StudentCell]) -> list[StudentCell]:
    """The student's cells between the nearest neighbours of `place` that were found."""
    before = max((p for p in match.taken if p < place), default=None)
    after = min((p for p in match.taken if p > place), default=None)
    first = -1 if before is None else match.taken[before].position
    last = (
        cells[-1].position + 1 if after is None and cells else match.taken[after].position if after is not None else 0
    )
    return [cell for cell in cells if first < cell.position < last]
