"""The report's pictures as inline SVG: text is text, colours come from the page, a title names each mark."""

from __future__ import annotations

from html import escape

from autograder.report.collect import ExerciseTally, HiddenTestTally

WIDTH = 720
_BAR, _GAP = 18, 12
MOST_CHARACTERS = 110  # of a hidden test's title


def histogram(values: list[float], maximum: float, bins: int = 10) -> str:
    """How many students have how many automatic points: `bins` equal classes from 0 to `maximum`."""
    counts = [0] * bins
    for value in values:
        share = value / maximum if maximum else 0.0
        counts[min(bins - 1, max(0, int(share * bins)))] += 1
    height, left, bottom, top = 240, 44, 40, 16
    plot_width, plot_height = WIDTH - left - 12, height - bottom - top
    highest = max([1, *counts])
    step = max(1, -(-highest // 4))
    parts = []
    for tick in range(0, highest + 1, step):
        y = top + plot_height * (1 - tick / highest)
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{tick}</text>')
    width = plot_width / bins
    for index, count in enumerate(counts):
        x, tall = left + index * width, plot_height * count / highest
        low, high = maximum * index / bins, maximum * (index + 1) / bins
        label = f"{count} with {low:g} to {high:g} points"
        parts.append(
            f'<rect class="mark" x="{x + 2:.1f}" y="{top + plot_height - tall:.1f}" width="{width - 4:.1f}" '
            f'height="{tall:.1f}" rx="2"><title>{label}</title></rect>'
        )
    for index in range(0, bins + 1, 2):
        x = left + index * width
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{height - bottom + 16}" text-anchor="middle">'
            f"{maximum * index / bins:g}</text>"
        )
    parts.append(
        f'<text class="axis" x="{left + plot_width / 2}" y="{height - 6}" text-anchor="middle">automatic points</text>'
    )
    middle = top + plot_height / 2
    parts.append(
        f'<text class="axis" transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">students</text>'
    )
    return _svg(height, "Number of students by automatic points", parts)


def exercise_bars(exercises: list[ExerciseTally]) -> str:
    """A bar an exercise, divided into students with all, some and none of its points."""
    left = 250
    room = WIDTH - left - 60
    parts = []
    for index, tally in enumerate(exercises):
        y = index * (_BAR + _GAP) + 4
        total = max(1, tally.full + tally.part + tally.none)
        points = f"{tally.points:g} p" if tally.points else "extension"
        parts.append(_label(tally.name, left, y, f" ({points})"))
        x = float(left)
        for kind, count, words in (
            ("full", tally.full, "all"),
            ("part", tally.part, "some"),
            ("none", tally.none, "none"),
        ):
            width = room * count / total
            if count:
                tip = f"{tally.name}: {count} of {total} earned {words} of the points"
                parts.append(
                    f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{max(0.0, width - 1):.1f}" height="{_BAR}">'
                    f"<title>{escape(tip)}</title></rect>"
                )
                if width > 18:
                    middle = x + width / 2
                    parts.append(
                        f'<text class="on {kind}" x="{middle:.1f}" y="{y + 13}" text-anchor="middle">{count}</text>'
                    )
            x += width
        parts.append(f'<text class="tick" x="{WIDTH - 52}" y="{y + 13}">{100 * tally.full / total:.0f} %</text>')
    return _svg(len(exercises) * (_BAR + _GAP) + 4, "Students with all, some and none of each exercise's points", parts)


def hidden_test_bars(tests: list[HiddenTestTally]) -> str:
    """A bar a hidden test under its title: the share of students who passed it."""
    room = WIDTH - 80
    parts = []
    for index, tally in enumerate(tests):
        y = index * 36 + 2
        share = tally.passed / tally.total if tally.total else 0.0
        title = tally.title if len(tally.title) <= MOST_CHARACTERS else tally.title[: MOST_CHARACTERS - 1] + "…"
        parts.append(
            f'<text class="label" x="0" y="{y + 11}">{escape(title)}<title>{escape(tally.title)}</title></text>'
        )
        parts.append(f'<rect class="track" x="0" y="{y + 16}" width="{room}" height="12" rx="2"/>')
        tip = escape(f"{tally.title}: {tally.passed} of {tally.total} passed")
        parts.append(
            f'<rect class="mark" x="0" y="{y + 16}" width="{room * share:.1f}" height="12" rx="2">'
            f"<title>{tip}</title></rect>"
        )
        parts.append(f'<text class="tick" x="{room + 8}" y="{y + 26}">{tally.passed} of {tally.total}</text>')
    return _svg(len(tests) * 36 + 4, "Students who passed each hidden test", parts)


def _label(text: str, left: int, y: int, suffix: str) -> str:
    room = (left - 10) // 7 - len(suffix)
    shown = text if len(text) <= room else text[: room - 1] + "…"
    return (
        f'<text class="label" x="{left - 10}" y="{y + 13}" text-anchor="end">{escape(shown + suffix)}'
        f"<title>{escape(text)}</title></text>"
    )


def _svg(height: float, description: str, parts: list[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{escape(description, quote=True)}">'
        + "".join(parts)
        + "</svg>"
    )
