"""erase: what is gone, what stays. Expectations: trust.md and experience.md ("Moving, incidents, erasing")."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from slm.errors import InvalidInput, NeedsUser, NotFound
from slm.retrieval.semantic import Epoch
from tests.engine.desk import Desk
from tests.engine.erasable import LONG, OTHERS, SECRET, lived_in, traces
from tests.engine.stub_embedder import embedding
from tests.engine.traces import left_in


@pytest.mark.parametrize("text", [SECRET, LONG], ids=["short", "compressed, in several chunks"])
def test_no_byte_of_it_is_left_in_any_file(desk: Desk, text: str) -> None:
    """trust.md: after it, no byte of the text is left in the store's folder; the oracle looks through every file."""
    first, second = lived_in(desk, text)
    wanted = traces(desk, first, second)
    desk.reopen()  # postings and scan files are on the disk now
    assert (
        len({found.partition(" in ")[2] for found in left_in(desk.root, wanted)}) >= 3
    )  # the store, the postings, the vectors

    desk.call("erase", id=[first])

    assert left_in(desk.root, wanted) == []
    desk.reopen()
    assert left_in(desk.root, wanted) == []


def test_no_vector_of_it_is_left_with_the_real_model(real_desk: Desk) -> None:
    """Vectors and token codes tell of a text as well: the real model gives many tokens to a text."""
    first, second = lived_in(real_desk)
    wanted = traces(real_desk, first, second)
    assert any("codes" in name for name in wanted)
    real_desk.reopen()

    real_desk.call("erase", id=[second])

    assert left_in(real_desk.root, wanted) == []
    assert real_desk.found("bread")


def publish(desk: Desk) -> None:
    """Let the index rank by the variance of what is live now, as an erasing does."""
    index = desk.engine().index
    index.epoch = Epoch.publish(index.epoch.number + 1, index.moments, index._constant)
    index.semantic = index._channel(index.semantic.kernels)


def test_everything_else_is_as_if_it_had_been_forgotten(desk: Desk) -> None:
    """Oracle: the store in which it is only forgotten, its variance published: the same records, scores, phases."""
    first, second = lived_in(desk)
    desk.call("forget", id=[second])
    publish(desk)
    others = [record for record in desk.exported() if record.get("id") not in (first, second)]
    before = (others, desk.scores("ports and bread 4"), desk.texts(), desk.call("phases"), desk.call("weights"))

    desk.call("erase", id=[second])

    for _ in range(2):
        now = (
            desk.exported(),
            desk.scores("ports and bread 4"),
            desk.texts(),
            desk.call("phases"),
            desk.call("weights"),
        )
        assert now == before
        checked = desk.engine().store.check()
        assert checked.memories == len(OTHERS) + 2
        assert all(check["ok"] for check in desk.call("doctor")["checks"])
        assert desk.call("status")["notes"] == []
        desk.reopen()
    assert desk.remember("and life goes on with ports")
    assert "and life goes on with ports" in desk.found("life goes on")


@pytest.mark.parametrize("hidden", [False, True], ids=["shown", "forgotten before"])
def test_the_variance_is_published_without_it(desk: Desk, hidden: bool) -> None:
    """From a variance that it had a part in and the vectors of the others, its own could be reckoned."""
    first, second = lived_in(desk)
    if hidden:
        desk.call("forget", id=[second])

    desk.call("erase", id=[first])

    for _ in range(2):
        index = desk.engine().index
        assert index.epoch.count == index.moments.count == len(OTHERS)
        assert (index.epoch.variance == index.moments.variance()).all()
        desk.reopen()


def test_postings_are_as_if_they_were_analysed_anew(desk: Desk) -> None:
    """Oracle: the postings that the next start makes of the texts where their files are gone."""
    desk.remember("before it")
    first, _ = lived_in(desk, LONG)
    desk.call("erase", id=[first])
    desk.reopen()
    assert desk.engine().index.healed == []
    kept = desk.engine().index.lexical

    desk.service.close()
    shutil.rmtree(desk.root / "default" / "postings")
    desk.open()
    anew = desk.engine().index.lexical
    anew.flush()

    assert [segment.terms() for segment in kept.segments] == [segment.terms() for segment in anew.segments]
    for segment, other in zip(kept.segments, anew.segments, strict=True):
        assert all((segment.arrays()[name] == array).all() for name, array in other.arrays().items())


def test_exact_sums_lose_it(desk: Desk) -> None:
    """Oracle: a store that never knew it has the same exact moments."""
    first, _ = lived_in(desk)

    desk.call("erase", id=[first])

    moments = desk.engine().index.moments
    assert moments.count == len(OTHERS)
    plain = type(moments).zero(len(embedding("x").mean))
    for text in OTHERS:
        plain = plain.add(embedding(text).mean[None, :].astype("float16"))
    assert moments.to_bytes() == plain.to_bytes()


def test_the_whole_history_goes_whichever_version_is_named(desk: Desk, new_desk: Callable[..., Desk]) -> None:
    """experience.md: erase covers old versions; the text that a correction replaced is one."""
    for which in (0, 1):
        desk = new_desk()
        ids = lived_in(desk)
        assert desk.call("erase", id=[ids[which]])["erased"] == list(ids)
        assert sorted(desk.texts()) == sorted(OTHERS)


def test_a_correction_that_was_undone_goes_too(desk: Desk) -> None:
    """It is no successor any more, but it says nearly the same; so does what was forgotten."""
    first, second = lived_in(desk)
    desk.call("undo", entry=desk.entry_of("correct"))
    desk.call("forget", id=[first])

    assert set(desk.call("erase", id=[first])["erased"]) == {first, second}


def test_the_receipt_tells_what_went_and_the_head_of_the_journal(desk: Desk) -> None:
    """experience.md: a receipt with ids, counts and the head after it, which a user can keep."""
    first, second = lived_in(desk)

    receipt = desk.call("erase", id=[first])

    assert receipt["erased"] == [first, second]
    assert (receipt["chunks"], receipt["dry_run"]) == (2, False)
    assert receipt["entries"] == 4  # remember, tag, pin, correct
    assert receipt["names"] >= 4  # speaker, source, two sets of tags
    assert receipt["sources"] == ["secret-file.md"]
    assert receipt["pinned"] == [first, second]
    assert "exports" in receipt["out_of_reach"][0]
    verified = desk.call("log", verify=True, head=receipt["journal"]["head"])
    assert (verified["head"], verified["entries"]) == (receipt["journal"]["head"], receipt["journal"]["entries"])


def test_the_journal_keeps_its_chain_and_says_erased(desk: Desk) -> None:
    """trust.md: erasing deletes payload and salt, and the chain still verifies against a head from before."""
    first, _ = lived_in(desk)
    head = desk.call("log", verify=True)["head"]

    desk.call("erase", id=[first])

    assert desk.call("log", verify=True, head=head)["verified"]
    shown = {entry["op"]: entry["summary"] for entry in desk.call("log", limit=100)["entries"]}
    assert shown["correct"] == shown["tag"] == shown["pin"] == "(erased)"
    assert shown["erase"].startswith("2 memories: ")
    with desk.engine().store.read() as reader:
        gone = [entry for entry in reader.entries() if entry.payload is None]
    assert [entry.salt for entry in gone] == [b""] * 4


def test_a_dry_run_tells_the_same_and_changes_nothing(desk: Desk) -> None:
    """A destructive verb has one; what was found with the memory that was named is marked."""
    first, second = lived_in(desk)
    before = (desk.exported(), desk.call("log", verify=True))

    found = desk.call("erase", id=[first], dry_run=True)

    assert [(each["id"], each["named"]) for each in found["memories"]] == [(first, True), (second, False)]
    assert found["dry_run"]
    assert (desk.exported(), desk.call("log", verify=True)) == before


@pytest.mark.parametrize(
    "selector", [{"tag": "vaulttag"}, {"source": "secret-file.md"}, {"mentions": "anna  BERG's"}, {"mentions": "7319"}]
)
def test_selectors_are_exact_and_reach_what_is_hidden(desk: Desk, selector: dict[str, str]) -> None:
    """experience.md: over all scopes and phases, the trash included."""
    first, second = lived_in(desk)
    desk.call("forget", id=[second])

    assert desk.call("erase", **selector)["erased"] == [first, second]
    assert desk.call("erase", **selector)["erased"] == []


@pytest.mark.parametrize("actor", ["mcp:claude-code", "hook", "llm", "watch:notes", "import:jsonl"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_agents_are_refused(desk: Desk, actor: str, dry_run: bool) -> None:
    """experience.md: an injected agent must not be able to destroy."""
    first, _ = lived_in(desk)

    with pytest.raises(NeedsUser, match="agents can't erase"):
        desk.call("erase", as_actor=actor, id=[first], dry_run=dry_run)
    assert desk.memory(first)


def test_an_erased_id_says_so_and_takes_no_change(desk: Desk) -> None:
    """The id stays, so that nothing else gets it; it names nothing."""
    first, second = lived_in(desk)
    desk.call("erase", id=[first])

    for op, fields in (("show", {"id": [first]}), ("pin", {"id": [second]}), ("forget", {"id": [first]}),
                       ("erase", {"id": [first]}), ("why", {"id": first}), ("used", {"id": [first]}),
                       ("correct", {"id": first, "text": "x"}), ("tag", {"id": first, "add": ["x"]})):  # fmt: skip
        with pytest.raises(NotFound, match="was erased on"):
            desk.call(op, **fields)
    status = desk.call("status")["memories"]
    assert (status["total"], status["erased"], status["forgotten"]) == (len(OTHERS), 2, 0)


def test_the_same_text_elsewhere_is_named_and_stays(desk: Desk) -> None:
    """Another scope's memory was not asked for; whoever erases a text must hear of it."""
    here = desk.remember(SECRET)
    there = desk.remember(SECRET, in_scope="acme/api")

    assert desk.call("erase", id=[here])["same_text"] == [there]
    assert desk.memory(there)["text"] == SECRET


def test_names_that_others_carry_stay(desk: Desk) -> None:
    """Facets go where nothing else carries them: a tag of another memory is that one's."""
    secret = desk.remember(SECRET, tag=["shared"], speaker="Anna")
    desk.remember("harmless", tag=["shared"], speaker="Anna")

    desk.call("erase", id=[secret])

    assert desk.call("tags")["tags"]
    assert desk.call("forget", tag="shared", dry_run=True)["forgotten"][0]["text"] == "harmless"
    again = desk.remember("a new one", tag=["shared", "vaulttag"], speaker="Wolfgang")
    desk.reopen()
    assert desk.memory(again)["tags"] == ["shared", "vaulttag"]
    assert desk.engine().store.check()


def test_undo_goes_on_around_it(desk: Desk) -> None:
    """What an erased undo took back stays undone; what was done to others can still be taken back."""
    desk.call("remember", batch=[{"text": SECRET}, {"text": "with it"}])
    desk.call("undo")
    kept = desk.remember("kept")
    desk.call("forget", id=[kept])

    desk.call("erase", mentions="7319")

    assert desk.call("undo", entry=desk.entry_of("forget"))["op"] == "forget"
    assert desk.texts() == ["kept"]


def test_an_erasing_cannot_be_undone_and_says_so(desk: Desk) -> None:
    """Whoever types ``undo`` after it means it: the change before must not be taken back in its place."""
    secret = desk.remember(SECRET)
    desk.remember("kept")
    desk.call("erase", id=[secret])

    with pytest.raises(InvalidInput, match=r"your last change was to erase \(entry \d+\): that can't be undone"):
        desk.call("undo")
    for op in ("erase", "remember"):
        with pytest.raises(InvalidInput, match="can't be undone: what was erased is gone"):
            desk.call("undo", entry=desk.entry_of(op))
    assert desk.texts() == ["kept"]
    desk.remember("and then")
    assert desk.call("undo")["summary"].endswith("and then")


def test_two_erasings_after_each_other(desk: Desk) -> None:
    """Stubs of the first are in the way of nothing."""
    first, _ = lived_in(desk)
    wanted = traces(desk, first)
    desk.call("erase", id=[first])
    third = desk.remember("quite another xylophone secret")

    assert desk.call("erase", mentions="xylophone")["erased"] == [third]
    desk.reopen()
    assert sorted(desk.texts()) == sorted(OTHERS)
    assert left_in(desk.root, wanted) == []
    assert desk.engine().store.check().memories == len(OTHERS) + 3


def test_a_store_of_nothing_else_can_be_erased(desk: Desk) -> None:
    """The last memory of a store goes like any other."""
    only = desk.remember(SECRET)

    desk.call("erase", id=[only])

    assert desk.texts() == []
    assert desk.exported() == []
    assert desk.hits("anything at all") == []
    desk.remember("a new beginning")
    desk.reopen()
    assert desk.found("beginning") == ["a new beginning"]
