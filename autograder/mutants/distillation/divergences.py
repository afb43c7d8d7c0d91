"""The loss of distillation: other right ways, and mistakes."""

import numpy as np

from autograder.mutants.distillation.right_parts import log_softmax, onehot, soft_and_hard
from autograder.testing import alternative, mutant


@alternative("distillation_loss", "as two cross-entropies")
def two_cross_entropies(student_scores, teacher_scores, y, T, alpha):
    n, c = student_scores.shape
    warm, own, taught = log_softmax(student_scores / T), log_softmax(student_scores), log_softmax(teacher_scores / T)
    p, hot = np.exp(taught), np.eye(c, dtype=student_scores.dtype)[y]
    entropy = -np.sum(np.where(p > 0, p * taught, 0), axis=1)
    rows = alpha * T * T * (-(p * warm).sum(axis=1) - entropy) + (1 - alpha) * -(hot * own).sum(axis=1)
    gradient = alpha * T * T * (np.exp(warm) - p) / T / n + (1 - alpha) * (np.exp(own) - hot) / n
    return np.mean(rows), gradient.astype(student_scores.dtype)


@alternative("distillation_loss", "an example at a time")
def one_by_one(student_scores, teacher_scores, y, T, alpha):
    total, gradient = 0.0, np.zeros_like(student_scores)
    for i in range(len(y)):
        single = slice(i, i + 1)
        loss, row = soft_and_hard(student_scores[single], teacher_scores[single], y[single], T, alpha)
        total += loss
        gradient[single] = row
    return total / len(y), gradient / len(y)


def parts(student_scores, teacher_scores, y, T):
    """(KL, cross-entropy, gradient of KL by the scores over T, gradient of cross-entropy), means over the batch."""
    n = len(y)
    log_p, log_q, log_q1 = log_softmax(teacher_scores / T), log_softmax(student_scores / T), log_softmax(student_scores)
    soft = (np.exp(log_p) * (log_p - log_q)).sum() / n
    hard = -log_q1[np.arange(n), y].mean()
    d_soft, d_hard = (np.exp(log_q) - np.exp(log_p)) / n, (np.exp(log_q1) - onehot(y, log_q1.shape[1])) / n
    return soft, hard, d_soft.astype(student_scores.dtype), d_hard.astype(student_scores.dtype)


@mutant("distillation_loss", "T² is missing, in the loss and in the gradient.")
def without_t_squared(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    return alpha * soft + (1 - alpha) * hard, alpha * d_soft / T + (1 - alpha) * d_hard


@mutant("distillation_loss", "T² is in the loss, but the gradient is that of the loss without it.")
def gradient_without_t_squared(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    return alpha * T**2 * soft + (1 - alpha) * hard, alpha * d_soft / T + (1 - alpha) * d_hard


@mutant(
    "distillation_loss",
    "The teacher's part of the gradient carries T²: the chain rule through scores / T takes one T away.",
)
def chain_rule_forgotten(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    return alpha * T**2 * soft + (1 - alpha) * hard, alpha * T**2 * d_soft + (1 - alpha) * d_hard


@mutant("distillation_loss", "The factor is T where the loss has T².")
def t_for_t_squared(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    return alpha * T * soft + (1 - alpha) * hard, alpha * d_soft + (1 - alpha) * d_hard


@mutant("distillation_loss", "T² multiplies the labels' part as well; it belongs to the teacher's part only.")
def t_squared_on_both(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    return T**2 * (alpha * soft + (1 - alpha) * hard), alpha * T * d_soft + T**2 * (1 - alpha) * d_hard


@mutant(
    "distillation_loss",
    "The divergence is taken the other way round, KL(student‖teacher): the teacher's probabilities come first.",
)
def reversed_divergence(student_scores, teacher_scores, y, T, alpha):
    _, hard, _, d_hard = parts(student_scores, teacher_scores, y, T)
    log_p, log_q = log_softmax(teacher_scores / T), log_softmax(student_scores / T)
    q, n = np.exp(log_q), len(y)
    each = (q * (log_q - log_p)).sum(axis=1, keepdims=True)
    d_soft = q * (log_q - log_p - each) / n
    return alpha * T**2 * each.sum() / n + (1 - alpha) * hard, alpha * T * d_soft + (1 - alpha) * d_hard


@mutant(
    "distillation_loss", "Student and teacher are exchanged in the teacher's part, in the loss and in the gradient."
)
def arguments_exchanged(student_scores, teacher_scores, y, T, alpha):
    _, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    soft = parts(teacher_scores, student_scores, y, T)[0]
    return alpha * T**2 * soft + (1 - alpha) * hard, -alpha * T * d_soft + (1 - alpha) * d_hard


@mutant(
    "distillation_loss",
    "The gradient is that with respect to the teacher's scores. The teacher is fixed; it is the student that learns.",
)
def gradient_of_the_teacher(student_scores, teacher_scores, y, T, alpha):
    soft, hard, _, _ = parts(student_scores, teacher_scores, y, T)
    log_p, log_q = log_softmax(teacher_scores / T), log_softmax(student_scores / T)
    p = np.exp(log_p)
    each = (p * (log_p - log_q)).sum(axis=1, keepdims=True)
    return alpha * T**2 * soft + (1 - alpha) * hard, alpha * T * p * (log_p - log_q - each) / len(y)


@mutant("distillation_loss", "The teacher's part of the gradient has the wrong sign.")
def wrong_sign(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    return alpha * T**2 * soft + (1 - alpha) * hard, -alpha * T * d_soft + (1 - alpha) * d_hard


@mutant("distillation_loss", "alpha and 1 - alpha are exchanged: alpha belongs to the teacher's part.")
def weights_exchanged(student_scores, teacher_scores, y, T, alpha):
    return soft_and_hard(student_scores, teacher_scores, y, T, 1 - alpha)


@mutant("distillation_loss", "The labels' part has its whole weight: it is multiplied by 1 - alpha.")
def labels_unweighted(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    return alpha * T**2 * soft + hard, alpha * T * d_soft + d_hard


@mutant("distillation_loss", "Sums over the batch stand where means should: divide by the number of examples.")
def sums_for_means(student_scores, teacher_scores, y, T, alpha):
    loss, gradient = soft_and_hard(student_scores, teacher_scores, y, T, alpha)
    return loss * len(y), gradient * len(y)


@mutant("distillation_loss", "The loss is a mean over the batch and the gradient that of a sum: it misses the 1 / N.")
def gradient_of_the_sum(student_scores, teacher_scores, y, T, alpha):
    loss, gradient = soft_and_hard(student_scores, teacher_scores, y, T, alpha)
    return loss, gradient * len(y)


@mutant(
    "distillation_loss",
    "The teacher's part is averaged over the classes as well: it is a sum over classes, and a mean over examples.",
)
def mean_over_classes(student_scores, teacher_scores, y, T, alpha):
    soft, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
    c = student_scores.shape[1]
    return alpha * T**2 * soft / c + (1 - alpha) * hard, alpha * T * d_soft / c + (1 - alpha) * d_hard


def one_sided(student_scores, teacher_scores, y, T, alpha, on_student, on_teacher):
    n, log_p, log_q = len(y), log_softmax(teacher_scores / on_teacher), log_softmax(student_scores / on_student)
    _, hard, _, d_hard = parts(student_scores, teacher_scores, y, 1.0)
    soft = (np.exp(log_p) * (log_p - log_q)).sum() / n
    d_soft = (np.exp(log_q) - np.exp(log_p)) / n / on_student
    return alpha * T**2 * soft + (1 - alpha) * hard, alpha * T**2 * d_soft + (1 - alpha) * d_hard


@mutant(
    "distillation_loss", "Only the teacher's scores are divided by T: the student's are, too, in the teacher's part."
)
def teacher_warm_only(student_scores, teacher_scores, y, T, alpha):
    return one_sided(student_scores, teacher_scores, y, T, alpha, 1.0, T)


@mutant("distillation_loss", "Only the student's scores are divided by T: the teacher's are, too.")
def student_warm_only(student_scores, teacher_scores, y, T, alpha):
    return one_sided(student_scores, teacher_scores, y, T, alpha, T, 1.0)


@mutant("distillation_loss", "The labels' part is taken at the temperature T; labels speak at T = 1.")
def labels_at_t(student_scores, teacher_scores, y, T, alpha):
    soft, _, d_soft, _ = parts(student_scores, teacher_scores, y, T)
    hard, d_hard = parts(student_scores / T, teacher_scores, y, 1.0)[1::2]
    return alpha * T**2 * soft + (1 - alpha) * hard, alpha * T * d_soft + (1 - alpha) * d_hard / T


@mutant(
    "distillation_loss",
    "The teacher's part is the cross-entropy with the teacher's probabilities: their entropy has to be taken off.",
)
def cross_entropy_for_divergence(student_scores, teacher_scores, y, T, alpha):
    loss, gradient = soft_and_hard(student_scores, teacher_scores, y, T, alpha)
    log_p = log_softmax(teacher_scores / T)
    entropy = -(np.exp(log_p) * log_p).sum(axis=1).mean()
    return loss + alpha * T**2 * entropy, gradient


@mutant("distillation_loss", "The labels' part uses the teacher's answers in the place of y.")
def answers_for_labels(student_scores, teacher_scores, y, T, alpha):
    return soft_and_hard(student_scores, teacher_scores, teacher_scores.argmax(axis=1), T, alpha)


@mutant(
    "distillation_loss",
    "Probabilities that round to 0 meet a logarithm, and the loss is not finite: work with log-probabilities.",
)
def logarithm_of_zero(student_scores, teacher_scores, y, T, alpha):
    with np.errstate(all="ignore"):
        p, q = (np.exp(log_softmax(scores / T)) for scores in (teacher_scores, student_scores))
        _, hard, d_soft, d_hard = parts(student_scores, teacher_scores, y, T)
        soft = (p * np.log(p / q)).sum() / len(y)
    return (
        alpha * T**2 * soft + (1 - alpha) * hard,
        (alpha * T * d_soft + (1 - alpha) * d_hard).astype(student_scores.dtype),
    )


@mutant("distillation_loss", "The scores overflow in exp: take off each row's largest score first.")
def overflows(student_scores, teacher_scores, y, T, alpha):
    with np.errstate(all="ignore"):
        exps = [np.exp(s) for s in (teacher_scores / T, student_scores / T, student_scores)]
        p, q, q1 = (e / e.sum(axis=1, keepdims=True) for e in exps)
        n = len(y)
        soft, hard = (p * (np.log(p) - np.log(q))).sum() / n, -np.log(q1[np.arange(n), y]).mean()
        gradient = (alpha * T * (q - p) + (1 - alpha) * (q1 - onehot(y, q.shape[1]))) / n
    return alpha * T**2 * soft + (1 - alpha) * hard, gradient.astype(student_scores.dtype)


@mutant("distillation_loss", "The gradient is always float64; it has the dtype of the student's scores.")
def always_float64(student_scores, teacher_scores, y, T, alpha):
    return soft_and_hard(student_scores.astype(float), teacher_scores.astype(float), y, T, alpha)


@mutant("distillation_loss", "The gradient has the dtype of the teacher's scores; it has that of the student's.")
def dtype_of_the_teacher(student_scores, teacher_scores, y, T, alpha):
    loss, gradient = soft_and_hard(student_scores, teacher_scores, y, T, alpha)
    return loss, gradient.astype(teacher_scores.dtype)


@mutant(
    "distillation_loss",
    "The gradient becomes float64 where the teacher's scores are: whatever theirs is, it has the dtype of the student's.",
)
def dtype_of_the_wider(student_scores, teacher_scores, y, T, alpha):
    loss, gradient = soft_and_hard(student_scores, teacher_scores, y, T, alpha)
    return loss, gradient.astype(np.result_type(student_scores, teacher_scores))


@mutant("distillation_loss", "The student's scores are changed in place: work on a copy.")
def scores_changed(student_scores, teacher_scores, y, T, alpha):
    loss, gradient = soft_and_hard(student_scores, teacher_scores, y, T, alpha)
    student_scores -= student_scores.max(axis=1, keepdims=True)
    return loss, gradient.astype(student_scores.dtype)
