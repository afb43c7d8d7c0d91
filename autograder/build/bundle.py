"""`course bundle`: the folder and the zip archive that students get."""

import hashlib
import shutil
import tempfile
import tomllib
import zipfile
from pathlib import Path

from autograder.build.leaks import find_leaks
from autograder.build.release import release_files, visible_files
from autograder.source import find_notebooks

CHECKOUT = Path(__file__).resolve().parents[2]

_CONTENTS = "CONTENTS.txt"
_CONTENTS_TITLE = "Files of this bundle, made by `course bundle`: SHA-256 and name."
# Tables of pyproject.toml which install the library; what is left out serves its makers.
_STUDENT_TABLES = ("build-system", "project", "project.scripts", "tool.hatch.")
_NOT_FOR_STUDENTS = {"data/make_data.py"}


class BundleError(RuntimeError):
    """The bundle cannot be made as asked."""


def make_bundle(out: Path, root: Path | None = None) -> Path:
    """Writes the student bundle to the folder OUT and to OUT.zip beside it; returns the folder.

    An earlier bundle in OUT is replaced. `root` is a checkout (default: this one). Raises `BundleError` when OUT holds
    anything else, or when the bundle would show students a solution or a hidden test; then nothing is written.
    """
    out, root = Path(out).resolve(), Path(root or CHECKOUT)
    _refuse_foreign(out)
    notebooks = find_notebooks(root / "solutions")
    files = bundle_files(root, release_files(notebooks))
    leaks = find_leaks(files, notebooks, autograder=root / "autograder")
    if leaks:
        raise BundleError("the bundle would show what students must not see:\n" + "\n".join(map(str, leaks)))
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in sorted(files)]
    files[_CONTENTS] = "\n".join([_CONTENTS_TITLE, *lines, ""]).encode()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".course-bundle-", dir=out.parent) as temporary:
        folder, archive = Path(temporary) / out.name, Path(temporary) / "bundle.zip"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        _zip(archive, out.name, files)
        if out.exists():
            shutil.rmtree(out)
        folder.rename(out)
        archive.replace(out.with_name(f"{out.name}.zip"))
    return out


def bundle_files(root: Path, released: dict[str, bytes]) -> dict[str, bytes]:
    """What students get: path → content. `released` are the files of assignments/ (see `release_files`)."""
    files = {f"assignments/{name}": content for name, content in released.items()}
    for folder in ("course_utils", "data"):
        for path in visible_files(root / folder):
            name = path.relative_to(root).as_posix()
            if name not in _NOT_FOR_STUDENTS and not name.startswith("course_utils/shipped/"):
                files[name] = path.read_bytes()
    for name in ("LICENSE", "constraints.txt"):
        if (root / name).is_file():
            files[name] = (root / name).read_bytes()
    files["README.md"] = (Path(__file__).parent / "bundle_readme.md").read_bytes()
    files["pyproject.toml"] = _student_pyproject((root / "pyproject.toml").read_text(encoding="utf-8")).encode()
    return files


def _student_pyproject(text: str) -> str:
    """pyproject.toml without the grader's entry point and dependencies and the settings of development tools."""
    kept: list[str] = []
    keep = True
    for line in text.splitlines():
        if line.startswith("["):
            table = line.strip("[] \n")
            keep = any(table == name or (name.endswith(".") and table.startswith(name)) for name in _STUDENT_TABLES)
        if keep:
            kept.append(line)
    result = "\n".join(kept).rstrip() + "\n"
    tomllib.loads(result)
    return result


def _refuse_foreign(out: Path) -> None:
    """Only what `course bundle` wrote itself, and nobody changed, may be replaced."""
    if not out.exists():
        return
    if not out.is_dir():
        raise BundleError(f"{out}: is a file; name a folder that is new, empty or an earlier bundle")
    present = {path.relative_to(out).as_posix() for path in visible_files(out)}
    if not present:
        if any(out.iterdir()):
            raise BundleError(f"{out}: holds hidden files; name a folder that is new, empty or an earlier bundle")
        return
    contents = out / _CONTENTS
    lines = contents.read_text(encoding="utf-8").splitlines() if contents.is_file() else []
    if lines[:1] != [_CONTENTS_TITLE]:
        raise BundleError(f"{out}: not empty and not a bundle; name a folder that is new, empty or an earlier bundle")
    foreign = sorted(present - {line.partition("  ")[2] for line in lines[1:]} - {_CONTENTS})
    if foreign:
        raise BundleError(f"{out}: holds {foreign[0]}, which is not of the bundle; move it away or name another folder")


def _zip(archive: Path, top: str, files: dict[str, bytes]) -> None:
    """The same files give the same bytes: sorted, with a fixed date."""
    with zipfile.ZipFile(archive, "w") as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{top}/{name}", date_time=(2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, files[name])
