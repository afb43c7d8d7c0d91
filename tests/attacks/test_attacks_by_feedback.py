"""What a student writes or shows is read by a person in a browser or a terminal: nothing of it runs there."""

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser

import pytest
from hostile import cases
from lab import PATIENT, SEED, Attack, Lab, submission
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.engine import run_notebook
from autograder.pipeline.feedback import feedback_html
from autograder.pipeline.marks import Mark, Marks

WRITTEN = cases(
    r"""
## a script
<script>alert(1)</script>
<ScRiPt src=//evil.example></sCrIpT>
## an event
<img src=x onerror=alert(1)> <p onclick="alert(1)" ONMOUSEOVER='alert(1)'>text</p> <details open ontoggle=alert(1)>
## links that run
[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>alert(1)</script>) [d](vbscript:x)
<a href="java&#x09;script:alert(1)">e</a> <a href=" &#1;javascript:alert(1)">f</a> ![g](javascript:alert(1))
<javascript:alert(1)> [h]: javascript:alert(1)
## frames, forms and what loads
<iframe srcdoc="<script>alert(1)</script>"></iframe><object data=x></object><embed src=x><base href=//evil.example>
<form action=//evil.example><input><button formaction="javascript:alert(1)">x</button></form><link rel=import href=x>
<meta http-equiv=refresh content="0;url=//evil.example"><video src=x onerror=alert(1)></video><template>x</template>
## drawings and formulas
<svg onload=alert(1)><script>alert(1)</script><a xlink:href="javascript:alert(1)"></a></svg>
<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math> $\href{javascript:alert(1)}{x}$
$$<img src=x onerror=alert(1)>$$ $`<script>alert(1)</script>`$ \(<script>alert(1)</script>\)
## style
<style>body {display: none}</style><p style="position:fixed;background:url(javascript:alert(1))">all over</p>
## the page ended
</div></div></div></pre></body></html><script>alert(1)</script><!-- -->--><![CDATA[<script>alert(1)</script>]]>
## markup in code
    <script>alert(1)</script>

```html"><script>alert(1)</script>
<script>alert(1)</script>
```
`<script>alert(1)</script>` | <b onclick=alert(1)> |
"""
)
SHOW = """
from IPython.display import HTML, Javascript, Latex, Markdown, SVG, display
text = TEXT
print(text)
display(HTML(text), Markdown(text), Latex(text), Javascript(text), {'text/plain': text})
display({'image/png': 'aGk="' + text, 'image/svg+xml': text, 'text/plain': text}, raw=True)
display({'text/plain': text, 'image/png': 'aGk='}, metadata={'image/png': {'width': text, 'alt': text}}, raw=True)
class Odd:
    __repr__ = lambda self: text
    _repr_html_ = __repr__
raise type(text, (Exception,), {})(text, Odd())
"""
ESCAPES = {
    "the title of the window": "\x1b]0;EVIL\x07",
    "the screen cleared": "\x1b[2J\x1b[H",
    "what was typed asked for": "\x1b[6n\x1bP$q\x1b\\",
    "colours, and an end that is not there": "\x1b[31mred\x1b[0m \x1b[38;5;200mpink\x1b[31",
    "8-bit escapes": "\x9b2J \x9d0;EVIL\x9c",
    "bells and backspaces": "right\x08\x08\x08\x08\x08wrong\x07\x7f",
    "zeros and pages": "\x00\x0b\x0c\x0e\x0f",
}
RUNS = frozenset(
    ("base", "embed", "form", "iframe", "input", "link", "math", "meta", "object", "script", "style", "svg", "template")
)
TARGETS = frozenset(("action", "data", "formaction", "href", "src", "srcset", "style", "xlink:href"))
HARMLESS = re.compile(r"(https?:|mailto:|#|data:image/(png|jpeg);base64,)|[\w./-]*\Z")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
REORDERED = re.compile("[\u202a-\u202e\u2066-\u2069]")
OBEYED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Dangers(HTMLParser):
    """Counts what a browser would run, load or send in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in RUNS:
            self.found[f"<{tag} {sorted(attrs)}>"] += 1
        for name, value in attrs:
            if name.startswith("on") or (name in TARGETS and not HARMLESS.match(value or "")):
                self.found[f"{name}={value}"] += 1


def feedback(lab: Lab, source: str, text: str) -> tuple[NotebookNode, str]:
    """A graded notebook with a cell of code and a text of the student's own, and its page."""
    notebook = submission(Attack(before=source))
    notebook.cells.insert(2, new_markdown_cell(text, id="text"))
    run_notebook(lab.worker, notebook, seed=SEED, limits=PATIENT)
    graded = {cell.id: Mark(1.0, 2.0) for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")}
    gaps = {cell.id: text for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    return notebook, feedback_html("01_knn", notebook, Marks(graded, dict.fromkeys(gaps)), note="a note")


@cache
def honest_dangers(lab: Lab) -> Counter[str]:
    """What the page of an honest submission holds: the template's own scripts and styles."""
    return Dangers(feedback(lab, "print(1)", "text")[1]).found


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN.keys())
def test_nothing_that_a_student_writes_or_shows_runs_in_the_feedback(any_lab: Lab, text: str) -> None:
    _, page = feedback(any_lab, SHOW.replace("TEXT", repr(text)), text)
    assert Dangers(page).found - honest_dangers(any_lab) == Counter()
    assert "text" in page  # the page is there


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES.keys())
def test_a_terminal_obeys_nothing_that_is_in_what_grading_writes(any_lab: Lab, escape: str) -> None:
    notebook, page = feedback(any_lab, SHOW.replace("TEXT", repr(escape)) + f"# {escape}", escape)
    assert OBEYED.findall(page) == []
    shown = texts([cell.get("outputs", []) for cell in notebook.cells])
    assert [text for text in shown if OBEYED.search(COLOUR.sub("", text))] == []


def test_code_and_output_read_as_they_are_whichever_way_they_are_written(any_lab: Lab) -> None:
    turned = "\u202e" + "01 = skram" + "\u202c\u2066x\u2069"
    notebook, page = feedback(any_lab, SHOW.replace("TEXT", repr(turned)) + f"# {turned}", f"prose {turned}")
    shown = "".join(texts([cell.get("outputs", []) for cell in notebook.cells]))
    assert "\ufffd01 = skram\ufffd\ufffdx\ufffd" in shown
    assert not REORDERED.search(shown)
    assert len(REORDERED.findall(page)) == 4, "those of the written answer alone"


def texts(value: object) -> list[str]:
    """All strings in what JSON holds."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in texts(part)]
