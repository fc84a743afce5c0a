"""disclose: the journal says what left this machine, before it does."""

from __future__ import annotations

import pytest

from slm.errors import NotFound


def test_the_journal_names_what_was_sent_and_where_to(desk):
    memory = desk.remember("API listens on 5433")

    desk.call("disclose", id=[memory[:6]], to="api.example.com", as_actor="llm")

    entry = desk.call("log")["entries"][0]
    assert (entry["op"], entry["actor"], entry["summary"]) == ("disclose", "llm", "1 memory sent to api.example.com")


def test_a_private_memory_is_never_sent(desk):
    memory = desk.remember("the PIN is 1234", private=True)

    with pytest.raises(NotFound):
        desk.call("disclose", id=[memory], to="api.example.com", as_actor="llm")


def test_undo_cannot_take_it_back_and_goes_on_to_the_change_before(desk):
    memory = desk.remember("API listens on 5433")
    desk.call("disclose", id=[memory], to="api.example.com")

    assert desk.call("undo")["op"] == "remember"
