"""Running a notebook in a kernel, from top to bottom, experiments included."""

import sys
import time
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

HANG = 3  # a notebook fails at three times its budget


class ThisInterpreter(AsyncKernelManager):
    @property
    def kernel_spec(self):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


def clean_environment(monkeypatch):
    """What a notebook is run with unless a test says otherwise: garments in full length, one thread.

    Two kernels with two threads each on two cores wait for each other more than they work.
    """
    for library in ("OPENBLAS", "OMP", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")
    for switch in ("COURSE_DATASET", "COURSE_SMOKE"):
        monkeypatch.delenv(switch, raising=False)


def run(notebook, folder: Path, seconds: float, allow_errors=False) -> float:
    """Execute every cell in a new kernel, in `folder`; returns the seconds it took."""
    resources = {"metadata": {"path": str(folder)}}
    # The client ends a kernel whose manager it has made itself; another's it leaves running.
    client = NotebookClient(
        notebook,
        kernel_manager_class=ThisInterpreter,
        timeout=int(seconds),
        resources=resources,
        allow_errors=allow_errors,
    )
    client.skip_cells_with_tag = "nothing"  # experiments too, which grading leaves out
    start = time.monotonic()
    client.execute()
    return time.monotonic() - start


def assert_full_points(source, notebook):
    """The graded cells of a notebook that was run with its solutions show all the points there are."""
    full = {f"{exercise.name}_tests": exercise.points for exercise in source.exercises}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in full:
            (result,) = [output for output in cell.outputs if output.output_type == "execute_result"]
            assert float(result.data["text/plain"]) == full[grade_id], cell.outputs


def printed(notebook) -> str:
    """All that the cells printed."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
