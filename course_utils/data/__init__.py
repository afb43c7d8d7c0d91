"""Image data sets for the course: 32×32×3 pictures in ten classes, and the small helpers that feed them to a model.

`load_dataset()` is the one call a notebook makes; `COURSE_DATASET` in the environment switches it to another set, and
`COURSE_SMOKE=1` to a small part of it (see `course_utils.short_mode`). A notebook then prints on which data it runs and
leaves out the checks of ranges that were measured on all of `garments` (`Dataset.stated_ranges_hold`).
`load_results("NAME")` reads the table of an experiment that was run with several seeds.
"""

from course_utils.data.batches import batches, flatten, split, subset
from course_utils.data.dataset import Dataset
from course_utils.data.errors import DataError, DownloadError
from course_utils.data.names import DATASETS, load_dataset
from course_utils.data.results import Results, load_results

__all__ = [
    "DATASETS",
    "DataError",
    "Dataset",
    "DownloadError",
    "Results",
    "batches",
    "flatten",
    "load_dataset",
    "load_results",
    "split",
    "subset",
]
