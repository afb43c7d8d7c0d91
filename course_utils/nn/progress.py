"""One line that shows how far a training is."""

import sys
from typing import Any


class Progress:
    """A tqdm bar over `total` iterations, begun at `done`; nothing at all with show=False.

    tqdm is imported here, at first use: importing it takes longer than the rest of `course_utils.nn`.
    """

    def __init__(self, total: int, done: int, show: bool) -> None:
        self._bar: Any = None
        if show:
            from tqdm import tqdm

            place = _OutputOfACell() if _in_notebook() else None  # None: the terminal
            self._bar = tqdm(total=total, initial=done, mininterval=0.5, unit="it", leave=True, file=place)

    def step(self) -> None:
        """One iteration more."""
        if self._bar is not None:
            self._bar.update()

    def say(self, text: str) -> None:
        """Show a text behind the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(text, refresh=False)

    def close(self, text: str = "") -> None:
        """Leave the bar as it is, and write what has to be said on a line of its own."""
        if self._bar is not None:
            self._bar.close()
            if text:
                print(text)


class _OutputOfACell:
    """A file for tqdm that is one output of a notebook's cell, replaced at every write.

    A saved or exported notebook then shows the bar as it ended. tqdm's own widget would be exported as it began and
    need the network to be seen, and its plain bar exported as a hundred lines.
    """

    encoding = "utf-8"

    def __init__(self) -> None:
        self._handle: Any = None

    def write(self, text: str) -> None:
        line = text.strip("\r\n").rstrip()
        if not line:
            return
        if self._handle is None:
            from IPython.display import DisplayHandle

            self._handle = DisplayHandle()
            self._handle.display({"text/plain": line}, raw=True)
        else:
            self._handle.update({"text/plain": line}, raw=True)

    def flush(self) -> None:
        """Nothing waits to be written."""


def _in_notebook() -> bool:
    """Whether this is the process of a notebook; importing IPython to find out would be slow."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")
