"""One line that shows how far a training is."""

import warnings
from typing import Any


class Progress:
    """A tqdm bar over `total` iterations, begun at `done`; nothing at all with show=False.

    tqdm is imported here, at first use: importing it takes longer than the rest of `course_utils.nn`.
    """

    def __init__(self, total: int, done: int, show: bool) -> None:
        self._bar: Any = None
        if show:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # without ipywidgets the plain bar does as well
                from tqdm.auto import tqdm
            self._bar = tqdm(total=total, initial=done, mininterval=0.5, unit="it", leave=True)

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
