"""Checking the gradient of a big net: every entry by finite differences, against random directions.

Run: python benchmarks/gradient_directions.py [--directions 20] [--inputs 900] [--hidden 110] [--seed 0] [--json]
Needs numpy, tqdm and this course's package; a few minutes. Both ways judge the right gradient and the same planted
mistakes. Nothing is extrapolated: every entry of every parameter is moved both ways, and the net counts the calls of
its loss. Those differences do not depend on the gradient under test, so they are measured once and each gradient is
compared with them. Exit status 1 when the two ways find different planted mistakes, or when random directions need
more than 1/500 of the calls.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from course_utils.gradient_check import check_gradient

CLASSES, REG, STEP, TOLERANCE = 10, 1e-3, 1e-5, 1e-6
WANTED_RATIO = 500
Params = dict[str, np.ndarray]


class TwoLayerNet:
    """ReLU and softmax with an L2 penalty ½·reg·ΣW² on the weights; counts the calls of its loss."""

    def __init__(self, seed: int = 0, inputs: int = 900, hidden: int = 110, examples: int = 32):
        rng = np.random.default_rng(seed)
        self.X, self.y = rng.normal(size=(examples, inputs)), rng.integers(CLASSES, size=examples)
        self.params: Params = {
            "W1": rng.normal(size=(inputs, hidden)) / np.sqrt(inputs),
            "b1": rng.normal(size=hidden) / 10,
            "W2": rng.normal(size=(hidden, CLASSES)) / np.sqrt(hidden),
            "b2": rng.normal(size=CLASSES) / 10,
        }
        self.size = sum(value.size for value in self.params.values())
        self.calls = 0

    def loss(self, params: Params) -> float:
        self.calls += 1
        return self._forward(params)[0]

    def gradient(self) -> Params:
        _, hidden, p = self._forward(self.params)
        W1, W2 = self.params["W1"], self.params["W2"]
        dscores = (p - np.eye(CLASSES)[self.y]) / len(self.y)
        dhidden = dscores @ W2.T * (hidden > 0)
        return {
            "W1": self.X.T @ dhidden + REG * W1,
            "b1": dhidden.sum(axis=0),
            "W2": hidden.T @ dscores + REG * W2,
            "b2": dscores.sum(axis=0),
        }

    def penalty_gradient(self) -> Params:
        return {name: REG * self.params[name] for name in ("W1", "W2")}

    def _forward(self, params: Params) -> tuple[float, np.ndarray, np.ndarray]:
        hidden = np.maximum(self.X @ params["W1"] + params["b1"], 0)
        scores = hidden @ params["W2"] + params["b2"]
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        data = -np.log(p[np.arange(len(self.y)), self.y]).mean()
        return float(data + REG / 2 * sum(np.vdot(params[name], params[name]) for name in ("W1", "W2"))), hidden, p


def planted(net: TwoLayerNet) -> dict[str, Params]:
    """The right gradient first, then the same with one mistake each."""
    right, weights, examples = net.gradient(), net.penalty_gradient(), len(net.y)
    return {
        "none (the right gradient)": right,
        "twice the right one": {name: 2 * g for name, g in right.items()},
        "not divided by N": {name: examples * g for name, g in right.items()},
        "wrong sign": {name: -g for name, g in right.items()},
        "penalty missing": {name: g - weights.get(name, 0) for name, g in right.items()},
        "penalty doubled": {name: g + weights.get(name, 0) for name, g in right.items()},
        "b1 averaged, not summed": {**right, "b1": right["b1"] / examples},
        "W2 of the wrong sign": {**right, "W2": -right["W2"]},
        "one column of W1 lost": {**right, "W1": right["W1"] * (np.arange(right["W1"].shape[1]) != 7)},
        "one entry of b1 1 % off": {**right, "b1": _off(right["b1"], 1.01)},
        "one entry of b1 doubled": {**right, "b1": _off(right["b1"], 2)},
        "all zeros": {name: np.zeros_like(g) for name, g in right.items()},
    }


def hard(net: TwoLayerNet) -> dict[str, Params]:
    """Mistakes in a single weight of middling gradient, down to what random directions cannot see."""
    right, found = net.gradient(), {}
    for percent in (100, 1, 0.01):
        found[f"one entry of W1 {percent:g} % off"] = {**right, "W1": _off(right["W1"], 1 + percent / 100)}
    return found


def _off(gradient: np.ndarray, factor: float) -> np.ndarray:
    """The gradient with its entry of median size multiplied."""
    changed = gradient.copy()
    middle = np.argsort(np.abs(gradient), axis=None)[gradient.size // 2]
    changed.reshape(-1)[middle] *= factor
    return changed


@dataclass(frozen=True)
class FullDifferences:
    """The slopes to the left and to the right of every entry of every parameter."""

    left: Params
    right: Params

    def accept(self, gradient: Params) -> bool:
        """Whether every entry lies between its two slopes (which differ at a kink), give or take the tolerance.

        The allowance of 1e-9 is for rounding in the loss, about 1e-16 / STEP.
        """
        for name, given in gradient.items():
            low, high = np.minimum(self.left[name], self.right[name]), np.maximum(self.left[name], self.right[name])
            slack = TOLERANCE * (np.abs(given) + np.maximum(np.abs(low), np.abs(high))) + 1e-9
            if not ((given >= low - slack) & (given <= high + slack)).all():
                return False
        return True


def full_differences(net: TwoLayerNet, progress: bool = False) -> FullDifferences:
    """Two calls of the loss for each entry and one more; entries are moved in place, as a frugal program would."""
    params = {name: value.copy() for name, value in net.params.items()}
    here = net.loss(params)
    left, right = ({name: np.empty_like(value) for name, value in params.items()} for _ in range(2))
    with tqdm(total=net.size, desc="every entry", disable=not progress) as bar:
        for name, value in params.items():
            flat, below, above = value.reshape(-1), left[name].reshape(-1), right[name].reshape(-1)
            for i, kept in enumerate(flat.copy()):
                flat[i] = kept + STEP
                above[i] = (net.loss(params) - here) / STEP
                flat[i] = kept - STEP
                below[i] = (here - net.loss(params)) / STEP
                flat[i] = kept
                bar.update()
    return FullDifferences(left, right)


def compare(net: TwoLayerNet, directions: int, progress: bool = False) -> dict:
    """Both ways on the right gradient and on every mistake: verdicts, counted calls, seconds."""
    start, before = time.perf_counter(), net.calls
    slopes = full_differences(net, progress)
    full_calls, full_seconds = net.calls - before, time.perf_counter() - start
    rows, beyond = [], hard(net)
    for name, gradient in (planted(net) | beyond).items():
        start, before = time.perf_counter(), net.calls
        report = check_gradient(
            net.loss,
            net.params,
            gradient,
            directions=directions,
            tolerance=TOLERANCE,
            regularization=net.penalty_gradient(),
        )
        rows.append(
            {
                "planted": name,
                "hard": name in beyond,
                "full_passes": slopes.accept(gradient),
                "directions_pass": report.ok,
                "cause": report.cause,
                "relative_error": report.max_relative_error,
                "calls": net.calls - before,
                "seconds": time.perf_counter() - start,
            }
        )
    judged = [row for row in rows if not row["hard"]]
    return {
        "parameters": net.size,
        "full_calls": full_calls,
        "full_seconds": full_seconds,
        "directions": directions,
        "most_calls": max(row["calls"] for row in rows),
        "ratio": full_calls / max(row["calls"] for row in rows),
        "same_verdicts": all(row["full_passes"] == row["directions_pass"] for row in judged),
        "found": sum(not row["directions_pass"] for row in judged),
        "machine": f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}",
        "rows": rows,
    }


def show(result: dict) -> None:
    print(f"two-layer net, {result['parameters']:,} parameters; {result['machine']}")
    print(f"every entry: {result['full_calls']:,} calls of the loss, all made, {result['full_seconds']:.0f} s")
    fewer = f"at most {result['most_calls']} calls, {result['ratio']:,.0f} times fewer"
    print(f"{result['directions']} random directions: {fewer}\n")
    heads = "planted mistake", "every entry", "directions", "cause named", "rel. error", "calls"
    print("{:<28}{:<13}{:<12}{:<16}{:>10}{:>7}".format(*heads))
    for hard_ones in (False, True):
        if hard_ones:
            print("in one weight alone, down to what random directions cannot see:")
        for row in result["rows"]:
            if row["hard"] == hard_ones:
                full, quick = ("passes" if row[key] else "fails" for key in ("full_passes", "directions_pass"))
                print(f"{row['planted']:<28}{full:<13}{quick:<12}{row['cause'] or '-':<16}", end="")
                print(f"{row['relative_error']:>10.1e}{row['calls']:>7}")
    same = "the same" if result["same_verdicts"] else "not the same"
    print(f"\nof the mistakes planted, both ways find {same}: random directions find {result['found']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--directions", type=int, default=20)
    parser.add_argument("--inputs", type=int, default=900, help="with 900 and 110 hidden units: 100,220 parameters")
    parser.add_argument("--hidden", type=int, default=110)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = compare(TwoLayerNet(options.seed, options.inputs, options.hidden), options.directions, progress=True)
    print(json.dumps(result, indent=2)) if options.json else show(result)
    return 0 if result["same_verdicts"] and result["ratio"] >= WANTED_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
