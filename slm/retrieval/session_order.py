"""Which memory comes before and after another in its session: order of observation, then of arrival."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import numpy.typing as npt

Ordinals = npt.NDArray[np.int64]

NONE = -1


class SessionOrder:
    """Neighbours within sessions, kept up as memories arrive. A memory without a session has no neighbours.

    A session is a pair of scope and session numbers; session 0 is none.
    """

    def __init__(self, scope: Ordinals, session: Ordinals, observed_ns: Ordinals) -> None:
        """The order of memories 0 … n − 1, from their columns (n,) each."""
        n = len(session)
        self.count = n
        self._before = np.full(max(1024, 2 * n), NONE, np.int64)
        self._after = self._before.copy()
        self._members: dict[tuple[int, int], list[tuple[int, int]]] = {}
        order = np.lexsort((np.arange(n), observed_ns, session, scope))
        order = order[session[order] > 0]
        same = (session[order[1:]] == session[order[:-1]]) & (scope[order[1:]] == scope[order[:-1]])
        self._before[order[1:][same]] = order[:-1][same]
        self._after[order[:-1][same]] = order[1:][same]
        for i in order.tolist():
            self._members.setdefault((int(scope[i]), int(session[i])), []).append((int(observed_ns[i]), i))

    def append(self, scope: int, session: int, observed_ns: int) -> None:
        """Take up the next memory."""
        ordinal = self.count
        self.count += 1
        if self.count > len(self._before):
            room = np.full(len(self._before), NONE, np.int64)
            self._before, self._after = np.concatenate([self._before, room]), np.concatenate([self._after, room])
        if not session:
            return
        members = self._members.setdefault((scope, session), [])
        place = bisect_right(members, (observed_ns, ordinal))
        members.insert(place, (observed_ns, ordinal))
        if place > 0:
            self._link(members[place - 1][1], ordinal)
        if place + 1 < len(members):
            self._link(ordinal, members[place + 1][1])

    def before(self, ordinals: Ordinals) -> Ordinals:
        """The memory before each of ``ordinals`` (m,) in its session, or −1. Of −1 there is none either."""
        return np.where(ordinals >= 0, self._before[ordinals], NONE)

    def after(self, ordinals: Ordinals) -> Ordinals:
        """The memory after each of ``ordinals`` (m,) in its session, or −1. Of −1 there is none either."""
        return np.where(ordinals >= 0, self._after[ordinals], NONE)

    def _link(self, earlier: int, later: int) -> None:
        self._after[earlier] = later
        self._before[later] = earlier
