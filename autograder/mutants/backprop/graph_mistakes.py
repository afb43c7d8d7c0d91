"""The computational graph: mistakes."""

from autograder.mutants.backprop.graph import Graph
from autograder.testing import mutant


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
    "ComputationalGraph",
    "A single round of exchanges does not sort the nodes: some still stand before their sources. Take ready ones only.",
)
class ExchangesOnce(Graph):
    def sort(self):
        order = ListedOrder.sort(self)
        for i in range(len(order)):
            for j in range(i):
                if order[i] in self.by_name[order[j]][1]:
                    order[i], order[j] = order[j], order[i]
        return order


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
        gradients = self.gradients = dict.fromkeys(self.values, 0.0)

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
        return {name: self.gradients.get(name, 0.0) for name in self.values} | {self.order[-1]: 1.0}


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


@mutant(
    "ComputationalGraph", "forward does not leave its values in self.values, where they can be looked at afterwards."
)
class KeepsNoValues(Graph):
    def forward(self, inputs):
        value = super().forward(inputs)
        self.known, self.values = list(self.values), {}
        return value

    def zeros(self):
        return dict.fromkeys(self.known, 0.0) | {self.order[-1]: 1.0}


@mutant(
    "ComputationalGraph",
    "self.gradients holds the slopes of the graph's inputs only; those of the nodes are to be kept there as well.",
)
class KeepsInputSlopesOnly(Graph):
    def answer(self, gradients):
        self.gradients = super().answer(gradients)
        return dict(self.gradients)
