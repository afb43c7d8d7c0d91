"""What happened during a training."""


class History(dict[str, list[float]]):
    """Lists of numbers, and how the training ended.

    Per iteration: "loss" (of the batch, with the penalty) and "learning_rate". Per epoch: "train_accuracy" (of up to
    1,000 training rows, without augmentation) and, with validation data, "val_accuracy" and "val_loss" (cross-entropy
    of the scores, without the penalty; only for nets whose `loss(X)` gives scores). The predicted class is the one with
    the highest score; nets without scores are asked to `predict`.

    stopped: why it ended early, "" when it did not. best_epoch: the epoch, counted from 1, with the highest validation
    accuracy (the first of equals), None without validation data. seconds: how long it took, checkpoints included.
    iterations_per_epoch: the number of batches in an epoch.
    """

    KEYS = ("loss", "learning_rate", "train_accuracy", "val_accuracy", "val_loss")

    def __init__(self) -> None:
        super().__init__({key: [] for key in self.KEYS})
        self.iterations_per_epoch = 0
        self.stopped = ""
        self.best_epoch: int | None = None
        self.seconds = 0.0

    @property
    def epochs(self) -> int:
        """The number of whole epochs."""
        return len(self["train_accuracy"])

    def __repr__(self) -> str:
        """A line instead of thousands of numbers, for a cell that ends with `solver.train()`."""
        parts = [f"{self.epochs} epochs, {len(self['loss'])} iterations in {self.seconds:.1f} s"]
        if self["loss"]:
            parts.append(f"loss from {self['loss'][0]:.3g} to {self['loss'][-1]:.3g}")
        if self.best_epoch is not None:
            parts.append(f"best validation accuracy {max(self['val_accuracy']):.3f} in epoch {self.best_epoch}")
        return f"<History: {'; '.join(parts + ([self.stopped] if self.stopped else []))}>"
