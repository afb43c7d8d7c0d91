"""The grader's side of isolated execution.

`zygote` starts the process of `autograder.inside` that has loaded what notebooks need; `worker` has it make an isolated
fork of itself, and opens submissions in that; `line` is the connection to one submission; `session` runs a notebook's
cells and hidden tests through it, whatever becomes of the process at the other end; `grade` is that as a function of
plain values, `processes` runs it beside the main process, and `apart` beside a program of somebody else's. `places`
says what of this machine the student may see, `levels` how well they are kept apart from the rest.
"""

from autograder.engine.apart import grade_apart, start_apart
from autograder.engine.grade import Job
from autograder.engine.levels import UnsandboxedError, chosen_level, why_not
from autograder.engine.processes import Grader, GradingProcessDied
from autograder.engine.session import Limits, run_notebook
from autograder.engine.worker import Worker, WorkerFailed

__all__ = [
    "Grader",
    "GradingProcessDied",
    "Job",
    "Limits",
    "UnsandboxedError",
    "Worker",
    "WorkerFailed",
    "chosen_level",
    "grade_apart",
    "run_notebook",
    "start_apart",
    "why_not",
]
