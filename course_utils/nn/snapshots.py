"""What a net has learned, as copies: its parameters, and the running statistics of batch normalisation."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Snapshot:
    """Copies of `net.params` and of `net.bn_params` (a list of dicts; empty where a net has none)."""

    params: dict[str, np.ndarray]
    bn_params: list[dict[str, Any]]

    @classmethod
    def of(cls, net: Any) -> "Snapshot":
        """The state of a net now."""
        return cls({name: np.array(value) for name, value in net.params.items()}, _copies(_bn_params(net)))

    def restore(self, net: Any) -> None:
        """Give a net this state. The dicts stay the same objects: others may hold them too."""
        for name, value in self.params.items():
            net.params[name] = value.copy()
        for kept, current in zip(_copies(self.bn_params), _bn_params(net), strict=True):
            current.clear()
            current.update(kept)


def _bn_params(net: Any) -> list[dict[str, Any]]:
    return getattr(net, "bn_params", None) or []


def _copies(bn_params: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value.copy() if isinstance(value, np.ndarray) else value for key, value in bn_param.items()}
        for bn_param in bn_params
    ]
