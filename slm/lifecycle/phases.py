"""Phases: what a radius amounts to on a day, when a memory is archived, what attention adds to a score."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slm.geometry.backend import NUMPY, Noise
from slm.geometry.ornstein_uhlenbeck import Ids
from slm.lifecycle.cooling import cooling_days
from slm.lifecycle.langevin import DAYS_A_WEEK, STD, radii_on, rounded, week_of
from slm.lifecycle.need import EDGE_RADII, Phase, lifetimes, uses_at_last
from slm.lifecycle.state import Floats, Origin, States

Phases = npt.NDArray[np.uint8]
"""Values of :class:`Phase`."""
ArchiveWeeks = npt.NDArray[np.uint16]
Weeks = npt.NDArray[np.int64]

EDGES_ROUNDED = rounded(np.array(EDGE_RADII))
"""Where phases end, in the same millionths as radii."""
NO_ATTENTION = EDGE_RADII[Phase.WARM]
"""The radius at which attention neither lifts nor lowers: the end of the warm phase, 1.882."""

NEVER = 2**16 - 1
"""The archive week of what is pinned, or won't be archived within twelve centuries."""
MARGIN = 10 * STD
"""Noise this large isn't reckoned with: the week is looked for while the anchor is that near to the edge."""
MEMORIES_A_BLOCK = 1024


def archive_weeks(origin: Origin, states: States, ids: Ids, noise: Noise = NUMPY.noise) -> ArchiveWeeks:
    """The first week (n,), after that of the last event, on whose first day the radius is past the archive edge.

    A function of the state alone, kept beside it because it costs some hundred draws: from that week on the memory is
    archived, whatever the noise does later, until an event changes the state.
    """
    out = np.empty(len(states), np.uint16)
    for start in range(0, len(states), MEMORIES_A_BLOCK):
        rows = slice(start, start + MEMORIES_A_BLOCK)
        weeks = _archive_weeks_of_block(origin, states[rows], ids[rows], noise)
        out[rows] = np.where(states["pinned"][rows] != 0, NEVER, np.clip(weeks, 0, NEVER))
    return out


def _archive_weeks_of_block(origin: Origin, states: States, ids: Ids, noise: Noise) -> Weeks:
    firsts, stops = _weeks_near_the_edge(origin, states)
    sizes = stops - firsts + 1
    starts = np.cumsum(sizes) - sizes
    rows = np.repeat(np.arange(len(states)), sizes)
    weeks = np.arange(len(rows)) - starts[rows] + firsts[rows]
    past = radii_on(origin, states[rows], ids[rows], weeks * DAYS_A_WEEK, noise) >= EDGES_ROUNDED[Phase.COLD]
    return np.asarray(np.minimum.reduceat(np.where(past, weeks, stops[rows]), starts))


def _weeks_near_the_edge(origin: Origin, states: States) -> tuple[Weeks, Weeks]:
    """First and last week (n,) to look at: the anchor is ten standard deviations before, then past the edge."""
    uses, lifetime = uses_at_last(origin, states), lifetimes(states)
    last = states["last"].astype(np.int64)

    def week_after(radius: float) -> Weeks:
        days = np.maximum(cooling_days(np.expm1(radius) ** 2, uses, lifetime), 0.0)
        return np.asarray(np.ceil((last + days) / DAYS_A_WEEK), np.int64)

    firsts = np.maximum(week_after(EDGE_RADII[Phase.COLD] - MARGIN), last // DAYS_A_WEEK + 1)
    return firsts, np.maximum(week_after(EDGE_RADII[Phase.COLD] + MARGIN), firsts)


def phases(radii: Floats, weeks_archived: ArchiveWeeks, day: int) -> Phases:
    """The phases (n,) on ``day`` of memories with these ``radii`` (n,) on that day and these archive weeks (n,)."""
    unused = np.searchsorted(EDGES_ROUNDED[: Phase.COLD], radii, side="right").astype(np.uint8)
    return np.where(week_of(day) >= weeks_archived, np.uint8(Phase.ARCHIVED), unused)


def attention(anchors: Floats, confirmed: npt.NDArray[np.bool_]) -> Floats:
    """The feature (n,) in [−1, 1] that a score takes with a small weight: 1 at the centre, 0 at the end of warm.

    It follows the ``anchors`` (n,), not the wobble about them, so that equal histories are ties. Never below 0 for a
    memory that somebody ``confirmed`` (n,).
    """
    shift = np.maximum((NO_ATTENTION - anchors) / NO_ATTENTION, -1.0)
    return np.where(confirmed, np.maximum(shift, 0.0), shift)
