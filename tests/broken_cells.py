"""Notebooks whose cells a student has changed, and student ids that nobody should choose; see broken_files.py."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

from broken_files import FULL, Broken, file, solved
from pipeline_course import at, code, filled, text

from autograder.pipeline.outcomes import Outcome

RIGHT = {"double": "def double(x):\n    return 2 * x", "halve": "def halve(x):\n    return x / 2"}
UNTOUCHED = 'def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError("double: compute it")'
Change = Callable[[list[Any]], list[Any] | None]


def cells(change: Change, **work: str) -> Callable[..., None]:
    """The solved notebook with its list of cells changed, in place or by what is returned."""

    def content(released: Any) -> Any:
        notebook = solved(released, **work)
        changed = change(notebook["cells"])
        return notebook | {"cells": notebook["cells"] if changed is None else changed}

    return file(content)


def find(cells: list[Any], name: str) -> Any:
    return cells[at({"cells": cells}, name)]


def without(*names: str) -> Change:
    return lambda cells: [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") not in names]


def put(name: str, source: str) -> Change:
    """Another text in a cell."""
    return lambda cells: find(cells, name).update(source=source)


def before(name: str, *new: Any) -> Change:
    """New cells in front of one."""

    def change(cells: list[Any]) -> None:
        place = at({"cells": cells}, name)
        cells[place:place] = list(new)

    return change


def each(change: Callable[[Any], Any]) -> Change:
    return lambda cells: [change(copy.deepcopy(cell)) for cell in cells]


def all_of(*changes: Change) -> Change:
    def change(cells: list[Any]) -> list[Any]:
        for one in changes:
            changed = one(cells)
            cells = cells if changed is None else changed
        return cells

    return change


def retyped(name: str, kind: str) -> Change:
    def change(cells: list[Any]) -> None:
        cell = find(cells, name)
        cell["cell_type"] = kind
        for key in ("outputs", "execution_count"):
            cell.pop(key, None)

    return change


def split(name: str, *lines: int) -> Change:
    """A cell cut before these lines."""

    def change(cells: list[Any]) -> None:
        place = at({"cells": cells}, name)
        source = cells[place]["source"].split("\n")
        bounds = [*lines, len(source)]
        cells[place]["source"] = "\n".join(source[: lines[0]])
        cells[place + 1 : place + 1] = [code("\n".join(source[start:end])) for start, end in itertools.pairwise(bounds)]

    return change


def settings(**changed: Any) -> Change:
    """Other nbgrader metadata in all cells that have some."""

    def change(cells: list[Any]) -> None:
        for cell in cells:
            if "nbgrader" in cell["metadata"]:
                cell["metadata"]["nbgrader"].update(changed)

    return change


def pasted_and_rewritten(cells: list[Any]) -> list[Any]:
    """The cell `double` copied, the copy rewritten to be `halve`, the cell `halve` deleted; no cell has an id."""
    copied = copy.deepcopy(find(cells, "double")) | {"source": RIGHT["halve"]}
    cells.insert(at({"cells": cells}, "halve"), copied)
    return [{key: value for key, value in cell.items() if key != "id"} for cell in without("halve")(cells) or []]


def no_ids(cell: Any) -> Any:
    return {key: value for key, value in cell.items() if key != "id"}


def no_metadata(cell: Any) -> Any:
    return cell | {"metadata": {}}


def kind(name: str, change: Change, outcomes: Any, sentence: str = "", points: float = FULL, **work: str) -> Broken:
    found = (outcomes,) if isinstance(outcomes, Outcome) else tuple(outcomes)
    return Broken(name, cells(change, **work), found, sentence, points)


LOST = "cells double, halve, question had lost their names; found by their ids"
OTHER = "have other settings (points, type or version) than the instructor's; these are used"
UNLOCKED = "double, double_check, double_tests, halve, halve_tests"
ALL = f"cells {UNLOCKED} and 1 more {OTHER}"
LOCKED = f"cells double_check, double_tests, halve_tests {OTHER}"
SPLIT = "cell double was split over several cells; put together"
INSIDE = "was written inside another cell; found there"
STOPPED = "stopped at an error: what comes after it in the cell is missing"
SHELL = "calls the shell, which counts for nothing"
BOTH = f"{RIGHT['double']}\n\n\n{RIGHT['halve']}"
CELLS = [
    kind("nothing wrong", lambda cells: None, ()),
    kind("a missing exercise", without("halve"), Outcome.DELETED, "cell halve is not there; graded as left empty", 6.0),
    kind("a missing check", without("double_check"), Outcome.DELETED, "cell double_check is not there; put back"),
    kind(
        "missing graded cells",
        without("double_tests", "halve_tests"),
        Outcome.DELETED,
        "cells double_tests, halve_tests are not there; put back",
    ),
    kind(
        "a changed graded cell",
        put("double_tests", "6.0"),
        Outcome.RESTORED,
        "cell double_tests was changed; the instructor's is used",
    ),
    kind("all text deleted", lambda cells: [cell for cell in cells if cell["metadata"]], ()),
    kind(
        "no cells",
        lambda cells: [],
        Outcome.OTHER_NOTEBOOK,
        "none of the assignment's cells is in it; is it another notebook?",
        0.0,
    ),
    kind(
        "another notebook",
        lambda cells: [code("x = 1"), text("hello")],
        Outcome.OTHER_NOTEBOOK,
        "none of the assignment's cells is in it; is it another notebook?",
        0.0,
    ),
    kind(
        "a cell copied",
        lambda cells: cells.append(copy.deepcopy(find(cells, "double"))),
        Outcome.COPIED,
        "cell double is there more than once",
    ),
    kind(
        "an untouched copy of a filled cell",
        lambda cells: cells.insert(0, find(cells, "double") | {"source": UNTOUCHED}),
        Outcome.COPIED,
        "cell double is there more than once",
    ),
    kind(
        "a cell copied and rewritten as another",
        pasted_and_rewritten,
        (Outcome.COPIED, Outcome.RECOVERED),
        "cell double is there more than once; cell halve had lost its name; found by what it defines",
    ),
    kind("a cell split in two", split("double", 1), Outcome.SPLIT, SPLIT),
    kind(
        "a cell split where both halves are Python",
        split("double", 2),
        Outcome.SPLIT,
        SPLIT,
        double="y = 2 * x\n    return y",
    ),
    kind(
        "a cell split in four", split("double", 1, 2, 3), Outcome.SPLIT, SPLIT, double="y = (\n    2 * x)\n    return y"
    ),
    kind(
        "two exercises merged into one cell",
        all_of(put("double", BOTH), without("halve")),
        Outcome.MERGED,
        f"cell halve {INSIDE}",
    ),
    kind(
        "all merged into a cell of the student's own",
        all_of(without("double", "halve"), before("double_check", code(BOTH))),
        (Outcome.RECOVERED, Outcome.MERGED),
        f"cell double had lost its name; found by what it defines; cell halve {INSIDE}",
    ),
    kind(
        "written into the check, the gap left as it was",
        all_of(put("double_check", RIGHT["double"]), put("double", UNTOUCHED)),
        (Outcome.MERGED, Outcome.RESTORED),
        f"cell double {INSIDE}; cell double_check was changed; the instructor's is used",
    ),
    kind(
        "cells in another order",
        lambda cells: cells.reverse(),
        Outcome.REORDERED,
        "cells are in another order; put back in the instructor's",
    ),
    kind(
        "a code cell turned to text",
        retyped("double", "markdown"),
        Outcome.RETYPED,
        "cell double was turned into a cell of another type; read as it was",
    ),
    kind(
        "code cells turned to raw text",
        all_of(retyped("double", "raw"), retyped("halve", "raw")),
        Outcome.RETYPED,
        "cells double, halve were turned into cells of another type; read as they were",
    ),
    kind(
        "no type of cell",
        each(lambda cell: {key: value for key, value in cell.items() if key != "cell_type"}),
        Outcome.RETYPED,
        "cells double, halve, question were turned into cells of another type; read as they were",
    ),
    kind("ids of cells lost", each(no_ids), ()),
    kind("metadata lost", each(no_metadata), (Outcome.RECOVERED, Outcome.CHANGED_SETTINGS), f"{LOST}; {LOCKED}"),
    kind(
        "metadata that is no metadata",
        each(lambda cell: cell | {"metadata": ["x"]}),
        (Outcome.RECOVERED, Outcome.CHANGED_SETTINGS),
        f"{LOST}; {LOCKED}",
    ),
    kind(
        "metadata and ids lost",
        each(lambda cell: no_metadata(no_ids(cell))),
        (Outcome.RECOVERED, Outcome.RECOVERED, Outcome.CHANGED_SETTINGS),
        "cells double, halve had lost their names; found by what they define; "
        f"cell question had lost its name; found by its place; {LOCKED}",
    ),
    kind(
        "a name that is not ours",
        lambda cells: find(cells, "double")["metadata"]["nbgrader"].update(grade_id="cell-7f3a"),
        (Outcome.RECOVERED,),
        "cell double had lost its name; found by its id",
    ),
    kind("changed points", settings(points=1000), Outcome.CHANGED_SETTINGS, ALL),
    kind("an old nbgrader schema", settings(schema_version=1), Outcome.CHANGED_SETTINGS, ALL),
    kind("an unknown nbgrader schema", settings(schema_version="next"), Outcome.CHANGED_SETTINGS, ALL),
    kind(
        "all cells unlocked",
        settings(locked=False, solution=True, grade=True),
        Outcome.CHANGED_SETTINGS,
        f"cells {UNLOCKED} {OTHER}",
    ),
    kind(
        "all cells tagged to be skipped",
        each(lambda cell: cell["metadata"].update(tags=["skip-execution"]) or cell),
        (),
    ),
    kind("cells that are no cells", lambda cells: [7, "text", None, {"source": {}}, *cells], ()),
    kind("line ends of old Macs", each(lambda cell: cell | {"source": cell["source"].replace("\n", "\r")}), ()),
    kind(
        "magics",
        all_of(before("double", code("%matplotlib inline\n%time 1 + 1")), put("double", f"%%time\n{RIGHT['double']}")),
        (),
    ),
    kind(
        "shell commands",
        before("double", code("!pip install numpy"), code("%%bash\necho hello")),
        Outcome.SHELL,
        "cells number 4, number 5 call the shell, which counts for nothing",
    ),
    kind(
        "a question to the person at the keyboard",
        before("double", code("name = input('Your name? ')")),
        Outcome.ASKED_INPUT,
        "cell number 4 asked for input: there is nobody to answer",
    ),
    kind("an error in a cell before the definition", before("double", code("undefined_name")), ()),
    kind(
        "an error in the cell before the definition",
        put("double", f"undefined_name\n{RIGHT['double']}"),
        Outcome.CELL_FAILED,
        f"cell double (NameError) {STOPPED}",
        4.0,
    ),
    kind(
        "an error in the cell behind the definition",
        put("double", f"{RIGHT['double']}\nundefined_name"),
        Outcome.CELL_FAILED,
        f"cell double (NameError) {STOPPED}",
    ),
    kind(
        "a cell that is not Python",
        put("double", "def double(x)\n    return 2 * x"),
        Outcome.CELL_FAILED,
        f"cell double (SyntaxError) {STOPPED}",
        4.0,
    ),
    kind(
        "the process ended by a cell",
        put("double", "import os\nos._exit(1)"),
        Outcome.KERNEL_DIED,
        "the process ended in cell double",
        4.0,
    ),
    kind(
        "a cell without end",
        put("double", "import time\ntime.sleep(600)"),
        Outcome.TIME_UP,
        "cell double was stopped after 5 s",
        4.0,
    ),
    kind(
        "an end to an instructor's own tests",
        put("double", "def double(x):\n    raise SystemExit"),
        Outcome.NO_RESULT,
        "double_tests: the hidden tests stopped (SystemExit)",
        4.0,
    ),
    kind("names in other alphabets", put("double", "größe = 2\ndef ｄouble(λ):\n    return größe * λ"), ()),
    kind(
        "100,000 parentheses",
        put("double", "(" * 50_000 + ")" * 50_000),
        Outcome.CELL_FAILED,
        f"cell double (SyntaxError) {STOPPED}",
        4.0,
    ),
    kind("right work beside a cell of 60,000 characters", before("double", code("x = 1\n" * 10_000)), ()),
    kind("2,000 cells more", lambda cells: cells.extend(text(f"thought {n}") for n in range(2000)), ()),
]


def odd_id(student: str, shown: str = "") -> Broken:
    printed = shown or student
    return Broken(f"the student id {printed[:40]!r}", file(filled), (), "", student=student, shown=printed)


HIDDEN = "\N{REPLACEMENT CHARACTER}"
IDS = [
    odd_id("jo [x] *? (a|b)+$ {0} %s"),
    odd_id("O'Brien\"; DROP TABLE grade; --"),
    odd_id("<img src=x onerror=alert(1)>&amp;"),
    odd_id("=HYPERLINK(A1)"),
    odd_id("-rf"),
    odd_id("$(touch x) `touch y` \\"),
    odd_id("Zoë Müller 王"),
    odd_id("x" * 200),
    odd_id("a\x1b[2J\x1b]0;title\x07b", f"a{HIDDEN}[2J{HIDDEN}]0;title{HIDDEN}b"),
    odd_id("two\nlines\t,", f"two{HIDDEN}lines{HIDDEN},"),
    odd_id("ana\u202ecod", f"ana{HIDDEN}cod"),
    odd_id(b"n\xe9e".decode("utf-8", "surrogateescape"), f"n{HIDDEN}e"),
]
