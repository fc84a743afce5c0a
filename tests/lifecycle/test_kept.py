"""The rows of a store say what the states say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.lifecycle.kept import ROW, ROW_BYTES, noise_ids_in, rows_of, state_in, states_in
from slm.lifecycle.phases import NEVER, archive_weeks
from slm.lifecycle.state import array_of
from tests.lifecycle.histories import ORIGIN, history


def test_a_row_has_28_bytes_on_every_machine() -> None:
    """Pinned layout: what the store's head has room for; bytes in a store are read by their offsets."""
    assert ROW.itemsize == ROW_BYTES == 28
    assert {name: ROW.fields[name][1] for name in ("counter", "noise_id", "archive_week", "pinned")} == {
        "counter": 0,
        "noise_id": 8,
        "archive_week": 18,
        "pinned": 27,
    }


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 700), min_size=1, max_size=5),
    st.integers(0, 2**32 - 1),
    st.integers(0, 3),
    st.integers(0, 3),
    st.floats(0, 1),
    st.booleans(),
)
def test_a_state_comes_back_from_its_row(days, id_, confirmations, contradictions, importance, held) -> None:
    """Round trip; the week beside it is the one that the state has."""
    state = replace(history(sorted(days), confirmations, contradictions, importance), pinned=held)

    rows = rows_of(ORIGIN, [state, state], [id_, 7])

    assert [state_in(row) for row in rows] == [state, state]
    assert noise_ids_in(rows).tolist() == [id_, 7]
    assert np.array_equal(states_in(rows), array_of([state, state]))
    expected = archive_weeks(ORIGIN, array_of([state]), np.array([id_], np.uint32))[0]
    assert rows["archive_week"][0] == expected
    assert (expected == NEVER) >= held


def test_a_birth_before_1970_or_after_2149_is_cut() -> None:
    """It is where a path of noise begins, sixteen edges back at most: nothing else."""
    early, late = replace(history([0]), created=-5), replace(history([0]), created=70_000)

    assert states_in(rows_of(ORIGIN, [early, late], [1, 2]))["created"].tolist() == [0, 65_535]


def test_no_states_have_no_rows() -> None:
    assert len(rows_of(ORIGIN, [], [])) == 0


def test_nothing_kept_yet_is_told_by_the_counter() -> None:
    """Zero bytes are no state: taking a memory in counts a step at least."""
    assert np.zeros(1, ROW)["counter"][0] == 0
    assert rows_of(ORIGIN, [replace(history([0]), counter=1)], [0])["counter"][0] == 1
