"""The short mode: `COURSE_SMOKE=1` in the environment makes every notebook run end to end in seconds.

It shows whether all cells run, for instance on another data set, before anyone waits for the whole. What is learned
from so little data means nothing, so no stated range is held to (`Dataset.stated_ranges_hold` is False).
This module alone reads the variable; two others ask it:

- `course_utils.data.load_dataset` gives a small part of each split, with equally many images of every class;
- `course_utils.nn.Solver` trains for at most STEPS iterations (or for one epoch, if that has more).

A notebook's own loops over epochs are short because the data are few; a loop over a number of steps asks
`data.steps(1500)`, which is 1500, or in the short mode at most STEPS.
"""

import os

VARIABLE = "COURSE_SMOKE"
STEPS = 60  # of a training
IMAGES = {"train": 600, "val": 200, "test": 200}  # of each split, with equally many of every class


def short_mode() -> bool:
    """Whether COURSE_SMOKE is set, to anything but 0 or nothing."""
    return os.environ.get(VARIABLE, "").strip() not in ("", "0")
