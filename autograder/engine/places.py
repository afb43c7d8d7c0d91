"""What of this machine student code may see: Python, the library, the data, and the few of our modules it needs."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

import autograder
import course_utils
from autograder import sandbox
from autograder.forking import ONE_THREAD
from autograder.inside import FONTS
from course_utils.data import load_dataset
from course_utils.data.cache import cache_folder

OURS = Path(autograder.__file__).parent
INSIDE = ("__init__.py", "byvalue", "inside", "sandbox")  # of autograder/; everything else stays outside


def visible_places(cache: Path, also: tuple[str, ...] = ()) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Paths that are readable, paths below them that are hidden, and paths below those that stay readable.

    `cache` is the folder of images and fonts. `also` names more that stays readable: our tests run mutants inside.
    """
    library = Path(course_utils.__file__).parent
    keep = (*(str(OURS / name) for name in INSIDE), *also)
    places = [library, library.parent / "data", cache]
    read = (*sandbox.python_paths(), *(str(place) for place in places if place.exists()), *keep)
    secret = (OURS, OURS.parent / "solutions", OURS.parent / "tests")
    hide = tuple(str(place) for place in secret if str(place) not in also)
    return tuple(dict.fromkeys(read)), hide, keep


def environment(work: str, scratch: str, cache: Path) -> dict[str, str]:
    """The environment of a worker that may write into the first two folders, and of the zygote.

    Nothing of the instructor's is in it.
    """
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": work,
        "USER": "student",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{scratch}/{FONTS}",
        "IPYTHONDIR": f"{scratch}/ipython",
        "TMPDIR": scratch,
        "COURSE_CACHE": str(cache),
        "NBGRADER_EXECUTION": "autograde",
        "LD_LIBRARY_PATH": sysconfig.get_config_var("LIBDIR") or "",
        **ONE_THREAD,
    }


def filled_cache() -> Path:
    """The course's cache with what workers read in it: the images, and Matplotlib's list of fonts, without which each
    worker would search the machine for fonts.
    """
    load_dataset("garments")
    folder = cache_folder()
    if not any((folder / FONTS).glob("fontlist-*.json")):
        (folder / FONTS).mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"],
            env={**os.environ, "MPLCONFIGDIR": str(folder / FONTS)},
            check=True,
        )
    return folder


def copied_cache(target: Path) -> None:
    """Copy that part of the cache into the folder `target`, for a user who cannot read the grader's."""
    folder = filled_cache()
    shutil.copytree(folder / FONTS, target / FONTS)
    for images in folder.glob("garments-*.raw"):
        shutil.copyfile(images, target / images.name)


def closed_place() -> Path | None:
    """A place that another user cannot read although student code must: Python, the library, or a folder above it."""
    for place in (
        *sandbox.python_paths(),
        *(str(OURS / name) for name in INSIDE),
        str(Path(course_utils.__file__).parent),
    ):
        path = Path(place)
        for folder in (path, *path.parents):
            wanted = stat.S_IXOTH if folder.is_dir() else stat.S_IROTH
            if not folder.stat().st_mode & wanted:
                return folder
    return None
