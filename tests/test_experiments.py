"""The runner of experiments with several seeds, and the tables that are committed."""

import ast
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from course_utils.data.results import read_results
from experiments.__main__ import HERE, TABLES, main
from experiments.running.compare import differences
from experiments.running.kept import Kept
from experiments.running.pool import Computed
from experiments.running.scripts import Experiment, ExperimentError, find_experiments
from experiments.running.table import plain_rows, write_table

MOONS = '''
"""Moons against mass.

More words.
"""

SEEDS = 3


def rows(seed):
    return [{"mass": 1 / 3, "moons": seed + 1, "method": "count, twice"}, {"mass": 2.0, "moons": 0, "method": "guess"}]
'''
FACTS = {"what": "moons", "command": "python -m experiments moons", "seeds": "0", "machine": "one", "seconds": "1"}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder for experiments, with tables/ in it, a cache of its own, and seeds computed in this process."""
    from experiments.running import pool, run

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(run, "compute_all", lambda jobs, workers: (pool.compute(*job) for job in jobs))
    yield tmp_path
    for name in ("moons", "flaky"):
        sys.modules.pop(f"experiments.{name}", None)


def call(here, *arguments):
    return main(arguments, here, here / "tables")


def add(here, name, source):
    (here / f"{name}.py").write_text(source.lstrip(), encoding="utf-8")


def test_a_table_says_how_it_was_made(here, capsys):
    add(here, "moons", MOONS)
    assert call(here) == 0
    lines = (here / "tables" / "moons.csv").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["# what: Moons against mass.", "# command: python -m experiments moons", "# seeds: 0 1 2"]
    assert re.fullmatch(r"# machine: .+, \d+ cores?, .+, Python 3[0-9.a-z+]+, NumPy [0-9.a-z]+", lines[3])
    assert re.fullmatch(r"# seconds: \d+", lines[4])
    assert lines[5:8] == ["seed,mass,moons,method", '0,0.333333,1,"count, twice"', "0,2.0,0,guess"]
    assert len(lines) == 12
    assert "wrote tables/moons.csv" in capsys.readouterr().out
    assert [path.name for path in (here / "tables").iterdir()] == ["moons.csv"]


def test_fewer_seeds_are_told_in_the_command(here):
    add(here, "moons", MOONS)
    assert call(here, "moons.py", "--seeds", "2") == 0
    table = read_results(here / "tables" / "moons.csv")
    assert table.seeds == (0, 1) and table.command == "python -m experiments moons --seeds 2"


def test_seeds_run_in_processes_with_one_thread_each(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_SMOKE", "1")
    seen = (
        '"""What a process sees."""\nimport os\nSEEDS = 2\n\ndef rows(seed):\n'
        '    threads = os.environ["OMP_NUM_THREADS"]\n'
        '    return [{"process": os.getpid(), "threads": threads, "smoke": os.environ.get("COURSE_SMOKE", "unset")}]\n'
    )
    add(tmp_path, "seen", seen)
    before = dict(os.environ)
    assert call(tmp_path) == 0
    table = read_results(tmp_path / "tables" / "seen.csv")
    assert set(table["threads"]) == {1} and set(table["smoke"]) == {"unset"}
    assert os.getpid() not in table["process"]
    assert dict(os.environ) == before


def test_a_failing_seed_loses_nothing_that_was_computed(here, capsys):
    add(here, "moons", MOONS)
    flag = here / "mended"
    log = here / "log"
    flaky = (
        '"""Fails once."""\nfrom pathlib import Path\nSEEDS = 3\n\ndef rows(seed):\n'
        f"    with Path({str(log)!r}).open('a') as log:\n        log.write(str(seed))\n"
        f"    if seed == 1 and not Path({str(flag)!r}).exists():\n        raise RuntimeError('a comet')\n"
        '    return [{"x": seed}]\n'
    )
    add(here, "flaky", flaky)
    assert call(here) == 1
    told = capsys.readouterr()
    assert "flaky.py, seed 1, line 9: RuntimeError: a comet" in told.err
    assert (here / "tables" / "moons.csv").exists() and not (here / "tables" / "flaky.csv").exists()
    flag.touch()
    assert call(here, "flaky") == 0
    assert log.read_text() == "0121"
    assert read_results(here / "tables" / "flaky.csv")["x"].tolist() == [0, 1, 2]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_an_interruption_ends_at_once_and_keeps_finished_seeds(tmp_path):
    add(tmp_path, "slow", '"""Slow."""\nimport time\nSEEDS = 2\n\ndef rows(seed):\n'
        "    time.sleep(600 * seed)\n    return [{'x': seed}]\n")  # fmt: skip
    # A job in the background ignores Ctrl-C from the start.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += f"from pathlib import Path; from experiments.__main__ import main; here = Path({str(tmp_path)!r}); "
    code += "raise SystemExit(main([], here, here / 'tables'))"
    run = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "COURSE_CACHE": str(tmp_path / "cache")})
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("cache/experiments/slow-*/0.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
    finally:
        run.kill()
        run.wait(60)
    assert list(tmp_path.glob("cache/experiments/slow-*/0.json")) and not (tmp_path / "tables").exists()


def test_what_another_version_computed_is_not_taken(here):
    add(here, "moons", MOONS)
    [experiment] = find_experiments(here)
    done = Computed(experiment, 0, [{"mass": 0.0}], 1.0)
    Kept(experiment).put(done)
    assert Kept(experiment).all() == {0: done}
    add(here, "moons", MOONS.replace("seed + 1", "1 + seed + 1"))  # of another length: Python would not see it else
    assert Kept(experiment).all() == {}
    Kept(experiment).forget()
    assert not list(Kept(experiment).folder.parent.iterdir())


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def rows(seed:\n", "moons.py: not valid Python at line 1"),
        ("def rows(seed):\n    return []\n", "needs a docstring"),
        (MOONS.replace("SEEDS = 3", "SEEDS = many()"), "SEEDS must be a whole number"),
        (MOONS.replace("SEEDS = 3", "TOLERANCE = -1"), "TOLERANCE must be a number of at least 0"),
    ],
)
def test_a_broken_file_is_refused_before_anything_runs(here, capsys, source, said):
    add(here, "moons", source)
    assert call(here) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('"""Broken."""\nimport no_such_planet\n\ndef rows(seed): ...\n', "cannot be imported (ModuleNotFoundError"),
        (MOONS.replace('"moons": 0, ', ""), "row 1: not the columns of row 0 (mass, moons, method): it lacks moons"),
        (MOONS.replace('"moons": 0, ', '"moons": 0, "rings": 1, '), "it has also rings"),
        (MOONS.replace('"mass"', 'f"mass{seed}"'), "seed 1: not the columns of seed 0 (mass0, moons, method)"),
    ],
)
def test_a_table_that_cannot_be_made_is_told_and_not_written(here, capsys, source, said):
    add(here, "moons", source)
    assert call(here) == 1
    assert said in capsys.readouterr().err
    assert not list(here.glob("tables/*"))


def test_an_unknown_name_is_answered_with_a_near_one(here, capsys):
    add(here, "moons", MOONS)
    add(here, "helper", '"""Not an experiment."""\n')
    assert call(here, "moon") == 2
    assert "there is no experiment called 'moon'; did you mean moons?" in capsys.readouterr().err
    assert call(here, "helper") == 2


@pytest.mark.parametrize("arguments", [("--seeds", "two"), ("--seeds", "0"), ("--workers", "1.5")])
def test_a_number_that_is_none_is_refused_in_words(here, capsys, arguments):
    with pytest.raises(SystemExit):
        call(here, *arguments)
    assert f"must be a whole number of at least 1, not '{arguments[1]}'" in capsys.readouterr().err


def test_the_list_runs_nothing(here, capsys):
    add(here, "moons", MOONS)
    assert call(here, "--list") == 0
    assert "Moons against mass." in capsys.readouterr().out
    assert not (here / "tables").exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (None, "must return a list"),
        ([], "at least one dictionary"),
        ([[1.0]], "dictionary"),
        ([{}], "columns must be named"),
        ([{1: 2}], "columns must be named"),
        ([{"seed": 2}], "added by the runner"),
        ([{"x": [1, 2]}], "row 0, 'x': .1, 2. is not a number"),
        ([{"x": "two\nlines"}], "text in one line"),
        ([{"x": 1, "y": 2}, {"y": 2, "x": 1}], "another order"),
    ],
)
def test_rows_that_are_no_table_are_refused(rows, said):
    with pytest.raises(ExperimentError, match=said):
        plain_rows(rows, "moons.py, seed 0")


def test_numbers_are_kept_to_six_digits():
    row = {"a": np.float32(1 / 3), "b": np.int64(1234567), "c": np.pi * 1e9, "d": np.bool_(True), "e": float("nan")}
    [plain] = plain_rows([row], "x")
    assert [repr(value) for value in plain.values()] == ["0.333333", "1234567", "3141590000.0", "True", "nan"]


@pytest.mark.parametrize(
    ("changed", "agrees"),
    [
        ({}, True),
        ({"score": 0.515}, True),
        ({"score": 0.53}, False),
        ({"score": float("nan")}, False),
        ({"moons": 4}, False),
        ({"method": "guess"}, False),
        ({"rings": 1}, False),
        ({"nothing": float("nan")}, True),
        ({"nothing": 1.0}, False),
    ],
)
def test_a_table_is_compared_within_the_tolerance(tmp_path, changed, agrees):
    row = {"moons": 3, "score": 0.5, "method": "count", "nothing": float("nan")}
    path = tmp_path / "moons.csv"
    write_table(path, FACTS, {0: [row]}, "moons")
    experiment = Experiment(tmp_path / "moons.py", "moons", 1, 0.04)
    assert (differences(experiment, read_results(path), 0, [row | changed]) == []) is agrees


def test_the_check_tells_a_missing_and_a_changed_table(here, capsys):
    add(here, "moons", MOONS)
    assert call(here, "--check") == 1
    assert "tables/moons.csv is missing: `make experiments NAME=moons` computes it" in capsys.readouterr().err
    assert call(here) == 0
    assert call(here, "--check") == 0
    add(here, "moons", MOONS.replace("seed + 1", "1 + seed + 1"))  # of another length: Python would not see it else
    assert call(here, "--check") == 1
    assert "moons, seed 0, 'moons': 1 of 2 differ; row 0 gives 2, the table 1" in capsys.readouterr().err


def test_a_process_that_dies_is_told_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    add(tmp_path, "dies", '"""Dies."""\nimport os\nSEEDS = 3\n\ndef rows(seed):\n    os._exit(9)\n')
    assert call(tmp_path, "--workers", "1") == 1
    assert capsys.readouterr().err.count("ended from outside") == 1


def test_a_computed_seed_can_cross_to_another_process():
    import pickle

    experiment = Experiment(Path("moons.py"), "moons", 1, 0.1)
    done = Computed(experiment, 0, [{"x": 1.0}], 0.5)
    assert pickle.loads(pickle.dumps(done)) == done


COMMITTED = sorted(TABLES.glob("*.csv"))
SCRIPTS = {experiment.name: experiment for experiment in find_experiments(HERE)}


def test_every_experiment_has_its_table_and_every_table_its_experiment():
    assert [path.stem for path in COMMITTED] == sorted(SCRIPTS)


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_committed_table_is_that_of_its_experiment(path):
    table, script = read_results(path), SCRIPTS[path.stem]
    assert table.what == script.what
    assert table.command == f"python -m experiments {path.stem}"
    assert table.seeds == tuple(range(script.seeds))
    assert table.facts["seeds"] == " ".join(map(str, table.seeds))
    assert "Python" in table.machine and float(table.facts["seconds"]) >= 0
    words = set()
    for node in ast.walk(ast.parse(script.path.read_text(encoding="utf-8"))):
        words |= {node.value} if isinstance(node, ast.Constant) else set()
        words |= {node.arg} if isinstance(node, ast.keyword) else set()
    assert set(table) - {"seed"} <= words, "a column that the experiment no longer names"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_a_committed_table_tells_nothing_of_whose_machine_it_was(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])[/~]/?\w+/|[A-Za-z]:\\", text)
    host = socket.gethostname()
    assert len(host) < 4 or host not in text
    for line in text.splitlines()[5:]:
        assert not re.search(r"\d\.\d{7,}(?!e)", line), "more than six digits"
