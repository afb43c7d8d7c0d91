# ---
# jupyter:
#   course:
#     title: Linear classifiers
#     builds: two loss functions with their gradients, and the stochastic gradient descent that trains them on images
#     needs: NumPy broadcasting, matrix products, partial derivatives
#     minutes: 230
#     budget_seconds: 60
# ---

# %% [markdown]
# # Linear classifiers
#
# The nearest-neighbour classifier keeps every training image and compares each new one with all of them. Here you
# build the opposite: a classifier that boils the training set down to one matrix $W$ and then throws the images away.
#
# **What you build.** The multiclass SVM loss and the softmax loss with their gradients, first with loops and then
# without; a numerical gradient that checks them; random search and stochastic gradient descent (SGD), which find a good
# $W$; and a search over learning rates and penalties.
#
# **What you need.** NumPy broadcasting and matrix products, and partial derivatives. No answer from another notebook is
# used.
#
# **How long.** About four hours, in two sittings: pause after the gradient of the SVM loss.
#
# **The result.** The figure below shows a $W$ after a quick training: each of its ten columns, reshaped to an image. By
# the end you can say where every bright and dark patch comes from, and ten pictures of your own are right on about 57
# of 100 images, where guessing gets 10.

# %%
import time

import numpy as np

from course_utils import check

# %% tags=["skip-execution"]
from course_utils import nn, plots
from course_utils.data import flatten, load_dataset

data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
preview_W = nn.train_softmax(flatten(data.train_images[:2000]), data.train_labels[:2000])
plots.templates(preview_W, data.class_names, title="Ten columns of W, drawn as pictures");

# %% [markdown]
# ## From pixels to scores
#
# A **parametric** classifier is a function $f(x; W)$ of an image $x$ and of numbers $W$, the parameters or *weights*.
# Training chooses $W$; after that the training images are no longer needed, and prediction costs the same however many
# there were. The simplest choice for $f$ is linear: one **score** per class, each a weighted sum of all pixels plus a
# constant,
#
# $$ s_c = \sum_d x_d\, W_{dc} + b_c . $$
#
# An image of $32 \times 32 \times 3$ pixels is a row of $D = 3072$ numbers. With $C = 10$ classes, $W$ has shape
# $(D, C)$, the bias $b$ has shape $(C,)$, and for a whole batch $X$ of shape $(N, D)$ the scores are `X @ W + b`, of
# shape $(N, C)$. The predicted class is the column with the largest score. Nothing says what a score of 3 means: only
# comparisons between the scores of one image do.
#
# **By hand.** A four-pixel image and three classes. Lectures often write the weights of a class as a *row* and multiply
# from the left; our $W$ has a class in each *column*, so we transpose.

# %%
rows = np.array([[0.2, -0.5, 0.1, 2.0], [1.5, 1.3, 2.1, 0.0], [0.0, 0.25, 0.2, -0.3]])  # one row a class
x = np.array([56.0, 231.0, 24.0, 2.0])
b = np.array([1.1, 3.2, -1.2])
W = rows.T  # (4 pixels, 3 classes)
print("scores x @ W + b :", x @ W + b)

# %% [markdown]
# For the first class: $0.2\cdot56 - 0.5\cdot231 + 0.1\cdot24 + 2\cdot2 + 1.1 = 11.2 - 115.5 + 2.4 + 4 + 1.1 = -96.8$.
# The second class gets $437.9$ and the third
# $0\cdot56 + 0.25\cdot231 + 0.2\cdot24 - 0.3\cdot2 - 1.2 = 57.75 + 4.8 - 0.6 - 1.2 = 60.75$.
#
# A well-known lecture slide prints $61.95$ for the third. Where does it slip? $57.75 + 4.8 - 0.6$ *is* $61.95$:
# the bias $-1.2$ was never added, although it was for the other two classes. The prediction survives (class 1 wins by
# far), which is why such slips live long. A bias that is forgotten for one class only is a bug you will meet in code,
# too.
#
# ### The bias trick
#
# To carry one array instead of two, append a constant 1 to every image and the bias as an extra row to $W$. Then
# $[x, 1] \begin{bmatrix} W \\ b \end{bmatrix} = xW + b$. From here on $W$ has shape $(D + 1, C)$ where $X$ got
# its column of ones, and no formula mentions $b$ again.

# %% tags=["skip-execution"]
x_one = np.append(x, 1.0)  # (5,)
W_b = np.vstack([W, b])  # (5, 3)
print("scores x_one @ W_b:", x_one @ W_b)
print("without the bias  :", x @ W)

# %% [markdown]
# ### Three ways to read $W$
#
# **As algebra**: a function with $D \cdot C$ knobs, each saying how much one pixel counts for one class.
#
# **As pictures**: the score of class $c$ is the inner product of the image with column $c$, so it is largest for images
# that look like that column. A column is a *template*, and a linear classifier compares an image with one template a
# class, where nearest neighbours compared it with thousands of training images.
#
# **As geometry**: an image is a point in a space of $D$ dimensions. The points where two classes have equal scores
# form a *hyperplane*, $x \cdot (W_{:,a} - W_{:,c}) = 0$, and each class gets the region where it beats all others: one
# convex region bounded by flat walls. With two dimensions it can be drawn.

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
centres = np.array([[0.0, 1.6], [-1.6, -1.0], [1.6, -1.0]])
y_plane = np.arange(150) % 3
X_plane = centres[y_plane] + 0.6 * rng.normal(size=(150, 2))
W_plane = np.vstack([centres.T, -0.5 * (centres**2).sum(axis=1)])  # the class whose centre is nearest has the top score


def predict_plane(points):
    return np.argmax(np.column_stack([points, np.ones(len(points))]) @ W_plane, axis=1)


plots.decision_boundary(predict_plane, X_plane, y_plane, title="Three classes, three straight walls");

# %% [markdown]
# One convex region a class is also the limit of the method. A class that lives in two places (trousers left *and*
# right, light *and* dark), or one that surrounds another, cannot be cut out by flat walls.
# Below, the best straight fit gives up on the inner class.

# %% tags=["skip-execution"]
radius = np.where(np.arange(150) < 60, 0.7, 2.0) + 0.2 * rng.normal(size=150)
angle = rng.uniform(0, 2 * np.pi, 150)
X_ring = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
y_ring = (np.arange(150) >= 60).astype(int)
W_ring = np.linalg.lstsq(np.column_stack([X_ring, np.ones(150)]), np.eye(2)[y_ring], rcond=None)[0]


def predict_ring(points):
    return np.argmax(np.column_stack([points, np.ones(len(points))]) @ W_ring, axis=1)


plots.decision_boundary(predict_ring, X_ring, y_ring, title="A class around another: all is called class 1");

# %% [markdown]
# ## How bad is this $W$? The multiclass SVM loss
#
# Training needs a number that says how unhappy we are with the scores of an example. The **multiclass SVM loss**, or
# hinge loss, asks that the score of the true class $y$ beat every other score by a margin of at least 1 and charges
# what is missing:
#
# $$ L_i = \sum_{j \ne y_i} \max\,(0,\; s_j - s_{y_i} + 1), \qquad L = \frac1N \sum_i L_i . $$
#
# Scores, not probabilities: the loss of an example is zero as soon as the true class leads by 1, however large the
# lead. The margin 1 is a choice of unit, not a setting worth tuning: doubling $W$ doubles all differences.
#
# **By hand.** Three images of classes 0, 1 and 2, one a row.

# %%
scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
y_three = np.array([0, 1, 2])
for s, true in zip(scores, y_three, strict=True):
    margins = [max(0.0, s[j] - s[true] + 1) for j in range(3) if j != true]
    print(f"class {true}: {' + '.join(f'{m:.1f}' for m in margins)} = {sum(margins):.1f}")
print(f"mean: {(2.9 + 0.0 + 12.9) / 3:.2f}")

# %% [markdown]
# The first image is of class 0: $\max(0,\, 5.1 - 3.2 + 1) + \max(0,\, -1.7 - 3.2 + 1) = 2.9 + 0$. The second is right
# with room to spare. The third is beaten by both others: $6.3 + 6.6 = 12.9$. Their mean is $15.8 / 3 = 5.27$.

# %% tags=["skip-execution"]
lead = np.linspace(-4, 4, 200)
plots.lines(
    lead,
    {"hinge: max(0, 1 - lead)": np.maximum(0, 1 - lead), "error counted: 1 if the lead is negative": lead < 0},
    xlabel="lead of the true class over one other class",
    ylabel="charge",
    title="The hinge charges until the lead is 1",
);

# %% [markdown]
# ### Six questions about a loss
#
# Ask these of any new loss; each takes a minute and tells you something about your code as well. Answer before
# unfolding.
#
# 1. What if the sum ran over all classes, the true one included?
#
# <details><summary>Answer</summary>The true class adds max(0, s_y − s_y + 1) = 1 to each example. The loss grows by 1;
# the best W stays the same. A loss that is exactly 1 too large points at this slip.</details>
#
# 2. What if we took the mean over the other classes instead of the sum?
#
# <details><summary>Answer</summary>Everything is divided by C − 1. The best W of the data loss is the same, though a
# penalty added to it would weigh more in comparison.</details>
#
# 3. What if each term were squared?
#
# <details><summary>Answer</summary>That is another loss: one large violation now counts more than many small ones, so
# it prefers another W. It is used too (squared hinge).</details>
#
# 4. What are the smallest and the largest possible loss?
#
# <details><summary>Answer</summary>Zero, and no upper limit.</details>
#
# 5. At the start W is close to zero and so are all scores. What is the loss?
#
# <details><summary>Answer</summary>Each of the C − 1 wrong classes charges max(0, 0 − 0 + 1) = 1, so it is C − 1: 9 for
# ten classes. Look for that number in the first line of every training run.</details>
#
# 6. Suppose some W has loss 0. Is it the only one?
#
# <details><summary>Answer</summary>No: 2W doubles every lead, so all margins stay satisfied and the loss stays 0. The
# next section gives a reason to prefer one of them.</details>

# %% [markdown]
# ## Choosing among equals: regularisation
#
# If $W$ fits, so does $2W$, and with more pixels than images there are many other directions in which $W$ can move
# without changing a single training score, while the scores of new images do change. A **penalty** $R(W)$ states a
# preference among them that does not come from the data:
#
# $$ L(W) = \underbrace{\frac1N \sum_i L_i(W)}_{\text{data loss}} + \underbrace{\lambda\, R(W)}_{\text{penalty}} . $$
#
# The strength $\lambda$ is called `reg` in code. Three common choices, summed over all entries of $W$:
#
# | kind | $R(W)$ | gradient of $R$ | what it prefers |
# |---|---|---|---|
# | L2 | $\sum W_{dc}^2$ | $2W$ | many small weights, spread out |
# | L1 | $\sum \lvert W_{dc}\rvert$ | $\operatorname{sign}(W)$ | few weights that are not zero |
# | elastic net | $\beta \sum W_{dc}^2 + \sum \lvert W_{dc}\rvert$ | $2\beta W + \operatorname{sign}(W)$ | something between |
#
# The L2 penalty here is $\sum W^2$, so its gradient carries a 2. Other texts, and this course from the notebook on
# two-layer networks on, put a $\frac12$ in front to be rid of it. Read the formula before you trust a value of `reg`.
#
# **By hand.** Let $x = (1, 1, 1, 1)$. The weights $(1, 0, 0, 0)$ and $(\frac14, \frac14, \frac14, \frac14)$ both give
# the score 1. Their L2 penalties are $1$ and $4 \cdot \frac1{16} = 0.25$: L2 prefers to listen a little to every pixel.
# Their L1 penalties are both 1: L1 does not mind.

# %% tags=["skip-execution"]
for w in (np.array([1.0, 0, 0, 0]), np.full(4, 0.25)):
    print(f"w = {w}: score {w.sum():.0f}, L2 {np.sum(w**2):.2f}, L1 {np.sum(np.abs(w)):.2f}")

# %% [markdown]
# ### Exercise: the penalty and its gradient
#
# Write all three. The gradient has the shape of $W$; where an entry of $W$ is exactly zero, L1 has a kink and any
# slope between −1 and 1 is accepted.

# %% nbgrader={"grade_id": "regularization", "solution": true}
def regularization(W, kind, beta=1.0):
    """A penalty on the weights and its gradient, not yet multiplied by any strength.

    W: array of any shape, left as it is.
    kind: "l2" for sum(W**2), "l1" for sum(|W|), "elastic" for beta * sum(W**2) + sum(|W|).
    beta: weight of the squared part; used by "elastic" only.
    Returns (penalty, gradient): a number, and an array of the shape of W.
    Raises ValueError, naming the kind, for any other kind.
    """
    ### BEGIN SOLUTION: return the penalty of this kind and its gradient; raise ValueError for an unknown kind
    if kind == "l2":
        return np.sum(W**2), 2 * W
    if kind == "l1":
        return np.sum(np.abs(W)), np.sign(W)
    if kind == "elastic":
        return beta * np.sum(W**2) + np.sum(np.abs(W)), 2 * beta * W + np.sign(W)
    raise ValueError(f"unknown kind of regularization: {kind!r}; use 'l2', 'l1' or 'elastic'")
    ### END SOLUTION


# %% [markdown] hints="regularization"
# 1. Three cases, each with two results. Write the sums of the table above with `np.sum` over the whole array.
# 2. Differentiate one term at a time: the derivative of $w^2$ is $2w$, that of $|w|$ is $+1$ for positive and $-1$ for
#    negative $w$. The gradient is an array like `W`; nothing is summed in it.
# 3. `np.abs` and `np.sign` work entry by entry. `beta` multiplies only the squared part, in the penalty and in the
#    gradient alike. After the three cases, raise `ValueError` so that a typing mistake in `kind` does not go unnoticed.

# %% nbgrader={"grade_id": "regularization_check", "locked": true}
W_small = np.array([[1.0, -2.0, 0.5], [-0.5, 3.0, 1.0]])
penalty, gradient = regularization(W_small, "l2")
check.close(penalty, 15.5, "L2 penalty: 1 + 4 + .25 + .25 + 9 + 1")
check.close(gradient, [[2, -4, 1], [-1, 6, 2]], "L2 gradient")
penalty, gradient = regularization(W_small, "l1")
check.close(penalty, 8.0, "L1 penalty: 1 + 2 + .5 + .5 + 3 + 1")
check.shape(gradient, (2, 3), "L1 gradient: the shape of W")
check.close(regularization(W_small, "elastic")[0], 23.5, "elastic net with beta = 1")

# %% nbgrader={"grade_id": "regularization_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of regularization run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("regularization", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Which way is down? Finite differences
#
# A loss turns the choice of $W$ into a search for a low point in a landscape with $D \cdot C$ dimensions. The slope in
# each dimension says which way is down. The definition of a derivative gives a recipe that needs no calculus: change
# one entry of $W$ by a small $h$, see how the loss changes, divide by $h$.
#
# **By hand.** A $W$ has the loss 1.25347. Three entries in turn are raised by $h = 0.0001$:

# %%
h = 1e-4
for raised in (1.25322, 1.25353, 1.25347):
    print(f"loss {raised}: slope ({raised} - 1.25347) / {h} = {(raised - 1.25347) / h:+.1f}")

# %% [markdown]
# Raising the first entry lowers the loss (slope −2.5), raising the second raises it (+0.6), the third does not matter.
# So a step to a lower loss raises the first, lowers the second, and leaves the third: a step *against* the gradient.
#
# This is the **forward** difference. The **centred** difference looks both ways and is much more accurate:
#
# $$ \frac{f(x + h) - f(x)}{h} = f'(x) + \frac h2 f''(x) + \dots \qquad
#    \frac{f(x + h) - f(x - h)}{2h} = f'(x) + \frac{h^2}6 f'''(x) + \dots $$
#
# The first error shrinks like $h$, the second like $h^2$, because the terms with $f''$ cancel. For $f(x) = x^3$ at
# $x = 1$ with $h = 0.1$ the true slope is 3; forward gives $(1.331 - 1)/0.1 = 3.31$ and centred gives
# $(1.331 - 0.729)/0.2 = 3.01$.

# %% tags=["skip-execution"]
steps = np.logspace(-14, -1, 60)
true_slope = np.exp(1.0)
plots.lines(
    steps,
    {
        "forward": np.abs((np.exp(1 + steps) - np.exp(1.0)) / steps - true_slope),
        "centred": np.abs((np.exp(1 + steps) - np.exp(1 - steps)) / (2 * steps) - true_slope),
    },
    xlabel="step h",
    ylabel="error of the slope",
    title="Slope of exp at 1: centred wins, and too small a step loses to rounding",
    log_x=True,
    log_y=True,
);

# %% [markdown]
# To the right of each valley the formula is too coarse; to its left, $f(x+h)$ and $f(x-h)$ agree in all but their last
# digits and their difference is mostly rounding. A step near $10^{-5}$ is a good choice for the centred formula in
# `float64`. In `float32`, which carries seven digits only, it would be useless: always check gradients in `float64`.
#
# ### Exercise: a numerical gradient
#
# For every entry of `x`, evaluate `f` with that entry a little larger and a little smaller. It costs two evaluations
# of `f` an entry, 61,460 for the 30,730 weights and biases of our images: far too slow to train with, and just right
# for checking a formula on a small $W$.

# %% nbgrader={"grade_id": "numerical_gradient", "solution": true}
def numerical_gradient(f, x, h=1e-5):
    """Gradient of f at x by centred differences, (f(x + h) - f(x - h)) / (2 h) in each entry.

    f: function of an array of the shape of x; returns a number.
    x: array of any shape and of any numeric dtype; after the call it holds what it held before.
    Returns a float64 array of the shape of x. The work is done in float64 whatever the dtype of x.
    Not to be called: np.gradient, scipy, course_utils.gradient_check.
    """
    ### BEGIN SOLUTION: for every entry of x, the centred difference of f with step h
    point = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        kept = point[index]
        point[index] = kept + h
        above = f(point)
        point[index] = kept - h
        below = f(point)
        point[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient
    ### END SOLUTION


# %% [markdown] hints="numerical_gradient"
# 1. Only one entry differs from `x` at a time. After the two evaluations it must be back at its old value before the
#    next entry's turn.
# 2. `for index in np.ndindex(x.shape)` visits every entry of an array of any number of dimensions; `x[index]` is that
#    entry.
# 3. Begin with a `float64` copy of `x`: then the caller's array cannot change, and a small step is not lost in an
#    integer or `float32` array. Keep the entry, set it to kept + h, evaluate; set it to kept − h, evaluate; put it back.

# %% nbgrader={"grade_id": "numerical_gradient_check", "locked": true}
check.close(numerical_gradient(lambda x: np.sum(x**2), np.array([1.0, -2.0])), [2, -4], "slope of a sum of squares", atol=1e-3)
check.shape(numerical_gradient(lambda x: np.sum(x**2), np.ones((2, 2))), (2, 2), "a matrix in, a matrix out")

# %% nbgrader={"grade_id": "numerical_gradient_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of numerical_gradient run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("numerical_gradient", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## The gradient of the SVM loss
#
# Calculus gives the whole gradient at the price of one evaluation. Take one example $x$ of class $y$ and one wrong
# class $j$. Its term $\max(0,\; xW_{:,j} - xW_{:,y} + 1)$ is either zero, and stays zero under small changes of $W$, or
# positive; then its slope is
#
# $$ \frac{\partial}{\partial W_{:,j}} = +x, \qquad \frac{\partial}{\partial W_{:,y}} = -x . $$
#
# So each violated margin adds $x$ to the column of the class that came too close and subtracts $x$ from the column of
# the true class. If an example violates $k$ margins, its true column gets $-k\,x$. Then the mean over the batch is
# taken and the penalty's gradient $2\lambda W$ is added.
#
# A step *against* this gradient adds a bit of the image to the template of its own class and takes some away from the
# templates that it was mistaken for. That is all that happens in training.
#
# **By hand.** For the third image above, scores $(2.2, 2.5, -3.1)$ of class 2, both margins are violated: columns 0
# and 1 receive $+x$, column 2 receives $-2x$. For the second image nothing is violated and nothing happens.
#
# Exactly at the kink, where a margin is 0 to the last digit, both slopes (0 or $\pm x$) are right; no test looks there.
#
# ### Exercise: the SVM loss with loops
#
# One loop over the examples, one over the classes, as the formula says it.

# %% nbgrader={"grade_id": "svm_loss_naive", "solution": true}
def svm_loss_naive(W, X, y, reg):
    """Multiclass SVM loss with margin 1 and its gradient, with loops.

    W: (D, C) weights.  X: (N, D) examples.  y: (N,) integer labels in 0..C-1.  reg: strength of the L2 penalty.
    Returns (loss, dW): the mean over the examples of sum_{j != y} max(0, s_j - s_y + 1), plus reg * sum(W**2),
    and its gradient with respect to W, shape (D, C). W, X and y are left as they are.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: loop over examples and classes, add up violated margins and their gradients, then mean and penalty
    num_examples, num_classes = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros_like(W)
    for x_i, y_i in zip(X, y, strict=True):
        s = x_i @ W
        for j in range(num_classes):
            margin = s[j] - s[y_i] + 1
            if j != y_i and margin > 0:
                loss += margin
                dW[:, j] += x_i
                dW[:, y_i] -= x_i
    return loss / num_examples + reg * np.sum(W * W), dW / num_examples + 2 * reg * W
    ### END SOLUTION


# %% [markdown] hints="svm_loss_naive"
# 1. For each example compute its scores `X[i] @ W`, then go through the classes and skip the true one. Only a positive
#    margin adds to the loss, and only then does the gradient change.
# 2. A violated margin of class `j` touches two columns of `dW`: column `j` and the column of the true class, with
#    opposite signs. Start from an array of zeros of the shape of `W`.
# 3. After the loops: divide *both* the loss and `dW` by the number of examples, then add the penalty to the loss and its
#    gradient to `dW`. The penalty itself is not divided.

# %% nbgrader={"grade_id": "svm_loss_naive_check", "locked": true}
loss, dW = svm_loss_naive(np.eye(3), scores, y_three, 0.0)  # with the identity for W, the examples are the scores
check.close(loss, 15.8 / 3, "the three images: mean of 2.9, 0 and 12.9")
check.shape(dW, (3, 3), "gradient: the shape of W")
loss, dW = svm_loss_naive(np.eye(3), scores[2:], y_three[2:], 0.0)
check.close(dW, np.outer(scores[2], [1, 1, -2]), "gradient of the third image alone: x, x and -2x")

# %% nbgrader={"grade_id": "svm_loss_naive_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of svm_loss_naive run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("svm_loss_naive", globals())
### END HIDDEN TESTS

# %% [markdown]
# The numerical gradient knows nothing of your derivation, so the two can check each other. `check.gradient` compares
# them and, where they differ, guesses why. Run it on several sizes and with a penalty: mistakes hide in squares.

# %% tags=["skip-execution"]
rng = np.random.default_rng(1)
X_try, y_try, W_try = rng.normal(size=(6, 5)), rng.integers(0, 4, 6), rng.normal(size=(5, 4))
for reg in (0.0, 0.3):
    loss, dW = svm_loss_naive(W_try, X_try, y_try, reg)
    numerical = numerical_gradient(lambda W, reg=reg: svm_loss_naive(W, X_try, y_try, reg)[0], W_try)
    print(f"reg = {reg}: largest difference to the numerical gradient {np.abs(dW - numerical).max():.1e}")
    check.gradient(lambda W, reg=reg: svm_loss_naive(W, X_try, y_try, reg)[0], W_try, dW, f"SVM gradient, reg = {reg}")

# %% [markdown]
# ### Exercise: the SVM loss without loops
#
# Let $S = XW$ be the scores of the whole batch. One broadcast subtraction makes all margins at once; those of the true
# classes are set to zero. For the gradient, collect in a matrix $G$ of shape $(N, C)$ how often $x_i$ enters column
# $c$: $1$ where a margin is violated, and in the true column *minus the number* of violated margins in that row. Then
#
# $$ \frac{\partial}{\partial W} \sum_i L_i = X^\top G , $$
#
# because entry $(d, c)$ of that product is $\sum_i x_{id}\, G_{ic}$. Shapes lead the way: $(D, N)$ times $(N, C)$ is the
# only order that gives $(D, C)$.
#
# **By hand.** For the three images above the violated margins are those of class 1 in row 0, and of classes 0 and 1 in
# row 2, so $G$ has the rows $(-1, 1, 0)$, $(0, 0, 0)$ and $(1, 1, -2)$. Each row sums to zero.

# %% nbgrader={"grade_id": "svm_loss_vectorized", "solution": true}
def svm_loss_vectorized(W, X, y, reg):
    """Multiclass SVM loss and its gradient without Python loops; same arguments and results as svm_loss_naive.

    W: (D, C).  X: (N, D).  y: (N,) integer labels.  reg: strength of the L2 penalty reg * sum(W**2).
    Returns (loss, dW). W, X and y are left as they are.
    Not allowed: for, while, comprehensions. Tested: the number of steps that Python takes must grow neither with N nor
    with C.
    Not to be called: np.vectorize, course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: all margins by one broadcast, the gradient by one matrix product
    rows = np.arange(len(y))
    S = X @ W
    margins = np.maximum(0, S - S[rows, y][:, np.newaxis] + 1)
    margins[rows, y] = 0
    G = (margins > 0).astype(S.dtype)
    G[rows, y] = -G.sum(axis=1)
    return margins.sum() / len(y) + reg * np.sum(W * W), X.T @ G / len(y) + 2 * reg * W
    ### END SOLUTION


# %% [markdown] hints="svm_loss_vectorized"
# 1. `S[np.arange(N), y]` picks the true class's score in every row, shape `(N,)`. To subtract it from each row of `S` it
#    needs shape `(N, 1)`.
# 2. Clip the margins at zero and set those of the true classes to zero: their sum over everything is the data loss
#    before the division by N. Where they are positive, `G` is 1.
# 3. In the true column of `G` stands minus the *count* of ones in that row (not the sum of the margins). Multiply
#    `X.T` by `G`, divide by N, and add the penalty's gradient.

# %% nbgrader={"grade_id": "svm_loss_vectorized_check", "locked": true}
loss, dW = svm_loss_vectorized(np.eye(3), scores, y_three, 0.0)
check.close(loss, 15.8 / 3, "the three images: mean of 2.9, 0 and 12.9")
check.shape(dW, (3, 3), "gradient: the shape of W")
loss, dW = svm_loss_vectorized(np.eye(3), scores[1:2], y_three[1:2], 0.0)
check.close(dW, np.zeros((3, 3)), "gradient of the second image alone: nothing is violated")

# %% nbgrader={"grade_id": "svm_loss_vectorized_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of svm_loss_vectorized run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("svm_loss_vectorized", globals())
### END HIDDEN TESTS

# %% [markdown]
# Now real images. Subtract the mean training image, so that a pixel is negative or positive rather than
# always positive, and append the column of ones. We keep two scales: `X_pixels` in pixel units, from −255 to 255, and
# `X_train` divided by 64, which is close to the standard deviation of the pixels. On the second, learning rates
# come out as handy numbers.
#
# The mean comes from the training images alone; validation and test images are shifted by the same one.

# %% tags=["skip-execution"]
def with_ones(images, mean, scale):
    """(N, 32, 32, 3) uint8 → (N, 3073) float32: flattened, centred, scaled, with a column of ones."""
    flat = (flatten(images).astype(np.float32) - mean) / scale
    return np.hstack([flat, np.ones((len(flat), 1), dtype=np.float32)])


N_TRAIN = 5000
mean_image = flatten(data.train_images[:N_TRAIN]).mean(axis=0, dtype=np.float64).astype(np.float32)
y_train, y_val, y_test = data.train_labels[:N_TRAIN], data.val_labels, data.test_labels
X_pixels = with_ones(data.train_images[:N_TRAIN], mean_image, 1)
X_train, X_val, X_test = (
    with_ones(images, mean_image, 64)
    for images in (data.train_images[:N_TRAIN], data.val_images, data.test_images)
)
D, C = X_train.shape[1], len(data.class_names)
print(f"train {X_train.shape}, validation {X_val.shape}, test {X_test.shape}, {C} classes")
print(f"standard deviation of the pixels: {X_pixels[:, :-1].std():.0f}")

# %% tags=["skip-execution"]
W_start = (1e-4 * np.random.default_rng(0).normal(size=(D, C))).astype(np.float32)
seconds = {}
for loss_fn in (svm_loss_naive, svm_loss_vectorized):
    times = []
    for _ in range(5):  # the best of five: the first call also warms up, and other programs get in the way
        start = time.perf_counter()
        loss, dW = loss_fn(W_start, X_train[:500], y_train[:500], 0.01)
        times.append(time.perf_counter() - start)
    seconds[loss_fn.__name__] = min(times)
    print(f"{loss_fn.__name__:20s} loss {loss:.4f} in {1000 * seconds[loss_fn.__name__]:.1f} ms")
check.between(loss, C - 1.1, C - 0.9, "loss near C - 1 = 9 at the start (question 5)")
plots.timing_bars(seconds, title="One loss and gradient of 500 images");

# %% [markdown]
# ## Scores as probabilities: the softmax loss
#
# The SVM loss compares scores and asks no more. The **softmax** reads them as unnormalised log-probabilities. To
# turn any real numbers into probabilities, make them positive with the exponential and divide by their sum; then charge
# the negative logarithm of the probability given to the true class:
#
# $$ p_c = \frac{e^{s_c}}{\sum_j e^{s_j}}, \qquad L_i = -\log p_{y_i} = -s_{y_i} + \log \sum_j e^{s_j} . $$
#
# This is the *cross-entropy* between the truth (all on $y$) and $p$, and minimising its mean is choosing the $W$ under
# which the labels seen are most likely. With the natural logarithm its unit is the *nat*.
#
# **By hand.** The scores of the first image again, $(3.2, 5.1, -1.7)$ with true class 0:

# %%
s = np.array([3.2, 5.1, -1.7])
unnormalised = np.exp(s)
probabilities = unnormalised / unnormalised.sum()
print("exp    ", unnormalised.round(2))
print("softmax", probabilities.round(2))
print(f"loss    -log {probabilities[0]:.3f} = {-np.log(probabilities[0]):.2f} nats")

# %% [markdown]
# The exponentials are $24.5$, $164.0$ and $0.18$, the probabilities $.13$, $.87$ and $.00$, the loss
# $-\log .13 = 2.04$ nats. At $W \approx 0$ every class gets probability $1/C$, so training starts at $\log C$: $2.303$
# for ten classes. The smallest possible loss is 0, reached only in the limit of an infinite lead.
#
# ### Large scores
#
# `np.exp(1000.0)` is infinite, and infinity divided by infinity is not a number. But adding a constant to all scores of
# an example changes no probability, because it cancels:
# $\dfrac{e^{s_c - m}}{\sum_j e^{s_j - m}} = \dfrac{e^{-m} e^{s_c}}{e^{-m}\sum_j e^{s_j}}$. Take $m = \max_j s_j$: the
# largest exponent is then 0 and nothing can overflow. Each *row* has its own $m$.

# %% tags=["skip-execution"]
large = np.array([1000.0, 1001.0, 990.0])
with np.errstate(over="ignore", invalid="ignore"):
    print("as the formula stands:", np.exp(large) / np.exp(large).sum())
shifted = large - large.max()
print("shifted by the maximum:", (np.exp(shifted) / np.exp(shifted).sum()).round(4))

# %% [markdown]
# ### Its gradient
#
# From $L = -s_y + \log\sum_j e^{s_j}$: the first term has the slope $-1$ in $s_y$ alone. The second has the slope
# $e^{s_c} / \sum_j e^{s_j} = p_c$ in each $s_c$. So
#
# $$ \frac{\partial L}{\partial s_c} = p_c - \mathbb 1[c = y], \qquad
#    \frac{\partial L}{\partial W_{:,c}} = (p_c - \mathbb 1[c = y])\; x . $$
#
# Compare with the SVM: there the factor was a count of violated margins, here it is how much probability a class has
# that it should not have. The first image above gives $(.13 - 1,\; .87,\; .00) = (-.87, .87, .00)$: most
# of the push goes against class 1. The three always sum to zero.
#
# ### Exercise: the softmax loss with loops

# %% nbgrader={"grade_id": "softmax_loss_naive", "solution": true}
def softmax_loss_naive(W, X, y, reg):
    """Softmax (cross-entropy) loss and its gradient, with loops.

    W: (D, C) weights.  X: (N, D) examples.  y: (N,) integer labels in 0..C-1.  reg: strength of the L2 penalty.
    Returns (loss, dW): the mean over the examples of -log softmax(X[i] @ W)[y[i]], in nats, plus reg * sum(W**2),
    and its gradient with respect to W, shape (D, C). Scores in the thousands do not overflow.
    W, X and y are left as they are.
    Not to be called: course_utils.nn, scipy, torch.
    """
    ### BEGIN SOLUTION: for each example shift its scores, take the log-probability of the true class, add to every column of dW
    num_examples, num_classes = X.shape[0], W.shape[1]
    loss, dW = 0.0, np.zeros_like(W)
    for x_i, y_i in zip(X, y, strict=True):
        s = x_i @ W
        s = s - np.max(s)
        log_sum = np.log(np.sum(np.exp(s)))
        loss += log_sum - s[y_i]
        for c in range(num_classes):
            dW[:, c] += (np.exp(s[c] - log_sum) - (c == y_i)) * x_i
    return loss / num_examples + reg * np.sum(W * W), dW / num_examples + 2 * reg * W
    ### END SOLUTION


# %% [markdown] hints="softmax_loss_naive"
# 1. For one example: scores, subtract their maximum, exponentials, divide by their sum. The loss takes the probability
#    of the true class; the gradient needs all of them.
# 2. Every column `c` of `dW` receives the example times one number: the probability of `c`, less 1 if `c` is the true
#    class.
# 3. Writing the loss as $\log\sum_j e^{s_j} - s_y$ with the shifted scores avoids the logarithm of a probability that
#    was rounded to zero. Mean and penalty come after the loops, as in the SVM loss.

# %% nbgrader={"grade_id": "softmax_loss_naive_check", "locked": true}
loss, dW = softmax_loss_naive(np.eye(3), scores[:1], y_three[:1], 0.0)
check.close(loss, 2.0403, "the first image: 2.04 nats", atol=1e-4)
check.close(dW, np.outer(scores[0], [-0.8700, 0.8690, 0.0010]), "its gradient: x times (p - 1, p, p)", atol=1e-3)
loss, dW = softmax_loss_naive(np.zeros((4, 3)), np.ones((2, 4)), np.array([0, 2]), 0.0)
check.close(loss, np.log(3), "all scores equal: log C")
check.shape(dW, (4, 3), "gradient: the shape of W")

# %% nbgrader={"grade_id": "softmax_loss_naive_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of softmax_loss_naive run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("softmax_loss_naive", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: the softmax loss without loops
#
# With $P$ the $(N, C)$ matrix of probabilities and $Y$ the matrix with a 1 in the true column of each row and zeros
# elsewhere, the data gradient is $\frac1N X^\top (P - Y)$. Mind the axis of the maximum and of the sum: both belong to a
# row, and `keepdims=True` keeps them as a column that broadcasts against the scores.

# %% nbgrader={"grade_id": "softmax_loss_vectorized", "solution": true}
def softmax_loss_vectorized(W, X, y, reg):
    """Softmax loss and its gradient without Python loops; same arguments and results as softmax_loss_naive.

    W: (D, C).  X: (N, D).  y: (N,) integer labels.  reg: strength of the L2 penalty reg * sum(W**2).
    Returns (loss, dW). Scores in the thousands do not overflow. W, X and y are left as they are.
    Not allowed: for, while, comprehensions. Tested: the number of steps that Python takes must grow neither with N nor
    with C.
    Not to be called: np.vectorize, course_utils.nn, scipy, torch.
    """
    ### BEGIN SOLUTION: log-probabilities of all rows at once, the gradient by one matrix product
    rows = np.arange(len(y))
    S = X @ W
    S = S - S.max(axis=1, keepdims=True)
    log_P = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    G = np.exp(log_P)
    G[rows, y] -= 1
    return -log_P[rows, y].mean() + reg * np.sum(W * W), X.T @ G / len(y) + 2 * reg * W
    ### END SOLUTION


# %% [markdown] hints="softmax_loss_vectorized"
# 1. Everything happens row by row: `axis=1` with `keepdims=True` for the maximum and for the sum of exponentials.
# 2. The log-probability is the shifted score less the logarithm of that sum. The loss needs it only in the true column
#    of each row, which `[np.arange(N), y]` picks.
# 3. Take the matrix of probabilities, subtract 1 in the true column of each row, and multiply `X.T` by it. Divide by N
#    once, not by C; add the penalty to the loss and its gradient to `dW`.

# %% nbgrader={"grade_id": "softmax_loss_vectorized_check", "locked": true}
loss, dW = softmax_loss_vectorized(np.eye(3), scores[:1], y_three[:1], 0.0)
check.close(loss, 2.0403, "the first image: 2.04 nats", atol=1e-4)
loss, dW = softmax_loss_vectorized(np.zeros((4, 3)), np.ones((2, 4)), np.array([0, 2]), 0.0)
check.close(loss, np.log(3), "all scores equal: log C")
check.shape(dW, (4, 3), "gradient: the shape of W")

# %% nbgrader={"grade_id": "softmax_loss_vectorized_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of softmax_loss_vectorized run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("softmax_loss_vectorized", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
for reg in (0.0, 0.3):
    loss, dW = softmax_loss_vectorized(W_try, X_try, y_try, reg)
    check.gradient(
        lambda W, reg=reg: softmax_loss_vectorized(W, X_try, y_try, reg)[0], W_try, dW, f"softmax gradient, reg = {reg}"
    )
loss, dW = softmax_loss_vectorized(W_start, X_train[:500], y_train[:500], 0.01)
print(f"softmax loss of 500 images at the start: {loss:.4f}; log C = {np.log(C):.4f}")

# %% [markdown]
# ## SVM or softmax?
#
# Take three examples, all of class 0, and nudge one wrong score upwards by 0.1.

# %% tags=["skip-execution"]
rows = np.array([[10.0, -2.0, 3.0], [10.0, 9.0, 9.0], [10.0, -100.0, -100.0]])


def svm_of_row(s):
    return np.maximum(0, s[1:] - s[0] + 1).sum()


def softmax_of_row(s):
    return -(s[0] - s.max()) + np.log(np.exp(s - s.max()).sum())


print("scores               SVM   nudged  softmax    nudged")
for row in rows:
    nudged = row + np.array([0.0, 0.1, 0.0])
    print(f"{row!s:20s} {svm_of_row(row):.2f}  {svm_of_row(nudged):.2f}    ", end="")
    print(f"{softmax_of_row(row):.7f}  {softmax_of_row(nudged):.7f}")

# %% [markdown]
# The SVM loss is zero for all three: the true class leads by at least 1 and that is all it asks. It does not tell
# $[10, 9, 9]$ from $[10, -100, -100]$. The nudge changes nothing in rows one and three, and costs the full 0.1 in row
# two, which sat exactly on the margin. The softmax gives row two a loss of 0.55, since two rivals hold 42 % of the
# probability, and feels every nudge a little, even where the class is all but certain: row one changes in the seventh
# decimal. In row three the rivals' $e^{-110}$ is lost beside a 1 in `float64`, so that only the formula still feels
# it. Softmax is never quite satisfied.

# %% tags=["skip-execution"]
rival = np.linspace(0, 14, 300)
plots.lines(
    rival,
    {
        "SVM": [svm_of_row(np.array([10.0, r, 3.0])) for r in rival],
        "softmax": [softmax_of_row(np.array([10.0, r, 3.0])) for r in rival],
    },
    xlabel="score of a rival class (true class: 10, third class: 3)",
    ylabel="loss",
    title="The SVM rests when the margin is met; softmax never quite does",
);

# %% [markdown]
# In practice the two end up with similar accuracy, as you will measure below. Softmax is the usual choice in deep
# networks because its output reads as a probability. Handle that reading with care: halve all weights with a stronger
# penalty, and the same predictions come out with less certainty.
#
# ## Finding $W$: try at random
#
# The loss says how good a $W$ is. The first idea for finding a good one: draw many, keep the best.
#
# ### Exercise: random search
#
# Draw from a normal distribution of mean 0 and standard deviation $10^{-4}$. Record, after each try, the lowest loss
# so far: a curve that can only fall.

# %% nbgrader={"grade_id": "random_search", "solution": true}
def random_search(loss_fn, shape, num_tries, rng):
    """Draw weights at random and keep the best.

    loss_fn: function of an array of this shape; returns its loss, a number (negative ones are possible).
    shape: shape of the weights.  num_tries: how many to draw, at least 1.  rng: numpy.random.Generator.
    Each try is drawn afresh: 1e-4 times standard normal numbers.
    Returns (best_W, history): the weights with the lowest loss, and a float array (num_tries,) that holds, after each
    try, the lowest loss so far.
    """
    ### BEGIN SOLUTION: draw num_tries arrays, keep the one of lowest loss and record the lowest loss after each
    best_W, best_loss = None, np.inf
    history = np.empty(num_tries)
    for t in range(num_tries):
        W = 1e-4 * rng.normal(size=shape)
        loss = loss_fn(W)
        if loss < best_loss:
            best_W, best_loss = W, loss
        history[t] = best_loss
    return best_W, history
    ### END SOLUTION


# %% [markdown] hints="random_search"
# 1. Two things live through the loop: the best weights so far and their loss. Before the first try the loss to beat is
#    infinite.
# 2. Draw a new array in every round with `rng.normal(size=shape)`, scaled by `1e-4`. Compare its loss with the best one;
#    keep both together when it is lower.
# 3. Write the best loss, not the loss of this try, into `history[t]`, whether or not it changed in this round.

# %% nbgrader={"grade_id": "random_search_check", "locked": true}
best_W, history = random_search(lambda W: float(np.sum(W**2)), (3, 2), 20, np.random.default_rng(0))
check.shape(best_W, (3, 2), "best_W: the shape asked for")
check.shape(history, (20,), "history: one entry a try")
check.true(history[-1] <= history[0], "the search ends no higher than it began", "the last entry of history is above the first")

# %% nbgrader={"grade_id": "random_search_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of random_search run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("random_search", globals())
### END HIDDEN TESTS

# %% [markdown]
# A thousand tries on real images, in pixel units and with the SVM loss. To save time the loss is taken on 500 training
# images; accuracy is measured on all validation images.

# %% tags=["skip-execution"]
X_search, y_search = X_pixels[:500], y_train[:500]
drawn_losses = []


def search_loss(W):
    loss, _ = svm_loss_vectorized(W.astype(np.float32), X_search, y_search, 0.0)
    drawn_losses.append(loss)
    return loss


num_tries = data.steps(1000)  # 1000, but fewer in the short mode that tests use
W_random, best_so_far = random_search(search_loss, (D, C), num_tries, np.random.default_rng(0))
W_random_scaled = np.vstack([64 * W_random[:-1], W_random[-1:]])  # X_val is in units of 64 pixel values
random_accuracy = np.mean(np.argmax(X_val @ W_random_scaled, axis=1) == y_val)
print(f"best loss of {num_tries:,}: {best_so_far[-1]:.2f}; validation accuracy {random_accuracy:.3f}")
if data.stated_ranges_hold:
    check.between(random_accuracy, 0.10, 0.18, "accuracy of the best of 1,000 random matrices")
plots.lines(
    np.arange(1, num_tries + 1),
    {"loss of each try": drawn_losses, "best so far": best_so_far},
    xlabel="try",
    ylabel="SVM loss",
    title="Random search: a thousand tries, hardly any progress",
);

# %% [markdown]
# Guessing gets .10. The best of a thousand gets between .11 and .16 here (.155 on CIFAR-10 in a well-known run of
# this experiment): better than nothing, and hopeless. In 30,730 dimensions almost every direction leads nowhere, and
# the best-so-far curve flattens after some dozens of tries. But the slope tells us the way down.
#
# ## Following the slope: stochastic gradient descent
#
# Repeat: compute the gradient, take a small step against it,
#
# $$ W \leftarrow W - \eta\, \nabla_W L , $$
#
# where the **learning rate** $\eta$ sets the size of the step. The loss is a mean over thousands of images, and the mean
# over a **mini-batch** of, say, 200 drawn at random is a noisy but unbiased estimate of it at a small part of the
# price. Drawing anew for every step is what makes the noise average out: that is *stochastic* gradient descent.
#
# **By hand.** With $W = (1, -2)$, $\nabla L = (2, -4)$ and $\eta = 0.1$, a step leads to $(0.8, -1.6)$. For
# $L = \sum W^2$ that is from 5 to 3.2.
#
# ### Exercise: train with SGD, and predict
#
# `train_sgd` does not know which loss it descends: it is handed the function. We draw *with* replacement, so that a
# batch may be of any size, and an image may appear in it twice. `predict` turns weights into labels.

# %% nbgrader={"grade_id": "train_sgd", "solution": true}
def train_sgd(loss_fn, X, y, W, learning_rate, reg, num_iters, batch_size, rng):
    """Minimise a loss by stochastic gradient descent.

    loss_fn: called as loss_fn(W, X_batch, y_batch, reg); returns (loss, dW).
    X: (N, D) examples.  y: (N,) labels.  W: (D, C) weights to start from.  rng: numpy.random.Generator.
    Each of the num_iters iterations draws batch_size examples with replacement (batch_size may exceed N), asks loss_fn
    for the loss and gradient of this batch, and takes one step W - learning_rate * dW.
    Returns (W, history): the weights after the last step, and a float array (num_iters,) of each batch's loss, taken
    before its step. X, y and the W passed in are left as they are.
    """
    ### BEGIN SOLUTION: in each iteration draw a batch, record its loss, and step against its gradient
    history = np.empty(num_iters)
    for t in range(num_iters):
        batch = rng.integers(0, len(X), size=batch_size)
        history[t], dW = loss_fn(W, X[batch], y[batch], reg)
        W = W - learning_rate * dW
    return W, history
    ### END SOLUTION


# %% nbgrader={"grade_id": "train_sgd_2", "solution": true}
def predict(W, X):
    """The class with the largest score.  W: (D, C), X: (N, D) → (N,) integers in 0..C-1."""
    ### BEGIN SOLUTION: the column of the largest score in each row
    return np.argmax(X @ W, axis=1)
    ### END SOLUTION


# %% [markdown] hints="train_sgd"
# 1. One round: draw `batch_size` row numbers between 0 and N − 1, take those rows of `X` *and* of `y`, call `loss_fn`
#    on them, keep the loss, make the step.
# 2. `rng.integers(0, N, size=batch_size)` draws with replacement. It has to happen inside the loop, or every step sees
#    the same images.
# 3. `W -= ...` changes the array of the caller; `W = W - ...` makes a new one. For `predict`, the scores are one matrix
#    product, and `np.argmax` needs the axis along which the classes lie.

# %% nbgrader={"grade_id": "train_sgd_check", "locked": true}
rng_check = np.random.default_rng(0)
y_blobs = np.arange(60) % 3
X_blobs = np.column_stack([np.eye(3)[y_blobs] + 0.1 * rng_check.normal(size=(60, 3)), np.ones(60)])


def distance_loss(W, X, y, reg):
    """Squared distance of the scores to one-hot labels: simple, and different from your own losses."""
    difference = X @ W - np.eye(3)[y]
    return np.sum(difference**2) / len(X), 2 * X.T @ difference / len(X)


W_blobs, history = train_sgd(distance_loss, X_blobs, y_blobs, np.zeros((4, 3)), 0.1, 0.0, 100, 20, rng_check)
check.shape(W_blobs, (4, 3), "weights after training")
check.shape(history, (100,), "history: one loss an iteration")
check.true(history[-1] < 0.5 * history[0], "the loss falls", "the last loss is not well below the first: does each step go against the gradient?")
check.equal(predict(np.eye(3), np.array([[0.2, 0.9, 0.1], [0.7, 0.1, 0.3], [0.4, 0.5, 0.8]])), [1, 0, 2], "predict: the largest score in each row")

# %% nbgrader={"grade_id": "train_sgd_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of train_sgd run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("train_sgd", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### The learning rate decides
#
# The same 600 steps of the SVM loss, at four learning rates. The vertical axis is logarithmic.

# %% tags=["skip-execution"]
def accuracy(W, X, y):
    return float(np.mean(predict(W, X) == y))


def run(loss_fn, learning_rate, reg, num_iters=600, batch_size=200, seed=0, X=X_train, y=y_train):
    rng = np.random.default_rng(seed)
    W = (1e-4 * rng.normal(size=(X.shape[1], C))).astype(np.float32)
    return train_sgd(loss_fn, X, y, W, learning_rate, reg, data.steps(num_iters), batch_size, rng)


curves, val_accuracy = {}, {}
for learning_rate in (1e-5, 1e-4, 1e-3, 1e-1):
    label = f"learning rate {np.format_float_positional(learning_rate)}"
    W_run, curves[label] = run(svm_loss_vectorized, learning_rate, 0.01)
    val_accuracy[learning_rate] = accuracy(W_run, X_val, y_val)
    print(f"{label}: validation accuracy {val_accuracy[learning_rate]:.3f}")
if data.stated_ranges_hold:
    check.between(val_accuracy[1e-5], 0.34, 0.43, "learning rate 0.00001: not there yet")
    check.between(val_accuracy[1e-3], 0.53, 0.60, "learning rate 0.001")
    check.true(max(val_accuracy.values()) == val_accuracy[1e-3], "0.001 is the best of the four", "another rate was better")
plots.loss_curves(curves, title="SVM loss: too slow, slow, good, too fast", smooth=10, log=True);

# %% [markdown]
# All runs start at $C - 1 = 9$. At $10^{-5}$ the loss falls, but would need many times as long; at $10^{-3}$ it falls
# fast and then bends to a slow descent; at $10^{-1}$ every step overshoots the valley: the loss climbs to ten times its
# start and then jumps about, far above where it began. A curve that is straight and falling asks for a larger rate; one
# that jumps up, for a smaller.
#
# The last run is still right on half of the images, while its loss is worse than that of a $W$ of zeros. Its weights are
# large, and so are the margins it misses; accuracy only asks which score is the largest. Loss and accuracy are two
# measurements: look at both.
#
# ### The size of a batch
#
# The gradient of a larger batch is less noisy but costs more. Each run below makes 300 steps at the same rate.

# %% tags=["skip-execution"]
curves, seconds = {}, {}
for batch_size in (8, 64, 512):
    start = time.perf_counter()
    W_run, history = run(softmax_loss_vectorized, 3e-3, 0.01, num_iters=300, batch_size=batch_size)
    seconds[batch_size] = time.perf_counter() - start
    curves[f"{batch_size} images a step"] = history
    print(
        f"batch {batch_size:3d}: last 50 losses {history[-50:].mean():.2f} ± {history[-50:].std():.2f}, "
        f"validation {accuracy(W_run, X_val, y_val):.3f}, {seconds[batch_size]:.2f} s"
    )
plots.loss_curves(curves, title="Larger batches: a quieter curve for more work a step");

# %% [markdown]
# The spread of the batch losses falls roughly like one over the square root of the batch size: 64 times the images,
# one eighth of the noise, or less, because the steps of a small batch also shake $W$. All three go down at about the same pace per *step*, though one of them looks at 64 times as
# many images in each. That is why mini-batches of some tens to hundreds are the rule.
#
# ## Choosing the learning rate and the penalty
#
# Learning rate and `reg` are **hyperparameters**: not learned, but chosen by accuracy on validation data. What
# matters is their order of magnitude: going from 0.001 to 0.002 and from 0.1 to 0.2 are steps of the same importance.
# So candidates are spaced evenly in the *logarithm*. Three values from $10^{-4}$ to $10^{-2}$ are $10^{-4}$, $10^{-3}$,
# $10^{-2}$; spaced linearly they would be $0.0001, 0.00505, 0.01$, with two of three in the same decade.
#
# ### Exercise: search a log-spaced grid

# %% nbgrader={"grade_id": "search_hyperparameters", "solution": true}
def search_hyperparameters(train_fn, learning_rate_range, reg_range, num_values):
    """Try every pair from a log-spaced grid of learning rates and penalty strengths.

    train_fn: called once a pair as train_fn(learning_rate, reg), positional; trains and returns a validation score, a
        number, higher is better (negative scores are possible).
    learning_rate_range, reg_range: (low, high), positive numbers, both ends included.
    num_values: how many values of each, at least 2; neighbours have a constant ratio.
    Returns (best, results): the pair (learning_rate, reg) with the highest score, and a dict {(learning_rate, reg):
    score} with all num_values**2 pairs, keys and scores plain floats.
    """
    ### BEGIN SOLUTION: score every pair of log-spaced values with train_fn and find the pair with the highest score
    results = {}
    for learning_rate in np.geomspace(*learning_rate_range, num_values).tolist():
        for reg in np.geomspace(*reg_range, num_values).tolist():
            results[learning_rate, reg] = float(train_fn(learning_rate, reg))
    return max(results, key=results.get), results
    ### END SOLUTION


# %% [markdown] hints="search_hyperparameters"
# 1. Two lists of values, one loop inside the other, one call of `train_fn` a pair, its score stored under the pair.
# 2. `np.logspace` wants the exponents of the ends; `np.geomspace` wants the ends themselves. `np.linspace` is spaced
#    evenly in the wrong quantity.
# 3. The best pair is the *key* whose value is largest. If you keep a best score while looping, do not start it at 0: a
#    score may be negative. `float(...)` makes plain numbers of NumPy's.

# %% nbgrader={"grade_id": "search_hyperparameters_check", "locked": true}
best, results = search_hyperparameters(lambda rate, reg: rate, (1e-4, 1e-2), (1e-3, 1e-1), 3)
check.equal(len(results), 9, "three by three pairs")
check.close(min(rate for rate, _ in results), 1e-4, "the smallest learning rate", atol=1e-12)
check.true(results[best] == max(results.values()), "best has the highest score", "another pair in results has a higher score")

# %% nbgrader={"grade_id": "search_hyperparameters_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of search_hyperparameters run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("search_hyperparameters", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
best, results = search_hyperparameters(
    lambda rate, reg: accuracy(run(softmax_loss_vectorized, rate, reg, num_iters=300)[0], X_val, y_val),
    (1e-4, 1e-1),
    (1e-3, 1.0),
    4,
)
rates, regs = sorted({rate for rate, _ in results}), sorted({reg for _, reg in results})
grid = np.array([[results[rate, reg] for reg in regs] for rate in rates])
print(f"best: learning rate {best[0]:.3g}, reg {best[1]:.3g}, validation accuracy {results[best]:.3f}")
plots.heatmap(
    grid,
    row_labels=[f"{rate:.0e}" for rate in rates],
    column_labels=[f"{reg:.0e}" for reg in regs],
    xlabel="reg",
    ylabel="learning rate",
    title="Validation accuracy after 300 steps",
);

# %% [markdown]
# The learning rate matters most: each of the first three rows is nearly constant until the strongest penalty. Here a
# penalty does little good, since 300 steps from a small $W$ end before the weights grow large. It can do harm, and most
# at the highest rate: the penalty's share of a step multiplies $W$ by $1 - 2\,\eta\,\lambda$, which for $\eta = 0.1$ and
# $\lambda = 1$ takes away a fifth of it every time. Rate and penalty are best searched together. If the best pair lies
# on the *edge* of the grid, the range was too narrow: extend it and search again. (A best `reg` at the small end says that
# this training is better off with hardly any.)
#
# ## What did it learn?
#
# Train both losses longer, at half the rates that did best above: a longer run can afford smaller steps. The columns of $W$ without the bias row, reshaped to images, are
# the templates.

# %% tags=["skip-execution"]
W_svm, svm_history = run(svm_loss_vectorized, 5e-4, 0.1, num_iters=1500)
W_softmax, softmax_history = run(softmax_loss_vectorized, 5e-3, 0.03, num_iters=1500)
for name, W_run in (("SVM", W_svm), ("softmax", W_softmax)):
    print(f"{name:8s} train {accuracy(W_run, X_train, y_train):.3f}  validation {accuracy(W_run, X_val, y_val):.3f}")
if data.stated_ranges_hold:
    check.between(accuracy(W_svm, X_val, y_val), 0.53, 0.61, "SVM on validation images")
    check.between(accuracy(W_softmax, X_val, y_val), 0.55, 0.62, "softmax on validation images")
plots.templates(W_softmax[:-1], data.class_names, title="Softmax templates: one picture a class");

# %% [markdown]
# Each template shows where brightness speaks for its class and where against. Trousers have two
# bright legs with a dark gap, the T-shirt has bright short sleeves with dark below them, the bag a dark hole under its
# handle. Many outlines have a dark rim: brightness just outside them speaks for a larger garment. Since garments are
# mirrored at random, templates of shoes point both ways at once: one template has to average everything its class does.
# Colours are washed out for the same reason.
#
# Much of the fine grain is noise, learned from images rather than from classes. A stronger penalty smooths it.

# %% tags=["skip-execution"]
W_smooth, _ = run(softmax_loss_vectorized, 5e-3, 3.0, num_iters=600)
print(f"reg = 3: train {accuracy(W_smooth, X_train, y_train):.3f}  validation {accuracy(W_smooth, X_val, y_val):.3f}")
plots.templates(W_smooth[:-1], data.class_names, title="The same with a strong penalty: smoother, and less accurate");

# %% tags=["skip-execution"]
plots.confusion_matrix(
    y_val, predict(W_softmax, X_val), data.class_names, title="What softmax takes for what, on validation images"
);

# %% [markdown]
# ## Better numbers than pixels: features
#
# A linear classifier on pixels asks each pixel separately. Before networks learned their own, people designed
# **features**: numbers computed from an image that mean more than its pixels. Two classics:
#
# A **colour histogram** counts how many pixels have each hue. It forgets where they are.
#
# A **histogram of gradient orientations** cuts the image into cells and asks in each which way edges run. At
# every pixel the horizontal and vertical differences of brightness, $g_x$ and $g_y$, give an edge strength
# $\sqrt{g_x^2 + g_y^2}$ and an angle $\operatorname{atan2}(g_y, g_x)$. Angles that differ by 180° count as one, since a
# dark-to-light edge and a light-to-dark edge may border the same object. Each pixel votes, with its strength, for the
# bin of its angle. The result forgets colour and exact position, and keeps shape.
#
# **By hand.** Brightness that grows to the right by 2 a pixel: $g_x = 2$, $g_y = 0$, strength 2, angle 0°, so with
# nine bins of 20° every pixel votes for bin 0. Brightness that grows downwards: angle 90°, bin 4 (80° to 100°).

# %% tags=["skip-execution"]
shown = data.train_images[[np.flatnonzero(data.train_labels == c)[1] for c in range(0, 10, 2)]]
histograms = nn.gradient_orientation_histogram(shown, cell=8, bins=9)
names = ", ".join(data.class_names[::2])
plots.orientation_glyphs(shown, histograms.reshape(len(shown), 4, 4, 9), title=f"Which way edges run in each cell: {names}");

# %% [markdown]
# ### The same training on features
#
# Train on three kinds of feature with the code you already have, and hold them against pixels. Features are shifted
# and scaled to mean 0 and standard deviation 1 with numbers from the training images. The test images are looked at
# here for the first and only time; nothing is chosen by them.

# %% tags=["skip-execution"]
def standardised(features_of):
    """Features of training, validation and test images, standardised on the training images, with a column of ones."""
    blocks = [features_of(images) for images in (data.train_images[:N_TRAIN], data.val_images, data.test_images)]
    mean, spread = blocks[0].mean(axis=0), blocks[0].std(axis=0) + 1e-8
    return [
        np.hstack([(block - mean) / spread, np.ones((len(block), 1))]).astype(np.float32) for block in blocks
    ]


colours = standardised(nn.colour_histogram)
coarse = standardised(lambda images: nn.gradient_orientation_histogram(images, cell=8))
fine = standardised(lambda images: nn.gradient_orientation_histogram(images, cell=4))
both = [np.hstack([edges[:, :-1], colour]) for edges, colour in zip(fine, colours, strict=True)]

table = {}
for name, loss_fn, (A, B, T), rate, reg in (
    ("colours, softmax", softmax_loss_vectorized, colours, 3e-2, 1e-2),
    ("pixels, SVM", svm_loss_vectorized, (X_train, X_val, X_test), 5e-4, 0.1),
    ("pixels, softmax", softmax_loss_vectorized, (X_train, X_val, X_test), 5e-3, 0.03),
    ("edges in cells of 8, softmax", softmax_loss_vectorized, coarse, 3e-2, 1e-2),
    ("edges in cells of 4, SVM", svm_loss_vectorized, fine, 3e-3, 1e-2),
    ("edges in cells of 4, softmax", softmax_loss_vectorized, fine, 3e-2, 1e-2),
    ("edges (4) and colours, softmax", softmax_loss_vectorized, both, 3e-2, 1e-2),
):
    W_run = run(loss_fn, rate, reg, num_iters=1000, X=A)[0]
    table[name] = accuracy(W_run, T, y_test)
    print(
        f"{name:31s} {A.shape[1] - 1:4d} numbers  train {accuracy(W_run, A, y_train):.3f}  "
        f"validation {accuracy(W_run, B, y_val):.3f}  test {table[name]:.3f}"
    )
if data.stated_ranges_hold:
    check.between(table["colours, softmax"], 0.07, 0.14, "colours alone: a guess")
    check.between(table["pixels, SVM"], 0.52, 0.59, "pixels, SVM")
    check.between(table["pixels, softmax"], 0.54, 0.61, "pixels, softmax")
    check.between(table["edges in cells of 8, softmax"], 0.57, 0.65, "edges in cells of 8")
    check.between(table["edges in cells of 4, softmax"], 0.66, 0.73, "edges in cells of 4")
plots.bars(table, ylabel="test accuracy", title="Features decide more than the choice of loss");

# %% [markdown]
# Expect, on `garments`: .52–.59 for the SVM on pixels and .54–.61 for softmax, .57–.65 for edges in cells of 8, and
# .66–.73 for edges in cells of 4. The coarse histogram has 144 numbers for an image and does a little better than all
# 3,072 pixels; the fine one has 576 and gains about ten points. SVM and softmax stay within two or three points of each
# other. Colours alone are worth a guess, because in this data set the colour of a garment was drawn at random, and adding
# them to the edges does not help: a feature is only as good as what it has to do with the question.
#
# A good representation is worth more than the choice of loss. The rest of this course is about letting training find
# the representation.
#
# ### Extension, no points: build the orientation histogram
#
# The function used above is the library's, which shares a vote between two bins and scales each cell by itself. Write
# your own, simpler one: one vote a pixel, and one scale for the whole image. It is tested by its properties: what a
# turned image, a brighter one and a flat one must give, not by exact numbers, so treat the image border as you see fit.

# %% nbgrader={"grade_id": "orientation_histogram", "solution": true}
def orientation_histogram(images, cell=8, bins=9):
    """Histograms of edge orientations, cell by cell.

    images: (N, H, W, 3), uint8 or float; H and W are multiples of cell. They are turned to grey by the mean over the
        channels.
    cell: side of a square cell in pixels.  bins: number of equal bins for angles from 0° (brightness changes along a
        row) over 90° (it changes down a column) to 180°, which is 0° again.
    Each pixel votes for the bin of the angle of its brightness gradient, with the gradient's length for a weight. The
    histograms of one image are divided by the square root of the sum of their squares, so that contrast does not
    matter; an image without any edge gives zeros.
    Returns a float array (N, H // cell, W // cell, bins).
    Not to be called: course_utils.nn, skimage.
    """
    ### BEGIN SOLUTION: grey values, their gradients, one vote a pixel into its cell and bin, then divide by the norm
    grey = np.asarray(images, dtype=np.float64).mean(axis=3)
    down, right = np.gradient(grey, axis=(1, 2))
    angle = np.arctan2(down, right) % np.pi
    which = np.minimum((angle * bins / np.pi).astype(int), bins - 1)
    votes = np.hypot(down, right)[..., np.newaxis] * (which[..., np.newaxis] == np.arange(bins))
    n, height, width = grey.shape
    histogram = votes.reshape(n, height // cell, cell, width // cell, cell, bins).sum(axis=(2, 4))
    norm = np.sqrt(np.sum(histogram**2, axis=(1, 2, 3), keepdims=True))
    return histogram / np.where(norm > 0, norm, 1.0)
    ### END SOLUTION


# %% [markdown] hints="orientation_histogram"
# 1. Four steps: grey image in floats; differences down and to the right (`np.gradient` with both image axes); angle
#    and length at each pixel; sums by cell and bin.
# 2. `np.arctan2(down, right)` runs from −180° to 180°. Taken modulo π, opposite directions fall together. Multiplied by
#    bins / π and cut to an integer it is the number of the bin; guard against an angle that rounds up to π.
# 3. Compare the bin numbers with `np.arange(bins)` to get one plane a bin, and reshape (H, W) to
#    (H/cell, cell, W/cell, cell): summing over the two short axes adds up each cell. Divide only where the norm is not
#    zero.

# %% nbgrader={"grade_id": "orientation_histogram_check", "locked": true}
ramp = np.repeat(np.tile(10.0 * np.arange(16), (16, 1))[np.newaxis, :, :, np.newaxis], 3, axis=3)  # brighter to the right
histogram = orientation_histogram(ramp)
check.shape(histogram, (1, 2, 2, 9), "two by two cells, nine bins")
check.equal(histogram.sum(axis=(0, 1, 2)).argmax(), 0, "brighter to the right: bin 0")

# %% nbgrader={"grade_id": "orientation_histogram_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of orientation_histogram run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("orientation_histogram", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Two questions in your own words
#
# **Question 1 (5 points).** Look at the softmax templates and at the confusion matrix. Name two classes that are often
# taken for each other and say what in their templates explains it. Then explain why a linear classifier on pixels
# cannot have a template for "a shoe that points left *or* right" that responds strongly to both and to nothing in
# between. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_templates", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# Pullover, coat and shirt are often confused. Their templates share a bright upright body with two sleeves, and differ
# only in details such as the opening down the middle or the length of the sleeves, so an image of one has a large inner
# product with all of them. The score of a class is one inner product, a weighted sum in which every pixel pulls in one
# direction, whatever the other pixels do. If a left-pointing and a right-pointing shoe both have high scores, their
# average, the two shoes printed over each other, has the mean of their scores, which is just as high. The region
# of a class is convex, so it cannot contain both and leave out what lies between. The best one template can do is a
# compromise that shows both and matches neither well.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: names two classes that the confusion matrix does show to be confused.
# - 1 point: says what their templates share (shape, position), not only that the garments are similar.
# - 1 point: the score is one inner product, or one weighted sum in which each pixel counts the same whatever the others do.
# - 2 points: why both and nothing in between is impossible: the score of an average is the average of the scores, or the
#   region of a class is convex (1 point for saying that there is one template a class without saying why that forbids it).
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** A colleague trains both losses without a penalty on images that a hyperplane can separate.
# The SVM loss reaches exactly 0 and the weights stop moving. The softmax loss keeps falling and the weights keep
# growing. Explain both, using what happens to each loss when $W$ is replaced by $2W$. Then say what a small L2 penalty
# changes in each case. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_two_losses", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# When every true class leads by at least 1, every hinge term is 0 and so is its gradient: nothing is left to improve,
# and W stays where it is. 2W doubles all leads, so its SVM loss is 0 as well: no W among these is preferred. For softmax,
# doubling W doubles all leads too, which moves the probability of the true class closer to 1 and so lowers the loss; it is
# never 0 for finite scores. So there is no best W: making the weights longer always helps a little, and they grow without
# end, ever more slowly. With a small L2 penalty longer weights cost something. For the SVM it selects, among nearly all that
# separate, short weights, with some margins met only just; for softmax it stops the growth where the gain in log-likelihood
# no longer pays for the length, so that a finite best W exists.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: SVM loss and gradient are zero once all leads are at least 1.
# - 1 point: with 2W the SVM loss stays 0 (the solution is not unique).
# - 1 point: with 2W the softmax loss falls, and it is never 0 for finite scores, hence the growth.
# - 1 point: the penalty prefers short weights and makes a choice among the SVM's solutions.
# - 1 point: the penalty gives softmax a finite best W, or stops the growth.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **The loss starts at the wrong number.** At $W \approx 0$ it must be $C - 1$ (SVM) or $\log C$ (softmax). One too
#   many: the true class was counted. $N$ times too large: the mean was forgotten.
# - **The penalty is in the loss but not in the gradient**, or the other way round, or with a factor of 2 between them.
#   A gradient check with `reg=0` cannot see it.
# - **The penalty is divided by $N$**, because it was added before the mean was taken.
# - **The true column of the gradient** gets $-x$ once rather than once for each violated margin, or the sum of the
#   margins instead of their count.
# - **`S.max()` instead of `S.max(axis=1, keepdims=True)`.** One maximum for the whole batch lets a row with much
#   smaller scores underflow to $\log 0$.
# - **Shapes that broadcast by accident.** `S - S[rows, y]` without the extra axis is an error for most shapes and
#   silently wrong when $N = C$. Test with sizes that all differ.
# - **`W -= step` inside a function** changes the caller's array, and the second run starts where the first ended.
# - **A gradient check in `float32`**, or at a kink of the hinge, fails for a right gradient.
# - **Validation images used for the mean image** or for the standard deviation: then they are no longer unseen.

# %% [markdown]
# ## Check yourself
#
# 1. How many numbers does a linear classifier for $32 \times 32 \times 3$ images and ten classes learn?
#
# <details><summary>Answer</summary>3072 · 10 weights and 10 biases: 30,730.</details>
#
# 2. The scores of an image of class 2 are (1, 3, 3.5). What are its SVM loss and the three factors of $x$ in the
#    gradient?
#
# <details><summary>Answer</summary>max(0, 1 − 3.5 + 1) + max(0, 3 − 3.5 + 1) = 0 + 0.5. Only class 1 violates its
# margin: (0, 1, −1).</details>
#
# 3. All scores of a batch grow by 100. What happens to both losses?
#
# <details><summary>Answer</summary>Nothing. Both depend on differences of scores only.</details>
#
# 4. All scores of a batch are *multiplied* by 100. What happens to the accuracy and to the softmax loss?
#
# <details><summary>Answer</summary>The accuracy stays. The loss of right images goes to 0 and that of wrong ones becomes
# about 100 times their deficit, so one confident mistake can dominate the mean.</details>
#
# 5. Which weights does L2 prefer for an image of two equal pixels, (1, 0) or (½, ½)? And L1?
#
# <details><summary>Answer</summary>Both give the same score. L2: 1 against ½, so it prefers (½, ½). L1: 1 against 1, no
# preference.</details>
#
# 6. The loss moves from 1.25347 to 1.25322 when an entry grows by 0.0001. Should the next step raise or lower it?
#
# <details><summary>Answer</summary>The slope is −2.5; the step goes against it, so it raises the entry.</details>
#
# 7. Why is the error of the centred difference only of order h², and what limits how small h may be?
#
# <details><summary>Answer</summary>The terms with the second derivative are equal on both sides and cancel in the
# difference. A very small h makes the two values agree in most digits, and rounding takes over.</details>
#
# 8. The training loss with batches of 8 jumps up and down. Is the learning rate too high?
#
# <details><summary>Answer</summary>Not necessarily: the loss of a small batch is a noisy estimate. Smooth the curve, or
# look at a larger sample; if that falls steadily, the rate is fine.</details>
#
# 9. Your best pair in the grid has the largest learning rate you tried. What next?
#
# <details><summary>Answer</summary>Shift the range upwards and search again: the best value may lie outside.</details>

# %% [markdown]
# ## Where this leads
#
# Everything you built comes back. Gradient and update stay as they are when $f$ is no longer linear; what gets harder is
# the gradient itself, and notebook 03 derives it by a mechanical rule, backpropagation. Notebook 04 puts two linear maps
# with a bend between them, so that a class may have several templates. Notebook 06 replaces the plain step of SGD by
# better ones, and notebook 08 learns the edge detectors that were designed by hand here.
#
# ## Further reading
#
# - C. Cortes and V. Vapnik, "Support-vector networks", *Machine Learning* 20, 1995: the two-class margin loss.
# - J. Weston and C. Watkins, "Support vector machines for multi-class pattern recognition", ESANN 1999: the multiclass loss
#   used here.
# - K. Crammer and Y. Singer, "On the algorithmic implementation of multiclass kernel-based vector machines", *Journal of
#   Machine Learning Research* 2, 2001: a variant that charges only the worst rival.
# - H. Robbins and S. Monro, "A stochastic approximation method", *Annals of Mathematical Statistics* 22, 1951: why noisy
#   steps arrive.
# - L. Bottou, "Stochastic gradient descent tricks", in *Neural Networks: Tricks of the Trade*, Springer, 2012.
# - H. Zou and T. Hastie, "Regularization and variable selection via the elastic net", *Journal of the Royal Statistical
#   Society B* 67, 2005.
# - N. Dalal and B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.
# - J. Bergstra and Y. Bengio, "Random search for hyper-parameter optimization", *Journal of Machine Learning Research* 13,
#   2012: when a grid is not the best choice.
# - Notes of Stanford's course CS231n on linear classification and optimisation, https://cs231n.github.io.
