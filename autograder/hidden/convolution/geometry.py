"""Hidden tests of `receptive_field` and `count_parameters`."""

from autograder.oracles import convolution as oracles
from autograder.testing import expect_dtype, expect_equal, expect_raises, hidden


def field_test(name, title, stacks, weight=1):
    """A hidden test of receptive_field. stacks: function of a generator, gives lists of (size, stride)."""

    def test(student, rng):
        for layers in stacks(rng):
            expect_equal(student.receptive_field(layers), oracles.seen_pixels(layers), "the receptive field")

    test.__name__, test.__doc__ = name, title
    hidden("receptive_field", weight=weight)(test)


def at_stride_one(rng):
    yield from ([(3, 1)] * depth for depth in (1, 2, 5))
    yield [(int(rng.integers(1, 8)), 1) for _ in range(4)]


def with_strides(rng):
    yield from ([(3, 2), (3, 1)], [(3, 1), (2, 2), (3, 1)], [(7, 2), (3, 2), (3, 1), (3, 1)])
    for _ in range(3):
        yield [(int(rng.integers(2, 6)), int(rng.integers(1, 4))) for _ in range(3)]


def overlapping_and_not(rng):
    yield from ([(5, 2), (1, 1), (4, 3), (3, 1)], [(2, 2), (2, 2), (2, 2)], [(3, 3), (2, 1), (3, 2), (2, 1)])


def short_stacks(rng):
    yield from ([], [(1, 1)], [(5, 3)], [(1, 1), (1, 1)], [(1, 2)])


field_test("fields_at_stride_one", "layers of stride 1", at_stride_one, 2)
field_test("fields_with_strides", "strides, and pooling between the layers", with_strides, 3)
field_test("fields_of_mixed_stacks", "stacks of large, small and strided windows", overlapping_and_not, 2)
field_test("fields_of_short_stacks", "no layer, one layer, windows of one pixel", short_stacks, 1)


@hidden("receptive_field")
def field_is_an_int_and_layers_are_left(student, rng):
    """the receptive field is an int, and the list of layers is left as it is"""
    layers = [(3, 2), (4, 1), (3, 2), (5, 1)]  # common mistakes all give numbers of their own here
    kept = student.keep(layers)
    expect_dtype(student.receptive_field(kept), "int", what="the receptive field")
    expect_equal(student.value(kept), layers, "the list of layers after the call")
    expect_equal(student.receptive_field(kept), oracles.seen_pixels(layers), "the receptive field, asked again")


def count_test(name, title, nets, weight=1):
    """A hidden test of count_parameters. nets: function of a generator, gives lists of layers."""

    def test(student, rng):
        for layers in nets(rng):
            expect_equal(student.count_parameters(layers), oracles.parameters(layers), "the number of parameters")

    test.__name__, test.__doc__ = name, title
    hidden("count_parameters", weight=weight)(test)


def some(rng, count, high=9):
    return [int(number) for number in rng.integers(2, high, size=count)]


def dense_layers(rng):
    yield [("dense", *some(rng, 2))]
    yield [("dense", *some(rng, 2)), ("dense", *some(rng, 2))]


def conv_layers(rng):
    for height, width in ((5, 5), (3, 3), (1, 1), (3, 7), (2, 1)):
        yield [("conv", *some(rng, 2), height, width)]


def local_layers(rng):
    for height, width, rows, across in ((3, 3, 5, 5), (2, 3, 4, 6), (1, 1, 3, 2)):
        yield [("local", *some(rng, 2, 5), height, width, rows, across)]


def layers_without_weights(rng):
    yield [("pool", *some(rng, 2))]
    yield [("batchnorm", *some(rng, 1))]
    yield [("conv", 3, 4, 3, 3), ("batchnorm", 4), ("pool", 2, 2), ("dense", 16, 10)]


def whole_nets(rng):
    yield []
    yield [("conv", 3, 8, 3, 3), ("pool", 2, 2), ("conv", 8, 12, 3, 3), ("pool", 2, 2), ("dense", 48, 10)]
    yield [("local", 1, 2, 3, 3, 4, 4), ("batchnorm", 2), ("dense", 32, 7), ("dense", 7, 3)]


count_test("count_dense", "dense layers", dense_layers, 2)
count_test("count_conv", "convolution layers, also with kernels that are no squares", conv_layers, 2)
count_test("count_local", "locally connected layers", local_layers, 2)
count_test("count_pool_and_batchnorm", "pooling, and batch normalisation", layers_without_weights, 2)
count_test("count_whole_nets", "whole nets, and an empty one", whole_nets, 2)


@hidden("count_parameters")
def count_is_an_int_and_layers_are_left(student, rng):
    """the number of parameters is an int, and the list of layers is left as it is"""
    layers = [("dense", 3, 4), ("conv", 2, 3, 2, 5), ("pool", 2, 3), ("batchnorm", 5), ("local", 2, 3, 2, 1, 4, 3)]
    kept = student.keep(layers)
    expect_dtype(student.count_parameters(kept), "int", what="the number of parameters")
    expect_equal(student.value(kept), layers, "the list of layers after the call")
    expect_equal(student.count_parameters(kept), oracles.parameters(layers), "the number of parameters, asked again")


@hidden("count_parameters")
def unknown_layers_are_refused(student, rng):
    """a layer that is none of the five kinds"""
    for layers in ([("dropout", 3)], [("dense", 2, 3), ("convolution", 3, 4, 3, 3)]):
        expect_raises(
            ValueError, student.count_parameters, layers, otherwise="an unknown kind of layer should raise ValueError"
        )
    known = [("dense", *some(rng, 2))]
    expect_equal(student.count_parameters(known), oracles.parameters(known), "the number of parameters of a known kind")
