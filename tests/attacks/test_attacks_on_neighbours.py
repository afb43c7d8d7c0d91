"""Writing, signals, traces and connections to what is not the student's own."""

import contextlib
import os
import platform
import socket
import threading
from pathlib import Path
from textwrap import indent

import numpy
import pytest
from hostile import cases
from lab import Attack, Lab

import course_utils
from autograder.engine.line import Cell
from autograder.sandbox.syscalls import MACHINES, this_machine

# What Python has no function for: the call's number on x86-64 and on aarch64 (None: that has no such call), and
# arguments that are harmless if it works.
OUTSIDE: dict[str, tuple[tuple[int | None, int | None], tuple[int | bytes, ...]]] = {
    "ptrace": ((101, 117), (16, 1, 0, 0)), "process_vm_readv": ((310, 270), (1, 0, 0, 0, 0, 0)),
    "pidfd_open": ((434, 434), (1, 0)), "kcmp": ((312, 272), (1, 1, 0, 0, 0)), "unshare": ((272, 97), (0x10000000,)),
    "setns": ((308, 268), (0, 0)), "mount": ((165, 40), (0, 0, 0, 0, 0)), "umount2": ((166, 39), (0, 0)),
    "pivot_root": ((155, 41), (0, 0)), "chroot": ((161, 51), (b"/box",)), "open_tree": ((428, 428), (-100, b"/", 1)),
    "bpf": ((321, 280), (0, 0, 0)), "io_uring_setup": ((425, 425), (1, 0)), "keyctl": ((250, 219), (0, -3, 0)),
    "add_key": ((248, 217), (0, 0, 0, 0, 0)), "userfaultfd": ((323, 282), (0,)),
    "perf_event_open": ((298, 241), (0, 0, -1, -1, 0)), "memfd_create": ((319, 279), (b"x", 0)),
    "socket": ((41, 198), (2, 1, 0)), "socket: netlink": ((41, 198), (16, 3, 0)),
    "socket: vsock": ((41, 198), (40, 1, 0)), "execve": ((59, 221), (b"/bin/sh", 0, 0)), "setuid": ((105, 146), (0,)),
    "setgid": ((106, 144), (0,)), "capset": ((126, 91), (0, 0)), "personality": ((135, 92), (0x0040000,)),
    "init_module": ((175, 105), (0, 0, 0)), "reboot": ((169, 142), (0, 0, 0)), "swapon": ((167, 224), (0, 0)),
    "acct": ((163, 89), (0,)), "clone3": ((435, 435), (0, 0)), "vfork": ((58, None), ()),
    "mknod": ((133, None), (b"x", 0o20666, 0x0101)), "mknodat": ((259, 33), (-100, b"x", 0o20666, 0x0101)),
    "sethostname": ((170, 161), (b"x", 1)), "settimeofday": ((164, 170), (0, 0)),
    "quotactl": ((179, 60), (0, 0, 0, 0)), "name_to_handle_at": ((303, 264), (0, 0, 0, 0, 0)),
    "open_by_handle_at": ((304, 265), (0, 0, 0)), "seccomp": ((317, 277), (0, 0, 0)),
    "prctl: die with nobody": ((157, 167), (1, 0, 0, 0, 0)), "prctl: dumpable": ((157, 167), (4, 1, 0, 0, 0)),
    "shmget": ((29, 194), (0, 4096, 0o1600)), "mq_open": ((240, 180), (b"x", 0o102, 0, 0)),
}  # fmt: skip
# Any answer but the filter's, EPERM or ENOSYS, is the kernel's own.
CALLS = """
import ctypes, errno
library = ctypes.CDLL(None, use_errno=True)
tried, reached = 0, []
for name, call in OUTSIDE.items():
    worked = library.syscall(*[each if type(each) is bytes else ctypes.c_long(each) for each in call]) >= 0
    tried += 1
    if worked or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS): reached.append(name)
print('tried', tried, 'reached', reached)
"""
SIGNALS = """
import os, signal
hit = []
for process in [os.getppid(), 0, -1, *range(1, 4000)]:
    if process == os.getpid():
        continue
    for reach in (lambda: os.kill(process, 0), lambda: process > 0 and os.sched_setaffinity(process, {0}),
                  lambda: process > 0 and os.setpriority(os.PRIO_PROCESS, process, 19)):
        try:
            if reach() is None: hit.append(process)
        except OSError: pass
print('hit', hit)
"""
# Numbers of system calls on x86-64 and on aarch64. The process itself is left out: it may do all this to itself.
TOUCH = """
import ctypes, os, platform, resource, signal
library = ctypes.CDLL(None, use_errno=True)
intel = platform.machine() == 'x86_64'
PTRACE, READ, WRITE, TGKILL = (101, 310, 311, 234) if intel else (117, 270, 271, 131)
buffer = ctypes.create_string_buffer(64)
class Part(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]
here, there = Part(ctypes.addressof(buffer), 16), Part(PLACE, 16)
def raw(*numbers):
    if library.syscall(*map(ctypes.c_long, numbers)) < 0: raise OSError(ctypes.get_errno())
one, other = ctypes.addressof(here), ctypes.addressof(there)
touched = []
for pid in set(PIDS) - {os.getpid()}:
    ways = {
        'kill': lambda: os.kill(pid, signal.SIGKILL),
        'kill the group': lambda: os.killpg(pid, signal.SIGKILL),
        'tgkill': lambda: raw(TGKILL, pid, pid, 9),
        'pidfd': lambda: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL),
        'trace': lambda: raw(PTRACE, 16, pid, 0, 0),
        'seize': lambda: raw(PTRACE, 0x4206, pid, 0, 0),
        'read': lambda: raw(READ, pid, one, 1, other, 1, 0),
        'write': lambda: raw(WRITE, pid, one, 1, other, 1, 0),
        'limits': lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0)),
        'memory': lambda: open(f'/proc/{pid}/mem', 'r+b'),
        'environment': lambda: open(f'/proc/{pid}/environ').read(),
    }
    for name, way in ways.items():
        try: way()
        except OSError: continue
        touched.append((pid, name))
print('touched', touched)
"""
WRITE = """
import os, shutil
changed = []
for path in PATHS:
    for change in (lambda: open(path, 'wb').write(b'100'), lambda: open(path, 'ab').write(b'100'),
                   lambda: os.unlink(path), lambda: os.rename(path, path + '2'), lambda: os.chmod(path, 0o777),
                   lambda: os.utime(path, (0, 0)), lambda: os.truncate(path, 0), lambda: os.mkdir(path),
                   lambda: os.link(path, 'linked'), lambda: os.chown(path, 1000, 1000),
                   lambda: os.setxattr(path, 'user.x', b'1'), lambda: shutil.rmtree(path)):
        try: change()
        except OSError: continue
        changed.append(path)
print('changed', changed)
"""
FOLDERS = """
import os, tempfile
folders = ['.', '/dev/shm', '/tmp', tempfile.gettempdir(), os.environ['IPYTHONDIR'], os.environ['MPLCONFIGDIR']]
"""
LEAVE_FILES = (
    FOLDERS
    + """
for folder in folders:
    try: open(folder + '/MARK', 'w').write('x')
    except OSError: pass
"""
)
FIND_FILES = FOLDERS + "print('marks', [each for each in folders if os.path.exists(each + '/MARK')], os.listdir('.'))"
LEAVE_MARKS = """
import builtins, ctypes, sys
import numpy, course_utils.data as data
sys.MARK = builtins.MARK = numpy.MARK = True
images = data.load_dataset('garments').train_images
ctypes.memset(images.ctypes.data, 7, 100)
"""
FIND_MARKS = """
import builtins, sys
import numpy, course_utils.data as data
print('marks', [hasattr(each, 'MARK') for each in (sys, builtins, numpy)],
      bytes(data.load_dataset('garments').train_images.ravel()[:100]) == bytes([7] * 100))
"""
CONNECTIONS = cases(
    r"""
## TCP
socket.create_connection((HOST, PORT), 0.3)
## UDP
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', (HOST, UDP_PORT))
## TCP over IPv6
socket.socket(socket.AF_INET6).connect(('::1', PORT))
## a Unix socket
socket.socket(socket.AF_UNIX).connect(PATH)
## an abstract Unix socket
socket.socket(socket.AF_UNIX).connect('\0' + PATH)
## a datagram by Unix socket
socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', PATH)
## a pair of sockets, connected anew
socket.socketpair()[0].connect(PATH)
## DNS
socket.getaddrinfo('localhost', 80, type=socket.SOCK_STREAM); socket.gethostbyname('example.org')
## DNS by hand
question = b'\x07' + b'\x00' * 3 + b'\x01' + bytes(7) + b'\x06secret\x07example\x03org\x00\x00\x01\x00\x01'
for server in ('127.0.0.53', HOST):
    for port in (53, UDP_PORT): socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(question, (server, port))
## an HTTP request
urllib.request.urlopen(f'http://{HOST}:{PORT}/', timeout=0.3)
## a listening socket
socket.create_server((HOST, 0))
"""
)


def test_no_system_call_reaches_out_of_the_sandbox(lab: Lab) -> None:
    machine = this_machine()
    if machine is None:
        pytest.skip(f"the numbers of the system calls of a {platform.machine()} are not known here")
    column = MACHINES.index(machine)
    calls = {name: (numbers[column], *rest) for name, (numbers, rest) in OUTSIDE.items() if numbers[column] is not None}
    graded = lab.grade(Attack(after=CALLS.replace("OUTSIDE", repr(calls))))
    assert f"tried {len(calls)} reached []" in graded.shown("after")
    lab.is_unharmed(graded)


def test_the_grader_the_worker_and_other_processes_are_out_of_reach(lab: Lab) -> None:
    graded = lab.grade(Attack(after=SIGNALS))
    assert "hit []" in graded.shown("after")
    lab.is_unharmed(graded)


def test_nothing_can_be_written_outside_the_working_directory(lab: Lab, tmp_path: Path) -> None:
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("grades")
    tmp_path.chmod(0o777)
    gradebook.chmod(0o666)
    library, arrays = Path(course_utils.__file__), Path(numpy.__file__)
    places = [gradebook, tmp_path / "new", library, library.parent / "new.py", arrays, arrays.parent / "new.py"]
    places += [Path(each) for each in ("/new", "/etc/passwd", "/etc/hosts", "/usr/lib/new", "/tmp/new", "/var/tmp/new")]
    before = {path: path.read_bytes() if path.is_file() else None for path in places}
    graded = lab.grade(Attack(after=WRITE.replace("PATHS", repr([str(path) for path in places]))))
    assert "changed []" in graded.shown("after")
    assert {path: path.read_bytes() if path.is_file() else None for path in places} == before
    lab.is_unharmed(graded)


def test_files_of_one_submission_are_not_seen_by_the_next(lab: Lab) -> None:
    lab.grade(Attack(after=LEAVE_FILES))
    assert "marks [] []" in lab.grade(Attack(after=FIND_FILES)).shown("after")


def test_memory_of_one_submission_is_not_seen_by_the_next(lab: Lab) -> None:
    lab.grade(Attack(after=LEAVE_MARKS))
    assert "marks [False, False, False] False" in lab.grade(Attack(after=FIND_MARKS)).shown("after")


@pytest.mark.parametrize("connection", CONNECTIONS.values(), ids=CONNECTIONS.keys())
def test_there_is_no_network(lab: Lab, connection: str, tmp_path: Path) -> None:
    heard: list[str] = []
    path = str(tmp_path / "socket")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        unix.bind(path)
        unix.listen()
        udp.bind(("127.0.0.1", 0))
        code = f"""
import socket, urllib.request
HOST, PORT, UDP_PORT, PATH = '127.0.0.1', {tcp.getsockname()[1]}, {udp.getsockname()[1]}, {path!r}
try:
{indent(connection, "    ")}
    print('reached')
except OSError:
    print('refused')
"""
        graded = lab.grade(Attack(after=code))
        for server in (tcp, unix, udp):
            server.settimeout(0.05)
            try:
                heard.append(str(server.recv(100) if server is udp else server.accept()))
            except TimeoutError:
                continue
    assert "refused" in graded.shown("after")
    assert heard == []
    lab.is_unharmed(graded)


def test_a_neighbour_at_work_can_be_neither_killed_nor_read_nor_changed(lab: Lab) -> None:
    """The same worker has another student's process open; the attacker is told its number, and the graders' own."""
    with contextlib.closing(lab.worker.open()) as neighbour:
        source = "import os; SECRET = 'of the ' + 'neighbour'; print(id(SECRET), os.getpid())"
        (output,) = neighbour.run_cell(Cell(source, 5.0)) or []
        place, inner = map(int, output["text"].split())
        told = {inner, os.getpid(), os.getppid(), *children_of(os.getpid())}
        code = TOUCH.replace("PIDS", repr(sorted(told))).replace("PLACE", str(place))
        graded = lab.grade(Attack(after=code))
        (output,) = neighbour.run_cell(Cell("print(SECRET)", 5.0)) or []
    assert "touched []" in graded.shown("after")
    assert output["text"] == "of the neighbour\n"
    lab.is_unharmed(graded)


def children_of(process: int) -> list[int]:
    """All processes below one."""
    found = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *children_of(child)]
    return found


def test_no_thread_of_the_grader_is_left(lab: Lab) -> None:
    before = threading.active_count()
    lab.grade(Attack(after="import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()"))
    assert threading.active_count() == before
