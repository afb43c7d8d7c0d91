"""The computational graph: mistakes, and other correct solutions."""

from autograder.testing import alternative, mutant


class Graph:
    """A graph by Kahn's algorithm, with each step a method of its own; mutants replace one."""

    def __init__(self, nodes):
        self.nodes = list(nodes)
        self.by_name = {name: (gate, list(sources)) for name, gate, sources in self.nodes}
        self.outer = sorted({s for _, _, sources in self.nodes for s in sources if s not in self.by_name})
        self.order = self.sort()
        self.values = {}

    def sort(self):
        waiting = {name: sum(s in self.by_name for s in sources) for name, (_, sources) in self.by_name.items()}
        ready, order = [name for name, count in waiting.items() if count == 0], []
        while ready:
            name = ready.pop()
            order.append(name)
            for other, (_, sources) in self.by_name.items():
                if name in sources:
                    waiting[other] -= sources.count(name)
                    if waiting[other] == 0:
                        ready.append(other)
        if len(order) < len(self.by_name):
            raise ValueError("cycle")
        return order

    def refuse(self, inputs):
        if sorted(inputs) != self.outer:
            raise ValueError("names")

    def forward(self, inputs):
        self.refuse(inputs)
        self.values = self.start(inputs)
        for name in self.order:
            gate, sources = self.by_name[name]
            self.values[name] = gate.forward(*self.collect(sources))
        return self.values[self.order[-1]]

    def start(self, inputs):
        return dict(inputs)

    def collect(self, sources):
        return [self.values[source] for source in sources]

    def backward(self):
        gradients = self.zeros()
        for name in self.backward_order():
            gate, sources = self.by_name[name]
            self.spread(gradients, sources, gate.backward(gradients[name]))
        return self.answer(gradients)

    def zeros(self):
        return dict.fromkeys(self.values, 0.0) | {self.order[-1]: 1.0}

    def backward_order(self):
        return self.order[::-1]

    def spread(self, gradients, sources, shares):
        for source, share in zip(sources, shares, strict=True):
            gradients[source] += share

    def answer(self, gradients):
        return {name: gradients[name] for name in self.outer}


@alternative("ComputationalGraph", "Kahn's algorithm, counting what each node waits for")
class CountsWhatIsMissing(Graph):
    pass


@alternative("ComputationalGraph", "depth-first search, errors raised in forward")
class DepthFirst(Graph):
    def sort(self):
        return []

    def forward(self, inputs):
        order, state = [], {}

        def visit(name):
            if name not in self.by_name or state.get(name) == "done":
                return
            if state.get(name) == "open":
                raise ValueError("cycle")
            state[name] = "open"
            for source in self.by_name[name][1]:
                visit(source)
            state[name] = "done"
            order.append(name)

        for name in self.by_name:
            visit(name)
        self.order = order
        return super().forward(inputs)


@alternative("ComputationalGraph", "gradients collected in lists, summed when their node's turn comes")
class ListsOfShares(Graph):
    def backward(self):
        shares = {name: [] for name in self.values}
        shares[self.order[-1]].append(1.0)
        for name in self.order[::-1]:
            gate, sources = self.by_name[name]
            for source, share in zip(sources, gate.backward(sum(shares[name])), strict=True):
                shares[source].append(share)
        return {name: sum(shares[name]) for name in self.outer}


@mutant(
    "ComputationalGraph",
    "Gradients are overwritten where a value is used twice: what its uses hand back is to be added.",
)
class Overwrites(Graph):
    def spread(self, gradients, sources, shares):
        gradients.update(zip(sources, shares, strict=True))


@mutant(
    "ComputationalGraph",
    "A value that one gate takes twice keeps only one of the two gradients: add them one after the other.",
)
class OverwritesWithinAGate(Graph):
    def spread(self, gradients, sources, shares):
        for source, share in dict(zip(sources, shares, strict=True)).items():
            gradients[source] += share


@mutant("ComputationalGraph", "Nodes run in the order in which they are listed: sort them topologically first.")
class ListedOrder(Graph):
    def sort(self):
        Graph.sort(self)  # refuses cycles
        return [name for name, _, _ in self.nodes]


@mutant(
    "ComputationalGraph", "backward goes through the nodes in the listed order, reversed, not in the topological one."
)
class ListedOrderBackwards(Graph):
    def backward_order(self):
        return [name for name, _, _ in self.nodes][::-1]


@mutant(
    "ComputationalGraph", "backward runs the gates in the order of forward: it has to go from the output to the inputs."
)
class ForwardOrderBackwards(Graph):
    def backward_order(self):
        return self.order


@mutant(
    "ComputationalGraph",
    "backward walks from the output level by level, so that a gate may run before all of its uses have reported: "
    "reverse the topological order.",
)
class LevelByLevel(Graph):
    def backward_order(self):
        seen, level = [], [self.order[-1]]
        while level:
            seen += [name for name in level if name not in seen]
            level = [s for name in level for s in self.by_name[name][1] if s in self.by_name and s not in seen]
        return seen


@mutant(
    "ComputationalGraph",
    "backward follows every path by itself, so that a gate runs many times: sum what comes back, then run it once.",
)
class PathByPath(Graph):
    def backward(self):
        gradients = dict.fromkeys(self.values, 0.0)

        def follow(name, upstream):
            gradients[name] += upstream
            if name in self.by_name:
                gate, sources = self.by_name[name]
                for source, share in zip(sources, gate.backward(upstream), strict=True):
                    follow(source, share)

        follow(self.order[-1], 1.0)
        return self.answer(gradients)


@mutant(
    "ComputationalGraph",
    "forward computes a shared value again for each of its uses: run every gate once and keep its value.",
)
class ComputesAgain(Graph):
    def forward(self, inputs):
        self.refuse(inputs)
        self.values = dict(inputs)

        def value(name):
            if name not in self.by_name:
                return inputs[name]
            gate, sources = self.by_name[name]
            self.values[name] = gate.forward(*[value(source) for source in sources])
            return self.values[name]

        return value(self.order[-1])


@mutant(
    "ComputationalGraph", "Gradients of an earlier backward are still there when the next one begins: start from 0."
)
class KeepsOldGradients(Graph):
    def zeros(self):
        kept = getattr(self, "kept", None)
        self.kept = kept if kept is not None else dict.fromkeys(self.values, 0.0)
        self.kept[self.order[-1]] = 1.0
        for name in self.by_name:
            if name != self.order[-1]:
                self.kept[name] = 0.0
        return self.kept


@mutant(
    "ComputationalGraph", "Values of an earlier forward are used again: a second forward has to run every gate anew."
)
class KeepsOldValues(Graph):
    def start(self, inputs):
        return self.values or dict(inputs)

    def collect(self, sources):
        return [self.values[source] for source in sources]


@mutant(
    "ComputationalGraph",
    "The gradient at the output starts with the output's value; the slope of a value in itself is 1.",
)
class StartsWithTheOutput(Graph):
    def zeros(self):
        return dict.fromkeys(self.values, 0.0) | {self.order[-1]: self.values[self.order[-1]]}


@mutant(
    "ComputationalGraph",
    "backward returns the slopes of the nodes as well; only those of the graph's inputs are asked for.",
)
class AnswersForEverything(Graph):
    def answer(self, gradients):
        return dict(gradients)


@mutant("ComputationalGraph", "forward writes its values into the dictionary of inputs: copy it first.")
class WritesIntoTheInputs(Graph):
    def start(self, inputs):
        return inputs


@mutant("ComputationalGraph", "forward returns all values; the value of the last node is asked for.")
class ReturnsEverything(Graph):
    def forward(self, inputs):
        super().forward(inputs)
        return dict(self.values)


@mutant(
    "ComputationalGraph",
    "forward returns the value of the node that was listed last; the last one in topological order is asked for.",
)
class ReturnsTheLastListed(Graph):
    def forward(self, inputs):
        super().forward(inputs)
        return self.values[self.nodes[-1][0]]


@mutant("ComputationalGraph", "The gradients are given to a gate's inputs in reverse order.")
class GradientsReversed(Graph):
    def spread(self, gradients, sources, shares):
        for source, share in zip(reversed(sources), shares, strict=True):
            gradients[source] += share


@mutant(
    "ComputationalGraph",
    "A value of 0 is treated as if it were missing: compare with None, or ask whether the name is there.",
)
class ZeroIsMissing(Graph):
    def forward(self, inputs):
        if any(not value for value in inputs.values()):
            raise ValueError("missing input")
        return super().forward(inputs)


@mutant("ComputationalGraph", "Only the first two inputs of a gate are used; a gate may have one or three.")
class TwoInputs(Graph):
    def collect(self, sources):
        return super().collect(sources)[:2]

    def spread(self, gradients, sources, shares):
        for source, share in zip(sources[:2], shares[:2], strict=False):
            gradients[source] += share


@mutant("ComputationalGraph", "A cycle goes unnoticed: when no node is ready and some are left, raise ValueError.")
class NoCycleError(Graph):
    def sort(self):
        try:
            return super().sort()
        except ValueError:
            return [name for name, (_, sources) in self.by_name.items() if not set(sources) & set(self.by_name)]

    def forward(self, inputs):
        return super().forward(inputs) if self.order else 0.0


@mutant(
    "ComputationalGraph",
    "A cycle ends in a RecursionError: notice a node that is visited while its own sources are, and raise ValueError.",
)
class EndlessRecursion(Graph):
    def sort(self):
        try:
            return super().sort()
        except ValueError:
            raise RecursionError("maximum recursion depth exceeded") from None


@mutant("ComputationalGraph", "A missing input ends in a KeyError; it should raise ValueError.")
class KeyErrorForMissing(Graph):
    def refuse(self, inputs):
        for name in self.outer:
            inputs[name]
        super().refuse(inputs)


@mutant(
    "ComputationalGraph",
    "A name that is no input of the graph is accepted in silence: a typing error would go unnoticed.",
)
class AcceptsUnknownNames(Graph):
    def refuse(self, inputs):
        if not set(self.outer) <= set(inputs):
            raise ValueError("missing")
