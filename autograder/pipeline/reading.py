"""Read a student's notebook file as text that proves nothing: cells, their types, and the ids they claim to have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from autograder.pipeline import file_text, json_cells
from autograder.pipeline.json_cells import DamagedError
from autograder.pipeline.master import SKIP_TAG
from autograder.pipeline.outcomes import Finding, Outcome, UnusableSubmissionError
from autograder.pipeline.packed import packed_notebook

MAX_SOURCES = 5_000_000  # characters of all cells
LARGE = 10_000_000  # bytes of a file that are worth a remark
WHOLE_CELLS = "; only cells that are whole are used"
_OLD = (1, 2, 3)
_NEW_LINE = re.compile("\r\n?")


class StudentCell(NamedTuple):
    """One cell as handed in. `grade_id`, `cell_id` and `settings` (nbgrader's) are claims: the first two are used to
    find the cell's place, the last to say that it was changed, and all for nothing else.

    `skipped`: tagged as an experiment that grading leaves out. That counts for the student's own extra cells only.
    """

    position: int
    cell_type: str
    source: str
    grade_id: str | None
    cell_id: str | None
    skipped: bool = False
    settings: dict[str, Any] | None = None

    @property
    def is_kept(self) -> bool:
        """Whether a cell of the student's own stays in the notebook: one that can be run or read, and is not blank."""
        return self.cell_type in ("code", "markdown") and bool(self.source.strip())


def read_notebook(path: Path, assignment: str) -> tuple[list[StudentCell], list[Finding]]:
    """The cells of the notebook at `path`, or in the `course pack` archive there, with remarks on the file.

    Raises UnusableSubmissionError when no cells can be had from it.
    """
    content = file_text.file_content(path)
    if path.suffix.casefold() == ".zip":
        content = packed_notebook(content, assignment, file_text.MAX_BYTES)
    text, findings = file_text.decoded(content)
    size, kind = len(content), file_text.kind_of_file(content)
    del content  # it may be large
    data, damage = _notebook(text, kind)
    findings += damage
    raw_cells, remarks = _raw_cells(data)
    findings += remarks
    cells = [cell for cell in (_cell(raw, index) for index, raw in enumerate(raw_cells)) if cell]
    written = sum(len(cell.source) for cell in cells)
    if written > MAX_SOURCES:
        raise UnusableSubmissionError(Outcome.TOO_LARGE, f"its cells hold more than {MAX_SOURCES:,} characters")
    if size - written > LARGE:
        megabytes = size // 1_000_000
        findings.append(Finding(Outcome.LARGE_OUTPUTS, f"{megabytes} MB with its stored outputs; these are not read"))
    language = other_language(data.get("metadata"))
    if language:
        findings.append(Finding(Outcome.OTHER_KERNEL, f"saved with a {language} kernel; run as Python"))
    return cells, findings


def _notebook(text: str, kind: str | None) -> tuple[dict[str, Any], list[Finding]]:
    """The notebook as it was parsed; of a damaged one, what could be read, with a remark."""
    try:
        data = json_cells.parsed(text)
    except DamagedError as error:
        if not any(map(_is_cell, error.cells)):
            raise UnusableSubmissionError(Outcome.NOT_JSON, f"{error}; it is {kind}" if kind else str(error)) from None
        return {"nbformat": 4, "cells": error.cells}, [Finding(Outcome.DAMAGED, f"{error}{WHOLE_CELLS}")]
    if not isinstance(data, dict):
        raise UnusableSubmissionError(Outcome.NOT_A_NOTEBOOK, "JSON, but not a notebook")
    return data, []


def _raw_cells(data: dict[str, Any]) -> tuple[list[Any], list[Finding]]:
    """The list of cells in today's shape. That shape counts for more than what a file says of its format."""
    findings = []
    version, cells = data.get("nbformat", "none"), data.get("cells")
    if not isinstance(version, int | float) or isinstance(version, bool):
        version = repr(version[:20] if isinstance(version, str) else type(version).__name__)
    if version != 4:
        if isinstance(cells, list) and any(map(_is_cell, cells)):
            findings.append(
                Finding(Outcome.GUESSED_FORMAT, f"notebook format {version} is not known; read as format 4")
            )
        elif version in _OLD:
            cells = _upgraded(data).get("cells")
            findings.append(Finding(Outcome.OLD_FORMAT, f"notebook format {version}; upgraded to 4"))
        else:
            raise UnusableSubmissionError(
                Outcome.UNKNOWN_FORMAT, f"notebook format {version} is not known (expected 4)"
            )
    if not isinstance(cells, list):
        raise UnusableSubmissionError(Outcome.NOT_A_NOTEBOOK, "JSON, but without a list of cells")
    _refuse_too_many(len(cells))
    return cells, findings


def _refuse_too_many(count: int) -> None:
    most = json_cells.MAX_CELLS
    if count > most:
        raise UnusableSubmissionError(Outcome.TOO_MANY_CELLS, f"{count:,} cells; more than {most:,} are not read")


def _is_cell(raw: object) -> bool:
    return isinstance(raw, dict) and "cell_type" in raw and "source" in raw


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    sheets = data.get("worksheets")
    for sheet in sheets if isinstance(sheets, list) else [data]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        _refuse_too_many(len(cells) if isinstance(cells, list) else 0)
    try:
        upgraded: dict[str, Any] = nbformat.convert(nbformat.reader.reads(json.dumps(data)), 4)
    except Exception as error:  # a malformed old notebook fails in any way; each becomes the same named outcome
        raise UnusableSubmissionError(
            Outcome.NOT_A_NOTEBOOK,
            f"notebook format {data['nbformat']} that cannot be upgraded ({type(error).__name__})",
        ) from None
    return upgraded


def _cell(raw: object, position: int) -> StudentCell | None:
    if not isinstance(raw, dict):
        return None
    source = raw.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return None
    source = source.encode("utf-8", errors="replace").decode("utf-8").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    metadata = raw.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader, tags = metadata.get("nbgrader"), metadata.get("tags")
    nbgrader = nbgrader if isinstance(nbgrader, dict) else None
    grade_id = nbgrader.get("grade_id") if nbgrader is not None else None
    cell_type, cell_id = raw.get("cell_type"), raw.get("id")
    return StudentCell(
        position=position,
        cell_type=cell_type.strip().lower() if isinstance(cell_type, str) else "",
        source=_NEW_LINE.sub("\n", source) if "\r" in source else source,
        grade_id=grade_id if isinstance(grade_id, str) else None,
        cell_id=cell_id if isinstance(cell_id, str) else None,
        skipped=isinstance(tags, list) and SKIP_TAG in tags,
        settings=nbgrader,
    )


def other_language(metadata: object) -> str | None:
    """The notebook's language when its metadata names one that is not Python."""
    if not isinstance(metadata, dict):
        return None
    for key, field_name in (("kernelspec", "language"), ("language_info", "name")):
        section = metadata.get(key)
        language = section.get(field_name) if isinstance(section, dict) else None
        if isinstance(language, str) and language and "python" not in language.casefold():
            return repr(language[:30])
    return None
