# ---
# jupyter:
#   course:
#     title: Distillation and adversarial examples
#     builds: distillation of a large net into a small one, attacks that change pixels by a few 255ths, training against them, saliency maps
#     needs: softmax and cross-entropy with their gradients, convolutional nets as forward and backward passes
#     minutes: 230
#     budget_seconds: 120
# ---

# %% [markdown]
# # Distillation and adversarial examples
#
# A trained net says more than a label. Its ten probabilities say which wrong answers are nearly right, and a small net
# can learn from that: **distillation**. Its gradient with respect to the *image* says which pixels its answer hangs
# on, and whoever knows that can change the answer with a change that is hard to see: an **adversarial example**. Both
# come from the same tool, the backward pass, pointed at something other than the weights.
#
# **What you build.** Softmax with a temperature, the loss of distillation with its gradient, and the training of a
# student by a teacher. Then the gradient with respect to the input; three attacks (one step, one step to a chosen
# class, many steps); a training step that makes a net harder to attack; accuracy under attack; maps of the pixels an
# answer hangs on. Images that fool your own net from scratch are an extension.
#
# **What you need.** Softmax and cross-entropy with their gradients; that a net is a forward pass that keeps caches and a
# backward pass that uses them. No answer from another notebook is used.
#
# **How long.** About four hours, in two sittings: pause before "The gradient with respect to the image".
#
# **The result.** Two nets of the same kind, one trained in the usual way, one on a mix of images and attacked images.
# The attack, one step, moves each pixel by at most ε; one step of an 8-bit pixel is 1/255. The images are 2,000 test
# images; error bars are standard deviations over five seeds.

# %%
import itertools

import numpy as np

from course_utils import check, nn

# %% tags=["skip-execution"]
import time

from course_utils import plots
from course_utils.data import load_dataset, load_results

data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
robust = load_results("robust_training")
print(robust.describe())
EPSILONS = robust.by_seed("epsilon", "accuracy", {"training": "plain", "attack": "FGSM"})[0] / 255
under_attack = {
    (training, attack): robust.by_seed("epsilon", "accuracy", {"training": training, "attack": attack})[1]
    for training, attack in itertools.product(("plain", "mixed"), ("FGSM", "PGD", "transfer"))
}
plots.accuracy_against_epsilon(
    EPSILONS,
    {"trained plainly": under_attack["plain", "FGSM"], "trained on a mix": under_attack["mixed", "FGSM"]},
    title="A change of 4/255 a pixel ruins the plain net; the other one holds out much longer",
    chance=0.1,
);

# %% [markdown]
# ## Pixels from 0 to 1, and nets that take them
#
# In this notebook an image is a (3, 32, 32) array of floats **between 0 and 1**: the loader's bytes divided by 255, with
# the channels first, as convolutions want them. Whatever is outside that range is no image. An attack is measured in
# the same unit, so $\varepsilon = 4/255$ means four steps of an 8-bit pixel.
#
# Nets learn better from numbers around 0. If we centred the images beforehand, "valid pixel" would mean something else
# in every data set. So the net does it: `PixelNet` is the library's convolutional net, which takes ½ from every pixel
# first. Subtracting a constant changes no gradient, so nothing else has to be adapted. (It is not `nn.PixelNet`, which
# takes bytes.)

# %%
class PixelNet(nn.ConvNet):
    """A convolutional net (see nn.ConvNet) for pixels between 0 and 1, from which it takes 1/2 before anything else."""

    def forward(self, X, train=False):
        return super().forward(np.asarray(X) - 0.5, train)


def tiny_problem(n=4):
    """A net with random weights for images of 3 × 4 × 4 pixels and three classes, images and labels: for the checks."""
    net, rng = PixelNet((3, 4, 4), filters=(2,), hidden=5, num_classes=3, dtype=np.float64), np.random.default_rng(11)
    for name in net.params:
        net.params[name] = 0.6 * rng.normal(size=net.params[name].shape)
    return net, np.random.default_rng(7).uniform(0.2, 0.8, size=(n, 3, 4, 4)), np.arange(n) % 3


# %% [markdown]
# This is all that the exercises ask of a net:
#
# | call | gives |
# |---|---|
# | `net.loss(X)` | scores (N, C), in test mode |
# | `net.loss(X, y)` | the mean cross-entropy and `grads`, a dict with the gradient of every parameter, in training mode |
# | `net.forward(X, train=False)` | `(scores, caches)`; `train=True` is training mode (dropout is on, batch norm uses the batch) |
# | `net.backward(dscores, caches)` | `(None, grads)`: from the gradient with respect to the scores to those of the parameters |
# | `net.backward(dscores, caches, input_gradient=True)` | `(dX, grads)`: the gradient with respect to the input as well, in the shape of `X` |
# | `net.predict(X)`, `net.accuracy(X, y)` | labels (N,), and the share of them that is right |
# | `net.params` | dict from names to arrays; assign to `net.params[name]` to change a weight |
#
# And `nn.softmax_loss(scores, y)` gives the mean cross-entropy and its gradient with respect to the scores. Labels `y`
# are (N,) integers.

# %% tags=["skip-execution"]
def pixels(images):
    """Images (N, H, W, C) of bytes as (N, C, H, W) floats between 0 and 1."""
    return np.ascontiguousarray((images / np.float32(255)).transpose(0, 3, 1, 2))


def pictures(X):
    """The way back to (N, H, W, C), for showing."""
    return X.transpose(0, 2, 3, 1)


X_train, X_val, X_test = pixels(data.train_images), pixels(data.val_images), pixels(data.test_images)
y_train, y_val, y_test = data.train_labels, data.val_labels, data.test_labels
X_few, y_few = X_train[:2000], y_train[:2000]


def train_plainly(net, X, y, rate=0.1, epochs=6, seed=0):
    """Momentum with a rate that falls by a cosine, batches of 50; y: labels, or rows of probabilities."""
    return nn.Solver(
        net, X, y, optim_config={"learning_rate": rate}, schedule=("cosine", {}), num_epochs=epochs, batch_size=50,
        rng=seed, progress=False,
    ).train()


teacher = PixelNet(filters=(16, 32), hidden=64, rng=0)
train_plainly(teacher, X_train, y_train, epochs=5)
print(f"a net with 16 and 32 kernels, {len(X_train):,} images: test accuracy {teacher.accuracy(X_test, y_test):.3f}")
if data.stated_ranges_hold:
    check.between(teacher.accuracy(X_test, y_test), 0.79, 0.87, "the teacher's accuracy")
    of_wrong = nn.softmax(teacher.loss(X_test))[np.arange(10) != y_test[:, None]]
    check.between(np.mean(of_wrong < 0.001), 0.7, 0.9, "the share of wrong classes with a probability below 0.001")

# %% [markdown]
# This net will be the teacher. Later it will be the victim.
#
# ## Wrong labels, smoothed labels, and a third way
#
# A label is a poor description of an image. It says "coat" with all its weight, though the thing may well be a
# pullover with a zip, and sometimes it is plainly wrong. **Label smoothing** (notebook 07) takes back some of the
# certainty: $1 - \varepsilon$ for the label and $\varepsilon/(k-1)$ for each other class, with $\varepsilon = 0.1$ and
# ten classes $0.9$ and $0.0111$. That is honest about *how sure* one may be, but it says the same of every image: a coat
# might as well be a sandal as a pullover. In notebook 07 smoothing cost accuracy, with right labels and with wrong
# ones. What that notebook's five seeds said:

# %% tags=["skip-execution"]
compared = load_results("regularization_compared")
for noise in (0.0, 0.4):
    plain, smooth = (compared.by_seed("noise", "accuracy", {"method": m})[1] for m in ("none", "smoothing"))
    column = list(np.unique(compared["noise"])).index(noise)
    gains = smooth[:, column] - plain[:, column]
    print(f"notebook 07, {noise:.0%} wrong labels: smoothing changed accuracy by {gains.mean():+.3f} ({gains.min():+.3f} to {gains.max():+.3f})")

# %% [markdown]
# A third way is to ask somebody who has seen many coats. A trained net gives each image its own ten probabilities, and
# those of the wrong classes are not alike. Hinton, Vinyals and Dean called what they hold **dark knowledge**: the label
# is its bright part, and the rest is nearly black. The teacher above gives about eight of ten wrong classes less than
# 0.001.
#
# ## Softmax with a temperature
#
# To see it one has to turn up the light. Divide the scores $z$ by a **temperature** $T$ before the softmax:
#
# $$ p_i = \frac{e^{z_i/T}}{\sum_j e^{z_j/T}} . $$
#
# $T = 1$ is softmax as usual. The larger $T$, the flatter the probabilities; in the limit all are $1/C$. As $T$ goes to
# 0 the largest score takes everything. The order of the classes never changes.
#
# **By hand.** For scores $(4, 2, 0)$: $T = 1$ gives $(0.867, 0.117, 0.016)$, $T = 2$ gives $(0.665, 0.245, 0.090)$ and
# $T = 4$ gives $(0.506, 0.307, 0.186)$. Each ratio of neighbours is $e^{2/T}$.
#
# ### Exercise: softmax with a temperature

# %% nbgrader={"grade_id": "softmax_with_temperature", "solution": true}
def softmax_with_temperature(scores, T=1.0):
    """Softmax of scores / T, row by row.

    scores: (N, C) floats, of any size, left as they are.  T: a number above 0; ValueError for any other.
    Returns (N, C) probabilities in the dtype of scores. Scores of 10,000 must not overflow.
    """
    ### BEGIN SOLUTION: refuse a temperature that is not above 0, then return the softmax of each row of scores / T
    if not T > 0:
        raise ValueError(f"softmax_with_temperature: T must be above 0, not {T}")
    exps = np.exp((scores - scores.max(axis=1, keepdims=True)) / T)
    return exps / exps.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% [markdown] hints="softmax_with_temperature"
# 1. The temperature changes the scores and nothing else: what follows is the softmax you know, a row at a time.
# 2. Taking the same number from all scores of a row changes no probability. Taking the row's largest makes every
#    exponent 0 or less, so nothing can overflow.
# 3. Both the maximum and the sum are taken along the classes, with `keepdims=True`, so that they fit to the rows again.

# %% nbgrader={"grade_id": "softmax_with_temperature_check", "locked": true}
check.close(softmax_with_temperature(np.array([[4.0, 2.0, 0.0]]), 2.0), [[0.665241, 0.244728, 0.090031]], "scores (4, 2, 0) at T = 2", atol=1e-6)
check.close(softmax_with_temperature(np.array([[4.0, 2.0, 0.0]])).sum(), 1.0, "probabilities sum to 1")

# %% nbgrader={"grade_id": "softmax_with_temperature_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of softmax_with_temperature run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("softmax_with_temperature", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### What the teacher knows
#
# Five test images, and the teacher's probabilities at $T = 1$ and at $T = 4$. The hatched bar is the label.

# %% tags=["skip-execution"]
scores = teacher.loss(X_test)
right = scores.argmax(axis=1) == y_test
shown = [int(np.flatnonzero(right & (y_test == c))[0]) for c in np.unique(y_test[right])[:5]]
plots.dark_knowledge(
    data.test_images[shown],
    {"T = 1": softmax_with_temperature(scores[shown], 1.0), "T = 4": softmax_with_temperature(scores[shown], 4.0)},
    data.class_names,
    labels=y_test[shown],
    title="At T = 1 the teacher seems to know one class only; at T = 4 most images show their own relatives",
);

# %% tags=["skip-execution"]
warm = softmax_with_temperature(teacher.loss(X_train), 4.0)
for c in range(10):
    mean = warm[y_train == c].mean(axis=0)
    first, second = np.argsort(-np.where(np.arange(10) == c, -1, mean))[:2]
    print(f"{data.class_names[c]:12s} resembles {data.class_names[first]} ({mean[first]:.2f}) and {data.class_names[second]} ({mean[second]:.2f}), says the teacher")

# %% [markdown]
# ## Kinds of distillation
#
# **Distillation** trains a small net, the *student*, with the help of a large one, the *teacher*. What is handed on can
# be of three kinds:
#
# - **Responses**: the student imitates the teacher's scores or probabilities. Nothing else of the teacher need be known;
#   it may be an ensemble, or a service that only answers questions.
# - **Features**: the student's hidden layers imitate the teacher's, through a small adapter where the widths differ. This
#   says more, and ties the student to the teacher's inside.
# - **Relations**: the student imitates how the teacher arranges images with respect to each other, such as the
#   distances between their features, not the features themselves.
#
# We build the first kind. Why would one want a small net? Because it is run a million times after being trained once.

# %% tags=["skip-execution"]
def milliseconds(net, X, repeats=5):
    """Milliseconds for an image: the best of several runs over X."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        net.loss(X)
        best = min(best, time.perf_counter() - start)
    return 1000 * best / len(X)


student = PixelNet(filters=(8, 16), hidden=32, rng=100)
sizes = {name: sum(w.size for w in net.params.values()) for name, net in (("teacher", teacher), ("student", student))}
speed = {name: milliseconds(net, X_test[:500]) for name, net in (("teacher", teacher), ("student", student))}
for name in sizes:
    print(f"{name}: {sizes[name]:,} parameters, {sizes[name] * 4 / 1024:.0f} KiB, {speed[name]:.3f} ms an image")
print(f"the student has 1/{sizes['teacher'] / sizes['student']:.1f} of the parameters and takes 1/{speed['teacher'] / speed['student']:.1f} of the time")
check.equal(list(sizes.values()), [136874, 34522], "the numbers of parameters")

# %% [markdown]
# ## The loss of distillation
#
# Let $p$ be the teacher's probabilities for an image and $q$ the student's, both at the temperature $T$. How far $q$ is
# from $p$ is measured by the Kullback–Leibler divergence, in that order, the teacher first:
#
# $$ \mathrm{KL}(p \,\|\, q) = \sum_i p_i \log\frac{p_i}{q_i} . $$
#
# It is 0 where they agree and positive otherwise. The other order, $\mathrm{KL}(q\,\|\,p)$, is something else: it
# forgives the student for leaving out a class that the teacher thinks possible. Labels, where there are any, keep
# their say at $T = 1$:
#
# $$ J = \alpha\, T^2\, \mathrm{KL}(p \,\|\, q) + (1 - \alpha)\, \big(-\log q^{(1)}_y\big), $$
#
# averaged over the batch; $q^{(1)}$ is the student's softmax at $T = 1$. With $\alpha = 0$ it is plain training.
#
# **The gradient.** $\mathrm{KL}$ is the cross-entropy with targets $p$ minus a number that does not depend on the student,
# so its gradient with respect to $z/T$ is $q - p$, and with respect to the student's score $z$, by the chain rule,
#
# $$ \frac{\partial\, \mathrm{KL}}{\partial z} = \frac{1}{T}\,(q - p) . $$
#
# The teacher is a constant here: nothing flows back into it.
#
# **Why $T^2$.** At a high temperature softmax is nearly linear: $q_i \approx \frac1C\,(1 + z_i/T)$ for scores with mean
# 0. With $v$ for the teacher's scores,
#
# $$ \frac1T\,(q_i - p_i) \approx \frac{1}{C\,T^2}\,(z_i - v_i) . $$
#
# One factor $1/T$ comes from the chain rule and one from the flattening. So a higher temperature would silently make
# the teacher's voice fainter against the label's, and each $T$ would need another $\alpha$. The factor $T^2$ takes
# that back. It also shows what the limit of high temperatures means: the student's *scores* are to match the teacher's.
#
# **By hand.** Two classes, student $z = (0, 0)$, teacher $v = (2, 0)$, gradient of the KL part with respect to $z_1$:
#
# | $T$ | teacher's $p_1$ | $(q_1 - p_1)/T$ | times $T^2$ |
# |---|---|---|---|
# | 1 | .8808 | −.3808 | −.381 |
# | 4 | .6225 | −.0306 | −.490 |
# | 10 | .5498 | −.0050 | −.498 |
#
# The limit is $-\frac12$: $(z_1 - v_1)/C$ with the teacher's scores centred, $v = (1, -1)$.
#
# And the whole loss for the same scores, $y = 0$ (the first class), $T = 2$, $\alpha = \frac12$:
# $p = (.7311, .2689)$, $q = (.5, .5)$, $\mathrm{KL} = .1109$, times $T^2 = 4$: $.4438$; cross-entropy $\log 2 = .6931$;
# $J = .5685$. The gradient with respect to $z_1$ is $\frac12 \cdot 2 \cdot (.5 - .7311) + \frac12\,(.5 - 1) = -.4811$.
#
# ### Exercise: the loss of distillation

# %% nbgrader={"grade_id": "distillation_loss", "solution": true}
def distillation_loss(student_scores, teacher_scores, y, T, alpha):
    """alpha · T² · KL(teacher‖student, both at temperature T) + (1 − alpha) · cross-entropy with y (at T = 1).

    student_scores, teacher_scores: (N, C) floats of any size.  y: (N,) integer labels.  T: above 0.  alpha: from 0 to 1.
    Returns (loss, dstudent): a number, the mean over the N examples, and the gradient of it with respect to
    student_scores, (N, C), in their dtype. Both are finite for scores of 10,000. The arguments are left as they are.
    """
    ### BEGIN SOLUTION: work out both parts of the loss from log-probabilities, and the gradient of their weighted sum
    def log_softmax(scores):
        centred = scores - scores.max(axis=1, keepdims=True)
        return centred - np.log(np.exp(centred).sum(axis=1, keepdims=True))

    n = len(y)
    log_p, log_q, log_q1 = log_softmax(teacher_scores / T), log_softmax(student_scores / T), log_softmax(student_scores)
    p = np.exp(log_p)
    soft = np.sum(p * (log_p - log_q)) / n
    hard = -np.mean(log_q1[np.arange(n), y])
    from_label = np.exp(log_q1)
    from_label[np.arange(n), y] -= 1
    dstudent = (alpha * T * (np.exp(log_q) - p) + (1 - alpha) * from_label) / n
    return alpha * T**2 * soft + (1 - alpha) * hard, dstudent.astype(student_scores.dtype, copy=False)
    ### END SOLUTION


# %% [markdown] hints="distillation_loss"
# 1. Three distributions are needed: the teacher's and the student's at T for the first part, the student's at 1 for the
#    second. Each part has the gradient of a softmax followed by a logarithm.
# 2. The factor of the first part's gradient: T² from the loss and 1/T from the chain rule. Teacher's probabilities
#    count as constants.
# 3. For large scores a probability may round to 0, and its logarithm is then −∞. Work with log-probabilities: the
#    centred scores minus the logarithm of the sum of their exponentials. They are finite for any finite scores.

# %% nbgrader={"grade_id": "distillation_loss_check", "locked": true}
zeros, teachers = np.zeros((1, 2)), np.array([[2.0, 0.0]])
loss, dstudent = distillation_loss(zeros, teachers, np.array([0]), T=1.0, alpha=0.5)
check.close(loss, 0.510480, "the example's scores at T = 1 and alpha = 1/2", atol=1e-6)
check.close(dstudent, [[-0.440399, 0.440399]], "and its gradient", atol=1e-6)
check.close(distillation_loss(teachers, teachers, np.array([0]), T=3.0, alpha=1.0)[0], 0.0, "a student that agrees, with alpha = 1")

# %% nbgrader={"grade_id": "distillation_loss_tests", "grade": true, "points": 14}
# Graded, 14 points: hidden tests of distillation_loss run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("distillation_loss", globals())
### END HIDDEN TESTS

# %% [markdown]
# The check uses $T = 1$ and $\alpha = \frac12$. Whether your factors are right at other values is for you to make sure;
# a gradient check does it in three lines, with `check.gradient`.
#
# ### The factor, seen on the teacher
#
# The size of the KL part's gradient with respect to the scores, for the student with its first random weights and 500
# images, with and without the factor:

# %% tags=["skip-execution"]
TEMPERATURES = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
first_scores, teacher_scores = student.loss(X_train[:500]), teacher.loss(X_train[:500])
with_factor = []
for T in TEMPERATURES:
    _, gradient = distillation_loss(first_scores, teacher_scores, y_train[:500], T, 1.0)
    with_factor.append(float(np.abs(gradient * len(gradient)).mean()))
with_factor = np.array(with_factor)
for T, size in zip(TEMPERATURES, with_factor, strict=True):
    print(f"T = {T:4.0f}: mean size with T² {size:.3f}, without {size / T**2:.5f}")
plots.lines(
    TEMPERATURES,
    {"with T²": with_factor, "without": with_factor / TEMPERATURES**2},
    xlabel="temperature T",
    ylabel="mean size of the gradient",
    title="Without T² the teacher falls silent as T grows; with it the gradient settles",
    log_x=True,
    log_y=True,
);

# %% [markdown]
# The factor does not make the gradient the same at all temperatures: up to $T = 8$ or so it still grows, because this
# teacher's scores are far apart and softmax is not yet linear. (One student's first weights; during training the sizes
# change.) So do not carry a learning rate from one temperature to the next: each wants its own. A table below shows it.
#
# ## Training a student
#
# The training is that of every net, with two differences: the loss, and that the teacher is asked first. Asked once for
# all images, in test mode, since nothing about it changes. This helper is given; it makes one step of momentum:

# %%
def momentum_step(net, grads, configs, rate):
    """One step of sgd_momentum for every parameter; configs: a dict that is {} at first and kept between steps."""
    for name in net.params:
        config = {**configs.get(name, {}), "learning_rate": rate}
        net.params[name], configs[name] = nn.sgd_momentum(net.params[name], grads[name], config)


# %% [markdown]
# ### Exercise: distill

# %% nbgrader={"grade_id": "distill", "solution": true}
def distill(student, teacher, X, y, T, alpha, learning_rate, num_epochs, batch_size, rng):
    """Train the student, in place, with the teacher's scores for X and the labels y.

    student, teacher: nets.  X: (N, C, H, W).  y: (N,) integer labels.  rng: a numpy Generator.
    Every epoch visits every row once, in an order drawn anew from rng, batch_size rows at a time; the last batch may be
    smaller. The student is in training mode; the teacher is in test mode, and nothing of it changes.
    The loss of a batch is distillation_loss. Each step is momentum_step with the rate
    nn.learning_rate("cosine", step, total, learning_rate): step counts from 0, total is the number of steps in all.
    Returns the list of the batches' losses, in order, each from before its step.
    """
    ### BEGIN SOLUTION: ask the teacher, then go through the batches of every epoch: loss, backward pass, step
    teacher_scores = teacher.loss(X)
    losses, configs = [], {}
    total = num_epochs * -(-len(X) // batch_size)
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            scores, caches = student.forward(X[rows], train=True)
            loss, dscores = distillation_loss(scores, teacher_scores[rows], y[rows], T, alpha)
            _, grads = student.backward(dscores, caches)
            momentum_step(student, grads, configs, nn.learning_rate("cosine", len(losses), total, learning_rate))
            losses.append(float(loss))
    return losses
    ### END SOLUTION


# %% [markdown] hints="distill"
# 1. Two loops, over epochs and over batches, around four steps: forward, loss, backward, update. The teacher's scores
#    are worked out before them; a batch takes the rows of X, y and of these scores that belong to the same images.
# 2. `rng.permutation(N)` is the order of an epoch. Slices of it of length `batch_size` are the batches; a slice beyond
#    the end is shorter by itself. The number of steps in all is the number of epochs times N / batch_size, rounded up.
# 3. `net.loss(X, y)` would use labels only. Use `forward` with `train=True`, give its scores to your loss, and the
#    gradient it returns to `backward`. The dict for the momentum is made once, before the loops.

# %% nbgrader={"grade_id": "distill_check", "locked": true}
big, X_tiny, y_tiny = tiny_problem(4)
small = PixelNet((3, 4, 4), filters=(2,), hidden=5, num_classes=3, dtype=np.float64, rng=0)
losses = distill(small, big, X_tiny, y_tiny, 2.0, 0.5, 0.05, 30, 4, np.random.default_rng(0))
check.equal(len(losses), 30, "one batch an epoch, 30 epochs")
check.true(losses[-1] < losses[0], "the loss falls", f"the loss went from {losses[0]:.3g} to {losses[-1]:.3g}; wanted a smaller one")

# %% nbgrader={"grade_id": "distill_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of distill run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("distill", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### A teacher that saw more than its student
#
# The case in which distillation shows its worth: the teacher saw all training images, the student has 2,000 of them.
# (Think of a vendor's net, trained on images you will never get, and of your own small collection.) Three students with
# the same first weights: alone, with smoothed labels, and distilled with $T = 4$, $\alpha = 0.9$. One seed, live:

# %% tags=["skip-execution"]
def smoothed(y, eps=0.1, num_classes=10):
    """Rows of probabilities: 1 - eps for the label, the rest shared by the other classes."""
    return np.where(np.eye(num_classes)[y] == 1, 1 - eps, eps / (num_classes - 1)).astype(np.float32)


def new_student():
    """The student with its first weights, always the same."""
    return PixelNet(filters=(8, 16), hidden=32, rng=100)


accuracy = {"teacher": teacher.accuracy(X_test, y_test)}
alone, smooth, distilled = new_student(), new_student(), new_student()
epochs = data.steps(800) // 40  # 20, but fewer in the short mode that tests use
train_plainly(alone, X_few, y_few, epochs=epochs)
train_plainly(smooth, X_few, smoothed(y_few), epochs=epochs)
losses = distill(distilled, teacher, X_few, y_few, 4.0, 0.9, 0.01, epochs, 50, np.random.default_rng(0))
for name, net in (("alone", alone), ("smoothed", smooth), ("distilled", distilled)):
    accuracy[name] = net.accuracy(X_test, y_test)
print(", ".join(f"{name} {value:.3f}" for name, value in accuracy.items()))
if data.stated_ranges_hold:
    check.between(accuracy["alone"], 0.70, 0.79, "alone")
    check.between(accuracy["distilled"], 0.74, 0.82, "distilled")

# %% [markdown]
# And five seeds, in four situations. In the second, 40 % of the student's labels are wrong. In the last two, teacher and
# student saw the same images.

# %% tags=["skip-execution"]
table = load_results("distilled_students")
print(table.describe())
SITUATIONS = {
    "teacher 10,000, student 2,000": (10_000, 2000, 0.0),
    "the same, 40 % wrong labels": (10_000, 2000, 0.4),
    "both the same 2,000": (2000, 2000, 0.0),
    "both the same 10,000": (10_000, 10_000, 0.0),
}
measured = {}
for situation, (teacher_saw, student_saw, wrong) in SITUATIONS.items():
    where = {"teacher_saw": teacher_saw, "student_saw": student_saw, "wrong": wrong}
    methods, values = table.by_seed("method", "accuracy", where)
    measured[situation] = dict(zip(methods.tolist(), values.T, strict=True))
    print(situation)
    for method, found in measured[situation].items():
        gain = found - measured[situation]["alone"] if "alone" in measured[situation] else None
        against = "" if gain is None or method == "alone" else f"   against alone {gain.mean():+.3f} ({gain.min():+.3f} to {gain.max():+.3f})"
        print(f"    {method:10s} {found.mean():.3f} ± {found.std():.3f}{against}")
plots.grouped_error_bars(
    measured,
    ylabel="test accuracy of five seeds",
    title="A teacher that saw more helps its student, most where labels are wrong",
);

# %% [markdown]
# - **The teacher saw more.** The student gains 3.3 points over being alone (.758 to .791, between 2.2 and 4.4 in all five
#   seeds), and more over smoothed labels, which do not help. It was given not one more image: what the teacher learned
#   from the other 8,000 reaches it through ten numbers an image.
# - **Wrong labels.** With 40 % of them wrong the student alone falls to .47, with smoothing to .45, and distilled it is as
#   good as with right ones (.80): the teacher's ten numbers outvote the label, since $\alpha = 0.9$. This is also the
#   least fair of the comparisons, because the teacher had right labels.
# - **The same images.** With the same 2,000 for both the gain is 1.4 points on average and above 0 in all seeds, though the
#   teacher knows nothing that the student's images do not hold. (A likely reason, which we did not test: being told what
#   resembles what keeps the student from learning labels by heart.) With the same 10,000 it is 0.8 points, and two of
#   five seeds lose: less than what seeds differ by. The teacher itself is only 1.9 points better than the student there.
#
# ### How the settings were chosen
#
# A comparison is worth little if one side had its settings searched and the other had not. Temperature, weight, rate and
# epochs above were picked in early trials from a few pairs, with one or two seeds and with *test* accuracy in view, which
# is not how it should be done. So here is the search again, each method with its turn, on **validation** images, three
# seeds: the first situation, teacher 10,000 and student 2,000.

# %% tags=["skip-execution"]
search = load_results("distillation_settings")
print(search.describe())
tries = list(zip(*(search[column].tolist() for column in ("method", "T", "alpha", "rate", "epochs")), strict=True))
best = {}
print("method       T  alpha  rate  epochs   validation   test")
for setting in dict.fromkeys(tries):
    rows = [i for i, other in enumerate(tries) if other == setting]
    validation, test = search["validation"][rows].mean(), search["test"][rows].mean()
    method, T, alpha, rate, epochs = setting
    print(f"{method:10s}  {T:.0f}  {alpha:5.1f}  {rate:.2f}  {epochs:6.0f}   {validation:.3f}        {test:.3f}")
    if validation > best.get(method, (0,))[0]:
        best[method] = validation, test, setting
for method, (validation, test, _) in best.items():
    print(f"best of {method} on validation images: {validation:.3f}; the same setting on test images: {test:.3f}")

# %% [markdown]
# - **The gain is there for whoever searches.** The best setting of each method on validation images gives .760 alone,
#   .763 smoothed and .787 distilled: 2.6 points over being alone. The distilled setting used above (.784) is not the
#   best, by less than seeds differ; of those with labels only, three lie within a tenth of a point.
# - **The temperature matters less than the rate.** With a rate that suits it, each of $T = 1, 2, 4, 8$ reaches .779 to
#   .784 with $\alpha = 0.9$, $T = 1$ being the last. With about three times that rate $T = 2$ and $T = 8$ fall below .75,
#   worse than no teacher. A search with one rate for all temperatures would have told another story.
# - **It needs patience.** With ten epochs in the place of twenty the student alone is as good (.760), the distilled one is
#   not: .775 at best.
#
# The settings for the other three situations were not searched again.

# %% [markdown]
# ## The gradient with respect to the image
#
# Backpropagation goes from the loss through all layers back to the first. There it usually stops, because nobody wants
# to change the image. One step more, and we have $\nabla_x J(x, y)$: for every pixel of every channel, how much the loss
# of this image rises when that pixel becomes a little brighter. The weights stay as they are; it is the *image* that is
# the variable now.
#
# Three things to be careful about:
#
# - The gradient has the shape of the image, not of a weight.
# - The net is in test mode: dropout off, batch norm with its running statistics. In training mode each image's answer
#   would depend on its neighbours in the batch, and running statistics would change although nothing is being trained.
# - The loss is a mean over the batch, so each image's part carries a factor $1/N$. For signs that does not matter.
#
# ### Exercise: the input gradient

# %% nbgrader={"grade_id": "input_gradient", "solution": true}
def input_gradient(net, X, y):
    """Gradient of the mean cross-entropy of net's scores with respect to X, in test mode.

    net: as in the table above (net.forward, net.backward(..., input_gradient=True)).  X: (N, C, H, W).  y: (N,) integer
    labels.  Returns (N, C, H, W). Neither net (parameters, running statistics) nor X is changed. nn.softmax_loss may be
    used.
    """
    ### BEGIN SOLUTION: a forward pass in test mode, the gradient of the scores, and a backward pass down to the input
    scores, caches = net.forward(X)
    _, dscores = nn.softmax_loss(scores, y)
    dX, _ = net.backward(dscores, caches, input_gradient=True)
    return dX
    ### END SOLUTION


# %% [markdown] hints="input_gradient"
# 1. It is the backward pass of training, carried one step further; what differs is which of the results you keep.
# 2. Three calls: forward, which gives scores and caches; the loss's gradient with respect to the scores; backward.
# 3. `net.loss(X, y)` cannot be used: it is in training mode, and it drops the gradient of the input. The table at the
#    beginning says what `backward` gives when it is asked for more.

# %% nbgrader={"grade_id": "input_gradient_check", "locked": true}
net, X, _ = tiny_problem(1)
y = net.predict(X)
gradient = input_gradient(net, X, y)
check.shape(gradient, X.shape, "a gradient has the shape of what it is a gradient of")
check.true(net.loss(X + 0.01 * gradient, y)[0] > net.loss(X, y)[0], "a small step along it raises the loss", "a small step along the gradient did not raise the loss")

# %% nbgrader={"grade_id": "input_gradient_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of input_gradient run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("input_gradient", globals())
### END HIDDEN TESTS

# %% [markdown]
# The check only looks whether it goes uphill. For one image, `check.gradient(lambda x: float(net.loss(x, y)[0]), X,
# gradient, "my gradient")` compares it with finite differences.
#
# ## One step up the loss
#
# How should one change an image to make the loss larger, if no pixel may move by more than $\varepsilon$? To first
# order a change $\delta$ adds $\delta \cdot \nabla_x J = \sum_i \delta_i g_i$. Each term is largest for
# $\delta_i = \varepsilon \operatorname{sign}(g_i)$: every pixel goes as far as it may, in its own good direction, however
# small its gradient. That is the **fast gradient sign method** (Goodfellow, Shlens and Szegedy, 2015):
#
# $$ x_{\text{adv}} = \mathrm{clip}_{[0,1]}\big(x + \varepsilon \operatorname{sign}(\nabla_x J(x, y))\big) , $$
#
# and the clipping keeps it an image. Their best-known example, an ImageNet net and a photo: panda, 57.7 % sure, plus
# $.007$ times the sign of the gradient, which by itself the net calls a nematode with 8.2 %, is a gibbon with 99.3 %.
# The $.007$ stands for the smallest step of an 8-bit image in the units of that net.
#
# **Why so small a change is enough.** Take a linear score $w \cdot x$ with $n$ inputs and $|w_i| = m$ on average. The step
# changes it by $\varepsilon \sum_i |w_i| = \varepsilon n m$, and that grows with the number of pixels, while the largest
# change of a pixel stays $\varepsilon$. For our 3,072 numbers, $m = 0.05$ and $\varepsilon = 4/255$ it is
# $0.0157 \cdot 3072 \cdot 0.05 = 2.4$; a *random* pattern of $\pm\varepsilon$ moves the score by about
# $\varepsilon m \sqrt n = 0.04$. Many tiny pushes that all agree make a large one. So it is not that nets are too
# crooked; they are too straight.
#
# **By hand.** Pixels $(.50, .99, .20)$, gradient $(.02, .003, 0)$, $\varepsilon = .02$: signs $(1, 1, 0)$, sum
# $(.52, 1.01, .20)$, clipped $(.52, 1, .20)$.
#
# ### Exercise: the fast gradient sign method

# %% nbgrader={"grade_id": "fgsm", "solution": true}
def fgsm(net, X, y, epsilon):
    """Images moved by epsilon, pixel by pixel, in the direction that raises the loss (test mode); clipped to [0, 1].

    X: (N, C, H, W), pixels from 0 to 1, left as they are.  y: (N,) the labels whose loss is to rise.  epsilon: in the unit
    of the pixels.  Returns (N, C, H, W) in the dtype of X. A pixel whose gradient is 0 stays.
    """
    ### BEGIN SOLUTION: take a step of epsilon along the sign of the input gradient, and keep it within valid pixels
    moved = X + epsilon * np.sign(input_gradient(net, X, y))
    return np.clip(moved, 0, 1).astype(X.dtype, copy=False)
    ### END SOLUTION


# %% [markdown] hints="fgsm"
# 1. You have written the gradient already; only its sign is used here.
# 2. Uphill: the loss of the right label is to become larger, so the step is added.
# 3. `np.sign` gives −1, 0 or 1. Clip the sum, not the step: it is the result that has to be an image.

# %% nbgrader={"grade_id": "fgsm_check", "locked": true}
net, X, y = tiny_problem(1)
moved = fgsm(net, X, y, 0.05)
check.close(np.abs(moved - X).max(), 0.05, "no pixel moves further than epsilon, and some as far")
check.true(net.loss(moved, y)[0] > net.loss(X, y)[0], "the loss rises", "the loss did not rise: which way does the step go?")
check.close(fgsm(net, X, y, 0.0), X, "epsilon = 0 changes nothing")

# %% nbgrader={"grade_id": "fgsm_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of fgsm run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("fgsm", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Six images of the teacher's, attacked
#
# The first test image of each of six classes that the teacher gets right and that one step of ε = 4/255 turns. Above: the
# image and the net's answer with its confidence. Below: the sum and the answer to it. The middle is the change, made
# larger; grey pixels have not moved.

# %% tags=["skip-execution"]
def answers(net, X):
    """The label and the confidence of each answer, as a text."""
    probabilities = softmax_with_temperature(net.loss(X))
    return [f"{data.class_names[row.argmax()]}\n{row.max():.1%}" for row in probabilities]


def first_of_each_class(wanted, most):
    """Positions of the first test image of each class that is wanted (N,), of at most so many classes."""
    found = [int(np.flatnonzero(wanted & (y_test == c))[0]) for c in np.unique(y_test[wanted])]
    return found[:most] or [0]


EPSILON = 4 / 255
all_attacked = fgsm(teacher, X_test, y_test, EPSILON)
answered = teacher.predict(X_test)
chosen = first_of_each_class((answered == y_test) & (teacher.predict(all_attacked) != answered), 6)
attacked = fgsm(teacher, X_test[chosen], y_test[chosen], EPSILON)
plots.adversarial_triples(
    pictures(X_test[chosen]), pictures(attacked), answers(teacher, X_test[chosen]), answers(teacher, attacked),
    title="A change that is hard to see turns these answers: one step of 4/255 along the sign of the gradient",
);

# %% tags=["skip-execution"]
noise = np.random.default_rng(0).choice([-EPSILON, EPSILON], size=X_test.shape).astype(np.float32)
clean, under_noise = teacher.accuracy(X_test, y_test), teacher.accuracy(np.clip(X_test + noise, 0, 1), y_test)
under_fgsm = teacher.accuracy(all_attacked, y_test)
print(f"accuracy: clean {clean:.3f}, random signs times 4/255 {under_noise:.3f}, FGSM with 4/255 {under_fgsm:.3f}")
if data.stated_ranges_hold:
    check.between(clean - under_noise, -0.02, 0.05, "lost to random signs")
    check.between(under_fgsm, 0.05, 0.5, "accuracy under FGSM")

# %% [markdown]
# Noise of the same size hardly matters. It is the direction that counts.
#
# ## A step to a chosen class
#
# FGSM leaves it to the net where the image ends up. To end up at a class of one's own choice, the **target** $t$, go
# *down* the loss that the image would have if $t$ were its label:
#
# $$ x_{\text{adv}} = \mathrm{clip}_{[0,1]}\big(x - \varepsilon \operatorname{sign}(\nabla_x J(x, t))\big) . $$
#
# Two things have changed, the label and the sign, and it needs both. One step is often not enough to reach a given
# class, since first order holds only nearby.
#
# ### Exercise: the targeted step

# %% nbgrader={"grade_id": "targeted_fgsm", "solution": true}
def targeted_fgsm(net, X, target, epsilon):
    """Images moved by epsilon, pixel by pixel, towards the class target (test mode); clipped to [0, 1].

    X: (N, C, H, W), pixels from 0 to 1, left as they are.  target: (N,) integers, the class each image is to be taken for.
    epsilon: in the unit of the pixels.  Returns (N, C, H, W) in the dtype of X.
    """
    ### BEGIN SOLUTION: a step of epsilon against the sign of the gradient of the target's loss, within valid pixels
    moved = X - epsilon * np.sign(input_gradient(net, X, target))
    return np.clip(moved, 0, 1).astype(X.dtype, copy=False)
    ### END SOLUTION


# %% [markdown] hints="targeted_fgsm"
# 1. The loss of the target is to become small, not large.
# 2. Give the target to `input_gradient` in the place of the label.
# 3. Now the step goes against the gradient. Everything else is as in `fgsm`.

# %% nbgrader={"grade_id": "targeted_fgsm_check", "locked": true}
net, X, _ = tiny_problem(1)
target = np.array([2])
moved = targeted_fgsm(net, X, target, 0.03)
check.shape(moved, X.shape, "images come back")
check.true(net.loss(moved, target)[0] < net.loss(X, target)[0], "the target's loss falls", "the target's loss did not fall: check the sign and the label")

# %% nbgrader={"grade_id": "targeted_fgsm_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of targeted_fgsm run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("targeted_fgsm", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Many small steps
#
# One large step trusts the gradient further than it holds. **Projected gradient descent** (PGD, Madry et al., 2018)
# takes several small ones with a new gradient each, and after each goes back to what is allowed: at most $\varepsilon$
# from the *original* image, and a valid pixel,
#
# $$ x_{k+1} = \mathrm{clip}_{[0,1]}\Big(\mathrm{clip}_{[x-\varepsilon,\; x+\varepsilon]}\big(x_k + \eta \operatorname{sign}(\nabla_x J(x_k, y))\big)\Big) . $$
#
# The steps uphill are the ascent; "descent" is the name that stuck. The inner clipping is done against $x$, not against
# $x_k$: otherwise ten steps lead ten times as far. It is usual to begin at a random point of the allowed cube, since at
# $x$ itself a net can hide its gradient.
#
# **By hand.** A pixel $.50$, $\varepsilon = .03$, $\eta = .02$, and a gradient that stays positive: $.52$, then $.54$ is
# too far and becomes $.53$, and there it stays. A pixel of $.99$ goes to $1$ and stays.
#
# ### Exercise: projected gradient descent

# %% nbgrader={"grade_id": "pgd", "solution": true}
def pgd(net, X, y, epsilon, step_size, num_steps, rng=None):
    """Images after num_steps steps of step_size up the loss of y, never more than epsilon from X, within [0, 1].

    X: (N, C, H, W), pixels from 0 to 1, left as they are.  y: (N,) labels.  epsilon, step_size: in the unit of the pixels.
    Each step goes along the sign of the gradient (test mode) at the images as they are by then; after each, pixels are
    brought back to at most epsilon from X and to [0, 1]. The start is X; with a numpy Generator as rng, it is X plus
    uniform numbers between −epsilon and epsilon, drawn for each pixel once, clipped to [0, 1]; num_steps = 0 gives the start.
    Returns (N, C, H, W) in the dtype of X.
    """
    ### BEGIN SOLUTION: choose the start, then repeat: gradient where you are, a step along its sign, back to what is allowed
    now = X
    if rng is not None:
        now = np.clip(X + rng.uniform(-epsilon, epsilon, size=X.shape), 0, 1).astype(X.dtype)
    for _ in range(num_steps):
        now = now + step_size * np.sign(input_gradient(net, now, y))
        now = np.clip(np.clip(now, X - epsilon, X + epsilon), 0, 1).astype(X.dtype, copy=False)
    return now
    ### END SOLUTION


# %% [markdown] hints="pgd"
# 1. A loop around what you did in `fgsm`, with `step_size` in the place of `epsilon`, and with one variable for the
#    original images and one for where you are.
# 2. Two limits hold at once, and both are an `np.clip`: one with arrays as its bounds, built from the original images,
#    and one with the numbers 0 and 1.
# 3. The gradient is asked for anew in every step, at the current images. The random start, where wanted, is drawn once,
#    before the loop.

# %% nbgrader={"grade_id": "pgd_check", "locked": true}
net, X, y = tiny_problem(2)
moved = pgd(net, X, y, 0.05, 0.05, 1)
check.close(moved, fgsm(net, X, y, 0.05), "one step of the size epsilon is fgsm")
check.true(net.loss(pgd(net, X, y, 0.05, 0.02, 5), y)[0] > net.loss(X, y)[0], "five steps raise the loss", "the loss did not rise")

# %% nbgrader={"grade_id": "pgd_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of pgd run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("pgd", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### One step, a chosen class, ten steps
#
# On the first 300 test images with ε = 4/255. For the targeted attacks each image's target is the class after its label
# in the list, a choice that has nothing to do with likeness. Ten targeted steps are the same loop with the other sign.

# %% tags=["skip-execution"]
def towards(net, X, target, epsilon, num_steps=10):
    """Targeted steps of epsilon / 4, projected as in pgd."""
    now = X
    for _ in range(num_steps):
        now = np.clip(targeted_fgsm(net, now, target, epsilon / 4), X - epsilon, X + epsilon)
    return now


some, labels = X_test[:300], y_test[:300]
target = (labels + 1) % 10
results = {
    "FGSM": fgsm(teacher, some, labels, EPSILON),
    "PGD, 10 steps": pgd(teacher, some, labels, EPSILON, EPSILON / 4, 10),
    "targeted, 1 step": targeted_fgsm(teacher, some, target, EPSILON),
    "targeted, 10 steps": towards(teacher, some, target, EPSILON),
}
for name, images in results.items():
    print(f"{name:19s} accuracy {teacher.accuracy(images, labels):.3f}   taken for the target {teacher.accuracy(images, target):.3f}   largest change {255 * np.abs(images - some).max():.2f}/255")
print(f"before any attack   accuracy {teacher.accuracy(some, labels):.3f}   taken for the target {teacher.accuracy(some, target):.3f}")
if data.stated_ranges_hold:
    check.true(
        teacher.accuracy(results["PGD, 10 steps"], labels) < teacher.accuracy(results["FGSM"], labels),
        "ten steps do more harm than one", "PGD left more answers right than FGSM",
    )
    check.true(
        teacher.accuracy(results["targeted, 10 steps"], target) > 1.5 * teacher.accuracy(results["targeted, 1 step"], target),
        "ten steps reach the target far more often than one", "ten steps did not reach the target far more often",
    )

# %% [markdown]
# ## An attack travels
#
# Must an attacker know the net? Images made against one net often fool another that has other weights, even another
# size: both have learned from similar images that similar things matter. So a net behind a service can be attacked by
# training one of one's own. Rows: the net the images were made against, with FGSM and ε = 8/255. Columns: the net that
# is asked. All were trained in this notebook, the last three on 2,000 images.

# %% tags=["skip-execution"]
nets = {"teacher": teacher, "alone": alone, "smoothed": smooth, "distilled": distilled}
made = {name: fgsm(net, X_test[:1000], y_test[:1000], 8 / 255) for name, net in nets.items()}
images = {"clean": X_test[:1000], **made}
transfer = np.array([[net.accuracy(X, y_test[:1000]) for net in nets.values()] for X in images.values()])
print("images made against", *(f"{name:>10s}" for name in nets))
for name, row in zip(images, transfer, strict=True):
    print(f"{name:19s}", *(f"{value:10.3f}" for value in row))
drop = transfer[0] - transfer[1:]
own, others = np.diag(drop).mean(), drop[~np.eye(4, dtype=bool)].mean()
print(f"accuracy lost: {own:.3f} to images made against the net itself, {others:.3f} to those made against another")
if data.stated_ranges_hold:
    check.true(own > others > 0.1, "attacks travel, with losses on the way", "the attack did not transfer as described")
    check.equal(transfer[1:].argmin(axis=0), np.arange(4), "nothing harms a net like images made against itself")

# %% [markdown]
# The diagonal is lowest in its column: nothing fools a net like images made against itself. But the other entries lie below
# the first row, too. The three students began with the same weights and saw the same images, and fool each other more
# than they fool the teacher. This is one seed; the five-seed table below measures one such transfer.

# %% [markdown]
# ## Training on the attack
#
# If a net errs on such images, let it train on them. **Adversarial training** makes, for every batch and with the net as it
# is at that moment, the attacked images, keeps the *right* labels, and lowers a mix of both losses:
#
# $$ J_{\text{mix}} = (1 - s)\, J(x, y) + s\, J\big(x_{\text{adv}}, y\big) , $$
#
# with $s$ the share of the attack, usually ½. The attacked images count as given: one does not differentiate through
# their making. As the net changes, so do the attacks; old ones would soon be harmless. It costs about three times as
# much as plain training: a forward and backward pass for the attack, and one for each half of the mix.
#
# **By hand.** Losses $0.4$ and $1.2$ with $s = \frac14$ give $0.3 + 0.3 = 0.6$; a weight of $1$ with gradients $2$ and
# $-1$ and learning rate $0.1$ becomes $1 - 0.1\,(\frac34 \cdot 2 - \frac14) = 0.875$.
#
# ### Exercise: a step of adversarial training

# %% nbgrader={"grade_id": "adversarial_training_step", "solution": true}
def adversarial_training_step(net, X, y, epsilon, learning_rate, share=0.5):
    """One step of gradient descent on (1 − share) · loss of X + share · loss of X after fgsm with epsilon. Changes net.params.

    X: (N, C, H, W), pixels from 0 to 1, left as they are.  y: (N,) labels, right for both halves.  The attack is made with
    the net as it is before the step. Both losses and their gradients are those of net.loss(·, y). Plain gradient descent:
    learning_rate times the gradient is taken off each parameter.
    Returns the mixed loss, a number, from before the step.
    """
    ### BEGIN SOLUTION: attack the batch, mix losses and gradients of both halves, and take one step for every parameter
    attacked = fgsm(net, X, y, epsilon)
    clean_loss, clean_grads = net.loss(X, y)
    hard_loss, hard_grads = net.loss(attacked, y)
    for name in net.params:
        mixed = (1 - share) * clean_grads[name] + share * hard_grads[name]
        net.params[name] = net.params[name] - learning_rate * mixed
    return (1 - share) * clean_loss + share * hard_loss
    ### END SOLUTION


# %% [markdown] hints="adversarial_training_step"
# 1. Everything is worked out with the net as it is; only then are the parameters changed, all of them.
# 2. `net.loss` with labels gives a loss and a dict of gradients. Call it for the batch and for the attacked batch.
# 3. Mix the two gradients of each parameter with the same shares as the losses, and take one step with the result.

# %% nbgrader={"grade_id": "adversarial_training_step_check", "locked": true}
net, X, y = tiny_problem(4)
before, first = {name: w.copy() for name, w in net.params.items()}, net.loss(X, y)[0]
check.close(adversarial_training_step(net, X, y, 0.0, 0.01), first, "with epsilon = 0 the mixed loss is the loss")
check.true(any(np.any(net.params[name] != w) for name, w in before.items()), "the step changes parameters", "no parameter of the net has changed")
for _ in range(30):
    last = adversarial_training_step(net, X, y, 0.0, 0.05)
check.true(last < first, "30 steps lower the loss", "the loss did not fall")

# %% nbgrader={"grade_id": "adversarial_training_step_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of adversarial_training_step run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("adversarial_training_step", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Accuracy under attack
#
# How hard a net is to fool is a curve, not a number: accuracy on images that were attacked with $\varepsilon$, for several
# $\varepsilon$. The images are test images, each with its right label, and each $\varepsilon$ starts from the clean image
# again. At $\varepsilon = 0$ it is the usual accuracy.
#
# ### Exercise: robust accuracy

# %% nbgrader={"grade_id": "robust_accuracy", "solution": true}
def robust_accuracy(net, X, y, epsilons):
    """Accuracy on X after fgsm, for each epsilon.

    X: (N, C, H, W), pixels from 0 to 1, left as they are.  y: (N,) the right labels.  epsilons: E numbers, in any order.
    Returns (E,) floats: for each epsilon the share of the N images that net labels rightly after the attack (test mode).
    """
    ### BEGIN SOLUTION: for each epsilon, attack the images and take the share of right labels among the answers
    return np.array([np.mean(net.predict(fgsm(net, X, y, epsilon)) == y) for epsilon in epsilons])
    ### END SOLUTION


# %% [markdown] hints="robust_accuracy"
# 1. One number for each epsilon, in the order given; every epsilon gets the clean images.
# 2. `net.predict` gives labels. What are they compared with: what the net said before, or what is right?
# 3. An array of truth values has a mean: the share that is true.

# %% nbgrader={"grade_id": "robust_accuracy_check", "locked": true}
net, X, y = tiny_problem(6)
y = net.predict(X)
accuracies = robust_accuracy(net, X, y, [0.0, 0.3])
check.shape(accuracies, (2,), "a number for each epsilon")
check.close(accuracies[0], 1.0, "no attack, and labels that are the net's own answers")
check.true(accuracies[1] < 1, "an attack with 0.3 turns some of the six", "no image was taken for another class at epsilon = 0.3")

# %% nbgrader={"grade_id": "robust_accuracy_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of robust_accuracy run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("robust_accuracy", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Two nets under attack
#
# The same first weights, the same images, four epochs; one net is trained with $s = 0$ (plainly), the other on a mix of
# halves with $\varepsilon = 4/255$.

# %% tags=["skip-execution"]
def train_with_steps(share, X, y, epochs=4, rate=0.3, batch_size=50):
    """A new small net, trained by adversarial_training_step with this share and a rate that falls by a cosine."""
    net, rng, step = PixelNet(filters=(8, 16), hidden=32, rng=0), np.random.default_rng(0), 0
    total = epochs * -(-len(X) // batch_size)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            now = nn.learning_rate("cosine", step, total, rate)
            if share == 0:  # what the step would do, without making images that do not count
                _, grads = net.loss(X[rows], y[rows])
                for name in net.params:
                    net.params[name] = net.params[name] - now * grads[name]
            else:
                adversarial_training_step(net, X[rows], y[rows], EPSILON, now, share)
            step += 1
    return net


plain_net, mixed_net = train_with_steps(0.0, X_train, y_train), train_with_steps(0.5, X_train, y_train)
few_epsilons = np.array([0, 2, 4, 8]) / 255
live = {name: robust_accuracy(net, X_test[:1000], y_test[:1000], few_epsilons) for name, net in (("plain", plain_net), ("mixed", mixed_net))}
for name, values in live.items():
    print(f"{name:6s}", ", ".join(f"{255 * e:.0f}/255: {value:.3f}" for e, value in zip(few_epsilons, values, strict=True)))
if data.stated_ranges_hold:
    check.between(live["plain"][0], 0.75, 0.87, "plain net, no attack")
    check.between(live["mixed"][0], 0.70, 0.85, "mixed net, no attack")
    check.between(live["plain"][2], 0.15, 0.50, "plain net, 4/255")
    check.between(live["mixed"][2], 0.50, 0.75, "mixed net, 4/255")

# %% [markdown]
# Five seeds, with three attacks: FGSM on the net itself, on all 2,000 test images; PGD with ten steps, on the first **500**
# of them; and images made with FGSM against *another* net, twice as wide and plainly trained (transfer), on all 2,000. The
# first 500 are a little easier (.843 against .827 for the plain net without an attack), so accuracies of PGD and of the
# others are not to be compared to the point; the figure shows which part of its accuracy on the *same* clean images a net
# keeps.

# %% tags=["skip-execution"]
print(robust.describe())
kept = {}
for (training, attack), values in under_attack.items():
    kept[f"{training}, {attack}" + (" (500 images)" if attack == "PGD" else "")] = values / values[:, :1]
    row = ", ".join(f"{255 * e:.0f}: {v.mean():.3f} ± {v.std():.3f}" for e, v in zip(EPSILONS, values.T, strict=True))
    print(f"{training:6s} {attack:9s} {row}")
figure = plots.accuracy_against_epsilon(
    EPSILONS, kept, title="Ten steps harm both nets most, images made against another net least"
)
figure.axes[0].set_ylabel("accuracy, as a part of that without an attack");

# %% tags=["skip-execution"]
effects = load_results("mixed_training_effects")
print(effects.describe())
for count in (2000, 10_000):
    for column, what in (("accuracy", "no attack"), ("under_fgsm", "FGSM, 4/255, 500 images")):
        trainings, values = effects.by_seed("training", column, {"images": count})
        row = ", ".join(f"{name} {mean:.3f}" for name, mean in zip(trainings, values.mean(axis=0), strict=True))
        print(f"{count:6,} training images, {what:23s}: {row}")

# %% [markdown]
# What the seeds say, at $\varepsilon = 4/255$, the size that the training used:
#
# - **The mix works.** Accuracy under FGSM rises from .32 to .64, under PGD from .19 to .63, in every seed.
# - **With many images it has a price.** Without an attack the mixed net is right in .811 of the test images, the plain one
#   in .827. With 2,000 images for training it is the other way round: the mixed net *gains* a point, in each of three seeds
#   (.771 to .781). That fits the view that attacked images are additional data, worth most where images are few, and that
#   with many a small net pays for having to give one answer in a whole cube around each image. Both are conjectures; these
#   tables do not test them, and in trials with plain gradient descent, as in the cell above, the gain did not show.
# - **One step flatters.** At 8/255 the plain net keeps 17 % of its accuracy under FGSM, and 2.5 % under PGD: the gradient
#   at the image does not hold that far. For the mixed net it is 59 % and 48 %. Who reports FGSM only reports the better
#   number.
# - **The images of another net** cost the plain net a quarter of its accuracy at 8/255 and the mixed one a tenth. That is
#   no proof of robustness: it is the weakest of the three attacks.
# - **It holds near the size that was trained.** At 12/255 PGD brings the mixed net down to .19. Nothing was promised there.
#
# ## Which pixels does an answer hang on?
#
# The backward pass can also start from a score instead of the loss. The gradient of the *score* of class $y$,
# $\partial z_y / \partial x$, says how much each number of the image moves the evidence for $y$. A **saliency map**
# (Simonyan, Vedaldi and Zisserman, 2014) shows how large it is, one number a pixel:
#
# $$ M_{hw} = \max_c \left| \frac{\partial z_y}{\partial x_{chw}} \right| , $$
#
# the largest over the channels, since a pixel matters if one of its colours does; and the absolute value, since darker
# may matter as much as brighter. The score before the softmax is taken, not the probability: that can also rise because
# the *other* scores fall, and where a net is sure its gradient is nearly 0.
#
# To start the backward pass there, give it as "gradient with respect to the scores" a 1 in the column of each image's
# class and 0 elsewhere.
#
# **By hand.** A pixel with the gradients $(-.5, .2, .1)$ in red, green and blue has the saliency $.5$.
#
# ### Exercise: the saliency map

# %% nbgrader={"grade_id": "saliency_map", "solution": true}
def saliency_map(net, X, y):
    """For each pixel, the largest over channels of the size of the gradient of the score of class y, in test mode.

    X: (N, C, H, W).  y: (N,) integer classes, one an image.  Returns (N, H, W), no value below 0. Neither net nor X changes.
    """
    ### BEGIN SOLUTION: go back from a 1 at each image's class, and take the largest absolute value over the channels
    scores, caches = net.forward(X)
    dscores = np.zeros_like(scores)
    dscores[np.arange(len(X)), y] = 1
    dX, _ = net.backward(dscores, caches, input_gradient=True)
    return np.abs(dX).max(axis=1)
    ### END SOLUTION


# %% [markdown] hints="saliency_map"
# 1. As in `input_gradient`: forward in test mode, then backward with the gradient of the input. What goes into backward
#    is different, since no loss is involved.
# 2. An array like the scores, with zeros, and a 1 in each row at the class of that image.
# 3. The channels are axis 1 of the gradient. First the absolute values, then the largest along that axis.

# %% nbgrader={"grade_id": "saliency_map_check", "locked": true}
net, X, y = tiny_problem(1)
saliency = saliency_map(net, X, y)
check.shape(saliency, (1, 4, 4), "one number for each pixel")
check.true(saliency.min() >= 0 and saliency.max() > 0, "sizes, and not all 0", "a value is below 0, or all are 0")

# %% nbgrader={"grade_id": "saliency_map_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of saliency_map run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("saliency_map", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Two nets' saliency
#
# Of the plain net and of the one trained on the mix, for the right class. Dark pixels matter.

# %% tags=["skip-execution"]
chosen = first_of_each_class(mixed_net.predict(X_test) == y_test, 8)
maps = {name: saliency_map(net, X_test[chosen], y_test[chosen]) for name, net in (("plain net", plain_net), ("mixed net", mixed_net))}
plots.saliency_maps(
    data.test_images[chosen], maps, titles=[data.class_names[c] for c in y_test[chosen]],
    title="The net that was trained on attacks hangs on fewer pixels, more of them along edges",
);

# %% tags=["skip-execution"]
def share_of_strongest(maps, part=0.1):
    """The share of a map's sum that its strongest tenth of pixels holds, mean over the maps."""
    flat = np.sort(maps.reshape(len(maps), -1), axis=1)
    return float((flat[:, -int(part * flat.shape[1]) :].sum(axis=1) / flat.sum(axis=1)).mean())


def share_on_edges(maps, X, part=0.2):
    """The share of a map's sum on the fifth of the pixels where brightness changes most, mean over the maps."""
    down, across = np.gradient(X.mean(axis=1), axis=(1, 2))
    edges = (np.abs(down) + np.abs(across)).reshape(len(X), -1)
    on_edge = edges >= np.quantile(edges, 1 - part, axis=1, keepdims=True)
    flat = maps.reshape(len(maps), -1)
    return float(((flat * on_edge).sum(axis=1) / flat.sum(axis=1)).mean())


for name, net in (("plain", plain_net), ("mixed", mixed_net)):
    found = saliency_map(net, X_test[:500], y_test[:500])
    strongest, on_edges = share_of_strongest(found), share_on_edges(found, X_test[:500])
    print(f"{name}: mean saliency {found.mean():.3f}; of the sum, the strongest tenth of the pixels holds {strongest:.0%}, the fifth on edges {on_edges:.0%}")
    if data.stated_ranges_hold:
        check.between(strongest, *((0.25, 0.32) if name == "plain" else (0.37, 0.46)), "the strongest tenth")
        check.between(on_edges, *((0.27, 0.33) if name == "plain" else (0.35, 0.44)), "the fifth on edges")

# %% [markdown]
# The mixed net's gradients are smaller, and less spread out. In the three seeds of the table above, whose nets were trained
# on 10,000 images, the strongest tenth of the pixels holds .48 of the map's sum and .30 for the plain net; the fifth of the
# pixels with the strongest edges holds .41 in the place of .30. (A map without any preference has .10 and .20. You see one
# seed of nets that were trained a little less.)
#
# A word of caution: the map says which pixels change the score *locally*. Where a plain net's map looks like noise, this
# may say as much about its gradient, which can change from one image to the next that looks the same, as about what it
# uses.
# That nets trained on attacks have maps that a person can read was found by Tsipras et al. (2019) on far larger ones.
#
# ## (+) Images that fool your own net
#
# So far we began with an image and changed it a little. One can also begin with an image, or with noise, and climb the
# score of a class until the net is sure. What comes out looks like nothing, and the net is certain. (Nguyen, Yosinski
# and Clune, 2015, called them fooling images.)
#
# Here the *size* of the gradient is used, not the sign: a step of length $\eta$ along the gradient of the target's score,
#
# $$ x \leftarrow \mathrm{clip}_{[0,1]}\left(x + \eta\, \frac{g}{\lVert g \rVert_2}\right), \qquad g = \frac{\partial z_t}{\partial x} , $$
#
# so pixels that do not matter are hardly touched.
#
# **By hand.** Two pixels $(.5, .5)$, $g = (3, -4)$ of length 5, $\eta = .1$: $(.56, .42)$.
#
# ### Exercise (extension): a fooling image

# %% nbgrader={"grade_id": "fooling_image", "solution": true}
def fooling_image(net, image, target, step_size=0.5, max_steps=100, confidence=0.9):
    """An image that net takes for the class target with at least this confidence, found by climbing the target's score.

    image: (C, H, W), pixels from 0 to 1, where to begin, left as it is.  target: an integer class.  At most max_steps steps
    of the Euclidean length step_size along the gradient of the target's score (test mode), each followed by clipping to
    [0, 1]. It stops as soon as the probability of target is at least confidence, so it may make no step at all, and where
    the gradient is 0 everywhere.  Returns (C, H, W) in the dtype of image.
    """
    ### BEGIN SOLUTION: until the net is sure enough or the steps are used up, step along the score's gradient and clip
    now = image[np.newaxis].copy()
    for _ in range(max_steps):
        scores, caches = net.forward(now)
        if softmax_with_temperature(scores)[0, target] >= confidence:
            break
        dscores = np.zeros_like(scores)
        dscores[0, target] = 1
        gradient, _ = net.backward(dscores, caches, input_gradient=True)
        length = np.linalg.norm(gradient)
        if length == 0:
            break
        now = np.clip(now + step_size * gradient / length, 0, 1).astype(image.dtype)
    return now[0]
    ### END SOLUTION


# %% [markdown] hints="fooling_image"
# 1. A net takes a batch: give the image a first axis of length 1, and take it away at the end.
# 2. In each round first look whether the net is sure already; the forward pass for that also gives the caches for the
#    gradient. The backward pass starts as in `saliency_map`.
# 3. Divide the gradient by its Euclidean length, so that a step has the length `step_size` however large the gradient is.

# %% nbgrader={"grade_id": "fooling_image_check", "locked": true}
net, X, _ = tiny_problem(1)
fooled = fooling_image(net, X[0], 1, step_size=0.1, max_steps=1, confidence=1.0)
check.shape(fooled, (3, 4, 4), "an image, without an axis for a batch")
check.true(0 < np.linalg.norm(fooled - X[0]) <= 0.1 + 1e-12, "one step of the length step_size at most", "one step should move the image, and by no more than step_size")

# %% nbgrader={"grade_id": "fooling_image_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of fooling_image run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("fooling_image", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### A page of images that fool your own net
#
# Above: grey noise, changed until the plain net is 99 % sure to see a thing of each class. Below: one real image, with
# the same aim.

# %% tags=["skip-execution"]
start = np.clip(0.5 + 0.1 * np.random.default_rng(1).normal(size=(3, 32, 32)), 0, 1).astype(np.float32)
most_steps = data.steps(200)
page = np.stack([fooling_image(plain_net, image, target, 0.3, most_steps, 0.99) for image in (start, X_test[chosen[0]]) for target in range(10)])
sure = softmax_with_temperature(plain_net.loss(page))
titles = [f"{data.class_names[row.argmax()]}\n{row.max():.1%}" for row in sure]
plots.image_grid(pictures(page), titles=titles, columns=10, title="What the plain net is sure to see: first row from noise, second from one and the same image");

# %% tags=["skip-execution"]
lengths = np.linalg.norm((page[10:] - X_test[chosen[0]]).reshape(10, -1), axis=1)
doubtful = softmax_with_temperature(mixed_net.loss(page))[np.arange(20), np.tile(np.arange(10), 2)]
print(f"reached 99 %: {int((sure[np.arange(20), np.tile(np.arange(10), 2)] >= 0.99).sum())} of 20")
print(f"changes of the real image: length {lengths[lengths > 0].min():.2f} to {lengths.max():.2f}; the image itself has length {np.linalg.norm(X_test[chosen[0]]):.1f}")
print(f"the mixed net sees the wanted class with 50 % or more in {int((doubtful >= 0.5).sum())} of the 20")

# %% [markdown]
# Where a target is not reached, climbing its score has raised another class's even more (shirt and T-shirt are near
# relatives). Going down the target's *loss* pushes the other scores down as well. From the same image, with the same
# length of a step, to each class:

# %% tags=["skip-execution"]
reached = []
for target in range(10):
    now, wanted, steps = X_test[chosen[:1]], np.array([target]), 0
    while softmax_with_temperature(plain_net.loss(now))[0, target] < 0.99 and steps < most_steps:
        slope = input_gradient(plain_net, now, wanted)
        now, steps = np.clip(now - 0.3 * slope / np.linalg.norm(slope), 0, 1), steps + 1
    reached.append(steps < most_steps)
    print(f"{data.class_names[target]:12s} {steps:3d} steps, {softmax_with_temperature(plain_net.loss(now))[0, target]:.1%} sure, change of length {np.linalg.norm(now - X_test[chosen[0]]):.2f}")
if data.stated_ranges_hold:
    check.true(all(reached), "down the loss every class is reached", "a class was not reached going down its loss")

# %% [markdown]
# None of this is seen by a person as what the net says it is. A softmax has to give its probability to something: it has
# no class "none of these". High confidence far from the training images means nothing, and the net cannot say so.
#
# ## Two questions in your own words
#
# **Question 1 (5 points).** A company wants to put your classifier on a device that can hold a quarter of the net, and
# offers you its own large net, trained on a million images, as a service that returns ten probabilities for any image.
# Say how you would train the small net, what each term of the loss is for, what the temperature does and why the factor
# T² is there. When would you *not* expect a gain over training on labels alone? Use numbers of this notebook. About
# seven sentences.

# %% [markdown] nbgrader={"grade_id": "question_small_net", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# I would send my images to the service once, keep its probabilities, and train the small net on
# α·T²·KL(teacher‖student) + (1 − α)·cross-entropy with my labels. The first term makes the student imitate all ten
# probabilities, also those of wrong classes, which say what an image resembles; the second keeps it to the truth where
# the teacher errs. As the service returns probabilities, their logarithms serve as scores: softmax does not mind the
# constant that is lost. A temperature above 1 flattens both distributions, so that the small probabilities count. The
# gradient of the KL term falls as 1/T², once by the chain rule and once by the flattening; T² takes that back, so that α
# keeps its meaning when T is changed. In this notebook a teacher that had seen 10,000 images gave a student with 2,000
# images 3.3 points in the mean of five seeds, and .80 in the place of .47 when 40 % of the student's labels were wrong.
# With teacher and student trained on the same 10,000 images the gain was 0.8 points and within what seeds differ by: the
# teacher then has little to say that is not in the
# labels. So I would not expect much where I have plenty of labelled images of my own, or where the service's images are
# of another kind.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the loss with both terms, the teacher fixed (asked once, no gradient into it).
# - 1 point: what the teacher's term adds: the wrong classes' probabilities, likeness between classes.
# - 1 point: the temperature flattens, so that small probabilities count.
# - 1 point: T² undoes the 1/T² of the gradient, so that the weight alpha keeps its meaning.
# - 1 point: little or no gain when teacher and student know the same images, with a number from the notebook.
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** A paper reports a defence: accuracy under FGSM with ε = 8/255 rises from .10 to .78 without
# any adversarial training, measured with images made against the *undefended* net, and the clean accuracy is unchanged.
# What are the weaknesses of this measurement? Which experiments would you ask for before you believe it, and what would
# you expect them to show? About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_defence", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# The images were made against another net, so this is transfer, and a plain net of ours kept most of its accuracy under
# transfer although it is not robust at all: at 8/255 it kept about .62 under images made against another net and .14
# under those made against itself. The attack has to be made against the defended net, with its own gradient. One step of FGSM is a weak
# attack; PGD with ten and more steps and random starts should be tried, since a defence may hide the gradient (make it
# zero or random at the image itself) without moving the decision. I would ask for the whole curve over ε: it must fall
# to chance, at the latest when ε is so large that every image can become grey, and if it does not the attack is broken.
# Attacks that need no gradient, or images transferred from the defended net's own imitation, would show hidden
# gradients, too. The attacked images must be test images with their right labels. I would expect that the accuracy under
# PGD against the net itself is far below .78.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the attack was made against another net: this measures transfer; it has to be made against the defended net.
# - 1 point: FGSM is weak; several steps (PGD), more steps, random starts.
# - 1 point: hidden or vanishing gradients, and a way to find them (no-gradient attacks, transfer from an imitation).
# - 1 point: the curve over ε, which must reach chance, or test images with right labels.
# - 1 point: a number of the notebook is used rightly, or a stated expectation that follows from it.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **No $T^2$**, or $T^2$ in the loss and not in the gradient. At high temperatures the teacher falls silent.
# - **KL the other way round.** The teacher's probabilities come first, as weights.
# - **A temperature on one side only.** Both are softened, or they cannot agree.
# - **A gradient through the teacher**, or a teacher in training mode.
# - **The gradient in the place of its sign** in FGSM: pixels move by far less than ε, and the net looks robust.
# - **The sign of a targeted attack**: towards the target means *down* the target's loss.
# - **No clipping to valid pixels**: part of the attack's strength is then not an image.
# - **Projection around the step before** in PGD: ten steps lead ten times as far.
# - **ε in the wrong unit**: 4 where 4/255 is meant, or 4/255 on bytes.
# - **Attacks in training mode**, with dropout on, or with batch statistics.
# - **Robust accuracy on training images**, or against the net's answers in the place of labels.
# - **Robust "against FGSM"**, said of a net that was never attacked with more than one step.
# - **Saliency from probabilities or the loss**: where the net is sure there is nothing to see.

# %% [markdown]
# ## Check yourself
#
# 1. Scores (2, 0). What are the probabilities at T = 1, and in the limits T → 0 and T → ∞?
#
# <details><summary>Answer</summary>(.881, .119); (1, 0); (½, ½).</details>
#
# 2. With α = 1, what is the gradient for a student whose scores are the teacher's plus 3 for every class?
#
# <details><summary>Answer</summary>0: softmax does not see a constant, so p = q.</details>
#
# 3. Why does distillation work with images that have no labels?
#
# <details><summary>Answer</summary>With α = 1 the loss contains the teacher's probabilities only.</details>
#
# 4. Teacher's p = (.5, .5), student's q = (1, 0) to rounding. Which of KL(p‖q) and KL(q‖p) is large?
#
# <details><summary>Answer</summary>KL(p‖q): it is infinite in the limit, since q leaves out a class that p thinks
# possible. KL(q‖p) is log 2.</details>
#
# 5. A linear score, weights of size .02 on 3,072 pixels. By how much can ε = 2/255 change it?
#
# <details><summary>Answer</summary>2/255 · 3,072 · .02 = .48.</details>
#
# 6. ε = 8/255, five steps of 1/255. How far can PGD get?
#
# <details><summary>Answer</summary>5/255: the steps do not reach the limit.</details>
#
# 7. Is a net's accuracy under FGSM with ε an upper or a lower bound of its accuracy under the best attack with ε?
#
# <details><summary>Answer</summary>An upper bound: the best attack is at least as harmful.</details>
#
# 8. In float32, a net's score of the label lies so far above all others that softmax gives exactly (1, 0, …, 0). What
#    does FGSM do?
#
# <details><summary>Answer</summary>Nothing: the gradient of the loss is exactly 0, so its sign is 0. The net is not
# robust, its gradient is hidden.</details>
#
# 9. Why does the factor 1/N of the mean loss not matter in FGSM, and when would a penalty on the weights matter?
#
# <details><summary>Answer</summary>Signs do not change. A penalty on the weights does not depend on x: never.</details>
#
# 10. What does adversarial training cost in time, with one step of FGSM?
#
# <details><summary>Answer</summary>About three passes forward and backward in the place of one.</details>
#
# 11. A saliency map is dark in the background. Does that show that the net uses the background?
#
# <details><summary>Answer</summary>It shows that small changes there move the score. Whether the answer rests on it
# takes another experiment, such as covering it.</details>

# %% [markdown]
# ## Where this leads
#
# Distillation is how large models become products: an ensemble into one net, a large language model into a small one.
# Relatives of it teach a net by its own earlier self, or by a running mean of itself. Adversarial training with PGD in
# the place of FGSM is still the yardstick of defences, and *certified* ones prove that no attack within ε exists. And
# saliency maps are the first step of a large field that asks nets for reasons.
#
# This is the last notebook. You have built the whole way: from distances between pixels to nets that learn, generalise,
# teach each other and resist.
#
# ## Further reading
#
# - G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015, arXiv:1503.02531.
# - A. Romero et al., "FitNets: hints for thin deep nets", ICLR 2015: features handed on.
# - W. Park, D. Kim, Y. Lu and M. Cho, "Relational knowledge distillation", CVPR 2019: relations handed on.
# - C. Szegedy et al., "Intriguing properties of neural networks", ICLR 2014: adversarial examples, and their transfer.
# - I. Goodfellow, J. Shlens and C. Szegedy, "Explaining and harnessing adversarial examples", ICLR 2015: FGSM, the panda,
#   and training on a mix.
# - A. Madry et al., "Towards deep learning models resistant to adversarial attacks", ICLR 2018: PGD.
# - A. Athalye, N. Carlini and D. Wagner, "Obfuscated gradients give a false sense of security", ICML 2018.
# - D. Tsipras et al., "Robustness may be at odds with accuracy", ICLR 2019.
# - K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks", ICLR workshop 2014: saliency maps.
# - A. Nguyen, J. Yosinski and J. Clune, "Deep neural networks are easily fooled", CVPR 2015: fooling images.
# - Notes of Stanford's course CS231n on visualising what nets learn, https://cs231n.github.io.
