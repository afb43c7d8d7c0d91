"""What the benchmark of random directions measures, on nets small enough to measure in a test."""

import importlib.util
from pathlib import Path

import pytest

from course_utils.gradient_check import check_gradient

PATH = Path(__file__).resolve().parents[1] / "benchmarks" / "gradient_directions.py"


@pytest.fixture(scope="module")
def benchmark():
    import sys

    spec = importlib.util.spec_from_file_location("gradient_directions", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where a dataclass looks for its annotations
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_directions_find_the_same_mistakes_with_500_times_fewer_calls(benchmark):
    result = benchmark.compare(benchmark.TwoLayerNet(inputs=140, hidden=100, examples=8), directions=20)
    judged = [row for row in result["rows"] if not row["hard"]]
    assert result["full_calls"] == 2 * result["parameters"] + 1
    assert result["full_calls"] >= 500 * max(row["calls"] for row in result["rows"])
    assert [row["directions_pass"] for row in judged] == [row["full_passes"] for row in judged]
    assert [row["full_passes"] for row in judged] == [True] + [False] * 11
    assert result["same_verdicts"] and result["ratio"] >= benchmark.WANTED_RATIO


def test_every_entry_finds_what_directions_cannot(benchmark):
    """The limit is reported, not hidden: one weight 0.01 % off is below the directions' tolerance."""
    result = benchmark.compare(benchmark.TwoLayerNet(inputs=20, hidden=12, examples=8), directions=20)
    hard = [row for row in result["rows"] if row["hard"]]
    assert hard and not any(row["full_passes"] for row in hard)
    assert hard[-1]["directions_pass"]


def test_the_benchmarks_own_differences_judge_like_the_full_check(benchmark):
    net = benchmark.TwoLayerNet(inputs=20, hidden=12, examples=8)
    slopes = benchmark.full_differences(net)
    for name, gradient in (benchmark.planted(net) | benchmark.hard(net)).items():
        assert slopes.accept(gradient) == check_gradient(net.loss, net.params, gradient).ok, name
