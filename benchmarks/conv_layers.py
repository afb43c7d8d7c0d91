"""The fast layers against PyTorch on the CPU, and against loops: convolution and max pooling, forward and backward.

Run: python benchmarks/conv_layers.py [--threads 1] [--batches 64 256] [--repeats 7] [--keep-memory] [--json]
Needs numpy and this course's package. PyTorch is no dependency of the course: to compare, run this from a throwaway
environment (python -m venv /tmp/bench; /tmp/bench/bin/pip install . torch==2.13.0); without it the course's own times
and the loops are measured.

Both sides compute the same float32 results, which is checked, with the same number of threads, in turns; a figure is
the median. At one thread CPU time is measured, which other programs disturb less, otherwise time by the wall clock.
Backward means all three gradients. With --keep-memory glibc keeps freed memory for the next call: results are then not
laid in fresh pages, whose first touch both sides pay for, and which is dear on virtual machines.
The loops run on one image; their time is then multiplied by the size of the batch, for they handle image after image.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import itertools
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.nn.layers.convolution import conv_backward, conv_forward
from course_utils.nn.layers.pooling import max_pool_backward, max_pool_forward

TORCH = "2.13.0"
CHANNELS, KERNELS, SIZES = ((3, 16), (16, 32), (32, 64)), (3, 5), (32, 16)
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}
WARM = 0.03  # seconds before each turn: the other side's threads still look for work, its own are not where they belong
KEPT = {"MALLOC_MMAP_THRESHOLD_": "1000000000", "MALLOC_TRIM_THRESHOLD_": "2000000000"}
Call = Callable[[], Any]
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batches", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--keep-memory", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    start_with_settings(args.threads, args.keep_memory)

    torch = find_torch(args.threads)
    clock = time.process_time if args.threads == 1 else time.perf_counter
    report: dict[str, Any] = {
        "machine": f"{platform.machine()}, {processor()}, {os.cpu_count()} CPUs",
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch and torch.__version__,
        },
        "threads": args.threads,
        "clock": "CPU time" if args.threads == 1 else "wall clock",
        "memory": "kept between calls" if args.keep_memory else "as the system gives it",
        "repeats": args.repeats,
        "rows": [],
    }
    if not args.json:
        print_head(report)
    for layer, ours, theirs in cases(args.batches, torch):
        row = measured(layer, ours, theirs, args.repeats, clock)
        report["rows"].append(row)
        if not args.json:
            print_row(row)
    report["summary"] = summary(report["rows"])
    report["loops"] = against_loops(max(args.batches), args.repeats, clock)
    if args.json:
        print(json.dumps(report, indent=1))
    else:
        print_end(report)


def start_with_settings(threads: int, keep_memory: bool) -> None:
    """Starts this program again where its environment is another: libraries read it only when they are loaded."""
    wanted = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    wanted |= KEPT if keep_memory else {}
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | wanted)


def find_torch(threads: int) -> Any:
    """PyTorch with that many threads, or None where it is not installed."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    torch.set_num_threads(threads)
    return torch


def cases(batches: list[int], torch: Any) -> Iterator[tuple[str, tuple[Call, Call], tuple[Call, Call] | None]]:
    """Each layer's name, our forward and backward pass, and PyTorch's."""
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, dtype=np.float32)

    for N, (C, F), size, k in itertools.product(batches, CHANNELS, SIZES, KERNELS):
        x, w, b, dout = normal(N, C, size, size), normal(F, C, k, k) / k, normal(F), normal(N, F, size, size)
        param = {"stride": 1, "pad": k // 2}
        cache = conv_forward(x, w, b, param)[1]
        ours = (lambda: conv_forward(x, w, b, param)[0], lambda: conv_backward(dout, cache))  # noqa: B023
        conv2d = torch and functools.partial(torch.nn.functional.conv2d, padding=k // 2)
        theirs = torch and torch_calls(torch, conv2d, (x, w, b), dout)
        yield f"conv {k}x{k}, {C} to {F} channels, {size}x{size}, batch {N}", ours, theirs
    for N, C, size in itertools.product(batches, (16, 32, 64), SIZES):
        x, dout = normal(N, C, size, size), normal(N, C, size // 2, size // 2)
        pool_cache = max_pool_forward(x, POOL)[1]
        ours = (lambda: max_pool_forward(x, POOL)[0], lambda: (max_pool_backward(dout, pool_cache),))  # noqa: B023
        theirs = torch and torch_calls(torch, lambda x: torch.nn.functional.max_pool2d(x, 2), (x,), dout)
        yield f"max pool 2x2, {C} channels, {size}x{size}, batch {N}", ours, theirs


def torch_calls(
    torch: Any, layer: Callable[..., Any], inputs: tuple[np.ndarray, ...], dout: np.ndarray
) -> tuple[Call, Call]:
    """The layer's forward pass, as in training, and the gradients of all its inputs."""
    tensors = [torch.from_numpy(a).requires_grad_() for a in inputs]
    out, given = layer(*tensors), torch.from_numpy(dout)
    return lambda: layer(*tensors), lambda: torch.autograd.grad(out, tensors, given, retain_graph=True)


def measured(layer: str, ours: tuple[Call, Call], theirs: tuple[Call, Call] | None, repeats: int, clock: Call) -> Row:
    """Median milliseconds of both passes of both sides, and their ratios."""
    row: Row = {"layer": layer}
    for i, direction in enumerate(("forward", "backward")):
        if theirs is None:
            (row[f"{direction}_ms"],) = medians([ours[i]], repeats, clock)
            continue
        for a, b in zip(arrays(ours[i]()), arrays(theirs[i]()), strict=True):
            assert np.allclose(a, b, rtol=1e-3, atol=1e-4 * max(1.0, float(np.abs(b).max()))), f"{layer}: {direction}"
        row[f"{direction}_ms"], row[f"{direction}_torch_ms"] = medians([ours[i], theirs[i]], repeats, clock)
        row[f"{direction}_ratio"] = row[f"{direction}_ms"] / row[f"{direction}_torch_ms"]
    return row


def arrays(result: Any) -> list[np.ndarray]:
    return [
        a if isinstance(a, np.ndarray) else a.detach().numpy()
        for a in (result if isinstance(result, tuple) else (result,))
    ]


def medians(calls: list[Call], repeats: int, clock: Call) -> list[float]:
    """Median milliseconds of each call, taken in turns; quick calls are repeated within a turn, up to 5 ms.

    Before each turn the call is made for a while that does not count: all threads are then where they work best.
    """
    times: list[list[float]] = [[] for _ in calls]
    numbers = [max(1, int(0.005 / max(1e-6, timed(call, 1, time.perf_counter)))) for call in calls]
    for _ in range(repeats):
        for call, number, taken in zip(calls, numbers, times, strict=True):
            until = time.perf_counter() + WARM
            while time.perf_counter() < until:
                call()
            taken.append(timed(call, number, clock))
    return [1000 * statistics.median(taken) for taken in times]


def timed(call: Call, number: int, clock: Call) -> float:
    start = clock()
    for _ in range(number):
        call()
    return (clock() - start) / number


def summary(rows: list[Row]) -> dict[str, dict[str, float]]:
    """Geometric mean and worst of the ratios to PyTorch, by kind of layer and direction."""
    found = {}
    for kind, direction in itertools.product(("conv", "max pool"), ("forward", "backward")):
        found[f"{kind} {direction}"] = [row.get(f"{direction}_ratio") for row in rows if row["layer"].startswith(kind)]
    found["conv"] = found["conv forward"] + found["conv backward"]
    found["all"] = list(itertools.chain(found["conv"], found["max pool forward"], found["max pool backward"]))
    return {
        name: {"geometric_mean": statistics.geometric_mean(ratios), "worst": max(ratios)}
        for name, ratios in found.items()
        if None not in ratios
    }


def against_loops(batch: int, repeats: int, clock: Call) -> list[Row]:
    """Seconds for a batch of the middle layer: loops (one image's time times the batch) and the fast layers."""
    C, F, size, k = 16, 32, 32, 3
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape, dtype=np.float32) for shape in ((batch, C, size, size), (F, C, k, k)))
    b, dout = np.zeros(F, np.float32), rng.standard_normal((batch, F, size, size), dtype=np.float32)
    param, rows = {"stride": 1, "pad": 1}, []
    out, cache = conv_forward(x, w, b, param)
    gradients = conv_backward(dout[:1], (x[:1], w, b, param))
    assert np.allclose(conv_forward_loops(x[:1], w, b, param), out[:1], atol=1e-3)
    for a, wanted in zip(conv_backward_loops(dout[:1], x[:1], w, param), gradients, strict=True):
        assert np.allclose(a, wanted, atol=1e-2)
    for direction, loops, fast in (
        ("forward", lambda: conv_forward_loops(x[:1], w, b, param), lambda: conv_forward(x, w, b, param)),
        ("backward", lambda: conv_backward_loops(dout[:1], x[:1], w, param), lambda: conv_backward(dout, cache)),
    ):
        slow, quick = timed(loops, 1, clock) * batch, medians([fast], repeats, clock)[0] / 1000
        layer = f"conv {k}x{k}, {C} to {F} channels, {size}x{size}, batch {batch}, {direction}"
        rows.append({"layer": layer, "loops_s": slow, "fast_s": quick, "times_faster": slow / quick})
    return rows


def conv_forward_loops(x: np.ndarray, w: np.ndarray, b: np.ndarray, param: dict[str, int]) -> np.ndarray:
    """As notebook 08 begins: a loop over every output number, each a sum over its window."""
    (N, _, H, W), (F, _, HH, WW), stride, pad = x.shape, w.shape, param["stride"], param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, (H - HH + 2 * pad) // stride + 1, (W - WW + 2 * pad) // stride + 1), x.dtype)
    for n, f, r, t in itertools.product(*map(range, out.shape)):
        window = padded[n, :, r * stride : r * stride + HH, t * stride : t * stride + WW]
        out[n, f, r, t] = np.sum(window * w[f]) + b[f]
    return out


def conv_backward_loops(
    dout: np.ndarray, x: np.ndarray, w: np.ndarray, param: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients in the same loop."""
    (_, _, H, W), (F, _, HH, WW), stride, pad = x.shape, w.shape, param["stride"], param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros(F, x.dtype)
    for n, f, r, t in itertools.product(*map(range, dout.shape)):
        place = np.s_[n, :, r * stride : r * stride + HH, t * stride : t * stride + WW]
        dpadded[place] += w[f] * dout[n, f, r, t]
        dw[f] += padded[place] * dout[n, f, r, t]
        db[f] += dout[n, f, r, t]
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db


def processor() -> str:
    """The processor's name where Linux tells it."""
    try:
        with open("/proc/cpuinfo") as lines:  # noqa: PTH123
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"


def print_head(report: dict[str, Any]) -> None:
    versions = report["versions"]
    print(f"{report['machine']}; threads: {report['threads']}; {report['clock']}; memory {report['memory']}")
    print(f"Python {versions['python']}, NumPy {versions['numpy']}, PyTorch {versions['torch'] or 'not installed'}")
    if versions["torch"] is None:
        print("Without PyTorch there is nothing to compare with: these are the course's own times.")
    elif not versions["torch"].startswith(TORCH):
        print(f"The goal is stated for PyTorch {TORCH}; this is another version.")
    print(f"{'milliseconds, ours / PyTorch = ratio':48}  {'forward':>25}  {'backward':>25}")


def print_row(row: Row) -> None:
    cells = []
    for direction in ("forward", "backward"):
        cell = f"{row[f'{direction}_ms']:.2f}"
        if f"{direction}_ratio" in row:
            cell += f" / {row[f'{direction}_torch_ms']:.2f} = {row[f'{direction}_ratio']:.2f}"
        cells.append(cell)
    print(f"{row['layer']:48}  {cells[0]:>25}  {cells[1]:>25}", flush=True)


def print_end(report: dict[str, Any]) -> None:
    for name, ratios in report["summary"].items():
        print(
            f"{name}: geometric mean {ratios['geometric_mean']:.2f}, worst {ratios['worst']:.2f} times PyTorch's time"
        )
    for row in report["loops"]:
        times = f"{row['loops_s']:.1f} s by loops, {row['fast_s']:.3f} s here: {row['times_faster']:.0f} times faster"
        print(f"{row['layer']}: {times}")


if __name__ == "__main__":
    main()
