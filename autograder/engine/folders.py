"""The temporary folder of a worker, and the removal of those that a killed grader left behind.

The grader that made a folder holds a lock on a file in it; the system drops the lock with the process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "course-worker-"
LOCK = "lock"


class OwnFolder:
    """A new folder of a worker's, whose name no other has. Others may pass through it to what is theirs inside."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.path.chmod(0o711)  # a throwaway user passes through it to the folders that are its own
        # Locked before it has its name: nobody ever sees it free while we live.
        draft = self.path / f"{LOCK}.new"
        self._descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        if _lock(self._descriptor):
            draft.rename(self.path / LOCK)

    def remove(self) -> None:
        """Remove it and everything in it."""
        remove(self.path)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def remove_left_over() -> list[Path]:
    """Remove the folders of workers whose graders are dead; returns them.

    Only folders of this user's, found in the temporary folder itself: no link is followed. One without a lock file is
    left alone.
    """
    removed = []
    with os.scandir(tempfile.gettempdir()) as entries:
        names = [entry.path for entry in entries if entry.name.startswith(PREFIX)]
    for name in names:
        with contextlib.suppress(OSError), _held(name) as free:  # not ours, or another grader was quicker
            if free:
                remove(Path(name))
                removed.append(Path(name))
    return removed


def remove(folder: Path) -> None:
    """Remove a folder, whatever a student made of it: Python recurses once a level, and a folder may forbid listing."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and os.name == "posix":
        for command in (["chmod", "-R", "u+rwx", "--"], ["rm", "-rf", "--"]):
            subprocess.run([*command, str(folder)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


@contextlib.contextmanager
def _held(name: str) -> Iterator[bool]:
    """Whether nobody else holds the folder; then it is ours until the end of the block. Raises OSError."""
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(LOCK, flags, dir_fd=folder)
        try:
            ours = all(os.fstat(each).st_uid == os.geteuid() for each in (folder, descriptor))
            yield ours and stat.S_ISREG(os.fstat(descriptor).st_mode) and _lock(descriptor)
        finally:
            os.close(descriptor)
    finally:
        os.close(folder)


def _lock(descriptor: int) -> bool:
    """Whether the lock is ours now. False where the file system has none: such a folder is nobody's to remove."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
