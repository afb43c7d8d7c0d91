"""The folders of workers: gone with the worker, and those of a killed grader at the next start of any other."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import sandbox
from autograder.engine import chosen_level, folders
from autograder.engine.folders import LOCK, PREFIX, OwnFolder, remove_left_over
from autograder.engine.worker import Worker

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no workers here")
KILLED = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
from autograder.engine.folders import OwnFolder
own = OwnFolder()
(own.path / "work-1").mkdir(mode=0)
print(own.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, empty."""
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield tmp_path


def left_by_a_killed_grader() -> Path:
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return Path(done.stdout.strip())


def test_the_folder_of_a_killed_grader_goes_when_the_next_worker_starts(temporary: Path) -> None:
    stale = left_by_a_killed_grader()
    assert stale.parent == temporary and stale.is_dir()
    with Worker(chosen_level(allow_unsandboxed=True)) as worker:
        assert [path.name for path in temporary.glob(f"{PREFIX}*")] == [worker._folder.name]
    assert list(temporary.glob(f"{PREFIX}*")) == []


def test_the_folder_of_a_grader_that_lives_stays(temporary: Path) -> None:
    living = OwnFolder()
    assert remove_left_over() == []
    assert living.path.is_dir()
    living.remove()
    assert not living.path.exists()


def test_nothing_but_a_left_over_folder_of_ones_own_is_removed(temporary: Path) -> None:
    outside = temporary / "precious"
    outside.mkdir()
    (outside / LOCK).write_text("")
    (temporary / f"{PREFIX}link").symlink_to(outside)
    (temporary / f"{PREFIX}file").write_text("a file")
    (temporary / f"{PREFIX}without").mkdir()
    for name in ("piped", "linked", "folder"):
        (temporary / f"{PREFIX}{name}").mkdir()
    os.mkfifo(temporary / f"{PREFIX}piped" / LOCK)
    (temporary / f"{PREFIX}linked" / LOCK).symlink_to(outside / LOCK)
    (temporary / f"{PREFIX}folder" / LOCK).mkdir()
    before = sorted(temporary.rglob("*"))
    assert remove_left_over() == []
    assert sorted(temporary.rglob("*")) == before


def test_a_folder_of_another_user_is_left_alone(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = left_by_a_killed_grader()
    user = os.geteuid()
    monkeypatch.setattr(folders.os, "geteuid", lambda: user + 1)
    assert remove_left_over() == []
    monkeypatch.undo()
    monkeypatch.setattr(folders.tempfile, "tempdir", str(temporary))
    assert remove_left_over() == [stale]


def test_a_link_in_a_left_over_folder_is_not_followed(temporary: Path) -> None:
    precious = temporary / "precious"
    precious.mkdir()
    (precious / "kept").write_text("kept")
    stale = left_by_a_killed_grader()
    (stale / "out").symlink_to(precious)
    assert remove_left_over() == [stale]
    assert (precious / "kept").read_text() == "kept"


def test_where_there_are_no_locks_nothing_is_taken_for_left_over(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_lock", lambda descriptor: False)
    own = OwnFolder()
    monkeypatch.undo()
    monkeypatch.setattr(folders.tempfile, "tempdir", str(temporary))
    assert remove_left_over() == []
    own.remove()


def test_a_library_in_a_closed_folder_is_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Python 3.12 `Path.exists` raises where a folder on the way is closed to this user."""
    closed = "/closed/lib"
    exists = Path.exists

    def refusing(path: Path) -> bool:
        if str(path) == closed:
            raise PermissionError(13, "Permission denied", closed)
        return exists(path)

    configured = sandbox.paths.sysconfig.get_config_var
    monkeypatch.setattr(Path, "exists", refusing)
    monkeypatch.setattr(
        sandbox.paths.sysconfig, "get_config_var", lambda name: closed if name == "LIBDIR" else configured(name)
    )
    found = sandbox.python_paths()
    assert closed not in found and found
