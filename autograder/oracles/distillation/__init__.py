"""Reference answers of notebook 10, in float64."""

from autograder.oracles.distillation.net import Net, PixelNet
from autograder.oracles.distillation.teaching import distilled, divergence_loss, divergence_slopes, tempered

__all__ = ["Net", "PixelNet", "distilled", "divergence_loss", "divergence_slopes", "tempered"]
