"""Every notebook runs on CIFAR-10 and on Fashion-MNIST: in the short mode, on small archives in the real formats."""

import pytest
from local_server import Server
from notebook_runs import clean_environment
from other_data_runs import OTHERS, run_on, serve
from small_archives import SMALL

from autograder.source import find_notebooks

HANG = 240  # seconds; about ten are usual


@pytest.fixture(scope="module")
def published():
    """A server, and by the name of a data set the files it has of it."""
    server = Server()
    yield server, {name: serve(server, SMALL[name]()) for name in OTHERS}
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One for all notebooks: the first downloads, the others find the files there."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("dataset", OTHERS)
@pytest.mark.parametrize("source", find_notebooks(), ids=lambda source: source.name)
def test_a_notebook_runs_on_another_data_set(dataset, source, published, cache, tmp_path, monkeypatch):
    server, remotes = published
    clean_environment(monkeypatch)
    monkeypatch.setenv("COURSE_DATASET", dataset)
    monkeypatch.setenv("COURSE_SMOKE", "1")
    monkeypatch.setenv("COURSE_CACHE", str(cache))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("COURSE_MIRROR", raising=False)
    # Figures are made but not drawn, which would take half the time; on garments they are drawn.
    monkeypatch.setenv("MPLBACKEND", "agg")
    spent = run_on(dataset, source, tmp_path, HANG, remotes[dataset])
    print(f"{source.name} on {dataset}: {spent:.1f} s")
    asked = [name for name, _ in server.asked]
    assert len(asked) == len(set(asked)), "a file was downloaded twice"
    assert set(remotes[dataset]) <= set(asked), "the notebook did not read the files that were made for it"
