"""Checkpoints of a Solver: going on gives what an undisturbed training gives, bit for bit."""

import json
import signal

import numpy as np
import pytest

from course_utils import nn
from course_utils.nn import checkpoints
from course_utils.nn.update_rules import RULES

draws = np.random.default_rng(6)
Y, Y_VAL = draws.integers(0, 3, 70), draws.integers(0, 3, 40)
X, X_VAL = (2 * np.eye(3)[y] + draws.normal(size=(len(y), 3)) for y in (Y, Y_VAL))


def shift(X, y, rng):
    return X + 0.1 * rng.normal(size=X.shape), y


def made(
    path=None,
    generator=np.random.PCG64,
    shared=False,
    augment=shift,
    sizes=(3, 6, 3),
    rows=slice(None),
    val_rows=slice(None),
    **options,
):
    """A solver with everything that draws or remembers: dropout, batch normalisation, augmentation, momentum."""
    rng = np.random.Generator(generator(1))
    net_rng = rng if shared else np.random.Generator(generator(2))
    net = nn.FullyConnectedNet(sizes, dropout=0.7, normalization="batchnorm", rng=net_rng)
    options = {"update_rule": "adam", "schedule": ("cosine", {}), "num_epochs": 6, "batch_size": 16, **options}
    options |= {"rng": rng, "augment": augment, "checkpoint": path, "progress": False}
    return nn.Solver(net, X[rows], Y[rows], X_VAL[val_rows], Y_VAL[val_rows], **options)


def interrupted(path, after, **options):
    """A training stopped in the middle of the epoch after so many."""
    calls = []

    def press(X, y, rng):
        calls.append(1)
        if len(calls) > after * 5 + 2:
            raise KeyboardInterrupt
        return shift(X, y, rng)

    history = made(path, augment=press, **options).train()
    assert history.stopped.startswith("interrupted") and history.epochs == after


def same(solver, other):
    """Parameters, statistics and history of two trainings are equal to the last bit."""
    assert dict(solver.history) == dict(other.history) and solver.history.best_epoch == other.history.best_epoch
    assert solver.history.stopped == other.history.stopped
    for name, w in solver.net.params.items():
        assert w.dtype == other.net.params[name].dtype and np.array_equal(w, other.net.params[name])
    for mine, theirs in zip(solver.net.bn_params, other.net.bn_params, strict=True):
        assert all(np.array_equal(mine[key], theirs[key]) for key in ("running_mean", "running_var"))


@pytest.mark.parametrize(
    "options",
    [
        *({"update_rule": rule} for rule in RULES),
        {"generator": np.random.MT19937},
        {"generator": np.random.SFC64},
        {"shared": True},
        {"keep_best": False},
        {"schedule": None, "optim_config": {"learning_rate": np.float64(0.02), "beta1": 0.8}},
    ],
    ids=str,
)
def test_an_interrupted_training_goes_on_as_if_nothing_had_been(options, tmp_path):
    undisturbed = made(**options)
    undisturbed.train()
    interrupted(tmp_path / "run.npz", after=3, **options)
    resumed = made(tmp_path / "run.npz", **options)
    assert resumed.resume() is resumed.history
    same(resumed, undisturbed)


def test_a_training_may_be_resumed_twice_and_once_it_is_complete(tmp_path):
    path = tmp_path / "run.npz"
    interrupted(path, after=1)
    kept = path.read_bytes()
    again = made()
    again.resume(path)
    assert path.read_bytes() == kept
    undisturbed = made(path)
    undisturbed.train()
    same(again, undisturbed)
    with np.load(path) as file:
        seconds = json.loads(file["state"].tobytes())["seconds"]
    complete = made()
    assert complete.resume(path).seconds >= seconds > 0
    same(complete, undisturbed)


def test_a_longer_training_goes_on_from_a_shorter_one(tmp_path):
    made(tmp_path / "run.npz", schedule=None, num_epochs=2).train()
    longer, undisturbed = made(schedule=None), made(schedule=None)
    longer.resume(tmp_path / "run.npz")
    undisturbed.train()
    same(longer, undisturbed)


def test_patience_ends_a_resumed_training_too(tmp_path):
    options = {"schedule": None, "optim_config": {"learning_rate": 0.1}, "num_epochs": 60, "patience": 3}
    first = made(tmp_path / "run.npz", **options)
    assert first.train().stopped.startswith("validation accuracy has not risen")
    second = made(**options)
    second.resume(tmp_path / "run.npz")
    same(second, first)


def test_nothing_but_the_checkpoint_is_left_and_folders_are_made(tmp_path):
    made(tmp_path / "runs" / "one" / "run.npz", num_epochs=1).train()
    assert [path.name for path in (tmp_path / "runs" / "one").iterdir()] == ["run.npz"]


def test_a_failed_write_leaves_the_checkpoint_before_it(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    made(path, num_epochs=1).train()
    kept = path.read_bytes()

    def half(file, **arrays):
        file.write(b"half a file")
        raise OSError("disk full")

    monkeypatch.setattr(checkpoints.np, "savez", half)
    with pytest.raises(OSError, match="disk full"):
        made(path, num_epochs=1).train()
    assert path.read_bytes() == kept and len(list(tmp_path.iterdir())) == 1


@pytest.mark.usefixtures("ctrl_c_is_heard")
def test_ctrl_c_in_the_middle_of_writing_waits_until_the_checkpoint_is_whole(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    write_array = np.lib.format.write_array

    def press(file, *arguments, **options):
        signal.raise_signal(signal.SIGINT)
        write_array(file, *arguments, **options)

    monkeypatch.setattr(np.lib.format, "write_array", press)
    history = made(path).train()
    assert history.stopped.startswith("interrupted from the keyboard in epoch 2") and history.epochs == 1
    monkeypatch.undo()
    resumed, undisturbed = made(), made()
    resumed.resume(path)
    undisturbed.train()
    same(resumed, undisturbed)


def test_who_is_reading_the_old_checkpoint_can_read_on(tmp_path):
    path = tmp_path / "run.npz"
    made(path, num_epochs=1).train()
    kept = path.read_bytes()
    with path.open("rb") as reader:
        made(path, num_epochs=2).train()
        assert reader.read() == kept != path.read_bytes()


def test_a_resumed_training_keeps_its_last_parameters_when_asked(tmp_path):
    interrupted(tmp_path / "run.npz", after=3)
    last, best = made(keep_best=False), made()
    last.resume(tmp_path / "run.npz")
    best.resume(tmp_path / "run.npz")
    assert dict(last.history) == dict(best.history)
    assert last.net.accuracy(X_VAL, Y_VAL) == last.history["val_accuracy"][-1]
    assert best.net.accuracy(X_VAL, Y_VAL) == max(last.history["val_accuracy"])


def test_a_diverged_epoch_is_not_kept(tmp_path):
    solver = made(tmp_path / "run.npz", schedule=lambda t, total: 1e-3 if t < 10 else 1e30, update_rule="sgd")
    assert solver.train().stopped.startswith("diverging")
    with np.load(tmp_path / "run.npz") as file:
        assert all(np.isfinite(file[name]).all() for name in file.files if name != "state")
        assert len([name for name in file.files if name.startswith("net/params/")]) == 6


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sizes": (3, 7, 3)}, "parameters: .*there, .* here"),
        ({"batch_size": 8}, "batch size: 16 there, 8 here"),
        ({"update_rule": "rmsprop"}, "update rule: adam there, rmsprop here"),
        ({"optim_config": {"beta1": 0.8}}, "optim_config"),
        ({"generator": np.random.SFC64}, "generator: PCG64 there, SFC64 here"),
        ({"rows": slice(60)}, "training examples: 70 there, 60 here"),
        ({"val_rows": slice(30)}, "validation examples: 40 there, 30 here"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(options, said, tmp_path):
    made(tmp_path / "run.npz", num_epochs=1).train()
    with pytest.raises(ValueError, match=f"a checkpoint of another training; {said}"):
        made(**options).resume(tmp_path / "run.npz")


def truncated(path):
    made(path, num_epochs=1).train()
    path.write_bytes(path.read_bytes()[:-200])


def changed(path):
    made(path, num_epochs=1).train()
    path.write_bytes(path.read_bytes().replace(b'"best_epoch": 1', b'"best_epoch": 3'))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_text("not this"),
        lambda path: path.write_bytes(b""),
        lambda path: np.savez(path, W1=np.ones(3)),
        lambda path: np.savez(path, state=np.ones(3)),
        lambda path: path.write_bytes(b"\x93NUMPY\x01\x00"),
        truncated,
        changed,
    ],
)
def test_a_file_that_is_no_checkpoint_is_refused(write, tmp_path):
    write(tmp_path / "run.npz")
    with pytest.raises(ValueError, match=r"run\.npz: this is not a checkpoint of a Solver, or a damaged one"):
        made().resume(tmp_path / "run.npz")


def test_a_folder_is_refused_before_the_first_epoch(tmp_path):
    with pytest.raises(ValueError, match=r"a folder; wanted a file, such as .*training\.npz"):
        made(tmp_path)


def test_resuming_needs_a_file_and_a_new_solver(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz"):
        made().resume(tmp_path / "nowhere.npz")
    with pytest.raises(ValueError, match="needs the path"):
        made().resume()
    solver = made(tmp_path / "run.npz", num_epochs=1)
    solver.train()
    with pytest.raises(ValueError, match="make a new one"):
        solver.resume()
