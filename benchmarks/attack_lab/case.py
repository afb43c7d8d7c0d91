"""What an attack is: code in the gap, or something done to the file; and the parts that attacks are made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ATTACKED = "distances_two_loops"
MARK = "<script>'mallory was here'</script>"
WRONG = f"""
def {ATTACKED}(X, X_train):
    return np.zeros((len(X), len(X_train)))
"""
Notebook = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An attack: code in the gap, or something done to the file's cells or bytes.

    `shows` is code for a cell after the tests: the questions it prints, the student reads in the feedback, and hands in
    again with the right answers in the place of KNOWN. `page` says that the attack is on who reads the feedback.
    """

    name: str
    what: str
    gap: str = WRONG
    change: Callable[[Notebook], None] | None = None
    spoil: Callable[[str], str] | None = None
    shows: str = ""
    page: bool = False


def graded_cells(notebook: Notebook) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def cell_of(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    found: dict[str, Any] = notebook["cells"][ids.index(grade_id)]
    return found


def code_cell(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, "id": "own"}


def function(body: str) -> str:
    """The attacked function with this body."""
    return f"def {ATTACKED}(X, X_train):\n" + "\n".join("    " + line for line in body.strip("\n").splitlines()) + "\n"


def filled(released: Notebook, work: dict[str, str]) -> Notebook:
    """The released notebook with code in its gaps."""
    notebook: Notebook = json.loads(json.dumps(released))
    for name, source in work.items():
        cell_of(notebook, name)["source"] = source
    return notebook
