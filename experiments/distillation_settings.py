"""Accuracy of the student of `distilled_students` on validation images, by the settings of its training.

The teacher saw 10,000 images with right labels, the student 2,000. Students trained alone, with smoothed labels, and
distilled, each with several rates (and temperatures, weights alpha, epochs): a search in which every method has its
turn, from which the settings of `distilled_students` can be chosen without a look at the test images.
"""

import numpy as np

from course_utils.data import load_dataset
from experiments._pixel_nets import large_net, pixels, small_net, train
from experiments.distilled_students import one_hot, to_both, to_labels

SEEDS = 3
FEW = 2000
LABELS = ((0.03, 20), (0.1, 20), (0.2, 20), (0.1, 10))  # rate, epochs
DISTILLED = (  # T, alpha, rate, epochs
    *((T, 0.9, rate, 20) for T in (1.0, 2.0) for rate in (0.03, 0.1)),
    *((T, alpha, rate, 20) for T, alpha in ((4.0, 0.9), (4.0, 0.5), (8.0, 0.9)) for rate in (0.01, 0.03)),
    *((4.0, 0.9, rate, 10) for rate in (0.01, 0.03)),
)


def rows(seed: int) -> list[dict[str, float | str]]:
    """Accuracy on the validation and on the test images, for each setting."""
    data = load_dataset("garments")
    X, X_val, X_test = (pixels(images) for images in (data.train_images, data.val_images, data.test_images))
    order = np.random.default_rng(seed).permutation(len(X))
    X, y = X[order], data.train_labels[order]
    right = one_hot(y)
    teacher = large_net(seed)
    train(teacher, to_labels(teacher, X, right), len(X), 0.1, 6, seed)
    taught = teacher.loss(X[:FEW])
    tries = [(method, 1.0, 0.0, *setting) for method in ("alone", "smoothed") for setting in LABELS]
    measured: list[dict[str, float | str]] = []
    for method, T, alpha, rate, epochs in [*tries, *(("distilled", *setting) for setting in DISTILLED)]:
        student = small_net(seed + 100)
        gradients = to_labels(student, X, right if method == "alone" else 0.9 * right + (1 - right) / 90)
        if method == "distilled":
            gradients = to_both(student, X, right, taught, T, alpha)
        train(student, gradients, FEW, rate, epochs, seed)
        setting: dict[str, float | str] = {"method": method, "T": T, "alpha": alpha, "rate": rate, "epochs": epochs}
        found = {
            "validation": student.accuracy(X_val, data.val_labels),
            "test": student.accuracy(X_test, data.test_labels),
        }
        measured.append({**setting, **found})
    return measured
