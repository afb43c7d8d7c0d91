"""Finds what students must not see: lines of solutions, hidden tests, oracles, mutants and mark schemes."""

import contextlib
import html
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.source import SourceCell, SourceNotebook, regions
from autograder.source.regions import without_regions
from autograder.topics import AUTOGRADER, FOLDERS, files_of_topic

SHORTEST = 12  # characters; shorter lines ("return loss") stand in everybody's code
BLOCK = 4  # lines of one origin that make a copy in library code, where single lines may agree by chance

_TAG = re.compile(r"<[^<>]*>")
_BINARY = {".npz", ".npy", ".png", ".jpg", ".jpeg", ".gif", ".gz", ".db"}


@dataclass(frozen=True)
class Leak:
    """One secret line found where students would see it."""

    where: str
    secret: str
    origin: str

    def __str__(self) -> str:
        return f"{self.where}: holds a line of {self.origin}: {self.secret!r}"


def find_leaks(
    shown: str | Path | Mapping[str, bytes],
    notebooks: Sequence[SourceNotebook],
    *,
    allowed: Iterable[str] = (),
    autograder: Path = AUTOGRADER,
) -> list[Leak]:
    """Secret lines of `notebooks` in what is shown to students: a text, a file, a folder, or path → content.

    Notebooks, HTML pages and zip archives (wheels) are read for their text. A line that students may see elsewhere in
    the notebooks, or in `allowed` (a submission, when its own feedback is looked at), is no secret. Library code
    (course_utils/) may share single lines with a solution; four lines or more of the same origin are a leak.
    """
    secrets = _secrets(notebooks, autograder)
    visible = "\n".join([*(_visible(cell) for notebook in notebooks for cell in notebook.cells), *map(_plain, allowed)])
    secrets = {line: origin for line, origin in secrets.items() if line not in visible}
    leaks: list[Leak] = []
    for name, content in _files(shown):
        for where, text in _texts(name, content):
            found = [Leak(where, line, origin) for line, origin in secrets.items() if _holds(text, line)]
            if "course_utils/" in where and where.endswith(".py"):
                origins = [leak.origin for leak in found]
                found = [leak for leak in found if origins.count(leak.origin) >= BLOCK]
            leaks += found
    return leaks


def _holds(text: str, line: str) -> bool:
    """Whether `line` stands in `text`, not as a part of longer words: "return gradients" is not "return gradient"."""
    before, after = r"(?<!\w)" if line[0].isalnum() else "", r"(?!\w)" if line[-1].isalnum() else ""
    return line in text and bool(re.search(before + re.escape(line) + after, text))


def _secrets(notebooks: Sequence[SourceNotebook], autograder: Path) -> dict[str, str]:
    """Secret line (normalised) → where it comes from."""
    secrets: dict[str, str] = {}
    for notebook in notebooks:
        for cell in notebook.cells:
            for region in regions(cell.source):
                # The build adds the points to this call.
                text = region.text.replace(", globals())", ", globals()")
                _add(secrets, text, f"the {region.kind.lower()} of {cell.grade_id}")
        for folder in FOLDERS:
            for path in files_of_topic(folder, notebook.topic, autograder):
                origin = path.relative_to(autograder).as_posix()
                _add(secrets, path.read_text(encoding="utf-8"), f"autograder/{origin}")
    return secrets


def _add(secrets: dict[str, str], text: str, origin: str) -> None:
    for line in text.splitlines():
        plain = _plain(line)
        if len(plain) >= SHORTEST and re.search(r"\w", plain):
            secrets.setdefault(plain, origin)


def _visible(cell: SourceCell) -> str:
    """What students see of a source cell. Hints are left out: they must not hold solution lines either."""
    return "" if cell.hints_for else "\n".join(_plain(line) for line in without_regions(cell.source).splitlines())


def _plain(text: str) -> str:
    """Without differences of indentation and spacing."""
    return " ".join(text.split())


def _files(shown: str | Path | Mapping[str, bytes]) -> Iterable[tuple[str, bytes]]:
    if isinstance(shown, str):
        yield "text", shown.encode()
    elif isinstance(shown, Mapping):
        yield from shown.items()
    elif shown.is_dir():
        for path in sorted(shown.rglob("*")):
            if path.is_file():
                yield path.relative_to(shown).as_posix(), path.read_bytes()
    else:
        yield shown.name, shown.read_bytes()


def _texts(name: str, content: bytes) -> Iterable[tuple[str, str]]:
    """The readable texts in a file, whitespace normalised."""
    suffix = Path(name).suffix
    if suffix in (".zip", ".whl"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield from _texts(f"{name}/{inner}", archive.read(inner))
        return
    if suffix in _BINARY:
        return
    # A byte that is not UTF-8 must not hide the rest of a file.
    text = content.decode("utf-8", errors="replace")
    if suffix in (".ipynb", ".json"):
        with contextlib.suppress(json.JSONDecodeError):  # broken JSON is read as it stands: it can leak too
            text = "\n".join(_strings(json.loads(text)))
    elif suffix in (".html", ".htm"):
        text = html.unescape(_TAG.sub("", text))
    yield name, _plain(text)


def _strings(value: object) -> Iterable[str]:
    """Every string in a JSON value; a list of strings is one text, as in a notebook's sources."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        if value and all(isinstance(inner, str) for inner in value):
            yield "".join(value)
        else:
            for inner in value:
                yield from _strings(inner)
