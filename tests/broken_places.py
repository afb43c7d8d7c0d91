"""Notebooks in places where they do not belong, under names that they should not have, of students with odd ids."""

import os
import zipfile
from pathlib import Path
from typing import Any

from broken import MEMBER, Broken, Make, file, folder, printed, text_of, unusable
from pipeline_course import NAME, filled, hand_in

from autograder.pipeline.outcomes import Outcome


def a_folder_for_the_file(course_dir: Path, student: str, released: Any) -> None:
    (folder(course_dir, student) / MEMBER).mkdir()


def a_file_for_the_folder(course_dir: Path, student: str, released: Any) -> None:
    (course_dir / "submitted" / student).mkdir(parents=True)
    (course_dir / "submitted" / student / NAME).write_text("hello")


def link_to(target: str) -> Make:
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


def elsewhere(*parts: str) -> Make:
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


def renamed(name: str) -> Broken:
    said = f"the notebook is called {printed(repr(name))} instead of '{MEMBER}'; used"
    return Broken(f"called {printed(name)}", file(filled, name), (Outcome.RENAMED,), said)


def odd_id(student: str, shown: str = "") -> Broken:
    printed = shown or student
    return Broken(f"the student id {printed[:40]!r}", file(filled), (), "", student=student, shown=printed)


PLACES = [
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
HIDDEN = "\N{REPLACEMENT CHARACTER}"
IDS = [
    odd_id("jo [x] *? (a|b)+$ {0} %s"),
    odd_id("O'Brien\"; DROP TABLE grade; --"),
    odd_id("<img src=x onerror=alert(1)>&amp;"),
    odd_id("=HYPERLINK(A1)"),
    odd_id("-rf"),
    odd_id("$(touch x) `touch y` \\"),
    odd_id("Zoë Müller 王"),
    odd_id("x" * 200),
    odd_id("a\x1b[2J\x1b]0;title\x07b", f"a{HIDDEN}[2J{HIDDEN}]0;title{HIDDEN}b"),
    odd_id("two\nlines\t,", f"two{HIDDEN}lines{HIDDEN},"),
    odd_id("ana\u202ecod", f"ana{HIDDEN}cod"),
    odd_id(b"n\xe9e".decode("utf-8", "surrogateescape"), f"n{HIDDEN}e"),
]
