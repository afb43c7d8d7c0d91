"""Which of several processes or threads may go on with a file: the first to lock it."""

import os
import sys
from typing import IO

if sys.platform == "win32":  # pragma: no cover - Windows only
    import msvcrt

    def claim(file: IO[bytes]) -> bool:
        """Whether this open file is now locked for us; the lock ends when the file is closed."""
        try:
            file.seek(1 << 40)  # Windows locks bytes: one beyond the end leaves the content readable
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True

else:
    import fcntl

    def claim(file: IO[bytes]) -> bool:
        """Whether this open file is now locked for us; the lock ends when the file is closed."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return os.fstat(file.fileno()).st_nlink > 0  # not one that another has finished and removed meanwhile
