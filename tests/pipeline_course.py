"""A made-up course for the tests of the grading pipeline: two exercises, one question, odd submissions."""

import atexit
import functools
import json
import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.pipeline import gradebook
from autograder.pipeline.gradebook import GradingSummary
from autograder.pipeline.grades import open_gradebook
from autograder.plugins import configure

NAME = "92_numbers"
grade = functools.partial(gradebook.grade, allow_unsandboxed=True)  # the tests run at every level
ANSWER = "Because every number has a double."

TESTS = """# Graded, {points} points: hidden tests of {name} run here.
### BEGIN HIDDEN TESTS
class Score(float):
    __repr__ = float.__repr__
    def _repr_mimebundle_(self, **_):
        return {{"text/plain": repr(self), "application/vnd.course.grade+json": self.record}}
def run_secret_tests(cases):
    tests = []
    for test, title, unseen, wanted, sentence in cases:
        try:
            passed = bool({name}(unseen) == wanted)
        except Exception:
            passed = False
        mutant = "off_by_one" if not passed and test == "large" else None
        said = "" if passed else sentence
        tests.append(dict(name=test, title=title, weight=1.0, passed=passed, sentence=said, mutant=mutant))
        print("ok   " if passed else "FAIL ", title, "" if passed else "- " + sentence)
    score = Score({points} * sum(test["passed"] for test in tests) / len(tests))
    score.record = dict(exercise="{name}", score=float(score), points=float({points}), tests=tests)
    return score
run_secret_tests({cases})
### END HIDDEN TESTS"""
CASES = {
    "double": [("small", "doubles a small number", 713, 1426, "The result is not twice the number."),
               ("large", "doubles a large number", 10**6 + 1, 2 * 10**6 + 2, "The result is one too large.")],
    "halve": [("even", "halves an even number", 816, 408, "The result is not half of the number.")],
}  # fmt: skip
POINTS = {"double": 6, "halve": 4}
MODEL_ANSWER = """### BEGIN SOLUTION
The model answer.
### END SOLUTION
### BEGIN MARK SCHEME
five marks
### END MARK SCHEME"""
GAP = "{signature}\n    ### BEGIN SOLUTION: compute it\n    {body}\n    ### END SOLUTION"


def _cell(source: str, kind: str = "code", **nbgrader: Any) -> Any:
    cell = new_code_cell(source) if kind == "code" else new_markdown_cell(source)
    if nbgrader:
        stock = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        cell.metadata["nbgrader"] = stock | nbgrader
    return cell


def _tests_cell(name: str) -> Any:
    points = POINTS[name]
    source = TESTS.format(name=name, points=points, cases=CASES[name])
    return _cell(source, grade_id=f"{name}_tests", grade=True, locked=True, points=points)


def instructor_notebook() -> Any:
    cells = [
        _cell("# Numbers", "markdown"),
        _cell("import math"),
        _cell("Double a number.", "markdown"),
        _cell(GAP.format(signature="def double(x):", body="return 2 * x"), grade_id="double", solution=True),
        _cell("assert double(1) == 2", grade_id="double_check", locked=True),
        _tests_cell("double"),
        _cell("raise SystemExit('an experiment that grading skips')"),
        _cell("Halve a number.", "markdown"),
        _cell(GAP.format(signature="def halve(x):", body="return x / 2"), grade_id="halve", solution=True),
        _tests_cell("halve"),
        _cell("Why can every number be doubled?", "markdown"),
        _cell(
            MODEL_ANSWER,
            "markdown", grade_id="question", grade=True, solution=True, points=5,
        ),
    ]  # fmt: skip
    cells[6].metadata["tags"] = ["skip-execution"]
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=kernel)


def release(course_dir: Path) -> Any:
    """Make a course directory with the assignment released in it; returns the released notebook."""
    source = course_dir / "source" / NAME / f"{NAME}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(instructor_notebook(), source)
    (course_dir / "nbgrader_config.py").write_text(
        "from autograder.plugins import configure\n"
        "configure(get_config())\n"
        "get_config().Execute.allow_unsandboxed = True\n",
        encoding="utf-8",
    )
    config = Config()
    configure(config)
    config.CourseDirectory.root = str(course_dir)
    config.CourseDirectory.assignment_id = NAME
    quiet = logging.Logger("quiet", level=logging.ERROR)
    GenerateAssignment(coursedir=CourseDirectory(config=config, log=quiet), config=config, log=quiet).start()
    return nbformat.read(course_dir / "release" / NAME / f"{NAME}.ipynb", as_version=4)


def filled(released: Any, double: str = "return 2 * x", halve: str = "return x / 2", answer: str = ANSWER) -> Any:
    """The released notebook with a student's work in it, as a plain dict."""
    notebook = json.loads(nbformat.writes(released))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in POINTS:
            cell["source"] = f"def {name}(x):\n    {double if name == 'double' else halve}"
        elif name == "question":
            cell["source"] = answer
    return notebook


def at(notebook: Any, name: str) -> int:
    """The position of the cell with this grade_id."""
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    return ids.index(name)


def code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def hand_in(course_dir: Path, student: str, notebook: Any, name: str = f"{NAME}.ipynb") -> Path:
    """Put a notebook (a dict, text or bytes) where the student's submission belongs."""
    path = course_dir / "submitted" / student / NAME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps(notebook) if isinstance(notebook, dict) else notebook
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def altered(released: Any, change: Callable[[list[Any]], Any]) -> Any:
    """A fully solved notebook whose list of cells went through `change`."""
    notebook = filled(released)
    cells = change(notebook["cells"])
    notebook["cells"] = notebook["cells"] if cells is None else cells
    return notebook


HOSTILE = """from IPython.display import HTML, Javascript, SVG, Markdown, display
display(HTML("<script>alert('html')</script>"), Javascript("alert('js')"), Markdown("<script>alert('md')</script>"))
display({"image/svg+xml": "<svg onload=alert('svg')>", "text/plain": "<script>alert('plain')</script>"}, raw=True)
display({"image/png": '"><script>alert(1)</script>', "text/plain": "p"}, raw=True)
print("<script>alert('print')</script>")
raise ValueError("<script>alert('error')</script>")"""


def write_class(course_dir: Path, released: Any) -> None:
    """A small class: right, wrong, half done, hostile, and two files nobody can read."""
    hand_in(course_dir, "ana", filled(released))
    hand_in(course_dir, "ben", filled(released, double="return 2 * x if x < 1000 else 2 * x + 1"))
    hand_in(course_dir, "cem", nbformat.writes(released))
    copied = filled(released)
    copied["cells"].append(copied["cells"][at(copied, "double")])
    hand_in(course_dir, "dora", copied)
    deleted = filled(released)
    del deleted["cells"][at(deleted, "halve")]
    hand_in(course_dir, "eli", deleted)
    retyped = filled(released)
    cell = retyped["cells"][at(retyped, "halve")]
    retyped["cells"][at(retyped, "halve")] = {k: cell[k] for k in ("metadata", "source")} | {"cell_type": "markdown"}
    hand_in(course_dir, "fay", retyped)
    hand_in(course_dir, "gus", json.dumps(filled(released), indent=1)[:200])
    hand_in(course_dir, "hana", filled(released), f"{NAME} (1).ipynb")
    hostile = filled(
        released, answer="<script>alert('answer')</script> <img src=x onerror=alert(1)> [x](javascript:alert(2))"
    )
    hostile["cells"].insert(2, code(HOSTILE))
    hand_in(course_dir, "ivo", hostile)
    hand_in(course_dir, "jo [x] *?", filled(released, halve="import os; os._exit(1)"))
    (course_dir / "submitted" / "kim" / NAME).mkdir(parents=True)


@functools.cache
def graded_class() -> tuple[Path, GradingSummary]:
    """The class above, graded once for all tests of a process. Tests that change it work on a copy."""
    course_dir = Path(tempfile.mkdtemp(prefix="course-tests-"))
    atexit.register(shutil.rmtree, course_dir, ignore_errors=True)
    write_class(course_dir, release(course_dir))
    return course_dir, grade(course_dir, NAME, workers=2, timeout=20, progress=False)


def source(submission: Any, name: str) -> str:
    """The text of the cell called `name` in a rebuilt submission; empty if there is no notebook."""
    cells = submission.notebook.cells
    return str(cells[at(submission.notebook, name)].source) if cells else ""


def outcomes(submission: Any) -> list[Any]:
    """What intake found, as named outcomes."""
    return [finding.outcome for finding in submission.findings]


def give_marks(course_dir: Path, student: str, score: float, comment: str) -> None:
    """What a person does in formgrader."""
    with open_gradebook(course_dir) as book:
        grade_of = book.find_grade("question", NAME, NAME, student)
        grade_of.manual_score, grade_of.needs_manual_grade = score, False
        book.find_comment("question", NAME, NAME, student).manual_comment = comment
        book.db.commit()
