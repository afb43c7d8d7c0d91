"""The instructor's report: what it says, and that it is one harmless page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pipeline_course import NAME, graded_class

from autograder.pipeline.state import save_state
from autograder.report import write_report
from autograder.report.charts import hidden_test_bars, histogram
from autograder.report.collect import MOST_MISTAKES, HiddenTestTally, Mistake, collect
from autograder.report.page import page


@pytest.fixture(scope="module")
def html() -> str:
    return write_report(graded_class()[0], NAME).read_text(encoding="utf-8")


class Balanced(HTMLParser):
    """Checks that every element is closed in the right order."""

    VOID = frozenset({"meta", "line", "rect", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID or self.open[-1:] == [tag]:
            assert self.open.pop() == tag


def test_the_page_needs_nothing_from_outside_and_runs_nothing(html: str) -> None:
    assert not re.search(r"<script|<link|<img|<iframe|@import|url\(|\son\w+=", html)
    assert not re.search(r"(src|href)=", html)
    assert "default-src 'none'" in html


def test_the_page_is_well_formed(html: str) -> None:
    parser = Balanced()
    parser.feed(html.replace("<!DOCTYPE html>", ""))
    assert parser.open == []


def test_the_report_tallies_exercises_and_tests() -> None:
    report = collect(graded_class()[0], NAME)
    double, halve = report.exercises
    assert (report.title, report.automatic_max, len(report.students)) == ("Numbers", 10, 11)
    assert (double.name, double.points, double.full, double.part, double.none) == ("double", 6, 7, 1, 3)
    assert [(test.title, test.passed, test.total) for test in double.tests] == [
        ("doubles a small number", 8, 9),
        ("doubles a large number", 7, 9),
    ]
    assert (halve.full, halve.none) == (6, 5)


def test_a_recognised_mistake_names_who_made_it() -> None:
    mistakes = {mistake.sentence: mistake for mistake in collect(graded_class()[0], NAME).mistakes}
    assert mistakes["The result is one too large."].students == ["ben", "cem"]
    assert mistakes["The result is one too large."].recognised
    assert not mistakes["The result is not half of the number."].recognised


def test_students_behind_are_listed_with_what_they_need(html: str) -> None:
    report = collect(graded_class()[0], NAME)
    assert [line.row.student_id for line in report.need_help] == ["cem", "gus", "kim"]
    assert report.need_help[0].trouble["halve"] == "The result is not half of the number."
    for words in ("3 students need help", "not valid JSON at line 15", "The result is one too large."):
        assert words in html


def test_what_students_control_is_escaped() -> None:
    report = collect(graded_class()[0], NAME)
    nasty = "<script>alert(1)</script>\"'"
    report.mistakes.append(Mistake(nasty, nasty, [nasty] * (MOST_MISTAKES + 1), True))
    report.exercises[0].tests.append(HiddenTestTally(nasty, 1, 2))
    assert "<script" not in page(report)


def test_pictures_of_nothing_and_of_extremes_are_pictures() -> None:
    for values, maximum in (([], 90.0), ([0.0], 0.0), ([90.0, 91.0, -1.0], 90.0)):
        assert histogram(values, maximum).count("<rect") == 10
    assert "0 of 0" in hidden_test_bars([HiddenTestTally("x" * 200, 0, 0)])


def test_an_assignment_that_was_not_graded_has_no_report(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="has not been graded here"):
        write_report(tmp_path, NAME)


def test_without_submissions_the_reason_is_said(tmp_path: Path) -> None:
    save_state(tmp_path, NAME, {})
    with pytest.raises(
        FileNotFoundError, match=f"no submissions of {NAME}; put notebooks in submitted/STUDENT/{NAME}/"
    ):
        write_report(tmp_path, NAME)
