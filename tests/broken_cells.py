"""Notebooks whose cells a student has changed."""

import copy
from typing import Any

from broken import FULL, Broken
from cell_changes import (
    RIGHT,
    UNTOUCHED,
    Change,
    all_of,
    before,
    cells,
    each,
    find,
    no_ids,
    no_metadata,
    pasted_and_rewritten,
    put,
    retyped,
    settings,
    split,
    without,
)
from pipeline_course import code, text

from autograder.pipeline.outcomes import Outcome


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
