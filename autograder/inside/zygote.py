"""The zygote: a process with the libraries of the notebooks in memory, from which workers are forked.

Loading takes half a second, and workers share the memory. It runs nothing of a student's, and holds no path of a course
and nothing of the environment of whoever started it: what it has in memory its forks have too. Started as
`python -m autograder.inside.zygote DESCRIPTOR`; each message on that socket brings the descriptors of a new worker's
control socket and of the file for what it says. It ends when nobody is left at the other end.
"""

import contextlib
import os
import signal
import socket
import sys
from typing import NoReturn

from autograder.inside.preload import preload
from autograder.inside.worker import reap, serve

MAX_MESSAGE = 1 << 10


def main() -> None:
    """Load, then fork a worker for each message."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to handle
    signal.signal(signal.SIGCHLD, reap)  # workers that have ended
    requests = socket.socket(fileno=int(sys.argv.pop()))
    preload()
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, MAX_MESSAGE, 2)
        if not message:
            return
        try:
            if len(descriptors) == 2 and os.fork() == 0:
                _work(requests, *descriptors)
        except OSError as error:  # no process or memory left: that worker fails, the others live
            print(f"no worker could be forked: {error}", file=sys.stderr, flush=True)
        for descriptor in descriptors:
            os.close(descriptor)


def _work(requests: socket.socket, control: int, said: int) -> NoReturn:
    """In the fork: serve as a worker. It ends without the clean-up that is the zygote's."""
    status = 1
    try:
        requests.close()
        os.dup2(said, sys.stderr.fileno())
        os.close(said)
        serve(socket.socket(fileno=control))
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
