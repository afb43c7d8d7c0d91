"""The by-value contract: the only way a hidden test sees a student's code.

`wire` turns values into frames and back, `server` is the student's end, `student` the grader's end, and `loopback`
joins the two in one process. An isolated process speaks the same frames over a socket, so verdicts agree by
construction.
"""

from autograder.byvalue.fence import Fence
from autograder.byvalue.loopback import Loopback, open_loopback
from autograder.byvalue.student import Handle, LimitError, Student, StudentError, Trace
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
