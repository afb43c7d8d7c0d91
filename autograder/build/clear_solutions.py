"""nbgrader's ClearSolutions, with a gap that says what to write in it."""

import re
from typing import Any

from nbgrader import utils
from nbgrader.preprocessors import ClearSolutions

from autograder.source.regions import gap_of, regions

_LOOSE_MARK_SCHEME = re.compile(r"\n\s*\n(?=\s*### BEGIN MARK SCHEME)")


class ClearCourseSolutions(ClearSolutions):
    """Replaces each solution region by `raise NotImplementedError("EXERCISE: what to write")`.

    Solution cells without a region, regions that do not say what to write, and written answers are treated as nbgrader
    does.
    """

    _exercise: str | None = None

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        self._exercise = None
        return super().preprocess(nb, resources)

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        if cell.cell_type == "code" and utils.is_solution(cell):
            # Further gaps of an exercise have their own grade_id; students know the exercise by the first.
            self._exercise = self._exercise or cell.metadata.nbgrader.grade_id
        elif utils.is_grade(cell):
            self._exercise = None
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.cell_type == "markdown":
            # The mark scheme goes later; without this the released answer would end in an empty line.
            cell.source = _LOOSE_MARK_SCHEME.sub("\n", cell.source)
        return cell, resources

    def _replace_solution_region(self, cell: Any, language: str) -> bool:
        ours = cell.cell_type == "code" and self._exercise
        if not ours or not any(region.message for region in regions(cell.source)):
            return bool(super()._replace_solution_region(cell, language))
        before = cell.source
        cell.source = gap_of(before, str(self._exercise))
        return bool(cell.source != before)
