"""Two copies of a made-up course: in one nbgrader's own converters write the results, in the other ours."""

import atexit
import contextlib
import copy
import functools
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import nbformat
from pipeline_course import HOSTILE, NAME, at, code, filled, hand_in, release, text, write_class

from autograder.grading.kernel import MIME_TYPE
from autograder.pipeline.autograded import UnlikeMasterError
from autograder.pipeline.convert import Converters
from autograder.pipeline.intake import Submission, intake
from autograder.pipeline.master import is_test, load_master
from autograder.pipeline.outputs import settle

SCRIPT = "<script>alert('x')</script>"
HOSTILE_TEXTS = (
    f"{SCRIPT} </pre></div></body></html><img src=x onerror=alert(1)> [x](javascript:alert(2)) ![y](attachment:z.png)",
    "</div></div><p title='</div><div class=\"jp-Notebook\">'>\n\n"
    "<div class='jp-Notebook'><div class='jp-Cell-inputWrapper'>",
    "<!-- <b> \n\n- [ ] a\n- b\n\n```python\nx = '<b>' # \"\n```\n\n| a | b |\n|---|---|\n| $x<y$ | &nbsp; |",
    "<pre>\n\n </pre>  <b><i>crossed</b></i> src=\"/files/files/x\" <part-0 id='0'></part-0> \x1b[31m & &amp; &lt;",
)  # fmt: skip


def two_courses(folder: Path, settings: str = "") -> tuple[Path, Path]:
    """The same course twice: a class has handed in, nothing is graded. `settings` follow in nbgrader_config.py."""
    for name in ("nbgrader", "ours"):
        shutil.copytree(_class(), folder / name)
        with (folder / name / "nbgrader_config.py").open("a") as file:
            file.write("c = get_config()\n" + settings)
    return folder / "nbgrader", folder / "ours"


@functools.cache
def _class() -> Path:
    course_dir = Path(tempfile.mkdtemp(prefix="course-tests-")) / "course"
    atexit.register(shutil.rmtree, course_dir.parent, ignore_errors=True)
    released = release(course_dir)
    write_class(course_dir, released)
    for number, answer in enumerate(HOSTILE_TEXTS):
        notebook = filled(released, double=f"return 2 * x  # {SCRIPT} \"'\t", answer=answer)
        notebook["cells"].insert(2, code(HOSTILE))
        notebook["cells"].insert(at(notebook, "halve"), text(answer[::-1]))
        hand_in(course_dir, f"mallory {number}", notebook)
    (course_dir / "source" / NAME / "table.csv").write_text("1,2\n")
    return course_dir


def run_by_hand(submission: Submission, score: float = 0.5) -> Any:
    """The executed notebook of `submission`, hidden tests passed to a part; hostile outputs in own cells."""
    notebook = copy.deepcopy(submission.notebook)
    new = nbformat.v4.new_output
    count = 0
    for cell in notebook.cells:
        if cell.cell_type != "code" or "skip-execution" in cell.metadata.get("tags", []) or not submission.usable:
            continue
        count += 1
        cell.execution_count = count
        if is_test(cell):
            points = cell.metadata.nbgrader.points
            tests = [
                {"name": n, "title": f"test {n}", "weight": 1.0, "passed": n < 2, "sentence": SCRIPT, "mutant": None}
                for n in range(3)
            ]
            record = {"exercise": "double", "score": points * score, "points": points, "tests": tests}
            data = {"text/plain": repr(points * score), MIME_TYPE: record}
            cell.outputs = [new("execute_result", data=data, execution_count=count)]
        elif cell.id.startswith("student-"):
            picture = {"image/png": "aGk=", "text/plain": SCRIPT}
            cell.outputs = [
                new("stream", name="stdout", text=f"\x1b[1;31m{SCRIPT}\x1b[0m &quot; ' \" \r\n</pre>"),
                new("stream", name="stderr", text="\n" * 3_000),
                new("display_data", data=picture, metadata={"image/png": {"width": SCRIPT}}),
                new("display_data", data={"text/html": SCRIPT, "text/plain": "  "}),
                new("error", ename="E<b>", evalue=SCRIPT, traceback=[f"\x1b[38;5;200m{SCRIPT}", "", " "] * 60),
            ]
    settle(notebook, None if submission.usable else "the notebook could not be read")
    return notebook


def write_results(
    course_dir: Path, fast: bool, students: Iterable[str] | None = None, score: float = 0.5, together: int = 1
) -> None:
    """Record the submissions of `students` (all), so many `together`, and write their feedback."""
    master = load_master(course_dir, NAME)
    submissions = intake(course_dir, master)
    shared = copy.deepcopy([original.graded for original in master.originals])
    with Converters(course_dir, NAME, fast=fast) as converters:
        wanted = [each for each in submissions if students is None or each.student in students]
        for first in range(0, len(wanted), together):
            row = [(each, run_by_hand(each, score)) for each in wanted[first : first + together]]
            if together > 1:
                with contextlib.suppress(UnlikeMasterError):
                    converters.record_together(row)
            for submission, executed in row:
                if together == 1 or not converters.is_recorded(submission.student):
                    converters.record(submission, executed)
                converters.give_feedback(submission.student, submission.note)
    assert [original.graded for original in master.originals] == shared  # all submissions have these very cells


def on_both(courses: tuple[Path, Path], change: Callable[[Path], object]) -> None:
    for course_dir in courses:
        change(course_dir)


def tables(course_dir: Path) -> dict[str, list[dict[str, Any]]]:
    """All tables of the gradebook; ids that are made anew for each entry are replaced by what they stand for."""
    with sqlite3.connect(course_dir / "gradebook.db") as database:
        database.row_factory = sqlite3.Row
        names = [row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        content = {name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')] for name in names}
    stands_for: dict[str, str] = {}
    for table, keys in {
        "submitted_assignment": ("assignment_id", "student_id"),
        "submitted_notebook": ("assignment_id", "notebook_id"),
        "grade": ("notebook_id", "cell_id"),
        "comment": ("notebook_id", "cell_id"),
    }.items():
        for row in content[table]:
            stands_for[row["id"]] = "/".join([table, *(stands_for.get(row[key], row[key]) for key in keys)])
    return {
        name: sorted(({key: stands_for.get(value, value) for key, value in row.items()} for row in rows), key=repr)
        for name, rows in content.items()
    }


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Relative path → permissions and content of every file below `folder`."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
