"""Every notebook runs from top to bottom with its solutions, and with its gaps says what there is to write."""

from pathlib import Path

import nbformat
import pytest
from notebook_runs import HANG, assert_full_points, clean_environment, run

from autograder.source import find_notebooks

NOTEBOOKS = find_notebooks()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    clean_environment(monkeypatch)


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda source: source.name)
def test_a_notebook_runs_from_top_to_bottom_with_its_solutions(source, tmp_path, record_property):
    notebook = source.as_notebook(solution=True)
    spent = run(notebook, tmp_path, HANG * source.budget_seconds)
    record_property("seconds", spent)
    print(f"{source.name}: {spent:.1f} s of a budget of {source.budget_seconds:g} s")
    assert spent < HANG * source.budget_seconds
    assert_full_points(source, notebook)


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda source: source.name)
def test_a_released_notebook_runs_with_gaps_and_each_gap_says_what_to_write(source, tmp_path):
    path = Path(__file__).resolve().parents[1] / "assignments" / source.name / f"{source.name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:  # experiments only repeat the gaps' errors, and take long
        if "skip-execution" in cell.metadata.get("tags", ()):
            cell.cell_type, cell.metadata = "raw", {}
            cell.pop("outputs", None), cell.pop("execution_count", None)
    run(notebook, tmp_path, HANG * source.budget_seconds, allow_errors=True)
    checks = {exercise.check.grade_id: exercise.name for exercise in source.exercises}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in checks:
            errors = [output for output in cell.outputs if output.output_type == "error"]
            assert errors and errors[0].ename == "NotImplementedError", f"{grade_id} passed with a gap"
            assert any(name in errors[0].evalue for name in checks.values())
            assert len(errors[0].evalue.split()) >= 5, f"{grade_id}: the gap does not say what to write"
