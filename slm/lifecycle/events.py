"""What happens to a memory, as pure functions from state to state.

The counter is a sum of whole numbers, and each summand depends on its own event alone. So events may arrive in any
order, from several machines, with clocks that jump: the state is the same, bit for bit. An event dated before the last
one counts, and doesn't turn the last one back.
"""

from __future__ import annotations

from dataclasses import replace

from slm.lifecycle.state import (
    MAX_8,
    MAX_16,
    MAX_COUNTER,
    Origin,
    State,
    parts_of,
    steps_of,
    steps_of_uses,
)

WEIGHT_OF_A_CONFIRMATION = 2.0


def remembered(origin: Origin, day: int, importance: float = 0.5, trust: float = 0.5) -> State:
    """A memory's first state: taking it in on ``day``, when it was recorded, is its first use.

    ValueError: importance or trust beyond [0, 1].
    """
    counter = steps_of_uses(1, day, origin)
    return State(counter, day, day, 1, 0, 0, parts_of(importance), parts_of(trust), pinned=False)


def used(origin: Origin, state: State, day: int, nth: int | None = None) -> State:
    """After the ``nth`` use of ``day``, by default the next one; a day with c uses weighs 1 + ln c in all.

    An event that is replayed brings its number along, so that it weighs the same in any order. ValueError: ``nth`` < 1.
    """
    if nth is None:
        nth = next_of_day(state, day)
    if nth < 1:
        raise ValueError(f"{nth} is not the number of a use")
    nth = min(nth, MAX_16)
    gained = steps_of_uses(nth, day, origin) - steps_of_uses(nth - 1, day, origin)
    last, uses_today = max((state.last, state.uses_today), (day, nth))
    return replace(state, counter=min(state.counter + gained, MAX_COUNTER), last=last, uses_today=uses_today)


def next_of_day(state: State, day: int) -> int:
    """Which number the next use on ``day`` has; the uses of days before the last are not known one by one: 1."""
    return state.uses_today + 1 if day == state.last else 1


def confirmed(origin: Origin, state: State, day: int) -> State:
    """After somebody said on ``day`` that it is right: it weighs two uses, apart from the day's, and lives longer."""
    last, uses_today = max((state.last, state.uses_today), (day, 0))
    return replace(
        state,
        counter=min(state.counter + steps_of(WEIGHT_OF_A_CONFIRMATION, day, origin), MAX_COUNTER),
        last=last,
        uses_today=uses_today,
        confirmations=min(state.confirmations + 1, MAX_16),
    )


def contradicted(state: State, count: int) -> State:
    """With ``count`` contradictions that nobody has settled, whatever it had before.

    They follow from the claims of all memories, so what is kept is their number as it is, never a sum of events: it
    can't drift, and equal claims give it in any order. ValueError: ``count`` < 0.
    """
    if count < 0:
        raise ValueError(f"{count} is not a number of contradictions")
    return replace(state, contradictions=min(count, MAX_8))


def pinned(state: State, held: bool = True) -> State:
    """Held at the centre, or let go again."""
    return replace(state, pinned=held)


def rated(state: State, importance: float | None = None, trust: float | None = None) -> State:
    """With another importance or trust, in [0, 1]; ValueError beyond."""
    return replace(
        state,
        importance=state.importance if importance is None else parts_of(importance),
        trust=state.trust if trust is None else parts_of(trust),
    )


def merged(a: State, b: State) -> State:
    """Two memories that turn out to be one, or a correction and what it corrects: the uses of both, the better rating.

    Commutative and associative, bit for bit. Both belong to one store; uses on the last day are not counted anew.
    """
    last, uses_today = max((a.last, a.uses_today), (b.last, b.uses_today))
    return State(
        counter=min(a.counter + b.counter, MAX_COUNTER),
        created=min(a.created, b.created),
        last=last,
        uses_today=uses_today,
        confirmations=min(a.confirmations + b.confirmations, MAX_16),
        contradictions=min(a.contradictions + b.contradictions, MAX_8),
        importance=max(a.importance, b.importance),
        trust=max(a.trust, b.trust),
        pinned=a.pinned or b.pinned,
    )
