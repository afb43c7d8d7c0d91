"""System call numbers on x86-64 and aarch64, and what a student's process may do with each call.

Sources: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` of Linux, which a tool chain
installs as `asm/unistd_64.h` and `asm-generic/unistd.h`; the tests compare with both and with libseccomp. A dash is a
call that the machine does not have. What is in no group does not exist for the student: the kernel answers ENOSYS.
"""

import platform
from functools import cache
from typing import Literal

Machine = Literal["x86_64", "aarch64"]
MACHINES: tuple[Machine, ...] = ("x86_64", "aarch64")

# Allowed whatever the arguments: they reach no further than the process itself and the files it may open. Not flock, by
# which a file that may only be read can be locked for others, and not mincore, which tells what others have read.
ALLOWED = """
read 0 63; write 1 64; readv 19 65; writev 20 66; pread64 17 67; pwrite64 18 68; preadv 295 69; pwritev 296 70
preadv2 327 286; pwritev2 328 287; lseek 8 62; close 3 57; close_range 436 436; dup 32 23; dup2 33 -; dup3 292 24
pipe 22 -; pipe2 293 59; eventfd2 290 19; fsync 74 82; fdatasync 75 83; ftruncate 77 46; fallocate 285 47
fadvise64 221 223; sendfile 40 71; copy_file_range 326 285; fstat 5 80; fstatfs 138 44; getdents64 217 61; fchdir 81 50

stat 4 -; lstat 6 -; newfstatat 262 79; statx 332 291; statfs 137 43; access 21 -; faccessat 269 48; faccessat2 439 439
readlink 89 -; readlinkat 267 78; getcwd 79 17; chdir 80 49; mkdir 83 -; mkdirat 258 34; rmdir 84 -; unlink 87 -
unlinkat 263 35; rename 82 -; renameat 264 38; renameat2 316 276; symlink 88 -; symlinkat 266 36; umask 95 166
getxattr 191 8; lgetxattr 192 9; fgetxattr 193 10; listxattr 194 11; llistxattr 195 12; flistxattr 196 13

poll 7 -; ppoll 271 73; select 23 -; pselect6 270 72; epoll_create 213 -; epoll_create1 291 20; epoll_ctl 233 21
epoll_wait 232 -; epoll_pwait 281 22; epoll_pwait2 441 441; sendto 44 206; recvfrom 45 207; sendmsg 46 211
recvmsg 47 212; getsockname 51 204; getpeername 52 205; getsockopt 55 209; shutdown 48 210

mmap 9 222; munmap 11 215; mremap 25 216; mprotect 10 226; madvise 28 233; msync 26 227; brk 12 214
exit 60 93; exit_group 231 94; futex 202 98; set_robust_list 273 99; set_tid_address 218 96; rseq 334 293
arch_prctl 158 -; gettid 186 178; sched_yield 24 124; sched_getaffinity 204 123; getcpu 309 168; membarrier 324 283

rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139; rt_sigpending 127 136; rt_sigtimedwait 128 137
rt_sigsuspend 130 133; sigaltstack 131 132; pause 34 -; restart_syscall 219 128; alarm 37 -; getitimer 36 102
setitimer 38 103; getpid 39 172; getppid 110 173; getpgid 121 155; getpgrp 111 -; getsid 124 156; getuid 102 174
geteuid 107 175; getgid 104 176; getegid 108 177; getresuid 118 148; getresgid 120 150; getgroups 115 158
getrusage 98 165; times 100 153; uname 63 160; sysinfo 99 179; getrandom 318 278; getrlimit 97 163; setrlimit 160 164
time 201 -; gettimeofday 96 169; clock_gettime 228 113; clock_getres 229 114; nanosleep 35 101; clock_nanosleep 230 115
"""

# Allowed for some arguments only: see `policy`.
CHECKED = """
open 2 -; openat 257 56; clone 56 220; fcntl 72 25; ioctl 16 29; prctl 157 167; prlimit64 302 261
socketpair 53 199; kill 62 129; tgkill 234 131
"""

# By these a file's owner changes it without opening it for writing, which Landlock does not see. They are allowed where
# the student's user owns nothing but the student's files; elsewhere modes are left alone without a word, for copying a
# file must work, and the others are refused with EPERM.
MODES = """
chmod 90 -; fchmod 91 52; fchmodat 268 53; fchmodat2 452 452
"""
TIMES = """
utime 132 -; utimes 235 -; futimesat 261 -; utimensat 280 88; truncate 76 45
"""

# Refused with EPERM instead of ENOSYS, so that a student reads "Operation not permitted" for what is forbidden.
REFUSED = """
fork 57 -; vfork 58 -; execve 59 221; execveat 322 281; socket 41 198; connect 42 203; bind 49 200; listen 50 201
accept 43 202; accept4 288 242; tkill 200 130; rt_sigqueueinfo 129 138; rt_tgsigqueueinfo 297 240; ptrace 101 117
setsid 112 157; setpgid 109 154
"""

# What the sandbox itself calls before the filter is in place.
SETUP = """
unshare 272 97; mount 165 40; umount2 166 39; pivot_root 155 41; open_tree 428 428; move_mount 429 429
mount_setattr 442 442; capget 125 90; capset 126 91; sethostname 170 161; landlock_create_ruleset 444 444
landlock_add_rule 445 445; landlock_restrict_self 446 446; seccomp 317 277
"""


def numbers(group: str, machine: Machine) -> dict[str, int]:
    """The calls of a group that this machine has, by name."""
    column = 1 + MACHINES.index(machine)
    rows = [entry.split() for line in group.strip().splitlines() for entry in line.split(";") if entry.strip()]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


@cache
def this_machine() -> Machine | None:
    """Which table holds here; None where there is none for this processor."""
    name = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    return next((machine for machine in MACHINES if machine == name), None)
