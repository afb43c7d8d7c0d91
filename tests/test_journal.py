"""The journal holds what was graded, whatever becomes of the file, and says when it was written."""

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pipeline_course import NAME
from writing_course import run_by_hand

from autograder.pipeline import journal as journal_module
from autograder.pipeline.execution import Execution
from autograder.pipeline.intake import Submission
from autograder.pipeline.journal import (
    Journal,
    JournalError,
    decode,
    encode,
    journal_path,
    journaled_assignments,
    written_in,
)
from autograder.pipeline.outcomes import Finding, Outcome
from autograder.pipeline.results import Result
from autograder.pipeline.state import Kept, graded_assignments, load_state, save_state

KEPT = Kept("digest", "graded", "a note", 1.5, 30.0, ("time_up",), "key", level="full")


def result(student: str, digest: str = "digest", cells: Any = ()) -> Result:
    findings = (Finding(Outcome.TIME_UP, "time was up — «ü»\n\ud800"),)
    return Result(student, digest, "key", "full", 30.0, 0.25, findings, list(cells))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal in which ana's and ben's results stand, ana's written."""
    with Journal(tmp_path, NAME) as journal:
        journal.add_results([result("ana")])
        journal.add_written("ana", KEPT)
        journal.add_results([result("ben", cells=[[[{"output_type": "stream"}], 1], None])])
    return journal_path(tmp_path, NAME)


def test_what_is_put_in_comes_out_until_it_is_written(tmp_path: Path, path: Path) -> None:
    with Journal(tmp_path, NAME) as journal:
        assert (journal.is_unwritten("ana"), journal.is_unwritten("ben")) == (False, True)
        assert journal.result("ana", "digest") is None
        assert journal.result("ben", "another digest") is None
        assert journal.result("ben", "digest") == result("ben", cells=[[[{"output_type": "stream"}], 1], None])
    assert load_state(tmp_path, NAME) == {"ana": KEPT}
    assert graded_assignments(tmp_path) == journaled_assignments(tmp_path) == [NAME]


def test_the_last_of_several_lines_counts(tmp_path: Path, path: Path) -> None:
    with Journal(tmp_path, NAME) as journal:
        journal.add_results([result("ben", "second")])
        assert journal.result("ben", "digest") is None
        assert journal.result("ben", "second") == result("ben", "second")
    with Journal(tmp_path, NAME) as journal:
        assert journal.result("ben", "second") == result("ben", "second")
        for note in ("once", "twice"):
            journal.add_written("ben", replace(KEPT, note=note))
    with Journal(tmp_path, NAME) as journal:
        assert not journal.is_unwritten("ben")
    assert load_state(tmp_path, NAME)["ben"].note == "twice"


def test_what_a_run_has_written_is_newer_than_the_state_of_the_run_before(tmp_path: Path, path: Path) -> None:
    save_state(tmp_path, NAME, {"ana": replace(KEPT, note="old"), "cem": KEPT})
    assert load_state(tmp_path, NAME) == {"ana": KEPT, "cem": KEPT}
    with Journal(tmp_path, NAME) as journal:
        journal.remove()
    assert load_state(tmp_path, NAME) == {"ana": replace(KEPT, note="old"), "cem": KEPT}
    assert not path.exists()


def test_a_file_cut_at_any_place_holds_the_lines_before_and_can_be_gone_on_with(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    content = path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(content) if byte == ord("\n")]
    assert len(ends) == 3
    for length in range(len(content) + 1):
        path.write_bytes(content[:length])
        whole = sum(end <= length for end in ends)
        with Journal(tmp_path, NAME) as journal:
            unwritten = [student for student in ("ana", "ben") if journal.is_unwritten(student)]
            assert unwritten == [[], ["ana"], [], ["ben"]][whole]
            assert list(written_in(tmp_path, NAME)) == ["ana"] * (whole >= 2)
            journal.add_results([result("cem")])
        with Journal(tmp_path, NAME) as journal:
            assert journal.result("cem", "digest") == result("cem")
            assert path.read_bytes() == content[: ([0, *ends])[whole]] + path.read_bytes().splitlines(True)[-1]


def test_a_changed_byte_costs_its_line_and_no_other(tmp_path: Path, path: Path) -> None:
    content = path.read_bytes()
    first, second, _ = content.splitlines(keepends=True)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= (0x01, 0x20, 0x80)[place % 3]
        path.write_bytes(changed)
        with Journal(tmp_path, NAME) as journal:
            if place < len(first) - 1:
                assert not journal.is_unwritten("ana") and journal.is_unwritten("ben")
            elif len(first) <= place < len(first) + len(second) - 1:
                assert journal.result("ana", "digest") == result("ana")
            elif place >= len(first) + len(second):
                assert not journal.is_unwritten("ben") and "ana" in written_in(tmp_path, NAME)


def test_a_journal_of_another_version_is_refused_and_kept(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = path.read_bytes()
    monkeypatch.setattr(journal_module, "VERSION", 2)
    for read in (lambda: Journal(tmp_path, NAME), lambda: load_state(tmp_path, NAME)):
        with pytest.raises(JournalError, match=r"92_numbers\.jsonl: written by another version .*; grade with that"):
            read()
    assert path.read_bytes() == content


def test_lines_that_nobody_wrote_are_none() -> None:
    line = encode({"kind": "written", "student": "ü\n\ud800", "number": float("inf")})
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode(line) == {"kind": "written", "student": "ü\n\ud800", "number": float("inf")}
    for other in (b"", b"\n", b"1\n", b"{}\n", line[:-1], line[2:], b"x" + line, line.replace(b"1 ", b"9" * 5000, 1)):
        assert decode(other) is None


def test_several_results_are_kept_at_once_and_those_that_fitted_count(tmp_path: Path, path: Path) -> None:
    row = [result(student) for student in ("cem", "dora", "eli")]
    with Journal(tmp_path, NAME) as journal:
        before = len(path.read_bytes())
        journal.add_results(row)
        assert [journal.result(each.student, "digest") for each in row] == row
        journal.add_results([result("ana", "second")])
        assert journal.result("ana", "second") == result("ana", "second")
    lines = path.read_bytes()[before:].splitlines(keepends=True)
    assert len(lines) == 4
    path.write_bytes(path.read_bytes()[: before + len(lines[0]) + len(lines[1]) + 5])
    with Journal(tmp_path, NAME) as journal:
        assert [journal.result(each.student, "digest") for each in row] == [*row[:2], None]


def test_a_full_disk_in_the_middle_of_a_line_leaves_a_journal_that_can_be_gone_on_with(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, write = path.read_bytes(), os.write

    def fills_up(descriptor: int, data: Any) -> int:
        if len(data) <= 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:10])

    with Journal(tmp_path, NAME) as journal:
        with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
            patched.setattr(os, "write", fills_up)
            journal.add_results([result("cem")])
        assert len(path.read_bytes()) > len(content)
        assert not journal.is_unwritten("cem")
        journal.add_results([result("dora")])
        assert journal.result("dora", "digest") == result("dora")
    with Journal(tmp_path, NAME) as journal:
        assert journal.result("dora", "digest") == result("dora")


def test_a_result_is_on_the_disk_before_it_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    with Journal(tmp_path, NAME) as journal:
        journal.add_results([result("ana")])
        assert synced
        journal.add_results([result("ben")])
        assert synced[-1] == synced[-2]

        def broken(_: int) -> None:
            raise OSError(errno.EIO, "broken")

        monkeypatch.setattr(os, "fsync", broken)
        with pytest.raises(OSError, match="broken"):
            journal.add_results([result("cem")])
        assert not journal.is_unwritten("cem")


def test_a_kept_result_gives_the_notebook_that_was_run(take: Any, course: Any, tmp_path: Path) -> None:
    released = nbformat.read(course[0] / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    submission: Submission = take(nbformat.writes(released))
    executed = run_by_hand(submission)
    made = Result.of_execution(
        Execution(executed, (), 1.0), student="ana", digest="d", key="k", level="none", timeout=2.0
    )
    with Journal(tmp_path, NAME) as journal:
        journal.add_results([made])
        again = journal.result("ana", "d")
    assert again is not None
    before = nbformat.writes(submission.notebook)
    assert again.executed(submission.notebook) == executed
    assert nbformat.writes(submission.notebook) == before
    with pytest.raises(ValueError):
        replace(again, cells=again.cells[1:]).executed(submission.notebook)
