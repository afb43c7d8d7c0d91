"""Resource limits of a student's process."""

import os
import re
import sys
from pathlib import Path

from autograder.sandbox.plan import Level, Plan

if sys.platform != "win32":  # where this package must still be importable
    import resource

MEGABYTE = 1 << 20
USER_AND_THREADS = re.compile(rb"^Uid:\t(\d+)\t.*^Threads:\t(\d+)$", re.DOTALL | re.MULTILINE)


def set_limits(plan: Plan) -> None:
    """Memory, time, threads, file size, open files. Hard limits: without capabilities nobody raises them again."""
    limits = {
        resource.RLIMIT_AS: plan.memory_mb * MEGABYTE,
        resource.RLIMIT_CPU: plan.cpu_seconds,
        resource.RLIMIT_FSIZE: plan.file_mb * MEGABYTE,
        resource.RLIMIT_NOFILE: plan.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        # In its own user namespace a submission's threads are counted alone, else with all others of the same user.
        resource.RLIMIT_NPROC: plan.processes + (0 if plan.level is Level.FULL else tasks_of(os.getuid())),
    }
    for kind, value in limits.items():
        _, hard = resource.getrlimit(kind)
        lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (lowered, lowered))


def tasks_of(uid: int) -> int:
    """How many threads this user runs now, as far as /proc shows them; 0 where there is no /proc."""
    total = 0
    for process in Path("/proc").glob("[0-9]*/status"):
        try:
            found = USER_AND_THREADS.search(process.read_bytes())
        except OSError:
            continue  # ended meanwhile, or hidden from us
        if found and int(found[1]) == uid:
            total += int(found[2])
    return total
