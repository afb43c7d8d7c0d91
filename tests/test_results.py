"""Tables of experiments as notebooks read them."""

import numpy as np
import pytest

from course_utils.data import DataError, load_results
from course_utils.data.results import read_results

TABLE = """\
# what: moons against mass
# command: python -m experiments moons
# seeds: 0 1
# machine: A processor, 2 cores, Python 3.11.7, NumPy 2.3.0
# seconds: 12
seed,mass,method,moons,found,score
0,0.1,count,3,True,0.5
0,0.01,count,2,False,nan
0,0.1,"guess, twice",4,True,1.0
1,0.1,count,5,True,2.0
1,0.01,count,6,True,3.0
1,0.1,"guess, twice",7,False,1e-06
"""


@pytest.fixture
def places(tmp_path):
    """A place with nothing, then one with the table."""
    folder = tmp_path / "data" / "experiments"
    folder.mkdir(parents=True)
    (folder / "moons.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path / "nowhere", tmp_path / "data"


@pytest.fixture
def table(places):
    return load_results("moons", places)


def test_columns_have_the_kind_of_their_values(table):
    kinds = {name: column.dtype.kind for name, column in table.items()}
    assert kinds == {"seed": "i", "mass": "f", "method": "U", "moons": "i", "found": "b", "score": "f"}
    assert table["method"][2] == "guess, twice"
    assert not table["found"][1] and np.isnan(table["score"][1])
    assert table.seeds == (0, 1)


def test_a_number_too_large_for_an_integer_is_a_float(tmp_path):
    (tmp_path / "large.csv").write_text(f"seed,x\n0,{10**30}\n", encoding="utf-8")
    assert read_results(tmp_path / "large.csv")["x"].tolist() == [1e30]


def test_columns_are_read_only(table):
    with pytest.raises(ValueError):
        table["mass"][0] = 1.0


def test_a_table_says_where_it_comes_from(table):
    assert table.what == "moons against mass"
    assert table.command == "python -m experiments moons"
    assert table.describe() == (
        "2 seeds, 12 s of CPU time, by `python -m experiments moons` on A processor, 2 cores, Python 3.11.7, "
        "NumPy 2.3.0"
    )
    assert "6 rows of seed, mass, method" in repr(table)


def test_a_curve_for_each_seed_over_increasing_numbers(table):
    masses, moons = table.by_seed(x="mass", value="moons", where={"method": "count"})
    np.testing.assert_array_equal(masses, [0.01, 0.1])
    np.testing.assert_array_equal(moons, [[2, 3], [6, 5]])


def test_a_curve_over_texts_keeps_their_order(table):
    methods, scores = table.by_seed(x="method", value="score", where={"mass": 1 / 10.0000001})
    assert methods.tolist() == ["count", "guess, twice"]
    np.testing.assert_array_equal(scores, [[0.5, 1.0], [2.0, 1e-6]])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"x": "mass", "value": "moons"}, r"seed 0 has 2 rows with mass = 0.1; choose among 'method'"),
        ({"x": "method", "value": "moons", "where": {"mass": 0.01}}, None),
        ({"x": "mass", "value": "moons", "where": {"method": "telescope"}}, "'method' takes: count, guess, twice"),
        ({"x": "mass", "value": "moons", "where": {"found": False}}, "seed 0 has 0 rows with mass = 0.1"),
    ],
)
def test_what_is_no_curve_is_refused_in_words(table, arguments, said):
    if said is None:
        assert table.by_seed(**arguments)[1].tolist() == [[2], [6]]
        return
    with pytest.raises(ValueError, match=said):
        table.by_seed(**arguments)


def test_an_unknown_column_is_named_with_a_near_one(table):
    with pytest.raises(KeyError, match="did you mean score"):
        table["scores"]


def test_an_unknown_table_is_named_with_a_near_one(places):
    with pytest.raises(DataError, match=r"'moon'; did you mean moons.*make experiments NAME=moon"):
        load_results("moon", places)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "cannot be read"),
        (b"", "not a table"),
        (b"# what: x\nmass,moons\n1,2\n", "column 'seed'"),
        (b"# what: x\nseed,mass\n0,1\n0\n", "line 4 has 1 values for 2 columns"),
        (b"seed,mass\nzero,1\n", "whole numbers"),
        (b"seed,mass,mass\n0,1,1\n", "not a table"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path, content, said):
    path = tmp_path / "damaged.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_results(path)
