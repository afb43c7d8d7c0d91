"""An error of a cell's as text for its author: their own lines, and those of the libraries that they called.

IPython's own report looks for the source of each frame in every module there is, which costs more than running all
cells of a notebook.
"""

import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

CELL_FILE = re.compile(r"<ipython-input-\d+-[0-9a-f]+>")
CELL = "your cell"
RUNNING_CELLS = {"IPython", "autograder"}  # packages whose frames stand below a cell's
MAX_CHARACTERS = 8_000
MAX_FRAMES = 100  # the last ones
MAX_CHAIN = 10  # errors, each of which came of the next


def lines_of(error: BaseException) -> list[str]:
    """The lines to show for an error; those that it has for itself (`_render_traceback_`), as IPython would.

    One empty line for an error that cannot be described: it is the student's object, and may do anything.
    """
    try:
        own = getattr(error, "_render_traceback_", None)
        text = "\n".join(own()) if own is not None else _described(error)
        return text[-MAX_CHARACTERS:].split("\n")
    except BaseException:
        return [""]


def _described(error: BaseException) -> str:
    report = traceback.TracebackException.from_exception(error, limit=-MAX_FRAMES, compact=True)
    for each in _chain(report):
        _name_files(each)
    return "".join(report.format()).rstrip("\n")


def _chain(report: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    """An error's report, that of the error it came of, and so on; what is beyond the last is cut off."""
    link: traceback.TracebackException | None = report
    last = report
    for _ in range(MAX_CHAIN):
        if link is None:
            return
        yield link
        last, link = link, link.__cause__ or link.__context__
    last.__cause__ = last.__context__ = None


def _name_files(report: traceback.TracebackException) -> None:
    frames = list(report.stack)
    while frames and RUNNING_CELLS.intersection(Path(frames[0].filename).parts):
        del frames[0]
    for frame in frames:
        frame.filename = _name(frame.filename)
    report.stack[:] = frames
    if isinstance(getattr(report, "filename", None), str):  # of a syntax error
        report.filename = _name(report.filename)


def _name(filename: str) -> str:
    """A file as its author knows it: a library's without the folders that it is installed in."""
    if CELL_FILE.fullmatch(filename):
        return CELL
    places = [place for place in sys.path if place and filename.startswith(place.rstrip("/") + "/")]
    return filename[len(max(places, key=len).rstrip("/")) + 1 :] if places else filename
