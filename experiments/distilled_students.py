"""Accuracy of a small net trained alone, with smoothed labels, and distilled from a larger net, by who saw how much.

The teacher has 16 and 32 kernels of 3 × 3 and 64 hidden units, the student 8 and 16 and 32. Both are trained for twenty
epochs (six on 10,000 images) in batches of 50, momentum, a rate that falls by a cosine from 0.1 (distilled: 0.01 on
2,000 images, 0.03 on 10,000). Smoothed: 0.9 for the label, the rest shared. Distilled: T = 4, alpha = 0.9. Wrong
labels: a share of the student's 2,000 labels is replaced by another class, drawn at random; the teacher's are right.
"""

from collections.abc import Callable

import numpy as np

from course_utils.data import load_dataset
from course_utils.nn.losses import softmax
from experiments._pixel_nets import Array, Gradients, PixelNet, large_net, pixels, small_net, train

SEEDS = 5
FEW, MANY = 2000, 10_000
T, ALPHA, RATES = 4.0, 0.9, {FEW: 0.01, MANY: 0.03}
METHODS = ("alone", "smoothed", "distilled")
SETTINGS = ((MANY, FEW, 0.0), (MANY, FEW, 0.4), (FEW, FEW, 0.0), (MANY, MANY, 0.0))  # teacher's, student's, wrong


def rows(seed: int) -> list[dict[str, float | str]]:
    """Accuracy on 2,000 test images of the teacher and of each student, for each setting."""
    data, rng = load_dataset("garments"), np.random.default_rng(seed)
    X, X_test, y_test = pixels(data.train_images), pixels(data.test_images), data.test_labels
    order = rng.permutation(len(X))
    X, y = X[order], data.train_labels[order]
    shifted = (y + rng.integers(1, 10, size=len(y))) % 10  # a wrong label for each image, used for a share of them
    teachers = {count: large_net(seed) for count in (FEW, MANY)}
    for count, teacher in teachers.items():
        train(teacher, to_labels(teacher, X, one_hot(y)), count, 0.1, epochs(count), seed)
    measured: list[dict[str, float | str]] = []
    trained: dict[tuple[int, float], dict[str, float]] = {}
    for teacher_saw, count, wrong in SETTINGS:
        given = np.where(np.arange(len(y)) % 10 < round(10 * wrong), shifted, y)
        teacher = teachers[teacher_saw]
        measured.append(result("teacher", teacher_saw, count, wrong, teacher.accuracy(X_test, y_test)))
        for method in METHODS:
            if method != "distilled" and (count, wrong) in trained:  # which teacher there is does not matter to it
                measured.append(result(method, teacher_saw, count, wrong, trained[count, wrong][method]))
                continue
            student = small_net(seed + 100)
            targets = one_hot(given) if method != "smoothed" else 0.9 * one_hot(given) + (1 - one_hot(given)) / 90
            gradients = to_labels(student, X, targets)
            if method == "distilled":
                gradients = to_both(student, X, targets, teacher.loss(X[:count]))
            train(student, gradients, count, RATES[count] if method == "distilled" else 0.1, epochs(count), seed)
            measured.append(result(method, teacher_saw, count, wrong, student.accuracy(X_test, y_test)))
        trained[count, wrong] = {str(row["method"]): float(row["accuracy"]) for row in measured[-len(METHODS) :]}
    return measured


def result(method: str, teacher_saw: int, student_saw: int, wrong: float, accuracy: float) -> dict[str, float | str]:
    """A row of the table."""
    saw: dict[str, float | str] = {"teacher_saw": teacher_saw, "student_saw": student_saw, "wrong": wrong}
    return {"method": method, **saw, "accuracy": accuracy}


def epochs(count: int) -> int:
    """How often a net sees its images."""
    return 20 if count == FEW else 6


def one_hot(y: Array) -> Array:
    """Labels (N,) as rows (N, 10)."""
    return np.eye(10, dtype=np.float32)[y]


def to_labels(net: PixelNet, X: Array, targets: Array) -> Callable[[Array], Gradients]:
    """Gradients of the cross-entropy with the targets, a batch at a time."""
    return lambda chosen: net.loss(X[chosen], targets[chosen])[1]


def to_both(
    net: PixelNet, X: Array, targets: Array, teacher_scores: Array, T: float = T, alpha: float = ALPHA
) -> Callable[[Array], Gradients]:
    """Gradients of alpha·T²·KL(teacher‖student) + (1 − alpha)·cross-entropy, a batch at a time."""
    soft = softmax(teacher_scores / T)

    def gradients(chosen: Array) -> Gradients:
        scores, caches = net.forward(X[chosen], train=True)
        from_teacher = T * (softmax(scores / T) - soft[chosen])
        from_labels = softmax(scores) - targets[chosen]
        return net.backward((alpha * from_teacher + (1 - alpha) * from_labels) / len(chosen), caches)[1]

    return gradients
