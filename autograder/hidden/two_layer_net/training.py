"""Hidden tests of `train`."""

import numpy as np

from autograder.hidden.two_layer_net.nets import NAMES, ScriptedNet, a_generator, numbered, params_of
from autograder.testing import ban, expect, expect_close, expect_shape, hidden

ban("train", "course_utils.nn")

TRAIN_ROWS, VAL_ROWS = np.arange(10), np.arange(1000, 1007)
FALLING = 2.0 - 0.05 * np.arange(20)


def run(
    student, rng, losses=FALLING, rows=TRAIN_ROWS, rate=0.1, epochs=2, batch_size=4, seed=None, worse=False, **options
):
    """Train a scripted net on numbered rows; the scripted net and the history."""
    scripted = ScriptedNet(student, rng, losses, worse)
    generator = a_generator(student, rng) if seed is None else student.generator(seed)
    history = student.train(
        scripted.net, *numbered(rows), *numbered(VAL_ROWS), rate, epochs, batch_size, generator, **options
    )
    expect(isinstance(history, dict), "history is not a dict")
    for key in ("loss", "train_accuracy", "val_accuracy", "stopped"):
        expect(key in history, f"history has no entry {key!r}")
    return scripted, history


def expect_batches(scripted, count):
    expect(len(scripted.batches) == count, "the number of steps is not the number of epochs times the batches in each")


@hidden("train", weight=2)
def every_parameter_takes_every_step(student, rng):
    """after training each of the four arrays has moved by the learning rate times its gradients, all steps together"""
    for worse in (False, True):
        rate = float(rng.uniform(0.05, 0.3))
        scripted, _ = run(student, rng, rate=rate, worse=worse)
        expect_batches(scripted, 6)
        found, expected = params_of(student, scripted.net), scripted.after(6, rate)
        for name in NAMES:
            expect_close(found[name], expected[name], what=f"{name} after training")


@hidden("train")
def each_loss_in_order(student, rng):
    """history holds the loss of each batch, in order"""
    losses = 2.0 + rng.uniform(-0.5, 0.5, size=9)
    scripted, history = run(student, rng, losses, epochs=3)
    expect_batches(scripted, 9)
    expect_close(np.asarray(history["loss"]), losses, what="history['loss']")


@hidden("train", weight=2)
def accuracies_after_each_epoch(student, rng):
    """history holds, after each epoch, the accuracy on all training rows and on all validation rows"""
    scripted, history = run(student, rng, epochs=3)
    for key, rows in (("train_accuracy", TRAIN_ROWS), ("val_accuracy", VAL_ROWS)):
        expected = np.array([scripted.accuracy(rows, steps) for steps in (3, 6, 9)])
        expect_close(np.asarray(history[key]), expected, what=f"history[{key!r}]")


@hidden("train", weight=2)
def each_epoch_sees_every_row_once(student, rng):
    """in each epoch every row comes exactly once, with its label, in batches of the size asked for"""
    for count, batch_size in ((10, 4), (9, 3), (7, 1), (5, 8)):
        per_epoch = -(-count // batch_size)
        scripted, _ = run(student, rng, rows=np.arange(count), batch_size=batch_size)
        expect_batches(scripted, 2 * per_epoch)
        for epoch in range(2):
            batches = scripted.batches[epoch * per_epoch : (epoch + 1) * per_epoch]
            expect(all(np.array_equal(rows % 2, y) for rows, y in batches), "labels do not belong to their rows")
            sizes = [len(rows) for rows, _ in batches]
            expect(
                all(size == min(batch_size, count) for size in sizes[:-1]) and max(sizes) <= batch_size,
                "a batch other than an epoch's last does not have the size asked for",
            )
            seen = sorted(np.concatenate([rows for rows, _ in batches]).tolist())
            expect(seen == list(range(count)), "an epoch leaves a row out, or has a row twice")


@hidden("train", weight=2)
def every_epoch_has_a_new_order(student, rng):
    """the rows come in a new random order in every epoch, drawn by the generator passed in"""
    seed, orders = int(rng.integers(1 << 30)), []
    for own_seed in (seed, seed, seed + 1):
        scripted, _ = run(student, rng, epochs=4, batch_size=3, seed=own_seed)
        expect_batches(scripted, 16)
        rows = np.concatenate([rows for rows, _ in scripted.batches])
        orders.append(rows.reshape(4, -1).tolist())
    one, same, other = orders
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] not in one[:2], "the rows come in the order they stand in: draw a new order")
    expect(len({tuple(order) for order in one}) > 2, "the order is the same in every epoch: draw it anew")
    expect(one == same, "the same generator gave another order: use rng for every draw")
    expect(one != other, "another generator gave the same order: use rng for every draw")


@hidden("train", weight=2)
def a_run_that_explodes_is_stopped(student, rng):
    """a loss above stop_factor times the first one ends the run before another step is made"""
    for losses, factor in (
        ((2.0, 3.5, 5.5, 1.9, 2.5, 6.5), None),
        ((1.0, 1.8, 2.8, 2.9, 3.3), None),
        ((1.0, 3.9, 7.0, 5.0, 11.0), 10.0),
        ((0.5, 2.0), None),
    ):
        options = {} if factor is None else {"stop_factor": factor}
        scripted, history = run(student, rng, np.array([*losses, 1e3]), epochs=3, **options)
        steps = len(losses) - 1
        expect(len(scripted.batches) >= len(losses), "the run was stopped although no loss was too large yet")
        expect(len(scripted.batches) == len(losses), "the run went on after a loss that should have stopped it")
        expect(bool(history["stopped"]), "history['stopped'] is not true although the run was stopped")
        expect_close(np.asarray(history["loss"]), np.array(losses), what="history['loss'] of a stopped run")
        expect_shape(np.asarray(history["val_accuracy"]), (steps // 3,), "history['val_accuracy'] of a stopped run")
        found, expected = params_of(student, scripted.net), scripted.after(steps, 0.1)
        for name in NAMES:
            expect_close(found[name], expected[name], what=f"{name} when the run was stopped")


@hidden("train")
def a_loss_that_is_not_finite_stops_the_run(student, rng):
    """a loss that is NaN or infinite ends the run, whatever stop_factor is"""
    for bad in (np.nan, np.inf):
        scripted, history = run(student, rng, np.array([2.0, 2.5, bad, 1.0]), stop_factor=np.inf)
        expect(len(scripted.batches) == 3, "a loss that is not finite did not stop the run")
        expect(bool(history["stopped"]), "history['stopped'] is not true although the run was stopped")


@hidden("train")
def a_quiet_run_goes_to_its_end(student, rng):
    """a run whose losses rise and fall within bounds is not stopped; X, y and the validation rows are left alone"""
    scripted, history = run(student, rng, np.array([1.0, 2.7, 0.1, 2.5, 0.9, 2.8]))
    expect_batches(scripted, 6)
    expect(not bool(history["stopped"]), "history['stopped'] is not false although no loss was too large")
    scripted = ScriptedNet(student, rng, FALLING)
    arrays = (*numbered(TRAIN_ROWS), *numbered(VAL_ROWS))
    kept = [student.keep(array) for array in arrays]
    student.train(scripted.net, *kept, 0.1, 2, 4, a_generator(student, rng))
    for name, array, held in zip(("X", "y", "X_val", "y_val"), arrays, kept, strict=True):
        expect(np.array_equal(student.value(held), array), f"{name} was changed")


def groups(rng, n=90):
    """Points in three groups, two of which lie on both sides of the third: no flat wall tells them apart."""
    y = np.arange(n) % 3
    side = rng.choice([-1.0, 1.0], size=n)
    centres = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])[y] * 2.5 * side[:, np.newaxis]
    return centres + 0.4 * rng.normal(size=(n, 2)), y


# The solution's worst accuracy on X_val over 2,000 seeds is .966; asked for is .75.
@hidden("train", weight=2, trains=True)
def trains_a_classifier(student, rng):
    """your train and your TwoLayerNet together learn groups that no linear classifier can tell apart"""
    (X, y), (X_val, y_val) = groups(rng), groups(rng)
    net = student.TwoLayerNet(2, 24, 3, 0.5, 1e-3, a_generator(student, rng))
    # A first batch that happens to be easy makes an ordinary later loss look large (1 of 300 seeds): no run is stopped.
    history = student.train(net, X, y, X_val, y_val, 0.5, 25, 15, a_generator(student, rng), stop_factor=np.inf)
    expect_shape(np.asarray(history["val_accuracy"]), (25,), "history['val_accuracy']")
    right = np.mean(np.asarray(net.predict(X_val)) == y_val)
    expect(right > 0.75, "after training too many points of well separated groups are put into the wrong one")
    expect_close(history["val_accuracy"][-1], right, what="the last entry of history['val_accuracy']")
