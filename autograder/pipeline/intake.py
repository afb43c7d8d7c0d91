"""From DIR/submitted to notebooks that can be graded. Never writes there, never fails on what a student handed in."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from autograder.pipeline.locate import (
    choose_notebook,
    refuse_links_out,
    refuse_nothing,
    remarks_on_place,
    submitted_folders,
)
from autograder.pipeline.master import Master
from autograder.pipeline.outcomes import Finding, Outcome, UnusableSubmissionError, printable
from autograder.pipeline.reading import WHOLE_CELLS, read_notebook
from autograder.pipeline.rebuild import holds_work, rebuild
from autograder.source import SOLUTIONS

TIMESTAMP, SECRET = "timestamp.txt", "submission_secret.txt"  # which nbgrader's exchange writes beside a notebook
MAX_TIMESTAMP_BYTES = 200
MAX_SECRET_BYTES = 1_000


@dataclass(frozen=True)
class Submission:
    """What a student handed in, ready to grade.

    `notebook` is the rebuilt notebook; with `usable` false it is the untouched release, and counts 0. `path` is
    relative to the course directory. `timestamp` is the time of hand-in as nbgrader keeps it, or None; `secret` is
    what nbgrader's exchange finds the feedback by.
    """

    student: str
    assignment: str
    path: str
    notebook: NotebookNode
    usable: bool
    findings: tuple[Finding, ...]
    timestamp: str | None = None
    secret: str | None = None

    @property
    def exchange_files(self) -> dict[str, str]:
        """Name → content of what nbgrader's exchange needs beside the autograded notebook and the feedback."""
        files = {TIMESTAMP: self.timestamp, SECRET: self.secret}
        return {name: text for name, text in files.items() if text}

    @property
    def note(self) -> str:
        """What to know about this submission, in one line; empty when all was well."""
        return note(self.path, self.findings, self.usable)

    @property
    def digest(self) -> str:
        """SHA-256 of everything about the submission that a grade depends on."""
        sources = [cell["source"] for cell in self.notebook.cells]
        kinds = [cell["cell_type"] for cell in self.notebook.cells]
        about = json.dumps([kinds, list(map(len, sources)), self.usable, self.note, self.timestamp])
        return hashlib.sha256("".join([about, *sources]).encode("utf-8", "surrogatepass")).hexdigest()


def note(path: str, findings: tuple[Finding, ...], usable: bool = True) -> str:
    """The sentences of `findings` after the file's path, in one line."""
    if not findings:
        return ""
    consequence = "" if usable else "; graded 0 with a note"
    return f"{printable(path)}: {'; '.join(finding.sentence for finding in findings)}{consequence}"


def intake(course_dir: Path, master: Master) -> list[Submission]:
    """Every submission of an assignment in DIR/submitted, in order of student id."""
    folders = handed_in(course_dir, master.assignment)
    return [take_in(course_dir, master, student, folder) for student, folder in folders.items()]


def handed_in(course_dir: Path, assignment: str) -> dict[str, Path]:
    """Student id → what that student handed in for `assignment`, unread, for `take_in`; in order of student id."""
    return submitted_folders(course_dir / "submitted", assignment, _known_assignments(course_dir))


def take_in(course_dir: Path, master: Master, student: str, folder: Path) -> Submission:
    """One student's submission from `folder` (DIR/submitted/STUDENT/ASSIGNMENT, or what `submitted_folders` gave)."""
    submitted = course_dir / "submitted"
    path, findings = folder, list[Finding]()
    timestamp = secret = None
    try:
        home = submitted / folder.relative_to(submitted).parts[0]
        refuse_links_out(folder, home, submitted)
        timestamp, unreadable = _timestamp(folder)
        secret = _secret(folder)
        if folder == home:
            refuse_nothing(folder, master.assignment)
        path, remarks = choose_notebook(folder, master.notebook_name, master.siblings)
        findings = [*remarks_on_place(folder, home, master.assignment), *remarks]
        refuse_links_out(path, home, submitted)
        cells, remarks = read_notebook(path, master.notebook_name)
        notebook, put_right = rebuild(master, cells)
        if not holds_work(master, notebook):
            _refuse_damaged(remarks)
        findings += remarks + put_right
        usable = True
        findings += unreadable
    except (UnusableSubmissionError, OSError) as error:
        notebook, usable = empty_notebook(master), False
        findings = [*findings, _reason(error)]
    relative = path.relative_to(course_dir).as_posix()
    return Submission(student, master.assignment, relative, notebook, usable, tuple(findings), timestamp, secret)


def not_taken_in(course_dir: Path, master: Master, student: str, folder: Path) -> Submission:
    """What stands for a submission on which `take_in` itself failed."""
    path = folder.relative_to(course_dir).as_posix()
    return Submission(student, master.assignment, path, empty_notebook(master), False, ())


def empty_notebook(master: Master) -> NotebookNode:
    """The released notebook with nothing filled in, as graded when a submission cannot be used."""
    notebook = copy.deepcopy(master.notebook)
    for cell in notebook.cells:
        cell.source = master.cell_source(cell)
    return notebook


def _known_assignments(course_dir: Path) -> set[str]:
    """Assignments released in this course directory, and the course's own."""
    folders = [folder for folder in (course_dir / "release", SOLUTIONS) if folder.is_dir()]
    return {path.name for folder in folders for path in folder.iterdir() if path.is_dir()}


def _reason(error: UnusableSubmissionError | OSError) -> Finding:
    if isinstance(error, UnusableSubmissionError):
        return error.finding
    return Finding(Outcome.UNREADABLE, f"cannot be read ({error.strerror or type(error).__name__})")


def _refuse_damaged(remarks: list[Finding]) -> None:
    """Raise UnusableSubmissionError when `remarks` say that the file is damaged: nothing of it can be used."""
    for remark in remarks:
        if remark.outcome is Outcome.DAMAGED:
            raise UnusableSubmissionError(Outcome.NOT_JSON, remark.sentence.removesuffix(WHOLE_CELLS))


def _timestamp(folder: Path) -> tuple[str | None, list[Finding]]:
    """The content of nbgrader's timestamp.txt when it is one; late penalties are computed from it."""
    from nbgrader.utils import parse_utc

    path = folder / TIMESTAMP
    if path.is_symlink() or not path.is_file():
        return None, []
    try:
        text = path.read_bytes()[:MAX_TIMESTAMP_BYTES].decode("utf-8").strip()
        parse_utc(text)
    except (ValueError, OverflowError, OSError):
        finding = Finding(Outcome.BAD_TIMESTAMP, "timestamp.txt is not a time; counted as handed in on time")
        return None, [finding]
    return text, []


def _secret(folder: Path) -> str | None:
    """The content of nbgrader's submission_secret.txt, from which the name of the released feedback is made."""
    path = folder / SECRET
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        content = file.read(MAX_SECRET_BYTES + 1)
    return content.decode("ascii") if content.isascii() and len(content) <= MAX_SECRET_BYTES else None
