"""A small made-up course for the tests of the student's commands."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils import cli, shelf

CHECKS = {
    "double": "assert double(2) == 4, 'double(2) should be 4'\nprint('ok  double')",
    "triple": "assert triple(2) == 6, 'triple(2) should be 6'",
    "later": "assert later(1) == 1, 'later(1) should be 1'",
}
SOLUTIONS = {
    "double": "def double(x):\n    return 2 * x",
    "triple": "def triple(x):\n    return 3 * x",
    "later": "def later(x):\n    return x",
}
GAP = "def {0}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError('{0}: give back the number')"


def _graded(grade_id: str, **flags: object) -> dict:
    settings = {"grade_id": grade_id, "grade": False, "solution": False, "locked": False, **flags}
    return {"nbgrader": {"schema_version": 3, "task": False, **settings}}


def notebook(gaps: dict[str, str] | None = None, extra: list[str] | None = None) -> nbformat.NotebookNode:
    """The made-up notebook with gaps filled by the given source, and the extra cells of a student."""
    cells = [new_markdown_cell("# Small numbers"), new_code_cell("%matplotlib inline\nimport math")]
    cells += [new_code_cell(source) for source in extra or []]
    cells.append(new_code_cell("while True: pass", metadata={"tags": ["skip-execution"]}))
    for name, check in CHECKS.items():
        cells.append(new_code_cell((gaps or {}).get(name, GAP.format(name)), metadata=_graded(name, solution=True)))
        cells.append(new_code_cell(check, metadata=_graded(f"{name}_check", locked=True)))
        cells.append(new_code_cell("# Graded", metadata=_graded(f"{name}_tests", grade=True, locked=True, points=6)))
    question = _graded("question_size", grade=True, solution=True, points=5)
    cells.append(new_markdown_cell("YOUR ANSWER HERE", metadata=question))
    made = new_notebook(cells=cells)
    for position, cell in enumerate(made.cells):
        cell.id = f"cell-{position}"
    return made


def write(path: Path, content: nbformat.NotebookNode) -> Path:
    """Write a notebook, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, path)
    return path


def make_course(root: Path) -> Path:
    """A checkout with one assignment, its hints and its solution.  Returns the assignments folder."""
    folder = root / "assignments" / "01_small"
    write(folder / "01_small.ipynb", notebook())
    (folder / "hints.json").write_text(json.dumps({"double": ["Add.", "Add it to itself.", "Two of them."]}))
    (folder / "figure.txt").write_text("a figure")
    source = root / "solutions" / "01_small" / "01_small.py"
    source.parent.mkdir(parents=True)
    source.write_text(
        "# ---\n# jupyter: {}\n# ---\n\n# %% [markdown]\n# # Small\n\n"
        '# %% nbgrader={"grade_id": "double", "solution": true}\ndef double(x):\n'
        "    ### BEGIN SOLUTION: give back the number\n    return 2 * x\n    ### END SOLUTION\n\n"
        '# %% nbgrader={"grade_id": "double_check", "locked": true}\nassert double(2) == 4\n\n'
        '# %% nbgrader={"grade_id": "double_tests", "grade": true, "points": 6}\n# Graded\n\n'
        '# %% [markdown] nbgrader={"grade_id": "question_size", "grade": true, "solution": true, "points": 5}\n'
        "# ### BEGIN SOLUTION\n# It is small.\n# ### END SOLUTION\n"
        "# ### BEGIN MARK SCHEME\n# five points\n# ### END MARK SCHEME\n"
    )
    return root / "assignments"


def command_line(folder, monkeypatch, capsys):
    """A made-up course in an empty folder, and a function that types a command there: (exit status, output, errors)."""
    monkeypatch.setattr(shelf, "PACKAGE", folder / "course_utils")
    monkeypatch.setattr(cli, "entry_points", lambda group: [])
    monkeypatch.delenv("COURSE_WORK", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(folder)
    make_course(folder)

    def type_(*arguments):
        status = cli.main(arguments)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return type_
