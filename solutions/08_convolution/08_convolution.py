# ---
# jupyter:
#   course:
#     title: Convolutional networks
#     builds: correlation and convolution, convolution and pooling layers, naive and by one matrix product, and a network of them
#     needs: layers with a forward and a backward pass, softmax loss, NumPy slices
#     minutes: 240
#     budget_seconds: 120
# ---

# %% [markdown]
# # Convolutional networks
#
# A dense layer joins every pixel to every unit. It does not know that two pixels are neighbours, and what it learns
# about a sleeve in one corner it has to learn again for every other place. This notebook is about layers that know
# what an image is.
#
# **What you build.** Correlation and convolution of an image with a kernel; the convolution layer, forwards and
# backwards, first in loops anyone can read and then as one matrix product; max pooling; two calculators, for receptive
# fields and for parameters; and a three-layer convolutional net. As extensions: `col2im`, average pooling and batch
# normalisation of images.
#
# **What you need.** Layers as pairs `forward` and `backward` with a cache, the softmax loss, and slices of NumPy
# arrays. No answer from another notebook is used: affine layers, ReLU and the loss come from `course_utils.nn`.
#
# **How long.** About four hours, in two sittings: pause after the parameter counts, before im2col.
#
# **The result.** Three classifiers were trained on the same images for the same number of epochs, five times each. With
# a tenth of the images the convolutional net does as well as the dense one with all of them. By the end you have built
# every part of it.

# %%
import numpy as np

from course_utils import check
from course_utils.nn import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss

# %% tags=["skip-execution"]
import time

from course_utils import nn, plots
from course_utils.data import load_dataset, load_results
from course_utils.nn.convnets import ConvNet, channels_first
from course_utils.nn.layers.convolution import conv_backward, conv_forward

table = load_results("linear_dense_conv")
print(table.describe())
three_nets = {}
for name in ("linear", "dense", "convolution"):
    sizes, three_nets[name] = table.by_seed("images", "test_accuracy", where={"net": name, "shuffled": False})
    print(f"{name:12s}", {int(size): f"{mean:.3f}" for size, mean in zip(sizes, three_nets[name].mean(axis=0), strict=True)})
plots.spread_curves(
    sizes, three_nets, xlabel="training images", ylabel="test accuracy",
    title="With a tenth of the images convolution does\nas well as a dense net with all", log_x=True,
);

# %% [markdown]
# ## What a dense layer does not know
#
# Take a photograph of 200 × 200 pixels in three colours and a dense layer of 1,000 units. Each unit has
# $200 \cdot 200 \cdot 3 = 120{,}000$ weights, the layer 120 million. That is expensive, and it is not even a good way
# to spend 120 million numbers:
#
# **Locality.** What tells an eye from a button lies close together. A unit that looks at a small patch can find it;
# most of a dense unit's weights join pixels that have nothing to do with one another. Joining a unit to a patch only is
# called **sparse interactions**: with patches of 5 × 5 × 3 pixels a unit has 75 weights instead of 120,000.
#
# **Parameter sharing.** A detector for vertical edges that is useful in the top left corner is useful everywhere. So
# use the *same* 75 weights at all places. What a dense layer would have to learn 40,000 times is learned once, from
# 40,000 examples an image.
#
# **Equivariance.** As a consequence, when the image moves, the result moves along with it and is otherwise the same.
# Nobody has to teach that to the net.
#
# **Any size.** Weights that are slid over an image do not care how large it is. A layer with 5 × 5 kernels runs on
# 32 × 32 pixels as on 640 × 480.
#
# All four come from one operation: slide a small array of weights over the image, and take a dot product at each place.
#
# How much does a net gain from knowing where pixels are? Ask it the other way round: take the knowledge away. Put the
# pixels of all images, training and test, into another order, the *same* for all. For a dense net this changes nothing
# but the names of its inputs. For a convolutional net, neighbours are no longer neighbours.

# %% tags=["skip-execution"]
size = 3000
by_order = {}
for name in ("dense", "convolution"):
    for shuffled in (False, True):
        chosen = (table["net"] == name) & (table["shuffled"] == shuffled) & (table["images"] == size)
        by_order[f"{name},\n{'shuffled' if shuffled else 'in place'}"] = float(table["test_accuracy"][chosen].mean())
print({name.replace("\n", " "): round(value, 3) for name, value in by_order.items()})
gains = {name: three_nets["convolution"].mean(axis=0) - three_nets[name].mean(axis=0) for name in ("dense", "linear")}
check.between(gains["dense"].min(), 0.10, 0.20, "convolution over dense, where it gains least")
check.between(three_nets["convolution"].mean(axis=0)[0] - three_nets["dense"].mean(axis=0)[-1], -0.015, 0.04,
              "convolution with 1,000 images over dense with 10,000: none to speak of")
check.between(by_order["dense,\nin place"] - by_order["dense,\nshuffled"], -0.02, 0.02, "what shuffling costs a dense net")
check.between(by_order["convolution,\nin place"] - by_order["convolution,\nshuffled"], 0.2, 0.3, "what it costs a convolutional net")
plots.bars(by_order, ylabel="test accuracy",
           title=f"Shuffle the pixels: a dense net notices nothing, convolution loses its lead ({size:,} images, mean of 5 seeds)");

# %% [markdown]
# Expect convolution to lie at least ten points above the dense net on images as they are, and *below* it on shuffled
# ones. The advantage is no magic of the method: it is knowledge about images, and worth as much as that knowledge is
# true.

# %% [markdown]
# ## Sliding a kernel
#
# Write $I$ for a grey image and $K$ for a small array of weights, the **kernel** or **filter**, of $h \times w$
# numbers. Lay the kernel on the image with its top left corner at row $r$ and column $t$, multiply what lies on top of
# each other, and add:
#
# $$ S_{rt} = \sum_{i=0}^{h-1} \sum_{j=0}^{w-1} I_{r+i,\,t+j}\; K_{ij} . $$
#
# This is **cross-correlation**: at each place it measures how much the image looks like the kernel. Where the kernel
# may not hang over the edge, the result has $H - h + 1$ rows and $W - w + 1$ columns; this is called the *valid* part.
#
# **By hand.** Let
#
# $$ I = \begin{pmatrix} 3&3&2&1&0\\ 0&0&1&3&1\\ 3&1&2&2&3\\ 2&0&0&2&2\\ 2&0&0&0&1 \end{pmatrix}, \qquad
#    K = \begin{pmatrix} 0&1&2\\ 2&2&0\\ 0&1&2 \end{pmatrix}. $$
#
# In the top left corner: $0\cdot3 + 1\cdot3 + 2\cdot2$ from the first row, $2\cdot 0 + 2\cdot 0 + 0 \cdot 1$ from the
# second, $0\cdot3 + 1\cdot1 + 2\cdot2$ from the third. Together $7 + 0 + 5 = 12$. Moving on to the right and down,
#
# $$ S = \begin{pmatrix} 12&12&17\\ 10&17&19\\ 9&6&14 \end{pmatrix}. $$
#
# **Convolution** proper looks alike, but the kernel runs the other way:
#
# $$ (I * K)_{rt} = \sum_{i}\sum_{j} I_{r + h - 1 - i,\; t + w - 1 - j}\; K_{ij} . $$
#
# The first element of the kernel meets the *last* pixel of the window. That is the same as turning the kernel by 180°,
# upside down *and* left to right, and cross-correlating. Here the turned kernel is
# $\begin{pmatrix} 2&1&0\\ 0&2&2\\ 2&1&0 \end{pmatrix}$, and the result
#
# $$ I * K = \begin{pmatrix} 18&20&19\\ 10&9&17\\ 11&8&14 \end{pmatrix}. $$
#
# Why would anybody want that? Because then $I * K = K * I$ (with zeros around both) and
# $(I * K) * L = I * (K * L)$, which makes convolution pleasant for proofs, for signals and for probabilities. Kernels
# that are *learned* do not care: had the layer turned them, training would have found them turned. So the "convolution"
# layers of all deep-learning libraries compute cross-correlation, and so will ours. The difference matters when you
# compare with a library for signals, such as `scipy.signal.convolve2d`.
#
# ### Exercise: correlation and convolution
#
# Plain loops over the places are fine. Results are `float64` whatever comes in: pixels of type `uint8` would wrap
# around at 256.

# %% nbgrader={"grade_id": "correlate2d", "solution": true}
def correlate2d(image, kernel):
    """The valid part of the cross-correlation of an image with a kernel.

    image: (H, W) numbers of any type.  kernel: (h, w) numbers, h <= H and w <= W.  Both are left as they are.
    Returns (H - h + 1, W - w + 1) float64: entry [r, t] is the sum over i, j of image[r + i, t + j] * kernel[i, j].
    Not to be called: np.convolve, np.correlate, course_utils.nn, scipy, torch, cv2.
    """
    ### BEGIN SOLUTION: for every place of the kernel, sum the products of its numbers with the pixels under them
    image, kernel = np.asarray(image, dtype=np.float64), np.asarray(kernel, dtype=np.float64)
    (H, W), (h, w) = image.shape, kernel.shape
    out = np.zeros((H - h + 1, W - w + 1))
    for r in range(out.shape[0]):
        for t in range(out.shape[1]):
            out[r, t] = np.sum(image[r : r + h, t : t + w] * kernel)
    return out
    ### END SOLUTION


# %% nbgrader={"grade_id": "correlate2d_2", "solution": true}
def convolve2d(image, kernel):
    """The valid part of the convolution of an image with a kernel: the kernel is turned by 180 degrees.

    Arguments and shape as in correlate2d. Entry [r, t] is the sum over i, j of
    image[r + h - 1 - i, t + w - 1 - j] * kernel[i, j].
    Not to be called: np.convolve, np.correlate, course_utils.nn, scipy, torch, cv2.
    """
    ### BEGIN SOLUTION: return the cross-correlation with the turned kernel
    return correlate2d(image, np.asarray(kernel)[::-1, ::-1])
    ### END SOLUTION


# %% [markdown] hints="correlate2d"
# 1. Two loops go over the places, `r` over rows and `t` over columns of the *result*. Make the result first, with
#    `np.zeros` and the shape from the docstring.
# 2. The pixels under the kernel are a slice of the image of the kernel's own shape. A product of two arrays of one shape
#    is taken entry by entry, and `np.sum` adds all of it. Convert both to `float64` before.
# 3. For `convolve2d` turn the kernel, not the image, and turn both of its axes: a slice with step −1 reverses an axis.
#    Transposing is something else.

# %% nbgrader={"grade_id": "correlate2d_check", "locked": true}
image = np.array([[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]])
kernel = np.array([[0, 1, 2], [2, 2, 0], [0, 1, 2]])
found = correlate2d(image, kernel)
check.shape(found, (3, 3), "nine places for a 3 × 3 kernel on 5 × 5 pixels")
check.close(found[0, 0], 12.0, "the top left corner, worked by hand")
check.close(correlate2d(np.ones((4, 4)), np.ones((2, 2))), np.full((3, 3), 4.0), "sums of four ones")
check.close(convolve2d(np.arange(9.0).reshape(3, 3), np.eye(2)), [[4.0, 6.0], [10.0, 12.0]], "a kernel that looks the same when turned")

# %% nbgrader={"grade_id": "correlate2d_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of correlate2d run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("correlate2d", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
print("cross-correlation", correlate2d(image, kernel).astype(int).tolist())
print("convolution      ", convolve2d(image, kernel).astype(int).tolist())
check.close(correlate2d(image, kernel), np.array([[12.0, 12, 17], [10, 17, 19], [9, 6, 14]]), "all nine sums of the text")
check.close(convolve2d(image, kernel), np.array([[18.0, 20, 19], [10, 9, 17], [11, 8, 14]]), "the same, convolved")

# %% [markdown]
# ### Kernels that people made
#
# Long before kernels were learned they were designed.
#
# A **blur** replaces a pixel by the mean of its neighbourhood: nine weights of $1/9$. On the pixels
# $\begin{pmatrix} 180&172&168\\ 184&176&170\\ 188&178&168 \end{pmatrix}$ the nine add up to $1584$, so the blurred
# pixel is $1584/9 = 176$.
#
# The two **Sobel** kernels measure how brightness changes from left to right and from top to bottom,
#
# $$ G_x = \begin{pmatrix} -1&0&1\\ -2&0&2\\ -1&0&1 \end{pmatrix}, \qquad
#    G_y = \begin{pmatrix} -1&-2&-1\\ 0&0&0\\ 1&2&1 \end{pmatrix}. $$
#
# On a flat area both give 0: their weights sum to 0. On the patch above $G_x$ gives
# $(168 + 2\cdot170 + 168) - (180 + 2\cdot184 + 188) = 676 - 736 = -60$: it gets darker to the right. $G_x$ is an outer
# product, of a difference $(-1, 0, 1)$ across and a small blur $(1, 2, 1)$ along the edge, which makes it less
# sensitive to noise than a bare difference.

# %% tags=["skip-execution"]
patch = np.array([[180, 172, 168], [184, 176, 170], [188, 178, 168]])
blur = np.full((3, 3), 1 / 9)
sobel_x = np.outer([1, 2, 1], [-1, 0, 1])
sobel_y = sobel_x.T
print("sum", patch.sum(), " blurred", (patch * blur).sum().round(6), " Sobel x", (patch * sobel_x).sum(), " Sobel y", (patch * sobel_y).sum())

# %% tags=["skip-execution"]
data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
grey = data.train_images[5].mean(axis=2)
kernels = {
    "blur": blur,
    "Sobel x": sobel_x,
    "Sobel y": sobel_y,
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "Laplace": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
}
plots.kernel_responses(
    grey, kernels, {name: correlate2d(grey, each) for name, each in kernels.items()},
    title="Five kernels on one image: Sobel x answers to upright edges, Sobel y to level ones",
);

# %% [markdown]
# ### When the image moves
#
# Shift the image by a few pixels and the response shifts by as many; nothing else happens. This is **equivariance**:
# first shift and then filter, or first filter and then shift, it is the same. It follows from the formula. If
# $I'_{rt} = I_{r,\,t-d}$ then $S'_{rt} = \sum I_{r+i,\,t-d+j} K_{ij} = S_{r,\,t-d}$. Not so for a dense unit, which
# has a weight of its own for every pixel: from its response to an image nobody can tell its response to the shifted one.
# (The two resemble each other as long as the two images do, which is what the correlations below show, and less with
# every pixel.)
#
# Do not confuse it with **invariance**, where the result does *not* change. A classifier wants to be invariant in the
# end: a shoe further left is still a shoe. Equivariant layers carry the evidence along, and pooling, further down, makes
# a little of it invariant. (Below, what leaves the image on the right comes back on the left.)

# %% tags=["skip-execution"]
rng = np.random.default_rng(0)
shifts = [0, 2, 4, 6, 8]
shifted = [np.roll(data.train_images[5], shift, axis=1) for shift in shifts]
feature_maps = [np.abs(correlate2d(each.mean(axis=2), sobel_x)) for each in shifted]
dense_weights = rng.normal(size=(32 * 32 * 3, 64)) / 55
dense_responses = [((each - data.train_images[5].mean()) / 255).reshape(-1) @ dense_weights for each in shifted]
difference = max(float(np.abs(feature_maps[0][:, :20] - feature_maps[k][:, d : 20 + d]).max()) for k, d in enumerate(shifts))
print(f"largest difference between the shifted response and the response to the shifted image: {difference:.1e}")
check.between(difference, 0, 1e-9, "correlation commutes with a shift (away from the edge)")
likeness = [float(np.corrcoef(dense_responses[0], each)[0, 1]) for each in dense_responses]
print("correlation of the dense units' responses with those to the image in its place:", np.round(likeness, 2))
if data.stated_ranges_hold:
    check.true(np.all(np.diff(likeness) < 0), "less alike with every shift", "a larger shift changes the responses less")
plots.picture_table(
    {"image": shifted, "Sobel x": feature_maps, "64 dense units": [each.reshape(8, 8) for each in dense_responses]},
    [f"shifted by {shift}" for shift in shifts],
    title="The image moves: the response of a kernel moves along, that of dense units becomes another one",
);

# %% [markdown]
# ## From a kernel to a layer
#
# A colour image is a block of numbers: three **channels**, height, width. Kernels become blocks, too. A kernel of
# 5 × 5 covers all channels, so it has $5 \cdot 5 \cdot 3 = 75$ weights and a bias, and *each* number that it puts out
# is one dot product of 75 numbers, plus the bias. It slides over height and width only. On 32 × 32 pixels it has
# $28 \times 28$ places, so it makes one **feature map** of 28 × 28 numbers, whatever the number of channels.
#
# One kernel finds one thing. Use six of them, each with weights of its own, and stack their maps: the layer turns a
# 32 × 32 × 3 image into a block of 28 × 28 × 6, an image with six channels, and the next layer can go on from there.
#
# Images come from the loader as (N, H, W, C). Convolution layers take **(N, C, H, W)**, channels first, so that each
# channel is a picture of its own in memory: `images.transpose(0, 3, 1, 2)`. The weights of $F$ kernels are
# (F, C, HH, WW), with HH and WW for the height and width of a kernel.
#
# ### Padding and stride
#
# Two layers of 5 × 5 kernels take 32 pixels to 28 and on to 24. Every layer eats a rim of four pixels, so depth has an
# end soon, and pixels near the edge are seen by fewer windows than others. **Padding** puts $P$ rows and columns of
# zeros around the image. For a kernel of odd size $F$,
#
# $$ P = \frac{F - 1}{2} $$
#
# keeps the size: 1 for 3 × 3, 2 for 5 × 5, 3 for 7 × 7.
#
# **Stride** goes the other way. With stride $S$ the kernel moves by $S$ pixels at a time, and the map has a fraction of
# the places.
#
# How many? The first window begins at pixel 0, and the last must end at pixel $N + 2P$. From the first to the last the
# kernel has a way of $N + 2P - F$ pixels to go, in steps of $S$:
#
# $$ \text{places} = \frac{N - F + 2P}{S} + 1 . $$
#
# **By hand.** $N = 7$, $F = 3$, no padding. Stride 1: $4/1 + 1 = 5$. Stride 2: $4/2 + 1 = 3$. Stride 3: $4/3$ is no
# whole number; the third window would hang over the edge. Some libraries silently drop the pixels that are left over.
# We call it a mistake and raise `ValueError`, because a net that ignores the right and lower rim of each image is
# usually not what anybody had in mind. (CS231n's notes agree; its assignments never get into the situation.)
#
# ### Exercise: the size of the output

# %% nbgrader={"grade_id": "conv_output_size", "solution": true}
def conv_output_size(size, filter_size, stride=1, pad=0):
    """How many places a window has along an axis.

    size: pixels along the axis.  filter_size: those of the window.  stride: 1 or more.  pad: zeros at each end, 0 or more.
    Returns (size - filter_size + 2 * pad) / stride + 1, an int.
    Raises ValueError where that is no whole number, and where the window is larger than the padded axis.
    """
    ### BEGIN SOLUTION: return the number of places as an int; raise ValueError where the window does not fit
    way = size - filter_size + 2 * pad
    if way < 0 or way % stride != 0:
        raise ValueError(f"a window of {filter_size} at stride {stride} does not fit {size} pixels with padding {pad}")
    return way // stride + 1
    ### END SOLUTION


# %% [markdown] hints="conv_output_size"
# 1. Work out how far the window can travel, then how many steps that is, then add the place it started from.
# 2. There are two ways not to fit: a negative way, and a way that the stride does not divide. Look at both *before*
#    dividing.
# 3. `//` gives an int, `/` a float even where the division comes out even. `%` gives the remainder.

# %% nbgrader={"grade_id": "conv_output_size_check", "locked": true}
check.equal(conv_output_size(7, 3, 1, 0), 5, "7 pixels, a window of 3, stride 1")
check.equal(conv_output_size(7, 3, 2, 0), 3, "the same at stride 2")

# %% nbgrader={"grade_id": "conv_output_size_tests", "grade": true, "points": 4}
# Graded, 4 points: hidden tests of conv_output_size run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("conv_output_size", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
for size, window, stride, pad in ((7, 3, 3, 0), (32, 5, 1, 0), (28, 5, 1, 0), (32, 5, 1, 2), (32, 3, 1, 1), (224, 7, 2, 3)):
    try:
        places = conv_output_size(size, window, stride, pad)
    except ValueError as error:
        places = f"ValueError: {error}"
    print(f"size {size:3d}, window {window}, stride {stride}, padding {pad}: {places}")

# %% [markdown]
# The last line is a mean trap: 224 pixels, 7 × 7, stride 2, padding 3, the first layer of many famous nets. It does not
# fit exactly: $(224 - 7 + 6)/2 = 111.5$. Those libraries round down and never look at one row and one column of the
# padding.
#
# **What is usual.** A layer has four settings: the number of kernels $K$, their size $F$, the stride $S$, the padding
# $P$. Takes $C \times H \times W$, gives $K \times H' \times W'$, and has $K\,(F^2C + 1)$ parameters.
#
# | setting | usual values |
# |---|---|
# | $K$ | powers of two: 16, 32, 64, 128, 512 |
# | $F = 3$ | $S = 1$, $P = 1$: by far the most frequent |
# | $F = 5$ | $S = 1$, $P = 2$; or $S = 2$, $P$ as it fits |
# | $F = 1$ | $S = 1$, $P = 0$: see below |
# | $F = 7$ or $11$ | $S = 2$ or $4$, in the first layer of nets for large images |
#
# **By hand.** Ten 5 × 5 kernels on a 32 × 32 × 3 image, stride 1, padding 2. Size: $(32 - 5 + 4)/1 + 1 = 32$, so the
# result is 32 × 32 × 10. Parameters: each kernel has $5\cdot5\cdot3 + 1 = 76$, all ten have 760.
#
# **1 × 1 kernels** make sense, too. A 1 × 1 kernel on a block of 64 channels takes a dot product of 64 numbers at each
# pixel. It mixes channels and leaves pixels apart: a dense layer from 64 to $K$ numbers, applied to every pixel with
# the same weights. It is the cheap way to change the number of channels.
#
# ### Exercise: the layer, in loops
#
# The whole layer in one formula. With $\tilde x$ for the padded images,
#
# $$ \text{out}_{nfrt} = b_f + \sum_{c}\sum_{i}\sum_{j} \tilde x_{n,\,c,\;rS+i,\;tS+j}\; w_{fcij} . $$
#
# **Backwards.** The formula is sums and products, and both have a known pattern: the product swaps, the sum passes
# `dout` on to all. One output number takes part in the gradients of exactly what it was made from: its window, its
# kernel and its bias. With $g = \texttt{dout}_{nfrt}$ for one of them,
#
# - $b_f$ receives $g$;
# - $w_f$ receives $g$ times the window of $\tilde x$;
# - the window of $\tilde x$ receives $g$ times $w_f$.
#
# Every weight is used at all places and every pixel in many windows. Branches sum, so everything is *added* to what is
# there. In the end the gradient of the padding is cut off: nobody asked for it.
#
# **By hand.** One image with one channel, one kernel, stride 1, no padding:
#
# $$ x = \begin{pmatrix}1&2&3\\4&5&6\\7&8&9\end{pmatrix},\quad w = \begin{pmatrix}1&0\\0&-1\end{pmatrix},\quad b = 10,
#    \qquad \text{out} = \begin{pmatrix}6&6\\6&6\end{pmatrix}, $$
#
# for every window is its first pixel minus its last, which is $-4$, plus 10. Let
# $\texttt{dout} = \begin{pmatrix}1&2\\3&4\end{pmatrix}$. Then $db = 1 + 2 + 3 + 4 = 10$; $dw_{00} = 1\cdot1 + 2\cdot2 +
# 3\cdot4 + 4\cdot5 = 37$ and likewise the others; and each window of $dx$ gets its $g$ added in the first corner and
# taken away in the last:
#
# $$ dw = \begin{pmatrix}37&47\\67&77\end{pmatrix}, \qquad dx = \begin{pmatrix}1&2&0\\3&3&-2\\0&-3&-4\end{pmatrix}. $$
#
# Note that $dw$ is the cross-correlation of $x$ with `dout`. A convolution's gradients are convolutions again.
#
# Write both passes with loops over examples, kernels, rows and columns. Slow is fine here. Use `conv_output_size`, for
# height and width separately: it also refuses what does not fit.

# %% nbgrader={"grade_id": "conv_naive", "solution": true}
def conv_forward_naive(x, w, b, conv_param):
    """The convolution layer: cross-correlation of every image with F kernels, plus a bias for each kernel.

    x: (N, C, H, W) floats.  w: (F, C, HH, WW).  b: (F,).  They are left as they are.
    conv_param: a dict with "stride" (1 or more) and "pad" (rows and columns of zeros at each edge, 0 or more).
    Returns (out, cache): out (N, F, OH, OW), at least as precise as x, where OH and OW are the numbers of places in
    height and in width, and the cache (x, w, b, conv_param) for the backward pass. Raises ValueError where the kernels do not fit.
    Not to be called: course_utils.nn, scipy, torch.
    """
    ### BEGIN SOLUTION: pad the images, then take the sum of each window times each kernel, plus the kernel's bias
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    stride, pad = conv_param["stride"], conv_param["pad"]
    OH, OW = conv_output_size(H, HH, stride, pad), conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, OH, OW), dtype=x.dtype)
    for n in range(N):
        for f in range(F):
            for r in range(OH):
                for t in range(OW):
                    window = padded[n, :, r * stride : r * stride + HH, t * stride : t * stride + WW]
                    out[n, f, r, t] = np.sum(window * w[f]) + b[f]
    return out, (x, w, b, conv_param)
    ### END SOLUTION


# %% nbgrader={"grade_id": "conv_naive_2", "solution": true}
def conv_backward_naive(dout, cache):
    """The gradients of the convolution layer.

    dout: upstream gradient (N, F, OH, OW).  cache: from conv_forward_naive.
    Returns (dx, dw, db), in the shapes of x, w and b: none of them padded.
    """
    ### BEGIN SOLUTION: add every output's share to the gradients of its window, its kernel and its bias
    x, w, b, conv_param = cache
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    stride, pad = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw, db = np.zeros_like(padded), np.zeros_like(w), np.zeros_like(b)
    for n, f, r, t in np.ndindex(dout.shape):
        window = np.s_[n, :, r * stride : r * stride + HH, t * stride : t * stride + WW]
        dpadded[window] += dout[n, f, r, t] * w[f]
        dw[f] += dout[n, f, r, t] * padded[window]
        db[f] += dout[n, f, r, t]
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
    ### END SOLUTION


# %% [markdown] hints="conv_naive"
# 1. Four loops: over `n`, `f`, and the rows and columns of the *output*. `np.pad` with
#    `((0, 0), (0, 0), (pad, pad), (pad, pad))` pads height and width only.
# 2. The window of place `(r, t)` begins at row `r * stride` and column `t * stride` of the padded image and has the
#    kernel's height and width; it keeps all channels. The bias is added once to each output, not to each pixel.
# 3. The backward pass has the same loops and the same slice. Make three arrays of zeros (for the *padded* images, `w`
#    and `b`) and use `+=`. Cut the padding off with `pad : pad + H`, which is right for `pad` 0 as well.

# %% nbgrader={"grade_id": "conv_naive_check", "locked": true}
x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
w = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
out, cache = conv_forward_naive(x, w, np.array([10.0]), {"stride": 1, "pad": 0})
check.close(out, np.full((1, 1, 2, 2), 6.0), "the output worked by hand")
dx, dw, db = conv_backward_naive(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), cache)
check.shape(dx, (1, 1, 3, 3), "dx has the shape of x")
check.close(dw[0, 0], np.array([[37.0, 47.0], [67.0, 77.0]]), "dw worked by hand")
check.close(db, np.array([10.0]), "db worked by hand")

# %% nbgrader={"grade_id": "conv_naive_tests", "grade": true, "points": 16}
# Graded, 16 points: hidden tests of conv_naive run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("conv_naive", globals())
### END HIDDEN TESTS

# %% [markdown]
# One image and one channel hide many mistakes, as does a square. A gradient check with sizes that all differ, stride 2
# and padding finds them; and the kernels from above, applied by the layer this time, one output channel each.

# %% tags=["skip-execution"]
from course_utils.gradient_check import check_gradient

rng = np.random.default_rng(1)
x, w, b = rng.normal(size=(2, 3, 4, 6)), rng.normal(size=(4, 3, 2, 4)), rng.normal(size=4)
conv_param = {"stride": 2, "pad": 1}
out, cache = conv_forward_naive(x, w, b, conv_param)
dout = rng.normal(size=out.shape)
dx, dw, db = conv_backward_naive(dout, cache)
for name, value, gradient in (("x", x, dx), ("w", w, dw), ("b", b, db)):
    def loss(changed, name=name):
        arguments = {"x": x, "w": w, "b": b} | {name: changed}
        return np.sum(conv_forward_naive(**arguments, conv_param=conv_param)[0] * dout)
    report = check_gradient(loss, value, gradient)
    print(f"d{name}: relative error {report.max_relative_error:.1e}")
    check.true(report.ok, f"d{name} agrees with finite differences", report.message)

# %% tags=["skip-execution"]
pictures = data.train_images[[5, 10, 33]] / 255
x = pictures.transpose(0, 3, 1, 2)
w = np.array([np.repeat(each[np.newaxis] / 3, 3, axis=0) for each in (blur, sobel_x, sobel_y)])
maps, _ = conv_forward_naive(x, w, np.zeros(3), {"stride": 1, "pad": 1})
print("images", x.shape, "→ feature maps", maps.shape)
plots.picture_table(
    {"image": list(pictures), "blur": list(maps[:, 0]), "Sobel x": list(maps[:, 1]), "Sobel y": list(maps[:, 2])},
    [data.class_names[label] for label in data.train_labels[[5, 10, 33]]],
    title="A layer of three kernels makes three feature maps of each image",
);

# %% [markdown]
# ## The same, seen as neurons
#
# A convolution layer is a dense layer with most of its weights removed and the rest tied together. Each number of a
# feature map is a neuron: it takes a weighted sum of its inputs, adds a bias, and passes on the result. Neurons of one
# map share their weights and look at different patches. Neurons at the same place in different maps look at the same
# patch, for different things: in a layer with five kernels, five neurons look at each patch.
#
# The patch that a neuron sees is its **receptive field**. In the first layer it has the size of the kernel. A second
# 3 × 3 layer sees 3 × 3 *neurons*, each of which sees 3 × 3 pixels, together 5 × 5. A third makes it 7 × 7. So three
# layers of 3 × 3 see as much as one layer of 7 × 7, with fewer weights ($3 \cdot 9 C^2 = 27C^2$ against $49 C^2$ between
# blocks of $C$ channels) and two more nonlinearities. That is why small kernels won.
#
# Strides, and pooling with them, make fields grow faster. After a layer with stride 2, moving on by one neuron means
# moving on by two pixels. Let $j$ be this **jump**, the number of pixels between neighbouring neurons, and $R$ the
# receptive field. At the input, $R = 1$ and $j = 1$. A layer with windows of $k$ and stride $s$ adds $k - 1$ neighbours,
# each $j$ pixels further, and then the jump grows:
#
# $$ R \leftarrow R + (k - 1)\, j, \qquad j \leftarrow j\, s . $$
#
# **By hand.** 3 × 3 convolution, 2 × 2 pooling with stride 2, 3 × 3 convolution:
#
# | layer | $R$ | $j$ after it |
# |---|---|---|
# | input | 1 | 1 |
# | convolution, 3, stride 1 | $1 + 2\cdot1 = 3$ | 1 |
# | pooling, 2, stride 2 | $3 + 1 \cdot 1 = 4$ | 2 |
# | convolution, 3, stride 1 | $4 + 2\cdot 2 = 8$ | 2 |
#
# The stride of a layer does not change its own receptive field, only those of the layers after it.
#
# ### Exercise: the receptive field

# %% nbgrader={"grade_id": "receptive_field", "solution": true}
def receptive_field(layers):
    """How many pixels, along one axis, a neuron of the last layer sees.

    layers: a list of (size, stride), one for each convolution or pooling layer, first layer first: the size of its
    windows and its stride. It is left as it is.
    Returns an int. With no layer at all, a "neuron" is a pixel and sees itself: 1.
    """
    ### BEGIN SOLUTION: go through the layers, letting the field and the jump grow
    field, jump = 1, 1
    for size, stride in layers:
        field += (size - 1) * jump
        jump *= stride
    return field
    ### END SOLUTION


# %% [markdown] hints="receptive_field"
# 1. Carry two numbers along: the field so far, and how many pixels apart neighbouring neurons are.
# 2. Both begin at 1. In each layer the field grows first, with the jump as it was *before* this layer.
# 3. After that the jump is multiplied by the layer's stride. Jumps of several layers multiply; fields add.

# %% nbgrader={"grade_id": "receptive_field_check", "locked": true}
check.equal(receptive_field([(5, 1)]), 5, "one layer sees its own window")
check.equal(receptive_field([(3, 1), (3, 1)]), 5, "two layers of 3 × 3")

# %% nbgrader={"grade_id": "receptive_field_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of receptive_field run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("receptive_field", globals())
### END HIDDEN TESTS

# %% [markdown]
# Backpropagation can see receptive fields: send a gradient of 1 into a single neuron of the last layer, and look which
# pixels receive something.

# %% tags=["skip-execution"]
def pixels_reached(depth, stride, size=17):
    """Where the gradient of the middle neuron of the last of `depth` layers arrives: (size, size). All weights are 1."""
    x, caches = np.zeros((1, 1, size, size)), []
    for _ in range(depth):
        x, cache = conv_forward_naive(x, np.ones((1, 1, 3, 3)), np.zeros(1), {"stride": stride, "pad": 1})
        caches.append(cache)
    dout = np.zeros_like(x)
    dout[0, 0, x.shape[2] // 2, x.shape[3] // 2] = 1
    for cache in reversed(caches):
        dout, _, _ = conv_backward_naive(dout, cache)
    return dout[0, 0]


reached = {(depth, stride): pixels_reached(depth, stride) for depth, stride in ((1, 1), (2, 1), (3, 1), (2, 2), (3, 2))}
for (depth, stride), gradient in reached.items():
    rows = int(np.any(gradient != 0, axis=1).sum())
    print(f"{depth} layers of 3 × 3 at stride {stride}: {rows} rows of pixels; receptive_field says {receptive_field([(3, stride)] * depth)}")
    check.equal(rows, receptive_field([(3, stride)] * depth), f"{depth} layers at stride {stride}")
check.equal([int(reached[3, 1][8, 8]), int(reached[3, 1][5, 5])], [49, 1], "paths to the middle pixel and to a corner")
plots.picture_table(
    {"gradient": [each / each.max() for each in reached.values()]},
    [f"{depth} × (3 × 3),\nstride {stride}: {receptive_field([(3, stride)] * depth)}" for depth, stride in reached],
    title="The pixels that one neuron sees: fields grow by 2 a layer, and much faster with strides",
);

# %% [markdown]
# With all weights at 1 the gradient counts paths. Through three layers 49 of them lead from the neuron to the pixel in
# the middle and a single one to each corner, so the middle is bright and the rim faint: the receptive field is what a
# neuron *can* see; what weighs is smaller. (The grid at stride 2: windows overlap by one row and column, and pixels
# there count twice.)
#
# ## Counting parameters
#
# Between the dense layer and the convolution layer there is a third: the **locally connected** layer, where neurons see
# patches, but every place has weights of its own. It keeps the locality and drops the sharing. It is used where places
# mean something, as in faces that were aligned beforehand.
#
# Take a layer from 32 × 32 × 3 to 32 × 32 × 10 with 5 × 5 patches:
#
# | layer | parameters |
# |---|---|
# | dense | $(3072 + 1) \cdot 10240 = 31{,}467{,}520$ |
# | locally connected | $32 \cdot 32 \cdot 10 \cdot (75 + 1) = 778{,}240$ |
# | convolution | $10 \cdot (75 + 1) = 760$ |
#
# Locality saves a factor of 40, sharing another of 1,024, the number of places.
#
# ### Exercise: count them

# %% nbgrader={"grade_id": "count_parameters", "solution": true}
def count_parameters(layers):
    """How many parameters a net has, biases included.

    layers: a list of tuples, left as it is; each is the kind of a layer and its sizes:
        ("dense", inputs, outputs)
        ("conv", channels, filters, height, width): kernels of height × width, a bias for each filter
        ("local", channels, filters, height, width, out_height, out_width): as conv, but with kernels and biases of its
            own for each of the out_height × out_width places
        ("pool", height, width): has no parameters
        ("batchnorm", channels): a gain and a shift for each channel
    Returns an int, 0 for an empty list. Raises ValueError for another kind of layer.
    """
    ### BEGIN SOLUTION: add up the parameters of all layers; raise ValueError for a kind that is not listed
    total = 0
    for kind, *sizes in layers:
        if kind == "dense":
            inputs, outputs = sizes
            total += (inputs + 1) * outputs
        elif kind == "conv":
            channels, filters, height, width = sizes
            total += (channels * height * width + 1) * filters
        elif kind == "local":
            channels, filters, height, width, out_height, out_width = sizes
            total += (channels * height * width + 1) * filters * out_height * out_width
        elif kind == "batchnorm":
            total += 2 * sizes[0]
        elif kind != "pool":
            raise ValueError(f"unknown kind of layer: {kind!r}")
    return total
    ### END SOLUTION


# %% [markdown] hints="count_parameters"
# 1. Loop over the layers; `for kind, *sizes in layers` takes a tuple apart into its name and a list of the rest.
# 2. A neuron has as many weights as inputs, and one bias. So ask two things of each kind: how many inputs has one set of
#    weights, and how many different sets are there?
# 3. A kernel's inputs are all channels of its window. A convolution has one set for each filter, a locally connected
#    layer one for each filter and place. Pooling adds nothing, but it is no unknown kind.

# %% nbgrader={"grade_id": "count_parameters_check", "locked": true}
check.equal(count_parameters([("conv", 3, 10, 5, 5)]), 760, "ten 5 × 5 kernels on three channels")

# %% nbgrader={"grade_id": "count_parameters_tests", "grade": true, "points": 6}
# Graded, 6 points: hidden tests of count_parameters run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("count_parameters", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
kinds = {
    "dense": count_parameters([("dense", 3072, 32 * 32 * 10)]),
    "local": count_parameters([("local", 3, 10, 5, 5, 32, 32)]),
    "convolution": count_parameters([("conv", 3, 10, 5, 5)]),
}
print({kind: f"{count:,}" for kind, count in kinds.items()})
check.equal(list(kinds.values()), [31_467_520, 778_240, 760], "the table above")
stages = [("conv", 3, 16, 3, 3), ("pool", 2, 2), ("conv", 16, 32, 3, 3), ("pool", 2, 2)]
print(f"the convolutional net of the first figure: {count_parameters([*stages, ('dense', 2048, 64), ('dense', 64, 10)]):,} parameters, "
      f"of which {count_parameters(stages):,} are in kernels; the dense one: {count_parameters([('dense', 3072, 100), ('dense', 100, 10)]):,}")

# %% [markdown]
# The convolutional net of the first figure has fewer than half the parameters of the dense one. Nearly all of these
# stand in its one dense layer: the kernels are 4 % of the whole.

# %% [markdown]
# ## From loops to one matrix product
#
# Your naive layer is right and hopeless: 50 garments of 32 × 32 have about 50,000 windows, with 16 kernels that makes 800,000
# dot products, and Python needs some microseconds for each. The arithmetic itself would take milliseconds.
#
# The way out is called **im2col** ("image to columns"). Lay the numbers of each window out as a row, and write all rows
# below one another. Each row then meets each kernel, laid out in the same order, in a dot product. All dot products of
# rows with columns: that is a matrix product, for which processors and libraries have been tuned for fifty years.
#
# **By hand.** One image, one channel, windows of 2 × 2, stride 1:
#
# $$ x = \begin{pmatrix}1&2&3\\4&5&6\\7&8&9\end{pmatrix} \quad\longrightarrow\quad
#    \texttt{cols} = \begin{pmatrix} 1&2&4&5\\ 2&3&5&6\\ 4&5&7&8\\ 5&6&8&9 \end{pmatrix}. $$
#
# The kernel $\begin{pmatrix}1&0\\0&-1\end{pmatrix}$ becomes the vector $(1, 0, 0, -1)$, and `cols @ kernel` is
# $(-4, -4, -4, -4)$, the four places of the map.
#
# The price is memory: the 5 in the middle of the image stands in four rows. With 3 × 3 windows at stride 1 every pixel
# is copied nine times, with 5 × 5 windows 25 times.
#
# In general a row stands for a window, and rows come in the order image, row, column: row
# $(n \cdot OH + r)\cdot OW + t$ is the window at place $(r, t)$ of image $n$. Within a row the numbers come in the order
# channel, window row, window column, the order in which `w.reshape(F, -1)` lays out the kernels. (Rows are examples
# here, as everywhere in this course. The helper functions of CS231n have windows in the *columns*, hence the name, and
# order them differently.)
#
# ### Exercise: im2col
#
# Not a loop over windows: that would be slow again. Loop over the *elements of the window*, of which there are nine, not
# 50,000. For element $(i, j)$, a strided slice of the padded images holds what this element sees at all places at once:
# `padded[:, :, i : … : stride, j : … : stride]`. The hidden tests count the steps that Python takes.

# %% nbgrader={"grade_id": "im2col", "solution": true}
def im2col(x, height, width, stride=1, pad=0):
    """All windows of a batch of images, each laid out as a row.

    x: (N, C, H, W), left as it is.  height, width: of a window.  stride: 1 or more.  pad: zeros at each edge, 0 or more.
    Returns (N * OH * OW, C * height * width) in the dtype of x: rows in the order image, window row r, window column t;
    numbers in a row in the order channel, row, column within the window. Raises ValueError where windows do not fit.
    No Python loop over images, channels or places; a loop over the elements of the window is fine.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: return an array with a row for each window, in the order of the docstring
    N, C, H, W = x.shape
    OH, OW = conv_output_size(H, height, stride, pad), conv_output_size(W, width, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.empty((N, OH, OW, C, height, width), dtype=x.dtype)
    for i in range(height):
        for j in range(width):
            seen = padded[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride]
            windows[..., i, j] = seen.transpose(0, 2, 3, 1)
    return windows.reshape(N * OH * OW, C * height * width)
    ### END SOLUTION


# %% [markdown] hints="im2col"
# 1. Make an array with six axes, (N, OH, OW, C, height, width), and reshape it to two at the end. Then only the last two
#    indices, the element of the window, need a loop.
# 2. Element (i, j) meets the rows i, i + stride, i + 2·stride, … of the padded image, OH of them. A slice
#    `i : i + stride * OH : stride` has exactly that many.
# 3. That slice has the axes (N, C, OH, OW). Bring it into the order (N, OH, OW, C) with `transpose` before you assign
#    it. Nothing else needs transposing if the six axes are in the right order.

# %% nbgrader={"grade_id": "im2col_check", "locked": true}
cols = im2col(np.arange(1.0, 10.0).reshape(1, 1, 3, 3), 2, 2)
check.close(cols, np.array([[1.0, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]), "the four windows of the text")

# %% nbgrader={"grade_id": "im2col_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of im2col run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("im2col", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
small = np.arange(1, 26).reshape(5, 5)
plots.windows_as_rows(
    small, 3, 3, im2col(small[np.newaxis, np.newaxis], 3, 3), chosen=(0, 4, 8),
    title="im2col: each window of the image becomes a row; the pixel in the middle, 13, is copied nine times",
);

# %% [markdown]
# ### Exercise: the fast layer
#
# **Forwards.** With $A$ for the matrix of windows and $M$ for `w.reshape(F, -1)`, one kernel a row,
#
# $$ \text{out} = A M^\top + b , $$
#
# a matrix of $N \cdot OH \cdot OW$ rows and $F$ columns. Give it its four axes back, (N, OH, OW, F), and put the
# filters in second place.
#
# **Backwards.** Bring `dout` into the form of that matrix, $G$: axes in the order (N, OH, OW, F), then one row for each
# window. From here on it is an affine layer:
#
# $$ dM = G^\top A, \qquad db = \textstyle\sum_{\text{rows}} G, \qquad dA = G M . $$
#
# $dA$ has a number for each entry of $A$, and several entries of $A$ are copies of the same pixel. A copy is a branch,
# and branches sum: all entries of $dA$ that came from one pixel are added. So walk backwards through im2col: for element
# $(i, j)$ of the window, *add* its numbers onto the same strided slice that they were read from.
#
# Keep what you need in the cache; here you may choose what that is. For the same inputs the results are those of the
# naive layer.

# %% nbgrader={"grade_id": "conv_fast", "solution": true}
def conv_forward_fast(x, w, b, conv_param):
    """The convolution layer as one matrix product; arguments, output and errors as in conv_forward_naive.

    Returns (out, cache), with whatever conv_backward_fast needs in the cache.
    No Python loop over images, filters or places; a loop over the elements of the window is fine.
    Not to be called: course_utils.nn, scipy, torch.
    """
    ### BEGIN SOLUTION: lay out the windows with im2col, multiply by all kernels, and bring the axes into order
    F, _, HH, WW = w.shape
    stride, pad = conv_param["stride"], conv_param["pad"]
    OH, OW = conv_output_size(x.shape[2], HH, stride, pad), conv_output_size(x.shape[3], WW, stride, pad)
    cols = im2col(x, HH, WW, stride, pad)
    out = cols @ w.reshape(F, -1).T + b
    return out.reshape(len(x), OH, OW, F).transpose(0, 3, 1, 2), (x, w, b, conv_param, cols)
    ### END SOLUTION


# %% nbgrader={"grade_id": "conv_fast_2", "solution": true}
def conv_backward_fast(dout, cache):
    """The gradients of the convolution layer: (dx, dw, db), as from conv_backward_naive.

    dout: (N, F, OH, OW).  cache: from conv_forward_fast.
    No Python loop over images, filters or places; a loop over the elements of the window is fine.
    """
    ### BEGIN SOLUTION: take the gradients of the matrix product, then add the rows of windows back onto their pixels
    x, w, _, conv_param, cols = cache
    (N, C, H, W), (F, _, HH, WW) = x.shape, w.shape
    (_, _, OH, OW), stride, pad = dout.shape, conv_param["stride"], conv_param["pad"]
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, F)
    dw, db = (rows.T @ cols).reshape(w.shape), rows.sum(axis=0)
    dwindows = (rows @ w.reshape(F, -1)).reshape(N, OH, OW, C, HH, WW)
    dpadded = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=dwindows.dtype)
    for i in range(HH):
        for j in range(WW):
            shares = dwindows[..., i, j].transpose(0, 3, 1, 2)
            dpadded[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride] += shares
    return dpadded[:, :, pad : pad + H, pad : pad + W], dw, db
    ### END SOLUTION


# %% [markdown] hints="conv_fast"
# 1. `im2col` gives the windows with one row each, `w.reshape(F, -1)` the kernels with one row each. Think about the
#    shapes of the product before you reshape: rows are (image, place), columns are filters.
# 2. A reshape only splits and joins neighbouring axes, it never moves them. To get from (N·OH·OW, F) to (N, F, OH, OW),
#    reshape to (N, OH, OW, F) first and transpose after that; for `dout` transpose first and reshape after.
# 3. For `dx` reshape the product to six axes, (N, OH, OW, C, HH, WW), and loop over the elements of the window as in
#    im2col, with the same slice of an array of padded zeros, `+=`, and the axes in the order (N, C, OH, OW). Cut the
#    padding off at the end.

# %% nbgrader={"grade_id": "conv_fast_check", "locked": true}
x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
w = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
out, cache = conv_forward_fast(x, w, np.array([10.0]), {"stride": 1, "pad": 0})
check.close(out, np.full((1, 1, 2, 2), 6.0), "the output worked by hand, once more")
dx, dw, db = conv_backward_fast(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), cache)
check.close(dw[0, 0], np.array([[37.0, 47.0], [67.0, 77.0]]), "dw")
check.shape(dx, (1, 1, 3, 3), "dx has the shape of x")

# %% nbgrader={"grade_id": "conv_fast_tests", "grade": true, "points": 16}
# Graded, 16 points: hidden tests of conv_fast run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("conv_fast", globals())
### END HIDDEN TESTS

# %% [markdown]
# How much was it worth? Four garments through eight 3 × 3 kernels, both ways, and the layer of `course_utils.nn`, which
# does the same with copies that stay in the processor's cache.

# %% tags=["skip-execution"]
def seconds(function, *arguments, repeats=5):
    """The shortest of several times, and the result of the last call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = function(*arguments)
        times.append(time.perf_counter() - start)
    return min(times), result


rng = np.random.default_rng(2)
x = rng.normal(size=(4, 3, 32, 32)).astype(np.float32)
w, b = rng.normal(size=(8, 3, 3, 3)).astype(np.float32), np.zeros(8, np.float32)
conv_param, dout = {"stride": 1, "pad": 1}, rng.normal(size=(4, 8, 32, 32)).astype(np.float32)
taken, results = {}, {}
for name, forward, backward, repeats in (
    ("in loops", conv_forward_naive, conv_backward_naive, 1),
    ("im2col", conv_forward_fast, conv_backward_fast, 5),
    ("course_utils.nn", conv_forward, conv_backward, 5),
):
    taken[f"{name}, forward"], (out, cache) = seconds(forward, x, w, b, conv_param, repeats=repeats)
    taken[f"{name}, backward"], gradients = seconds(backward, dout, cache, repeats=repeats)
    results[name] = (out, *gradients)
for name, arrays in results.items():
    check.true(all(np.allclose(a, b, rtol=1e-3, atol=1e-2) for a, b in zip(arrays, results["in loops"], strict=True)),
               f"{name}: the same numbers", "they differ")
gain = taken["in loops, forward"] / taken["im2col, forward"], taken["in loops, backward"] / taken["im2col, backward"]
print(f"im2col is {gain[0]:.0f} times as fast forwards and {gain[1]:.0f} times backwards")
check.true(min(gain) > 20, "more than 20 times as fast", f"only {min(gain):.0f} times")
plots.timing_bars(taken, title="The same numbers: one matrix product against four loops");

# %% [markdown]
# ### Extension: col2im
#
# The second half of your backward pass is worth a function of its own. It is the **transpose** of im2col: im2col copies
# pixels into rows, col2im adds rows up into pixels. If you wrote im2col as a huge matrix of zeros and ones acting on the
# image, col2im would be that matrix transposed; in short, for any $x$ and any $Y$ of matching shapes,
#
# $$ \sum \texttt{im2col}(x) \cdot Y \;=\; \sum x \cdot \texttt{col2im}(Y) . $$
#
# It is *not* the inverse: `col2im(im2col(x))` is $x$ times the number of windows in which each pixel stands, 9 in the
# middle for 3 × 3 windows, 1 in a corner. The same function, run forwards, is a layer of its own: the "transposed
# convolution" that makes images larger, in nets which draw.

# %% nbgrader={"grade_id": "col2im", "solution": true}
def col2im(cols, shape, height, width, stride=1, pad=0):
    """The transpose of im2col: adds every number of every row onto the pixel it belongs to.

    cols: (N * OH * OW, C * height * width), laid out as by im2col; left as it is.  shape: (N, C, H, W) of the images.
    Returns (N, C, H, W), at least as precise as cols: each pixel the sum of all entries of cols in which im2col would
    put a copy of it. What falls on the padding is dropped. No Python loop over images, channels or places.
    Not to be called: course_utils.nn, torch.
    """
    ### BEGIN SOLUTION: add the numbers of each element of the window onto the pixels it meets, and cut the padding off
    N, C, H, W = shape
    OH, OW = conv_output_size(H, height, stride, pad), conv_output_size(W, width, stride, pad)
    windows = cols.reshape(N, OH, OW, C, height, width).transpose(4, 5, 0, 3, 1, 2)
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=cols.dtype)
    for i, j in np.ndindex(height, width):
        padded[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride] += windows[i, j]
    return padded[:, :, pad : pad + H, pad : pad + W]
    ### END SOLUTION


# %% [markdown] hints="col2im"
# 1. It is im2col read backwards: the same loop over the elements of the window, the same slice, but the slice stands on
#    the left of `+=`.
# 2. Reshape `cols` to the six axes (N, OH, OW, C, height, width) first. For each element (i, j) you get an array of axes
#    (N, OH, OW, C), which has to be brought into the order (N, C, OH, OW).
# 3. Add onto zeros of the *padded* size, and cut with `pad : pad + H`. `pad : -pad` would be empty where `pad` is 0.

# %% nbgrader={"grade_id": "col2im_check", "locked": true}
check.shape(col2im(np.ones((4, 4)), (1, 1, 3, 3), 2, 2), (1, 1, 3, 3), "the shape of the images")
check.close(col2im(np.arange(4.0).reshape(4, 1), (1, 1, 2, 2), 1, 1), np.arange(4.0).reshape(1, 1, 2, 2), "windows of one pixel")

# %% nbgrader={"grade_id": "col2im_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of col2im run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("col2im", globals())
### END HIDDEN TESTS

# %% tags=["skip-execution"]
counts = col2im(im2col(np.ones((1, 1, 6, 6)), 3, 3), (1, 1, 6, 6), 3, 3)[0, 0]
check.close(counts[[0, 0, 2], [0, 2, 2]], np.array([1.0, 3.0, 9.0]), "windows that hold a corner, an edge and a middle pixel")
plots.heatmap(counts, xlabel="column", ylabel="row", title="In how many of its 3 × 3 windows each pixel of a 6 × 6 image stands",
              label="windows");

# %% [markdown]
# ## Pooling
#
# A map that says *exactly* where each edge is says more than a classifier wants to know. **Pooling** makes maps smaller:
# it slides a window over each channel, usually 2 × 2 with stride 2, and keeps one number of each. **Max pooling** keeps
# the largest: is there such an edge anywhere in the window? **Average pooling** keeps the mean.
#
# Pooling has no parameters, and it works on each channel alone. 2 × 2 with stride 2 halves height and width; three
# quarters of the numbers are gone, the layers above cost a quarter, and their receptive fields grow twice as fast. A
# shift by a pixel often changes little in the result: a little invariance.
#
# **By hand.** Windows of 2 × 2, stride 2:
#
# $$ \begin{pmatrix} 1&1&2&4\\ 5&6&7&8\\ 3&2&1&0\\ 1&2&3&4 \end{pmatrix}
#    \;\xrightarrow{\max}\; \begin{pmatrix} 6&8\\ 3&4 \end{pmatrix},
#    \qquad \xrightarrow{\text{average}}\; \begin{pmatrix} 3.25&5.25\\ 2&2 \end{pmatrix}. $$
#
# **Backwards**, max routes: the gradient of an output goes to the pixel that was the largest, all others get nothing. So
# of the sixteen pixels above, 6, 8, 3 and 4 (the last one) receive something. When windows overlap, as with 3 × 3 at
# stride 2, one pixel may be the largest of several windows, and then it gets the sum.
#
# Two pixels may tie for the largest. Give the gradient to one of them, or share it: the tests have no ties. In a net
# with ReLU the commonest tie is between zeros, and ReLU's own backward pass stops the gradient there anyway.
#
# **Variants.** Overlapping windows (3 × 3, stride 2) were the fashion once. *Fractional max pooling* (Graham, 2014)
# shrinks by factors between 1 and 2: it draws a random sequence of steps of 1 and 2 pixels that cuts each axis into the
# wanted number of pieces, anew for each batch, and at test time averages the predictions over several such cuts:
# randomness in training, averaged out at test. And the trend is away from pooling: a convolution with stride 2 does the
# shrinking in many newer nets, and learns how.
#
# ### Exercise: max pooling
#
# Your net will run on this, so let NumPy handle all examples and channels at once. Loop over the windows, or, faster,
# over the elements of the window as in im2col.

# %% nbgrader={"grade_id": "max_pool", "solution": true}
def max_pool_forward(x, pool_param):
    """Max pooling: the largest number of each window, for each example and channel on its own.

    x: (N, C, H, W), left as it is.  pool_param: a dict with "pool_height", "pool_width" and "stride".
    Returns (out, cache): out (N, C, OH, OW), at least as precise as x, and whatever max_pool_backward needs. There is no
    padding.
    Raises ValueError where the windows do not fit.
    Not to be called: course_utils.nn, skimage, torch.
    """
    ### BEGIN SOLUTION: return the largest number of each window; raise ValueError where windows do not fit
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    OH, OW = conv_output_size(x.shape[2], height, stride, 0), conv_output_size(x.shape[3], width, stride, 0)
    out = np.full((*x.shape[:2], OH, OW), -np.inf, dtype=x.dtype)
    for i in range(height):
        for j in range(width):
            out = np.maximum(out, x[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride])
    return out, (x, out, pool_param)
    ### END SOLUTION


# %% nbgrader={"grade_id": "max_pool_2", "solution": true}
def max_pool_backward(dout, cache):
    """The gradient of max pooling.  dout: (N, C, OH, OW), left as it is.  cache: from max_pool_forward.

    Returns dx (N, C, H, W): each number of dout, added to the pixel that was the largest of its window.
    """
    ### BEGIN SOLUTION: add each number of dout to the largest pixel of its window
    x, out, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    (OH, OW), dx = out.shape[2:], np.zeros_like(x, dtype=dout.dtype)
    waiting = np.ones(out.shape, dtype=bool)  # windows whose largest pixel has not been met
    for i in range(height):
        for j in range(width):
            rows, columns = slice(i, i + stride * OH, stride), slice(j, j + stride * OW, stride)
            met = waiting & (x[:, :, rows, columns] == out)
            dx[:, :, rows, columns] += dout * met
            waiting &= ~met
    return dx
    ### END SOLUTION


# %% [markdown] hints="max_pool"
# 1. Forwards, for all examples and channels at once: `x[:, :, top : top + height, left : left + width]` is the window of
#    one place, and its maximum over the last two axes has the shape (N, C). Place (r, t) begins at row r · stride.
# 2. Backwards you have to know again which pixel was the largest: keep `x` (and the output). Comparing the window with
#    its maximum gives a mask.
# 3. A pixel may be the largest of several windows that overlap, so use `+=` on an array of zeros in the shape of `x`.

# %% nbgrader={"grade_id": "max_pool_check", "locked": true}
x = np.array([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]).reshape(1, 1, 4, 4)
out, cache = max_pool_forward(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
check.close(out[0, 0], np.array([[6.0, 8.0], [3.0, 4.0]]), "the largest of each window")
dx = max_pool_backward(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), cache)
check.shape(dx, (1, 1, 4, 4), "dx has the shape of x")
check.close(dx[0, 0, 1], np.array([0.0, 1.0, 0.0, 2.0]), "the second row of dx: to the 6 and to the 8")

# %% nbgrader={"grade_id": "max_pool_tests", "grade": true, "points": 12}
# Graded, 12 points: hidden tests of max_pool run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("max_pool", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Extension: average pooling
#
# Backwards, the mean distributes: each pixel of a window of $k$ pixels gets $1/k$ of the gradient, and where windows
# overlap the shares add up. Pooling over the *whole* map, one number a channel, is called global average pooling; many
# newer nets end with it instead of large dense layers.

# %% nbgrader={"grade_id": "avg_pool", "solution": true}
def avg_pool_forward(x, pool_param):
    """Average pooling: the mean of each window. Arguments, shapes and errors as in max_pool_forward.

    Returns (out, cache), with whatever avg_pool_backward needs in the cache.
    Not to be called: course_utils.nn, skimage, torch.
    """
    ### BEGIN SOLUTION: return the mean of each window; raise ValueError where windows do not fit
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    OH, OW = conv_output_size(x.shape[2], height, stride, 0), conv_output_size(x.shape[3], width, stride, 0)
    parts = [x[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride] for i, j in np.ndindex(height, width)]
    return sum(parts) / len(parts), (x.shape, pool_param)
    ### END SOLUTION


# %% nbgrader={"grade_id": "avg_pool_2", "solution": true}
def avg_pool_backward(dout, cache):
    """The gradient of average pooling.  dout: (N, C, OH, OW), left as it is.  Returns dx in the shape of x."""
    ### BEGIN SOLUTION: share each number of dout equally among the pixels of its window
    shape, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    (OH, OW), dx = dout.shape[2:], np.zeros(shape, dtype=dout.dtype)
    for i, j in np.ndindex(height, width):
        dx[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride] += dout / (height * width)
    return dx
    ### END SOLUTION


# %% [markdown] hints="avg_pool"
# 1. Forwards it is max pooling with another function of the window. The same slices do.
# 2. Backwards no memory of the pixels is needed, only of their shape: every pixel of a window gets the same share.
# 3. The share is dout divided by the number of pixels of the window, height times width, also where windows overlap; use
#    `+=`.

# %% nbgrader={"grade_id": "avg_pool_check", "locked": true}
x = np.array([[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]).reshape(1, 1, 4, 4)
out, cache = avg_pool_forward(x, {"pool_height": 2, "pool_width": 2, "stride": 2})
check.close(out[0, 0], np.array([[3.25, 5.25], [2.0, 2.0]]), "the means of the text")
check.shape(avg_pool_backward(np.ones((1, 1, 2, 2)), cache), (1, 1, 4, 4), "dx has the shape of x")

# %% nbgrader={"grade_id": "avg_pool_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of avg_pool run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("avg_pool", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Extension: batch normalisation of images
#
# Batch normalisation gives each feature mean 0 and deviation 1 over the batch, then a gain and a shift that are learned.
# What is a feature of a block (N, C, H, W)? Not each pixel for itself: a kernel has the same weights everywhere, and to
# keep that, its whole map must be scaled alike. So a **channel** is a feature, and every pixel of every image counts as
# one example of it: mean and variance are taken over $N$, $H$ and $W$, and $\gamma$ and $\beta$ have $C$ entries.
#
# So nothing new has to be derived. Bring the block into the form (N·H·W, C), call the batch normalisation for rows, and
# bring the result back. It is given: `batchnorm_forward(x, gamma, beta, bn_param)` and `batchnorm_backward`.

# %%
from course_utils.nn import batchnorm_backward, batchnorm_forward

# %% nbgrader={"grade_id": "spatial_batchnorm", "solution": true}
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation of images: every channel is a feature, every pixel of every image an example of it.

    x: (N, C, H, W), left as it is.  gamma, beta: (C,).
    bn_param: a dict with "mode" ("train" or "test"), and optionally "eps" (1e-5), "momentum" (0.9), "running_mean" and
    "running_var" (C,), which training renews in place: as in batchnorm_forward, which may be called.
    Returns (out, cache), out in the shape of x.
    Not to be called: nn.spatial_batchnorm_forward, nn.spatial_batchnorm_backward, torch.
    """
    ### BEGIN SOLUTION: bring pixels into rows and channels into columns, normalise, and bring the result back
    N, C, H, W = x.shape
    rows, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
    return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


# %% nbgrader={"grade_id": "spatial_batchnorm_2", "solution": true}
def spatial_batchnorm_backward(dout, cache):
    """The gradients of spatial_batchnorm_forward: (dx, dgamma, dbeta), in the shapes of x, gamma and beta.

    dout: (N, C, H, W), left as it is.  cache: from the forward pass. batchnorm_backward may be called.
    """
    ### BEGIN SOLUTION: bring pixels into rows and channels into columns, take the gradients, and bring dx back
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = batchnorm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
    ### END SOLUTION


# %% [markdown] hints="spatial_batchnorm"
# 1. Rows of (N·H·W, C): channels have to become the *last* axis before you reshape. A reshape alone would mix channels
#    with pixels without complaint.
# 2. Move the axes with `transpose(0, 2, 3, 1)`, then `reshape(-1, C)`. On the way back do the opposite in the opposite
#    order: first reshape to (N, H, W, C), then transpose.
# 3. The backward pass makes the same moves: `dout` into rows, `dx` back into images. `dgamma` and `dbeta` come out in
#    the right shape already.

# %% nbgrader={"grade_id": "spatial_batchnorm_check", "locked": true}
x = np.stack([np.array([[1.0, 3.0], [1.0, 3.0]]), np.array([[10.0, 10.0], [14.0, 14.0]])])[np.newaxis]
out, cache = spatial_batchnorm_forward(x, np.ones(2), np.zeros(2), {"mode": "train"})
check.shape(out, (1, 2, 2, 2), "the shape of x")
check.close(np.abs(out), np.ones((1, 2, 2, 2)), "both channels lie one deviation from their mean", atol=1e-4)
check.shape(spatial_batchnorm_backward(np.ones_like(x), cache)[0], (1, 2, 2, 2), "dx has the shape of x")

# %% nbgrader={"grade_id": "spatial_batchnorm_tests", "grade": true, "points": 0}
# Extension, no points: hidden tests of spatial_batchnorm run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("spatial_batchnorm", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## A network of layers
#
# Most convolutional nets follow one pattern:
#
# $$ \bigl[(\text{conv} - \text{ReLU}) \cdot N - \text{pool?}\bigr] \cdot M - (\text{dense} - \text{ReLU}) \cdot K
#    - \text{softmax}, $$
#
# with $N$ up to about 5 and $K$ from 0 to 2; $M$ is as large as the image and the budget allow. From stage to stage maps
# get smaller and more numerous: less *where*, more *what*. What comes out of the last stage is flattened into a vector,
# and the dense layers at the end are the classifier you know. Newer nets drop what they can of it: pooling in favour of
# strided convolutions, and the dense layers in favour of a global average.
#
# ### Exercise: a three-layer net
#
# One convolution, one hidden dense layer, one for the scores:
#
# $$ \text{conv} - \text{ReLU} - 2 \times 2\ \text{max pool} - \text{affine} - \text{ReLU} - \text{affine} -
#    \text{softmax}. $$
#
# The convolution has stride 1 and is padded so that it keeps the image's size; pooling halves it. `affine_forward`
# flattens each example by itself. Weights begin with He's standard deviation $\sqrt{2/\text{fan\_in}}$, where fan_in is
# the number of inputs of one neuron: for a kernel, all numbers of its window. Biases begin at 0. The penalty is
# $\frac12\,\texttt{reg}\sum W^2$ over the three weight arrays. (CS231n's class of this name takes a `weight_scale`
# instead; the parameters' names are the same.)
#
# Three gaps. In the hidden tests your own convolution and pooling are replaced by ours, so that a slip there does not
# cost you twice.

# %% nbgrader={"grade_id": "ThreeLayerConvNet", "solution": true}
class ThreeLayerConvNet:
    """conv - ReLU - 2 × 2 max pool - affine - ReLU - affine - softmax.

    input_dim: (C, H, W), H and W even.  num_filters: kernels of the convolution, filter_size × filter_size, odd.
    hidden_dim: units of the hidden layer.  reg: strength of the penalty 0.5 * reg * sum(W**2) over W1, W2 and W3.
    rng: a Generator that draws the weights.  dtype: of the parameters.
    params: W1 (num_filters, C, filter_size, filter_size), b1, W2 (num_filters * H/2 * W/2, hidden_dim), b2,
    W3 (hidden_dim, num_classes), b3.
    Not to be called: nn.ConvNet, torch.
    """

    def __init__(self, input_dim=(3, 32, 32), num_filters=8, filter_size=3, hidden_dim=64, num_classes=10, reg=0.0, rng=None, dtype=np.float32):
        self.reg = reg
        self.conv_param = {"stride": 1, "pad": (filter_size - 1) // 2}
        self.pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        rng = np.random.default_rng(0) if rng is None else rng
        C, H, W = input_dim
        self.params = {}
        ### BEGIN SOLUTION: fill params with normal weights of He's standard deviation and biases of zero
        flat = num_filters * (H // 2) * (W // 2)
        weights = ((num_filters, C, filter_size, filter_size), (flat, hidden_dim), (hidden_dim, num_classes))
        fans, units = (C * filter_size**2, flat, hidden_dim), (num_filters, hidden_dim, num_classes)
        for layer, (shape, fan_in, count) in enumerate(zip(weights, fans, units, strict=True), start=1):
            self.params[f"W{layer}"] = np.sqrt(2 / fan_in) * rng.normal(size=shape)
            self.params[f"b{layer}"] = np.zeros(count)
        ### END SOLUTION
        self.params = {name: value.astype(dtype) for name, value in self.params.items()}

    def forward(self, X):
        """X: (N, C, H, W) in the dtype of the parameters.  Returns (scores, caches): (N, num_classes), and whatever the
        backward pass needs.
        """
        ### BEGIN SOLUTION: run the layers in order, keep their caches, and return the scores with them
        p = self.params
        out, conv = conv_forward_fast(X, p["W1"], p["b1"], self.conv_param)
        out, relu1 = relu_forward(out)
        out, pool = max_pool_forward(out, self.pool_param)
        out, affine2 = affine_forward(out, p["W2"], p["b2"])
        out, relu2 = relu_forward(out)
        scores, affine3 = affine_forward(out, p["W3"], p["b3"])
        return scores, (conv, relu1, pool, affine2, relu2, affine3)
        ### END SOLUTION

    def loss(self, X, y=None):
        """Without y the scores (N, num_classes). With labels y (N,): the loss, and its gradients {"W1": ..., ...}.

        The loss is the mean softmax cross-entropy of the batch plus the penalty.
        """
        scores, caches = self.forward(np.asarray(X).astype(self.params["W1"].dtype, copy=False))
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, np.asarray(y))
        grads = {}
        ### BEGIN SOLUTION: fill grads by going backwards through the layers, then add the penalty to loss and gradients
        conv, relu1, pool, affine2, relu2, affine3 = caches
        dout, grads["W3"], grads["b3"] = affine_backward(dscores, affine3)
        dout, grads["W2"], grads["b2"] = affine_backward(relu_backward(dout, relu2), affine2)
        dout = relu_backward(max_pool_backward(dout, pool), relu1)
        _, grads["W1"], grads["b1"] = conv_backward_fast(dout, conv)
        for name in ("W1", "W2", "W3"):
            loss += 0.5 * self.reg * float(np.sum(self.params[name] ** 2))
            grads[name] = grads[name] + self.reg * self.params[name]
        ### END SOLUTION
        return loss, grads

    def predict(self, X):
        """The class with the highest score, for each image: (N,)."""
        return self.loss(X).argmax(axis=1)


# %% [markdown] hints="ThreeLayerConvNet"
# 1. Work out the shapes first: after the convolution (N, F, H, W), after pooling (N, F, H/2, W/2), flattened F·H/2·W/2
#    numbers an image: these are the rows of `W2`. A kernel's fan_in is C · filter_size².
# 2. Forwards, each layer's output is the next one's input, and each returns a cache: keep all six. No ReLU after the
#    last affine layer.
# 3. Backwards, call the layers' backward functions in the opposite order, each with its own cache. `affine_backward`
#    returns its `dx` in the shape it was given, so nothing has to be reshaped for pooling. The penalty's gradient is
#    `reg * W`, for weights only.

# %% nbgrader={"grade_id": "ThreeLayerConvNet_check", "locked": true}
net = ThreeLayerConvNet((3, 8, 8), num_filters=4, filter_size=3, hidden_dim=6, num_classes=5, rng=np.random.default_rng(0))
X_try, y_try = np.random.default_rng(1).normal(size=(7, 3, 8, 8)), np.arange(7) % 5
check.shape(net.loss(X_try), (7, 5), "scores of seven images for five classes")
loss, grads = net.loss(X_try, y_try)
check.equal(sorted(grads), ["W1", "W2", "W3", "b1", "b2", "b3"], "a gradient for each parameter")
for name, value in net.params.items():
    check.shape(grads[name], value.shape, f"the gradient of {name}")

# %% nbgrader={"grade_id": "ThreeLayerConvNet_tests", "grade": true, "points": 14}
# Graded, 14 points: hidden tests of ThreeLayerConvNet run here.
### BEGIN HIDDEN TESTS
from autograder import grade

grade("ThreeLayerConvNet", globals())
### END HIDDEN TESTS

# %% [markdown]
# First the gradients of the whole net, checked by finite differences along random directions in `float64`; then its
# first loss, and a batch of twenty images that it should be able to learn by heart. With He's weights in the last layer
# the first scores are not small, so the first loss lies somewhat above $\log 10 = 2.30$.

# %% tags=["skip-execution"]
net = ThreeLayerConvNet((3, 8, 8), num_filters=4, hidden_dim=6, num_classes=5, reg=0.1, rng=np.random.default_rng(0), dtype=np.float64)
_, grads = net.loss(X_try, y_try)
for name, value in net.params.items():
    def loss(changed, name=name):
        kept, net.params[name] = net.params[name], changed
        result = net.loss(X_try, y_try)[0]
        net.params[name] = kept
        return result
    report = check_gradient(loss, value, grads[name], directions=10, rng=np.random.default_rng(3))
    check.true(report.ok, f"{name}: relative error {report.max_relative_error:.0e}", report.message)

# %% tags=["skip-execution"]
X_train, X_val, X_test = channels_first(data.train_images, data.val_images, data.test_images)
y_train, y_val, y_test = data.train_labels, data.val_labels, data.test_labels
print("images ready for a net:", X_train.shape, X_train.dtype)
net = ThreeLayerConvNet(rng=np.random.default_rng(0))
first_loss, _ = net.loss(X_train[:100], y_train[:100])
solver = nn.Solver(net, X_train[:20], y_train[:20], optim_config={"learning_rate": 0.01}, num_epochs=40, batch_size=20, rng=0)
history = solver.train()
print(f"first loss {first_loss:.2f}; twenty images after 40 steps: loss {history['loss'][-1]:.3f}, accuracy {history['train_accuracy'][-1]:.2f}")
if data.stated_ranges_hold:
    check.between(first_loss, 2.3, 4.0, "the first loss")
    check.between(history["train_accuracy"][-1], 1.0, 1.0, "accuracy on the twenty images")

# %% [markdown]
# `channels_first` made of the pixels what nets like: each channel centred and scaled by the mean and deviation of the
# training images, and the channels moved to the front.
#
# Now train it: 2,000 garments, four epochs, your layers.

# %% tags=["skip-execution"]
net = ThreeLayerConvNet(rng=np.random.default_rng(0))
solver = nn.Solver(net, X_train[:2000], y_train[:2000], X_val[:1000], y_val[:1000], optim_config={"learning_rate": 0.02},
                   schedule=("cosine", {}), num_epochs=4, batch_size=50, rng=0)
history = solver.train()
own_accuracy = history["val_accuracy"][-1]
print(f"validation accuracy of your net after each epoch: {np.round(history['val_accuracy'], 3).tolist()}")
if data.stated_ranges_hold:
    check.between(own_accuracy, 0.65, 0.77, "your net, trained on 2,000 images")
plots.learning_curves(history, title=f"Your own layers learn: {own_accuracy:.0%} of new images after {history.seconds:.0f} s");

# %% [markdown]
# ## What convolution is worth
#
# For larger experiments we take `ConvNet` from `course_utils.nn`: any number of stages of convolution, pooling and ReLU,
# then a hidden layer, with faster layers of the same kind. (It pools before ReLU. The largest of a window stays the
# largest when everything below 0 is raised to 0, so the order makes no difference to the result, and ReLU has a quarter
# of the work.)
#
# The first figure came from a table of five seeds. Here is one seed of its smallest case, live: 1,000 images, eight
# epochs, the same for all.

# %% tags=["skip-execution"]
def trained(net, X, y, rate, epochs=8, seed=0):
    """The net, trained with momentum, batches of 50 and a rate that falls by a cosine."""
    solver = nn.Solver(net, X, y, optim_config={"learning_rate": rate}, schedule=("cosine", {}), num_epochs=epochs,
                       batch_size=50, rng=seed, progress=False)
    solver.train()
    return net


live = {
    "linear": trained(nn.FullyConnectedNet((3072, 10), rng=0), X_train[:1000], y_train[:1000], 0.001),
    "dense": trained(nn.FullyConnectedNet((3072, 100, 10), rng=0), X_train[:1000], y_train[:1000], 0.01),
    "convolution": trained(ConvNet(filters=(16, 32), hidden=64, rng=0), X_train[:1000], y_train[:1000], 0.05),
}
accuracy = {name: each.accuracy(X_test, y_test) for name, each in live.items()}
print({name: round(value, 3) for name, value in accuracy.items()})
if data.stated_ranges_hold:
    check.between(accuracy["linear"], 0.40, 0.52, "linear, 1,000 images")
    check.between(accuracy["dense"], 0.54, 0.63, "dense, 1,000 images")
    check.between(accuracy["convolution"], 0.69, 0.77, "convolution, 1,000 images")
    check.true(accuracy["convolution"] > accuracy["dense"] > accuracy["linear"], "convolution > dense > linear", "the order is another one")
plots.bars(accuracy, ylabel="test accuracy", title="One seed, 1,000 images: convolution > dense > linear" if data.stated_ranges_hold else "One seed: three nets on the same images");

# %% [markdown]
# ### Depth
#
# Is it depth that does it? Dense nets of 0 to 16 hidden layers with ELU, and convolutional nets of one to three stages,
# all on the same 5,000 garments, each stopped when its accuracy on validation images had not risen for four epochs.
# What is drawn is the accuracy on *test* images of the best epoch.

# %% tags=["skip-execution"]
table = load_results("depth_of_nets")
print(table.describe())
dense_depths, dense_scores = table.by_seed("depth", "test_accuracy", where={"kind": "dense"})
conv_depths, conv_scores = table.by_seed("depth", "test_accuracy", where={"kind": "convolution"})
for kind, depths, scores in (("dense", dense_depths, dense_scores), ("convolution", conv_depths, conv_scores)):
    for depth, column in zip(depths, scores.T, strict=True):
        of_this = (table["kind"] == kind) & (table["depth"] == depth)
        print(f"{kind:12s} {int(depth):2d}: {column.mean():.3f} ± {column.std(ddof=1):.3f}, {int(table['parameters'][of_this][0]):7,} parameters")
hidden = dense_scores[:, 1:].mean(axis=0)
check.between(hidden.max() - hidden.min(), 0.0, 0.06, "all that 1 to 16 dense layers differ by")
check.between(conv_scores.mean(axis=0).min() - dense_scores.mean(axis=0).max(), 0.08, 0.2, "the worst convolutional net over the best dense one")
bars = {f"dense\n{int(depth)}": mean for depth, mean in zip(dense_depths, dense_scores.mean(axis=0), strict=True)}
bars |= {f"conv\n{int(depth)}": mean for depth, mean in zip(conv_depths, conv_scores.mean(axis=0), strict=True)}
plots.bars(bars, ylabel="test accuracy", xlabel="hidden layers, or stages",
           title="More dense layers do not help; one stage of convolution does (5,000 garments, mean of 5 seeds)");

# %% [markdown]
# A hidden layer helps a dense net by eleven points. A second one does not, and with sixteen it is two or three points
# worse: what such a net lacks is not depth. One stage of convolution is worth thirteen points at once, with fewer
# parameters. Two stages may be a point better, about as much as two seeds differ, and on 32 × 32 garments a third gains
# nothing. On large photographs it is otherwise: there, fields have to grow, and a hundred layers and more pay off once
# they can be trained at all.
#
# ### What the kernels look like
#
# Kernels of 5 × 5 are large enough to be looked at. What one sees at first is the random start: in so small a training
# as the last one the kernels move by about a third of their own size (the first line printed below). To see what was
# *learned*, this net starts with first kernels ten times smaller, and a little penalty lets go what is not needed. It
# sees 5,000 images six times. (Each picture has a scale of its own: the last kernels, whose weights are smallest, still
# show the coloured noise of the start.)

# %% tags=["skip-execution"]
def net_with_faint_kernels(seed):
    """A net with two stages of 5 × 5 kernels, the first of which begin ten times smaller than by He."""
    net = ConvNet(filters=(16, 32), filter_size=5, hidden=64, reg=0.01, rng=seed)
    net.params["W1"] *= np.float32(0.1)
    return net


start = ConvNet(filters=(16, 32), hidden=64, rng=0).params["W1"]
moved = np.linalg.norm(live["convolution"].params["W1"] - start) / np.linalg.norm(start)
print(f"the kernels of the net trained on 1,000 images moved by {moved:.2f} of their size")
untrained = net_with_faint_kernels(seed=0)
seen = trained(net_with_faint_kernels(seed=0), X_train[:5000], y_train[:5000], 0.03, epochs=6)
print(f"test accuracy {seen.accuracy(X_test, y_test):.3f}")
if data.stated_ranges_hold:
    check.between(moved, 0.2, 0.45, "how far kernels move, for their size")
    check.between(seen.accuracy(X_test, y_test), 0.78, 0.85, "this net on test images")
order = np.argsort(-np.abs(seen.params["W1"]).sum(axis=(1, 2, 3)))
plots.filter_images(seen.params["W1"][order], columns=8, title="Sixteen learned 5 × 5 kernels, largest weights first: contrasts of light and dark, hardly any colour");

# %% tags=["skip-execution"]
def neighbours_agree(W):
    """The correlation of weights side by side or one above the other within a kernel: 0 for independent weights."""
    across, down = np.mean(W[..., 1:] * W[..., :-1]), np.mean(W[..., 1:, :] * W[..., :-1, :])
    return float((across + down) / 2 / np.mean(W**2))


def channels_agree(W):
    """The correlation of the weights of two colour channels at the same place of a kernel."""
    return float(np.corrcoef(W.transpose(1, 0, 2, 3).reshape(3, -1))[np.triu_indices(3, 1)].mean())


for name, W in (("before training", untrained.params["W1"]), ("after", seen.params["W1"])):
    print(f"{name:15s} neighbouring weights: correlation {neighbours_agree(W):5.2f}; colour channels: {channels_agree(W):5.2f}")
if data.stated_ranges_hold:
    check.between(channels_agree(seen.params["W1"]), 0.85, 1.0, "colour channels agree after training")
    check.between(neighbours_agree(seen.params["W1"]), 0.02, 0.4, "neighbouring weights agree a little")
first_of_class = np.unique(y_test, return_index=True)[1]
five = first_of_class[np.array([0, 1, 5, 7, 8]) % len(first_of_class)]
maps = seen.activations(X_test[five])[0]
strongest = np.argsort(-maps.mean(axis=(0, 2, 3)))[:4]
plots.picture_table(
    {"image": [data.test_images[k] for k in five], **{f"kernel {int(f)}": list(maps[:, f]) for f in strongest}},
    [data.class_names[y_test[k]] for k in five],
    title="What the four most active kernels of the first stage answer, after pooling and ReLU",
);

# %% [markdown]
# The kernels are grey: backgrounds and tints of our garments are random, and the net has found out that colour says
# nothing about the class. (On photographs of animals or landscapes half of the kernels are about colour.) Many are a dark
# line beside a light one, upright, level or slanted: edges, as Sobel's, but nobody designed them.
#
# ### A shifted garment
#
# Equivariance is a fact about layers. What is left of it in the answers of a whole net? Train a dense net on the same
# images, and shift the *test* images, by up to eight pixels to the right. (Pixels at the left edge are repeated.)

# %% tags=["skip-execution"]
def shift_right(images, pixels):
    """Images (N, H, W, C) moved to the right; what enters on the left repeats the edge."""
    return np.pad(images, ((0, 0), (0, 0), (pixels, 0), (0, 0)), mode="edge")[:, :, : images.shape[2]]


dense = trained(nn.FullyConnectedNet((3072, 100, 10), rng=0), X_train[:5000], y_train[:5000], 0.01, epochs=6)
pixels = np.arange(0, 9)
under_shift = {"convolution": [], "dense": []}
for shift in pixels:
    _, X_moved = channels_first(data.train_images, shift_right(data.test_images[:1000], shift))
    for name, each in (("convolution", seen), ("dense", dense)):
        under_shift[name].append(each.accuracy(X_moved, y_test[:1000]))
for name, scores in under_shift.items():
    print(f"{name:12s}", np.round(scores, 3))
if data.stated_ranges_hold:
    check.between(under_shift["convolution"][0] - under_shift["convolution"][1], -0.01, 0.06, "what one pixel costs the convolutional net")
    check.between(under_shift["dense"][0] - under_shift["dense"][1], 0.06, 0.16, "what one pixel costs the dense net")
    check.between(under_shift["dense"][2], 0.32, 0.48, "the dense net, two pixels off")
    check.between(under_shift["convolution"][2], 0.6, 0.76, "the convolutional net, two pixels off")
    check.between(under_shift["convolution"][1] - under_shift["convolution"][2], 0.08, 0.2, "what the second pixel costs the convolutional net")
    check.between(max(under_shift["convolution"][4], under_shift["dense"][4]), 0.15, 0.4, "the better of the two, four pixels off")
    check.between(max(under_shift["convolution"][8], under_shift["dense"][8]), 0.08, 0.3, "the better of the two, eight pixels off")
plots.lines(pixels, under_shift, xlabel="pixels by which test images are shifted", ylabel="test accuracy",
            title="A small shift costs the dense net more; a large one ruins both");

# %% [markdown]
# One pixel costs the convolutional net a few points, and the dense net about ten. But at four pixels both have
# lost most of what they could do: a convolutional net is *not* invariant to shifts. Its maps move along, but the dense
# layers at the end have a weight for each place of the last maps, and have learned where things usually are. Two 2 × 2
# poolings absorb most of the first pixel, but not the second, which costs more than ten points; and all our garments
# stand in the middle of their images.
# The remedy is not in the architecture alone: show the net shifted images in training. That is notebook 09.
#
# ### Image search, once more
#
# In notebook 01 pixels were a poor measure of likeness. The convolutional net has another description of an image: the
# 64 numbers of its hidden layer. Search with them: the nearest neighbours of test images among the validation images,
# none of which the net was trained on, by Euclidean distance of pixels and of features.

# %% tags=["skip-execution"]
def nearest(queries, gallery, k=5):
    """For each row of queries the k nearest rows of gallery, nearest first: their numbers (Q, k)."""
    squared = (queries**2).sum(axis=1)[:, np.newaxis] - 2 * queries @ gallery.T + (gallery**2).sum(axis=1)
    return np.argsort(squared, axis=1)[:, :k]


queries, gallery = data.test_images[:500], data.val_images
found = {
    "pixels": nearest(queries.reshape(len(queries), -1) / 255.0, gallery.reshape(len(gallery), -1) / 255.0),
    "features": nearest(seen.features(X_test[:500]), seen.features(X_val)),
}
same = {name: float(np.mean(y_val[rows] == y_test[: len(queries), np.newaxis])) for name, rows in found.items()}
print({f"{name}: share of the five nearest of the query's class": round(value, 3) for name, value in same.items()})
if data.stated_ranges_hold:
    check.between(same["pixels"], 0.36, 0.50, "pixels")
    check.between(same["features"], 0.65, 0.80, "features")
for name, rows in found.items():
    plots.retrieval_page(
        queries[:4], gallery[rows[:4]], y_test[:4], y_val[rows[:4]], data.class_names,
        title=f"By {name}: {same[name]:.0%} of the five nearest are of the query's class",
    )

# %% [markdown]
# Neighbours by pixels share the background's colour and the outline; neighbours by features are the same kind of thing
# in other colours. The net was never asked to search. It was asked to name ten classes, and to do that its hidden layer
# had to put what belongs together close together.

# %% [markdown]
# ## Two questions in your own words
#
# **Question 1 (5 points).** A colleague wants to classify photographs of the night sky by whether a comet is in them,
# and a second one wants to read from a photograph of a chess board which piece stands on each of the 64 squares, the
# camera always in the same place. For each, which of the assumptions of a convolutional net hold, which do not, and what
# would you change in the last layers? About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_when_convolution", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# A comet is a small bright thing with a tail, made of neighbouring pixels, and it looks the same wherever it stands, so
# locality and parameter sharing hold for the first task. The answer should not depend on the place at all, so I would
# end with a global pooling over the last maps (max, since one comet is enough) and not with dense layers that have a
# weight for each place; then photographs of any size will do. For the chess board the detectors can be shared just as
# well: a knight looks like a knight on each square, up to the angle of the camera. But the answer depends on the place:
# pooling everything would throw away what is asked for. I would keep 8 × 8 places in the last maps and put a 1 × 1
# convolution with one score for each kind of piece on them. If perspective makes the squares look very different, locally
# connected layers or a correction of the image beforehand would be worth trying. Shuffling the pixels would destroy both.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: locality and sharing hold for the comet (small, local, the same everywhere).
# - 1 point: the comet's answer is to be invariant to place: global pooling (or many shifted examples).
# - 1 point: pieces look alike on all squares, so sharing helps there, too (or: perspective limits it).
# - 1 point: the chess answer depends on place: keep it (no global pooling; 8 × 8 maps, dense or 1 × 1 layer on top).
# - 1 point: the two are told apart as invariance and equivariance, in these words or others.
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points).** Compare a layer of 7 × 7 kernels with three layers of 3 × 3 kernels between blocks of $C$
# channels, stride 1, padding as needed: receptive field, parameters, multiplications for an image of $H \times W$, memory
# for what the backward pass needs, and what the two can compute. When might you still choose 7 × 7? About six sentences.

# %% [markdown] nbgrader={"grade_id": "question_small_kernels", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# Both see 7 × 7 pixels. One 7 × 7 layer has 49 C² weights (and C biases), three 3 × 3 layers have 27 C² (and 3 C), little
# more than half. Each weight is used at each of the H·W places, so multiplications stand in the same proportion, 49 C² H W
# to 27 C² H W. The three layers have to keep the inputs of all three for the backward pass, three blocks of C·H·W instead
# of one, and the ReLU masks. With ReLU in between, the three layers compute a nonlinear function of the 7 × 7 pixels; and
# without it they would be a single 7 × 7 kernel, but only of a restricted kind. I would take 7 × 7 where there are few
# input channels and a large image, as in the first layer: with 3 channels in and 64 out the first 3 × 3 layer would be
# cheap but the next two, between 64 channels at full size, would not be, and with stride 2 the large kernel shrinks the
# image at once.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point: the same receptive field, 7 × 7.
# - 1 point: 49 C² against 27 C² parameters, and multiplications in the same proportion.
# - 1 point: memory: the small ones keep three inputs (about three times as much).
# - 1 point: more nonlinearities; three linear layers would be one 7 × 7 layer of a restricted kind.
# - 1 point: a sensible case for 7 × 7: first layer with few channels, stride, memory.
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **Height and width mixed up.** Everything works on square images with square kernels, and nowhere else. Test with
#   sizes that all differ.
# - **A kernel turned, or not.** Layers cross-correlate; `scipy.signal.convolve2d` turns.
# - **The stride in the number of places but not in where windows begin**, or in one axis only.
# - **`dx[:, :, pad:-pad, pad:-pad]`** is empty where `pad` is 0.
# - **`=` for `+=` in the backward pass.** Windows overlap; copies of one pixel add up. Without overlap nobody notices.
# - **`dw` at stride 2** made from windows one pixel apart.
# - **The bias added to each product**, so that it counts $C \cdot HH \cdot WW$ times.
# - **A reshape for a transpose.** (N·OH·OW, F) is not (N, F, OH, OW) with other brackets. NumPy will not complain.
# - **Max pooling that starts from 0** and so has a ReLU inside.
# - **Batch statistics over $N$ only**, or over everything. A channel is a feature, a pixel an example.
# - **Receptive fields without the strides** of the layers before.
# - **Channels last where channels come first.** A (N, 32, 32, 3) array read as 32 channels of 32 × 3 pixels gives an error
#   if you are lucky.
# - **Memory.** im2col of 256 images with 64 channels at 32 × 32 and 3 × 3 kernels takes 600 MB in float32. Work in pieces.

# %% [markdown]
# ## Check yourself
#
# 1. 64 × 64 × 3 images, twenty kernels of 7 × 7, stride 3, padding 0. What comes out, and how many parameters are there?
#
# <details><summary>Answer</summary>(64 − 7)/3 + 1 = 20 places each way: 20 × 20 × 20. 20·(7·7·3 + 1) = 2,960
# parameters.</details>
#
# 2. The result of a convolution is the result of the cross-correlation for every image. What is the kernel like?
#
# <details><summary>Answer</summary>It looks the same after a turn by 180°, like the blur, the Laplace kernel, or the
# identity matrix.</details>
#
# 3. Which padding keeps the size for a 4 × 4 kernel at stride 1?
#
# <details><summary>Answer</summary>3/2 at each edge: none that is equal on both sides. That is one reason for odd
# kernels.</details>
#
# 4. What does a 1 × 1 convolution with 16 filters do to a block of 28 × 28 × 64?
#
# <details><summary>Answer</summary>It makes 28 × 28 × 16 of it: at each pixel a dense layer from 64 to 16 numbers, 16·65 =
# 1,040 parameters in all.</details>
#
# 5. Five 3 × 3 layers, the second with stride 2. What is the receptive field?
#
# <details><summary>Answer</summary>3, 5, then with jump 2: 9, 13, 17.</details>
#
# 6. Max pooling 2 × 2 with stride 2, and `dout` is all ones. What is the sum of `dx`? And for average pooling?
#
# <details><summary>Answer</summary>The number of windows, in both: each passes on exactly what it was given.</details>
#
# 7. Why does pooling before ReLU give the same as ReLU before pooling, and does average pooling share this?
#
# <details><summary>Answer</summary>ReLU is increasing, so the largest stays the largest. A mean of rectified numbers is not
# the rectified mean: for −1 and 1 it is 1/2 against 0.</details>
#
# 8. `col2im(im2col(x))` with 2 × 2 windows at stride 2. What is it, and why?
#
# <details><summary>Answer</summary>x itself: each pixel stands in exactly one window.</details>
#
# 9. A feature map of a shifted image is the shifted map. With stride 2, for which shifts does that hold?
#
# <details><summary>Answer</summary>For even ones: then the map moves by half as many places. An odd shift puts the windows on
# other pixels.</details>
#
# 10. How many numbers are normalised by one mean in spatial batch normalisation of a (32, 16, 8, 8) block?
#
# <details><summary>Answer</summary>32·8·8 = 2,048, for each of the 16 channels.</details>
#
# 11. You double height and width of all images. What happens to the parameters of the convolution layers, of the first
#     dense layer, and to the time?
#
# <details><summary>Answer</summary>Convolution keeps its parameters and takes four times as long; the dense layer gets four
# times as many weights, unless a global pooling precedes it.</details>

# %% [markdown]
# ## Where this leads
#
# Notebook 09 shows the net what it cannot know from its architecture: that a mirrored, shifted or tinted garment is the
# same garment. Notebook 10 turns the gradient around, from the weights to the pixels, and finds out how little it takes
# to fool this net. Both train `ConvNet`.
#
# ## Further reading
#
# - K. Fukushima, "Neocognitron", *Biological Cybernetics* 36, 1980: stages of feature detectors and pooling, before
#   backpropagation.
# - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition",
#   *Proceedings of the IEEE* 86, 1998: the convolutional net as we know it.
# - A. Krizhevsky, I. Sutskever and G. Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012.
# - K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015: only
#   3 × 3 kernels.
# - M. Lin, Q. Chen and S. Yan, "Network in network", ICLR 2014: 1 × 1 kernels and global average pooling.
# - J. T. Springenberg, A. Dosovitskiy, T. Brox and M. Riedmiller, "Striving for simplicity: the all convolutional net",
#   ICLR workshop 2015: strides in place of pooling.
# - B. Graham, "Fractional max-pooling", 2014, arXiv:1412.6071.
# - W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the effective receptive field in deep convolutional neural
#   networks", NIPS 2016.
# - K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for document processing", 2006:
#   convolution as a matrix product.
# - V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.
# - S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015, section 3.2 on convolutional layers.
# - Notes of Stanford's course CS231n on convolutional networks, https://cs231n.github.io.
