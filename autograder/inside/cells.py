"""Running a notebook's cells in IPython's shell, without a kernel: magics and display work, output is kept and capped.

Everything here runs in the student's process and may be turned against us: the grader believes none of it.
"""

import ast
import base64
import builtins
import contextlib
import io
import sys
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
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
RECORD_TYPE = "application/vnd.course.grade+json"  # what a graded cell that is run as plain code may show

Output = dict[str, Any]


class Shell(InteractiveShell):
    """An interactive shell without terminal, history or windows."""

    def transform_cell(self, raw_cell: str) -> str:
        """The cell without IPython's own syntax. What Python understands has none, and needs not be taken to pieces."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they are given when the cell is run
                ast.parse(raw_cell)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return str(super().transform_cell(raw_cell))
        return raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"

    def should_run_async(self, raw_cell: str, **more: Any) -> bool:
        """Whether the cell awaits something outside a function, which takes one of two words."""
        return ("await" in raw_cell or "async" in raw_cell) and bool(super().should_run_async(raw_cell, **more))

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
        builtins.input = _no_input

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
                    error = _error_of(self.shell.run_cell(source, store_history=False))
            except BaseException as raised:
                error = raised
            outputs = self._outputs(texts, published, results)
            outputs += _drawn_figures() if figures else []
            _close_figures()
        if limit.fired:
            outputs.append({"output_type": "error", "ename": "TimeUp", "evalue": "", "traceback": []})
        elif error is not None:
            outputs.append(_error(error))
        return outputs

    @contextlib.contextmanager
    def _captured(self, texts: dict[str, FirstPart], published: list[Any], results: list[Any]) -> Iterator[None]:
        shell = self.shell
        publisher, hook = CapturingDisplayPublisher(), CapturingDisplayHook(shell=shell, outputs=results)
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


def _error_of(result: ExecutionResult) -> BaseException | None:
    error: BaseException | None = result.error_before_exec or result.error_in_exec
    return None if isinstance(error, TimeIsUp) else error


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
