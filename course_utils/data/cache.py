"""Arrays that are slow to make, kept in the user's cache folder between runs.

The folder is the platform's own (on Linux ~/.cache/...), never the repository; COURSE_CACHE names another one.
What is kept is the array's bytes and nothing else, so that the file's SHA-256 is the array's. It is compared with the
one in the source at every use: hashing 43 MB takes 0.02 to 0.1 s and, unlike a time stamp, cannot be fooled. The file
is then mapped into memory, not read: processes on one machine share one copy, and the system keeps it read-only.
"""

import hashlib
import logging
import math
import mmap
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course_utils.data.errors import DataError

log = logging.getLogger(__name__)
PROJECT = "deep-learning-from-scratch-course"


def cache_folder() -> Path:
    """The folder for files that can be made or fetched again: COURSE_CACHE, or the platform's cache folder."""
    if chosen := os.environ.get("COURSE_CACHE"):
        return Path(chosen).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path(PROJECT)


def cached_array(
    file_name: str, shape: tuple[int, ...], sha256: str, make: Callable[[], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """A `uint8` array of the given shape and SHA-256: from the cache, or made by `make()` and kept there.

    A damaged file is made again with a note in the log; a folder that cannot be written costs a note and the time of
    making the array at each start. Processes that start at once each write a file of their own and move it into
    place, so none ever sees half a file. The returned array is read-only.
    Raises DataError when what `make()` returns has another shape or hash.
    """
    path = cache_folder() / file_name
    kept = _open(path, shape, sha256)
    if kept is not None:
        return kept
    made = np.ascontiguousarray(make())
    found = hashlib.sha256(made.data).hexdigest()
    if made.shape != shape or made.dtype != np.uint8 or found != sha256:
        raise DataError(
            f"{file_name}: came out as {made.dtype} {made.shape} with SHA-256 {found}; wanted uint8 {shape} with "
            f"{sha256}. The shipped data files have been changed: install the course again to get them back."
        )
    made.flags.writeable = False
    try:
        _write(path, made)
    except OSError as refusal:
        log.warning(
            "%s could not be kept in %s (%s), so it is made again at every start. "
            "Set COURSE_CACHE to a folder you can write to.", file_name, path.parent, refusal.strerror or refusal,
        )  # fmt: skip
        return made
    # The copy on disk is shared between processes; one that reads back wrong (a failing disk) is not used.
    again = _open(path, shape, sha256)
    return made if again is None else again


def _open(path: Path, shape: tuple[int, ...], sha256: str) -> NDArray[np.uint8] | None:
    """The array in a file, or None if there is no such file or it is damaged (which is noted)."""
    size = math.prod(shape)
    try:
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            if length != size:
                log.warning("%s is damaged (%d bytes instead of %d); making it again", path, length, size)
                return None
            mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        return None
    except OSError as refusal:
        log.warning("%s cannot be read (%s)", path, refusal.strerror or refusal)
        return None
    if hashlib.sha256(mapped).hexdigest() != sha256:
        log.warning("%s is damaged (its SHA-256 is not the right one); making it again", path)
        return None
    return np.frombuffer(mapped, np.uint8).reshape(shape)


def _write(path: Path, array: NDArray[np.uint8]) -> None:
    """Write next to the final place, then move: `os.replace` is atomic, so a reader sees all of a file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{time.time_ns()}.unfinished")
    try:
        unfinished.write_bytes(array.data)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _remove_leftovers(path: Path, older_than: float = 3600.0) -> None:
    """Delete what processes that were killed while writing left behind; a younger file may still be in use."""
    for leftover in path.parent.glob(f"{path.name}.*.unfinished"):
        try:
            if time.time() - leftover.stat().st_mtime > older_than:
                leftover.unlink()
        except FileNotFoundError:
            continue  # another process was quicker
