# ---
# jupyter:
#   course:
#     title: Optimizers
#     builds: seven update rules from plain descent to AdamW, learning rate schedules, Newton's step, early stopping and ensembles
#     needs: gradients, mini-batch SGD, Taylor's formula to second order
#     minutes: 230
#     budget_seconds: 60
# ---

# %% [markdown]
# # Optimizers
#
# A gradient says which way is down. It does not say how far to go, nor what to remember of the steps before. This
# notebook is about these two questions.
#
# **What you build.** Seven update rules: plain gradient descent, momentum, Nesterov's momentum, AdaGrad, RMSProp, Adam
# and AdamW; the schedules that change a learning rate during training; Newton's step and, as an extension, L-BFGS;
# early stopping, the averaging of weights, and ensembles of nets.
#
# **What you need.** Gradients and mini-batches, and Taylor's formula up to the second derivative. No answer from
# another notebook is used: nets come from `course_utils.nn`.
#
# **How long.** About four hours, in two sittings: pause after AdamW.
#
# **The result.** Below, seven rules walk down the same long valley from the white ring, sixty steps each. By the end
# you have written them all, know why each path looks as it does, and know that this picture flatters some of them.

# %%
import numpy as np

from course_utils import check

# %% tags=["skip-execution"]
from course_utils import nn, plots
from course_utils.data import load_dataset, load_results


def walk(rule, gradient, start, steps=60, **config):
    """The path of an update rule, (steps + 1, 2). config: settings of the rule."""
    path = [np.array(start, dtype=float)]
    for _ in range(steps):
        next_w, config = rule(path[-1].copy(), gradient(path[-1]), config)
        path.append(np.array(next_w))
    return np.array(path)


def valley(x, y):
    return 0.5 * (x**2 + 30 * y**2)


def valley_gradient(w):
    return np.array([w[0], 30 * w[1]])


preview = {
    name: walk(getattr(nn, name), valley_gradient, (-4, 1), learning_rate=rate)
    for name, rate in {"sgd": 0.06, "sgd_momentum": 0.02, "nesterov": 0.02, "adagrad": 1.0, "rmsprop": 0.1, "adam": 0.2, "adamw": 0.2}.items()
}
plots.trajectories(
    {"f = (x² + 30 y²) / 2": (valley, (-4.6, 1.6), (-1.4, 1.4), preview)},
    minimum={"f = (x² + 30 y²) / 2": (0, 0)},
    title="Seven ways down the same valley",
);

# %% [markdown]
# ## Three troubles on the way down
#
# Write $w$ for all parameters in one long vector, $f(w)$ for the loss and $g = \nabla f(w)$ for its gradient. Plain
# descent repeats $w \leftarrow w - \eta\, g$ with a **learning rate** $\eta$. Three things stand in its way.
#
# ### Valleys: poor conditioning
#
# Near a minimum every smooth loss looks like a bowl, and along the principal axes of the bowl
#
# $$ f(w) = \tfrac12 \sum_i h_i w_i^2 , \qquad g_i = h_i w_i . $$
#
# The $h_i$ are the **curvatures**, the eigenvalues of the matrix of second derivatives (the Hessian). A step of plain
# descent gives $w_i \leftarrow w_i - \eta h_i w_i = (1 - \eta h_i)\, w_i$. So every axis has a life of its own: after
# $t$ steps
#
# $$ w_i^{(t)} = (1 - \eta h_i)^t\, w_i^{(0)} . $$
#
# This shrinks only if $|1 - \eta h_i| < 1$, that is $\eta < 2 / h_i$. The *steepest* axis sets that limit for all:
# $\eta < 2 / h_{\max}$. The *flattest* then decides how long it takes, for along it the factor $1 - \eta h_{\min}$ is
# close to 1. What matters is the ratio $\kappa = h_{\max} / h_{\min}$, the **condition number**. The best compromise
# makes both ends equally bad, $1 - \eta h_{\min} = -(1 - \eta h_{\max})$, so $\eta = 2 / (h_{\min} + h_{\max})$, with
# the factor
#
# $$ \frac{\kappa - 1}{\kappa + 1} \quad\text{a step.} $$
#
# **By hand.** Curvatures 1 and 100: $\eta = 2/101 \approx 0.0198$ and the factor is $99/101 \approx 0.980$. To bring
# the distance down by a million takes $\ln 10^{6} / (-\ln 0.980) = 13.82 / 0.0200 \approx 691$ steps. At $\kappa = 1$
# it takes one.

# %% tags=["skip-execution"]
kappa = 100
factor = (kappa - 1) / (kappa + 1)
print(f"factor {factor:.4f}, steps for a millionth: {np.log(1e6) / -np.log(factor):.0f}")

# %% tags=["skip-execution"]
three_rates = {
    f"rate {rate:g}": walk(nn.sgd, valley_gradient, (-4, 1), steps=20, learning_rate=rate) for rate in (0.02, 0.06, 0.0675)
}
plots.trajectories(
    {"curvatures 1 and 30: the limit is 2/30 = 0.067": (valley, (-4.6, 1.0), (-2.1, 2.1), three_rates)},
    minimum={"curvatures 1 and 30: the limit is 2/30 = 0.067": (0, 0)},
    title="Plain descent: too slow along the valley, or too fast across it",
);

# %% [markdown]
# ### Saddle points
#
# Where the gradient is zero, the place may be a minimum, a maximum, or a **saddle**: up along some axes and down along
# others. It is a minimum only if *all* curvatures are positive. If each of $n$ curvatures had its sign by the toss of a
# coin, that would have probability $2^{-n}$. Curvatures of a real matrix push each other apart, which makes it rarer
# still. Draw random symmetric matrices and count:

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
share = {}
for n in range(1, 6):
    M = rng.normal(size=(20_000, n, n))
    share[n] = np.mean(np.linalg.eigvalsh(M + M.transpose(0, 2, 1))[:, 0] > 0)
print("share of random matrices with all curvatures positive:", {n: float(part) for n, part in share.items()})
check.between(share[2], 0.135, 0.158, "two dimensions: (2 - √2)/4 = .146")
check.between(share[3], 0.020, 0.030, "three dimensions: .025")
figure = plots.lines(
    list(share),
    {"random symmetric matrices": list(share.values()), "coin tosses: 1 / 2ⁿ": [0.5**n for n in share]},
    xlabel="number of dimensions n",
    ylabel="share with all curvatures positive",
    title="A minimum by chance: the more dimensions, the rarer",
    log_y=True,
)
figure.axes[0].set_xticks(list(share));

# %% [markdown]
# The Hessian of a net is no random matrix, so read this as a hint, not a proof. Let us look at one. A net with 610
# parameters is small enough to work out all its curvatures: 64 grey pixels, 8 hidden units, 500 garments, and the
# Hessian from differences of gradients.

# %% tags=["skip-execution"]
def all_curvatures(net, X, y, h=1e-4):
    """The eigenvalues of the Hessian of a small net's loss, in rising order: its gradient's centred differences."""
    rows = []
    for value in net.params.values():
        for index in np.ndindex(value.shape):
            kept, sides = value[index], []
            for moved in (kept + h, kept - h):
                value[index] = moved
                grads = net.loss(X, y)[1]
                sides.append(np.concatenate([grads[name].ravel() for name in net.params]))
            value[index] = kept
            rows.append((sides[0] - sides[1]) / (2 * h))
    return np.linalg.eigvalsh((np.array(rows) + np.array(rows).T) / 2)


data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
grey = data.train_images[:500].reshape(500, 8, 4, 8, 4, 3).mean(axis=(2, 4, 5)).reshape(500, 64)
curvatures, steepness = {}, {}
for label, X_grey in (("pixels / 255", grey / 255), ("standardised", nn.standardize(grey).astype(float))):
    net = nn.FullyConnectedNet((64, 8, 10), activation="tanh", init="xavier", dtype=np.float64, rng=0)
    curvatures[label, "at the start"] = all_curvatures(net, X_grey, data.train_labels[:500])
    for _ in range(data.steps(2000)):  # 2,000, but fewer in the short mode that tests use
        _, grads = net.loss(X_grey, data.train_labels[:500])
        for name, dw in grads.items():
            net.params[name] = net.params[name] - 0.1 * dw
    curvatures[label, "after 2,000 steps"] = all_curvatures(net, X_grey, data.train_labels[:500])
for (label, when), each in curvatures.items():
    steepness[label, when] = each[-1] / np.median(each[each > 0])
    print(f"{label:13s} {when:17s} {np.sum(each < -1e-4):3d} of {len(each)} below zero, lowest {each[0]:6.3f}, highest {each[-1]:6.3f}, "
          f"highest / median of those above zero: {steepness[label, when]:6.0f}")
start, end = (curvatures["standardised", when] for when in ("at the start", "after 2,000 steps"))
if data.stated_ranges_hold:
    check.between(np.mean(start < 0), 0.33, 0.6, "share of negative curvatures at the start")
    check.between(np.mean(end < -1e-4), 0.02, 0.2, "share of negative curvatures after 2,000 steps")
    check.between(end[0], -0.1, 0.0, "the lowest of them: hardly below zero")
    check.between(end[-1], 12, 25, "the highest, where the limit for a rate of 0.1 is 2 / 0.1 = 20")
    check.between(curvatures["pixels / 255", "after 2,000 steps"][-1], 17, 25, "the highest with raw pixels")
    check.between(steepness["standardised", "after 2,000 steps"], 600, 2500, "highest / median of those above zero")
    check.between(steepness["pixels / 255", "after 2,000 steps"], 8000, 16000, "the same with raw pixels")
    for when in ("at the start", "after 2,000 steps"):
        ratio = steepness["pixels / 255", when] / steepness["standardised", when]
        check.true(ratio > 5, f"{when}: the valley of raw pixels is more than 5 times as long", f"only {ratio:.1f} times")
figure = plots.lines(
    np.linspace(0, 1, 610), {"at the start": start, "after 2,000 steps": end},
    xlabel="share of curvatures below this one", ylabel="curvature (standardised pixels)",
    title="A net's curvatures: both signs at first, then a long valley",
)
figure.axes[0].set_yscale("symlog", linthresh=0.01)  # logarithmic on both sides of zero
figure.axes[0].grid(axis="y", alpha=0.3);

# %% [markdown]
# Both troubles are there. At the start roughly half of all curvatures are negative; after 2,000 steps a tenth is, and
# hardly below zero. And the bowl is a valley: along the steepest direction the curvature is about a thousand times that
# of a typical one. With raw pixels it is ten thousand times, one more reason to standardise. Note the highest curvature,
# too. It has grown, with raw pixels right up to $2/\eta = 20$, the limit derived above: the valley narrows until the
# learning rate only just fits (Cohen et al., 2021).
#
# In larger nets, too, points of zero gradient at a high loss were found to be saddles nearly always (Dauphin et al.,
# 2014).
#
# A saddle is no trap, but it is a place to lose time. Take $f = \frac12 x^2 - \frac12 y^2$. Plain descent multiplies
# $x$ by $1 - \eta$ and $y$ by $1 + \eta$ each step. Starting at $y = \varepsilon$ it takes about
# $\ln(1/\varepsilon) / \eta$ steps until $y$ is 1: a start a thousand times closer to the ridge costs $6.9/\eta$ more
# steps. Only $y = 0$ exactly never leaves, and noise sees to it that nothing is exact.
#
# ### Noise
#
# A mini-batch gives $g + \xi$, the gradient plus noise of mean zero. On a bowl of curvature $h$ with noise of variance
# $\sigma^2$, plain descent is $w \leftarrow (1 - \eta h)\, w - \eta\, \xi$. In the long run its variance $V$ must
# reproduce itself:
#
# $$ V = (1 - \eta h)^2\, V + \eta^2 \sigma^2 \quad\Longrightarrow\quad V = \frac{\eta\, \sigma^2}{h\,(2 - \eta h)} . $$
#
# So it does not arrive. It rattles around the minimum at a distance of about $\sigma \sqrt{\eta / 2h}$, and to come
# closer $\eta$ must fall. That is what learning rate schedules are for.
#
# **By hand.** $\eta = 0.1$, $h = \sigma = 1$: $V = 0.1 / 1.9 = 0.0526$, a distance of $0.229$. With a rate of $0.01$ it
# is $0.071$.

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
walkers = np.zeros(5000)
for _ in range(150):
    walkers = walkers - 0.1 * (walkers + rng.normal(size=walkers.shape))
print(f"5,000 walkers after 150 steps: standard deviation {walkers.std():.3f}, formula {np.sqrt(0.1 / 1.9):.3f}")

# %% [markdown]
# ## Update rules
#
# All rules of this notebook share one signature,
#
# ```python
# next_w, config = rule(w, dw, config)
# ```
#
# where `w` is an array of parameters of any shape, `dw` the gradient of the loss with respect to it, and `config` a dict
# with the rule's settings *and* its memory. A rule fills in settings that are missing with its defaults, and returns
# the config that the next step is to be given. Every parameter array of a net has a config of its own. A rule may change
# `w` and `config` in place or make new ones, as you like; it must not change `dw`. The signatures are those of
# Stanford's course CS231n, and rules written for it run here as they are.
#
# ### Exercise: plain descent
#
# $$ w \leftarrow w - \eta\, g $$
#
# **By hand.** $w = (1, -2)$, $g = (0.6, -0.8)$ and $\eta = 0.1$ give $(0.94, -1.92)$.

# %% nbgrader={"grade_id": "sgd", "solution": true}
def sgd(w, dw, config=None):
    """Plain (stochastic) gradient descent.

    w: parameters, an array of any shape.  dw: the gradient with respect to w, same shape; left as it is.
    config: None, or a dict with settings; those that are missing are filled in:
        learning_rate: 1e-2.
    Returns (next_w, config): the parameters after the step, and the config for the next step with all settings in it.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: fill in the missing learning rate, and return the next weights and the config
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    return w - config["learning_rate"] * dw, config
    ### END SOLUTION


# %% [markdown] hints="sgd"
# 1. Two things are to be done: make sure that `config` is a dict with a learning rate in it, then make the step.
# 2. `config.setdefault(key, value)` sets a key only where it is missing. It needs a dict, so take care of `None` first.
# 3. The step is the rate times the gradient, taken away from `w`. Return two values: the new weights and the config.

# %% nbgrader={"grade_id": "sgd_check", "locked": true}
next_w, config = sgd(np.array([1.0, -2.0]), np.array([0.6, -0.8]), {"learning_rate": 0.1})
check.close(next_w, [0.94, -1.92], "a step of plain descent")

# %% nbgrader={"grade_id": "sgd_tests", "grade": true, "points": 3}
# Graded, 3 points: hidden tests of sgd run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("sgd", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Momentum
#
# Along a valley the gradients of successive steps agree; across it they point to and fro. A sum of them grows along and
# cancels across. Momentum keeps such a sum, the **velocity** $v$, in which old steps fade by a factor $\mu$:
#
# $$ v \leftarrow \mu\, v - \eta\, g , \qquad w \leftarrow w + v . $$
#
# With $\mu = 0$ this is plain descent. The picture is a ball that rolls in the landscape with some friction: $g$ is the
# force, and $1 - \mu$ is what friction takes.
#
# **How much faster?** If $g$ stays the same, $v$ tends to the place where it reproduces itself, $v = \mu v - \eta g$,
# so $v = -\eta g / (1 - \mu)$. With $\mu = 0.9$ that is *ten* plain steps. Across the valley, where $g$ changes sign
# each time, it tends to $\eta g / (1 + \mu)$ in size: about half a plain step.
#
# **By hand.** One weight at $w = 1$, $\eta = 0.1$, $\mu = 0.9$ and a gradient that stays 1:
#
# | step | $v$ | $w$ |
# |---|---|---|
# | 1 | $-0.1$ | $0.9$ |
# | 2 | $0.9\cdot(-0.1) - 0.1 = -0.19$ | $0.71$ |
# | 3 | $0.9\cdot(-0.19) - 0.1 = -0.271$ | $0.439$ |
#
# **On a bowl.** Along an axis of curvature $h$, $v = \mu v - \eta h w$ and $w = w + v$. Put $v = w_{t} - w_{t-1}$:
#
# $$ w_{t+1} = (1 + \mu - \eta h)\, w_t - \mu\, w_{t-1} . $$
#
# Solutions are powers $z^t$ with $z^2 - (1 + \mu - \eta h)\, z + \mu = 0$. The product of the two roots is $\mu$. While
# they are a complex pair, both have the size $\sqrt\mu$, *whatever the curvature*: every axis with
# $(1 - \sqrt\mu)^2 \le \eta h \le (1 + \sqrt\mu)^2$ shrinks by $\sqrt\mu$ a step. The ends of this range differ by the
# factor $\left(\frac{1 + \sqrt\mu}{1 - \sqrt\mu}\right)^2$. Choose $\mu$ so that this is $\kappa$, and $\eta$ so that
# the range just holds all curvatures, and you get $\sqrt\mu = (\sqrt\kappa - 1) / (\sqrt\kappa + 1)$. The condition
# number has been replaced by its square root. For $\kappa = 100$: $\sqrt\mu = 9/11 = 0.818$ a step instead of $0.980$.

# %% [markdown]
# ### Two forms that differ when the rate drops
#
# Many libraries write momentum another way: the sum holds bare gradients, and the rate comes last.
#
# $$ u \leftarrow \mu\, u + g , \qquad w \leftarrow w - \eta\, u . $$
#
# While $\eta$ is constant, $v = -\eta u$ at every step, and both give the same path. When $\eta$ drops, ours still
# carries steps made with the *old* rate and rolls on for some time; in the other form the drop acts at once on
# everything remembered.
#
# **By hand.** A gradient of 1, $\mu = 0.9$, after a long time at $\eta = 0.1$: $v = -1$ and $u = 10$. Now the rate
# falls to $0.01$. Ours moves by $0.9 \cdot (-1) - 0.01 = -0.91$; the other by $-0.01\cdot(0.9 \cdot 10 + 1) = -0.1$.

# %% tags=["skip-execution"]
v, u, ours, other = 0.0, 0.0, [], []
for t in range(100):
    rate = 0.1 if t < 50 else 0.01
    v, u = 0.9 * v - rate * 1.0, 0.9 * u + 1.0
    ours.append(-v)
    other.append(rate * u)
check.close(ours[50], 0.91, "ours, right after the drop", atol=0.01)
check.close(other[50], 0.10, "the other form, right after the drop", atol=0.01)
plots.lines(
    np.arange(100),
    {"rate inside: v = μv − ηg": ours, "rate outside: u = μu + g, step ηu": other},
    xlabel="step (the rate drops from 0.1 to 0.01 at step 50)",
    ylabel="size of the step",
    title="The two forms agree until the rate drops",
);

# %% [markdown]
# Neither is wrong. It is something to know when you copy settings from one library to another. Here, the rate is
# inside.
#
# ### Exercise: momentum

# %% nbgrader={"grade_id": "sgd_momentum", "solution": true}
def sgd_momentum(w, dw, config=None):
    """Gradient descent with momentum: v = momentum * v - learning_rate * dw, then w + v.

    w: parameters, an array of any shape.  dw: the gradient with respect to w, same shape; left as it is.
    config: None, or a dict with settings; those that are missing are filled in:
        learning_rate: 1e-2.  momentum: 0.9.
        velocity: v, an array of the shape of w, zeros at the start; written back for the next step.
    Returns (next_w, config).
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: fill in the missing settings, renew the velocity, keep it in config, and move by it
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    config.setdefault("velocity", np.zeros_like(w))
    config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    return w + config["velocity"], config
    ### END SOLUTION


# %% [markdown] hints="sgd_momentum"
# 1. Three settings may be missing. The velocity's default depends on `w`: an array of zeros of its shape.
# 2. Renew the velocity first, by the formula, and put it back into the dict. Then move by the new one.
# 3. The learning rate occurs once, in the velocity. The gradient occurs once, too: nothing but the velocity is added to
#    `w`.

# %% nbgrader={"grade_id": "sgd_momentum_check", "locked": true}
next_w, config = sgd_momentum(np.array([1.0, -2.0]), np.array([1.0, -0.5]))
check.close(next_w, [0.99, -1.995], "a first step, with the defaults: like plain descent")

# %% nbgrader={"grade_id": "sgd_momentum_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of sgd_momentum run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("sgd_momentum", globals())
### END HIDDEN TESTS

# %% [markdown]
# How many steps to a millionth of the distance, on curvatures 1 and 100? The text promises about 690 for plain descent
# and, with the best $\mu$ and $\eta$, a little more than $\ln 10^6 / (-\ln 0.818) = 69$ for momentum (both roots
# coincide at the ends of the range, which costs some extra steps). With an everyday $\mu = 0.9$ the rate of shrinking
# is $\sqrt{0.9} = 0.949$.

# %% tags=["skip-execution"]
def steps_needed(rule, curvatures, target=1e-6, **config):
    """Steps until the distance from the minimum has shrunk to this share, on a bowl with these curvatures."""
    w = np.ones(len(curvatures))
    for t in range(5000):
        if np.linalg.norm(w) < target * np.sqrt(len(curvatures)):
            return t
        w, config = rule(w, curvatures * w, config)
    return 5000


bowl = np.array([1.0, 100.0])
root_mu = 9 / 11
needed = {
    "plain": steps_needed(sgd, bowl, learning_rate=2 / 101),
    "μ = 0.9": steps_needed(sgd_momentum, bowl, learning_rate=0.03, momentum=0.9),
    "best μ and η": steps_needed(sgd_momentum, bowl, learning_rate=(1 + root_mu) ** 2 / 100, momentum=root_mu**2),
}
print(needed)
check.between(needed["plain"], 685, 697, "plain descent")
check.between(needed["μ = 0.9"], 200, 330, "everyday momentum")
check.between(needed["best μ and η"], 69, 110, "the best momentum")
plots.bars(needed, ylabel="steps to a millionth of the distance", title="Condition number 100: momentum takes its square root");

# %% [markdown]
# ## Nesterov's momentum
#
# A ball with momentum will move by $\mu v$ in any case. So, said Nesterov, look at the slope *there*, where it will be,
# rather than here where it was:
#
# $$ v \leftarrow \mu\, v - \eta\, \nabla f(w + \mu v) , \qquad w \leftarrow w + v . $$
#
# If the ball is about to run up the other side, the slope at $w + \mu v$ already says so, and the correction comes a
# step earlier. This is the **look-ahead form**. It has a practical fault: the gradient is wanted at a place where the
# parameters are not. So let us keep the look-ahead point itself, $\theta = w + \mu v$, as our variable. With a prime
# for values after the step:
#
# $$ \theta' = w' + \mu v' = w + v' + \mu v' = (\theta - \mu v) + (1 + \mu)\, v' . $$
#
# So the **rewritten form** is
#
# $$ v' = \mu\, v - \eta\, \nabla f(\theta) , \qquad \theta' = \theta - \mu\, v + (1 + \mu)\, v' : $$
#
# take the last look ahead back, make the step, look ahead again. It asks for the gradient where the parameters are,
# like every other rule; the parameters just happen to be $\theta$. At the end of training, when $v$ is small, $\theta$
# and $w$ are the same for all practical purposes.
#
# **By hand.** $f = \frac12 w^2$, so $g = \theta$. Start at $\theta = 1$ with $v = 0$, $\eta = 0.1$, $\mu = 0.9$. First
# step: $v' = -0.1$ and $\theta' = 1 - 0 + 1.9\cdot(-0.1) = 0.81$. Second:
# $v' = 0.9\cdot(-0.1) - 0.1\cdot 0.81 = -0.171$ and $\theta' = 0.81 + 0.09 - 1.9\cdot 0.171 = 0.5751$.
#
# ### Exercise: Nesterov's momentum
#
# Write the rewritten form. You need two velocities at once, the old and the new.

# %% nbgrader={"grade_id": "nesterov", "solution": true}
def nesterov(w, dw, config=None):
    """Nesterov's momentum in the rewritten form: w is the look-ahead point, dw the gradient there.

    v_new = momentum * v - learning_rate * dw, then w - momentum * v + (1 + momentum) * v_new.
    w: parameters, an array of any shape.  dw: the gradient with respect to w, same shape; left as it is.
    config: None, or a dict with settings; those that are missing are filled in:
        learning_rate: 1e-2.  momentum: 0.9.
        velocity: v, an array of the shape of w, zeros at the start; written back for the next step.
    Returns (next_w, config).
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: fill in the missing settings, renew the velocity, and move with the old and the new one
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    config.setdefault("velocity", np.zeros_like(w))
    mu, old = config["momentum"], config["velocity"]
    config["velocity"] = mu * old - config["learning_rate"] * dw
    return w - mu * old + (1 + mu) * config["velocity"], config
    ### END SOLUTION


# %% [markdown] hints="nesterov"
# 1. The velocity is renewed exactly as in `sgd_momentum`. Only the way `w` moves is new.
# 2. Hold on to the old velocity under a name of its own before you renew it. Beware of renewing in place: then old and
#    new are the same array.
# 3. Three terms: `w`, the old velocity times momentum taken away, the new velocity times one plus momentum added.

# %% nbgrader={"grade_id": "nesterov_check", "locked": true}
next_w, config = nesterov(np.array([1.0]), np.array([1.0]), {"learning_rate": 0.1, "momentum": 0.9})
check.close(next_w, [0.81], "the first step worked by hand")

# %% nbgrader={"grade_id": "nesterov_tests", "grade": true, "points": 9}
# Graded, 9 points: hidden tests of nesterov run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("nesterov", globals())
### END HIDDEN TESTS

# %% [markdown]
# Are the two forms the same? Let the look-ahead form run with a velocity of its own and compare $w + \mu v$ with your
# $\theta$.

# %% tags=["skip-execution"]
rewritten = walk(nesterov, valley_gradient, (-4, 1), steps=40, learning_rate=0.02)
w_ball, v_ball, looks = np.array([-4.0, 1.0]), np.zeros(2), []
for _ in range(40):
    looks.append(w_ball + 0.9 * v_ball)
    v_ball = 0.9 * v_ball - 0.02 * valley_gradient(looks[-1])
    w_ball = w_ball + v_ball
check.close(rewritten[:40], np.array(looks), "the rewritten form follows the look-ahead points", atol=1e-12)
plots.trajectories(
    {"curvatures 1 and 30": (valley, (-4.6, 2.2), (-1.4, 1.4), {
        "momentum": walk(sgd_momentum, valley_gradient, (-4, 1), steps=40, learning_rate=0.02),
        "Nesterov": rewritten,
    })},
    minimum={"curvatures 1 and 30": (0, 0)},
    title="Looking ahead damps the swing across the valley",
);

# %% [markdown]
# On a bowl that promise holds. On nets trained with noisy batches the difference is often too small to notice; we shall
# measure it.
#
# ## AdaGrad: a rate for every weight
#
# Momentum still uses one rate for all weights. But a weight behind a feature that is rarely on gets a gradient now and
# then, and should make the most of it, while one with large gradients all the time should go carefully. **AdaGrad**
# adds up the squares of all gradients of each weight and divides by the root of the sum:
#
# $$ c \leftarrow c + g^2 , \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt{c} + \varepsilon} , $$
#
# all entry by entry. The $\varepsilon$ keeps a weight whose gradient was always zero from dividing zero by zero.
#
# **The first step** is $\eta\, g / |g|$: every weight moves by $\eta$, whatever the size of its gradient. Units cancel.
# Multiply the loss by a thousand and AdaGrad does the same; plain descent would explode.
#
# **In the long run.** If $g$ stays the same size, $c = t g^2$ after $t$ steps and the step is $\eta / \sqrt{t}$. The
# rate falls by itself, for ever: after 100 steps it is a tenth, after 10,000 a hundredth. For a convex loss with noise
# this is the right pace, and the distance covered, $\eta \sum 1/\sqrt{t} \approx 2\eta\sqrt{t}$, still has no limit.
# For a net, where the landscape changes on the way, it often stops too early: large gradients from a bad start are
# never forgiven.
#
# **By hand.** $g = 2$ at every step, $\eta = 0.1$: $c = 4, 8, 12$; the steps are $0.2/2 = 0.1$, $0.2/2.828 = 0.0707$,
# $0.2/3.464 = 0.0577$: that is $0.1/\sqrt1$, $0.1/\sqrt2$, $0.1/\sqrt3$.
#
# ### Exercise: AdaGrad

# %% nbgrader={"grade_id": "adagrad", "solution": true}
def adagrad(w, dw, config=None):
    """AdaGrad: cache + dw**2, then w - learning_rate * dw / (sqrt(cache) + epsilon), entry by entry.

    w: parameters, an array of any shape.  dw: the gradient with respect to w, same shape; left as it is.
    config: None, or a dict with settings; those that are missing are filled in:
        learning_rate: 1e-2.  epsilon: 1e-8, added to the root, not under it.
        cache: sum of the squares of all gradients so far, the shape of w, zeros at the start; written back.
    Returns (next_w, config).
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: fill in the missing settings, add the squares to the cache, and divide the step by its root
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    config["cache"] = config["cache"] + dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config
    ### END SOLUTION


# %% [markdown] hints="adagrad"
# 1. The cache plays the part that the velocity had: an array in `config`, zeros at the start, written back each time.
# 2. First add the square of this gradient, then use the cache for this step.
# 3. Divide by the root of the cache plus epsilon. Everything is entry by entry: no sum over the array.

# %% nbgrader={"grade_id": "adagrad_check", "locked": true}
next_w, config = adagrad(np.array([1.0, -2.0]), np.array([2.0, -0.01]))
check.close(next_w, [0.99, -1.99], "a first step: every weight moves by the learning rate", atol=1e-6)

# %% nbgrader={"grade_id": "adagrad_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of adagrad run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("adagrad", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## RMSProp: forget the distant past
#
# Replace the sum by a running mean in which old squares fade:
#
# $$ c \leftarrow \rho\, c + (1 - \rho)\, g^2 , \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt{c} + \varepsilon} . $$
#
# With a decay rate of $\rho = 0.99$ the mean reaches back about $1/(1 - \rho) = 100$ steps. The rate no longer falls of
# itself: if $g$ stays the same size, so does the step, $\eta$.
#
# **The first steps are large.** The cache starts at zero and needs its hundred steps to fill. The first step is
# $\eta\, g / \sqrt{0.01\, g^2} = 10\, \eta$. Keep that in mind; Adam will have something to say about it.
#
# **By hand.** $g = 2$, $\eta = 0.1$, $\rho = 0.99$: $c = 0.01 \cdot 4 = 0.04$ and the step is $0.1 \cdot 2 / 0.2 = 1$.
#
# ### Exercise: RMSProp

# %% nbgrader={"grade_id": "rmsprop", "solution": true}
def rmsprop(w, dw, config=None):
    """RMSProp: a fading mean of dw**2 in the cache, then w - learning_rate * dw / (sqrt(cache) + epsilon).

    w: parameters, an array of any shape.  dw: the gradient with respect to w, same shape; left as it is.
    config: None, or a dict with settings; those that are missing are filled in:
        learning_rate: 1e-2.  decay_rate: 0.99, the share of the old cache.  epsilon: 1e-8, added to the root.
        cache: fading mean of the squares, the shape of w, zeros at the start; written back.
    Returns (next_w, config).
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: fill in the missing settings, renew the fading mean of squares, and divide the step by its root
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    decay = config["decay_rate"]
    config["cache"] = decay * config["cache"] + (1 - decay) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config
    ### END SOLUTION


# %% [markdown] hints="rmsprop"
# 1. Take AdaGrad and change the one line that renews the cache.
# 2. A running mean: a share of the old value plus the rest of the new one. The two shares add up to 1.
# 3. The large share, `decay_rate`, belongs to the old cache. Renew it before it is used, and keep the root.

# %% nbgrader={"grade_id": "rmsprop_check", "locked": true}
next_w, config = rmsprop(np.array([1.0, -2.0]), np.array([2.0, -3.0]))
check.close(next_w, [0.9, -1.9], "a first step: ten times the learning rate", atol=1e-6)

# %% nbgrader={"grade_id": "rmsprop_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of rmsprop run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("rmsprop", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
def step_sizes(rule, gradients, **config):
    """How far one weight moves at each step."""
    w, moved = np.zeros(1), []
    for g in gradients:
        next_w, config = rule(w.copy(), np.array([g]), config)
        moved.append(abs(float(next_w[0] - w[0])))
        w = np.array(next_w)
    return moved


burst = np.where(np.arange(600) < 20, 100.0, 1.0)  # twenty large gradients, then small ones
sizes = {"AdaGrad": step_sizes(adagrad, burst), "RMSProp": step_sizes(rmsprop, burst)}
check.between(sizes["AdaGrad"][-1], 1.5e-5, 3e-5, "AdaGrad still pays for the first twenty gradients")
check.between(sizes["RMSProp"][-1], 3e-3, 5e-3, "RMSProp is on its way back to 0.01")
plots.lines(
    np.arange(1, 601),
    sizes,
    xlabel="step (gradients of 100 up to step 20, of 1 afterwards)",
    ylabel="size of the step",
    title="AdaGrad never forgives a steep start; RMSProp forgets it",
    log_y=True,
);

# %% [markdown]
# Learning rate $0.01$ for both. Nearly six hundred small gradients later AdaGrad's steps are what they were right after
# the burst, while RMSProp's are more than a hundred times larger and on their way back to $0.01$.

# %% [markdown]
# ## Adam
#
# **Adam** (adaptive moments) joins the two ideas: a fading mean of gradients, as in momentum, over the root of a fading
# mean of squares, as in RMSProp.
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1)\, g , \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 ,
#    \qquad w \leftarrow w - \eta\, \frac{m}{\sqrt{v} + \varepsilon} \quad\text{(not yet Adam)}. $$
#
# Both means start at zero, and are too small at first. By how much? Unroll the first one:
#
# $$ m_t = (1 - \beta_1) \sum_{k=1}^{t} \beta_1^{\,t-k} g_k , \qquad
#    (1 - \beta_1) \sum_{k=1}^{t} \beta_1^{\,t-k} = 1 - \beta_1^{\,t} . $$
#
# The weights of a mean should add up to 1; these add up to $1 - \beta_1^t$. So divide by that, and likewise for $v$.
# This is the **bias correction**:
#
# $$ \hat m = \frac{m}{1 - \beta_1^{\,t}} , \qquad \hat v = \frac{v}{1 - \beta_2^{\,t}} , \qquad
#    w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} , $$
#
# where $t = 1$ at the first step. The memory $m$, $v$ carries on *uncorrected*; $\hat m$ and $\hat v$ are made for the
# step and dropped.
#
# **The first step.** With $\beta_1 = 0.9$, $\beta_2 = 0.999$ and any $g$: $m = 0.1\, g$ and $v = 0.001\, g^2$. Without
# correction the step is $\eta \cdot 0.1 / \sqrt{0.001} = 3.16\,\eta$. With correction $\hat m = g$, $\hat v = g^2$, and
# the step is $\eta$ exactly, whatever the gradient's size.
#
# **By hand.** $w = 1$, $\eta = 0.1$, gradients $2$ and then $-1$. First step: $w = 1 - 0.1 = 0.9$. Second:
# $m = 0.9 \cdot 0.2 - 0.1 \cdot 1 = 0.08$ and $v = 0.999 \cdot 0.004 + 0.001 \cdot 1 = 0.004996$; so
# $\hat m = 0.08 / (1 - 0.81) = 0.4211$, $\hat v = 0.004996 / (1 - 0.998001) = 2.4992$, and the step is
# $0.1 \cdot 0.4211 / 1.5809 = 0.0266$: $w = 0.8734$.
#
# What the correction is worth shows best for a gradient that stays the same. Then $m = (1 - \beta_1^t)\, g$ and
# $v = (1 - \beta_2^t)\, g^2$, and the uncorrected step is $\eta\,(1 - \beta_1^t) / \sqrt{1 - \beta_2^t}$.

# %% tags=["skip-execution"]
t = np.arange(1, 5001)
uncorrected = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
print(f"first step {uncorrected[0]:.2f} η, largest {uncorrected.max():.2f} η at step {t[uncorrected.argmax()]}")
check.between(uncorrected[0], 3.15, 3.17, "the first step without correction")
check.between(uncorrected.max(), 6.5, 6.6, "the largest step without correction")
plots.lines(
    t,
    {"without bias correction": uncorrected, "with bias correction": np.ones(5000)},
    xlabel="step t, for a gradient that stays the same",
    ylabel="step in units of the learning rate",
    title="Without bias correction the first steps are up to 6.6 times too large",
    log_x=True,
);

# %% [markdown]
# Too large, at the very place where the weights are least settled, and for hundreds of steps: $v$ takes
# $1/(1 - \beta_2) = 1000$ of them to fill.
#
# ### Exercise: Adam
#
# The memory is three things now: `m`, `v` and the number of the step, `t`. Whether `t` in `config` starts at 0 and is
# counted before it is used, or at 1 and counted afterwards, is up to you.

# %% nbgrader={"grade_id": "adam", "solution": true}
def adam(w, dw, config=None):
    """Adam with bias correction.

    w: parameters, an array of any shape.  dw: the gradient with respect to w, same shape; left as it is.
    config: None, or a dict with settings; those that are missing are filled in:
        learning_rate: 1e-3.  beta1: 0.9, for the gradient.  beta2: 0.999, for its square.
        epsilon: 1e-8, added to the root of the corrected v.
        m, v: fading means of dw and dw**2, the shape of w, zeros at the start; written back as they are, uncorrected.
        t: the number of steps; written back.
    Returns (next_w, config).
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: fill in the missing settings, count the step, renew both means, correct copies of them, and step
    config = {} if config is None else config
    for name, value in {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}.items():
        config.setdefault(name, value)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    beta1, beta2 = config["beta1"], config["beta2"]
    config["t"] += 1
    config["m"] = beta1 * config["m"] + (1 - beta1) * dw
    config["v"] = beta2 * config["v"] + (1 - beta2) * dw**2
    m_hat = config["m"] / (1 - beta1 ** config["t"])
    v_hat = config["v"] / (1 - beta2 ** config["t"])
    return w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"]), config
    ### END SOLUTION


# %% [markdown] hints="adam"
# 1. Write the version without correction first: it is a velocity-like mean of `dw` and RMSProp's mean of `dw**2`, with
#    their own betas. Then add the count and the two corrections.
# 2. At the first step the corrections divide by 1 − 0.9 and 1 − 0.999. If you get a division by zero, `t` is counted
#    too late; if every step looks like a first one, it is not written back.
# 3. Give the corrected means names of their own. What goes back into `config` is `m`, `v` and `t`, not the corrected
#    ones.

# %% nbgrader={"grade_id": "adam_check", "locked": true}
next_w, config = adam(np.array([1.0, -2.0]), np.array([2.0, -0.01]))
check.close(next_w, [0.999, -1.999], "a first step: every weight moves by the learning rate", atol=1e-6)

# %% nbgrader={"grade_id": "adam_tests", "grade": true, "points": 14}
# Graded, 14 points: hidden tests of adam run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("adam", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
w_hand, config = adam(np.array([1.0]), np.array([2.0]), {"learning_rate": 0.1})
check.close(w_hand, [0.9], "by hand, the first step", atol=1e-6)
w_hand, config = adam(w_hand, np.array([-1.0]), config)
check.close(w_hand, [0.8734], "by hand, the second step", atol=1e-4)

# %% [markdown]
# ## Weight decay is not L2 in Adam
#
# An L2 penalty $\frac{\lambda}{2} \sum w^2$ adds $\lambda w$ to the gradient. (From notebook 04 on, penalties have this
# factor ½.) In plain descent
#
# $$ w \leftarrow w - \eta\,(g + \lambda w) = (1 - \eta\lambda)\, w - \eta\, g : $$
#
# every weight shrinks by the same share, hence the name **weight decay**. Adam divides whatever it is given by
# $\sqrt{\hat v}$. If the penalty is part of the gradient, $\lambda w$ is divided, too: weights with large gradients
# hardly decay, and weights with tiny gradients are driven to zero at full speed. **AdamW** keeps the decay out of the
# moments:
#
# $$ w \leftarrow w - \eta \left( \frac{\hat m}{\sqrt{\hat v} + \varepsilon} + \lambda\, w \right) , $$
#
# with $m$ and $v$ made from $g$ alone, and $w$ on the right the weights from before the step.
#
# **By hand.** First step, $w = 2$, $g = 0.5$, $\eta = 0.1$, $\lambda = 0.1$. L2 in Adam: the gradient is $0.5 + 0.2$,
# and Adam makes a step of $\eta$ of it: $1.9$. The penalty changed nothing. AdamW: $2 - 0.1\,(1 + 0.2) = 1.88$.
#
# ### Exercise: AdamW
#
# You may call your `adam`, or write it out. (The hidden tests lend you a right `adam`, so that a slip in it does not
# count twice.)

# %% nbgrader={"grade_id": "adamw", "solution": true}
def adamw(w, dw, config=None):
    """Adam with decoupled weight decay: w - learning_rate * (m_hat / (sqrt(v_hat) + epsilon) + weight_decay * w).

    w: parameters, an array of any shape.  dw: the gradient of the loss without any penalty; left as it is.
    config: as in adam, with the same names and defaults, and
        weight_decay: 1e-2.
    Returns (next_w, config).
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: make Adam's step from the gradient alone, and the decay of the weights from before the step beside it
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("weight_decay", 1e-2)
    decay = config["learning_rate"] * config["weight_decay"] * w
    next_w, config = adam(w, dw, config)
    return next_w - decay, config
    ### END SOLUTION


# %% [markdown] hints="adamw"
# 1. The gradient that goes into the moments is `dw`, untouched. The decay is one more term of the step.
# 2. If you call `adam`, work the decay out beforehand: your `adam` may change `w` in place, and the formula wants the
#    old weights.
# 3. The learning rate multiplies the decay as well. Fill in both defaults before you use them.

# %% nbgrader={"grade_id": "adamw_check", "locked": true}
next_w, config = adamw(np.array([1.0, -1.0]), np.array([1.0, -1.0]))
check.close(next_w, [0.99899, -0.99899], "a first step: 0.001 from Adam and 0.00001 from the decay", atol=1e-6)

# %% nbgrader={"grade_id": "adamw_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of adamw run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("adamw", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
w_hand, _ = adamw(np.array([2.0]), np.array([0.5]), {"learning_rate": 0.1, "weight_decay": 0.1})
check.close(w_hand, [1.88], "by hand (1.881 if adam has changed w in place before the decay was worked out)", atol=1e-6)

# %% [markdown]
# To see the difference alone, take weights on which the loss does not depend at all: their gradients are pure noise,
# small (0.01) for one group and large (10) for the other. With $\eta = 0.001$ and $\lambda = 0.5$ a decay should leave
# $(1 - 0.0005)^{2000} = 0.37$ of each after 2,000 steps.

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
noise_size = np.array([[0.01], [10.0]])
kept_share = {"L2 in Adam": [np.ones((2, 300))], "AdamW": [np.ones((2, 300))]}
configs = {"L2 in Adam": {"learning_rate": 1e-3}, "AdamW": {"learning_rate": 1e-3, "weight_decay": 0.5}}
for _ in range(2000):
    noise = noise_size * rng.normal(size=(2, 300))
    for name, path in kept_share.items():
        w = path[-1].copy()
        next_w, configs[name] = adam(w, noise + 0.5 * w, configs[name]) if name == "L2 in Adam" else adamw(w, noise, configs[name])
        path.append(next_w)
left = {
    f"{name}, {size} gradients": [float(step[row].mean()) for step in path]
    for name, path in kept_share.items()
    for row, size in enumerate(("small", "large"))
}
print({label: round(curve[-1], 3) for label, curve in left.items()})
check.between(left["L2 in Adam, small gradients"][-1], 0.0, 0.05, "L2 in Adam, small gradients: all gone")
check.between(left["L2 in Adam, large gradients"][-1], 0.87, 0.94, "L2 in Adam, large gradients: hardly touched")
for size in ("small", "large"):
    check.between(left[f"AdamW, {size} gradients"][-1], 0.34, 0.40, f"AdamW, {size} gradients: as it should be")
plots.lines(
    np.arange(2001), left, xlabel="step", ylabel="mean of the weights",
    title="L2 in Adam shrinks weights by the size of their gradients, AdamW all alike",
);

# %% [markdown]
# ## The seven on three surfaces
#
# A valley, a saddle with a minimum beyond it, and a bowl whose gradients are noisy. Each rule has the learning rate
# that suits it on each surface; AdamW decays with $\lambda = 0.5$.

# %% tags=["skip-execution"]
RULES = {
    "sgd": sgd, "momentum": sgd_momentum, "Nesterov": nesterov, "AdaGrad": adagrad, "RMSProp": rmsprop, "Adam": adam, "AdamW": adamw,
}


def saddle(x, y):
    return 0.5 * x**2 - 0.5 * y**2 + 0.25 * y**4


def saddle_gradient(w):
    return np.array([w[0], w[1] ** 3 - w[1]])


def noisy_bowl_gradient(seed):
    rng = np.random.default_rng(seed)
    return lambda w: w + 1.5 * rng.normal(size=2)


def race(new_gradient, start, rates, steps=60):
    """The path of each rule. new_gradient: makes a gradient function for each, so that all meet the same noise."""
    extra = {"AdamW": {"weight_decay": 0.5}}
    return {
        name: walk(rule, new_gradient(), start, steps, learning_rate=rate, **extra.get(name, {}))
        for (name, rule), rate in zip(RULES.items(), rates, strict=True)
    }


paths = {
    "valley": race(lambda: valley_gradient, (-4, 1), (0.06, 0.02, 0.02, 1.0, 0.1, 0.2, 0.2)),
    "saddle": race(lambda: saddle_gradient, (-2, 0.02), (0.2, 0.05, 0.05, 0.3, 0.05, 0.1, 0.1)),
    "noisy bowl": race(lambda: noisy_bowl_gradient(3), (-3, 2), (0.2, 0.02, 0.02, 0.6, 0.1, 0.15, 0.15)),
}
surfaces = {
    "valley": (valley, (-4.6, 1.8), (-1.3, 1.3), paths["valley"]),
    "saddle": (saddle, (-2.4, 1.2), (-0.5, 1.6), paths["saddle"]),
    "noisy bowl": (lambda x, y: 0.5 * (x**2 + y**2), (-4.4, 2.0), (-2.0, 3.4), paths["noisy bowl"]),
}
minima = {"valley": (0, 0), "saddle": (0, 1), "noisy bowl": (0, 0)}
plots.trajectories(surfaces, minimum=minima, title="Descent and momentum follow the slope; rules with a rate for each weight go diagonally");

# %% tags=["skip-execution"]
plots.animate_trajectories(surfaces, minimum=minima, title="The same race, step by step")

# %% [markdown]
# What to look for:
#
# - **Valley.** Plain descent zigzags, momentum swings, Nesterov swings less. AdaGrad and RMSProp make the valley round,
#   because they divide each axis by its own gradient, and go straight along it.
# - **Saddle.** Plain descent and momentum run along the ridge first and turn off late. Rules with a rate for each
#   weight set off diagonally: they make the same step along $w_2$, where the slope is tiny, as along $w_1$. AdamW stops
#   a little short of the minimum: its decay pulls towards the origin. (In the two other pictures the minimum *is* the
#   origin, so there the decay helps it by accident.)
# - **Noisy bowl.** Nothing stands still. Only AdaGrad's steps get smaller by themselves.

# %% tags=["skip-execution"]
def first_below(path, f, level):
    """The first step at which f is below this level."""
    heights = f(*path.T)
    return int(np.argmax(heights < level)) if (heights < level).any() else len(path)


off_the_ridge = {name: first_below(path, saddle, -0.2) for name, path in paths["saddle"].items()}
print("steps until the saddle is left behind:", off_the_ridge)
check.true(
    max(off_the_ridge[name] for name in ("RMSProp", "Adam")) < off_the_ridge["sgd"],
    "RMSProp and Adam leave the saddle before plain descent", "plain descent left the saddle first",
)
check.between(paths["saddle"]["AdamW"][-1][1], 0.93, 0.98, "AdamW's place beyond the saddle: short of 1")

# %% [markdown]
# **A picture that flatters.** The valley lies along the axes, and a rate for each weight is just what it needs. Turn it
# by 45° and no rate for each weight can make it round. Below, every rule gets the best of forty learning rates, on the
# valley as it is and turned.

# %% tags=["skip-execution"]
def fewest_steps(rule, Q, level=0.05, most=200):
    """The fewest steps in which a rule gets below this level in the valley turned by Q, over forty learning rates."""
    H = Q @ np.diag([1.0, 30.0]) @ Q.T
    for rate in np.geomspace(0.003, 3, 40):
        with np.errstate(all="ignore"):  # some of these rates diverge
            path = walk(rule, lambda w: H @ w, Q @ np.array([-4.0, 1.0]), most, learning_rate=rate)
            most = min(most, first_below(path @ Q, valley, level))
    return most


turns = {"along the axes": np.eye(2), "turned by 45°": np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)}
table = {}
for name, rule in RULES.items():
    for label, Q in turns.items():
        table[name, label] = fewest_steps(rule, Q)
    print(f"{name:9s} steps to f < 0.05:  along the axes {table[name, 'along the axes']:3d}   turned {table[name, 'turned by 45°']:3d}")
check.true(all(table[name, "along the axes"] == table[name, "turned by 45°"] for name in ("sgd", "momentum", "Nesterov")),
           "descent and momentum do not notice the turn", "a rule that should not depend on the axes does")
check.true(all(table[name, "turned by 45°"] > 5 * table[name, "along the axes"] for name in ("AdaGrad", "RMSProp")),
           "AdaGrad and RMSProp lose their lead when the valley is turned", "they kept it")
check.true(min(table[name, "turned by 45°"] for name in ("AdaGrad", "RMSProp")) > table["sgd", "turned by 45°"],
           "in the turned valley they are slower than plain descent", "they are not")

# %% [markdown]
# Plain descent and both kinds of momentum only know inner products and take as many steps as before. AdaGrad and
# RMSProp, the winners of the picture above, are now slower than plain descent; Adam, which has momentum as well, loses
# less. In a net the axes are the weights, and nobody has promised that its valleys lie along them. A race on a surface
# with two weights proves nothing about nets.
#
# ## The seven on a net
#
# So ask a net. Our garments are halved to $16 \times 16$ pixels, so that a training takes well under a second, and
# standardised; the net has 100 hidden ReLU units. One training of each rule first, eight epochs, each at a rate that
# suits it.

# %% tags=["skip-execution"]
def halved(images):
    """Every 2 × 2 block of pixels replaced by its mean: (N, 32, 32, 3) → (N, 16, 16, 3)."""
    return images.reshape(len(images), 16, 2, 16, 2, 3).mean(axis=(2, 4), dtype=np.float32)


X_train, X_val, X_test = nn.standardize(*map(halved, (data.train_images[:10_000], data.val_images, data.test_images)))
y_train, y_val, y_test = data.train_labels[:10_000], data.val_labels, data.test_labels


def train(rule, rate, seed=0, num_epochs=8, batch_size=100, schedule=None):
    """Train a two-layer net with one of your rules: (net, history)."""
    net = nn.FullyConnectedNet((X_train.shape[1], 100, 10), rng=seed)
    solver = nn.Solver(
        net, X_train, y_train, X_val, y_val, update_rule=rule, optim_config={"learning_rate": rate},
        schedule=schedule, num_epochs=num_epochs, batch_size=batch_size, rng=seed, keep_best=False, stop_factor=None, progress=False,
    )
    return net, solver.train()


good_rates = {"sgd": 0.1, "momentum": 0.03, "Nesterov": 0.03, "AdaGrad": 0.01, "RMSProp": 0.001, "Adam": 0.003, "AdamW": 0.003}
curves, scores = {}, {}
for name, rate in good_rates.items():
    net, history = train(RULES[name], rate)
    curves[f"{name}, {rate:g}"], scores[name] = history["loss"], history["val_accuracy"][-1]
    print(f"{name:9s} rate {rate:<6g} loss of the last epoch {np.mean(history['loss'][-100:]):.3f}   validation accuracy {scores[name]:.3f}")
if data.stated_ranges_hold:
    for name, score in scores.items():
        check.between(score, 0.58, 0.71, f"{name}: validation accuracy")
plots.loss_curves(curves, smooth=50, log=True, title="On a net, all seven are close once each has its rate");

# %% [markdown]
# The rates had to be found, and that is the point: comparing rules at one rate compares rates. The table below was
# computed with five seeds for each rule at seven rates. It is not run here, for it takes some minutes.

# %% tags=["skip-execution"]
results = load_results("seven_optimizers_on_a_net")
print(results.describe())
names = dict(zip(RULES, ("sgd", "sgd_momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"), strict=True))
constant = {}
for name, rule in names.items():
    rates, constant[name] = results.by_seed("learning_rate", "accuracy", where={"rule": rule, "schedule": "constant"})
plots.spread_curves(
    rates, constant, xlabel="learning rate (constant)", ylabel="validation accuracy after eight epochs", log_x=True,
    title="Every rule has its own range of good learning rates",
);

# %% tags=["skip-execution"]
print("rule       constant: best rate, accuracy    cosine: best rate, accuracy")
best = {}
for name, rule in names.items():
    line = f"{name:10s}"
    for schedule in ("constant", "cosine"):
        rates, accuracy = results.by_seed("learning_rate", "accuracy", where={"rule": rule, "schedule": schedule})
        at = int(accuracy.mean(axis=0).argmax())
        best[name, schedule] = accuracy[:, at]
        line += f"   {rates[at]:<7g}  {accuracy[:, at].mean():.3f} ± {accuracy[:, at].std():.3f}"
    print(line)
spread = [float(best[name, "constant"].mean()) for name in names]
if data.stated_ranges_hold:
    check.between(max(spread) - min(spread), 0.0, 0.02, "constant rates: best and worst of the seven rules")
    for name in ("momentum", "Nesterov", "RMSProp", "Adam", "AdamW"):
        check.between(best[name, "cosine"].mean() - best[name, "constant"].mean(), 0.02, 0.06, f"{name}: what the cosine gains")

# %% [markdown]
# Read the table slowly; it was not made to please anybody.
#
# - At the best constant rates all seven lie between .66 and .68: **a point apart**, no more than one seed differs from
#   the next.
# - The best rates are a hundred times apart: 0.1 for plain descent and AdaGrad, 0.001 for RMSProp and Adam. At ten times
#   its best rate momentum falls to .19, where chance would give .10; AdaGrad does not mind a factor of ten.
# - **Nesterov against momentum, AdamW against Adam:** no difference here that five seeds could show.
# - Letting the rate fall to zero by a cosine, which is next, gains about three to five points for momentum, Nesterov,
#   RMSProp, Adam and AdamW. It gains one for plain descent, and nothing to speak of for AdaGrad, whose rate falls
#   anyway.

# %% [markdown]
# ## Learning rate schedules
#
# Noise keeps a constant rate from arriving: the distance it rattles at is proportional to $\sqrt\eta$. So begin with a
# large rate, to get far, and end with a small one, to settle. With $t = 0, 1, \dots, T - 1$ for the step, $T$ for their
# number and $\eta_0$ for the base rate, the usual ways are
#
# | name | rate at step $t$ | in use |
# |---|---|---|
# | `constant` | $\eta_0$ | |
# | `step` | $\eta_0\, f^{\,n}$ after $n$ drops, at equal distances | halved every so often |
# | `milestones` | $\eta_0\, f^{\,n}$ after $n$ drops, at chosen steps | ×0.1 at epochs 30, 60 and 90, for residual nets |
# | `exponential` | $\eta_0\, e^{-kt}$ | |
# | `inverse_time` | $\eta_0 / (1 + kt)$ | the classical theory of noisy descent |
# | `cosine` | $\frac{\eta_0}{2} \left(1 + \cos \frac{\pi t}{T}\right)$ | nothing to choose but $\eta_0$ and $T$ |
# | `linear` | $\eta_0\, (1 - t / T)$ | the same, for language models |
# | `inverse_sqrt` | $\eta_0 / \sqrt{\max(t, 1)}$ | transformers; needs no $T$ |
#
# **Warm-up.** Large rates are dangerous at the very start, when gradients are steep and Adam's means are based on a few
# batches. So climb to $\eta_0$ in $k$ equal stairs, $\eta_0 (t + 1) / k$ for $t < k$ (for large nets about 5,000 steps
# are common), and only then start the schedule, at *its* step 0 of $T - k$.
#
# **By hand.** $\eta_0 = 0.1$, $T = 100$. Cosine at $t = 25$: $0.05\,(1 + \cos 45°) = 0.0854$. Step with `every=30` and
# factor ½ at $t = 29, 30, 60$: $0.1$, $0.05$, $0.025$. Warm-up with $k = 5$: $0.02, 0.04, 0.06, 0.08, 0.1$ for
# $t = 0 \dots 4$, and at $t = 5$ the schedule starts with $0.1$.
#
# ### Exercise: the learning rate at step t

# %% nbgrader={"grade_id": "learning_rate", "solution": true}
def learning_rate(schedule, t, total, base, **options):
    """The learning rate of step t = 0, 1, ..., total - 1; t = total, just after the end, is allowed, too.

    schedule, and the options it takes:
        "constant"      base
        "step"          base * factor**n, where n is the number of drops so far: one at t = every, 2 * every, ...
                          options every, and factor (0.5 if not given)
        "milestones"    base * factor**n, where n is the number of milestones that are not above t
                          options milestones, a list of steps, and factor (0.1 if not given)
        "exponential"   base * exp(-decay * t)           option decay
        "inverse_time"  base / (1 + decay * t)           option decay
        "cosine"        base / 2 * (1 + cos(pi * t / total))
        "linear"        base * (1 - t / total)
        "inverse_sqrt"  base / sqrt(max(t, 1))
    option of every schedule:
        warmup: k, 0 if not given. While t < k the rate is base * (t + 1) / k. From t = k on the schedule runs as if it
        started there: with t - k in place of t, and total - k in place of total.
    Returns a number.  Raises ValueError for any other schedule, during the warm-up, too.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: refuse unknown names, deal with the warm-up, then return the rate of the schedule
    if schedule not in ("constant", "step", "milestones", "exponential", "inverse_time", "cosine", "linear", "inverse_sqrt"):
        raise ValueError(f"unknown schedule: {schedule!r}")
    warmup = options.get("warmup", 0)
    if t < warmup:
        return base * (t + 1) / warmup
    t, total = t - warmup, total - warmup
    if schedule == "step":
        return base * options.get("factor", 0.5) ** (t // options["every"])
    if schedule == "milestones":
        return base * options.get("factor", 0.1) ** sum(t >= milestone for milestone in options["milestones"])
    if schedule == "exponential":
        return base * np.exp(-options["decay"] * t)
    if schedule == "inverse_time":
        return base / (1 + options["decay"] * t)
    if schedule == "cosine":
        return base / 2 * (1 + np.cos(np.pi * t / total))
    if schedule == "linear":
        return base * (1 - t / total)
    if schedule == "inverse_sqrt":
        return base / np.sqrt(max(t, 1))
    return base
    ### END SOLUTION


# %% [markdown] hints="learning_rate"
# 1. Three parts: refuse names you do not know; return early during the warm-up; then one case for each schedule, with
#    `t` and `total` moved back by the warm-up.
# 2. `options` is a dict: `options["every"]`, `options.get("warmup", 0)`. The number of drops is a whole number:
#    `t // every`, or how many milestones are not above `t`.
# 3. NumPy's cosine takes radians, and half a turn is `np.pi`. Check the ends of each schedule: base at `t = 0`, and
#    zero at `t = total` for cosine and linear.

# %% nbgrader={"grade_id": "learning_rate_check", "locked": true}
check.close([learning_rate("step", t, 100, 0.1, every=30) for t in (29, 30)], [0.1, 0.05], "step: the first drop at t = 30")
check.close(learning_rate("linear", 50, 100, 0.1), 0.05, "linear: half-way")
check.close(learning_rate("cosine", 0, 100, 0.1), 0.1, "cosine: the start")
check.close(learning_rate("inverse_sqrt", 4, 100, 0.1), 0.05, "inverse square root at t = 4")
check.close(learning_rate("constant", 0, 100, 0.1, warmup=5), 0.02, "warm-up: the first of five stairs")

# %% nbgrader={"grade_id": "learning_rate_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of learning_rate run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("learning_rate", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
steps = np.arange(100)
kinds = {
    "step, every 30": ("step", {"every": 30}),
    "milestones 30, 60, 90": ("milestones", {"milestones": (30, 60, 90)}),
    "exponential": ("exponential", {"decay": 0.04}),
    "inverse time": ("inverse_time", {"decay": 0.1}),
    "cosine, warm-up 10": ("cosine", {"warmup": 10}),
    "linear": ("linear", {}),
    "inverse root": ("inverse_sqrt", {}),
}
plots.lines(
    steps,
    {label: [learning_rate(name, t, 100, 0.1, **options) for t in steps] for label, (name, options) in kinds.items()},
    xlabel="step t of 100", ylabel="learning rate", title="Seven ways from a large rate to a small one",
);

# %% [markdown]
# On the net: momentum at 0.03, eight epochs, with a constant rate and three that fall. The curve to watch is the last
# third.

# %% tags=["skip-execution"]
def planned(name, base, **options):
    """A schedule as a function of t and total, as the Solver wants it."""
    return lambda t, total: learning_rate(name, t, total, base, **options)


curves, scores = {}, {}
for label, name, options in (
    ("constant", "constant", {}), ("×0.1 at 1/2 and 3/4", "milestones", {"milestones": (400, 600)}), ("linear", "linear", {}), ("cosine", "cosine", {}),
):
    net, history = train(sgd_momentum, 0.03, schedule=planned(name, 0.03, **options))
    curves[label], scores[label] = history["loss"], history["val_accuracy"][-1]
    print(f"{label:20s} loss of the last epoch {np.mean(history['loss'][-100:]):.3f}   validation accuracy {scores[label]:.3f}")
if data.stated_ranges_hold:
    check.between(scores["constant"], 0.60, 0.69, "a constant rate")
    for label in ("×0.1 at 1/2 and 3/4", "linear", "cosine"):
        check.between(scores[label], 0.67, 0.72, label)
plots.loss_curves(curves, smooth=50, title="Falling rates end lower: the noise settles");

# %% [markdown]
# A falling rate is worth one to six points here, depending on the seed. Over the five seeds of the results above, the
# cosine takes momentum at 0.03 from .652 to .700, by 4.8 points: more than the choice between the rules. Which shape the
# fall has hardly matters.
#
# Look at step 400 of the second curve: when the rate drops, the loss goes *up* for some steps. That is the velocity,
# made with the old rate, which rolls on while the new gradients are too weak to steer it. The other form of momentum,
# with the rate outside, should not show it:

# %% tags=["skip-execution"]
def momentum_rate_outside(w, dw, config):
    """The other form: the sum holds bare gradients, the rate comes last."""
    config["u"] = 0.9 * config.get("u", 0.0) + dw
    return w - config["learning_rate"] * config["u"], config


around, ends = {}, []
drop = data.steps(800) // 2  # the step at which the rate falls
for label, rule in (("rate inside (yours)", sgd_momentum), ("rate outside", momentum_rate_outside)):
    net, history = train(rule, 0.03, schedule=planned("milestones", 0.03, milestones=(drop, drop + 200)))
    around[label] = history["loss"][drop - 20 : drop + 60]
    ends.append(history["val_accuracy"][-1])
    print(f"{label:20s} highest of the 20 losses after the drop {max(around[label][20:40]):.2f}, validation accuracy {ends[-1]:.3f}")
inside, outside = around.values()
if data.stated_ranges_hold:
    check.true(max(inside[20:40]) > max(outside[20:40]), "the loss rises after the drop only with the rate inside", "it did not")
    check.between(ends[0] - ends[1], -0.02, 0.02, "what it costs in accuracy at the end")
plots.lines(
    drop - 20 + np.arange(len(inside)), around, xlabel=f"step (the rate drops from 0.03 to 0.003 at step {drop})", ylabel="loss of each batch",
    title="With the rate inside, momentum coasts on after the drop",
);

# %% [markdown]
# The bump is real, and it does no lasting harm: both end at the same accuracy. A smooth schedule avoids it.
#
# **Does warm-up help?** RMSProp at 0.003 makes steps of ten times that, 0.03, at first, as computed above. This net
# cannot take them. With 100 stairs of warm-up:

# %% tags=["skip-execution"]
curves, scores = {}, {}
for warmup in (0, 100):
    label = f"RMSProp, warm-up of {warmup} steps"
    net, history = train(rmsprop, 0.003, schedule=planned("cosine", 0.003, warmup=warmup))
    curves[label], scores[warmup] = history["loss"], history["val_accuracy"][-1]
    print(f"{label}: highest loss {max(history['loss']):.1f}, validation accuracy {scores[warmup]:.3f}")
if data.stated_ranges_hold:
    check.true(max(curves["RMSProp, warm-up of 0 steps"]) > 12, "without warm-up the loss leaps above 12", "it did not leap")
    check.true(max(curves["RMSProp, warm-up of 100 steps"]) < 8, "with warm-up it stays below 8", "it leaped all the same")
    check.between(scores[100] - scores[0], -0.025, 0.035, "what warm-up changes at the end: little, on this net")
plots.loss_curves(curves, log=True, smooth=10, title="Warm-up spares the net the first leap");

# %% [markdown]
# The leap is gone, and the end is the same: a small net recovers from it in an epoch. In nets of many layers it may
# not.
#
# ### N times the batch, N times the rate
#
# $N$ steps with batches of $B$ and a small rate $\eta$ move by $-\eta \sum_{k=1}^{N} g_k$. If $w$ hardly changes in
# between, all these gradients are taken at nearly the same place, and their sum is $N$ times the gradient $\bar g$ of
# one batch of $N B$. A single step with the rate $N\eta$ does the same. Below, plain descent, six epochs.

# %% tags=["skip-execution"]
by_epoch = {}
for batch_size, rate in ((50, 0.01), (200, 0.04), (800, 0.16), (800, 0.01)):
    net, history = train(sgd, rate, num_epochs=6, batch_size=batch_size)
    by_epoch[f"batches of {batch_size}, rate {rate:g}"] = [float(part.mean()) for part in np.array_split(np.array(history["loss"]), 6)]
for label, losses in by_epoch.items():
    print(f"{label:28s}", "  ".join(f"{loss:.3f}" for loss in losses))
small, fourfold, too_far, same_rate = by_epoch.values()
if data.stated_ranges_hold:
    check.between(max(abs(a - b) for a, b in zip(small, fourfold, strict=True)), 0.0, 0.05, "4 × the batch, 4 × the rate: the same curve")
    check.between(too_far[0] - small[0], 0.25, 1.6, "16 × the batch, 16 × the rate: trouble in the first epoch")
    check.between(same_rate[-1] - small[-1], 0.6, 1.1, "16 × the batch, the same rate: far behind")
plots.lines(
    np.arange(1, 7), by_epoch, xlabel="epoch", ylabel="mean training loss of the epoch",
    title="Batch and rate grow together, until the rate is too large for the start",
);

# %% [markdown]
# Four times the batch at four times the rate is the same training in a quarter of the steps. At sixteen times, "hardly
# changes in between" no longer holds (a rate of 0.3 diverges altogether, as the table above shows), and the first epoch
# suffers. That is one of the places where warm-up is needed. Without a larger rate, a larger batch only means fewer
# steps.
#
# ## Second-order methods
#
# The gradient knows the slope. The **Hessian** $H$, the matrix of second derivatives, knows how the slope changes.
# Taylor's formula around $w$ for a step $d$:
#
# $$ f(w + d) \approx f(w) + g^\top d + \tfrac12\, d^\top H\, d . $$
#
# If $H$ is positive definite this is a bowl, lowest where its gradient $g + H d$ is zero:
#
# $$ d = -H^{-1} g . $$
#
# This is **Newton's step**. It has no learning rate: the curvature says how far to go. On a quadratic bowl it arrives
# in *one* step, whatever the condition number; it does not care about units or about how the axes are turned.
#
# **By hand.** $f = \frac12 (x^2 + 100\, y^2)$ at $(3, -2)$: $g = (3, -200)$, $H = \operatorname{diag}(1, 100)$,
# $d = (-3, 2)$. We land on $(0, 0)$.
#
# ### Exercise: Newton's step

# %% nbgrader={"grade_id": "newton_step", "solution": true}
def newton_step(grad, hessian):
    """Newton's step d = -H^{-1} g.

    grad: (D,) gradient.  hessian: (D, D) symmetric and invertible; both are left as they are.
    Returns the step, (D,). Nothing is done about saddles: the formula is used as it stands.
    """
    ### BEGIN SOLUTION: return the step that makes the gradient of the quadratic model zero
    return -np.linalg.solve(hessian, grad)
    ### END SOLUTION


# %% [markdown] hints="newton_step"
# 1. The step solves a system of linear equations: the Hessian times the step is minus the gradient.
# 2. NumPy solves such systems with one call from `np.linalg`; there is no need for the inverse itself.
# 3. Mind the minus, and that a division entry by entry is not what the inverse of a matrix does.

# %% nbgrader={"grade_id": "newton_step_check", "locked": true}
check.close(newton_step(np.array([3.0, -200.0]), np.diag([1.0, 100.0])), [-3.0, 2.0], "the bowl worked by hand")

# %% nbgrader={"grade_id": "newton_step_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of newton_step run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("newton_step", globals())
### END HIDDEN TESTS

# %% [markdown]
# A harder surface: the banana-shaped valley $f = (1 - x)^2 + 100\,(y - x^2)^2$ of Rosenbrock, with its minimum at
# $(1, 1)$.

# %% tags=["skip-execution"]
def banana(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def banana_gradient(w):
    x, y = w
    return np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


def banana_hessian(w):
    x, y = w
    return np.array([[2 - 400 * (y - 3 * x**2), -400 * x], [-400 * x, 200.0]])


newton_path = [np.array([-1.2, 1.0])]
while np.linalg.norm(banana_gradient(newton_path[-1])) > 1e-8:
    newton_path.append(newton_path[-1] + newton_step(banana_gradient(newton_path[-1]), banana_hessian(newton_path[-1])))
newton_path = np.array(newton_path)
descent_path = walk(sgd, banana_gradient, (-1.2, 1.0), steps=2000, learning_rate=0.001)
print(f"Newton: {len(newton_path) - 1} steps; plain descent after 2,000 steps: f = {banana(*descent_path[-1]):.3f}")
check.between(len(newton_path) - 1, 5, 7, "Newton's steps on the banana")
check.between(banana(*descent_path[-1]), 0.05, 1.0, "plain descent is still on its way after 2,000 steps")
plots.trajectories(
    {"(1 - x)² + 100 (y - x²)²": (banana, (-1.6, 1.5), (-3.4, 2.0), {"Newton": newton_path, "plain descent, 2,000 steps": descent_path})},
    minimum={"(1 - x)² + 100 (y - x²)²": (1, 1)},
    title=f"Newton arrives in {len(newton_path) - 1} steps; plain descent creeps along the floor",
);

# %% [markdown]
# Note the long second step: it leads from a loss of 4.7 to one of 1,411. Far from the minimum the quadratic model may
# be wrong, and here Newton climbs before it arrives. Practical versions shorten such a step until the loss falls (a
# *line search*).
#
# ### Why not for deep nets?
#
# - **Memory and time.** $N$ parameters make $N^2$ entries of $H$ and about $N^3$ operations to solve. A net with a
#   million weights: $10^{12}$ entries, 4 terabytes in `float32`, and $10^{18}$ operations, for one step.
# - **Saddles.** $-H^{-1}g$ goes to where the model's gradient is zero, *whatever kind of point that is*. On
#   $\frac12 x^2 - \frac12 y^2$ it jumps straight to the saddle.
# - **Noise.** Curvature estimated from a mini-batch is noisier than the slope, and its inverse worse.

# %% tags=["skip-execution"]
print("Newton's step at (1, 0.001) on the saddle:", newton_step(np.array([1.0, -0.001]), np.diag([1.0, -1.0])), "leads to its middle")

# %% [markdown]
# ### BFGS: learn the inverse on the way
#
# Each step $s = w' - w$ and the change of gradient it brought, $y = g' - g$, say something about the curvature. For a
# quadratic, $y = H s$ exactly. So ask of an estimate $B \approx H^{-1}$ that it gets the newest pair right, the
# **secant condition**
#
# $$ B'\, y = s , $$
#
# and change it no more than needed. The answer that is closest to the old $B$ in a suitable norm and symmetric was
# found by Broyden, Fletcher, Goldfarb and Shanno in 1970:
#
# $$ B' = (I - \rho\, s y^\top)\, B\, (I - \rho\, y s^\top) + \rho\, s s^\top , \qquad \rho = \frac{1}{y^\top s} . $$
#
# Check: $(I - \rho\, y s^\top)\, y = y - y\, (\rho\, s^\top y) = 0$, so $B' y = \rho\, s\, (s^\top y) = s$. And if
# $y^\top s > 0$, a positive definite $B$ stays so: the direction $-B g$ always goes downhill. The system of equations
# is gone. Each update costs $N^2$ operations. The memory is still $N^2$.
#
# ### L-BFGS: keep the last few pairs only
#
# We never want $B$ itself, only $B g$. Unfold the formula over the last $k$ pairs (ten, say), starting from a multiple
# $\gamma I$ of the unit matrix, and apply it to a vector, from the outside in: every factor is an inner product and a
# sum of vectors.
#
# 1. $q = g$. From the **newest** pair to the **oldest**: $\alpha_i = \rho_i\, s_i^\top q$, then
#    $q \leftarrow q - \alpha_i\, y_i$.
# 2. $r = \gamma\, q$, where $\gamma = s^\top y / y^\top y$ of the newest pair guesses the scale of $H^{-1}$.
# 3. From the **oldest** to the **newest**: $\beta = \rho_i\, y_i^\top r$, then
#    $r \leftarrow r + s_i\, (\alpha_i - \beta)$.
#
# Then $r = B g$, for $4kN$ multiplications and a memory of $2kN$ numbers. The first loop applies the right-hand factors
# $(I - \rho\, y s^\top)$, the outermost first, and the outermost belongs to the newest pair; the second applies the
# left-hand factors on the way back out.
#
# ### Extension, no points: the direction of L-BFGS

# %% nbgrader={"grade_id": "lbfgs_direction", "solution": true}
def lbfgs_direction(grad, s_list, y_list):
    """Minus the L-BFGS estimate of the inverse Hessian times the gradient, by the two loops.

    grad: (D,) gradient.  s_list: the last steps w_new - w_old, arrays (D,), the oldest pair first.
    y_list: the changes of gradient that they brought, in the same order; s . y > 0 in each pair. All are left as they are.
    Returns the direction, (D,). Without any pair it is -grad.
    Not allowed: building a (D, D) matrix.
    Not to be called: scipy.
    """
    ### BEGIN SOLUTION: write the loop from the newest pair to the oldest, the scaling, the loop back, and the minus sign
    q = np.array(grad)
    alphas = []
    for s, y in zip(s_list[::-1], y_list[::-1], strict=True):
        alpha = s @ q / (y @ s)
        alphas.append(alpha)
        q = q - alpha * y
    if len(s_list) > 0:
        q = q * (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1])
    for s, y, alpha in zip(s_list, y_list, alphas[::-1], strict=True):
        q = q + s * (alpha - y @ q / (y @ s))
    return -q
    ### END SOLUTION


# %% [markdown] hints="lbfgs_direction"
# 1. Follow the three steps of the text. The alphas of the first loop are needed again in the second: keep them in a
#    list.
# 2. The lists come with the oldest pair first, so the first loop runs through them backwards and the second forwards.
#    The alphas were made backwards, so the second loop needs them in reverse.
# 3. Work on a copy of the gradient. Scale between the loops, only if there is a pair, with gamma of the last pair in
#    the lists. The minus sign comes at the very end.

# %% nbgrader={"grade_id": "lbfgs_direction_check", "locked": true}
s_one, y_one = np.array([1.0, 0.0, 2.0]), np.array([2.0, 1.0, 3.0])
check.close(lbfgs_direction(y_one.copy(), [s_one], [y_one]), -s_one, "the secant condition: B y = s")

# %% nbgrader={"grade_id": "lbfgs_direction_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of lbfgs_direction run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("lbfgs_direction", globals())
### END HIDDEN TESTS

# %% [markdown]
# L-BFGS shines where the loss is smooth, the data fit in memory, and every gradient is taken over *all* of them. A
# softmax classifier on 2,000 garments is such a case. Now feed it gradients of mini-batches: $y$ is then the difference
# of gradients of two *different* losses, mostly noise, and $B$ learns the noise.

# %% tags=["skip-execution"]
X_small = np.insert(X_train[:2000], X_train.shape[1], 1, axis=1).astype(np.float64)
y_small = y_train[:2000]


def softmax_objective(w, rows=slice(None)):
    """Loss and gradient of a linear softmax classifier with a penalty, over these rows."""
    W = w.reshape(-1, 10)
    loss, dscores = nn.softmax_loss(X_small[rows] @ W, y_small[rows])
    return loss + 0.005 * w @ w, (X_small[rows].T @ dscores).ravel() + 0.01 * w


def minimise_lbfgs(num_steps, batch_size=None, memory=10, seed=0):
    """The loss over all data before each step; with a batch_size, gradients come from mini-batches."""
    rng = np.random.default_rng(seed)

    def next_rows():
        return slice(None) if batch_size is None else rng.integers(0, len(X_small), batch_size)

    w, s_list, y_list, losses = np.zeros(X_small.shape[1] * 10), [], [], []
    loss, grad = softmax_objective(w, next_rows())
    for _ in range(num_steps):
        losses.append(softmax_objective(w)[0])
        direction, length = lbfgs_direction(grad, s_list, y_list), 1.0 if s_list else 1 / np.linalg.norm(grad)
        next_loss, next_grad = softmax_objective(w + length * direction, next_rows())
        while batch_size is None and next_loss > loss + 1e-4 * length * grad @ direction:  # a line search: halve until it falls
            length /= 2
            next_loss, next_grad = softmax_objective(w + length * direction)
        s, y = length * direction, next_grad - grad
        if s @ y > 1e-10:
            s_list, y_list = [*s_list, s][-memory:], [*y_list, y][-memory:]
        w, loss, grad = w + s, next_loss, next_grad
    return losses


curves = {"L-BFGS, all data": minimise_lbfgs(60), "L-BFGS, batches of 100": minimise_lbfgs(60, batch_size=100)}
for name, rule, rate in (("plain descent, all data", sgd, 0.05), ("momentum, all data", sgd_momentum, 0.02)):
    w, config, curves[name] = np.zeros(X_small.shape[1] * 10), {"learning_rate": rate}, []
    for _ in range(60):
        loss, grad = softmax_objective(w)
        curves[name].append(loss)
        w, config = rule(w, grad, config)
print({name: round(float(losses[-1]), 3) for name, losses in curves.items()})
if data.stated_ranges_hold:
    check.between(curves["L-BFGS, all data"][-1], 1.08, 1.15, "L-BFGS on all data, after 60 steps")
    check.between(curves["momentum, all data"][-1], 1.25, 1.38, "momentum on all data, after 60 steps")
    check.between(int(np.argmax(np.array(curves["L-BFGS, all data"]) < curves["momentum, all data"][-1])), 16, 26,
                  "the step at which L-BFGS is where momentum ends")
    check.true(curves["L-BFGS, batches of 100"][-1] > curves["plain descent, all data"][-1], "L-BFGS on batches falls behind both", "it did not")
plots.loss_curves(curves, title="L-BFGS is the fastest on all the data, and lost on noisy batches", xlabel="step", ylabel=f"loss over all {len(X_small):,} images");

# %% [markdown]
# Over all data, L-BFGS gets in some twenty steps to where momentum is after sixty. With batches it leaps about and
# falls behind both. Deep nets are trained on data that do not fit in memory and on noise that helps, which is why none
# of the seven rules above asks for curvature.
#
# ## Early stopping
#
# Training loss may fall for ever. The loss on validation data falls, reaches its lowest point, and rises again when the
# net begins to learn its training images by heart. **Early stopping** keeps the parameters of the best epoch so far and
# gives up when nothing has been better for some time, its **patience**. The number of epochs needs no tuning any more.
#
# What counts as better? A value that beats the best so far by more than `min_delta`. Only then are value and state kept
# and the count of vain updates set back to zero.
#
# **By hand.** Patience 2, `min_delta` 0, values $3, 2, 2.5, 2.6$: the second update is the best; the third and fourth
# are in vain; so the answers are no, no, no, stop, and the best state is that of the second.
#
# ### Exercise: early stopping

# %% nbgrader={"grade_id": "EarlyStopping", "solution": true}
class EarlyStopping:
    """Keeps the best state of a training and says when to stop.

    patience: stop after so many updates in a row without a gain, at least 1.
    min_delta: a value is a gain only if it beats best_value by more than this, at least 0.
    mode: "min" if smaller values are better (a loss), "max" if larger ones are (an accuracy).
    best: a copy of the state that came with the best value; None before the first gain.
    best_value: the best value; before the first gain infinity, in mode "max" minus infinity.
    """

    def __init__(self, patience, min_delta=0.0, mode="min"):
        self.patience, self.min_delta, self.mode = patience, min_delta, mode
        self.best = None
        self.best_value = np.inf if mode == "min" else -np.inf
        self.vain = 0  # updates without a gain since the last gain

    def update(self, value, state):
        """Take note of a value and of the state it belongs to; returns True if it is time to stop, else False.

        value: a number; NaN is never a gain.
        state: a dict of arrays. Training may go on to change these arrays, so that best needs copies of them.
        """
        ### BEGIN SOLUTION: decide whether the value is a gain; keep value and copies, or count; say whether to stop
        gain = self.best_value - value if self.mode == "min" else value - self.best_value
        if gain > self.min_delta:
            self.best_value = value
            self.best = {name: np.array(array) for name, array in state.items()}
            self.vain = 0
        else:
            self.vain += 1
        return self.vain >= self.patience
        ### END SOLUTION


# %% [markdown] hints="EarlyStopping"
# 1. First find out by how much the value is better than `best_value`; in mode "max" the difference is the other way
#    round. The start values, infinity and minus infinity, make the first update a gain.
# 2. Two cases: a gain (keep value and state, set the count back) and no gain (count). Ask whether the gain exceeds
#    `min_delta`, and not whether it does not: with NaN every comparison is false.
# 3. Copy every array of the dict: a copy of the dict alone still holds the arrays that training changes. The answer is
#    whether the count has reached `patience`.

# %% nbgrader={"grade_id": "EarlyStopping_check", "locked": true}
stopper = EarlyStopping(patience=2)
answers = [stopper.update(value, {"W": np.array([value])}) for value in (3.0, 2.0, 2.5, 2.6)]
check.equal([bool(answer) for answer in answers], [False, False, False, True], "stops at the fourth update")
check.close(stopper.best_value, 2.0, "the best value")
check.close(stopper.best["W"], [2.0], "the state of the second update")

# %% nbgrader={"grade_id": "EarlyStopping_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of EarlyStopping run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("EarlyStopping", globals())
### END HIDDEN TESTS

# %% [markdown]
# A net with 200 hidden units and only 1,000 images is bound to learn them by heart. We train on after the stop, to see
# what we would have missed, and watch two values: the validation loss, and the validation accuracy.

# %% tags=["skip-execution"]
net = nn.FullyConnectedNet((X_train.shape[1], 200, 10), rng=0)
by_loss, by_accuracy = EarlyStopping(5), EarlyStopping(5, mode="max")
history, stopped_at = {"training loss": [], "validation loss": []}, {}
configs = {name: {"learning_rate": 0.01} for name in net.params}
rng = np.random.default_rng(0)
for epoch in range(40):
    for rows in np.array_split(rng.permutation(len(y_train[:1000])), 20):
        _, grads = net.loss(X_train[rows], y_train[rows])
        for name in net.params:
            net.params[name], configs[name] = sgd_momentum(net.params[name], grads[name], configs[name])
    history["training loss"].append(nn.softmax_loss(net.loss(X_train[:1000]), y_train[:1000])[0])
    history["validation loss"].append(nn.softmax_loss(net.loss(X_val), y_val)[0])
    for label, stopper, value in (("loss", by_loss, history["validation loss"][-1]), ("accuracy", by_accuracy, net.accuracy(X_val, y_val))):
        if label not in stopped_at and stopper.update(value, net.params):
            stopped_at[label] = epoch + 1
last_loss, last_accuracy = history["validation loss"][-1], net.accuracy(X_val, y_val)
print(f"epoch 40: validation loss {last_loss:.3f}, accuracy {last_accuracy:.3f}")
for label, stopper in (("loss", by_loss), ("accuracy", by_accuracy)):
    net.params.update(stopper.best)
    loss, _ = nn.softmax_loss(net.loss(X_val), y_val)
    print(f"watching the {label}: stops after epoch {stopped_at.get(label)}, validation loss {loss:.3f}, accuracy {net.accuracy(X_val, y_val):.3f}")
if data.stated_ranges_hold:
    check.between(stopped_at["loss"], 9, 25, "watching the loss, it stops after epoch")
    check.between(last_loss - by_loss.best_value, 0.12, 0.45, "what the validation loss rises by epoch 40")
    check.between(last_accuracy - by_accuracy.best_value, -0.03, 0.03, "what the accuracy changes by epoch 40")
plots.lines(
    np.arange(1, 41), history, xlabel="epoch", ylabel="loss",
    title=f"The validation loss is lowest at epoch {int(np.argmin(history['validation loss'])) + 1}; stopped after {stopped_at.get('loss')}",
);

# %% [markdown]
# The two values do not agree. The loss rises, because the net becomes ever surer of its mistakes; the accuracy stays
# about where it is, or even creeps up. Stop by the value you care about: if the probabilities will be used, the loss;
# if only the labels, the accuracy, and then there was no hurry to stop here. Either way, early stopping saved a good
# part of the forty epochs.
#
# ## Averages of weights and of nets
#
# ### Averaged weights
#
# At a constant rate the weights rattle around a good place. Noise that differs from step to step averages out, so the
# *mean* of many places along the path is closer to the middle than any of them (Polyak and Ruppert). It costs nothing
# but one more copy of the weights.
#
# **By hand.** In the bowl of the section on noise, with $\eta = 0.1$, a place is typically $0.229$ off. It hangs
# together with about $1/\eta = 10$ places before it and as many after it, so the mean of 1,000 is worth some 50
# independent ones: off by about $0.229 / \sqrt{50} = 0.03$.
#
# ### Ensembles
#
# Train several nets from different seeds and average their **probabilities**. Each net is wrong in ways of its own, and
# their mean is right more often than one of them: two points is what one often hears.
#
# **By hand.** Three nets, two classes, one image: $(0.52, 0.48)$, $(0.52, 0.48)$ and $(0.05, 0.95)$. By votes class 0
# wins two to one. The mean is $(0.363, 0.637)$: class 1. The net that is sure counts for more than two in doubt.
#
# Do not mix the two up. Weights may be averaged along *one* training. The mean of the weights of two separate trainings
# is no sensible net, for hidden unit 7 of one has nothing to do with hidden unit 7 of the other.
#
# ### Exercise: the mean of several sets of weights

# %% nbgrader={"grade_id": "average_weights", "solution": true}
def average_weights(list_of_params):
    """The mean of several sets of parameters of one net.

    list_of_params: a list of dicts, name → array; all have the same names and shapes. They are left as they are.
    Returns a new dict of new arrays: for each name, the mean over the list.
    """
    ### BEGIN SOLUTION: return a new dict with the mean over the list for every name
    return {name: sum(params[name] for params in list_of_params) / len(list_of_params) for name in list_of_params[0]}
    ### END SOLUTION


# %% [markdown] hints="average_weights"
# 1. The result has the names of the first dict. For each name there is one array in each dict of the list.
# 2. Add these arrays up and divide by the number of dicts, or stack them and take the mean over the new axis.
# 3. Do not add into the first dict's arrays: they belong to the caller.

# %% nbgrader={"grade_id": "average_weights_check", "locked": true}
mean = average_weights([{"W1": np.array([[1.0, 2.0]]), "W2": np.array([4.0])}, {"W1": np.array([[3.0, 6.0]]), "W2": np.array([0.0])}])
check.equal(list(mean), ["W1", "W2"], "the names")
check.close(mean["W1"], [[2.0, 4.0]], "the mean of W1")
check.close(mean["W2"], [2.0], "the mean of W2")

# %% nbgrader={"grade_id": "average_weights_tests", "grade": true, "points": 3}
# Graded, 3 points: hidden tests of average_weights run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("average_weights", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: the prediction of an ensemble

# %% nbgrader={"grade_id": "ensemble_predict", "solution": true}
def ensemble_predict(prob_list):
    """Labels of an ensemble: the class with the largest mean probability.

    prob_list: a list of arrays (N, C), one a net; each row holds the probabilities of the classes. They are left as they are.
    Returns (N,) integers in 0..C-1.
    """
    ### BEGIN SOLUTION: average the probabilities over the nets and take the largest in each row
    return np.argmax(np.mean(prob_list, axis=0), axis=1)
    ### END SOLUTION


# %% [markdown] hints="ensemble_predict"
# 1. Average first, then choose: labels and votes do not know how sure each net was.
# 2. The mean is over the nets, the first axis of the stacked list; the shape that is left is (N, C).
# 3. An example is a row: the largest entry is looked for along the axis of the classes.

# %% nbgrader={"grade_id": "ensemble_predict_check", "locked": true}
probs_one = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
probs_two = np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5]])
check.equal(ensemble_predict([probs_one, probs_two]), [0, 2], "two nets that agree")

# %% nbgrader={"grade_id": "ensemble_predict_tests", "grade": true, "points": 3}
# Graded, 3 points: hidden tests of ensemble_predict run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("ensemble_predict", globals())
### END HIDDEN TESTS

# %% [markdown]
# First, averaged weights: momentum at a constant rate of 0.03, eight epochs; from the sixth epoch on the weights are
# kept every tenth step.

# %% tags=["skip-execution"]
def snapshots_of_a_training(seed, first_kept=500, num_steps=800):
    """Weights of a net, trained at a constant rate, at every tenth step from first_kept on: (net, list)."""
    net = nn.FullyConnectedNet((X_train.shape[1], 100, 10), rng=seed)
    configs = {name: {"learning_rate": 0.03} for name in net.params}
    rng, kept = np.random.default_rng(seed), []
    for t in range(num_steps):
        rows = rng.integers(0, len(X_train), 100)
        _, grads = net.loss(X_train[rows], y_train[rows])
        for name in net.params:
            net.params[name], configs[name] = sgd_momentum(net.params[name], grads[name], configs[name])
        if t >= first_kept and t % 10 == 9:
            kept.append({name: value.copy() for name, value in net.params.items()})
    return net, kept


net, kept = snapshots_of_a_training(seed=0)
singles = []
for params in kept:
    net.params.update(params)
    singles.append(net.accuracy(X_val, y_val))
net.params.update(average_weights(kept))
averaged_accuracy = net.accuracy(X_val, y_val)
print(f"{len(kept)} places on the path: {np.mean(singles):.3f} on average, best {max(singles):.3f}; their mean: {averaged_accuracy:.3f}")
if data.stated_ranges_hold:
    check.between(averaged_accuracy - np.mean(singles), 0.03, 0.08, "what averaging the weights gains")
plots.lines(
    10 * np.arange(51, 81),
    {"weights at this step": singles, "mean of all of them": np.full(30, averaged_accuracy)},
    xlabel="step", ylabel="validation accuracy", title="The mean of the path is better than any place on it",
);

# %% [markdown]
# Five points or so: as much as a falling rate gave, and for the same reason: both get rid of the noise of the last
# steps.
#
# Then an ensemble of five nets, trained with a cosine schedule, and judged on the test images. So that nobody picks the
# best net by looking at the test, we compare with the *mean* accuracy of the five.

# %% tags=["skip-execution"]
members = [train(sgd_momentum, 0.03, seed=seed, num_epochs=6, schedule=planned("cosine", 0.03))[0] for seed in range(5)]
probs = [nn.softmax(member.loss(X_test)) for member in members]
alone = [float(np.mean(p.argmax(axis=1) == y_test)) for p in probs]
together = [float(np.mean(ensemble_predict(probs[: k + 1]) == y_test)) for k in range(5)]
members[0].params.update(average_weights([member.params for member in members]))
mixed = members[0].accuracy(X_test, y_test)
print("ensembles of the first 1, 2, ...:", np.round(together, 3))
print("alone:", np.round(alone, 3), f"mean {np.mean(alone):.3f}; the five together {together[-1]:.3f}; one net of their mean weights {mixed:.3f}")
if data.stated_ranges_hold:
    check.between(together[-1] - np.mean(alone), 0.003, 0.03, "what an ensemble of five gains over one net")
    check.between(mixed, 0.2, 0.6, "one net with the mean weights of five separate trainings")
plots.bars(
    {**{f"net {k + 1}": score for k, score in enumerate(alone)}, "ensemble": together[-1], "mean weights": mixed},
    ylabel="test accuracy",
    title=f"An ensemble gains {100 * (together[-1] - np.mean(alone)):.1f} points over the mean of its nets; mixing their weights ruins them",
);

# %% [markdown]
# Ten such ensembles (seeds 0–4, 5–9 and so on) gained between 0.6 and 2.0 points, 1.4 on average: less than the
# proverbial two, and for five times the work. Against the *best* of the five, which one does not know beforehand, the
# gain was 0.7 on average, and two of the ten gained nothing. And the net made of the mean weights of five separate
# trainings is far worse than each of them.
#
# ## What to try first
#
# - **Adam or AdamW with a cosine or linear schedule** is a good first training: start at 0.001, and try three and ten
#   times as much.
# - **Momentum 0.9 with a falling rate** ends as high on many image tasks, once its rate is found. Look for the rate
#   first: on a grid of factors of three, upwards until it diverges; the best lies just below.
# - **Let the rate fall**, whatever the rule. If that is not possible, average the weights.
# - **Keep the best epoch**, and stop when validation says so. **Ensembles** come last, when everything else is done.
# - **L-BFGS** only with all data at once and little noise.
#
# On our net, at constant rates, the choice of the rule was worth a point; the schedule was worth three to five; and the
# rate, everything.

# %% [markdown]
# ## Two questions in your own words
#
# **Question 1 (5 points).** A colleague trains with momentum 0.9 and a rate of 0.01, finds it too slow, and moves to
# Adam *with the same rate*. The loss leaps in the first steps and never gets as low as before. Explain what a rate of
# 0.01 means for the size of a step in each of the two rules, why the first steps are special, and name two things you
# would try. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_two_rates", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# In momentum the step is the rate times a sum of gradients, about 0.01 · g / (1 − 0.9), so it is proportional to the
# gradient: where gradients are around 0.001, a weight moves by 0.0001. In Adam the gradient's size is divided out and
# each weight moves by up to about 0.01 a step whatever its gradient, which for most weights of a net is far more. At
# the first step every gradient's ratio to its own root mean square is exactly one, so all weights make a full step of
# 0.01 at once, in directions known from a single batch. Later the step is smaller where gradients change sign. And
# because the size of the gradient is divided out, steps do not shrink near a minimum either, so at a constant rate the
# loss stays high. I would try a rate of 0.001 or less, a warm-up, and a schedule that falls.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: momentum's step is proportional to the gradient (with the factor 1/(1 − 0.9)).
# - 1 point: Adam's step is about the rate itself, whatever the gradient's size.
# - 1 point: first step: all weights move by the full rate, known from one batch only (or: means not yet reliable).
# - 1 point: the high loss at the end: steps do not shrink with the gradient, so noise of a size set by the rate
#   remains.
# - 1 point: two sensible remedies (smaller rate, warm-up, falling schedule, averaged weights).
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** Look at your race on the three surfaces, at the valley turned by 45°, and at the table of
# seven rules on a net. What can be concluded about "the best optimizer", and what cannot? Name one finding of the race
# that carried over to the net and one that did not. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_best_optimizer", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# On the valley along the axes AdaGrad and RMSProp looked far superior, but turning the same valley took their lead
# away, so the picture showed the choice of axes as much as the rule. The rates were also chosen for each surface, and
# another choice would give another winner. On the net all rules with the best constant rate were within about a point
# of each other, which is no more than the spread over seeds, so no best optimizer can be named from it, and nothing can
# be said about other nets and data. What carried over: a constant rate leaves noise, so that falling rates end better,
# and each rule needs a rate of its own. What did not carry over: Nesterov's advantage over momentum, which was clear in
# the valley, was within the noise on the net. A fair comparison searches the rate for each rule, uses several seeds,
# and gives each the same work.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the turned valley shows that the ranking depends on the axes (a rate for each weight).
# - 1 point: rates must be tuned for each rule before comparing.
# - 1 point: on the net the differences at the best rates are about the size of the spread over seeds.
# - 1 point: a finding that carried over, with what was seen.
# - 1 point: a finding that did not, with what was seen.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **State that is not written back.** Each step is then a first step: momentum becomes plain descent, and Adam divides
#   by $1 - \beta$ for ever.
# - **One config for all parameters.** Each array needs its own: shapes differ, and so do their histories.
# - **A dict as the default value of an argument**, `config={}`: Python makes it once, and every call without a config
#   finds what the last one left there.
# - **`t` starting at 0 and counted after its use**: a division by zero at the first step. Starting at 1 and counted
#   before: the first step is corrected as if it were the second, and so on.
# - **Corrected moments written back**, so that the correction is applied again and again.
# - **$\varepsilon$ under the root**: $\sqrt{10^{-8}} = 10^{-4}$ is not small beside the root of a tiny gradient's
#   square.
# - **The same learning rate for different rules.** Adam's 0.001 and plain descent's 0.1 are the same order of boldness.
# - **L2 in Adam taken for weight decay**, or `weight_decay` copied from one library to another without looking whether
#   the rate multiplies it.
# - **Decay applied to biases and gains.** It is meant for weights.
# - **Cosine of degrees; warm-up that starts at rate 0**, so that the first batch is wasted; a schedule counted in
#   epochs where the code counts steps.
# - **Early stopping that returns the last weights**, or a "best" that is a reference to arrays which training goes on
#   to change.
# - **Choosing the best member of an ensemble, or the epoch, on test data.**

# %% [markdown]
# ## Check yourself
#
# 1. Curvatures 2 and 50. What is the largest rate at which plain descent does not diverge, and what is the condition
#    number?
#
# <details><summary>Answer</summary>2/50 = 0.04; κ = 25.</details>
#
# 2. How many plain steps is a step of momentum 0.99 worth, when the gradient stays the same? And after the first step?
#
# <details><summary>Answer</summary>1/(1 − 0.99) = 100 in the long run; after the first step it is 1.</details>
#
# 3. The rate falls to zero at once. What does our form of momentum do, and what the other?
#
# <details><summary>Answer</summary>Ours coasts on: the velocity fades by μ a step, and covers v·μ/(1 − μ) in all. The
# other stands still at once.</details>
#
# 4. All losses are multiplied by 1,000. Which of the seven rules make the same path as before (but for ε)?
#
# <details><summary>Answer</summary>AdaGrad, RMSProp, Adam and AdamW. The others would need a rate a thousand times
# smaller.</details>
#
# 5. What is RMSProp's first step with a decay rate of 0.9?
#
# <details><summary>Answer</summary>η / √0.1 = 3.16 η.</details>
#
# 6. Why does Adam correct $v$ for thousands of steps, and $m$ for dozens only?
#
# <details><summary>Answer</summary>The means reach back 1/(1 − β) steps: 1,000 for v and 10 for m; by then 1 − βᵗ is
# near 1.</details>
#
# 7. A training with Adam, a gradient that has been exactly zero for a weight since the start: what is the step? And
#    without ε?
#
# <details><summary>Answer</summary>0/(0 + ε) = 0. Without ε it is 0/0, NaN.</details>
#
# 8. Batches of 64 at a rate of 0.02 work. What would you try first for batches of 256, and what do you watch?
#
# <details><summary>Answer</summary>0.08, perhaps with a warm-up; whether the loss of the first epoch stays
# down.</details>
#
# 9. Newton's method on $\frac12 x^2 - \frac12 y^2$ from (1, 1): where does it go?
#
# <details><summary>Answer</summary>To (0, 0), the saddle: the model's gradient is zero there.</details>
#
# 10. How much memory do L-BFGS with ten pairs and BFGS need for a million parameters in float32?
#
# <details><summary>Answer</summary>20 vectors of 4 MB: 80 MB. BFGS: 10¹² numbers, 4 TB.</details>
#
# 11. Patience 3, values 5, 4, 4.5, 4.2, 3.9, 4, 4.1, 4.3. When does training stop, and what is the best?
#
# <details><summary>Answer</summary>The fifth value is a gain and sets the count back; it stops at the eighth, and the
# fifth is the best.</details>

# %% [markdown]
# ## Where this leads
#
# From here on nets are trained with `course_utils.nn.Solver`, which takes any of your rules and schedules. Notebook 07
# adds what keeps a net from learning its training images by heart: penalties, dropout and label smoothing, with AdamW's
# decay among them. Notebook 08 trains convolutional nets, and notebook 10 turns the gradient around: there the *image*
# is what descends.
#
# ## Further reading
#
# - B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", *USSR Computational Mathematics
#   and Mathematical Physics* 4, 1964: the heavy ball.
# - Y. Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k²)", 1983.
# - I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and momentum in deep
#   learning", ICML 2013.
# - J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
#   *Journal of Machine Learning Research* 12, 2011.
# - T. Tieleman and G. Hinton, "Lecture 6.5: RMSProp", Coursera, 2012.
# - D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
# - I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019, and "SGDR: stochastic gradient
#   descent with warm restarts", ICLR 2017.
# - Y. Bengio, N. Boulanger-Lewandowski and R. Pascanu, "Advances in optimizing recurrent networks", ICASSP 2013:
#   Nesterov's momentum, rewritten.
# - J. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar, "Gradient descent on neural networks typically occurs at the
#   edge of stability", ICLR 2021.
# - B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging", *SIAM Journal on Control
#   and Optimization* 30, 1992.
# - Y. Dauphin and others, "Identifying and attacking the saddle point problem in high-dimensional non-convex
#   optimization", NeurIPS 2014.
# - P. Goyal and others, "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017: N times the batch, N times
#   the rate, and warm-up.
# - J. Nocedal and S. J. Wright, *Numerical Optimization*, second edition, Springer, 2006: Newton, BFGS and L-BFGS.
# - L. Prechelt, "Early stopping: but when?", in *Neural Networks: Tricks of the Trade*, Springer, 1998.
# - Notes of Stanford's course CS231n on learning and optimization, https://cs231n.github.io.
