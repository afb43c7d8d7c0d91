"""A kernel's limits, and what may stand in a notebook's outputs and in grades.csv."""

import copy
import json
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import determine_grade

from autograder.grading.kernel import MIME_TYPE
from autograder.pipeline.execute import execute_notebook
from autograder.pipeline.grades import inert, write_csv
from autograder.pipeline.outputs import MAX_SENTENCE, clean, result_of, settle

GRADED = {"grade": True, "solution": False, "points": 3, "grade_id": "g", "locked": True, "schema_version": 3}


def test_limits_of_a_kernel() -> None:
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    table = [  # cells before the graded one, timeout, score, words of the finding
        (["import os; seed = os.environ['COURSE_SEED']"], 10, 2.5, ""),
        (["while True: pass"], 1, 2.5, "cell number 1 was stopped after 1 s"),
        (["x = 1", "import os; os._exit(1)"], 10, 0, "the kernel died in cell number 2"),
        ([deaf], 0.5, 0, "time was up and the kernel had to be stopped in cell number 1"),
    ]
    for sources, timeout, score, words in table:
        cells = [nbformat.v4.new_code_cell(each) for each in [*sources, "2.5"]]
        cells[-1].metadata["nbgrader"] = dict(GRADED)
        execution = execute_notebook(nbformat.v4.new_notebook(cells=cells), seed="5eed", timeout=timeout)
        assert "; ".join(finding.sentence for finding in execution.findings) == words
        assert determine_grade(execution.notebook.cells[-1]) == (score, 3)


FORGED = [("'nan'", 0), ("inf", 0), ("99", 0), ("-1", 0), ("'full marks'", 0), (None, 0), ("3", 3), ("2.25", 2.25)]


@pytest.mark.parametrize(("shown", "score"), FORGED)
def test_only_a_number_within_the_points_is_a_score(shown: str | None, score: float) -> None:
    cell = nbformat.v4.new_code_cell("grade()", metadata={"nbgrader": dict(GRADED)})
    if shown is not None:
        cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": shown}, execution_count=1)]
    warning = nbformat.v4.new_output("stream", name="stderr", text="a warning is not a zero")
    cell.outputs.append(warning)
    findings = settle(nbformat.v4.new_notebook(cells=[cell]))
    assert determine_grade(cell) == (score, 3)
    assert bool(findings) == (score == 0)


def graded_cell(record: object) -> nbformat.NotebookNode:
    """A graded cell in which hidden input was printed, displayed and logged while the hidden tests ran."""
    new = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell("grade()", metadata={"nbgrader": dict(GRADED)})
    cell.outputs = [
        new("stream", name="stdout", text="hidden input 713"),
        new("stream", name="stderr", text="hidden input 713"),
        new("display_data", data={"text/plain": "hidden input 713"}),
        new("execute_result", data={"text/plain": "1.5", MIME_TYPE: record, "text/html": "713"}, execution_count=1),
    ]
    settle(nbformat.v4.new_notebook(cells=[cell]))
    return cell


def test_of_a_graded_cell_only_the_record_of_its_tests_is_shown() -> None:
    test = {"name": "n", "title": "small", "weight": 1.0, "passed": True, "sentence": "", "mutant": None}
    failed = test | {"title": "large\nnumber\x1b[31m", "passed": False, "sentence": "not\nright" + "x" * 9_000}
    cell = graded_cell({"exercise": "double", "score": 99, "points": 99, "tests": [test, failed], "seen": "713"})
    shown, result = cell.outputs
    lines = shown.text.splitlines()
    assert lines[:2] == ["ok     1.5 of 1.5  small", "FAIL   0.0 of 1.5  large number [31m"]
    assert lines[2].startswith("      → not right")
    assert len(lines[2]) <= MAX_SENTENCE + 8
    assert len(lines) == 3
    assert "713" not in json.dumps(cell.outputs)
    record = result_of(cell)
    assert record is not None
    assert (record["score"], record["points"]) == (1.5, 3.0)
    assert result.data["text/plain"] == "1.5"


WRONG_RECORDS = [
    None,
    [],
    {},
    {"tests": []},
    {"tests": ["713"]},
    {"tests": [{"title": "713", "weight": 0, "passed": True}]},
    {"tests": [{"title": "713", "weight": "1", "passed": True}]},
    {"tests": [{"title": "713", "weight": 1}]},
    {"tests": [{"title": "713", "weight": 10**400, "passed": True}]},
    {"tests": [{"title": "713", "weight": 1e308, "passed": True}]},
    {"tests": [{"title": "713", "weight": float("nan"), "passed": True}]},
]


@pytest.mark.parametrize("record", WRONG_RECORDS, ids=str)
def test_without_a_usable_record_a_graded_cell_shows_its_score_alone(record: object) -> None:
    cell = graded_cell(record)
    assert [output.data for output in cell.outputs] == [{"text/plain": "1.5"}]


def test_an_error_in_a_graded_cell_is_named_only_when_it_is_pythons_own() -> None:
    for name, shown in (("NameError", "NameError"), ("Hidden713", "an exception")):
        cell = nbformat.v4.new_code_cell("grade()", metadata={"nbgrader": dict(GRADED)})
        cell.outputs = [nbformat.v4.new_output("error", ename=name, evalue="713", traceback=["713"])]
        (finding,) = settle(nbformat.v4.new_notebook(cells=[cell]))
        assert finding.sentence == f"g: the hidden tests stopped ({shown})"
        assert "713" not in json.dumps(cell.outputs)


def test_outputs_are_cut_to_known_types_and_sizes() -> None:
    new = nbformat.v4.new_output
    outputs = [
        new("stream", name="stdout", text="x" * 30_000),
        new("stream", name="stdout", text="dropped"),
        new("display_data", data={"text/html": "<script>", "application/javascript": "1"}),
        new(
            "display_data",
            data={"image/png": "aGk=", "text/html": "<b>"},
            metadata={"image/png": {"width": '"><script>'}},
        ),
        new("display_data", data={"image/png": '"><script>'}),
        *[new("display_data", data={"image/jpeg": "aGk="})] * 10,
        new("error", ename="E", evalue="v" * 9_000, traceback=["t" * 90_000]),
    ]
    cleaned = clean(copy.deepcopy(outputs))
    assert len(json.dumps(cleaned)) < 25_000
    assert sum("data" in output for output in cleaned) == 6
    assert "script" not in json.dumps(cleaned)


def test_texts_that_a_spreadsheet_would_run_get_an_apostrophe(tmp_path: Path) -> None:
    table = [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-2.5", "-2.5"),
        ("-x", "'-x"),
        ("a\nb", "a b"),
        ("", ""),
        ("ana", "ana"),
    ]
    assert [inert(text) for text, _ in table] == [shown for _, shown in table]
    path = write_csv(tmp_path / "x.csv", [["=cmd()", 'a "quoted", text']])
    assert path.read_text() == '\'=cmd(),"a ""quoted"", text"\n'
    assert list(tmp_path.iterdir()) == [path]
