"""Why a memory has its phase, in numbers that a person can check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slm.geometry.backend import NUMPY, Noise
from slm.lifecycle.cooling import cooling_days
from slm.lifecycle.events import used
from slm.lifecycle.langevin import STD, radii
from slm.lifecycle.need import (
    EDGES,
    Phase,
    anchors,
    chance_of_need,
    idle_days,
    lifetimes,
    scaled_idle_of,
    uses_at_last,
)
from slm.lifecycle.phases import archive_weeks, phases
from slm.lifecycle.state import Origin, State, array_of, uses_on


@dataclass(frozen=True, slots=True)
class Explanation:
    """A memory's lifecycle on one day.

    ``chance`` is that of being needed within 30 days, ``chance_spread`` one standard deviation of it under the exact
    law, ``wobble`` this week's displacement of the radius. ``uses`` are discounted, ``lifetime`` multiplies cooling
    times. ``days_until`` counts from the day explained to the phases still to come if nothing happens, by the anchor
    alone; ``archive_week`` is the week from which it is archived, noise included. A pinned memory has none of both.
    """

    phase: Phase
    radius: float
    chance: float
    chance_spread: float
    wobble: float
    idle_days: int
    uses: float
    lifetime: float
    days_until: dict[Phase, float]
    archive_week: int
    chance_after_use: float
    phase_after_use: Phase


def explained(origin: Origin, state: State, id_: int, day: int, noise: Noise = NUMPY.noise) -> Explanation:
    """The explanation on ``day`` of the memory whose noise is drawn by ``id_``."""
    rows, after = array_of([state]), used(origin, state, day)
    radius, phase, archive_week = placed(origin, state, id_, day, noise)
    chance = chance_on(origin, state, day)
    return Explanation(
        phase=phase,
        radius=radius,
        chance=chance,
        chance_spread=0.0 if state.pinned else chance * STD,
        wobble=radius - float(anchors(origin, rows, day)[0]),
        idle_days=int(idle_days(rows, day)[0]),
        uses=float(uses_on(rows["counter"], day, origin)[0]),
        lifetime=float(lifetimes(rows)[0]),
        days_until={} if state.pinned else days_until_phases(origin, state, day),
        archive_week=archive_week,
        chance_after_use=chance_on(origin, after, day),
        phase_after_use=placed(origin, after, id_, day, noise)[1],
    )


def placed(origin: Origin, state: State, id_: int, day: int, noise: Noise) -> tuple[float, Phase, int]:
    """Radius and phase on ``day``, and the week from which it is archived."""
    rows, ids = array_of([state]), np.array([id_], np.uint32)
    radius, weeks = radii(origin, rows, ids, day, noise), archive_weeks(origin, rows, ids, noise)
    return float(radius[0]), Phase(int(phases(radius, weeks, day)[0])), int(weeks[0])


def chance_on(origin: Origin, state: State, day: int) -> float:
    """The chance of need on ``day``; certainty for a pinned memory."""
    return 1.0 if state.pinned else float(chance_of_need(scaled_idle_of(origin, array_of([state]), day))[0])


def days_until_phases(origin: Origin, state: State, day: int) -> dict[Phase, float]:
    """Days from ``day`` until the anchor enters each phase that it hasn't entered."""
    rows = array_of([state])
    uses, lifetime = uses_at_last(origin, rows), lifetimes(rows)
    entered = {Phase(i + 1): float(cooling_days(edge, uses, lifetime)[0]) for i, edge in enumerate(EDGES)}
    return {phase: state.last + days - day for phase, days in entered.items() if state.last + days > day}
