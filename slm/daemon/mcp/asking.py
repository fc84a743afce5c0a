"""How a tool asks the engine, and what it says: the caller's place comes with every question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from slm.model import Caller

Call = Callable[[str, dict[str, Any], Caller], Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """The operations for one caller; ``scope_from`` says where its scope comes from."""

    call: Call
    caller: Caller
    scope_from: str

    def __call__(self, op: str, **fields: Any) -> Any:
        """The result of an operation; fields that are None, False or an empty list are left out.

        Raises the :class:`SlmError` of the operation.
        """
        given = {name: value for name, value in fields.items() if value not in (None, []) and value is not False}
        return self.call(op, given, self.caller)

    def within(self, scope: str | None) -> Ask:
        """The same caller in a scope that it named; the same place for None."""
        return self if scope is None else Ask(self.call, replace(self.caller, scope=scope), "argument")

    def at(self, folder: str | None) -> Ask:
        """The same caller in a folder that it named; the same place for None."""
        if folder is None:
            return self
        return Ask(self.call, replace(self.caller, scope=None, cwd=folder), "argument")


@dataclass(frozen=True, slots=True)
class Said:
    """The answer of a tool: as a document, and as text for clients that show that to their model."""

    document: dict[str, Any]
    text: str
