"""Reading one exercise's solution out of a notebook's source (jupytext's percent format)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from course_utils.shelf import CourseError

_CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
_MARKS = re.compile(r"^[ \t]*(?:# )?### (?:BEGIN|END) SOLUTION.*\n?", re.MULTILINE)
_SCHEME = re.compile(r"### BEGIN MARK SCHEME.*?### END MARK SCHEME\s*", re.DOTALL)


def solution_source(path: Path, exercise: str) -> tuple[str, str]:
    """The exercise's cells as in the solution, without markers, and their language (``python`` or ``markdown``).

    Raises CourseError when the source does not have the exercise.
    """
    gaps: list[str] = []
    text = path.read_text(encoding="utf-8")
    heads = list(_CELL.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        grading = _grading(head.group(1), path)
        body = _MARKS.sub("", text[head.end() : end].strip("\n") + "\n").strip("\n")
        name = grading.get("grade_id", "")
        if grading.get("solution") and grading.get("grade"):
            if name == exercise:
                answer = re.sub(r"^# ?", "", body, flags=re.MULTILINE)
                return _SCHEME.sub("", answer).strip(), "markdown"
        elif grading.get("solution"):
            gaps.append(body)
        elif grading.get("grade"):
            if name == f"{exercise}_tests":
                return "\n\n\n".join(gaps), "python"
            gaps = []
    raise CourseError(f"{path}: has no exercise {exercise!r}")


def _grading(head: str, path: Path) -> dict[str, Any]:
    start = head.find("nbgrader=")
    if start < 0:
        return {}
    try:
        grading, _ = json.JSONDecoder().raw_decode(head, start + len("nbgrader="))
    except ValueError as error:
        raise CourseError(f"{path}: the cell `# %%{head}` has metadata that is not JSON ({error})") from error
    return grading if isinstance(grading, dict) else {}
