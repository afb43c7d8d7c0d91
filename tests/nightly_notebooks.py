"""Every notebook at full length on CIFAR-10 and Fashion-MNIST. `make nightly` runs this file; `make test` does not.

The published files are used where they can be had: in the cache of `course_utils.data`, by download, or for
Fashion-MNIST from Debian's package dataset-fashion-mnist. Elsewhere archives of the same formats and sizes with made-up
images take their place, which is said (run it with `pytest -s`). One notebook at a time: CIFAR-10 takes gigabytes.
"""

import pytest
from local_server import Server
from notebook_runs import HANG, clean_environment
from other_data_runs import OTHERS, run_on, serve
from small_archives import FULL_SIZE

from autograder.source import find_notebooks
from course_utils.data import DataError, load_dataset

pytestmark = pytest.mark.timeout(0)  # each notebook has a limit of its own


@pytest.fixture(scope="module")
def remotes(request, tmp_path_factory):
    """None where the published files can be had; else what a notebook must know of the made-up ones."""
    dataset = request.param
    try:
        load_dataset(dataset)
    except DataError as reason:
        print(f"\n{dataset}: not the published files, but made-up ones of their size ({reason})")
    else:
        yield dataset, None
        return
    server = Server()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.delenv("COURSE_MIRROR", raising=False)
        yield dataset, serve(server, FULL_SIZE[dataset]())
    server.http.shutdown()
    server.http.server_close()


@pytest.mark.parametrize("remotes", OTHERS, indirect=True)
@pytest.mark.parametrize("source", find_notebooks(), ids=lambda source: source.name)
def test_a_notebook_runs_at_full_length_on_another_data_set(source, remotes, tmp_path, monkeypatch):
    dataset, files = remotes
    clean_environment(monkeypatch)
    monkeypatch.setenv("COURSE_DATASET", dataset)
    spent = run_on(dataset, source, tmp_path, 3 * HANG * source.budget_seconds, files)
    print(f"\n{source.name} on {dataset}{' (made up)' if files else ''}: {spent:.1f} s")
