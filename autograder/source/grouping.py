"""Groups the cells of a source file into exercises and written questions, and finds what does not belong together."""

import ast
import re
from dataclasses import dataclass, field

from autograder.source.model import Exercise, Question, SourceCell, SourceError
from autograder.source.regions import RegionError, gap_of, regions

_HINT = re.compile(r"^(\d+)\.\s+", re.MULTILINE)


@dataclass
class Report:
    """The mistakes found in one file."""

    file: str
    problems: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, what: str) -> None:
        self.problems.append((line, what))

    def raise_if_any(self) -> None:
        if self.problems:
            raise SourceError("\n".join(f"{self.file}:{line}: {what}" for line, what in sorted(self.problems)))


def group_cells(cells: list[SourceCell], report: Report) -> tuple[list[Exercise], list[Question]]:
    """The exercises and questions of a file, in order; mistakes go to `report`."""
    hints = _hints(cells, report)
    exercises: list[Exercise] = []
    questions: list[Question] = []
    gaps: list[SourceCell] = []
    check: SourceCell | None = None
    grade_ids: dict[str, int] = {}
    before: SourceCell | None = None
    for cell in cells:
        if cell.grade_id:
            first = grade_ids.setdefault(cell.grade_id, cell.line)
            if first != cell.line:
                report.add(cell.line, f"grade_id {cell.grade_id} is used at line {first} too; choose another")
        _check_regions(cell, report)
        if cell.is_question:
            _check_question(cell, report)
            questions.append(Question(cell.grade_id or "", cell.nbgrader.get("points", 0), before, cell))
        elif cell.is_gap:
            if check:
                report.add(cell.line, f"gap {cell.grade_id} stands after {check.grade_id}; put gaps before their check")
            gaps.append(cell)
        elif cell.is_graded:
            exercise = _exercise(gaps, check, cell, hints, report)
            if exercise:
                exercises.append(exercise)
            gaps, check = [], None
        elif cell.is_locked and (cell.grade_id or "").endswith("_check"):
            if check:
                report.add(cell.line, f"second check of an exercise ({check.grade_id} at line {check.line}); join them")
            check = cell
        elif cell.nbgrader and not cell.is_locked:
            report.add(cell.line, f"{cell.grade_id}: an nbgrader cell is a solution, locked or graded; this is none")
        if not cell.hints_for:
            before = cell
    for cell in gaps:
        report.add(cell.line, f"gap {cell.grade_id} has no graded cell {gaps[0].grade_id}_tests after it")
    known = {exercise.name for exercise in exercises} | {cell.grade_id for cell in cells if cell.is_gap}
    for name, (line, _) in hints.items():
        if name not in known:
            report.add(line, f"hints for {name}, which is no exercise of this notebook")
    return exercises, questions


def _exercise(
    gaps: list[SourceCell],
    check: SourceCell | None,
    tests: SourceCell,
    hints: dict[str, tuple[int, list[str]]],
    report: Report,
) -> Exercise | None:
    if not gaps:
        report.add(tests.line, f"graded cell {tests.grade_id} without a gap before it")
        return None
    name, line = gaps[0].grade_id or "", gaps[0].line
    for number, gap in enumerate(gaps[1:], 2):
        if gap.grade_id != f"{name}_{number}":
            wanted = f"{name}_{number}"
            report.add(gap.line, f"gap {gap.grade_id} is number {number} of {name}: call it {wanted} or give it tests")
    _check_gaps(name, gaps, report)
    _check_graded_form(name, tests, report)
    if name not in hints:
        report.add(line, f"{name} has no hints; add a '# %% [markdown] hints=\"{name}\"' cell with three")
    if not check:
        report.add(line, f"{name} has no visible check; add a locked cell {name}_check between gap and graded cell")
        return None
    if check.grade_id != f"{name}_check":
        report.add(check.line, f"the check of {name} must be called {name}_check, not {check.grade_id}")
    return Exercise(name, tests.nbgrader.get("points", 0), list(gaps), check, tests, hints.get(name, (0, []))[1])


def _check_gaps(name: str, gaps: list[SourceCell], report: Report) -> None:
    defined: set[str] = set()
    for gap in gaps:
        if gap.nbgrader.get("grade"):
            report.add(gap.line, f"gap {gap.grade_id} is graded itself; leave grading to {name}_tests")
        try:
            found = [region for region in regions(gap.source) if region.kind == "SOLUTION"]
        except RegionError:
            continue  # reported by _check_regions
        if not found:
            report.add(gap.line, f"gap {gap.grade_id} has no '### BEGIN SOLUTION: what to write' region")
        wrong = [region for region in found if not region.message or '"' in region.message or "\\" in region.message]
        for region in wrong:
            line = gap.line + 1 + region.start
            report.add(line, "BEGIN SOLUTION needs ': what to write' after it, without double quotes or \\")
        if wrong:
            continue  # its gap would be no Python either
        try:
            tree = ast.parse(gap.source)
            ast.parse(gap_of(gap.source, name))
        except SyntaxError as error:
            line = gap.line + (error.lineno or 1)
            report.add(line, f"gap {gap.grade_id} is not valid Python with and without its solution: {error.msg}")
            continue
        kinds = (ast.FunctionDef, ast.ClassDef)
        defined |= {node.name for node in tree.body if isinstance(node, kinds)}
    if len(defined) == 1 and name not in defined:  # several may share a name of their own: relu_forward, relu_backward
        report.add(gaps[0].line, f"gap {name} defines {', '.join(defined)}, which must be called {name}")


def _check_graded_form(name: str, tests: SourceCell, report: Report) -> None:
    points = tests.nbgrader.get("points")
    if points is None or points < 0:
        report.add(tests.line, f"graded cell {tests.grade_id} needs points (0 for an extension)")
        return
    amount = f"Graded, {points:g} point{'s' if points != 1 else ''}" if points else "Extension, no points"
    expected = [
        f"# {amount}: hidden tests of {name} run here.",
        "### BEGIN HIDDEN TESTS",
        "from autograder import grade",
        f'grade("{name}", globals())',
        "### END HIDDEN TESTS",
    ]
    if tests.grade_id != f"{name}_tests":
        report.add(tests.line, f"the graded cell of {name} must be called {name}_tests, not {tests.grade_id}")
    # Formatters put an empty line after the import: it does not matter.
    lines = [(tests.line + at, line.rstrip()) for at, line in enumerate(tests.source.split("\n"), 1) if line.strip()]
    for number, line in enumerate(expected):
        at, got = lines[number] if number < len(lines) else (lines[-1][0] if lines else tests.line, "nothing")
        if got != line:
            report.add(at, f"a graded cell has exactly this line here: {line!r}, got {got!r}")
            return
    for at, line in lines[len(expected) :]:
        report.add(at, f"a graded cell ends before this; remove {line!r}")


def _check_question(cell: SourceCell, report: Report) -> None:
    if not cell.nbgrader.get("grade") or not cell.nbgrader.get("points"):
        report.add(cell.line, f'question {cell.grade_id} needs "grade": true and "points"')
    for kind in ("SOLUTION", "MARK SCHEME"):
        if f"### BEGIN {kind}" not in cell.source:
            report.add(cell.line, f"question {cell.grade_id} needs a '### BEGIN {kind}' region")


def _check_regions(cell: SourceCell, report: Report) -> None:
    try:
        found = regions(cell.source)
    except RegionError as error:
        report.add(cell.line + 1 + error.line, str(error))
        return
    allowed = {
        "SOLUTION": cell.is_gap or cell.is_question,
        "HIDDEN TESTS": cell.is_graded,
        "MARK SCHEME": cell.is_question,
    }
    for region in found:
        if not allowed[region.kind]:
            line = cell.line + 1 + region.start
            report.add(line, f"a {region.kind} region in a cell that is not marked for it by nbgrader={{...}}")


def _hints(cells: list[SourceCell], report: Report) -> dict[str, tuple[int, list[str]]]:
    """Exercise → (line, hints)."""
    hints: dict[str, tuple[int, list[str]]] = {}
    for cell in cells:
        if not cell.hints_for:
            continue
        if cell.kind != "markdown" or cell.nbgrader:
            report.add(cell.line, "hints belong in a '# %% [markdown]' cell of their own")
        if cell.hints_for in hints:
            report.add(cell.line, f"second hints for {cell.hints_for}; join them")
        pieces = _HINT.split(cell.source)
        numbers, texts = pieces[1::2], [" ".join(text.split()) for text in pieces[2::2]]
        if numbers != ["1", "2", "3"] or pieces[0].strip() or not all(texts):
            report.add(cell.line, f"hints for {cell.hints_for} must be a list of exactly three: 1. 2. 3.")
        hints[cell.hints_for] = (cell.line, texts)
    return hints
