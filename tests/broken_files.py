"""Contents of a notebook's file, broken by accident or on purpose."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from broken import Broken, file, solved, text_of, unusable
from pipeline_course import altered, at, code, filled, hand_in

from autograder.pipeline.outcomes import Outcome


def cut_at(words: str) -> Callable[[Any], str]:
    return lambda released: text_of(released).partition(words)[0]


def edited(before: str, after: str, **work: str) -> Callable[[Any], str]:
    """The solved notebook's text with one replacement in it."""

    def content(released: Any) -> str:
        text = text_of(released, **work)
        assert before in text
        return text.replace(before, after, 1)

    return content


def encoded(encoding: str, mark: bytes = b"", **work: str) -> Callable[[Any], bytes]:
    return lambda released: mark + text_of(released, **work).encode(encoding)


def of_format(version: int) -> Callable[[Any], Any]:
    """The solved notebook in an old format, as nbformat writes it."""

    def content(released: Any) -> Any:
        notebook = nbformat.from_dict(solved(released))
        old = nbformat.convert(notebook, 3)
        if version == 3:
            return nbformat.v3.writes_json(old)
        sheets = [{"cells": [dict(cell) for cell in sheet.cells], "metadata": {}} for sheet in old.worksheets]
        return {"nbformat": 2, "nbformat_minor": 0, "metadata": {"name": "old"}, "worksheets": sheets}

    return content


def called(version: Any) -> Callable[[Any], Any]:
    """The solved notebook that says it has this format; None: says nothing."""

    def content(released: Any) -> Any:
        notebook = filled(released)
        del notebook["nbformat"]
        return notebook if version is None else notebook | {"nbformat": version}

    return content


def with_large_outputs(released: Any) -> Any:
    notebook = filled(released)
    shown = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 6_000_000}}
    for name in ("double", "halve"):
        notebook["cells"][at(notebook, name)]["outputs"] = [shown]
    return notebook


def with_kernel(language: str) -> Callable[[Any], Any]:
    return lambda released: (
        filled(released) | {"metadata": {"kernelspec": {"name": "ir", "language": language, "display_name": "R"}}}
    )


def two_hundred_megabytes(course_dir: Path, student: str, released: Any) -> None:
    os.truncate(hand_in(course_dir, student, filled(released)), 200_000_000)


def many_cells(released: Any) -> Any:
    return altered(released, lambda cells: cells + [code("x = 1")] * 50_000)


WHOLE = "only cells that are whole are used"
LAST_CELL = '  {\n   "cell_type": "markdown",\n   "id": "cell-11"'
FILES = [
    unusable("invalid JSON", file(lambda released: "{]"), Outcome.NOT_JSON, "not valid JSON at line 1"),
    unusable(
        "cut off before any of the student's work",
        file(lambda released: text_of(released)[:200]),
        Outcome.NOT_JSON,
        "not valid JSON at line 15",
    ),
    Broken(
        "cut off in the middle",
        file(cut_at("return x / 2")),
        (Outcome.DAMAGED, Outcome.DELETED, Outcome.DELETED),
        f"not valid JSON at line 136; {WHOLE}; cells halve, question are not there; graded as left empty; "
        "cell halve_tests is not there; put back",
        6.0,
    ),
    Broken(
        "a comma too many",
        file(edited('"id": "cell-11",', '"id": "cell-11",,')),
        (Outcome.DAMAGED, Outcome.DELETED),
        f"not valid JSON at line 172; {WHOLE}; cell question is not there; graded as left empty",
    ),
    Broken(
        "git's marks of a conflict between cells",
        file(edited('  {\n   "cell_type": "code",', '<<<<<<< HEAD\n  {\n   "cell_type": "code",')),
        (Outcome.DAMAGED,),
        f"not valid JSON at line 11; {WHOLE}",
    ),
    Broken(
        "something behind the end",
        file(lambda released: text_of(released) + "\n}"),
        (Outcome.DAMAGED,),
        f"not valid JSON at line 200; {WHOLE}",
    ),
    unusable(
        "a web page",
        file(lambda released: "<!DOCTYPE html><p>Log in</p>"),
        Outcome.NOT_JSON,
        "not valid JSON at line 1; it is a web page",
    ),
    unusable(
        "an archive with another name",
        file(lambda released: b"PK\x03\x04" + bytes(99)),
        Outcome.NOT_JSON,
        "not valid JSON at line 1; it is an archive",
    ),
    unusable("JSON, but no notebook", file(lambda released: "[1]"), Outcome.NOT_A_NOTEBOOK, "JSON, but not a notebook"),
    unusable(
        "a whole number of 5,000 digits",
        file(lambda released: '{"nbformat": %s}' % ("1" * 5000)),
        Outcome.UNKNOWN_FORMAT,
        "notebook format inf is not known (expected 4)",
    ),
    unusable(
        "lists in lists in lists",
        file(lambda released: '{"nbformat": 4, "cells": ' + "[" * 100_000),
        Outcome.NOT_JSON,
        "JSON nested too deeply to be a notebook",
    ),
    Broken("UTF-16", file(encoded("utf-16")), (Outcome.NOT_UTF8,), "saved as UTF-16; read as such"),
    Broken("UTF-16 without a mark", file(encoded("utf-16-be")), (Outcome.NOT_UTF8,), "saved as UTF-16; read as such"),
    Broken("UTF-32", file(encoded("utf-32")), (Outcome.NOT_UTF8,), "saved as UTF-32; read as such"),
    Broken(
        "Latin-1",
        file(encoded("latin-1", double="größe = 2\n    return größe * x")),
        (Outcome.NOT_UTF8,),
        "not UTF-8 at line 47; such characters read as Windows-1252",
    ),
    Broken(
        "a byte order mark",
        file(encoded("utf-8", b"\xef\xbb\xbf")),
        (Outcome.BYTE_ORDER_MARK,),
        "starts with a byte order mark; read as UTF-8",
    ),
    Broken(
        "NUL bytes at the end",
        file(lambda released: text_of(released).encode() + bytes(4096)),
        (Outcome.CONTROL_CHARACTERS,),
        "holds NUL bytes or other control characters; read without them",
    ),
    Broken(
        "NUL bytes in a text",
        file(edited("return 2", "return\x00 2")),
        (Outcome.CONTROL_CHARACTERS,),
        "holds NUL bytes or other control characters; read without them",
    ),
    unusable("nothing but NUL bytes", file(lambda released: bytes(4096)), Outcome.EMPTY, "an empty file"),
    unusable("an empty file", file(lambda released: b""), Outcome.EMPTY, "an empty file"),
    Broken("notebook format 2", file(of_format(2)), (Outcome.OLD_FORMAT,), "notebook format 2; upgraded to 4"),
    Broken("notebook format 3", file(of_format(3)), (Outcome.OLD_FORMAT,), "notebook format 3; upgraded to 4"),
    Broken(
        "notebook format 5",
        file(called(5)),
        (Outcome.GUESSED_FORMAT,),
        "notebook format 5 is not known; read as format 4",
    ),
    Broken(
        "no notebook format",
        file(called(None)),
        (Outcome.GUESSED_FORMAT,),
        "notebook format 'none' is not known; read as format 4",
    ),
    unusable(
        "an unknown format of another shape",
        file(lambda released: {"nbformat": 99, "pages": []}),
        Outcome.UNKNOWN_FORMAT,
        "notebook format 99 is not known (expected 4)",
    ),
    unusable("200 MB", two_hundred_megabytes, Outcome.TOO_LARGE, "larger than 50 MB"),
    unusable("50,000 cells", file(many_cells), Outcome.TOO_MANY_CELLS, "50,012 cells; more than 5,000 are not read"),
    Broken(
        "12 MB of stored outputs",
        file(with_large_outputs),
        (Outcome.LARGE_OUTPUTS,),
        "12 MB with its stored outputs; these are not read",
    ),
    Broken(
        "another language's kernel",
        file(with_kernel("R")),
        (Outcome.OTHER_KERNEL,),
        "saved with a 'R' kernel; run as Python",
    ),
]
