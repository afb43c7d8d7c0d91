"""Where the nodes of a computational graph go: columns by longest path, rows by barycentres, few crossings.

After Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures", 1981.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

Node = tuple[str, str, Sequence[str]]
Vertex = tuple[str, int]  # a name in a column: the node itself, or the place where its line passes through
SWEEPS = 12
REWEIGHTINGS = 8
SETTLING = 100  # a long chain of gates straightens slowly


@dataclass(frozen=True)
class Layout:
    """`column` of each name; `row` of each vertex (upwards); `links` between vertices of neighbouring columns.

    A link into a gate is there as often as the gate takes that input; a line that passes several columns is one
    chain of vertices that all its users share.
    """

    column: dict[str, int]
    row: dict[Vertex, float]
    links: list[tuple[Vertex, Vertex]]


def layered(nodes: Sequence[Node]) -> Layout:
    """Lay out the graph from left (inputs) to right (results).

    Raises ValueError for a cycle, a name given twice, or a node of another form.
    """
    inputs: dict[str, list[str]] = {}
    for node in nodes:
        if len(node) != 3 or isinstance(node[2], str):
            raise ValueError(f"computational_graph: a node is (name, label, list of names of its inputs), not {node!r}")
        name, _, sources = node
        if name in inputs:
            raise ValueError(f"computational_graph: two nodes are called {name!r}; each needs a name of its own")
        inputs[name] = list(sources)
    column = _columns(inputs)
    links = _links(inputs, column)
    order = _with_fewest_crossings(_first_order(inputs, column, links), links)
    return Layout(column, _rows(order, links, column), links)


def _columns(inputs: dict[str, list[str]]) -> dict[str, int]:
    """A gate stands one column after its last input, an input one column before its first gate."""
    column: dict[str, int] = {}
    waiting: list[str] = []

    def visit(name: str) -> int:
        if name not in inputs:
            return 0
        if name in waiting:
            raise ValueError(f"computational_graph: there is a cycle, {' → '.join([*waiting, name])}")
        if name not in column:
            waiting.append(name)
            column[name] = 1 + max((visit(source) for source in inputs[name]), default=0)
            waiting.pop()
        return column[name]

    for name in inputs:
        visit(name)
    users: dict[str, list[int]] = {}
    for name, sources in inputs.items():
        for source in sources:
            if source not in inputs:
                users.setdefault(source, []).append(column[name])
    column.update({name: min(places) - 1 for name, places in users.items()})
    first = min(column.values())
    return {name: place - first for name, place in column.items()}


def _links(inputs: dict[str, list[str]], column: dict[str, int]) -> list[tuple[Vertex, Vertex]]:
    links: list[tuple[Vertex, Vertex]] = []
    for name, sources in inputs.items():
        for source in sources:
            for passed in range(column[source] + 1, column[name]):
                step = ((source, passed - 1), (source, passed))
                if step not in links:
                    links.append(step)
            links.append(((source, column[name] - 1), (name, column[name])))
    return links


def _first_order(
    inputs: dict[str, list[str]], column: dict[str, int], links: list[tuple[Vertex, Vertex]]
) -> list[list[Vertex]]:
    """Depth first from the results, inputs as listed: a tree gets no crossing."""
    order: list[list[Vertex]] = [[] for _ in range(max(column.values()) + 1)]
    into: dict[Vertex, list[Vertex]] = {}
    for start, end in links:
        into.setdefault(end, []).append(start)

    def visit(vertex: Vertex) -> None:
        if vertex not in order[vertex[1]]:
            order[vertex[1]].append(vertex)
            for before in into.get(vertex, []):
                visit(before)

    used = {source for sources in inputs.values() for source in sources}
    for name in inputs:
        if name not in used:
            visit((name, column[name]))
    return order


def _with_fewest_crossings(order: list[list[Vertex]], links: list[tuple[Vertex, Vertex]]) -> list[list[Vertex]]:
    best, fewest = order, crossings(order, links)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forward = sweep % 2 == 0
        order = [list(vertices) for vertices in order]
        for number in range(len(order)) if forward else range(len(order) - 1, -1, -1):
            place = {vertex: index for vertices in order for index, vertex in enumerate(vertices)}
            centre = {}
            for vertex in order[number]:
                pairs = links if forward else [(end, start) for start, end in links]
                near = [place[start] for start, end in pairs if end == vertex]
                centre[vertex] = float(np.mean(near)) if near else place[vertex]
            order[number].sort(key=centre.__getitem__)
        found = crossings(order, links)
        if found < fewest:
            best, fewest = order, found
    return best


def crossings(order: list[list[Vertex]], links: list[tuple[Vertex, Vertex]]) -> int:
    """How many pairs of links cross when the vertices of each column stand in this order."""
    place = {vertex: index for vertices in order for index, vertex in enumerate(vertices)}
    count = 0
    for number, (start, end) in enumerate(links):
        for other_start, other_end in links[:number]:
            if start[1] == other_start[1]:
                count += (place[start] - place[other_start]) * (place[end] - place[other_end]) < 0
    return count


def _rows(order: list[list[Vertex]], links: list[tuple[Vertex, Vertex]], column: dict[str, int]) -> dict[Vertex, float]:
    """Heights that make the links as level as possible, the order kept, nodes at least 1 apart.

    Links between neighbours share what they climb (least squares); a line that passes columns climbs at one place
    (least absolute values, by reweighting).
    """
    row = {vertex: float(-index) for vertices in order for index, vertex in enumerate(vertices)}
    passes = {vertex: column[vertex[0]] != vertex[1] for vertex in row}
    weight = {link: 4.0 if passes[link[0]] or passes[link[1]] else 1.0 for link in links}
    for _ in range(REWEIGHTINGS):
        near: dict[Vertex, list[tuple[Vertex, float]]] = {vertex: [] for vertex in row}
        for start, end in links:
            near[start].append((end, weight[start, end]))
            near[end].append((start, weight[start, end]))
        for sweep in range(SETTLING):
            for vertices in order if sweep % 2 == 0 else reversed(order):
                weights = [sum(strength for _, strength in near[vertex]) for vertex in vertices]
                wanted = [
                    sum(row[other] * strength for other, strength in near[vertex]) / total if total else row[vertex]
                    for vertex, total in zip(vertices, weights, strict=True)
                ]
                gaps = [0.75 if passes[upper] or passes[lower] else 1.0 for upper, lower in pairwise(vertices)]
                row.update(zip(vertices, _apart(wanted, weights, gaps), strict=True))
        for start, end in links:
            if passes[start] or passes[end]:
                weight[start, end] = 1 / max(abs(row[start] - row[end]), 0.02)
    lowest = min(row.values())
    return {vertex: height - lowest for vertex, height in row.items()}


def _apart(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """The falling heights nearest to `wanted` (weighted least squares) with these gaps: pool adjacent violators."""
    shift = list(accumulate(gaps, initial=0.0))
    blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, weight, moved in zip(wanted, weights, shift, strict=True):
        mean, count = value + moved, 1
        while blocks and blocks[-1][0] < mean:
            before, heavy, size = blocks.pop()
            mean = (before * heavy + mean * weight) / (heavy + weight)
            weight, count = heavy + weight, size + count
        blocks.append((mean, weight, count))
    level = [mean for mean, _, count in blocks for _ in range(count)]
    return [height - moved for height, moved in zip(level, shift, strict=True)]
