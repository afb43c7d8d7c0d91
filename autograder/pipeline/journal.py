"""The journal of a grading run, DIR/.course/journal/ASSIGNMENT.jsonl: what was graded, kept before all else.

A line is "VERSION CHECK JSON": the check is that of version, length and text. Lines are only ever appended. One
that is damaged counts as never written; what is left of a last line after a crash is dropped before the next is added.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.pipeline.keys import own_folder
from autograder.pipeline.results import Result

VERSION = 1
CHECK = 32  # hexadecimal digits
RESULT, WRITTEN = "result", "written"
JOURNALS = "journal"  # the folder


class JournalError(RuntimeError):
    """The journal was written by another version of the course. The message says what to do."""


class Journal:
    """The journal of one assignment, to be opened by the one who holds the course's lock.

    The file is made with the first line and goes with `remove`. Raises JournalError, OSError.
    """

    def __init__(self, course_dir: Path, assignment: str) -> None:
        self.path = journal_path(course_dir, assignment)
        self._descriptor: int | None = None
        self._length = 0  # bytes of whole lines
        self._unwritten: dict[str, tuple[str, int]] = {}  # student → digest and place of the result
        for place, length, record in _lines(self.path):
            self._length = place + length
            if record.get("kind") == RESULT:
                self._unwritten[record["student"]] = record["digest"], place
            elif record.get("kind") == WRITTEN:
                self._unwritten.pop(record["student"], None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what is in it stays."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_unwritten(self, student: str) -> bool:
        """Something was graded for this student and may have been written in part."""
        return student in self._unwritten

    def result(self, student: str, digest: str) -> Result | None:
        """What was graded and not yet written, when it is of this `digest`."""
        kept, place = self._unwritten.get(student, ("", 0))
        if kept != digest:
            return None
        with self.path.open("rb") as file:
            file.seek(place)
            record = decode(file.readline())
        return None if record is None else Result.of_record(record)

    def add_results(self, results: Iterable[Result]) -> None:
        """Keep results for good, before anything is made of them. Those before one that cannot be kept are kept too."""
        places = {}
        try:
            for result in results:
                places[result.student] = result.digest, self._append({"kind": RESULT} | result.as_record())
        finally:
            if places:
                os.fsync(self._opened())
                self._unwritten.update(places)

    def add_written(self, student: str, kept: Any) -> None:
        """Say that all was written for a student; `kept` (a dataclass) is what to remember of it."""
        self._append({"kind": WRITTEN, "student": student, "kept": asdict(kept)})
        self._unwritten.pop(student, None)

    def remove(self) -> None:
        """All is written, and remembered elsewhere."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _append(self, record: dict[str, Any]) -> int:
        """Add a line; returns where it begins."""
        descriptor = self._opened()
        place = self._length
        if os.fstat(descriptor).st_size != place:  # a line that was cut short
            os.ftruncate(descriptor, place)
        left = memoryview(encode(record))
        length = len(left)
        while left:
            left = left[os.write(descriptor, left) :]
        self._length = place + length
        return place

    def _opened(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self.path, flags, 0o600)
            _sync_folder(self.path.parent)
        return self._descriptor


def journal_path(course_dir: Path, assignment: str) -> Path:
    return own_folder(course_dir) / JOURNALS / f"{assignment}.jsonl"


def journaled_assignments(course_dir: Path) -> list[str]:
    """The assignments that a run began to grade and did not end."""
    folder = own_folder(course_dir) / JOURNALS
    return sorted(path.stem for path in folder.glob("*.jsonl")) if folder.is_dir() else []


def written_in(course_dir: Path, assignment: str) -> dict[str, dict[str, Any]]:
    """Student id → what is remembered of a submission written in a run that did not end."""
    path = journal_path(course_dir, assignment)
    return {record["student"]: record["kept"] for *_, record in _lines(path) if record.get("kind") == WRITTEN}


def encode(record: dict[str, Any]) -> bytes:
    """The line that says `record`."""
    text = json.dumps(record).encode("ascii")
    version = b"%d" % VERSION
    return b"%s %s %s\n" % (version, _check(version, text), text)


def decode(line: bytes) -> dict[str, Any] | None:
    """The record of a line; None when it is damaged. Raises JournalError when it is whole and of another version."""
    version, _, rest = line.removesuffix(b"\n").partition(b" ")
    check, _, text = rest.partition(b" ")
    if not line.endswith(b"\n") or check != _check(version, text):
        return None
    if int(version) != VERSION:
        raise JournalError(f"written by another version of the course (format {int(version)}, here {VERSION})")
    record: dict[str, Any] = json.loads(text)
    return record


def _check(version: bytes, text: bytes) -> bytes:
    return hashlib.sha256(b"%s %d %s" % (version, len(text), text)).hexdigest()[:CHECK].encode()


def _lines(path: Path) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(place, length, record) of every whole line of the file; none when it is not there."""
    place = 0
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        for line in file:
            try:
                record = decode(line)
            except JournalError as error:
                advice = "grade with that version to the end, or delete the file to grade again what it holds"
                raise JournalError(f"{path}: {error}; {advice}") from None
            if record is not None:
                yield place, len(line), record
            place += len(line)


def _sync_folder(folder: Path) -> None:
    """A new file's name is on the disk, where folders can be synchronised at all."""
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
