"""Running a notebook's cells in IPython's shell, without a kernel: magics and display work, output is kept and capped.

Everything here runs in the student's process and may be turned against us: the grader believes none of it.
"""

import ast
import base64
import builtins
import contextlib
import io
import re
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.inside.tracebacks import lines_of
from course_utils.selfcheck.limits import TimeIsUp, time_limit
from course_utils.selfcheck.shell import FirstPart

MAX_TEXT = 200_000  # characters of each stream kept a cell
MAX_DISPLAYS = 50  # displayed values kept a cell
MAX_NAME, MAX_VALUE = 200, 2_000  # characters of what an error is and says
MAX_IMAGE = 2_000_000  # base64 characters
MAX_FIGURES = 6
IMAGE_TYPES = ("image/png", "image/jpeg")
AWAITING = re.compile(r"\b(?:await|async)\b")
RECORD_TYPE = "application/vnd.course.grade+json"  # what a graded cell that is run as plain code may show

Output = dict[str, Any]


class Shell(InteractiveShell):
    """An interactive shell without terminal, history or windows."""

    def run(self, source: str) -> BaseException | None:
        """Run a cell; returns what it raised. One of plain Python is run as IPython does it, a statement at a time, but
        without all that stands around that.
        """
        tree = None if AWAITING.search(source) else self._as_python(source)
        if tree is None:
            result = self.run_cell(source, store_history=False)
            return result.error_before_exec or result.error_in_exec
        name = self.compile.cache(source, 1)
        last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        try:
            for node in tree.body:
                if node is last:  # what it gives is shown
                    exec(self.compile(ast.Interactive([node]), name, "single"), self.user_ns)
                else:
                    exec(self.compile(ast.Module([node], []), name, "exec"), self.user_ns)
        except BaseException as error:
            return error
        return None

    def _as_python(self, source: str) -> ast.Module | None:
        """The cell as Python reads it, with the future features that cells before it asked for; None if it cannot."""
        try:
            return self.compile.ast_parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing: there is no window to show."""

    def enable_matplotlib(self, gui: Any = None) -> tuple[str, str]:
        """Nothing: `%matplotlib inline` is accepted, and figures are drawn only where a person will look."""
        return "inline", "agg"

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the error is an output."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """Nothing, for the same reason."""

    def ask_exit(self) -> NoReturn:
        """What `exit` in a cell does."""
        raise SystemExit


def make_shell() -> Shell:
    """The shell, made once in the worker and used by each fork."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = Shell.instance(config=config)
    shell.user_module.__name__ = "__main__"
    sys.modules["__main__"] = shell.user_module
    return shell


class Cells:
    """Runs cells one after the other in one namespace."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.namespace: dict[str, Any] = shell.user_ns
        self._publisher = CapturingDisplayPublisher()
        builtins.input = _no_input
        shell.builtin_trap.__enter__()  # `display` and `get_ipython`, from here on

    def run(self, source: str, seconds: float, figures: bool) -> list[Output]:
        """The cell's outputs in nbformat's shape. An error is an output; time that is up is an error `TimeUp`."""
        texts = {"stdout": FirstPart(MAX_TEXT), "stderr": FirstPart(MAX_TEXT)}
        published: list[Any] = []
        results: list[Any] = []
        limit = time_limit(seconds)
        error: BaseException | None
        with self._captured(texts, published, results):
            try:
                with limit:
                    error = self.shell.run(source)
            except BaseException as raised:
                error = raised
            outputs = self._outputs(texts, published, results)
            outputs += _drawn_figures() if figures else []
            _close_figures()
        if limit.fired:
            outputs.append({"output_type": "error", "ename": "TimeUp", "evalue": "", "traceback": []})
        elif error is not None and not isinstance(error, TimeIsUp):
            outputs.append(_error(error))
        return outputs

    @contextlib.contextmanager
    def _captured(self, texts: dict[str, FirstPart], published: list[Any], results: list[Any]) -> Iterator[None]:
        shell = self.shell
        publisher, hook = self._publisher, CapturingDisplayHook(shell=shell, outputs=results)
        publisher.outputs = published
        before = shell.display_pub, shell.display_trap.hook, sys.displayhook
        shell.display_pub, shell.display_trap.hook, sys.displayhook = publisher, hook, hook
        try:
            with contextlib.redirect_stdout(texts["stdout"]), contextlib.redirect_stderr(texts["stderr"]):
                yield
        finally:
            shell.display_pub, shell.display_trap.hook, sys.displayhook = before

    def _outputs(self, texts: dict[str, FirstPart], published: list[Any], results: list[Any]) -> list[Output]:
        outputs: list[Output] = []
        for name, stream in texts.items():
            if stream.kept:
                outputs.append({"output_type": "stream", "name": name, "text": stream.text()})
        for kind, shown in (("display_data", published), ("execute_result", results)):
            for each in shown[:MAX_DISPLAYS]:
                data = _kept_data(each["data"])
                if data:
                    outputs.append({"output_type": kind, "data": data})
        return outputs


def _error(error: BaseException) -> Output:
    try:
        value = str(error)[:MAX_VALUE]
    except BaseException:  # it cannot even be printed
        value = ""
    name = str(type(error).__name__)[:MAX_NAME]
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": lines_of(error)}


def _no_input(*prompt: object) -> NoReturn:
    raise EOFError("input() is not available while a notebook is graded")


def _kept_data(data: Any) -> Output:
    """The text and images of a displayed value; anything that a browser would run is left behind."""
    kept: Output = {}
    text = data.get("text/plain")
    if isinstance(text, str):
        kept["text/plain"] = text[:MAX_TEXT]
    for kind in IMAGE_TYPES:
        image = data.get(kind)
        if isinstance(image, bytes):
            image = base64.b64encode(image).decode("ascii")
        if isinstance(image, str) and len(image) <= MAX_IMAGE:
            kept[kind] = image
    record = data.get(RECORD_TYPE)
    if isinstance(record, dict):
        kept[RECORD_TYPE] = record
    return kept


def _drawn_figures() -> list[Output]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    outputs: list[Output] = []
    for number in pyplot.get_fignums()[:MAX_FIGURES]:
        picture = io.BytesIO()
        pyplot.figure(number).savefig(picture, format="png", dpi=72, bbox_inches="tight")
        image = base64.b64encode(picture.getvalue()).decode("ascii")
        outputs.append({"output_type": "display_data", "data": {"image/png": image}})
    return outputs


def _close_figures() -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
