"""What can happen to a submission between the student's folder and the grader, each with a name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Everything intake can find. The value is a stable word for programs; the sentence is in `Finding.sentence`."""

    # The file could not be used: the submission is graded 0, with the reason.
    MISSING = "missing"
    NOT_HANDED_IN = "not_handed_in"
    DIRECTORY = "directory"
    LINK = "link"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_MANY_CELLS = "too_many_cells"
    EMPTY = "empty"
    NOT_JSON = "not_json"
    NOT_A_NOTEBOOK = "not_a_notebook"
    UNKNOWN_FORMAT = "unknown_format"
    # The file was used, with a remark.
    RENAMED = "renamed"
    NESTED = "nested"
    LOOSE = "loose"
    PACKED = "packed"
    SEVERAL = "several"
    BYTE_ORDER_MARK = "byte_order_mark"
    NOT_UTF8 = "not_utf8"
    OLD_FORMAT = "old_format"
    OTHER_KERNEL = "other_kernel"
    BAD_TIMESTAMP = "bad_timestamp"
    OTHER_NOTEBOOK = "other_notebook"
    # Cells were put right.
    COPIED = "copied_cell"
    DELETED = "deleted_cell"
    RETYPED = "retyped_cell"
    REORDERED = "reordered_cells"
    SPLIT = "split_cell"
    MERGED = "merged_cells"
    RECOVERED = "recovered_cell"
    RESTORED = "restored_cell"
    # Found while running.
    KERNEL_DIED = "kernel_died"
    TIME_UP = "time_up"
    NO_RESULT = "no_result"


@dataclass(frozen=True)
class Finding:
    """One remark about a submission: a named outcome and a sentence a student and an instructor both understand."""

    outcome: Outcome
    sentence: str


class UnusableSubmissionError(Exception):
    """The notebook cannot be used at all. `finding` says why; the submission is graded 0."""

    def __init__(self, outcome: Outcome, sentence: str) -> None:
        super().__init__(sentence)
        self.finding = Finding(outcome, sentence)
