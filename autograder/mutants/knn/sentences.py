"""What to say of mistakes that are made in several exercises of notebook 01."""

WRAPPED = (
    "Pixels wrap around: uint8 arithmetic starts again at 0 after 255 and knows no negative numbers. "
    "Convert to float64 before you subtract."
)
WRAPPED_BEFORE_NORM = (
    "The differences wrap around before np.linalg.norm sees them: uint8 minus uint8 is uint8, which knows no negative "
    "numbers. Convert to float64 before you subtract."
)
CHANGED = "The result is right, but an array of the caller's was changed in place: work on a copy."
SQUARED = "These are squared distances: the square root is missing."
MANHATTAN = (
    "These are L1 distances, sums of absolute differences. Euclidean distance squares, adds up, and takes the root."
)
TRANSPOSED = "The matrix is transposed: entry (i, j) must belong to row i of X and row j of X_train, in shape (N, M)."
FLOAT32 = "The distances are float32. The docstring asks for float64 whatever comes in."
TRUNCATED = "The distances are cut to whole numbers: an array of an integer dtype drops the fraction of what is put in."
MEAN_SQUARE = "This is the root of the mean square. The distance is the root of the sum of the squares."
ROOT_OF_SQUARED_SUM = (
    "The differences are added up before they are squared, so that positive and negative ones cancel. Square first."
)
