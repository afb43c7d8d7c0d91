"""The extension, numbers that differentiate themselves: mistakes, and other correct solutions."""

import math

from autograder.testing import alternative, mutant


class Numbers:
    """A number with (source, local gradient) pairs; mutants change how one operation or `backward` works."""

    def __init__(self, data, links=()):
        self.data, self.grad, self.links = float(data), 0.0, list(links)

    def make(self, data, *links):
        return type(self)(data, links)

    def lift(self, other):
        return other if isinstance(other, Numbers) else self.make(other)

    def __add__(self, other):
        other = self.lift(other)
        return self.make(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = self.lift(other)
        return self.make(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, exponent):
        return self.make(self.data**exponent, (self, exponent * self.data ** (exponent - 1)))

    def exp(self):
        return self.make(math.exp(self.data), (self, math.exp(self.data)))

    def relu(self):
        return self.make(max(self.data, 0), (self, float(self.data >= 0)))

    def tanh(self):
        t = math.tanh(self.data)
        return self.make(t, (self, 1 - t * t))

    def sorted(self):
        order, seen = [], set()

        def visit(value):
            if id(value) not in seen:
                seen.add(id(value))
                for source, _ in value.links:
                    visit(source)
                order.append(value)

        visit(self)
        return order

    def give(self):
        for source, slope in self.links:
            source.grad += slope * self.grad

    def backward(self):
        order = self.sorted()
        self.grad = 1.0
        for value in reversed(order):
            value.give()

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + other * -1.0

    def __rsub__(self, other):
        return self * -1.0 + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return self**-1 * other


@alternative("Value", "local gradients kept beside the sources")
class LocalGradients(Numbers):
    pass


@alternative("Value", "ordered by the number of creation, no recursion")
class NumberedByCreation(Numbers):
    count = 0

    def __init__(self, data, links=()):
        super().__init__(data, links)
        NumberedByCreation.count += 1
        self.number = NumberedByCreation.count

    def sorted(self):
        found, waiting = {self.number: self}, [self]
        while waiting:
            for source, _ in waiting.pop().links:
                if source.number not in found:
                    found[source.number] = source
                    waiting.append(source)
        return [found[number] for number in sorted(found)]


@mutant("Value", "Gradients are overwritten where a value is used twice: add to grad, with +=.")
class OverwritesGradients(Numbers):
    def give(self):
        for source, slope in self.links:
            source.grad = slope * self.grad


@mutant("Value", "__mul__ gives each factor its own value as slope; the other factor belongs there.")
class ProductDoesNotSwap(Numbers):
    def __mul__(self, other):
        other = self.lift(other)
        return self.make(self.data * other.data, (self, self.data), (other, other.data))


@mutant("Value", "__mul__ hands on its local gradients alone; multiply each by the grad of the product.")
class ProductIgnoresUpstream(Numbers):
    def __mul__(self, other):
        other = self.lift(other)
        out = super().__mul__(other)

        def give():
            self.grad += other.data
            other.grad += self.data

        out.give = give
        return out


@mutant("Value", "exp hands nothing back: is its pass_back attached to the value that it returns?")
class ExponentialHandsNothingBack(Numbers):
    def exp(self):
        return self.make(math.exp(self.data), (self, 0.0))


@mutant("Value", "relu does not say what its result was made from, so that backward goes no further there.")
class ReluForgetsItsSource(Numbers):
    def relu(self):
        out = self.make(max(self.data, 0))

        def give():
            self.grad += float(self.data >= 0) * out.grad

        out.give = give
        return out


@mutant("Value", "__mul__ passes its gradient to the first factor only.")
class ProductForgetsTheSecond(Numbers):
    def __mul__(self, other):
        other = self.lift(other)
        return self.make(self.data * other.data, (self, other.data))


@mutant("Value", "__mul__ does not work with plain numbers: turn them into a Value first, as __add__ does.")
class ProductOfValuesOnly(Numbers):
    def __mul__(self, other):
        return self.make(self.data * other.data, (self, other.data), (other, self.data))

    def __neg__(self):
        return Numbers.__mul__(self, -1.0)

    def __sub__(self, other):
        return self + (-other)

    def __rtruediv__(self, other):
        return Numbers.__mul__(self**-1, other)


@mutant("Value", "The slope of a power has the old exponent: it should be one less.")
class PowerKeepsItsExponent(Numbers):
    def __pow__(self, exponent):
        return self.make(self.data**exponent, (self, exponent * self.data**exponent))


@mutant("Value", "The slope of a power lacks the exponent as a factor.")
class PowerLosesItsFactor(Numbers):
    def __pow__(self, exponent):
        return self.make(self.data**exponent, (self, self.data ** (exponent - 1)))


@mutant("Value", "The exponential's slope is the exponential; here it is the value before it.")
class ExponentialOfTheInput(Numbers):
    def exp(self):
        return self.make(math.exp(self.data), (self, self.data))


@mutant("Value", "The slope of tanh is 1 - tanh**2: here the square is of the input.")
class TanhOfTheInput(Numbers):
    def tanh(self):
        return self.make(math.tanh(self.data), (self, 1 - self.data**2))


@mutant("Value", "The slope of tanh is 1 - tanh**2: here the square is missing.")
class TanhNotSquared(Numbers):
    def tanh(self):
        return self.make(math.tanh(self.data), (self, 1 - math.tanh(self.data)))


@mutant("Value", "relu hands the gradient back for negative values, too.")
class ReluPassesEverything(Numbers):
    def relu(self):
        return self.make(max(self.data, 0), (self, 1.0))


@mutant("Value", "The slope of relu is 1 for positive values, not the value.")
class ReluTimesItsValue(Numbers):
    def relu(self):
        return self.make(max(self.data, 0), (self, max(self.data, 0)))


class _Gated(Numbers):
    """A relu whose gradient depends on the sign of what comes from upstream."""

    def give(self):
        for source, slope in self.links:
            source.grad += slope * (max(self.grad, 0.0) if getattr(self, "gated", False) else self.grad)


@mutant("Value", "relu removes negative gradients: the sign of the value decides, not that of the gradient.")
class ReluOfTheGradient(_Gated):
    def relu(self):
        out = super().relu()
        out.gated = True
        return out


@mutant("Value", "backward leaves out its start: the slope of a value in itself is 1.")
class NoSeed(Numbers):
    def backward(self):
        for value in reversed(self.sorted()):
            value.give()


@mutant(
    "Value",
    "Gradients arrive only next to the result: go on to the sources' sources, from the result towards the inputs.",
)
class OneStep(Numbers):
    def backward(self):
        self.grad = 1.0
        self.give()


@mutant(
    "Value",
    "backward visits the sources of a value before its other uses have reported: sort topologically, then go in reverse.",
)
class BreadthFirst(Numbers):
    def backward(self):
        self.grad = 1.0
        waiting, seen = [self], {id(self)}
        while waiting:
            value = waiting.pop(0)
            value.give()
            for source, _ in value.links:
                if id(source) not in seen:
                    seen.add(id(source))
                    waiting.append(source)


@mutant("Value", "A value that is used twice passes its gradient back twice: visit every value once.")
class VisitsTwice(Numbers):
    def sorted(self):
        order = []

        def visit(value):
            for source, _ in value.links:
                visit(source)
            order.append(value)

        visit(self)
        return order


@mutant("Value", "backward sets all gradients to 0 before it starts; it should add to what is there.")
class ForgetsOldGradients(Numbers):
    def backward(self):
        for value in self.sorted():
            value.grad = 0.0
        super().backward()


@mutant("Value", "backward adds 1 to the grad of every value that led to it, not only to its own.")
class SeedsEverything(Numbers):
    def backward(self):
        order = self.sorted()
        for value in order:
            value.grad = 1.0
        for value in reversed(order):
            value.give()
