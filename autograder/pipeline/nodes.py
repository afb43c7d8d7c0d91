"""Parts of notebooks, made by the thousand: nbformat itself would check each output and copy each cell to the ground.

What is written is checked as a whole (see `autograded`).
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

_EMPTY: dict[str, dict[str, Any]] = {
    "stream": {"name": "stdout", "text": ""},
    "error": {"ename": "", "evalue": "", "traceback": []},
    "display_data": {"metadata": {}, "data": {}},
    "execute_result": {"metadata": {}, "data": {}, "execution_count": None},
}


def changed(node: NotebookNode, **entries: Any) -> NotebookNode:
    """A copy of `node` with other `entries`. All others are shared with it, so neither may be changed in place."""
    copy = NotebookNode()
    dict.update(copy, node)
    dict.update(copy, entries)
    return copy


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
