"""`receptive_field` and `count_parameters`: mistakes, and other correct solutions."""

import math

from autograder.testing import alternative, mutant


@alternative("receptive_field", "from the last layer back to the first")
def backwards(layers):
    field = 1
    for size, stride in layers[::-1]:
        field = (field - 1) * stride + size
    return field


@alternative("receptive_field", "a sum over layers of products of strides")
def sum_of_products(layers):
    return 1 + sum((size - 1) * math.prod(s for _, s in layers[:number]) for number, (size, _) in enumerate(layers))


@alternative("receptive_field", "the first and the last pixel, followed back")
def first_and_last(layers):
    first = last = 0
    for size, stride in reversed(layers):
        first, last = first * stride, last * stride + size - 1
    return last - first + 1


def _field_fault(name, sentence, work):
    work.__name__ = name
    mutant("receptive_field", sentence)(work)


def _grow(layers, add, jump_of=lambda jump, size, stride: jump * stride):
    field, jump = 1, 1
    for size, stride in layers:
        field += add(field, jump, size, stride)
        jump = jump_of(jump, size, stride)
    return field


_field_fault(
    "strides_forgotten",
    "The strides are forgotten: after a stride of 2, neighbouring neurons lie two pixels apart.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: size - 1),
)
_field_fault(
    "own_stride_first",
    "A layer's own stride is counted for its own field: let the field grow before the jump does.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: (size - 1) * jump * stride),
)
_field_fault(
    "previous_stride_only",
    "Only the stride of the layer before is counted: jumps of all layers before multiply.",
    lambda layers: _grow(
        layers, lambda field, jump, size, stride: (size - 1) * jump, lambda jump, size, stride: stride
    ),
)
_field_fault(
    "own_stride_for_the_jump",
    "Neighbours are counted as far apart as the layer's own stride; what counts is the product of the strides of the layers before.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: (size - 1) * stride),
)
_field_fault(
    "jumps_added",
    "The strides are added up: jumps of several layers multiply.",
    lambda layers: _grow(
        layers, lambda field, jump, size, stride: (size - 1) * jump, lambda jump, size, stride: jump + stride - 1
    ),
)
_field_fault(
    "sizes_in_full",
    "Each layer adds its whole window: it adds one neighbour less, since the field has its first pixel already.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: size * jump),
)
_field_fault(
    "starts_from_zero",
    "The field starts from 0: without any layer a pixel sees itself.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: (size - 1) * jump) - 1,
)
_field_fault(
    "order_reversed",
    "The layers are taken in the wrong order for this rule: a stride matters for the layers after it, not for those before.",
    lambda layers: _grow(list(layers)[::-1], lambda field, jump, size, stride: (size - 1) * jump),
)
_field_fault(
    "fields_multiplied",
    "The windows' sizes are multiplied: fields of neighbours overlap, so they add up to much less.",
    lambda layers: math.prod(size for size, _ in layers),
)
_field_fault(
    "area_for_length",
    "This is the number of pixels of the square; the number along one axis is asked for.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: (size - 1) * jump) ** 2,
)
_field_fault(
    "last_layer_left_out",
    "The last layer is left out.",
    lambda layers: _grow(list(layers)[:-1], lambda field, jump, size, stride: (size - 1) * jump),
)
_field_fault(
    "strides_and_sizes_exchanged",
    "Size and stride are exchanged: a layer is (size, stride).",
    lambda layers: _grow(
        [(stride, size) for size, stride in layers], lambda field, jump, size, stride: (size - 1) * jump
    ),
)


_field_fault(
    "odd_windows_only",
    "Half of the window is rounded down: this is right for odd windows only. A layer adds size - 1 neighbours.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: 2 * (size // 2) * jump),
)
_field_fault(
    "field_multiplied_by_the_stride",
    "The field itself is multiplied by the stride; it is the jump that the stride multiplies.",
    lambda layers: _grow(layers, lambda field, jump, size, stride: (field + size - 1) * stride - field),
)


@mutant(
    "receptive_field",
    "Without any layer this raises an error: a pixel sees itself, 1. Start from the pixel, not from the first layer.",
)
def needs_a_layer(layers):
    field, jump = layers[0]
    for size, stride in layers[1:]:
        field, jump = field + (size - 1) * jump, jump * stride
    return field


@mutant("receptive_field", "The list of layers is used up: leave it as it is.")
def list_used_up(layers):
    field, jump = 1, 1
    while layers:
        size, stride = layers.pop(0)
        field, jump = field + (size - 1) * jump, jump * stride
    return field


@mutant("receptive_field", "The receptive field is a float: it is a number of pixels, so start from whole numbers.")
def field_as_a_float(layers):
    return float(_grow(layers, lambda field, jump, size, stride: (size - 1) * jump))


# Parameters ----------------------------------------------------------------------------------------------------------

RIGHT = {
    "dense": lambda inputs, outputs: (inputs + 1) * outputs,
    "conv": lambda channels, filters, h, w: (channels * h * w + 1) * filters,
    "local": lambda channels, filters, h, w, rows, across: (channels * h * w + 1) * filters * rows * across,
    "pool": lambda h, w: 0,
    "batchnorm": lambda channels: 2 * channels,
}


def _counted(layers, rules):
    total = 0
    for kind, *sizes in layers:
        if kind not in rules:
            raise ValueError(f"unknown: {kind}")
        total += rules[kind](*sizes)
    return total


@alternative("count_parameters", "a table of functions")
def table_of_functions(layers):
    return _counted(layers, RIGHT)


@alternative("count_parameters", "products of shapes, weights and biases apart")
def shapes_of_arrays(layers):
    shapes = []
    for layer in layers:
        match layer:
            case ("dense", inputs, outputs):
                shapes += [(inputs, outputs), (outputs,)]
            case ("conv", channels, filters, h, w):
                shapes += [(filters, channels, h, w), (filters,)]
            case ("local", channels, filters, h, w, rows, across):
                shapes += [(rows, across, filters, channels, h, w), (rows, across, filters)]
            case ("batchnorm", channels):
                shapes += [(channels,), (channels,)]
            case ("pool", _, _):
                pass
            case _:
                raise ValueError("there is no such layer")
    return sum(math.prod(shape) for shape in shapes)


def _count_fault(name, sentence, **rules):
    def work(layers):
        return _counted(layers, RIGHT | rules)

    work.__name__ = name
    mutant("count_parameters", sentence)(work)


_count_fault(
    "dense_without_biases",
    "Dense layers are counted without their biases.",
    dense=lambda inputs, outputs: inputs * outputs,
)
_count_fault(
    "dense_biases_of_inputs",
    "A dense layer has a bias for each output, not for each input.",
    dense=lambda inputs, outputs: inputs * outputs + inputs,
)
_count_fault(
    "dense_one_bias", "A dense layer has a bias for each output, not a single one.", dense=lambda i, o: i * o + 1
)
_count_fault(
    "conv_one_channel",
    "Convolution: a kernel reaches through all channels of its input.",
    conv=lambda channels, filters, h, w: (h * w + 1) * filters,
)
_count_fault(
    "conv_bias_for_each_channel",
    "Convolution: a bias is counted for each channel of each kernel; a kernel has one bias.",
    conv=lambda channels, filters, h, w: channels * (h * w + 1) * filters,
)
_count_fault(
    "conv_without_biases",
    "Convolution: the biases are missing, one for each filter.",
    conv=lambda channels, filters, h, w: channels * h * w * filters,
)
_count_fault(
    "conv_square",
    "Convolution: the kernel's height is used for its width as well.",
    conv=lambda channels, filters, h, w: (channels * h * h + 1) * filters,
)
_count_fault(
    "conv_filters_forgotten",
    "Convolution: this is one kernel; there are as many as filters.",
    conv=lambda channels, filters, h, w: channels * h * w + 1,
)
_count_fault(
    "conv_one_bias",
    "Convolution: there is a bias for each filter, not a single one.",
    conv=lambda channels, filters, h, w: channels * h * w * filters + 1,
)
_count_fault(
    "local_without_biases",
    "Locally connected layers are counted without their biases.",
    local=lambda channels, filters, h, w, rows, across: channels * h * w * filters * rows * across,
)
_count_fault(
    "local_one_bias_a_place",
    "Locally connected: each filter has a bias of its own at each place; one for each place is counted.",
    local=lambda channels, filters, h, w, rows, across: (channels * h * w * filters + 1) * rows * across,
)
_count_fault(
    "local_filters_forgotten",
    "Locally connected: the number of filters is left out.",
    local=lambda channels, filters, h, w, rows, across: (channels * h * w + 1) * rows * across,
)
_count_fault(
    "local_sizes_exchanged",
    "Locally connected: the kernel's height and width are taken for the output's, and the other way round.",
    local=lambda channels, filters, rows, across, h, w: (channels * h * w + 1) * filters * rows * across,
)
_count_fault(
    "local_shared",
    "Locally connected layers share nothing: each place has kernels of its own.",
    local=lambda channels, filters, h, w, rows, across: (channels * h * w + 1) * filters,
)
_count_fault(
    "local_shares_biases",
    "Locally connected layers have biases of their own for each place, too.",
    local=lambda channels, filters, h, w, rows, across: (channels * h * w * rows * across + 1) * filters,
)
_count_fault(
    "local_square",
    "Locally connected: the height of the output is used for its width as well.",
    local=lambda channels, filters, h, w, rows, across: (channels * h * w + 1) * filters * rows * rows,
)
_count_fault("pooling_has_weights", "Pooling has no parameters.", pool=lambda h, w: h * w)
_count_fault(
    "batchnorm_gain_only",
    "Batch normalisation has two parameters a channel, a gain and a shift.",
    batchnorm=lambda channels: channels,
)
_count_fault(
    "batchnorm_with_running_statistics",
    "Batch normalisation: running means and variances are counted, but they are not trained and are no parameters.",
    batchnorm=lambda channels: 4 * channels,
)


@mutant("count_parameters", "Unknown kinds of layers are passed over in silence; they should raise ValueError.")
def unknown_passed_over(layers):
    return _counted([layer for layer in layers if layer[0] in RIGHT], RIGHT)


@mutant("count_parameters", "Only the last layer is counted: add to the total, do not replace it.")
def last_layer_only(layers):
    total = 0
    for layer in layers:
        total = _counted([layer], RIGHT)
    return total


@mutant("count_parameters", "Pooling is refused as unknown: it is one of the kinds listed, and has no parameters.")
def pooling_refused(layers):
    return _counted(layers, {kind: rule for kind, rule in RIGHT.items() if kind != "pool"})


@mutant("count_parameters", "An unknown kind of layer raises KeyError; ValueError is asked for.")
def key_error(layers):
    return sum(RIGHT[kind](*sizes) for kind, *sizes in layers)


@mutant("count_parameters", "Only the first layer is counted: the return stands inside the loop.")
def first_layer_only(layers):
    for layer in layers:
        return _counted([layer], RIGHT)


@mutant("count_parameters", "The number of parameters is a float: start from 0, a whole number.")
def count_as_a_float(layers):
    return float(_counted(layers, RIGHT))


@mutant("count_parameters", "The list of layers is used up: leave it as it is.")
def layers_used_up(layers):
    total = 0
    while layers:
        total += _counted([layers.pop(0)], RIGHT)
    return total
