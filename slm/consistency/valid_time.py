"""When claims hold, and the sweep that finds what clashes at any time: a segment tree whose claims are taken back.

Two claims clash only where their times overlap; intervals that overlap pairwise have a moment in common (Helly on the
line), so that a conflict is a conflict of some slice. The sweep enters each claim at O(log n) nodes of the tree and
walks it with rollback: O(m log² m) for m claims.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence

from slm.consistency.claim import Claim
from slm.consistency.slice import Clash, Slice

Time = float
"""Nanoseconds since 1970 as an int, or ±infinity."""
Span = tuple[Time, Time]
"""Half-open."""
WindowOf = Callable[[str], float | None]
"""Days that a value of an attribute is expected to last; None where it doesn't change."""
ALWAYS: Span = (-math.inf, math.inf)
DAY_NS = 86_400_000_000_000


def span_of(claim: Claim, window_of: WindowOf) -> Span:
    """When a claim holds: as it says; else from when it was recorded, if the attribute can change; else always."""
    if claim.valid_to is None:
        if claim.valid_from is not None:
            return claim.valid_from, math.inf
        return ALWAYS if window_of(claim.attribute) is None else (claim.recorded_at, math.inf)
    return -math.inf if claim.valid_from is None else claim.valid_from, claim.valid_to


def order_key(claim: Claim) -> tuple[int, int, str]:
    """The order in which claims are read: by when they begin to hold, when they were recorded, and their id."""
    return claim.recorded_at if claim.valid_from is None else claim.valid_from, claim.recorded_at, claim.id


def last_said(claim: Claim) -> int:
    """When a claim was last known to hold: "on since 2 May", said on 9 May, is as fresh as what is said that day."""
    return max(claim.recorded_at, order_key(claim)[0])


def overlap(spans: Sequence[Span]) -> Span:
    """The time that spans have in common; empty where its start isn't before its end."""
    return max(start for start, _ in spans), min(end for _, end in spans)


def sweep(claims: Sequence[Claim], spans: Mapping[str, Span], slice_: Slice) -> Iterator[Clash]:
    """Every claim that clashes with earlier ones in some slice; a claim is left out of the slices where it clashes.

    At every moment whose claims can't all be true at least one clash is found, all of whose claims hold at that moment.
    ``claims`` come in the order in which they are read. ``slice_`` keeps its trail and is left as it came.
    """
    held = [claim for claim in claims if spans[claim.id][0] < spans[claim.id][1]]
    times = sorted({time for claim in held for time in spans[claim.id]})
    nodes: dict[tuple[int, int], list[Claim]] = {}
    for claim in held:
        start, end = (bisect_left(times, time) for time in spans[claim.id])
        for node in _cover(0, len(times) - 1, start, end):
            nodes.setdefault(node, []).append(claim)
    yield from _walk(0, len(times) - 1, nodes, slice_)


def _cover(low: int, high: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The fewest nodes of the tree over [low, high) that make up [start, end)."""
    if start <= low and high <= end:
        yield low, high
        return
    middle = (low + high) // 2
    if start < middle:
        yield from _cover(low, middle, start, end)
    if end > middle:
        yield from _cover(middle, high, start, end)


def _walk(low: int, high: int, nodes: dict[tuple[int, int], list[Claim]], slice_: Slice) -> Iterator[Clash]:
    mark = len(slice_.trail)
    for claim in nodes.get((low, high), ()):
        clash = slice_.add(claim)
        if clash is not None:
            yield clash
    if high - low > 1:
        middle = (low + high) // 2
        yield from _walk(low, middle, nodes, slice_)
        yield from _walk(middle, high, nodes, slice_)
    slice_.undo(mark)
