# ---
# jupyter:
#   course:
#     title: Backpropagation
#     builds: a graph of gates that runs forwards and backwards, and a network's layers and losses with gradients
#     needs: the chain rule, partial derivatives, NumPy matrix products
#     minutes: 220
#     budget_seconds: 60
# ---

# %% [markdown]
# # Backpropagation
#
# Training needs the slope of the loss in every parameter, and a network has many thousands of them. This notebook is
# about the one idea that makes this affordable: cut the computation into steps so small that each step's derivative is
# obvious, and let a mechanical rule put the pieces together, from the loss back to the inputs.
#
# **What you build.** Six gates that know their own derivative; a graph that runs any arrangement of gates forwards and
# backwards; the layers `affine`, `relu` and `sigmoid` and the SVM and softmax losses with their gradients, in the form
# that the rest of the course uses. As an extension: a class whose numbers differentiate themselves.
#
# **What you need.** The chain rule for functions of one variable, partial derivatives, and matrix products in NumPy.
# No answer from another notebook is used.
#
# **How long.** About four hours, in two sittings: pause after the computational graph.
#
# **The result.** The figure shows a single neuron as a graph. Above each edge stands the value that flowed forwards
# through it, below the edge the slope of the output in that value, which flowed backwards. By the end you can fill in
# such a picture by hand, and you own code that does it for a network on images.

# %%
import math
import time

import numpy as np

from course_utils import check

# %% tags=["skip-execution"]
from course_utils import plots

neuron_picture = [
    ("p", "×", ["w0", "x0"]),
    ("q", "×", ["w1", "x1"]),
    ("r", "+", ["p", "q"]),
    ("s", "+", ["r", "w2"]),
    ("out", "σ", ["s"]),
]
neuron_values = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3, "p": -2, "q": 6, "r": 4, "s": 1, "out": 0.731}
neuron_slopes = {"w0": -0.197, "x0": 0.393, "w1": -0.393, "x1": -0.590, "w2": 0.197}
neuron_slopes |= {"p": 0.197, "q": 0.197, "r": 0.197, "s": 0.197, "out": 1}
plots.computational_graph(
    neuron_picture, neuron_values, neuron_slopes, title="A neuron: values forwards (above), gradients backwards (below)"
);

# %% [markdown]
# ## Why not by hand?
#
# Take the smallest network that deserves the name, one hidden unit and one output, on one number $x$ with target $t$:
#
# $$ L = \bigl(\sigma(w_2 \max(0,\, w_1 x + b_1) + b_2) - t\bigr)^2, \qquad \sigma(s) = \frac{1}{1 + e^{-s}} . $$
#
# Differentiating on paper is possible. With $h = \max(0, w_1x + b_1)$ and $\sigma$ short for the output,
#
# $$ \frac{\partial L}{\partial w_2} = 2(\sigma - t)\,\sigma(1-\sigma)\,h, \qquad
#    \frac{\partial L}{\partial w_1} = 2(\sigma - t)\,\sigma(1-\sigma)\,w_2\,\mathbb 1[h > 0]\,x, $$
#
# and two more for the biases. Three things are wrong with this way of working.
#
# **It does not scale.** In a net of ten layers with 100 units each, the influence of one unit of the first layer on one
# unit of the last is a sum over all paths between them: $100^8 = 10^{16}$ products. Nobody writes that down, and no
# computer adds it up.
#
# **It repeats itself.** $2(\sigma - t)\,\sigma(1-\sigma)$ stands in all four derivatives. The ten layers have only
# $9 \cdot 100 \cdot 100 = 90{,}000$ connections, so the $10^{16}$ paths share nearly all of their factors. Whatever is
# shared should be computed once.
#
# **It is all or nothing.** Replace the square by another loss and every formula must be derived again, although
# everything below the loss is as it was.
#
# Finite differences need no paper, but two evaluations of the loss for *each* parameter. They are a fine way to check a
# gradient and a hopeless one to train with. So before deriving anything, make sure that checking works.

# %% [markdown]
# ## How close is close enough?
#
# An analytic gradient and a numerical one never agree to the last digit. Is a difference of $0.0001$ bad? For slopes
# near 1 it is suspicious, for slopes near $10^{-4}$ it is a disaster, for slopes near $10^4$ it is nothing. So compare
# with the size of what is compared:
#
# $$ \operatorname{relerr}(a, b) = \max_i \frac{|a_i - b_i|}{\max(10^{-8},\; |a_i| + |b_i|)} . $$
#
# Each entry is divided by its *own* size, and the worst entry counts: one wrong weight among a million is still a wrong
# weight. The $10^{-8}$ keeps two zeros from becoming $0/0$. The result lies between 0 (equal) and 1 (opposite signs, or
# one of them is zero).
#
# **By hand.** For $a = (1, 2)$ and $b = (1, 3)$ the entries give $0/2$ and $1/5$, so the relative error is $0.2$. For
# $a = 1.0001$ and $b = 1$ it is $0.0001 / 2.0001 \approx 0.00005$.
#
# What to expect in `float64` from a centred difference with $h = 10^{-5}$:
#
# | relative error | reading |
# |---|---|
# | below $10^{-7}$ | the gradient is right |
# | $10^{-7}$ to $10^{-4}$ | probably right: an entry near 0, a deep composition; look at it |
# | above $10^{-4}$ | most likely wrong, unless the check itself stumbled: see the kinks further down |
#
# ### Exercise: the relative error, and a gradient check made of it
#
# Two small functions. The first is the formula above. The second measures the slope of `f` in each entry of `x` by
# the **centred difference** $\bigl(f(x + h) - f(x - h)\bigr) / 2h$, whose error shrinks like $h^2$, and returns the
# relative error between that and the analytic gradient. It may borrow `x` for its small shifts, but has to give it back
# as it was: a check that moves the weights it checks is worse than none.

# %% nbgrader={"grade_id": "relative_error", "solution": true}
def relative_error(a, b):
    """The largest relative error: the maximum over all entries of |a - b| / max(1e-8, |a| + |b|).

    a, b: two numbers, or two arrays of one shape, of either sign.
    Returns one number from 0 to 1. Entries that are 0 in both count as 0.
    Not to be called: course_utils.gradient_check.
    """
    ### BEGIN SOLUTION: return the largest entry of |a - b| / max(1e-8, |a| + |b|)
    a, b = np.asarray(a), np.asarray(b)
    return np.max(np.abs(a - b) / np.maximum(1e-8, np.abs(a) + np.abs(b)))
    ### END SOLUTION


# %% nbgrader={"grade_id": "relative_error_2", "solution": true}
def gradient_error(f, x, analytic, h=1e-5):
    """How far an analytic gradient is from centred differences of step h, as a relative error.

    f: function of an array of the shape of x; returns a number.
    x: float64 array of any shape and memory order (a transpose, say); after the call it holds what it held before.
    analytic: the gradient to judge, an array of the shape of x.
    Returns relative_error(analytic, numerical), where entry i of the numerical gradient is
    (f(x with x[i] + h) - f(x with x[i] - h)) / (2 * h).
    """
    ### BEGIN SOLUTION: measure the centred difference in every entry, then return the relative error
    numerical = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        numerical[index] = (f(above) - f(below)) / (2 * h)
    return relative_error(analytic, numerical)
    ### END SOLUTION


# %% [markdown] hints="relative_error"
# 1. `relative_error` is one line of NumPy: everything in the fraction works entry by entry, and one `np.max` over all
#    of it comes last. Mind that both sizes in the denominator are absolute values.
# 2. There are two different maxima: `np.maximum(1e-8, …)` compares entry by entry, `np.max` takes the largest of all.
# 3. In `gradient_error`, `np.ndindex(x.shape)` visits every entry of an array with any number of dimensions. For each,
#    shift a *copy* up, another one down, and divide the difference of the two losses by `2 * h` in brackets.

# %% nbgrader={"grade_id": "relative_error_check", "locked": true}
check.close(relative_error(np.array([1.0, 2.0]), np.array([1.0, 3.0])), 0.2, "the worst of 0/2 and 1/5")
check.close(relative_error(1.0, 1.0), 0.0, "equal numbers")
x_try = np.array([[1.0, -2.0], [0.5, 3.0]])
check.between(gradient_error(lambda x: np.sum(x**2), x_try, 2 * x_try), 0, 1e-4, "the gradient of a sum of squares")
check.between(gradient_error(lambda x: np.sum(x**2), x_try, x_try), 0.2, 0.5, "half of it: relative error 1/3")

# %% nbgrader={"grade_id": "relative_error_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of relative_error run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("relative_error", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### The best step
#
# How small should $h$ be? Below, the slope of a neuron $f(w) = \sigma(w_0x_0 + w_1x_1 + w_2)$ in its three weights is
# measured with steps from $10^{-1}$ down to $10^{-14}$, in four ways: by the forward difference
# $\bigl(f(x+h) - f(x)\bigr)/h$, by the centred one, by the centred one in `float32`, and by a trick: evaluate $f$ at
# the *complex* point $x + ih$ and divide the imaginary part by $h$. The trick subtracts nothing, so nothing cancels.

# %% tags=["skip-execution"]
from course_utils.gradient_check import complex_step_gradient, forward_difference

x_neuron = np.array([-1.0, -2.0, 1.0])  # the bias is the weight of a constant 1
w_neuron = np.array([2.0, -3.0, -3.0])


def neuron(w):
    return 1 / (1 + np.exp(-np.sum(w * x_neuron.astype(w.dtype))))


slope = neuron(w_neuron) * (1 - neuron(w_neuron)) * x_neuron
steps = np.logspace(-14, -1, 66)


def centred_in_float32(h):
    shifts = np.float32(h) * np.eye(3, dtype=np.float32)
    w = w_neuron.astype(np.float32)
    return np.array([(neuron(w + e) - neuron(w - e)) / np.float32(2 * h) for e in shifts], dtype=np.float64)


errors = {
    "forward": [relative_error(slope, forward_difference(neuron, w_neuron, h)) for h in steps],
    "centred": [gradient_error(neuron, w_neuron, slope, h) for h in steps],
    "centred, float32": [relative_error(slope, centred_in_float32(h)) for h in steps],
    "complex step": [max(relative_error(slope, complex_step_gradient(neuron, w_neuron, h)), 1e-17) for h in steps],
}
for name, curve in errors.items():
    print(f"{name:17s} smallest error {min(curve):.0e} at h = {steps[int(np.argmin(curve))]:.0e}")
check.between(min(errors["centred"]), 1e-13, 1e-9, "centred, at its best")
check.between(min(errors["forward"]), 1e-11, 1e-7, "forward, at its best")
check.between(min(errors["forward"]) / min(errors["centred"]), 50, 5000, "forward against centred, each at its best")
at_1e5 = int(np.argmin(np.abs(np.log10(steps) + 5)))
check.between(errors["centred"][at_1e5], 0, 1e-9, "centred, at h = 1e-5")
check.between(errors["forward"][at_1e5], 1e-7, 1e-4, "forward, at h = 1e-5")
check.between(errors["centred, float32"][at_1e5], 1e-3, 1e-1, "centred in float32, at h = 1e-5")
plots.lines(
    steps,
    errors,
    xlabel="step h",
    ylabel="relative error of the slope",
    title="Each difference has its V: too coarse to the right, rounding to the left",
    log_x=True,
    log_y=True,
);

# %% [markdown]
# The right arm of a V is the formula's own error: it falls with $h$ for the forward difference, and with $h^2$, twice
# as steeply on these axes, for the centred one. The left arm is rounding. The two losses agree in all but their last
# digits, their difference keeps only a few correct ones, and dividing by a tiny $h$ makes the rest look large: an error
# of about $10^{-16}/h$.
#
# Expect the centred difference to be best near $h = 10^{-5}$, with an error below $10^{-9}$; the forward difference is
# best near $10^{-8}$ and even there a hundred to a thousand times worse. In `float32`, which carries seven digits,
# rounding sets in much earlier: the V has its foot near $h = 10^{-2}$, and at $h = 10^{-5}$ the error is near 1 %. So
# check gradients in `float64`. The complex step has no left arm at all, but needs an $f$ made of functions that accept
# complex numbers, and `max` is none.

# %% [markdown]
# ## Computational graphs
#
# Write a computation as a graph: inputs on the left, one **gate** for each elementary operation, an edge wherever a
# value is used. Take
#
# $$ f(x, y, z) = (x + y)\,z \qquad\text{at}\qquad x = -2,\; y = 5,\; z = -4 . $$
#
# It has two gates: $q = x + y$ and $f = qz$. The **forward pass** goes from left to right: $q = 3$, $f = -12$.
#
# The **backward pass** goes from right to left and computes, for each value, the slope of the output $f$ in that
# value. It starts with the output itself: $\partial f / \partial f = 1$. The product gate knows that
# $\partial f/\partial q = z$ and $\partial f/\partial z = q$, so
#
# $$ \frac{\partial f}{\partial z} = q = 3, \qquad \frac{\partial f}{\partial q} = z = -4 . $$
#
# The sum gate has $\partial q/\partial x = \partial q / \partial y = 1$, and the chain rule says
#
# $$ \frac{\partial f}{\partial x} = \frac{\partial f}{\partial q}\,\frac{\partial q}{\partial x} = -4 \cdot 1 = -4,
#    \qquad \frac{\partial f}{\partial y} = -4 . $$
#
# Read the numbers: raise $y$ from 5 to 5.1 and $f$ should fall by about $0.4$. It does: $(-2 + 5.1)\cdot(-4) = -12.4$.

# %%
x, y, z = -2.0, 5.0, -4.0
q = x + y  # forwards
f = q * z
df = 1.0  # backwards: "d" and a name stands for the slope of the output in that value
dq, dz = z * df, q * df
dx, dy = 1.0 * dq, 1.0 * dq
print(f"f = {f:g};  slopes in x, y, z: {dx:g}, {dy:g}, {dz:g}")

# %% tags=["skip-execution"]
plots.computational_graph(
    [("q", "+", ["x", "y"]), ("f", "×", ["q", "z"])],
    {"x": -2, "y": 5, "z": -4, "q": 3, "f": -12},
    {"x": -4, "y": -4, "z": 3, "q": -4, "f": 1},
    title="f = (x + y) z: values above the edges, gradients below",
);

# %% [markdown]
# ### Local times upstream
#
# Look at what a single gate has to know. While the forward pass runs, it receives its inputs and computes its output;
# at the same time it could already write down its **local gradients**, the slopes of its own output in each of its
# inputs. It knows nothing of the graph around it. Later, in the backward pass, it is told one number: the slope of
# the final output in *its* output, the **upstream gradient**. It multiplies
#
# $$ \underbrace{\frac{\partial f}{\partial \text{input}}}_{\text{passed on}} =
#    \underbrace{\frac{\partial f}{\partial \text{output}}}_{\text{upstream}} \cdot
#    \underbrace{\frac{\partial \text{output}}{\partial \text{input}}}_{\text{local}} $$
#
# and hands the products to the gates before it, whose upstream gradients they are. That is all of backpropagation. In
# code the upstream gradient is called `dout`.
#
# ### Four patterns
#
# **Add distributes.** Both local gradients of $x + y$ are 1, so each input receives `dout` unchanged.
#
# **Multiply swaps.** The local gradient of $xy$ in $x$ is $y$, and the other way round: each input receives `dout`
# times the *other* input. If one factor is large, it is the other one that gets the large gradient, which is why the
# scale of your data matters for the learning rate of the weights.
#
# **Max routes.** $\max(x, y)$ equals one of its inputs. That one receives the whole of `dout`, the other receives 0.
# When both are equal the max has a kink, and sending the gradient to either is right. Sending it to both, or to
# neither, is not: $\max(x, x)$ is just $x$, whose slope is 1.
#
# **Branches sum.** When a value is used in two places, a small change of it changes the output along both ways, and
# the changes add up. So the gradients that come back from all its uses are *added*. This is the chain rule for
# several variables, and the rule that is most often forgotten in code. For $f = x \cdot x$ the product gate returns
# `dout` times the other factor to both of its inputs, which are the same $x$: $x + x = 2x$, as it should be.
#
# **By hand.** Let $f = \max(x, y) + xy$ at $x = 2$, $y = 3$. The max passes 1 to $y$ and 0 to $x$; the product passes
# $3$ to $x$ and $2$ to $y$. Together $\partial f/\partial x = 0 + 3 = 3$ and $\partial f/\partial y = 1 + 2 = 3$.
#
# ### Exercise: three gates
#
# A gate is an object with two methods. `forward` takes its inputs, which are numbers here, keeps whatever the
# backward pass will need, and returns its output. `backward` takes the upstream gradient and returns a tuple with the
# gradient of each input, in the order of `forward`.
#
# Keep values on the object (`self.…`), never on the class: a graph with two product gates needs two memories.

# %% nbgrader={"grade_id": "basic_gates", "solution": true}
class AddGate:
    """The sum of two numbers."""

    def forward(self, x, y):
        """x, y: numbers. Returns x + y."""
        ### BEGIN SOLUTION: return the sum of x and y
        return x + y
        ### END SOLUTION

    def backward(self, dout):
        """dout: slope of the final output in this gate's output. Returns (dx, dy), its slopes in x and y."""
        ### BEGIN SOLUTION: return the upstream gradient times each local gradient, as a pair
        return dout, dout
        ### END SOLUTION


# %% nbgrader={"grade_id": "basic_gates_2", "solution": true}
class MultiplyGate:
    """The product of two numbers."""

    def forward(self, x, y):
        """x, y: numbers. Returns x * y and keeps what backward needs."""
        ### BEGIN SOLUTION: keep both factors and return their product
        self.x, self.y = x, y
        return x * y
        ### END SOLUTION

    def backward(self, dout):
        """dout: upstream gradient. Returns (dx, dy) for the inputs of the latest forward."""
        ### BEGIN SOLUTION: return the upstream gradient times each local gradient, as a pair
        return dout * self.y, dout * self.x
        ### END SOLUTION


# %% nbgrader={"grade_id": "basic_gates_3", "solution": true}
class MaxGate:
    """The larger of two numbers."""

    def forward(self, x, y):
        """x, y: numbers. Returns the larger one and keeps what backward needs."""
        ### BEGIN SOLUTION: remember which input is larger and return it
        self.first = x > y
        return x if self.first else y
        ### END SOLUTION

    def backward(self, dout):
        """dout: upstream gradient. Returns (dx, dy) for the latest forward; at a tie one of them, either one, gets dout."""
        ### BEGIN SOLUTION: return the upstream gradient for the larger input and zero for the other
        return (dout, 0.0) if self.first else (0.0, dout)
        ### END SOLUTION


# %% [markdown] hints="basic_gates"
# 1. The three patterns above say what each `backward` returns. `AddGate` needs no memory, the other two do.
# 2. Write each local gradient first (for the product: the other factor), then multiply by `dout`. A `backward` that
#    does not use `dout` is right only at the very end of the graph, where `dout` is 1.
# 3. `MaxGate` has to know in `backward` which input won in `forward`: keep the comparison, or both inputs, as
#    `self.something`. Return a pair such as `(first, second)` every time, in the order of the inputs.

# %% nbgrader={"grade_id": "basic_gates_check", "locked": true}
add, multiply, larger = AddGate(), MultiplyGate(), MaxGate()
check.close(add.forward(-2.0, 5.0), 3.0, "q = x + y = 3")
check.close(multiply.forward(3.0, -4.0), -12.0, "f = q z = -12")
check.close(multiply.backward(1.0), (-4.0, 3.0), "slopes of f in q and z")
check.close(add.backward(1.0), (1.0, 1.0), "local gradients of the sum")
check.close(larger.forward(2.0, 3.0), 3.0, "the larger of 2 and 3")
check.close(larger.backward(1.0), (0.0, 1.0), "the larger one receives the gradient")

# %% nbgrader={"grade_id": "basic_gates_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of basic_gates run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("basic_gates", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## A neuron, in small gates and in a large one
#
# Now the graph of the first figure: a neuron that weighs two inputs, adds a bias, and squeezes the result into
# $(0, 1)$,
#
# $$ f(w, x) = \sigma(w_0x_0 + w_1x_1 + w_2), \qquad w = (2, -3, -3),\quad x = (-1, -2) . $$
#
# The sum is $s = 2\cdot(-1) + (-3)(-2) - 3 = 1$. The sigmoid $\sigma(s) = 1/(1 + e^{-s})$ can be cut into four gates:
# times $-1$, exponential, plus 1, reciprocal. Their local gradients are
#
# | gate | output | local gradient |
# |---|---|---|
# | times $-1$ | $-s$ | $-1$ |
# | exponential | $e^u$ | $e^u$, the gate's own output |
# | plus 1 | $u + 1$ | $1$ |
# | reciprocal | $1/u$ | $-1/u^2$, minus the square of the gate's own output |
#
# Forwards: $1 \to -1 \to 0.368 \to 1.368 \to 0.731$. Backwards, one multiplication a gate, starting from 1:

# %%
s = 1.0
u1 = -1.0 * s
u2 = math.exp(u1)
u3 = u2 + 1.0
out = 1 / u3
print(f"forwards:  s {s:.3f}  times -1 {u1:.3f}  exp {u2:.3f}  plus 1 {u3:.3f}  reciprocal {out:.3f}")
dout = 1.0
du3 = -1 / u3**2 * dout
du2 = 1.0 * du3
du1 = math.exp(u1) * du2
ds = -1.0 * du1
print(f"backwards: out {dout:.3f}  {du3:.3f}  {du2:.3f}  {du1:.3f}  s {ds:.3f}")
w, x = np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0])
print("slopes in w:", (ds * np.append(x, 1.0)).round(2), " slopes in x:", (ds * w[:2]).round(2))

# %% [markdown]
# From $s$ on backwards, the sums pass $0.197$ on unchanged and the products swap: $w_0$ receives $0.197\cdot x_0 =
# -0.20$, $x_0$ receives $0.197 \cdot w_0 = 0.39$, and so on: $(-0.20, -0.39, 0.20)$ for $w$, $(0.39, -0.59)$ for $x$.
#
# The four small gates can be welded into one. Differentiate the sigmoid as a whole,
#
# $$ \sigma'(s) = \frac{e^{-s}}{(1 + e^{-s})^2}
#    = \frac{1}{1 + e^{-s}} \cdot \frac{(1 + e^{-s}) - 1}{1 + e^{-s}} = \sigma(s)\,\bigl(1 - \sigma(s)\bigr), $$
#
# and the local gradient is $0.731 \cdot 0.269 = 0.197$ in one step, from nothing but the gate's own output. Where you
# cut is up to you: small gates are easy to get right, large ones are quick and often numerically safer. A function is
# worth a gate of its own when its local gradient is simple.
#
# ### Exercise: three gates of one input
#
# The same two methods. With one input `backward` still returns a tuple, of length one: `(dx,)` with its comma. The
# graph below will go through the gradients of any gate in the same way.

# %% nbgrader={"grade_id": "smooth_gates", "solution": true}
class ExpGate:
    """The exponential of a number."""

    def forward(self, x):
        """x: a number. Returns e to the power x and keeps what backward needs."""
        ### BEGIN SOLUTION: keep and return the exponential of x
        self.out = np.exp(x)
        return self.out
        ### END SOLUTION

    def backward(self, dout):
        """dout: upstream gradient. Returns (dx,), a tuple of one, for the latest forward."""
        ### BEGIN SOLUTION: return a tuple with the upstream times the local gradient
        return (dout * self.out,)
        ### END SOLUTION


# %% nbgrader={"grade_id": "smooth_gates_2", "solution": true}
class ReciprocalGate:
    """One over a number."""

    def forward(self, x):
        """x: a number, not 0. Returns 1 / x and keeps what backward needs."""
        ### BEGIN SOLUTION: keep and return one over x
        self.out = 1.0 / x
        return self.out
        ### END SOLUTION

    def backward(self, dout):
        """dout: upstream gradient. Returns (dx,), a tuple of one, for the latest forward."""
        ### BEGIN SOLUTION: return a tuple with the upstream times the local gradient
        return (-dout * self.out**2,)
        ### END SOLUTION


# %% nbgrader={"grade_id": "smooth_gates_3", "solution": true}
class SigmoidGate:
    """The sigmoid 1 / (1 + e**-x) of a number."""

    def forward(self, x):
        """x: a number. Returns its sigmoid and keeps what backward needs."""
        ### BEGIN SOLUTION: keep and return the sigmoid of x
        self.out = 1.0 / (1.0 + np.exp(-x))
        return self.out
        ### END SOLUTION

    def backward(self, dout):
        """dout: upstream gradient. Returns (dx,), a tuple of one, for the latest forward."""
        ### BEGIN SOLUTION: return a tuple with the upstream times the local gradient
        return (dout * self.out * (1.0 - self.out),)
        ### END SOLUTION


# %% [markdown] hints="smooth_gates"
# 1. All three local gradients can be written with the gate's own output, so keep that one number in `forward`.
# 2. The exponential is its own derivative; the derivative of $1/x$ is minus the square of $1/x$; the sigmoid's is in
#    the formula above. Multiply each by `dout`.
# 3. `return (something,)`: without the comma the brackets do nothing, and a bare number comes back.

# %% nbgrader={"grade_id": "smooth_gates_check", "locked": true}
exp, reciprocal, sigmoid = ExpGate(), ReciprocalGate(), SigmoidGate()
check.close(exp.forward(-1.0), 0.36788, "the exponential of -1", atol=1e-4)
check.close(reciprocal.forward(1.36788), 0.73106, "one over 1.368", atol=1e-4)
check.close(sigmoid.forward(1.0), 0.73106, "the sigmoid of 1, all at once", atol=1e-4)
check.close(sigmoid.backward(1.0)[0], 0.19661, "its slope: .731 times .269", atol=1e-4)
check.equal(len(reciprocal.backward(1.0)), 1, "a tuple with one gradient")

# %% nbgrader={"grade_id": "smooth_gates_tests", "grade": true, "points": 9}
# Graded, 9 points: hidden tests of smooth_gates run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("smooth_gates", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Running a graph
#
# What is left is bookkeeping. The forward pass must not run a gate before its inputs are there. The backward pass must
# not run a gate before *all* gates that use its output have handed back their share, or it would pass on an incomplete
# sum.
#
# Both follow from one list. A **topological order** names the nodes so that each one stands after every node it takes
# its input from. Run forwards along the list and backwards along the reversed list, and nothing is ever missing.
#
# **How to find it.** Keep taking any node whose inputs are all available: at first that means inputs of the graph only,
# and every node taken makes its own output available. When no such node is left and the list is not complete, the
# remaining ones wait for each other in a **cycle**, and no order exists.
#
# **By hand.** Nodes `f` (takes `q`, `z`), `q` (takes `x`, `y`), given in this order. `f` waits for `q`; `q` needs
# inputs only and is taken; now `f` can be taken. The order is `q, f`.
#
# Why not walk back from the output, level by level? Let `a` = exp(x), `b` = exp(a), `f` = a · b. Seen from `f`, both
# `a` and `b` are one step away. If `a` goes first it passes on only what the product gave it, and what comes through
# `b` arrives too late. In the topological order `a, b, f`, reversed, `b` comes before `a`.

# %% [markdown]
# ### Exercise: the computational graph
#
# A node is a tuple `(name, gate, input names)`. An input name is either the name of another node or, if no node is
# called so, an input of the whole graph. We assume that exactly one node is used by no other: the output, which comes
# last in any topological order. Each node has a gate of its own, since a gate remembers its latest inputs.
#
# Fill in three methods. `forward` and `backward` ask each gate exactly once a pass.

# %% nbgrader={"grade_id": "ComputationalGraph", "solution": true}
class ComputationalGraph:
    """Gates joined to a graph that runs forwards and backwards.

    nodes: a list of (name, gate, input names), in any order. A gate has forward(*inputs), which returns a number, and
    backward(dout), which returns a gradient for each input, in order.
    Raises ValueError, here or at the latest in forward, if nodes wait for each other in a cycle.
    Not to be called: graphlib.
    """

    def __init__(self, nodes):
        self.gates = {name: gate for name, gate, _ in nodes}  # node name → its gate
        self.sources = {name: list(inputs) for name, _, inputs in nodes}  # node name → names of what it takes
        used = [source for sources in self.sources.values() for source in sources]
        self.input_names = sorted({source for source in used if source not in self.gates})  # inputs of the graph
        self.order = self.topological_order()
        self.values = {}  # after forward: name → value, of inputs and nodes
        self.gradients = {}  # after backward: name → slope of the output in that value

    def topological_order(self):
        """The names of all nodes, each after the nodes that it takes its input from. Raises ValueError on a cycle."""
        ### BEGIN SOLUTION: order the node names so that each comes after its sources; raise ValueError on a cycle
        order, available, waiting = [], set(self.input_names), list(self.sources)
        while waiting:
            ready = [name for name in waiting if available.issuperset(self.sources[name])]
            if not ready:
                raise ValueError(f"these nodes wait for each other in a cycle: {', '.join(waiting)}")
            order += ready
            available.update(ready)
            waiting = [name for name in waiting if name not in available]
        return order
        ### END SOLUTION

    def forward(self, inputs):
        """Run every gate once, in topological order.

        inputs: {name: number} for each input of the graph; left as it is.
        Returns the value of the last node, and keeps all values in self.values.
        Raises ValueError if an input of the graph is missing, or a name is none of its inputs.
        """
        ### BEGIN SOLUTION: refuse missing and unknown names, then run the gates in order and keep every value
        if set(inputs) != set(self.input_names):
            raise ValueError(f"the inputs of this graph are {self.input_names}, not {sorted(inputs)}")
        self.values = dict(inputs)
        for name in self.order:
            self.values[name] = self.gates[name].forward(*(self.values[source] for source in self.sources[name]))
        return self.values[self.order[-1]]
        ### END SOLUTION

    def backward(self):
        """Run every gate's backward once, from the output to the inputs, after a forward.

        Returns {input name: slope of the output in this input} for the inputs of the graph, and keeps the slopes of all
        values in self.gradients. A value that is used several times has the sum of what its uses hand back.
        """
        ### BEGIN SOLUTION: start with 1 at the output, go backwards through the order, add each gradient to its source
        self.gradients = dict.fromkeys(self.values, 0.0)
        self.gradients[self.order[-1]] = 1.0
        for name in reversed(self.order):
            returned = self.gates[name].backward(self.gradients[name])
            for source, gradient in zip(self.sources[name], returned, strict=True):
                self.gradients[source] += gradient
        return {name: self.gradients[name] for name in self.input_names}
        ### END SOLUTION


# %% [markdown] hints="ComputationalGraph"
# 1. Begin with `topological_order`: a list for the result, a set of names that are available (the graph's inputs at
#    first), and a loop that moves over every node whose sources are all in that set. If a round moves nothing while
#    nodes are left, raise `ValueError`.
# 2. `forward` compares the names it was given with `self.input_names`, copies the dictionary into `self.values`, and
#    then fills in one node after another. `gate.forward(*list_of_values)` passes a list as separate arguments.
# 3. In `backward` every name starts with a gradient of 0 and the output with 1. Go through the order in reverse, ask
#    the gate once, and *add* each gradient it returns to the one stored under the name of its source. The same name
#    may occur twice in one gate's inputs, so add one after the other.

# %% nbgrader={"grade_id": "ComputationalGraph_check", "locked": true}
class _Sum:
    def forward(self, x, y):
        return x + y

    def backward(self, dout):
        return dout, dout


class _Product:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, dout):
        return dout * self.y, dout * self.x


graph = ComputationalGraph([("q", _Sum(), ["x", "y"]), ("f", _Product(), ["q", "z"])])
check.close(graph.forward({"x": -2.0, "y": 5.0, "z": -4.0}), -12.0, "(x + y) z, forwards")
slopes = graph.backward()
check.equal(sorted(slopes), ["x", "y", "z"], "a slope for each input")
check.close([slopes["x"], slopes["y"], slopes["z"]], [-4.0, -4.0, 3.0], "(x + y) z, backwards")
check.close(graph.values.get("q"), 3.0, "the value of q, kept in graph.values")
check.close(graph.gradients.get("q"), -4.0, "the slope in q, kept in graph.gradients")

# %% nbgrader={"grade_id": "ComputationalGraph_tests", "grade": true, "points": 18}
# Graded, 18 points: hidden tests of ComputationalGraph run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("ComputationalGraph", globals())
### END HIDDEN TESTS

# %% [markdown]
# Your gates in your graph: the neuron again, this time with the sigmoid cut into its four parts. Constants are inputs
# like any other; their slopes come out too and nobody asks for them. The nodes are listed from the output to the inputs
# to show that the order does not matter.

# %% tags=["skip-execution"]
nodes = [
    ("out", "1/x", ReciprocalGate(), ["u3"]),
    ("u3", "+", AddGate(), ["u2", "1"]),
    ("u2", "exp", ExpGate(), ["u1"]),
    ("u1", "×", MultiplyGate(), ["-1", "s"]),
    ("s", "+", AddGate(), ["r", "w2"]),
    ("r", "+", AddGate(), ["p", "q"]),
    ("p", "×", MultiplyGate(), ["w0", "x0"]),
    ("q", "×", MultiplyGate(), ["w1", "x1"]),
]
graph = ComputationalGraph([(name, gate, sources) for name, _, gate, sources in nodes])
inputs = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0, "-1": -1.0, "1": 1.0}
value, slopes = graph.forward(inputs), graph.backward()
print("order:", " ".join(graph.order))
print(f"output {value:.2f};  slopes", {name: round(float(slopes[name]), 2) for name in ("w0", "w1", "w2", "x0", "x1")})
check.close([float(slopes[name]) for name in ("w0", "w1", "w2")], [-0.20, -0.39, 0.20], "slopes in w", atol=5e-3)
check.close([float(slopes[name]) for name in ("x0", "x1")], [0.39, -0.59], "slopes in x", atol=5e-3)
plots.computational_graph(
    [(name, label, sources) for name, label, _, sources in reversed(nodes)],
    graph.values,
    graph.gradients,
    title="The same neuron with its sigmoid in four gates: the same slopes",
);

# %% [markdown]
# The graph with the single `SigmoidGate` and the one with four gates agree in every slope that they share. Both also
# agree with finite differences, which is the test that counts: it knows nothing of gates.

# %% tags=["skip-execution"]
short = ComputationalGraph(
    [
        ("p", MultiplyGate(), ["w0", "x0"]),
        ("q", MultiplyGate(), ["w1", "x1"]),
        ("r", AddGate(), ["p", "q"]),
        ("s", AddGate(), ["r", "w2"]),
        ("out", SigmoidGate(), ["s"]),
    ]
)
names = ["w0", "w1", "w2", "x0", "x1"]
point = np.array([2.0, -3.0, -3.0, -1.0, -2.0])
short.forward(dict(zip(names, point, strict=True)))
slopes = short.backward()
slopes = np.array([slopes[name] for name in names])
error = gradient_error(lambda values: short.forward(dict(zip(names, values, strict=True))), point, slopes)
print(f"relative error against centred differences: {error:.1e}")
check.between(error, 0, 1e-8, "the graph's slopes are right")

# %% [markdown]
# ## Vectors and matrices
#
# A network has a number on every edge; code has an array. Nothing changes in principle: a layer is a gate whose inputs
# and outputs are arrays, and it still passes on *local times upstream*. But what is the local gradient of an array in
# an array? For $y = g(x)$ with $x$ of $D$ and $y$ of $M$ numbers it is the **Jacobian**, the $M \times D$ table of all
# slopes $J_{md} = \partial y_m / \partial x_d$, and the chain rule with its sum over branches reads
#
# $$ \frac{\partial L}{\partial x_d} = \sum_m \frac{\partial L}{\partial y_m}\, J_{md},
#    \qquad\text{or}\qquad dx = J^\top\, dy . $$
#
# Note the shapes: $L$ is one number, so $dx$ has the shape of $x$ and $dy$ the shape of $y$. **A gradient always has
# the shape of what it is a gradient of.** Only the Jacobian between them is bigger than both.
#
# **By hand.** ReLU, $y = \max(0, x)$ entry by entry, at $x = (1, -2, 3, -1)$ with $dy = (4, 1, -5, 9)$ upstream. Entry
# $m$ of the output depends on entry $m$ of the input only, so the Jacobian is diagonal, with a 1 where $x > 0$:

# %%
x = np.array([1.0, -2.0, 3.0, -1.0])
dy = np.array([4.0, 1.0, -5.0, 9.0])
J = np.diag((x > 0).astype(float))
print(J)
print("J.T @ dy     :", J.T @ dy)
print("dy * (x > 0) :", dy * (x > 0))

# %% [markdown]
# ### Never build it
#
# The last line gives the same without the table, and that is no small saving:

# %% tags=["skip-execution"]
for what, outputs, inputs_ in (
    ("ReLU on one image of 3,072 numbers", 3072, 3072),
    ("ReLU on a batch of 64 such images", 64 * 3072, 64 * 3072),
    ("affine layer to 100 units, batch of 64", 64 * 100, 64 * 3072),
):
    print(f"{what:40s}: Jacobian of {outputs:,} x {inputs_:,} = {8 * outputs * inputs_ / 1e9:,.3f} GB")

# %% [markdown]
# Of the 309 GB in the second line all but 0.0005 % are zeros, and the rest are ones and more zeros. A layer is not
# asked for its Jacobian. It is asked for the *product* of the Jacobian with one particular array `dout`, and for
# every layer in use there is a short way to that product.
#
# ### The matrix product, from its shapes
#
# The one that matters most is $Y = XW$ with $X$ of shape $(N, D)$, $W$ of shape $(D, M)$ and so $Y$ of shape $(N, M)$.
# Let $G$ be the upstream gradient, of the shape of $Y$. From $Y_{nm} = \sum_d X_{nd} W_{dm}$, the entry $X_{nd}$ takes
# part in row $n$ of $Y$ only, in each column $m$ with the factor $W_{dm}$. Branches sum:
#
# $$ \frac{\partial L}{\partial X_{nd}} = \sum_m G_{nm} W_{dm} \;\Longrightarrow\; dX = G\,W^\top, \qquad
#    \frac{\partial L}{\partial W_{dm}} = \sum_n X_{nd} G_{nm} \;\Longrightarrow\; dW = X^\top G . $$
#
# Nobody remembers where the transposes go, and nobody has to. $dX$ must have shape $(N, D)$, it must be a product of
# $G$, which is $(N, M)$, and the *other* factor $W$, which is $(D, M)$ (multiply swaps). There is one way to put these
# together: $(N, M)(M, D)$. For $dW$ of shape $(D, M)$ from $X$ and $G$ there is again only one: $(D, N)(N, M)$.
#
# A bias $b$ of shape $(M,)$ is added to all $N$ rows, so it is used $N$ times, and branches sum:
# $db_m = \sum_n G_{nm}$. No mean is taken here. Where a loss is a mean over the batch, the $1/N$ is already in $G$.

# %%
X = np.array([[1.0, 2.0], [3.0, -1.0]])
W = np.array([[1.0, 0.0, 2.0], [-1.0, 1.0, 0.0]])
G = np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]])
print("X W    =", (X @ W).tolist())
print("G W^T  =", (G @ W.T).tolist(), " has the shape of X")
print("X^T G  =", (X.T @ G).tolist(), " has the shape of W")
print("sum of G over rows =", G.sum(axis=0).tolist())

# %% [markdown]
# Check one entry: $dX_{00}$ is row 0 of $G$ times row 0 of $W$, $1\cdot1 + 0\cdot0 + (-1)\cdot2 = -1$. And one of $dW$:
# column 0 of $X$ times column 1 of $G$, $1\cdot0 + 3\cdot1 = 3$.
#
# ### Exercise: the affine layer
#
# From here on layers have the form that the whole field uses, and this course as well: `forward` returns its output
# and a **cache** with whatever the backward pass will need, and `backward(dout, cache)` returns the gradients in the
# order of forward's arguments. Names and signatures are those of Stanford's course CS231n, and code written for its
# assignments runs here unchanged.
#
# An example may be an image rather than a row: `x` has shape $(N, d_1, \dots, d_k)$ and is flattened to $(N, D)$ with
# $D = d_1 \cdots d_k$ for the product. Its gradient has the shape in which it came.

# %% nbgrader={"grade_id": "affine", "solution": true}
def affine_forward(x, w, b):
    """An affine (fully connected) layer: every example as one row, times w, plus b.

    x: (N, d_1, ..., d_k), any number of dimensions from two up; w: (D, M) with D = d_1 * ... * d_k; b: (M,).
    Returns (out, cache): out of shape (N, M), and whatever affine_backward needs. The arguments are left as they are.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: flatten each example to a row, multiply by w, add b; return the result and a cache
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b)
    ### END SOLUTION


# %% nbgrader={"grade_id": "affine_2", "solution": true}
def affine_backward(dout, cache):
    """Gradients of an affine layer.

    dout: (N, M), the upstream gradient; cache: what affine_forward returned.
    Returns (dx, dw, db) with the shapes of x, w and b. dout and the arrays in the cache are left as they are.
    """
    ### BEGIN SOLUTION: return the gradients of x, w and b, each in the shape of its argument
    x, w, _ = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    return dx, dw, dout.sum(axis=0)
    ### END SOLUTION


# %% [markdown] hints="affine"
# 1. `x.reshape(len(x), -1)` makes one row an example, whatever the shape of an example is, and leaves `x` as it was.
#    Keep `x` and `w` in the cache.
# 2. Let the shapes decide: `dx` needs `dout` (N, M) and `w` (D, M); `dw` needs the flattened `x` (N, D) and `dout`.
#    Only one order and one transpose fits each.
# 3. `dx` comes out of the product with shape (N, D): reshape it to `x.shape`. For `db` add up the rows of `dout`,
#    without dividing by anything.

# %% nbgrader={"grade_id": "affine_check", "locked": true}
out, cache = affine_forward(np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[1.0, 0, 2], [-1, 1, 0]]), np.zeros(3))
check.close(out, [[-1.0, 2, 2], [4, -1, 6]], "X W of the text")
out, cache = affine_forward(np.ones((1, 3)), np.ones((3, 2)), np.zeros(2))
dx, dw, db = affine_backward(np.ones((1, 2)), cache)
check.shape(dx, (1, 3), "the gradient of x")
check.shape(dw, (3, 2), "the gradient of w")
check.shape(db, (2,), "the gradient of b")
check.close(dx, np.full((1, 3), 2.0), "two outputs, each with weight 1: slope 2 in every input")

# %% nbgrader={"grade_id": "affine_tests", "grade": true, "points": 14}
# Graded, 14 points: hidden tests of affine run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("affine", globals())
### END HIDDEN TESTS

# %% [markdown]
# How do you check a layer by finite differences, when its output is an array and not a number? Invent a loss: the sum
# of the outputs, each multiplied by a fixed random number. The slope of that loss in the output *is* the array of
# those numbers, so pass it as `dout`. With random weights no mistake can hide behind a symmetry, as it can behind a
# `dout` of ones.

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
x_try, w_try, b_try = rng.normal(size=(4, 2, 3)), rng.normal(size=(6, 5)), rng.normal(size=5)
dout_try = rng.normal(size=(4, 5))
dx, dw, db = affine_backward(dout_try, affine_forward(x_try, w_try, b_try)[1])
for name, at, gradient, f in (
    ("x", x_try, dx, lambda x: np.sum(dout_try * affine_forward(x, w_try, b_try)[0])),
    ("w", w_try, dw, lambda w: np.sum(dout_try * affine_forward(x_try, w, b_try)[0])),
    ("b", b_try, db, lambda b: np.sum(dout_try * affine_forward(x_try, w_try, b)[0])),
):
    print(f"d{name}: relative error {gradient_error(f, at, gradient):.1e}")
    check.gradient(f, at, gradient, f"affine layer, gradient of {name}")

# %% [markdown]
# The layer is right, and yet the error for `w` is thousands of times larger than that for `b`. One of its thirty
# entries happens to be 0.0002, and beside it the rounding of the difference, about $10^{-10}$ in every entry, is not
# so small. This is the middle row of the table: look at the entry before you doubt the formula.

# %% [markdown]
# ### Exercise: ReLU
#
# The rectified linear unit is a max gate with 0, entry by entry: $\max(0, x)$. It has no parameters, so `relu_backward`
# returns one array. At $x = 0$ exactly there is a kink, and either slope, 0 or 1, is accepted.

# %% nbgrader={"grade_id": "relu", "solution": true}
def relu_forward(x):
    """Rectified linear units, max(0, x) in each entry.

    x: array of any shape, left as it is. Returns (out, cache): out of the shape of x, and what relu_backward needs.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: return max(0, x) and a cache
    return np.maximum(0, x), x
    ### END SOLUTION


# %% nbgrader={"grade_id": "relu_2", "solution": true}
def relu_backward(dout, cache):
    """Gradient of relu_forward.

    dout: upstream gradient, of the shape of x; cache: what relu_forward returned. Both are left as they are.
    Returns dx, of the shape of x; where x is exactly 0, any slope from 0 to 1 is accepted.
    """
    ### BEGIN SOLUTION: return the upstream gradient where x was positive and zero elsewhere
    return dout * (cache > 0)
    ### END SOLUTION


# %% [markdown] hints="relu"
# 1. `np.maximum` compares with 0 in every entry and returns a new array. The input itself makes a good cache.
# 2. The local gradient is 1 where the *input* was positive and 0 elsewhere. The sign of `dout` plays no role.
# 3. A comparison such as `x > 0` is an array of True and False, which count as 1 and 0 in a product.

# %% nbgrader={"grade_id": "relu_check", "locked": true}
out, cache = relu_forward(np.array([1.0, -2.0]))
check.close(out, np.array([1.0, 0]), "a negative entry becomes 0")
check.close(relu_backward(np.ones(2), cache), np.array([1.0, 0]), "slopes where dout is 1")

# %% nbgrader={"grade_id": "relu_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of relu run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("relu", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: the sigmoid layer
#
# Your `SigmoidGate`, for arrays. Large inputs deserve a thought: $e^{-x}$ at $x = -1000$ overflows to infinity, and
# $1/(1 + \infty)$ is still the right answer 0, at most with a warning. But other ways to write the same function, such
# as $e^x/(1 + e^x)$ at $x = 1000$, end in $\infty/\infty$, which is not a number. The same goes for the backward pass:
# $e^{-x}/(1 + e^{-x})^2$ fails where $\sigma(1 - \sigma)$ does not.

# %% nbgrader={"grade_id": "sigmoid", "solution": true}
def sigmoid_forward(x):
    """The sigmoid 1 / (1 + e**-x) in each entry.

    x: array of any shape, left as it is; entries of a thousand of either sign give 1 or 0, not NaN.
    Returns (out, cache): out of the shape of x, and what sigmoid_backward needs.
    Not to be called: course_utils.nn, scipy, torch.
    """
    ### BEGIN SOLUTION: return the sigmoid of x and a cache
    with np.errstate(over="ignore"):  # e**1000 is infinite, and 1 / infinity the right 0
        out = 1 / (1 + np.exp(-x))
    return out, out
    ### END SOLUTION


# %% nbgrader={"grade_id": "sigmoid_2", "solution": true}
def sigmoid_backward(dout, cache):
    """Gradient of sigmoid_forward.

    dout: upstream gradient, of the shape of x; cache: what sigmoid_forward returned. Both are left as they are.
    Returns dx, of the shape of x, finite for any finite x.
    """
    ### BEGIN SOLUTION: return the upstream times the local gradient
    return dout * cache * (1 - cache)
    ### END SOLUTION


# %% [markdown] hints="sigmoid"
# 1. The local gradient can be written with the output alone, so the output is the natural cache.
# 2. `np.exp` works entry by entry. If you use the form with $e^{-x}$, an overflow leads to the right limit.
# 3. In the backward pass multiply `dout` by the output and by one minus the output; no exponential is needed again.

# %% nbgrader={"grade_id": "sigmoid_check", "locked": true}
out, cache = sigmoid_forward(np.array([[0.0, 1.0]]))
check.close(out, np.array([[0.5, 0.731059]]), "the sigmoid of 0 and 1", atol=1e-5)
check.close(sigmoid_backward(np.ones((1, 2)), cache)[0, 0], 0.25, "its slope at 0 is 1/4")

# %% nbgrader={"grade_id": "sigmoid_tests", "grade": true, "points": 5}
# Graded, 5 points: hidden tests of sigmoid run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("sigmoid", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## When the check is wrong: kinks
#
# A ReLU that is right can fail a gradient check. At $x = 10^{-6}$ the slope of $\max(0, x)$ is 1, but a centred
# difference with $h = 10^{-5}$ looks at $-9\cdot10^{-6}$ on one side and $1.1 \cdot 10^{-5}$ on the other: it
# *crosses the kink* and measures $1.1\cdot 10^{-5} / 2\cdot 10^{-5} = 0.55$. In a net with thousands of units and
# many examples some unit is always that close to its kink. Below, one entry out of six is.

# %% tags=["skip-execution"]
x_kink = np.array([0.8, -1.3, 1e-6, 2.1, -0.4, 0.3])
weights = np.array([1.0, 2.0, 3.0, -1.0, 0.5, 2.5])


def weighted_relu(x):
    return np.sum(weights * relu_forward(x)[0])


right = relu_backward(weights, relu_forward(x_kink)[1])
for h in (1e-3, 1e-5, 1e-7):
    error = gradient_error(weighted_relu, x_kink, right, h)
    print(f"plain centred difference, h = {h:.0e}: relative error {error:.2e}")

# %% [markdown]
# With the shortest step the error vanishes; a wrong gradient would stay wrong. That is one way to tell. The
# course's checker tells by itself: it compares the slopes on the two sides at several steps, so that it knows a bend
# from gentle curvature, and says where it found one.

# %% tags=["skip-execution"]
from course_utils.gradient_check import check_gradient

for name, at in (("beside the kink", x_kink), ("exactly on it", np.where(x_kink == 1e-6, 0.0, x_kink))):
    report = check_gradient(weighted_relu, at, relu_backward(weights, relu_forward(at)[1]))
    print(f"{name}: kinks at {report.kinks}\n{report}\n")
    check.true(report.ok and report.kinks == [(2,)], f"{name}: the kink is found", "the kink at entry 2 went unnoticed")
wrong = right * np.array([1, 1, 1, 1, 1, -1])
report = check_gradient(weighted_relu, x_kink, wrong)
print("a gradient that is wrong elsewhere:", report, sep="\n")
check.true(not report.ok, "a wrong gradient is still refused", "the kink excused a wrong gradient")

# %% tags=["skip-execution"]
distance = np.linspace(-3e-5, 3e-5, 241)
plots.lines(
    1e5 * distance,
    {
        "slope of max(0, x)": (distance > 0).astype(float),
        "centred difference, h = 1e-5": [(max(0, d + 1e-5) - max(0, d - 1e-5)) / 2e-5 for d in distance],
    },
    xlabel="x, in units of 1e-5",
    ylabel="slope",
    title="Within h of the kink, the centred difference measures neither slope",
);

# %% [markdown]
# When a check fails, then: count how many entries fail. One in thousands, and fewer with a shorter step: a kink. All of
# one parameter: a mistake.
#
# ## Staged code
#
# For a real loss nobody builds a graph of objects. The forward pass is written as a sequence of lines so simple that
# each can be differentiated on sight, every intermediate value keeps its name, and the backward pass goes through the
# same lines in reverse, one line of gradient for one line of value. Take
#
# $$ f(x, y) = \frac{x\, e^{-y^2}}{1 + x^2} . $$
#
# No quotient rule, no product rule; only local times upstream. `x` is used in two lines, so the second time its
# gradient is *added*.

# %%
x, y = 2.0, 1.0

a = x * x  # forwards, in stages
b = 1.0 + a
c = y * y
d = math.exp(-c)
n = x * d
f = n / b

df = 1.0  # backwards, the same lines from the last to the first
dn, db = df / b, -df * n / b**2  # f = n / b
dx, dd = d * dn, x * dn  # n = x * d
dc = -d * dd  # d = exp(-c)
dy = 2 * y * dc  # c = y * y
da = db  # b = 1 + a
dx += 2 * x * da  # a = x * x: x again, so +=


def f_of(x, y):
    return x * math.exp(-(y**2)) / (1 + x**2)


h = 1e-5
by_difference = [(f_of(x + h, y) - f_of(x - h, y)) / (2 * h), (f_of(x, y + h) - f_of(x, y - h)) / (2 * h)]
print(f"f = {f:.4f}, slopes {dx:.6f} and {dy:.6f}")
print(f"by centred differences   {by_difference[0]:.6f} and {by_difference[1]:.6f}")

# %% [markdown]
# With arrays it is the same. Here is the mean squared error of a linear model,
# $L = \frac1N \sum_{nm} (XW + b - T)_{nm}^2$, in three stages. Each backward line has the shape of the value on its
# left, which catches most slips before any check does.

# %%
rng = np.random.default_rng(1)
X, W, b, T = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(5, 2))

S = X @ W + b  # (N, M)
R = S - T  # (N, M)
loss = np.sum(R**2) / len(X)

dR = 2 * R / len(X)  # (N, M)
dS = dR  # (N, M)
dW, db = X.T @ dS, dS.sum(axis=0)  # (D, M), (M,)
print(f"loss {loss:.4f}; shapes of dW and db: {dW.shape}, {db.shape}")

# %% [markdown]
# ### Exercise: the SVM loss of scores
#
# Losses are the last gate of every network. They take the **scores** `x`, shape $(N, C)$, whatever layers produced
# them, and the labels `y`, and return the mean loss over the batch *and* its gradient in the scores, since a loss has
# no upstream. No weights and no penalty appear here.
#
# The multiclass SVM loss charges every wrong class whose score comes within 1 of the true one:
#
# $$ L = \frac1N \sum_n \sum_{c \ne y_n} \max\,(0,\; x_{nc} - x_{n y_n} + 1) . $$
#
# In stages: the margins; those of the true classes set to 0; their sum over $N$. Backwards: each positive margin is an
# add gate behind a max gate, so it passes $1/N$ to the score of its class and $-1/N$ to the score of the true class,
# which is *used once for each wrong class*: branches sum.
#
# **By hand.** Scores $(3.2, 5.1, -1.7)$ of class 0 and $(2.2, 2.5, -3.1)$ of class 2. The first row has one positive
# margin, $5.1 - 3.2 + 1 = 2.9$, the second has two, $6.3 + 6.6 = 12.9$. The loss is $15.8/2 = 7.9$ and the gradient has
# the rows $(-1, 1, 0)/2$ and $(1, 1, -2)/2$.

# %% nbgrader={"grade_id": "svm_loss", "solution": true}
def svm_loss(x, y):
    """Multiclass SVM loss with margin 1 and its gradient in the scores.

    x: (N, C) scores; y: (N,) integer labels in 0..C-1. Both are left as they are.
    Returns (loss, dx): the mean over the rows of sum_{c != y} max(0, x_c - x_y + 1), and its gradient, (N, C).
    Where a margin is exactly 0, either slope is accepted.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: compute the margins, their mean over the rows, and the gradient in the scores
    rows = np.arange(len(y))
    margins = np.maximum(0, x - x[rows, y][:, np.newaxis] + 1)
    margins[rows, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] = -dx.sum(axis=1)
    return margins.sum() / len(y), dx / len(y)
    ### END SOLUTION


# %% [markdown] hints="svm_loss"
# 1. `x[np.arange(N), y]` picks the true score of each row; as a column, `[:, np.newaxis]`, it can be subtracted from
#    all scores of its row.
# 2. The true class itself would have the margin 1: set it to 0 before anything is summed.
# 3. The gradient is 1 where a margin is positive and 0 elsewhere; in the true column stands minus the number of ones in
#    that row. Divide loss and gradient by N.

# %% nbgrader={"grade_id": "svm_loss_check", "locked": true}
loss, dx = svm_loss(np.array([[3.2, 5.1, -1.7]]), np.array([0]))
check.close(loss, 2.9, "one positive margin: 2.9")
check.shape(dx, (1, 3), "the gradient of the scores")
check.close(dx.sum(axis=1), np.zeros(1), "each row of the gradient sums to 0")

# %% nbgrader={"grade_id": "svm_loss_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of svm_loss run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("svm_loss", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: the softmax loss of scores
#
# The softmax turns the scores of a row into probabilities $p_c = e^{x_c} / \sum_j e^{x_j}$ and charges $-\log p_y$. The
# chain could be cut into exponential, sum, division, logarithm. As one gate it is simpler and safer:
#
# $$ L_n = -x_{ny_n} + \log \sum_j e^{x_{nj}} \qquad\Longrightarrow\qquad
#    \frac{\partial L_n}{\partial x_{nc}} = p_{nc} - \mathbb 1[c = y_n] , $$
#
# since the slope of the logarithm of a sum is one over the sum, times the slope of its terms: $e^{x_c} / \sum_j e^{x_j}$.
# The mean over the batch puts a $1/N$ before both. Subtracting the largest score of each row from the whole row
# changes nothing in exact arithmetic and keeps the exponentials from overflowing.
#
# **By hand.** Scores $(3.2, 5.1, -1.7)$ of class 0: probabilities $(.13, .87, .00)$, loss $-\log .13 = 2.04$, gradient
# $(-.87, .87, .00)$. Every row of the gradient sums to 0: what one class gains the others lose.

# %% nbgrader={"grade_id": "softmax_loss", "solution": true}
def softmax_loss(x, y):
    """Softmax (cross-entropy) loss and its gradient in the scores.

    x: (N, C) scores; y: (N,) integer labels in 0..C-1. Both are left as they are.
    Returns (loss, dx): the mean over the rows of -log softmax(x)[y], in nats, and its gradient, (N, C).
    Scores in the thousands do not overflow, also where rows differ by thousands.
    Not to be called: course_utils.nn, scipy, torch.
    """
    ### BEGIN SOLUTION: shift each row, take the log-probabilities, then the mean loss and the gradient in the scores
    rows = np.arange(len(y))
    shifted = x - x.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[rows, y] -= 1
    return -log_p[rows, y].mean(), dx / len(y)
    ### END SOLUTION


# %% [markdown] hints="softmax_loss"
# 1. All sums and maxima run along a row: `axis=1, keepdims=True` keeps them as a column that broadcasts against `x`.
# 2. Shift each row by its own maximum, exponentiate, divide by the row's sum. The loss needs the probability of the
#    true class only; the gradient needs all of them.
# 3. In the gradient subtract 1 in the true column of each row, then divide by N. `x -= …` would change the caller's
#    scores: make a new array.

# %% nbgrader={"grade_id": "softmax_loss_check", "locked": true}
loss, dx = softmax_loss(np.array([[3.2, 5.1, -1.7]]), np.array([0]))
check.close(loss, 2.0404, "2.04 nats", atol=1e-4)
check.shape(dx, (1, 3), "the gradient of the scores")
loss, dx = softmax_loss(np.zeros((4, 10)), np.array([3, 1, 4, 1]))
check.close(loss, np.log(10), "ten equal scores: log 10")

# %% nbgrader={"grade_id": "softmax_loss_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of softmax_loss run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("softmax_loss", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## All of it, on images
#
# Two affine layers with a ReLU between them and the softmax loss on top: a neural network. Its loss and all its
# gradients are seven lines now, and none of them is calculus. Read the backward half from below: it is the forward half
# in a mirror.

# %% tags=["skip-execution"]
def network_loss(X, y, params):
    """Loss of a two-layer network, its gradients with respect to the parameters, and that with respect to the images."""
    hidden, cache1 = affine_forward(X, params["W1"], params["b1"])
    active, cache2 = relu_forward(hidden)
    scores, cache3 = affine_forward(active, params["W2"], params["b2"])
    loss, dscores = softmax_loss(scores, y)
    dactive, dW2, db2 = affine_backward(dscores, cache3)
    dhidden = relu_backward(dactive, cache2)
    dX, dW1, db1 = affine_backward(dhidden, cache1)
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}, dX


def new_params(rng, inputs, hidden, classes, dtype):
    """Small random weights, zero biases."""
    shapes = {"W1": (inputs, hidden), "W2": (hidden, classes)}
    params = {name: rng.normal(scale=np.sqrt(2 / shape[0]), size=shape).astype(dtype) for name, shape in shapes.items()}
    return params | {"b1": np.zeros(hidden, dtype), "b2": np.zeros(classes, dtype)}


# %% [markdown]
# First the check, on a net small enough for finite differences and with three real images, cut down to 8 × 8 pixels.

# %% tags=["skip-execution"]
from course_utils.data import flatten, load_dataset

data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
thumbnails = data.train_images[:3, ::4, ::4] / 128.0 - 1.0  # (3, 8, 8, 3) float64
small = new_params(np.random.default_rng(0), 192, 5, 10, np.float64)
loss, gradients, dX = network_loss(thumbnails, data.train_labels[:3], small)
check.gradient(lambda p: network_loss(thumbnails, data.train_labels[:3], p)[0], small, gradients, "all four parameters")
check.gradient(lambda X: network_loss(X, data.train_labels[:3], small)[0], thumbnails, dX, "the pixels")
print(f"loss {loss:.2f}; {sum(p.size for p in small.values()):,} parameters and {thumbnails.size} pixels checked")

# %% [markdown]
# Now the price. The network for whole images with 100 hidden units has 308,310 parameters. How long does one gradient
# take, once by your backward pass and once by centred differences? The latter is only estimated, from the time of one
# forward pass.

# %% tags=["skip-execution"]
mean_image = flatten(data.train_images[:5000]).mean(axis=0, dtype=np.float64).astype(np.float32)
X_train = (flatten(data.train_images[:5000]).astype(np.float32) - mean_image) / 64
X_val = (flatten(data.val_images).astype(np.float32) - mean_image) / 64
y_train, y_val = data.train_labels[:5000], data.val_labels
params = new_params(np.random.default_rng(0), X_train.shape[1], 100, 10, np.float32)


def forward_only(X, y, params):
    hidden = relu_forward(affine_forward(X, params["W1"], params["b1"])[0])[0]
    return softmax_loss(affine_forward(hidden, params["W2"], params["b2"])[0], y)[0]


def best_of(function, repeats=15):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(X_train[:100], y_train[:100], params)
        times.append(time.perf_counter() - start)
    return min(times)


count = sum(p.size for p in params.values())
one_way, both_ways = best_of(forward_only), best_of(network_loss)
by_differences = 2 * count * one_way
print(f"{count:,} parameters, 100 images")
print(f"forward pass              {1000 * one_way:6.2f} ms")
print(f"forward and backward pass {1000 * both_ways:6.2f} ms, {both_ways / one_way:.1f} times as long")
print(f"centred differences       {by_differences / 60:6.1f} minutes, estimated: ", end="")
print(f"{by_differences / both_ways:,.0f} times as long as both passes")
check.between(both_ways / one_way, 1.2, 6, "all slopes cost a few forward passes")

# %% [markdown]
# Expect both passes together to take about three times as long as the forward pass alone, whatever the number of
# parameters: each layer's backward pass is two matrix products of the size of its forward one. (Clocks are noisy; the
# check allows 1.2 to 6.) Centred differences cost two forward passes *a parameter*, so they are more than a hundred
# thousand times slower here, and the gap grows with the network.
#
# The whole network can be checked all the same. The slope of the loss along *one* direction in the space of all
# parameters is the inner product of the gradient with that direction, and two evaluations measure it. In a random
# direction every parameter takes part, so a mistake anywhere shows, if not its place. Twenty directions do: forty
# evaluations, and nine more by which the checker learns how large the rounding errors are.

# %% tags=["skip-execution"]
wide = {name: value.astype(np.float64) for name, value in params.items()}
X_few, y_few = X_train[:50].astype(np.float64), y_train[:50]
_, gradients, _ = network_loss(X_few, y_few, wide)
report = check_gradient(lambda p: network_loss(X_few, y_few, p)[0], wide, gradients, directions=20)
print(report, f"Evaluations of the loss: {report.evaluations}", sep="\n")
check.true(report.ok, f"all {count:,} slopes at once", "the network's gradient does not agree with the slopes measured")

# %% [markdown]
# And does the gradient train? A few hundred plain steps downhill, with a fresh batch of 100 images each:

# %% tags=["skip-execution"]
def network_predict(X, params):
    hidden = relu_forward(affine_forward(X, params["W1"], params["b1"])[0])[0]
    return np.argmax(affine_forward(hidden, params["W2"], params["b2"])[0], axis=1)


def train_network(seed, steps=500, rate=0.03):
    """Plain stochastic gradient descent from fresh weights: parameters and the loss of every step."""
    rng = np.random.default_rng(seed)
    params, history = new_params(rng, X_train.shape[1], 100, 10, np.float32), []
    for _ in range(data.steps(steps)):  # all of them, but fewer in the short mode that tests use
        batch = rng.integers(0, len(X_train), size=100)
        loss, gradients, _ = network_loss(X_train[batch], y_train[batch], params)
        history.append(float(loss))
        for name in params:
            params[name] -= rate * gradients[name]
    return params, history


params, history = train_network(seed=0)
accuracy = float(np.mean(network_predict(X_val, params) == y_val))
print(f"mean loss of the first ten steps {np.mean(history[:10]):.2f}, of the last ten {np.mean(history[-10:]):.2f}")
print(f"validation accuracy {accuracy:.3f}")
if data.stated_ranges_hold:
    check.between(accuracy, 0.62, 0.71, "validation accuracy after 500 steps")
plots.loss_curves({"two-layer network": history}, title="Your gradients train a network", smooth=20);

# %% [markdown]
# Expect, on `garments`, an accuracy between .62 and .71: after a few seconds, your layers beat the linear
# classifier of notebook 02 (.54–.61). How to train such a network well is the subject of notebook 04.
#
# The backward pass does not stop at the weights. `dX` holds the slope of the loss in every pixel: in which direction
# a change of the image makes this network more wrong. Take that literally: move every pixel by 4 of its 255 grey
# levels, up or down as the sign of `dX` says, and, for comparison, up or down at random.

# %% tags=["skip-execution"]
def move_pixels(params, X, y, seed=0, levels=4):
    """Images moved by a few grey levels a pixel, in four ways, with the accuracy and the loss of each."""
    _, _, dX = network_loss(X, y, params)
    step = np.float32(levels / 64)  # pixels were divided by 64
    random_signs = np.random.default_rng(seed).choice(np.float32([-1, 1]), size=X.shape)
    moved = {
        "as they are": X,
        "at random": X + step * random_signs,
        "against dX": X - step * np.sign(dX),
        "along dX": X + step * np.sign(dX),
    }
    return {
        name: (float(np.mean(network_predict(each, params) == y)), float(network_loss(each, y, params)[0]))
        for name, each in moved.items()
    }


found = move_pixels(params, X_val[:500], y_val[:500])
for name, (right, loss) in found.items():
    print(f"{name:12s} accuracy {right:.3f}, loss {loss:.2f}")
if data.stated_ranges_hold:
    check.between(abs(found["at random"][0] - found["as they are"][0]), 0, 0.03, "noise of this size: no difference")
    lost = 1 - found["along dX"][0] / found["as they are"][0]
    check.between(lost, 0.75, 0.95, "along dX: share of the right images that are lost")
    check.between(found["as they are"][1], 0.7, 1.2, "the loss of the images as they are")
    check.between(found["along dX"][1], 4, 5.5, "the loss along dX")
    check.between(found["against dX"][0], 0.95, 1, "against dX: nearly all are right")
plots.bars(
    {name: right for name, (right, _) in found.items()},
    ylabel="accuracy on 500 validation images",
    title="Four grey levels a pixel: harmless at random, decisive along dX",
);

# %% [markdown]
# Random changes of this size do nothing: 3,072 small pushes in random directions cancel. Pushes that all go uphill
# add up: they raise the loss from about 1 to more than 4, and of ten images that the network knew it loses eight or
# nine. (Going *against* `dX` needs the true label, so it is no way to cheat.) Is the change visible?

# %% tags=["skip-execution"]
X_some, y_some = X_val[:500], y_val[:500]
along_dX = X_some + np.float32(4 / 64) * np.sign(network_loss(X_some, y_some, params)[2])
before, after = network_predict(X_some, params), network_predict(along_dX, params)
chosen = np.flatnonzero((before == y_some) & (after != y_some))[:7]
pixels = [np.clip((64 * rows[chosen] + mean_image).reshape(-1, 32, 32, 3) / 255, 0, 1) for rows in (X_some, along_dX)]
plots.image_grid(
    np.concatenate(pixels),
    [data.class_names[label] for labels in (before, after) for label in labels[chosen]],
    columns=len(chosen),
    title="The network's answers: above for the images as they are, below after 4 grey levels along dX",
);

# %% [markdown]
# The eye finds hardly a trace of the change, and the network names another class. That is the plainest proof that `dX`
# is right, and a weakness of such networks to which notebook 10 returns.

# %% [markdown]
# ## A graph that builds itself
#
# Your `ComputationalGraph` has to be told its nodes. Modern libraries spare you that: they overload `+` and `*`, so
# that ordinary code, while it computes, also *records* what it did. The record is the graph. Then one call of
# `backward()` on the result sends gradients through everything that led to it. This is **reverse-mode automatic
# differentiation**, and a version for single numbers fits on a page.
#
# A `Value` holds a number (`data`), the slope of the final output in it (`grad`, 0 at first), the values it was made
# from, and a little function that, once its own `grad` is complete, adds local times upstream to the `grad` of its
# sources. `__add__` below is complete and shows the pattern.
#
# ### Extension, no points: the class `Value`

# %% nbgrader={"grade_id": "Value", "solution": true}
class Value:
    """A number that records how it was made, so that its slopes can be found.

    data: the number.  grad: the slope, in this value, of the value on which backward() was called; it starts at 0, and
    backward() adds to it. Supports +, -, *, /, ** between values and plain numbers (the exponent is a plain number).
    Not to be called: autograd, torch.
    """

    def __init__(self, data, sources=()):
        self.data = float(data)
        self.grad = 0.0
        self.sources = tuple(sources)  # the values that this one was made from
        self.pass_back = lambda: None  # adds to each source's grad what flows back to it through this value

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def pass_back():
            self.grad += out.grad
            other.grad += out.grad

        out.pass_back = pass_back
        return out

    def __mul__(self, other):
        """The product with a Value or a number."""
        ### BEGIN SOLUTION: return the product as a Value that passes its gradient back to both factors
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def pass_back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.pass_back = pass_back
        return out
        ### END SOLUTION

    def __pow__(self, exponent):
        """This value to the power of a plain number, such as 2, 0.5 or -1."""
        ### BEGIN SOLUTION: return the power as a Value that passes its gradient back to the base
        out = Value(self.data**exponent, (self,))

        def pass_back():
            self.grad += exponent * self.data ** (exponent - 1) * out.grad

        out.pass_back = pass_back
        return out
        ### END SOLUTION

    def exp(self):
        """e to the power of this value."""
        ### BEGIN SOLUTION: return the exponential as a Value that passes its gradient back
        out = Value(math.exp(self.data), (self,))

        def pass_back():
            self.grad += out.data * out.grad

        out.pass_back = pass_back
        return out
        ### END SOLUTION

    def relu(self):
        """max(0, this value). Where it is exactly 0, either slope is accepted."""
        ### BEGIN SOLUTION: return the rectified value as a Value that passes its gradient back
        out = Value(max(0.0, self.data), (self,))

        def pass_back():
            self.grad += (self.data > 0) * out.grad

        out.pass_back = pass_back
        return out
        ### END SOLUTION

    def tanh(self):
        """The hyperbolic tangent, whose derivative is 1 - tanh**2."""
        ### BEGIN SOLUTION: return the hyperbolic tangent as a Value that passes its gradient back
        out = Value(math.tanh(self.data), (self,))

        def pass_back():
            self.grad += (1 - out.data**2) * out.grad

        out.pass_back = pass_back
        return out
        ### END SOLUTION

    def backward(self):
        """Add to the grad of every value that led to this one the slope of this one in it; this one's own grad is 1.

        Each value on the way passes its gradient back once, after all values made from it on the way to this one.
        To be called once on a result: what was computed between the inputs and this value has a grad of 0 so far.
        """
        ### BEGIN SOLUTION: order all values that led here topologically, then pass gradients back in reverse
        order, seen = [], set()

        def visit(value):
            if id(value) not in seen:
                seen.add(id(value))
                for source in value.sources:
                    visit(source)
                order.append(value)

        visit(self)
        self.grad = 1.0
        for value in reversed(order):
            value.pass_back()
        ### END SOLUTION

    def __radd__(self, other):  # 2 + value
        return self + other

    def __rmul__(self, other):  # 2 * value
        return self * other

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (other * -1.0)

    def __rsub__(self, other):  # 2 - value
        return (self * -1.0) + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):  # 2 / value
        return self**-1 * other

    def __repr__(self):
        return f"Value({self.data:g}, grad={self.grad:g})"


# %% [markdown] hints="Value"
# 1. Each operation follows `__add__`: compute the number, make a `Value` of it with its sources, define `pass_back`,
#    attach it. Only the number and the local gradients differ.
# 2. In `pass_back` always write `+=`: a value may be used twice, even by one operation, as in `a * a`. Use `out.grad`
#    for the upstream gradient; it is complete by the time `pass_back` runs.
# 3. For `backward`, visit a value's sources before the value itself, each value once, and append it to a list when its
#    sources are done. That list is a topological order. Set this value's own `grad` to 1 and call `pass_back` along the
#    list in reverse.

# %% nbgrader={"grade_id": "Value_check", "locked": true}
x, y, z = Value(-2.0), Value(5.0), Value(-4.0)
f = (x + y) * z
check.close(f.data, -12.0, "(x + y) z, forwards")
f.backward()
check.close([x.grad, y.grad, z.grad], [-4.0, -4.0, 3.0], "(x + y) z, backwards")
check.close(Value(3.0).relu().data, 3.0, "relu of 3")
check.close(Value(0.5).tanh().data, 0.462117, "tanh of 1/2", atol=1e-5)
check.close((Value(3.0) ** 2).data, 9.0, "the square of 3")
check.close(Value(0.0).exp().data, 1.0, "the exponential of 0")

# %% nbgrader={"grade_id": "Value_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of Value run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("Value", globals())
### END HIDDEN TESTS

# %% [markdown]
# And now a network made of single numbers: two inputs, eight hidden tanh units, one output, 33 weights. It has to
# tell two interleaved half-moons apart, which no straight line can. With the classes coded as $t = \pm 1$ and the
# output $s$ as a score, the loss of a point is the hinge $\max(0, 1 - ts)$, the SVM loss for two classes: one line,
# because `relu` is there.

# %% tags=["skip-execution"]
def two_moons(count, rng, noise=0.12):
    """Two interleaved half circles: (count, 2) points and their labels 0 and 1."""
    labels = np.arange(count) % 2
    angle = rng.uniform(0, np.pi, size=count)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    return np.where(labels[:, np.newaxis] == 0, upper, lower) + noise * rng.normal(size=(count, 2)), labels


def moon_score(point, net):
    """The network's score for one point, as a Value: positive means class 1."""
    hidden = [(w0 * point[0] + w1 * point[1] + b).tanh() for w0, w1, b in net["hidden"]]
    return sum((w * h for w, h in zip(net["out"], hidden, strict=True)), net["bias"])


def train_on_moons(seed, steps=150, batch_size=20, rate=1.0, units=8):
    """A net of Values, trained by stochastic gradient descent; also the share of right points after training."""
    rng = np.random.default_rng(seed)
    points, labels = two_moons(120, rng)
    net = {
        "hidden": [[Value(v) for v in rng.normal(size=3)] for _ in range(units)],
        "out": [Value(v) for v in rng.normal(size=units) / np.sqrt(units)],
        "bias": Value(0.0),
    }
    weights = [v for unit in net["hidden"] for v in unit] + net["out"] + [net["bias"]]
    for _ in range(steps):
        chosen = rng.integers(0, len(points), size=batch_size)
        losses = [(1 - (2.0 * labels[i] - 1) * moon_score(points[i], net)).relu() for i in chosen]
        loss = sum(losses, Value(0.0)) / batch_size
        for weight in weights:
            weight.grad = 0.0
        loss.backward()
        for weight in weights:
            weight.data -= rate * weight.grad
    right = np.mean([(moon_score(point, net).data > 0) == label for point, label in zip(points, labels, strict=True)])
    return net, points, labels, float(right)


net, points, labels, right = train_on_moons(seed=0)
print(f"points on the right side: {right:.3f}")
check.between(right, 0.93, 1.0, "the moons are told apart")

# %% tags=["skip-execution"]
plain = {
    "W1": np.array([[v.data for v in unit[:2]] for unit in net["hidden"]]).T,
    "b1": np.array([unit[2].data for unit in net["hidden"]]),
    "W2": np.array([v.data for v in net["out"]]),
    "b2": net["bias"].data,
}
plots.decision_boundary(
    lambda P: (np.tanh(P @ plain["W1"] + plain["b1"]) @ plain["W2"] + plain["b2"] > 0).astype(int),
    points,
    labels,
    title="Two moons, told apart by 33 Values",
);

# %% [markdown]
# Expect between 93 and 100 % of the points on the right side. A single step on 20 points makes and differentiates
# about 1,600 `Value` objects; the arrays of the layers above do as much in a handful of NumPy calls. That is why real
# libraries record operations on whole arrays. The principle is the one you just wrote.

# %% [markdown]
# ## Two questions in your own words
#
# **Question 1 (5 points).** A network has $P$ parameters and its forward pass takes time $T$. Compare the cost of its
# gradient by centred differences and by backpropagation, in time, and say why the second does not grow by a factor of
# $P$. What does backpropagation need that a forward pass alone does not, and what does that mean for a network with
# very many layers? About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_cost_of_backward", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# Centred differences run the forward pass twice for each parameter: 2PT. Backpropagation visits each gate once
# forwards and once backwards; a gate's backward pass is a product of its upstream and local gradients and costs about
# as much as its forward pass, or twice that for a matrix product, so the whole gradient takes a few T however large P
# is. It does not multiply by P because the gradient at a value summarises everything that happens between it and the
# loss: all parameters before it share that number, and no path is followed twice. The price is memory: the values
# that the local gradients depend on (inputs or outputs of each gate, the caches) have to be kept from the forward
# pass until the backward pass comes by. Without a backward pass each could be dropped as soon as the next layer has
# used it. So the memory grows with the number of layers (and with the batch), and for a very deep network it is
# memory, not time, that runs out first, unless some values are computed again.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: centred differences cost 2P forward passes.
# - 1 point: the backward pass costs a small multiple of one forward pass, independent of P.
# - 1 point: why: each gate is visited once; the upstream gradient is shared by everything before it (or: shared sums
#   over paths).
# - 1 point: intermediate values have to be kept from the forward to the backward pass.
# - 1 point: memory therefore grows with depth (or batch); it limits deep networks.
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** A colleague checks the gradient of a network with ReLU units in `float32` with
# $h = 10^{-7}$ and gets a relative error of 0.3. Name three different explanations; under at least two of them the
# gradient is right. For each, describe an experiment that would tell whether it applies. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_failed_check", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# First, rounding: float32 carries seven digits, and with h = 1e-7 the two losses hardly differ, so the difference is
# mostly rounding error. Repeat the check in float64 with h = 1e-5: if the error drops to 1e-7 or less, the gradient
# was right. Second, a kink: some unit's input may lie within h of 0, so that the two evaluations use different pieces
# of the ReLU. Look at how many entries disagree, and repeat with a shorter step (in float64) or at slightly different
# inputs: only a few entries disagree, and others do at another point. Third, the gradient is really wrong, for
# example a missing factor or a gradient that is overwritten where a value is used twice. Then the error stays at any
# h, in float64, and at any point, and it concerns whole parameters; compare layer by layer with a random dout to find
# the place. (Also accepted: the loss draws random numbers, such as noise or a fresh batch, so that its two
# evaluations differ: fix the seed or evaluate twice at the same point.)
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: rounding, with float32 or too small a step as its cause.
# - 1 point: float64 and a step near 1e-5 as the experiment.
# - 1 point: a kink within h of the point.
# - 1 point: an experiment that tells it from a mistake: number of entries, another step, another point.
# - 1 point: a third reason (a real mistake, randomness in the loss, entries so small that both are rounding) with an
#   experiment.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **`=` where `+=` belongs.** A value used twice gets the gradient of its last use only. The check by finite
#   differences finds it, a test with a chain of gates does not.
# - **`dout` forgotten.** Local gradients alone are right only when the upstream gradient is 1, as it is at the very
#   end. Always test with a random `dout`.
# - **Passing on before everything has come in.** A node that hands its gradient on before all of its uses have
#   reported hands on too little. The reversed topological order prevents it.
# - **Memory in the wrong place.** Values kept on the class, or one gate object used for two nodes: the second forward
#   overwrites what the first backward needs.
# - **`dx` in the wrong shape.** Flattened images come back as images.
# - **`db` as a mean.** The sum over the batch belongs there; the $1/N$ comes from the loss, once.
# - **The mask from the wrong array.** ReLU's mask is about the sign of the *input*, not of `dout`.
# - **A transpose that happens to fit.** With $D = M$ both orders run. Check with sizes that all differ.
# - **Changing `dout` or `x` in place** (`dout[x <= 0] = 0`): the array may still be in use by another branch.
# - **A check in `float32`, at a kink, or with $h = 10^{-12}$** fails for a right gradient; a check at one lucky point
#   passes for a wrong one.

# %% [markdown]
# ## Check yourself
#
# 1. What are the slopes of $f = x\,y\,z$ at $(2, 3, 4)$, and which gate pattern gives them?
#
# <details><summary>Answer</summary>Multiply swaps: each gets the product of the other two: 12, 8, 6.</details>
#
# 2. An add gate and a max gate both receive 2.5 from upstream. What do they pass on?
#
# <details><summary>Answer</summary>The add gate 2.5 to each input; the max gate 2.5 to the larger input and 0 to the
# other.</details>
#
# 3. $f = x^2 + 3x$ as a graph uses $x$ in three places. What comes back from each at $x = 2$, and what is the slope?
#
# <details><summary>Answer</summary>2 and 2 from the two inputs of the product x · x and 3 from the other branch.
# Together 7, which is 2x + 3 at x = 2.</details>
#
# 4. Where is the slope of the sigmoid largest, how large is it there, and what happens to a gradient that passes
#    through ten sigmoid gates?
#
# <details><summary>Answer</summary>At 0, where it is 1/4. After ten of them at most (1/4)¹⁰, about a millionth, of
# the upstream gradient is left (weights aside). Notebook 05 returns to this.</details>
#
# 5. `x` is (32, 3, 8, 8) and `w` is (192, 10). What are the shapes of `out`, `dx`, `dw` and `db`?
#
# <details><summary>Answer</summary>(32, 10), (32, 3, 8, 8), (192, 10), (10,).</details>
#
# 6. Why does the backward pass of $Y = XW$ need $X$ and $W$ but not $Y$, and that of the sigmoid the output but not
#    the input?
#
# <details><summary>Answer</summary>The local gradients of a product are the other factors. The sigmoid's can be
# written as out · (1 − out). What a gate must keep is what its local gradient is made of.</details>
#
# 7. A gradient check with h = 1e-10 in `float64` gives 1e-5. With h = 1e-5 it gives 1e-10. Which result is about the
#    gradient?
#
# <details><summary>Answer</summary>The second. The first is the left arm of the V: rounding, about 1e-16 divided by
# h.</details>
#
# 8. All scores of a row are shifted by 7. What happens to the gradient of the softmax loss, and what does that say
#    about the sum of a row of the gradient?
#
# <details><summary>Answer</summary>Nothing changes, since the loss does not. So the slope in the direction (1, 1, …,
# 1) is 0, and that slope is the sum of the row.</details>
#
# 9. Your graph has 100,000 nodes and one output. How many times does each gate run backwards? And if you wanted the
#    slopes of 1,000 outputs in one input?
#
# <details><summary>Answer</summary>Once. For many outputs and one input, one would go forwards instead, carrying
# along the slope of every value in that input (forward mode): one pass, where backwards it would take
# 1,000.</details>

# %% [markdown]
# ## Where this leads
#
# The layers are done, and the rest of the course stacks them. Notebook 04 puts `affine`, `relu` and `softmax_loss`
# into a class and trains it with care. Notebook 05 asks what happens to values and gradients as they pass through
# many layers, and adds batch normalisation, whose backward pass is your next derivation. Convolution, in notebook 08,
# is one more gate with the same two methods.
#
# ## Further reading
#
# - D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by back-propagating errors", *Nature*
#   323, 1986: the paper that made the method known in this field.
# - S. Linnainmaa, "Taylor expansion of the accumulated rounding error", *BIT* 16, 1976: reverse mode before neural
#   networks.
# - A. Griewank and A. Walther, *Evaluating Derivatives*, second edition, SIAM, 2008: the theory of automatic
#   differentiation, with the bound on its cost.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul and J. M. Siskind, "Automatic differentiation in machine learning: a
#   survey", *Journal of Machine Learning Research* 18, 2018.
# - W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", *SIAM Review* 40,
#   1998: the complex step.
# - T. Chen, B. Xu, C. Zhang and C. Guestrin, "Training deep nets with sublinear memory cost", 2016, arXiv:1604.06174:
#   computing again what was not kept.
# - Notes of Stanford's course CS231n on backpropagation, https://cs231n.github.io.
