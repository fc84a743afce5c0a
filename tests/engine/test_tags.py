"""Which tags are in use."""

from __future__ import annotations


def test_tags_are_counted_the_commonest_first(desk):
    desk.remember("one", tag=["b", "work"])
    desk.remember("two", tag=["work", "a"])

    assert desk.call("tags")["tags"] == [
        {"name": "work", "memories": 2}, {"name": "a", "memories": 1}, {"name": "b", "memories": 1},
    ]  # fmt: skip


def test_a_tag_that_only_forgotten_memories_carry_is_gone(desk):
    memory = desk.remember("one", tag=["old"])
    desk.call("forget", id=[memory])

    assert desk.call("tags")["tags"] == []


def test_agents_dont_see_the_tags_of_private_memories(desk):
    desk.remember("one", tag=["secret"], private=True)

    assert desk.call("tags", as_actor="mcp:agent")["tags"] == []
    assert desk.call("tags")["tags"] == [{"name": "secret", "memories": 1}]
