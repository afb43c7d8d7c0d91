"""What a sandbox is to be: plain values that the grader writes and the worker reads."""

import json
from dataclasses import asdict, dataclass
from enum import Enum
from functools import total_ordering
from pathlib import Path

WORK = "/box"
"""Level full: the student's working directory, empty and private."""

SCRATCH = "/vtmp"
"""Level full: where Matplotlib, IPython and tempfile may write, apart from the student's own files."""

SHARED_MEMORY = "/dev/shm"  # multiprocessing.shared_memory and some libraries insist on it
SCRATCH_MB = 16
FILES_A_FOLDER = 2048  # inodes of each writable folder at level full

STUDENT = 1000
"""The user and group id that a student's process sees at level full."""

THROWAWAY = 61234
"""The real user id behind it when the grader is root. Never 0: the kernel does not count the real root's processes."""


@total_ordering
class Level(Enum):
    """How well student code is kept apart, from nothing to everything this package knows."""

    NONE = "none"
    REDUCED = "reduced"
    FULL = "full"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Level):
            return NotImplemented
        order = list(Level)
        return order.index(self) < order.index(other)


@dataclass(frozen=True)
class Plan:
    """Everything the worker needs to know to isolate itself and its submissions.

    `read` are the paths a student's process may read, `hide` paths below them that it may not, `keep` paths below those
    that it may again. `root` is an empty folder over which the private root is built (level full). Sizes are megabytes.
    `uid` is the throwaway user id used when the grader is root; give each worker its own (61234 and up), because
    the kernel counts threads by user id at level reduced.
    """

    level: Level
    read: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    root: str = ""
    work_mb: int = 64
    memory_mb: int = 3072
    cpu_seconds: int = 120
    processes: int = 64
    file_mb: int = 64
    open_files: int = 256
    uid: int = THROWAWAY

    def __post_init__(self) -> None:
        for name in ("read", "hide", "keep"):
            object.__setattr__(self, name, tuple(str(path) for path in getattr(self, name)))
            for path in getattr(self, name):
                if not path.startswith("/"):
                    raise ValueError(f"{name}: {path!r} is not an absolute path")
        if self.level is Level.FULL and not Path(self.root).is_absolute():
            raise ValueError("level full needs `root`: an empty folder over which the private root is built")
        for path in self.read if self.level is Level.FULL else ():
            if any(f"{path}/".startswith(f"{folder}/") for folder in (WORK, SCRATCH, SHARED_MEMORY)):
                raise ValueError(f"read: {path} would be covered by a submission's own folder of that name")
        if self.uid <= 0:
            raise ValueError(f"uid {self.uid}: student code never runs as root; give a throwaway user id")

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "level": self.level.value})

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        values = json.loads(text)
        return cls(**{**values, "level": Level(values["level"])})
