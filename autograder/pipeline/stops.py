"""What ends a grading run before its end, said in one line: a full disk, a locked or read-only gradebook, Ctrl-C."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

PATIENCE = 15.0  # seconds to wait for a program that has the gradebook locked
PAUSE = 0.2
ROOM = 1 << 16  # bytes that must be free
KEPT = "Nothing that was graded is lost: run the same command again to continue"
_FILES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EIO: "the disk does not work",
}
_FULL, _READ_ONLY, _CANNOT_OPEN, _INPUT_OUTPUT = 13, 8, 14, 10  # SQLite's result codes
_BUSY = (5, 6)
_DATABASE = {
    _FULL: "the disk is full",
    _READ_ONLY: "it is read-only; allow writing to it",
    _CANNOT_OPEN: "it cannot be opened; allow writing to it and to its folder",
    _INPUT_OUTPUT: "it cannot be read or written (the disk is full or does not work)",
}
T = TypeVar("T")


class GradingStoppedError(RuntimeError):
    """The run cannot go on for a reason of this machine's. The message says why, and that all is kept."""


class ClusterError(RuntimeError):
    """The cluster cannot be reached, or is none to grade on. The message says what to do."""


class GradingInterrupted(KeyboardInterrupt):
    """Somebody pressed Ctrl-C; the message says that all is kept."""


@contextlib.contextmanager
def in_words(course_dir: Path) -> Iterator[None]:
    """Raise GradingStoppedError or GradingInterrupted for what `stop_reason` knows; anything else goes through."""
    try:
        yield
    except KeyboardInterrupt:
        raise GradingInterrupted(f"stopped. {KEPT}") from None
    except Exception as error:
        reason = stop_reason(course_dir, error)
        if reason is None:
            raise
        raise GradingStoppedError(f"{reason}. {KEPT}") from error


def stop_reason(course_dir: Path, error: BaseException) -> str | None:
    """Why nothing more can be written, in words; None when the error is of another kind."""
    gradebook = course_dir / "gradebook.db"
    for each in _causes(error):
        if isinstance(each, sqlite3.Error):
            code = _code(each)
            if code in _BUSY:
                return f"{gradebook}: {lock_holder(gradebook)} has it locked; close that, or wait for it"
            if code in _DATABASE:
                return f"{gradebook}: {_DATABASE[code]}"
        elif isinstance(each, OSError) and each.errno in _FILES:
            return f"{each.filename or course_dir}: {_FILES[each.errno]}"
    return None


def is_locked(error: BaseException) -> bool:
    """Another program holds the lock of the gradebook."""
    return any(isinstance(each, sqlite3.Error) and _code(each) in _BUSY for each in _causes(error))


def patiently(write: Callable[[], T]) -> T:
    """What `write` returns, which is called again for some seconds while another program has the gradebook locked."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return write()
        except Exception as error:
            if not is_locked(error) or time.monotonic() >= until:
                raise
        time.sleep(PAUSE)


def check_writable(course_dir: Path) -> None:
    """See that results can be written: before any student's code is run, and when writing failed for no known reason.

    Raises GradingStoppedError, or sqlite3.Error when the gradebook cannot be written now.
    """
    for folder in (course_dir, *(course_dir / name for name in (".course", "autograded", "feedback"))):
        if folder.is_dir():
            try:
                with tempfile.TemporaryFile(dir=folder) as file:
                    file.write(bytes(ROOM))
                    file.flush()
            except OSError as error:
                why = (error.strerror or type(error).__name__).lower()
                raise GradingStoppedError(f"{folder}: cannot be written to ({why}). {KEPT}") from error
    path = course_dir / "gradebook.db"
    if path.is_file():
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            (number,) = database.execute("PRAGMA user_version").fetchone()
            database.execute(f"PRAGMA user_version = {number}")  # SQLite begins also what it may not write
            database.execute("ROLLBACK")


def lock_holder(path: Path) -> str:
    """The program that holds a lock on a file, as well as the system tells."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        inode = path.stat().st_ino
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            process, place = words[-4], words[-3]
            if int(place.rpartition(":")[2]) == inode and int(process) not in (os.getpid(), 0, -1):
                name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8", errors="replace").strip()
                return f"another program ({name}, process {process})"
    return "another program"


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 for an error of Python's module itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what SQLAlchemy wrapped in it, and what it came of."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        original = getattr(error, "orig", None)
        came_of = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        error = original if isinstance(original, BaseException) else came_of
