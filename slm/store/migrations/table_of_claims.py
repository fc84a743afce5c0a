"""From schema 1 to 2: a table for the claims read from texts, still empty."""

from __future__ import annotations

from typing import Any

import lmdb


def migrate(environment: lmdb.Environment, txn: Any) -> None:
    """Make the table. What goes into it is read from the texts by the engine, when it has the time."""
    environment.open_db(b"claims", txn=txn)
