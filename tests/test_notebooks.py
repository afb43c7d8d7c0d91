"""Every notebook runs from top to bottom with its solutions, and with its gaps says what there is to write."""

import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from autograder.source import find_notebooks

NOTEBOOKS = find_notebooks()
HANG = 3  # a notebook fails at three times its budget


class ThisInterpreter(AsyncKernelManager):
    @property
    def kernel_spec(self):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """Two kernels with two threads each on two cores wait for each other more than they work."""
    for library in ("OPENBLAS", "OMP", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")


def run(notebook, folder: Path, seconds: float, allow_errors=False):
    resources = {"metadata": {"path": str(folder)}}
    manager = ThisInterpreter()
    client = NotebookClient(notebook, km=manager, timeout=int(seconds), resources=resources, allow_errors=allow_errors)
    client.skip_cells_with_tag = "nothing"  # experiments too, which grading leaves out
    start = time.monotonic()
    client.execute()
    return time.monotonic() - start


@pytest.mark.parametrize("source", NOTEBOOKS, ids=lambda source: source.name)
def test_a_notebook_runs_from_top_to_bottom_with_its_solutions(source, tmp_path, record_property):
    notebook = source.as_notebook(solution=True)
    spent = run(notebook, tmp_path, HANG * source.budget_seconds)
    record_property("seconds", spent)
    print(f"{source.name}: {spent:.1f} s of a budget of {source.budget_seconds:g} s")
    assert spent < HANG * source.budget_seconds
    full = {f"{exercise.name}_tests": exercise.points for exercise in source.exercises}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in full:
            (result,) = [output for output in cell.outputs if output.output_type == "execute_result"]
            assert float(result.data["text/plain"]) == full[grade_id], cell.outputs


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
