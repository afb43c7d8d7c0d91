"""What a command costs: wall seconds, and CPU seconds of everything it starts."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
EVERY = 0.05  # seconds between two looks at a process
Watch = Callable[[int], None]


def timed(command: list[str], folder: Path, watch: Watch | None = None) -> dict[str, float]:
    """Wall seconds and CPU seconds of a command with everything it starts.

    `watch` is called with the command's process id again and again while it runs, and perhaps once when it is gone.
    A command that fails ends the benchmark with what it said.
    """
    adopt_orphans()
    others = set(psutil.Process().children())
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | ONE_THREAD, stdout=said, stderr=subprocess.STDOUT
        )
        with _watched(process.pid, watch):
            failed = process.wait()
            wall = time.perf_counter() - start
        wait_for_orphans(others)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if failed:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)}: exit status {failed}\n{said.read()}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "CPU": cpu}


@contextlib.contextmanager
def _watched(process: int, watch: Watch | None) -> Iterator[None]:
    if watch is None:
        yield
        return
    ended, errors = threading.Event(), []

    def look() -> None:
        try:
            while not ended.wait(EVERY):
                watch(process)
        except Exception as error:  # raised below: a thread's own error would only be printed
            errors.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if errors:
        raise errors[0]


def adopt_orphans() -> None:
    """Make this process the parent of processes that outlive theirs, so that their CPU time is counted (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, linux/prctl.h


def wait_for_orphans(others: set[psutil.Process]) -> None:
    """Wait for the end of all of them; `others` are children that have nothing to do with what is timed."""
    while orphans := set(psutil.Process().children()) - others:
        for orphan in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan.pid, 0)
