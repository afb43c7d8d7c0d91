"""What a worker loads once, so that each submission finds it ready in memory shared with all others."""

import gc
import os
import shutil

from autograder.inside.cells import Shell, make_shell


def preload(dataset: str | None) -> Shell:
    """Import the libraries of the notebooks, do once what they do lazily, and return the shell. Starts no thread.

    `dataset` is the data set whose arrays are to be in memory, read-only, before the first fork.
    """
    # Matplotlib wants a folder that it can write to, with its list of fonts in it.
    shutil.copytree(os.environ["COURSE_FONTS"], os.environ["MPLCONFIGDIR"], dirs_exist_ok=True)
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
    if dataset:
        course_utils.data.load_dataset(dataset)
    shell = make_shell()
    shell.run_cell("pass", store_history=False)
    shell.run_cell("1 + 1", store_history=False, silent=True)
    gc.collect()
    gc.freeze()  # what is here stays: the collector would only touch, and so copy, shared pages
    return shell
