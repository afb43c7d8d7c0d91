"""benchmarks/conv_layers.py: runs without PyTorch and says so, its loops are right, its summary is what it says."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils.nn.layers.convolution import conv_backward, conv_forward

PATH = Path(__file__).resolve().parents[1] / "benchmarks" / "conv_layers.py"
QUICK = ("--batches", "1", "--repeats", "1")
WITHOUT_TORCH = """
import runpy, sys
sys.modules["torch"] = None
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("conv_layers", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*options):
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    command = [sys.executable, "-c", WITHOUT_TORCH, str(PATH), *QUICK, *options]
    return subprocess.run(
        command, env=os.environ | threads, capture_output=True, text=True, check=True, timeout=300
    ).stdout


def test_without_pytorch_it_measures_the_courses_own_layers_and_says_so():
    report = json.loads(run("--json"))
    assert report["versions"]["torch"] is None and report["summary"] == {}
    assert len(report["rows"]) == 18
    assert all(
        row["forward_ms"] > 0 and row["backward_ms"] > 0 and "forward_ratio" not in row for row in report["rows"]
    )
    assert [row["layer"].rpartition(" ")[2] for row in report["loops"]] == ["forward", "backward"]


def test_text_names_machine_threads_and_what_is_missing():
    text = run()
    assert "threads: 1" in text and "PyTorch not installed" in text
    assert "times faster" in text.splitlines()[-1]


@pytest.mark.parametrize("param", [{"stride": 1, "pad": 1}, {"stride": 2, "pad": 0}])
def test_its_loops_compute_what_the_fast_layers_compute(benchmark, param):
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(2, 2, 5, 7)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=3)
    out, cache = conv_forward(x, w, b, param)
    assert np.allclose(benchmark.conv_forward_loops(x, w, b, param), out)
    dout = rng.normal(size=out.shape)
    for a, wanted in zip(benchmark.conv_backward_loops(dout, x, w, param), conv_backward(dout, cache), strict=True):
        assert np.allclose(a, wanted)


def test_its_summary_is_the_geometric_mean_and_the_largest_ratio(benchmark):
    rows = [
        {"layer": "conv a", "forward_ratio": 1.0, "backward_ratio": 4.0},
        {"layer": "conv b", "forward_ratio": 4.0, "backward_ratio": 1.0},
        {"layer": "max pool", "forward_ratio": 16.0, "backward_ratio": 1.0},
    ]
    found = benchmark.summary(rows)
    assert found["conv forward"] == {"geometric_mean": pytest.approx(2), "worst": 4}
    assert found["conv"] == {"geometric_mean": pytest.approx(2), "worst": 4}
    assert found["all"] == {"geometric_mean": pytest.approx(256 ** (1 / 6)), "worst": 16}
