"""Pages of feedback made of remembered pieces are the pages nbconvert makes as a whole."""

import pickle
import re
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters import ansi2html
from nbconvert.filters.highlight import Highlight2HTML
from nbformat import NotebookNode
from writing_course import HOSTILE_TEXTS, SCRIPT

from autograder.pipeline.convert import FeedbackTask
from autograder.pipeline.feedback import PageMaker, feedback_html
from autograder.pipeline.fragments import Memory, Parts, split, tidy, tidy_page, tidy_text
from autograder.pipeline.marks import Mark, Marks, with_marks
from autograder.pipeline.stock import safe_markdown

PIECES = [
    "<div>", "</div>", "<p>", "</p>", "<b class='jp-Notebook  x'>", "</b>", "<div class=jp-Cell-inputWrapper>", "<br>",
    "</br>", "<br/>", "<pre>", "</pre>", "<img src=x>", "<img alt=''>", "<a title='</div>'>", "</a>", "<!--", "-->",
    "<script>", "</script>", "<textarea>", "</textarea>", "text", "&amp;", "&lt;b&gt;", "&nbsp;", "&quot;", "&bogus",
    "&#34;", " ", "\n", " \n\t", "\r", "\x0b", '"', "'", "<", ">", "<![CDATA[", "]]>", "<?", "<!x", "é", "\x00", "</",
    "<part-", '<p title="', "<p title='",
]  # fmt: skip
TAGS = [
    "div",
    "p",
    "pre",
    "b class='jp-Notebook  x'",
    "div class=jp-Cell-inputWrapper",
    "textarea",
    "table",
    "a title='</p>'",
]
ELEMENT = st.recursive(
    st.sampled_from(PIECES),
    lambda inside: st.builds(
        lambda tag, content: f"<{tag}>{''.join(content)}</{tag.split()[0]}>",
        st.sampled_from(TAGS),
        st.lists(inside, max_size=3),
    ),
    max_leaves=6,
)
PAGE = """<!DOCTYPE html>
<html><body>
<div id='a'>
  <p>before</p> {} \n<p id="x" class='y'>after --> ]]> ?> " ' </p></div></body>
</html>"""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # nbconvert names a script's place by chance


@pytest.fixture(scope="module")
def maker() -> PageMaker:
    return PageMaker()


@settings(max_examples=300, deadline=None)
@given(st.lists(ELEMENT, max_size=4).map("".join))
def test_a_piece_tidied_alone_is_what_it_is_in_a_page(html: str) -> None:
    piece = tidy(html)
    if piece is None:
        return
    parts = Parts()
    start, core, end = piece
    marked = PAGE.format(start + parts.put(core) + end)
    assert parts.fill(tidy_page(marked)) == tidy_page(PAGE.format(html))


CLOSED = [  # a piece; whether it is closed in itself
    ("<p>a</p>", True),
    (" \n<p>a</p><br/><p>&nbsp;</p>\n", True),
    ("", False),
    ("text", False),
    ("<p>a</p>text", False),
    ("<p>a", False),
    ("</div><p>a</p>", False),
    ("<div><p></div></div>", False),
    ("<p>a</p></br>", False),
    ("<p>a</p><!--<b></b>", False),
    ('<p>a</p><b title="><b></b>', False),
    ("<p>a</p><b title='><b></b>", False),
    ("<script><p></p>", False),
]


@pytest.mark.parametrize(("html", "closed"), CLOSED, ids=[case[0] for case in CLOSED])
def test_only_what_is_closed_in_itself_is_a_piece(html: str, closed: bool) -> None:
    assert (tidy(html) is not None) == closed


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab \n\t\r\"'&<>#;=(\\$%!é\x1b[1m38;5\x0c\x00")))
def test_coloured_text_and_code_need_no_parser(source: str) -> None:
    shown = f"<pre>{ansi2html(source)}</pre>"
    assert f"<pre>{tidy_text(str(ansi2html(source)))}</pre>" == tidy_page(shown)
    for lexer in ("ipython3", "python"):
        html = Highlight2HTML(pygments_lexer=lexer)(source)
        assert tidy_text(html).replace('class=" highlight', 'class="highlight') == tidy_page(html)


def notebook(text: str, printed: str = "") -> NotebookNode:
    """A notebook with `text` wherever a student may write."""
    new = nbformat.v4
    answer = {"grade": True, "solution": True, "points": 5, "grade_id": "question", "locked": False}
    gap = {"grade": False, "solution": True, "grade_id": "gap", "locked": False}
    outputs = [
        new.new_output("stream", name="stdout", text=printed or text),
        new.new_output("error", ename="E", evalue=text, traceback=[text, printed]),
        new.new_output("display_data", data={"text/plain": text}),
    ]
    cells = [
        new.new_markdown_cell("# Ours", id="a"),
        new.new_code_cell("import math", id="b"),
        new.new_markdown_cell(text, id="student-0"),
        new.new_code_cell(text, id="c", metadata={"nbgrader": gap}, outputs=outputs, execution_count=3),
        new.new_markdown_cell(text, id="d", metadata={"nbgrader": answer}),
        new.new_code_cell("", id="e"),
    ]
    return new.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}})


def marks(comment: str | None) -> Marks:
    return Marks({"question": Mark(1 / 3, 5)}, {"question": comment, "gap": comment}, 1 / 3, 5.0, 0.25)


TEXTS = [
    *HOSTILE_TEXTS,
    "",
    " ",
    "plain",
    "# Title",
    f"`{SCRIPT}`",
    "> a\n\n1. b\n\n    c",
    "%%html\n<b>",
    "a\r\nb\x0b",
]


def test_pages_are_the_same_whatever_was_shown_before(maker: PageMaker) -> None:
    for _ in range(2):  # the second time, everything is remembered
        for text in TEXTS:
            for comment in (None, text, "other"):
                given, note = marks(comment), text.replace("\r", "")
                page = maker.page("name", notebook(text), given, note)
                assert page == maker.whole_page("name", with_marks(notebook(text), given, note), given)


def unknown_outputs() -> list[Any]:
    new = nbformat.v4.new_output
    return [
        new("display_data", data={"text/html": SCRIPT}),
        new("display_data", data={"text/markdown": f"# {SCRIPT}"}),
        new("display_data", data={"application/javascript": "alert(1)", "text/plain": "x"}),
        new("execute_result", data={"image/svg+xml": "<svg onload=x>"}),
    ]


@pytest.mark.parametrize("output", unknown_outputs(), ids=lambda output: next(iter(output.data)))
def test_kinds_of_output_that_grading_does_not_leave_are_shown_as_nbconvert_shows_them(
    maker: PageMaker, output: Any
) -> None:
    shown = notebook("plain")
    shown.cells[3].outputs.append(output)
    page = maker.page("name", shown, marks(None), "")
    whole = maker.whole_page("name", with_marks(shown, marks(None), ""), marks(None))
    assert UUID.sub("", page) == UUID.sub("", whole)
    assert page.count("<script") == maker.page("name", notebook("plain"), marks(None), "").count("<script")
    assert not any(sign in page.split("<body>")[1] for sign in ("<script", "<svg", "alert(1)"))


def test_nothing_of_one_students_page_is_in_anothers() -> None:
    maker = PageMaker()
    for secret in ("walnut", "quince", "medlar"):
        page = maker.page("name", notebook(f"secret of the {secret}"), marks(f"comment for the {secret}"), f"{secret}!")
        others = {"walnut", "quince", "medlar"} - {secret}
        assert f"secret of the {secret}" in page
        assert not any(other in page for other in others)


def test_a_page_is_made_of_its_task_alone() -> None:
    task = FeedbackTask("ana", "name", notebook(TEXTS[0]), marks("well"), "note")
    before = pickle.dumps(task)
    page = task.html()
    assert pickle.dumps(task) == before  # nothing was changed
    assert pickle.loads(before).html() == page
    assert feedback_html("name", notebook(TEXTS[0]), marks("well"), "note") == page
    with pytest.raises(KeyError, match="question"):
        feedback_html("name", notebook(""), Marks(comments={"gap": None, "question": None}))


def test_pasted_pictures_and_hostile_markdown_do_no_harm() -> None:
    assert "picture" in safe_markdown("![picture](attachment:image.png)")
    assert "src" not in safe_markdown("![picture](attachment:image.png)")
    for text in HOSTILE_TEXTS:
        assert not any(
            sign in safe_markdown(text) for sign in ("<script", "<part", "onerror=alert(1)>", '"javascript:')
        )


def test_a_text_that_takes_long_to_lay_out_is_shown_as_it_is() -> None:
    """Beautiful layout takes the square of the length of these: minutes, for a cell of the length of a book."""
    for text in ("a" + " " * 1_000_000 + "b", "<div>" * 50_000, "\\begin{a}" * 50_000):
        assert len(safe_markdown(text)) < 1_500_000
    assert safe_markdown("<div>" * 50_000).startswith("<pre>&lt;div&gt;")
    picture = safe_markdown("*my* answer ![picture](data:image/png;base64," + "A" * 1_000_000 + ")")
    assert "<em>my</em> answer" in picture and len(picture) < 1_000


def test_memory_forgets_what_was_not_used_for_longest() -> None:
    memory = Memory(room=100)
    for key in ("a", "b"):
        memory.keep(key, ("x" * 8,))
    for number in range(100):
        assert memory.get("a") == ("x" * 8,)
        memory.keep(f"{number:02}", ("y" * 7,))
    assert memory.get("b") is None
    assert memory.keep("c", ("z" * 10,)) == ("z" * 10,)
    assert memory.get("c") is None  # larger than a tenth
    assert split(" \n") == (" \n", "", "")
