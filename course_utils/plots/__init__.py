"""The course's figures. Each function draws one figure and returns it; end a notebook cell with `;` to show it once.

Matplotlib is imported when the first figure is drawn, so importing this package is quick.
"""

from course_utils.plots.bars import bars, heatmap, histogram, timing_bars
from course_utils.plots.classifiers import confusion_matrix, decision_boundary, templates
from course_utils.plots.curves import closed_curves, error_bars_curve, lines, loss_curves, scaling_curve
from course_utils.plots.images import image_grid, orientation_glyphs, retrieval_page

__all__ = [
    "bars",
    "closed_curves",
    "confusion_matrix",
    "decision_boundary",
    "error_bars_curve",
    "heatmap",
    "histogram",
    "image_grid",
    "lines",
    "loss_curves",
    "orientation_glyphs",
    "retrieval_page",
    "scaling_curve",
    "templates",
    "timing_bars",
]
