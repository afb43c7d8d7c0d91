"""Dropout: in training each number is kept with probability p; inverted, so that nothing is left to do at test time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Cache = tuple[dict[str, Any], Array | None]


def dropout_forward(x: Array, dropout_param: dict[str, Any]) -> tuple[Array, Cache]:
    """Inverted dropout of an x of any shape. The answer to `dropout_forward` in notebook 07.

    dropout_param: "p" is the probability of KEEPING a number, 0 < p ≤ 1; "mode" is "train" (what is kept is divided by
    p, the rest is 0) or "test" (x comes back as it is); the draws come from "rng" (a Generator) or from "seed" (the
    same mask at each call). Returns out and the cache (dropout_param, mask). Raises ValueError for another p or mode.
    Source: Srivastava et al., "Dropout", 2014, section 10 (there p has the same meaning).
    """
    p, mode = dropout_param.get("p"), dropout_param.get("mode")
    if not isinstance(p, int | float | np.number) or isinstance(p, bool) or not 0 < p <= 1:
        raise ValueError(f"dropout_forward: p is {p!r}; the probability of keeping a number is above 0 and at most 1")
    if mode == "test":
        return x, (dropout_param, None)
    if mode != "train":
        raise ValueError(f'dropout_forward: dropout_param["mode"] is {mode!r}; it is "train" or "test"')
    rng = np.random.default_rng(dropout_param["seed"]) if "seed" in dropout_param else dropout_param.get("rng")
    if rng is None:
        raise ValueError('dropout_forward: dropout_param needs "rng" (a np.random.Generator) or "seed" for its draws')
    kept = rng.random(x.shape, dtype=np.float32) < p
    mask = kept * (x.dtype.type(1 / p) if x.dtype.kind == "f" else 1 / float(p))
    return x * mask, (dropout_param, mask)


def dropout_backward(dout: Array, cache: Cache) -> Array:
    """dout/p where x was kept, else 0; in test mode dout itself. `dropout_backward` of notebook 07."""
    mask = cache[1]
    return dout if mask is None else dout * mask
