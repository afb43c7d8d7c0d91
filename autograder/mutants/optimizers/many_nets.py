"""Mistakes in averaging weights and in ensembles."""

import copy

import numpy as np

from autograder.testing import alternative, mutant


@alternative("average_weights", "stacked arrays")
def stacked(list_of_params):
    return {name: np.stack([params[name] for params in list_of_params]).mean(axis=0) for name in list_of_params[0]}


@alternative("average_weights", "a running mean, in float64")
def running_mean(list_of_params):
    mean = {name: np.array(value, dtype=np.float64) for name, value in list_of_params[0].items()}
    for count, params in enumerate(list_of_params[1:], start=2):
        for name in mean:
            mean[name] += (params[name] - mean[name]) / count
    return mean


def _sum(list_of_params):
    return {name: sum(params[name] for params in list_of_params) for name in list_of_params[0]}


@mutant("average_weights", "The weights are added up, but not divided by their number.")
def not_divided(list_of_params):
    return _sum(list_of_params)


@mutant("average_weights", "The first set of parameters is changed: it is used as the place to add the others up.")
def first_one_changed(list_of_params):
    total = list_of_params[0]
    for params in list_of_params[1:]:
        for name in total:
            total[name] += params[name]
    for name in total:
        total[name] /= len(list_of_params)
    return total


@mutant("average_weights", "One set is left out of the sum, but counted.")
def one_left_out(list_of_params):
    rest = list_of_params[1:] or list_of_params
    return {name: value / len(list_of_params) for name, value in _sum(rest).items()}


@mutant("average_weights", "The mean is taken over the entries of each array, not over the nets.")
def mean_of_entries(list_of_params):
    return {name: np.mean([np.mean(params[name]) for params in list_of_params]) for name in list_of_params[0]}


@mutant(
    "average_weights",
    "Each new set is averaged with the mean so far, so that the last counts as much as all before it.",
)
def halved_each_time(list_of_params):
    mean = copy.deepcopy(list_of_params[0])
    for params in list_of_params[1:]:
        mean = {name: (mean[name] + params[name]) / 2 for name in mean}
    return mean


@mutant(
    "average_weights", "Only weights whose names start with W are averaged: biases and gains belong to the net as well."
)
def weights_only(list_of_params):
    first, mean = list_of_params[0], stacked(list_of_params)
    return {name: mean[name] if name.startswith("W") else first[name] for name in first}


@mutant("average_weights", "This is the last set, not the mean of all.")
def last_one(list_of_params):
    return copy.deepcopy(list_of_params[-1])


@mutant("average_weights", "The division uses the number of parameters in a set, not the number of sets.")
def divided_by_the_parameters(list_of_params):
    return {name: value / len(list_of_params[0]) for name, value in _sum(list_of_params).items()}


# Ensembles ---------------------------------------------------------------------------------------------------------------


@alternative("ensemble_predict", "sums, row by row")
def row_by_row(prob_list):
    totals = sum(np.asarray(probs, dtype=np.float64) for probs in prob_list)
    return np.array([int(np.argmax(row)) for row in totals])


@alternative("ensemble_predict", "mean of a stacked array, sorted")
def sorted_means(prob_list):
    mean = np.average(np.stack(prob_list, axis=-1), axis=-1)
    return np.argsort(-mean, axis=1, kind="stable")[:, 0]


@mutant(
    "ensemble_predict",
    "Each model's class is counted as one vote: a model that is sure should weigh more than one in doubt.",
)
def one_vote_each(prob_list):
    classes = np.shape(prob_list[0])[1]
    votes = sum(np.eye(classes)[np.argmax(probs, axis=1)] for probs in prob_list)
    return np.argmax(votes, axis=1)


@mutant("ensemble_predict", "The probabilities are multiplied: one model's zero rules a class out. Take their mean.")
def product(prob_list):
    return np.argmax(np.prod(np.stack(prob_list), axis=0), axis=1)


@mutant("ensemble_predict", "The surest model decides alone: the mean over the models is asked for.")
def surest_model(prob_list):
    return np.argmax(np.max(np.stack(prob_list), axis=0), axis=1)


@mutant("ensemble_predict", "Only the first model is asked.")
def first_model(prob_list):
    return np.argmax(prob_list[0], axis=1)


@mutant("ensemble_predict", "Only the last model is asked.")
def last_model(prob_list):
    return np.argmax(prob_list[-1], axis=1)


@mutant("ensemble_predict", "The largest entry is looked for down the columns: an example is a row.")
def down_the_columns(prob_list):
    return np.argmax(np.mean(np.stack(prob_list), axis=0), axis=0)


@mutant("ensemble_predict", "The mean probabilities are returned where labels belong.")
def probabilities_returned(prob_list):
    return np.mean(np.stack(prob_list), axis=0)


@mutant("ensemble_predict", "The labels are averaged: a mean of class numbers is no class.")
def mean_label(prob_list):
    return np.round(np.mean([np.argmax(probs, axis=1) for probs in prob_list], axis=0)).astype(int)


@mutant("ensemble_predict", "The first model's probabilities are changed: the others are added into its array.")
def first_array_changed(prob_list):
    total = prob_list[0]
    for probs in prob_list[1:]:
        total += probs
    return np.argmax(total, axis=1)


@mutant("ensemble_predict", "The labels are numbers with a fraction: a label is an integer.")
def labels_as_floats(prob_list):
    return row_by_row(prob_list).astype(float)
