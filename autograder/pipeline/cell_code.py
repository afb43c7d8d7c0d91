"""What the text of a cell defines, as far as it is Python. The work is bounded, whatever a student wrote.

IPython's own transformation of a cell takes the square of the time for each magic line, and gives up with an error:
here magic and shell lines are only stepped over.
"""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Collection

MAX_CHARACTERS = 50_000  # of a cell; a longer one counts as not being Python
MAX_TOTAL = 500_000  # of all cells of a notebook that have to be looked at
_MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|.*\?)[ \t]*$", re.MULTILINE)
_ASSIGNED = re.compile(r"^([ \t]*[\w, .\[\]]+=[ \t]*)[%!].*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\A\s*%%.*")
_DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Code:
    """Looks into the cells of one notebook; each text is parsed once, and only so many of them."""

    def __init__(self) -> None:
        self._room = MAX_TOTAL
        self._known: dict[str, dict[str, str] | None] = {}

    def is_python(self, source: str) -> bool:
        """Whether the text is Python, magic and shell lines included. False, too, when it is too long to tell."""
        return self._look(source) is not None

    def definitions(self, source: str, wanted: Collection[str] | None = None) -> dict[str, str]:
        """Name → text of each function and class defined at the top of a cell; empty when it is not Python.

        With `wanted`, a cell in which none of these names is defined need not be parsed.
        """
        if wanted is not None and not any(map(_mentions(source).__contains__, wanted)):
            return {}
        return self._look(source) or {}

    def _look(self, source: str) -> dict[str, str] | None:
        if source not in self._known:
            if len(source) > min(MAX_CHARACTERS, self._room):
                return None
            self._room -= len(source)
            self._known[source] = _definitions(source)
        return self._known[source]


def definitions(source: str) -> dict[str, str]:
    """What an instructor's cell defines."""
    return _definitions(source) or {}


def _mentions(source: str) -> set[str]:
    names = re.findall(r"\b(?:def|class)[ \t]+(\w+)", source)
    return {unicodedata.normalize("NFKC", name) for name in names}  # as Python reads names


def _definitions(source: str) -> dict[str, str] | None:
    for version_of in (str, _plain):
        text = version_of(source)
        # A line for a line, so that what is found can be cut out of the student's own text.
        stepped_over = _MAGIC.sub(r"\1pass", _ASSIGNED.sub(r"\1None", _CELL_MAGIC.sub("", text)))
        for version in (text, stepped_over):
            tree = _parsed(version)
            if tree is not None:
                return _cut_out(tree, text.split("\n"))
    return None


def _cut_out(tree: ast.Module, lines: list[str]) -> dict[str, str]:
    found = {}
    for node in tree.body:
        if isinstance(node, _DEFINITION):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


def _plain(source: str) -> str:
    """The text without what IPython forgives: an indentation of the whole, prompts copied along."""
    from IPython.core.inputtransformer2 import classic_prompt, ipython_prompt, leading_indent

    lines = [f"{line}\n" for line in source.split("\n")]
    for forgive in (leading_indent, classic_prompt, ipython_prompt):
        lines = forgive(lines)
    return "".join(lines).rstrip("\n")


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes in a student's text
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
