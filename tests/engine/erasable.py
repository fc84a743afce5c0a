"""A store in which a secret was said, and every trace of it: what the tests of erasing begin with."""

from __future__ import annotations

from tests.engine.desk import Desk
from tests.engine.traces import forms, words_of

SECRET = "Zwölfton xylophonist Anna Berg's vault opens with quetzalcoatl 7319"
LONG = SECRET + " " + " ".join(f"rhododendron{i}" for i in range(400))
OTHERS = [f"note {i} about ports and bread" for i in range(6)]


def lived_in(desk: Desk, text: str = SECRET) -> tuple[str, str]:
    """A store in which a secret was said, tagged, corrected, used and confirmed among others; its two ids."""
    for other in OTHERS[:3]:
        desk.remember(other)
    first = desk.remember(
        text, tag=["vaulttag"], speaker="Wolfgang Amadé", source="secret-file.md", idempotency_key="the-secret-key"
    )
    desk.call("tag", id=first, add=["lateradded"])
    desk.call("pin", id=[first])
    second = desk.call("correct", id=first, text=text + " or 7320", reason="mistyped-by-anna")["id"]
    desk.hits("ports and bread")
    desk.call("used", id=[second])
    for other in OTHERS[3:]:
        desk.remember(other)
    return first, second


def traces(desk: Desk, *ids: str) -> dict[str, bytes]:
    engine = desk.engine()
    found: dict[str, bytes] = {"reason": b"mistyped-by-anna", "later tag": b"lateradded"}
    with engine.store.read() as reader:
        for memory_id in ids:
            ordinal = reader.ordinal_of(memory_id)
            assert ordinal is not None
            named = {
                f"{memory_id} {name}": form for name, form in forms(reader, engine.index.store_id, ordinal).items()
            }
            found |= named | words_of(reader.memory(ordinal), set(" ".join(OTHERS).split()))
    return found
