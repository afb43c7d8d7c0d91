"""Image data sets for the course: 32×32×3 pictures in ten classes, and the small helpers that feed them to a model.

`load_dataset()` is the one call a notebook makes; `COURSE_DATASET` in the environment switches it to another set.
"""

from course_utils.data.batches import batches, flatten, split, subset
from course_utils.data.dataset import Dataset
from course_utils.data.errors import DataError, DownloadError
from course_utils.data.names import DATASETS, load_dataset

__all__ = ["DATASETS", "DataError", "Dataset", "DownloadError", "batches", "flatten", "load_dataset", "split", "subset"]
