"""Files that student code finds in its folder: copies, so that whatever becomes of them is its own affair."""

from collections.abc import Iterable
from pathlib import Path

Files = tuple[tuple[str, bytes], ...]  # (path relative to the folder, content) of each


def place(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write `files` into `folder`, the folders they stand in too. Raises OSError."""
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
