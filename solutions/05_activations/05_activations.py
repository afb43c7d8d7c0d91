# ---
# jupyter:
#   course:
#     title: Initialisation and activations
#     builds: activation functions, preprocessing, first weights and batch normalisation, which keep a deep net's signal alive
#     needs: NumPy broadcasting, the chain rule through a layer, variance of a sum
#     minutes: 230
#     budget_seconds: 60
# ---

# %% [markdown]
# # Initialisation and activations
#
# Ten layers of a network multiply ten matrices and bend the result ten times. If each layer makes its numbers a little
# smaller, nothing is left after ten of them; if each makes them a little larger, they explode. The same holds for the
# gradients on their way back. This notebook is about keeping both alive: which bend to use, how to prepare the input,
# how large the first random weights should be, and a layer that repairs the scale while training goes on.
#
# **What you build.** Leaky ReLU, ELU and tanh with their backward passes; a counter of dead units; five kinds of
# preprocessing, up to whitening; five ways to draw the first weights, and the statistics that tell them apart; batch
# normalisation with its gradient. Maxout, the short form of that gradient, and layer normalisation are extensions.
#
# **What you need.** NumPy broadcasting; the chain rule through a layer (a backward pass takes the gradient with
# respect to its output and returns that with respect to its input); that the variance of a sum of independent numbers
# is the sum of their variances. No answer from another notebook is used.
#
# **How long.** About four hours, in two sittings: pause before "The first weights".
#
# **The result.** The figure below follows a signal through ten layers of 500 ReLU units. Both nets are the same but for
# one factor, $\sqrt2$, in the size of their random weights. By the end you can say where that factor comes from, and
# what to do when no factor helps.

# %%
import numpy as np

from course_utils import check

# %% tags=["skip-execution"]
from itertools import pairwise

from course_utils import plots
from course_utils.data import flatten, load_dataset, load_results

data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set


def preview(factor):
    """Outputs of ten ReLU layers whose weights have the standard deviation factor / sqrt(500)."""
    rng = np.random.default_rng(0)
    h, layers = rng.normal(size=(300, 500)), []
    for _ in range(10):
        h = np.maximum(0, h @ (factor / np.sqrt(500) * rng.normal(size=(500, 500))))
        layers.append(h)
    return layers


plots.layer_histograms(
    {"std 1/√500": preview(1.0), "std √2/√500": preview(np.sqrt(2))},
    title="A factor of √2 a layer decides whether the signal reaches layer ten",
);

# %% [markdown]
# ## The bend between two linear maps
#
# A net of linear maps only is one linear map: $x W_1 W_2$ is $x$ times the matrix $W_1 W_2$. What lets depth say more
# is the **activation function** between them, applied to each number on its own. Any bend would do in principle; in
# practice the choice decides whether gradients survive. Three questions to ask of each candidate: what is its slope far
# from zero, where are its outputs centred, and what does it cost?
#
# ### The sigmoid and its three troubles
#
# For decades the usual choice was $\sigma(x) = 1 / (1 + e^{-x})$, which squashes any number into $(0, 1)$ and reads
# like the firing rate of a neuron. Its slope is $\sigma'(x) = \sigma(x)\,(1 - \sigma(x))$.

# %%
print("     x   sigmoid      its slope")
for x in (-10.0, 0.0, 10.0):
    s = 1 / (1 + np.exp(-x))
    print(f"{x:6.0f}   {s:.6f}    {s * (1 - s):.6f}")
print(f"the best case through ten layers: 0.25**10 = {0.25**10:.1e}")

# %% [markdown]
# **It saturates.** At $x = \pm 10$ the slope is $0.000045$. Backpropagation multiplies the gradient from above by this
# slope, so hardly anything arrives below: the unit passes on no reason to change. Even in the best case, at $x = 0$, a
# layer of sigmoids multiplies the gradient by only $0.25$, and ten layers by less than one millionth.
#
# **Its outputs are all positive.** The next section shows why that slows learning down.
#
# **The exponential is dear** compared with an addition or a comparison. That is the smallest of the three troubles: the
# matrix products around it cost far more.
#
# ### Inputs that are all positive
#
# Take one neuron, $s = w \cdot x + b$. The chain rule gives
# $\partial L/\partial w_d = \dfrac{\partial L}{\partial s}\; x_d$. If every $x_d$ is positive, all entries of this
# gradient have the sign of $\partial L / \partial s$: for one example, all weights want to grow together or to shrink
# together. To raise one weight and lower another, learning has to go up and down in turns, a zig-zag.
#
# Below, a neuron with two inputs shall learn $w = (1, -1)$ from $(-1, -1.5)$: one weight has to rise by 2, the other by
# 0.5. Each step uses a batch of 20 random inputs. On the left they lie between 0 and 1; on the right 0.5 was subtracted
# from the same inputs. Contours show the loss, half the mean squared error.

# %% tags=["skip-execution"]
GOAL = np.array([1.0, -1.0])


def descend(shift, learning_rate, steps, seed=1, batch=20):
    """Path of two weights that learn GOAL by gradient descent from inputs drawn from [0, 1) and shifted."""
    rng = np.random.default_rng(seed)
    w = np.array([-1.0, -1.5])
    path, one_sign = [w], []
    for _ in range(steps):
        x = rng.uniform(0, 1, size=(batch, 2)) - shift
        errors = x @ (w - GOAL)
        one_sign.append(np.mean(np.sign(errors * x[:, 0]) == np.sign(errors * x[:, 1])))
        w = w - learning_rate * x.T @ errors / batch
        path.append(w)
    return np.array(path), np.mean(one_sign)


def mean_error(shift):
    """The loss of a pair of weights, averaged over all inputs: variance 1/12 an input, and mean (0.5 - shift)."""
    return lambda a, b: ((a - 1) ** 2 + (b + 1) ** 2) / 24 + (0.5 - shift) ** 2 * (a + b) ** 2 / 2


def steps_needed(shift, learning_rate):
    """Median over 30 runs of the steps until the weights are within 0.1 of the goal; infinite if they never are."""
    needed = []
    for seed in range(30):
        distances = np.linalg.norm(descend(shift, learning_rate, 100, seed)[0] - GOAL, axis=1)
        needed.append(np.argmax(distances < 0.1) if (distances < 0.1).any() else np.inf)
    return np.median(needed)


(zigzag, share_positive), (straight, share_centred) = descend(0.0, 3.0, 12), descend(0.5, 8.0, 12)
print(f"examples whose gradient has one sign in both weights: {share_positive:.2f}, after centring {share_centred:.2f}")
print("learning rate:                 ", *[f"{rate:5.1f}" for rate in (1.0, 2.0, 3.0, 4.0, 8.0, 16.0)])
for shift, name in ((0.0, "inputs in [0, 1)"), (0.5, "the same, centred")):
    print(f"steps needed, {name:17s}", *[f"{steps_needed(shift, rate):5.1f}" for rate in (1.0, 2.0, 3.0, 4.0, 8.0, 16.0)])
check.true(share_positive == 1.0, "positive inputs: one sign for every example", "some gradient had two signs")
check.between(steps_needed(0.0, 3.0), 7, 18, "steps with positive inputs at their best rate")
check.between(steps_needed(0.5, 8.0), 2, 5, "steps with centred inputs at theirs")
plots.trajectories(
    {
        "inputs in [0, 1), rate 3": (mean_error(0.0), (-1.9, 2.4), (-2.0, 0.75), {"12 steps": zigzag}),
        "centred inputs, rate 8": (mean_error(0.5), (-1.9, 2.4), (-2.0, 0.75), {"12 steps": straight}),
    },
    title="Positive inputs zig-zag across a narrow valley; centred ones go straight",
);

# %% [markdown]
# With positive inputs every example pushes both weights the same way, and the loss is a narrow valley: steep along
# $(1, 1)$, flat along $(1, -1)$. The steep direction limits the learning rate to about 3 (at 4 the steps grow without
# end), and the flat one then takes some ten steps. Centred inputs make the valley round; a rate of 8 or more is
# possible and three or four steps are enough. At a small rate such as 1 both are slow: centring does not speed a step
# up, it permits a larger one.
#
# For pixels the cure is to subtract their mean. For a hidden layer, whose inputs are the outputs of the activation
# function below it, the cure is an activation function with outputs around zero.
#
# ## tanh
#
# The hyperbolic tangent is a sigmoid stretched to $(-1, 1)$:
#
# $$ \tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\,\sigma(2x) - 1, \qquad \tanh' x = 1 - \tanh^2 x . $$
#
# Its outputs are centred, and its slope at zero is 1 rather than 0.25. It saturates as the sigmoid does.
#
# **By hand.** At $x = \ln 2$ we have $e^x = 2$ and $e^{-x} = \frac12$, so $\tanh x = 1.5/2.5 = 0.6$ and its slope is
# $1 - 0.36 = 0.64$. Note that the slope needs the *output* only. The formula above with $x = 1000$ is infinity by
# infinity, not a number; `np.tanh` takes care of that.
#
# ### Exercise: tanh, forward and backward
#
# Layers in this course come in pairs. `forward` returns its output and a `cache`, which holds whatever the backward
# pass will need; what you put into it is your choice. `backward` receives `dout`, the gradient of the loss with respect
# to the output, and that cache, and returns the gradient with respect to the input, of its shape. Neither of them
# changes the arrays that it is given.

# %% nbgrader={"grade_id": "tanh", "solution": true}
def tanh_forward(x):
    """Hyperbolic tangent, entry by entry.  x: float array of any shape → (out, cache), out of the same shape.

    x is left as it is; entries may be large. np.tanh is allowed.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: the tangent of every entry, and a cache with what the backward pass will need
    out = np.tanh(x)
    return out, out
    ### END SOLUTION


# %% nbgrader={"grade_id": "tanh_2", "solution": true}
def tanh_backward(dout, cache):
    """Backward pass of tanh_forward.  dout: upstream gradient; cache: from it → dx, the gradient of its input."""
    ### BEGIN SOLUTION: the upstream gradient times the slope of tanh at every entry
    out = cache
    return dout * (1 - out**2)
    ### END SOLUTION


# %% [markdown] hints="tanh"
# 1. The forward pass is one call of NumPy's own function. Think about what the backward pass would like to find in the
#    cache before you choose what goes in.
# 2. The slope of tanh is one minus the square of its output, so keeping the output saves a second evaluation.
# 3. The chain rule multiplies entry by entry: upstream gradient times local slope. Nothing is summed, and `dx` has the
#    shape of `x`.

# %% nbgrader={"grade_id": "tanh_check", "locked": true}
out, cache = tanh_forward(np.array([[0.0, np.log(2.0)]]))
check.close(out, [[0.0, 0.6]], "tanh of 0 and of log 2")
dx = tanh_backward(np.array([[3.0, 0.0]]), cache)
check.close(dx, [[3.0, 0.0]], "at 0 the slope is 1: the upstream gradient passes as it is")

# %% nbgrader={"grade_id": "tanh_tests", "grade": true, "points": 7}
# Graded, 7 points: hidden tests of tanh run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("tanh", globals())
### END HIDDEN TESTS

# %% [markdown]
# The numerical gradient is the judge that never read your derivation. A loss is needed to have something to
# differentiate: $L = \sum \text{out} \cdot R$ with fixed random numbers $R$ has the upstream gradient $R$. The helper
# is used for every layer of this notebook.

# %% tags=["skip-execution"]
def check_layer(forward, backward, x, label, *more):
    """Compare a layer's backward pass by x with finite differences, under a random upstream gradient."""
    out, cache = forward(x, *more)
    upstream = np.random.default_rng(1).normal(size=out.shape)
    gradients = backward(upstream, cache)
    dx = gradients[0] if isinstance(gradients, tuple) else gradients
    check.gradient(lambda x: np.sum(upstream * forward(x, *more)[0]), x, dx, label)


rng = np.random.default_rng(0)
x_try = rng.choice([-1.0, 1.0], size=(4, 3)) * rng.uniform(0.3, 2.0, size=(4, 3))  # away from the kink of what follows
check_layer(tanh_forward, tanh_backward, x_try, "tanh against finite differences")

# %% [markdown]
# ## ReLU: half of a straight line
#
# The **rectified linear unit** is $\max(0, x)$. For positive $x$ its slope is exactly 1, however large $x$ is: it does
# not saturate there, and a comparison is all it costs. In the paper on the 2012 ImageNet winner (AlexNet), a net of
# ReLUs reached 25 % training error on CIFAR-10 about six times faster than the same net of tanh units. It became the
# default.
#
# It has a price. For negative $x$ both output and slope are zero. A unit that is negative for *every* training example
# passes no gradient on and receives none: its weights do not move any more, so it stays as it is for good. It is
# **dead**. A single step that is too large can throw a unit's bias far below zero and kill it. Starting the biases at a
# small positive number such as 0.01 is sometimes recommended, so that more units are active at first; others find no
# benefit and start at zero.
#
# ## Leaky ReLU
#
# A unit cannot die if its slope is never zero. Leaky ReLU lets a little through on the negative side:
#
# $$ f(x) = \begin{cases} x & x > 0 \\ a\,x & x \le 0 \end{cases} \qquad\text{with a small } a, \text{ here } 0.01 . $$
#
# If $a$ is itself learned, by a gradient like any other parameter, it is called PReLU. With $a = 0$ it is the ReLU,
# which we use below so that one function serves for both.
#
# **By hand.** $f(-10) = -0.1$, $f(0) = 0$, $f(10) = 10$. The slope is $0.01$ on the left and $1$ on the right, so an
# upstream gradient of 5 becomes $0.05$ or $5$. Exactly at zero there is a kink: either slope is accepted.
#
# ### Exercise: Leaky ReLU

# %% nbgrader={"grade_id": "leaky_relu", "solution": true}
def leaky_relu_forward(x, slope=0.01):
    """Leaky ReLU, entry by entry: x where it is positive, slope * x where it is not.

    x: float array of any shape, left as it is.  slope: a number from 0 up to 1; with 0 this is the plain ReLU.
    Returns (out, cache), out of the shape of x.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: positive entries as they are, the others times the slope, and a cache for the backward pass
    return np.where(x > 0, x, slope * x), (x, slope)
    ### END SOLUTION


# %% nbgrader={"grade_id": "leaky_relu_2", "solution": true}
def leaky_relu_backward(dout, cache):
    """Backward pass of leaky_relu_forward.  dout: upstream gradient → dx, the gradient of its input."""
    ### BEGIN SOLUTION: the upstream gradient where x was positive, the slope times it elsewhere
    x, slope = cache
    return np.where(x > 0, dout, slope * dout)
    ### END SOLUTION


# %% [markdown] hints="leaky_relu"
# 1. Both passes choose between two values entry by entry, and by the same question: was `x` positive?
# 2. `np.where(condition, a, b)` takes from `a` where the condition holds and from `b` elsewhere. The backward pass
#    needs to know the condition and the slope; put both, or what they follow from, into the cache.
# 3. In the backward pass the condition is about the input of the forward pass, never about `dout`, and the two values
#    are `dout` and the slope times `dout`.

# %% nbgrader={"grade_id": "leaky_relu_check", "locked": true}
out, cache = leaky_relu_forward(np.array([-10.0, 0.0, 10.0]))
check.close(out, [-0.1, 0.0, 10.0], "Leaky ReLU of -10, 0 and 10")
dx = leaky_relu_backward(np.array([5.0, 5.0, 5.0]), cache)
check.close(dx[2], 5.0, "gradient on the positive side")
check.shape(dx, (3,), "gradient: the shape of x")

# %% nbgrader={"grade_id": "leaky_relu_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of leaky_relu run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("leaky_relu", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: how many units are dead?
#
# Death is a statement about a whole data set: a unit that is zero on one image may be busy on the next. Count the
# units, that is the columns, whose output is zero on *every* row.
#
# **By hand.** Four images, four units:

# %%
outputs = np.array([[0.0, 0.7, 0.0, 2.1], [0.0, 0.0, 0.0, 0.0], [0.0, 1.3, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
print("share of zeros:", np.mean(outputs == 0).round(2), " units that are never on: columns 0 and 2, a share of 0.5")

# %% nbgrader={"grade_id": "dead_fraction", "solution": true}
def dead_fraction(activations):
    """Share of units that are dead: zero on every row.

    activations: (N, H) outputs of H units on N examples, of any sign (a unit that is always negative is not dead).
    Returns a number between 0 and 1.
    """
    ### BEGIN SOLUTION: the share of columns in which every entry is zero
    return float(np.mean(np.all(activations == 0, axis=0)))
    ### END SOLUTION


# %% [markdown] hints="dead_fraction"
# 1. First find out for every unit whether it is dead, giving H answers of yes or no; then take their share.
# 2. A unit is a column, and the question runs over its rows: which axis disappears?
# 3. `np.all(..., axis=...)` asks whether a condition holds along an axis. The mean of booleans is the share of `True`.
#    Sums will mislead you where positive and negative outputs cancel.

# %% nbgrader={"grade_id": "dead_fraction_check", "locked": true}
check.close(dead_fraction(outputs), 0.5, "two of the four units above are dead")
check.close(dead_fraction(np.ones((3, 3))), 0.0, "every unit is on")

# %% nbgrader={"grade_id": "dead_fraction_tests", "grade": true, "points": 7}
# Graded, 7 points: hidden tests of dead_fraction run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("dead_fraction", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Watch units die
#
# A net with one hidden layer of 100 units learns from 2,000 garments, 200 steps at each of four learning rates. Once it
# sees pixels between 0 and 1, which are all positive; once the mean training image was subtracted first. Nothing else
# differs.

# %% tags=["skip-execution"]
def softmax_gradient(scores, y):
    """Mean softmax loss of scores (N, C) and its gradient with respect to them."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    dscores = np.exp(log_P)
    dscores[rows, y] -= 1
    return -log_P[rows, y].mean(), dscores / len(y)


RELU = (lambda a: leaky_relu_forward(a, 0.0), leaky_relu_backward)


def train_one_hidden(X, y, learning_rate, gate=RELU, units=100, steps=200, seed=0):
    """Train X @ W1 + b1, a gate, @ W2 + b2 by plain SGD; returns a function of X → (hidden outputs, labels).

    gate: its forward and its backward pass.
    """
    forward, backward = gate
    rng = np.random.default_rng(seed)
    W1 = (np.sqrt(2 / X.shape[1]) * rng.normal(size=(X.shape[1], units))).astype(np.float32)
    W2 = (np.sqrt(2 / units) * rng.normal(size=(units, 10))).astype(np.float32)
    b1, b2 = np.zeros(units, np.float32), np.zeros(10, np.float32)
    for _ in range(data.steps(steps)):  # all of them, but fewer in the short mode that tests use
        batch = rng.integers(0, len(X), size=100)
        hidden, cache = forward(X[batch] @ W1 + b1)
        _, dscores = softmax_gradient(hidden @ W2 + b2, y[batch])
        dhidden = backward(dscores @ W2.T, cache)
        W2, b2 = W2 - learning_rate * hidden.T @ dscores, b2 - learning_rate * dscores.sum(axis=0)
        W1, b1 = W1 - learning_rate * X[batch].T @ dhidden, b1 - learning_rate * dhidden.sum(axis=0)

    def apply(X):
        hidden = forward(X @ W1 + b1)[0]
        return hidden, np.argmax(hidden @ W2 + b2, axis=1)

    return apply


y_train, y_val = data.train_labels[:2000], data.val_labels[:1000]
X_pixels, V_pixels = (flatten(images).astype(np.float32) / 255 for images in (data.train_images[:2000], data.val_images[:1000]))
mean_pixels = X_pixels.mean(axis=0)

dead, right = {}, {}
print("                            learning rate   dead units   validation accuracy")
for name, X, V in (("pixels in [0, 1]", X_pixels, V_pixels), ("centred", X_pixels - mean_pixels, V_pixels - mean_pixels)):
    for learning_rate in (0.01, 0.03, 0.1, 0.2):
        net = train_one_hidden(X, y_train, learning_rate)
        dead[name, learning_rate] = dead_fraction(net(X)[0])
        right[name, learning_rate] = np.mean(net(V)[1] == y_val)
        print(f"{name:28s} {learning_rate:8.2f} {dead[name, learning_rate]:13.2f} {right[name, learning_rate]:16.3f}")
leaky_net = train_one_hidden(X_pixels, y_train, 0.1, (leaky_relu_forward, leaky_relu_backward))
leaky_right = np.mean(leaky_net(V_pixels)[1] == y_val)
print(f"leaky, pixels in [0, 1]          0.10 {dead_fraction(leaky_net(X_pixels)[0]):13.2f} {leaky_right:16.3f}")
if data.stated_ranges_hold:
    check.between(dead["pixels in [0, 1]", 0.1], 0.4, 0.95, "dead units, pixels in [0, 1], rate 0.1")
    check.between(dead["centred", 0.1], 0.0, 0.02, "dead units, centred, rate 0.1")
    check.between(right["centred", 0.1], 0.58, 0.68, "validation accuracy, centred, rate 0.1")
    check.between(leaky_right, 0.08, 0.38, "validation accuracy, leaky, pixels in [0, 1], rate 0.1")
plots.lines(
    [0.01, 0.03, 0.1, 0.2],
    {name: [dead[name, rate] for rate in (0.01, 0.03, 0.1, 0.2)] for name in ("pixels in [0, 1]", "centred")},
    xlabel="learning rate",
    ylabel="share of dead units",
    title="All-positive pixels kill ReLUs; centred pixels kill none",
    log_x=True,
);

# %% [markdown]
# With positive pixels a rate of 0.1 kills more than half of the units (.65–.84 over six seeds), and with them the net;
# at 0.2 one in ten is left alive, or fewer. All inputs push a unit's weights the same way at once, so one large step
# moves its sum far below zero for every image. With centred pixels the same rates do not kill a single unit, and the
# net is right on 60 to 65 of 100 validation images.
#
# Two lessons. A count of dead units tells you in a line what an accuracy of 0.1 does not: why. And Leaky ReLU is no
# cure here: no unit is exactly zero any more, but what threw them to the negative side has thrown them all the same,
# and 200 steps with a slope of 0.01 do not bring them back (.13–.31 over six seeds, where ReLU had .10–.27). The cure
# was to centre the input.
#
# ## ELU
#
# The **exponential linear unit** bends smoothly and levels off on the left:
#
# $$ f(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}, \qquad
#    f'(x) = \begin{cases} 1 & x > 0 \\ \alpha\,e^x = f(x) + \alpha & x \le 0 \end{cases} $$
#
# Negative outputs, down to $-\alpha$, bring the mean of a layer's outputs closer to zero, and since its slope is
# positive everywhere a unit that is negative on all examples can come back. The price is an exponential, and that it
# saturates on the left.
#
# **By hand.** With $\alpha = 1$: $f(-10) = e^{-10} - 1 = -0.99995$ with a slope of $0.00005$;
# $f(-\ln 2) = \frac12 - 1 = -0.5$ with a slope of $0.5$; $f(10) = 10$.
#
# ### Exercise: ELU
#
# Mind the exponential of large *positive* numbers, which you do not need: $e^{1000}$ is infinite, and zero times
# infinity is not a number.

# %% nbgrader={"grade_id": "elu", "solution": true}
def elu_forward(x, alpha=1.0):
    """Exponential linear unit, entry by entry: x where it is positive, alpha * (exp(x) - 1) where it is not.

    x: float array of any shape, left as it is; its entries may be large.  alpha: a positive number.
    Returns (out, cache), out of the shape of x.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: positive entries as they are, alpha times (exp - 1) of the others, and a cache
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return out, (out, alpha)
    ### END SOLUTION


# %% nbgrader={"grade_id": "elu_2", "solution": true}
def elu_backward(dout, cache):
    """Backward pass of elu_forward.  dout: upstream gradient → dx, the gradient of its input."""
    ### BEGIN SOLUTION: the upstream gradient times 1 where x was positive and times the slope of the exponential elsewhere
    out, alpha = cache
    return np.where(out > 0, dout, dout * (out + alpha))
    ### END SOLUTION


# %% [markdown] hints="elu"
# 1. As with Leaky ReLU there are two cases by the sign of `x`. In the negative one, the slope follows from the output:
#    see the formula above.
# 2. `np.where` evaluates both of its arguments everywhere and then chooses. Give the exponential `np.minimum(x, 0)` and
#    it never sees a large number.
# 3. `alpha` multiplies the exponential branch in both passes. If the cache holds the output and `alpha`, the negative
#    branch of the backward pass is `dout` times their sum.

# %% nbgrader={"grade_id": "elu_check", "locked": true}
out, cache = elu_forward(np.array([-np.log(2.0), 0.0, 10.0]))
check.close(out, [-0.5, 0.0, 10.0], "ELU of -log 2, 0 and 10")
dx = elu_backward(np.array([0.0, 0.0, 4.0]), cache)
check.close(dx, [0.0, 0.0, 4.0], "gradient on the positive side")

# %% nbgrader={"grade_id": "elu_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of elu run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("elu", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
check_layer(leaky_relu_forward, leaky_relu_backward, x_try, "Leaky ReLU against finite differences")
check_layer(leaky_relu_forward, leaky_relu_backward, x_try, "the same with slope 0.3", 0.3)
check_layer(elu_forward, elu_backward, x_try, "ELU against finite differences")
check_layer(elu_forward, elu_backward, x_try, "the same with alpha 0.7", 0.7)

# %% [markdown]
# ## Each gate at −10, 0 and 10
#
# All candidates side by side: what comes out, and by how much an upstream gradient is multiplied.

# %% tags=["skip-execution"]
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slope_of(forward, backward, *more):
    """The derivative of a gate as a function of x: its backward pass with an upstream gradient of ones."""
    return lambda x: backward(np.ones_like(x), forward(x, *more)[1])


gates = {
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    "tanh": (lambda x: tanh_forward(x)[0], slope_of(tanh_forward, tanh_backward)),
    "ReLU": (lambda x: leaky_relu_forward(x, 0.0)[0], slope_of(leaky_relu_forward, leaky_relu_backward, 0.0)),
    "Leaky ReLU": (lambda x: leaky_relu_forward(x)[0], slope_of(leaky_relu_forward, leaky_relu_backward)),
    "ELU": (lambda x: elu_forward(x)[0], slope_of(elu_forward, elu_backward)),
}
points = np.array([-10.0, 0.0, 10.0])
print(f"{'':12s}  output at -10, 0, 10            slope at -10, 0, 10")
for name, (f, derivative) in gates.items():
    outputs_there = "  ".join(f"{value + 0.0:8.5f}" for value in f(points))
    slopes_there = "  ".join(f"{value:8.5f}" for value in derivative(points))
    print(f"{name:12s}  {outputs_there}   {slopes_there}")
plots.function_panels(gates, -4, 4, title="Where the slope is near zero, hardly any gradient passes");

# %% [markdown]
# At $x = 10$ the sigmoid and tanh have slopes of $0.00005$ or less and the others have 1. At $x = -10$ Leaky ReLU alone
# passes a noticeable share, 1 %; ELU passes $0.00005$, so far from zero it saturates like the sigmoid, but at $-1$ it
# passes 37 %. (Exactly at 0 ReLU and Leaky ReLU have a kink, and either slope is right; yours may differ from your
# neighbour's. Maxout, below, is missing here: it has no shape of its own before it has learned one.)
#
# ### Which one to use
#
# The same net on centred pixels, with each gate in turn, at the better of two learning rates:

# %% tags=["skip-execution"]
def sigmoid_forward(a):
    return sigmoid(a), sigmoid(a)


PASSES = {
    "sigmoid": (sigmoid_forward, lambda dout, out: dout * out * (1 - out)),
    "tanh": (tanh_forward, tanh_backward),
    "ELU": (elu_forward, elu_backward),
    "ReLU": RELU,
    "Leaky ReLU": (leaky_relu_forward, leaky_relu_backward),
}
by_gate = {}
for name, gate in PASSES.items():
    nets = [train_one_hidden(X_pixels - mean_pixels, y_train, learning_rate, gate) for learning_rate in (0.1, 0.3)]
    by_gate[name] = max(np.mean(net(V_pixels - mean_pixels)[1] == y_val) for net in nets)
if data.stated_ranges_hold:
    for name, low, high in (
        ("sigmoid", 0.48, 0.56),
        ("tanh", 0.51, 0.59),
        ("ELU", 0.55, 0.64),
        ("ReLU", 0.60, 0.68),
        ("Leaky ReLU", 0.60, 0.68),
    ):
        check.between(by_gate[name], low, high, f"validation accuracy with {name}")
plots.bars(by_gate, ylabel="validation accuracy", title="After 200 steps ReLU is ahead of tanh and the sigmoid");

# %% [markdown]
# Over four seeds: sigmoid .51–.54, tanh .53–.57, ELU .57–.62, ReLU and Leaky ReLU .62–.66 and less than a point apart.
# That is after 200 steps and with a single hidden layer; a longer training may shrink the gaps.
#
# - Begin with **ReLU** and a learning rate chosen with care; keep an eye on the share of dead units.
# - If many die, look at the input and at the learning rate first; then try **Leaky ReLU** or **ELU**.
# - **Maxout**, below, has neither saturation nor death, and twice the weights.
# - **tanh** where outputs must be bounded and centred, as in recurrent nets. Not **sigmoid** inside a deep net; it
#   stays useful at the end, where a number is to be read as a probability.
#
# ### Extension, no points: Maxout
#
# Why choose the bend beforehand at all? A **Maxout** unit computes two linear maps of its input and returns the larger:
#
# $$ \text{out} = \max\,(x W_1 + b_1,\; x W_2 + b_2) . $$
#
# With $W_1 = 0$ and $b_1 = 0$ it is a ReLU; in general it learns where to bend and with which two slopes. Each output
# has a slope that is never zero for good, at the price of two matrices. Going back, the gradient of an output flows
# only into the linear map that won there, as in any maximum.
#
# **By hand.** With $x = (1, 2)$ and one unit, $w_1 = (1, 1)$, $b_1 = 0$, $w_2 = (3, -1)$, $b_2 = 1$: the two pieces are
# $3$ and $2$, the output is 3. An upstream gradient of 10 gives $dw_1 = 10\,(1, 2)$, $db_1 = 10$, $dx = 10\,(1, 1)$,
# and zero for $w_2$ and $b_2$.

# %% nbgrader={"grade_id": "maxout", "solution": true}
def maxout_forward(x, w1, b1, w2, b2):
    """The larger of two linear maps, entry by entry: max(x @ w1 + b1, x @ w2 + b2).

    x: (N, D).  w1, w2: (D, H).  b1, b2: (H,).  None of them is changed.
    Returns (out, cache), out of shape (N, H).
    Not to be called: torch.
    """
    ### BEGIN SOLUTION: both linear maps, the larger of the two, and a cache
    first, second = x @ w1 + b1, x @ w2 + b2
    return np.maximum(first, second), (x, w1, w2, first >= second)
    ### END SOLUTION


# %% nbgrader={"grade_id": "maxout_2", "solution": true}
def maxout_backward(dout, cache):
    """Backward pass of maxout_forward.  dout: (N, H) → (dx, dw1, db1, dw2, db2), each of the shape of its argument.

    Where both pieces are equal, either may receive the gradient.
    """
    ### BEGIN SOLUTION: send each entry of dout to the piece that won there, then go back through both linear maps
    x, w1, w2, first_won = cache
    to_first, to_second = np.where(first_won, dout, 0), np.where(first_won, 0, dout)
    dx = to_first @ w1.T + to_second @ w2.T
    return dx, x.T @ to_first, to_first.sum(axis=0), x.T @ to_second, to_second.sum(axis=0)
    ### END SOLUTION


# %% [markdown] hints="maxout"
# 1. Keep in the cache which of the two pieces was larger in each entry, besides what a linear map needs to go back.
# 2. Split `dout` into two arrays of the same shape: one holds its entries where the first piece won and zeros
#    elsewhere, the other holds the rest. Their sum is `dout`.
# 3. Each half goes back through its own linear map as if it were alone: `x.T` times it for the weights, its sum over
#    the rows for the bias, it times the transposed weights for `x`. Only for `x` are the two contributions added.

# %% nbgrader={"grade_id": "maxout_check", "locked": true}
x_max = np.array([[1.0, 2.0]])
w_first, w_second = np.array([[1.0], [1.0]]), np.array([[3.0], [-1.0]])
out, cache = maxout_forward(x_max, w_first, np.array([0.0]), w_second, np.array([1.0]))
check.close(out, [[3.0]], "the larger of 3 and 2")
dx, dw1, db1, dw2, db2 = maxout_backward(np.array([[10.0]]), cache)
check.close(dw1, [[10.0], [20.0]], "gradient of the weights of the piece that won")
check.shape(db2, (1,), "gradient of b2: the shape of b2")

# %% nbgrader={"grade_id": "maxout_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of maxout run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("maxout", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Preparing the input
#
# Centring made the valley round in the example above. More can be done with the same idea, that a net learns faster
# from inputs with mean 0, with equal spread in all directions. Five ways, each with its statistics:
#
# | kind | what it does | what it learns from the training set |
# |---|---|---|
# | `center` | subtract the mean of each feature (for images: the mean image, as in AlexNet) | one mean a feature |
# | `channel_mean` | subtract the mean of each colour channel (as in the VGG nets) | three numbers |
# | `standardize` | subtract the mean and divide by the standard deviation of each feature | a mean and a deviation a feature |
# | `decorrelate` | centre, then turn the axes so that features are uncorrelated (PCA) | means and a rotation |
# | `whiten` | decorrelate, then scale every axis to variance 1 | means, a rotation, variances |
#
# **The statistics come from the training set only.** Validation and test images are shifted, turned and scaled by the
# training set's numbers. Whoever uses the test set's own mean lets the model peek at it: the measured accuracy then no
# longer tells how the model does on a single new image, which has no mean to offer. This is why the class below has two
# methods: `fit`, which learns, and `transform`, which never does.
#
# ### Eigenvectors, recalled
#
# Let $\bar X$ be the centred data, $(N, D)$. The **covariance matrix** $C = \bar X^\top \bar X / N$ holds the variance
# of each feature on its diagonal and how two features vary together off it. A direction $u$ of length 1 is an
# **eigenvector** of $C$ with **eigenvalue** $\lambda$ if $C u = \lambda u$. A symmetric matrix has $D$ of them, at
# right angles to each other; as columns they form a matrix $U$ with $U^\top U = I$, a rotation (perhaps with a
# reflection). The data seen along these directions, $Z = \bar X U$, has the covariance
#
# $$ \tfrac1N Z^\top Z = U^\top C\, U = \operatorname{diag}(\lambda_1, \dots, \lambda_D) , $$
#
# so its features are uncorrelated and $\lambda_j$ is the variance of the $j$-th. Dividing column $j$ by
# $\sqrt{\lambda_j + \varepsilon}$ makes all variances 1: the data is **white**, as noise without a preferred direction.
# The small constant $\varepsilon = 10^{-5}$ matters: a direction in which the training data does not vary at all, such
# as a pixel that is always black, has $\lambda = 0$, and dividing by its root would blow rounding errors up to full
# size or give infinities.
#
# **By hand.** $C = \begin{pmatrix} 2 & 1 \\ 1 & 2 \end{pmatrix}$ has the eigenvectors $(1, 1)/\sqrt2$ with eigenvalue 3
# and $(1, -1)/\sqrt2$ with eigenvalue 1: $C\,(1, 1)^\top = (3, 3)^\top$ and $C\,(1, -1)^\top = (1, -1)^\top$.

# %% tags=["skip-execution"]
covariance = np.array([[2.0, 1.0], [1.0, 2.0]])
eigenvalues, eigenvectors = np.linalg.eigh(covariance)  # in ascending order; eigenvectors are columns
print("eigenvalues", eigenvalues, " eigenvectors (columns, each with an arbitrary sign)")
print(eigenvectors.round(3))

# %% [markdown]
# The sign of an eigenvector is arbitrary, and routines order them differently (`np.linalg.eigh` in ascending order,
# `np.linalg.svd` in descending). So there is not one right answer. Your decorrelated and whitened data are judged by
# what must hold for every right answer: the covariance matrix, and the distances between points. After whitening one
# may also turn back to the old axes, $\bar X U \operatorname{diag}(\lambda + \varepsilon)^{-1/2} U^\top$, which keeps
# images recognisable. That is called ZCA; the version without is PCA whitening. Either is accepted.
#
# ### Exercise: a preprocessor

# %% nbgrader={"grade_id": "Preprocessor", "solution": true}
class Preprocessor:
    """Prepares inputs with statistics of a training set.

    kind: "center", "channel_mean", "standardize", "decorrelate" or "whiten", as in the table above.
    Not to be called: sklearn.
    """

    KINDS = ("center", "channel_mean", "standardize", "decorrelate", "whiten")

    def __init__(self, kind):
        if kind not in self.KINDS:
            raise ValueError(f"unknown kind of preprocessing: {kind!r}; use one of {', '.join(self.KINDS)}")
        self.kind = kind

    def fit(self, X):
        """Learn from the training set X what this kind needs, and keep it in attributes; X is left as it is.

        X: (N, D) numbers of any dtype, uint8 too. For "channel_mean" it is (N, H, W, 3), images; "center" and
        "standardize" work for images as well, pixel by pixel.
        Variances and covariances are means over the N examples (divided by N).
        """
        ### BEGIN SOLUTION: keep the means, and for the kinds that need them deviations, or directions and variances
        X = np.asarray(X, dtype=np.float64)
        self.mean = X.mean(axis=(0, 1, 2) if self.kind == "channel_mean" else 0)
        if self.kind == "standardize":
            deviation = X.std(axis=0)
            self.deviation = np.where(deviation > 0, deviation, 1.0)
        elif self.kind in ("decorrelate", "whiten"):
            centred = X - self.mean
            self.variances, self.directions = np.linalg.eigh(centred.T @ centred / len(X))
        ### END SOLUTION

    def transform(self, X):
        """Prepare X with the statistics learned by fit.  X: (M, ...) as in fit, M may be 1 → floats of the same shape.

        Under "standardize", a feature that is constant in the training set becomes 0 there: no division by zero.
        "decorrelate" and "whiten" keep all D directions, even those in which the training set does not vary.
        "whiten" divides by the square root of (variance + 1e-5).
        """
        ### BEGIN SOLUTION: subtract the learned means, then divide, turn, or turn and divide, according to the kind
        centred = np.asarray(X, dtype=np.float64) - self.mean
        if self.kind == "standardize":
            return centred / self.deviation
        if self.kind == "decorrelate":
            return centred @ self.directions
        if self.kind == "whiten":
            return centred @ self.directions / np.sqrt(self.variances + 1e-5)
        return centred
        ### END SOLUTION


# %% [markdown] hints="Preprocessor"
# 1. Everything that is learned (means, deviations, directions, variances) is computed in `fit` and stored on `self`;
#    `transform` computes no statistic of its argument. Convert to floats first, or pixels wrap.
# 2. A mean over the examples is `axis=0`; for `channel_mean` the mean runs over every axis but the last. The covariance
#    of the centred data is a (D, D) matrix product divided by N, and `np.linalg.eigh` gives its eigenvalues and, in
#    columns, its eigenvectors.
# 3. To decorrelate, multiply the centred data by the matrix of eigenvectors from the right. To whiten, divide column j
#    of that by the root of eigenvalue j plus 1e-5. To standardise, guard against a deviation of zero.

# %% nbgrader={"grade_id": "Preprocessor_check", "locked": true}
X_two = np.array([[1.0, 10.0], [3.0, 30.0]])
center = Preprocessor("center")
center.fit(X_two)
check.close(center.transform(X_two), [[-1.0, -10.0], [1.0, 10.0]], "centred")
standardize = Preprocessor("standardize")
standardize.fit(X_two)
check.close(standardize.transform(X_two), [[-1.0, -1.0], [1.0, 1.0]], "standardised", atol=1e-4)
X_four = np.array([[3.0, 3.0], [-3.0, -3.0], [1.0, -1.0], [-1.0, 1.0]])  # long along (1, 1), short along (1, -1)
for kind, variances in (("decorrelate", [1.0, 9.0]), ("whiten", [1.0, 1.0])):
    preprocessor = Preprocessor(kind)
    preprocessor.fit(X_four)
    Z = preprocessor.transform(X_four)
    check.shape(Z, (4, 2), f"{kind}: the shape of the data")
    check.close(sorted(np.mean(Z**2, axis=0)), variances, f"{kind}: variances along the new axes", atol=1e-4)

# %% nbgrader={"grade_id": "Preprocessor_tests", "grade": true, "points": 15}
# Graded, 15 points: hidden tests of Preprocessor run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("Preprocessor", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
cloud = rng.normal(size=(300, 2)) @ np.array([[2.0, 1.2], [0.0, 0.5]]) + np.array([4.0, 3.0])
clouds = {"original": cloud}
for kind in ("center", "standardize", "decorrelate", "whiten"):
    preprocessor = Preprocessor(kind)
    preprocessor.fit(cloud)
    clouds[kind] = preprocessor.transform(cloud)
plots.point_clouds(clouds, title="Shift, scale, turn: the cloud becomes round and centred");

# %% [markdown]
# Standardising makes the spread along both axes equal, but the cloud stays oblique: its features remain correlated.
# Turning the axes to the eigenvectors removes the correlation, and scaling each axis then makes it round.
#
# On images, the eigenvectors of the covariance are images too: the directions in which garments differ most. Below, the
# mean and the first seven directions for 2,000 grey garments. (Each picture's sign is arbitrary: bright and dark may be
# exchanged.)

# %% tags=["skip-execution"]
grey = flatten(data.train_images[:2000].mean(axis=3)[:, ::2, ::2])  # every second pixel: 256 features
whitener = Preprocessor("whiten")
whitener.fit(grey)
centred = grey - grey.mean(axis=0)
variances, directions = np.linalg.eigh(centred.T @ centred / len(grey))
share = variances[::-1].cumsum() / variances.sum()
print(f"of the variance of 256 pixels, the first 7 directions hold {share[6]:.2f}, the first 50 hold {share[49]:.2f}")


def as_images(rows):
    """Rows of 256 numbers as grey images, each scaled to its own range."""
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    pixels = ((rows - low) / (high - low) * 255).astype(np.uint8).reshape(-1, 16, 16)
    return np.repeat(pixels[..., np.newaxis], 3, axis=3)


if data.stated_ranges_hold:
    check.between(share[6], 0.55, 0.85, "share of the variance in seven directions")
plots.image_grid(
    as_images(np.vstack([grey.mean(axis=0), directions[:, :-8:-1].T])),
    titles=["mean"] + [f"direction {j + 1}" for j in range(7)],
    columns=8,
    title="The mean garment and the directions in which garments differ most",
);

# %% [markdown]
# Before you reach for whitening: with images it is rarely used. Its matrix grows with the square of the number of
# pixels, and small eigenvalues are mostly noise, which whitening blows up to the size of everything else. Convolutional
# nets take centred pixels and little more. How much does each step help here? The same net as above, on the small grey
# images, with the rate at which each kind does best among three. (The best rates differ: what preparation changes is,
# above all, which rates work.)

# %% tags=["skip-execution"]
kinds = {"as they are": lambda X: X.astype(np.float32) / 255}
for kind in ("center", "standardize", "whiten"):
    preprocessor = Preprocessor(kind)
    preprocessor.fit(grey / 255)
    kinds[kind] = lambda X, preprocessor=preprocessor: preprocessor.transform(X / 255).astype(np.float32)
grey_val = flatten(data.val_images[:1000].mean(axis=3)[:, ::2, ::2])
accuracies = {}
for kind, prepare in kinds.items():
    by_rate = {
        rate: np.mean(train_one_hidden(prepare(grey), y_train, rate, steps=300)(prepare(grey_val))[1] == y_val)
        for rate in (0.03, 0.1, 0.3)
    }
    best_rate = max(by_rate, key=by_rate.get)
    accuracies[kind] = by_rate[best_rate]
    print(f"{kind:14s} best rate {best_rate:4.2f}: validation accuracy {accuracies[kind]:.3f}")
if data.stated_ranges_hold:
    check.between(accuracies["as they are"], 0.34, 0.50, "pixels as they are, from 0 to 1")
    check.between(accuracies["center"], 0.53, 0.62, "centred")
    check.between(accuracies["standardize"], 0.52, 0.62, "standardised")
    check.between(accuracies["whiten"], 0.39, 0.48, "whitened")
plots.bars(accuracies, ylabel="validation accuracy", title="Centring helps; whitening throws the gain away again");

# %% [markdown]
# Over four seeds: .37–.46 with grey pixels as they are, .56–.59 centred, .57–.59 standardised, .42–.44 whitened.
# Centring is worth ten points and more; the standard deviations of these pixels are nearly equal (53 to 62 of 255), so
# that dividing by them adds nothing. Whitening does harm: the first 50 of 256 directions hold 86 % of the variance, and
# the other 206, in which garments hardly differ, now speak as loudly as they do.
#
# ## The first weights
#
# ### All zero, or all equal
#
# Zero seems a modest place to start: no unit has an opinion yet. Look at what the chain rule makes of it. In a net
# $h = \tanh(xW_1)$, $s = hW_2$ with $W_1 = W_2 = 0$, the gradient with respect to $W_2$ is $h^\top ds = 0$, because
# $h = 0$; the one with respect to $W_1$ contains $W_2^\top = 0$ as a factor. Both are exactly zero and nothing ever
# moves.
#
# Any other constant breaks this deadlock and keeps another: units with equal weights have equal outputs and receive
# equal gradients, so they stay equal for ever. A hundred units then do the work of one. Random numbers break the
# **symmetry**.

# %% tags=["skip-execution"]
def train_tanh_pair(W1, W2, steps=50):
    """Fifty steps of a net of tanh units on a made-up problem; returns W1 and the loss."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    for _ in range(steps):
        h, cache = tanh_forward(X @ W1)
        loss, dscores = softmax_gradient(h @ W2, y)
        dh = tanh_backward(dscores @ W2.T, cache)
        W1, W2 = W1 - 0.5 * X.T @ dh, W2 - 0.5 * h.T @ dscores
    return W1, loss


rng = np.random.default_rng(1)
W_out = rng.normal(size=(5, 2))
for name, W1, W2 in (
    ("all zero", np.zeros((4, 5)), np.zeros((5, 2))),
    ("all 0.1", np.full((4, 5), 0.1), np.full((5, 2), 0.1) * [1, -1]),
    ("random", 0.5 * rng.normal(size=(4, 5)), W_out),
):
    W_after, loss = train_tanh_pair(W1, W2)
    different = len(np.unique(W_after.round(12), axis=1).T)
    print(f"{name:9s} loss {loss:.3f}, different units {different} of 5, largest change {np.abs(W_after - W1).max():.3f}")

# %% [markdown]
# ### How large should they be?
#
# Take one unit of a layer, $a = \sum_{d=1}^{n} x_d\, w_d$, where $n$, the number of its inputs, is called **fan-in**.
# Let the weights be independent of the inputs and of each other, with mean 0. Then the mean of $a$ is 0, and its
# variance
#
# $$ \operatorname{Var} a = \sum_d E[x_d^2]\; \operatorname{Var} w_d = n \cdot E[x^2] \cdot \operatorname{Var} w . $$
#
# So a layer multiplies the mean square of its inputs by $n \operatorname{Var} w$. Over ten layers this is a tenth
# power, and only the value 1 is safe:
#
# $$ \operatorname{Var} w = \frac1n , \qquad \text{a standard deviation of } \frac{1}{\sqrt{\text{fan\_in}}} . $$
#
# This is what goes by the name of **Xavier** initialisation, after Xavier Glorot. His paper (with Yoshua Bengio, 2010)
# proposes $\operatorname{Var} w = 2 / (\text{fan\_in} + \text{fan\_out})$, a compromise between the way forward and the
# way back, where the same argument asks for $1/\text{fan\_out}$. For square matrices the two are the same; this course
# uses fan-in.
#
# The argument holds for tanh as long as its inputs stay where it is nearly linear. ReLU discards half of its input: if
# $a$ is symmetric about 0, then $E[\max(0, a)^2] = \frac12 E[a^2]$. The mean square is *halved* by every layer. To make
# up for it, He and others (2015) double the variance:
#
# $$ \operatorname{Var} w = \frac2n , \qquad \text{a standard deviation of } \sqrt{\frac{2}{\text{fan\_in}}} . $$
#
# **By hand.** With 500 inputs Xavier's standard deviation is $1/\sqrt{500} = 0.0447$ and He's is $0.0632$. Weights of
# standard deviation $0.01$ multiply the mean square by $500 \cdot 0.0001 = 0.05$, the numbers themselves by $0.22$ a
# layer and by $3 \cdot 10^{-7}$ in ten.
#
# ### Exercise: draw the first weights

# %% nbgrader={"grade_id": "init_weights", "solution": true}
def init_weights(kind, fan_in, fan_out, rng):
    """First weights of a layer with fan_in inputs and fan_out outputs.

    kind: "zeros"; or normally distributed numbers of mean 0 and standard deviation 0.01 ("small"), 1.0 ("large"),
        1/sqrt(fan_in) ("xavier") or sqrt(2/fan_in) ("he").
    rng: numpy.random.Generator, the only source of random numbers.
    Returns a float array (fan_in, fan_out).
    Raises ValueError, naming the kind, for any other kind.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: normal random numbers of the standard deviation that belongs to this kind
    deviations = {
        "zeros": 0.0,
        "small": 0.01,
        "large": 1.0,
        "xavier": 1 / np.sqrt(fan_in),
        "he": np.sqrt(2 / fan_in),
    }
    if kind not in deviations:
        raise ValueError(f"unknown kind of initialisation: {kind!r}; use one of {', '.join(deviations)}")
    return deviations[kind] * rng.normal(size=(fan_in, fan_out))
    ### END SOLUTION


# %% [markdown] hints="init_weights"
# 1. Only the standard deviation differs between the kinds. Find the number that belongs to `kind`, and raise
#    `ValueError` when there is none.
# 2. `rng.normal(size=...)` draws with standard deviation 1; multiplying by a number multiplies the standard deviation
#    by it. Rows are inputs, columns are outputs.
# 3. The formulas give standard deviations, with a root, not variances. He's has the 2 inside the root; both count the
#    inputs of a unit, that is the rows.

# %% nbgrader={"grade_id": "init_weights_check", "locked": true}
W_drawn = init_weights("xavier", 400, 400, np.random.default_rng(0))
check.shape(W_drawn, (400, 400), "a matrix of fan_in by fan_out")
check.between(np.std(W_drawn), 0.049, 0.051, "xavier with 400 inputs: 1/√400 = 0.05")
check.between(np.mean(W_drawn), -0.001, 0.001, "mean 0")
check.equal(init_weights("zeros", 2, 2, np.random.default_rng(0)), np.zeros((2, 2)), "zeros")

# %% nbgrader={"grade_id": "init_weights_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of init_weights run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("init_weights", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: follow a signal through the layers
#
# To compare the kinds, send data through a stack of layers and measure the outputs of each: their mean and standard
# deviation over all examples and units, *after* the activation function. Biases start at zero, so they are left out.

# %% nbgrader={"grade_id": "activation_statistics", "solution": true}
def activation_statistics(X, weights, activation):
    """Mean and standard deviation of every layer's outputs.

    X: (N, D) inputs.  weights: list of matrices; the first has D rows, each other as many as its predecessor has columns.
    activation: function of an array, applied to every layer's sums, the last one's too; returns an array of that shape.
    Layer 1 receives X, each other layer the outputs of the one before. There are no biases.
    Returns (means, stds), float arrays with one entry a layer: over all entries of its outputs (std divides by their
    number).
    """
    ### BEGIN SOLUTION: pass X through layer after layer and collect the mean and the standard deviation of each one's outputs
    means, stds = [], []
    h = X
    for W in weights:
        h = activation(h @ W)
        means.append(np.mean(h))
        stds.append(np.std(h))
    return np.array(means), np.array(stds)
    ### END SOLUTION


# %% [markdown] hints="activation_statistics"
# 1. One variable holds the signal. It begins as `X` and is replaced by the outputs of each layer in turn.
# 2. A layer is a matrix product followed by `activation`. Measure after both.
# 3. `np.mean` and `np.std` without an axis run over all entries. Collect their values in two lists and turn them into
#    arrays at the end; the inputs `X` themselves are no layer.

# %% nbgrader={"grade_id": "activation_statistics_check", "locked": true}
means, stds = activation_statistics(np.array([[1.0, 3.0]]), [np.eye(2), 2 * np.eye(2)], lambda a: a)
check.close(means, [2.0, 4.0], "means: of (1, 3), then of (2, 6)")
check.shape(stds, (2,), "one standard deviation a layer")
check.close(stds[0], 1.0, "standard deviation of (1, 3)")

# %% nbgrader={"grade_id": "activation_statistics_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of activation_statistics run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("activation_statistics", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Ten layers of 500 units
#
# A thousand inputs of independent standard normal numbers, ten layers, five pairs of initialisation and activation
# function. Before you run the cell, predict from the variance argument what is left in layer 10.

# %% tags=["skip-execution"]
def relu(a):
    return leaky_relu_forward(a, 0.0)[0]


def tanh(a):
    return tanh_forward(a)[0]


PAIRS = {
    "tanh, 0.01": ("small", tanh),
    "tanh, 1.0": ("large", tanh),
    "tanh, Xavier": ("xavier", tanh),
    "ReLU, Xavier": ("xavier", relu),
    "ReLU, He": ("he", relu),
}


def deep_stack(kind, seed):
    """1,000 standard normal inputs and the weights of ten layers of 500 units."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(1000, 500)).astype(np.float32)
    return X, [init_weights(kind, 500, 500, rng).astype(np.float32) for _ in range(10)]


print(f"{'standard deviation in layer':28s}  1        2        5        10")
layer_10 = {}
for name, (kind, activation) in PAIRS.items():
    stds = activation_statistics(*deep_stack(kind, seed=0), activation)[1]
    layer_10[name] = stds[-1]
    print(f"{name:28s}" + "  ".join(f"{stds[layer]:7.2g}" for layer in (0, 1, 4, 9)))
check.between(layer_10["tanh, 0.01"], 0, 1e-6, "tanh, 0.01: nothing is left")
check.between(layer_10["tanh, 1.0"], 0.97, 0.99, "tanh, 1.0: nearly all at -1 or 1")
check.between(layer_10["tanh, Xavier"], 0.22, 0.24, "tanh, Xavier")
check.between(layer_10["ReLU, Xavier"], 0.018, 0.038, "ReLU, Xavier: about 1/32 of He's")
check.between(layer_10["ReLU, He"], 0.6, 1.2, "ReLU, He")

# %% [markdown]
# **tanh with 0.01**: the signal shrinks by about 0.22 a layer, as computed above, to $3 \cdot 10^{-7}$. **tanh with
# 1.0**: the sums have a standard deviation of more than 20, so nearly every unit sits at $-1$ or $1$ (a standard
# deviation of .98), where its slope is zero. **tanh with Xavier** holds: .63 in layer 1, then slowly down to .23,
# because tanh is not quite linear and always shrinks a little.
#
# **ReLU with Xavier** loses a factor $\sqrt2$ a layer: $2^{-10/2} = 1/32$ in ten, and indeed the numbers are exactly
# 1/32 of **ReLU with He**, since He's weights are $\sqrt2$ times Xavier's and ReLU lets such a factor pass. Over 30
# seeds layer 10 has a standard deviation of .62–1.17 with He and .019–.037 with Xavier. (These vary from seed to seed,
# since ReLU's outputs have a common part in all units, and ten random layers multiply ten random factors.)

# %% tags=["skip-execution"]
histograms = {}
for name, (kind, activation) in PAIRS.items():
    h, weights = deep_stack(kind, seed=0)
    layers = []
    for W in weights:
        h = activation(h[:200] @ W)
        layers.append(h)
    histograms[name] = layers
plots.layer_histograms(histograms, title="Only tanh with Xavier and ReLU with He keep a usable spread through ten layers");

# %% [markdown]
# ### The same story for gradients
#
# Backpropagation multiplies by the same matrices, transposed, and by the slopes. Send random gradients of standard
# deviation 1 into layer 10 and see how large they are when they arrive at the outputs of layer 1.

# %% tags=["skip-execution"]
BACKWARD = {
    "tanh": (tanh_forward, tanh_backward),
    "relu": (lambda a: leaky_relu_forward(a, 0.0), leaky_relu_backward),
}


def gradient_stds(X, weights, forward, backward, seed=1):
    """Standard deviation of the gradient of each layer's outputs, layer 1 first, for a random gradient at the last."""
    h, caches = X, []
    for W in weights:
        h, cache = forward(h @ W)
        caches.append(cache)
    dh = np.random.default_rng(seed).normal(size=h.shape).astype(np.float32)
    stds = []
    for W, cache in zip(weights[::-1], caches[::-1], strict=True):
        stds.append(np.std(dh))
        dh = backward(dh, cache) @ W.T
    return np.array(stds[::-1])


curves = {}
for name, (kind, activation) in PAIRS.items():
    curves[name] = gradient_stds(*deep_stack(kind, seed=0), *BACKWARD[activation.__name__])
    print(f"{name:14s} gradient at layer 1: {curves[name][0]:.2g}")
check.between(curves["tanh, 0.01"][0], 0, 1e-5, "tanh, 0.01: the gradient vanishes")
check.between(curves["tanh, 1.0"][0], 5e4, 1e5, "tanh, 1.0: it explodes")
check.between(curves["tanh, Xavier"][0], 0.36, 0.42, "tanh, Xavier")
check.between(curves["ReLU, Xavier"][0], 0.035, 0.06, "ReLU, Xavier")
check.between(curves["ReLU, He"][0], 0.8, 1.4, "ReLU, He")
plots.lines(
    np.arange(1, 11),
    curves,
    xlabel="layer",
    ylabel="standard deviation of the gradient",
    title="Read from right to left: gradients vanish, explode, or arrive",
    log_y=True,
);

# %% [markdown]
# With 0.01 the gradient vanishes like the signal. With 1.0 something new happens: the units are saturated, and still
# the gradient *explodes*, to some 75,000, because the few units that are not saturated pass it on times weights of size
# 1, summed over 500 of them. Xavier with tanh and He with ReLU keep it in order.
#
# A vanishing gradient can be read off before training: print the standard deviation of every layer's outputs for one
# batch. It costs one forward pass, and it is the first thing to look at when a deep net does not learn.
#
# ## Batch normalisation
#
# A good start is not the end of the matter: weights move, and the scale of each layer with them. **Batch
# normalisation** (Ioffe and Szegedy, 2015) asks directly for what we want, outputs with mean 0 and variance 1, and
# computes it: during training, each feature is standardised over the batch in front of it.
#
# For a batch of sums $x$, shape $(N, D)$, and each feature $d$ by itself:
#
# $$ \mu_d = \frac1N \sum_n x_{nd}, \qquad v_d = \frac1N \sum_n (x_{nd} - \mu_d)^2, \qquad
#    \hat x_{nd} = \frac{x_{nd} - \mu_d}{\sqrt{v_d + \varepsilon}}, \qquad y_{nd} = \gamma_d\, \hat x_{nd} + \beta_d . $$
#
# Unlike the standardising above, it is a layer of the net: gradients flow through $\mu$ and $v$. The small
# $\varepsilon = 10^{-5}$ inside the root guards against features that are constant in the batch. The **gain** $\gamma$
# and the **shift** $\beta$ are learned: mean 0 and variance 1 may not be what the next layer wants. With
# $\gamma_d = \sqrt{v_d + \varepsilon}$ and $\beta_d = \mu_d$ the layer is the identity, so the net loses nothing by
# having it.
#
# The layer stands between a linear map and its activation function. The bias of that linear map has no effect any more
# (the mean is subtracted), and the shift takes its place.
#
# **By hand.** One feature, four examples $1, 1, 5, 5$: $\mu = 3$, $v = 4$, so $\hat x = -1, -1, 1, 1$ (with a relative
# error of a millionth from $\varepsilon$). With $\gamma = 2$ and $\beta = 10$ the output is $8, 8, 12, 12$.
#
# ### At test time
#
# A prediction must not depend on which other images happen to be in the batch, and a single image has no variance at
# all. So training keeps **running averages** of the means and variances it sees, with a momentum $m = 0.9$,
#
# $$ \text{running} \leftarrow m \cdot \text{running} + (1 - m) \cdot \text{this batch's} , $$
#
# and at test time these stand in for $\mu$ and $v$; gain and shift are applied as before. The averages start at zero
# here and are of the *variance* (divided by $N$), not of the standard deviation. In the example, after one batch the
# running mean is $0.9 \cdot 0 + 0.1 \cdot 3 = 0.3$ and the running variance is $0.4$.
#
# ### Exercise: batch normalisation, forward
#
# The dictionary `bn_param` carries settings in and running averages from call to call. This is the signature of
# Stanford's CS231n, whose code runs here unchanged. Read a library's documentation before you compare with it: PyTorch,
# for one, calls the weight of the *new* batch momentum, starts the running variance at 1, and divides it by $N - 1$.

# %% nbgrader={"grade_id": "batchnorm_forward", "solution": true}
def batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation of every feature.

    x: (N, D).  gamma, beta: (D,) gain and shift.
    bn_param: dict with "mode", "train" or "test", and optionally "eps" (1e-5 if absent), "momentum" (0.9 if absent),
        "running_mean" and "running_var", (D,), zeros if absent.
    "train": standardise with the mean and the variance (divided by N) of this batch, and store the updated running
        averages under "running_mean" and "running_var" in bn_param.
    "test": standardise with the running averages and leave bn_param's as they are.
    eps is added to the variance, inside the root.
    Returns (out, cache): out (N, D); cache is needed after "train" only. x, gamma and beta are left as they are.
    Raises ValueError, naming the mode, for any other mode.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: by mode, the batch's statistics (updating the running ones) or the running ones; standardise, then gain and shift
    mode, eps, momentum = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], dtype=x.dtype))
    if mode == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    elif mode == "test":
        mean, var = running_mean, running_var
    else:
        raise ValueError(f"unknown mode of batch normalisation: {mode!r}; use 'train' or 'test'")
    std = np.sqrt(var + eps)
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)
    ### END SOLUTION


# %% [markdown] hints="batchnorm_forward"
# 1. The two modes differ only in where mean and variance come from. Find them first; standardising, gain and shift are
#    the same for both.
# 2. Statistics are one number a feature: which axis do they run over? Read a setting with `bn_param.get("eps", 1e-5)`,
#    and in training write both new averages back into `bn_param`.
# 3. The momentum multiplies the *old* average. The root is taken of variance plus eps; the difference `x - mean` needs
#    its brackets. For the backward pass, keep the standardised values, the gain, and the root.

# %% nbgrader={"grade_id": "batchnorm_forward_check", "locked": true}
x_bn = np.array([[1.0], [1.0], [5.0], [5.0]])
bn_param = {"mode": "train"}
out, cache = batchnorm_forward(x_bn, np.array([2.0]), np.array([10.0]), bn_param)
check.close(out, [[8.0], [8.0], [12.0], [12.0]], "the four examples of the text", atol=1e-4)
check.close(np.ravel(bn_param["running_mean"]), [0.3], "running mean after one batch: 0.9 · 0 + 0.1 · 3")
bn_param = {"mode": "test", "running_mean": np.array([3.0]), "running_var": np.array([4.0])}
check.close(batchnorm_forward(np.array([[5.0]]), np.ones(1), np.zeros(1), bn_param)[0], [[1.0]], "a single example at test time", atol=1e-4)

# %% nbgrader={"grade_id": "batchnorm_forward_tests", "grade": true, "points": 14}
# Graded, 14 points: hidden tests of batchnorm_forward run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("batchnorm_forward", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
sums = 3 * rng.normal(size=(200, 4)) + np.array([-5.0, 0.0, 2.0, 40.0])
normalised, _ = batchnorm_forward(sums, np.ones(4), np.zeros(4), {"mode": "train"})
print("before: means", sums.mean(axis=0).round(2), " deviations", sums.std(axis=0).round(2))
print("after:  means", np.abs(normalised.mean(axis=0)).round(2), " deviations", normalised.std(axis=0).round(2))
gain, shift = np.sqrt(sums.var(axis=0) + 1e-5), sums.mean(axis=0)
check.close(batchnorm_forward(sums, gain, shift, {"mode": "train"})[0], sums, "with γ = σ and β = μ: the identity")

bn_param = {"mode": "train"}
for _ in range(100):  # after many batches the running averages have forgotten their start at zero
    batchnorm_forward(3 * rng.normal(size=(200, 4)) + np.array([-5.0, 0.0, 2.0, 40.0]), np.ones(4), np.zeros(4), bn_param)
print("running means", bn_param["running_mean"].round(2), " running deviations", np.sqrt(bn_param["running_var"]).round(2))
at_test, _ = batchnorm_forward(sums, np.ones(4), np.zeros(4), {**bn_param, "mode": "test"})
print(f"largest difference between training and test outputs: {np.abs(at_test - normalised).max():.2f}")

# %% [markdown]
# ### Its gradient, step by step
#
# Every output depends on every input of the same feature, since each of them moves the mean and the variance a little.
# Take one feature and go back through the steps of the forward pass. Let $dy_n$ be the upstream gradient and
# $s = \sqrt{v + \varepsilon}$.
#
# 1. $y_n = \gamma\, \hat x_n + \beta$, with $\gamma$ and $\beta$ used by every row: $\;d\beta = \sum_n dy_n$,
#    $\;d\gamma = \sum_n dy_n\, \hat x_n$, $\;d\hat x_n = \gamma\, dy_n$.
# 2. $\hat x_n = (x_n - \mu)\, r$ with $r = (v + \varepsilon)^{-1/2} = 1/s$. The variance receives a contribution from
#    every row: $\;dv = \sum_n d\hat x_n\, (x_n - \mu) \cdot \left(-\tfrac12\right) (v + \varepsilon)^{-3/2}$.
# 3. The mean is used in every row, too: $\;d\mu = -\frac1s \sum_n d\hat x_n$. (It is also used in the variance, but
#    $\partial v/\partial \mu = -\frac2N \sum_n (x_n - \mu) = 0$.)
# 4. Each $x_n$ acts along three paths: directly, through $v$, and through $\mu$:
#
# $$ dx_n = \frac{d\hat x_n}{s} \;+\; dv \cdot \frac{2\,(x_n - \mu)}{N} \;+\; \frac{d\mu}{N} . $$
#
# The most common mistake is to take the first path only, as if mean and variance were constants. Two facts help to
# catch it. Adding a constant to all $x_n$ changes no output, so the $dx_n$ of a feature must sum to 0. And scaling
# $x - \mu$ changes (but for $\varepsilon$) no output either, so $\sum_n dx_n\, \hat x_n$ is nearly 0, too.
#
# **By hand.** The four examples $1, 1, 5, 5$ again, with $\hat x = (-1, -1, 1, 1)$, $s = 2$ and $\gamma = 2$, and the
# upstream gradient $(1, 0, 0, 3)$. The sums are $d\beta = 4$ and $d\gamma = -1 + 3 = 2$. The direct path gives
# $\gamma\, dy_n/s = (1, 0, 0, 3)$, the one through the mean takes $1$ from each, the one through the variance takes
# $\frac12 \hat x_n$: together $dx = (0.5, -0.5, -1.5, 1.5)$. Its sum is 0.

# %%
x_back = np.array([[1.0, 0.0], [1.0, 2.0], [5.0, 4.0], [5.0, 10.0]])  # the example, and a second feature
dout_back = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0], [3.0, 0.0]])
x_hat_hand, dy = np.array([-1.0, -1.0, 1.0, 1.0]), dout_back[:, 0]
paths = 2 * dy / 2, -np.full(4, np.mean(2 * dy)) / 2, -x_hat_hand * np.mean(2 * dy * x_hat_hand) / 2
print("direct", paths[0], " through the mean", paths[1], " through the variance", paths[2])
print("dx    ", sum(paths))

# %% [markdown]
# ### Exercise: batch normalisation, backward

# %% nbgrader={"grade_id": "batchnorm_backward", "solution": true}
def batchnorm_backward(dout, cache):
    """Backward pass of batchnorm_forward in mode "train".

    dout: (N, D) upstream gradient, left as it is.  cache: from batchnorm_forward.
    Returns (dx, dgamma, dbeta), of shapes (N, D), (D,) and (D,).
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: gradients of shift and gain, then of the input along its three paths
    x_hat, gamma, std = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dx_hat = dout * gamma
    centred = x_hat * std
    dvar = (dx_hat * centred).sum(axis=0) * -0.5 * std**-3
    dmean = -dx_hat.sum(axis=0) / std
    dx = dx_hat / std + dvar * 2 * centred / N + dmean / N
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% [markdown] hints="batchnorm_backward"
# 1. Write one line for each of the four steps, and check shapes: everything that belongs to a feature has shape (D,),
#    everything that belongs to an entry (N, D). Going from the second to the first is a sum over the rows.
# 2. `gamma` and `beta` are used by every row, so their gradients are sums over the rows; the same is true of the mean
#    and the variance.
# 3. `x - mean` need not be kept: it is the standardised value times the root. If dx is close but not right, look for a
#    missing factor 2 or N in the path through the variance.

# %% nbgrader={"grade_id": "batchnorm_backward_check", "locked": true}
_, cache = batchnorm_forward(x_back, np.array([2.0, 1.0]), np.zeros(2), {"mode": "train"})
dx, dgamma, dbeta = batchnorm_backward(dout_back.copy(), cache)
check.close(np.ravel(dbeta), [4.0, 2.0], "dbeta: sums of the upstream gradient")
check.close(np.ravel(dgamma)[:1], [2.0], "dgamma of the first feature: -1 + 3", atol=1e-4)
check.shape(dx, (4, 2), "dx: the shape of x")

# %% nbgrader={"grade_id": "batchnorm_backward_tests", "grade": true, "points": 13}
# Graded, 13 points: hidden tests of batchnorm_backward run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("batchnorm_backward", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
x_wide, gamma_try, beta_try = rng.normal(size=(6, 3)) * 2 + 1, rng.uniform(0.5, 2, 3), rng.normal(size=3)
check_layer(
    lambda x: batchnorm_forward(x, gamma_try, beta_try, {"mode": "train"}), batchnorm_backward, x_wide, "batch norm's dx"
)
upstream = rng.normal(size=x_wide.shape)
dx, dgamma, _ = batchnorm_backward(upstream, batchnorm_forward(x_wide, gamma_try, beta_try, {"mode": "train"})[1])
print("sums of dx over the batch:", dx.sum(axis=0).round(12) + 0.0)
check.gradient(
    lambda gamma: np.sum(upstream * batchnorm_forward(x_wide, gamma, beta_try, {"mode": "train"})[0]),
    gamma_try,
    dgamma,
    "batch norm's dgamma",
)

# %% [markdown]
# ### Extension, no points: the short form
#
# Put the three paths together. With $\sum_n d\hat x_n (x_n - \mu) = s \sum_n d\hat x_n \hat x_n$ the second path
# becomes $-\frac{1}{sN}\, \hat x_n \sum_m d\hat x_m \hat x_m$ and the third $-\frac{1}{sN} \sum_m d\hat x_m$. So
#
# $$ dx_n = \frac{\gamma}{N s} \Big( N\, dy_n \;-\; \sum_m dy_m \;-\; \hat x_n \sum_m dy_m\, \hat x_m \Big)
#         = \frac{\gamma}{N s} \big( N\, dy_n - d\beta - \hat x_n\, d\gamma \big) . $$
#
# The gradient loses its mean, and its part along $\hat x$: the two changes that the forward pass would undo. Write it
# so.

# %% nbgrader={"grade_id": "batchnorm_backward_alt", "solution": true}
def batchnorm_backward_alt(dout, cache):
    """The same as batchnorm_backward, by the short form of dx.

    dout: (N, D), left as it is.  cache: from batchnorm_forward.
    Returns (dx, dgamma, dbeta), of shapes (N, D), (D,) and (D,).
    Not to be called: batchnorm_backward, course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: dbeta and dgamma, then dx from both by the formula above
    x_hat, gamma, std = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    return gamma / (N * std) * (N * dout - dbeta - x_hat * dgamma), dgamma, dbeta
    ### END SOLUTION


# %% [markdown] hints="batchnorm_backward_alt"
# 1. `dbeta` and `dgamma` are the same sums as before, and the formula for `dx` uses both.
# 2. The bracket has three terms of shape (N, D), or (D,) that broadcasts. Only the first is multiplied by N.
# 3. `dgamma` is multiplied by the standardised value of each entry. The factor in front holds the gain, N, and the
#    root.

# %% nbgrader={"grade_id": "batchnorm_backward_alt_check", "locked": true}
_, cache = batchnorm_forward(x_back, np.array([2.0, 1.0]), np.zeros(2), {"mode": "train"})
dx, dgamma, dbeta = batchnorm_backward_alt(dout_back.copy(), cache)
check.close(np.ravel(dbeta), [4.0, 2.0], "dbeta: sums of the upstream gradient")
check.close(np.ravel(dgamma)[:1], [2.0], "dgamma of the first feature: -1 + 3", atol=1e-4)
check.shape(dx, (4, 2), "dx: the shape of x")

# %% nbgrader={"grade_id": "batchnorm_backward_alt_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of batchnorm_backward_alt run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("batchnorm_backward_alt", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### A deep net with and without it
#
# Five hidden layers of 100 ReLU units on 2,000 garments, plain SGD, five epochs. The table below comes from five seeds
# for each of 24 settings: four learning rates and six standard deviations of the first weights, from far too small to
# far too large. (He's formula asks for 0.026 in the first layer and 0.14 in the others.)

# %% tags=["skip-execution"]
table = load_results("batchnorm_across_rates")
print(table.describe())
rates, scales = np.unique(table["learning_rate"]), np.unique(table["weight_scale"])


def accuracies_of(normalisation):
    """Accuracies of one kind of normalisation, (rates, seeds, scales)."""
    settings = [{"normalization": normalisation, "learning_rate": rate} for rate in rates]
    return np.array([table.by_seed("weight_scale", "accuracy", setting)[1] for setting in settings])


grids = {name: accuracies_of(name).mean(axis=1) for name in ("none", "batch norm")}
for name, grid in grids.items():
    print(f"{name:10s} mean accuracy above 0.3 in {np.sum(grid > 0.3):2d} of {grid.size} settings; the best is {grid.max():.3f}")
check.true(np.sum(grids["none"] > 0.3) == 1, "without normalisation one setting learns", "another number of them")
check.between(np.sum(grids["batch norm"] > 0.3), 14, 16, "settings that learn with batch norm")
plots.heatmap(
    np.vstack(list(grids.values())),
    row_labels=[f"{name}, {rate:g}" for name in grids for rate in rates],
    column_labels=[f"{scale:g}" for scale in scales],
    xlabel="standard deviation of the first weights",
    ylabel="normalisation, learning rate",
    title="Accuracy above .3: 1 of 24 without batch norm, 15 with it",
);

# %% tags=["skip-execution"]
plots.spread_curves(
    scales,
    {name: accuracies_of(name).max(axis=0) for name in grids},  # for each seed and scale, the best of the four rates
    xlabel="standard deviation of the first weights",
    ylabel="validation accuracy at the best of four rates",
    title="With batch norm, first weights from 0.001 to 0.3 all learn",
    log_x=True,
);

# %% [markdown]
# Without normalisation one setting of 24 gets above .3. To its left the signal dies on its way up and the net
# guesses; to its right the loss is huge from the start, and explodes at nearly every rate. With batch norm 15
# settings do, and for every standard deviation from 0.001 to 0.3 there is a rate that reaches .39 or more.
#
# What fails with batch norm lies at the upper right: large weights and a small rate. Batch norm makes the output
# independent of the size of the weights before it, so the gradient of weights that are ten times as large is ten times
# as *small*, and a step changes their direction a hundred times less: what matters is the rate divided by the square
# of that size. Too much of it, at the lower left, mends itself. Since the size does not matter to the loss, the
# gradient has no part along the weights of a unit: it stands at right angles to them, so a large step makes them
# longer, until the ratio is moderate.
#
# Now with your own layers: three of these scales at the rate 0.1, and He's initialisation at a rate that suits it.

# %% tags=["skip-execution"]
def train_deep(X, y, X_val, y_val, scale, learning_rate, normalise, epochs=5, units=(100,) * 5, seed=0):
    """Train hidden layers of linear map, (batch norm,) ReLU with SGD; returns losses and validation accuracy.

    scale: the standard deviation of the first weights, or "he".
    """
    rng = np.random.default_rng(seed)
    sizes = (X.shape[1], *units, 10)
    shapes = list(pairwise(sizes))
    if scale == "he":
        W = [init_weights("he", *shape, rng).astype(np.float32) for shape in shapes]
    else:
        W = [(scale * rng.normal(size=shape)).astype(np.float32) for shape in shapes]
    beta = [np.zeros(size, np.float32) for size in sizes[1:]]  # the shift; without batch norm, the bias
    gamma = [np.ones(size, np.float32) for size in units]
    bn_params = [{"mode": "train"} for _ in units]

    def forward(h, mode):
        caches = []
        for layer, bn_param in enumerate(bn_params):
            bn_param["mode"], x = mode, h
            a = x @ W[layer]
            if normalise:
                a, bn_cache = batchnorm_forward(a, gamma[layer], beta[layer], bn_param)
            else:
                a, bn_cache = a + beta[layer], None
            h, relu_cache = leaky_relu_forward(a, 0.0)
            caches.append((x, bn_cache, relu_cache))
        return h @ W[-1] + beta[-1], h, caches

    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 100):
            batch = order[start : start + 100]
            scores, h, caches = forward(X[batch], "train")
            loss, dscores = softmax_gradient(scores, y[batch])
            losses.append(loss)
            dh = dscores @ W[-1].T
            W[-1], beta[-1] = W[-1] - learning_rate * h.T @ dscores, beta[-1] - learning_rate * dscores.sum(axis=0)
            for layer in range(len(units) - 1, -1, -1):
                x, bn_cache, relu_cache = caches[layer]
                da = leaky_relu_backward(dh, relu_cache)
                if normalise:
                    da, dgamma, dbeta = batchnorm_backward(da, bn_cache)
                    gamma[layer] = gamma[layer] - learning_rate * dgamma
                else:
                    dbeta = da.sum(axis=0)
                dh = da @ W[layer].T
                W[layer], beta[layer] = W[layer] - learning_rate * x.T @ da, beta[layer] - learning_rate * dbeta
    return losses, np.mean(np.argmax(forward(X_val, "test")[0], axis=1) == y_val)


standardize = Preprocessor("standardize")
standardize.fit(flatten(data.train_images[:2000]))
X_std, V_std = (
    standardize.transform(flatten(images)).astype(np.float32) for images in (data.train_images[:2000], data.val_images[:1000])
)
curves, reached = {}, {}
for scale, learning_rate in ((0.01, 0.1), (0.1, 0.1), (0.3, 0.1), ("he", 0.03)):
    for normalise in (False, True):
        label = f"{'batch norm' if normalise else 'none'}, {scale}"
        with np.errstate(over="ignore", invalid="ignore"):  # what diverges is part of the experiment
            curves[label], reached[label] = train_deep(X_std, y_train, V_std, y_val, scale, learning_rate, normalise)
        print(f"{label:16s} rate {learning_rate:4.2f}: last loss {curves[label][-1]:4.2f}, validation accuracy {reached[label]:.3f}")
if data.stated_ranges_hold:
    check.between(reached["none, 0.01"], 0.08, 0.13, "none, 0.01: the signal dies")
    check.between(reached["batch norm, 0.01"], 0.35, 0.57, "batch norm, 0.01")
    check.between(reached["none, 0.1"], 0.33, 0.50, "none, 0.1")
    check.between(reached["batch norm, 0.1"], 0.42, 0.53, "batch norm, 0.1")
    check.true(not np.isfinite(curves["none, 0.3"][-1]), "none, 0.3: the loss explodes", "the loss stayed finite")
    check.between(reached["batch norm, 0.3"], 0.28, 0.36, "batch norm, 0.3")
    check.between(reached["none, he"], 0.42, 0.55, "none, He")
    check.between(reached["batch norm, he"], 0.42, 0.55, "batch norm, He")
drawn = {label: losses for label, losses in curves.items() if np.isfinite(losses).all() and "he" not in label}
plots.loss_curves(drawn, title="Rate 0.1: all three starts learn with batch norm, else one", smooth=10);

# %% [markdown]
# (The loss of "none, 0.3" is not in the figure: it is not a number after a few steps.)
#
# Look at the last two lines. With He's initialisation and a rate that suits it, the net without batch norm does as
# well as the one with it (.44–.52 and .46–.49 over eight seeds): in this short training of a net of moderate depth,
# batch norm is not what makes a good result better. It makes nearly every start a good one, where otherwise one has
# to be found, and it goes on doing so while the weights move.
#
# ### What batch norm costs and where it fails
#
# Batch norm makes the examples of a batch depend on each other, which acts as a little noise. With small batches the
# noise grows: with two examples $\hat x$ is $-1$ and $1$ whatever the inputs were. And training and test use
# different functions, so forgetting to switch the mode is a classic bug. Two tiny batches in the mode "train" show
# what it does to single images:

# %% tags=["skip-execution"]
alone, _ = batchnorm_forward(np.array([[5.0, -7.0]]), np.ones(2), np.zeros(2), {"mode": "train"})
pair, _ = batchnorm_forward(np.array([[5.0, -7.0], [5.1, 90.0]]), np.ones(2), np.zeros(2), {"mode": "train"})
print("a batch of one:", alone, " a batch of two:", pair.round(2).tolist())

# %% [markdown]
# A batch of one is always mapped to the shift, whatever the image shows.
#
# ## Layer normalisation
#
# **Layer normalisation** (Ba and others, 2016) standardises the other way round: for each *example* over its features,
#
# $$ \mu_n = \frac1D \sum_d x_{nd}, \qquad v_n = \frac1D \sum_d (x_{nd} - \mu_n)^2, \qquad
#    \hat x_{nd} = \frac{x_{nd} - \mu_n}{\sqrt{v_n + \varepsilon}}, \qquad y_{nd} = \gamma_d\, \hat x_{nd} + \beta_d . $$
#
# No example depends on another, so a batch of one is fine, there are no running averages, and training and test are the
# same. Gain and shift still belong to features. It is the usual choice in transformers and recurrent nets; for
# convolutional nets batch norm is more common.
#
# **By hand.** The example $(1, 1, 5, 5)$ has $\mu = 3$ and $v = 4$ and becomes $(-1, -1, 1, 1)$.
#
# ### Extension, no points: layer normalisation

# %% nbgrader={"grade_id": "layernorm", "solution": true}
def layernorm_forward(x, gamma, beta, ln_param):
    """Layer normalisation of every example.

    x: (N, D).  gamma, beta: (D,) gain and shift.  ln_param: dict, optionally with "eps" (1e-5 if absent).
    Each row is standardised with its own mean and variance (divided by D; eps added inside the root).
    Returns (out, cache), out (N, D). x, gamma and beta are left as they are.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: standardise every row with its own statistics, then gain and shift of every feature
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    x_hat = (x - x.mean(axis=1, keepdims=True)) / std
    return gamma * x_hat + beta, (x_hat, gamma, std)
    ### END SOLUTION


# %% nbgrader={"grade_id": "layernorm_2", "solution": true}
def layernorm_backward(dout, cache):
    """Backward pass of layernorm_forward.  dout: (N, D) → (dx, dgamma, dbeta), of shapes (N, D), (D,) and (D,)."""
    ### BEGIN SOLUTION: gradients of shift and gain over the rows; dx with means over the features
    x_hat, gamma, std = cache
    dx_hat = dout * gamma
    mean = dx_hat.mean(axis=1, keepdims=True)
    along = (dx_hat * x_hat).mean(axis=1, keepdims=True)
    return (dx_hat - mean - x_hat * along) / std, (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


# %% [markdown] hints="layernorm"
# 1. Compared with batch normalisation, the axis of the statistics changes, the axis of `dgamma` and `dbeta` does not:
#    gain and shift are still shared by all rows.
# 2. Statistics of rows have shape (N, 1) if you ask for `keepdims=True`; then they broadcast against (N, D).
# 3. The three paths of dx are those of batch normalisation with D in the place of N. One thing is new: `gamma` differs
#    along the axis of the sums, so multiply `dout` by it *before* summing.

# %% nbgrader={"grade_id": "layernorm_check", "locked": true}
out, cache = layernorm_forward(np.array([[1.0, 1.0, 5.0, 5.0]]), np.ones(4), np.zeros(4), {})
check.close(out, [[-1.0, -1.0, 1.0, 1.0]], "the example of the text", atol=1e-4)
dx, dgamma, dbeta = layernorm_backward(np.array([[1.0, 2.0, 3.0, 5.0]]), cache)
check.close(np.ravel(dbeta), [1.0, 2.0, 3.0, 5.0], "dbeta of a single example: the upstream gradient")
check.shape(dx, (1, 4), "dx: the shape of x")

# %% nbgrader={"grade_id": "layernorm_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of layernorm run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("layernorm", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
check_layer(lambda x: layernorm_forward(x, gamma_try, beta_try, {}), layernorm_backward, x_wide, "layer norm's dx")
plots.spread_curves(
    scales,
    {name: accuracies_of(name).max(axis=0) for name in ("none", "layer norm", "batch norm")},
    xlabel="standard deviation of the first weights",
    ylabel="validation accuracy at the best of four rates",
    title="Layer norm forgives much, here less than batch norm",
    log_x=True,
);

# %% [markdown]
# The same table with layer norm: at the one scale that works without normalisation it gains little (.44–.47 against
# .35–.46), elsewhere much, and batch norm stays ahead. Here, with plain SGD, five layers and batches of 100, batch norm
# is the better choice; with batches of one or two it would not be a choice at all.
#
# ## Two questions in your own words
#
# **Question 1 (5 points).** A colleague builds a net of twenty ReLU layers, 400 units each, and draws all weights with
# standard deviation 0.05. The loss does not move. Compute by what factor each layer changes the root mean square of the
# signal, what is left after twenty layers, and what this does to the gradient of the first layer's weights. Name two
# ways to repair it, and say for each why it helps. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_twenty_layers", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# The variance of a sum is fan-in times the mean square of the inputs times the variance of the weights, and ReLU halves
# the mean square: 400 · 0.0025 / 2 = 0.5 a layer, a factor of 0.71 in the root mean square. After twenty layers 0.5^10,
# about one thousandth, is left, so the scores are near zero and hardly depend on the input. On the way back each layer
# multiplies the gradient by the same factor, since it passes through the transposed matrix and half of the slopes are
# zero, so about one thousandth of the gradient at the top arrives at the first layer, and its weights hardly move.
# (Those of the upper layers do no better: there the inputs are tiny.) He's initialisation, a standard deviation of
# √(2/400) = 0.071, makes the factor 1 forward and backward. Batch normalisation after each linear map brings the signal
# back to variance 1 in every layer, whatever the scale of the weights was.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: factor 400 · 0.05² / 2 = 0.5 in the mean square (0.71 in the root mean square); half a point without ReLU's
#   half.
# - 1 point: about 2^(−10), one thousandth, after twenty layers.
# - 1 point: the gradient of the first layer's weights is small as well, by the same factor a layer (0.71) on the way
#   back.
# - 1 point: He's initialisation with its reason (the factor becomes 1), or its number √(2/400).
# - 1 point: a second repair that works with its reason: batch or layer normalisation, or residual connections; a larger
#   learning rate alone earns none.
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** A net with batch normalisation reaches a validation accuracy of .60 while it is evaluated
# in batches of 200 in the mode "train". In use it receives one image at a time, and its accuracy is .10. Explain what
# happens to a single image in the mode "train", how the mode "test" avoids it, and why even the .60 was not an honest
# measurement. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_one_image", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# In the mode "train" mean and variance are those of the current batch. With a single image the mean is the image's own
# value and the variance is 0, so every standardised value is 0 and the layer's output is the shift β, for whatever
# image: all predictions are the same class, which is right on a tenth of the images. In the mode "test" the layer uses
# running averages of mean and variance collected in training, fixed numbers, so an image's output depends on that image
# alone. The .60 was measured with statistics of the validation images themselves: each prediction depended on the 199
# others in the batch. In use such a batch does not exist, and with batches of another make-up, for instance sorted by
# class, the same image could get another label.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: statistics come from the batch in the mode "train".
# - 1 point: for one image the variance is 0 and the standardised values are 0, so the output is β for every image.
# - 1 point: the mode "test" uses running averages from training, fixed numbers.
# - 1 point: each image's output then no longer depends on other images.
# - 1 point: the .60 used statistics of the evaluation data (predictions depended on the other images, or on how batches
#   were put together).
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **The derivative of the wrong quantity.** $\tanh' = 1 - \tanh^2(x)$, so with `out` in the cache it is `1 - out**2`,
#   not `1 - np.tanh(out)**2`.
# - **A mask taken from `dout`** instead of from the input of the forward pass, or from `out >= 0`: with a slope of 0
#   every output is at least 0.
# - **Exponentials of numbers that are not needed.** `np.where` evaluates both branches, which costs no more than a warning;
#   with a product by a mask, infinity times zero is not a number.
# - **Statistics from the wrong data.** Mean, deviation, rotation and variances belong to the training set, and batch
#   norm's averages to training batches.
# - **Dividing by zero variance.** Pixels that never change are common; whitening and standardising need a guard.
# - **A variance where a standard deviation belongs**, or the other way round: $1/\text{fan\_in}$ for the deviation of
#   the weights, running deviations in the place of running variances.
# - **Fan-out for fan-in.** Square layers hide it: test with `fan_in != fan_out`.
# - **`(x - mean) / std` without the brackets**, and $\varepsilon$ outside the root.
# - **Momentum on the wrong term**: `momentum * batch + (1 - momentum) * running` follows every batch and remembers
#   little.
# - **Gain and shift forgotten at test time**: early in training, when gains are near 1 and shifts near 0, hardly
#   anything shows it.
# - **Batch norm's `dx` with one path only.** Its columns must sum to zero.

# %% [markdown]
# ## Check yourself
#
# 1. A sigmoid net of ten layers has all its sums at 0, the best case. By what factor do the slopes shrink the gradient?
#
# <details><summary>Answer</summary>0.25 to the power of 10, about one millionth; the matrices may make up for some of
# it.</details>
#
# 2. Why is a unit whose sums are negative on every image lost with ReLU but not with ELU?
#
# <details><summary>Answer</summary>ReLU's slope is exactly 0 there, so its weights receive no gradient and stay. ELU's
# slope is small but positive.</details>
#
# 3. All inputs of a neuron are negative. What can be said of the gradient of one example by its weights?
#
# <details><summary>Answer</summary>All its entries have the same sign again, opposite to that of the upstream gradient:
# the zig-zag is the same as with positive inputs.</details>
#
# 4. You whitened the training set with PCA and a friend with ZCA. What is equal in both results?
#
# <details><summary>Answer</summary>The covariance matrix (the identity), and all distances between examples: one is a
# rotation of the other.</details>
#
# 5. Which standard deviation does He's rule give for a layer from 800 to 50 units? And Xavier's, as used here?
#
# <details><summary>Answer</summary>√(2/800) = 0.05 and √(1/800) = 0.035. The 50 does not matter.</details>
#
# 6. Biases may start at zero. Why not weights?
#
# <details><summary>Answer</summary>Random weights already make the units different. With zero weights, all units of a
# layer are and stay the same, and with tanh or ReLU even all gradients but those of the last biases are zero.</details>
#
# 7. A batch norm layer receives sums that are ten times as large as before. What happens to its output?
#
# <details><summary>Answer</summary>Nothing (but for eps): the mean and the root of the variance are ten times as large
# as well. That is why it does not care about the scale of the weights before it.</details>
#
# 8. Why has the linear map before batch norm no use for a bias?
#
# <details><summary>Answer</summary>The bias shifts every example of a feature alike, and so the mean; subtracting the
# mean removes it. The shift β does its work.</details>
#
# 9. The batch has two examples. What is dx of batch norm?
#
# <details><summary>Answer</summary>(Nearly) zero: the standardised values are −1 and 1 whatever the inputs are, so no
# small change of them changes the output.</details>
#
# 10. After how many batches has a running average with momentum 0.9 forgotten nine tenths of its start?
#
# <details><summary>Answer</summary>0.9 to the power of n is 0.1 for n = 22.</details>

# %% [markdown]
# ## Where this leads
#
# With the right scale at the start and a layer that keeps it, depth is no longer an obstacle by itself. Notebook 06 is
# about better steps than plain SGD's, which cope with valleys that are steep in one direction and flat in another.
# Notebook 07 puts batch norm and dropout into one net of any depth, and notebook 08 carries batch norm over to
# convolutional layers, where the statistics of a channel run over examples and positions.
#
# ## Further reading
#
# - Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*,
#   Springer, 1998: centring, whitening, tanh, and why.
# - X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
# - K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into rectifiers: surpassing human-level performance on ImageNet
#   classification", ICCV 2015: the factor 2, and PReLU.
# - A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional neural networks", NIPS
#   2012: ReLU against tanh.
# - A. Maas, A. Hannun and A. Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML workshop 2013:
#   Leaky ReLU.
# - D.-A. Clevert, T. Unterthiner and S. Hochreiter, "Fast and accurate deep network learning by exponential linear
#   units (ELUs)", ICLR 2016.
# - I. Goodfellow and others, "Maxout networks", ICML 2013.
# - S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate
#   shift", ICML 2015.
# - S. Santurkar and others, "How does batch normalization help optimization?", NeurIPS 2018: a different explanation
#   from the first paper's.
# - J. L. Ba, J. R. Kiros and G. Hinton, "Layer normalization", 2016, arXiv:1607.06450.
# - Notes of Stanford's course CS231n on setting up the data and the model, https://cs231n.github.io.
