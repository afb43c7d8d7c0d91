"""Two `course grade` started in one course directory: the second ends and says who is grading, the first goes on."""

import csv
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pipeline_course import NAME, filled, hand_in, release

HANG = 120  # seconds
GRADES = {"ana": 10.0, "ben": 7.0, "cem": 6.0}
# `course grade` that stops in the middle, when its second result is about to be written, until it is told to go on.
STOPPING = """
import os, signal, sys
from autograder.pipeline.writer import Writer
from course_utils.cli import main
write, written = Writer._kept, []
def stop_at_second(self, task, result):
    written.append(task)
    if len(written) == 2:
        os.kill(os.getpid(), signal.SIGSTOP)
    return write(self, task, result)
Writer._kept = stop_at_second
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot be stopped for a while")
def test_the_second_of_two_graders_says_who_holds_the_lock_and_the_first_finishes(tmp_path: Path) -> None:
    released = release(tmp_path)
    hand_in(tmp_path, "ana", filled(released))
    hand_in(tmp_path, "ben", filled(released, double="return 2 * x if x < 1000 else 2 * x + 1"))
    hand_in(tmp_path, "cem", filled(released, halve="return x"))
    grade = ["grade", NAME, "--course-dir", str(tmp_path), "--workers", "1", "--allow-unsandboxed"]
    with subprocess.Popen([sys.executable, "-c", STOPPING, *grade], stdout=subprocess.DEVNULL) as first:
        try:
            _, status = os.waitpid(first.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status)
            second = subprocess.run(
                [sys.executable, "-m", "course_utils.cli", *grade], capture_output=True, text=True, timeout=HANG
            )
            assert second.returncode == 2 and second.stdout == ""
            holder = f"already being graded by process {first.pid} on {socket.gethostname()} since "
            assert second.stderr.startswith(f"course: {tmp_path}: {holder}") and second.stderr.count("\n") == 1
            assert not (tmp_path / "grades.csv").exists()
            first.send_signal(signal.SIGCONT)
            assert first.wait(HANG) == 0
        finally:
            first.kill()
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        assert {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)} == GRADES
