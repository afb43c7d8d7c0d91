"""What stopped a cell, in words, with the student's line."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterable
from dataclasses import dataclass

from course_utils.selfcheck.limits import TimeIsUp
from course_utils.selfcheck.results import Status, Where

LONGEST = 600  # characters of a message; an array printed into an error can be endless
MARK = "<cell {}>"  # the file name under which a cell is compiled

ADVICE = {
    "SystemExit": "the code calls exit, which would end the whole notebook; return a value or raise an error",
    "EOFError": "the code waits for input from the keyboard, which no check can give",
    "RecursionError": "a function calls itself without end",
    "MemoryError": "the code asks for more memory than there is",
}


@dataclass(frozen=True)
class Trouble:
    """Why a cell stopped."""

    status: Status
    message: str
    where: Where | None = None


@dataclass(frozen=True)
class FailedCell:
    """A cell that stopped earlier; names it should have made are missing afterwards."""

    label: str
    source: str
    trouble: Trouble

    def should_have_made(self, name: str) -> bool:
        """Whether the cell's text binds the name (a guess from the text: it may not even parse)."""
        n = re.escape(name)
        return (
            re.search(rf"(?m)^\s*(?:(?:def|class)\s+{n}\b|{n}\b.*=|(?:import|from)\b.*\b{n}\b)", self.source)
            is not None
        )


def explain(error: BaseException, cell: str, exercise: str | None, earlier: Iterable[FailedCell] = ()) -> Trouble:
    """Turn what a cell raised into words.

    ``cell`` is the label of the cell that ran, ``exercise`` what it belongs to; ``earlier`` are the cells that stopped
    before, looked through when a name is missing.
    """
    where = locate(error, exclude=cell if cell == f"{exercise}_check" else None)
    kind, text = type(error).__name__, _text(error)
    if isinstance(error, TimeIsUp):
        return Trouble("time", "took too long: an endless loop, or far too much work", where)
    if isinstance(error, NotImplementedError):
        return _not_written(text, exercise, where)
    if kind == "CheckFailed":
        return Trouble("wrong", text, None)
    if isinstance(error, AssertionError):
        at = where or locate(error)
        said = text or f"this is false: {at.source if at else 'an assertion'}"
        return Trouble("wrong", said, where)
    if isinstance(error, _UNFIT) and cell == f"{exercise}_check" and where is None and locate(error):
        return _unfit(f"{kind}: {text}" if text else kind, text, exercise)
    where = where or locate(error)
    if kind in ADVICE:
        return Trouble("error", f"{kind}: {ADVICE[kind]}", where)
    if isinstance(error, NameError) and error.name:
        for failed in earlier:
            if failed.should_have_made(error.name):
                return Trouble("error", f"{text}: the cell {failed.label} should make it, but {_why(failed)}", where)
    if isinstance(error, SyntaxError):
        text = error.msg or text
    return Trouble("error", f"{kind}: {text}" if text else kind, where)


# What the check's own lines raise when they are given something they cannot work with.
_UNFIT = (TypeError, ValueError, LookupError, AttributeError)


def _unfit(python_says: str, text: str, exercise: str | None) -> Trouble:
    """The check itself stopped, not the student's code: its own line would tell the student nothing."""
    if re.search(r"\(\) (?:takes|missing|got) ", text):
        how = f"the check could not call {exercise} ({python_says}): keep its name and arguments as they were given"
        return Trouble("error", how)
    if text.startswith((f"{exercise!r} object", f"type object {exercise!r}")):
        how = f"the check could not use {exercise} ({python_says}): keep the names in it as they were given"
        return Trouble("error", how)
    met = re.search(r"'([\w.]+)' object|non-iterable ([\w.]+) object|of type '([\w.]+)'", text)
    found = ""
    if met:
        name = next(filter(None, met.groups()))
        found = ": it found None there (is the result returned?)" if name == "NoneType" else f": it found {_a(name)}"
    advice = "look at what the docstring says comes back"
    return Trouble("wrong", f"the check could not use what {exercise} returned{found} ({python_says}); {advice}")


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def locate(error: BaseException, exclude: str | None = None) -> Where | None:
    """The innermost line of a notebook cell in the error's traceback; cells called ``exclude`` do not count."""
    if isinstance(error, SyntaxError) and error.lineno and (error.filename or "").startswith("<cell "):
        return Where(_label(error.filename or ""), error.lineno, (error.text or "").strip())
    found: tuple[str, int] | None = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if name.startswith("<cell ") and name != MARK.format(exclude):
            found = name, line
    if found is None:
        return None
    return Where(_label(found[0]), found[1], linecache.getline(*found).strip())


def _label(filename: str) -> str:
    return filename.removeprefix("<cell ").removesuffix(">")


def _not_written(text: str, exercise: str | None, where: Where | None) -> Trouble:
    waits_for = re.sub(r"_\d+$", "", where.cell) if where else exercise
    if where and exercise and exercise not in (waits_for, where.cell):
        return Trouble("gap", f"waits for {waits_for}, which is not written yet", None)
    text = text.removeprefix(f"{exercise}: ")
    return Trouble("gap", f"not written yet: {text}" if text else "not written yet", None)


def _why(failed: FailedCell) -> str:
    if failed.trouble.status == "gap":
        return f"it needs a gap that is {failed.trouble.message.partition(':')[0]}"
    return f"it stopped ({failed.trouble.message})"


def _text(error: BaseException) -> str:
    try:
        text = str(error).strip()
    except Exception as broken:
        return f"(its message cannot be shown: {type(broken).__name__})"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"
