"""Runs nbgrader's own GenerateAssignment on a course folder, quietly: its log is kept and shown only with an error."""

import logging
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config

from autograder.build.settings import configure_release


class ReleaseError(RuntimeError):
    """nbgrader refused to make a release; the message holds its log."""


def generate_assignment(course_dir: Path, name: str, database: bool = True) -> None:
    """source/NAME/*.ipynb → release/NAME/*.ipynb, and with `database` the assignment's cells into gradebook.db.

    Replaces an earlier release. Raises `ReleaseError` with nbgrader's messages.
    """
    config = Config()
    configure_release(config)
    config.CourseDirectory.root = str(course_dir)
    config.CourseDirectory.assignment_id = name
    config.BaseConverter.force = True
    if not database:
        config.GenerateAssignment.no_database = True
        steps = config.GenerateAssignment.preprocessors
        config.GenerateAssignment.preprocessors = [step for step in steps if step is not SaveCells]
    log, messages = _collecting_log()
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config, log=log), config=config, log=log)
    try:
        converter.start()
    except NbGraderException as error:
        raise ReleaseError(f"{name}: nbgrader made no release:\n" + "\n".join([*messages, str(error)])) from error


def _collecting_log() -> tuple[logging.Logger, list[str]]:
    """A logger of its own, so that neither nbgrader's chatter nor a caller's handlers mix."""
    messages: list[str] = []
    log = logging.Logger("course build", level=logging.WARNING)
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    return log, messages
