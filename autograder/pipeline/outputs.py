"""What a notebook's outputs may contain after grading. Student output is hostile text: known types only, and capped."""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Iterable
from typing import Any

from nbformat import NotebookNode

from autograder.grading.exercise import TestResult
from autograder.grading.kernel import MIME_TYPE, feedback_lines
from autograder.pipeline.master import grade_id, is_solution, is_test
from autograder.pipeline.nodes import new_output
from autograder.pipeline.outcomes import Finding, Outcome, listed

MAX_TEXT = 20_000  # characters a cell
MAX_IMAGE = 2_000_000  # base64 characters an image
MAX_IMAGES = 6  # a cell
MAX_TESTS = 200  # results of hidden tests a graded cell
MAX_WEIGHT = 1e6  # of a hidden test: a sum of these is a number
MAX_TITLE, MAX_SENTENCE = 200, 1_000  # characters of a hidden test's title, and of what is said about it
IMAGE_TYPES = ("image/png", "image/jpeg")
ENDED = "ProcessEnded"  # the name of the error that stands for a cell in which the student's process ended
TIME_UP = "TimeUp"  # the name of the error that stands for a cell stopped at its limit of time
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_TOLERANCE = 1e-9
# What turns the direction of writing: text, and code, that holds it reads otherwise than it is (CVE-2021-42574).
REORDERING = r"\u202a-\u202e\u2066-\u2069"
# And what a terminal obeys: control characters other than tab and line ends, escapes other than those for colour.
_CONTROL = re.compile(rf"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f{REORDERING}]")
_CUT_ESCAPE = re.compile(r"\x1b[^m]*\Z")


def settle(notebook: NotebookNode, reason: str | None = None) -> list[Finding]:
    """Clean all outputs in place and make every graded cell hold one result that nbgrader reads as its score.

    A graded cell without a usable result counts 0: nbgrader would give it full marks. `reason`: why cells did not run.
    """
    findings = _remarks_on_errors(notebook)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if is_test(cell):
            problem = _settle_graded(cell, reason)
            if problem and reason is None:
                findings.append(Finding(Outcome.NO_RESULT, f"{grade_id(cell)}: {problem}"))
        else:
            cell.outputs = clean(cell.outputs)
    return findings


def clean(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Plain text and images of `outputs`, capped; nothing that a browser would run."""
    cleaned: list[NotebookNode] = []
    room, images = MAX_TEXT, 0
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            text = _capped(_text(output.get("text")), room)
            room -= len(text)
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            cleaned += [new_output("stream", name=name, text=text)] if text else []
        elif kind == "error":
            lines = _capped("\n".join(map(_text, output.get("traceback") or [])), room)
            room -= len(lines)
            ename, evalue = _text(output.get("ename"))[:200], _text(output.get("evalue"))[:2000]
            cleaned.append(new_output("error", ename=ename, evalue=evalue, traceback=lines.split("\n")))
        elif kind in ("execute_result", "display_data"):
            data, room = _clean_data(output.get("data") or {}, room, images)
            images += any(key in data for key in IMAGE_TYPES)
            if data:
                cleaned.append(new_output("display_data", data=data))
    return cleaned


def count_own_tests(cell: NotebookNode, kinds: Iterable[object]) -> None:
    """Let a graded cell that ran to its end show all its points unless `kinds` of its outputs hold an error or a value.

    That is nbgrader's rule for tests that an instructor wrote into the cell; a value is then the score (see `settle`).
    """
    if not {"error", "execute_result"} & set(kinds):
        cell.outputs.append(_score(cell, float(cell.metadata.nbgrader.points), None))


def result_of(cell: NotebookNode) -> dict[str, Any] | None:
    """The record of the hidden tests in a graded cell: exercise, score, points, tests. None when they did not run."""
    for output in cell.get("outputs", []):
        record = output.get("data", {}).get(MIME_TYPE) if output.get("output_type") == "execute_result" else None
        if isinstance(record, dict):
            return record
    return None


def _remarks_on_errors(notebook: NotebookNode) -> list[Finding]:
    """Cells that asked for input, and gaps that stopped at an error: what they were to define may be missing."""
    asked, failed = [], []
    for position, cell in enumerate(notebook.cells):
        outputs = [] if cell.cell_type != "code" or is_test(cell) else cell.outputs
        error = next((output for output in outputs if output.get("output_type") == "error"), None)
        if error is None:
            continue
        name, kind = grade_id(cell) or f"number {position + 1}", _text(error.get("ename"))
        if kind == "StdinNotImplementedError" or (kind == "EOFError" and "input()" in _text(error.get("evalue"))):
            asked.append(name)
        elif is_solution(cell) and kind not in (TIME_UP, ENDED):
            failed.append(f"{name} ({_kind(error)})")
    said = [
        (Outcome.ASKED_INPUT, asked, "asked for input: there is nobody to answer"),
        (Outcome.CELL_FAILED, failed, "stopped at an error: what comes after it in the cell is missing"),
    ]
    return [
        Finding(outcome, f"{'cell' if len(cells) == 1 else 'cells'} {listed(cells)} {sentence}")
        for outcome, cells, sentence in said
        if cells
    ]


def _settle_graded(cell: NotebookNode, reason: str | None) -> str | None:
    """Leave the lines of the tests and one number. Returns what was wrong when there was no usable number.

    The lines are written anew from the record: what was printed while hidden tests ran may show their inputs.
    """
    points = float(cell.metadata.nbgrader.points)
    result = next((o for o in reversed(cell.outputs) if o.output_type == "execute_result"), None)
    error = next((o for o in cell.outputs if o.output_type == "error"), None)
    score = None if result is None or error is not None else _number(result.data.get("text/plain"), points)
    if score is None or result is None:
        problem = reason or (f"the hidden tests stopped ({_kind(error)})" if error is not None else "no usable result")
        cell.outputs = [_line(f"0 of {points:g} points: {problem}."), _score(cell, 0.0, None)]
        return problem
    raw = result.data.get(MIME_TYPE)
    results = _results(raw.get("tests")) if isinstance(raw, dict) else []
    if not results:
        cell.outputs = [_score(cell, score, None)]
        return None
    exercise = _one_line(raw.get("exercise"), MAX_TITLE)
    record = {"exercise": exercise, "score": score, "points": points, "tests": [each.as_record() for each in results]}
    lines = _capped("\n".join(feedback_lines(results, points)) + "\n", MAX_TEXT)
    cell.outputs = [_line(lines), _score(cell, score, record)]
    return None


def _results(tests: object) -> list[TestResult]:
    """The results in a record, as plain text of limited length; none when one of them is not as it should be."""
    if not isinstance(tests, list) or not 0 < len(tests) <= MAX_TESTS:
        return []
    results = []
    for test in tests:
        weight = test.get("weight") if isinstance(test, dict) else None
        if not isinstance(weight, int | float) or not 0 < weight <= MAX_WEIGHT or type(test.get("passed")) is not bool:
            return []
        name, title = _one_line(test.get("name"), MAX_TITLE), _one_line(test.get("title"), MAX_TITLE)
        sentence = _one_line(test.get("sentence"), MAX_SENTENCE)
        mutant = _one_line(test.get("mutant"), MAX_TITLE) or None
        results.append(TestResult(name, title, float(weight), test["passed"], sentence, mutant))
    return results


def _one_line(value: object, room: int) -> str:
    text = _text(value)
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= room else text[: room - 1] + "…"


def _kind(error: NotebookNode) -> str:
    """The class of an error when it is Python's own: the name of another may have been made from hidden input."""
    name = _text(error.get("ename"))
    return name if isinstance(getattr(builtins, name, None), type) or name == TIME_UP else "an exception"


def _score(cell: NotebookNode, score: float, record: dict[str, Any] | None) -> NotebookNode:
    data: dict[str, Any] = {"text/plain": repr(score)}
    if record is not None:
        data[MIME_TYPE] = record
    return new_output("execute_result", data=data, execution_count=cell.execution_count)


def _number(text: object, points: float) -> float | None:
    """The score that a result shows, when it is a number from 0 to `points`."""
    try:
        number = float(_text(text))
    except ValueError:
        return None
    if not math.isfinite(number) or not -_TOLERANCE <= number <= points + _TOLERANCE:
        return None
    return min(max(number, 0.0), points)


def _line(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def _clean_data(data: dict[str, Any], room: int, images: int) -> tuple[dict[str, str], int]:
    kept: dict[str, str] = {}
    text = _capped(_text(data.get("text/plain")), room)
    if text:
        kept["text/plain"] = text
    for key in IMAGE_TYPES:
        image = _text(data.get(key))
        if image and images < MAX_IMAGES and len(image) <= MAX_IMAGE and _BASE64.fullmatch(image):
            kept[key] = image
    return kept, room - len(text)


def _text(value: object) -> str:
    """A string from what a message holds; what a terminal obeys, reorders text, or is half a character is replaced."""
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    if not isinstance(value, str):
        return ""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value.encode("utf-8", errors="replace").decode("utf-8"))


def _capped(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    whole = _CUT_ESCAPE.sub("", text[:room]) if room > 0 else ""
    return whole + "\n... output cut ...\n" if room > 0 else ""
