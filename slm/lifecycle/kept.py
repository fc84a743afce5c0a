"""The 28 bytes that a store keeps of a memory's lifecycle: its state, the id of its noise, and its archive week.

The last two follow from the state and the public id. They are kept because recall needs them of every memory: from the
week on, a memory is archived, and nothing but an event changes that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from slm.geometry.backend import NUMPY, Noise
from slm.lifecycle.phases import archive_weeks
from slm.lifecycle.state import DTYPE, LAYOUT, MAX_16, Origin, State, States, array_of

ROW = np.dtype(
    [
        ("counter", "<i8"),
        ("noise_id", "<u4"),
        ("last", "<i4"),
        ("created", "<u2"),
        ("archive_week", "<u2"),
        ("uses_today", "<u2"),
        ("confirmations", "<u2"),
        ("contradictions", "u1"),
        ("importance", "u1"),
        ("trust", "u1"),
        ("pinned", "u1"),
    ]
)
"""``created`` is a day from 1970 to 2149; earlier and later ones are taken for these. A counter of 0: not begun yet."""
ROW_BYTES = 28

Rows = npt.NDArray[np.void]
"""An array (n,) of :data:`ROW`."""


def rows_of(origin: Origin, states: Sequence[State], noise_ids: Sequence[int], noise: Noise = NUMPY.noise) -> Rows:
    """The rows (n,) of ``states`` (n,) whose noise is drawn by ``noise_ids`` (n,), with their archive weeks."""
    rows, given = np.zeros(len(states), ROW), array_of(states)
    for name in STATE_FIELDS:
        rows[name] = np.clip(given[name], 0, MAX_16) if name == "created" else given[name]
    rows["noise_id"] = noise_ids
    if len(rows):
        rows["archive_week"] = archive_weeks(origin, states_in(rows), noise_ids_in(rows), noise)
    return rows


def states_in(rows: Rows) -> States:
    """The states (n,) that ``rows`` (n,) keep."""
    states = np.empty(len(rows), DTYPE)
    for name in STATE_FIELDS:
        states[name] = rows[name]
    return states


def noise_ids_in(rows: Rows) -> npt.NDArray[np.uint32]:
    """By which ids (n,) the noise of ``rows`` (n,) is drawn."""
    return np.ascontiguousarray(rows["noise_id"])


def state_in(row: np.void) -> State:
    """The state that one row keeps."""
    return State.from_bytes(LAYOUT.pack(*(int(row[name]) for name in STATE_FIELDS)))


STATE_FIELDS = tuple(field.name for field in fields(State))
