# ---
# jupyter:
#   course:
#     title: Nearest neighbours
#     builds: a classifier that answers with the most similar picture it has seen, and an image search made of the same parts
#     needs: Python, vectors and matrices; no machine learning
#     minutes: 210
#     budget_seconds: 60
# ---

# %% [markdown]
# # Nearest neighbours
#
# **What you will build.** A program that names what is in a picture by finding the most similar pictures it has seen
# before. It has no parameters and nothing to fit, and it still names more than half of all pictures
# right, among ten kinds of garment, where a guess is right one time in ten. With the same parts you will build an image search.
#
# **What you need.** Python, vectors and matrices. The NumPy you need comes first.
#
# **How long.** Three to four hours. Each exercise is one short function with a check that tells you in words what is
# wrong, and three hints: `course hint l1_distance`, typed in a terminal, shows the first for that exercise, and typed
# again the next. `course check 01` runs all checks at once. A cell that says "Graded" is for the hidden tests, which run
# when your work is graded: leave it as it is. At the end `course pack 01` writes the file to hand in.
#
# **The result.** Each row below starts with a picture the program was asked about. The others are what it found
# among 5,000 pictures by comparing pixels, nearest first. Look at where it is right and, above all, at what its
# mistakes have in common with the query.

# %% tags=["skip-execution"]
from course_utils import plots
from course_utils.data import load_dataset

garments = load_dataset("garments")
asked = [14, 8, 7, 11]
found = [  # rows of the training set: your program will find the same ones
    [5, 4552, 3914, 1040, 1326, 4398],
    [4033, 1181, 3894, 362, 913, 3423],
    [256, 4740, 4089, 2631, 4228, 976],
    [156, 1344, 2626, 4689, 3443, 3177],
]
if not garments.short:  # the short mode has not got these rows
    plots.retrieval_page(
        garments.test_images[asked],
        garments.train_images[found],
        garments.test_labels[asked],
        garments.train_labels[found],
        garments.class_names,
        title="Nearest in pixels: often the same garment, and sometimes only the same background",
    );
# %% [markdown]
# ## NumPy in twenty minutes
#
# Everything in this course is arithmetic on arrays, and NumPy is the language for it. If you use it daily, read only
# the outputs. If not, change the numbers in these cells until nothing surprises you: most hours lost in later
# notebooks are lost to one of the five ideas that follow.

# %%
import numpy as np

from course_utils import check

# %% [markdown]
# **Shape.** An array is a block of numbers of one type, and its shape is the length of each of its axes. Throughout
# the course `X` holds examples in rows: its shape is (N, D), for N examples with D numbers each. `y` holds their N
# integer labels and has shape (N,).

# %% tags=["skip-execution"]
X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
print("shape of X:", X.shape, "  one row:", X[0], "  one column:", X[:, 1])
print("the same six numbers as (3, 2):\n", X.reshape(3, 2), sep="")

# %% [markdown]
# **Axis.** A sum, mean or minimum can run over all entries or along one axis, and the axis you name is the one that
# disappears. Summing a (2, 3) array over `axis=1` leaves shape (2,): one number a row.

# %% tags=["skip-execution"]
print("all:", X.sum(), "  over axis 0:", X.sum(axis=0), "  over axis 1:", X.sum(axis=1))
print("position of the smallest entry in each row:", X.argmin(axis=1))

# %% [markdown]
# **Broadcasting.** When shapes differ, NumPy lines them up from the right, and an axis of length 1 (or a missing one)
# is stretched to fit. So (2, 3) minus (3,) subtracts the same row from both rows. And (2, 1) plus (3,) gives (2, 3),
# every number of the first with every number of the second. Keep this second example in mind: it is the heart of an
# exercise below.

# %% tags=["skip-execution"]
print("X minus a row:\n", X - np.array([1.0, 2.0, 3.0]), sep="")
column, row = np.array([[10], [20]]), np.array([1, 2, 3])
print(f"shapes {column.shape} and {row.shape} give {(column + row).shape}:\n{column + row}")

# %% [markdown]
# Broadcasting never asks whether you meant it. Below, each row was to lose its own sum: 3 the first row, 7 the second.
# But (2, 2) and (2,) line up from the right, so the two sums go to the two columns, and on a square array no error tells
# you. With `keepdims=True` the summed axis stays, with length 1, and lines up as meant.

# %% tags=["skip-execution"]
square = np.array([[1.0, 2.0], [3.0, 4.0]])
print("wrong:\n", square - square.sum(axis=1), "\nright:\n", square - square.sum(axis=1, keepdims=True), sep="")

# %% [markdown]
# **Dtype.** Every entry of an array has the same type. Pixels arrive as `uint8`: whole numbers from 0 to 255 in one byte.
# Arithmetic between `uint8` arrays stays in `uint8` and starts again at 0 after 255. There is no error and no warning.

# %% tags=["skip-execution"]
pixel, other = np.array([10, 200], dtype=np.uint8), np.array([56, 100], dtype=np.uint8)
print("10 − 56 =", (pixel - other)[0], "  200 + 100 =", (pixel + other)[1])
print("as float64:", pixel.astype(np.float64) - other)

# %% [markdown]
# **Views.** A slice is a window onto the same memory, not a copy. Writing through it changes the original, and so does
# `+=` inside a function: the caller's array changes with it. In this course a function leaves its inputs as they were.
# Indexing with a list or a boolean array, on the other hand, makes a copy.

# %% tags=["skip-execution"]
original = np.array([1, 2, 3, 4])
window, picked = original[:2], original[[0, 1]]
window[0] = 99
print("after writing to the slice:", original, "  the picked copy:", picked)

# %% [markdown]
# ## What the computer sees
#
# A picture of 32 by 32 pixels is an array of shape (32, 32, 3): for each pixel the strength of its red, green and blue
# light, from 0 to 255. That is 3,072 numbers. Somewhere in them is a coat.

# %% tags=["skip-execution"]
from course_utils.data import flatten

data = load_dataset()  # garments, unless the environment variable COURSE_DATASET names another set
print(data.name, "·", len(data.train_images), "training images of shape", data.train_images.shape[1:])
print("rows 2–7, columns 8–13, red channel of the first picture:")
print(data.train_images[0, 2:8, 8:14, 0])
plots.image_grid(
    data.train_images[:16],
    titles=[data.class_names[label] for label in data.train_labels[:16]],
    title="Sixteen pictures and the answers we want",
);
# %% [markdown]
# The distance between the numbers and the word is called the **semantic gap**. No line of code follows from a grid of
# numbers to "coat", because almost everything about the numbers can change while the word stays:
#
# - **viewpoint**: move the camera one step and every pixel changes;
# - **lighting**: the same coat at dusk has numbers half as large;
# - **deformation**: cloth folds, cats stretch;
# - **occlusion**: a bag hides half of the coat;
# - **background clutter**: a coat in front of foliage has edges everywhere;
# - **intra-class variation**: coats differ from each other, in cut as in colour.
#
# These pictures are composites: photographs of garments, tinted and placed on random crops of other photographs. So
# lighting, clutter and variation within a class are all present. Here are eight members of one class.

# %% tags=["skip-execution"]
members = np.flatnonzero(data.train_labels == 4)[:8]
plots.image_grid(
    data.train_images[members],
    title=f"One label ({data.class_names[4]}), eight quite different grids of numbers",
);

# %% [markdown]
# ## Let the data decide
#
# One could try to write rules: find edges, find corners, and if two long edges run down to two cuffs, say "trousers".
# People tried for decades. The rules break at the next picture, and each new class needs new ones.
#
# The **data-driven approach** replaces the rules by examples:
#
# 1. collect pictures with their labels;
# 2. let a program learn from them;
# 3. judge it on pictures it has never seen.
#
# So every classifier in this course has two parts: `train(X, y)`, which takes examples and their answers, and
# `predict(X)`, which answers for new examples. The simplest `train` of all remembers everything; the simplest `predict`
# answers with the label of the most similar example it remembers. That is the **nearest neighbour** classifier. All it
# needs is a meaning for "similar".

# %% [markdown]
# ## How far apart are two pictures?
#
# Take two pictures $a$ and $b$ of the same shape, compare them pixel by pixel, and add up the differences. This is the
# **L1 distance**, also called Manhattan distance, because it adds up steps along the axes as one walks the blocks of a
# city:
#
# $$ d_1(a, b) = \sum_{p} |a_p - b_p| $$
#
# where $p$ runs over all entries. The absolute value matters: without it a pixel that is too bright would cancel one
# that is too dark.
#
# A worked number, on two pictures of 4 by 4 grey pixels:
#
# $$
# \begin{pmatrix} 56 & 32 & 10 & 18 \\ 90 & 23 & 128 & 133 \\ 24 & 26 & 178 & 200 \\ 2 & 0 & 255 & 220 \end{pmatrix},\quad
# \begin{pmatrix} 10 & 20 & 24 & 17 \\ 8 & 10 & 89 & 100 \\ 12 & 16 & 178 & 170 \\ 4 & 32 & 233 & 112 \end{pmatrix}
# \quad\longrightarrow\quad
# \begin{pmatrix} 46 & 12 & 14 & 1 \\ 82 & 13 & 39 & 33 \\ 12 & 10 & 0 & 30 \\ 2 & 32 & 22 & 108 \end{pmatrix}
# $$
#
# The rows of differences add up to 73, 167, 52 and 164, together **456**.
#
# ### Exercise: `l1_distance` (8 points)
#
# Mind what the primer says about dtypes: pixels arrive as `uint8`, and 10 and 56 must be 46 apart, not 210.
#
# Where a docstring says *Not to be called*, a call of what it lists would be the whole answer, and a test in which your code
# makes one fails; a library stands for everything in it. What is not listed you may use, here and in every exercise.


# %% nbgrader={"grade_id": "l1_distance", "solution": true}
def l1_distance(a, b):
    """Return the L1 distance between two arrays: the sum of the absolute differences of their entries.

    a, b: arrays of the same shape, of any shape and any real dtype, `uint8` and floats included; neither is changed.
    Returns one number. Raises ValueError when the shapes differ: broadcasting would hide the slip.
    Not to be called: scipy.
    """
    ### BEGIN SOLUTION: refuse different shapes, then add up the absolute differences without wrapping around
    if a.shape != b.shape:
        raise ValueError(f"l1_distance: the shapes differ, {a.shape} and {b.shape}")
    return np.abs(a.astype(np.float64) - b.astype(np.float64)).sum()
    ### END SOLUTION


# %% [markdown] hints="l1_distance"
# 1. There are three things to do in order: compare the two shapes, make the numbers safe to subtract, add up. Only the first needs an `if`.
# 2. A dtype is safe when it can hold negative numbers and fractions. Which one did the primer convert to? Convert both arrays before you subtract: afterwards it is too late.
# 3. After converting with `.astype`, take `np.abs` of the difference and sum over all entries (no axis). For the shapes, compare `a.shape` with `b.shape` and `raise ValueError` with a sentence that names both.

# %% nbgrader={"grade_id": "l1_distance_check", "locked": true}
a = np.array([[56, 32, 10, 18], [90, 23, 128, 133], [24, 26, 178, 200], [2, 0, 255, 220]])
b = np.array([[10, 20, 24, 17], [8, 10, 89, 100], [12, 16, 178, 170], [4, 32, 233, 112]])
check.close(l1_distance(a, b), 456, "the worked number")
check.close(l1_distance(b, a), 456, "the same distance from the other side")
check.close(l1_distance(a, a), 0, "a picture is at distance 0 from itself")

# %% nbgrader={"grade_id": "l1_distance_tests", "grade": true, "points": 8}
# Graded, 8 points: hidden tests of l1_distance run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("l1_distance", globals())
### END HIDDEN TESTS

# %% [markdown]
# The check above used ordinary integers. Try your function on pixels before you go on: the two numbers below must agree.

# %% tags=["skip-execution"]
check.close(
    l1_distance(a.astype(np.uint8), b.astype(np.uint8)), l1_distance(a, b), "pixels give the same distance as integers"
)

# %% [markdown]
# ## A classifier that only remembers
#
# Stretch each picture out into a row of D = 3,072 numbers, so that N pictures make a matrix `X` of shape (N, D). Training
# keeps the N rows $x_1, \dots, x_N$ and their labels $y_1, \dots, y_N$. For a new row $x$ the prediction is
#
# $$ \hat{y}(x) = y_{j^*}, \qquad j^* = \arg\min_{j} d_1(x, x_j), $$
#
# the label of the training row that is nearest.
#
# A worked number with D = 2: remember (0, 0) as class 7 and (10, 2) as class 5, and ask about (3, 1). The distances are
# 3 + 1 = 4 and 7 + 1 = 8, so the answer is 7. Note that the answer is a label, not the position of a row.
#
# ### Exercise: `NearestNeighbor` (14 points)
#
# Two gaps in one small class. Labels come back with the dtype they had: a program given names answers with names.


# %% nbgrader={"grade_id": "NearestNeighbor", "solution": true}
class NearestNeighbor:
    """Answers with the label of the nearest training row in L1 distance.

    Not to be called: scipy, sklearn.
    """

    def train(self, X, y):
        """Remember the training set, and forget any earlier one.

        X: (N, D) numbers of any real dtype, pixels (`uint8`) included.  y: (N,) labels: integers or strings.
        """
        ### BEGIN SOLUTION: remember X and y
        self.X_train = X
        self.y_train = y
        ### END SOLUTION

    def predict(self, X):
        """Return the labels of the training rows nearest to the rows of X.

        X: (M, D), M = 1 included; not changed.  Returns an array (M,) with the dtype of the labels given to `train`.
        When several training rows are equally near, any of their labels will do.
        """
        ### BEGIN SOLUTION: for each row of X find the position of the nearest training row and return the labels found there
        X_train = self.X_train.astype(np.float64)
        nearest = np.empty(len(X), dtype=np.int64)
        for i, row in enumerate(X):
            nearest[i] = np.abs(X_train - row).sum(axis=1).argmin()
        return self.y_train[nearest]
        ### END SOLUTION


# %% [markdown] hints="NearestNeighbor"
# 1. `train` has nothing to compute: store both arrays on `self`. `predict` loops over the rows of X; for one row, find its distance to every remembered row and then the smallest.
# 2. All N distances of one row fit in one line: remembered rows minus the row broadcasts to (N, D); absolute values; sum over the axis that should disappear. Convert the remembered rows to float64 first, as in `l1_distance`.
# 3. `argmin` gives the position of the nearest row. Collect the M positions as integers and index the stored labels with them once: indexing keeps their dtype, whatever it is.

# %% nbgrader={"grade_id": "NearestNeighbor_check", "locked": true}
nn = NearestNeighbor()
nn.train(np.array([[0.0, 0.0], [10.0, 2.0]]), np.array([7, 5]))
check.equal(nn.predict(np.array([[3.0, 1.0], [9.0, 9.0]])), np.array([7, 5]), "the worked number and one more")

# %% nbgrader={"grade_id": "NearestNeighbor_tests", "grade": true, "points": 14}
# Graded, 14 points: hidden tests of NearestNeighbor run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("NearestNeighbor", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Does it work on pictures?
#
# One thousand training pictures and two hundred to classify, none of which it has seen. The share of right answers is
# called the **accuracy**. With ten classes of equal size a guess is right about .10 of the time, so that is the number
# to beat. Expect .33 to .46 here.

# %% tags=["skip-execution"]
X_train, y_train = flatten(data.train_images[:5000]), data.train_labels[:5000]
X_val, y_val = flatten(data.val_images[:1000]), data.val_labels[:1000]
print("training rows", X_train.shape, X_train.dtype, "  validation rows", X_val.shape)

nn = NearestNeighbor()
nn.train(X_train[:1000], y_train[:1000])
l1_accuracy = np.mean(nn.predict(X_val[:200]) == y_val[:200])
print(f"accuracy with 1,000 remembered pictures: {l1_accuracy:.3f}")
if data.stated_ranges_hold:
    check.between(l1_accuracy, 0.33, 0.46, "L1 nearest neighbour on garments")

# %% [markdown]
# ### Training is free, prediction is not
#
# `train` stores two arrays and takes no time, whatever N is. `predict` compares each new picture with all N remembered ones, so
# its cost grows in proportion to N. That is the wrong way round: one trains a program once and can wait for
# it, but one uses it a million times and wants the answer at once. The classifiers from notebook 02 on turn
# this around: slow to train, fast to use.

# %% tags=["skip-execution"]
from time import perf_counter

sizes = [n for n in (1000, 2000, 3000, 4000) if n <= len(X_train)]
train_seconds, predict_seconds = [], []
for n in sizes:
    rounds = []
    for _ in range(3):  # the quickest of three: the others were held up by whatever else the computer was doing
        start = perf_counter()
        nn.train(X_train[:n], y_train[:n])
        trained = perf_counter()
        nn.predict(X_val[:10])
        rounds.append((trained - start, perf_counter() - trained))
    train_seconds.append(min(train for train, _ in rounds))
    predict_seconds.append(min(predict for _, predict in rounds))
plots.scaling_curve(
    sizes,
    {"predict 10 pictures": predict_seconds, "train": train_seconds},
    xlabel="training pictures N",
    title="Prediction grows with N; training costs nothing",
);
# %% [markdown]
# ## Another meaning of near
#
# The L1 distance is a choice. A second one is the ordinary straight-line distance, the **L2** or **Euclidean** distance:
#
# $$ d_2(a, b) = \sqrt{\sum_{p} (a_p - b_p)^2} $$
#
# Both are zero only for equal pictures, but they weigh differences differently. Squaring makes large differences count
# more: one pixel that is off by 100 is as far in L1 as a hundred pixels off by 1, but in L2 it is ten times as far (100
# against $\sqrt{100 \cdot 1^2} = 10$). L2 also stays the same when the axes are rotated, and L1 does not: it is tied to
# the meaning of each single coordinate. The figure shows the points at distance 1 from the centre, for both.

# %% tags=["skip-execution"]
angles = np.linspace(0, 2 * np.pi, 400)
circle = np.stack([np.cos(angles), np.sin(angles)])
plots.closed_curves(
    {"L1: |x| + |y| = 1": circle / np.abs(circle).sum(axis=0), "L2: x² + y² = 1": circle},
    title="All points at distance 1: a tilted square for L1, a circle for L2",
);

# %% [markdown]
# Which distance is better cannot be derived. It is a **hyperparameter**: a choice that is not learned from the training
# set but made before it. Later you will see how to make such choices by measuring. From here on we use L2, because it
# can be computed quickly, as the next three exercises will show.
#
# ## All distances at once: two loops
#
# To classify the N rows of `X` we need their distances to all M rows of `X_train`: a matrix `dists` of shape (N, M) whose entry $(i, j)$ is
# the distance from row $i$ of `X` to row $j$ of `X_train`. (Mind the letters: from here on N counts the queries and M the training rows.) You will compute it three times: slowly and obviously right,
# then faster, then fast. The slow one is not wasted: it is what the fast ones are tested against, and one keeps working that
# way with every network later on.
#
# A worked number: from (0, 0) to (3, 4) the distance is $\sqrt{9 + 16} = 5$.
#
# ### Exercise: `distances_two_loops` (10 points)


# %% nbgrader={"grade_id": "distances_two_loops", "solution": true}
def distances_two_loops(X, X_train):
    """Return the Euclidean distance between every row of X and every row of X_train, with one loop for each.

    X: (N, D), X_train: (M, D), real numbers of any dtype, `uint8` included; N and M may differ and may be 1.
    Returns (N, M) float64; entry (i, j) belongs to row i of X and row j of X_train. The inputs are not changed.
    `np.linalg.norm` is allowed.
    Not to be called: scipy, sklearn.
    """
    dists = np.zeros((len(X), len(X_train)))
    ### BEGIN SOLUTION: loop over both sets of rows and fill dists[i, j] with the Euclidean distance
    for i in range(len(X)):
        for j in range(len(X_train)):
            difference = X[i].astype(np.float64) - X_train[j]
            dists[i, j] = np.sqrt(np.sum(difference**2))
    ### END SOLUTION
    return dists


# %% [markdown] hints="distances_two_loops"
# 1. The outer loop runs over the rows of X, the inner one over the rows of X_train, and each step fills one entry of `dists`.
# 2. Inside the loops you have two vectors of length D. Subtract them (in float64: think of pixels), square, sum to one number, and take the root.
# 3. The body is two lines: the difference of `X[i]`, converted with `.astype(np.float64)`, and `X_train[j]`; then the root of the sum of its squares, or `np.linalg.norm` of it, stored at `[i, j]`.

# %% nbgrader={"grade_id": "distances_two_loops_check", "locked": true}
corners = np.array([[0.0, 0.0], [3.0, 4.0]])
check.close(distances_two_loops(corners, corners), [[0.0, 5.0], [5.0, 0.0]], "the 3-4-5 triangle")

# %% nbgrader={"grade_id": "distances_two_loops_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of distances_two_loops run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("distances_two_loops", globals())
### END HIDDEN TESTS

# %% [markdown]
# The distances of twenty pictures to forty others, as a picture. Every row is one query; a dark entry is a near
# neighbour. Columns that are light all the way down are training pictures far from everything, such as very bright or
# very dark ones; rows that are light all the way across are such queries.

# %% tags=["skip-execution"]
plots.heatmap(
    distances_two_loops(X_val[:20], X_train[:40]),
    xlabel="training picture j",
    ylabel="query i",
    title="Some pictures are far from everything",
    label="L2 distance",
);

# %% [markdown]
# ## One loop
#
# A Python loop pays for every turn, and two nested ones make N · M turns. Broadcasting does the inner loop inside NumPy:
# `X_train` has shape (M, D) and one row of `X` has shape (D,), so their difference has shape (M, D) at once, and the sum
# over the right axis leaves M distances: a whole row of the answer.
#
# A worked number: row (1, 1) against training rows (1, 1), (4, 5) and (1, 3). The differences are (0, 0), (−3, −4), (0, −2);
# squared and summed along each row they are 0, 25, 4; the distances are 0, 5, 2.
#
# ### Exercise: `distances_one_loop` (10 points)


# %% nbgrader={"grade_id": "distances_one_loop", "solution": true}
def distances_one_loop(X, X_train):
    """Return the Euclidean distance between every row of X and every row of X_train, looping over the rows of X only.

    X: (N, D), X_train: (M, D), real numbers of any dtype, `uint8` included; N and M may differ and may be 1.
    Returns (N, M) float64; entry (i, j) belongs to row i of X and row j of X_train. The inputs are not changed.
    `np.linalg.norm` is allowed.
    Tested: with few rows in X and many in X_train the function must not take a turn in Python for each pair.
    Not to be called: scipy, sklearn, distances_two_loops.
    """
    dists = np.zeros((len(X), len(X_train)))
    ### BEGIN SOLUTION: loop over the rows of X and fill a whole row of dists at a time
    X_train = X_train.astype(np.float64)
    for i, row in enumerate(X):
        dists[i] = np.sqrt(((X_train - row) ** 2).sum(axis=1))
    ### END SOLUTION
    return dists


# %% [markdown] hints="distances_one_loop"
# 1. Write the shapes beside each step: training rows (M, D), one row of X (D,), their difference, its squares, the sum. The result of one turn has shape (M,).
# 2. Name the axis of the sum: the one of length D has to disappear. On square examples the wrong axis gives no error, so try your function with M and D different.
# 3. One turn is: training rows in float64 minus the row; square; sum over the axis of length D; root; store in `dists[i]`. `np.linalg.norm` with its `axis` argument does the last three.

# %% nbgrader={"grade_id": "distances_one_loop_check", "locked": true}
row = np.array([[1.0, 1.0]])
check.close(
    distances_one_loop(row, np.array([[1.0, 1.0], [4.0, 5.0], [1.0, 3.0]])), [[0.0, 5.0, 2.0]], "the worked number"
)

# %% nbgrader={"grade_id": "distances_one_loop_tests", "grade": true, "points": 10}
# Graded, 10 points: hidden tests of distances_one_loop run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("distances_one_loop", globals())
### END HIDDEN TESTS

# %% [markdown]
# ## No loop
#
# Could broadcasting remove the last loop too? Yes: give `X` the shape (N, 1, D) and `X_train` the shape (1, M, D), and the
# difference has shape (N, M, D). But look at its size. For 1,000 queries, 5,000 training pictures and D = 3,072 it holds
# 15 billion numbers, 123 gigabytes. The answer itself has 5 million numbers, 40 megabytes.
#
# Algebra is kinder. Expand the square for a row $x$ and a training row $z$:
#
# $$ \lVert x - z \rVert^2 = \sum_p (x_p - z_p)^2 = \sum_p x_p^2 - 2 \sum_p x_p z_p + \sum_p z_p^2
#    = \lVert x \rVert^2 - 2\, x \cdot z + \lVert z \rVert^2 $$
#
# The first term depends on the query only: N numbers. The last depends on the training row only: M numbers. And the
# products $x \cdot z$ for all pairs are the entries of a single **matrix product** of `X`, (N, D), with the transpose of
# `X_train`, (D, M): in NumPy, `A @ B` is the matrix product and `A.T` the transpose. Matrix products are the operation that computers do best; the same trick carries every network in this
# course.
#
# A worked number: $x = (1, 2)$ and $z = (4, 6)$ have $\lVert x \rVert^2 = 5$, $\lVert z \rVert^2 = 52$ and
# $x \cdot z = 16$, so the squared distance is $5 - 32 + 52 = 25$ and the distance is 5, as $\sqrt{3^2 + 4^2}$ says too.

# %% [markdown]
# ### A root of a negative number
#
# The expansion has one weakness. For two equal rows the answer should be exactly 0, but it comes out as the difference of
# large numbers that were rounded separately: a matrix product and a sum do not round in the same way. Here are the same
# squared norms computed in both ways, for five rows.

# %% tags=["skip-execution"]
rows = 100 * np.random.default_rng(0).normal(size=(5, 500))
by_sum, by_product = (rows**2).sum(axis=1), np.diag(rows @ rows.T)
print("squared norms:", by_sum.round(1))
print("difference of the two computations:", by_sum - by_product)

# %% [markdown]
# Differences in the last digits of large numbers, of either sign (which sign in which row depends on
# the machine). Where the sign is negative the root would be `nan`, "not a
# number", and a `nan` in a row of distances spoils every comparison with it. A squared distance cannot be negative, so
# whatever is below 0 is rounding error: raise it to 0 before taking the root. That is called **clipping**. A distance that should be 0 may then come
# out as something tiny, such as 1e-5; the tests allow 1e-4.
#
# ### Exercise: `distances_no_loops` (18 points)


# %% nbgrader={"grade_id": "distances_no_loops", "solution": true}
def distances_no_loops(X, X_train):
    """Return the Euclidean distance between every row of X and every row of X_train, without loops.

    X: (N, D), X_train: (M, D), real numbers of any dtype, `uint8` included; N and M may differ and may be 1.
    Returns (N, M) float64, computed in float64 whatever comes in, never nan for finite input.
    The inputs are not changed.
    Memory: a few arrays of the size of X, X_train and the result, and nothing of shape (N, M, D).
    `np.linalg.norm` is allowed.
    Tested: memory, and that no turn in Python is taken for each row or each pair.
    Not to be called: scipy, sklearn, distances_two_loops, distances_one_loop.
    """
    ### BEGIN SOLUTION: expand the square, use one matrix product for all pairs, clip negatives at 0, take the root
    X, X_train = X.astype(np.float64), X_train.astype(np.float64)
    squared = -2.0 * (X @ X_train.T)
    squared += (X**2).sum(axis=1, keepdims=True)
    squared += (X_train**2).sum(axis=1)
    return np.sqrt(np.maximum(squared, 0.0))
    ### END SOLUTION


# %% [markdown] hints="distances_no_loops"
# 1. You need three arrays: the squared norms of the rows of X, those of X_train, and all products of pairs. Write down their shapes, (N,), (M,) and (N, M), before any code.
# 2. To add N numbers down the rows of an (N, M) array, they need shape (N, 1): `keepdims=True`, or indexing with `None`. The M numbers broadcast as they are. Convert both inputs to float64 first: a matrix product of `uint8` wraps around too.
# 3. Three terms: the column of norms, minus twice the matrix product of X with the transpose of X_train, plus the row of norms. Then `np.maximum` with 0, then the root, in this order.

# %% nbgrader={"grade_id": "distances_no_loops_check", "locked": true}
check.close(distances_no_loops(np.array([[1.0, 2.0]]), np.array([[4.0, 6.0]])), [[5.0]], "the worked number", atol=1e-4)
check.close(
    distances_no_loops(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 4.0]])),
    [[0.0, 5.0], [5.0, 0.0]],
    "the 3-4-5 triangle",
    atol=1e-4,
)

# %% nbgrader={"grade_id": "distances_no_loops_tests", "grade": true, "points": 18}
# Graded, 18 points: hidden tests of distances_no_loops run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("distances_no_loops", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Three ways, one answer, three speeds
#
# First the comparison that matters most, on real pixels: all three must agree. Then the clock. Note the scale of the axis:
# each labelled mark is ten times the one before.

# %% tags=["skip-execution"]
queries, remembered = X_val[:100], X_train[:500]
seconds, answers = {}, {}
for label, function in {
    "two loops": distances_two_loops,
    "one loop": distances_one_loop,
    "no loops": distances_no_loops,
}.items():
    start = perf_counter()
    answers[label] = function(queries, remembered)
    seconds[label] = perf_counter() - start
check.close(answers["one loop"], answers["two loops"], "one loop agrees with two", atol=1e-4)
check.close(answers["no loops"], answers["two loops"], "no loops agree with two", atol=1e-4)
plots.timing_bars(seconds, title="The same 50,000 distances: one matrix product beats both loops");

# %% [markdown]
# On most machines the matrix product is ten times faster than two loops, or more, and the gap grows with N and M. How much one
# loop gains depends on D: with D = 3,072 each turn of the inner loop already does a fair amount of work, and one loop spends its time on
# large temporary arrays. With short rows (try `X_val[:100, :10]`) what counts is the number of turns, and two loops fall far behind.

# %% [markdown]
# ## Ask more than one neighbour
#
# The single nearest picture may be a fluke: a wrong label, or a dress on just the same piece of sky. So ask the $k$
# nearest and let them vote. With $N_k(x)$ for the positions of the $k$ nearest training rows,
#
# $$ \hat{y}(x) = \arg\max_{c} \; \#\{\, j \in N_k(x) : y_j = c \,\}, $$
#
# the label with most votes. If several labels share the first place, some rule must decide; ours is **the smallest
# label**, because it gives the same answer on every machine.
#
# A worked example: the five training rows have labels (3, 2, 2, 8, 5), and one query is at distances (.9, .4, .7, .1, .5)
# from them. From near to far the labels are 8, 2, 5, 2, 3.
#
# | k | votes, near to far | answer |
# |---|---|---|
# | 1 | 8 | 8 |
# | 2 | 8, 2 | 2 (tie, the smaller label) |
# | 3 | 8, 2, 5 | 2 (tie of three) |
# | 4 | 8, 2, 5, 2 | 2 (two votes) |
# | 5 | 8, 2, 5, 2, 3 | 2 (two votes) |
#
# Two NumPy functions do most of the work. `np.argsort` returns positions in the order in which they would be sorted, and `np.unique` returns the
# different values of an array in ascending order, on request with how often each occurs.

# %% tags=["skip-execution"]
print("argsort:", np.argsort(np.array([0.9, 0.4, 0.7, 0.1, 0.5])))
values, counts = np.unique(np.array([8, 2, 5, 2]), return_counts=True)
print("values:", values, "  counts:", counts)

# %% [markdown]
# ### Exercise: `predict_labels` (14 points)


# %% nbgrader={"grade_id": "predict_labels", "solution": true}
def predict_labels(dists, y_train, k=1):
    """Return for each row of distances the label with most votes among the k nearest; ties go to the smallest label.

    dists: (N, M) distances from N queries to M training rows; not changed.
    y_train: (M,) integer labels of the training rows; they need not start at 0 and may be negative.
    k: number of neighbours that vote, 1 <= k <= M. Of rows equally far at the k-th place, any may vote.
    Returns (N,) labels with the dtype of y_train.
    Not to be called: sklearn.
    """
    ### BEGIN SOLUTION: find the k nearest of each row, count the votes for each label, and take the smallest of the most frequent
    nearest = np.argsort(dists, axis=1)[:, :k]
    predictions = np.empty(len(dists), dtype=y_train.dtype)
    for i, votes in enumerate(y_train[nearest]):
        labels, counts = np.unique(votes, return_counts=True)
        predictions[i] = labels[counts.argmax()]
    return predictions
    ### END SOLUTION


# %% [markdown] hints="predict_labels"
# 1. Two steps: which k training rows are nearest (positions), and which label occurs most among theirs. A loop over the N rows is fine.
# 2. `np.argsort` sorts positions by distance; the first k of each row are the voters, and indexing y_train with them gives the votes. `np.unique` with `return_counts=True` counts labels of any value; `np.bincount` only works for labels from 0 up.
# 3. `np.unique` returns the labels in ascending order, and `argmax` returns the first of several equal maxima. Together they already apply the rule for ties.

# %% nbgrader={"grade_id": "predict_labels_check", "locked": true}
worked_distances = np.array([[0.9, 0.4, 0.7, 0.1, 0.5]])
worked_labels = np.array([3, 2, 2, 8, 5])
check.equal(predict_labels(worked_distances, worked_labels), np.array([8]), "one neighbour (k is 1 unless given)")
check.equal(predict_labels(worked_distances, worked_labels, k=4), np.array([2]), "four neighbours, two votes for 2")

# %% nbgrader={"grade_id": "predict_labels_tests", "grade": true, "points": 14}
# Graded, 14 points: hidden tests of predict_labels run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("predict_labels", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### What k does to the boundary
#
# With two numbers an example instead of 3,072, one can see the whole classifier: colour each point of the plane by the
# answer it would get. Three made-up classes overlap a little, and a few points carry the label of another class, as happens
# in real data.

# %% tags=["skip-execution"]
import matplotlib.pyplot as plt

rng = np.random.default_rng(4)
centres = np.array([[0.0, 0.0], [2.2, 0.4], [1.0, 2.0]])
points_labels = np.repeat([0, 1, 2], 40)
points = centres[points_labels] + 0.65 * rng.normal(size=(120, 2))
points_labels[rng.choice(120, size=6, replace=False)] = rng.integers(0, 3, size=6)

figure, axes = plt.subplots(1, 3, figsize=(13, 4.2))
for k, ax in zip((1, 5, 25), axes, strict=True):

    def answer(places, k=k):
        return predict_labels(distances_no_loops(places, points), points_labels, k)

    plots.decision_boundary(answer, points, points_labels, ax=ax, title=f"k = {k}")
figure.suptitle("More votes, smoother boundary: islands around single points disappear")
figure.tight_layout()

# %% [markdown]
# With k = 1 every training point owns the region around it, so each stray point is an island on which the answer is very
# likely wrong. With more votes the islands go and the boundary turns smooth. With too many it forgets detail, and when
# all training rows vote every query gets the same answer, the most frequent label. So k should be neither small nor large, and nothing
# so far says how large.

# %% [markdown]
# ### Ten queries and their neighbours

# %% tags=["skip-execution"]
ten = distances_no_loops(X_val[:10], X_train)
nearest_five = np.argsort(ten, axis=1)[:, :5]
plots.retrieval_page(
    data.val_images[:10],
    data.train_images[nearest_five],
    y_val[:10],
    y_train[nearest_five],
    data.class_names,
    distances=np.take_along_axis(ten, nearest_five, axis=1),
    title=f"Ten queries, their five nearest of {len(X_train):,}, and the distances",
);
# %% [markdown]
# Read a few rows. Where the neighbours are of another class, they are of similar shape (a coat and a pullover) or, as
# often, only of similar brightness in the same places: a dark picture finds dark ones, a grey wall finds grey walls, whatever hangs
# before them. To a sum over pixels a large patch of wall counts as much as a large patch of coat.

# %% [markdown]
# ### L1 or L2?
#
# You now have both distances, and can let the data judge: one neighbour, the same 1,000 training pictures and the same
# 200 new ones as before.

# %% tags=["skip-execution"]
l2_accuracy = np.mean(predict_labels(distances_no_loops(X_val[:200], X_train[:1000]), y_train[:1000]) == y_val[:200])
plots.bars({"L1": l1_accuracy, "L2": l2_accuracy}, ylabel="accuracy", title="L1 against L2 on 200 pictures: better, or lucky?")
if data.stated_ranges_hold:
    check.between(l2_accuracy, 0.35, 0.48, "L2 nearest neighbour on garments")
    check.between(l2_accuracy - l1_accuracy, -0.07, 0.09, "L2 against L1")

# %% [markdown]
# Expect .35 to .48 for L2, within a few points of L1. Is the one that came out ahead the better one? On 200 pictures, a single picture
# is half a point, and with another 200 the order may change: this figure cannot tell. The section after next says how large
# luck is. Twenty times as many answers can tell: with four different sets of 1,000 training pictures, each asked about
# 1,000 new ones, L2 came out ahead every time, with .43 against .39 on average. So the difference is real, and smaller
# than one might have thought.

# %% [markdown]
# ### A perfect score that means nothing
#
# How accurate is the classifier on the pictures it remembers? Think before you run the cell: with k = 1, what is
# the nearest neighbour of a training picture, and at what distance?

# %% tags=["skip-execution"]
among_themselves = distances_no_loops(X_train[:2000], X_train[:2000])
to_new = distances_no_loops(X_val, X_train[:2000])
accuracy_on = {}
for k in (1, 5):
    accuracy_on[f"k = {k} training"] = np.mean(predict_labels(among_themselves, y_train[:2000], k) == y_train[:2000])
    accuracy_on[f"k = {k} validation"] = np.mean(predict_labels(to_new, y_train[:2000], k) == y_val)
plots.bars(accuracy_on, ylabel="accuracy", title="k = 1 is perfect on what it remembers and no better on new pictures")
if data.stated_ranges_hold:
    check.between(accuracy_on["k = 1 training"], 0.999, 1.0, "k = 1 on its own training set")
    check.between(accuracy_on["k = 5 training"], 0.60, 0.71, "k = 5 on its own training set")
    check.between(accuracy_on["k = 1 validation"], 0.42, 0.54, "k = 1 on new pictures")
    check.between(accuracy_on["k = 5 validation"], 0.42, 0.54, "k = 5 on new pictures")

# %% [markdown]
# With k = 1 each training picture finds itself at distance 0, so the accuracy on the training set is 1.00 (unless two equal
# pictures carry different labels). With k = 5 the picture itself has one vote in five and is often outvoted: .60 to
# .71 here. Yet on new pictures, those we call validation pictures, the two are about equal, .42 to .54. Accuracy on the training set says
# nothing about what we want to know, and choosing k by it would always choose 1.

# %% [markdown]
# ## Choosing k, and not fooling yourself
#
# Three ways to choose k, or any other hyperparameter:
#
# **On the training set.** You have just seen it: k = 1 always wins. A bad idea.
#
# **On the test set.** Try many values and keep the one with the best test accuracy. A worse idea, because it looks like a good
# one. The measured accuracy of each k is its true accuracy plus luck, and picking the largest picks good luck along with
# a good k. The test set stands for all the pictures the program will meet after you are done. Once a choice depends on it, it does not
# stand for them any more, and the number you report is too high.
#
# **On a validation set.** Set part of the training data aside, choose by the accuracy on it, and use the test set **once**, at the very end, to report a number. This is
# what everybody does.
#
# How large is luck? If each of n pictures is right with probability p, the measured accuracy scatters around p with
# standard deviation $\sqrt{p(1-p)/n}$. For p = .5 and n = 1,000 that is .016: values of k whose accuracies differ by one point
# can hardly be told apart.

# %% [markdown]
# ### Cross-validation
#
# When data are scarce, one validation set is small and its luck is large. **Cross-validation** lets every example take a
# turn. Cut the training set into F parts, called **folds**. For each fold: train on the other F − 1, measure
# the accuracy on this one. That gives F accuracies for each k. Their mean is a better estimate than any one of them, and their spread shows
# how far to trust it.
#
# | | fold 1 | fold 2 | fold 3 |
# |---|---|---|---|
# | first turn | **validate** | train | train |
# | second turn | train | **validate** | train |
# | third turn | train | train | **validate** |
#
# If N is not divisible by F the folds cannot be equal, but every example must still be in exactly one. `np.array_split` does
# that: it cuts 11 rows into 3 parts of 4, 4 and 3, in the given order. (Cutting in the given order assumes that the order is
# random. The pictures of our data sets have been shuffled; a file sorted by class has to be shuffled first.)
#
# A worked example with one number an example, two folds and k = 1: the rows 0, 1, 5, 6 have labels 0, 0, 1, 0. The folds are
# (0, 1) and (5, 6). First turn: train on 5 and 6. The row 0 is nearest to 5, label 1, wrong; so is the row 1. Accuracy 0. Second turn: train on 0 and 1,
# both of label 0. The row 5 is answered 0, wrong; the row 6 is answered 0, right. Accuracy .5. The result is `{1: [0.0, 0.5]}`.
#
# ### Exercise: `cross_validate` (16 points)
#
# Use the functions you have written. The distances of a turn do not depend on k, so compute them once a turn.


# %% nbgrader={"grade_id": "cross_validate", "solution": true}
def cross_validate(X, y, ks, num_folds=5):
    """Return the accuracies of the k-nearest-neighbour classifier (Euclidean distance) in cross-validation.

    X: (N, D) examples; y: (N,) integer labels; neither is changed.
    ks: the values of k to try; num_folds: number of folds, 2 <= num_folds <= N.
    The folds are those of `np.array_split` in the given order: nothing is shuffled, and every example is
    used, also when N is not divisible by num_folds. Votes and ties as in `predict_labels`.
    Returns a dict {k: [accuracy on fold 0, accuracy on fold 1, ...]}, for each k num_folds numbers from 0 to 1.
    Not to be called: sklearn.
    """
    ### BEGIN SOLUTION: let each fold take a turn as validation set and append its accuracy to the list of each k
    X_folds, y_folds = np.array_split(X, num_folds), np.array_split(y, num_folds)
    accuracies = {k: [] for k in ks}
    for turn in range(num_folds):
        X_rest = np.concatenate(X_folds[:turn] + X_folds[turn + 1 :])
        y_rest = np.concatenate(y_folds[:turn] + y_folds[turn + 1 :])
        dists = distances_no_loops(X_folds[turn], X_rest)
        for k in ks:
            right = predict_labels(dists, y_rest, k) == y_folds[turn]
            accuracies[k].append(float(right.mean()))
    return accuracies
    ### END SOLUTION


# %% [markdown] hints="cross_validate"
# 1. Cut X and y into lists of folds with `np.array_split` and make a dict with an empty list for each k. Then one loop over the turns with a loop over the ks inside it.
# 2. In a turn, the validation set is one fold and the training set is all the others put together again. Lists can be added: the folds before it plus the folds after it, then `np.concatenate`. Do the same to y.
# 3. In each turn compute one distance matrix, validation rows against training rows, with `distances_no_loops`. Then for each k: `predict_labels` with the training labels and this k, compare with the labels of the fold, and append the mean to the list of k.

# %% nbgrader={"grade_id": "cross_validate_check", "locked": true}
accuracies = cross_validate(np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 0]), ks=[1], num_folds=2)
check.true(isinstance(accuracies, dict), "a dict comes back", "a dict {k: [accuracy on each fold]} belongs here")
check.equal(list(accuracies), [1], "one entry for each k")
check.close(accuracies[1], [0.0, 0.5], "the worked example")

# %% nbgrader={"grade_id": "cross_validate_tests", "grade": true, "points": 16}
# Graded, 16 points: hidden tests of cross_validate run here.
### BEGIN HIDDEN TESTS
from autograder import grade
grade("cross_validate", globals())
### END HIDDEN TESTS

# %% [markdown]
# ### Picking k
#
# Five folds of 5,000 training pictures, eight values of k. Each dot is the accuracy on one fold, the line joins the means, and the
# bars show one standard deviation. Look at the height of the bars before you look at the differences between the means.

# %% tags=["skip-execution"]
ks = [1, 3, 5, 9, 15, 25, 50, 100]
accuracies = cross_validate(X_train, y_train, ks)
plots.error_bars_curve(
    accuracies,
    xlabel="k, number of neighbours that vote",
    ylabel="accuracy in cross-validation",
    title="A broad hill: too few votes are noisy, too many are blind",
)
means = {k: float(np.mean(values)) for k, values in accuracies.items()}
best_k = max(means, key=means.get)
print("means:", {k: round(mean, 3) for k, mean in means.items()}, "  best k:", best_k)
if data.stated_ranges_hold:
    check.between(best_k, 9, 50, "the best k")
    check.between(means[best_k], 0.50, 0.56, "its accuracy in cross-validation")

# %% [markdown]
# Two things to see. First the dip at k = 3, below k = 1. It is no accident but the rule for ties: in about three of ten
# queries the three neighbours have three different labels, and then the smallest label is the answer, where the label of the nearest would be a
# better guess (with that rule k = 3 gains about two points). With more votes ties grow rarer.
#
# Second, the hill is broad: from about 9 to 50 neighbours the differences are smaller than the scatter, and another sample of
# pictures could well pick another k from that range (expect a best k between 9 and 50). That is common, and good news: where
# the choice hardly matters there is little to get wrong.
#
# Now, and only now, the test set, once, with the k just picked. Expect .50 to .57.

# %% tags=["skip-execution"]
X_test, y_test = flatten(data.test_images), data.test_labels
final_answers = predict_labels(distances_no_loops(X_test, X_train), y_train, best_k)
test_accuracy = float(np.mean(final_answers == y_test))
print(f"test accuracy with k = {best_k}: {test_accuracy:.3f}")
if data.stated_ranges_hold:
    check.between(test_accuracy, 0.50, 0.57, "test accuracy")
plots.confusion_matrix(
    y_test, final_answers, data.class_names, title="Tops are taken for other tops, shoes for other shoes, and a bit of everything for T-shirts"
);

# %% [markdown]
# More than five times as good as guessing, from a program that has learned nothing but its data by heart. The table shows
# where it goes wrong: a row is a true class, a column an answer. For comparison, on the same pictures a linear classifier (notebook 02) is right on about .56, a network
# with one hidden layer (04) on .68, a small convolutional network (08) on .81.

# %% [markdown]
# ## Why pixel distance fails
#
# Take one picture and change it in three ways that leave no doubt about what it shows: shift it two pixels to the side
# (the columns pushed out on the right come back on the left), shade it from one side, tint it.
# The strength of the shade and of the tint is found by bisection so that all three copies
# are at the same L2 distance from the original.


# %% tags=["skip-execution"]
def l2(a, b):
    return float(np.sqrt(((a.astype(np.float64) - b) ** 2).sum()))


def to_pixels(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def shade(strength):
    falloff = np.linspace(0, 1, 32)[None, :, None]
    return to_pixels(picture * (1 - strength * falloff))


def tint(strength):
    return to_pixels(picture + strength * np.array([1.0, -0.3, -1.0]))


def at_distance(target, change, low, high):
    """The changed copy at the wanted distance: the strength is halved in until the distances agree."""
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if l2(change(middle), picture) < target else (low, middle)
    return change(middle)


picture, label = data.val_images[0], y_val[0]
shifted = np.roll(picture, 2, axis=1)
target = l2(shifted, picture)
copies = {
    "original": picture,
    "shifted 2 pixels": shifted,
    "shaded": at_distance(target, shade, 0.0, 1.0),
    "tinted": at_distance(target, tint, 0.0, 255.0),
}
of_another_class = np.flatnonzero(y_train != label)
to_others = distances_no_loops(X_val[:1], X_train[of_another_class])[0]
copies[f"a {data.class_names[y_train[of_another_class[to_others.argmin()]]]}"] = data.train_images[
    of_another_class[to_others.argmin()]
]
plots.image_grid(
    np.stack(list(copies.values())),
    titles=[f"{name}\ndistance {l2(copy, picture):,.0f}" for name, copy in copies.items()],
    columns=5,
    title="Three copies at the same distance, and a different garment nearer than any",
);
# %% [markdown]
# All three copies are equally far from the original, up to the rounding of pixels to whole numbers, and a garment of another class
# is nearer than they are. What the
# eye calls the same picture and what the sum over pixels calls near are different things.
#
# A consequence that can be measured: the classifier has only seen garments in the middle of the picture, so shift the new pictures by a few
# pixels, and nobody would hesitate to name them, but the accuracy falls. Expect .53 to .62 for these
# 500 pictures where they are, and after four pixels .30 to .55 of that.

# %% tags=["skip-execution"]
by_shift = {}
for shift in (0, 1, 2, 3, 4):
    moved = flatten(np.roll(data.val_images[:500], shift, axis=2))
    by_shift[f"{shift} px"] = float(
        np.mean(predict_labels(distances_no_loops(moved, X_train), y_train, best_k) == y_val[:500])
    )
plots.bars(by_shift, xlabel="new pictures shifted by", ylabel="accuracy", title="A shift you hardly see costs dearly")
if data.stated_ranges_hold:
    check.between(by_shift["0 px"], 0.53, 0.62, "accuracy without a shift")
    check.between(by_shift["4 px"] / by_shift["0 px"], 0.30, 0.55, "what is left of it after four pixels")

# %% [markdown]
# And a look at all pairs: how far apart are two pictures of the same class, and two of different classes? If pixel distance knew about
# garments, the two histograms would lie apart.

# %% tags=["skip-execution"]
half = min(600, len(X_train) // 2)
pairs = distances_no_loops(X_train[:half], X_train[half : 2 * half])
same_class = y_train[:half, None] == y_train[None, half : 2 * half]
plots.histogram(
    {"same class": pairs[same_class], "different classes": pairs[~same_class]},
    xlabel="L2 distance between two pictures",
    title="Pictures of one class are hardly nearer to each other than to the rest",
);
# %% [markdown]
# They lie almost on top of each other. The nearest neighbours sit in the far left tail, where same-class pairs are more
# frequent than they should be by chance: 10 % of all these pairs are of one class, but 19 % of the nearest hundredth of them, and
# nearly half of the nearest ten-thousandth. The whole accuracy of this notebook comes from there.
#
# The distance is not the culprit, the pixels are. Later notebooks learn to turn pixels into other numbers,
# **features**, in which pictures of one class are near each other. There the classifier of this notebook becomes good, and notebook 08
# repeats the next experiment with such features.

# %% [markdown]
# ## Image search
#
# Leave the labels out, and the nearest neighbours of a picture are the results of a search: "show me more like this one". This is how
# image search works to this day, with better features than pixels and cleverer ways than comparing with everything.
#
# A search has a test that a classifier lacks: look for a picture that is in the collection, and the first result must be that
# picture, at distance 0, or as near to 0 as rounding allows. With whole numbers from 0 to 255 the expansion of the square makes no
# rounding error, and the distance is 0 exactly. With pixels scaled to the range from 0 to 1 it does, and the squared distance of a
# picture to itself may come out as −0.0000000000005: here the clipping in `distances_no_loops` earns its keep.

# %% tags=["skip-execution"]
searched = [3, 14, 15, 92, 65]
for name, scale in {"pixels 0–1": 255, "pixels 0–255": 1}.items():
    to_collection = distances_no_loops(X_train[searched] / scale, X_train / scale)
    check.equal(to_collection.argmin(axis=1).tolist(), searched, f"{name}: each query finds itself first")
    check.between(float(to_collection.min(axis=1).max()), 0.0, 1e-4, f"{name}: at a distance near 0")
results = np.argsort(to_collection, axis=1)[:, :6]
plots.retrieval_page(
    data.train_images[searched],
    data.train_images[results],
    y_train[searched],
    y_train[results],
    data.class_names,
    distances=np.take_along_axis(to_collection, results, axis=1),
    title="Looking for pictures that are in the collection: each is found first, at distance 0",
);
# %% [markdown]
# The first result of each row is the query. The page at the top of this notebook is the same search with pictures that are not in the collection:
# now you have written everything it needs. This cell finds again what was shown there.

# %% tags=["skip-execution"]
again = np.argsort(
    distances_no_loops(flatten(garments.test_images[asked]), flatten(garments.train_images[:5000])), axis=1
)
if not garments.short:
    check.equal(again[:, :6].tolist(), found, "the page at the top, found by your program")

# %% [markdown]
# ## Two questions for you to answer in words
#
# These are read by a person. A few sentences each are enough.
#
# **Question 1 (5 points): near in pixels, near in meaning.** Use the figure with the three copies at the same distance and the histogram of
# pairs. (a) Why can L2 on pixels not tell a shifted copy from a tinted one, or either from a picture of something else? (b) Propose numbers to compute
# from a picture, instead of its pixels, for which *one* of the three copies comes nearer to the original. (c) Say what your numbers
# throw away, and name a pair of classes, here or elsewhere, that they would confuse for that reason.

# %% [markdown] nbgrader={"grade_id": "question_pixel_distance", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# (a) L2 adds up squared differences pixel by pixel. It only knows by how much each pixel changed, not which pixels changed
# together or why: permuting the pixels of both pictures would not change the distance. A shift moves every edge, so that many pixels
# near edges change a lot; a tint changes all pixels a little; a different garment on a similar background changes some pixels. The
# sums can be equal although the causes have nothing to do with each other.
#
# (b) For instance, subtract from each colour channel its mean over the picture before comparing: the tinted copy (where nothing was clipped)
# becomes equal to the original. Or: compare colour histograms, which do not depend on position, for the shifted copy. Or: compare the differences of
# neighbouring pixels, or the directions of edges, for the tinted or shaded copy.
#
# (c) Without the channel means, a bright shirt and a dark one are the same: classes that differ by overall colour (ripe and unripe
# fruit) are confused. A colour histogram throws away where the colours are: a shirt and a pair of trousers of one fabric look the same.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 2 points for (a): the sum is over pixels independently, so only amounts count, not which pixels or why (1); connects this to the figure or the
#   histogram, for instance a small shift changes many pixels (1).
# - 2 points for (b): a computable representation (1) and the reason why one named copy comes nearer (1). "Use a neural network" alone earns nothing.
# - 1 point for (c): names what is lost and a pair of classes that differ only in it.
# ### END MARK SCHEME

# %% [markdown]
# **Question 2 (5 points): sixty settings and one test set.** A friend tries ten values of k, three distances and two ways of scaling the pixels, sixty
# settings in all. Each is judged on the same 2,000 test pictures, and the friend reports the best result: 58.4 %. (a) Is the true
# accuracy of that setting on new pictures likely to be higher or lower, and why? (b) About how large is the luck in one such measurement? (c) With the same training and test
# pictures, what should be done instead so that the reported number can be believed? (d) If the friend had tried a single setting, fixed beforehand, what
# would change?

# %% [markdown] nbgrader={"grade_id": "question_test_set", "grade": true, "solution": true, "points": 5}
# ### BEGIN SOLUTION
# (a) Likely lower. Each measured accuracy is the true one plus luck, and the largest of sixty is chosen partly for its luck. On new pictures the good
# luck is not repeated.
#
# (b) The standard deviation is $\sqrt{.58 \cdot .42 / 2000} \approx .011$, about one percentage point; the best of many settings can
# be lucky by two standard deviations or so (fewer when the settings make nearly the same mistakes).
#
# (c) Choose among the sixty settings by cross-validation, or on a validation set, inside the training pictures; then measure the single chosen setting
# on the test pictures once and report that number, whatever it is.
#
# (d) Then nothing was chosen by the test set, and the measured accuracy is an honest estimate: still uncertain by about a point, but as likely too low as
# too high.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# - 1 point for (a): lower, because choosing the maximum chooses good luck too.
# - 1 point for (b): the order of one percentage point, from the formula or a sound argument.
# - 2 points for (c): choose within the training data by validation or cross-validation (1), use the test set once for the chosen setting (1).
# - 1 point for (d): no choice was made with the test set, so the number is not too high on average (though not free of luck).
# ### END MARK SCHEME

# %% [markdown]
# ## Common mistakes
#
# - **Subtracting `uint8`.** No error, no warning, and an accuracy that is a good deal lower but not absurd. Convert before you subtract, multiply or add.
# - **Summing over the wrong axis.** On square examples the shapes fit anyway. Test with N, M and D all different.
# - **Returning positions for labels.** `argmin` says where the nearest row is; the answer is the label stored there.
# - **A root of −1e-10.** One `nan` in a row of distances, and sorting puts it last: the very picture that was looked for is never found.
# - **Rounding distances**, by converting them to integers for instance, before sorting: near neighbours become ties.
# - **Votes without a rule for ties.** Two programs with different rules answered differently in 19 of 100 cases here with k = 3, and still in 6 or 7 of 100 with k = 25.
# - **Dropping the remainder.** Cutting N rows into F folds of N // F loses up to F − 1 of them.
# - **Looking at the test set twice.** The second time it is a validation set.

# %% [markdown]
# ## Check yourself
#
# Answer first, then unfold.
#
# <details><summary>Training accuracy with k = 1 is 1.00. Does that show that k = 1 overfits?</summary>
#
# It shows only that each picture finds itself. It would be 1.00 with random labels too. The comparison that says something is between values of k on pictures that are not in the training set.
# </details>
#
# <details><summary>What is the training accuracy when k is the number of training pictures?</summary>
#
# The share of the most frequent label: every query has the same voters. With ten classes of equal size it is .10.
# </details>
#
# <details><summary>Why does nobody mind that training deep networks takes days, while it is a problem when kNN takes a second to answer?</summary>
#
# Training happens once; the answer is needed each time the program is used. A network's answer costs the same however many pictures it was trained on; the cost of kNN grows with N.
# </details>
#
# <details><summary>All pixels of both sets are multiplied by 2. Which answers change, with L1, with L2?</summary>
#
# None. All distances double, so their order stays. Scaling a single coordinate, however, does change the order: it makes this coordinate count for more. Features in different units should be brought to comparable scales first.
# </details>
#
# <details><summary>May one drop the root in L2?</summary>
#
# For finding neighbours, yes: the root is increasing, so the order is the same. For a distance that is to be compared with another one, or plotted, no; and the exercises ask for distances.
# </details>
#
# <details><summary>How many numbers does the array of shape (N, M, D) hold for N = 100, M = 500, D = 3,072, and how many megabytes is that in float64?</summary>
#
# 100 · 500 · 3,072 = 153.6 million numbers of 8 bytes: about 1,229 megabytes. The answer has 50,000 numbers, 0.4 megabytes.
# </details>
#
# <details><summary>Five folds, 5,000 pictures: on how many pictures is each classifier of the cross-validation trained, and does that bias its accuracy?</summary>
#
# On 4,000. With fewer remembered pictures the accuracy is a little lower than with all 5,000, so cross-validation is slightly pessimistic. It is used to compare settings, and they all suffer alike.
# </details>
#
# <details><summary>Is an odd k safe from ties?</summary>
#
# With two classes, yes. With ten, no: three neighbours of three classes tie, as the worked example showed.
# </details>
#
# <details><summary>A data set is sorted by class. What does cross-validation without shuffling report?</summary>
#
# With ten equal classes and ten folds each fold holds exactly one class, none of whose members is in the training part: the accuracy is 0. With five folds the same happens with two classes a fold.
# </details>

# %% [markdown]
# ## Where this leads
#
# The nearest neighbour classifier keeps everything and computes nothing until it is asked. Notebook 02 goes to the other extreme: it condenses the
# training set into one template a class, ten rows of numbers, and after that needs the training set no more. It is fast, slightly better, and too simple. The rest of the
# course is about what comes after: functions with more parts, and how to find good values for them.
#
# The ideas of this notebook stay. Naive first, then vectorised, then compared. Training, validation, test. A matrix product in place of
# loops. And nearest neighbours come back in notebook 08, among features that a network has learned, where "near" begins to mean
# "alike".

# %% [markdown]
# ## Further reading
#
# - T. Cover and P. Hart, "Nearest neighbor pattern classification", *IEEE Transactions on Information Theory* 13 (1967): with unlimited data, the error of one
#   nearest neighbour is at most twice the smallest possible error.
# - T. Hastie, R. Tibshirani and J. Friedman, *The Elements of Statistical Learning*, 2nd edition (2009): section 2.3 sets nearest neighbours against least squares, 7.10
#   is on cross-validation and how it is done wrongly, 13.3 is on nearest neighbours.
# - P. Domingos, "A few useful things to know about machine learning", *Communications of the ACM* 55 (2012): twelve lessons; several of them are in this notebook.
# - J. Johnson, M. Douze and H. Jégou, "Billion-scale similarity search with GPUs", *IEEE Transactions on Big Data* 7 (2021): how nearest neighbours are found among a billion vectors.
# - C. Harris and others, "Array programming with NumPy", *Nature* 585 (2020): the ideas of the primer, from the people who wrote it.
# - H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", arXiv:1708.07747 (2017): where the garments come from.
# - The notes of Stanford's course CS231n, "Image classification": the same road, with CIFAR-10.
