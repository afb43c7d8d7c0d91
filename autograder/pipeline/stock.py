"""The same intake, execution and clean feedback for nbgrader's own commands, run with our nbgrader_config.py.

nbgrader's converters work with the course directory as the current directory; so do these classes.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from bleach import clean as bleach_clean  # type: ignore[import-untyped]
from nbconvert.exporters import NotebookExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader import preprocessors as nbgrader_steps
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum
from traitlets import Bool, Unicode

from autograder.engine import Job, Limits, chosen_level, grade_apart, start_apart
from autograder.grading.seeds import submission_seed
from autograder.pipeline.beside import files_for_students
from autograder.pipeline.intake import take_in
from autograder.pipeline.keys import course_key
from autograder.pipeline.master import (
    Master,
    grade_id,
    is_answer,
    is_test,
    load_master,
    released_bytes,
    students_code,
    version_of,
)
from autograder.pipeline.outputs import REORDERING
from autograder.pipeline.reading import other_language
from autograder.pipeline.rebuild import is_unanswered

TAGS = frozenset(
    """a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre q s samp
    small span strong sub summary sup table tbody td tfoot th thead tr u ul var""".split()  # noqa: SIM905
)
ATTRIBUTES = {"*": ["class", "id", "title"], "a": ["href"], "img": ["src", "alt", "width", "height"]}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_IN_CODE = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{REORDERING}]")
MAX_REMEMBERED = 4_000  # characters of a cell
MAX_MARKDOWN = 20_000
RUN = 200  # blanks in a row, or characters of a picture pasted into the text, that are kept
_LONG_RUN = re.compile(r"[ \t]{200,}|data:[\w/;,+=.-]{200,}")
_REGION = re.compile(r"### BEGIN (HIDDEN TESTS|MARK SCHEME).*?### END \1[^\n]*\n?", re.DOTALL)


class RebuildExporter(NotebookExporter):
    """Reads a submission through intake, so that no notebook stops a batch and only source text is taken from it."""

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        # nbgrader reads twice: the submission, then its own sanitized copy of it.
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources, **kwargs)
        start_apart(chosen_level(allow_unsandboxed=True))  # what is read here will be run, if that is allowed
        course_dir = Path.cwd()
        master = _master(resources)
        submission = take_in(course_dir, master, resources["nbgrader"]["student"], (course_dir / filename).parent)
        if submission.note:
            self.log.warning(submission.note)
        return super().from_notebook_node(submission.notebook, resources, **kwargs)


class Execute(nbgrader_steps.Execute):
    """Runs the notebook as `course grade` does: isolated, with seeded hidden inputs and settled outputs."""

    allow_unsandboxed = Bool(False, help="Run student code although this machine cannot isolate it.").tag(config=True)

    def __call__(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        if not self.enabled and any(is_test(cell) for cell in nb.cells):
            # Without results nbgrader would give full marks, or those of the outputs that a student stored.
            raise RuntimeError("graded cells must be run to be graded: nothing was graded; leave out --no-execute")
        result: tuple[NotebookNode, Any] = super().__call__(nb, resources)
        return result

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        language = other_language(nb.metadata)
        if language:
            raise RuntimeError(f"the notebook is for a {language} kernel; only Python can be run")
        about = resources["nbgrader"]
        course_dir = Path.cwd()
        version = version_of(released_bytes(course_dir, about["assignment"], about["notebook"]))
        key, work = course_key(course_dir), students_code(nb)
        seed = submission_seed(key, about["student"], about["assignment"], version, work)
        limits = Limits.for_cells(self.timeout or 30)
        level = chosen_level(self.allow_unsandboxed)
        files = files_for_students(CourseDirectory(config=self.config), about["assignment"])
        execution = grade_apart(Job(json.dumps(nb), seed, limits, level, files))
        for finding in execution.findings:
            self.log.warning(finding.sentence)
        execution.put_into(nb)
        return nb, resources


class MarkUnanswered(NbGraderPreprocessor):
    """Lets nbgrader see that a written question was not answered.

    nbgrader compares with a checksum of the text that still had its marking scheme; no student's cell equals that.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        master = _master(resources)
        released = {grade_id(cell): cell for cell in master.notebook.cells if is_answer(cell)}
        for cell in nb.cells:
            original = released.get(grade_id(cell))
            if original is not None:
                mark_unanswered(cell, original)
        return nb, resources


def _master(resources: Any) -> Master:
    """The release of the notebook that nbgrader is converting."""
    about = resources["nbgrader"]
    return load_master(Path.cwd(), about["assignment"], about["notebook"], about["db_url"])


def mark_unanswered(cell: NotebookNode, original: NotebookNode) -> None:
    """Make the answer `cell` one that nbgrader takes for untouched, when it is; `original` is the released cell."""
    if is_unanswered(original, cell.source):
        cell.source = original.source
        cell.metadata.nbgrader.checksum = compute_checksum(cell)


class HideTests(NbGraderPreprocessor):
    """Takes the text of hidden tests and marking schemes out of what students see."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        cell.source = as_shown(cell)
        return cell, resources


def as_shown(cell: NotebookNode) -> str:
    """The text of a cell without hidden tests and marking schemes, without what a terminal obeys, and code without what
    makes it read otherwise than it runs. In prose, of which some is written from right to left, that may stay.
    """
    source, is_code = cell["source"], cell["cell_type"] == "code"
    return (_shown if len(source) <= MAX_REMEMBERED else _shown.__wrapped__)(source, is_code)


@lru_cache(512)  # most cells are the instructor's, and the same for all
def _shown(source: str, is_code: bool) -> str:
    unwanted = _CONTROL_IN_CODE if is_code else _CONTROL
    return unwanted.sub("\N{REPLACEMENT CHARACTER}", _REGION.sub("", source)).rstrip("\n")


class NoteFirst(NbGraderPreprocessor):
    """Puts the grader's note on a submission above the notebook, as text."""

    note = Unicode("").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        if self.note:
            nb.cells.insert(0, note_cell(self.note))
        return nb, resources


def note_cell(note: str) -> NotebookNode:
    """A cell that shows the grader's note as it is: as a block of code."""
    lines = "    " + note.replace("\n", " ")
    return NotebookNode(cell_type="markdown", metadata=NotebookNode(), source=f"**Note of the grader**\n\n{lines}")


class _NoAttachments(dict[str, dict[str, str]]):
    """Stands for pictures pasted into a text cell: nbconvert refuses a page with one that is not there.

    A rebuilt notebook has none, and the cleaning would take them out.
    """

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> dict[str, str]:
        return {"image/png": ""}


def safe_markdown(source: str) -> str:
    """Markdown as HTML, without anything that runs: for text that students wrote.

    A text of more than MAX_MARKDOWN characters is shown as it is: laying it out can take the square of its length.
    """
    source = _LONG_RUN.sub(lambda run: run[0][:RUN], source)
    if len(source) > MAX_MARKDOWN:
        return f"<pre>{escape(source)}</pre>"
    html = MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments=_NoAttachments())).render(source)
    cleaned: str = bleach_clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=["http", "https", "mailto"])
    return cleaned


def configure(c: Any) -> None:
    """Set on a traitlets `Config` what grading and feedback need; `autograder.plugins.configure` calls it."""
    c.Autograde.exporter_class = RebuildExporter
    steps = [step for step in Autograde.autograde_preprocessors.default() if step is not nbgrader_steps.Execute]
    # What runs is the text as it was handed in: the seed depends on every character of it.
    c.Autograde.autograde_preprocessors = [Execute, MarkUnanswered, *steps]
    c.GenerateFeedback.preprocessors = [nbgrader_steps.GetGrades, HideTests, NoteFirst, CSSHTMLHeaderPreprocessor]
    make_feedback_harmless(c)


def make_feedback_harmless(c: Any) -> None:
    """Set on a traitlets `Config` that nothing in a page of feedback runs."""
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {"markdown2html": "autograder.pipeline.stock.safe_markdown"}
