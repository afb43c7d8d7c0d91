"""Seeds that are finished, kept until their table is written: an interruption or a failing seed loses none of them.

They are in the user's cache folder, under a hash of the experiment's file and of course_utils: rows of another version
are never taken for this one's.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import course_utils
from course_utils.data.cache import cache_folder
from experiments.running.pool import Computed
from experiments.running.scripts import Experiment
from experiments.running.table import write_whole


class Kept:
    """The finished seeds of one experiment."""

    def __init__(self, experiment: Experiment):
        self.experiment = experiment
        self.folder = cache_folder() / "experiments" / f"{experiment.name}-{_version(experiment)}"

    def all(self) -> dict[int, Computed]:
        """What need not be computed again, by seed."""
        found = {}
        for path in sorted(self.folder.glob("[0-9]*.json")):
            kept = json.loads(path.read_text(encoding="utf-8"))
            found[int(path.stem)] = Computed(self.experiment, int(path.stem), kept["rows"], kept["seconds"])
        return found

    def put(self, done: Computed) -> None:
        """Keep a finished seed."""
        write_whole(self.folder / f"{done.seed}.json", json.dumps({"rows": done.rows, "seconds": done.seconds}))

    def forget(self) -> None:
        """The table is written: nothing needs to be kept, nor what older versions left."""
        name = self.folder.name.rpartition("-")[0]
        for folder in self.folder.parent.glob(f"{name}-*"):
            if folder.name.rpartition("-")[0] == name:
                shutil.rmtree(folder, ignore_errors=True)


def _version(experiment: Experiment) -> str:
    """A hash of all that the rows depend on, as far as it is code of ours."""
    found = hashlib.sha256()
    library = Path(course_utils.__file__).parent
    for path in [*sorted(experiment.path.parent.glob("*.py")), *sorted(library.rglob("*.py"))]:
        if path.parent != experiment.path.parent or path == experiment.path or _is_helper(path):
            found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def _is_helper(path: Path) -> bool:
    """A file beside the experiments that is none itself may be imported by any of them."""
    return "def rows(" not in path.read_text(encoding="utf-8", errors="replace")
