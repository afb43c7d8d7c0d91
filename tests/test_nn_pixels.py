"""PixelNet: a net that takes images as they leave the loader."""

import numpy as np
import pytest

from course_utils import nn
from course_utils.data import load_dataset
from course_utils.nn.pixels import PixelNet


def test_a_net_on_pixels_sees_centred_and_scaled_channels_first():
    data = load_dataset("garments")
    images = data.train_images[:300]
    net = PixelNet(nn.ConvNet(filters=(2,), hidden=4, rng=0), images)
    ready = net.ready(images)
    assert ready.shape == (300, 3, 32, 32)
    assert ready.dtype == np.float32
    np.testing.assert_allclose(ready.mean(axis=(0, 2, 3)), 0, atol=1e-3)
    np.testing.assert_allclose(ready.std(axis=(0, 2, 3)), 1, atol=1e-3)
    loss, grads = net.loss(images[:5], data.train_labels[:5])
    assert loss == pytest.approx(np.log(10), abs=0.5)
    assert set(grads) == set(net.params)
    assert net.predict(images[:5]).shape == (5,)
    assert net.accuracy(images[:5], net.predict(images[:5])) == 1


@pytest.mark.parametrize("wrong", [np.zeros((2, 8, 8, 3)), np.zeros((8, 8, 3), np.uint8)])
def test_a_net_on_pixels_refuses_what_is_no_batch_of_pixels(wrong):
    with pytest.raises(ValueError, match="uint8 images"):
        PixelNet(nn.ConvNet(), wrong)


def test_channels_without_any_variation_are_centred_and_not_divided_by_zero():
    images = np.full((4, 8, 8, 3), 7, np.uint8)
    images[..., 1] = np.arange(64, dtype=np.uint8).reshape(8, 8)
    ready = PixelNet(nn.ConvNet(filters=(2,), hidden=4, rng=0), images).ready(images)
    assert np.isfinite(ready).all()
    assert not ready[:, [0, 2]].any()


def test_other_images_are_scaled_by_the_training_set():
    rng = np.random.default_rng(0)
    train, other = (rng.integers(0, high, (20, 8, 8, 3), dtype=np.uint8) for high in (256, 40))
    ready = PixelNet(nn.ConvNet(filters=(2,), hidden=4, rng=0), train).ready(other)
    pixels = train.reshape(-1, 3)
    exact = (other - pixels.mean(axis=0)) / pixels.std(axis=0)
    np.testing.assert_allclose(ready, exact.transpose(0, 3, 1, 2), atol=1e-4)


def test_an_empty_training_set_and_another_number_of_channels_are_refused():
    with pytest.raises(ValueError, match="at least one image"):
        PixelNet(nn.ConvNet(), np.zeros((0, 8, 8, 3), np.uint8))
    net = PixelNet(nn.ConvNet(filters=(2,), hidden=4, rng=0), np.zeros((2, 8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match="3 channels"):
        net.predict(np.zeros((2, 8, 8, 1), np.uint8))


def test_a_solver_augments_pixels_before_they_are_scaled():
    rng = np.random.default_rng(0)
    images, seen = rng.integers(0, 256, (20, 32, 32, 3), dtype=np.uint8), []

    def augment(batch, labels, rng):
        seen.append((batch.dtype, batch.shape))
        return batch, labels

    net = PixelNet(nn.ConvNet(filters=(2,), hidden=4, rng=0), images)
    before = {name: value.copy() for name, value in net.params.items()}
    solver = nn.Solver(
        net, images, rng.integers(0, 10, 20), num_epochs=1, batch_size=10, rng=0, augment=augment, progress=False
    )
    solver.train()
    assert seen == [(np.uint8, (10, 32, 32, 3))] * 2
    assert any(np.any(net.params[name] != value) for name, value in before.items())
