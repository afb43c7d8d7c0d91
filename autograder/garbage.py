"""The garbage collector, kept from what is loaded to stay: it would go through all of it a dozen times meanwhile."""

from __future__ import annotations

import atexit
import contextlib
import gc
from collections.abc import Iterator

NEW = 20_000  # objects that are made before the collector looks at them, in place of Python's 700


@contextlib.contextmanager
def loading(thorough: bool = True) -> Iterator[None]:
    """Nothing is collected in the block, and what is there after it is never looked at again.

    `thorough`: what the block has left as garbage goes at its end. That takes a tenth of a second where much was
    loaded; it is worth it for a process that is forked, whose forks would carry it along.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if thorough:
            gc.collect()
        gc.freeze()
        if collects:
            gc.enable()


def collect_rarely() -> None:
    """For a process that makes and drops notebooks by the thousand: next to nothing of that refers to itself."""
    gc.set_threshold(NEW)


def leave_to_the_system() -> None:
    """At the end of this program the collector does not look for what else could be freed: all memory goes then."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
