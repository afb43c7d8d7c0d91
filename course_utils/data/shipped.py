"""Where the data files that come with the course are, and how to read them."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course_utils.data.errors import DataError

PACKAGE = Path(__file__).resolve().parent.parent
# An installed course carries the files inside the package; in a checkout they are in data/ beside it.
PLACES = (PACKAGE / "shipped" / "data", PACKAGE.parent / "data")


def shipped_file(file_name: str, places: tuple[Path, ...] = PLACES) -> Path:
    """The path of a file that comes with the course. Raises DataError, naming the places looked at."""
    for place in places:
        if (place / file_name).is_file():
            return place / file_name
    looked = " or ".join(str(place) for place in places)
    raise DataError(f"{file_name} is missing: it should be in {looked}. Install the course again to get it back.")


def read_arrays(path: Path, *names: str) -> list[NDArray[np.uint8]]:
    """The arrays called `names` in an .npz file; only these are read. Raises DataError if one cannot be."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return [stored[name] for name in names]
    except KeyError as missing:
        raise DataError(f"{path}: {missing}. Install the course again to get the right file.") from missing
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as damage:
        raise DataError(f"{path}: cannot be read ({damage}). Install the course again to get it back.") from damage
