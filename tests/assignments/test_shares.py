"""The first proposal of who gets which firms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assignments.shares import propose


def test_a_township_stays_together():
    townships = {1: 20, 2: 10, 3: 20, 4: 10, 5: None, 6: 30}
    assert propose(townships, [7, 8]) == {2: 7, 4: 7, 1: 7, 3: 8, 6: 8, 5: 8}
    assert propose({1: 10, 2: 10, 3: 20, 4: 20}, [7, 8]) == {1: 7, 2: 7, 3: 8, 4: 8}


def test_nobody_to_receive():
    with pytest.raises(ValueError):
        propose({1: 10}, [])


@given(
    st.dictionaries(st.integers(1, 10**6), st.none() | st.integers(1, 20), min_size=1, max_size=60),
    st.lists(st.integers(1, 99), min_size=1, max_size=8, unique=True),
)
def test_every_firm_once_and_even_numbers(townships, receivers):
    given_ = propose(townships, receivers)
    assert set(given_) == set(townships)
    counts = [list(given_.values()).count(each) for each in receivers]
    assert max(counts) - min(counts) <= 1
