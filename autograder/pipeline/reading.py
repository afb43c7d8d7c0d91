"""Read a student's notebook file as text that proves nothing: cells, their types, and the ids they claim to have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.pipeline.master import SKIP_TAG
from autograder.pipeline.outcomes import Finding, Outcome, UnusableSubmissionError
from autograder.pipeline.packed import packed_notebook

MAX_BYTES = 20_000_000
MAX_CELLS = 5_000


@dataclass(frozen=True)
class StudentCell:
    """One cell as handed in. `grade_id` and `cell_id` are claims, used to find its place and for nothing else.

    `skipped`: tagged as an experiment that grading leaves out. That counts for the student's own extra cells only.
    """

    position: int
    cell_type: str
    source: str
    grade_id: str | None
    cell_id: str | None
    skipped: bool = False


def read_notebook(path: Path, assignment: str) -> tuple[list[StudentCell], list[Finding]]:
    """The cells of the notebook at `path`, or in the `course pack` archive there, with remarks on the file.

    Raises UnusableSubmissionError when no cells can be had from it.
    """
    content = _bytes(path)
    if path.suffix.casefold() == ".zip":
        content = packed_notebook(content, assignment, MAX_BYTES)
    text, findings = _decode(content)
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnusableSubmissionError(Outcome.NOT_JSON, f"not valid JSON at line {error.lineno}") from None
    except RecursionError:
        raise UnusableSubmissionError(Outcome.NOT_JSON, "JSON nested too deeply to be a notebook") from None
    if not isinstance(data, dict):
        raise UnusableSubmissionError(Outcome.NOT_A_NOTEBOOK, "JSON, but not a notebook")
    version = data.get("nbformat")
    if version in (1, 2, 3):
        data = _upgrade(text, version)
        findings.append(Finding(Outcome.OLD_FORMAT, f"notebook format {version}; upgraded to 4"))
    elif version != 4:
        raise UnusableSubmissionError(
            Outcome.UNKNOWN_FORMAT, f"notebook format {str(version)[:20]!r} is not known (expected 4)"
        )
    cells = data.get("cells")
    if not isinstance(cells, list):
        raise UnusableSubmissionError(Outcome.NOT_A_NOTEBOOK, "JSON, but without a list of cells")
    if len(cells) > MAX_CELLS:
        raise UnusableSubmissionError(
            Outcome.TOO_MANY_CELLS, f"{len(cells):,} cells; more than {MAX_CELLS:,} are not read"
        )
    kernel = _other_language(data.get("metadata"))
    if kernel:
        findings.append(Finding(Outcome.OTHER_KERNEL, f"saved with a {kernel} kernel; run as Python"))
    return [cell for cell in (_cell(raw, index) for index, raw in enumerate(cells)) if cell], findings


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnusableSubmissionError(Outcome.UNREADABLE, f"cannot be read ({reason})") from None
    if len(content) > MAX_BYTES:
        raise UnusableSubmissionError(Outcome.TOO_LARGE, f"larger than {MAX_BYTES // 1_000_000} MB")
    if not content.strip(b"\x00 \t\r\n"):
        raise UnusableSubmissionError(Outcome.EMPTY, "an empty file")
    return content


def _decode(content: bytes) -> tuple[str, list[Finding]]:
    findings = []
    encoding = "utf-8"
    if content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
        findings.append(Finding(Outcome.BYTE_ORDER_MARK, "starts with a byte order mark; read as UTF-8"))
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
        findings.append(Finding(Outcome.NOT_UTF8, "saved as UTF-16; read as such"))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        findings.append(Finding(Outcome.NOT_UTF8, f"not UTF-8 at line {line}; unreadable characters replaced"))
        text = content.decode(encoding, errors="replace")
    return text, findings


def _upgrade(text: str, version: int) -> dict[str, Any]:
    try:
        upgraded: dict[str, Any] = nbformat.convert(nbformat.reader.reads(text), 4)
    except Exception as error:  # a malformed old notebook fails in any way; each becomes the same named outcome
        raise UnusableSubmissionError(
            Outcome.NOT_A_NOTEBOOK, f"notebook format {version} that cannot be upgraded ({type(error).__name__})"
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
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    cell_id = raw.get("id")
    return StudentCell(
        position=position,
        cell_type=str(raw.get("cell_type")),
        source=source.replace("\r\n", "\n"),
        grade_id=grade_id if isinstance(grade_id, str) else None,
        cell_id=cell_id if isinstance(cell_id, str) else None,
        skipped=isinstance(tags, list) and SKIP_TAG in tags,
    )


def _other_language(metadata: object) -> str | None:
    """The notebook's language when its metadata names one that is not Python."""
    if not isinstance(metadata, dict):
        return None
    for key, field in (("kernelspec", "language"), ("language_info", "name")):
        section = metadata.get(key)
        language = section.get(field) if isinstance(section, dict) else None
        if isinstance(language, str) and language and "python" not in language.casefold():
            return repr(language[:30])
    return None
