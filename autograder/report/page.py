"""The report as one HTML page: no scripts, nothing from the network, everything a student wrote escaped."""

from __future__ import annotations

import time
from collections.abc import Iterable
from html import escape
from importlib import resources
from statistics import median

from autograder.grading.run import NOT_WRITTEN
from autograder.pipeline.grades import GRADED, NEEDS_PERSON
from autograder.report.charts import exercise_bars, hidden_test_bars, histogram
from autograder.report.collect import HELP_BELOW, Mistake, Report, StudentLine

STATUS_WORDS = {
    GRADED: "graded",
    NEEDS_PERSON: "written answers to grade",
    "unreadable": "unreadable",
    "failed": "grading failed",
}
MOST_NAMES = 8


def page(report: Report) -> str:
    """The whole page."""
    style = resources.files("autograder.report").joinpath("style.css").read_text(encoding="utf-8")
    title = f"{report.assignment}: {report.title}"
    body = "\n".join(
        [
            _header(report, title),
            _section("scores", _score_finding(report), histogram(_automatic(report), report.automatic_max)),
            _section("exercises", _exercise_finding(report), _legend() + exercise_bars(report.exercises)),
            _section("mistakes", "Mistakes most often diagnosed", _mistakes(report.mistakes)),
            _section("help", _help_finding(report), _need_help(report)),
            _section("files", "What went wrong with which file", _remarks(report)),
            _section("tests", "Success per hidden test", _tests(report)),
            _section("all", "All submissions", _all(report)),
        ]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _header(report: Report, title: str) -> str:
    statuses = [line.row.status for line in report.students]
    automatic = _automatic(report)
    tiles = [
        (str(len(statuses)), "submissions"),
        (f"{median(automatic):.3g} of {report.automatic_max:g}", "median of automatic points"),
        (str(len(report.need_help)), f"with less than {100 * HELP_BELOW:g} % of these"),
        (str(statuses.count(NEEDS_PERSON)), "with written answers to grade"),
        (
            str(sum(status not in STATUS_WORDS or status in ("unreadable", "failed") for status in statuses)),
            "could not be graded",
        ),
    ]
    items = "".join(f"<div><dt>{escape(words)}</dt><dd>{escape(number)}</dd></div>" for number, words in tiles)
    date = time.strftime("%d %B %Y, %H:%M")
    return f"<header><h1>{escape(title)}</h1><p>Grading report, {date}</p><dl class='tiles'>{items}</dl></header>"


def _score_finding(report: Report) -> str:
    values = _automatic(report)
    return f"Half of the class has {median(values):.3g} or more of {report.automatic_max:g} automatic points"


def _exercise_finding(report: Report) -> str:
    counted = [tally for tally in report.exercises if tally.points]
    if not counted:
        return "Success per exercise"
    hardest = min(counted, key=lambda tally: (tally.full, tally.part))
    total = hardest.full + hardest.part + hardest.none
    return f"{hardest.name} was hardest: {hardest.full} of {total} have all of its points"


def _help_finding(report: Report) -> str:
    count = len(report.need_help)
    subject = "No student needs" if count == 0 else "1 student needs" if count == 1 else f"{count} students need"
    return f"{subject} help (less than {100 * HELP_BELOW:g} % of the automatic points)"


def _legend() -> str:
    words = (("full", "all points"), ("part", "some"), ("none", "none"))
    items = "".join(f'<span><i class="{kind}"></i>{text}</span>' for kind, text in words)
    return f'<p class="legend" aria-hidden="true">{items}<span>right: share with all points</span></p>'


def _tests(report: Report) -> str:
    parts = []
    for tally in report.exercises:
        empty = f" · {tally.empty} left it empty" if tally.empty else ""
        chart = hidden_test_bars(tally.tests) if tally.tests else "<p>Its hidden tests ran for nobody.</p>"
        parts.append(f"<h3>{escape(tally.name)}<small>{escape(empty)}</small></h3>{chart}")
    return "".join(parts)


def _mistakes(mistakes: list[Mistake]) -> str:
    if not mistakes:
        return "<p>None: every hidden test that ran was passed.</p>"
    rows = [
        [
            f"{escape(mistake.sentence)}" + (' <span class="tag">known mistake</span>' if mistake.recognised else ""),
            f"<code>{escape(mistake.exercise)}</code>",
            f'<span class="number">{len(mistake.students)}</span>',
            escape(_names(mistake.students)),
        ]
        for mistake in mistakes
    ]
    return _table(["What feedback said", "Exercise", "Students", "Who"], rows)


def _need_help(report: Report) -> str:
    if not report.need_help:
        return "<p>Everybody who handed in is above.</p>"
    rows = []
    for line in report.need_help:
        if line.row.status not in (GRADED, NEEDS_PERSON):
            troubles = [
                f"<li>{escape(STATUS_WORDS.get(line.row.status, line.row.status))}: {escape(line.row.note)}</li>"
            ]
        else:
            said = {name: sentence for name, sentence in line.trouble.items() if sentence != NOT_WRITTEN}
            troubles = [f"<li><code>{escape(name)}</code> {escape(sentence)}</li>" for name, sentence in said.items()]
            empty = ", ".join(f"<code>{escape(name)}</code>" for name in line.trouble if name not in said)
            troubles += [f"<li>{NOT_WRITTEN}: {empty}</li>"] if empty else []
        points = f'<span class="number">{line.automatic:.3g}</span>'
        rows.append([escape(line.row.student_id), points, f"<ul>{''.join(troubles)}</ul>"])
    return _table(["Student", "Points", "With what"], rows)


def _remarks(report: Report) -> str:
    if not report.remarks:
        return "<p>Nothing: every file was as it should be.</p>"
    rows = [[escape(row.student_id), _status(row.status), escape(row.note)] for row in report.remarks]
    return _table(["Student", "Status", "Note"], rows)


def _all(report: Report) -> str:
    names = [tally.name for tally in report.exercises]
    heads = ["Student", "Score", "Status", *names]
    rows = []
    for line in sorted(report.students, key=lambda line: line.row.student_id):
        score = f'<span class="number">{round(line.row.score, 2):g} of {line.row.max_score:g}</span>'
        rows.append([escape(line.row.student_id), score, _status(line.row.status), *_earned(line, report)])
    return f'<div class="wide">{_table(heads, rows, upright=3)}</div>'


def _earned(line: StudentLine, report: Report) -> list[str]:
    cells = []
    for tally in report.exercises:
        points = line.earned[tally.name]
        kind = "none" if points == 0 else "full" if points >= tally.points else "part"
        shown = f"{points:.3g}" if tally.points else "·"
        cells.append(f'<span class="number {kind if tally.points else ""}">{shown}</span>')
    return cells


def _status(status: str) -> str:
    return f'<span class="status {escape(status)}">{escape(STATUS_WORDS.get(status, status))}</span>'


def _names(students: list[str]) -> str:
    more = len(students) - MOST_NAMES
    return ", ".join(students[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _automatic(report: Report) -> list[float]:
    return [line.automatic for line in report.students]


def _section(identifier: str, heading: str, content: str) -> str:
    return f'<section id="{identifier}"><h2>{escape(heading)}</h2>{content}</section>'


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]], upright: int | None = None) -> str:
    """A table; cells are markup already, heads are text, written upright from column `upright` on to save room."""
    head = "".join(
        f'<th scope="col"{" class=upright" if upright is not None and index >= upright else ""}>'
        f"<span>{escape(text)}</span></th>"
        for index, text in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td>{cell}</td>" if index else f'<th scope="row">{cell}</th>' for index, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
