"""What of this machine student code may see: Python, the library, the data, and the few of our modules it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import autograder
import course_utils
from autograder import sandbox
from course_utils.data.cache import cache_folder

OURS = Path(autograder.__file__).parent
INSIDE = ("__init__.py", "byvalue", "inside", "sandbox")  # of autograder/; everything else stays outside
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


def visible_places(also: tuple[str, ...] = ()) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Paths that are readable, paths below them that are hidden, and paths below those that stay readable.

    `also` names more of the last: our tests run mutants in the sandbox.
    """
    library = Path(course_utils.__file__).parent
    keep = (*(str(OURS / name) for name in INSIDE), *also)
    places = [library, library.parent / "data", fonts_folder(), cache_folder()]
    read = (*sandbox.python_paths(), *(str(place) for place in places if place.exists()), *keep)
    secret = (OURS, OURS.parent / "solutions", OURS.parent / "tests")
    hide = tuple(str(place) for place in secret if str(place) not in also)
    return tuple(dict.fromkeys(read)), hide, keep


def environment(work: str, scratch: str) -> dict[str, str]:
    """The environment of a worker that may write into these two folders: nothing of the instructor's."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": work,
        "USER": "student",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        "COURSE_FONTS": str(fonts_folder()),
        "IPYTHONDIR": f"{scratch}/ipython",
        "TMPDIR": scratch,
        "COURSE_CACHE": str(cache_folder()),
        "NBGRADER_EXECUTION": "autograde",
        "LD_LIBRARY_PATH": sysconfig.get_config_var("LIBDIR") or "",
        **ONE_THREAD,
    }


@cache
def fonts_folder() -> Path:
    """Matplotlib's list of fonts, made once; without it each worker would search the machine for fonts."""
    folder = cache_folder() / "matplotlib"
    if not any(folder.glob("fontlist-*.json")):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"],
            env={**os.environ, "MPLCONFIGDIR": str(folder)},
            check=True,
        )
    return folder
