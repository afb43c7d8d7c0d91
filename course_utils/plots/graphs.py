"""The figure of a computational graph, with values and gradients on its lines."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.graph_layout import Layout, Node, layered
from course_utils.plots.style import COLOURS, refuse_nothing

ROW, BOX, GAP = 0.74, 0.42, 0.28  # inches: between rows, height of a gate, between a stem's end and the next column
VALUE, GRADIENT = COLOURS[0], "#B34700"  # the palette's vermilion, darker: small letters need the contrast
SIZE = 9.5


def computational_graph(
    nodes: Sequence[Node],
    values: Mapping[str, Any],
    gradients: Mapping[str, Any] | None = None,
    title: str = "",
) -> Any:
    """A computational graph from left to right: gates as boxes, each value above its line, its gradient below.

    nodes: (name, label, [input names]) in any order; a name that no node defines is an input. values, gradients:
    name → number; a name without one gets none. A value used several times is written once, before its line parts:
    its gradient is the sum over the branches. Returns the figure. Raises ValueError for a cycle, a name given twice,
    or a value of an unknown name.
    """
    refuse_nothing(nodes, "computational_graph")
    layout = layered(nodes)
    written = {"values": _texts(values, layout, "values"), "gradients": _texts(gradients or {}, layout, "gradients")}
    labels = {name: str(label) for name, label, _ in nodes}
    return _Drawing(layout, labels, written, title).figure


class _Drawing:
    """The graph drawn in inches, so that boxes and letters fit each other."""

    def __init__(
        self, layout: Layout, labels: Mapping[str, str], written: Mapping[str, Mapping[str, str]], title: str
    ) -> None:
        import matplotlib.pyplot as plt

        self.layout, self.labels, self.written = layout, labels, written
        self._measure()
        top = max(layout.row.values()) * ROW + 0.45
        bottom, right = -0.72, self.left[-1]
        width = max(right + 0.1, 4.6)
        height = top - bottom + (0.4 if title else 0.0)
        self.figure, self.ax = plt.subplots(figsize=(width, height), layout="constrained")
        self.ax.set(xlim=(-0.1, width - 0.1), ylim=(bottom, top), aspect="equal")
        self.ax.set_axis_off()
        if title:
            self.ax.set_title(title, fontsize=11, loc="left", wrap=True)
        for name in layout.column:
            self._draw_node(name)
        self._draw_lines()
        self._draw_key(bottom)

    def _measure(self) -> None:
        count = max(self.layout.column.values()) + 1
        boxes, stems = [0.0] * count, [0.3] * count
        self.width = {}
        for name, column in self.layout.column.items():
            self.width[name] = _letters(self.labels.get(name, name), SIZE + 1.5) + (0.18 if name in self.labels else 0)
            self.width[name] = max(self.width[name], BOX if name in self.labels else 0.0)
            boxes[column] = max(boxes[column], self.width[name])
            texts = [texts[name] for texts in self.written.values() if name in texts]
            stems[column] = max([stems[column], *(_letters(text, SIZE) + 0.1 for text in texts)])
        self.left = [0.0]
        self.stem_end = []
        for box, stem in zip(boxes, stems, strict=True):
            self.stem_end.append(self.left[-1] + box + stem)
            self.left.append(self.stem_end[-1] + GAP)
        self.middle = [left + box / 2 for left, box in zip(self.left, boxes, strict=False)]
        self.stem_middle = [end - stem / 2 for end, stem in zip(self.stem_end, stems, strict=True)]

    def _draw_node(self, name: str) -> None:
        from matplotlib.patches import FancyBboxPatch

        column = self.layout.column[name]
        x, y = self.middle[column], self.layout.row[name, column] * ROW
        if name in self.labels:
            corner = (x - self.width[name] / 2, y - BOX / 2)
            shape = "round,pad=0,rounding_size=0.12"
            box = FancyBboxPatch(corner, self.width[name], BOX, boxstyle=shape, fc="0.95", ec="0.25", lw=1.1, zorder=3)
            self.ax.add_patch(box)
            if name != self.labels[name]:
                self.ax.text(x, y - BOX / 2 - 0.02, name, ha="center", va="top", fontsize=8, color="0.35", zorder=4)
        style: Any = {} if name in self.labels else {"style": "italic"}
        text = self.labels.get(name, name)
        self.ax.text(x, y, text, ha="center", va="center_baseline", fontsize=SIZE + 1.5, zorder=4, **style)
        start = x + self.width[name] / 2 + (0.0 if name in self.labels else 0.03)
        self.ax.plot([start, self.stem_end[column]], [y, y], **LINE)
        for kind, height, va, colour in (("values", 0.035, "bottom", VALUE), ("gradients", -0.045, "top", GRADIENT)):
            if name in self.written[kind]:
                place = (self.stem_middle[column], y + height)
                text = self.written[kind][name]
                self.ax.text(*place, text, ha="center", va=va, fontsize=SIZE, color=colour, zorder=4)

    def _draw_lines(self) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        row = self.layout.row
        used = {start for start, _ in self.layout.links}
        for vertex, height in row.items():
            name, column = vertex
            if self.layout.column[name] != column:  # a line that passes between the gates
                self.ax.plot([self.left[column], self.stem_end[column]], [height * ROW] * 2, **LINE)
            elif vertex not in used:
                self.ax.plot(self.stem_end[column], height * ROW, ">", ms=6, color="0.25", clip_on=False)
        for end in row:
            into = sorted((start for start, target in self.layout.links if target == end), key=lambda v: -row[v])
            gate = self.layout.column[end[0]] == end[1]
            ports = np.linspace(0.11, -0.11, len(into)) if len(into) > 1 else np.zeros(len(into))
            for start, port in zip(into, ports, strict=True):
                x = self.middle[end[1]] - self.width[end[0]] / 2 if gate else self.left[end[1]]
                here = (self.stem_end[start[1]], row[start] * ROW)
                there = (x - 0.02 * gate, row[end] * ROW + port)
                bend = (self.left[end[1]] - here[0]) * 0.6
                curve = Path(
                    [here, (here[0] + bend, here[1]), (there[0] - bend, there[1]), there],
                    [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
                )
                self.ax.add_patch(PathPatch(curve, fill=False, ec=LINE["color"], lw=LINE["lw"]))
                if gate:
                    self.ax.plot(there[0] - 0.03, there[1], ">", ms=5, color="0.25")

    def _draw_key(self, bottom: float) -> None:
        words = [("above a line: value", VALUE)] if self.written["values"] else []
        words += [("below a line: gradient", GRADIENT)] if self.written["gradients"] else []
        x = 0.0
        for text, colour in words:
            self.ax.text(x, bottom + 0.02, text, ha="left", va="bottom", fontsize=8.5, color=colour)
            x += _letters(text, 8.5) + 0.25


LINE: dict[str, Any] = {"color": "0.25", "lw": 1.2, "solid_capstyle": "butt", "snap": False, "zorder": 2}


def _texts(numbers: Mapping[str, Any], layout: Layout, which: str) -> dict[str, str]:
    unknown = [name for name in numbers if name not in layout.column]
    if unknown:
        raise ValueError(
            f"computational_graph: {which} has {', '.join(map(repr, unknown))}, but the graph has only "
            f"{', '.join(map(repr, layout.column))}"
        )
    for name, number in numbers.items():
        if np.size(number) != 1:
            raise ValueError(f"computational_graph: {which}[{name!r}] must be one number, not shape {np.shape(number)}")
    return {name: _short(float(np.ravel(number)[0])) for name, number in numbers.items()}


def _short(number: float) -> str:
    if number == 0:
        return "0"
    if number.is_integer() and abs(number) < 1e4:
        text = f"{number:.0f}"
    elif 0.005 <= abs(number) < 1e3:
        text = f"{number:.2f}"
    else:
        text = f"{number:.1e}".replace("e-0", "e-").replace("e+", "e").replace("e0", "e")
    return text.replace("-", "−")


def _letters(text: str, size: float) -> float:
    """Width in inches of a text at this size in points."""
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text or " ", size=size).get_extents().width) / 72 if text.strip() else 0.0
