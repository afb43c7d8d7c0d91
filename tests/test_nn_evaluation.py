"""Judging a net a part of the rows at a time, and copies of what it has learned."""

import numpy as np
import pytest
from small_nets import LabelledOnly, TwoLayerNet, blobs, net

from course_utils import nn
from course_utils.nn import evaluation
from course_utils.nn.snapshots import Snapshot


@pytest.mark.parametrize("rows", [1, 7, 10, 30, 1000])
@pytest.mark.parametrize("soft", [False, True])
def test_all_rows_count_alike_however_many_are_judged_at_a_time(monkeypatch, rows, soft):
    monkeypatch.setattr(evaluation, "ROWS", rows)
    model, (X, y) = TwoLayerNet(), blobs(30)
    accuracy, loss = evaluation.evaluate(model, X, 0.8 * np.eye(3)[y] + 0.2 / 3 if soft else y)
    wanted = nn.softmax_loss(model.loss(X), 0.8 * np.eye(3)[y] + 0.2 / 3 if soft else y)[0]
    assert accuracy == (model.predict(X) == y).mean() and np.isclose(loss, wanted)
    assert 0 < accuracy < 1


def test_a_net_without_scores_has_an_accuracy_only(monkeypatch):
    monkeypatch.setattr(evaluation, "ROWS", 7)
    model, (X, y) = LabelledOnly(), blobs(30)
    assert evaluation.evaluate(model, X, y) == ((model.predict(X) == y).mean(), None)


def test_a_snapshot_shares_no_array_with_its_net():
    model, (X, y) = net(normalization="batchnorm"), blobs(30)
    model.loss(X, y)
    scores, kept = model.loss(X), Snapshot.of(model)
    for _ in range(2):  # what was restored is a copy, too
        for array in (*model.params.values(), model.bn_params[0]["running_mean"], model.bn_params[0]["running_var"]):
            array += 1
        assert not np.allclose(model.loss(X), scores)
        kept.restore(model)
        assert np.array_equal(model.loss(X), scores)
