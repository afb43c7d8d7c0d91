"""The garbage collector, kept from what is loaded to stay: it would go through all of it a dozen times meanwhile."""

from __future__ import annotations

import atexit
import contextlib
import gc
from collections.abc import Iterator


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


def leave_to_the_system() -> None:
    """At the end of this program the collector does not look for what else could be freed: all memory goes then."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
