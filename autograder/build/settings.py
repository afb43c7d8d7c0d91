"""How nbgrader makes releases of the course."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from autograder.build.clear_solutions import ClearCourseSolutions
from autograder.names import COURSE_ID


def configure_release(c: Any) -> None:
    """Sets on a traitlets `Config` what making a release needs."""
    _put_alembic_on_the_path()
    c.CourseDirectory.course_id = COURSE_ID
    steps = GenerateAssignment.preprocessors.default()
    c.GenerateAssignment.preprocessors = [ClearCourseSolutions if step is ClearSolutions else step for step in steps]
    # nbgrader expects mark schemes in its task cells only; ours stand beside the model answer.
    c.ClearMarkScheme.enforce_metadata = False


def _put_alembic_on_the_path() -> None:
    """nbgrader runs `alembic` when it makes a gradebook; it is beside this interpreter, activated or not."""
    if shutil.which("alembic") is None:
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
