"""ask: recall asked as a language model, the answer with its sources, and nothing sent that may not be."""

from __future__ import annotations

import json

import pytest

from slm.llm import server as server_module
from tests.cli.canned import answer, hit
from tests.llm.fake_server import reply, said, serving

FOUND = answer(hit(), hit(2, 1.8, id="p7d2x0000000", text="API listens on 5432"))
ANSWERS = {"recall": FOUND, "used": {"used": []}, "disclose": {}}


@pytest.fixture
def ask(client, tmp_path):
    """Runs ``slm ask which port`` with a server that behaves as told."""

    def run(behave, *options, answers=ANSWERS, config=""):
        with serving(behave) as fake:
            file = tmp_path / "config.toml"
            file.write_text(f'[llm]\nbase_url = "{fake.url}"\n{config}')
            ran = client("ask", "--config", str(file), "which", "port", *options, answers=answers)
        return ran, fake

    return run


def test_the_answer_stands_above_the_memories_that_it_names(ask):
    ran, _ = ask(said("It is 5433 [k3m9q]."))

    assert ran.code == 0
    assert ran.stdout.splitlines()[:3] == ["It is 5433 [k3m9q].", "", "k3m9q  API listens on 5433 since the PG16 move"]
    assert "5432" not in ran.stdout
    assert ran.stderr == ""


def test_memories_are_recalled_for_a_model_and_those_it_cites_are_used(ask):
    """As language models, so that private memories stay out: experience.md."""
    ran, _ = ask(said("It is 5433 [k3m9q]."))

    assert [(op, caller.actor) for op, _, caller in ran.fake.asked] == [("recall", "llm"), ("used", "llm")]
    assert ran.calls[1][1] == {"id": ["k3m9q0000000"]}


def test_where_recall_abstains_the_model_is_not_asked(ask):
    nothing = answer(abstained=True, reason="only near misses", near_misses=[hit()])

    ran, fake = ask(said("I make it up"), answers={"recall": nothing})

    assert (ran.code, ran.stdout, fake.requests) == (1, "", [])
    assert "only near misses" in ran.stderr


def test_a_model_that_finds_nothing_abstains_too_and_shows_what_it_was_given(ask):
    ran, _ = ask(said("NOT IN MEMORY"))

    assert (ran.code, ran.stdout) == (1, "")
    assert ran.stderr.splitlines() == [
        "no answer: the language model finds no answer in the memories given to it:",
        "  k3m9q  API listens on 5433 since the PG16 move",
        "  p7d2x  API listens on 5432",
    ]
    assert [op for op, _ in ran.calls] == ["recall"]


def test_an_answer_that_names_no_memory_is_doubted_aloud(ask):
    ran, _ = ask(said("It is 5433 [zzzzz]."))

    assert ran.code == 0
    assert ran.stderr.splitlines() == [
        "it names zzzzz, which it was not given",
        "it names no memory: compare it with slm recall",
    ]


def test_json_carries_the_answer_and_the_whole_recall(ask):
    ran, fake = ask(said("It is 5433 [k3m9q]."), "--json")
    document = json.loads(ran.stdout)

    assert document["answer"] == {
        "text": "It is 5433 [k3m9q].", "cited": ["k3m9q0000000"], "unknown": [], "server": fake.url[7:-3],
    }  # fmt: skip
    assert document["hits"] == FOUND["hits"]


def test_what_the_model_writes_cannot_act_on_the_terminal(ask):
    ran, _ = ask(said("\x1b[2Jgone [k3m9q]"))

    assert "\x1b" not in ran.stdout
    assert "\\x1b[2Jgone" in ran.stdout


def test_trouble_with_the_server_is_an_error_of_its_own(ask):
    ran, _ = ask(reply(503, b"busy"))

    assert ran.code == 7
    assert "503" in ran.stderr


def test_without_a_server_the_store_is_not_even_asked(client):
    ran = client("ask", "which", "port", answers={})

    assert (ran.code, ran.calls) == (2, [])
    assert "slm config set llm.base_url" in ran.stderr


def test_what_leaves_the_machine_is_journalled_first_and_said_each_time(ask, monkeypatch):
    """trust.md: says on every call where data goes, and writes it to the journal."""
    real = server_module.server_of
    monkeypatch.setattr(server_module, "server_of", lambda llm: real(llm)._replace(remote=True))

    ran, fake = ask(said("5433 [k3m9q]"), "--quiet")

    where = fake.url[7:-3]
    assert [op for op, _ in ran.calls] == ["recall", "disclose", "used"]
    assert ran.calls[1][1] == {"id": ["k3m9q0000000", "p7d2x0000000"], "to": where}
    assert ran.stderr == f"the question and 2 memories leave this machine: they go to {where}\n"


def test_nothing_leaves_the_machine_when_the_journal_cannot_say_so(ask, monkeypatch):
    from slm.errors import StorageRefused
    from tests.cli.canned import refusal

    real = server_module.server_of
    monkeypatch.setattr(server_module, "server_of", lambda llm: real(llm)._replace(remote=True))

    ran, fake = ask(said("5433"), answers=ANSWERS | {"disclose": refusal(StorageRefused, "disk full")})

    assert (ran.code, fake.requests) == (8, [])


def test_asking_runs_in_the_clients_own_process(daemon):
    """The daemon opens no internet socket, whatever is configured."""
    assert not daemon("ask", "which", "port").reply


def test_nothing_to_ask_is_wrong_usage(client):
    assert client("ask").code == 2
