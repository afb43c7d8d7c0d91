# ---
# jupyter:
#   course:
#     title: Dropout and regularisation
#     builds: penalties that shrink weights or set them to zero, dropout, label smoothing, and a net of any depth with dropout and batch norm
#     needs: the softmax loss and its gradient, layers as forward and backward pairs, means and variances of random numbers
#     minutes: 230
#     budget_seconds: 60
# ---

# %% [markdown]
# # Dropout and regularisation
#
# A net with half a million weights can learn two thousand images by heart, with their wrong labels if some are wrong.
# What we want is a net that is right on images it has never seen. **Regularisation** is everything that is done to
# improve the second at the expense of the first: penalties on the weights, stopping early, and, the surprising one,
# noise. This notebook builds the main kinds and measures each of them honestly: some help here, some do not.
#
# **What you build.** Penalties on the size of weights; the step that sets small weights to exactly zero; dropout, in
# its old form and in the one used today, and three ways to predict with it; smoothed labels and the loss they need; a
# net of any depth with dropout and batch normalisation. DropConnect, Gaussian noise and stochastic depth are
# extensions.
#
# **What you need.** The softmax loss and its gradient; that a layer is a pair of functions, `forward` returning
# `(out, cache)` and `backward(dout, cache)` returning gradients; mean and variance of a random number. No answer from
# another notebook is used.
#
# **How long.** About four hours, in two sittings: pause before "Labels that are less sure".
#
# **The result.** A net is trained on 2,000 garments, of which a share has a wrong label. Each line is a kind of
# regularisation, measured with five seeds; the band goes from the worst seed to the best. Dropout is worth most where
# labels are bad. Label smoothing is often recommended for bad labels, and here it does not help at all; the notebook
# says why.

# %%
import itertools

import numpy as np

from course_utils import check, nn

# %% tags=["skip-execution"]
from course_utils import plots
from course_utils.data import load_dataset, load_results

data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
compared = load_results("regularization_compared")
print(compared.describe())
METHODS = ("none", "L2", "dropout", "light dropout", "smoothing", "all")
by_noise = {method: compared.by_seed("noise", "accuracy", {"method": method}) for method in METHODS}
plots.spread_curves(
    by_noise["none"][0],
    {method: by_noise[method][1] for method in ("none", "L2", "dropout", "smoothing")},
    xlabel="share of training labels that are wrong",
    ylabel="validation accuracy",
    title="The worse the labels, the more dropout is worth",
);

# %% [markdown]
# ## Three numbers to watch
#
# A training ends with more than one number. The **accuracy** on validation images is what we are after. The **gap**,
# training accuracy minus validation accuracy, says how much of what was learned holds only for the training set. And
# the **validation loss**, the mean of $-\log p_y$ on validation images, also asks how sure the net is: being wrong
# with confidence is expensive. The three need not agree. A method can halve the gap by making training worse and leave
# accuracy where it was; it can lower the loss without correcting one answer. So each experiment below states all three.

# %% tags=["skip-execution"]
def summary(table, noise):
    """Print accuracy, gap and validation loss of every method, mean and standard deviation over the seeds."""
    found = {}
    for method in METHODS:
        rows = (table["method"] == method) & (table["noise"] == noise)
        accuracy, loss = table["accuracy"][rows], table["val_loss"][rows]
        gap = table["train_accuracy"][rows] - accuracy
        found[method] = {"accuracy": accuracy, "gap": gap, "loss": loss}
        print(
            f"{method:13s} accuracy {accuracy.mean():.3f} ± {accuracy.std():.3f}   gap {gap.mean():.2f}   "
            f"validation loss {loss.mean():.2f} ± {loss.std():.2f}"
        )
    return found


clean = summary(compared, 0.0)

# %% [markdown]
# These are the results with right labels. We come back to them when every method in the list has been built.
#
# ## Penalties on the weights
#
# A net can fit noise only by reacting strongly to small differences between images, and strong reactions need large
# weights. So add to the loss a price for the size of the weights. With $w_i$ running over all entries of all weight
# matrices, the two usual prices are
#
# $$ L_2:\quad \frac{\alpha}{2} \sum_i w_i^2, \qquad\qquad L_1:\quad \lambda \sum_i |w_i| . $$
#
# Biases, and the gains and shifts of batch norm, are left out: a bias only moves a threshold, so it cannot make a
# reaction stronger, and there are few of them.
#
# The gradient of the first is $\alpha w_i$, that of the second $\lambda\,\operatorname{sign}(w_i)$: **L2 pulls in
# proportion to the weight, L1 with the same force on every weight.** At $w_i = 0$ the absolute value has a kink. Any
# number from $-\lambda$ to $\lambda$ may stand for its slope there; we take 0, so that a weight at zero is left in
# peace.
#
# **By hand.** For $W = (3, -1, 0)$, $\alpha = 0.1$ and $\lambda = 0.2$ the prices are $0.05 \cdot (9 + 1) = 0.5$ and
# $0.2 \cdot 4 = 0.8$, together $1.3$. The gradient is $(0.3 + 0.2,\; -0.1 - 0.2,\; 0) = (0.5, -0.3, 0)$.
#
# ### Exercise: the penalty

# %% nbgrader={"grade_id": "penalty", "solution": true}
def penalty(params, l1=0.0, l2=0.0):
    """Price of large weights: l1 times the sum of |w| plus 0.5 * l2 times the sum of w².

    params: dict from names to float arrays; only those whose name starts with "W" ("W1", "W2", "Wout", ...) count.
    l1, l2: numbers, at least 0.
    Returns (price, grads): a number, and a dict with the gradient of the price by each of these arrays, of its shape.
    The slope of |w| at 0 is taken as 0. params is left as it is.
    """
    ### BEGIN SOLUTION: add up both prices over the weights, and put the gradient of each weight array into a dict
    price, grads = 0.0, {}
    for name, W in params.items():
        if name.startswith("W"):
            price += l1 * np.sum(np.abs(W)) + 0.5 * l2 * np.sum(W**2)
            grads[name] = l1 * np.sign(W) + l2 * W
    return price, grads
    ### END SOLUTION


# %% [markdown] hints="penalty"
# 1. Go through the dict once; `name.startswith("W")` says whether an array counts. Both the price and the dict of
#    gradients grow as you go.
# 2. The two parts add up, in the price and in the gradient. The derivative of half a square has no factor 2.
# 3. `np.sign` is 1, -1 or, at zero, 0: exactly the slope that the docstring asks for.

# %% nbgrader={"grade_id": "penalty_check", "locked": true}
price, grads = penalty({"W1": np.array([[3.0, -1.0, 0.0]])}, l2=0.1)
check.close(price, 0.5, "the L2 part of the example")
check.true("W1" in grads, "a gradient under the name of its array", "the dict of gradients has no entry W1")
check.close(grads["W1"], [[0.3, -0.1, 0.0]], "and its gradient")
check.close(penalty({"W1": np.array([[3.0, 1.0]])}, l1=0.2)[0], 0.8, "an L1 price: 0.2 times 4")

# %% nbgrader={"grade_id": "penalty_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of penalty run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("penalty", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### What a penalty takes away
#
# A step of gradient descent with rate $\varepsilon$ on loss plus L2 price is
#
# $$ w \leftarrow w - \varepsilon\,(g + \alpha w) = (1 - \varepsilon\alpha)\, w - \varepsilon g , $$
#
# with $g$ the gradient of the loss alone. Each step first multiplies every weight by $1 - \varepsilon\alpha$, hence the
# name **weight decay**. With $\varepsilon = 0.1$ and $\alpha = 0.5$ that is $0.95$: a weight that no gradient holds up
# has lost half of itself after 14 steps. Weights that the loss insists on are held up.
#
# How strongly must it insist? Near its minimum $w^*$ a loss looks like a bowl. Take one whose axes are those of the
# weights, with curvatures $h_1, h_2$: $J(w) = \frac12 \sum_i h_i (w_i - w_i^*)^2$. Setting the derivative of $J$ plus
# price to zero gives, for L2,
#
# $$ h_i (w_i - w_i^*) + \alpha w_i = 0 \quad\Longrightarrow\quad w_i = \frac{h_i}{h_i + \alpha}\; w_i^* . $$
#
# Where the bowl is **steep** ($h_i \gg \alpha$) the weight stays almost as it was; where it is **flat**
# ($h_i \ll \alpha$) it goes almost to zero. Moving along a flat direction hardly changes the loss, so such weights are
# what the training data say least about. For L1 and $w_i^* > 0$ the condition is $h_i(w_i - w_i^*) + \lambda = 0$, so
#
# $$ w_i = \max\Big(w_i^* - \frac{\lambda}{h_i},\; 0\Big) : $$
#
# every weight loses a fixed amount, and one that has less than that becomes *exactly zero*.
#
# **By hand.** With $w^* = (1, 1)$, $h = (4, 0.25)$ and $\alpha = 1$, L2 leaves $(0.8, 0.2)$. L1 with $\lambda = 0.2$
# leaves $(0.95, 0.2)$, and from $\lambda = 0.25$ on the second weight is 0. The figure draws the minimum as the penalty
# grows from nothing.
#
# In a real net the axes of the bowl do not lie along the weights. For L2 that makes no difference: a sum of squares is
# the same along any set of perpendicular axes, so weights shrink by $h/(h+\alpha)$ along the axes of the bowl, which
# are the eigenvectors of the matrix of second derivatives, with the curvatures as its eigenvalues. A sum of absolute
# values does depend on the axes. L1 prefers those of the weights, and that is why what it sets to zero are weights.

# %% tags=["skip-execution"]
CURVATURE = np.array([4.0, 0.25])


def bowl(a, b):
    """A loss that is steep along the first weight and flat along the second, with its minimum at (1, 1)."""
    return 0.5 * (CURVATURE[0] * (a - 1) ** 2 + CURVATURE[1] * (b - 1) ** 2)


strengths = np.geomspace(0.01, 400, 40)[:, np.newaxis]
start = np.ones((1, 2))
with_l2 = np.vstack([start, CURVATURE / (CURVATURE + strengths)])
with_l1 = np.vstack([start, np.maximum(1 - np.geomspace(0.005, 4, 40)[:, np.newaxis] / CURVATURE, 0)])
print("L2 with strength 1:  ", CURVATURE / (CURVATURE + 1.0))
print("L1 with strength 0.2:", np.maximum(1 - 0.2 / CURVATURE, 0))
plots.trajectories(
    {"minimum of loss plus price, as the price grows": (bowl, (-0.3, 1.5), (-0.3, 1.5), {"L2": with_l2, "L1": with_l1})},
    minimum={"minimum of loss plus price, as the price grows": (1.0, 1.0)},
    title="Both penalties give up the flat direction first; L1 gives it up completely",
);

# %% [markdown]
# ### Zeros that are zero
#
# One would expect a net trained with the L1 price to have many zeros. It has none, if it is trained by gradient
# descent: the sign pushes a weight past zero and back again, step by step, in jumps of $\varepsilon\lambda$, and it
# practically never lands on the point.
#
# The remedy is to take the L1 price out of the gradient and solve it exactly after each step. Make the step
# $v = w - \varepsilon g$ with the loss alone, then look for the $w$ that balances closeness to $v$ with the price:
#
# $$ \min_w\; \tfrac12 (w - v)^2 + t\,|w|, \qquad t = \varepsilon\lambda . $$
#
# We have met this: it is the bowl above with $h = 1$. If $v > t$, the minimum is at $v - t$; if $v < -t$, at $v + t$;
# in between, at 0. This function is called **soft thresholding**, and the pair of steps *proximal gradient descent*.
#
# **By hand.** With $t = 1$: $3 \to 2$, $-1.5 \to -0.5$, $0.4 \to 0$, $-1 \to 0$.
#
# ### Exercise: soft thresholding

# %% nbgrader={"grade_id": "soft_threshold", "solution": true}
def soft_threshold(w, t):
    """Move every entry towards zero by t, and stop at zero.

    w: float array of any shape, left as it is.  t: a number, at least 0.  Returns an array of the shape of w.
    """
    ### BEGIN SOLUTION: take t off the size of every entry, but not below zero, and keep its sign
    return np.sign(w) * np.maximum(np.abs(w) - t, 0)
    ### END SOLUTION


# %% [markdown] hints="soft_threshold"
# 1. Size and sign are dealt with apart: the size shrinks, the sign stays.
# 2. The size of an entry is its absolute value. It loses `t`, and what would fall below zero becomes zero.
# 3. `np.maximum` compares entry by entry, and `np.sign` gives the sign back at the end. No loop and no `if` is needed.

# %% nbgrader={"grade_id": "soft_threshold_check", "locked": true}
check.close(soft_threshold(np.array([3.0, 0.0]), 1.0), [2.0, 0.0], "3 and 0 with t = 1")
check.shape(soft_threshold(np.ones((2, 3)), 0.5), (2, 3), "the shape of w")

# %% nbgrader={"grade_id": "soft_threshold_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of soft_threshold run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("soft_threshold", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### The sparsity of a linear classifier
#
# A linear softmax classifier on garments halved to 16 × 16 pixels has 7,680 weights. We train it three times on 2,000
# images, from zero weights and with 400 steps on all images: with the L2 price, with the L1 price by its sign, and with
# the L1 price by soft thresholding.

# %% tags=["skip-execution"]
def halved(images):
    """Every 2 × 2 block of pixels replaced by its mean: (N, 32, 32, 3) → (N, 16, 16, 3)."""
    return images.reshape(len(images), 16, 2, 16, 2, 3).mean(axis=(2, 4), dtype=np.float32)


X_half, V_half = nn.standardize(halved(data.train_images[:2000]), halved(data.val_images))
y_train, y_val = data.train_labels[:2000], data.val_labels


def train_linear(kind, strength, steps=400, rate=0.03):
    """Weights (768, 10) of a softmax classifier with the penalty 'L2', 'L1 by its sign' or 'L1 by thresholding'."""
    W, b = np.zeros((768, 10), np.float32), np.zeros(10, np.float32)
    for _ in range(steps):
        _, dscores = nn.softmax_loss(X_half @ W + b, y_train)
        dW = X_half.T @ dscores
        if kind != "L1 by thresholding":
            dW = dW + penalty({"W": W}, **({"l2": strength} if kind == "L2" else {"l1": strength}))[1]["W"]
        W, b = W - rate * dW, b - rate * dscores.sum(axis=0)
        if kind == "L1 by thresholding":
            W = soft_threshold(W, rate * strength)
    return W, float(np.mean(np.argmax(V_half @ W + b, axis=1) == y_val))


sparse, reached = {}, []
for kind, strength in (("L2", 0.1), ("L1 by its sign", 0.003), ("L1 by thresholding", 0.003)):
    W, accuracy = train_linear(kind, strength)
    sparse[kind] = W
    reached.append(accuracy)
    print(
        f"{kind:19s} validation accuracy {accuracy:.3f}   exact zeros {np.mean(W == 0):.3f}   "
        f"below 0.001 in size {np.mean(np.abs(W) < 1e-3):.3f}"
    )
    if data.stated_ranges_hold:
        check.between(accuracy, 0.47, 0.52, f"{kind}: accuracy")
if data.stated_ranges_hold:
    check.between(np.mean(sparse["L1 by its sign"] == 0), 0.0, 0.01, "by its sign: hardly any zero")
    check.between(np.mean(sparse["L1 by thresholding"] == 0), 0.5, 0.7, "by thresholding: share of zeros")
    tiny = [np.mean(np.abs(sparse[kind]) < 1e-3) for kind in ("L1 by its sign", "L1 by thresholding")]
    check.between(tiny[0] - tiny[1], -0.03, 0.03, "by its sign as many are tiny")
    check.between(max(reached) - min(reached), 0.0, 0.012, "what the kind of penalty changes in accuracy")

# %% tags=["skip-execution"]
plots.weight_images(
    np.hstack([sparse["L2"][:, :5], sparse["L1 by thresholding"][:, :5]]),
    image_shape=(16, 16, 3),
    columns=5,
    title="Five classes' weights: L2 (above) uses every pixel, L1 (below) leaves most at 0, drawn grey",
);

# %% [markdown]
# Accuracy is the same for all three, but for a few images. What L1 with thresholding buys is that more than half of the
# weights are not needed at all: those that are left say where the classifier looks. With the sign alone just as many
# are tiny, but none is zero.
#
# ## Stopping early
#
# A net that starts from small weights fits what is common to many images first and the odd cases, wrong labels among
# them, later. So one can stop in between: watch the validation loss and keep the weights from its lowest point. That
# costs nothing and needs no setting but patience.
#
# It acts much like L2. Take the bowl of before and gradient descent from zero weights. Each step multiplies the distance
# to the minimum by $1 - \varepsilon h_i$, so after $t$ steps
#
# $$ w_i = \big(1 - (1 - \varepsilon h_i)^t\big)\, w_i^* . $$
#
# Along steep directions the weight has arrived, along flat ones it has hardly left zero: $\varepsilon h_i t$ is all that
# the formula gives for small $h_i$. L2 leaves about $h_i/\alpha$ there. The two agree for
# $\alpha = 1/(\varepsilon t)$, so **few steps are a strong penalty**.
#
# **By hand.** With $w^* = (1, 1)$, $h = (4, 0.25)$, $\varepsilon = 0.1$ and $t = 10$ the weights are
# $(1 - 0.6^{10},\; 1 - 0.975^{10}) = (0.994, 0.224)$. L2 with $\alpha = 1/(0.1 \cdot 10) = 1$ left $(0.8, 0.2)$.
#
# Below, 40 % of the labels of 2,000 garments have been replaced by other classes, and a net with two hidden layers of
# 200 units is trained for 30 epochs.

# %% tags=["skip-execution"]
def with_wrong_labels(y, share, seed):
    """A copy of the labels in which each is, with this probability, another class than it was."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(y)) < share
    return np.where(wrong, (y + rng.integers(1, 10, size=len(y))) % 10, y)


X_train, X_val = nn.standardize(data.train_images[:2000], data.val_images)
y_noisy = with_wrong_labels(y_train, 0.4, seed=0)


def train(net, y, epochs=30, seed=0):
    """Train a net on the 2,000 images with SGD with momentum and a rate that falls as a cosine; returns its history."""
    solver = nn.Solver(
        net,
        X_train,
        y,
        X_val,
        y_val,
        optim_config={"learning_rate": 0.005},
        schedule=("cosine", {}),
        num_epochs=epochs,
        rng=seed,
        keep_best=False,
        stop_factor=None,
        progress=False,
    )
    return solver.train()


noisy_run = train(nn.FullyConnectedNet((3072, 200, 200, 10), rng=0), y_noisy)
best = int(np.argmin(noisy_run["val_loss"]))
print(f"lowest validation loss: epoch {best + 1}, loss {noisy_run['val_loss'][best]:.2f}, accuracy {noisy_run['val_accuracy'][best]:.3f}")
print(f"after 30 epochs:        loss {noisy_run['val_loss'][-1]:.2f}, accuracy {noisy_run['val_accuracy'][-1]:.3f}")
plots.learning_curves(
    noisy_run,
    title="40 % wrong labels: the net learns them by heart, and validation gets worse",
);

# %% tags=["skip-execution"]
for noise in (0.0, 0.2, 0.4):
    rows = (compared["method"] == "none") & (compared["noise"] == noise)
    gained = compared["best_accuracy"][rows] - compared["accuracy"][rows]
    print(
        f"{noise:.0%} wrong labels, five seeds: lowest loss in epochs {compared['best_epoch'][rows].tolist()}, "
        f"accuracy there minus accuracy at the end {gained.mean():+.3f} ± {gained.std():.3f}"
    )

# %% [markdown]
# Stopping at the lowest validation loss is no free gain. With 40 % wrong labels it is worth nearly two points; with
# right labels it *costs* about one and a half, because here the accuracy goes on rising for a while after the loss has
# turned: the net gets more answers right and is surer of its wrong ones. Choose the number to stop by as you choose the
# number you care about. And note how few epochs it takes to the lowest loss in every row.
#
# ## Noise as a teacher
#
# If a net gives the same answer for an image and for slightly changed copies of it, it cannot have learned the image by
# heart. One way to get there is to change inputs at random in training. For a linear neuron this can be worked out.
# With the error $(w \cdot x - y)^2$ and noise $n$ whose entries are independent with mean 0 and variance $\sigma^2$,
#
# $$ \mathbb{E}\,\big(w\cdot(x + n) - y\big)^2 = (w\cdot x - y)^2 + 2\,(w \cdot x - y)\,\mathbb{E}(w \cdot n) +
#    \mathbb{E}(w\cdot n)^2 = (w\cdot x - y)^2 + \sigma^2 \sum_i w_i^2 . $$
#
# **Noise on the inputs is an L2 penalty in disguise**, as far as a linear neuron goes.
#
# **By hand.** With $w = (3, -1)$, $x = (1, 2)$, $y = 0$ and $\sigma = 0.1$: $1 + 0.01 \cdot 10 = 1.1$.

# %% tags=["skip-execution"]
w_try, x_try = np.array([3.0, -1.0]), np.array([1.0, 2.0])
noisy_inputs = x_try + 0.1 * np.random.default_rng(0).normal(size=(20_000, 2))
print(f"mean over 20,000 noisy copies: {np.mean((noisy_inputs @ w_try) ** 2):.3f}   by the formula: 1.1")

# %% [markdown]
# Noise can enter at three places, and each has become a method of its own: at the **inputs** (and its richer sister,
# data augmentation, in notebook 09), at the **hidden units** (dropout, next), and at the **targets** (label smoothing,
# after that). They share a form: something random in training, and at test time its average.
#
# For every layer with randomness in this notebook, one dict holds the settings. `"mode"` is `"train"` or `"test"`, as
# for batch norm. Random numbers come from `"rng"`, a NumPy `Generator`, which gives new numbers at each call; for
# gradient checks, a `"seed"` may stand there in its place, which gives the same numbers at each call. This helper
# deals with both.

# %%
def generator_of(param):
    """The Generator to draw from: made from param["seed"] if there is one, else param["rng"]."""
    return np.random.default_rng(param["seed"]) if "seed" in param else param["rng"]


# %% [markdown]
# ### Extension, no points: Gaussian noise on hidden units
#
# Two kinds are in use. Added noise, $\text{out} = x + \sigma n$ with standard normal numbers $n$, hits small and large
# values alike; a net can escape it by making all its values large. Multiplied noise, $\text{out} = x\,(1 + \sigma n)$,
# leaves no such escape. Both have mean $x$, so nothing is left to do at test time.

# %% nbgrader={"grade_id": "gaussian_noise", "solution": true}
def gaussian_noise_forward(x, noise_param):
    """Normal noise, added or multiplied: a new standard normal number n for every entry.

    x: float array of any shape, left as it is.
    noise_param: dict with "kind" ("add" or "multiply"), "sigma" (at least 0), "mode", and "rng" or "seed".
    Training: x + sigma * n for "add", x * (1 + sigma * n) for "multiply".  Test: x for both.
    Returns (out, cache).
    """
    ### BEGIN SOLUTION: in training draw the noise and add or multiply it, in test mode pass x on; cache what the way back needs
    if noise_param["mode"] == "test":
        return x, None
    noise = noise_param["sigma"] * generator_of(noise_param).normal(size=x.shape)
    if noise_param["kind"] == "add":
        return x + noise, None
    return x * (1 + noise), 1 + noise
    ### END SOLUTION


# %% nbgrader={"grade_id": "gaussian_noise_2", "solution": true}
def gaussian_noise_backward(dout, cache):
    """Backward pass of gaussian_noise_forward, for the noise drawn there.  dout: gradient by its output → dx."""
    ### BEGIN SOLUTION: the upstream gradient times the slope of the output by the input, for either kind and mode
    return dout if cache is None else dout * cache
    ### END SOLUTION


# %% [markdown] hints="gaussian_noise"
# 1. The noise has the shape of `x` and comes from `generator_of(noise_param).normal`. Test mode needs no draw at all.
# 2. For the backward pass ask what the derivative of `out` by `x` is when the noise is a fixed number: it differs
#    between the two kinds.
# 3. Put into the cache the factor that the backward pass multiplies by. For added noise and in test mode it is 1. Do
#    not draw again on the way back.

# %% nbgrader={"grade_id": "gaussian_noise_check", "locked": true}
param = {"kind": "multiply", "sigma": 0.5, "mode": "train", "rng": np.random.default_rng(0)}
out, cache = gaussian_noise_forward(np.ones((100, 100)), param)
check.between(np.mean(out), 0.97, 1.03, "the mean over many draws is x")
check.between(np.std(out), 0.47, 0.53, "the standard deviation is sigma times x")
check.close(gaussian_noise_forward(np.ones((2, 2)), {**param, "mode": "test"})[0], np.ones((2, 2)), "test mode: x")
check.shape(gaussian_noise_backward(np.ones((100, 100)), cache), (100, 100), "dx: the shape of x")

# %% nbgrader={"grade_id": "gaussian_noise_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of gaussian_noise run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("gaussian_noise", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Dropout
#
# **Dropout** (Srivastava, Hinton and others, 2012 and 2014) sets each hidden unit to zero with some probability, by a
# draw of its own for every unit, every example and every step. In this course $p$ is the probability of **keeping** a
# unit; with $p = 0.5$ half of them are silent at each step.
#
# Why should that help? A unit that may lose any of its partners cannot rely on one of them to correct its mistakes. A
# coat has sleeves, a collar, buttons and a certain length; a net that recognises it by one of these is lost when that
# unit is silent. So it is made to learn several, each good by itself: **redundancy**.
#
# The other way to see it is as an **ensemble**. Each choice of silent units is a smaller net, and all of them share
# their weights. A layer of 4,096 units has $2^{4096}$ of them. Training draws a
# fresh one for each example at each step, tens of thousands in this notebook, and practically never one twice; at test
# time all shall vote.

# %% tags=["skip-execution"]
digits = 4096 * np.log10(2)
print(f"2^4096 = 10^{digits:.0f}; atoms in the visible universe: about 10^82")

# %% [markdown]
# ### The vote of all masks, exactly
#
# For a small neuron the vote of all nets can be counted out. A neuron with two inputs computes
# $s = w_1 x_1 + w_2 x_2$. Keep each input with probability $p$: there are four masks. The mean of the outputs, each
# with the probability of its mask, is
#
# $$ \mathbb{E}\, s = p^2 (w_1 x_1 + w_2 x_2) + p(1-p)\, w_1 x_1 + (1-p)p\, w_2 x_2 + (1-p)^2 \cdot 0
#    = p\,(w_1 x_1 + w_2 x_2) . $$
#
# So at test time, with all inputs there, the output must be multiplied by $p$, the probability of *keeping*. Some
# lectures say "multiply by the dropout probability". That is right only if they mean this $p$, or if it is 0.5; the
# calculation decides.
#
# **By hand.** With $w = (1, 2)$, $x = (3, 1)$ and $p = 0.8$:

# %%
for kept in itertools.product((0, 1), repeat=2):
    probability = np.prod([0.8 if k else 0.2 for k in kept])
    print(f"mask {kept}: probability {probability:.2f}, output {kept[0] * 3 + kept[1] * 2}")
print("mean: 0.04·0 + 0.16·2 + 0.16·3 + 0.64·5 = 4.0 = 0.8 · 5; with the probability of dropping it would be 1.0")

# %% [markdown]
# Only the linear neuron averages so neatly. Behind an activation function $f$, the mean of the outputs is not the
# output of the mean: with $p = 0.5$, the same numbers, and $f(s) = \max(0, s - 3)$, the four outputs are 0, 0, 0 and 2
# with mean 0.5, but $f(0.5 \cdot 5) = 0$. In a real net, multiplying by $p$ is an approximation. How good it is can be
# checked where all masks can be counted.
#
# ### Exercise: the expectation over all masks

# %% nbgrader={"grade_id": "exact_dropout_expectation", "solution": true}
def exact_dropout_expectation(w, x, p, f=None):
    """Mean output of one neuron over all masks of its D inputs: the expectation of f(sum of mask * w * x).

    w, x: (D,) floats, D up to about 15.  p: probability of keeping an input, 0 to 1, for each input by itself.
    f: the activation, a function of one number; None stands for none at all (the sum as it is).
    Returns a number. All 2**D masks are visited; nothing is drawn at random.
    """
    ### BEGIN SOLUTION: visit every mask of zeros and ones, and add up the outputs times the probabilities of their masks
    mean = 0.0
    for mask in itertools.product((0.0, 1.0), repeat=len(w)):
        kept = sum(mask)
        s = np.sum(np.array(mask) * w * x)
        mean += p**kept * (1 - p) ** (len(w) - kept) * (s if f is None else f(s))
    return float(mean)
    ### END SOLUTION


# %% [markdown] hints="exact_dropout_expectation"
# 1. `itertools.product((0, 1), repeat=D)` gives all masks of length D, one tuple at a time.
# 2. The draws are independent, so a mask's probability is a product of D factors: `p` for each input that is kept and
#    `1 - p` for each that is not. The probabilities of all masks add up to 1.
# 3. The activation belongs inside the mean: apply `f` to the sum of each mask, then weigh and add up.

# %% nbgrader={"grade_id": "exact_dropout_expectation_check", "locked": true}
w_two, x_two = np.array([1.0, 2.0]), np.array([3.0, 1.0])
check.close(exact_dropout_expectation(w_two, x_two, 0.5), 2.5, "linear, p = 0.5: half of 5")
check.shape(exact_dropout_expectation(w_two, x_two, 0.8), (), "a single number")

# %% nbgrader={"grade_id": "exact_dropout_expectation_tests", "grade": true, "points": 9}
# Graded, 9 points: hidden tests of exact_dropout_expectation run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("exact_dropout_expectation", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
print("units with 10 inputs, p = 0.5    mean over 1,024 masks   f of the mean sum")
for name, f in (("no activation", lambda s: s), ("ReLU", lambda s: max(0.0, s)), ("sigmoid", lambda s: 1 / (1 + np.exp(-s)))):
    units = [(rng.normal(size=10), rng.normal(size=10)) for _ in range(30)]
    exact = np.array([exact_dropout_expectation(w, x, 0.5, f) for w, x in units])
    scaled = np.array([f(0.5 * np.sum(w * x)) for w, x in units])
    print(f"{name:32s} {exact[0]:8.3f} {scaled[0]:22.3f}      largest difference of 30 units {np.abs(exact - scaled).max():.3f}")
    if name == "no activation":
        check.close(exact, scaled, "without an activation both are equal")
    else:
        check.true(np.abs(exact - scaled).max() > 0.02, f"{name}: they differ", "no difference was found")

# %% [markdown]
# ### Vanilla dropout: scale at test time
#
# The first form of dropout follows this calculation to the letter. In training each value is kept, as it is, or set to
# zero; at test time, all values are there and each is multiplied by $p$. The expectation of a value in training is
# then what it is at test time.
#
# **By hand.** $x = (2, 4)$ and $p = 0.5$. In training one of $(0, 0)$, $(2, 0)$, $(0, 4)$, $(2, 4)$ comes out, each
# with probability $\frac14$; their mean is $(1, 2)$, the output at test time.
#
# To keep a value with probability $p$, draw a number that is uniform between 0 and 1: it is below $p$ with probability
# $p$.
#
# ### Exercise: vanilla dropout

# %% nbgrader={"grade_id": "vanilla_dropout", "solution": true}
def vanilla_dropout_forward(x, p, rng):
    """Training with vanilla dropout: each entry stays as it is with probability p and is 0 otherwise, by its own draw.

    x: float array of any shape, left as it is.  p: probability of keeping, above 0 and at most 1.
    rng: a NumPy Generator to draw from.  Returns an array of the shape of x.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: draw a mask that keeps every entry with probability p, and apply it to x
    return x * (rng.random(x.shape) < p)
    ### END SOLUTION


# %% nbgrader={"grade_id": "vanilla_dropout_2", "solution": true}
def vanilla_dropout_predict(x, p):
    """Prediction with vanilla dropout: the expectation of what training gives.  x: any shape → the same shape."""
    ### BEGIN SOLUTION: every entry times what makes it the mean of the training outputs
    return p * x
    ### END SOLUTION


# %% [markdown] hints="vanilla_dropout"
# 1. `rng.random(shape)` draws numbers that are uniform between 0 and 1. Comparing them with one number gives an array
#    of true and false, and true counts as 1 in a product.
# 2. Check which side of the comparison has the probability p: p = 0.9 must keep most entries.
# 3. The mean of an entry in training is `p` times x plus `1 - p` times zero. Predicting draws nothing.

# %% nbgrader={"grade_id": "vanilla_dropout_check", "locked": true}
out = vanilla_dropout_forward(np.full((100, 100), 3.0), 0.5, np.random.default_rng(0))
check.true(np.isin(out, [0.0, 3.0]), "entries are 0 or as they were", "there are entries that are neither 0 nor x")
check.between(np.mean(out != 0), 0.25, 0.75, "some are dropped and some kept with p = 0.5")
check.close(vanilla_dropout_predict(np.array([2.0, 4.0]), 0.5), [1.0, 2.0], "prediction with p = 0.5")

# %% nbgrader={"grade_id": "vanilla_dropout_tests", "grade": true, "points": 7}
# Graded, 7 points: hidden tests of vanilla_dropout run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("vanilla_dropout", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Inverted dropout: scale in training
#
# Vanilla dropout has a practical fault: the net that is put to use must know that dropout was used in training, and do
# a multiplication for it at every prediction. **Inverted dropout** moves the factor to training: what is kept is
# divided by $p$. With the mask $m$ of zeros and ones,
#
# $$ \text{training:}\quad \text{out} = \frac{m}{p}\, x, \qquad \mathbb{E}\,\text{out} = \frac{p \cdot 1 + (1-p)\cdot 0}{p}\, x = x,
#    \qquad\qquad \text{test:}\quad \text{out} = x . $$
#
# This is what every library does today, and what "dropout" means from here on. Scale at one of the two times, never at
# both.
#
# The noise it adds to a value is $x^2\, \mathbb{E}(m/p - 1)^2 = x^2\,(1-p)/p$ in variance: for $p = 0.5$ a standard
# deviation as large as the value itself.
#
# In the backward pass the mask is a constant: $dx = \text{dout} \cdot m / p$, with **the mask of the forward pass**.
# A mask drawn anew would send gradients to units that were silent and none to some that spoke.
#
# **By hand.** $x = (2, 4)$, $p = 0.5$ and the mask $(0, 1)$: out is $(0, 8)$, and the upstream gradient $(5, 3)$
# becomes $dx = (0, 6)$.
#
# ### Exercise: dropout, forward and backward
#
# The signatures are those of CS231n, with one addition: the draws come from `dropout_param["rng"]` where there is one.
# (Code written for that course, which draws from NumPy's global generator, is accepted here. It cannot be made
# repeatable by whoever calls it, so the other layers of this notebook have to draw from the generator they are given.)

# %% nbgrader={"grade_id": "dropout", "solution": true}
def dropout_forward(x, dropout_param):
    """Inverted dropout.

    x: float array of any shape, left as it is.
    dropout_param: dict, left as it is, with "p" (probability of KEEPING an entry, above 0 and at most 1), "mode"
    ("train" or "test"), and "rng" or "seed" for the draws (see generator_of).
    Training: each entry, by its own draw, is x / p with probability p and 0 otherwise.  Test: x.
    Returns (out, cache), out of the shape of x.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: in training draw a mask, scale it and apply it; in test mode pass x on; cache what the way back needs
    if dropout_param["mode"] == "test":
        return x, None
    p = dropout_param["p"]
    mask = (generator_of(dropout_param).random(x.shape) < p).astype(x.dtype) / p
    return x * mask, mask
    ### END SOLUTION


# %% nbgrader={"grade_id": "dropout_2", "solution": true}
def dropout_backward(dout, cache):
    """Backward pass of dropout_forward, in the mode and with the mask used there.

    dout: gradient by its output, left as it is; cache: from dropout_forward → dx, gradient by its input.
    """
    ### BEGIN SOLUTION: the upstream gradient where the entry was kept, scaled as the entry was; in test mode as it is
    return dout if cache is None else dout * cache
    ### END SOLUTION


# %% [markdown] hints="dropout"
# 1. Deal with test mode first: nothing is drawn, nothing is scaled. The cache must tell the backward pass which mode it
#    was.
# 2. The mask has one draw for each entry of `x`. Dividing it by p once, right away, saves thinking about the factor
#    twice.
# 3. The output is a product of x and the scaled mask, so its slope by x is the scaled mask: keep it in the cache. The
#    backward pass draws nothing.

# %% nbgrader={"grade_id": "dropout_check", "locked": true}
param = {"p": 0.5, "mode": "train", "rng": np.random.default_rng(0)}
out, cache = dropout_forward(np.full((100, 100), 3.0), param)
check.between(np.mean(out != 0), 0.46, 0.54, "about half are kept with p = 0.5")
check.shape(out, (100, 100), "out: the shape of x")
check.shape(dropout_backward(np.ones((100, 100)), cache), (100, 100), "dx: the shape of x")

# %% nbgrader={"grade_id": "dropout_tests", "grade": true, "points": 13}
# Graded, 13 points: hidden tests of dropout run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("dropout", globals())
### END HIDDEN TESTS

# %% [markdown]
# Three trials at a larger scale. The mean of the output stays what it was, for any $p$; the share of zeros is $1 - p$;
# and with a seed in the dict, so that the forward pass draws the same mask each time, finite differences agree with
# the backward pass.

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
x_large = 10 + rng.normal(size=(500, 500))
for p in (0.25, 0.4, 0.7):
    out, _ = dropout_forward(x_large, {"p": p, "mode": "train", "rng": rng})
    print(f"p = {p:.2f}: mean of x {x_large.mean():.3f}, of out {out.mean():.3f}, share of zeros {np.mean(out == 0):.3f}")
    check.between(out.mean(), 9.7, 10.3, f"p = {p}: the mean of out")
    check.between(np.mean(out == 0), 0.99 - p, 1.01 - p, f"p = {p}: the share of zeros")

x_small, upstream = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
param = {"p": 0.6, "mode": "train", "seed": 1}
dx = dropout_backward(upstream, dropout_forward(x_small, param)[1])
check.gradient(lambda x: np.sum(upstream * dropout_forward(x, param)[0]), x_small, dx, "dropout against finite differences")

# %% [markdown]
# ### Asking many nets: Monte Carlo
#
# Scaling replaces the vote of all masks by one pass, which is exact only for linear nets. The honest way to take the
# vote, where masks cannot be counted, is to draw some: leave the net in training mode, run it several times on the same
# images, and average the *probabilities*. This is **Monte Carlo dropout** (Gal and Ghahramani, 2016). It costs as many
# passes as masks, and gives something extra: the spread of the answers, an idea of how sure the net is.
#
# The average is over probabilities and not over scores: each smaller net casts its vote after its own softmax.
#
# **By hand.** Two passes give the probabilities $(0.9, 0.1)$ and $(0.5, 0.5)$. The mean is $(0.7, 0.3)$, the standard
# deviation $(0.2, 0.2)$.
#
# ### Exercise: the Monte Carlo prediction

# %% nbgrader={"grade_id": "mc_dropout_predict", "solution": true}
def mc_dropout_predict(forward, X, samples):
    """Mean and standard deviation of a random net's class probabilities over several passes.

    forward: function X → scores (N, C) that draws new masks at every call.  X: (N, D) examples.
    samples: number of passes, at least 1; forward is called exactly so often, each time with the whole of X.
    Returns (mean, std), both (N, C): of the softmax probabilities, std with division by `samples`.
    nn.softmax(scores) gives probabilities, row by row.
    """
    ### BEGIN SOLUTION: collect the probabilities of every pass, and return their mean and their standard deviation over the passes
    probabilities = np.array([nn.softmax(forward(X)) for _ in range(samples)])
    return probabilities.mean(axis=0), probabilities.std(axis=0)
    ### END SOLUTION


# %% [markdown] hints="mc_dropout_predict"
# 1. Call `forward(X)` once for each sample, and turn the scores of each call into probabilities before anything is
#    averaged.
# 2. A list of `samples` arrays (N, C) becomes one array (samples, N, C).
# 3. Mean and standard deviation are taken over the passes, that is over the first axis of this array; what is left has
#    the shape (N, C).

# %% nbgrader={"grade_id": "mc_dropout_predict_check", "locked": true}
two_passes = itertools.cycle([np.log([[0.9, 0.1]]), np.log([[0.5, 0.5]])])
mean, std = mc_dropout_predict(lambda X: next(two_passes), np.zeros((1, 3)), 2)
check.shape(mean, (1, 2), "mean: a row of class probabilities an example")
check.close(np.sum(mean), 1.0, "the mean probabilities add up to 1")
check.shape(std, (1, 2), "std: the same shape")

# %% nbgrader={"grade_id": "mc_dropout_predict_tests", "grade": true, "points": 9}
# Graded, 9 points: hidden tests of mc_dropout_predict run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("mc_dropout_predict", globals())
### END HIDDEN TESTS

# %% [markdown]
# Now on a trained net: two hidden layers of 200 units, $p = 0.8$, 2,000 garments, 20 epochs. Against the number of
# passes we plot the accuracy of the vote and, as a line that does not depend on them, that of the single pass with all
# units.

# %% tags=["skip-execution"]
dropout_net = nn.FullyConnectedNet((3072, 200, 200, 10), dropout=0.8, rng=0)
train(dropout_net, y_train, epochs=20)


def random_scores(X):
    """Scores of a pass in training mode, with masks of its own."""
    return dropout_net.forward(X, train=True)[0]


X_some, y_some = X_val[:1000], y_val[:1000]
plain = nn.softmax(dropout_net.loss(X_some))
scaled_accuracy = np.mean(plain.argmax(axis=1) == y_some)
passes = [1, 2, 4, 8, 16, 32, 64]
votes = np.array([nn.softmax(random_scores(X_some)) for _ in range(64)])  # of which each point uses the first few
votes_accuracy = [np.mean(votes[:count].mean(axis=0).argmax(axis=1) == y_some) for count in passes]
mean, std = mc_dropout_predict(random_scores, X_some, 30)
agreement = np.mean(mean.argmax(axis=1) == plain.argmax(axis=1))
print(f"accuracy, one pass with all units: {scaled_accuracy:.3f}; 64 votes: {votes_accuracy[-1]:.3f}")
print(f"30 votes and the single pass agree on {agreement:.1%} of the images")
if data.stated_ranges_hold:
    check.between(scaled_accuracy, 0.63, 0.69, "one pass with all units")
    check.between(votes_accuracy[-1] - scaled_accuracy, -0.025, 0.01, "what 64 votes add")
    check.between(votes_accuracy[0] - scaled_accuracy, -0.11, -0.03, "what is lost with a single mask")
    check.between(agreement, 0.92, 0.99, "agreement")
plots.lines(
    passes,
    {"vote of random masks": votes_accuracy, "one pass with all units": [scaled_accuracy] * len(passes)},
    xlabel="number of passes",
    ylabel="validation accuracy",
    title="Many masks vote about as well as one pass with all units, not better",
    log_x=True,
);

# %% tags=["skip-execution"]
winner = votes.mean(axis=0).argmax(axis=1)
right, share = winner == y_some, np.mean(votes.argmax(axis=2) == winner, axis=0)
spread = std[np.arange(len(std)), mean.argmax(axis=1)]
print(f"spread of the winning probability: {spread[right].mean():.3f} where right, {spread[~right].mean():.3f} where wrong")
print(f"masks that vote for the winner:    {share[right].mean():.3f} where right, {share[~right].mean():.3f} where wrong")
print(f"accuracy where over 90 % of the masks agree: {right[share > 0.9].mean():.3f}, where under 60 % do: {right[share < 0.6].mean():.3f}")
if data.stated_ranges_hold:
    check.between(right[share > 0.9].mean(), 0.84, 0.95, "accuracy where the masks agree")
    check.between(right[share < 0.6].mean(), 0.28, 0.46, "accuracy where they do not")
plots.histogram(
    {"right answers": share[right], "wrong answers": share[~right]},
    xlabel="share of 64 masks that vote for the winner",
    title="Where the masks agree, the answer is more often right",
    bins=16,
);

# %% [markdown]
# Scaling is an approximation, but for accuracy a good one: the vote of many masks does not beat it here, and scaling
# costs one pass. That is why it is the default. What one pass cannot give is the disagreement. Where nearly all masks
# agree the net is right nine times in ten; where they are split it is wrong more often than right. An answer that a
# person should check can be found so.
#
# ### DropConnect
#
# Instead of units, DropConnect (Wan and others, 2013) silences single weights: each entry of $W$ is kept with
# probability $p$. There are far more masks, since a matrix has more entries than units, and dropout is the special case
# in which whole rows fall together. We divide by $p$ in training as before, so that nothing is left to do at test time.
# (The paper draws a mask for each example, and predicts with a normal approximation; one mask for the whole batch, as
# here, is cheaper.)
#
# **By hand.** $x = (1, 2)$, $W = (3, 4)^\top$ (one unit), $b = 0.5$, $p = 0.5$ and the mask $(1, 0)^\top$: the output
# is $1 \cdot 3 / 0.5 + 0.5 = 6.5$, at test time $11.5$.
#
# ### Extension, no points: DropConnect

# %% nbgrader={"grade_id": "dropconnect", "solution": true}
def dropconnect_forward(x, w, b, dropconnect_param):
    """Affine layer with DropConnect: one mask for the weights in a batch.

    x: (N, D), w: (D, M), b: (M,), all left as they are.
    dropconnect_param: dict with "p" (probability of keeping a weight), "mode", and "rng" or "seed".
    Training: x @ (mask * w / p) + b, the mask (D, M) with a draw for every weight.  Test: x @ w + b.
    The bias is never dropped.  Returns (out, cache), out (N, M).
    """
    ### BEGIN SOLUTION: in training mask and scale the weights, then the affine map; cache what the way back needs
    mask = None
    if dropconnect_param["mode"] == "train":
        p = dropconnect_param["p"]
        mask = (generator_of(dropconnect_param).random(w.shape) < p) / p
    used = w if mask is None else mask * w
    return x @ used + b, (x, used, mask)
    ### END SOLUTION


# %% nbgrader={"grade_id": "dropconnect_2", "solution": true}
def dropconnect_backward(dout, cache):
    """Backward pass of dropconnect_forward.  dout: (N, M) → (dx, dw, db), of shapes (N, D), (D, M) and (M,)."""
    ### BEGIN SOLUTION: gradients of the affine map with the weights that were used, and the mask once more for dw
    x, used, mask = cache
    dw = x.T @ dout
    return dout @ used.T, dw if mask is None else mask * dw, dout.sum(axis=0)
    ### END SOLUTION


# %% [markdown] hints="dropconnect"
# 1. First make the matrix that is really used, masked and scaled; the rest of the forward pass is an ordinary affine
#    layer.
# 2. On the way back `dx` sees the matrix that was used, not the whole one.
# 3. The gradient by the used matrix is that of an affine layer. The used matrix is the scaled mask times `w`, so one
#    more factor stands between it and `dw`. `db` is untouched by the mask.

# %% nbgrader={"grade_id": "dropconnect_check", "locked": true}
x_one, w_one, b_one = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([0.5])
param = {"p": 0.5, "mode": "test", "rng": np.random.default_rng(0)}
out, cache = dropconnect_forward(x_one, w_one, b_one, param)
check.close(out, [[11.5]], "the example at test time")
out, cache = dropconnect_forward(x_one, w_one, b_one, {**param, "mode": "train"})
check.true(np.any(np.isclose(out, [0.5, 6.5, 16.5, 22.5])), "one of its four masks", "no mask gives this output")
check.shape(dropconnect_backward(np.ones((1, 1)), cache)[1], (2, 1), "dw: the shape of w")

# %% nbgrader={"grade_id": "dropconnect_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of dropconnect run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("dropconnect", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Stochastic depth
#
# A residual network adds what a block of layers computes to the block's input: $\text{out} = x + f(x)$. Stochastic depth
# (Huang and others, 2016) drops whole blocks: for each example, $f(x)$ is kept with probability $p$, else only $x$
# passes. The expected depth in training is shorter, so gradients have a shorter way. At test time every block is there,
# multiplied by $p$, as in vanilla dropout:
#
# $$ \text{training:}\quad \text{out}_n = x_n + m_n\, f(x_n), \qquad\qquad \text{test:}\quad \text{out}_n = x_n + p\, f(x_n) . $$
#
# (The paper draws once for a batch, most code of today once for each example, as here.) The layer below takes $x$ and
# the block's output $f(x)$, and gives gradients by both.
#
# **By hand.** $x = (1, 1)$, $f(x) = (4, -2)$, $p = 0.5$: out is $(5, -1)$ or $(1, 1)$ in training, $(3, 0)$ at test time.
#
# ### Extension, no points: stochastic depth

# %% nbgrader={"grade_id": "stochastic_depth", "solution": true}
def stochastic_depth_forward(x, block, depth_param):
    """Residual sum in which the block's output is dropped for some examples.

    x, block: (N, ...) of equal shapes, the block's input and output, left as they are.
    depth_param: dict with "p" (probability of keeping the block), "mode", and "rng" or "seed".
    Training: x + m * block, m = 1 with probability p and else 0, one draw for each example.  Test: x + p * block.
    Returns (out, cache).
    """
    ### BEGIN SOLUTION: find the factor of the block for every example in either mode, form the sum, and cache the factor
    p = depth_param["p"]
    if depth_param["mode"] == "train":
        draws = generator_of(depth_param).random((len(x),) + (1,) * (x.ndim - 1))
        factor = (draws < p).astype(x.dtype)
    else:
        factor = p
    return x + factor * block, factor
    ### END SOLUTION


# %% nbgrader={"grade_id": "stochastic_depth_2", "solution": true}
def stochastic_depth_backward(dout, cache):
    """Backward pass of stochastic_depth_forward.  dout: (N, ...) → (dx, dblock), both of its shape."""
    ### BEGIN SOLUTION: the upstream gradient for x, and what of it reaches the block
    return dout, cache * dout
    ### END SOLUTION


# %% [markdown] hints="stochastic_depth"
# 1. Both modes are one formula with different factors in front of the block: a draw of 0 or 1 an example, or p.
# 2. The draws have the shape (N, 1) for rows, (N, 1, 1, 1) for images, so that they broadcast over an example.
# 3. In a sum the upstream gradient goes to both terms: as it is to `x`, and times the factor to the block.

# %% nbgrader={"grade_id": "stochastic_depth_check", "locked": true}
x_res, block_res = np.array([[1.0, 1.0]]), np.array([[4.0, -2.0]])
out, cache = stochastic_depth_forward(x_res, block_res, {"p": 0.5, "mode": "train", "rng": np.random.default_rng(0)})
check.true(np.allclose(out, [[5.0, -1.0]]) or np.allclose(out, [[1.0, 1.0]]), "one of two outputs", "neither of them")
dx, dblock = stochastic_depth_backward(np.ones((1, 2)), cache)
check.shape(dblock, (1, 2), "dblock: the shape of the block")

# %% nbgrader={"grade_id": "stochastic_depth_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of stochastic_depth run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("stochastic_depth", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Labels that are less sure
#
# The third place for noise is the target. The softmax loss with a label says: all probability to this class, none to
# any other. No finite scores achieve that, so the net goes on enlarging its scores after every training image is
# right. And some labels are wrong. Suppose an image shows a coat, the net is sure of it, and the label says dress:

# %% tags=["skip-execution"]
print("probability of the label   loss of this example   pull on the label's score")
for probability in (0.5, 0.1, 0.01, 0.0001):
    print(f"{probability:22.4f} {-np.log(probability):21.2f} {1 - probability:23.4f}")

# %% [markdown]
# The better the net knows coats, the more this one example costs, and nothing but giving in will end it.
#
# **Label smoothing** does not trust the label completely. Of $k$ classes the labelled one gets the target
# $1 - \varepsilon$, and each of the $k - 1$ others gets $\varepsilon/(k-1)$. One may read it as the expectation over a
# noisy label that is right with probability $1 - \varepsilon$ and otherwise any of the others: randomness, averaged.
#
# **By hand.** With $k = 3$, $\varepsilon = 0.2$ and the label 1: $(0.1, 0.8, 0.1)$. With ten classes and
# $\varepsilon = 0.1$: $0.9$, and nine times $0.0111$. A row always sums to 1.
#
# Another formula is met as often: mix the one-hot row with the uniform distribution over *all* classes,
# $(1 - \varepsilon')\, \text{onehot} + \varepsilon'/k$. The label then has $1 - \varepsilon' + \varepsilon'/k$. That is the
# same thing under another name: with $\varepsilon' = \varepsilon\, k/(k-1)$ both rows are equal. What is wrong is to mix
# the two: $1 - \varepsilon$ and $\varepsilon/k$ do not sum to 1.
#
# ### Exercise: smoothed labels

# %% nbgrader={"grade_id": "smooth_labels", "solution": true}
def smooth_labels(y, num_classes, eps):
    """Target probabilities with label smoothing.

    y: (N,) integer labels from 0 to num_classes - 1.  num_classes: at least 2.  eps: 0 to 1.
    Returns (N, num_classes) floats: 1 - eps for the label, eps / (num_classes - 1) for every other class.
    """
    ### BEGIN SOLUTION: a row for each label that holds the share of the other classes everywhere but at the label
    targets = np.full((len(y), num_classes), eps / (num_classes - 1))
    targets[np.arange(len(y)), y] = 1 - eps
    return targets
    ### END SOLUTION


# %% [markdown] hints="smooth_labels"
# 1. Fill the whole array with what the *other* classes get, then set one entry a row.
# 2. There are num_classes - 1 others, and together they share eps.
# 3. To set one entry in every row, index with two arrays at once: the row numbers and the labels.

# %% nbgrader={"grade_id": "smooth_labels_check", "locked": true}
targets = smooth_labels(np.array([1, 0, 2]), 3, 0.2)
check.shape(targets, (3, 3), "a row an example")
check.close(targets[0], [0.1, 0.8, 0.1], "the row of the example: label 1 of three classes, ε = 0.2")

# %% nbgrader={"grade_id": "smooth_labels_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of smooth_labels run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("smooth_labels", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### The loss for targets that are probabilities
#
# With targets $t_{nc}$ whose rows sum to 1, and $p_{nc}$ the softmax of the scores $s_{nc}$, the **cross-entropy** is
#
# $$ L = -\frac1N \sum_n \sum_c t_{nc} \log p_{nc}, \qquad
#    \log p_{nc} = s_{nc} - \log \sum_j e^{s_{nj}} . $$
#
# For a one-hot row only the label's term is left, the softmax loss as we know it. For the gradient put the second
# formula into the first. Since $\sum_c t_{nc} = 1$, the example's loss is
# $\log \sum_j e^{s_{nj}} - \sum_c t_{nc}\, s_{nc}$, and the derivative of its first term by $s_{nc}$ is $p_{nc}$:
#
# $$ \frac{\partial L}{\partial s_{nc}} = \frac{p_{nc} - t_{nc}}{N} . $$
#
# It is zero when the probabilities are the targets. With smoothing that happens at *finite* scores: the label's is
# higher than the others by $\log \frac{(1-\varepsilon)(k-1)}{\varepsilon}$, which is $\log 81 = 4.4$ for ten classes and
# $\varepsilon = 0.1$. The net has no reason to go on from there.
#
# **By hand.** Scores $(\log 2, 0, 0)$ have the probabilities $(0.5, 0.25, 0.25)$. With the target $(0.8, 0.1, 0.1)$ the
# loss is $0.8 \log 2 + 0.2 \log 4 = 1.2 \log 2 = 0.8318$ and the gradient $(-0.3, 0.15, 0.15)$.
#
# ### Exercise: cross-entropy with soft targets
#
# Exponentials of large scores overflow; subtract each row's largest score first, which changes neither probabilities
# nor loss. And do not take the logarithm of a probability that may have become 0.

# %% nbgrader={"grade_id": "soft_cross_entropy", "solution": true}
def soft_cross_entropy(scores, targets):
    """Cross-entropy of the softmax of scores with target probabilities, a mean over the batch, and its gradient.

    scores: (N, C) floats, possibly in the thousands; targets: (N, C), rows that sum to 1; both left as they are.
    Returns (loss, dscores): a number, natural logarithm, and an array (N, C).
    Not to be called: nn.softmax_loss, torch.
    """
    ### BEGIN SOLUTION: logarithms of the probabilities without overflow, then the loss and the gradient, both divided by N
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.sum(targets * log_p) / len(scores)
    return loss, (np.exp(log_p) - targets) / len(scores)
    ### END SOLUTION


# %% [markdown] hints="soft_cross_entropy"
# 1. Work with logarithms of probabilities throughout; the probabilities are their exponentials.
# 2. After the shift, the logarithm of a probability is the shifted score minus the logarithm of the row's sum of
#    exponentials. `keepdims=True` keeps a column that broadcasts.
# 3. The loss is a sum over classes and a mean over examples: divide by N, not by N times C, and the gradient as well.

# %% nbgrader={"grade_id": "soft_cross_entropy_check", "locked": true}
scores_one = np.array([[np.log(2.0), 0.0, 0.0]])
loss, _ = soft_cross_entropy(scores_one, np.array([[1.0, 0.0, 0.0]]))
check.close(loss, np.log(2.0), "the loss for a one-hot target: minus the logarithm of 0.5")
_, dscores = soft_cross_entropy(scores_one, np.array([[0.8, 0.1, 0.1]]))
check.close(dscores, [[-0.3, 0.15, 0.15]], "the gradient of the example")

# %% nbgrader={"grade_id": "soft_cross_entropy_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of soft_cross_entropy run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("soft_cross_entropy", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
scores_try, targets_try = rng.normal(size=(4, 5)), smooth_labels(rng.integers(0, 5, size=4), 5, 0.1)
check.gradient(
    lambda s: soft_cross_entropy(s, targets_try)[0],
    scores_try,
    soft_cross_entropy(scores_try, targets_try)[1],
    "soft cross-entropy against finite differences",
)
loss, _ = soft_cross_entropy(np.array([[np.log(2.0), 0.0, 0.0]]), np.array([[0.8, 0.1, 0.1]]))
check.close(loss, 1.2 * np.log(2.0), "the loss of the example")
k, eps = 10, 0.1
others, mixed = smooth_labels(np.arange(k), k, eps), np.eye(k) * (1 - eps * k / (k - 1)) + eps / (k - 1)
check.close(mixed, others, "both formulas of smoothing, with ε' = ε k/(k−1)")

# %% [markdown]
# ### What smoothing does to a net, in five seeds
#
# Two hidden layers of 200 units, 5,000 garments, 40 epochs at a constant rate: enough for the net to be right on every
# training image and far too sure of itself on others. We vary $\varepsilon$, and, at $\varepsilon = 0.1$, who receives
# it: the other classes alike, all classes alike, or the others *by likeness*, in proportion to how probable a linear
# classifier finds them for this label, so that a coat's target says "perhaps a pullover" rather than "perhaps a bag".

# %% tags=["skip-execution"]
variants = load_results("smoothing_variants")
print(variants.describe())
smoothing = {}
for variant, epsilon in dict.fromkeys(zip(variants["variant"].tolist(), variants["epsilon"].tolist(), strict=True)):
    rows = (variants["variant"] == variant) & np.isclose(variants["epsilon"], epsilon)
    accuracy, loss, confidence = (variants[column][rows] for column in ("accuracy", "val_loss", "confidence"))
    smoothing[variant, epsilon] = accuracy, loss
    print(
        f"{variant:17s} ε = {epsilon:4.2f}: accuracy {accuracy.mean():.3f} ± {accuracy.std():.3f}   "
        f"validation loss {loss.mean():.2f} ± {loss.std():.2f}   mean confidence {confidence.mean():.2f}"
    )
plots.error_bars_curve(
    {epsilon: loss.tolist() for (variant, epsilon), (_, loss) in smoothing.items() if variant == "others alike"},
    xlabel="ε, taken from the label and given to the nine other classes",
    ylabel="validation loss",
    title="A little smoothing removes much of an overconfident net's loss",
);

# %% [markdown]
# At $\varepsilon = 0.05$ the validation loss has fallen from 1.54 to 1.11; at larger $\varepsilon$ it rises again, since
# the loss is measured with the right labels as they are, and a net that is forbidden to be sure pays for that. The
# accuracy does not rise with it: it is *lower* by two points, in every seed, and by five at
# $\varepsilon = 0.4$. What changes is the confidence. Without smoothing the net was sure to .90 on average and right in
# .68 of its answers. With $\varepsilon = 0.05$ it is sure to .67 and right in .66, which fits; with $\varepsilon = 0.1$ it
# is sure to .60 and right in .66, and now too modest. **A little smoothing repaired the confidence, and none of the
# answers.** Elsewhere, on large image sets and
# with large convolutional nets, gains of some tenths of a point in accuracy have been reported; not here.
#
# Who receives $\varepsilon$ hardly matters for the accuracy. Giving it by likeness lowers the loss a little further,
# from 1.13 to 1.07, in every seed: a target that knows that coats resemble pullovers is a better target. Notebook 10
# takes that thought to its end, with targets that another net gives for each image.
#
# ## A net with everything
#
# Now the parts come together: a net of any depth with ReLU, batch normalisation and dropout. Each hidden layer is
#
# $$ \text{affine} \;\to\; \text{batch norm} \;\to\; \text{ReLU} \;\to\; \text{dropout}, $$
#
# the last layer is affine alone. Neither the scores nor the images are dropped. Dropout comes after batch norm, so that
# its zeros do not enter mean and variance. The backward pass takes the same stations in reverse.
#
# The layers themselves are not the exercise: `nn.affine_forward(x, w, b)`,
# `nn.batchnorm_forward(x, gamma, beta, bn_param)`, `nn.relu_forward(x)` and `nn.dropout_forward(x, dropout_param)`
# return `(out, cache)`, and each has its `backward(dout, cache)`. For batch norm hand over the layer's own dict in
# `self.bn_params`, in which the running statistics are renewed, with its "mode" set. `nn.dropout_forward` does what yours
# does; try yours in its place if you like. The loss is `nn.softmax_loss(scores, y)`, which takes labels (N,) or target probabilities
# (N, C) and returns `(loss, dscores)`.
#
# The penalty is that of L2, $\frac12\,\text{reg} \sum W^2$ over the weights of all layers.
#
# **By hand.** A net of sizes (4, 5, 3, 2) has the parameters W1 (4, 5), b1, W2 (5, 3), b2, W3 (3, 2), b3, which makes
# $25 + 18 + 8 = 51$ numbers; batch norm adds gamma1, beta1 (5 each) and gamma2, beta2 (3 each), together 67.
#
# ### Exercise: FullyConnectedNet
#
# Three gaps: the parameters, a hidden layer on the way up, and the hidden layers on the way down.

# %% nbgrader={"grade_id": "FullyConnectedNet", "solution": true}
class FullyConnectedNet:
    """Hidden layers of affine → (batch norm) → ReLU → (dropout), then affine; softmax cross-entropy plus an L2 penalty.

    sizes: numbers of an input, units of each hidden layer, classes, such as (3072, 100, 100, 10).
    dropout: probability of KEEPING a hidden unit, None for no dropout.  batchnorm: whether there is batch norm.
    reg: strength of the penalty 0.5 * reg * (sum of W²), over weights only.  rng: a Generator or a seed; it draws the
    weights, and later the masks, so a seed gives the same net again.  dtype: of all parameters.

    params: W1, b1, W2, b2, ...; with batch norm gamma1, beta1, ... for every hidden layer.
    bn_params: for every hidden layer a dict with running statistics, for nn.batchnorm_forward.
    Not to be called: nn.FullyConnectedNet, torch.
    """

    def __init__(self, sizes, dropout=None, batchnorm=False, reg=0.0, rng=0, dtype="float32"):
        self.sizes, self.depth = tuple(sizes), len(sizes) - 1  # depth counts the layers with weights
        self.dropout, self.batchnorm, self.reg = dropout, batchnorm, reg
        self.rng, self.dtype = np.random.default_rng(rng), dtype
        self.bn_params = [
            {"running_mean": np.zeros(units, dtype), "running_var": np.ones(units, dtype)} for units in self.sizes[1:-1]
        ]
        self.params = {}
        for layer in range(1, self.depth + 1):
            fan_in, fan_out = self.sizes[layer - 1], self.sizes[layer]
            ### BEGIN SOLUTION: put W (normal, std root of 2 over fan_in) and b (zeros) of this layer into params, and gamma (ones) and beta (zeros) where it is a hidden layer and there is batch norm
            W = np.sqrt(2 / fan_in) * self.rng.normal(size=(fan_in, fan_out))
            self.params[f"W{layer}"] = W.astype(dtype)
            self.params[f"b{layer}"] = np.zeros(fan_out, dtype)
            if self.batchnorm and layer < self.depth:
                self.params[f"gamma{layer}"] = np.ones(fan_out, dtype)
                self.params[f"beta{layer}"] = np.zeros(fan_out, dtype)
            ### END SOLUTION

    def hidden_forward(self, h, layer, mode):
        """Hidden layer number `layer` (1, 2, ...) in mode "train" or "test".  h: (N, inputs) → (out, caches).

        Masks come from self.rng. caches is whatever hidden_backward needs.
        """
        ### BEGIN SOLUTION: affine, batch norm if there is any, ReLU, dropout if there is any; hand on every cache
        caches = {}
        out, caches["affine"] = nn.affine_forward(h, self.params[f"W{layer}"], self.params[f"b{layer}"])
        if self.batchnorm:
            bn_param = self.bn_params[layer - 1]
            bn_param["mode"] = mode
            gamma, beta = self.params[f"gamma{layer}"], self.params[f"beta{layer}"]
            out, caches["batchnorm"] = nn.batchnorm_forward(out, gamma, beta, bn_param)
        out, caches["relu"] = nn.relu_forward(out)
        if self.dropout is not None:
            dropout_param = {"p": self.dropout, "mode": mode, "rng": self.rng}
            out, caches["dropout"] = nn.dropout_forward(out, dropout_param)
        return out, caches
        ### END SOLUTION

    def loss(self, X, y=None):
        """Scores (N, C) in test mode; with y, the loss and its gradients {name: array} in training mode.

        X: (N, D); y: (N,) integer labels or (N, C) target probabilities.
        """
        h, caches, mode = np.asarray(X, self.dtype), {}, "test" if y is None else "train"
        for layer in range(1, self.depth):
            h, caches[layer] = self.hidden_forward(h, layer, mode)
        last = self.depth
        scores, last_cache = nn.affine_forward(h, self.params[f"W{last}"], self.params[f"b{last}"])
        if y is None:
            return scores
        loss, dscores = nn.softmax_loss(scores, y)
        grads = {}
        dout, grads[f"W{last}"], grads[f"b{last}"] = nn.affine_backward(dscores, last_cache)
        ### BEGIN SOLUTION: go down through the hidden layers and fill grads; then add the penalty to loss and to the gradients of all weights
        for layer in range(last - 1, 0, -1):
            cache = caches[layer]
            if self.dropout is not None:
                dout = nn.dropout_backward(dout, cache["dropout"])
            dout = nn.relu_backward(dout, cache["relu"])
            if self.batchnorm:
                dout, grads[f"gamma{layer}"], grads[f"beta{layer}"] = nn.batchnorm_backward(dout, cache["batchnorm"])
            dout, grads[f"W{layer}"], grads[f"b{layer}"] = nn.affine_backward(dout, cache["affine"])
        for layer in range(1, last + 1):
            W = self.params[f"W{layer}"]
            loss += 0.5 * self.reg * np.sum(W**2)
            grads[f"W{layer}"] += self.reg * W
        ### END SOLUTION
        return loss, grads

    def predict(self, X):
        """The label with the highest score for each row of X: (N,) integers."""
        return np.argmax(self.loss(X), axis=1)


# %% [markdown] hints="FullyConnectedNet"
# 1. Do a net without batch norm and dropout first and check its gradient; then add the two with `if`. Names are made
#    by f"W{layer}"; the last layer has W and b only.
# 2. On the way up, each station's output is the next one's input, and its cache goes into a dict or list that you
#    return. `bn_param` needs its "mode" set at every call, and belongs to its layer: layer 1 has `self.bn_params[0]`.
# 3. On the way down, take the stations in reverse order, each with its own cache, and overwrite `dout` at each. The
#    penalty is for W1, W2, ... up to the last layer's, and for nothing else; it is added once, after the way down.

# %% nbgrader={"grade_id": "FullyConnectedNet_check", "locked": true}
net = FullyConnectedNet((4, 5, 3, 2), dropout=0.5, batchnorm=True, rng=0)
check.equal(sum(np.size(array) for array in net.params.values()), 67, "the numbers of a net of sizes (4, 5, 3, 2)")
X_tiny, y_tiny = np.random.default_rng(1).normal(size=(6, 4)), np.array([0, 1, 1, 0, 1, 0])
check.shape(net.loss(X_tiny), (6, 2), "the scores")
check.close(net.loss(X_tiny), net.loss(X_tiny), "test mode gives the same scores twice")
loss, grads = net.loss(X_tiny, y_tiny)
check.equal(sorted(grads), sorted(net.params), "a gradient for each parameter")
for name in net.params:
    check.shape(grads[name], net.params[name].shape, f"the gradient of {name}")

# %% nbgrader={"grade_id": "FullyConnectedNet_tests", "grade": true, "points": 20}
# Graded, 20 points: hidden tests of FullyConnectedNet run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("FullyConnectedNet", globals())
### END HIDDEN TESTS

# %% [markdown]
# The gradient of a random net can be checked if it is asked to be random in the same way each time: put a fresh
# generator with the same seed before each call of the loss.

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
net = FullyConnectedNet((6, 5, 4, 3), dropout=0.6, batchnorm=True, reg=0.1, rng=0, dtype="float64")
X_check, y_check = rng.normal(size=(8, 6)), rng.integers(0, 3, size=8)


def same_draws(name, value):
    """The loss with one parameter exchanged, and the masks of seed 7."""
    kept, net.params[name] = net.params[name], value
    net.rng = np.random.default_rng(7)
    loss, _ = net.loss(X_check, y_check)
    net.params[name] = kept
    return loss


net.rng = np.random.default_rng(7)
_, grads = net.loss(X_check, y_check)
for name in ("W1", "gamma1", "beta2", "W3", "b3"):
    check.gradient(lambda value, name=name: same_draws(name, value), net.params[name], grads[name], f"gradient of {name}")

# %% [markdown]
# ## Which of them helps?
#
# Your net, with each of the methods: 2,000 garments, two hidden layers of 100 units, 20 epochs, one seed. "Light
# dropout" keeps a unit with $p = 0.8$.

# %% tags=["skip-execution"]
SETTINGS = {
    "none": {},
    "L2": {"reg": 0.03},
    "dropout": {"dropout": 0.5},
    "light dropout": {"dropout": 0.8},
    "smoothing": {"eps": 0.1},
    "batch norm": {"batchnorm": True},
}
RANGES = {
    "none": (0.60, 0.66),
    "L2": (0.61, 0.67),
    "dropout": (0.56, 0.63),
    "light dropout": (0.61, 0.67),
    "smoothing": (0.58, 0.64),
    "batch norm": (0.58, 0.64),
}


def train_yours(settings, y, seed=0):
    """Train your net for 20 epochs; returns training accuracy, validation accuracy and validation loss."""
    options = dict(settings)
    targets = smooth_labels(y, 10, options.pop("eps", 0.0))
    net = FullyConnectedNet((3072, 100, 100, 10), rng=seed, **options)
    history = train(net, targets, epochs=20, seed=seed)
    return np.mean(net.predict(X_train) == y), history["val_accuracy"][-1], history["val_loss"][-1]


reached = {}
for name, settings in SETTINGS.items():
    train_accuracy, accuracy, loss = train_yours(settings, y_train)
    reached[name] = accuracy
    print(f"{name:13s} accuracy {accuracy:.3f}   gap {train_accuracy - accuracy:.2f}   validation loss {loss:.2f}")
    if data.stated_ranges_hold:
        check.between(accuracy, *RANGES[name], f"{name}: accuracy")
if data.stated_ranges_hold:
    check.between(reached["batch norm"] - reached["none"], -0.045, -0.005, "what batch norm changes")

# %% [markdown]
# Dropout with $p = 0.5$ loses points here. Half of 100 units are not many, and 20 epochs are short for a net that is a
# different one at each step: it has not even learned its training set. Dropout wants wide layers and patience. Batch norm
# costs about two points, too, in each of three seeds that we tried: as a regulariser it does not help here. The table
# has layers of 200 units, 30 epochs, and five seeds.

# %% tags=["skip-execution"]
print(compared.describe())
results = {}
for noise in (0.0, 0.2, 0.4):
    print(f"\n{noise:.0%} of the training labels wrong")
    results[noise] = summary(compared, noise)
for noise, found in results.items():
    gains = {method: found[method]["accuracy"] - found["none"]["accuracy"] for method in METHODS[1:]}
    print(f"{noise:.0%} wrong, gain in accuracy:", ", ".join(f"{m} {g.mean():+.3f} ({g.min():+.3f} to {g.max():+.3f})" for m, g in gains.items()))
plots.bars(
    {method: float((results[0.0][method]["accuracy"] - results[0.0]["none"]["accuracy"]).mean()) for method in METHODS[1:]},
    ylabel="accuracy gained over no regularisation",
    title="With right labels: L2 and light dropout help, smoothing harms",
    form="{:+.3f}",
);

# %% [markdown]
# What five seeds say:
#
# - **L2** gains 1.7 points with right labels, 3 and 5 with 20 % and 40 % wrong ones, in every seed, and gives, on
#   average, the lowest validation loss of all. It is cheap and often thought too weak to matter; at the right strength it is not.
# - **Dropout** depends on $p$. *Light dropout* ($p = 0.8$) gains 1.9 points with right labels, in every seed. With
#   $p = 0.5$ the half point gained is no more than chance (two of five seeds lose). With wrong labels it is the other
#   way round: $p = 0.5$ gains 4.7 and 8.6 points, more than anything else alone, and $p = 0.8$ gains 2.9 and 4.7. Look
#   at the gap with 40 % wrong: training accuracy on the *given* labels falls from 1.00 to .60, and that is as it should
#   be, since 40 % of them are wrong. The net did not learn them by heart.
# - **Label smoothing** loses one to two and a half points, with right labels and with wrong ones, in every seed. Against
#   wrong labels it is the wrong tool: the wrong class still has the largest target, 0.9, and the net has capacity enough
#   to reach it. Its training accuracy on the given labels is 1.00, as without smoothing. The validation loss hardly
#   changes. In 30 epochs with a falling rate this net does not become as sure of itself as the one that smoothing
#   helped: with right labels it is sure to .76 on average (one seed) and right in .62, where that one had .90 and .68.
# - **All together** (L2, dropout with $p = 0.5$, smoothing) are not clearly better than the best of them alone. With
#   right labels they gain nothing.
#
# A small gap is no aim in itself. With right labels "all" has less than half of the gap, and the accuracy of a net
# without regularisation; with 40 % wrong labels it has no gap at all, and the accuracy of dropout with a gap of .07.
#
# These are statements about one kind of net, one data set, 2,000 images and a few strengths of each method. What
# carries over is the way to find out.
#
# ## One pattern
#
# Look back over the methods. Most of them have one form: **something random in training, and at test time its average,
# exactly or nearly.**
#
# | method | random in training | at test time |
# |---|---|---|
# | dropout | units are silent | all units, scaled (inverted: scaled in training) |
# | DropConnect | weights are silent | all weights |
# | Gaussian noise | values are shaken | the values themselves |
# | stochastic depth | blocks are left out | all blocks, times $p$ |
# | batch normalisation | the other images of a batch decide mean and variance | running averages |
# | fractional max pooling | the borders of pooling regions are drawn | several draws averaged |
# | data augmentation | images are cropped, flipped, recoloured | one fixed view, or several averaged |
# | cutout | a square of the image is blanked | the whole image |
# | mixup | two images and their labels are mixed | single images |
#
# Label smoothing belongs here by its derivation (a noisy label, averaged beforehand), and a norm penalty by its
# equivalence to noise on the inputs of a linear neuron. What differs is what the noise says: crops and flips say
# something true about images, so they are the best regularisation where they apply; dropout says something about
# redundancy that is true of many nets.
#
# **When to use which.** There is no proof, but a custom:
#
# - A small L2 penalty (weight decay) first, and the best epoch kept, judged by the number you care about.
# - Augmentation wherever you know changes that keep the label (notebook 09).
# - Batch normalisation in convolutional nets. It regularises a little, and mostly makes large learning rates possible.
# - Dropout for wide fully connected layers, $p$ from 0.5 (bad labels, wide layers) to 0.8; rarely next to batch norm in convolutions.
# - Stochastic depth in very deep residual nets, cutout and mixup for small image sets.
# - Label smoothing where probabilities are used, where classes overlap, or where a net is going to be trained so long
#   that it becomes too sure of itself.
# - More than one at a time only after looking: their strengths add up, and a net that cannot fit its training set any
#   more needs less regularisation, not more.
#
# ## Two questions in your own words
#
# **Question 1 (5 points).** A colleague uses inverted dropout with $p = 0.8$ after the only hidden layer of a net, and
# multiplies the hidden units by 0.8 at test time as well. Say what happens to the expected size of the scores, why the
# accuracy may look almost right nevertheless, and which measured number would give the mistake away. Then explain why
# dropout's factor makes expectations equal, but not the outputs of a net with several hidden layers. About six
# sentences.

# %% [markdown] nbgrader={"grade_id": "question_scaled_twice", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# In training the kept units are divided by 0.8, so their expectation is already what it is without dropout; a second
# factor 0.8 at test time makes hidden values, and with them the scores but for their biases, 0.8 times as large as
# in training. Up to the biases, multiplying all scores by one positive number does not change which is largest, so most
# labels stay the same. But probabilities become flatter: the net seems less sure than it is, so the validation loss (or
# the mean confidence) is off, and comparing it with and without the factor shows it. The factor 1/p is chosen so that
# the mean of a unit's output over masks equals the output without dropout. A following linear layer keeps that
# equality, because the mean of a sum is the sum of the means. A nonlinear activation does not: the mean of f(s) is not f
# of the mean of s, so after the next hidden layer the single pass is only an approximation of the average of all nets.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: expectations are already right in training; the extra factor makes the scores (but for the biases) 0.8
#   times too small.
# - 1 point: the largest score usually stays the largest, so accuracy hardly changes.
# - 1 point: probabilities, confidence or validation loss give it away.
# - 1 point: dividing by p makes the mean over masks equal the value without dropout, and linear layers keep this.
# - 1 point: nonlinear activations break it: the mean of f is not f of the mean.
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** Use the tables of this notebook. You are to train a net on 2,000 images of which you suspect
# 20 % to be labelled wrongly, and its probabilities will be used to decide which answers a person has to check. Which of
# the methods would you use, which not, and on which numbers do you base that? Which of your conclusions may not carry
# over to other data, and how would you find out? About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_which_method", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# I would use dropout with p = 0.5: at 20 % and 40 % wrong labels it gains 5 and 9 points of accuracy over no
# regularisation in all five seeds, and the training accuracy on the given labels shows that it keeps the net from
# learning all the wrong ones by heart. L2 is cheap, gains less, and gives the lowest validation loss, so I would try it,
# too. Stopping at the lowest validation loss gained at 40 % and not at 20 %. Label smoothing with ε = 0.1 cost about two
# points, with right and with wrong labels; what it did was to lower the validation loss of an overconfident net that was
# trained for long. As the probabilities are going to be used I look at the validation loss, not only
# at accuracy, and dropout's votes give a spread that is larger for wrong answers. All this is one data set, one size of
# net, one strength of each method and a kind of noise in which every wrong class is as likely; real mistakes confuse
# similar classes. I would repeat the comparison on my own data with several seeds, on a validation set whose labels
# were checked by hand.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: dropout is chosen, with its measured gain at 20 % or 40 %.
# - 1 point: smoothing is judged by both numbers (accuracy hardly or not improved; loss or confidence).
# - 1 point: the validation loss (or spread of votes) matters because probabilities are used.
# - 1 point: a limit of the conclusions (one data set, one net, uniform noise, chosen strengths).
# - 1 point: how to find out: own data, several seeds, clean validation labels.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **`rng.random(x.shape) > p` for keeping.** With $p = 0.5$ nobody notices; with $p = 0.9$ nearly everything is gone.
# - **Normal numbers for uniform ones**: `rng.normal(size=x.shape) < p` keeps 69 % at $p = 0.5$.
# - **No scaling, or scaling at both times.** One factor, at one time.
# - **A new mask on the way back.** The backward pass uses the mask of the forward pass, factor included.
# - **Dropout left on at test time**: predictions differ from call to call and are worse.
# - **One mask for the whole batch**, from a mask of shape (D,): each example is to have its own.
# - **`p` read as the probability of dropping.** Libraries differ; read the documentation each time.
# - **$\varepsilon/k$ with $1 - \varepsilon$**: rows that do not sum to 1.
# - **Smoothed targets on validation data.** Their loss is then not comparable with anything.
# - **The penalty forgotten in the gradient, or paid for biases, gains and shifts.**
# - **L1 by its sign, and a count of exact zeros.** Use soft thresholding.
# - **A strength that is chosen on the training set**, where every regularisation looks harmful.

# %% [markdown]
# ## Check yourself
#
# 1. Learning rate 0.1, L2 strength 0.01, no other gradient. What is left of a weight after 1,000 steps?
#
# <details><summary>Answer</summary>0.999 to the power of 1,000, about 0.37.</details>
#
# 2. A loss has curvature 0.5 along a weight with its minimum at 3. Where is the minimum with L2, α = 1? With L1, λ = 1?
#
# <details><summary>Answer</summary>0.5/(0.5 + 1) · 3 = 1; 3 − 1/0.5 = 1.</details>
#
# 3. Why does a weight under an L1 price hardly ever become exactly 0 with plain gradient descent?
#
# <details><summary>Answer</summary>Near 0 the force has a fixed size and changes its sign, so the weight jumps over 0
# in steps of rate times λ.</details>
#
# 4. "Multiply by the dropout probability at test time": is it right?
#
# <details><summary>Answer</summary>By the probability of keeping. It is right only if the word means that, or if both
# are 0.5; and with inverted dropout nothing is multiplied at all.</details>
#
# 5. A layer of 10 units with p = 0.5. How many masks are there, and how probable is the one that silences all?
#
# <details><summary>Answer</summary>1,024, each with probability 1/1,024, also that one.</details>
#
# 6. With p = 0.25, what is the variance of inverted dropout's output for x = 2?
#
# <details><summary>Answer</summary>x²(1 − p)/p = 4 · 3 = 12: it is 8 with probability 1/4 and 0 otherwise.</details>
#
# 7. Why does the training accuracy with dropout, measured in training mode, look bad, sometimes worse than validation?
#
# <details><summary>Answer</summary>It is the accuracy of the smaller, random nets. Measure both in test mode.</details>
#
# 8. ε = 0.2, five classes. What does smoothing give the label and the others? What is the ε' of the other formula?
#
# <details><summary>Answer</summary>0.8 and 0.05; ε' = 0.2 · 5/4 = 0.25.</details>
#
# 9. What is the smallest loss that a net can reach with the targets (0.9, 0.1)?
#
# <details><summary>Answer</summary>Their entropy, −0.9 log 0.9 − 0.1 log 0.1 = 0.325, where its probabilities are the
# targets.</details>
#
# 10. Training accuracy is 0.62, validation accuracy 0.60, and dropout is on. What would you change?
#
# <details><summary>Answer</summary>The gap is small: the net does not fit its training set. Less dropout, a larger net
# or longer training.</details>
#
# 11. Why is dropout placed after batch norm and not before it?
#
# <details><summary>Answer</summary>Its zeros and scaling would change mean and variance in training but not at test
# time, so the running averages would not fit.</details>

# %% [markdown]
# ## Where this leads
#
# Everything here made a fixed kind of net learn less by heart. Notebook 08 changes the kind of net: a convolution shares
# its weights between all places of an image, which regularises more than any penalty. Notebook 09 adds the noise that
# knows about images. Notebook 10 returns to soft targets: there they come from another net, which knows that a coat looks
# like a pullover.
#
# ## Further reading
#
# - N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: a simple way to prevent neural
#   networks from overfitting", *Journal of Machine Learning Research* 15, 2014.
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press, 2016, chapter 7: penalties along steep and
#   flat directions, early stopping, noise.
# - R. Tibshirani, "Regression shrinkage and selection via the lasso", *Journal of the Royal Statistical Society B* 58,
#   1996: L1 and its zeros.
# - I. Daubechies, M. Defrise and C. De Mol, "An iterative thresholding algorithm for linear inverse problems",
#   *Communications on Pure and Applied Mathematics* 57, 2004: soft thresholding after each step.
# - C. Bishop, "Training with noise is equivalent to Tikhonov regularization", *Neural Computation* 7, 1995.
# - Y. Gal and Z. Ghahramani, "Dropout as a Bayesian approximation: representing model uncertainty in deep learning",
#   ICML 2016.
# - L. Wan, M. Zeiler, S. Zhang, Y. LeCun and R. Fergus, "Regularization of neural networks using DropConnect", ICML 2013.
# - G. Huang, Y. Sun, Z. Liu, D. Sedra and K. Weinberger, "Deep networks with stochastic depth", ECCV 2016.
# - C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, "Rethinking the Inception architecture for computer
#   vision", CVPR 2016: label smoothing.
# - R. Müller, S. Kornblith and G. Hinton, "When does label smoothing help?", NeurIPS 2019.
# - C. Zhang, S. Bengio, M. Hardt, B. Recht and O. Vinyals, "Understanding deep learning requires rethinking
#   generalization", ICLR 2017: nets that learn random labels by heart.
# - Notes of Stanford's course CS231n on setting up the data and the model, https://cs231n.github.io.
