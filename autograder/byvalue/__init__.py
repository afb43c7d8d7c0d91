"""The by-value contract: the only way a hidden test sees a student's code.

`wire` turns values into frames and back, `server` is the student's end, `peer` the grader's end, `student` what a
hidden test sees of it, and `loopback` joins the two ends in one process. An isolated process speaks the same frames
over a socket, so verdicts agree by construction.
"""

from autograder.byvalue.fence import Fence
from autograder.byvalue.loopback import Loopback, open_loopback
from autograder.byvalue.peer import Handle, LimitError, StudentError, Trace
from autograder.byvalue.student import Student
from autograder.byvalue.wire import WireError

__all__ = [
    "Fence",
    "Handle",
    "LimitError",
    "Loopback",
    "Student",
    "StudentError",
    "Trace",
    "WireError",
    "open_loopback",
]
