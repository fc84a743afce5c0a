"""Phases as answers tell them: of a few memories, of one in full, and of the whole store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from slm.engine.days import date_of
from slm.engine.eligible import Mask, shown_to
from slm.engine.lifecycles import Lifecycles, Ordinals
from slm.engine.request import Request
from slm.errors import InvalidInput
from slm.lifecycle.cooling import cooling_days
from slm.lifecycle.explain import explained
from slm.lifecycle.kept import Rows, state_in, states_in
from slm.lifecycle.langevin import DAYS_A_WEEK
from slm.lifecycle.need import EDGES, Phase, lifetimes, uses_at_last
from slm.lifecycle.phases import NEVER, Phases
from slm.lifecycle.state import PARTS_OF_A_SHARE, Floats

WEEKS_BACK = 4
COOLING_NEXT = 5
LABELS = tuple(phase.label for phase in Phase)


def phases_of(request: Request, ordinals: Sequence[int] | Ordinals) -> list[str]:
    """The phases of some memories on the day of the request."""
    at = np.asarray(ordinals, np.int64)
    return [LABELS[int(phase)] for phase in request.engine.index.lifecycles.phases(request.day, at)]


def in_phase(request: Request) -> Mask | None:
    """Which memories (n,) are in the phase that the field ``phase`` asks for; None when it isn't given.

    Raises :class:`InvalidInput` for what is no phase, and when there are none.
    """
    wanted = request.fields.get("phase")
    if wanted is None:
        return None
    if wanted not in LABELS:
        raise InvalidInput(f"phase: {wanted!r} is none of {', '.join(LABELS)}")
    require_enabled(request)
    found: Mask = request.engine.index.lifecycles.phases(request.day) == LABELS.index(wanted)
    return found


def require_enabled(request: Request) -> None:
    """Raise :class:`InvalidInput` when the lifecycle is switched off."""
    if not request.engine.index.lifecycles.enabled:
        raise InvalidInput(
            "the lifecycle is switched off: memories have no phases", hint="slm config set lifecycle.enabled true"
        )


def explain(request: Request, ordinal: int, day: int) -> dict[str, Any] | None:
    """A memory's lifecycle on ``day`` in numbers that a person can check; None when it is switched off.

    ``chance`` is that of being needed within 30 days and ``spread`` its standard deviation under the exact law,
    ``wobble`` this week's displacement of the ``radius``. ``days_until`` are days from ``day`` to each phase still to
    come if nothing happens; ``archived_from`` is the first day of the week from which it is archived, or None.
    """
    lifecycles = request.engine.index.lifecycles
    if not lifecycles.enabled:
        return None
    row = lifecycles.rows[ordinal]
    state = state_in(row)
    told = explained(lifecycles.origin, state, int(row["noise_id"]), day, lifecycles.noise)
    return {
        "phase": told.phase.label,
        "radius": told.radius,
        "chance": round(told.chance, 4),
        "spread": round(told.chance_spread, 4),
        "wobble": round(told.wobble, 6),
        "idle_days": told.idle_days,
        "uses": round(told.uses, 3),
        "lifetime": round(told.lifetime, 3),
        "days_until": {phase.label: round(days, 1) for phase, days in told.days_until.items()},
        "archived_from": None if told.archive_week == NEVER else date_of(told.archive_week * DAYS_A_WEEK),
        "after_use": {"chance": round(told.chance_after_use, 4), "phase": told.phase_after_use.label},
        "confirmations": state.confirmations,
        "contradictions": state.contradictions,
        "importance": state.importance / PARTS_OF_A_SHARE,
        "trust": state.trust / PARTS_OF_A_SHARE,
        "pinned": state.pinned,
    }


def run(request: Request) -> dict[str, Any]:
    """Answer ``phases``: how many memories are in each, how they moved in the last weeks, and what cools next."""
    require_enabled(request)
    lifecycles, columns = request.engine.index.lifecycles, request.engine.index.columns
    at = np.flatnonzero(columns.live() & shown_to(request.caller, columns))
    return {
        "day": date_of(request.day),
        "phases": counts(lifecycles, at, request.day),
        "pinned": int((lifecycles.rows["pinned"][at] != 0).sum()),
        "weeks": list(_weeks(lifecycles, at, request.day)),
        "next": _cooling_next(request, at),
    }


def counts(lifecycles: Lifecycles, at: Ordinals, day: int) -> dict[str, int]:
    """How many of the memories ``at`` some ordinals are in each phase on ``day``."""
    return _counts(lifecycles.phases(day, at))


def _counts(found: Phases) -> dict[str, int]:
    return dict(zip(LABELS, np.bincount(found, minlength=len(LABELS)).tolist(), strict=True))


def _weeks(lifecycles: Lifecycles, at: Ordinals, day: int) -> Iterator[dict[str, Any]]:
    """Of each of the last weeks, the newest first: what was remembered, what came back into use, and what cooled.

    A memory counts once, in the week of its last event or of its cooling. How one cooled that was used since isn't
    kept.
    """
    rows = lifecycles.rows[at]
    after = lifecycles.phases(day, at)
    for back in range(WEEKS_BACK):
        last = day - back * DAYS_A_WEEK
        first = last - DAYS_A_WEEK
        before = lifecycles.phases(first, at)
        happened = (rows["last"] > first) & (rows["last"] <= last)
        new = happened & (rows["created"] > first)
        cooled = (rows["last"] <= first) & (after > before)
        yield {
            "from": date_of(first + 1),
            "until": date_of(last),
            "remembered": int(new.sum()),
            "used": int((happened & ~new).sum()),
            "cooled_to": _counts(after[cooled]),
        }
        after = before


def _cooling_next(request: Request, at: Ordinals) -> list[dict[str, Any]]:
    """The memories that reach their next phase first, see :func:`_days_until_next`."""
    lifecycles = request.engine.index.lifecycles
    rows = lifecycles.rows[at]
    found = lifecycles.phases(request.day, at)
    days = _days_until_next(lifecycles, rows, found, request.day)
    first = np.argsort(days, kind="stable")[:COOLING_NEXT]
    with request.engine.store.read() as reader:
        memories = [(int(i), reader.memory(int(at[i]))) for i in first if days[i] < np.inf]
    return [
        {"id": m.id, "text": m.text, "phase": LABELS[found[i]], "to": LABELS[found[i] + 1], "days": int(days[i])}
        for i, m in memories
    ]


def _days_until_next(lifecycles: Lifecycles, rows: Rows, found: Phases, day: int) -> Floats:
    """Whole days (n,) from ``day`` until ``rows`` (n,) in the phases ``found`` (n,) leave them; inf for never.

    0 where the centre of the law is past the edge already and the wobble alone holds the memory back. The day on which
    a memory is archived is the first of its archive week.
    """
    states = states_in(rows)
    uses, lifetime = uses_at_last(lifecycles.origin, states), lifetimes(states)
    by_phase = np.stack([rows["last"] + np.ceil(cooling_days(edge, uses, lifetime)) for edge in EDGES[: Phase.COLD]])
    archived = rows["archive_week"].astype(np.float64) * DAYS_A_WEEK
    leaves = np.choose(np.minimum(found, Phase.COLD), [*by_phase, archived])
    held = (rows["pinned"] != 0) | (found == Phase.ARCHIVED)
    return np.where(held, np.inf, np.maximum(leaves - day, 0.0))
