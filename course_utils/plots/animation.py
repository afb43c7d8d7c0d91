"""Paths of optimizers in motion: a player of one picture and some lines, which works without a network."""

import base64
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils.plots.trajectories import Surface, refuse_misfits, surface_panels, until_lost

DPI = 100
MOST_STEPS = 2000  # longer paths are thinned, so that a notebook stays small
FRAMES = 200  # more cannot be told apart in one play


def animate_trajectories(
    surfaces: Mapping[str, Surface],
    minimum: Mapping[str, Any] | None = None,
    title: str = "",
    seconds: float = 10.0,
) -> Any:
    """The figure of `trajectories` as a player with a button and a slider: all paths take their steps together.

    Arguments as for `trajectories`; `seconds` is how long one play takes. Returns an `IPython.display.HTML`, to be
    the last expression of a cell; it needs no network, and without scripts shows the whole paths. Raises ValueError
    for other shapes.
    """
    import matplotlib.pyplot as plt
    from IPython.display import HTML

    refuse_misfits(surfaces, minimum)
    figure, drawn, looks = surface_panels(surfaces, minimum, title)
    try:
        figure.set_dpi(DPI)
        figure.canvas.draw()
        width, height = (round(float(side) * DPI) for side in figure.get_size_inches())
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=1.5 * DPI)  # sharp on fine screens too
        longest = max(len(path) for *_, paths in surfaces.values() for path in paths.values())
        shown = np.unique(np.linspace(0, longest - 1, min(longest, MOST_STEPS)).round().astype(int))
        boxes, lines = [], []
        for number, (ax, (*_, paths)) in enumerate(zip(drawn, surfaces.values(), strict=True)):
            inside = ax.get_window_extent()
            boxes.append((inside.x0, height - inside.y1, inside.x1, height - inside.y0))
            for label, path in paths.items():
                style, marker = looks[label]
                places = _in_pixels(ax, np.asarray(path, dtype=float), shown, width, height)
                lines.append({"panel": number, "places": places, "style": style, "marker": marker})
    finally:
        plt.close(figure)
    return HTML(_page(base64.b64encode(picture.getvalue()).decode(), (width, height), boxes, lines, shown, seconds))


def _in_pixels(ax: Any, path: np.ndarray, shown: np.ndarray, width: int, height: int) -> list[list[float]]:
    """Places of the steps `shown`, from the top left corner; a path ends at its first step far out of the picture."""
    known = until_lost(path, *np.transpose([ax.get_xlim(), ax.get_ylim()]))
    last, far = np.zeros(2), 10 * max(width, height)
    places: list[list[float]] = []
    for step in ax.transData.transform(known[shown[shown < len(known)]]):
        away = np.abs(step).max() > far
        x, y = last + (step - last) * min(1.0, far / np.abs(step - last).max()) if away else step
        places.append([round(float(x), 1), round(float(height - y), 1)])
        if away:
            break
        last = step
    return places


def _page(
    picture: str,
    size: tuple[int, int],
    boxes: Sequence[tuple[float, ...]],
    lines: Sequence[Mapping[str, Any]],
    shown: np.ndarray,
    seconds: float,
) -> str:
    name = f"paths-{uuid.uuid4().hex[:12]}"  # several players may stand on one page
    width, height = size
    drawn = [
        f'<clipPath id="{name}-{number}"><rect x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"/>'
        "</clipPath>"
        for number, (x0, y0, x1, y1) in enumerate(boxes)
    ]
    for line in (line for line in lines if line["places"]):
        colour, dash = line["style"]["color"], _dash_array(line["style"]["linestyle"])
        x0, y0, x1, y1 = boxes[line["panel"]]
        x, y = line["places"][-1]
        drawn.append(
            f'<g data-box="{x0:.1f} {y0:.1f} {x1:.1f} {y1:.1f}"><polyline points="{_points(line["places"])}" '
            f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" '
            f'clip-path="url(#{name}-{line["panel"]})"/>'
            f'<path d="{_outline(line["marker"])}" fill="{colour}" stroke="white" '
            f'transform="translate({min(max(x, x0), x1):.1f} {min(max(y, y0), y1):.1f})"/></g>'
        )
    starts = dict.fromkeys(tuple(line["places"][0]) for line in lines if line["places"])
    drawn += [f'<circle cx="{x}" cy="{y}" r="5" fill="white" stroke="black" stroke-width="1.5"/>' for x, y in starts]
    frames = np.unique(np.linspace(0, len(shown) - 1, min(len(shown), FRAMES)).round().astype(int))
    facts = {"name": name, "frames": frames.tolist(), "steps": shown.tolist(), "seconds": seconds}
    return PLAYER.format(
        name=name, width=width, height=height, picture=picture, drawn="".join(drawn), last=len(frames) - 1,
        step=int(shown[-1]), script=SCRIPT.replace("FACTS", json.dumps(facts)),
    )  # fmt: skip


def _points(places: Sequence[Sequence[float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _dash_array(linestyle: Any) -> str:
    dashes = {"-": (), "--": (3.7, 1.6), "-.": (6.4, 1.6, 1, 1.6), ":": (1, 1.65)}
    pattern = dashes[linestyle] if isinstance(linestyle, str) else linestyle[1]
    return " ".join(f"{2 * length:g}" for length in pattern) or "none"


def _outline(marker: str) -> str:
    from matplotlib.markers import MarkerStyle

    style = MarkerStyle(marker)
    (corners,) = style.get_path().transformed(style.get_transform()).to_polygons()
    return "M" + "L".join(f"{11 * x:.1f} {-11 * y:.1f}" for x, y in np.asarray(corners)) + "Z"


PLAYER = """<div id="{name}" style="max-width:{width}px;background:white;color:black;font:14px sans-serif">
<svg viewBox="0 0 {width} {height}" style="width:100%;display:block" role="img" aria-label="paths of optimizers">
<image href="data:image/png;base64,{picture}" width="{width}" height="{height}"/>{drawn}</svg>
<div style="display:flex;gap:8px;align-items:center;padding:4px 8px">
<button type="button" style="width:5em">Play</button>
<input type="range" min="0" max="{last}" value="{last}" style="flex:1" aria-label="step">
<output style="width:7em">step {step}</output></div>
<script>{script}</script></div>"""

SCRIPT = """(function () {
  const facts = FACTS, box = document.getElementById(facts.name);
  const [button, slider, words] = ["button", "input", "output"].map((tag) => box.querySelector(tag));
  const last = facts.frames.length - 1, pause = 1000 * facts.seconds / Math.max(last, 1);
  const paths = [...box.querySelectorAll("g")].map((group) => {
    const line = group.querySelector("polyline");
    const places = line.getAttribute("points").split(" ");
    return {line, head: group.querySelector("path"), places, frame: group.dataset.box.split(" ").map(Number)};
  });
  let timer = null;
  function show() {
    const step = facts.frames[Number(slider.value)];
    for (const {line, head, places, frame: [left, top, right, bottom]} of paths) {
      const end = Math.min(step, places.length - 1), [x, y] = places[end].split(",").map(Number);
      const [shownX, shownY] = [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
      line.setAttribute("points", places.slice(0, end + 1).join(" "));
      head.setAttribute("transform", "translate(" + shownX + " " + shownY + ")");
    }
    words.textContent = "step " + facts.steps[step];
  }
  function stop() { clearInterval(timer); timer = null; button.textContent = "Play"; }
  function tick() {
    if (!box.isConnected || Number(slider.value) >= last) { stop(); return; }
    slider.value = Number(slider.value) + 1;
    show();
  }
  button.onclick = function () {
    if (timer !== null) { stop(); return; }
    if (Number(slider.value) >= last) { slider.value = 0; show(); }
    button.textContent = "Pause";
    timer = setInterval(tick, pause);
  };
  slider.oninput = function () { stop(); show(); };
})();"""
