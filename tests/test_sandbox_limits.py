"""How much a student's process may use, what others see of it, and that it leaves nothing behind."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox_runs import Worker, hear

from autograder.sandbox import Level, Plan, confine, submission

pytest_plugins = ["sandbox_fixtures"]

NAMESPACES = ("user", "mnt", "pid", "ipc", "uts", "net")
FILE_TOO_LARGE, NO_SPACE, TOO_MANY_OPEN = 27, 28, 24


def test_memory_is_limited(worker: Worker) -> None:
    code = "import numpy as np\nkept = [np.zeros(1 << 24) for _ in range(64)]"
    assert worker.run(code, memory_mb=2048).error in ("MemoryError", "_ArrayMemoryError")


def test_one_file_is_limited(worker: Worker) -> None:
    code = "with open('a', 'wb', 0) as file:\n    for _ in range(9):\n        file.write(bytes(1 << 20))"
    outcome = worker.run(code, file_mb=4)
    assert outcome.number == FILE_TOO_LARGE, outcome


def test_open_files_are_limited(worker: Worker) -> None:
    outcome = worker.run("import os\nwhile True:\n    os.dup(0)", open_files=40)
    assert outcome.number == TOO_MANY_OPEN, outcome


def test_threads_are_limited(worker: Worker) -> None:
    code = """
import threading
wait, result = threading.Event(), 0
try:
    for _ in range(200):
        threading.Thread(target=wait.wait, daemon=True).start()
        result += 1
except RuntimeError:
    pass
"""
    # Beside the student's own there is a worker, and at level reduced what else the user runs.
    assert 5 <= worker.run(code, processes=20).result <= 40


@pytest.mark.parametrize("level", [Level.FULL, Level.REDUCED], ids=lambda level: level.value)
def test_the_processor_s_time_is_limited(start_worker: Callable[..., Worker], level: Level) -> None:
    outcome = start_worker(level).run("while True:\n    pass", cpu_seconds=1)
    assert outcome.ended in (-signal.SIGKILL, -signal.SIGXCPU), outcome


@pytest.mark.parametrize("folder", [".", "/vtmp", "/dev/shm"])
def test_the_sum_of_all_files_is_limited_at_level_full(worker: Worker, folder: str) -> None:
    if worker.plan.level is not Level.FULL:
        pytest.skip("level reduced limits each file only: it has no file system of its own")
    fill = f"n = 0\nwhile True:\n    n += 1\n    open(f'{folder}/{{n}}', 'wb').write(bytes(1 << 20))"
    many = f"n = 0\nwhile True:\n    n += 1\n    open(f'{folder}/{{n}}', 'wb').close()"
    assert worker.run(fill, work_mb=8).number == NO_SPACE
    assert worker.run(many, work_mb=8).number == NO_SPACE


def test_shared_memory_of_the_machine_is_out_of_reach_at_level_reduced(worker: Worker) -> None:
    if worker.plan.level is not Level.REDUCED:
        pytest.skip("level full gives each submission a /dev/shm of its own")
    assert worker.run("open('/dev/shm/a', 'w')").error == "PermissionError"


@pytest.mark.parametrize("path", ["a.txt", "/vtmp/a.txt", "/dev/shm/a.txt"])
def test_a_submission_finds_nothing_of_the_one_before_at_level_full(worker: Worker, path: str) -> None:
    if worker.plan.level is not Level.FULL:
        pytest.skip("at level reduced the grader gives each submission another folder")
    assert worker.run(f"result = open({path!r}, 'w').write('x')").result == 1
    assert worker.run(f"open({path!r})").error == "FileNotFoundError"


def test_at_level_full_the_root_holds_what_was_planned_and_no_more(worker: Worker) -> None:
    if worker.plan.level is not Level.FULL:
        pytest.skip("level reduced has the machine's own root")
    planned = {path.split("/")[1] for path in worker.plan.read} | {"dev", "etc", "tmp", "box", "vtmp"}
    found = worker.run("import os\nresult = [os.listdir('/'), os.uname().nodename, os.getcwd(), os.getpid()]").result
    assert set(found[0]) - {"usr"} <= planned  # /lib is a link into /usr on most systems
    assert found[1:] == ["student", "/box", 1]


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return {name: value.strip() for name, value in (line.split(":", 1) for line in lines)}


def same_namespace(kind: str, one: int, other: int) -> bool:
    """False as well where this user may not look, as at a process that left its namespaces."""
    try:
        return Path(f"/proc/{one}/ns/{kind}").samefile(f"/proc/{other}/ns/{kind}")
    except PermissionError:
        return False


def wait_until(claim: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.01)
    return claim()


def test_seen_from_outside_a_student_is_nobody_special(worker: Worker) -> None:
    student, pid = worker.open()
    with student:
        assert wait_until(lambda: status_of(pid)["Seccomp"] == "2")
        status = status_of(pid)
        owner = Path(f"/proc/{pid}/mem").stat().st_uid
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")
        shared = {kind for kind in NAMESPACES if same_namespace(kind, pid, os.getpid())}
    worker.ended()
    assert "0" not in status["Uid"].split() + status["Gid"].split()
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Threads"]) == ("1", "1")
    assert owner == 0  # as the kernel has it for a process that leaves no core and that no debugger may look into
    for name in ("core file size", "locked memory", "msgqueue size"):
        assert re.search(rf"^Max {name} +0 +0 ", limits, re.MULTILINE)
    if (
        os.geteuid() == 0
    ):  # an ordinary user has nothing to hand on, may not empty what limits that, and keeps its groups
        assert status["Groups"] == ""
        assert status["CapBnd"] == "0" * 16 or worker.plan.level is Level.REDUCED
    if worker.plan.level is Level.FULL:
        assert status["NSpid"].split()[-1] == "1"
        assert shared == set()


def test_nothing_is_open_but_the_channel(worker: Worker) -> None:
    code = """
import json
import os
result = []
for number in range(4096):
    try:
        os.fstat(number)
        result.append(number)
    except OSError:
        pass
for number in (0, 1, 2):
    assert os.fstat(number).st_rdev == os.makedev(1, 3), "not the null device"
result = [number for number in result if number not in (0, 1, 2, CHANNEL)]
"""
    outcome = worker.run(code)
    assert outcome.result == [], outcome


def test_a_student_whose_worker_has_ended_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(submission, "_worker", [reading, writing])
    with pytest.raises(OSError, match="the worker has ended already"):
        submission._end_if_worker_has()  # it closes its own writing end, and here there is no other
    os.close(reading)


def test_root_is_never_confined_but_refused() -> None:
    if os.geteuid() != 0:
        pytest.skip("the tests do not run as root")
    with pytest.raises(RuntimeError, match="never runs as root"):
        confine(Plan(Level.REDUCED), 0, "/")


@pytest.mark.parametrize("level", [Level.FULL, Level.REDUCED], ids=lambda level: level.value)
def test_a_student_does_not_outlive_the_worker(start_worker: Callable[..., Worker], level: Level) -> None:
    worker = start_worker(level)
    student, pid = worker.open()
    code = "import os, time\nos.write(CHANNEL, b'1\\n')\ntime.sleep(600)"
    student.sendall(json.dumps(code).encode() + b"\n")
    assert hear(student) == 1  # it is confined, and at work
    worker.process.kill()
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists())
    student.close()
