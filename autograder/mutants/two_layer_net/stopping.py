"""`train`: mistakes in stopping a run that explodes."""

import math

from autograder.mutants.two_layer_net.training_loop import explodes, plain_step, read, run, share_right
from autograder.testing import mutant


@mutant("train", "A run that explodes goes on to its end: stop as soon as a loss is above stop_factor times the first.")
def never_stops(*args, **options):
    return run(*read(*args, **options), too_large=lambda losses, factor: False)


@mutant("train", "The run stops when a loss is NaN or infinite only; one above stop_factor times the first is enough.")
def stops_at_nan_only(*args, **options):
    return run(*read(*args, **options), too_large=lambda losses, factor: not math.isfinite(losses[-1]))


@mutant(
    "train",
    "A loss that is NaN does not stop the run: every comparison with NaN is false, so ask whether the loss is finite.",
)
def nan_does_not_stop(*args, **options):
    return run(*read(*args, **options), too_large=lambda losses, factor: losses[-1] > factor * losses[0])


@mutant("train", "A loss is compared with the loss before it; compare with the first of the run.")
def compared_with_the_last(*args, **options):
    def too_large(losses, factor):
        return not math.isfinite(losses[-1]) or losses[-1] > factor * losses[max(len(losses) - 2, 0)]

    return run(*read(*args, **options), too_large=too_large)


@mutant("train", "A loss is compared with the lowest so far; compare with the first of the run.")
def compared_with_the_lowest(*args, **options):
    return run(*read(*args, **options), too_large=lambda losses, factor: explodes([min(losses), losses[-1]], factor))


@mutant("train", "The run stops above a fixed loss of 3; the limit is stop_factor times the first loss.")
def fixed_limit(*args, **options):
    return run(
        *read(*args, **options),
        too_large=lambda losses, factor: not math.isfinite(losses[-1]) or losses[-1] > factor,
    )


@mutant("train", "stop_factor is ignored: the limit is always three times the first loss.")
def factor_ignored(*args, **options):
    return run(*read(*args, **options), too_large=lambda losses, factor: explodes(losses, 3.0))


@mutant("train", "The run stops as soon as the loss rises at all; batches are noisy, so the limit is stop_factor.")
def stops_at_any_rise(*args, **options):
    return run(*read(*args, **options), too_large=lambda losses, factor: explodes(losses, 1.0))


@mutant("train", "The run stops, but history['stopped'] does not say so.")
def stop_not_recorded(*args, **options):
    return run(*read(*args, **options)) | {"stopped": False}


@mutant("train", "A step is made from the loss that stops the run; stop before it.")
def steps_before_stopping(*args, **options):
    net, _, _, _, _, rate, *_ = args
    kept = []

    class Listening:
        params = net.params

        def loss(self, X, y=None):
            answer = net.loss(X, y)
            kept.append(answer)
            return answer

    history = run(*read(Listening(), *args[1:], **options))
    if history["stopped"]:
        plain_step(net, kept[-1][1], rate, 0)
    return history


@mutant("train", "The loss that stops the run is not in history: record it first.")
def stopping_loss_not_recorded(*args, **options):
    history = run(*read(*args, **options))
    return history | {"loss": history["loss"][:-1]} if history["stopped"] else history


@mutant("train", "Accuracies are recorded for an epoch that was cut short; leave them out.")
def accuracies_of_a_cut_epoch(net, X, y, X_val, y_val, *rest, **options):
    history = run(*read(net, X, y, X_val, y_val, *rest, **options))
    if history["stopped"]:
        history["train_accuracy"].append(share_right(net, X, y))
        history["val_accuracy"].append(share_right(net, X_val, y_val))
    return history
