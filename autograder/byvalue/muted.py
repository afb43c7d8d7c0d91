"""What student code prints while a hidden test runs could show hidden input: it goes nowhere."""

import io
import sys
import warnings
from types import TracebackType
from typing import Any


class muted:  # noqa: N801 - a context manager is used like a function
    """Text on stdout and stderr, displayed values and warnings vanish in the block."""

    def __enter__(self) -> None:
        self._before = sys.stdout, sys.stderr, sys.displayhook
        self._warnings = warnings.catch_warnings(action="ignore")
        self._warnings.__enter__()
        sys.stdout = sys.stderr = _Nowhere()
        sys.displayhook = _show_nothing

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        sys.stdout, sys.stderr, sys.displayhook = self._before
        self._warnings.__exit__(kind, error, tb)


class _Nowhere(io.TextIOBase):
    """Takes text, as much as there is, and keeps none of it."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def _show_nothing(value: Any) -> None:
    pass
