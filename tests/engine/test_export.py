"""The pages of an export tell one state. Oracle: an export in one page at the moment of the first one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.engine import export, exports
from slm.errors import InvalidInput, NotFound
from tests.engine.calendar import Clock
from tests.engine.desk import Desk

TEXTS = [
    f"the {thing} of the {place} is green" for thing in ("door", "roof") for place in ("shed", "shop", "barn", "inn")
]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 3)


def stocked(desk: Desk) -> list[str]:
    """Eight memories of which two say different things of one door; their ids."""
    ids = [desk.remember(text, claim=[f"thing{i}.colour=green"]) for i, text in enumerate(TEXTS)]
    desk.call("used", id=ids[:2])
    return ids


def pages(desk: Desk, between: Callable[[int], Any]) -> list[dict[str, Any]]:
    """Every line of an export, with ``between(n)`` before each page but the first."""
    lines, after, n = [], None, 0
    while True:
        page = desk.call("export", after=after)
        lines += page["lines"]
        if (after := page["next"]) is None:
            return lines
        n += 1
        between(n)


def without_date(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in line.items() if name != "created"} for line in lines]


def whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The export in one page."""
    with monkeypatch.context() as patch:
        patch.setattr(export, "PAGE", 1000)
        return without_date(desk.call("export")["lines"])


CHANGES: dict[str, Callable[[Desk, str], Any]] = {
    "remember": lambda desk, one: desk.remember(f"something new about {one}"),
    "confirm": lambda desk, one: desk.call("remember", text=desk.memory(one)["text"]),
    "correct": lambda desk, one: desk.call("correct", id=one, text=f"corrected {desk.memory(one)['text']}"),
    "end": lambda desk, one: desk.call("correct", id=one, text=f"until now {one}", from_="2026-01-01"),
    "supersede": lambda desk, one: desk.remember(f"instead of {one}", supersedes=[one]),
    "forget": lambda desk, one: desk.call("forget", id=[one]),
    "tag": lambda desk, one: desk.call("tag", id=one, add=["seen"]),
    "pin": lambda desk, one: desk.call("pin", id=[one]),
    "use": lambda desk, one: desk.call("used", id=[one]),
    "contradict": lambda desk, one: desk.remember(f"no: {one}", claim=["thing7.colour=red"]),
    "rename": lambda desk, one: desk.call("scope_rename", from_=desk.memory(one)["scope"], to=f"in {one}"),
    "undo": lambda desk, _: desk.call("undo"),
}


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("change", [name for name in CHANGES if name != "undo"])
def test_a_change_between_two_pages_is_not_told(desk: Desk, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """Whatever it does, to what was told already and to what wasn't; a correction is told whole or not at all."""
    ids = stocked(desk)
    before = whole(desk, monkeypatch)

    told = pages(desk, lambda n: [CHANGES[change](desk, one) for one in (ids[n - 1], ids[-n])])

    assert without_date(told) == before
    assert whole(desk, monkeypatch) != before


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 7)), max_size=12))
@pytest.mark.usefixtures("small_pages")
def test_no_run_of_changes_shows_through(new_desk: Callable[..., Desk], changes: list[tuple[str, int]]) -> None:
    """Twelve changes and more than one of a memory; what an operation refuses changes nothing either."""
    desk, patch = new_desk(), pytest.MonkeyPatch()
    ids = stocked(desk)
    before = whole(desk, patch)
    patch.undo()
    waiting = iter(changes)

    def some(_: int) -> None:
        for name, which in [change for change, _ in zip(waiting, range(4), strict=False)]:
            try:
                CHANGES[name](desk, ids[which])
            except (NotFound, InvalidInput):
                continue

    assert without_date(pages(desk, some)) == before


@pytest.mark.usefixtures("small_pages")
def test_what_came_of_changing_exports_is_an_equal_store(
    desk: Desk, new_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """client.md: lossless, an import of an export gives an identical store. Oracle: the export of that store."""
    ids = stocked(desk)
    desk.call("correct", id=ids[3], text="the roof of the shed is red")
    before = whole(desk, monkeypatch)

    lines = pages(desk, lambda n: desk.call("correct", id=ids[-n], text=f"corrected {n}"))
    there = new_desk()
    there.call("remember", as_actor="import:jsonl", batch=json.loads(json.dumps(lines))[1:-1])

    assert whole(there, monkeypatch)[1:] == before[1:]


@pytest.mark.usefixtures("small_pages")
def test_two_exports_at_once_tell_each_its_own_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second begins after a change, so it tells it; the first does not."""
    ids = stocked(desk)
    before = whole(desk, monkeypatch)
    first = desk.call("export")
    desk.call("tag", id=ids[-1], add=["seen"])
    between = whole(desk, monkeypatch)

    second = without_date(pages(desk, lambda n: desk.call("forget", id=[ids[-1]]) if n == 1 else None))
    rest = []
    while (after := first["next"]) is not None:
        rest += first["lines"]
        first = desk.call("export", after=after)

    assert without_date([*rest, *first["lines"]]) == before
    assert second == between


@pytest.mark.usefixtures("small_pages")
def test_an_erasing_ends_the_exports_under_way(desk: Desk) -> None:
    """trust.md: after it no word of the text is left, in memory neither; the header has promised it already."""
    ids = stocked(desk)
    after = desk.call("export")["next"]
    desk.call("correct", id=ids[-1], text="else")

    desk.call("erase", id=[ids[-1]])

    with pytest.raises(NotFound, match="this export has ended"):
        desk.call("export", after=after)
    assert TEXTS[-1] not in json.dumps(desk.exported())


@pytest.mark.usefixtures("small_pages")
def test_a_restart_ends_the_exports_under_way(desk: Desk) -> None:
    """Their state was in memory. Going on with another would be what this is here to prevent."""
    stocked(desk)
    after = desk.call("export")["next"]
    desk.reopen()

    with pytest.raises(NotFound, match="this export has ended") as caught:
        desk.call("export", after=after)
    assert caught.value.hint == "begin anew: slm export"


@pytest.mark.usefixtures("small_pages")
def test_what_is_kept_for_exports_has_bounds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was left alone, one too many, and one for which too much is kept end; the others go on."""
    ids = stocked(desk)
    oldest, *others = (desk.call("export")["next"] for _ in range(exports.MOST_OPEN + 1))
    with pytest.raises(NotFound):
        desk.call("export", after=oldest)
    monkeypatch.setattr(exports, "MOST_KEPT_BYTES", exports.BYTES_A_RECORD)

    desk.call("tag", id=ids[0], add=["first"])
    going_on = desk.call("export", after=others[0])["next"]
    desk.call("tag", id=ids[4], add=["fifth"])
    assert desk.call("export", after=going_on)["next"] is None
    for after in others[1:]:
        with pytest.raises(NotFound):
            desk.call("export", after=after)

    last = desk.call("export")["next"]
    monkeypatch.setattr(exports, "IDLE_S", -1.0)
    desk.call("tag", id=ids[0], add=["meanwhile"])
    with pytest.raises(NotFound):
        desk.call("export", after=last)


@pytest.mark.parametrize("after", ["", "x", "12", "-3", "ab-", "ab-x", "é-1x"])
def test_what_no_page_has_given_is_no_cursor(desk: Desk, after: str) -> None:
    """STYLE.md, an error."""
    with pytest.raises(InvalidInput, match="not a cursor"):
        desk.call("export", after=after)
