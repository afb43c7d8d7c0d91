"""Files and folders as students hand them in by accident or on purpose: each kind with what is to become of it.

The solved notebook of the made-up course earns 10 points; a kind's `points` are what is left of them.
"""

import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from pipeline_course import NAME, altered, at, code, filled, hand_in

from autograder.pipeline.outcomes import Outcome

FULL = 10.0
MEMBER = f"{NAME}.ipynb"


@dataclass(frozen=True)
class Broken:
    """A kind of broken submission: how to make one, what is found, what the student reads, what it still earns.

    `make(course_dir, student, released)` hands it in. `sentence` is the note without the file's path. `student` is
    given where the id is what is odd; `shown` is then the id in grades.csv.
    """

    kind: str
    make: Callable[[Path, str, Any], None]
    outcomes: tuple[Outcome, ...]
    sentence: str
    points: float = FULL
    usable: bool = True
    student: str = ""
    shown: str = ""


def solved(released: Any, **work: str) -> Any:
    """The solved notebook, with each cell's source in one piece."""
    notebook = filled(released, **work)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def text_of(released: Any, **work: str) -> str:
    return json.dumps(filled(released, **work), indent=1, ensure_ascii=False)


def file(content: Callable[[Any], Any], name: str = MEMBER) -> Callable[[Path, str, Any], None]:
    """The file `name` with this content in the place where it belongs."""
    return lambda course_dir, student, released: void(hand_in(course_dir, student, content(released), name))


def void(_: object) -> None:
    return None


def folder(course_dir: Path, student: str) -> Path:
    path = course_dir / "submitted" / student / NAME
    path.mkdir(parents=True, exist_ok=True)
    return path


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


def a_folder_for_the_file(course_dir: Path, student: str, released: Any) -> None:
    (folder(course_dir, student) / MEMBER).mkdir()


def a_file_for_the_folder(course_dir: Path, student: str, released: Any) -> None:
    (course_dir / "submitted" / student).mkdir(parents=True)
    (course_dir / "submitted" / student / NAME).write_text("hello")


def link_to(target: str) -> Callable[[Path, str, Any], None]:
    def make(course_dir: Path, student: str, released: Any) -> None:
        (folder(course_dir, student) / MEMBER).symlink_to(target)

    return make


def link_to_a_pipe(course_dir: Path, student: str, released: Any) -> None:
    os.mkfifo(folder(course_dir, student) / "pipe")
    (folder(course_dir, student) / MEMBER).symlink_to("pipe")


def two_notebooks(course_dir: Path, student: str, released: Any) -> None:
    hand_in(course_dir, student, filled(released, double="return 0"), "a.ipynb")
    hand_in(course_dir, student, filled(released))


def empty_folder(course_dir: Path, student: str, released: Any) -> None:
    folder(course_dir, student)


def elsewhere(*parts: str) -> Callable[[Path, str, Any], None]:
    """The solved notebook at this place in the student's folder."""

    def make(course_dir: Path, student: str, released: Any) -> None:
        path = course_dir.joinpath("submitted", student, *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(released), encoding="utf-8")

    return make


def two_places(course_dir: Path, student: str, released: Any) -> None:
    for name in ("ben", "cem"):
        elsewhere(name, NAME, MEMBER)(course_dir, student, released)


def packed(course_dir: Path, student: str, released: Any) -> None:
    path = course_dir / "submitted" / student / f"{NAME}.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{NAME}/{MEMBER}", text_of(released))


def bad_time(course_dir: Path, student: str, released: Any) -> None:
    hand_in(course_dir, student, filled(released)).with_name("timestamp.txt").write_text("yesterday-ish")


def many_cells(released: Any) -> Any:
    return altered(released, lambda cells: cells + [code("x = 1")] * 50_000)


def renamed(name: str) -> Broken:
    said = f"the notebook is called {printed(repr(name))} instead of '{MEMBER}'; used"
    return Broken(f"called {printed(name)}", file(filled, name), (Outcome.RENAMED,), said)


def printed(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def unusable(kind: str, make: Callable[[Path, str, Any], None], outcome: Outcome, sentence: str) -> Broken:
    return Broken(kind, make, (outcome,), sentence, 0.0, usable=False)


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
    unusable(
        "a folder in place of the file",
        a_folder_for_the_file,
        Outcome.DIRECTORY,
        f"{MEMBER} is a folder, not a notebook",
    ),
    unusable(
        "a file in place of the folder",
        a_file_for_the_folder,
        Outcome.MISSING,
        f"{NAME} is a file where a folder should be; no notebook",
    ),
    unusable(
        "a link out of the student's folder",
        link_to("/etc/passwd"),
        Outcome.LINK,
        "a link to a place outside the student's folder; not followed",
    ),
    unusable("a link to nowhere", link_to("nowhere"), Outcome.LINK, "a link that leads nowhere; not followed"),
    unusable("a link to itself", link_to(MEMBER), Outcome.LINK, "a link that leads nowhere; not followed"),
    unusable("a link to a named pipe", link_to_a_pipe, Outcome.UNREADABLE, "not an ordinary file"),
    renamed(f"{NAME} (1).ipynb"),
    renamed(f"{NAME.upper()}.ipynb"),
    renamed("my solution [final] (v2)+.ipynb"),
    renamed("Übung – Kopie.IPYNB"),
    renamed("\x1b[2J\x1b]0;title\x07\u202e.ipynb"),
    Broken(
        "two notebooks",
        two_notebooks,
        (Outcome.SEVERAL,),
        f"2 notebooks; '{MEMBER}' used, not 'a.ipynb'",
    ),
    unusable("no notebook", empty_folder, Outcome.MISSING, "no notebook was handed in; its folder is empty"),
    unusable(
        "a program in place of a notebook",
        file(lambda released: "def double(x): return 2 * x", "solution.py"),
        Outcome.MISSING,
        "no notebook was handed in; there is: 'solution.py'",
    ),
    Broken(
        "in a folder inside the folder",
        file(filled, f"work/{MEMBER}"),
        (Outcome.NESTED,),
        "the notebook was in a folder inside the submitted folder; used",
    ),
    Broken(
        "directly in the student's folder",
        elsewhere(MEMBER),
        (Outcome.LOOSE,),
        f"the notebook was not in a folder {NAME}; used",
    ),
    Broken("as `course pack` makes it", packed, (Outcome.PACKED,), f"handed in as the archive '{NAME}.zip'"),
    unusable(
        "something else", elsewhere("notes", "x.txt"), Outcome.NOT_HANDED_IN, f"no {NAME} found; there is: 'notes'"
    ),
    Broken(
        "a student id with a slash",
        elsewhere("ben", NAME, MEMBER),
        (Outcome.NESTED,),
        f"{NAME} was in the folder 'ben' of the student's folder; used",
    ),
    unusable(
        "two student ids with a slash",
        two_places,
        Outcome.SEVERAL_PLACES,
        f"{NAME} is there more than once, in 'ben', 'cem': which one counts, and whose is it?",
    ),
    Broken(
        "a time of hand-in that is none",
        bad_time,
        (Outcome.BAD_TIMESTAMP,),
        "timestamp.txt is not a time; counted as handed in on time",
    ),
]
