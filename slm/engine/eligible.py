"""Which memories a request may see: live, in its scopes, not private to others, and within its exact filters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slm.engine.request import Request
from slm.retrieval.columns import FLAG_PRIVATE
from slm.store.reader import Reader
from slm.times import to_ns

Mask = npt.NDArray[np.bool_]


def eligible(request: Request, reader: Reader, *, every_scope: bool) -> Mask:
    """The mask (n,) of the memories that ``recall`` may rank for this request."""
    columns = request.engine.index.columns
    mask = columns.live()
    if not every_scope:
        mask &= in_scopes(columns["scope"], request.engine.name_ids(reader, "scope", request.scopes))
    if request.caller.actor.startswith("mcp:"):
        mask &= (columns["flags"] & FLAG_PRIVATE) == 0
    if since := request.when("since"):
        mask &= columns["observed_ns"] >= to_ns(since)
    if until := request.when("until", end=True):
        mask &= columns["observed_ns"] <= to_ns(until)
    for tag in request.fields.get("tag", ()):
        tagged = np.zeros(len(mask), dtype=np.bool_)
        tagged[reader.facet("tag", tag)] = True
        mask &= tagged
    return mask


def in_scopes(scope: npt.NDArray[np.uint32], wanted: list[int]) -> Mask:
    """Which entries of ``scope`` (n,) are among the few ``wanted``."""
    found = np.zeros(len(scope), dtype=np.bool_)
    for number in wanted:
        found |= scope == number
    return found
