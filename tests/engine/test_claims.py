from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from slm.config import Config
from slm.consistency.grammar import ClaimSyntax
from slm.embed.onnx import Embedder
from slm.engine.claims import PASSAGE, ClaimReader
from slm.model import Memory
from tests.engine.stub_embedder import StubEmbedder

MARCH, JUNE = "2024-03-01T00:00:00Z", "2024-06-01T00:00:00Z"
MARCH_NS, JUNE_NS = 1_709_251_200 * 10**9, 1_717_200_000 * 10**9


def reader(**claims: Any) -> ClaimReader:
    config = Config.load(None, {f"claims.{name}": value for name, value in claims.items()})
    return ClaimReader(config, cast("Embedder", StubEmbedder()))


READER = reader()


def memory(text: str = "x", **fields: Any) -> Memory:
    return Memory("k3m9q0000000", text, observed_at=MARCH, recorded_at=JUNE, **fields)


def counting(made: Memory, by: ClaimReader = READER) -> list[Any]:
    return by.counting(made, 0, by.read(made))


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The database listens on port 5432", "database.port=5432"),
        ("Alice lives in Paris", "alice.city=Paris"),
        ("Jens lives in Paris", "jens.city=Paris"),
        ("I live in Paris", "my.city=paris"),
        ("Audit is on 14 March 2026", "audit.date=2026-03-14"),
        ("Deploy is 2 days before the audit", "deploy.date=audit.date-2d"),
        ("My manager is Tom Jones", 'me.manager="Tom Jones"'),
    ],
)
def test_what_is_claimed_in_words_and_in_the_grammar_is_the_same(text, claim) -> None:
    """Design page: explicit claims and those of texts check each other, so they must name things alike."""
    (told,) = READER.read(memory(text))
    parsed = READER.parsed(claim, None)

    same = ("subject", "attribute", "relation", "object", "value", "interval", "unit")
    assert {name: getattr(told, name) for name in same} == {name: getattr(parsed, name) for name in same}


def test_my_belongs_to_the_speaker() -> None:
    """Design page, Free text: "my" belongs to the speaker, none is the owner."""
    assert READER.parsed("my.city=Paris", "Anna").subject == "anna"
    assert READER.parsed("my.city=Paris", None).subject == "owner"


@pytest.mark.parametrize("claim", ["python.version=3.10", "python.version!=3.10", "python.version = 3.10 @2023 !multi"])
def test_a_version_is_a_name_not_a_number(claim) -> None:
    """Design page: versions and ports are exact; 3.10 comes after 3.9."""
    assert READER.parsed(claim, None).value == "3.10"


def test_a_port_may_still_be_bounded_by_a_number() -> None:
    """Orders compare figures: there is no other way to read them."""
    assert READER.parsed("api.port<=6000", None).interval == (6000, 6000)


def test_a_claim_that_can_not_be_read_says_where() -> None:
    """Design page: parse or reject, never guess."""
    with pytest.raises(ClaimSyntax) as caught:
        READER.parsed("alice.city=", None)

    assert caught.value.position == 11


def test_a_claim_given_twice_or_read_as_well_counts_once() -> None:
    """A duplicate is a confirmation, not a cycle; the words of the person stay."""
    made = memory("Alice lives in Paris", claims=("alice.city=Paris", "alice.home = paris"))

    (told,) = READER.told(made, 0, READER.read(made))

    assert (told.text, told.claim.tier) == ("alice.city=Paris", "explicit")


def test_a_claim_carries_the_context_of_its_memory() -> None:
    """Design page: conflicts tell across which sources, sessions and scopes they lie, and whom to trust least."""
    made = memory("Alice lives in Paris", source="a.md", session="s", scope="acme/api", trust=0.4, confirmations=2)

    (claim,) = counting(made)

    assert (claim.source, claim.session, claim.scope, claim.trust) == ("a.md", "s", "acme/api", 0.4)
    assert (claim.memory_id, claim.id[:13], claim.confirmations) == (made.id, "k3m9q0000000/", 2)


def test_things_are_local_to_their_project_and_people_are_not() -> None:
    """Every project has its own api; Ana lives in one place."""
    api, alice = (
        counting(memory(text, scope="acme/api"))[0] for text in ("The api listens on 80", "Ana lives in Oslo")
    )

    assert (api.subject, alice.subject) == ("api [acme/api]", "ana")


@pytest.mark.parametrize("hidden", [{"forgotten_at": JUNE}, {"never_true": True}])
def test_what_is_hidden_claims_nothing(hidden) -> None:
    """``forget`` and ``correct`` take claims back with their memory."""
    assert counting(memory("Alice lives in Paris", **hidden)) == []


def test_a_dropped_claim_is_told_and_does_not_count() -> None:
    """``claims drop``: the memory stays, the claim is left out of the comparison."""
    made = memory("Alice lives in Paris")
    name = counting(made)[0].id.partition("/")[2]
    dropped = replace(made, claims_dropped=(name,))

    (told,) = READER.told(dropped, 0, READER.read(dropped))

    assert (told.dropped, told.counts, counting(dropped)) == (True, False, [])


class TestPeriod:
    """When claims hold, by the fields of their memory. 90 days is the window of a home."""

    def test_a_claim_holds_as_its_memory_does(self) -> None:
        """Record fields valid_from and valid_until."""
        (claim,) = counting(memory("Alice lives in Paris", valid_from=MARCH, valid_until=JUNE))

        assert (claim.valid_from, claim.valid_to) == (MARCH_NS, JUNE_NS)

    def test_what_ends_without_a_beginning_began_when_it_was_told(self) -> None:
        """Else each of three versions in a row would reach back over those before it."""
        (claim,) = counting(memory("Alice lives in Paris", valid_until=JUNE))

        assert (claim.valid_from, claim.valid_to) == (MARCH_NS, JUNE_NS)

    def test_what_ended_before_it_was_told_has_no_beginning(self) -> None:
        """ "It was so until 2020", said in 2024."""
        (claim,) = counting(memory("Alice lives in Paris", valid_until="2020-01-01T00:00:00Z"))

        assert (claim.valid_from, claim.valid_to) == (None, 1_577_836_800 * 10**9)

    def test_a_single_claim_ends_when_a_person_says_so(self) -> None:
        """``audit resolve --ends`` of one claim."""
        made = memory("Alice lives in Paris")
        name = counting(made)[0].id.partition("/")[2]

        (claim,) = counting(replace(made, claims_ended=(f"{name}@{JUNE}",)))

        assert claim.valid_to == JUNE_NS

    def test_the_end_of_a_claim_may_have_come_without_a_zone(self) -> None:
        """An import may carry a plain date; ends are read as UTC then."""
        made = memory("Alice lives in Paris")
        name = counting(made)[0].id.partition("/")[2]

        (claim,) = counting(replace(made, claims_ended=(f"{name}@2024-06-01",)))

        assert claim.valid_to == JUNE_NS

    def test_the_time_that_a_claim_tells_itself_is_kept(self) -> None:
        """The suffix @2023..2024 of the grammar."""
        (claim,) = counting(memory(claims=("alice.city=Paris@2023..2023",), valid_until=JUNE))

        assert (claim.valid_from, claim.valid_to) == (1_672_531_200 * 10**9, 1_704_067_200 * 10**9)

    def test_what_never_changes_and_ended_was_never_so(self) -> None:
        """A birth date has one vertex for all times: only another claim about it can be right."""
        born = memory("Alice was born on 3 May 1990")

        assert {claim.attribute for claim in counting(born)} == {"birth", "birthday"}
        assert counting(replace(born, valid_until=JUNE)) == []
        assert counting(replace(born, valid_from=MARCH))[0].valid_from is None

    def test_what_holds_at_no_time_does_not_count(self) -> None:
        """An end before the beginning leaves nothing to contradict."""
        assert counting(memory("Alice lives in Paris", valid_from=JUNE, valid_until=MARCH)) == []


def test_claims_are_read_in_the_order_of_text_and_of_memories() -> None:
    """Of two statements made at the same moment the later one supersedes."""
    made = memory("Alice lives in Paris. Bob lives in Rome.")

    paris, rome = READER.counting(made, 3, READER.read(made))

    assert paris.recorded_at < rome.recorded_at < READER.counting(made, 4, READER.read(made))[0].recorded_at


def test_a_long_text_is_read_paragraph_by_paragraph_with_others_in_between() -> None:
    """experience.md: no question waits for a long document; what is read is the same, in its place."""
    line = "Alice lives in Paris.\n\n"
    filler = "Some words that claim nothing at all, as most do.\n\n" * (PASSAGE // 25)
    text = f"```\nBob lives in Rome.\n\n{'x' * PASSAGE}\n```\n{filler}{line}{filler}Bob lives in Oslo."
    turns: list[int] = []

    found = READER.read(memory(text), lambda: turns.append(1))

    assert [text[slice(*claim.span)] for claim in found] == ["Alice lives in Paris.", "Bob lives in Oslo."]
    assert len(turns) >= 4


def test_nothing_is_read_from_texts_where_the_user_says_so() -> None:
    """[claims] extract = false: explicit claims alone."""
    explicit_only = reader(extract=False)
    made = memory("Alice lives in Paris", claims=("bob.city=Rome",))

    assert [claim.subject for claim in counting(made, explicit_only)] == ["bob"]


def test_the_users_tables_add_to_those_of_the_package() -> None:
    """[claims] functional: a noun of one's own makes claims; persistence_days gives its window."""
    text = "The lighthouse of Porto is Anna"
    own = reader(functional=["lighthouse"], persistence_days=["lighthouse=7"])

    assert [claim.attribute for by in (READER, own) for claim in counting(memory(text), by)] == [
        "template:lighthouse is", "lighthouse",
    ]  # fmt: skip
    assert own.window_of("lighthouse") == 7.0


def test_other_tables_or_switches_are_other_rules() -> None:
    """What was read under another stamp is read anew."""
    stamps = {reader().stamp, reader(extract=False).stamp, reader(functional=["sprint"]).stamp}

    assert len(stamps) == 3
    assert reader().stamp in stamps
