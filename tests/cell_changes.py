"""What students do to the cells of a notebook."""

import copy
import itertools
from collections.abc import Callable
from typing import Any

from broken import file, solved
from pipeline_course import at, code

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
