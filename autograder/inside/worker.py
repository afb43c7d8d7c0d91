"""A worker: forked from the zygote, isolated, and then forked once for each submission.

It never sees a submission, a hidden test or a path of the course. A submission's own connection arrives as a descriptor
on the control socket and goes straight to the fork.
"""

import gc
import json
import os
import signal
import socket
import sys
from typing import NoReturn

from autograder import sandbox
from autograder.byvalue import tracked
from autograder.byvalue.channel import Channel
from autograder.inside.cells import Cells
from autograder.inside.preload import load_plots, make_ready, settle_in
from autograder.inside.serving import Serving

MAX_MESSAGE = 1 << 16


def serve(control: socket.socket) -> None:
    """Serve the control socket until the grader closes it, or has ended. What runs then ends with this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a submission that ends at once is there until it was announced
    announce(control, os.getpid())
    order = json.loads(control.recv(MAX_MESSAGE))
    plan = sandbox.Plan.from_json(order["plan"])

    def handshake() -> None:
        control.send(b"unshared")
        if control.recv(MAX_MESSAGE) != b"mapped":
            sys.exit("the grader could not write the id maps")

    settle_in(order["environment"])
    sandbox.isolate_worker(plan, handshake)
    cells = make_ready()
    gc.disable()  # until a fork has code of a student's to run
    control.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE, 1)
        reap()
        if not message:
            return
        order = json.loads(message)
        if order["plots"]:
            load_plots()
        _open(control, plan, cells, descriptors[0], order["work"])


def announce(control: socket.socket, process: int) -> None:
    """Tell the grader how to end a process: by a descriptor of it where the system has them."""
    about = json.dumps({"pid": process}).encode()
    if not hasattr(os, "pidfd_open"):
        control.send(about)
        return
    descriptor = os.pidfd_open(process)
    socket.send_fds(control, [about], [descriptor])
    os.close(descriptor)


def _open(control: socket.socket, plan: sandbox.Plan, cells: Cells, connection: int, work: str) -> None:
    """Fork the submission's process, and tell the grader of it."""
    child = sandbox.fork_submission(plan)
    if child == 0:
        _serve_submission(control, plan, cells, connection, work)
    os.close(connection)
    announce(control, child)


def _serve_submission(control: socket.socket, plan: sandbox.Plan, cells: Cells, connection: int, work: str) -> NoReturn:
    """The submission's process: confined, then at the grader's service. It ends without running any clean-up."""
    try:
        control.detach()
        sandbox.confine(plan, connection, work)
        if plan.level is sandbox.Level.REDUCED:  # nothing but its work may be written; Matplotlib says so, loudly
            os.environ["MPLCONFIGDIR"] = f"{work}/.matplotlib"
        gc.enable()
        tracked.begin()
        Serving(Channel(socket.socket(fileno=connection)), cells.namespace, cells.run).serve()
    except BaseException:  # the grader sees the connection end
        os._exit(1)
    os._exit(0)


def reap(*_: object) -> None:
    """Take note of the end of forks: no zombie stays, and what they cost counts as this process's."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return
