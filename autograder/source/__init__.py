"""The notebooks' source, solutions/NN_topic/NN_topic.py, read and checked: cells, exercises, hints, questions."""

from autograder.source.model import Exercise, Question, SourceCell, SourceError, SourceNotebook
from autograder.source.reading import (
    SOLUTIONS,
    UnknownNotebookError,
    find_notebook,
    find_notebooks,
    find_source,
    read_notebook,
)
from autograder.source.regions import gap_of, regions

__all__ = [
    "SOLUTIONS",
    "Exercise",
    "Question",
    "SourceCell",
    "SourceError",
    "SourceNotebook",
    "UnknownNotebookError",
    "find_notebook",
    "find_notebooks",
    "find_source",
    "gap_of",
    "read_notebook",
    "regions",
]
