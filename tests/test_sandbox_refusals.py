"""What a student's process cannot do, tried in real processes at each level and by each kind of user."""

import platform
import signal
from collections.abc import Callable

import pytest
from sandbox_runs import Worker, furnish

from autograder.sandbox import Level

pytest_plugins = ["sandbox_fixtures"]

HIDDEN = ("FileNotFoundError", "PermissionError", "NotADirectoryError")
UNWRITABLE = ("FileNotFoundError", "PermissionError", "OSError")  # the last: read-only file system
REFUSED = ("PermissionError", "OSError")  # the last: function not implemented

READING = {
    "read a file outside": ("open(HOUSE + '/other/private.txt').read()", HIDDEN),
    "list a folder outside": ("__import__('os').listdir(HOUSE + '/other')", HIDDEN),
    "read a hidden file": ("open(HOUSE + '/course/secret.txt').read()", HIDDEN),
    "read below a hidden folder": ("open(HOUSE + '/course/hidden/a.txt').read()", HIDDEN),
    "read a hidden file by a link": ("open(HOUSE + '/course/link.txt').read()", HIDDEN),
    "read outside by a link": ("open(HOUSE + '/course/way_out/private.txt').read()", HIDDEN),
    "open outside for neither reading nor writing": ("__import__('os').open(HOUSE + '/other/private.txt', 3)", HIDDEN),
    "read outside by a descriptor of the folder": (
        "import os; os.open('private.txt', 0, dir_fd=os.open(HOUSE + '/other', os.O_PATH))", HIDDEN),
    "read outside from within": ("import os; os.chdir(HOUSE + '/other'); open('private.txt')", HIDDEN),
    "read outside by an own link": ("import os; os.symlink(HOUSE + '/other', 'own'); open('own/private.txt')", HIDDEN),
    "read outside by dots": ("open(HOUSE + '/course/../other/private.txt').read()", HIDDEN),
    "list processes": ("__import__('os').listdir('/proc')", HIDDEN),
    "read a process's environment": ("open('/proc/self/environ').read()", HIDDEN),
    "list the kernel's settings": ("__import__('os').listdir('/sys')", HIDDEN),
}  # fmt: skip

CHANGING = {
    "write the course": ("open(HOUSE + '/course/open.txt', 'w')", UNWRITABLE),
    "append to the course": ("open(HOUSE + '/course/open.txt', 'a')", UNWRITABLE),
    "truncate without writing": ("import os; os.open(HOUSE + '/course/open.txt', os.O_TRUNC)", UNWRITABLE),
    "truncate by path": ("__import__('os').truncate(HOUSE + '/course/open.txt', 0)", UNWRITABLE),
    "create in the course": ("open(HOUSE + '/course/new.txt', 'w')", UNWRITABLE),
    "create outside": ("open(HOUSE + '/other/new.txt', 'w')", UNWRITABLE),
    "remove from the course": ("__import__('os').unlink(HOUSE + '/course/open.txt')", UNWRITABLE),
    "rename in the course": ("import os; os.rename(HOUSE + '/course/open.txt', HOUSE + '/course/b')", UNWRITABLE),
    "change a time": ("__import__('os').utime(HOUSE + '/course/open.txt', (1, 1))", UNWRITABLE),
    "link the course": ("import os; os.link(HOUSE + '/course/open.txt', 'linked')", UNWRITABLE),
}  # fmt: skip

NETWORK = {
    "TCP": ("import socket; socket.create_connection(('127.0.0.1', PORT))", REFUSED),
    "UDP": ("import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))", REFUSED),
    "listening": ("import socket; socket.create_server(('127.0.0.1', 0))", REFUSED),
    "a Unix socket by path": ("import socket; socket.socket(1).connect(HOUSE + '/course/socket')", REFUSED),
    "a Unix socket by name": ("import socket; socket.socket(1).connect('\\0' + HOUSE)", REFUSED),
    "a pair of datagram sockets": ("import socket; socket.socketpair(type=socket.SOCK_DGRAM)", REFUSED),
    "netlink": ("import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", REFUSED),
}  # fmt: skip

ELSEWHERE = {  # outside the sandbox these leave something behind, or need root, a name server or IPv6
    "DNS": ("__import__('socket').getaddrinfo('example.org', 80)", ("gaierror", *REFUSED)),
    "a download": ("__import__('urllib.request').request.urlopen(f'http://localhost:{PORT}')", ("URLError", *REFUSED)),
    "IPv6": ("import socket; socket.socket(socket.AF_INET6)", REFUSED),
    "raw packets": ("import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", REFUSED),
    "read the machine's users": ("open('/etc/shadow').read()", HIDDEN),
    "read the parent's memory": ("import os; open(f'/proc/{os.getppid()}/mem', 'rb')", HIDDEN),
    "create in /tmp": ("open('/tmp/new.txt', 'w')", UNWRITABLE),
    "create in the root": ("open('/new.txt', 'w')", UNWRITABLE),
    "make a device": ("import os, stat; os.mknod('zero', stat.S_IFCHR | 0o666, os.makedev(1, 5))", UNWRITABLE),
    "label the course": ("__import__('os').setxattr(HOUSE + '/course/open.txt', 'user.x', b'1')", UNWRITABLE),
}  # fmt: skip

PROCESSES = {
    "fork": ("__import__('os').fork()", REFUSED),
    "run a program": ("__import__('subprocess').run(['/bin/true'])", REFUSED),
    "spawn a program": ("import os; os.posix_spawn('/bin/true', ['true'], {})", REFUSED),
    "become a program": ("import sys, os; os.execv(sys.executable, ['python'])", REFUSED),
    "become a program from the library": ("import os; os.execv('/lib64/ld-linux-x86-64.so.2', ['ld'])", REFUSED),
    "kill the parent": ("import os; os.kill(os.getppid(), 9) if os.getppid() else os.kill(2, 9)", REFUSED),
    "kill everything": ("__import__('os').kill(-1, 9)", REFUSED),
    "kill the group": ("__import__('os').killpg(0, 9)", REFUSED),
    "ask for the parent": ("import signal, os; signal.pidfd_send_signal(os.pidfd_open(os.getppid() or 1), 9)", REFUSED),
    "be signalled for another": ("import fcntl; fcntl.fcntl(CHANNEL, fcntl.F_SETOWN, 1)", REFUSED),
    "limit another": ("import resource as r, os; r.prlimit(os.getppid() or 2, r.RLIMIT_CPU, (1, 1))", REFUSED),
    "a new session": ("__import__('os').setsid()", REFUSED),
    "raise a limit": ("import resource as r; r.setrlimit(r.RLIMIT_AS, (-1, -1))", ("ValueError", *REFUSED)),
    "become root": ("__import__('os').setuid(0)", REFUSED),
    "run sooner than others": ("__import__('os').nice(-5)", REFUSED),
}  # fmt: skip

FORBIDDEN = READING | CHANGING | NETWORK | ELSEWHERE | PROCESSES


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_student_cannot(worker: Worker, what: str) -> None:
    code, expected = FORBIDDEN[what]
    outcome = worker.run(code)
    assert outcome.error in expected, outcome


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("who", ["whoever", "ordinary"])
def test_an_older_landlock_protects_files_too(start_worker: Callable[..., Worker], who: str, version: int) -> None:
    # What it does not know yet, such as truncating, the system call filter refuses.
    worker = start_worker(Level.REDUCED, who, None, version)
    outcomes = {name: worker.run(code).error in expected for name, (code, expected) in (READING | CHANGING).items()}
    assert outcomes == dict.fromkeys(outcomes, True)
    assert (worker.house / "course/open.txt").read_text(encoding="utf-8") == "this is course/open.txt"


def test_outside_the_sandbox_the_same_attempts_succeed(start_worker: Callable[..., Worker]) -> None:
    # Else a misspelt path, or a socket where nobody listens, would pass for a wall.
    worker = start_worker(Level.NONE)
    failed = {}
    for name, (code, _) in (READING | CHANGING | NETWORK).items():
        furnish(worker.house)
        outcome = worker.run(code)
        if outcome.error:
            failed[name] = outcome
    assert failed == {}


def test_a_student_cannot_change_modes_and_times_even_of_what_its_user_owns(worker: Worker) -> None:
    path = worker.house / "course/open.txt"
    before = path.stat()
    code = """
import contextlib, os
path = HOUSE + '/course/open.txt'
for attempt in (
    lambda: os.chmod(path, 0),
    lambda: os.chmod(path, 0, dir_fd=os.open(HOUSE + '/course', os.O_RDONLY)),
    lambda: os.fchmod(os.open(path, os.O_RDONLY), 0),
    lambda: os.utime(path, (1, 1)),
    lambda: os.truncate(path, 0),
):
    with contextlib.suppress(OSError):
        attempt()
result = 'tried'
"""
    assert worker.run(code).result == "tried"
    after = path.stat()
    assert (after.st_mode, after.st_mtime, after.st_size) == (before.st_mode, before.st_mtime, before.st_size)


# Calls without a function in Python, by number on x86-64 and aarch64. The arguments are such that a call which
# got through would do something harmless or answer with another error.
BY_NUMBER = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "unshare": (272, 97), "setns": (308, 268), "clone3": (435, 435), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsmount": (432, 432), "mount_setattr": (442, 442), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "io_setup": (206, 0), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "openat2": (437, 437), "personality": (135, 92),
    "syslog": (103, 116), "seccomp": (317, 277), "landlock_create_ruleset": (444, 444), "pidfd_getfd": (438, 438),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104), "acct": (163, 89),
    "quotactl": (179, 60), "fanotify_init": (300, 262), "inotify_init1": (294, 26), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "mbind": (237, 235), "move_pages": (279, 239),
    "process_madvise": (440, 440), "sched_setscheduler": (144, 119), "sched_setaffinity": (203, 122),
    "timer_create": (222, 107), "setpriority": (141, 140), "capset": (126, 91), "vmsplice": (278, 75),
    "sync": (162, 81), "mlockall": (151, 230), "tkill": (200, 130), "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip


def test_the_kernel_s_other_doors_are_shut(worker: Worker) -> None:
    column = {"x86_64": 0, "aarch64": 1}[platform.machine()]
    calls = {name: numbers[column] for name, numbers in BY_NUMBER.items()}
    code = f"""
import ctypes
library = ctypes.CDLL(None, use_errno=True)
result = {{}}
for name, number in {calls}.items():
    answer = library.syscall(ctypes.c_long(number), ctypes.c_long(0), *[ctypes.c_long(0)] * 5)
    result[name] = 0 if answer >= 0 else ctypes.get_errno()
"""
    answers = worker.run(code).result
    assert {name: answer for name, answer in answers.items() if answer not in (1, 38)} == {}


def test_a_process_made_by_a_raw_call_is_refused_and_a_namespace_too(worker: Worker) -> None:
    clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    code = f"""
import ctypes
library = ctypes.CDLL(None, use_errno=True)
result = []
for flags in (17, 0, 0x10000000 | 17, 0x40000000 | 0x00010000):
    result.append((library.syscall(ctypes.c_long({clone}), ctypes.c_long(flags), 0, 0, 0, 0), ctypes.get_errno()))
"""
    assert worker.run(code).result == [[-1, 1]] * 4


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="only x86-64 has a second and third way of calling the kernel"
)
def test_calls_in_another_processor_s_way_end_the_process(worker: Worker) -> None:
    code = "import ctypes; ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39))"
    assert worker.run(code).ended == -signal.SIGSYS
