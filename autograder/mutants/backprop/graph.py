"""Right computational graphs, the first with steps for mistakes to replace."""

from autograder.testing import alternative


class Graph:
    """A graph by Kahn's algorithm, with each step a method of its own; mutants replace one."""

    def __init__(self, nodes):
        self.nodes = list(nodes)
        self.by_name = {name: (gate, list(sources)) for name, gate, sources in self.nodes}
        self.outer = sorted({s for _, _, sources in self.nodes for s in sources if s not in self.by_name})
        self.order = self.sort()
        self.values, self.gradients = {}, {}

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
        gradients = self.gradients = self.zeros()
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
        self.gradients = {name: sum(parts) for name, parts in shares.items()}
        return self.answer(self.gradients)
