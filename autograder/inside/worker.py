"""The worker process: isolated first, then loaded, then forked once for each submission.

It never sees a submission, a hidden test or a path of the course. A submission's own connection arrives as a descriptor
on the control socket and goes straight to the fork. Started as `python -m autograder.inside.worker DESCRIPTOR`;
everything else arrives on the control socket, for the student's code can read what is in `sys.argv`.
"""

import gc
import json
import os
import socket
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from autograder import sandbox

if TYPE_CHECKING:
    from autograder.inside.cells import Shell

MAX_MESSAGE = 1 << 16


def main() -> None:
    """Serve the control socket until the grader closes it."""
    control = socket.socket(fileno=int(sys.argv.pop()))
    order = json.loads(control.recv(MAX_MESSAGE))
    plan = sandbox.Plan.from_json(order["plan"])

    def handshake() -> None:
        control.send(b"unshared")
        if control.recv(MAX_MESSAGE) != b"mapped":
            sys.exit("the grader could not write the id maps")

    sandbox.isolate_worker(plan, handshake)
    from autograder.byvalue.channel import Channel  # noqa: F401  # here for every fork
    from autograder.inside.preload import preload
    from autograder.inside.serving import Serving  # noqa: F401

    shell = preload(order["dataset"])
    gc.disable()  # until a fork has code of a student's to run
    control.send(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE, 1)
        if not message:
            break
        _reap(os.WNOHANG)
        _open(control, plan, shell, descriptors[0], json.loads(message)["work"])
    _reap(0)


def _open(control: socket.socket, plan: sandbox.Plan, shell: "Shell", connection: int, work: str) -> None:
    """Fork the submission's process, and tell the grader of it."""
    child = sandbox.fork_submission(plan)
    if child == 0:
        _serve(control, plan, shell, connection, work)
    os.close(connection)
    _announce(control, child)


def _announce(control: socket.socket, child: int) -> None:
    """Tell the grader how to end the child: by a descriptor of the process where the system has them."""
    about: dict[str, Any] = {"pid": child}
    if not hasattr(os, "pidfd_open"):
        control.send(json.dumps(about).encode())
        return
    descriptor = os.pidfd_open(child)
    socket.send_fds(control, [json.dumps(about).encode()], [descriptor])
    os.close(descriptor)


def _serve(control: socket.socket, plan: sandbox.Plan, shell: "Shell", connection: int, work: str) -> NoReturn:
    """The submission's process: confined, then at the grader's service. It ends without running any clean-up."""
    try:
        control.detach()
        sandbox.confine(plan, connection, work)
        gc.enable()
        from autograder.byvalue.channel import Channel
        from autograder.inside.cells import Cells
        from autograder.inside.serving import Serving

        cells = Cells(shell)
        Serving(Channel(socket.socket(fileno=connection)), cells.namespace, cells.run).serve()
    except BaseException:  # the grader sees the connection end
        os._exit(1)
    os._exit(0)


def _reap(options: int) -> None:
    try:
        while os.waitpid(-1, options)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    main()
