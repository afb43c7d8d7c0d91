"""What is loaded once, so that each submission finds it ready in memory shared with all others."""

import gc
import os
import tempfile

from autograder.byvalue.fence import loaded_modules
from autograder.inside.cells import Cells, make_shell
from autograder.inside.rehearsal import rehearse

DATASET = "garments"  # its arrays are in memory, read-only, before the first fork


def preload() -> None:
    """In the zygote: import the libraries of the notebooks, and do once what they do lazily. Starts no thread."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    import course_utils.check
    import course_utils.data
    import course_utils.gradient_check
    import course_utils.nn
    import course_utils.plots

    plt.plot([1, 2])
    plt.title("x")
    plt.gcf().canvas.draw()  # fonts are found and parsed at the first drawing
    plt.close("all")
    matrix = np.random.default_rng(0).normal(size=(200, 200))
    np.linalg.svd(np.tanh(matrix @ matrix))
    course_utils.data.load_dataset(DATASET)
    gc.collect()
    gc.freeze()


def settle_in(environment: dict[str, str]) -> None:
    """In a worker: take this environment for one's own."""
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # forget what was found in the zygote's


def make_ready() -> Cells:
    """In an isolated worker: what runs a submission's cells, used once already."""
    shell = make_shell()
    shell.run_cell("pass", store_history=False)
    shell.run_cell("1 + 1", store_history=False, silent=True)
    cells = Cells(shell)
    rehearse(cells)
    loaded_modules.remember()
    gc.collect()
    gc.freeze()  # what is here stays: the collector would only touch, and so copy, shared pages
    return cells
