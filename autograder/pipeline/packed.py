"""The notebook in the archive that `course pack` writes, read in memory: nothing is unpacked to disk."""

from __future__ import annotations

import io
import zipfile
import zlib

from autograder.pipeline.outcomes import Outcome, UnusableSubmissionError

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def packed_notebook(content: bytes, assignment: str, most: int) -> bytes:
    """The content of ASSIGNMENT/ASSIGNMENT.ipynb in the archive `content`, of at most `most` bytes.

    Raises UnusableSubmissionError when the archive is damaged or holds anything else.
    """
    wanted = f"{assignment}/{assignment}.ipynb"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1 or members[0].filename != wanted or members[0].compress_type not in METHODS:
                raise UnusableSubmissionError(
                    Outcome.UNREADABLE, f"the archive does not hold {wanted} alone, as `course pack` makes it"
                )
            with archive.open(members[0]) as file:
                notebook = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
        # RuntimeError: a password is wanted; NotImplementedError, a method unknown here, is one too.
        raise UnusableSubmissionError(Outcome.UNREADABLE, "the archive cannot be read") from None
    if len(notebook) > most:
        raise UnusableSubmissionError(Outcome.TOO_LARGE, f"larger than {most // 1_000_000} MB when unpacked")
    return notebook
