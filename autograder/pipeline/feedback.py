"""A submission's feedback as HTML: a pure function of the autograded notebook, its marks and the grader's note.

The page is the one that nbgrader's GenerateFeedback makes, from the same templates. Most cells are the instructor's and
the same for all students: what was made of a cell, a text or a piece of code is remembered by its whole content.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from typing import Any

from ipython_pygments_lexers import IPython3Lexer  # type: ignore[import-untyped]
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import ansi2html, strip_files_prefix
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]
from traitlets.config import Config

from autograder.grading.kernel import MIME_TYPE
from autograder.pipeline import stock
from autograder.pipeline.fragments import Memory, Parts, split, tidy, tidy_page, tidy_text
from autograder.pipeline.marks import Marks, with_marks
from autograder.pipeline.nodes import CellKeys, changed
from autograder.pipeline.outputs import IMAGE_TYPES

ROOM = 4_000_000  # characters that a process remembers
LISTED = frozenset({"grade", "task", "comment"})  # what nbgrader knows of the cells listed at the top of the page
RUN = "run"  # the entry of a cell that stands for several
_NO_CELL = NotebookNode(cell_type="markdown", metadata=NotebookNode(), source="")
KNOWN_OUTPUTS = frozenset({"text/plain", MIME_TYPE, *IMAGE_TYPES})  # what `settle` leaves and the page shows
_PAGE = """{%- extends page -%}
{%- block header -%}{{ the_header(super) }}{%- endblock -%}
{%- block any_cell scoped -%}{{ a_cell(cell, super) }}{%- endblock -%}"""


def feedback_html(name: str, notebook: NotebookNode, marks: Marks, note: str = "") -> str:
    """The page of the notebook `name`, as autograded, with `marks` and the grader's `note` on the submission.

    One thread of a process may be here at a time; `notebook` is not changed. Raises KeyError when `marks` lack a cell.
    """
    return _page_maker().page(name, notebook, marks, note)


class PageMaker:
    """nbconvert's exporter with nbgrader's templates, set up once, and what it has made so far."""

    def __init__(self, room: int = ROOM) -> None:
        self._exporter = _exporter()
        self._environment = self._exporter.environment
        self._made, self._keys = Memory(room), CellKeys()
        self._parts = Parts()
        # The whole of nbconvert's way for an empty page; what it leaves in `resources` is the same for all pages.
        _, self._resources = self._exporter.from_notebook_node(
            NotebookNode(cells=[], metadata={}, nbformat=4, nbformat_minor=5), _about("", Marks())
        )
        self._filters = dict(self._environment.filters)
        self._template = self._environment.from_string(_PAGE)
        self._extended = self._exporter.template

    def page(self, name: str, notebook: NotebookNode, marks: Marks, note: str) -> str:
        """See `feedback_html`."""
        shown = with_marks(notebook, marks, note)
        try:
            return self._of_parts(name, shown, marks)
        except _OneByOneError:
            return self.whole_page(name, shown, marks)

    def whole_page(self, name: str, shown: NotebookNode, marks: Marks) -> str:
        """The page by nbconvert's exporter alone, nothing remembered."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbformat warns of the note, a cell that has no id
            html, _ = self._exporter.from_notebook_node(shown, _about(name, marks))
        return str(html)

    def _of_parts(self, name: str, shown: NotebookNode, marks: Marks) -> str:
        if "widgets" in shown.metadata or any(_is_unknown(cell) for cell in shown.cells):
            raise _OneByOneError
        resources = self._resources.copy() | _about(name, marks)
        self._parts = Parts()
        with self._remembering(_lexer(shown)):
            raw = self._template.render(
                nb=changed(shown, cells=self._runs_joined(shown.cells)),
                resources=resources,
                page=self._extended,
                the_header=lambda header: self._header(name, header),
                a_cell=self._cell,
            ).lstrip("\r\n")
        before, heading, between, contents, after = _with_contents(self._parts.join_rows(raw))
        raw = before + self._placed(heading) + between + self._placed(contents) + after
        known = self._made.get(raw) or self._made.keep(raw, (tidy_page(raw),))
        return self._parts.fill(known[0])

    def _header(self, name: str, header: Callable[[], str]) -> str:
        key = f"header\0{name}"
        return (self._made.get(key) or self._made.keep(key, (str(header()),)))[0]

    def _runs_joined(self, cells: list[NotebookNode]) -> list[NotebookNode]:
        """`cells`, with each run of those that were made before, and have no place in the list of graded cells, as one:
        the templates take longer over a cell than finding it does.
        """
        joined: list[NotebookNode] = []
        for cell in cells:
            listed = LISTED.intersection(_true(cell["metadata"].get("nbgrader", {})))
            known = None if listed else self._made.get(self._key(cell))
            if known is None:
                joined.append(cell)
                continue
            if not joined or RUN not in joined[-1]:
                joined.append(changed(_NO_CELL, **{RUN: []}))
            joined[-1][RUN].append(known)
        return joined

    def _key(self, cell: NotebookNode) -> str:
        return f"cell\0{self._keys.of(cell)}"

    def _cell(self, cell: NotebookNode, render: Callable[[], str]) -> str:
        if RUN in cell:
            return "".join(start + (self._parts.put(core) if core else "") + end for start, core, end in cell[RUN])
        key = self._key(cell)
        known = self._made.get(key)
        if known is None:
            page, self._parts = self._parts, Parts()
            try:
                start, core, end = self._tidied(str(render()))
                known = self._made.keep(key, (start, self._parts.fill(core), end))
            finally:
                self._parts = page
        start, core, end = known
        return start + (self._parts.put(core) if core else "") + end

    def _placed(self, html: str) -> str:
        start, core, end = self._tidied(html)
        return start + self._parts.put(core) + end

    def _tidied(self, html: str) -> tuple[str, str, str]:
        if not split(html)[1]:
            return html, "", ""
        key = f"html\0{html}"
        known = self._made.get(key) or tidy(html)
        if known is None:
            raise _OneByOneError
        start, core, end = self._made.keep(key, known)
        return start, core, end

    @contextlib.contextmanager
    def _remembering(self, lexer: str | None) -> Iterator[None]:
        """Let the templates' costly filters write marks and remember what the marks stand for."""
        highlight = _highlighter(lexer)

        def code(source: str, language: str | None = None, metadata: Any = None) -> str:
            if language or "magics_language" in (metadata or {}):
                raise _OneByOneError
            key = f"code\0{lexer}\0{source}"
            known = self._made.get(key)
            if known is None:
                start, core, end = split(highlight(source or " "))
                # Beautiful Soup writes the classes of an element with one space between them.
                core = tidy_text(core).replace('<div class=" highlight', '<div class="highlight', 1)
                known = self._made.keep(key, (start, core, end))
            start, core, end = known
            return start + self._parts.put(core) + end

        def text(source: str) -> str:
            return self._parts.put(tidy_text(str(ansi2html(source)))) if source else ""

        def markdown(source: str) -> str:
            key = f"markdown\0{source}"
            known = self._made.get(key)
            if known is None:
                html = stock.safe_markdown(source)
                # The template takes the prefix away after this filter, where a mark hides it.
                known = self._made.keep(key, tidy(strip_files_prefix(html)) or (html,))
            if len(known) == 1:
                return known[0]
            start, core, end = known
            return start + self._parts.put(core) + end

        filters = self._environment.filters
        filters |= {"highlight_code": code, "ansi2html": text, "markdown2html": markdown}
        try:
            yield
        finally:
            filters |= {key: self._filters[key] for key in ("highlight_code", "ansi2html", "markdown2html")}


def _true(about: dict[str, Any]) -> Iterator[str]:
    """The names of the entries that say yes."""
    return (name for name, value in about.items() if value)


class _OneByOneError(Exception):
    """This page is not made of closed pieces of known kinds; nbconvert makes it as a whole."""


@cache
def _page_maker() -> PageMaker:
    return PageMaker()


def _exporter() -> HTMLExporter:
    """As GenerateFeedback sets it up with our settings; marks, tests and note are dealt with in `with_marks`."""
    config = Config()
    stock.configure(config)
    log = logging.Logger("course feedback", level=logging.ERROR)
    converter = GenerateFeedback(coursedir=CourseDirectory(config=config, log=log), config=config, log=log)
    exporter = converter.exporter_class(parent=converter, config=converter.config)
    for step in converter.preprocessors:
        if step not in (GetGrades, stock.HideTests, stock.NoteFirst):
            exporter.register_preprocessor(step)
    return exporter


def _about(name: str, marks: Marks) -> dict[str, Any]:
    return {
        "nbgrader": {
            "notebook": name,
            "score": marks.score - marks.late_penalty,
            "max_score": marks.max_score,
            "late_penalty": marks.late_penalty,
        }
    }


def _with_contents(raw: str) -> tuple[str, str, str, str, str]:
    """The page cut at its heading with the score, and at its list of graded cells: these differ for each student."""
    start, end = raw.find("<h4>"), raw.find("</h4>")
    first, last = raw.find("<ol>", end), raw.find("</ol>", end)
    if not -1 < start < end < first < last:
        raise _OneByOneError
    return raw[:start], raw[start : end + 5], raw[end + 5 : first], raw[first : last + 5], raw[last + 5 :]


def _lexer(notebook: NotebookNode) -> str | None:
    """The name of the highlighter, as HTMLExporter chooses it."""
    language = notebook.metadata.get("language_info", {})
    name = language.get("pygments_lexer", language.get("name"))
    return name if name is None else str(name)


@cache
def _highlighter(name: str | None) -> Callable[[str], str]:
    """What nbconvert's Highlight2HTML does for a language, its formatter made once."""
    name = name or "ipython3"
    try:
        lexer = IPython3Lexer() if name == "ipython3" else get_lexer_by_name(name)
    except ClassNotFound:
        raise _OneByOneError from None
    formatter = HtmlFormatter(cssclass=escape(f" highlight hl-{name}"))
    return lambda source: str(highlight(source, lexer, formatter))


def _is_unknown(cell: NotebookNode) -> bool:
    """A cell with outputs that do not come from `settle`, or of a kind that no rebuilt notebook holds."""
    if cell["cell_type"] not in ("code", "markdown"):
        return True
    return any(
        output.output_type not in ("stream", "error", "execute_result", "display_data")
        or not KNOWN_OUTPUTS.issuperset(output.get("data", {}))
        for output in cell.get("outputs", [])
    )
