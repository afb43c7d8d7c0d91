"""What student code prints while a hidden test runs could show hidden input: it goes nowhere."""

import contextlib
import io
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Text on stdout and stderr, displayed values and warnings vanish in the block."""
    nowhere = io.StringIO()
    hook = sys.displayhook
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sys.displayhook = lambda value: None
        try:
            yield
        finally:
            sys.displayhook = hook
