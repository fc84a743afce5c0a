"""Which memories a request may see: live, in its scopes, not private to others, and within its exact filters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from slm.engine.request import Request
from slm.model import Caller, HeadFlag
from slm.retrieval.columns import Columns
from slm.store.reader import Reader
from slm.times import to_ns

Mask = npt.NDArray[np.bool_]


def eligible(request: Request, reader: Reader, *, every_scope: bool) -> Mask:
    """The mask (n,) of the memories that ``recall`` may rank for this request."""
    mask = np.ones(request.engine.index.columns.count, dtype=np.bool_)
    for _, fulfilled in conditions(request, reader, every_scope=every_scope):
        mask &= fulfilled
    return mask


def visible(request: Request, reader: Reader, *, every_scope: bool) -> Mask:
    """The mask (n,) of the live memories that the caller may see at all, whatever else is asked for."""
    columns = request.engine.index.columns
    mask = columns.live() & shown_to(request.caller, columns)
    if request.fields.get("without_private"):
        mask &= not_private(columns)
    if not every_scope:
        mask &= in_scopes(columns["scope"], request.engine.name_ids(reader, "scope", request.scopes))
    return mask


def conditions(request: Request, reader: Reader, *, every_scope: bool) -> Iterator[tuple[str, Mask]]:
    """Each condition by name, with the memories (n,) that fulfil it."""
    columns = request.engine.index.columns
    yield "live", columns.live()
    if not every_scope:
        yield "scope", in_scopes(columns["scope"], request.engine.name_ids(reader, "scope", request.scopes))
    yield "private", shown_to(request.caller, columns)
    if request.fields.get("without_private"):
        yield "private", not_private(columns)
    if since := request.when("since"):
        yield "since", columns["observed_ns"] >= to_ns(since)
    if until := request.when("until", end=True):
        yield "until", columns["observed_ns"] <= to_ns(until)
    for tag in request.fields.get("tag", ()):
        carrying = [number for number, tags in enumerate(reader.tag_sets()) if tag in tags]
        yield "tag", np.isin(columns["tags"], carrying)


def shown_to(caller: Caller, columns: Columns) -> Mask:
    """Which memories (n,) the caller may see at all: private ones are never shown to agents."""
    return not_private(columns) if caller.is_agent else np.ones(columns.count, dtype=np.bool_)


def not_private(columns: Columns) -> Mask:
    """Which memories (n,) may be shown to anybody."""
    shown: Mask = (columns["flags"] & np.uint16(HeadFlag.PRIVATE)) == 0
    return shown


def in_scopes(scope: npt.NDArray[np.uint32], wanted: list[int]) -> Mask:
    """Which entries of ``scope`` (n,) are among the few ``wanted``."""
    found = np.zeros(len(scope), dtype=np.bool_)
    for number in wanted:
        found |= scope == number
    return found
