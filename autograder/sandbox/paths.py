"""Which paths a student may read: symbolic links followed step by step, hidden paths left out."""

import os
import site
import sys
import sysconfig
from functools import cache
from pathlib import Path

# What the dynamic loader, time zones and Debian's choice of a BLAS need of the system.
SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"),
)


def python_paths() -> tuple[str, ...]:
    """What a student's Python reads: the standard library, installed packages and shared libraries.

    An editable install's checkout is not among them.
    """
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix} - {"/usr", "/usr/local"}
    named = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    library = sysconfig.get_config_var("LIBDIR")
    wanted = {*prefixes, *named, *site.getsitepackages(), *SYSTEM, library}
    there = sorted(os.path.normpath(path) for path in wanted if path and _is_there(path))
    return tuple(path for path in there if not any(below(path, other) for other in there))


def _is_there(path: str) -> bool:
    """Whether this process can see `path`: what lies in a folder closed to it is not there for its student either."""
    try:
        return Path(path).exists()
    except OSError:  # before Python 3.12 a closed folder is an error
        return False


def below(path: str, folder: str) -> bool:
    """Whether `path` lies below `folder`, by name; a folder is not below itself."""
    return path != folder and path.startswith(folder.rstrip("/") + "/")


def resolve(path: str) -> tuple[list[tuple[str, str]], str | None]:
    """The symbolic links on the way to `path` as (where, what it says), and the real path.

    The latter is None if there is no such path, or none that this process can reach.
    """
    try:
        real = str(Path(path).resolve(strict=True))
    except (OSError, RuntimeError):  # the latter: links in a circle, before Python 3.13
        return [], None
    links: list[tuple[str, str]] = []
    done, rest = Path("/"), list(Path(os.path.normpath(path)).parts[1:])
    while rest:
        here = done / rest.pop(0)
        if here.is_symlink():
            links.append((str(here), str(here.readlink())))
            done, rest = Path("/"), [*Path(os.path.normpath(done / here.readlink())).parts[1:], *rest]
        else:
            done = here
    return links, real


@cache
def readable(read: tuple[str, ...], hide: tuple[str, ...], keep: tuple[str, ...]) -> tuple[str, ...]:
    """`read` without what is hidden, for rules that can only allow: a folder with hidden paths becomes its entries.

    Of nested paths the longest decides. Returns real paths; those that do not exist are left out. A folder that was
    replaced by its entries can itself no longer be listed. Worked out once: forks of a worker find it done.
    """
    hidden = _real(hide)
    allowed: list[str] = []
    for path in _real(read):
        if not any(path == secret or below(path, secret) for secret in hidden):
            allowed += _without(path, hidden)
    for path in kept(read, keep):
        if any(below(path, secret) for secret in hidden):
            allowed += _without(path, hidden)
    return tuple(dict.fromkeys(allowed))


def kept(read: tuple[str, ...], keep: tuple[str, ...]) -> list[str]:
    """The real paths of what stays readable though hidden: only what was readable at all."""
    roots = _real(read)
    return [path for path in _real(keep) if any(path == root or below(path, root) for root in roots)]


def _real(paths: tuple[str, ...]) -> list[str]:
    resolved = [resolve(path)[1] for path in paths]
    return [path for path in resolved if path is not None]


def _without(path: str, hidden: list[str]) -> list[str]:
    if path in hidden:
        return []
    if not any(below(secret, path) for secret in hidden):
        return [path]
    entries = sorted(entry for entry in Path(path).iterdir() if not entry.is_symlink())
    return [allowed for entry in entries for allowed in _without(str(entry), hidden)]
