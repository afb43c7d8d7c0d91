"""Outputs made without a check are what nbformat makes with one."""

import json
import pickle
from dataclasses import replace

import nbformat.v4
import pytest

from autograder.pipeline.execution import Execution
from autograder.pipeline.nodes import CellKeys, changed, new_output, read_nodes, to_be_run
from autograder.pipeline.outcomes import Finding, Outcome
from autograder.pipeline.results import Result

CASES = [
    ("stream", {"name": "stderr", "text": "careful\n"}),
    ("stream", {"text": ""}),
    ("error", {"ename": "ValueError", "evalue": "no", "traceback": ["line 1", "line 2"]}),
    ("display_data", {"data": {"text/plain": "1", "image/png": "AAAA"}}),
    ("execute_result", {"data": {"text/plain": "1.5"}, "execution_count": 3}),
    ("execute_result", {"data": {"text/plain": "1.5", "application/x+json": {"tests": [{"name": "a"}]}}}),
]


@pytest.mark.parametrize(("kind", "fields"), CASES)
def test_an_output_is_what_nbformat_makes(kind, fields):
    node = new_output(kind, **fields)
    assert node == nbformat.v4.new_output(kind, **fields)
    assert type(node.get("data", {})) is type(nbformat.v4.new_output(kind, **fields).get("data", {}))


def test_outputs_share_nothing():
    first, second = new_output("error"), new_output("error")
    first.traceback.append("line")
    assert second.traceback == []


@pytest.mark.parametrize(("kind", "fields"), [("page", {}), ("stream", {"data": {}})])
def test_an_unknown_kind_or_field_is_refused(kind, fields):
    with pytest.raises(KeyError):
        new_output(kind, **fields)


def made_up_notebook():
    outputs = [new_output(kind, **fields) for kind, fields in CASES]
    cells = [nbformat.v4.new_markdown_cell("text"), nbformat.v4.new_code_cell("1", outputs=outputs)]
    return nbformat.v4.new_notebook(cells=cells, metadata={"a": [{"b": {}}]})


def test_a_notebook_read_again_is_made_of_nodes_to_the_ground():
    notebook = made_up_notebook()
    again = read_nodes(json.dumps(notebook))
    assert again == notebook
    assert repr(again) == repr(notebook)
    assert again.metadata.a[0].b == {} and again.cells[1].outputs[-1].data["application/x+json"].tests[0].name == "a"


def test_what_was_run_arrives_in_another_process_without_what_is_there():
    execution = Execution(made_up_notebook(), (Finding(Outcome.TIME_UP, "time was up"),), 1.5, "full")
    again = pickle.loads(pickle.dumps(execution))
    code = execution.notebook.cells[1]
    assert again.notebook.cells == [
        {"cell_type": "markdown"},
        {"cell_type": "code", "outputs": code.outputs, "execution_count": None},
    ]
    assert again.notebook.cells[1].outputs[1].text == ""
    assert replace(again, notebook=execution.notebook) == execution
    kept = [
        Result.of_execution(each, student="a", digest="", key="", level="", timeout=1) for each in (execution, again)
    ]
    assert kept[0] == kept[1] and kept[1].executed(execution.notebook) == execution.notebook


def test_what_is_to_be_run_leaves_without_its_texts():
    notebook = made_up_notebook()
    text, code = read_nodes(to_be_run(notebook, CellKeys())).cells
    assert (text.cell_type, text.source, text.metadata) == ("markdown", "", {})
    assert code == notebook.cells[1]
    assert notebook.cells[0].source == "text"


def test_what_is_to_be_run_is_the_same_with_cells_that_are_known():
    first, second, known = made_up_notebook(), made_up_notebook(), CellKeys()
    second.cells.insert(1, first.cells[1])  # as cells of the instructor's are shared
    second.cells[2] = changed(second.cells[2], source='# another\'s \u2028 "text"', id="another")
    second.metadata.cells = "no cells"
    for notebook in (first, second, first):
        again = read_nodes(to_be_run(notebook, known))
        assert {**again, "cells": None} == {**notebook, "cells": None}
        assert [cell for cell in again.cells if cell.cell_type == "code"] == [
            cell for cell in notebook.cells if cell.cell_type == "code"
        ]


def test_equal_cells_have_equal_keys_and_others_have_others():
    keys = CellKeys(room=2000)
    one, same, other = (nbformat.v4.new_code_cell(text, id="a") for text in ("1", "1", "2"))
    assert keys.of(one) == keys.of(one) == keys.of(same) != keys.of(other)
    for _ in range(20):  # cells that are gone leave their place in memory, and their id, to others
        text = nbformat.v4.new_code_cell(str(_), id="a")
        assert json.loads(keys.of(text)) == text


def test_what_is_kept_of_cells_is_bounded():
    keys = CellKeys(room=10_000)
    for size in (100, 5_000):
        for number in range(200):
            keys.of(nbformat.v4.new_code_cell(f"{number}" * size, id="a"))
            assert sum(len(key) for _, key in keys._known.values()) <= 10_000
    assert all(len(cell.source) < 1_000 for cell, _ in keys._known.values())
