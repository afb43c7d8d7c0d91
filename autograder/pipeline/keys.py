"""The course's own folder DIR/.course: its secret key, and the lock that keeps two graders apart."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path

KEY_BYTES = 32
OWN = ".course"


class CourseKeyError(ValueError):
    """The file that holds the course's secret key is damaged."""


class CourseLockedError(Exception):
    """Another process is grading in this course directory; the message says which."""


def own_folder(course_dir: Path) -> Path:
    """DIR/.course, made on first use and closed to other users."""
    folder = course_dir / OWN
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def course_key(course_dir: Path, seed: str | None = None) -> bytes:
    """The secret from which every hidden input's seed follows: `seed`, or one made once and kept in .course/key.

    Raises ValueError when the kept key is damaged.
    """
    if seed is not None:
        return seed.encode()
    path = own_folder(course_dir) / "key"
    # Written in full beside it, then linked: two graders that start at once agree on one key.
    if not path.exists():
        draft = path.with_name(f"key.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            draft.replace(path)
        draft.unlink(missing_ok=True)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise CourseKeyError(
            f"{path}: not a course key; restore it from a backup, or delete it to start with new hidden inputs"
        )
    return key


@contextlib.contextmanager
def course_lock(course_dir: Path) -> Iterator[None]:
    """Hold DIR/.course/lock. Raises CourseLockedError, naming the holder, when another process has it.

    The system drops the lock with the process, so a killed grader leaves nothing to clean up.
    """
    path = own_folder(course_dir) / "lock"
    with path.open("a+", encoding="utf-8") as file:
        if not _try_lock(file.fileno()):
            raise CourseLockedError(f"{course_dir}: already being graded by {_holder(path)}; wait for it to end")
        file.seek(0)
        file.truncate()
        started = time.strftime("%H:%M:%S")
        file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": started}))
        file.flush()
        yield
        file.seek(0)
        file.truncate()


def _holder(path: Path) -> str:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return f"process {about['pid']} on {about['host']} since {about['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _try_lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:
        return _try_lock_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _try_lock_windows(descriptor: int) -> bool:  # pragma: no cover - Windows only
    import msvcrt

    # A byte far behind the text, so that others can still read who holds the lock.
    os.lseek(descriptor, 1 << 20, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True
