"""What this machine lets the sandbox do, found out by trying, and what to do about what is missing."""

import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.sandbox.explain import explanation
from autograder.sandbox.plan import Level
from autograder.sandbox.syscalls import this_machine

NEEDED = {
    Level.FULL: ("user namespaces", "mount API", "submission namespaces", "system call filter", "pidfd"),
    Level.REDUCED: ("Landlock", "system call filter", "pidfd", "throwaway user"),
}
"""What each level cannot do without. Landlock is a second lock at level full, used where the kernel has it."""

NAMES = tuple(dict.fromkeys((*NEEDED[Level.FULL], *NEEDED[Level.REDUCED])))
BASE, RESTING_ON_BASE = "user namespaces", ("mount API", "submission namespaces")
SECONDS = 30.0


@dataclass(frozen=True)
class Feature:
    """One feature: whether it worked, and the kernel's answer or a detail such as a version."""

    name: str
    there: bool
    answer: str = ""


@dataclass(frozen=True)
class Features:
    """Everything that was tried on this machine."""

    tried: tuple[Feature, ...]
    machine: str

    def has(self, name: str) -> bool:
        return any(feature.there for feature in self.tried if feature.name == name)

    def missing(self, level: Level) -> list[str]:
        """What this machine lacks for a level; nothing is missing for level none."""
        return [name for name in NEEDED.get(level, ()) if not self.has(name)]

    @property
    def level(self) -> Level:
        """The best level this machine can give."""
        return next((level for level in (Level.FULL, Level.REDUCED) if not self.missing(level)), Level.NONE)

    def explain(self) -> list[str]:
        """Lines for `--explain-sandbox`: the level, each feature and what it is for, what to do about missing ones."""
        needed = {name: [level.value for level in NEEDED if name in NEEDED[level]] for name in NAMES}
        lines = [f"sandbox level: {self.level.value} ({self.machine})"]
        for feature in self.tried:
            waits_for = BASE if feature.name in RESTING_ON_BASE and not self.has(BASE) else ""
            lines += explanation(feature.name, feature.there, feature.answer, needed[feature.name], waits_for)
        return lines


@cache
def probe() -> Features:
    """Try every feature in a process of its own, once; about a tenth of a second."""
    if sys.platform != "linux":
        answer = f"only Linux has it, this is {sys.platform}"
        return Features(tuple(Feature(name, False, answer) for name in NAMES), sys.platform)
    with tempfile.TemporaryDirectory(prefix="sandbox-probe-") as root:
        Path(root).chmod(0o755)
        found, trouble = _run_trials(root)
    tried = (found.get(name, Feature(name, False, f"it could not be tried: {trouble}")) for name in NAMES)
    return Features(tuple(tried), this_machine() or platform.machine())


def _run_trials(root: str) -> tuple[dict[str, Feature], str]:
    """What could be tried, and, if that was not everything, what came in the way."""
    package = str(Path(__file__).resolve().parents[2])
    start = f"import sys; sys.path.insert(0, {package!r}); from autograder.sandbox.trial import main; main()"
    command = [sys.executable, "-I", "-S", "-c", start, root, *NAMES]
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as complained:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=complained, timeout=SECONDS)
            trouble = ""
        except subprocess.TimeoutExpired:
            trouble = f"no answer within {SECONDS:.0f} seconds"
        said.seek(0)
        complained.seek(0)
        rows = [json.loads(line) for line in said if line.endswith("\n")]
        trouble = trouble or complained.read().strip()[-300:]
    return {name: Feature(name, bool(there), str(answer)) for name, there, answer in rows}, trouble
