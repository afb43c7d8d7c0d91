"""A training on disk: everything that decides how it goes on, in one .npz file without pickles."""

import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_utils.interrupts import interrupts_wait
from course_utils.nn.snapshots import Snapshot

if TYPE_CHECKING:
    from course_utils.nn.solver import Solver

FORMAT = 1


def save(solver: "Solver", path: Path) -> None:
    """Write the state after an epoch. The file is replaced in one step: a reader finds the old one or the new one."""
    arrays: dict[str, np.ndarray] = {}
    state = {
        "format": FORMAT,
        "training": _fingerprint(solver),
        "rng": solver.rng.bit_generator.state,
        "net_rng": _net_rng_state(solver.net),
        "history": dict(solver.history),
        "best_epoch": solver.history.best_epoch,
        "seconds": solver.history.seconds,
        "net": _pack(arrays, "net", vars(Snapshot.of(solver.net))),
        "best": None if solver.best is None else _pack(arrays, "best", vars(solver.best)),
        "configs": _pack(arrays, "configs", solver.configs),
    }
    text = np.frombuffer(json.dumps(state, default=_plain).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        with interrupts_wait():
            with unfinished.open("wb") as file:
                np.savez(file, state=text, **arrays)  # type: ignore[arg-type]
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(solver: "Solver", path: Path) -> None:
    """Give a new solver (and its net) the state in a file. Raises ValueError where it does not fit."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        state = json.loads(arrays.pop("state").tobytes())
        found = state["format"], state["training"]
    except (zipfile.BadZipFile, KeyError, TypeError, AttributeError, ValueError, EOFError) as damage:
        raise ValueError(f"{path}: this is not a checkpoint of a Solver, or a damaged one ({damage})") from damage
    wanted = FORMAT, _fingerprint(solver)
    if found != wanted:
        raise ValueError(f"{path}: a checkpoint of another training; {_differences(found[1], wanted[1])}")
    Snapshot(**_unpack(arrays, state["net"])).restore(solver.net)
    solver.best = Snapshot(**_unpack(arrays, state["best"])) if state["best"] else None
    solver.configs = _unpack(arrays, state["configs"])
    solver.rng.bit_generator.state = state["rng"]
    if state["net_rng"] is not None:
        solver.net.rng.bit_generator.state = state["net_rng"]
    for key, values in state["history"].items():
        solver.history[key] = values
    solver.history.best_epoch, solver.history.seconds = state["best_epoch"], state["seconds"]


def _fingerprint(solver: "Solver") -> dict[str, Any]:
    """What must be the same for a training to go on as it was."""
    return {
        "parameters": {name: [list(w.shape), str(w.dtype)] for name, w in solver.net.params.items()},
        "update rule": getattr(solver.rule, "__name__", type(solver.rule).__name__),
        "optim_config": json.loads(json.dumps(solver.optim_config, default=_plain)),
        "training examples": len(solver.X),
        "validation examples": 0 if solver.validation is None else len(solver.validation[0]),
        "batch size": solver.batch_size,
        "generator": type(solver.rng.bit_generator).__name__,
    }


def _differences(found: Any, wanted: Any) -> str:
    if not isinstance(found, dict):
        return "its format is unknown"
    different = [
        f"{key}: {found.get(key)} there, {wanted[key]} here" for key in wanted if found.get(key) != wanted[key]
    ]
    return "; ".join(different) or "it was written by another version of the course"


def _net_rng_state(net: Any) -> Any:
    rng = getattr(net, "rng", None)
    return rng.bit_generator.state if isinstance(rng, np.random.Generator) else None


def _pack(arrays: dict[str, np.ndarray], name: str, value: Any) -> Any:
    """`value` with its arrays moved into `arrays` under names made from `name`, and those names in their places."""
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if isinstance(value, dict):
        return {"dict": {key: _pack(arrays, f"{name}/{key}", entry) for key, entry in value.items()}}
    if isinstance(value, list):
        return {"list": [_pack(arrays, f"{name}/{index}", entry) for index, entry in enumerate(value)]}
    return {"value": value}


def _unpack(arrays: dict[str, np.ndarray], packed: Any) -> Any:
    """The opposite of `_pack`."""
    if "array" in packed:
        return arrays[packed["array"]].copy()
    if "dict" in packed:
        return {key: _unpack(arrays, entry) for key, entry in packed["dict"].items()}
    if "list" in packed:
        return [_unpack(arrays, entry) for entry in packed["list"]]
    return packed["value"]


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays (in the state of some generators) as what JSON has."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise ValueError(f"a checkpoint holds numbers, text and arrays; {type(value).__name__} is none of them")
