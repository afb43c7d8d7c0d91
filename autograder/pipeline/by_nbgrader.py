"""nbgrader's own converters, one student at a time: what `course grade` falls back on.

Only one thread may be here at a time: nbgrader's converters change the current directory.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import logging
import shutil
import warnings
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader import preprocessors as nbgrader_steps
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from autograder.pipeline.folders import unchanged_answers
from autograder.pipeline.grades import open_gradebook
from autograder.pipeline.intake import Submission

REBUILT = ".course/rebuilt"


class OneSubmission:
    """Mixin: convert exactly one student's notebook, whatever characters (* ? [) the student id holds."""

    student: str

    def init_notebooks(self) -> None:
        assignment = self.coursedir.assignment_id  # type: ignore[attr-defined]
        folder = self._format_source(assignment, self.student)  # type: ignore[attr-defined]
        self.assignments = {folder: [f"{folder}/{assignment}.ipynb"]}


class AutogradeOne(OneSubmission, Autograde):
    pass


class FeedbackOne(OneSubmission, GenerateFeedback):
    pass


class ByNbgrader:
    """nbgrader's converters for one assignment of a course directory, with that directory's settings."""

    def __init__(self, course_dir: Path, assignment: str, config: Config) -> None:
        self.course_dir, self.assignment, self.config = course_dir, assignment, config
        self.messages: list[str] = []
        self.log = self._collecting_log()

    def record(self, submission: Submission, executed: NotebookNode) -> None:
        """Write the rebuilt and the autograded notebook, and the grades of `submission`.

        Manual scores stay; an answer that was graded by a person and has not changed needs no second look.
        Raises RuntimeError with nbgrader's reason.
        """
        settled = self._answers_settled(submission)
        folder = self.course_dir / REBUILT / submission.student / self.assignment
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        nbformat.write(submission.notebook, folder / f"{self.assignment}.ipynb")
        for name, text in submission.exchange_files.items():
            (folder / name).write_text(text, encoding="utf-8")
        config = copy.deepcopy(self.config)  # Config.copy would share its sections
        config.CourseDirectory.submitted_directory = REBUILT
        config.Autograde.exporter_class = NotebookExporter
        executed_cells = {cell.get("id"): cell for cell in executed.cells}

        def take_outputs(nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
            for cell in nb.cells:
                done = executed_cells.get(cell.get("id"))
                if cell.cell_type == "code" and done is not None:
                    cell.outputs = copy.deepcopy(done.outputs)  # nbgrader's steps change them in place
                    cell.execution_count = done.execution_count
            return nb, resources

        config.Autograde.autograde_preprocessors = _with_outputs(config.Autograde.autograde_preprocessors, take_outputs)
        self.convert(AutogradeOne, config, submission.student)
        self._settle_answers(submission, settled)

    def give_feedback(self, student: str, note: str) -> None:
        """Write DIR/feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html. Raises RuntimeError with nbgrader's reason."""
        config = copy.deepcopy(self.config)  # Config.copy would share its sections
        config.NoteFirst.note = note
        self.convert(FeedbackOne, config, student)

    def assign_penalty(self, student: str, notebook: NotebookNode) -> None:
        """Let nbgrader's own step ask the course's plugin, which may read the gradebook itself.

        Raises what the plugin raises.
        """
        about = {"student": student, "assignment": self.assignment, "notebook": self.assignment}
        resources: dict[str, Any] = {"nbgrader": about | {"db_url": f"sqlite:///{self.course_dir / 'gradebook.db'}"}}
        with contextlib.chdir(self.course_dir):
            for step in self._penalty_steps():
                step(notebook, resources)

    def penalty_settings(self) -> str:
        """SHA-256 of what late penalties depend on beside the submission: settings, the file with the plugin's code.

        Raises what a plugin that cannot be used raises.
        """
        digest = hashlib.sha256()
        with contextlib.chdir(self.course_dir):
            for step in self._penalty_steps():
                step.init_plugin()
                for part in (step, step.plugin_inst):
                    digest.update(_in_words(part.trait_values(config=True)).encode() + b"\0")
                code = getattr(type(step.plugin_inst).late_submission_penalty, "__code__", None)
                path = Path(code.co_filename if code else "")
                digest.update((path.read_bytes() if path.is_file() else b"") + b"\0")
        return digest.hexdigest()

    def _penalty_steps(self) -> list[Any]:
        """nbgrader's steps for late penalties, as autograding would take them."""
        converter = self.converter(AutogradeOne, self.config)
        exporter = NotebookExporter(parent=converter, config=converter.config)
        kinds = _loaded(self.config.Autograde.autograde_preprocessors)
        return [kind(parent=exporter) for kind in kinds if _is_kind(kind, nbgrader_steps.AssignLatePenalties)]

    def converter(self, kind: type, config: Config) -> Any:
        """A converter of this `kind` for this assignment."""
        config.BaseConverter.force = True
        config.CourseDirectory.root = str(self.course_dir)
        config.CourseDirectory.assignment_id = self.assignment
        coursedir = CourseDirectory(config=config, log=self.log)
        return kind(coursedir=coursedir, config=config, log=self.log)

    def convert(self, kind: type, config: Config, student: str) -> None:
        """Let nbgrader convert one submission. Raises RuntimeError with nbgrader's reason."""
        self.messages.clear()
        converter = self.converter(kind, config)
        converter.student = student
        try:
            with warnings.catch_warnings():
                # SQLAlchemy and nbformat warn about how nbgrader itself uses them.
                warnings.simplefilter("ignore")
                converter.start()
        except NbGraderException as error:
            raise RuntimeError("\n".join([*self.messages, str(error)])) from error

    def _answers_settled(self, submission: Submission) -> set[str]:
        """The written questions that a person has graded and whose answer is the same as then."""
        same = unchanged_answers(self.course_dir, submission)
        if not same:
            return set()
        with open_gradebook(self.course_dir) as gradebook:
            grades = _manual_grades(gradebook, submission)
            return {grade.name for grade in grades if grade.name in same and not grade.needs_manual_grade}

    def _settle_answers(self, submission: Submission, settled: set[str]) -> None:
        if not settled:
            return
        with open_gradebook(self.course_dir) as gradebook:
            for grade in _manual_grades(gradebook, submission):
                if grade.name in settled:
                    grade.needs_manual_grade = False
            gradebook.db.commit()

    def _collecting_log(self) -> logging.Logger:
        log = logging.Logger("course grade", level=logging.ERROR)
        handler = logging.Handler()
        handler.emit = lambda record: self.messages.append(record.getMessage())  # type: ignore[method-assign]
        log.addHandler(handler)
        return log


def _manual_grades(gradebook: Gradebook, submission: Submission) -> list[Any]:
    name = submission.assignment
    try:
        notebook = gradebook.find_submission_notebook(name, name, submission.student)
    except MissingEntry:  # the gradebook is newer than the autograded notebook
        return []
    return [grade for grade in notebook.grades if grade.manual_score is not None]


def _with_outputs(steps: list[Any], take_outputs: Any) -> list[Any]:
    """`steps` with whatever would run students' code here replaced by a step that takes the outputs there are."""
    loaded = _loaded(steps)
    runs = [_is_kind(step, nbgrader_steps.Execute) for step in loaded]
    if not any(runs):
        # Without outputs nbgrader would give every graded cell full marks.
        return [take_outputs, *loaded]
    return [take_outputs if run else step for step, run in zip(loaded, runs, strict=True)]


def _loaded(steps: list[Any]) -> list[Any]:
    """Steps as classes, of which some may be given by name."""
    return [import_item(step) if isinstance(step, str) else step for step in steps]


def _in_words(setting: Any) -> str:
    """A setting's value, in words that are the same in every process: sets have no order, and objects an address."""
    if isinstance(setting, dict):
        return f"{{{', '.join(sorted(f'{_in_words(key)}: {_in_words(value)}' for key, value in setting.items()))}}}"
    if isinstance(setting, set | frozenset):
        return f"{{{', '.join(sorted(map(_in_words, setting)))}}}"
    if isinstance(setting, list | tuple):
        return f"[{', '.join(map(_in_words, setting))}]"
    if isinstance(setting, str | bytes | int | float | date | timedelta | Path | None):
        return repr(setting)
    code = getattr(setting, "__code__", None)
    return f"{type(setting).__qualname__} {code.co_code.hex() if code else ''}"


def _is_kind(step: Any, kind: type) -> bool:
    return isinstance(step, type) and issubclass(step, kind)
