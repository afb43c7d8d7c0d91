"""What the command remembers between two calls, in ``work/.course.json``: hints shown and the last check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course_utils.cli.files import file_trouble, replacing
from course_utils.selfcheck.results import ExerciseResult

FILE = ".course.json"


def shown_hints(work: Path, exercise: str) -> int:
    """How many hints of the exercise were shown so far."""
    count = _read(work)["hints"].get(exercise, 0)
    return count if isinstance(count, int) else 0


def remember_hints(work: Path, exercise: str, count: int) -> str:
    """Keep how many hints were shown.  Returns a sentence when that was not possible, else nothing."""
    memory = _read(work)
    memory["hints"][exercise] = count
    return _write(work, memory)


def last_check(work: Path, assignment: str) -> dict[str, dict[str, Any]]:
    """The last result of each exercise checked so far: ``{"status", "ok", "score"}``."""
    checks = _read(work)["checks"].get(assignment, {})
    return checks if isinstance(checks, dict) else {}


def remember_check(work: Path, assignment: str, results: list[ExerciseResult]) -> str:
    """Keep the results; those of exercises that were not checked this time stay.

    Returns a sentence when that was not possible, else nothing.
    """
    memory = _read(work)
    kept = {**last_check(work, assignment)}
    for result in results:
        score = result.hidden.score if result.hidden else None
        kept[result.exercise] = {"status": result.status, "ok": result.ok, "score": score}
    memory["checks"][assignment] = kept
    return _write(work, memory)


def _read(work: Path) -> dict[str, Any]:
    """An unreadable file counts as an empty one: what it held can be had again by checking once more."""
    try:
        memory = json.loads((work / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        memory = {}
    memory = memory if isinstance(memory, dict) else {}
    return {key: memory[key] if isinstance(memory.get(key), dict) else {} for key in ("hints", "checks")}


def _write(work: Path, memory: dict[str, Any]) -> str:
    text = json.dumps(memory, indent=1, sort_keys=True)
    try:
        work.mkdir(parents=True, exist_ok=True)
        with replacing(work / FILE) as fresh:
            fresh.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"this was not remembered: {file_trouble(error) or error}"
    return ""
