"""Checking the gradient of a big net: every entry by finite differences, against random directions.

Run: python benchmarks/gradient_directions.py [--directions 20] [--sample 200] [--json]
Needs numpy and this course's package. Prints calls of the loss, seconds, and which planted mistakes each way finds.
The seconds of the full check are extrapolated from a timed sample of its calls; its calls are counted, 2 for an entry.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable

import numpy as np

from course_utils.gradient_check import GradientReport, check_gradient

EXAMPLES, INPUTS, HIDDEN, CLASSES, REG = 32, 900, 110, 10, 1e-3
Params = dict[str, np.ndarray]


class TwoLayerNet:
    """ReLU and softmax with an L2 penalty ½·reg·ΣW² on the weights: 100,220 parameters."""

    def __init__(self, seed: int):
        rng = np.random.default_rng(seed)
        self.X, self.y = rng.normal(size=(EXAMPLES, INPUTS)), rng.integers(CLASSES, size=EXAMPLES)
        self.params: Params = {
            "W1": rng.normal(size=(INPUTS, HIDDEN)) / np.sqrt(INPUTS),
            "b1": rng.normal(size=HIDDEN) / 10,
            "W2": rng.normal(size=(HIDDEN, CLASSES)) / np.sqrt(HIDDEN),
            "b2": rng.normal(size=CLASSES) / 10,
        }

    def loss(self, params: Params) -> float:
        return self.loss_and_gradient(params)[0]

    def loss_and_gradient(self, params: Params) -> tuple[float, Params]:
        hidden = np.maximum(self.X @ params["W1"] + params["b1"], 0)
        scores = hidden @ params["W2"] + params["b2"]
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        rows = np.arange(EXAMPLES)
        loss = -np.log(p[rows, self.y]).mean() + sum(REG / 2 * (params[name] ** 2).sum() for name in ("W1", "W2"))
        p[rows, self.y] -= 1
        dscores = p / EXAMPLES
        dhidden = dscores @ params["W2"].T * (hidden > 0)
        return float(loss), {
            "W1": self.X.T @ dhidden + REG * params["W1"],
            "b1": dhidden.sum(axis=0),
            "W2": hidden.T @ dscores + REG * params["W2"],
            "b2": dscores.sum(axis=0),
        }


def planted(net: TwoLayerNet, right: Params) -> dict[str, Params]:
    """The right gradient, and the same with one mistake each."""
    weights = {name: REG * net.params[name] for name in ("W1", "W2")}
    cut = right["W1"].copy()
    cut[:, 7] = 0
    one, double = right["b1"].copy(), right["b1"].copy()
    double[3] *= 2
    one[3] *= 1.01
    return {
        "none (the right gradient)": right,
        "twice the right one": {name: 2 * g for name, g in right.items()},
        "not divided by N": {name: EXAMPLES * g for name, g in right.items()},
        "wrong sign": {name: -g for name, g in right.items()},
        "penalty missing": {name: g - weights.get(name, 0) for name, g in right.items()},
        "penalty doubled": {name: g + weights.get(name, 0) for name, g in right.items()},
        "b1 averaged, not summed": {**right, "b1": right["b1"] / EXAMPLES},
        "W2 of the wrong sign": {**right, "W2": -right["W2"]},
        "one column of W1 lost": {**right, "W1": cut},
        "one entry of b1 1 % off": {**right, "b1": one},
        "one entry of b1 doubled": {**right, "b1": double},
        "all zeros": {name: np.zeros_like(g) for name, g in right.items()},
    }


def measure(directions: int, sample: int, seed: int) -> dict:
    net = TwoLayerNet(seed)
    right = net.loss_and_gradient(net.params)[1]
    size = sum(g.size for g in right.values())
    penalty = {name: REG * net.params[name] for name in ("W1", "W2")}
    seconds, worst = sampled_differences(net, right, sample, np.random.default_rng(seed))
    rows = []
    for name, gradient in planted(net, right).items():
        start = time.perf_counter()
        report: GradientReport = check_gradient(
            net.loss, net.params, gradient, directions=directions, regularization=penalty
        )
        rows.append(
            {
                "planted": name,
                "passes": report.ok,
                "cause": report.cause,
                "relative_error": report.max_relative_error,
                "calls": report.evaluations,
                "seconds": time.perf_counter() - start,
            }
        )
    return {
        "parameters": size,
        "full_calls": 2 * size,
        "full_seconds_extrapolated": seconds / sample * size,
        "sample": sample,
        "sample_largest_difference": worst,
        "directions": directions,
        "seed": seed,
        "machine": f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}",
        "rows": rows,
    }


def sampled_differences(net: TwoLayerNet, right: Params, sample: int, rng: np.random.Generator) -> tuple[float, float]:
    """Seconds for centred differences of `sample` entries, moved in place as a frugal program would, and the worst."""
    names = list(right)
    sizes = np.array([right[name].size for name in names])
    params, h, worst = {name: value.copy() for name, value in net.params.items()}, 1e-5, 0.0
    start = time.perf_counter()
    for _ in range(sample):
        name = names[rng.choice(len(names), p=sizes / sizes.sum())]
        flat, i = params[name].reshape(-1), int(rng.integers(right[name].size))
        kept = flat[i]
        flat[i] = kept + h
        up = net.loss(params)
        flat[i] = kept - h
        slope = (up - net.loss(params)) / (2 * h)
        flat[i] = kept
        worst = max(worst, abs(slope - right[name].reshape(-1)[i]))
    return time.perf_counter() - start, worst


def show(result: dict, line: Callable[[str], None] = print) -> None:
    line(f"two-layer net, {result['parameters']:,} parameters, seed {result['seed']}; {result['machine']}")
    line(
        f"every entry: {result['full_calls']:,} calls of the loss, {result['full_seconds_extrapolated']:.0f} s "
        f"(extrapolated from {result['sample']} entries, whose largest difference was "
        f"{result['sample_largest_difference']:.1g})"
    )
    line(f"{result['directions']} random directions:")
    line(f"{'planted mistake':<28}{'verdict':<9}{'cause named':<16}{'rel. error':>10}{'calls':>7}{'seconds':>9}")
    for row in result["rows"]:
        verdict = "passes" if row["passes"] else "fails"
        line(
            f"{row['planted']:<28}{verdict:<9}{row['cause'] or '-':<16}{row['relative_error']:>10.1e}"
            f"{row['calls']:>7}{row['seconds']:>9.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directions", type=int, default=20)
    parser.add_argument("--sample", type=int, default=200, help="entries timed for the full check")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.directions, options.sample, options.seed)
    print(json.dumps(result, indent=2)) if options.json else show(result)


if __name__ == "__main__":
    main()
