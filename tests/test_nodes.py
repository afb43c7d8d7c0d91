"""Outputs made without a check are what nbformat makes with one."""

import nbformat.v4
import pytest

from autograder.pipeline.nodes import new_output

CASES = [
    ("stream", {"name": "stderr", "text": "careful\n"}),
    ("stream", {"text": ""}),
    ("error", {"ename": "ValueError", "evalue": "no", "traceback": ["line 1", "line 2"]}),
    ("display_data", {"data": {"text/plain": "1", "image/png": "AAAA"}}),
    ("execute_result", {"data": {"text/plain": "1.5"}, "execution_count": 3}),
    ("execute_result", {"data": {"text/plain": "1.5", "application/x+json": {"tests": [{"name": "a"}]}}}),
]


@pytest.mark.parametrize(("kind", "fields"), CASES)
def test_an_output_is_what_nbformat_makes(kind, fields):
    node = new_output(kind, **fields)
    assert node == nbformat.v4.new_output(kind, **fields)
    assert type(node.get("data", {})) is type(nbformat.v4.new_output(kind, **fields).get("data", {}))


def test_outputs_share_nothing():
    first, second = new_output("error"), new_output("error")
    first.traceback.append("line")
    assert second.traceback == []


@pytest.mark.parametrize(("kind", "fields"), [("page", {}), ("stream", {"data": {}})])
def test_an_unknown_kind_or_field_is_refused(kind, fields):
    with pytest.raises(KeyError):
        new_output(kind, **fields)
