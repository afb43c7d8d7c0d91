"""Imported once, in the process that grading processes are forked from: the engine and every hidden test and mutant.

The zygote of their workers is started first: it loads meanwhile.
"""

import contextlib
import os
import warnings

from autograder.garbage import loading

with loading():  # to stay: each grading process would only go through it again, and so copy it
    from autograder.imports import import_without_uri_grammar

    import_without_uri_grammar()

    from autograder.engine.zygote import shared_zygote

    if hasattr(os, "fork"):
        # It is this process's child, of which multiprocessing knows nothing.
        warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")
        with contextlib.suppress(Exception):  # the first worker tries again and says what is wrong
            shared_zygote()

    from autograder import engine  # noqa: F401
    from autograder.testing.registry import mutants_of, topics

    for _exercises in topics().values():
        mutants_of(_exercises[0])
