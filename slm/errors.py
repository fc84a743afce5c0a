"""Every error a user can meet: what happened, where, what to do next, and an exit code of its own.

Errors are raised, never logged and swallowed. A bug is any other exception and shows a traceback.
"""

from __future__ import annotations


class SlmError(Exception):
    """A mistake or trouble that a person can mend.

    ``message`` says what happened, ``where`` names the places (``{"store": path}``), ``hint`` the next step.
    ``kind`` travels in the JSON form of the error, ``exit_code`` is the process's status.
    """

    kind = "internal"
    exit_code = 70

    def __init__(self, message: str, *, where: dict[str, str] | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = dict(where or {})
        self.hint = hint

    def lines(self) -> list[str]:
        """The error as the lines that follow ``slm: error:`` on a terminal."""
        labels = {**self.where, **({"fix": self.hint} if self.hint else {})}
        width = max((len(label) for label in labels), default=0) + 1
        return [self.message, *(f"  {label + ':':<{width}} {text}" for label, text in labels.items())]

    def document(self) -> dict[str, str | None]:
        """The error as the ``error`` object of ``slm-json/1``: type, message, hint."""
        places = "".join(f"; {label}: {text}" for label, text in self.where.items())
        return {"type": self.kind, "message": self.message + places, "hint": self.hint}


class InvalidInput(SlmError):
    """An argument, option, field or text that can't be taken as it is."""

    kind = "usage"
    exit_code = 2


class ConfigInvalid(SlmError):
    """A key or value in the configuration file that slm doesn't know."""

    kind = "config"
    exit_code = 2


class DaemonUnavailable(SlmError):
    """The daemon can't be reached or started."""

    kind = "no_daemon"
    exit_code = 3


class NotFound(SlmError):
    """No memory, entry, profile or scope of that name; also a prefix that fits several ids."""

    kind = "not_found"
    exit_code = 4


class NeedsUser(SlmError):
    """A change that is the user's to make, asked for by an agent."""

    kind = "needs_user"
    exit_code = 2


class StoreDamaged(SlmError):
    """A value, file or chain that doesn't match its checksum."""

    kind = "store_damaged"
    exit_code = 6


class StoreTooNew(SlmError):
    """A store written by a newer slm: it is left untouched."""

    kind = "store_too_new"
    exit_code = 6


class ModelUnavailable(SlmError):
    """The embedder's files are missing, corrupt, or not those the store was built with."""

    kind = "model"
    exit_code = 7


class StorageRefused(SlmError):
    """Disk full, read-only folder, or a folder that others may read or write."""

    kind = "storage"
    exit_code = 8


class TimedOut(SlmError):
    """No answer within the time allowed."""

    kind = "timeout"
    exit_code = 9


EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "nothing found, or abstained",
    2: "wrong usage, input or configuration",
    3: "no daemon, and none could be started",
    4: "no such id, or an ambiguous one",
    5: "contradictions found (audit)",
    6: "store damaged, or written by a newer slm",
    7: "model missing or not the store's; or a language model that gives no answer",
    8: "disk full, read-only, or a folder that isn't private",
    9: "no answer in time",
    70: "internal error",
    130: "interrupted",
}
"""What every exit code means, as the README and the manual tell it."""

BY_KIND: dict[str, type[SlmError]] = {
    error.kind: error
    for error in (
        SlmError, InvalidInput, ConfigInvalid, DaemonUnavailable, NotFound, NeedsUser,
        StoreDamaged, StoreTooNew, ModelUnavailable, StorageRefused, TimedOut,
    )
}  # fmt: skip


def from_document(document: dict[str, str | None]) -> SlmError:
    """The exception that an ``slm-json/1`` error object stands for."""
    error = BY_KIND.get(document.get("type") or "", SlmError)
    return error(document.get("message") or "unknown error", hint=document.get("hint"))
