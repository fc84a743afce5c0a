"""ask with real processes: the client talks to the model's server, the daemon to nobody."""

from __future__ import annotations

from tests.llm.fake_server import said, serving


def test_a_model_of_ones_own_answers_from_what_was_remembered(home):
    remembered = home.slm("--json", "remember", "API", "listens", "on", "5433", "since", "the", "move")
    name = remembered.document["id"][:5]

    with serving(said(f"On 5433 [{name}].")) as fake:
        assert home.slm("config", "set", "llm.base_url", fake.url).code == 0
        asked = home.slm("ask", "which", "port", "does", "the", "API", "listen", "on")

    assert (asked.code, asked.err) == (0, "")
    assert asked.out.splitlines()[0] == f"On 5433 [{name}]."
    assert "API listens on 5433 since the move" in fake.question


def test_private_memories_are_not_shown_to_a_model(home):
    home.slm("remember", "--private", "the", "code", "of", "the", "safe", "is", "4711")

    with serving(said("4711")) as fake:
        home.slm("config", "set", "llm.base_url", fake.url)
        asked = home.slm("ask", "what", "is", "the", "code", "of", "the", "safe")

    assert (asked.code, asked.out, fake.requests) == (1, "", [])
