"""Isolation of student code on Linux, by plain system calls: no compiled code, no library, no set-user-id helper.

Three places call this package, in this order:

1. The grader: `probe().level` says what this machine can give, `Plan` says what is wanted, `write_id_maps` answers
   a worker that has unshared.
2. A worker, a process with a single thread and nothing of the grader's in memory: `isolate_worker`, then
   `fork_submission` for each submission.
3. That fork, the student's process: `confine`, then the student's code may run.

Level full: user, mount, pid, ipc, uts and network namespaces, a private root without /proc, no capabilities, a system
call allow-list, Landlock where the kernel has it, resource limits, never the real uid 0. Level reduced: all that needs
no namespace. Level none: its own process, no more. Importing loads no C library and works on every system.

What a caller must know:

- `confine(plan, channel, work)` closes every descriptor but `channel`, a connected `SOCK_STREAM` pair's end.
- Each process ends with the thread that started it: start a worker in a thread that lives as long as the worker is to.
- A grader that is root gives each worker its own `Plan.uid` and passes it on: `write_id_maps(pid, plan.uid)`; at level
  reduced the folder `work` must belong to that user (`os.chown(work, plan.uid, plan.uid)`).
- At level full `confine` mounts new, empty `WORK`, `SCRATCH` and /dev/shm over those the worker wrote into.
- At level reduced a folder that holds a hidden path cannot be listed by the student: import from it in the worker
  first, Python then remembers its list. Existence and size of any file can be asked, content not. What a submission
  writes is limited for each file, not in sum.
- `python_paths()` is what a Python process must `read`; add the course library and the data.
"""

from autograder.sandbox.features import Feature, Features, probe
from autograder.sandbox.paths import python_paths
from autograder.sandbox.plan import SCRATCH, THROWAWAY, WORK, Level, Plan
from autograder.sandbox.submission import confine, fork_submission
from autograder.sandbox.worker import isolate_worker, write_id_maps

__all__ = [
    "SCRATCH",
    "THROWAWAY",
    "WORK",
    "Feature",
    "Features",
    "Level",
    "Plan",
    "confine",
    "fork_submission",
    "isolate_worker",
    "probe",
    "python_paths",
    "write_id_maps",
]
