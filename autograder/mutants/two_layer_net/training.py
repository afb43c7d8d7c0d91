"""`train`: other correct solutions, and mistakes in its steps, batches and records."""

import math

import numpy as np

from autograder.mutants.two_layer_net.right_net import small_net
from autograder.mutants.two_layer_net.training_loop import cut_up, plain_step, read, run, share_right
from autograder.testing import alternative, mutant

small_net("train")


@alternative("train", "in parts, accuracy from the scores")
def in_parts(*args, **options):
    return run(*read(*args, **options))


@alternative("train", "shuffled copies, updates in place, arrays in the history")
def shuffled_copies(net, X, y, X_val, y_val, learning_rate, num_epochs, batch_size, rng, stop_factor=3.0):
    losses, train_acc, val_acc, stopped, step = [], [], [], False, 0
    per_epoch = math.ceil(len(X) / batch_size)
    while step < num_epochs * per_epoch and not stopped:
        if step % per_epoch == 0:
            order = np.arange(len(X))
            rng.shuffle(order)
            X_mixed, y_mixed = X[order], y[order]
        begin = (step % per_epoch) * batch_size
        loss, grads = net.loss(X_mixed[begin : begin + batch_size], y_mixed[begin : begin + batch_size])
        losses.append(loss)
        if np.isnan(loss) or np.isinf(loss) or loss > stop_factor * losses[0]:
            stopped = True
            break
        for name in ("W1", "b1", "W2", "b2"):
            net.params[name] -= learning_rate * grads[name]
        step += 1
        if step % per_epoch == 0:
            train_acc.append((net.predict(X) == y).mean())
            val_acc.append((net.predict(X_val) == y_val).mean())
    return {
        "loss": np.array(losses),
        "train_accuracy": np.array(train_acc),
        "val_accuracy": np.array(val_acc),
        "stopped": stopped,
    }


# Steps -------------------------------------------------------------------------------------------------------------------


def _only(names):
    def step(net, grads, rate, epoch):
        for name in names:
            net.params[name] = net.params[name] - rate * grads[name]

    return step


@mutant("train", "b1 is never updated.")
def b1_never_updated(*args, **options):
    return run(*read(*args, **options), step=_only(("W1", "W2", "b2")))


@mutant("train", "b2 is never updated.")
def b2_never_updated(*args, **options):
    return run(*read(*args, **options), step=_only(("W1", "b1", "W2")))


@mutant("train", "Only the weights are updated; the biases learn as well.")
def biases_never_updated(*args, **options):
    return run(*read(*args, **options), step=_only(("W1", "W2")))


@mutant("train", "Only the second layer is updated.")
def first_layer_never_updated(*args, **options):
    return run(*read(*args, **options), step=_only(("W2", "b2")))


@mutant("train", "The parameters do not change: the step is computed but not written into net.params.")
def step_is_lost(*args, **options):
    return run(*read(*args, **options), step=_only(()))


@mutant("train", "The steps go along the gradient, uphill: subtract.")
def uphill(*args, **options):
    return run(*read(*args, **options), step=lambda net, grads, rate, epoch: plain_step(net, grads, -rate, epoch))


@mutant("train", "The learning rate is left out of the step.")
def without_the_rate(*args, **options):
    return run(*read(*args, **options), step=lambda net, grads, rate, epoch: plain_step(net, grads, 1.0, epoch))


@mutant("train", "The step is divided by the batch size: the gradient is a mean already.")
def divided_by_the_batch(*args, **options):
    size = args[7]
    return run(*read(*args, **options), step=lambda net, grads, rate, epoch: plain_step(net, grads, rate / size, epoch))


@mutant("train", "The learning rate falls from epoch to epoch; here it stays as it is.")
def falling_rate(*args, **options):
    return run(
        *read(*args, **options), step=lambda net, grads, rate, epoch: plain_step(net, grads, rate * 0.95**epoch, epoch)
    )


@mutant(
    "train", "The penalty's gradient is added in the step once more; net.loss has put it into the gradients already."
)
def penalty_in_the_step(*args, **options):
    def step(net, grads, rate, epoch):
        for name in grads:
            net.params[name] = net.params[name] - rate * (grads[name] + net.reg * net.params[name])

    return run(*read(*args, **options), step=step)


@mutant("train", "The net ends with the params of its best epoch; here it keeps those of its last step.")
def keeps_the_best(net, X, y, X_val, y_val, *rest, **options):
    shares, kept = [], []

    def share(net, X_judged, y_judged):
        shares.append(share_right(net, X_judged, y_judged))
        if len(shares) % 2 == 0 and shares[-1] >= max(shares[1::2]):  # the validation rows come second
            kept[:] = [{name: value.copy() for name, value in net.params.items()}]
        return shares[-1]

    history = run(*read(net, X, y, X_val, y_val, *rest, **options), share=share)
    for name, value in (kept[0] if kept and not history["stopped"] else {}).items():
        net.params[name] = value
    return history


# Batches -----------------------------------------------------------------------------------------------------------------


@mutant("train", "The batch is drawn once, and every step of the run sees the same few rows.")
def one_batch_for_ever(*args, **options):
    drawn = []

    def cut(order, batch_size):
        drawn.append(order[:batch_size])
        return [drawn[0]] * len(cut_up(order, batch_size))

    return run(*read(*args, **options), cut=cut)


@mutant("train", "The order of the rows is drawn once; draw a new one at the beginning of every epoch.")
def one_order_for_ever(*args, **options):
    drawn = []

    def order(rng, X, epoch):
        if not drawn:
            drawn.append(rng.permutation(len(X)))
        return drawn[0]

    return run(*read(*args, **options), order=order)


@mutant("train", "The rows come in the order they stand in; draw a new order in every epoch.")
def never_shuffled(*args, **options):
    return run(*read(*args, **options), order=lambda rng, X, epoch: np.arange(len(X)))


@mutant("train", "The order does not come from rng: draw with the generator passed in.")
def order_from_elsewhere(*args, **options):
    own = np.random.default_rng(0)
    return run(*read(*args, **options), order=lambda rng, X, epoch: own.permutation(len(X)))


@mutant("train", "Batches are drawn with replacement; in an epoch every row should come exactly once.")
def with_replacement(*args, **options):
    return run(*read(*args, **options), order=lambda rng, X, epoch: rng.integers(0, len(X), size=len(X)))


@mutant("train", "The rows that do not fill a whole batch are left out: the last batch of an epoch may be smaller.")
def last_batch_dropped(*args, **options):
    def cut(order, batch_size):
        whole = cut_up(order, batch_size)
        return whole if len(whole) == 1 or len(whole[-1]) == batch_size else whole[:-1]

    return run(*read(*args, **options), cut=cut)


@mutant("train", "Each epoch makes a single step; it should go through all rows, a batch at a time.")
def one_step_an_epoch(*args, **options):
    return run(*read(*args, **options), cut=lambda order, batch_size: [order[:batch_size]])


@mutant("train", "Every step sees all rows: cut the order into batches of batch_size.")
def whole_set_each_step(*args, **options):
    return run(*read(*args, **options), cut=lambda order, batch_size: [order])


@mutant("train", "Rows and labels are shuffled apart: one order must serve both.")
def labels_apart(net, X, y, X_val, y_val, learning_rate, num_epochs, batch_size, rng, stop_factor=3.0):
    mixed = y[rng.permutation(len(y))]
    return run((net, X, mixed, X_val, y_val, learning_rate, num_epochs, batch_size, rng), stop_factor)


# Records -----------------------------------------------------------------------------------------------------------------


@mutant("train", "history['loss'] has one entry an epoch; it should have one a step.")
def one_loss_an_epoch(*args, **options):
    history = run(*read(*args, **options))
    count = max(len(history["val_accuracy"]), 1)
    return history | {"loss": history["loss"][len(history["loss"]) // count - 1 :: len(history["loss"]) // count]}


@mutant("train", "The accuracies are taken before an epoch's steps; take them after.")
def accuracy_before_the_epoch(net, X, y, X_val, y_val, *rest, **options):
    before = share_right(net, X, y), share_right(net, X_val, y_val)
    history = run(*read(net, X, y, X_val, y_val, *rest, **options))
    for key, first in zip(("train_accuracy", "val_accuracy"), before, strict=True):
        history[key] = [first, *history[key]][: len(history[key])]
    return history


@mutant("train", "The training accuracy is measured on the validation rows.")
def train_accuracy_of_validation(*args, **options):
    history = run(*read(*args, **options))
    return history | {"train_accuracy": list(history["val_accuracy"])}


@mutant("train", "The validation accuracy is measured on the training rows.")
def val_accuracy_of_training(*args, **options):
    history = run(*read(*args, **options))
    return history | {"val_accuracy": list(history["train_accuracy"])}


@mutant("train", "history holds numbers of right rows; an accuracy is a share of all rows.")
def counts_for_shares(*args, **options):
    return run(*read(*args, **options), share=lambda net, X, y: share_right(net, X, y) * len(X))


@mutant("train", "history holds shares of wrong rows; an accuracy is the share of right ones.")
def errors_for_accuracies(*args, **options):
    return run(*read(*args, **options), share=lambda net, X, y: 1 - share_right(net, X, y))


@mutant("train", "The training accuracy is measured on the last batch only; measure it on all training rows.")
def accuracy_of_the_last_batch(net, X, y, X_val, y_val, *rest, **options):
    seen = []

    def order(rng, X, epoch):
        seen.append(rng.permutation(len(X)))
        return seen[-1]

    def share(net, A, b):
        last = cut_up(seen[-1], rest[2])[-1]
        return share_right(net, A[last], b[last]) if A is X else share_right(net, A, b)

    return run(*read(net, X, y, X_val, y_val, *rest, **options), order=order, share=share)
