"""Pieces of a feedback page, each tidied once, that give what tidying the whole page would give.

nbconvert's last step parses the finished page with Beautiful Soup and writes it again, which takes most of the time
a page costs. A piece that is closed in itself (begins and ends with a tag, every tag in it closed in order) comes out
of that step the same wherever it stands, so it can be tidied alone and remembered. Whatever is not closed in itself
is left to the step for the whole page.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup, Tag

SPACES = " \t\n\r\f"  # what Beautiful Soup counts as white space between tags
# The name is made anew in each process, and is no tag that passes the sanitiser: no text can contain a mark.
_MARK = f"part-{secrets.token_hex(8)}"
_MARKED = re.compile(rf'<{_MARK} id="(\d+)"></{_MARK}>')
_ROW_OF_MARKS = re.compile(rf"{_MARKED.pattern}(?:[{SPACES}]*{_MARKED.pattern})+")
# Ends whatever a piece may have left open, a quoted attribute or a comment, and is then no longer seen as written here.
_ENDS = "--> ]]> ?> \" ' >"
_END = f"<{_MARK}>{_ENDS}</{_MARK}>"
_NO_ALT = "No description has been provided for this image"  # as nbconvert says it


class Parts:
    """Tidied pieces, and the marks that stand for them in the text around until that is tidied too."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def put(self, text: str) -> str:
        """Keep `text`; returns the mark to write in its place."""
        self._texts.append(text)
        return f'<{_MARK} id="{len(self._texts) - 1}"></{_MARK}>'

    def fill(self, tidied: str) -> str:
        """`tidied` with the pieces in the places of their marks."""
        return _MARKED.sub(lambda mark: self._texts[int(mark[1])], tidied)

    def join_rows(self, html: str) -> str:
        """`html` with each row of marks replaced by one mark: what is between them is white space alone."""
        return _ROW_OF_MARKS.sub(lambda row: self.put(self.fill(collapsed(row[0]))), html)


class Memory:
    """Results by the whole text they were made from; the ones not used for longest are dropped first.

    `room` is in characters of keys and results: what hostile notebooks bring in cannot fill the memory.
    """

    def __init__(self, room: int) -> None:
        self._room, self._used = room, 0
        self._results: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def get(self, key: str) -> tuple[str, ...] | None:
        if key not in self._results:
            return None
        self._results.move_to_end(key)
        return self._results[key]

    def keep(self, key: str, result: tuple[str, ...]) -> tuple[str, ...]:
        """Remember `result`, which is returned, unless it is larger than a tenth of the room."""
        size = len(key) + sum(map(len, result))
        if size > self._room // 10 or key in self._results:
            return result
        self._results[key] = result
        self._used += size
        while self._used > self._room:
            dropped, old = self._results.popitem(last=False)
            self._used -= len(dropped) + sum(map(len, old))
        return result


def tidy_page(html: str) -> str:
    """What nbconvert's HTMLExporter makes of a finished page."""
    return _written(BeautifulSoup(html, features="html.parser"))


def tidy(html: str) -> tuple[str, str, str] | None:
    """White space before, the tidied piece, white space after; None when `html` is not closed in itself."""
    start, core, end = split(html)
    if not core.startswith("<") or not core.endswith(">"):
        return None
    soup = _Watched(core + _END, features="html.parser")
    *inside, last = soup.contents
    if not soup.in_order or not isinstance(last, Tag) or (last.name, last.string) != (_MARK, _ENDS) or not inside:
        return None
    if not isinstance(inside[0], Tag) or not isinstance(inside[-1], Tag):
        return None
    last.extract()
    return start, _written(soup), end


def tidy_text(html: str) -> str:
    """Tidied output of a function known to write text and <span> tags: only quotes are written otherwise."""
    return html.replace("&#34;", '"').replace("&quot;", '"').replace("&#39;", "'")


def collapsed(html: str) -> str:
    """White space between tags as Beautiful Soup leaves it."""
    between = re.compile(rf">([{SPACES}]+)<")
    return between.sub(lambda found: ">\n<" if "\n" in found[1] else "> <", html)


def split(html: str) -> tuple[str, str, str]:
    """White space before, what is inside, white space after."""
    core = html.strip(SPACES)
    before = html[: len(html) - len(html.lstrip(SPACES))] if core else html
    return before, core, html[len(before) + len(core) :]


class _Watched(BeautifulSoup):
    """Notes whether every end tag closes the tag opened last."""

    in_order: bool = True

    def handle_endtag(self, name: str, *args: Any, **kwargs: Any) -> None:
        if self.currentTag is None or self.currentTag.name != name:
            self.in_order = False
        super().handle_endtag(name, *args, **kwargs)


def _written(soup: BeautifulSoup) -> str:
    """The text of `soup` after the changes that HTMLExporter makes to images and to cells of JupyterLab's template."""
    text = str(soup)
    changes: list[tuple[str, str, Callable[[Tag], None]]] = [
        ("<img", "img:not([alt])", lambda tag: tag.attrs.update(alt=_NO_ALT)),
        ("jp-Notebook", ".jp-Notebook div.jp-Cell-inputWrapper", lambda tag: tag.attrs.update(tabindex="0")),
        ("jp-Notebook", ".jp-Notebook div.jp-OutputArea-output", lambda tag: tag.attrs.update(tabindex="0")),
    ]
    for sign, selector, change in changes:
        if sign in text:
            for tag in soup.select(selector):
                change(tag)
            text = str(soup)
    return text
