"""The fork server that grading processes come from, to be started first: it and its caller then import side by side."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
PRELOADED = "autograder.preloaded"


_environment = threading.Lock()


@cache
def start_context() -> Any:
    """How grading processes start: forked from one that has imported everything, where the system can do that."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    return context


def start_fork_server() -> None:
    """Start the process that grading processes are forked from, if this system has that; returns at once."""
    if start_context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with one_thread():
            forkserver.ensure_running()


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """What is started here finds an environment in which linear algebra uses one thread: there is a process a core."""
    with _environment:
        before = {name: os.environ.get(name) for name in ONE_THREAD}
        os.environ.update(ONE_THREAD)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
