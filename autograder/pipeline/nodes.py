"""Parts of notebooks, made by the thousand: nbformat itself would check each output and copy each cell to the ground.

What is written is checked as a whole (see `autograded`).
"""

from __future__ import annotations

import json
from typing import Any

from nbformat import NotebookNode

_EMPTY: dict[str, dict[str, Any]] = {
    "stream": {"name": "stdout", "text": ""},
    "error": {"ename": "", "evalue": "", "traceback": []},
    "display_data": {"metadata": {}, "data": {}},
    "execute_result": {"metadata": {}, "data": {}, "execution_count": None},
}


ROOM = 1_000_000  # characters of keys remembered: those of a few notebooks


def read_nodes(text: str) -> NotebookNode:
    """What `json.dumps` made of a notebook of ours, which needs no check."""
    notebook: NotebookNode = json.loads(text, object_hook=_node)
    return notebook


class CellKeys:
    """The whole content of cells as text. Cells that are the same object in all notebooks are written out once, so
    nothing of a cell may be changed any more. Threads may share it.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._known: dict[int, tuple[NotebookNode, str]] = {}  # by id, of cells that are held here
        self._room, self._used = room, 0

    def of(self, cell: NotebookNode) -> str:
        """The key: equal for equal cells."""
        known = self._known.get(id(cell))
        if known is not None:
            return known[1]
        key = json.dumps(cell, sort_keys=True)
        if len(key) <= self._room // 10:  # a large one, with pictures, is one student's
            if self._used + len(key) > self._room:
                self._known.clear()
                self._used = 0
            self._known[id(cell)] = cell, key
            self._used += len(key)
        return key


def to_be_run(notebook: NotebookNode, known: CellKeys) -> str:
    """A notebook of ours as JSON for whoever runs it: what its texts say makes no difference there. `known` is for all
    of a class.
    """
    # They are plain values: nbformat's own way would copy and check them first.
    cells = ", ".join([known.of(cell) if cell["cell_type"] == "code" else _text(cell) for cell in notebook.cells])
    about = json.dumps({name: value for name, value in notebook.items() if name != "cells"})
    return f'{about[:-1]}, "cells": [{cells}]}}'


def _text(cell: NotebookNode) -> str:
    return f'{{"cell_type": "{cell["cell_type"]}", "metadata": {{}}, "source": ""}}'


def changed(node: NotebookNode, **entries: Any) -> NotebookNode:
    """A copy of `node` with other `entries`. All others are shared with it, so neither may be changed in place."""
    copy = _node(node)
    dict.update(copy, entries)
    return copy


def _node(entries: dict[str, Any]) -> NotebookNode:
    """A node with these entries. Its own way to be made, which notes a default again, takes three times as long."""
    node: NotebookNode = NotebookNode.__new__(NotebookNode)
    dict.update(node, entries)
    return node


def new_output(kind: str, **fields: Any) -> NotebookNode:
    """An output of one of nbformat's four kinds with these fields. Raises KeyError for another kind or field."""
    empty = _EMPTY[kind]
    unknown = fields.keys() - empty.keys()
    if unknown:
        raise KeyError(f"an output of kind {kind} has no {', '.join(sorted(unknown))}")
    node = NotebookNode(output_type=kind)
    for name, value in empty.items():
        value = fields.get(name, value)
        node[name] = NotebookNode(value) if isinstance(value, dict) else list(value) if name == "traceback" else value
    return node
