"""Training a net with mini-batches."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_utils.nn import checkpoints
from course_utils.nn.evaluation import evaluate
from course_utils.nn.history import History
from course_utils.nn.progress import Progress
from course_utils.nn.schedules import learning_rate
from course_utils.nn.settings import (
    check_batch,
    check_checkpoint,
    check_counts,
    check_gradients,
    check_net,
    check_rate,
    check_rows,
    check_rule,
    epochs_to_train,
    starting_config,
)
from course_utils.nn.snapshots import Snapshot
from course_utils.nn.update_rules import Rule

Array = NDArray[Any]
Schedule = Callable[[int, int], float] | tuple[str, dict[str, Any]]
Augment = Callable[[Array, Array, np.random.Generator], tuple[Array, Array]]
RECENT = 10  # batches whose mean loss is compared with the start: one hard batch is not divergence
EVALUATED = 1000  # training rows looked at after each epoch


class Solver:
    """Trains any net that has `params` (a dict of arrays), `loss(X, y)` → (loss, grads), and `predict(X)`.

    Each epoch visits every row once in an order drawn from `rng`, `batch_size` rows at a time; the last batch may be
    smaller. Settings:

    - X, y: (N, ...) inputs and (N,) integer labels or (N, C) target probabilities; X_val, y_val likewise.
    - update_rule: a name from `nn.update_rules` or a function (w, dw, config) → (next_w, config); optim_config: what
      its config starts with. A `weight_decay` in there is used for parameters whose names start with W, 0 for others.
    - schedule: None, a function (t, total) → learning rate, or (name, options) of `nn.learning_rate`.
    - augment: None or a function (X_batch, y_batch, rng) → (X_batch, y_batch), called for each batch.
    - keep_best: at the end the net has the parameters (and running statistics) of the epoch with the best validation
      accuracy; without validation data, or with keep_best=False, those of the last step.
    - patience: stop after so many epochs without a better validation accuracy; None: never.
    - stop_factor: stop when the mean loss of the last 10 batches is above stop_factor times the first loss (or
      times log C, where that is more), or the loss is not finite; None: only for the latter.
    - checkpoint: a file that is written anew after each epoch, from which `resume` goes on.
    - progress: show a progress bar, and say at the end why a training stopped early.

    In the short mode (`course_utils.short_mode`) it trains for fewer epochs than asked; `num_epochs` says how many.

    rng: a Generator or a seed (by default 0). Ctrl-C (Kernel → Interrupt) ends a training in an orderly way: history
    and best parameters are kept, and `history.stopped` says so. Raises ValueError for settings that do not fit.
    """

    def __init__(
        self,
        net: Any,
        X: ArrayLike,
        y: ArrayLike,
        X_val: ArrayLike | None = None,
        y_val: ArrayLike | None = None,
        update_rule: str | Rule = "sgd_momentum",
        optim_config: dict[str, Any] | None = None,
        schedule: Schedule | None = None,
        num_epochs: int = 10,
        batch_size: int = 100,
        rng: np.random.Generator | int | None = None,
        augment: Augment | None = None,
        keep_best: bool = True,
        patience: int | None = None,
        stop_factor: float | None = 3.0,
        checkpoint: str | Path | None = None,
        progress: bool = True,
    ) -> None:
        check_net(net)
        check_counts(num_epochs, batch_size, patience, stop_factor)
        self.net, self.X, self.y = net, np.asarray(X), np.asarray(y)
        num_classes = check_rows(net, self.X, self.y, "X", "y")
        self.validation: tuple[Array, Array] | None = None
        if X_val is not None and y_val is not None:
            self.validation = np.asarray(X_val), np.asarray(y_val)
            check_rows(net, *self.validation, "X_val", "y_val")
        elif X_val is not None or y_val is not None:
            raise ValueError("Solver: X_val and y_val belong together; one of them is missing")
        elif patience is not None:
            raise ValueError("Solver: patience needs X_val and y_val, to see when validation accuracy stops rising")
        self.rule = check_rule(update_rule)
        self.optim_config = starting_config(self.rule, optim_config)
        self.rate = _rate(schedule, float(self.optim_config["learning_rate"]))
        self.batch_size = min(int(batch_size), len(self.X))
        self.rng = np.random.default_rng(0 if rng is None else rng)
        self.augment, self.keep_best, self.patience = augment, keep_best, patience
        self.stop_factor, self.chance_loss = stop_factor, math.log(max(num_classes, 2))
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        check_checkpoint(self.checkpoint)
        self.progress = progress
        self.configs = {name: self._config_of(name) for name in net.params}
        self.history = History()
        self.history.iterations_per_epoch = math.ceil(len(self.X) / self.batch_size)
        self.num_epochs = epochs_to_train(int(num_epochs), self.history.iterations_per_epoch)
        self.best: Snapshot | None = None
        self._begun = False

    def train(self) -> History:
        """Train for `num_epochs`, or until something stops it. Once only: a second training needs a new Solver."""
        if self._begun:
            raise ValueError(
                "Solver: this solver has trained already. A new Solver for the same net goes on from its parameters; "
                "resume(checkpoint) goes on with everything as it was"
            )
        return self._run()

    def resume(self, path: str | Path | None = None) -> History:
        """Go on from a checkpoint (by default this solver's own) up to `num_epochs`; the same result as undisturbed.

        The solver must have been made as the one that wrote it, with a net of the same shapes; only num_epochs may be
        larger. Raises ValueError when the file is no checkpoint or one of another training, FileNotFoundError when it
        is not there.
        """
        path = self.checkpoint if path is None else Path(path)
        if path is None:
            raise ValueError("Solver: resume needs the path of a checkpoint")
        if self._begun:
            raise ValueError("Solver: this solver has trained already; make a new one to resume a checkpoint")
        checkpoints.load(self, path)
        return self._run()

    def _run(self) -> History:
        self._begun = True
        started, before = time.perf_counter(), self.history.seconds
        bar = Progress(self._total, len(self.history["loss"]), self.progress)
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # what diverges is reported in words
                while self.history.epochs < self.num_epochs and not self._out_of_patience():
                    self._epoch(bar)
                    if self.history.stopped:
                        break
                    self.history.seconds = before + time.perf_counter() - started
                    if self.checkpoint is not None:
                        checkpoints.save(self, self.checkpoint)
        except KeyboardInterrupt:
            epoch, iteration = self.history.epochs + 1, len(self.history["loss"])
            self.history.stopped = f"interrupted from the keyboard in epoch {epoch}, after {iteration} iterations"
        finally:
            bar.close(self.history.stopped)
        self.history.seconds = before + time.perf_counter() - started
        if self.keep_best and self.best is not None:
            self.best.restore(self.net)
        return self.history

    @property
    def _total(self) -> int:
        return self.num_epochs * self.history.iterations_per_epoch

    def _epoch(self, bar: Progress) -> None:
        """All batches, then the accuracies; it ends at once where the loss diverges."""
        order = self.rng.permutation(len(self.X))
        for start in range(0, len(order), self.batch_size):
            self._step(order[start : start + self.batch_size])
            if self.history.stopped:
                return
            bar.step()
        self._look_at_results()
        bar.say(self._summary())

    def _step(self, rows: Array) -> None:
        """The loss and the gradients of a batch, and a step of the update rule for every parameter."""
        X, y = self.X[rows], self.y[rows]
        if self.augment is not None:
            X, y = check_batch(self.augment(X, y, self.rng))
        loss, grads = self.net.loss(X, y)
        t = len(self.history["loss"])
        rate = check_rate(self.rate(t, self._total), t, self._total)
        self.history["loss"].append(float(loss))
        self.history["learning_rate"].append(rate)
        self.history.stopped = self._divergence()
        if self.history.stopped:
            return  # the parameters stay as they were before the loss was seen
        check_gradients(self.net.params, grads)
        updated = {}
        for name, w in self.net.params.items():
            self.configs[name]["learning_rate"] = rate
            next_w, self.configs[name] = self.rule(w, grads[name], self.configs[name])
            updated[name] = np.asarray(next_w, w.dtype)
        self.net.params.update(updated)

    def _look_at_results(self) -> None:
        history = self.history
        sample = np.linspace(0, len(self.X) - 1, min(len(self.X), EVALUATED)).astype(int)
        train_accuracy, _ = evaluate(self.net, self.X[sample], self.y[sample])
        if self.validation is not None:
            accuracy, loss = evaluate(self.net, *self.validation)
            if accuracy > max(history["val_accuracy"], default=-1.0):
                best = Snapshot.of(self.net) if self.keep_best else None
                history.best_epoch, self.best = history.epochs + 1, best
            history["val_accuracy"].append(accuracy)
            if loss is not None:
                history["val_loss"].append(loss)
        history["train_accuracy"].append(train_accuracy)

    def _out_of_patience(self) -> bool:
        best, epochs = self.history.best_epoch, self.history.epochs
        if self.patience is None or best is None or epochs - best < self.patience:
            return False
        self.history.stopped = f"validation accuracy has not risen for {self.patience} epochs (best: epoch {best})"
        return True

    def _divergence(self) -> str:
        """What to say when the loss has run away, else ""."""
        losses = self.history["loss"]
        where = f"in iteration {len(losses)}"
        advice = "Try a learning rate ten times smaller, or smaller initial weights."
        if not math.isfinite(losses[-1]):
            if len(losses) == 1:
                return "the first loss is not finite: look for NaN in X, for huge inputs and for huge initial weights"
            return f"diverging: the loss is {losses[-1]} {where}. {advice}"
        recent = losses[-RECENT:]
        mean, start = sum(recent) / len(recent), max(losses[0], self.chance_loss)
        if self.stop_factor is None or mean <= self.stop_factor * start:
            return ""
        return f"diverging: the loss began at {losses[0]:.3g} and is {losses[-1]:.3g} {where}. {advice}"

    def _config_of(self, name: str) -> dict[str, Any]:
        config = dict(self.optim_config)
        if "weight_decay" in config and not name.startswith("W"):
            config["weight_decay"] = 0.0
        return config

    def _summary(self) -> str:
        h = self.history
        parts = [f"epoch {h.epochs}", f"loss {h['loss'][-1]:.3g}", f"train {h['train_accuracy'][-1]:.3f}"]
        return ", ".join(parts + ([f"val {h['val_accuracy'][-1]:.3f}"] if h["val_accuracy"] else []))


def _rate(schedule: Schedule | None, base: float) -> Callable[[int, int], float]:
    if schedule is None:
        return lambda t, total: base
    if callable(schedule):
        return schedule
    if isinstance(schedule, tuple) and len(schedule) == 2 and isinstance(schedule[1], dict):
        name, options = schedule
        learning_rate(name, 0, 1, base, **options)  # an unknown name or option is said now, not in the first step
        return lambda t, total: learning_rate(name, t, total, base, **options)
    raise ValueError(
        f'Solver: schedule is {schedule!r}; wanted None, a function (t, total) → rate, or ("cosine", {{}})'
    )
