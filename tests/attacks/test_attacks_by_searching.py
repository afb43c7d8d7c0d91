"""A student's code looks everywhere for tests, answers, seeds and other people's work: it is not there."""

import os
from pathlib import Path

import pytest
from hostile import cases, function
from lab import ATTACKED, POINTS, SEED, Attack, Graded, Lab

import autograder
from autograder.grading.seeds import generator_for
from autograder.source import SOLUTIONS

GRADERS_SIDE = ("hidden", "oracles", "mutants", "testing", "grading", "pipeline", "engine", "verify", "source")
MARK = "answers-of-ana"

# The words are spelt backwards, so that the search does not find itself. The last one is the seed.
SEARCH = (
    f"GRADERS_SIDE = {GRADERS_SIDE}\n"
    + """
import gc, inspect, linecache, os, sys
WORDS = ["noitinifed_eht_htiw_seerga", "sdnuob_dlof", "nnk/neddih", "bd.koobedarg", "skcatta"]
FOUND = []
def look(where, text):
    FOUND.extend((where, word) for word in WORDS if word in text[::-1])
def modules():
    for name in list(sys.modules):
        if name.startswith(tuple("autograder." + part for part in GRADERS_SIDE)):
            FOUND.append(("sys.modules", name))
def frames():
    frame = sys._getframe()
    while frame is not None:
        look("a frame", frame.f_code.co_filename + repr(sorted(frame.f_globals)))
        look("what a frame holds", repr(list(frame.f_locals.items()))[:20000])
        frame = frame.f_back
    for info in inspect.stack():
        look("the stack", info.filename + str(info.code_context))
def memory():
    for held in gc.get_objects():
        kind = type(held)
        if kind in (dict, list, tuple, set):
            for part in (held.values() if kind is dict else held):
                if type(part) is str and len(part) < 100_000:
                    look("memory", part)
        elif inspect.isfunction(held) or inspect.iscode(held):
            look("a function", held.__qualname__)
def lines():
    for name, entry in linecache.cache.items():
        if "ipython" not in name.lower():
            look("linecache", name + "".join(entry[2] if len(entry) > 2 else []))
def environment():
    look("the environment", repr(dict(os.environ)))
    FOUND.extend(("the environment", name) for name in os.environ if "SEED" in name and name != "PYTHONHASHSEED")
    look("argv", repr(sys.argv) + repr(sys.orig_argv))
def everything():
    modules(); frames(); memory(); lines(); environment()
"""
)
IMPORT = f"""
import importlib
there = []
for name in {GRADERS_SIDE}:
    try:
        importlib.import_module('autograder.' + name)
        there.append(name)
    except (ImportError, PermissionError):
        pass
print('found', there)
"""
READ = """
import os
found = []
for path in PATHS:
    try:
        found += [path] if (os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(100)) else []
    except OSError:
        pass
print('found', found)
"""
WAYS = cases(
    """
## walking
places, deadline = [], time.monotonic() + 1.5
for folder, folders, files in os.walk('/'):
    places += files + folders
    folders[:] = [each for each in folders if each != 'site-packages']
    if time.monotonic() > deadline:
        break
## links
places = []
for path in ('/tmp', '/home', '/root', '/var', FOLDER):
    os.symlink(path, 'way_out')
    try: places += os.listdir('way_out')
    except OSError: pass
    os.unlink('way_out')
## descriptors
places = []
for number in range(256):
    for path in ('.', '..', '../..', '../../..'):
        try: places += os.listdir(os.open(path, os.O_RDONLY, dir_fd=number))
        except OSError: pass
"""
)


def result_of_tests(graded: Graded) -> str:
    """What the attacked exercise's graded cell shows."""
    return next(str(cell.outputs) for cell in graded.execution.notebook.cells if cell.id == f"{ATTACKED}_tests")


def test_nothing_of_the_tests_is_in_the_students_process(lab: Lab) -> None:
    gap = function("everything()\nreturn X", SEARCH)
    graded = lab.resists(Attack(gap, after="everything()\nprint('found', sorted(set(FOUND)))"))
    assert "found []" in graded.shown("after")


def test_no_module_of_the_graders_side_can_be_imported(lab: Lab) -> None:
    assert "found []" in lab.grade(Attack(after=IMPORT)).shown("after")


def test_no_secret_file_can_be_read(lab: Lab, tmp_path: Path) -> None:
    gradebook = tmp_path / "gradebook.db"
    gradebook.write_text("everybody's grades")
    package, own = Path(autograder.__file__).parent, Path("/proc") / str(os.getpid())
    secrets = [gradebook, tmp_path, Path(__file__), SOLUTIONS, SOLUTIONS / "01_knn" / "01_knn.py"]
    secrets += [*package.glob("hidden/knn/*.py"), *package.glob("mutants/knn/*.py"), package / "oracles" / "knn.py"]
    secrets += [
        package / "grading" / "seeds.py",
        *package.rglob("__pycache__/*expect*.pyc"),
        own / "environ",
        own / "mem",
    ]
    secrets += [Path(each) for each in ("/proc/1/environ", "/etc/shadow", "/home", "/var/log", "/run", "/sys/kernel")]
    code = READ.replace("PATHS", repr([str(path) for path in secrets]))
    assert "found []" in lab.grade(Attack(after=code)).shown("after")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_no_file_of_another_student_is_seen(lab: Lab, tmp_path: Path, way: str) -> None:
    (tmp_path / f"{MARK}.ipynb").write_text("right answers")
    search = f"import os, time\nFOLDER = {str(tmp_path)!r}\n{way}"
    end = f"\nprint('found', [name for name in places if {MARK[::-1]!r} in name[::-1] or name == 'gradebook.db'])"
    assert "found []" in lab.grade(Attack(after=search + end)).shown("after")


def test_descriptors_are_the_standard_ones_and_the_connection(lab: Lab) -> None:
    code = """
import os, stat
kinds = {}
for number in range(256):
    try: kinds[number] = stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError: pass
print('open', sorted(kinds)[:3], sorted(kinds.values()))
"""
    assert "open [0, 1, 2] [False, False, False, True]" in lab.grade(Attack(after=code)).shown("after")


def test_there_is_no_proc_to_read(lab: Lab) -> None:
    code = """
try:
    print('read', open('/proc/self/maps').read(10))
except OSError:
    print('refused')
"""
    assert "refused" in lab.grade(Attack(after=code)).shown("after")


def test_hidden_inputs_cannot_be_guessed_from_usual_seeds(lab: Lab) -> None:
    drawn = generator_for(SEED, ATTACKED, "agrees_with_the_definition").normal(size=(4, 5))
    body = """
global HIT
np.random.seed(0)
guesses = [np.random.normal(size=X.shape), *(np.random.default_rng(seed).normal(size=X.shape) for seed in range(300))]
HIT = any(np.allclose(X, guess) for guess in guesses)
return np.zeros((len(X), len(X_train)))
"""
    graded = lab.resists(Attack(function(body), after="print('hit', HIT)"))
    assert "hit False" in graded.shown("after")
    assert f"{drawn[0, 0]:.6f}" not in graded.text


def test_what_a_function_prints_and_shows_in_a_hidden_test_is_not_shown(lab: Lab) -> None:
    body = """
import sys, warnings
print('LEAK', X)
sys.__stdout__.write('LEAK')
sys.stderr.write('LEAK')
warnings.warn('LEAK')
get_ipython().display_pub.publish({'text/plain': 'LEAK'})
return np.sqrt(((X[:, None] - X_train) ** 2).sum(axis=2))
"""
    graded = lab.grade(Attack(function(body)))
    assert graded.attacked == POINTS[ATTACKED]
    assert "LEAK" not in result_of_tests(graded)


@pytest.mark.parametrize("forged", [True, False], ids=["the server rewritten", "an honest server"])
def test_an_error_cannot_carry_hidden_input_into_the_sentence_about_it(any_lab: Lab, forged: bool) -> None:
    rewrite = """
from autograder.byvalue import server
server.describe = lambda error: ([WORD], WORD, [[WORD, 10**6 + int(X[0, 0])]])
"""
    body = f"""
WORD = 'LEA' + 'K' + str(X[0, 0])
{rewrite if forged else ""}
raise type(WORD, (ValueError,), {{'name': WORD}})(WORD)
"""
    graded = any_lab.resists(Attack(function(body)), spared=("l1_distance",))
    assert "LEAK" not in result_of_tests(graded)
