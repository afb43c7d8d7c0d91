"""What notebook 06's exercises should give, written apart from its solution.

Update rules are written as sums over the whole history of gradients, not as recursions; L-BFGS as the full matrix.
"""

from autograder.oracles.optimizers.many_nets import ensemble_labels, mean_weights
from autograder.oracles.optimizers.rules import PATHS, memory, path
from autograder.oracles.optimizers.schedules import rate
from autograder.oracles.optimizers.second_order import bfgs_inverse, newton_target
from autograder.oracles.optimizers.stopping import Verdict, verdicts

__all__ = [
    "PATHS",
    "Verdict",
    "bfgs_inverse",
    "ensemble_labels",
    "mean_weights",
    "memory",
    "newton_target",
    "path",
    "rate",
    "verdicts",
]
