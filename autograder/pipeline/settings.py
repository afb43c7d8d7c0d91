"""A course directory's nbgrader settings, and whether they ask for what only nbgrader's own converters do."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter
from nbconvert.writers import FilesWriter
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.names import CONFIG_FILE
from autograder.pipeline import stock

# Settings in these sections that change nothing about what is written, or that are asked at the right place.
HARMLESS = {"AssignLatePenalties": {"plugin_class"}, "CourseDirectory": {"course_id", "root", "assignment_id"}}


def load_settings(course_dir: Path) -> Config:
    """The course directory's own nbgrader_config.py (late penalties and the like), or the course's standard settings.

    What the file sets after it calls `configure` counts, except that feedback is always made harmless.
    """
    from autograder.plugins import configure

    config = Config()
    if (course_dir / CONFIG_FILE).is_file():
        config = PyFileConfigLoader(CONFIG_FILE, path=str(course_dir)).load_config()
    if config.Autograde.get("exporter_class") is not stock.RebuildExporter:
        configure(config)
    stock.make_feedback_harmless(config)
    return config


def is_plain_autograde(config: Config) -> bool:
    """Nothing that has to do with autograding is set in another way than the course sets it."""
    standard = _standard()
    # How cells are run has been decided when there are results to write.
    steps = [step for step in standard.Autograde.autograde_preprocessors if step is not stock.Execute]
    steps += Autograde.sanitize_preprocessors.default()
    return _is_standard(config, [Autograde, NotebookExporter, FilesWriter, CourseDirectory, *steps])


def is_plain_feedback(course_dir: Path, config: Config) -> bool:
    """Nothing that has to do with feedback is set in another way than the course sets it."""
    kinds = [GenerateFeedback, HTMLExporter, FilesWriter, CourseDirectory, Highlight2HTML, WidgetsDataTypeFilter]
    plain = _is_standard(config, [*kinds, *_standard().GenerateFeedback.preprocessors])
    # nbconvert adds this style sheet of the current directory to every page.
    return plain and not (course_dir / "custom" / "custom.css").exists()


@cache
def _standard() -> Config:
    config = Config()
    stock.configure(config)
    return config


def _is_standard(config: Config, kinds: list[Any]) -> bool:
    """traitlets takes a class's settings from its own section and those of its base classes."""
    names = {kind.__name__ for each in kinds for kind in each.__mro__} | {"Feedback"}
    return all(
        _section(config, name) == _section(_standard(), name) | _harmless(config, name) for name in sorted(names)
    )


def _section(config: Config, name: str) -> dict[str, Any]:
    section: dict[str, Any] = dict(dict.get(config, name, {}))
    return section


def _harmless(config: Config, name: str) -> dict[str, Any]:
    return {key: value for key, value in _section(config, name).items() if key in HARMLESS.get(name, ())}
