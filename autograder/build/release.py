"""From solutions/ to what students open: `course build`, and the folder in which nbgrader grades."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat

from autograder.build.released import is_noted, note_released, origin_of
from autograder.names import CONFIG_FILE, COURSE_CONFIG, COURSE_ID
from autograder.source import SourceError, SourceNotebook, find_notebooks, find_source, read_notebook

AUTOMATIC_POINTS, WRITTEN_POINTS = 90, 10


def build_assignments(out: Path, notebooks: Sequence[SourceNotebook] | None = None) -> list[Path]:
    """Writes OUT/NAME/NAME.ipynb, hints.json and the notebook's own files for each notebook (default: all).

    Files that are already right are left alone; files in OUT/NAME that no longer belong there are removed. The same
    source gives the same bytes. Returns the notebooks' paths. Raises `SourceError` or `ReleaseError`.
    """
    notebooks = find_notebooks() if notebooks is None else notebooks
    files = release_files(notebooks)
    for notebook in notebooks:
        for path in visible_files(Path(out) / notebook.name):
            if path.relative_to(out).as_posix() not in files:
                path.unlink()
    for name, content in files.items():
        _write_if_changed(Path(out) / name, content)
    return [Path(out) / notebook.name / f"{notebook.name}.ipynb" for notebook in notebooks]


def release_files(notebooks: Sequence[SourceNotebook]) -> dict[str, bytes]:
    """Everything `course build` writes: path below assignments/ → content."""
    for notebook in notebooks:
        _check_points(notebook)
    files: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory(prefix="course-build-") as folder:
        from autograder.build.nbgrader_run import generate_assignment

        for notebook in notebooks:
            name = notebook.name
            _write_if_changed(Path(folder) / "source" / name / f"{name}.ipynb", instructor_notebook(notebook))
            generate_assignment(Path(folder), name, database=False)
            released = (Path(folder) / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
            files[f"{name}/{name}.ipynb"] = _as_bytes(json.loads(released), indent=1)
            files[f"{name}/hints.json"] = _as_bytes(notebook.hints, indent=2)
            files |= {f"{name}/{file}": content for file, content in _companions(notebook).items()}
    return files


def prepare_course(course_dir: Path, names: Sequence[str], root: Path | None = None) -> None:
    """Makes COURSE_DIR ready for grading the notebooks called `names` (as in "01_knn"); `root` is a solutions/ folder.

    Writes nbgrader_config.py, source/NAME/, release/NAME/ and the assignment's cells in gradebook.db. Does nothing
    where the source has not changed. Raises `SourceError`, `KeyError` for an unknown name, `ReleaseError` when the
    gradebook holds submissions graded with other cells, `FileExistsError` for an nbgrader_config.py not ours.
    """
    course_dir = Path(course_dir)
    course_dir.mkdir(parents=True, exist_ok=True)
    config = course_dir / CONFIG_FILE
    if config.exists() and "autograder.plugins" not in config.read_text(encoding="utf-8"):
        lines = "from autograder.plugins import configure; configure(get_config())"
        raise FileExistsError(f"{config}: not the course's; add to it: {lines}")
    if not config.exists():
        config.write_text(COURSE_CONFIG, encoding="utf-8")
    for name in names:
        path = find_source(name, root)
        if is_noted(course_dir, path) and _is_released(course_dir, path.stem):
            continue
        origin = origin_of(path)
        notebook = read_notebook(path)
        files = {f"{notebook.name}.ipynb": instructor_notebook(notebook)}
        files |= _companions(notebook)
        source = course_dir / "source" / notebook.name
        current = all((source / file).is_file() and (source / file).read_bytes() == files[file] for file in files)
        if current and _is_released(course_dir, notebook.name):
            note_released(course_dir, path, origin, files)
            continue
        from autograder.build.nbgrader_run import generate_assignment

        previous = {file: (source / file).read_bytes() for file in files if (source / file).is_file()}
        for file, content in files.items():
            _write_if_changed(source / file, content)
        try:
            generate_assignment(course_dir, notebook.name)
        except BaseException:
            # The next run must see that this source has not been released.
            for file in files:
                (source / file).unlink()
            for file, content in previous.items():
                (source / file).write_bytes(content)
            raise
        note_released(course_dir, path, origin, files)


def instructor_notebook(notebook: SourceNotebook) -> bytes:
    """The notebook with solutions and hidden tests, as the bytes of an .ipynb file."""
    return _as_bytes(notebook.as_notebook(), indent=1)


def visible_files(folder: Path) -> list[Path]:
    """The files under a folder, sorted, without hidden files and caches."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not _is_hidden(path.relative_to(folder)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _companions(notebook: SourceNotebook) -> dict[str, bytes]:
    """Pictures and tables beside the source; Python files stay with the instructor."""
    folder = notebook.path.parent
    paths = [path for path in visible_files(folder) if path.suffix != ".py"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _is_released(course_dir: Path, name: str) -> bool:
    if not (course_dir / "release" / name / f"{name}.ipynb").is_file() or not (course_dir / "gradebook.db").is_file():
        return False
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(f"sqlite:///{(course_dir / 'gradebook.db').resolve()}", COURSE_ID) as gradebook:
        try:
            gradebook.find_notebook(name, name)
        except MissingEntry:
            return False
    return True


def _check_points(notebook: SourceNotebook) -> None:
    automatic = sum(exercise.points for exercise in notebook.exercises)
    written = sum(question.points for question in notebook.questions)
    if (automatic, written) != (AUTOMATIC_POINTS, WRITTEN_POINTS):
        raise SourceError(
            f"solutions/{notebook.name}/{notebook.name}.py:1: exercises are worth {automatic:g} and written questions "
            f"{written:g} points; they must be worth {AUTOMATIC_POINTS} and {WRITTEN_POINTS}"
        )


def _as_bytes(content: object, indent: int) -> bytes:
    if isinstance(content, nbformat.NotebookNode):
        # Sources as lists of lines, as Jupyter saves them: a change shows as a line in a diff.
        return (nbformat.writes(content).rstrip("\n") + "\n").encode()
    return (json.dumps(content, indent=indent, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _write_if_changed(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
