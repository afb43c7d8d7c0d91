"""What nbgrader knows of a course directory: the names of its folders, what it ignores."""

from __future__ import annotations

from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.names import CONFIG_FILE, COURSE_CONFIG, COURSE_ID


def course_directory(course_dir: Path) -> CourseDirectory:
    """The course directory with the settings of its nbgrader_config.py."""
    config = Config()
    config.CourseDirectory.course_id = COURSE_ID
    if not _has_standard_settings(course_dir):
        from autograder.pipeline.settings import load_settings

        config = load_settings(course_dir)
    config.CourseDirectory.root = str(course_dir)
    return CourseDirectory(config=config)


def _has_standard_settings(course_dir: Path) -> bool:
    """Whether nothing is set but what the course sets, which for folders is only the course's name: to load all of
    nbgrader's and nbconvert's settings takes as long as grading ten submissions.
    """
    path = course_dir / CONFIG_FILE
    return not path.is_file() or path.read_text(encoding="utf-8", errors="replace") == COURSE_CONFIG
