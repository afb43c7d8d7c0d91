"""Imports that a grading run can do without: each takes longer than grading a submission."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

URI_GRAMMAR = "rfc3987_syntax"
# What nbgrader imports for its pages in JupyterLab, for JupyterHub's list of students, and for archives in submissions:
# module → names taken from it.
LATER = {
    **{
        f"nbgrader.server_extensions.{page}": ("load_jupyter_server_extension",)
        for page in ("assignment_list", "course_list", "validate_assignment", "formgrader")
    },
    "requests": ("request",),
    "setuptools.archive_util": ("unpack_archive", "unpack_tarfile", "unpack_zipfile"),
}


def import_for_grading() -> None:
    """Import `jsonschema` and `nbgrader` without what no grading run asks of them; nothing when they are there."""
    import_without_uri_grammar()
    if "nbgrader" in sys.modules:
        return
    with _imported_when_called(LATER):
        for name in ("nbgrader.utils", "nbgrader.auth"):
            importlib.import_module(name)


def import_without_uri_grammar() -> None:
    """Import `jsonschema` without the optional grammar for its check of URIs, for a process that checks none.

    The grammar is compiled at its import, which takes longer than everything else that nbformat and nbgrader import.
    """
    if URI_GRAMMAR in sys.modules or "jsonschema" in sys.modules:
        return
    sys.modules[URI_GRAMMAR] = None  # type: ignore[assignment]  # an import of it raises ModuleNotFoundError
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[URI_GRAMMAR]


@contextlib.contextmanager
def _imported_when_called(later: dict[str, tuple[str, ...]]) -> Iterator[None]:
    """What is imported in the block gets, for these functions, ones that import the real ones when called."""
    places = {}
    for name, functions in later.items():
        if name not in sys.modules:
            places[name] = sys.modules[name] = ModuleType(name)
            vars(places[name]).update({function: _late(name, function) for function in functions})
    try:
        yield
    finally:
        for name, place in places.items():
            if sys.modules.get(name) is place:
                del sys.modules[name]


def _late(module: str, function: str) -> Callable[..., Any]:
    def call(*arguments: Any, **keywords: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments, **keywords)

    return call
