"""The course's figures. Each function draws one figure and returns it; end a notebook cell with `;` to show it once.

Matplotlib is imported when the first figure is drawn, so importing this package is quick.
"""

from course_utils.plots.adversarial import (
    accuracy_against_epsilon,
    adversarial_triples,
    dark_knowledge,
    grouped_error_bars,
    saliency_maps,
)
from course_utils.plots.animation import animate_trajectories
from course_utils.plots.augmentation import contact_sheet, recipe_points, warp_pages
from course_utils.plots.bars import bars, heatmap, histogram, timing_bars
from course_utils.plots.classifiers import confusion_matrix, decision_boundary, templates
from course_utils.plots.clouds import boundary_panels, point_clouds
from course_utils.plots.convolution import filter_images, kernel_responses, picture_table, windows_as_rows
from course_utils.plots.curves import closed_curves, error_bars_curve, lines, loss_curves, scaling_curve
from course_utils.plots.graphs import computational_graph
from course_utils.plots.images import image_grid, orientation_glyphs, retrieval_page
from course_utils.plots.layers import function_panels, layer_histograms, weight_images
from course_utils.plots.training import learning_curves, search_scatter, spread_curves
from course_utils.plots.trajectories import trajectories

__all__ = [
    "accuracy_against_epsilon",
    "adversarial_triples",
    "animate_trajectories",
    "bars",
    "boundary_panels",
    "closed_curves",
    "computational_graph",
    "confusion_matrix",
    "contact_sheet",
    "dark_knowledge",
    "decision_boundary",
    "error_bars_curve",
    "filter_images",
    "function_panels",
    "grouped_error_bars",
    "heatmap",
    "histogram",
    "image_grid",
    "kernel_responses",
    "layer_histograms",
    "learning_curves",
    "lines",
    "loss_curves",
    "orientation_glyphs",
    "picture_table",
    "point_clouds",
    "recipe_points",
    "retrieval_page",
    "saliency_maps",
    "scaling_curve",
    "search_scatter",
    "spread_curves",
    "templates",
    "timing_bars",
    "trajectories",
    "warp_pages",
    "weight_images",
    "windows_as_rows",
]
