"""Layers, nets and training for notebooks where building them is not the exercise; they are quick, and in float32.

Some of these functions are what exercises of notebooks 03 to 08 ask for; their docstrings say of which. There, a call
to them is no answer: write your own.
"""

from course_utils.nn import layers
from course_utils.nn.convnets import ConvNet, channels_first
from course_utils.nn.features import colour_histogram, gradient_orientation_histogram
from course_utils.nn.history import History
from course_utils.nn.initialization import init_weights
from course_utils.nn.layers import *  # noqa: F403
from course_utils.nn.linear import train_softmax
from course_utils.nn.losses import softmax, softmax_loss, svm_loss
from course_utils.nn.nets import FullyConnectedNet
from course_utils.nn.preprocessing import standardize
from course_utils.nn.schedules import learning_rate
from course_utils.nn.solver import Solver
from course_utils.nn.update_rules import adagrad, adam, adamw, nesterov, rmsprop, sgd, sgd_momentum

__all__ = [
    "ConvNet",
    "FullyConnectedNet",
    "History",
    "Solver",
    "adagrad",
    "adam",
    "adamw",
    "channels_first",
    "colour_histogram",
    "gradient_orientation_histogram",
    "init_weights",
    "learning_rate",
    "nesterov",
    "rmsprop",
    "sgd",
    "sgd_momentum",
    "softmax",
    "softmax_loss",
    "standardize",
    "svm_loss",
    "train_softmax",
    *layers.__all__,
]
