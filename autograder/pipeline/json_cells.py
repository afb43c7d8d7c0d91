"""The JSON of a notebook without its stored outputs; from a damaged file, the cells that are whole."""

from __future__ import annotations

import json
import re
from typing import Any

from autograder.pipeline.outcomes import Outcome, UnusableSubmissionError

MAX_CELLS = 5_000
MAX_PARTS = 2_000_000  # lists and objects in the whole file: each takes memory
SMALL = 1_000_000  # characters that may be read with their outputs, which go afterwards: that is quicker
_CELLS = re.compile(r'"cells"\s*:\s*\[\s*')
_NEXT = re.compile(r"[\s,]*")
# In an unbroken string these quotes would have a backslash before them.
_CELL = re.compile(r'\{\s*"(?:cell_type|attachments)"\s*:')


class DamagedError(Exception):
    """The text is not JSON: where, and the cells that could be read all the same."""

    def __init__(self, where: str, cells: list[Any]) -> None:
        super().__init__(where)
        self.cells = cells


def parsed(text: str) -> Any:
    """What the text says, outputs of cells left out.

    Raises DamagedError, and UnusableSubmissionError when reading it would take too much memory.
    """
    if text.count("{") + text.count("[") > MAX_PARTS:
        raise UnusableSubmissionError(Outcome.TOO_LARGE, f"more than {MAX_PARTS:,} lists and objects in its JSON")
    try:
        if len(text) <= SMALL:
            data = _small.decode(text)
            if _is_of_today(data):
                return data
        return _decoder().decode(text)
    except json.JSONDecodeError as error:
        raise DamagedError(f"not valid JSON at line {error.lineno}", _whole_cells(text)) from None
    except RecursionError:
        raise DamagedError("JSON nested too deeply to be a notebook", _whole_cells(text)) from None


def _whole_cells(text: str) -> list[Any]:
    """Cells in order. After one that is broken, reading goes on where the next one starts: nothing is read twice."""
    found = _CELLS.search(text)
    decoder, cells = _decoder(), list[Any]()
    position = found.end() if found else len(text)
    for _ in range(MAX_CELLS + 1):
        try:
            cell, end = decoder.raw_decode(text, position)
            cells.append(cell)
            position = _NEXT.match(text, end).end()  # type: ignore[union-attr]
            if text.startswith("{", position):
                continue
        except json.JSONDecodeError as error:
            position = max(error.pos, position + 1)
        except RecursionError:
            break
        found = _CELL.search(text, position)
        if found is None:
            break
        position = found.start()
    return cells


def _is_of_today(data: Any) -> bool:
    """Whether it is a notebook whose cells stand where they do today. Their outputs are left out then; nobody asks for
    others further down.
    """
    if not isinstance(data, dict) or data.get("nbformat") != 4 or not isinstance(data.get("cells"), list):
        return False
    for cell in data["cells"]:
        if isinstance(cell, dict):
            _without_outputs(cell)
    return True


def _decoder() -> json.JSONDecoder:
    # Not strict: a line break within a text is a small damage. Whole numbers of a notebook are small.
    return json.JSONDecoder(strict=False, object_hook=_without_outputs, parse_int=_number)


def _without_outputs(data: dict[str, Any]) -> dict[str, Any]:
    if "outputs" in data and "cell_type" in data:
        data["outputs"] = []
    return data


def _number(digits: str) -> float:
    return int(digits) if len(digits) < 20 else float(digits)


_small = json.JSONDecoder(strict=False, parse_int=_number)
