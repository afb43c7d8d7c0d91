"""Grade notebooks by Otter's local run, one after the other; otter_run.py starts this in Otter's environment.

Run: python otter_batch.py AUTOGRADER.zip SEEDS.json SCORES.json
SEEDS.json has each notebook's path with the seed of its hidden inputs; the points of every test file for every
notebook are written to SCORES.json.
"""

import json
import os
import sys
from pathlib import Path

from otter.api import grade_submission


def main(autograder: str, seeds: str, scores: str) -> None:
    found = {}
    for notebook, seed in json.loads(Path(seeds).read_text(encoding="utf-8")).items():
        os.environ["COURSE_SEED"] = seed  # the kernel inherits it
        results = grade_submission(notebook, autograder, quiet=True)
        if results.catastrophic_error is not None:
            raise SystemExit(f"{notebook}: Otter could not grade it: {results.catastrophic_error!r}")
        found[notebook] = {name: results.get_score(name) for name in results.test_files}
    Path(scores).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
