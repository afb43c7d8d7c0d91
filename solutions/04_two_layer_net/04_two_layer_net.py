# ---
# jupyter:
#   course:
#     title: Two-layer network
#     builds: a network with a hidden layer, the loop that trains it, and the checks and the search that make training work
#     needs: NumPy matrix products, the softmax loss, the chain rule
#     minutes: 220
#     budget_seconds: 60
# ---

# %% [markdown]
# # A two-layer network
#
# A linear classifier has one template a class and separates classes by flat walls. Put a second matrix behind the
# first, and a bend between them, and both limits fall: a class may have many templates, and walls may turn corners. The
# mathematics grows by one line. What grows more is the number of ways in which training can go wrong without an error
# message, and so half of this notebook is about the craft: what to look at before, during and after.
#
# **What you build.** The class `TwoLayerNet` with its loss and gradients, the loop `train`, two checks to make before
# any long run, two instruments to read while it runs, and a random search for the learning rate and the penalty.
#
# **What you need.** Matrix products in NumPy, the softmax loss and its gradient, the chain rule. What notebooks 02 and
# 03 say about them is repeated where it is used; no answer from another notebook is needed.
#
# **How long.** About three and a half hours, in two sittings: pause after `train`.
#
# **The result.** Below, one small problem seen by a linear classifier and by two networks. By the end you can build the
# networks, say what their hidden units do to the wall, and train one on images that beats the linear classifier by
# several points.

# %%
import numpy as np

from course_utils import check

# %% tags=["skip-execution"]
from course_utils import nn, plots


def two_moons(n, rng, noise=0.35):
    """Two classes shaped like moons, each with a horn in the bend of the other: (n, 2) points and (n,) labels."""
    y = np.arange(n) % 2
    angle = np.pi * rng.random(n)
    across = np.where(y == 0, np.cos(angle), 1 - np.cos(angle))
    moons = np.column_stack([across, np.where(y == 0, 1, -1) * np.sin(angle)])
    moons[:, 1] += 0.5 * y - 0.25
    moons[:, 0] -= 0.5
    return 1.5 * (moons + noise * rng.normal(size=(n, 2))), y


X_moons, y_moons = two_moons(150, np.random.default_rng(2), noise=0.25)
preview = {}
for label, sizes in {"linear": (2, 2), "3 hidden units": (2, 3, 2), "20 hidden units": (2, 20, 2)}.items():
    preview_net = nn.FullyConnectedNet(sizes, reg=3e-3, rng=np.random.default_rng(1))
    nn.Solver(
        preview_net, X_moons, y_moons, optim_config={"learning_rate": 0.1}, num_epochs=200, batch_size=50,
        rng=np.random.default_rng(0), progress=False,
    ).train()
    preview[label] = preview_net.predict
plots.boundary_panels(preview, X_moons, y_moons, title="A flat wall, and two that hidden units bend around the moons");

# %% [markdown]
# ## From one matrix to two
#
# The linear classifier computes the scores of an image $x$ in one step, $s = x W + b$. A **two-layer network** takes
# two:
#
# $$ h = \max(0,\; x W_1 + b_1), \qquad s = h\, W_2 + b_2 . $$
#
# $W_1$ has shape $(D, H)$: the image meets $H$ templates instead of one a class. What comes out, $h$, is a row of $H$
# numbers, the **hidden layer**: hidden because nobody tells it what to hold. $W_2$, of shape $(H, C)$, makes class
# scores out of it. One hidden template can match shoes that point left and another shoes that point right, and $W_2$
# adds both to the score of *sneaker*. That is what a single matrix could not do.
#
# The function $\max(0, a)$, taken entry by entry, is the **rectified linear unit** or ReLU: it lets positive numbers
# pass and turns negative ones into 0. Without it nothing would be gained, since
#
# $$ (x W_1 + b_1) W_2 + b_2 = x\,(W_1 W_2) + (b_1 W_2 + b_2) $$
#
# is a linear classifier again, with the matrix $W_1 W_2$. The bend between the layers is what makes two layers more
# than one. Other bends do as well; notebook 05 compares them.
#
# **By hand.** Let two inputs be 0 or 1, and let the answer be 1 when exactly one of them is (*exclusive or*). No line
# in the plane has $(0,1)$ and $(1,0)$ on one side and $(0,0)$ and $(1,1)$ on the other. Two hidden units do it:
#
# $$ h_1 = \max(0,\; x_1 + x_2), \qquad h_2 = \max(0,\; x_1 + x_2 - 1), \qquad s = h_1 - 2 h_2 . $$

# %% tags=["skip-execution"]
x_all = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
h = np.maximum(0, x_all @ np.array([[1, 1], [1, 1]]) + np.array([0, -1]))
for row, hidden_row, s in zip(x_all, h, h @ np.array([1, -2]), strict=True):
    print(f"x = {row}  h = {hidden_row}  s = {s}")

# %% [markdown]
# For $(1,1)$: $h_1 = 2$, $h_2 = 1$, $s = 2 - 2 = 0$. The second unit sleeps until both inputs are on and then takes
# back what the first one gave.
#
# Along a line each hidden unit of this kind contributes one **bend**. Below, three units whose bends lie at $-1$, $0$
# and $1$ make a hat out of straight pieces. With more units any continuous curve can be followed as closely as one
# likes.

# %% tags=["skip-execution"]
t = np.linspace(-2, 2, 201)
units = np.maximum(0, t[:, np.newaxis] - np.array([-1.0, 0.0, 1.0]))  # (201, 3)
plots.lines(
    t,
    {
        "max(0, t + 1)": units[:, 0],
        "max(0, t)": units[:, 1],
        "max(0, t − 1)": units[:, 2],
        "first − 2 · second + third": units @ np.array([1.0, -2.0, 1.0]),
    },
    xlabel="t",
    ylabel="output",
    title="Three bends make a hat",
);

# %% [markdown]
# Nothing stops at two. A three-layer network is $s = \max(0,\, \max(0,\, x W_1 + b_1)\, W_2 + b_2)\, W_3 + b_3$, and so
# on. Layers are counted by their weight matrices, so that a two-layer network has *one* hidden layer.
#
# **How many numbers?** For $32 \times 32 \times 3$ images, 50 hidden units and 10 classes: $3072 \cdot 50 + 50$ in the
# first layer and $50 \cdot 10 + 10$ in the second, 154,160 in all, five times as many as the linear classifier's
# 30,730.
#
# ### A whole network in eleven lines
#
# Everything there is to training, for a problem small enough to print: *exclusive or* again, with a third input that is
# always 1 and plays the part of the bias. The bend here is the **sigmoid** $\sigma(a) = 1/(1 + e^{-a})$, which squeezes
# any number into $(0, 1)$, and the output goes through it as well, to be read as the probability of answer 1.

# %% tags=["skip-execution"]
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])
rng = np.random.default_rng(0)
W1 = rng.normal(size=(3, 4))
W2 = rng.normal(size=(4, 1))
for _ in range(3000):
    h = 1 / (1 + np.exp(-X @ W1))  # forward: the hidden layer ...
    p = 1 / (1 + np.exp(-h @ W2))  # ... and the answer
    dh = (p - y) @ W2.T  # backward: from the error of the answer to the hidden layer
    W2 -= h.T @ (p - y)
    W1 -= X.T @ (dh * h * (1 - h))
print("answers:", p.ravel().round(3), "  wanted:", y.ravel())
check.true(np.abs(p - y).max() < 0.1, "eleven lines learn exclusive or", "an answer is still more than 0.1 off")

# %% [markdown]
# Data, weights, forward pass, backward pass, step: five ideas, eleven lines before the `print`. The rest of this
# notebook writes the same five for images, where they need names, care and patience.
#
# ### A neuron
#
# One column of $W_1$ with its bias is called a **neuron** or unit. As a function it is a weighted sum, a bias and a
# bend:

# %% tags=["skip-execution"]
def neuron(x, w, b):
    """What one neuron gives out.  x: (D,) inputs, w: (D,) weights, b: bias → a number between 0 and 1."""
    total = np.sum(x * w) + b
    return 1.0 / (1.0 + np.exp(-total))


print(neuron(np.array([0.5, -1.0]), np.array([2.0, 1.0]), 0.5))

# %% [markdown]
# By hand: $0.5 \cdot 2 - 1 \cdot 1 + 0.5 = 0.5$, and $\sigma(0.5) = 0.62$.
#
# The names come from biology. A nerve cell collects signals through its dendrites; each arrives over a synapse that
# makes it count for more or less, to excite or to inhibit (the weights); if enough comes together, the cell fires, and
# how often it fires a second is its output (the *firing rate*, which the sigmoid imitates: never below none, never
# above some maximum).
#
# Take it as a loose analogy. Real neurons are of many kinds, their dendrites compute more than a sum, synapses change
# by themselves in time, and the exact moments of firing may carry information that a rate throws away. Networks such as
# ours work for reasons that are found in calculus and statistics, and that is where this course looks for them.
#
# ### Layers, and why they are arrays
#
# Neurons are arranged in layers, each connected to all of the layer before: then a whole layer for a whole batch is one
# matrix product. A network with 3 inputs, two hidden layers of 4 and one output needs four lines:

# %%
rng = np.random.default_rng(0)
W1, b1, W2, b2, W3, b3 = (rng.normal(size=shape) for shape in ((3, 4), (4,), (4, 4), (4,), (4, 1), (1,)))
x = rng.normal(size=(5, 3))  # five examples

f = np.tanh  # the bend: a sigmoid stretched to (-1, 1)
h1 = f(x @ W1 + b1)
h2 = f(h1 @ W2 + b2)
out = h2 @ W3 + b3

print("shapes:", h1.shape, h2.shape, out.shape)
print("numbers to learn:", sum(array.size for array in (W1, b1, W2, b2, W3, b3)))

# %% [markdown]
# Inputs are not counted as neurons: this network has $4 + 4 + 1 = 9$, with $3 \cdot 4 + 4 \cdot 4 + 4 \cdot 1 = 32$
# weights and 9 biases, 41 numbers to learn.
#
# ## Loss and gradients
#
# The loss is the softmax loss of the scores plus a penalty. With $P$ the $(N, C)$ matrix of probabilities,
# $p_{nc} = e^{s_{nc}} / \sum_j e^{s_{nj}}$,
#
# $$ L = -\frac1N \sum_n \log p_{n\,y_n} \;+\; \tfrac12 \lambda \Big( \sum W_1^2 + \sum W_2^2 \Big) . $$
#
# **Why half?** Notebook 02 added $\lambda \sum W^2$, with gradient $2 \lambda W$. With the half the gradient is plain
# $\lambda W$, and a step of rate $\eta$ shrinks a weight by the factor $1 - \eta\lambda$, without a 2 in it. The two
# say the same with $\lambda$ halved or doubled. You will meet both, often in one and the same library, and a value of
# `reg` copied from elsewhere means nothing until you know which. From here on this course uses the half. Biases are not
# penalised: they do not make a function steeper, they only move it, and there are few of them.
#
# **Gradients, backwards.** Write $A = XW_1 + b_1$, $H = \max(0, A)$, $S = HW_2 + b_2$, and $\delta S$ for
# $\partial L/\partial S$, an array of the shape of $S$.
#
# 1. At the scores, as for the linear classifier: $\delta S = (P - Y)/N$, where $Y$ has a 1 in the true column of each
#    row.
# 2. The second layer is a linear classifier whose inputs are $H$. So $\delta W_2 = H^\top \delta S$, and $\delta b_2$
#    is the sum of the rows of $\delta S$, because $b_2$ was added to every row.
# 3. Now the step that is new. $H$ is not data, it depends on $W_1$, so it needs a gradient as well. A change of
#    $h_{nj}$ moves every score of row $n$, $s_{nc}$ by $w_{2,jc}$; summed over $c$, $\;\delta H = \delta S\, W_2^\top$.
# 4. Through the ReLU: where a unit was on, $h = a$ and the gradient passes; where it was off, $h$ stays 0 whatever
#    small change $a$ makes, and nothing passes. $\delta A = \delta H$ where $A > 0$, else 0. (At exactly 0 either is
#    right.)
# 5. The first layer is again of the form inputs times matrix: $\delta W_1 = X^\top \delta A$, and $\delta b_1$ is the
#    sum of the rows of $\delta A$.
# 6. Add $\lambda W_1$ and $\lambda W_2$ to the gradients of the weights.
#
# Shapes lead the way: every gradient has the shape of what it belongs to, and in each product there is one order of the
# factors that gives it.
#
# **By hand.** One example, $x = (1, 2)$ of class 1, with
#
# $$ W_1 = \begin{pmatrix} 1 & -1 \\ 1 & -1 \end{pmatrix},\; b_1 = (0, 1),\qquad W_2 = \begin{pmatrix} 1 & 0 \\ 5 & 2 \end{pmatrix},\; b_2 = (0, 1). $$
#
# Forward: $a = (3, -3 + 1) = (3, -2)$, so $h = (3, 0)$ and $s = (3, 1)$. The loss is
# $\log(e^3 + e^1) - 1 = \log(1 + e^2) = 2.127$. Backward: $p = (.881, .119)$, so $\delta s = (.881, -.881)$.
# $\delta W_2$ has the rows $3\,\delta s = (2.642, -2.642)$ and $0\,\delta s = (0, 0)$.
# $\delta h = (.881 \cdot 1 - .881 \cdot 0,\; .881 \cdot 5 - .881 \cdot 2) = (.881, 2.642)$, but the second unit was
# off, so $\delta a = (.881, 0)$, and $\delta W_1$ has the rows $1 \cdot \delta a = (.881, 0)$ and
# $2 \cdot \delta a = (1.762, 0)$.
#
# ### Exercise: the network
#
# Four gaps in one class: the start, the scores, loss and gradients, and `predict`. Names and conventions are those of
# `TwoLayerNet` in Stanford's CS231n (the class made of its modular layers), with two differences: the random generator
# is passed in, and `predict` belongs to the class. An older class of that name in the same course takes the penalty
# with each call, `loss(X, y, reg)`; here the net keeps it, in `self.reg`.

# %% nbgrader={"grade_id": "TwoLayerNet", "solution": true}
class TwoLayerNet:
    """Affine layer, ReLU, affine layer, softmax loss.

    params: {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)} for D inputs, H hidden units and C classes.
    reg: strength of the penalty. Both may be changed from outside at any time, and loss and predict use what they hold
        then.
    Not to be called: course_utils.nn, torch.
    """

    def __init__(self, input_dim, hidden_dim, num_classes, weight_scale=1e-3, reg=0.0, rng=None):
        """Biases of zero, and weights drawn from a normal distribution of mean 0 and standard deviation weight_scale.

        rng: numpy.random.Generator that draws them; None makes one from seed 0.
        """
        self.reg = reg
        rng = np.random.default_rng(0) if rng is None else rng
        ### BEGIN SOLUTION: set self.params to a dict of W1, b1, W2 and b2, weights drawn with rng and scaled, biases zero
        self.params = {
            "W1": weight_scale * rng.normal(size=(input_dim, hidden_dim)),
            "b1": np.zeros(hidden_dim),
            "W2": weight_scale * rng.normal(size=(hidden_dim, num_classes)),
            "b2": np.zeros(num_classes),
        }
        ### END SOLUTION

    def loss(self, X, y=None):
        """Scores, or loss and gradients.

        X: (N, D) examples.  y: (N,) integer labels in 0..C-1, or None.
        Without y: returns the scores (N, C), which may be negative.
        With y: returns (loss, grads). loss is the mean softmax loss plus 0.5 * reg * (sum(W1**2) + sum(W2**2)), reg
        being self.reg; grads is a dict with the keys of params, each gradient of the shape of its parameter.
        Scores in the thousands do not overflow. X, y and params are left as they are.
        """
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        ### BEGIN SOLUTION: compute the hidden layer with its ReLU, and from it scores, an array (N, C)
        hidden = np.maximum(0, X @ W1 + b1)
        scores = hidden @ W2 + b2
        ### END SOLUTION
        if y is None:
            return scores
        ### BEGIN SOLUTION: compute loss, and grads by going backwards through the steps; add the penalty to both
        rows = np.arange(len(y))
        shifted = scores - scores.max(axis=1, keepdims=True)
        log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = -log_P[rows, y].mean() + 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        dscores = np.exp(log_P)
        dscores[rows, y] -= 1
        dscores /= len(y)
        dhidden = (dscores @ W2.T) * (hidden > 0)
        grads = {
            "W1": X.T @ dhidden + self.reg * W1,
            "b1": dhidden.sum(axis=0),
            "W2": hidden.T @ dscores + self.reg * W2,
            "b2": dscores.sum(axis=0),
        }
        ### END SOLUTION
        return loss, grads

    def predict(self, X):
        """The class with the largest score.  X: (N, D) → (N,) integers in 0..C-1."""
        ### BEGIN SOLUTION: the column of the largest score in each row
        return np.argmax(self.loss(X), axis=1)
        ### END SOLUTION


# %% [markdown] hints="TwoLayerNet"
# 1. Follow the six steps of the text, one line of code each. Keep the hidden layer in a variable: the backward pass
#    needs it. The first gap is one dict with four entries; `predict` can ask `self.loss` for scores.
# 2. Softmax: subtract each row's maximum (`axis=1, keepdims=True`), then the log-probability is the shifted score less
#    the logarithm of the row's sum of exponentials. Its exponential, less 1 in the true column, divided by N, is the
#    gradient at the scores.
# 3. The ReLU's backward step multiplies by an array of true and false, `hidden > 0`, before it is used for W1 *and* b1.
#    Bias gradients are sums over `axis=0`, with no further division. The penalty enters the loss with the factor 0.5
#    and two of the four gradients without it.

# %% nbgrader={"grade_id": "TwoLayerNet_check", "locked": true}
net_by_hand = TwoLayerNet(2, 2, 2)
check.equal(sorted(net_by_hand.params), ["W1", "W2", "b1", "b2"], "the names in params")
net_by_hand.params = {
    "W1": np.array([[1.0, -1.0], [1.0, -1.0]]),
    "b1": np.array([0.0, 1.0]),
    "W2": np.array([[1.0, 0.0], [5.0, 2.0]]),
    "b2": np.array([0.0, 1.0]),
}
x_by_hand = np.array([[1.0, 2.0]])
check.close(net_by_hand.loss(x_by_hand), [[3.0, 1.0]], "scores of the example worked by hand")
loss, grads = net_by_hand.loss(x_by_hand, np.array([1]))
check.close(loss, 2.1269, "its loss", atol=1e-4)
check.equal(sorted(grads), ["W1", "W2", "b1", "b2"], "the names in grads")
check.close(grads["W2"], [[2.6424, -2.6424], [0, 0]], "gradient of W2", atol=1e-4)
check.close(grads["W1"], [[0.8808, 0], [1.7616, 0]], "gradient of W1", atol=1e-4)
check.equal(net_by_hand.predict(x_by_hand), [0], "predict: class 0 has the larger score")

# %% nbgrader={"grade_id": "TwoLayerNet_tests", "grade": true, "points": 26}
# Graded, 26 points: hidden tests of TwoLayerNet run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("TwoLayerNet", globals())
### END HIDDEN TESTS

# %% [markdown]
# One example worked by hand cannot see a forgotten mean or a penalty in the wrong place. A gradient check on several
# examples, with a penalty and with biases that are not zero, can. Run it before you go on.

# %% tags=["skip-execution"]
rng = np.random.default_rng(1)
net = TwoLayerNet(4, 6, 3, weight_scale=0.5, reg=0.3, rng=rng)
X_try, y_try = rng.normal(size=(7, 4)), rng.integers(0, 3, 7)
net.params["b1"], net.params["b2"] = rng.normal(size=6), rng.normal(size=3)
loss, grads = net.loss(X_try, y_try)


def loss_with(name, value):
    """The loss with one of the four parameters replaced."""
    kept, net.params[name] = net.params[name], value
    try:
        return net.loss(X_try, y_try)[0]
    finally:
        net.params[name] = kept


for name in ("W1", "b1", "W2", "b2"):
    check.gradient(lambda value, name=name: loss_with(name, value), net.params[name], grads[name], f"gradient of {name}")

# %% [markdown]
# ## Training
#
# Mini-batch gradient descent as before, in **epochs**: an epoch is one pass over the training set. Shuffle the rows,
# cut them into batches, make one step a batch. Each row is seen exactly once in an epoch, and in another company each
# time. With 1,000 rows and batches of 300 an epoch has four steps, the last with 100 rows.
#
# Three things are written down, to be read afterwards: the loss of every batch, and after every epoch the accuracy on
# the training rows and on the validation rows. And the loop watches out for itself. A run whose loss climbs to three
# times its first value, or to NaN, will not recover by waiting: it is stopped at once. Any comparison with NaN is
# false, `nan > 6.9` too, so ask for NaN separately.
#
# ### Exercise: the training loop
#
# CS231n's solver does the same with two differences: its records have other names (ours are those that the plots of
# this course read), and it hands back the parameters of the best epoch, while ours leaves those of the last step in the
# net.

# %% nbgrader={"grade_id": "train", "solution": true}
def train(net, X, y, X_val, y_val, learning_rate, num_epochs, batch_size, rng, stop_factor=3.0):
    """Train a net by mini-batch gradient descent, and keep a record.

    net: has params (a dict of arrays), loss(X, y) → (loss, grads) and predict(X) → labels. Its params are updated,
        and end as the last step leaves them.
    X: (N, D) examples, y: (N,) labels; X_val, y_val: examples and labels to measure on only.
    Each of the num_epochs epochs goes once through all rows of X in a new random order, drawn with rng (a
    numpy.random.Generator), in batches of batch_size; an epoch's last batch may be smaller. Each batch makes one step
    params[name] - learning_rate * grads[name] for every name.
    A loss that is not finite, or above stop_factor times the first loss of the run, ends the run before its step is
        made.
    Returns a dict:
      "loss": the loss of each batch, taken before its step; the one that ended the run is the last.
      "train_accuracy", "val_accuracy": share of right labels on all of X and of X_val, taken after each complete epoch.
      "stopped": whether the run was ended because of its loss.
    Not to be called: course_utils.nn.
    """
    ### BEGIN SOLUTION: epochs, batches in a new order, loss recorded and checked, one step each; accuracies after each epoch
    history = {"loss": [], "train_accuracy": [], "val_accuracy": [], "stopped": False}
    for _ in range(num_epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = net.loss(X[batch], y[batch])
            history["loss"].append(float(loss))
            if not np.isfinite(loss) or loss > stop_factor * history["loss"][0]:
                history["stopped"] = True
                return history
            for name, grad in grads.items():
                net.params[name] = net.params[name] - learning_rate * grad
        history["train_accuracy"].append(float(np.mean(net.predict(X) == y)))
        history["val_accuracy"].append(float(np.mean(net.predict(X_val) == y_val)))
    return history
    ### END SOLUTION


# %% [markdown] hints="train"
# 1. Two loops: epochs, and inside it batches. `rng.permutation(N)` gives the row numbers in a random order;
#    `range(0, N, batch_size)` gives where batches begin, and a slice that runs past the end is simply shorter.
# 2. In a batch: take these rows of `X` and of `y`, ask `net.loss`, append the loss, decide whether to stop, and only
#    then make the step, for all the names in `grads`. After the inner loop: both accuracies.
# 3. The limit is `stop_factor` times the *first* entry of the list of losses; `np.isfinite` is false for NaN and for
#    infinity. To stop, set `"stopped"` and return from within both loops. Accuracy is the mean of
#    `net.predict(X) == y`.

# %% nbgrader={"grade_id": "train_check", "locked": true}
rng_check = np.random.default_rng(0)
corners = rng_check.choice([-1.0, 1.0], size=(60, 2))
y_corners = (corners[:, 0] != corners[:, 1]).astype(int)  # exclusive or, in the four corners of a square
X_corners = corners + 0.2 * rng_check.normal(size=(60, 2))
net_check = TwoLayerNet(2, 12, 2, weight_scale=0.5, rng=rng_check)
history = train(net_check, X_corners, y_corners, X_corners, y_corners, 0.5, 20, 20, rng_check)
check.equal(len(history["loss"]), 60, "a loss for each of 20 epochs of three batches")
check.equal(len(history["val_accuracy"]), 20, "an accuracy for each epoch")
check.true(history["loss"][-1] < 0.5 * history["loss"][0], "the loss falls", "the last loss is not well below the first")
check.true(not history["stopped"], "the run was not stopped", "history['stopped'] is true, but no loss was too large")

# %% nbgrader={"grade_id": "train_tests", "grade": true, "points": 18}
# Graded, 18 points: hidden tests of train run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("train", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## How many hidden units?
#
# Two moons with fuzzy edges: 60 training points, and 4,000 fresh ones of the same kind to see what a wall is worth.
# More hidden units can draw a wall with more corners: the network has more **capacity**.

# %% tags=["skip-execution"]
def train_on_moons(hidden, reg, seed):
    """A net trained on 60 points of two moons, those points, and the shares right on them and on 4,000 fresh points."""
    rng = np.random.default_rng(seed)
    X, y = two_moons(60, rng)
    X_fresh, y_fresh = two_moons(4000, np.random.default_rng(1000 + seed))
    net = TwoLayerNet(2, hidden, 2, weight_scale=1.0, reg=reg, rng=rng)
    history = train(net, X, y, X_fresh[:1], y_fresh[:1], 0.2, 2000, 30, rng)
    return net, X, y, history["train_accuracy"][-1], float(np.mean(net.predict(X_fresh) == y_fresh))


shown = {}
for hidden in (3, 6, 20):
    net, X_60, y_60, seen, fresh = train_on_moons(hidden, 0.0, seed=3)
    shown[f"{hidden} hidden units\nseen {seen:.2f}, fresh {fresh:.2f}"] = net.predict
plots.boundary_panels(shown, X_60, y_60, title="More hidden units: more corners, around single points in the end");

# %% [markdown]
# Above each panel stands the share of right answers on the points seen and on fresh ones. Twenty units find room for
# nearly every single point, and walk around outliers that the next sample will not have. That is **overfitting**. It
# suggests an easy remedy: use fewer units. Resist it. A small network is not only weaker, it is harder to train: its
# loss has few good minima and many poor ones, so that the result depends on the luck of the start. Large networks reach
# about the same low loss from nearly every start. The better knob is the penalty, which lets a large network be smooth.

# %% tags=["skip-execution"]
shown = {}
for reg in (0.001, 0.01, 0.1):
    net, X_60, y_60, seen, fresh = train_on_moons(20, reg, seed=3)
    shown[f"reg = {reg}\nseen {seen:.2f}, fresh {fresh:.2f}"] = net.predict
plots.boundary_panels(shown, X_60, y_60, title="Twenty hidden units with a growing penalty: smooth, then too smooth");

# %% [markdown]
# One sample of 60 points proves little. The same on five samples, each with a start of its own:

# %% tags=["skip-execution"]
table = {}
print("                  points seen            fresh points")
for hidden, reg in ((3, 0.0), (6, 0.0), (20, 0.0), (20, 0.01), (20, 0.1)):
    seen, fresh = np.array([train_on_moons(hidden, reg, seed)[3:] for seed in range(5)]).T
    table[hidden, reg] = seen.mean(), fresh.mean(), np.ptp(fresh)
    seen_text, fresh_text = (f"{v.mean():.3f} ({v.min():.2f}–{v.max():.2f})" for v in (seen, fresh))
    print(f"{hidden:2d} units, reg {reg:4.2f}  {seen_text}    {fresh_text}")
check.between(table[20, 0.0][0], 0.94, 1.0, "20 units without a penalty: nearly all of the points seen")
check.between(table[20, 0.01][1] - table[20, 0.0][1], 0.005, 0.04, "gain on fresh points: 20 units, reg 0.01 over reg 0")
check.between(table[20, 0.01][1] - table[3, 0.0][1], 0.005, 0.06, "gain on fresh points: 20 units, reg 0.01 over 3 units")
check.between(table[20, 0.1][1] - table[20, 0.0][1], -0.04, 0.0, "gain on fresh points: 20 units, reg 0.1 over reg 0")
check.between(table[20, 0.01][2] / table[3, 0.0][2], 0.0, 0.6, "spread over the samples: 20 units, reg 0.01 to 3 units")

# %% [markdown]
# Expect .94 to 1 of the points seen for twenty units without a penalty, and, on fresh points, half a point to four
# points more with `reg` = .01 than without, and half a point to six points more than three units get. The differences
# are small because these moons overlap: nobody gets more than about nine of ten fresh points right. Compare the spread
# as well: three units end anywhere between .80 and .88, twenty with `reg` = .01 between .86 and .88. And `reg` = .1 is
# too much: the wall is nearly straight again, and worth less than no penalty at all. So: **regularise rather than
# shrink**, and do not overdo it. Take a network as large as you can afford, and choose the penalty on validation data.
#
# ## Before a long run
#
# Images take seconds or days where points in a plane take no time, and most bugs do not crash: they only make the
# result a little worse. So one goes step by step, from checks that cost nothing to runs that cost much, and does not go
# on before a step gives what it should. We follow that order with 50 hidden units on pixels from 0 to 255 *minus the
# mean image*, not scaled. (A pixel's standard deviation is then about 60. On such large inputs the good learning rates
# are small numbers; divided by 64, the same network would want other ones. A learning rate means nothing without the
# scale of its inputs.)

# %% tags=["skip-execution"]
from course_utils.data import flatten, load_dataset

data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
N_TRAIN = 5000
mean_image = flatten(data.train_images[:N_TRAIN]).mean(axis=0, dtype=np.float64).astype(np.float32)
X_train, X_val, X_test = (
    flatten(images).astype(np.float32) - mean_image
    for images in (data.train_images[:N_TRAIN], data.val_images, data.test_images)
)
y_train, y_val, y_test = data.train_labels[:N_TRAIN], data.val_labels, data.test_labels
D, C = X_train.shape[1], len(data.class_names)


def new_net(hidden=50, weight_scale=1e-4, reg=0.0, seed=0):
    """A net for images in float32, which halves the time of every matrix product."""
    net = TwoLayerNet(D, hidden, C, weight_scale, float(reg), np.random.default_rng(seed))
    net.params = {name: value.astype(np.float32) for name, value in net.params.items()}
    return net


print(f"train {X_train.shape}, validation {X_val.shape}, test {X_test.shape}, standard deviation {X_train.std():.0f}")

# %% [markdown]
# ### Step 1: is the first loss what it should be?
#
# With tiny weights all scores are near 0, each class gets probability $1/C$, and the data loss is $\log C$: 2.3026 for
# ten classes. Any other number is a bug or a weight scale that is too large. Then switch the penalty on: the loss must
# rise by exactly $\frac12 \lambda (\sum W_1^2 + \sum W_2^2)$.
#
# **By hand.** With weight scale $10^{-4}$ a squared weight is $10^{-8}$ on average. $W_1$ has
# $3072 \cdot 50 = 153{,}600$ weights and $W_2$ has 500, so the squares add up to about
# $154{,}100 \cdot 10^{-8} = 0.001541$. With $\lambda = 1000$ the penalty is $500 \cdot 0.001541 = 0.77$, and the first
# loss should be $2.30 + 0.77 = 3.07$.
#
# ### Exercise: the first loss and what to expect

# %% nbgrader={"grade_id": "check_initial_loss", "solution": true}
def check_initial_loss(net, X, y):
    """The loss of a net that has not been trained, and the loss to expect of it.

    net: as made by TwoLayerNet: has params, reg, and loss(X, y) → (loss, grads). It is left as it is.
    X: (N, D) examples.  y: (N,) labels; not every class need occur among them.
    Returns (loss, expected), two numbers: the net's own loss on all of X, penalty included; and what it would be if all
    scores were equal: the softmax loss of a guess among the net's classes, plus the penalty of its weights.
    """
    ### BEGIN SOLUTION: ask the net for its loss; work out log C for its number of classes plus its penalty; return both
    loss, _ = net.loss(X, y)
    num_classes = len(net.params["b2"])
    squares = np.sum(net.params["W1"] ** 2) + np.sum(net.params["W2"] ** 2)
    return float(loss), float(np.log(num_classes) + 0.5 * net.reg * squares)
    ### END SOLUTION


# %% [markdown] hints="check_initial_loss"
# 1. `net.loss(X, y)` returns two things; the first is the loss. The second result of your function is computed from
#    `net.params` and `net.reg` alone.
# 2. The number of classes stands in the shapes of the net's parameters. It cannot be read off `y`, in which a class may
#    be missing.
# 3. The natural logarithm of the number of classes (`np.log`), plus half of `net.reg` times the sum of the squares of
#    both weight matrices. Biases have no part in it.

# %% nbgrader={"grade_id": "check_initial_loss_check", "locked": true}
net_check = TwoLayerNet(5, 4, 10, weight_scale=1e-4)
loss, expected = check_initial_loss(net_check, np.eye(5), np.arange(5))
check.close(expected, 2.302585, "expected without a penalty: log 10", atol=1e-5)
check.close(loss, expected, "a net with tiny weights has the loss that is expected", atol=1e-5)

# %% nbgrader={"grade_id": "check_initial_loss_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of check_initial_loss run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("check_initial_loss", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
for reg in (0.0, 1e3):
    loss, expected = check_initial_loss(new_net(reg=reg), X_train[:1000], y_train[:1000])
    print(f"reg = {reg:6.1f}: loss {loss:.4f}, expected {expected:.4f}")
    if reg == 0.0:
        check.between(loss, 2.3025, 2.3027, "first loss without a penalty: log 10")
    else:
        check.between(loss, 3.06, 3.09, "first loss with reg = 1000")

# %% [markdown]
# ### Step 2: can it learn twenty examples by heart?
#
# A network with 154,160 numbers to choose must be able to get 20 images right, all of them, with a loss close to 0.
# That says nothing about new images. But if it does *not* happen, then there is a bug in the gradient, in the update or
# in the data, and it is a matter of seconds to find out. Switch the penalty off for this, as it would hold the loss up.
#
# ### Exercise: overfit twenty examples

# %% nbgrader={"grade_id": "overfit_tiny", "solution": true}
def overfit_tiny(net, X, y, num_examples=20, learning_rate=1e-3, num_steps=200):
    """Train on a few examples until the net knows them by heart.

    net: as made by TwoLayerNet: has params, reg, loss and predict. Its params are updated. The penalty is switched off
        (net.reg = 0) while it trains, and net.reg holds what it held before when the function returns.
    X: (N, D), y: (N,): the first num_examples rows are used, the others not.
    Each of the num_steps steps uses all of these rows at once: params[name] - learning_rate * grads[name] for every
        name.
    Returns a dict of two lists, one entry a step: "loss", taken before the step, and "train_accuracy", the share of
    right labels among the few examples after the step.
    Not to be called: course_utils.nn.
    """
    ### BEGIN SOLUTION: take the first rows, switch the penalty off, make num_steps steps with a record, switch it on again
    X, y = X[:num_examples], y[:num_examples]
    history = {"loss": [], "train_accuracy": []}
    reg, net.reg = net.reg, 0.0
    for _ in range(num_steps):
        loss, grads = net.loss(X, y)
        for name, grad in grads.items():
            net.params[name] = net.params[name] - learning_rate * grad
        history["loss"].append(float(loss))
        history["train_accuracy"].append(float(np.mean(net.predict(X) == y)))
    net.reg = reg
    return history
    ### END SOLUTION


# %% [markdown] hints="overfit_tiny"
# 1. This is the inner part of `train` without shuffling or batches: the same few rows in every step. Cut `X` and `y`
#    once, before the loop.
# 2. Remember `net.reg` in a variable, set it to 0, and put it back after the loop.
# 3. In each step: loss and gradients; the update of all four parameters; then append the loss and the mean of
#    `net.predict(X) == y`, where `X` and `y` are the few rows.

# %% nbgrader={"grade_id": "overfit_tiny_check", "locked": true}
rng_check = np.random.default_rng(0)
X_few, y_few = rng_check.normal(size=(20, 15)), rng_check.integers(0, 3, size=20)
net_check = TwoLayerNet(15, 30, 3, weight_scale=0.3, rng=rng_check)
history = overfit_tiny(net_check, X_few, y_few, learning_rate=0.3, num_steps=150)
check.equal(len(history["loss"]), 150, "a loss for each step")
check.close(history["train_accuracy"][-1], 1.0, "twenty examples with labels drawn at random, all learned")

# %% nbgrader={"grade_id": "overfit_tiny_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of overfit_tiny run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("overfit_tiny", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
history = overfit_tiny(new_net(), X_train, y_train, num_steps=250)
for step in (0, 20, 50, 100, 200, 249):
    print(f"step {step:3d}: loss {history['loss'][step]:.4f}, accuracy {history['train_accuracy'][step]:.2f}")
if data.stated_ranges_hold:
    check.close(history["train_accuracy"][-1], 1.0, "twenty images, all right")
    passed = next(step for step, loss in enumerate(history["loss"]) if loss < 0.003)
    check.between(passed, 200, 240, "the step at which the loss passes .003")
plots.loss_curves({"20 images, no penalty": history["loss"]}, log=True, title="Twenty images learned by heart");

# %% [markdown]
# The loss starts at 2.3026, waits for some ten steps, falls, and passes .003 after 200 to 240 of them, all images right
# long before. The wait is a matter of the tiny weights: with $W_2$ near 0 hardly any gradient reaches $W_1$, and with
# $W_1$ near 0 hardly any reaches $W_2$. Each must grow a little for the other to grow. We shall meet the same wait in a
# long run.
#
# ### Step 3: a learning rate that makes the loss go down
#
# Now all 5,000 images, a small penalty, and a guess at the learning rate. Three guesses, each wrong in its own way.
# First $10^{-6}$, for ten epochs of 500 small steps:

# %% tags=["skip-execution"]
slow = train(new_net(reg=1e-6), X_train, y_train, X_val, y_val, 1e-6, 10, 10, np.random.default_rng(10))
print(f"mean loss of the first epoch {np.mean(slow['loss'][:500]):.5f}, of the last {np.mean(slow['loss'][-500:]):.5f}")
print("validation accuracy:", " ".join(f"{accuracy:.3f}" for accuracy in slow["val_accuracy"]))
if data.stated_ranges_hold:
    fall = np.mean(slow["loss"][:500]) - np.mean(slow["loss"][-500:])
    check.between(fall, -0.0002, 0.0002, "the loss has not moved")
    check.between(slow["val_accuracy"][-1] - slow["val_accuracy"][0], 0.02, 0.08, "but accuracy has risen")

# %% [markdown]
# After 5,000 steps the loss has not moved by more than .0002, while accuracy on validation images has risen by two to
# eight percentage points and goes on rising. A loss that does not move says that the learning rate is too low. But how
# can accuracy climb, if the loss does not? One of the two written questions at the end asks you to explain it.
#
# Next $10^6$, for the fun of it, and then the reasonable $3 \cdot 10^{-3}$:

# %% tags=["skip-execution"]
runs = {}
for learning_rate in (1e6, 3e-3):
    with np.errstate(all="ignore"):  # overflow is what we came to see
        runs[learning_rate] = train(
            new_net(reg=1e-6), X_train, y_train, X_val, y_val, learning_rate, 2, 50, np.random.default_rng(10), np.inf
        )
    losses = runs[learning_rate]["loss"]
    late = next((t for t, loss in enumerate(losses) if not loss <= 3 * losses[0]), "none")
    print(f"learning rate {learning_rate:g}: first losses " + ", ".join(f"{loss:.3g}" for loss in losses[:4]))
    print(f"    above three times its start at step {late}, at the end {losses[-1]:.3g}, largest {np.nanmax(losses):.3g}")
if data.stated_ranges_hold:
    check.true(runs[1e6]["stopped"], "at 10^6 the loss stops being a number", "the losses at 10^6 stayed finite")
    check.between(len(runs[1e6]["loss"]), 2, 5, "losses written down at 10^6")
    check.between(late, 40, 120, "the step at which a run at 0.003 is above three times its start")

# %% [markdown]
# The first overshoots so far that within four steps the numbers leave the range of `float32` and the loss is NaN. The
# second looks well for some dozens of steps; then one step lands in a steeper place, where the same learning rate is
# too large, the next gradient is larger still, and the loss grows without end. Both runs were made with `stop_factor`
# set to infinity to show this. By default `train` ends such a run when the loss is three times its start, which these
# two reach at step 1 and after some 40 to 120 steps.
#
# So the useful range lies between $10^{-6}$ and $3 \cdot 10^{-3}$: three orders of magnitude, found in a few seconds.
# Before we search in it, two instruments.
#
# ### How large is a step?
#
# A learning rate by itself says little. Compare instead how far a step moves a parameter with how large that parameter
# is:
#
# $$ \text{ratio} = \frac{\lVert \eta\, \delta W \rVert}{\lVert W \rVert}, \qquad \lVert W \rVert = \sqrt{\textstyle\sum W_{dh}^2} . $$
#
# A ratio of about $10^{-3}$ is a good sign: each step changes the weights in the third digit. Far below, and training
# crawls; far above, and each step throws away part of what the last ones learned.
#
# **By hand.** Weights of size 0.02 and a step that moves each by 0.0002: the ratio is $0.0002 / 0.02 = 0.01$, ten times
# what one would like. Not a catastrophe, but try a smaller learning rate.
#
# ### Exercise: the ratio of update to weight

# %% nbgrader={"grade_id": "update_to_weight_ratio", "solution": true}
def update_to_weight_ratio(param, update):
    """Length of an update divided by the length of the parameter that it changes.

    param, update: arrays of one shape, any number of dimensions; update is the step itself, learning rate included, and
        param is taken before it. The length of an array is the root of the sum of the squares of all its entries.
    Returns one number. An update of zeros gives 0.0, whatever param is; otherwise a param of zeros gives infinity.
    """
    ### BEGIN SOLUTION: divide the length of update by the length of param, and treat parameters of zeros as the docstring says
    step, size = np.linalg.norm(np.ravel(update)), np.linalg.norm(np.ravel(param))
    if step == 0:
        return 0.0
    return float(step / size) if size > 0 else float("inf")
    ### END SOLUTION


# %% [markdown] hints="update_to_weight_ratio"
# 1. The same formula twice, over all entries of an array whatever its shape, and one division.
# 2. `np.linalg.norm` of an array, of whatever shape, is the length wanted as long as neither an order nor an axis is
#    given. Without it: the squares, their sum, the root.
# 3. Biases start at zero, so the second length can be 0. Decide by cases before you divide: first the update of zeros,
#    then the parameter of zeros.

# %% nbgrader={"grade_id": "update_to_weight_ratio_check", "locked": true}
check.close(update_to_weight_ratio(np.full((3, 2), 0.02), np.full((3, 2), -0.0002)), 0.01, "the example worked by hand")

# %% nbgrader={"grade_id": "update_to_weight_ratio_tests", "grade": true, "points": 5}
# Graded, 5 points: hidden tests of update_to_weight_ratio run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("update_to_weight_ratio", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
ratios, reached = {}, {}
print("after two epochs:  learning rate   ratio of W1   ratio of W2   validation accuracy")
for learning_rate in (1e-5, 1e-4, 1e-3, 4e-3):
    net = new_net(weight_scale=1e-3, reg=0.1)
    history = train(net, X_train, y_train, X_val, y_val, learning_rate, 2, 100, np.random.default_rng(1), np.inf)
    _, grads = net.loss(X_train[:100], y_train[:100])
    ratios[learning_rate] = [
        update_to_weight_ratio(net.params[name], learning_rate * grads[name]) for name in ("W1", "W2")
    ]
    one, two = ratios[learning_rate]
    reached[learning_rate] = history["val_accuracy"][-1]
    print(f"{learning_rate:32g}   {one:11.1e}   {two:11.1e}   {reached[learning_rate]:.3f}")
if data.stated_ranges_hold:
    check.between(ratios[1e-5][0], 2e-5, 1e-4, "ratio of W1 at 0.00001")
    check.between(ratios[1e-4][0], 2e-4, 1.2e-3, "ratio of W1 at 0.0001")
    check.between(ratios[1e-3][0], 0.008, 0.06, "ratio of W1 at 0.001")
    check.between(ratios[4e-3][0], 0.8, 5.0, "ratio of W1 at 0.004: about all of W1 in one step")
    check.equal(max(reached, key=reached.get), 1e-3, "the learning rate that got furthest in two epochs")

# %% [markdown]
# At $10^{-5}$ a step changes $W_1$ in the fifth digit, and accuracy is hardly better than a guess. At $10^{-4}$ the
# ratio is about half of the $10^{-3}$ that one wants, and training moves. At $10^{-3}$ it is about .02, and this net
# learns fastest of the four: it began with tiny weights that have to grow many times over, and early in training larger
# steps do no harm. At $4 \cdot 10^{-3}$ each step is as long as $W_1$ itself, or longer. Nothing learned can survive
# that. So the rule of $10^{-3}$ is a rule of thumb, good to a factor of ten or so to either side; what it catches is
# being wrong by a factor of a hundred.
#
# ### Reading a history
#
# Most of what goes wrong shows in two pictures: the loss of the batches, and training and validation accuracy.
#
# - The loss **grows**, or is NaN: the learning rate is too high (or a gradient is wrong).
# - The loss falls **slowly and along a straight line**: the learning rate is too low.
# - It stays **flat and then drops**: the start is to blame. The weights are so small (or so badly placed) that hardly
#   any gradient flows until they have grown.
# - Training accuracy runs far **ahead of validation accuracy**: overfitting. More penalty, more data.
# - The two stay **together and low**: underfitting. The model is too small, too penalised, or not yet trained.
#
# ### Exercise: diagnose a history
#
# Put it into code, with thresholds that anyone may quarrel with. They are meant as a first word, not the last.

# %% nbgrader={"grade_id": "diagnose", "solution": true}
def diagnose(history):
    """A first word on how a training run went.

    history: a dict as train returns it: "loss", at least 10 numbers; "train_accuracy" and "val_accuracy", which may be
        empty in a run that diverged, and only there.
    Let start be the first loss, end the mean of the last tenth of the losses (rounded up or down, at least one), and
    take the last entry of each accuracy. Returns the first of these that applies:
      "diverging"              a loss is not finite or is above 3 times start, or end is above 1.1 times start
      "learning rate too low"  end is above 0.9 times start
      "overfitting"            training accuracy is more than 0.15 above validation accuracy
      "underfitting"           training accuracy is below 0.6
      "healthy"                otherwise
    """
    ### BEGIN SOLUTION: compare the losses, then the accuracies, with the thresholds of the docstring, in its order
    loss = np.asarray(history["loss"], dtype=float)
    start, end = loss[0], np.mean(loss[-max(1, len(loss) // 10) :])
    if not np.all(np.isfinite(loss)) or np.any(loss > 3 * start) or end > 1.1 * start:
        return "diverging"
    if end > 0.9 * start:
        return "learning rate too low"
    train_accuracy, val_accuracy = history["train_accuracy"][-1], history["val_accuracy"][-1]
    if train_accuracy - val_accuracy > 0.15:
        return "overfitting"
    return "underfitting" if train_accuracy < 0.6 else "healthy"
    ### END SOLUTION


# %% [markdown] hints="diagnose"
# 1. Five cases in the order of the docstring, each with its own `return`: what comes later may rely on the earlier ones
#    not applying. Do not touch the accuracies before you know that the run did not diverge.
# 2. Make an array of the losses. *All* of them are asked whether they are finite and whether they are above three times
#    the first one.
# 3. The last tenth of n losses is `loss[-(n // 10):]`; its mean is steadier than the last loss alone. The gap has a
#    sign: training minus validation.

# %% nbgrader={"grade_id": "diagnose_check", "locked": true}
good = {"loss": list(np.linspace(2.3, 0.5, 40)), "stopped": False}
good |= {"train_accuracy": [0.3, 0.8], "val_accuracy": [0.3, 0.75]}
check.equal(diagnose(good), "healthy", "a loss that falls, accuracies that rise together")
check.equal(diagnose(good | {"train_accuracy": [0.3, 0.99]}), "overfitting", "training accuracy far ahead")
check.equal(diagnose(good | {"loss": [2.3] * 39 + [float("inf")]}), "diverging", "a loss that ends at infinity")

# %% nbgrader={"grade_id": "diagnose_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of diagnose run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("diagnose", globals())
### END HIDDEN TESTS

# %% [markdown]
# Six runs on images, the same but for learning rate, penalty, weight scale and number of epochs:

# %% tags=["skip-execution"]
settings = {  # learning rate, reg, weight scale, epochs
    "rate .003": (3e-3, 0.1, 1e-4, 10),
    "rate .00001": (1e-5, 0.1, 1e-3, 10),
    "rate .001": (1e-3, 0.1, 1e-3, 16),
    "reg 30": (3e-4, 30.0, 1e-3, 10),
    "rate .0003": (3e-4, 0.1, 1e-3, 12),
    "scale .0001": (3e-4, 0.1, 1e-4, 12),
}
runs = {
    label: train(
        new_net(weight_scale=scale, reg=reg), X_train, y_train, X_val, y_val, rate, epochs, 100, np.random.default_rng(10)
    )
    for label, (rate, reg, scale, epochs) in settings.items()
}
diagnoses = {label: diagnose(history) for label, history in runs.items()}
for label, said in diagnoses.items():
    print(f"{label:12s} {said:22s} validation accuracy {runs[label]['val_accuracy'][-1]:.3f}")
if data.stated_ranges_hold:
    wanted = ["diverging", "learning rate too low", "overfitting", "underfitting", "healthy"]
    check.equal(list(diagnoses.values()), [*wanted, "underfitting"], "what diagnose says of the six runs")
plots.learning_curves(runs, title="Six runs, five diagnoses: the last run only started late", diagnosis=diagnoses);

# %% [markdown]
# Read them from left to right. **Diverging**: the loss falls at first, unsteadily; within the first few epochs it
# shoots up, and the run is stopped. **Too low**: ten epochs, and the loss has hardly moved. **Overfitting**: training
# accuracy goes on towards 1, validation accuracy stays where it was after half of the time. **Underfitting**: a penalty
# of 30 leaves no room for anything else, and both accuracies stay low together. **Healthy**: both rise, one a little
# above the other. It has not ended, and it has a lower validation accuracy than the overfitting run: healthy means that
# nothing is broken, not that nothing is left to gain.
#
# The sixth differs from the fifth in its start only, a weight scale of $10^{-4}$ instead of $10^{-3}$. Its loss lies
# flat for the first hundred or two hundred steps and then drops: the plateau that you saw with twenty images. Our
# function calls it underfitting, which is true, but not the cause. Numbers are a first word; look at the curve.
#
# ## Searching for hyperparameters
#
# Learning rate and penalty work together, their best values are not known within orders of magnitude, and each try
# costs a training run. Three rules make the best of it.
#
# **Draw exponents, not numbers.** The step from 0.001 to 0.002 matters as much as that from 0.1 to 0.2. A learning rate
# between $10^{-6}$ and $10^{-3}$ is drawn as $10^u$ with $u$ uniform in $(-6, -3)$: a third of the tries falls in each
# decade. Uniform numbers in $(10^{-6}, 10^{-3})$ would put 90 % of the tries in the last decade.
#
# **Random beats grid.** Usually one hyperparameter matters much more than another, and one does not know which. Nine
# tries on a $3 \times 3$ grid look at three values of each. Nine random tries look at nine.

# %% tags=["skip-execution"]
def score_of(rate_exponent, reg_exponent):
    """A made-up score of a run: the learning rate matters, the penalty hardly does."""
    return np.exp(-((rate_exponent + 3.3) ** 2) / 0.3) - 0.01 * (reg_exponent + 1) ** 2


rng = np.random.default_rng(0)
centre = rng.uniform(-5.5, -3.5, size=2000) + 3.3  # 2,000 problems: the peak lies somewhere else in each
edges = (np.arange(3) + 0.5) / 3
grid = score_of(np.repeat(-6 + 3 * edges, 3) - centre[:, np.newaxis], np.tile(-4 + 5 * edges, 3)).max(axis=1)
random = score_of(rng.uniform(-6, -3, (2000, 9)) - centre[:, np.newaxis], rng.uniform(-4, 1, (2000, 9))).max(axis=1)
print(f"best of nine tries, mean over 2,000 problems: grid {grid.mean():.3f}, random {random.mean():.3f}")
print(f"random search did better in {np.mean(random > grid):.0%} of them")
check.between(random.mean() - grid.mean(), 0.05, 0.15, "what random search gains")
check.between(np.mean(random > grid), 0.6, 0.7, "share of the problems in which it does better")

# %% [markdown]
# Random search gains about .1 in the mean and does better in about two of three problems: its nine learning rates leave
# smaller holes than the grid's three. The advantage grows with the number of hyperparameters that turn out not to
# matter.
#
# **From coarse to fine.** First many short runs over wide ranges, to see where nothing works; then fewer, longer ones
# where it does. A run whose loss explodes tells all it has to tell in its first seconds, and `train` stops it.
#
# ### Exercise: numbers spread evenly in the logarithm

# %% nbgrader={"grade_id": "sample_log_uniform", "solution": true}
def sample_log_uniform(low, high, size, rng):
    """Random numbers between low and high whose logarithms are spread evenly.

    low, high: 0 < low <= high.  size: how many, or a shape such as (3, 4).  rng: numpy.random.Generator for all draws.
    Returns a float array of that size, in the order drawn.
    Raises ValueError if low is not positive or high is below low.
    Not to be called: scipy.
    """
    ### BEGIN SOLUTION: refuse impossible ranges, draw exponents uniformly between those of low and high, return the powers
    if not 0 < low <= high:
        raise ValueError(f"low and high must be positive, and low not above high; got {low} and {high}")
    return 10 ** rng.uniform(np.log10(low), np.log10(high), size)
    ### END SOLUTION


# %% [markdown] hints="sample_log_uniform"
# 1. Draw exponents evenly, then raise the base to them. The exponents lie between the logarithms of `low` and `high`.
# 2. `rng.uniform(a, b, size)` gives numbers between a and b in the shape wanted. Logarithm and power need the same
#    base, whichever you take.
# 3. Check the arguments first: three conditions in one comparison chain, `0 < low <= high`, and `raise ValueError(...)`
#    with both numbers in the message when it does not hold.

# %% nbgrader={"grade_id": "sample_log_uniform_check", "locked": true}
rates = sample_log_uniform(1e-6, 1e-3, 1000, np.random.default_rng(0))
check.shape(rates, (1000,), "a thousand numbers")
check.true(np.all((rates >= 1e-6) & (rates <= 1e-3)), "all of them in the range", "a number lies below 1e-6 or above 1e-3")
check.raises(ValueError, lambda: sample_log_uniform(0.0, 1.0, 3, np.random.default_rng(0)), "zero has no logarithm")

# %% nbgrader={"grade_id": "sample_log_uniform_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of sample_log_uniform run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("sample_log_uniform", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: the search
#
# The search does not know what it tunes: it is handed a function that trains, and the ranges by name. It returns the
# best values, a record of every try, and a **warning**: the names whose best value lies near an end of its range. A
# best value at the edge is not a result. It says that the range was wrong, because the true best may lie beyond.
#
# **By hand.** A learning rate of $7 \cdot 10^{-4}$ in the range from $10^{-6}$ to $10^{-3}$:
# $\log_{10}(7 \cdot 10^{-4}) = -3.15$, which is $2.85$ of the $3$ decades from the lower end, or .95 of the way. That
# is in the outer tenth, so it is named. $10^{-4}$ is at .67 of the way and is not.

# %% nbgrader={"grade_id": "search_net", "solution": true}
def search_net(train_fn, ranges, num_tries, rng):
    """Random search for hyperparameters, evenly in the logarithm of each, that does not count runs that exploded.

    train_fn: called once a try as train_fn(**values), values being a dict {name: number} with a plain float for each
        name in ranges. It trains a new net and returns a history as train does.
    ranges: {name: (low, high)}, positive numbers with low < high.  num_tries: how many tries.
    rng: numpy.random.Generator for all draws. Every value is drawn anew in every try, each independently of the others.
    The score of a try is the last entry of its history["val_accuracy"], or 0.0 if its history["stopped"] is true.
    Returns (best, results, at_edge):
      best: the values of the try with the highest score; None if every run was stopped.
      results: a list of pairs (values, score), one a try, in the order of the tries.
      at_edge: a list of the names whose best value lies in the outer tenth of its range at either end, distances
        measured in the logarithm. Empty if best is None.
    """
    ### BEGIN SOLUTION: draw values, train, score; then find the best try and the names whose best value is near an end
    results, best, best_score = [], None, -1.0
    for _ in range(num_tries):
        values = {name: float(sample_log_uniform(low, high, 1, rng)[0]) for name, (low, high) in ranges.items()}
        history = train_fn(**values)
        score = 0.0 if history["stopped"] else float(history["val_accuracy"][-1])
        results.append((values, score))
        if not history["stopped"] and score > best_score:
            best, best_score = values, score
    if best is None:
        return None, results, []
    at_edge = []
    for name, (low, high) in ranges.items():
        place = np.log(best[name] / low) / np.log(high / low)
        if place < 0.1 or place > 0.9:
            at_edge.append(name)
    return best, results, at_edge
    ### END SOLUTION


# %% [markdown] hints="search_net"
# 1. One loop over the tries: a dict of values, one draw a name; a call `train_fn(**values)`; a score; an entry in
#    `results`. Keep the best values and score as you go, and only runs that were not stopped may become best.
# 2. A history of a stopped run may have no accuracy at all: look at `"stopped"` first. Start from a best score below
#    zero, or from `best = None`.
# 3. Where a value lies in its range: the logarithm of value / low divided by the logarithm of high / low, a number from
#    0 to 1. Below 0.1 or above 0.9, the name goes into `at_edge`.

# %% nbgrader={"grade_id": "search_net_check", "locked": true}
def pretended_run(learning_rate, reg):
    """A history whose accuracy is best where the learning rate is highest; above 0.05 the run explodes."""
    accuracies = [0.1, learning_rate * 10]
    return {"train_accuracy": accuracies, "val_accuracy": accuracies, "stopped": learning_rate > 0.05}


wide = {"learning_rate": (1e-4, 1e-1), "reg": (1e-3, 1.0)}
best, results, _ = search_net(pretended_run, wide, 40, np.random.default_rng(0))
check.equal(len(results), 40, "a result for each try")
check.true(
    best["learning_rate"] <= 0.05,
    "a run that exploded is not the best",
    "the best learning rate belongs to a stopped run",
)
low = {"learning_rate": (1e-4, 1e-2), "reg": (1e-3, 1.0)}
at_edge = search_net(pretended_run, low, 200, np.random.default_rng(0))[2]
check.true(isinstance(at_edge, (list, tuple)), "at_edge is a list", "at_edge should be a list of names")
check.true(
    "learning_rate" in at_edge,
    "a warning: the best rate is at an edge",
    "the best learning rate is near its upper end, but at_edge does not name it",
)

# %% nbgrader={"grade_id": "search_net_tests", "grade": true, "points": 11}
# Graded, 11 points: hidden tests of search_net run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("search_net", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### From coarse to fine, on images
#
# Thirty short runs on 2,000 images, over the wide ranges that the three guesses left us with.

# %% tags=["skip-execution"]
def short_run(learning_rate, reg):
    """Five epochs on 2,000 training images, judged on 1,000 validation images."""
    net, rng = new_net(weight_scale=1e-3, reg=reg), np.random.default_rng(1)
    return train(net, X_train[:2000], y_train[:2000], X_val[:1000], y_val[:1000], learning_rate, 5, 50, rng)


def search_and_show(ranges, num_tries, seed, title):
    best, results, at_edge = search_net(short_run, ranges, num_tries, np.random.default_rng(seed))
    for values, score in sorted(results, key=lambda entry: -entry[1])[:5]:
        print(f"accuracy {score:.3f}  learning rate {values['learning_rate']:.1e}  reg {values['reg']:.1e}")
    print(f"stopped: {sum(score == 0 for _, score in results)} of {num_tries}")
    print("best values near an end of their range:", ", ".join(at_edge) or "none")
    rates, regs = ([values[name] for values, _ in results] for name in ("learning_rate", "reg"))
    scores = [score if score > 0 else np.nan for _, score in results]
    plots.search_scatter(rates, regs, scores, "learning rate", "reg", title, label="validation accuracy")
    return best, results, at_edge


coarse, coarse_results, coarse_edge = search_and_show(
    {"learning_rate": (1e-6, 1e-3), "reg": (1e-5, 1e5)}, 30, 0, "Coarse: only the highest learning rates get anywhere"
)
if data.stated_ranges_hold:
    check.between(max(score for _, score in coarse_results), 0.45, 0.55, "the best of the coarse search")
    check.true("learning_rate" in coarse_edge, "the best learning rate is at an edge", "it is not at an edge")

# %% [markdown]
# Three decades of learning rates and ten of penalties in a few seconds. The best of thirty is right on .45 to .55 of
# the validation images, and the picture is plain: below $10^{-4}$ five epochs lead nowhere, and none of the tries with
# a `reg` above 100 learned anything to speak of. Among weaker penalties the learning rate decides nearly alone.
#
# And the warning: the best learning rates crowd at the *upper end* of the range. With the draws of this run the best is
# named as lying in the outer tenth; with others it may just miss the line, and the figure says the same. The range was
# chosen too low. (We did know that $3 \cdot 10^{-3}$ explodes, but not what lies between.) So the fine search moves up
# and gets narrower.

# %% tags=["skip-execution"]
fine, fine_results, fine_edge = search_and_show(
    {"learning_rate": (1e-4, 1e-2), "reg": (1e-4, 1e1)}, 24, 3, "Fine: the best rates near 0.001, explosions to the right"
)
if data.stated_ranges_hold:
    check.between(max(score for _, score in fine_results), 0.52, 0.6, "the best of the fine search")
    check.true("learning_rate" not in fine_edge, "the best learning rate is not at an edge", "it is at an edge")

# %% [markdown]
# The best rate lies inside the range now, with explosions to the right of it; the best accuracy is .52 to .60, a few
# points more than before. The penalty still hardly matters below 1 or so, as one may expect of five epochs on 2,000
# images: nothing has been overfitted yet.
#
# ### The best net
#
# A long run on all 5,000 images, at half the rate that was best for a short one, because a longer run can afford
# smaller steps and is more likely to meet a steep place. For comparison also fewer and more hidden units, and a
# stronger penalty.

# %% tags=["skip-execution"]
nets, histories, test_accuracy = {}, {}, {}
for hidden, reg in ((10, 1.0), (50, 1.0), (50, 10.0), (100, 1.0)):
    label = f"{hidden} units, reg {reg:g}"
    nets[label] = new_net(hidden, weight_scale=1e-3, reg=reg)
    histories[label] = train(nets[label], X_train, y_train, X_val, y_val, 5e-4, 25, 100, np.random.default_rng(1))
    test_accuracy[label] = float(np.mean(nets[label].predict(X_test) == y_test))
    seen, unseen = histories[label]["train_accuracy"][-1], histories[label]["val_accuracy"][-1]
    print(f"{label:18s} train {seen:.3f}  validation {unseen:.3f}  test {test_accuracy[label]:.3f}")

with_ones = [np.hstack([X / 64, np.ones((len(X), 1), np.float32)]) for X in (X_train, X_test)]
linear_W = nn.train_softmax(with_ones[0], y_train, learning_rate=5e-3, reg=0.03)
test_accuracy["linear"] = float(np.mean(np.argmax(with_ones[1] @ linear_W, axis=1) == y_test))
print(f"{'linear':49s} test {test_accuracy['linear']:.3f}")
if data.stated_ranges_hold:
    check.between(test_accuracy["linear"], 0.54, 0.60, "linear classifier")
    check.between(test_accuracy["10 units, reg 1"], 0.54, 0.61, "10 hidden units")
    check.between(test_accuracy["50 units, reg 10"], 0.57, 0.63, "50 hidden units, strong penalty")
    check.between(test_accuracy["50 units, reg 1"], 0.64, 0.70, "50 hidden units")
    check.between(test_accuracy["100 units, reg 1"], 0.65, 0.71, "100 hidden units")
    last = {name: history["train_accuracy"][-1] for name, history in histories.items()}
    check.between(last["50 units, reg 1"], 0.83, 0.95, "50 hidden units on the training images")
    last = {name: history["val_accuracy"][-1] for name, history in histories.items()}
    check.between(last["50 units, reg 1"] - last["50 units, reg 10"], 0.02, 0.08, "what the strong penalty costs")
plots.learning_curves(
    histories, title="More units gain, a strong penalty costs", diagnosis={name: diagnose(h) for name, h in histories.items()}
);

# %% [markdown]
# Expect .54 to .60 for the linear classifier, about the same for 10 hidden units, .64 to .70 for 50 and hardly more,
# .65 to .71, for 100. (On CIFAR-10 well-tuned networks with 50 hidden units are reported to reach about 53 % of
# validation images. Photographs are harder than garments.)
#
# Look at the gap as well. It is *widest* for the largest nets, .83 or more against .67, and yet these are the best on
# images that they have not seen. A gap says that training has more to offer on the images seen than on others; it does
# not say that shrinking would help, and with 10 units it did not. Nor does the penalty help much here: `reg` = 10 all
# but closes the gap by pulling training accuracy down, and validation accuracy goes down with it by two to eight
# points. Between .01 and 3 validation accuracy differed by a point at most, which is what another seed makes. What
# would help is more data, which notebook 09 makes out of what there is, and units that know that a picture has
# neighbourhoods, in notebook 08.
#
# ### What did the hidden units learn?
#
# Each column of $W_1$ is a template again, and can be looked at as an image.

# %% tags=["skip-execution"]
plots.weight_images(nets["50 units, reg 1"].params["W1"], title="Shirts, trousers, shoes, and much noise");

# %% [markdown]
# Some templates show a whole garment, bright on dark or dark on bright: trousers, a dress, a sleeved shirt, a shoe
# pointing one way or the other. One class has several of them, and one template serves several classes: $W_2$ takes a
# sleeved outline for a coat *or* a pullover, and other units decide which. A good part is noise, learned from single
# images; a stronger penalty removes it, along with what else a unit knew.

# %% [markdown]
# ## Two questions in your own words
#
# **Question 1 (5 points).** With learning rate $10^{-6}$ the loss stayed at log 10, to three decimals, for 5,000 steps
# while accuracy rose by several points. Explain how both can be true at once: what does the loss depend on, and what
# does accuracy depend on? Then describe what you would see in scores and probabilities of a single image at the
# beginning and at the end of that run, and say what you would change. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_flat_loss", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# With tiny weights all scores are close to zero and all probabilities close to 1/10, so the loss is close to log 10
# whatever the exact scores are. The loss depends on how large the probability of the true class is; accuracy only on
# which score is the largest, however small its lead. Small steps in the right direction move the true score of many
# images a little above the others: ranks change, while the probabilities stay near 1/10. For one image the scores may
# be some hundred-thousandths apart at the beginning with a wrong class in front, and hardly more apart at the end with
# the right class in front; both times every probability reads 0.100. The gradient points the right way, but the steps
# are too short: raise the learning rate by a factor of ten or more until the loss visibly falls.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: scores are nearly equal, so every probability is near 1/10 and the loss near log 10.
# - 2 points: the loss depends on the size of the true class's probability, accuracy only on which score is largest (1
#   point for only one of the two).
# - 1 point: an account of one image: a tiny lead that changes hands, probabilities that hardly change.
# - 1 point: the direction is right and the steps too small; raise the learning rate (not: train longer only, or change
#   the network).
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** A colleague's network with 200 hidden units is right on 99 % of the training images and on
# 65 % of the validation images. She plans to go down to 10 hidden units. Say what is wrong with her network, what else
# she could do and why you would prefer it, using the experiment with two moons. What would you watch to see whether it
# works, and on which data would you choose its strength? About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_shrink", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# The gap of 34 points says that the network overfits: it has learned the training images, single accidents included,
# and not only what they share with new ones. Ten units would limit what it can learn by heart, but also what it can
# learn at all, and small networks depend more on the luck of their start. I would keep the 200 units and raise the
# penalty on the weights (or get more data), which makes the function smooth without taking away its shapes. With two
# moons, twenty units with reg = .01 did better on fresh points than twenty without, and better than three units. I
# would watch training and validation accuracy: the first should fall somewhat, the second should rise, and the gap
# should shrink; if both fall the penalty is too strong. Its strength is chosen on validation data, and the test set is
# used once at the end.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: names overfitting and the evidence (the gap).
# - 1 point: a stronger penalty (or more data) instead of fewer units.
# - 1 point: why: fewer units also lose what is worth learning, or make training depend on the start, while a penalty
#   only smooths.
# - 1 point: uses the experiment (20 units with a penalty against 20 without, or against 3).
# - 1 point: what to watch (gap, validation accuracy), and strength chosen on validation data, not on test data.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **A ReLU on the scores.** Then a class can never be spoken against: half of the scores are 0 and their gradients,
#   too.
# - **The gradient of the hidden layer is used for $W_1$ before it went through the ReLU**, or masked by its own sign
#   rather than by what was on in the forward pass.
# - **A bias without a step.** `for name in ("W1", "W2")` trains, and ends a little worse than it should. Loop over the
#   keys.
# - **`reg` of one convention with the gradient of the other.** A gradient check with `reg=0` cannot see it.
# - **Biases in the penalty.** The first loss with a penalty shows nothing of it, as biases start at zero; a gradient
#   check at biases that are not zero does.
# - **The batch drawn once, before the loop.** The loss falls beautifully, to zero if you wait: on these few rows.
# - **Waiting for a run to recover** from a loss of $10^{20}$ or NaN. `loss > limit` is false for NaN.
# - **Weights all zero.** Every hidden unit computes the same, receives the same gradient, and stays the same for ever.
# - **A best value at the edge of its range, taken for a result.**
# - **Hyperparameters drawn evenly in the number**, so that nearly all tries fall into the last decade.
# - **Judging by the accuracy of the last batch**, or by the test set, or by the loss alone.

# %% [markdown]
# ## Check yourself
#
# 1. Why is a network of two layers without a ReLU between them not worth more than one layer?
#
# <details><summary>Answer</summary>(xW₁)W₂ = x(W₁W₂): the product of two matrices is one matrix. The bend prevents
# that.</details>
#
# 2. How many numbers does a network with 3072 inputs, 100 hidden units and 10 classes learn?
#
# <details><summary>Answer</summary>3072 · 100 + 100 + 100 · 10 + 10 = 308,310.</details>
#
# 3. A hidden unit is off for an image. Which gradients does this image contribute to?
#
# <details><summary>Answer</summary>Not to the unit's column of W₁ and its entry of b₁, and not to its row of W₂, since
# its output is 0. To b₂ and to the units that were on, yes.</details>
#
# 4. Your first loss is 2.9 with ten classes and no penalty. What do you think of?
#
# <details><summary>Answer</summary>log 10 is 2.303, so the scores are not nearly equal: the weights start too large (or
# the inputs are), or there is a bug in the loss.</details>
#
# 5. reg = 0.2 was best for a network trained with the penalty λΣW². Which value belongs to ½λΣW²?
#
# <details><summary>Answer</summary>0.4: half of it is 0.2.</details>
#
# 6. The network cannot overfit twenty images; its loss stays at 2.30. Name two things to look at.
#
# <details><summary>Answer</summary>The gradient (check it numerically, biases and penalty included), the step (is it
# written into params, with a minus sign?), the learning rate, a start of zeros.</details>
#
# 7. A third of 30 log-uniform learning rates from 10⁻⁶ to 10⁻³ lies below what number?
#
# <details><summary>Answer</summary>10⁻⁵: each decade gets a third.</details>
#
# 8. The loss stays flat for 200 steps and then falls fast. Bad learning rate?
#
# <details><summary>Answer</summary>A plateau and then a drop points at the start: weights so small that hardly any
# gradient flows until they have grown.</details>
#
# 9. Weights of size 0.5, steps of size 0.00001. What does the ratio say?
#
# <details><summary>Answer</summary>0.00002, fifty times below 0.001: training crawls; try a larger learning
# rate.</details>
#
# 10. Training accuracy .62, validation accuracy .61. More penalty?
#
# <details><summary>Answer</summary>No: there is no gap to close. Less penalty, a larger network, or longer
# training.</details>
#
# 11. The best penalty of a search is 9·10⁻⁵ in a range from 10⁻⁵·⁵ to 10⁻⁴. Are you done?
#
# <details><summary>Answer</summary>Not yet: it lies in the upper tenth of the range. Move the range upwards, or
# convince yourself that it makes no difference.</details>

# %% [markdown]
# ## Where this leads
#
# You met a start that makes training wait, and a start that makes it explode. Notebook 05 asks how to start so that
# neither happens, for networks of ten layers, and compares other bends. Notebook 06 replaces the plain step by better
# ones and the fixed learning rate by a schedule. Notebook 07 adds ways to regularise that are stronger than a penalty,
# and notebook 08 replaces hidden units that look at a whole image by ones that look at a small part of it, everywhere.
#
# ## Further reading
#
# - D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by back-propagating errors", *Nature*
#   323, 1986.
# - G. Cybenko, "Approximation by superpositions of a sigmoidal function", *Mathematics of Control, Signals and Systems*
#   2, 1989, and K. Hornik, M. Stinchcombe and H. White, "Multilayer feedforward networks are universal approximators",
#   *Neural Networks* 2, 1989: one hidden layer is enough in principle.
# - A. Choromanska, M. Henaff, M. Mathieu, G. Ben Arous and Y. LeCun, "The loss surfaces of multilayer networks",
#   AISTATS 2015: why large networks are easier to train.
# - J. Bergstra and Y. Bengio, "Random search for hyper-parameter optimization", *Journal of Machine Learning Research*
#   13, 2012.
# - Y. Bengio, "Practical recommendations for gradient-based training of deep architectures", in *Neural Networks:
#   Tricks of the Trade*, Springer, 2012.
# - M. London and M. Häusser, "Dendritic computation", *Annual Review of Neuroscience* 28, 2005: what the analogy leaves
#   out.
# - Notes of Stanford's course CS231n on neural networks and on training them, https://cs231n.github.io.
