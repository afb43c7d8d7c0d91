"""What the sandbox finds out about a machine, what it says about it, and the plain values around it."""

import ctypes
import errno
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from sandbox_runs import ORDINARY_USER, PACKAGES, ROOT, Worker, as_user, public_python

from autograder import sandbox
from autograder.sandbox import Feature, Features, Level, Plan, explain, features, paths
from autograder.sandbox.features import NAMES
from autograder.sandbox.syscalls import this_machine
from course_utils.cli import main

pytest_plugins = ["sandbox_fixtures"]

EXPLAIN = ["grade", "--explain-sandbox"]


def output_where(denied: dict[str, int], code: str) -> str:
    """What a program prints to which the kernel refuses some calls."""
    if not sandbox.probe().has("system call filter"):
        pytest.skip("refusing calls takes the system call filter, which this machine does not have")
    if not public_python():
        pytest.skip("no Python that every user can read")
    start = (
        f"import sys, json; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"
        f"from sandbox_runs import deny_calls\nfrom autograder import sandbox\ndeny_calls({denied})\n"
    )
    command = [*public_python(), "-c", start + code]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **as_user(ORDINARY_USER))
    assert done.returncode == 0, done.stderr
    return done.stdout


def probe_where(denied: dict[str, int]) -> tuple[Level, list[str], set[str]]:
    """Level, explanation and missing features found by a probe to which the kernel refuses some calls."""
    code = (
        "found = sandbox.probe()\n"
        "missing = [feature.name for feature in found.tried if not feature.there]\n"
        "print(json.dumps([found.level.value, found.explain(), missing]))"
    )
    level, lines, missing = json.loads(output_where(denied, code))
    return Level(level), lines, set(missing)


NAMESPACES = {"user namespaces", "mount API", "submission namespaces"}

MACHINES_WITHOUT = {  # what is refused, as by whom; features then missing; the level
    "namespaces, as in Docker": ({"unshare": errno.EPERM}, NAMESPACES, Level.REDUCED),
    "mounting, as by AppArmor": ({"mount": errno.EACCES}, {"user namespaces", "mount API"}, Level.REDUCED),
    "the mount API, before Linux 5.12": ({"mount_setattr": errno.ENOSYS}, {"mount API"}, Level.REDUCED),
    "Landlock, switched off": ({"landlock_create_ruleset": errno.EOPNOTSUPP}, {"Landlock"}, Level.FULL),
    "namespaces and Landlock": (
        {"unshare": errno.EPERM, "landlock_create_ruleset": errno.ENOSYS},
        NAMESPACES | {"Landlock"},
        Level.NONE,
    ),
    "a filter": ({"seccomp": errno.EINVAL}, {"system call filter"}, Level.NONE),
}


@pytest.mark.parametrize("what", MACHINES_WITHOUT)
def test_a_machine_without_something_gets_a_lower_level_and_the_reason(what: str) -> None:
    denied, lost, level = MACHINES_WITHOUT[what]
    _, _, missing_anyway = probe_where({})
    if missing_anyway:
        pytest.skip(f"this machine itself has no {', '.join(sorted(missing_anyway))}")
    found, lines, missing = probe_where(denied)
    assert (found, missing) == (level, lost)
    for name in lost:
        at = next(index for index, line in enumerate(lines) if line.startswith(f"MISSING  {name}:"))
        assert "answer: " in lines[at + 1] and "to do: " in lines[at + 2]
    answers = {os.strerror(number) for number in denied.values()}
    assert any(answer in line for answer in answers for line in lines)


@pytest.mark.parametrize("what", MACHINES_WITHOUT)
def test_the_command_says_which_level_a_machine_without_something_reaches_and_what_to_do(what: str) -> None:
    denied, lost, level = MACHINES_WITHOUT[what]
    _, _, missing_anyway = probe_where({})
    if missing_anyway:
        pytest.skip(f"this machine itself has no {', '.join(sorted(missing_anyway))}")
    code = f"sys.path.append({PACKAGES!r})\nfrom course_utils.cli import main\nsys.exit(main({EXPLAIN}))"
    first, *lines = output_where(denied, code).splitlines()
    assert first == f"sandbox level: {level.value} ({this_machine()})"
    heads = [line for line in lines if not line.startswith(" ")]
    said = {state: {head.split(":")[0] for head in heads if head.startswith(state)} for state in ("there", "MISSING")}
    assert said["MISSING"] == {f"MISSING  {name}" for name in lost}
    assert said["there"] == {f"there    {name}" for name in NAMES if name not in lost}
    for name in lost:
        at = next(index for index, line in enumerate(lines) if line.startswith(f"MISSING  {name}:"))
        assert lines[at + 1].startswith("         answer: ") and lines[at + 2].startswith("         to do: ")


def test_the_command_explains_this_machine_without_a_course_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "course_utils.cli", *EXPLAIN]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == sandbox.probe().explain()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("who", ["whoever", "ordinary"])
def test_without_landlock_level_full_still_hides_and_protects_files(start_worker, who: str) -> None:
    worker: Worker = start_worker(Level.FULL, who, {"landlock_create_ruleset": errno.EOPNOTSUPP})
    for name in ("other/private.txt", "course/hidden/a.txt", "course/secret.txt"):
        assert worker.run(f"open(HOUSE + '/{name}').read()").error in ("FileNotFoundError", "PermissionError")
    assert worker.run("result = open(HOUSE + '/course/hidden/kept/b.txt').read()").result
    for path in ("{HOUSE}/course/open.txt", "{HOUSE}/course/hidden/new", "{HOUSE}/new", "/new", "/etc/new", "/tmp/new"):
        outcome = worker.run(f"open(f'{path}', 'w')")
        assert (outcome.error, outcome.number) == ("OSError", errno.EROFS), path


def test_a_worker_that_cannot_be_isolated_ends_with_the_kernel_s_answer(start_worker, capfd) -> None:
    with pytest.raises((AssertionError, OSError)):
        start_worker(Level.FULL, "whoever", {"unshare": errno.EPERM})
    assert "unshare user, mount, uts and network namespaces: Operation not permitted" in capfd.readouterr().err


def test_the_probe_finds_what_other_sources_say_is_there() -> None:
    # Else a sandbox that does not work would count as a machine without one, and most tests would be skipped.
    found = sandbox.probe()
    status = Path("/proc/self/status")
    if status.exists() and "\nSeccomp_filters:" in status.read_text(encoding="utf-8") and this_machine():
        assert found.has("system call filter")
    if "landlock" in lines_of("/sys/kernel/security/lsm") or landlock_answers():
        assert found.has("Landlock")
    command = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    if shutil.which("unshare") and subprocess.run(command, capture_output=True).returncode == 0:
        assert found.has("user namespaces")
        if kernel_has_mount_setattr():
            assert found.has("mount API")


def kernel_has_mount_setattr() -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    return library.syscall(442, -1, b"", 0, None, 0) < 0 and ctypes.get_errno() in (errno.EINVAL, errno.EBADF)


def lines_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def landlock_answers() -> bool:
    return sys.platform == "linux" and ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) > 0


def test_the_probe_is_done_once() -> None:
    assert sandbox.probe() is sandbox.probe()


def found(*missing: str) -> Features:
    return Features(tuple(Feature(name, name not in missing, "said the kernel") for name in NAMES), "x86_64")


LEVELS = [
    ((), Level.FULL),
    (("Landlock",), Level.FULL),
    (("throwaway user",), Level.FULL),
    (("mount API",), Level.REDUCED),
    (("submission namespaces",), Level.REDUCED),
    (("mount API", "throwaway user"), Level.NONE),
    (("mount API", "Landlock"), Level.NONE),
    (("pidfd",), Level.NONE),
    (NAMES, Level.NONE),
]


@pytest.mark.parametrize(("missing", "level"), LEVELS)
def test_the_level_follows_from_what_is_missing(missing: tuple[str, ...], level: Level) -> None:
    assert found(*missing).level is level


def test_the_explanation_has_a_line_for_each_feature_and_what_to_do_for_missing_ones() -> None:
    lines = found("user namespaces", "mount API").explain()
    assert lines[0] == "sandbox level: reduced (x86_64)"
    assert sum(line.startswith("there") for line in lines) == len(NAMES) - 2
    assert sum(line.startswith("MISSING") for line in lines) == 2
    assert "         to do: see user namespaces first" in lines


@pytest.mark.parametrize(("missing", "level"), LEVELS)
def test_the_command_prints_the_explanation_line_by_line_however_narrow_the_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, missing, level: Level
) -> None:
    monkeypatch.setattr(sandbox, "probe", lambda: found(*missing))
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.chdir(tmp_path)
    assert main(EXPLAIN) == 0
    printed, complained = capsys.readouterr()
    assert (printed.splitlines(), complained) == (found(*missing).explain(), "")
    assert printed.startswith(f"sandbox level: {level.value} (x86_64)\n")
    assert printed.count("MISSING  ") == printed.count("answer: said the kernel") == len(missing)
    assert printed.count("to do: ") >= len(missing)
    assert list(tmp_path.iterdir()) == []


SETTINGS = {
    "apparmor_restrict_unprivileged_userns": ("1", "userns,"),
    "unprivileged_userns_clone": ("0", "kernel.unprivileged_userns_clone=1"),
    "max_user_namespaces": ("0", "user.max_user_namespaces"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_forbids_namespaces_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    value, advice = SETTINGS[name]
    monkeypatch.setattr(explain, "_setting", lambda path: value if path.endswith(f"/{name}") else "")
    monkeypatch.setattr(explain, "CONTAINER_MARKS", ())
    (line,) = explain.advice("user namespaces")
    assert advice in line


def test_in_a_container_the_option_to_start_it_with_is_named(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(explain, "_setting", lambda path: "")
    monkeypatch.setattr(explain, "CONTAINER_MARKS", (str(tmp_path),))
    assert "seccomp=unconfined" in " ".join(explain.advice("user namespaces"))


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_on_other_systems_the_package_imports_without_the_c_library_and_gives_level_none(system: str) -> None:
    code = (
        f"import sys, ctypes; sys.path.insert(0, {str(ROOT)!r}); sys.platform = {system!r}\n"
        "ctypes.CDLL = None\n"
        "if sys.platform == 'win32': sys.modules['resource'] = None\n"
        "from autograder import sandbox\n"
        "found = sandbox.probe()\n"
        "sandbox.isolate_worker(sandbox.Plan(level=sandbox.Level.NONE), None)\n"
        "print(found.level.value, *found.explain(), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[0] == "none", done.stderr
    assert f"only Linux has it, this is {system}" in done.stdout


def test_a_probe_that_breaks_says_so_instead_of_stopping_the_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "NAMES", (*NAMES, "no such trial"))
    done = features.probe.__wrapped__()
    assert [feature.name for feature in done.tried if not feature.there][-1:] == ["no such trial"]
    assert "KeyError" in done.tried[-1].answer


def test_levels_are_ordered() -> None:
    assert Level.NONE < Level.REDUCED < Level.FULL
    assert max(Level) is Level.FULL


def test_a_plan_survives_json() -> None:
    plan = Plan(Level.FULL, read=("/usr",), hide=("/usr/a",), keep=("/usr/a/b",), root="/tmp/x", work_mb=5, uid=61240)
    assert Plan.from_json(plan.to_json()) == plan


BAD_PLANS = {
    "a relative path": ({"level": Level.REDUCED, "read": ("course",)}, "not an absolute path"),
    "no root": ({"level": Level.FULL}, "`root`"),
    "a path under a private folder": (
        {"level": Level.FULL, "root": "/r", "read": ("/dev/shm/data",)},
        "covered by a submission's own",
    ),
    "root as the student": ({"level": Level.REDUCED, "uid": 0}, "never runs as root"),
}


@pytest.mark.parametrize("what", BAD_PLANS)
def test_a_plan_that_cannot_be_is_refused(what: str) -> None:
    values, message = BAD_PLANS[what]
    with pytest.raises(ValueError, match=message):
        Plan(**values)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/one", "a/secret/two", "a/secret/kept/three", "a/secret/kept/not/four", "b/five"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "a/out").symlink_to("../b")
    (tmp_path / "circle").symlink_to("circle")
    return tmp_path


READABLE = [
    (("a",), (), (), {"a"}),
    (("a", "b"), ("b",), (), {"a"}),
    (("a",), ("a/secret",), (), {"a/one"}),
    (("a",), ("a/secret",), ("a/secret/kept",), {"a/one", "a/secret/kept"}),
    (("a",), ("a/secret", "a/secret/kept/not"), ("a/secret/kept",), {"a/one", "a/secret/kept/three"}),
    (("a",), ("a/secret/two",), (), {"a/one", "a/secret/kept"}),
    (("link",), ("link/secret",), (), {"a/one"}),
    (("a/secret/kept",), ("a/secret",), (), set()),
    (("nowhere", "circle"), ("nothing",), ("nobody",), set()),
    (("a",), ("b",), ("b/five",), {"a"}),
]


@pytest.mark.parametrize(("read", "hide", "keep", "expected"), READABLE)
def test_hidden_paths_are_left_out_by_naming_the_others(tree: Path, read, hide, keep, expected) -> None:
    def full(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(tree / name) for name in names)

    allowed = paths.readable(full(read), full(hide), full(keep))
    assert {str(Path(path).relative_to(tree)) for path in allowed} == expected


def test_links_on_the_way_are_followed_step_by_step(tree: Path) -> None:
    links, real = paths.resolve(str(tree / "link/out/five"))
    assert real == str(tree / "b/five")
    assert [(Path(where).name, says) for where, says in links] == [("link", "a"), ("out", "../b")]


def test_python_paths_hold_the_library_and_the_packages_but_not_an_editable_checkout() -> None:
    found = paths.python_paths()
    for place in (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")):
        folders = [str(Path(path).resolve()) for path in found]
        real = str(Path(place).resolve())
        assert real in folders or any(paths.below(real, folder) for folder in folders)
    assert not any(paths.below(str(ROOT / "autograder/sandbox"), path) for path in found)
