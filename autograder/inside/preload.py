"""What is loaded once, so that each submission finds it ready in memory shared with all others."""

import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

from autograder.byvalue.fence import loaded_modules
from autograder.inside import FONTS
from autograder.inside.cells import Cells, make_shell
from autograder.inside.rehearsal import rehearse

DATASET = "garments"  # its arrays are in memory, read-only, before the first fork


def preload() -> None:
    """In the zygote: import the libraries of the notebooks, and do once what they do lazily. Starts no thread."""
    import numpy as np

    import course_utils.check
    import course_utils.data
    import course_utils.gradient_check
    import course_utils.nn

    matrix = np.random.default_rng(0).normal(size=(200, 200))
    np.linalg.svd(np.tanh(matrix @ matrix))
    np.unique(matrix)
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
    _share()
    return cells


def load_plots() -> None:
    """In an isolated worker, before the first submission that draws: what figures are made with, used once already.
    Nothing when it is there.

    It makes a process twice as large, and its forks begin and end as much more slowly: where no submission draws, none
    carries it along.
    """
    if "matplotlib" in sys.modules:
        return
    # Matplotlib wants a folder to write to, and would search the machine for fonts if it found no list there.
    shutil.copytree(Path(os.environ["COURSE_CACHE"]) / FONTS, os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    import course_utils.plots  # noqa: F401

    plt.plot([1, 2])
    plt.title("x")
    plt.gcf().canvas.draw()  # fonts are found and parsed at the first drawing
    plt.close("all")
    _share()


def _share() -> None:
    """What is there from now on stays: the collector would only touch, and so copy, pages that forks share."""
    loaded_modules.remember()
    gc.collect()
    gc.freeze()
