from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.model import HeadFlag
from slm.retrieval.columns import DTYPES, HIDDEN, Columns

HEAD = np.dtype([*DTYPES.items(), ("recorded_ns", "i8")])
"""A store's head row has more fields than ranking needs."""

LIMITS = {"u1": (0, 255), "u2": (0, 31), "u4": (0, 2**32 - 1), "i8": (-(2**63), 2**63 - 1)}
ROWS = st.tuples(*(st.integers(*LIMITS[dtype]) for dtype in DTYPES.values()))


def _head(row: tuple[int, ...]) -> np.void:
    return np.array([(*row, 0)], HEAD)[0]


def _heads(**values: int) -> np.ndarray:
    heads = np.zeros(1, HEAD)
    for name, value in values.items():
        heads[name] = value
    return heads


@settings(deadline=None, max_examples=60)
@given(st.lists(ROWS, max_size=5), st.lists(st.tuples(st.booleans(), ROWS), max_size=12))
def test_columns_hold_what_was_put_into_each_row(start: list, changes: list) -> None:
    """Oracle: a list of tuples."""
    columns = Columns(np.array([(*row, 0) for row in start], HEAD))
    expected = list(start)
    for replace, row in changes:
        if replace and expected:
            place = row[1] % len(expected)
            columns.replace(place, _head(row))
            expected[place] = row
        else:
            columns.append(_head(row))
            expected.append(row)

    assert columns.count == len(expected)
    for position, name in enumerate(DTYPES):
        assert columns[name].tolist() == [row[position] for row in expected]


def test_columns_grow_past_their_first_capacity() -> None:
    """Amortised O(1): the arrays are doubled, and nothing is lost."""
    columns = Columns(np.zeros(0, HEAD))
    for number in range(3000):
        columns.append(_heads(observed_ns=-number, n_chunks=1)[0])

    assert columns["observed_ns"].tolist() == [-number for number in range(3000)]
    assert columns["n_chunks"].sum() == 3000


@pytest.mark.parametrize(
    ("flags", "live"),
    [
        (0, True),
        (HeadFlag.SUPERSEDED | HeadFlag.PRIVATE | HeadFlag.PINNED, True),
        (HeadFlag.FORGOTTEN, False),
        (HeadFlag.NEVER_TRUE, False),
        (HeadFlag.FORGOTTEN | HeadFlag.PINNED, False),
    ],
)
def test_only_forgotten_and_never_true_memories_are_hidden(flags: int, live: bool) -> None:
    """model.py, ``Memory.live``; superseded ones are still shown, behind their successors."""
    columns = Columns(_heads(flags=flags))

    assert columns.live().tolist() == [live]


def test_the_heads_are_copied() -> None:
    """The store's rows are a snapshot of a transaction that ends."""
    heads = _heads(scope=7)
    columns = Columns(heads)
    heads["scope"] = 9

    assert columns["scope"].tolist() == [7]


def test_a_mask_of_flags_stays_as_wide_as_their_column() -> None:
    """numpy's rule of types: an enumeration's member beside an array of uint16 would widen all of it to int64."""
    columns = Columns(_heads(flags=3))

    assert (columns["flags"] & HIDDEN).dtype == columns["flags"].dtype
