"""Averages over several nets, entry by entry."""

import math

import numpy as np


def mean_weights(list_of_params):
    """Every parameter's mean over the list: name → float64 array."""
    means = {}
    for name, first in list_of_params[0].items():
        means[name] = np.empty(np.shape(first))
        for index in np.ndindex(np.shape(first)):
            entries = [float(params[name][index]) for params in list_of_params]
            means[name][index] = math.fsum(entries) / len(entries)
    return means


def ensemble_labels(prob_list):
    """The class with the largest summed probability, row by row."""
    labels = []
    for rows in zip(*(np.asarray(probs, dtype=float).tolist() for probs in prob_list), strict=True):
        totals = [math.fsum(column) for column in zip(*rows, strict=True)]
        labels.append(totals.index(max(totals)))
    return np.array(labels)
