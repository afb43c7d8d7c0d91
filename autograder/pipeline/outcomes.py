"""What can happen to a submission between the student's folder and the grader, each with a name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_SENTENCE = 600  # characters of a remark
MOST_NAMES = 5  # of files or cells that a remark lists


class Outcome(StrEnum):
    """Everything intake can find. The value is a stable word for programs; the sentence is in `Finding.sentence`.

    docs/broken_notebooks.md says of each what the grader does and what the student reads.
    """

    # The file could not be used: the submission is graded 0, with the reason.
    MISSING = "missing"
    NOT_HANDED_IN = "not_handed_in"
    SEVERAL_PLACES = "several_places"
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
    CONTROL_CHARACTERS = "control_characters"
    DAMAGED = "damaged"
    OLD_FORMAT = "old_format"
    GUESSED_FORMAT = "guessed_format"
    LARGE_OUTPUTS = "large_outputs"
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
    CHANGED_SETTINGS = "changed_settings"
    SHELL = "shell"
    # Found while running.
    CELL_FAILED = "cell_failed"
    ASKED_INPUT = "asked_input"
    KERNEL_DIED = "kernel_died"
    TIME_UP = "time_up"
    NO_RESULT = "no_result"


@dataclass(frozen=True)
class Finding:
    """One remark about a submission: a named outcome and a sentence a student and an instructor both understand.

    The sentence may quote names that a student chose: whatever they are, it is one line that any terminal can show.
    """

    outcome: Outcome
    sentence: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", printable(self.sentence, MAX_SENTENCE))


class UnusableSubmissionError(Exception):
    """The notebook cannot be used at all. `finding` says why; the submission is graded 0."""

    def __init__(self, outcome: Outcome, sentence: str) -> None:
        super().__init__(sentence)
        self.finding = Finding(outcome, sentence)


def printable(text: str, most: int | None = None) -> str:
    """`text` in one line: control characters, escapes, changes of direction and halves of characters replaced."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text if most is None or len(text) <= most else f"{text[: most - 1]}…"


def listed(names: list[str]) -> str:
    """The first of `names` and how many more there are."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"
