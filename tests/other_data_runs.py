"""Running the notebooks on CIFAR-10 and Fashion-MNIST, from files in the real formats on a server of this machine."""

import re

import nbformat.v4
from notebook_runs import assert_full_points, printed, run
from small_archives import register_cell

OTHERS = ("cifar10", "fashion_mnist")
LOADS_DATA = re.compile(r"\bload_dataset\(\)")


def serve(server, files: dict[str, bytes]):
    """The files on the server: what a notebook needs to know about each, by its name."""
    return {name: server.put(name, content) for name, content in files.items()}


def run_on(dataset: str, source, folder, seconds: float, remotes=None) -> float:
    """The notebook, run with its solutions on a data set named in COURSE_DATASET; returns the seconds it took.

    With `remotes` the data set is read from these files, otherwise from the published ones. The notebook must have
    earned all points and, if it loads a data set by that variable, have said which it runs on.
    """
    notebook = source.as_notebook(solution=True)
    if remotes is not None:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(register_cell(dataset, remotes)))
    spent = run(notebook, folder, seconds)
    assert_full_points(source, notebook)
    if any(LOADS_DATA.search(cell.source) for cell in notebook.cells):
        assert f"This notebook runs on {dataset}" in printed(notebook)
    return spent
