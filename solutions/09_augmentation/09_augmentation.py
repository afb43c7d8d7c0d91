# ---
# jupyter:
#   course:
#     title: Data augmentation
#     builds: flips, crops, colour changes, warps, cutout, mixup and policies of them, for batches of images, and a prediction from ten crops
#     needs: NumPy indexing and broadcasting, the softmax loss, how a net is trained
#     minutes: 240
#     budget_seconds: 120
# ---

# %% [markdown]
# # Data augmentation
#
# A net learns from examples, and examples are dear. But you know things about images that the net does not: a mirrored
# coat is a coat, and a coat three pixels further left is a coat. Nobody has to collect that knowledge, it only has to be
# told. The simplest way to tell it is to show it: change the training images at random, in ways that keep their labels,
# each time anew.
#
# **What you build.** Flips, crops, changes of contrast and brightness, any affine warp with bilinear sampling, cutout,
# mixup, policies of several operations, a class that chains them, and a prediction averaged over ten crops. All of them
# work on batches (N, H, W, C) of `uint8` pixels and draw for each image by itself. As extensions: scale jitter, a colour
# shift along principal components, lens distortion, CutMix, equalising, solarising.
#
# **What you need.** Indexing and broadcasting in NumPy, the softmax loss, and what training a net means. No answer from
# another notebook is used: the net and its training come from `course_utils.nn`.
#
# **How long.** About four hours, in two sittings: pause after the warps.
#
# **The result.** A small convolutional net, trained on 2,000 garments with eight recipes, five times each. Its accuracy on
# test images, as they are and shifted by up to three pixels, tells most of the story of this notebook: flips help, crops
# are worth much exactly where things move, and more is not always more.

# %%
import numpy as np

from course_utils import check
from course_utils.nn import softmax

# %% tags=["skip-execution"]
from course_utils import nn, plots
from course_utils.data import load_dataset, load_results
from course_utils.nn.pixels import PixelNet

table = load_results("augmentation_gain")
print(table.describe())
recipes, on_test = table.by_seed("recipe", "test_accuracy")
_, on_shifted = table.by_seed("recipe", "shifted_accuracy")
plots.recipe_points(
    list(recipes), {"test images as they are": on_test, "shifted by up to 3 pixels": on_shifted},
    xlabel="accuracy on 2,000 test images", title="2,000 images: flips add three points, crops over twenty where things move",
);

# %% [markdown]
# ## Which changes keep the label
#
# An augmentation is a claim: *this change does not change what the image shows.* Whether the claim is true is a question
# about the task, not about the operation.
#
# Take the four letters b, d, p and q. Mirror a b from left to right, and it is a d. Exchange top and bottom, and it is a
# p. Do both, and it is a q. Whoever augments letters with flips teaches the net that four letters are one.

# %%
b = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 0], [0, 0, 0, 0]])
b = np.pad(b, ((0, 0), (1, 1)))
d, p, q = b[:, ::-1], b[::-1], b[::-1, ::-1]
print("\n".join("   ".join("".join(".#"[pixel] for pixel in row) for row in rows) for rows in zip(b, d, p, q, strict=True)))

# %% [markdown]
# A coat mirrored is a coat. A coat upside down is a coat as well, but one that no test image will ever show: the claim is
# true and useless, and the net spends some of its capacity on it. So there are three kinds of change:
#
# | change | true? | occurs in the test? | then |
# |---|---|---|---|
# | flip a garment left to right | yes | yes | it helps |
# | turn a garment upside down | yes | no | it costs a little |
# | flip a letter | no | – | it harms |
#
# A convolutional net knows about shifts from its architecture, at least a little; it knows nothing of mirrors, light or
# scale. Augmentation is the way to tell a net what its architecture cannot say.
#
# **Where to do it.** On the pixels, before they are centred and scaled, in the training loop: each batch is changed just
# before the net sees it, so in forty epochs the net sees forty versions of an image, and when several changes are chained
# hardly ever the same one twice.
# Validation and test images stay as they are. All our functions take a batch of shape (N, H, W, C), `uint8`, 0 to 255,
# give back a new one of the same kind, and leave the old one alone: the same image is needed again in the next epoch.
#
# **Where randomness comes from.** From a `numpy.random.Generator` that is passed in, so that a run can be repeated. Each
# image of a batch has draws of its own. It is a frequent mistake to draw once and do the same to the whole batch.

# %% [markdown]
# ## Flips
#
# The columns of an image in the opposite order: pixel $(i, j)$ moves to $(i, W - 1 - j)$. On a batch (N, H, W, C) that is
# one slice with step −1, along the right axis.
#
# **By hand.** The image $\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix}$ becomes
# $\begin{pmatrix} 3 & 2 & 1 \\ 6 & 5 & 4 \end{pmatrix}$. Its rows stay where they are, and so do the colours within each
# pixel: the last axis holds red, green and blue.
#
# ### Exercise: random flips

# %% nbgrader={"grade_id": "random_flip", "solution": true}
def random_flip(images, rng, p=0.5):
    """Mirror images from left to right, each with probability p.

    images: (N, H, W, C) uint8, left as they are.  rng: a Generator; each image has a draw of its own.  p: from 0 to 1.
    Returns a new array of the same shape and dtype.
    """
    ### BEGIN SOLUTION: draw for each image whether it is mirrored, and return the batch with those images mirrored
    mirrored = rng.random(len(images)) < p
    return np.where(mirrored[:, np.newaxis, np.newaxis, np.newaxis], images[:, :, ::-1], images)
    ### END SOLUTION


# %% [markdown] hints="random_flip"
# 1. Which of the four axes counts columns? A slice with step −1 there, and full slices before it, mirrors all images at
#    once.
# 2. `rng.random(n)` gives n numbers, uniform between 0 and 1. Each of them is below p with probability p: that is a coin
#    for each image.
# 3. A mask of N truth values can choose between the batch and its mirror image with `np.where`, once it has four axes; or
#    it can index a copy of the batch, so that only those images are written.

# %% nbgrader={"grade_id": "random_flip_check", "locked": true}
image = np.array([[1, 2, 1], [4, 5, 4], [7, 8, 7]], dtype=np.uint8)[np.newaxis, :, :, np.newaxis]
flipped = random_flip(np.repeat(image, 5, axis=0), np.random.default_rng(0))
check.shape(flipped, (5, 3, 3, 1), "five images come back")
check.equal(random_flip(image, np.random.default_rng(0), p=0.0), image, "nothing is flipped with p = 0")
check.equal(random_flip(image, np.random.default_rng(0), p=1.0)[:, ::-1, ::-1], image[:, ::-1], "an image that is its own mirror image")

# %% nbgrader={"grade_id": "random_flip_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of random_flip run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("random_flip", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
few = data.train_images[:8]
example = np.arange(1, 7, dtype=np.uint8).reshape(1, 2, 3, 1)
check.equal(random_flip(example, np.random.default_rng(0), p=1.0)[0, :, :, 0], np.array([[3, 2, 1], [6, 5, 4]]), "the image worked by hand")
flips = random_flip(few, np.random.default_rng(3))
same = [bool(np.array_equal(one, other)) for one, other in zip(few, flips, strict=True)]
plots.image_grid(
    np.concatenate([few, flips]), titles=["original"] * len(few) + ["as it was" if each else "mirrored" for each in same],
    columns=len(few), title=f"One call of random_flip: {same.count(False)} of {len(few)} images are mirrored",
);

# %% [markdown]
# ## Crops and scales
#
# A crop is a window of the image: what is in it is the same thing at another place. Famous residual networks were trained
# on photographs like this (He et al., 2016):
#
# - **in training** the image is resized so that its shorter side has a random length from $[256, 480]$ pixels; then a
#   random window of $224 \times 224$ is cut out, and mirrored half of the time;
# - **in the test** the image is resized to five scales, shorter sides 224, 256, 384, 480 and 640 (some lecture notes print
#   460); at each, ten crops are taken (four corners, the centre, and their mirror images), and the scores of all are
#   averaged. (In the paper ten crops go with a single scale; at all five the net slides over the whole image.)
#
# So the net is trained on parts and sizes of things, and in the test the randomness is averaged out.
#
# **Scaled to 32.** Our images have 32 pixels where those had 224, a seventh. The range of sides becomes 37 to 69, and the
# five test scales 32, 37, 55, 69 and 91. But at 69 pixels a window of 32 shows a fifth of a garment's area. Photographs with
# 1,000 classes survive that, sleeves do not tell a coat from a pullover. On small images another recipe has become usual:
# **pad the image by a few pixels on each side, and cut a window of the old size out at random.** That is a shift by up to
# `pad` pixels each way.
#
# What goes into the padding? Zeros are usual, black that is. We repeat the nearest edge pixel, because no test image has a
# black rim.
#
# **By hand.** The row $(10, 20, 30, 40)$, padded by one, is $(10, 10, 20, 30, 40, 40)$. A window of four has three places,
# $2 \cdot 1 + 1$ of them: $(10, 10, 20, 30)$, the row itself, and $(20, 30, 40, 40)$. With `pad` in two directions there are
# $(2\,\texttt{pad} + 1)^2$ windows, and all of them should be equally likely.
#
# ### Exercise: random crops

# %% nbgrader={"grade_id": "random_crop", "solution": true}
def random_crop(images, pad, rng):
    """Pad images by repeating their edge, and cut a random window of the old size out of each.

    images: (N, H, W, C) uint8, left as they are.  pad: pixels added at each of the four sides, 0 or more.
    rng: a Generator; each image has a window of its own, every one of the (2 * pad + 1)**2 is equally likely.
    Returns a new array of the same shape and dtype.
    """
    ### BEGIN SOLUTION: pad all images, draw a window for each, and return the windows as one batch
    H, W = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="edge")
    tops, lefts = rng.integers(0, 2 * pad + 1, size=(2, len(images)))
    return np.stack([image[r : r + H, t : t + W] for image, r, t in zip(padded, tops, lefts, strict=True)])
    ### END SOLUTION


# %% [markdown] hints="random_crop"
# 1. `np.pad` takes a pair (before, after) for each axis; two of the four axes stay as they are. One of its modes repeats
#    the edge.
# 2. The first row of a window can be any of 0, 1, ..., 2·pad. `rng.integers(low, high)` never gives `high`. Draw rows and
#    columns apart, N of each.
# 3. A loop over the images with two slices each is fine; put the windows together with `np.stack`.

# %% nbgrader={"grade_id": "random_crop_check", "locked": true}
row = np.array([10, 20, 30, 40], dtype=np.uint8).reshape(1, 1, 4, 1)
check.equal(random_crop(row, 0, np.random.default_rng(0)), row, "without padding nothing moves")
windows = random_crop(np.repeat(row, 60, axis=0), 1, np.random.default_rng(0))
check.shape(windows, (60, 1, 4, 1), "sixty windows of the old size")
check.true((windows[:, 0, 1:3, 0] >= 10).all(), "the middle of a window shows the image", "there is something else than the image in the middle of a window")

# %% nbgrader={"grade_id": "random_crop_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of random_crop run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("random_crop", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
found, counts = np.unique(random_crop(np.repeat(row, 3000, axis=0), 1, np.random.default_rng(0))[:, 0, :, 0], axis=0, return_counts=True)
for window, count in zip(found.tolist(), counts, strict=True):
    print(f"{window}: {count / 3000:.2f} of the windows")
check.equal(found, np.array([[10, 10, 20, 30], [10, 20, 30, 40], [20, 30, 40, 40]]), "the three windows of the text")
plots.image_grid(
    np.concatenate([few[:1], random_crop(np.repeat(few[:1], 7, axis=0), 4, np.random.default_rng(1))]),
    titles=["original"] + ["crop"] * 7, columns=8, title="Seven crops of one image, padded by 4: the edge is repeated",
);

# %% [markdown]
# ### Extension: scale jitter
#
# The recipe of the large photographs. Resizing is given: for each pixel of the result it asks where in the image it lies
# and blends the four pixels around that place. (How that blending works is the subject of the section on warps.)

# %%
def resize(images, height, width):
    """Images (N, H, W, C) uint8 in another size: (N, height, width, C) uint8, by bilinear sampling."""
    H, W = images.shape[1:3]
    rows = np.clip((np.arange(height) + 0.5) * H / height - 0.5, 0, H - 1)
    columns = np.clip((np.arange(width) + 0.5) * W / width - 0.5, 0, W - 1)
    above, left = rows.astype(int), columns.astype(int)
    below, right = np.minimum(above + 1, H - 1), np.minimum(left + 1, W - 1)
    down, across = (rows - above)[:, np.newaxis, np.newaxis], (columns - left)[:, np.newaxis]
    across_rows = images[:, :, left] * (1 - across) + images[:, :, right] * across
    return np.rint(across_rows[:, above] * (1 - down) + across_rows[:, below] * down).astype(np.uint8)


# %% nbgrader={"grade_id": "scale_jitter", "solution": true}
def scale_jitter(images, low, high, size, rng):
    """Resize each image to a random scale and cut a random square out of it.

    images: (N, H, W, C) uint8, left as they are.  low, high: the shorter side after resizing is a whole number from
    low to high, both included, all equally likely; the longer one keeps the proportions, rounded.
    size: side of the square, at most low.  rng: a Generator; each image has a scale and a place of its own, and every
    place where the square fits is equally likely.  Returns (N, size, size, C) uint8.  Use resize, given above.
    """
    ### BEGIN SOLUTION: for each image draw the shorter side, resize, and cut a random square out
    H, W = images.shape[1:3]
    squares = np.empty((len(images), size, size, images.shape[3]), dtype=images.dtype)
    for n in range(len(images)):
        factor = rng.integers(low, high + 1) / min(H, W)
        scaled = resize(images[n : n + 1], round(H * factor), round(W * factor))[0]
        top, left = rng.integers(scaled.shape[0] - size + 1), rng.integers(scaled.shape[1] - size + 1)
        squares[n] = scaled[top : top + size, left : left + size]
    return squares
    ### END SOLUTION


# %% [markdown] hints="scale_jitter"
# 1. A loop over images: draw the new shorter side; the factor between new and old shorter side gives both new sides.
# 2. `resize` takes a batch: hand it a batch of one, `images[n : n + 1]`.
# 3. In an image of h rows the square's first row is one of h − size + 1. Rows and columns have different numbers of places
#    when the image is not square.

# %% nbgrader={"grade_id": "scale_jitter_check", "locked": true}
plain = np.full((4, 12, 12, 3), 77, dtype=np.uint8)
check.equal(scale_jitter(plain, 10, 16, 8, np.random.default_rng(0)), np.full((4, 8, 8, 3), 77, dtype=np.uint8), "a plain image stays plain")

# %% nbgrader={"grade_id": "scale_jitter_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of scale_jitter run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("scale_jitter", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
low, high = round(256 / 7), round(480 / 7)
print(f"256 and 480 of 224 pixels are {low} and {high} of 32; a window of 32 shows between {(32 / high) ** 2:.2f} and {(32 / low) ** 2:.2f} of the image")
print("five test scales:", [round(side / 7) for side in (224, 256, 384, 480, 640)])
plots.image_grid(
    np.concatenate([few[:1], scale_jitter(np.repeat(few[:1], 7, axis=0), low, high, 32, np.random.default_rng(1))]),
    titles=["original"] + ["scaled, cropped"] * 7, columns=8,
    title="The recipe for photographs on a garment: too little of it is left to see",
);

# %% [markdown]
# ## Contrast and brightness
#
# The same thing in another light has other pixels. With $m$ for the mean of all pixels and channels of an image, a change
# of contrast by the factor $c$ and of brightness by $b$ (a part of the full scale of 255) is
#
# $$ x' = m + c\,(x - m) + 255\, b . $$
#
# $c = 1$ and $b = 0$ change nothing; $c = 0$ leaves plain grey. What comes out is neither whole nor between 0 and 255, and
# a pixel has to be both: **round, then clip, then convert.**
#
# Conversion is where it goes wrong. `uint8` counts modulo 256: $250 + 10$ in `uint8` is $4$, a white pixel turns black.
# So compute in floating point. And `astype(np.uint8)` does not round, it cuts off: $119.9$ becomes $119$, the image
# gets darker by half a step on average.
#
# **By hand.** An image with the pixels $100, 120, 140, 240$ has $m = 150$. With $c = 1.5$ and $b = 0.1$:
# $150 + 1.5 \cdot (-50) + 25.5 = 100.5$, then $130.5$, $160.5$, and $310.5$, which is clipped to $255$. (Which of the two
# neighbours a half is rounded to is up to you.)
#
# ### Exercise: colour jitter
#
# Two gaps: the change with given numbers, which can be checked exactly, and the one that draws them.

# %% nbgrader={"grade_id": "color_jitter", "solution": true}
def adjust_colors(images, contrast, brightness):
    """Change contrast and brightness of each image: mean + contrast * (pixel - mean) + 255 * brightness.

    images: (N, H, W, C) uint8, left as they are; mean is that of all pixels and channels of the image.
    contrast, brightness: (N,) floats, a pair for each image.
    Returns a new uint8 array of the same shape: results rounded to the nearest whole number and clipped to 0 ... 255.
    """
    ### BEGIN SOLUTION: compute the new pixels in floating point, then round, clip and convert them
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    factor, shift = (np.asarray(each, dtype=np.float64).reshape(-1, 1, 1, 1) for each in (contrast, brightness))
    changed = mean + factor * (images - mean) + 255 * shift
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)
    ### END SOLUTION


# %% nbgrader={"grade_id": "color_jitter_2", "solution": true}
def color_jitter(images, rng, contrast=0.4, brightness=0.15):
    """Change contrast and brightness of each image at random, by adjust_colors.

    images: (N, H, W, C) uint8, left as they are.  rng: a Generator; each image has two draws of its own: the factor of
    contrast uniform in [1 - contrast, 1 + contrast], the change of brightness uniform in [-brightness, brightness].
    Returns a new array of the same shape and dtype.
    """
    ### BEGIN SOLUTION: draw a factor and a shift for each image and apply them
    n = len(images)
    return adjust_colors(images, rng.uniform(1 - contrast, 1 + contrast, n), rng.uniform(-brightness, brightness, n))
    ### END SOLUTION


# %% [markdown] hints="color_jitter"
# 1. A mean over three axes with `keepdims=True` has the shape (N, 1, 1, 1) and broadcasts against the images. The numbers
#    in `contrast` and `brightness` need that shape as well.
# 2. `images.mean(...)` is a float, so `images - mean` is computed in floats and nothing wraps. Only at the very end is the
#    result converted, after rounding and clipping.
# 3. `rng.uniform(low, high, n)` gives n numbers. Draw the factors and the shifts in two calls; a factor of 1 is no change,
#    so its range lies around 1.

# %% nbgrader={"grade_id": "color_jitter_check", "locked": true}
image = np.array([100, 120, 140, 240], dtype=np.uint8).reshape(1, 2, 2, 1)
check.equal(adjust_colors(image, np.array([1.0]), np.array([0.0])), image, "a factor of 1 and a shift of 0 change nothing")
check.equal(adjust_colors(image, np.array([0.5]), np.array([0.0]))[0, :, :, 0], np.array([[125, 135], [145, 195]]), "half the contrast, around 150")
check.shape(color_jitter(np.repeat(image, 6, axis=0), np.random.default_rng(0)), (6, 2, 2, 1), "six images come back")

# %% nbgrader={"grade_id": "color_jitter_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of color_jitter run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("color_jitter", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
print("worked by hand:", adjust_colors(image, np.array([1.5]), np.array([0.1])).ravel().tolist())
print("uint8 wraps: 250 + 10 =", (np.array([250], np.uint8) + np.uint8(10)).item())
plots.image_grid(
    np.concatenate([few[:1], color_jitter(np.repeat(few[:1], 7, axis=0), np.random.default_rng(1))]),
    titles=["original"] + ["jittered"] * 7, columns=8, title="Seven draws of contrast and brightness",
);

# %% [markdown]
# ### Extension: a colour shift along principal components
#
# Light of another colour does not change red, green and blue independently. Krizhevsky et al. (2012) looked at how colours
# vary over all pixels of the training set: the $3 \times 3$ covariance of (red, green, blue), each divided by 255, has
# eigenvalues $\lambda_1 \ge \lambda_2 \ge \lambda_3$ and eigenvectors $v_1, v_2, v_3$. To every pixel of an image they
# added
#
# $$ \sum_{k} \alpha_k \lambda_k v_k, \qquad \alpha_k \sim \mathcal N(0, \sigma^2),\ \sigma = 0.1, $$
#
# with one draw of the three $\alpha_k$ for each image. On most photographs $v_1$ is nearly grey, so the largest shifts are
# in brightness, with a little colour.
#
# Mind the unit. An eigenvalue of a covariance is a *square* of colours, so the formula is not the same on pixels from 0 to
# 255: there $\lambda$ is $255^2$ times as large. With pixels from 0 to 1, say $\lambda_1 = 0.2$, a draw of $\alpha_1 = 0.1$
# shifts by $0.02$, five steps of 255.

# %% nbgrader={"grade_id": "color_pca", "solution": true}
def fit_color_pca(images):
    """Eigenvalues and eigenvectors of the covariance of colours over all pixels of all images, colours divided by 255.

    images: (N, H, W, 3) uint8.  Returns (values, vectors): (3,) float64, largest first, and (3, 3) with the unit vector
    of values[k] in column k (its sign is open).
    """
    ### BEGIN SOLUTION: return eigenvalues, largest first, and eigenvectors of the covariance of the scaled colours
    colours = images.reshape(-1, 3) / 255
    centred = colours - colours.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(colours))
    return values[::-1], vectors[:, ::-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "color_pca_2", "solution": true}
def pca_color_shift(images, values, vectors, rng, sigma=0.1):
    """Shift the colour of each image by 255 * sum over k of alpha_k * values[k] * vectors[:, k].

    images: (N, H, W, 3) uint8, left as they are.  values, vectors: as fit_color_pca returns them.  rng: a Generator; each
    image has its own three alpha_k, normal with mean 0 and deviation sigma.
    Returns a new uint8 array of the same shape, rounded and clipped.
    """
    ### BEGIN SOLUTION: draw three numbers for each image, make of them a colour, and add it to all of its pixels
    alpha = rng.normal(0, sigma, size=(len(images), 3))
    colour = 255 * (alpha * values) @ vectors.T
    return np.clip(np.rint(images + colour[:, np.newaxis, np.newaxis]), 0, 255).astype(np.uint8)
    ### END SOLUTION


# %% [markdown] hints="color_pca"
# 1. As rows of three numbers the pixels are data with three features: subtract the mean of each, and the covariance is a
#    product of this matrix with itself, divided by the number of pixels.
# 2. `np.linalg.eigh` is for symmetric matrices. It returns the smallest eigenvalue first, and vectors in columns; both have
#    to be turned round together.
# 3. For one image the shift is a matrix times the vector of the three products α·λ. For N images these products are rows,
#    so the matrix is multiplied from the right, transposed.

# %% nbgrader={"grade_id": "color_pca_check", "locked": true}
grey = np.repeat(np.array([[0, 255], [255, 0]], dtype=np.uint8)[np.newaxis, :, :, np.newaxis], 3, axis=3)
values, vectors = fit_color_pca(grey)
check.shape(vectors, (3, 3), "three vectors of three numbers")
check.close(values, [0.75, 0.0, 0.0], "black and white pixels: all variance along grey", atol=1e-9)
check.equal(pca_color_shift(grey, values, vectors, np.random.default_rng(0), sigma=0.0), grey, "sigma 0 changes nothing")

# %% nbgrader={"grade_id": "color_pca_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of color_pca run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("color_pca", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
values, vectors = fit_color_pca(data.train_images[:2000])
print("eigenvalues", np.round(values, 4), " first vector", np.round(vectors[:, 0] * np.sign(vectors[0, 0]), 2))
if data.stated_ranges_hold:
    check.true((np.abs(vectors[:, 0]) > 0.5).all(), "the first component is nearly grey", "the first component is not near (0.58, 0.58, 0.58)")
plots.image_grid(
    np.concatenate([few[:1], pca_color_shift(np.repeat(few[:1], 7, axis=0), values, vectors, np.random.default_rng(1), sigma=1.0)]),
    titles=["original"] + ["shifted"] * 7, columns=8, title="Colour shifts with σ = 1, ten times the usual strength, so that they can be seen",
);

# %% [markdown]
# ## Moving, turning, stretching, slanting: one warp
#
# All of these are **affine** maps: a point at $(x, y)$ goes to
#
# $$ \begin{pmatrix} x' \\ y' \end{pmatrix} = A \begin{pmatrix} x \\ y \end{pmatrix} + t, $$
#
# with six numbers, a $2 \times 3$ matrix $(A \mid t)$. We measure from the **centre of the image**, $x$ to the right and $y$
# **down**, in pixels. Pixel $(i, j)$, row and column, lies at $x = j - (W-1)/2$, $y = i - (H-1)/2$. For $W = 4$ the columns
# are at $-1.5, -0.5, 0.5, 1.5$: the centre is $1.5$, not $2$, because it lies in the middle *between* the outermost
# pixels' centres.
#
# | map | $A$ | $t$ |
# |---|---|---|
# | translation | identity | $(d_x, d_y)$ |
# | rotation by $\theta$ (clockwise on the screen, as $y$ points down) | $\begin{pmatrix}\cos\theta & -\sin\theta\\ \sin\theta & \cos\theta\end{pmatrix}$ | 0 |
# | stretch | $\begin{pmatrix}s_x & 0\\ 0 & s_y\end{pmatrix}$ | 0 |
# | shear in $x$ | $\begin{pmatrix}1 & k\\ 0 & 1\end{pmatrix}$ | 0 |
#
# Maps are carried out one after the other by multiplying their $3 \times 3$ matrices, with $(0, 0, 1)$ as third row.

# %%
def affine(A, t=(0.0, 0.0)):
    """The 2 × 3 matrix (A | t)."""
    return np.column_stack([np.asarray(A, dtype=np.float64), t])


def translation(dx, dy):
    """To the right by dx and down by dy pixels."""
    return affine(np.eye(2), (dx, dy))


def rotation(degrees):
    """Clockwise about the centre."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return affine([[cos, -sin], [sin, cos]])


def stretch(sx, sy):
    """Wider by the factor sx, higher by sy."""
    return affine(np.diag([sx, sy]))


def shear_x(k):
    """Rows slide to the right by k pixels for each pixel below the centre."""
    return affine([[1, k], [0, 1]])


# %% [markdown]
# ### Ask where each pixel comes from
#
# It seems natural to take each pixel of the image and put it where it goes. But where it goes is no whole place, some
# places get two pixels, and others none: an image stretched to twice its width would have holes. So turn the question
# round. For each pixel of the *result* ask **where it comes from**: the inverse map,
#
# $$ \begin{pmatrix} x \\ y \end{pmatrix} = A^{-1} \left( \begin{pmatrix} x' \\ y' \end{pmatrix} - t \right), $$
#
# and look the image up there. Every pixel of the result gets exactly one value. Note that $t$ is subtracted *before*
# $A^{-1}$ is applied. Who forgets the inverse turns, shifts and stretches the other way; with random draws of both signs
# that is not noticed for a long time.
#
# ### Between pixels
#
# The place asked for lies between four pixels. **Bilinear** sampling blends them, each with a weight that is the larger the
# nearer it is. With $x_0 = \lfloor x \rfloor$ and $f = x - x_0$ the share of the way to the next column, and $y_0$, $g$
# likewise for rows,
#
# $$ (1-g)\bigl[(1-f)\, I_{y_0 x_0} + f\, I_{y_0, x_0+1}\bigr] + g\,\bigl[(1-f)\, I_{y_0+1, x_0} + f\, I_{y_0+1, x_0+1}\bigr] . $$
#
# **By hand.** Of $\begin{pmatrix} 0 & 100 \\ 50 & 200 \end{pmatrix}$ ask for column $x = 0.25$, row $y = 0.5$. The upper row
# gives $0.75 \cdot 0 + 0.25 \cdot 100 = 25$, the lower one $0.75 \cdot 50 + 0.25 \cdot 200 = 87.5$; half of each is
# $56.25$, rounded $56$.
#
# Places outside of the image take the nearest pixel of the edge: move $x$ into $[0, W-1]$ and $y$ into $[0, H-1]$ first,
# then look up.
#
# ### Exercise: the affine warp
#
# Two gaps: looking up, in coordinates of columns and rows, and the warp itself, in coordinates about the centre. In the
# hidden tests of the warp, looking up is done by ours, so that a slip there does not cost you twice.

# %% nbgrader={"grade_id": "affine_warp", "solution": true}
def sample_bilinear(images, x, y):
    """Look images up between their pixels.

    images: (N, H, W, C) uint8, left as they are.  x, y: (N, h, w) floats, for each image the columns and the rows to look
    up, as indices: x = 0 is the first column, x = W - 1 the last.  Places outside take the nearest pixel of the edge.
    Returns (N, h, w, C) uint8: the four pixels around each place, blended, rounded to the nearest whole number.
    Not to be called: scipy, skimage, cv2, PIL.
    """
    ### BEGIN SOLUTION: blend the four pixels around each place by how near they are
    H, W = images.shape[1:3]
    x, y = np.clip(x, 0, W - 1), np.clip(y, 0, H - 1)
    left, above = np.floor(x).astype(int), np.floor(y).astype(int)
    right, below = np.minimum(left + 1, W - 1), np.minimum(above + 1, H - 1)
    f, g = (x - left)[..., np.newaxis], (y - above)[..., np.newaxis]
    n = np.arange(len(images))[:, np.newaxis, np.newaxis]
    upper = (1 - f) * images[n, above, left] + f * images[n, above, right]
    lower = (1 - f) * images[n, below, left] + f * images[n, below, right]
    return np.rint((1 - g) * upper + g * lower).astype(np.uint8)
    ### END SOLUTION


# %% nbgrader={"grade_id": "affine_warp_2", "solution": true}
def affine_warp(images, matrices):
    """Warp each image by an affine map of its own.

    images: (N, H, W, C) uint8, left as they are.  matrices: (N, 2, 3) floats (A | t): what is at (x, y) in the image
    goes to A (x, y) + t, in pixels from the centre ((W - 1) / 2, (H - 1) / 2), x to the right, y down. A is invertible.
    Returns a new uint8 array of the same shape. What comes from outside repeats the edge.
    """
    ### BEGIN SOLUTION: for each pixel of the result find the place it comes from, and look it up with sample_bilinear
    N, H, W, _ = images.shape
    matrices = np.asarray(matrices, dtype=np.float64)
    centre = np.array([(W - 1) / 2, (H - 1) / 2])[:, np.newaxis]
    rows, columns = np.mgrid[:H, :W]
    places = np.stack([columns.ravel(), rows.ravel()]) - centre
    sources = np.linalg.inv(matrices[:, :, :2]) @ (places - matrices[:, :, 2:]) + centre
    x, y = sources.reshape(N, 2, H, W).transpose(1, 0, 2, 3)
    return sample_bilinear(images, x, y)
    ### END SOLUTION


# %% [markdown] hints="affine_warp"
# 1. Looking up: clip first. `np.floor` gives the pixel to the left, the next one lies to its right, except in the last
#    column, where there is none: its weight is 0 there, any valid index will do. Indices are integers, and the image's number
#    is an index as well, of shape (N, 1, 1).
# 2. The warp: `np.mgrid[:H, :W]` gives the rows and the columns of all pixels of the result. Subtract the centre, columns
#    from columns. That is the place in the result; what you need is the place in the image.
# 3. Subtract t, multiply by the inverse of A (`np.linalg.inv` takes a stack of matrices), add the centre again. In a vector
#    (x, y) the column comes first; in an index of an array the row does.

# %% nbgrader={"grade_id": "affine_warp_check", "locked": true}
square = np.array([[0, 100], [50, 200]], dtype=np.uint8).reshape(1, 2, 2, 1)
check.equal(sample_bilinear(square, np.array([[[0.5]]]), np.array([[[0.5]]])), np.array([[[[88]]]], dtype=np.uint8), "the middle of four pixels, 87.5")
nine = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1) * 10
check.equal(affine_warp(nine, affine(np.eye(2))[np.newaxis]), nine, "the identity changes nothing")
check.equal(affine_warp(nine, rotation(180)[np.newaxis]), nine[:, ::-1, ::-1], "half a turn")

# %% nbgrader={"grade_id": "affine_warp_tests", "grade": true, "points": 16}
# Graded, 16 points: hidden tests of affine_warp run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("affine_warp", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
check.equal(sample_bilinear(square, np.array([[[0.25]]]), np.array([[[0.5]]])), np.array([[[[56]]]], dtype=np.uint8), "the place worked by hand")
check.equal(affine_warp(row, translation(1, 0)[np.newaxis]), np.array([10, 10, 20, 30], dtype=np.uint8).reshape(1, 1, 4, 1), "one pixel to the right: the left edge is repeated")
maps = {"identity": affine(np.eye(2)), "right by 6, down by 3": translation(6, 3), "turned by 20°": rotation(20),
        "stretched 1.4 × 0.8": stretch(1.4, 0.8), "sheared by 0.4": shear_x(0.4)}
warped = affine_warp(np.repeat(few[:1], len(maps), axis=0), np.stack(list(maps.values())))
plots.warp_pages(
    few[0], {name: (matrix, result) for (name, matrix), result in zip(maps.items(), warped, strict=True)},
    title="Above: where the pixels of the result come from. Below: the result",
);

# %% [markdown]
# The dots in the upper row show the inverse at work: to move the shirt to the right, look up to the left; to make it wider,
# look nearer to the centre.
#
# ### Extension: lens distortion
#
# Once images are looked up at computed places, any map will do. A simple lens bends straight lines: with $d$ for the vector
# from the centre to a pixel of the result, and $r$ for its length as a share of the distance from centre to corner, that
# pixel comes from
#
# $$ d\,\bigl(1 + k\, r^2\bigr) . $$
#
# For $k > 0$ the places are the further out the nearer they are to the edge, so the image is squeezed there: a barrel. For
# $k < 0$ it is a pincushion. At the corner $r = 1$.

# %% nbgrader={"grade_id": "lens_distort", "solution": true}
def lens_distort(images, strengths):
    """Bend images as a simple lens does.

    images: (N, H, W, C) uint8, left as they are.  strengths: (N,) floats, the k of each image.
    The pixel of the result at d from the centre ((W - 1) / 2, (H - 1) / 2) comes from d * (1 + k * r**2) in the image,
    r being the length of d divided by that of the corner pixels.  H and W are at least 2.
    Returns a new uint8 array of the same shape. What comes from outside repeats the edge.
    Not to be called: scipy, skimage, cv2, PIL.
    """
    ### BEGIN SOLUTION: find the place each pixel of the result comes from, and look it up with sample_bilinear
    H, W = images.shape[1:3]
    rows, columns = np.mgrid[:H, :W]
    dx, dy = columns - (W - 1) / 2, rows - (H - 1) / 2
    squared = (dx**2 + dy**2) / (dx[0, 0] ** 2 + dy[0, 0] ** 2)
    bend = 1 + np.asarray(strengths, dtype=np.float64).reshape(-1, 1, 1) * squared
    return sample_bilinear(images, dx * bend + (W - 1) / 2, dy * bend + (H - 1) / 2)
    ### END SOLUTION


# %% [markdown] hints="lens_distort"
# 1. As in the warp: places of all pixels, measured from the centre, as two arrays of shape (H, W).
# 2. r² is the squared length of each place divided by the squared length at the corner, which is the same for all images.
# 3. The factor 1 + k·r² has the shape (N, H, W): give the strengths two more axes. The formula already is the inverse:
#    nothing has to be inverted.

# %% nbgrader={"grade_id": "lens_distort_check", "locked": true}
nine = np.arange(9, dtype=np.uint8).reshape(1, 3, 3, 1) * 10
check.equal(lens_distort(nine, np.array([0.0])), nine, "k = 0 changes nothing")
check.equal(lens_distort(nine, np.array([0.5]))[0, 1, 1, 0], 40, "the centre stays")

# %% nbgrader={"grade_id": "lens_distort_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of lens_distort run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("lens_distort", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
chess = np.repeat(np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((4, 4)))[np.newaxis, ..., np.newaxis] * 255, 3, axis=3).astype(np.uint8)
both = np.concatenate([chess, chess, few[:1], few[:1]])
plots.image_grid(
    lens_distort(both, np.array([0.4, -0.4, 0.4, -0.4])), titles=["k = 0.4", "k = -0.4"] * 2, columns=4,
    title="A barrel and a pincushion",
);

# %% [markdown]
# ## Cutout and noise
#
# Dropout hides units from the layers above. **Cutout** (DeVries and Taylor, 2017) hides a square of the image: a net that
# knows boots by their heels alone has to look at the rest. The square has a fixed size; its centre is any pixel of the
# image, all equally likely, so that part of the square may lie outside. That part is **cut off**. Moving the square inwards
# instead would look harmless, but then the rim of the image would hardly ever be hidden and the middle far more often.
#
# **By hand.** A square of 3 with its centre in the corner pixel (0, 0) would cover rows $-1$ to $1$ and columns $-1$ to $1$.
# Rows and columns $0$ and $1$ remain: four pixels of nine. In code that is a trap: a slice that begins at $-1$ begins at
# the *last* row.
#
# ### Exercise: cutout

# %% nbgrader={"grade_id": "cutout", "solution": true}
def cutout(images, size, rng, fill=128):
    """Cover a square of each image.

    images: (N, H, W, C) uint8, left as they are.  size: side of the square in pixels, 1 or more.  rng: a Generator; for
    each image its own centre is drawn, every pixel (i, j) of the image equally likely. The square covers rows
    i - size // 2 to i - size // 2 + size - 1 and columns likewise; what lies outside of the image is cut off.
    fill: the value of covered pixels, in all channels.  Returns a new array of the same shape and dtype.
    """
    ### BEGIN SOLUTION: draw a centre for each image and write fill into the part of the square that lies in the image
    covered = images.copy()
    _, H, W, _ = images.shape
    for image, i, j in zip(covered, rng.integers(H, size=len(images)), rng.integers(W, size=len(images)), strict=True):
        top, left = i - size // 2, j - size // 2
        image[max(top, 0) : top + size, max(left, 0) : left + size] = fill
    return covered
    ### END SOLUTION


# %% [markdown] hints="cutout"
# 1. Copy the batch, draw N rows and N columns for the centres, and loop over the images.
# 2. The first row is i − size // 2, the row after the last is that plus size. A slice that ends beyond the image ends at
#    its edge by itself. One that begins below 0 does not.
# 3. The draw of rows depends on H and that of columns on W. Where a side of the square is cut off, the square is smaller;
#    do not move it.

# %% nbgrader={"grade_id": "cutout_check", "locked": true}
blank = np.zeros((6, 9, 9, 3), dtype=np.uint8)
holes = cutout(blank, 3, np.random.default_rng(4))
check.shape(holes, (6, 9, 9, 3), "six images come back")
check.true((holes.reshape(6, -1).max(axis=1) == 128).all(), "each image has a grey square", "an image has no pixel of the value fill")
check.true(((holes == 128).all(axis=3).sum(axis=(1, 2)) <= 9).all(), "no square has more than 3 × 3 pixels", "a square covers more than 3 × 3 pixels")

# %% nbgrader={"grade_id": "cutout_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of cutout run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("cutout", globals())
### END HIDDEN TESTS

# %% [markdown]
# **Noise** is the oldest augmentation of all: a small normal number on every pixel and channel. You met it in notebook 07.
# Here it is given, with the same care about rounding and clipping.

# %% tags=["skip-execution"]
def add_noise(images, rng, sigma=10.0):
    """A normal number of deviation sigma added to every channel of every pixel; uint8 again."""
    return np.clip(np.rint(images + rng.normal(0, sigma, size=images.shape)), 0, 255).astype(np.uint8)


# %% tags=["skip-execution"]
shares = [(cutout(np.zeros((2000, 32, 32, 1), np.uint8), 8, np.random.default_rng(0)) > 0).mean(axis=0)[:, :, 0]]
print(f"the corner is covered in {shares[0][0, 0]:.3f} of the images, the centre in {shares[0][16, 16]:.3f} (8 × 8 of 32 × 32 pixels are {64 / 1024:.3f})")
plots.image_grid(
    np.concatenate([few[:4], cutout(few[:4], 12, np.random.default_rng(1)), add_noise(few[:4], np.random.default_rng(1), 20)]),
    titles=["original"] * 4 + ["cutout"] * 4 + ["noise"] * 4, columns=4, title="Part of it hidden, all of it noisy: still the same things",
);

# %% [markdown]
# ## Mixing images and labels
#
# **Mixup** (Zhang et al., 2018) breaks with the rule that the label stays. Blend two images, and blend their labels in the
# same proportion:
#
# $$ \tilde x = \lambda\, x_1 + (1 - \lambda)\, x_2, \qquad \tilde y = \lambda\, y_1 + (1 - \lambda)\, y_2 , $$
#
# with one-hot labels $y$. **By hand:** $\lambda = 0.4$, a cat and a dog. The picture is 40 % cat and 60 % dog, a pixel of 100
# in the cat and 200 in the dog becomes $40 + 120 = 160$, and the label says so: cat $0.4$, dog $0.6$. Between two training
# images the net learns to change its mind in a straight line and not at some point of its own choosing.
#
# $\lambda$ is drawn from the distribution $\text{Beta}(\alpha, \alpha)$ on $[0, 1]$. $\alpha = 1$ is uniform; the usual
# $\alpha = 0.2$ gives mostly values near 0 and 1, that is images which are nearly pure; a large $\alpha$ gives values near a
# half.
#
# Where does the second image come from? From the same batch, in an order drawn at random. (Some images will meet themselves;
# that does no harm.) Labels become probabilities (N, classes), which `softmax_loss` and `Solver` of `course_utils.nn` take
# as well. They may come in as probabilities already, from smoothing or another mix.

# %%
def one_hot(labels, num_classes):
    """Labels (N,) as rows with a single 1: (N, num_classes) float64. Probabilities (N, num_classes) stay as they are."""
    labels = np.asarray(labels)
    return np.eye(num_classes)[labels] if labels.ndim == 1 else labels.astype(np.float64)


# %% tags=["skip-execution"]
draws = {f"α = {alpha:g}": np.histogram(np.random.default_rng(0).beta(alpha, alpha, 50_000), bins=25, range=(0, 1), density=True)[0] for alpha in (0.2, 1.0, 4.0)}
plots.lines((np.arange(25) + 0.5) / 25, draws, xlabel="λ", ylabel="density", title="Beta(α, α): with α = 0.2 most images are nearly pure");

# %% [markdown]
# ### Exercise: mixup

# %% nbgrader={"grade_id": "mixup", "solution": true}
def mixup(images, labels, num_classes, rng, alpha=0.2):
    """Blend each image and its label with another one of the batch.

    images: (N, H, W, C) uint8.  labels: (N,) integers or (N, num_classes) probabilities.  Both are left as they are.
    rng: a Generator. It draws the partners: a random order of the batch, so each image is partner of one; and for each
    image its own lambda from Beta(alpha, alpha): the result is lambda times the image plus 1 - lambda times its partner.
    Returns (images, targets): uint8 of the same shape, rounded, and (N, num_classes) floats, blended with the same
    lambda and partner.  Use one_hot, given above.
    """
    ### BEGIN SOLUTION: draw partners and shares, and blend images and one-hot labels by them
    targets = one_hot(labels, num_classes)
    partners = rng.permutation(len(images))
    share = rng.beta(alpha, alpha, size=len(images))
    weight = share[:, np.newaxis, np.newaxis, np.newaxis]
    mixed = weight * images + (1 - weight) * images[partners]
    share = share[:, np.newaxis]
    return np.rint(mixed).astype(np.uint8), share * targets + (1 - share) * targets[partners]
    ### END SOLUTION


# %% [markdown] hints="mixup"
# 1. `rng.permutation(n)` gives the numbers 0 to n − 1 in a random order; as an index it puts the batch, and the one-hot
#    labels, into that order. Use the *same* order for both.
# 2. `rng.beta(alpha, alpha, size=n)` gives a share for each image. For images it needs the shape (N, 1, 1, 1), for targets
#    (N, 1).
# 3. The blend of two `uint8` images by float shares is a float. Round before converting back; it cannot leave 0 to 255.

# %% nbgrader={"grade_id": "mixup_check", "locked": true}
pair = np.stack([np.full((2, 2, 1), 100), np.full((2, 2, 1), 200)]).astype(np.uint8)
mixed, targets = mixup(pair, np.array([0, 1]), 2, np.random.default_rng(0), alpha=1.0)
check.shape(mixed, (2, 2, 2, 1), "two images come back")
check.shape(targets, (2, 2), "two rows of two probabilities")
check.close(targets.sum(axis=1), np.ones(2), "each row adds up to 1")

# %% nbgrader={"grade_id": "mixup_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of mixup run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("mixup", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
mixed, targets = mixup(few, data.train_labels[:8], len(data.class_names), np.random.default_rng(2), alpha=1.0)


def in_words(target):
    """The two largest probabilities with their classes."""
    first, second = np.argsort(target)[::-1][:2]
    return f"{target[first]:.2f} {data.class_names[first]}" + (f"\n{target[second]:.2f} {data.class_names[second]}" if target[second] else "")


plots.image_grid(mixed, titles=[in_words(target) for target in targets], columns=4, title="Mixup with α = 1: two garments in one picture, and both in its label");

# %% [markdown]
# ### Extension: CutMix
#
# CutMix (Yun et al., 2019) crosses cutout with mixup: the hole is filled with the same window of another image, and the
# label is divided by area. For a share $1 - \lambda$ of the area, the window has the sides $H\sqrt{1-\lambda}$ and
# $W\sqrt{1-\lambda}$, rounded; its centre is any pixel; what lies outside is cut off. So the area really pasted may be
# smaller than $1 - \lambda$, and the labels must follow **the area that was pasted**, counted in pixels.

# %% nbgrader={"grade_id": "cutmix", "solution": true}
def cutmix(images, labels, num_classes, rng, alpha=1.0):
    """Replace a window of each image by the same window of another one of the batch.

    images, labels, num_classes, rng: as for mixup; partners are a random order of the batch. For each image its own
    lambda from Beta(alpha, alpha) and its own centre (i, j), every pixel equally likely: with h and w the rounded
    H * sqrt(1 - lambda) and W * sqrt(1 - lambda), the window covers rows i - h // 2 to i - h // 2 + h - 1 and columns
    likewise, cut off at the edges.  The partner's pixels are those of the batch as it came in.
    Returns (images, targets): uint8, and (N, num_classes) floats, in which the partner's label has the weight of the
    pixels really pasted, divided by H * W.
    """
    ### BEGIN SOLUTION: paste a random window of its partner into each image, and weigh the labels by its area
    N, H, W, _ = images.shape
    targets, partners = one_hot(labels, num_classes), rng.permutation(N)
    mixed, pasted = images.copy(), np.empty((N, 1))
    for n, side in enumerate(np.sqrt(1 - rng.beta(alpha, alpha, size=N))):
        h, w = round(H * side), round(W * side)
        top, left = rng.integers(H) - h // 2, rng.integers(W) - w // 2
        window = np.s_[max(top, 0) : top + h, max(left, 0) : left + w]
        mixed[n][window] = images[partners[n]][window]
        pasted[n] = mixed[n][window][..., 0].size / (H * W)
    return mixed, (1 - pasted) * targets + pasted * targets[partners]
    ### END SOLUTION


# %% [markdown] hints="cutmix"
# 1. Partners and one-hot labels as in mixup, the window as in cutout, with two sides of its own for each image.
# 2. Copy from the batch that came in, not from the copy you are writing into: a partner may have a window in it already.
# 3. Count the rows and columns of the window after it was cut off; their product over H·W is the partner's weight.

# %% nbgrader={"grade_id": "cutmix_check", "locked": true}
pair = np.stack([np.full((2, 2, 1), 100), np.full((2, 2, 1), 200)]).astype(np.uint8)
mixed, targets = cutmix(pair, np.array([0, 1]), 2, np.random.default_rng(0))
check.shape(mixed, (2, 2, 2, 1), "two images come back")
check.close(targets.sum(axis=1), np.ones(2), "each row adds up to 1")

# %% nbgrader={"grade_id": "cutmix_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of cutmix run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("cutmix", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
mixed, targets = cutmix(few, data.train_labels[:8], len(data.class_names), np.random.default_rng(8))
plots.image_grid(mixed, titles=[in_words(target) for target in targets], columns=4, title="CutMix: a window of another garment, and its share of the label");

# %% [markdown]
# ## Policies
#
# With a dozen operations at hand: which ones, how strong, how often? AutoAugment (Cubuk et al., 2019) had it searched by
# machine. A **policy** is a list of **sub-policies**. Each of these is two operations, each with a probability and a
# level of strength from 0 to 10. For each image one sub-policy is drawn; its operations are carried out in order, each
# with its own probability. Thousands of small nets were trained to find a good list. These five were found for photographs
# of house numbers:
#
# | | first operation | probability | level | second operation | probability | level |
# |---|---|---|---|---|---|---|
# | 1 | ShearX | .9 | 7 | Invert | .2 | 3 |
# | 2 | ShearY | .7 | 6 | Solarize | .4 | 8 |
# | 3 | ShearX | .9 | 4 | AutoContrast | .8 | 3 |
# | 4 | Invert | .9 | 3 | Equalize | .6 | 3 |
# | 5 | ShearY | .8 | 5 | AutoContrast | .7 | 3 |
#
# It reads well: house numbers are slanted, and dark on light as often as light on dark. No flips: a mirrored 2 is none.
#
# The operations that are new:
#
# - **Invert**: $255 - x$. In `uint8` that cannot wrap. Level ignored.
# - **AutoContrast**: each channel is stretched so that its darkest pixel becomes 0 and its brightest 255. Level ignored.
# - **Shear** by level: level 10 is $0.3$ pixels per pixel, to a side drawn at random.
# - **Solarize**: pixels at or above a threshold are inverted; level 0 is a threshold of 256 (no pixel), level 10 one of 0.
# - **Equalize**: each channel's pixels are spread evenly over 0 to 255, see below. Level ignored.

# %%
def invert(images):
    """255 minus every pixel."""
    return 255 - images


def auto_contrast(images):
    """Each channel of each image stretched to 0 ... 255; a channel with a single value stays as it is."""
    low, high = (f(images, axis=(1, 2), keepdims=True).astype(np.float64) for f in (np.min, np.max))
    stretched = (images - low) * 255 / np.maximum(high - low, 1)
    return np.where(high > low, np.rint(stretched), images).astype(np.uint8)


def shear(images, amounts, axis="x"):
    """Slant each image: rows slide by amounts[n] pixels for each pixel below the centre (columns with axis "y")."""
    matrices = np.tile(np.eye(2, 3), (len(images), 1, 1))
    matrices[:, 0 if axis == "x" else 1, 1 if axis == "x" else 0] = amounts
    return affine_warp(images, matrices)


# %% [markdown]
# ### Extension: solarize

# %% nbgrader={"grade_id": "solarize", "solution": true}
def solarize(images, threshold=128):
    """Invert the pixels whose value is at or above the threshold; each channel by itself.

    images: (N, H, W, C) uint8, left as they are.  threshold: 0 (all are inverted) to 256 (none), not always whole.
    Returns a new array of the same shape and dtype.
    Not to be called: PIL.
    """
    ### BEGIN SOLUTION: return the images with the values from the threshold on inverted
    return np.where(images >= threshold, 255 - images, images)
    ### END SOLUTION


# %% [markdown] hints="solarize"
# 1. Two versions of each pixel, and a condition that chooses between them.
# 2. A pixel is compared with the threshold before anything is done to it.
# 3. 255 − x stays within `uint8`, so no conversion is needed. The result must be a new array.

# %% nbgrader={"grade_id": "solarize_check", "locked": true}
check.equal(solarize(np.array([10, 100, 200, 250], dtype=np.uint8).reshape(1, 2, 2, 1)).ravel(), np.array([10, 100, 55, 5], dtype=np.uint8), "200 and 250 are inverted")

# %% nbgrader={"grade_id": "solarize_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of solarize run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("solarize", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Extension: equalize
#
# How many pixels of a channel are at most as bright as $v$? Call it $F(v)$, out of $n$ pixels; the darkest value that occurs
# has $F_{\min}$. Replace $v$ by
#
# $$ 255 \cdot \frac{F(v) - F_{\min}}{n - F_{\min}} , $$
#
# rounded. The darkest value becomes 0, the brightest 255, and values that are frequent move apart. A channel with one value
# only stays as it is. **By hand:** the pixels $10, 10, 20, 90$ have $F = 2, 2, 3, 4$ and $F_{\min} = 2$, and become
# $0, 0, 127.5, 255$.

# %% nbgrader={"grade_id": "equalize", "solution": true}
def equalize(images):
    """Spread the values of each channel of each image evenly over 0 to 255.

    images: (N, H, W, C) uint8, left as they are.  With F(v) for the number of pixels of that channel of that image that
    are at most v, and F_min for F of its smallest value, v becomes 255 * (F(v) - F_min) / (H * W - F_min), rounded.
    A channel with a single value stays as it is.  Returns a new array of the same shape and dtype.
    Not to be called: skimage, cv2, PIL.
    """
    ### BEGIN SOLUTION: for each channel of each image count its values, and replace each by its share of the pixels below
    out = images.copy()
    for n in range(len(images)):
        for c in range(images.shape[3]):
            counts = np.bincount(images[n, :, :, c].ravel(), minlength=256)
            upto = np.cumsum(counts)
            lowest = counts[np.flatnonzero(counts)[0]]
            if lowest < upto[-1]:
                table = np.rint(255 * (upto - lowest) / (upto[-1] - lowest)).clip(0, 255).astype(np.uint8)
                out[n, :, :, c] = table[images[n, :, :, c]]
    return out
    ### END SOLUTION


# %% [markdown] hints="equalize"
# 1. `np.bincount(values, minlength=256)` counts how often each value occurs; `np.cumsum` of that is F at all 256 values.
# 2. The first count that is not 0 is F_min. If it is all pixels, there is nothing to spread.
# 3. Make a table of 256 new values and index it with the channel: that replaces all pixels at once. Values below the
#    smallest do not occur, whatever the table says there.

# %% nbgrader={"grade_id": "equalize_check", "locked": true}
check.equal(equalize(np.array([0, 85, 170, 255], dtype=np.uint8).reshape(1, 2, 2, 1)).ravel(), np.array([0, 85, 170, 255], dtype=np.uint8), "values that are spread evenly stay")

# %% nbgrader={"grade_id": "equalize_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of equalize run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("equalize", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: apply a policy
#
# In Python a policy is a list of lists: `[[("ShearX", 0.9, 7), ("Invert", 0.2, 3)], ...]`. What a name means stands in a
# dict from names to functions `operation(images, level, rng)`, each of which takes a batch of any number of images and
# returns a new one of the same shape. `rng` is there for operations that draw something themselves, like the side of a
# shear.
#
# **By hand.** With sub-policy 1, an image is sheared and inverted with probability $0.9 \cdot 0.2 = 0.18$, only sheared with
# $0.72$, only inverted with $0.02$, and stays as it is with $0.08$. The order matters: solarising a slanted image gives
# the same as slanting a solarised one up to rounding, but inverting before solarising is not the same as inverting after.

# %% nbgrader={"grade_id": "apply_policy", "solution": true}
def apply_policy(images, policy, operations, rng):
    """Apply a randomly drawn sub-policy to each image.

    images: (N, H, W, C) uint8, left as they are.  policy: a list of sub-policies, each a list of any number of
    (name, probability, level).  operations: a dict {name: operation(images, level, rng) -> images} for batches of any
    number of images.  rng: a Generator, also handed to the operations.
    For each image one sub-policy is drawn, all equally likely; its operations follow in order, each with its own
    probability and a draw of its own, on the result of the one before.
    Returns a new array of the same shape and dtype.
    """
    ### BEGIN SOLUTION: for each image draw a sub-policy and carry out its operations, each with its probability
    out = images.copy()
    for n, chosen in enumerate(rng.integers(len(policy), size=len(images))):
        for name, probability, level in policy[chosen]:
            if rng.random() < probability:
                out[n : n + 1] = operations[name](out[n : n + 1], level, rng)
    return out
    ### END SOLUTION


# %% [markdown] hints="apply_policy"
# 1. A loop over images, and in it a loop over the operations of the sub-policy that was drawn for this image.
# 2. Each operation has its own coin: a new draw, compared with its probability.
# 3. An operation takes a batch: give it a batch of one, `out[n : n + 1]`, and write what comes back to the same place, so
#    that the next operation goes on from there.

# %% nbgrader={"grade_id": "apply_policy_check", "locked": true}
pixels = np.full((5, 2, 2, 1), 10, dtype=np.uint8)
simple = {"Invert": lambda images, level, rng: invert(images), "Same": lambda images, level, rng: images}
check.equal(apply_policy(pixels, [[("Invert", 1.0, 3), ("Same", 1.0, 0)]], simple, np.random.default_rng(0)), 255 - pixels, "a certain operation")
check.equal(apply_policy(pixels, [[("Same", 1.0, 0), ("Invert", 0.0, 3)]], simple, np.random.default_rng(0)), pixels, "an impossible one")

# %% nbgrader={"grade_id": "apply_policy_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of apply_policy run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("apply_policy", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
def shear_by_level(axis):
    """Shear by 0.3 * level / 10, to a random side."""
    return lambda images, level, rng: shear(images, rng.choice([-1, 1], len(images)) * 0.3 * level / 10, axis)


operations = {
    "ShearX": shear_by_level("x"),
    "ShearY": shear_by_level("y"),
    "Invert": lambda images, level, rng: invert(images),
    "AutoContrast": lambda images, level, rng: auto_contrast(images),
    "Solarize": lambda images, level, rng: solarize(images, 256 - 25.6 * level),
    "Equalize": lambda images, level, rng: equalize(images),
}
found_policy = [
    [("ShearX", 0.9, 7), ("Invert", 0.2, 3)],
    [("ShearY", 0.7, 6), ("Solarize", 0.4, 8)],
    [("ShearX", 0.9, 4), ("AutoContrast", 0.8, 3)],
    [("Invert", 0.9, 3), ("Equalize", 0.6, 3)],
    [("ShearY", 0.8, 5), ("AutoContrast", 0.7, 3)],
]
rng = np.random.default_rng(0)
rows_of_policy = {
    " + ".join(name for name, _, _ in sub): apply_policy(np.repeat(few[1:2], 7, axis=0), [sub], operations, rng)
    for sub in found_policy
}
plots.contact_sheet(rows_of_policy, original=few[1], columns=1, title="The five sub-policies, seven draws each: an operation does not happen every time");

# %% [markdown]
# ## A chain of changes, with labels
#
# Training calls one function for each batch: `augment(images, labels, rng)` returns images and labels. Mixup has this form
# once its other settings are filled in; a flip changes images only, so it needs a wrapper that passes labels on. And a
# recipe is a chain: what comes out of one change goes into the next, labels too.

# %%
def on_images(change):
    """A change of images alone, change(images, rng), as one of images and labels."""
    return lambda images, labels, rng: (change(images, rng), labels)


# %% [markdown]
# ### Exercise: `Compose`

# %% nbgrader={"grade_id": "Compose", "solution": true}
class Compose:
    """Several changes as one.

    transforms: a list of functions transform(images, labels, rng) -> (images, labels).
    compose(images, labels, rng) carries them out in the order of the list, each on what the one before returned, all with
    the same rng, and returns (images, labels). An empty list changes nothing. A Compose can be a transform of another.
    """

    def __init__(self, transforms):
        self.transforms = list(transforms)

    def __call__(self, images, labels, rng):
        ### BEGIN SOLUTION: carry out the transforms one after the other and return images and labels
        for transform in self.transforms:
            images, labels = transform(images, labels, rng)
        return images, labels
        ### END SOLUTION


# %% [markdown] hints="Compose"
# 1. A loop over `self.transforms`; two variables hold the images and the labels as they are so far.
# 2. Each transform returns two things. Give both to the next one, and the generator that came in.
# 3. With nothing in the list the two variables are still what came in: return them, both.

# %% nbgrader={"grade_id": "Compose_check", "locked": true}
pixels = np.full((5, 2, 2, 1), 10, dtype=np.uint8)
twice = Compose([on_images(lambda images, rng: images + np.uint8(1)), on_images(lambda images, rng: images + np.uint8(2))])
result = twice(pixels, np.arange(5), np.random.default_rng(0))
check.true(isinstance(result, tuple) and len(result) == 2, "two things come back", "return images and labels: (images, labels)")
check.equal(result[0], pixels + np.uint8(3), "two changes, one after the other")

# %% nbgrader={"grade_id": "Compose_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of Compose run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("Compose", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## All operations on one sheet
#
# Look at what a net will be shown before you train it. It takes a minute and finds more mistakes than any test: channels
# exchanged, a black rim, everything too strong.

# %% tags=["skip-execution"]
rng = np.random.default_rng(6)


def warped_by(draw):
    """Each image warped by a matrix of its own, draw()."""
    return lambda images: affine_warp(images, np.stack([draw() for _ in images]))


others = data.train_images[8:16]
sheet = {
    "random_flip": lambda x: random_flip(x, rng),
    "random_crop, pad 4": lambda x: random_crop(x, 4, rng),
    "scale_jitter, 36–48": lambda x: scale_jitter(x, 36, 48, 32, rng),
    "color_jitter": lambda x: color_jitter(x, rng),
    "pca_color_shift, σ = 1": lambda x: pca_color_shift(x, values, vectors, rng, sigma=1.0),
    "translation": warped_by(lambda: translation(*rng.uniform(-5, 5, 2))),
    "rotation": warped_by(lambda: rotation(rng.uniform(-25, 25))),
    "stretch": warped_by(lambda: stretch(*rng.uniform(0.7, 1.4, 2))),
    "shear": lambda x: shear(x, rng.uniform(-0.4, 0.4, len(x))),
    "lens_distort": lambda x: lens_distort(x, rng.uniform(-0.4, 0.4, len(x))),
    "cutout, 10": lambda x: cutout(x, 10, rng),
    "noise, σ = 20": lambda x: add_noise(x, rng, 20),
    "mixup, α = 1": lambda x: mixup(np.concatenate([x, others]), np.zeros(len(x) + len(others), int), 1, rng, alpha=1.0)[0][: len(x)],
    "cutmix": lambda x: cutmix(np.concatenate([x, others]), np.zeros(len(x) + len(others), int), 1, rng)[0][: len(x)],
    "invert": invert,
    "auto_contrast": auto_contrast,
    "equalize": equalize,
    "solarize, 64 to 224": lambda x: np.concatenate([solarize(x[n : n + 1], threshold) for n, threshold in enumerate(np.linspace(64, 224, len(x)))]),
    "policy": lambda x: apply_policy(x, found_policy, operations, rng),
    "flip, crop, colour, cutout": lambda x: Compose([on_images(random_flip), on_images(lambda i, r: random_crop(i, 3, r)),
                                                     on_images(color_jitter), on_images(lambda i, r: cutout(i, 8, r))])(x, None, rng)[0],
}
plots.contact_sheet(
    {name: change(np.repeat(few[3:4], 6, axis=0)) for name, change in sheet.items()}, original=few[3], columns=2,
    title="Every operation, six draws each; original in front",
);

# %% [markdown]
# ## Ten crops in the test
#
# Randomness in training, an average in the test: so it is with dropout, with batch normalisation, and here. Of an image that
# is larger than what the net takes, cut **ten crops**: four corners, the centre, and the mirror image of each; have all of
# them scored, make probabilities of the scores, and take the mean.
#
# Why probabilities and not scores, or votes? The mean of scores lets one crop with huge scores overrule the others; votes
# forget how sure each was. Means of probabilities are what an ensemble would report, and this *is* an ensemble: one net, ten
# views. (The residual networks averaged scores. Both are in use, and differ little.)
#
# **By hand.** Two crops, two classes: one is sure, $(0.9, 0.1)$, the other leans the other way, $(0.4, 0.6)$. The mean is
# $(0.65, 0.35)$: the first class. By votes it is a draw.
#
# For an image of $36 \times 40$ and crops of $32$ the corners begin at rows 0 and 4, columns 0 and 8; the centre at row 2,
# column 4.
#
# ### Exercise: ten crops

# %% nbgrader={"grade_id": "ten_crop_predict", "solution": true}
def ten_crop_predict(scores, images, size):
    """Class probabilities, averaged over ten crops of each image.

    scores: a function (n, size, size, C) uint8 -> (n, classes) floats, for any number n of images.
    images: (N, H, W, C) uint8, left as they are, H and W at least size.
    The crops: the four corners, the centre (from row (H - size) // 2 and column (W - size) // 2), and these five mirrored
    from left to right.  Returns (N, classes): the mean over the ten of the softmax of their scores.
    softmax(scores), of course_utils.nn, may be used.
    """
    ### BEGIN SOLUTION: cut out the ten crops, score them, and average their probabilities
    rows, columns = images.shape[1] - size, images.shape[2] - size
    corners = [(0, 0), (0, columns), (rows, 0), (rows, columns), (rows // 2, columns // 2)]
    crops = [images[:, top : top + size, left : left + size] for top, left in corners]
    crops += [crop[:, :, ::-1] for crop in crops]
    return np.mean([softmax(scores(crop)) for crop in crops], axis=0)
    ### END SOLUTION


# %% [markdown] hints="ten_crop_predict"
# 1. Write down the five places (top, left) first, in terms of H, W and size. Each is one slice of the whole batch.
# 2. Score a crop of the whole batch at a time: ten calls, each with (N, size, size, C). That way nothing has to be sorted
#    afterwards.
# 3. `softmax` of each of the ten arrays of scores, and the mean of the ten, over the crops, not over images or classes.

# %% nbgrader={"grade_id": "ten_crop_predict_check", "locked": true}
def brightness_scores(crops):
    """A classifier of two classes, dark and bright."""
    return np.stack([np.zeros(len(crops)), crops.mean(axis=(1, 2, 3)) / 64 - 2], axis=1)


bright_corner = np.zeros((3, 6, 6, 1), dtype=np.uint8)
bright_corner[:, :4, :4] = 255
found = ten_crop_predict(brightness_scores, bright_corner, 4)
check.shape(found, (3, 2), "probabilities of two classes for three images")
check.close(found.sum(axis=1), np.ones(3), "they add up to 1")

# %% nbgrader={"grade_id": "ten_crop_predict_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of ten_crop_predict run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("ten_crop_predict", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## Does it help?
#
# Now train. The net is `ConvNet` from `course_utils.nn`, with 8 and 16 kernels and 64 hidden units. `PixelNet` puts a step
# in front of it that takes `uint8` images from the loader, centres and scales them, and moves the channels to the front; so
# `Solver` can hand your functions real pixels. First three recipes live, one seed, on 2,000 garments, fewer epochs than
# in the table.

# %% tags=["skip-execution"]
few_thousand, their_labels = data.train_images[:2000], data.train_labels[:2000]
shifted_test, _ = Compose([on_images(lambda images, rng: random_crop(images, 3, rng))])(data.test_images, None, np.random.default_rng(9))
live_recipes = {
    "none": Compose([]),
    "flip": Compose([on_images(random_flip)]),
    "flip + crop": Compose([on_images(random_flip), on_images(lambda images, rng: random_crop(images, 3, rng))]),
}
nets, live = {}, {}
for name, recipe in live_recipes.items():
    net = PixelNet(nn.ConvNet(filters=(8, 16), hidden=64, rng=0), few_thousand)
    solver = nn.Solver(net, few_thousand, their_labels, optim_config={"learning_rate": 0.05}, schedule=("cosine", {}),
                       num_epochs=20, batch_size=50, rng=0, augment=recipe, progress=False)
    history = solver.train()
    nets[name] = net
    live[name] = [history["train_accuracy"][-1], net.accuracy(data.test_images, data.test_labels), net.accuracy(shifted_test, data.test_labels)]
    print(f"{name:12s} training {live[name][0]:.3f}   test {live[name][1]:.3f}   shifted test {live[name][2]:.3f}")
if data.stated_ranges_hold:
    check.between(live["none"][1], 0.73, 0.79, "no augmentation, test images")
    check.between(live["flip"][1] - live["none"][1], 0.0, 0.06, "what flips add")
    check.between(live["flip + crop"][2] - live["none"][2], 0.15, 0.3, "what crops add on shifted test images")
    check.between(live["none"][0] - live["flip + crop"][0], 0.1, 0.3, "by how much crops lower the accuracy on the training set")

# %% [markdown]
# Without augmentation the net has learned its 2,000 images by heart. With crops it cannot, after twenty epochs it has not
# even come near: that is regularisation, and the reason why augmented training wants more epochs and larger nets.
#
# ### With 2,000 images, five seeds
#
# The table behind the first figure: eight recipes, 40 epochs, five seeds, each with another 2,000 of the 10,000 training
# images. The three whose names begin with "both" add one thing each to flips and crops; the last one exchanges top and
# bottom of half of the images. The test images are looked at as they are and changed in three ways: shifted by up to 3
# pixels, recoloured (contrast and brightness), and with a grey square of 10 × 10 on them.

# %% tags=["skip-execution"]
def by_recipe(table, column):
    """(seeds, recipes) of a column."""
    return table.by_seed("recipe", column)[1]


def show(table):
    """Means of all columns, a line a recipe, and how often a recipe beat 'none' on the test images."""
    names = list(table.by_seed("recipe", "test_accuracy")[0])
    columns = ["train", "test", "shifted", "recoloured", "covered"]
    means = {column: by_recipe(table, f"{column}_accuracy") for column in columns}
    print(" " * 15 + "".join(f"{column:>12s}" for column in columns) + "   better than none on the test images")
    for k, name in enumerate(names):
        wins = int((means["test"][:, k] > means["test"][:, 0]).sum())
        print(f"{name:15s}" + "".join(f"{means[column][:, k].mean():12.3f}" for column in columns) + f"   in {wins} of {len(table.seeds)} seeds")
    return names, means


names, small = show(table)
gain = {column: dict(zip(names, values.mean(axis=0) - values[:, 0].mean(), strict=True)) for column, values in small.items()}
check.between(gain["test"]["flip"], 0.015, 0.045, "flips on the test images")
check.between(gain["test"]["crop"], -0.01, 0.02, "crops on the test images")
check.between(gain["test"]["flip + crop"], 0.01, 0.04, "flips and crops on the test images")
check.between(gain["test"]["upside down"], -0.035, -0.005, "turning upside down on the test images")
check.between(gain["shifted"]["flip"], 0.01, 0.045, "flips on shifted test images")
check.between(gain["shifted"]["crop"], 0.19, 0.25, "crops on shifted test images")
for added in ("both + colour", "both + cutout", "both + mixup"):
    check.between(gain["test"][added] - gain["test"]["flip + crop"], -0.02, 0.02, f"{added}: what it adds to flips and crops")
plots.recipe_points(names, {"as they are": small["test"], "recoloured": small["recoloured"], "covered": small["covered"]},
                    xlabel="accuracy on test images", title="2,000 images: flips add three points, the rest adds little to them");

# %% [markdown]
# What five seeds say, and what they do not:
#
# - **Flips add three points**, in every seed. In `garments` each piece of clothing was mirrored at random when the set was
#   made, so the claim behind a flip is exactly true.
# - **Crops add at most a point** on the test images as they are, where everything stands in the middle. On shifted ones they
#   add 22 points. The net without crops loses 24 points to a shift of at most three pixels.
# - **Colour, cutout and mixup add nothing that five seeds could tell** to flips and crops on the test images. Their
#   differences from it are below a point, about the spread between seeds. Colour jitter is worth a point or two on
#   recoloured images, cutout about one on covered ones.
# - **Turning upside down harms**, by almost two points, in every seed.
#
# The rule behind it: *an augmentation is worth what it tells the net about the test.* Where the test images differ from the
# training images in the way that was shown, it is worth much. Where they do not, it costs capacity.
#
# Mixup was invented for nets that are far larger than their data and trained for hundreds of epochs. Ours has two small
# stages and no longer learns its augmented images by heart: what it lacks is not regularisation.

# %% [markdown]
# ### With all data

# %% tags=["skip-execution"]
table_all = load_results("augmentation_gain_all_data")
print(table_all.describe())
names, large = show(table_all)
gain_all = {column: dict(zip(names, values.mean(axis=0) - values[:, 0].mean(), strict=True)) for column, values in large.items()}
check.between(gain_all["test"]["flip"], 0.0, 0.015, "flips on the test images, all data")
for recipe in ("crop", "flip + crop", "upside down"):
    check.between(gain_all["test"][recipe], -0.03, -0.005, f"{recipe} on the test images, all data")
for recipe in ("crop", "flip + crop"):
    check.between(gain_all["shifted"][recipe], 0.18, 0.25, f"{recipe} on shifted test images, all data")
plots.recipe_points(
    names, {"2,000 images": small["test"] - small["test"][:, :1], "10,000 images": large["test"] - large["test"][:, :1]},
    xlabel="accuracy beyond that without augmentation", title="With 10,000 images flips help less and crops harm on centred test images",
)
plots.recipe_points(
    names, {"2,000 images": small["shifted"] - small["shifted"][:, :1], "10,000 images": large["shifted"] - large["shifted"][:, :1]},
    xlabel="accuracy beyond that without augmentation, shifted test images",
    title="On shifted test images crops are worth over 20 points, with all data as well",
);

# %% [markdown]
# The same eight recipes on all 10,000 images, 16 epochs, twice as many steps as before, and three seeds: one takes minutes.
# Training without augmentation reaches 83 % on the test images instead of 76 %, so there is less to gain.
#
# - **Flips** add something in each of the three seeds, 0.1 to 1.4 points, 0.7 on average where it was three with 2,000
#   images. Five times as many pictures contain mirrored ones anyway.
# - **Crops** cost a point on the test images as they are, with flips and without, in every seed. The net has seen enough
#   garments in the middle of the image; to know them elsewhere as well takes part of what it can hold, or of what it can
#   learn in 16 epochs: this table cannot tell which. On shifted test images crops are worth as much as before, 21 points.
# - **Colour and cutout** do not make up for that, **mixup** costs one point more, and **turning upside down** still harms.
#
# Augmentation stands in for data. It gains most where data is scarce, and with plenty of data what remains is the question
# whether the test will show what you taught. The net is small; a larger one could learn both.

# %% [markdown]
# ### Ten crops, measured
#
# The test images are padded by two pixels, so that ten crops of 32 fit in. Once with the net of this notebook that was
# trained with crops, and once with the one that was not; then the same from the two tables, over all their seeds. The five
# scales of the recipe for photographs come along, on a part of the test images.

# %% tags=["skip-execution"]
padded_test = np.pad(data.test_images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
for name in ("none", "flip + crop"):
    single = nets[name].accuracy(data.test_images, data.test_labels)
    ten = ten_crop_predict(nets[name].loss, padded_test, 32)
    print(f"live, trained with {name}: one view {single:.3f}, ten crops {(ten.argmax(axis=1) == data.test_labels).mean():.3f}")
some, some_labels, by_scale = data.test_images[:400], data.test_labels[:400], {}
for side in (32, 37, 55, 69, 91):
    views = ten_crop_predict(nets["flip + crop"].loss, resize(some, side, side), 32)
    by_scale[side] = (views.argmax(axis=1) == some_labels).mean()
    print(f"resized to {side}: {by_scale[side]:.3f}")
if data.stated_ranges_hold:
    check.between(by_scale[32] - by_scale[69], 0.4, 0.8, "what the scale of 69 pixels costs")
tens = {"2,000": by_recipe(table, "ten_crop_accuracy") - small["test"], "10,000": by_recipe(table_all, "ten_crop_accuracy") - large["test"]}
for size, differences in tens.items():
    print(f"{size} images, ten crops against one view:", {name: round(float(value), 3) for name, value in zip(map(str, names), differences.mean(axis=0), strict=True)})
check.between(tens["2,000"].mean(axis=0)[names.index("flip + crop")], 0.01, 0.035, "ten crops, net trained with flips and crops")
check.between(tens["2,000"].mean(axis=0)[names.index("none")], -0.035, -0.005, "ten crops, net trained without")
check.between(tens["10,000"].mean(axis=0)[names.index("none")], -0.06, -0.025, "ten crops, net trained without, all data")
regained = tens["10,000"][:, names.index("flip + crop")] + large["test"][:, names.index("flip + crop")] - large["test"][:, 0]
check.between(regained.mean(), -0.008, 0.012, "ten crops of a net trained with crops, one view of a net trained without, all data")

# %% [markdown]
# With 2,000 images, ten views are worth two points for a net that knows such views from its training. For a net that was
# never shown a shifted garment they *cost* two points, with all data four: eight of the ten views are strange to it. Randomness that is averaged out in the
# test must have been there in training. For the same reason the large scales of the recipe ruin our net, which has never
# seen a piece of a sleeve: the recipe belongs together, both halves of it.
#
# With all data, ten crops give back what crops had cost: the net trained with flips and crops does as well with ten views
# as the one without augmentation does with one, and it alone is still good when garments move.

# %% [markdown]
# ## Two questions in your own words
#
# **Question 1 (5 points).** For each task say which of flips (left to right, top to bottom), rotation by any angle, strong
# colour changes and crops you would use, and why: (a) reading house numbers; (b) X-ray images of chests, looking for a heart
# on the wrong side among other things; (c) satellite images, forest or field; (d) ripe or unripe tomatoes.

# %% [markdown] nbgrader={"grade_id": "question_which_augmentations", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# The question is each time whether the change keeps the label and occurs in the test. (a) No flips: a mirrored 2 is no
# digit, and a 6 after half a turn is a 9. Small rotations and shears and crops, and colours with inversion, as numbers come
# in all colours. (b) No flip from left to right: it would show hearts on the wrong side under the label healthy. Top to bottom
# never occurs. Small rotations, small crops, and contrast and brightness, which differ between machines. (c) All flips, any
# rotation and crops: there is no up in a satellite image. Colour with care: season and light change it, but colour also tells
# forest from field. (d) Flips and rotations and crops, as tomatoes lie in any way; strong colour changes not at all, because
# colour is the label; brightness a little.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: house numbers: no flips (or rotation by large angles), with the reason that labels change.
# - 1 point: X-rays: no flip left to right, because side is part of the label.
# - 1 point: satellite: all flips and rotations, no preferred direction.
# - 1 point: tomatoes: no strong colour change, because colour is the label.
# - 1 point: the criterion is stated: does the change keep the label, and does it occur where the net will be used.
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** A colleague finds that random crops lower her validation accuracy by a point and wants to leave
# them out. Her training, validation and test images were all cut out by the same program, which puts the object exactly in
# the middle; the product will get photographs from people's telephones. What do you say to her? Use the numbers of the two
# tables above, say what you would measure, and what else the crop changes in training. About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_crops_lower_accuracy", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# Her validation set cannot show what crops are for: nothing moves in it. In our table crops change the accuracy on centred
# test images by about a point, and with all data lower it, while on images shifted by up to three pixels they are worth
# around twenty points. Photographs from telephones will not be centred, so the shifted numbers are the ones that count. I
# would collect a small validation set of real photographs, or at least shift the validation images at random, and compare
# there, with several seeds, because one point is about the spread between seeds. Crops also make training harder: the
# training accuracy falls below one, so she should train longer or take a larger net before she compares, and she can average
# over ten crops in the test, which only pays for a net trained with crops.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the validation data does not resemble the use (all centred), so it cannot judge crops.
# - 1 point: numbers: about nothing (or a loss) on centred images, around 20 points on shifted ones.
# - 1 point: measure on shifted or real photographs.
# - 1 point: several seeds, since a point is within or near their spread.
# - 1 point: crops slow fitting: more epochs or a larger net; or ten crops in the test.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **One draw for the whole batch.** Each image needs its own, or a batch is all mirrored or not at all.
# - **The wrong axis.** In (N, H, W, C) the columns are axis 2. Axis 1 turns upside down, axis 3 exchanges red and blue, axis 0
#   exchanges images but not their labels.
# - **Arithmetic in `uint8`.** $250 + 10 = 4$. Compute in floats; round, clip, convert, in this order.
# - **`astype(np.uint8)` for rounding.** It cuts off, and the image gets darker.
# - **Pixels changed in place.** The next epoch then starts from the changed image, and changes add up.
# - **The forward matrix for the inverse.** Turns and shifts go the other way; symmetric draws hide it.
# - **$x$ and $y$ exchanged.** An index is (row, column), a point is (column, row).
# - **Half a pixel.** The centre of W columns is $(W-1)/2$.
# - **A slice that begins below 0** counts from the end and is usually empty.
# - **A square moved inwards at the edge** leaves the rim of images uncovered.
# - **Labels forgotten in mixup**, or mixed with other partners than the images.
# - **NumPy's global random state.** The run cannot be repeated. Draw from the generator passed in.
# - **Augmented validation images.** Then you measure another task.
# - **An augmentation that changes the label.** No test of code finds that one: look at the contact sheet and think.

# %% [markdown]
# ## Check yourself
#
# 1. Which letters among A, E, H, N, S, Z survive a flip from left to right?
#
# <details><summary>Answer</summary>A and H. N becomes a mirrored N, S looks like a mirrored S (near Z), E is turned
# round.</details>
#
# 2. pad = 4. How many different windows are there, and how likely is it that an image stays exactly where it was?
#
# <details><summary>Answer</summary>9 · 9 = 81; 1/81.</details>
#
# 3. `images + 30` for `uint8` images: which pixels come out wrong, and how?
#
# <details><summary>Answer</summary>Those above 225: they wrap around and become nearly black.</details>
#
# 4. What does `affine_warp` with stretch(2, 2) do: enlarge the image or shrink it? And when the inverse was forgotten?
#
# <details><summary>Answer</summary>Enlarge: the result looks up nearer to the centre. Without the inverse it shrinks, with
# edges repeated around.</details>
#
# 5. First a rotation by 90° clockwise, then a translation to the right. Which one matrix is it, and what if the order is
#    exchanged?
#
# <details><summary>Answer</summary>(A | t) with A the rotation and t = (d, 0). The other way round t is turned as well:
# (0, d), downwards.</details>
#
# 6. An 8 × 8 square is cut out of 32 × 32 pixels. How many pixels does it hide on average?
#
# <details><summary>Answer</summary>Fewer than 64: along each axis 8 − (0+1+2+3+4 + 1+2+3)/32 = 7.5 pixels are left on average,
# 7.5² = 56.25 in all.</details>
#
# 7. Mixup with λ = 0.3 of two cats. What is the target?
#
# <details><summary>Answer</summary>Cat, 1.</details>
#
# 8. Where in a chain does mixup belong: before flips and crops, or after?
#
# <details><summary>Answer</summary>Flips and crops work before as well as after. Usually mixup comes last, so that the two
# images of a pair are moved independently, and because after it labels are probabilities: whatever needs integer labels has to
# come before.</details>
#
# 9. A sub-policy (Invert, .5), (Invert, .5). How many images are inverted in the end?
#
# <details><summary>Answer</summary>Half: those for which exactly one of the two happened, .25 + .25.</details>
#
# 10. A net trained without flips: does averaging over the image and its mirror image in the test help?
#
# <details><summary>Answer</summary>Not reliably: a mirrored image may be strange to it. On garments mirrored pieces occur in
# training anyway. Measure it.</details>
#
# 11. With augmentation, training accuracy is below test accuracy measured on clean images. Is that a mistake?
#
# <details><summary>Answer</summary>No, if training accuracy is measured on augmented images: they are harder. (`Solver`
# measures it on clean ones.)</details>

# %% [markdown]
# ## Where this leads
#
# Augmentation asks: what changes do not matter? Notebook 10 finds changes that should not matter and do: perturbations no eye
# can see that turn a coat into a bag. Training on them is augmentation too, with an adversary in the place of chance.
#
# ## Further reading
#
# - P. Y. Simard, D. Steinkraus and J. C. Platt, "Best practices for convolutional neural networks applied to visual document
#   analysis", ICDAR 2003: affine and elastic warps of digits.
# - A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012:
#   crops, flips, the colour shift along principal components, and ten crops in the test.
# - K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016, section 3.4: the recipe
#   with scales; section 4.2: padding and cropping small images.
# - T. DeVries and G. W. Taylor, "Improved regularization of convolutional neural networks with cutout", 2017,
#   arXiv:1708.04552.
# - H. Zhang, M. Cisse, Y. N. Dauphin and D. Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018.
# - S. Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable features", ICCV 2019.
# - E. D. Cubuk, B. Zoph, D. Mané, V. Vasudevan and Q. V. Le, "AutoAugment: learning augmentation strategies from data", CVPR
#   2019; and by the first two with J. Shlens and Q. V. Le, "RandAugment", 2020: random choice does almost as well.
