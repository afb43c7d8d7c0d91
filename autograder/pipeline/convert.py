"""Hand an executed notebook to nbgrader's own converters: its scores into the gradebook, its feedback as HTML.

Only one thread may be here at a time: nbgrader's converters change the current directory.
"""

from __future__ import annotations

import copy
import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.pipeline import stock
from autograder.pipeline.grades import open_gradebook
from autograder.pipeline.intake import Submission
from autograder.pipeline.master import grade_id, is_answer

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


class Converters:
    """nbgrader's converters for one course directory, set up once for a batch."""

    def __init__(self, course_dir: Path, assignment: str) -> None:
        self.course_dir, self.assignment = course_dir, assignment
        self.messages: list[str] = []
        self.log = self._collecting_log()
        self.config = _config(course_dir)

    def record(self, submission: Submission, executed: NotebookNode) -> None:
        """Write the rebuilt and the autograded notebook, and the grades of `submission`.

        Manual scores stay; an answer that was graded by a person and has not changed needs no second look.
        Raises RuntimeError with nbgrader's reason.
        """
        name = f"{self.assignment}.ipynb"
        folder = self.course_dir / REBUILT / submission.student / self.assignment
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        nbformat.write(submission.notebook, folder / name)
        if submission.timestamp:
            (folder / "timestamp.txt").write_text(submission.timestamp, encoding="utf-8")
        settled = self._answers_settled(submission)
        config = copy.deepcopy(self.config)  # Config.copy would share its sections
        config.CourseDirectory.submitted_directory = REBUILT
        config.Autograde.exporter_class = NotebookExporter
        executed_cells = {cell.get("id"): cell for cell in executed.cells}

        def take_outputs(nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
            for cell in nb.cells:
                done = executed_cells.get(cell.get("id"))
                if cell.cell_type == "code" and done is not None:
                    cell.outputs, cell.execution_count = done.outputs, done.execution_count
            return nb, resources

        config.Autograde.autograde_preprocessors = [
            take_outputs if step is stock.Execute else step for step in config.Autograde.autograde_preprocessors
        ]
        self._convert(AutogradeOne, config, submission.student)
        self._settle_answers(submission, settled)

    def give_feedback(self, student: str, note: str) -> None:
        """Write DIR/feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html."""
        config = copy.deepcopy(self.config)  # Config.copy would share its sections
        config.NoteFirst.note = note
        self._convert(FeedbackOne, config, student)

    def _convert(self, kind: type, config: Config, student: str) -> None:
        config.BaseConverter.force = True
        config.CourseDirectory.root = str(self.course_dir)
        config.CourseDirectory.assignment_id = self.assignment
        self.messages.clear()
        coursedir = CourseDirectory(config=config, log=self.log)
        converter = kind(coursedir=coursedir, config=config, log=self.log)
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
        path = self.course_dir / "autograded" / submission.student / self.assignment / f"{self.assignment}.ipynb"
        if not path.is_file():
            return set()
        before = {grade_id(cell): cell.source for cell in nbformat.read(path, as_version=4).cells}
        now = {grade_id(cell): cell.source for cell in submission.notebook.cells if is_answer(cell)}
        same = {name for name, source in now.items() if name and before.get(name) == source}
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
    notebook = gradebook.find_submission_notebook(submission.assignment, submission.assignment, submission.student)
    return [grade for grade in notebook.grades if grade.manual_score is not None]


def _config(course_dir: Path) -> Config:
    """The course directory's own nbgrader_config.py (late penalties and the like), or the course's standard one."""
    if (course_dir / "nbgrader_config.py").is_file():
        config: Config = PyFileConfigLoader("nbgrader_config.py", path=str(course_dir)).load_config()
    else:
        config = Config()
    from autograder.plugins import configure

    configure(config)
    return config
