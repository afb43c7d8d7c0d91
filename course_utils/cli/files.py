"""Writing a file whole or not at all, and saying in words why a file could not be had."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from course_utils.shelf import kind_of

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
ELSEWHERE = "or say where your work is: --work"


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Gives a fresh file's name beside ``target``; what is written there takes its place when all went well.

    Otherwise the fresh file is removed, and an OSError about it names ``target`` instead.
    """
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        yield fresh
        fresh.replace(target)
    except OSError as error:
        named = [os.fspath(name) for name in (error.filename, error.filename2) if isinstance(name, str | os.PathLike)]
        if not named or str(fresh) in named:
            error.filename, error.filename2 = str(target), None
        raise
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def file_trouble(error: OSError) -> str | None:
    """One line that names the file and says what to do; None when no file is to blame."""
    name = error.filename2 or error.filename
    why = error.strerror or type(error).__name__
    if not isinstance(name, str | os.PathLike):
        return f"{why}: make room on the disk" if error.errno in FULL else None
    path = Path(name)
    if error.errno in FULL:
        return f"{path} could not be written ({why}): make room on the disk"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        blocking = next((place for place in (path, *path.parents) if kind_of(place) == "file"), path)
        return f"{blocking} is a file where a folder belongs: rename it, {ELSEWHERE}"
    if error.errno in (errno.EISDIR, errno.ENOTEMPTY):
        return f"{path} is a folder where a file belongs: rename it and try again"
    if error.errno in NOT_ALLOWED:
        return f"{path} may not be read or written ({why}): change the permissions of it and its folder, {ELSEWHERE}"
    return f"{path} could not be read or written ({why}): see whether it is there and is yours, {ELSEWHERE}"
