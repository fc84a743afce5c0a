"""The list of what was erased, beside the profiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.engine.erased import Erased
from slm.errors import StorageRefused, StoreDamaged
from slm.model import Memory

SAID = Memory("", "The PIN is 7319", speaker="Anna", idempotency_key="k1")


def kept(root: Path, memory: Memory = SAID) -> Erased:
    erased = Erased(root, "store")
    erased.keep(["k3m9q0000000"], dict.fromkeys(erased.digests(memory), "k3m9q0000000"))
    return erased


def test_what_was_kept_is_known_after_a_restart(tmp_path: Path) -> None:
    """Its text in other capitals and spaces, or its key with another text."""
    kept(tmp_path)

    again = Erased(tmp_path, "store")

    assert again.ids == {"k3m9q0000000"}
    assert again.find(Memory("", "the  pin is\n7319", speaker="Anna")) == "k3m9q0000000"
    assert again.find(Memory("", "edited", idempotency_key="k1")) == "k3m9q0000000"


@pytest.mark.parametrize(
    "other",
    [
        Memory("", "The PIN is 7319"),
        Memory("", "The PIN is 7319", speaker="Anna", scope="acme/api"),
        Memory("", "The PIN is 7310", speaker="Anna"),
        Memory("", "The PIN is 7319", speaker="Anna", kind="turn"),
    ],
    ids=["another speaker", "another scope", "another text", "a turn"],
)
def test_other_statements_are_not_known(tmp_path: Path, other: Memory) -> None:
    """The same that makes two memories one: scope, speaker and folded text; turns repeat by right."""
    assert kept(tmp_path).find(other) is None


def test_a_note_is_known_from_whatever_file_it_comes(tmp_path: Path) -> None:
    """A copied file, or the folder imported from elsewhere, has other keys and sessions."""
    erased = kept(tmp_path, Memory("", "Vault", source="a.md", session="a.md", idempotency_key="markdown:1"))

    assert erased.find(Memory("", "Vault", source="b.md", session="b.md", idempotency_key="markdown:2"))


def test_what_was_private_is_known_to_its_owner_alone(tmp_path: Path) -> None:
    """An agent must not find out a PIN by remembering one after the other."""
    erased = kept(tmp_path, replace(SAID, private=True))

    assert erased.find(SAID) == erased.find(replace(SAID, private=True)) == "k3m9q0000000"
    assert erased.find(SAID, private=False) is erased.find(replace(SAID, private=True), private=False) is None
    assert kept(tmp_path).find(SAID, private=False) == "k3m9q0000000"


def test_a_turn_is_known_by_its_key_alone(tmp_path: Path) -> None:
    """ "yes" is said again by right; the same conversation imported again isn't taken in."""
    turn = Memory("", "yes", kind="turn", session="s", idempotency_key="chat:1")
    erased = kept(tmp_path, turn)

    assert erased.find(turn)
    assert erased.find(Memory("", "yes", kind="turn", session="s", idempotency_key="chat:2")) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_any_text_can_be_kept(tmp_path: Path, text: str, speaker: str, scope: str, key: str) -> None:
    """Lone surrogates and NULs are texts as well."""
    memory = Memory("", text, speaker=speaker, scope=scope, idempotency_key=key)

    assert kept(tmp_path, memory).find(memory) == "k3m9q0000000"
    assert Erased(tmp_path, "store").find(memory) == "k3m9q0000000"


def test_every_store_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Drawn at random: nothing in a store gives it."""
    keyed = {tuple(Erased(tmp_path, name).digests(SAID)) for name in ("a", "b", "a")}

    assert len(keyed) == 3  # nothing was kept: "a" has no key yet
    kept(tmp_path)
    assert Erased(tmp_path, "store").digests(SAID) == Erased(tmp_path, "store").digests(SAID)


def test_keeping_adds_to_what_is_kept(tmp_path: Path) -> None:
    """Erasings one after another, and one repeated."""
    kept(tmp_path)
    again = Erased(tmp_path, "store")
    for _ in range(2):
        again.keep(["p7d2x0000000"], {"d": "p7d2x0000000"})

    assert Erased(tmp_path, "store").ids == {"k3m9q0000000", "p7d2x0000000"}
    assert Erased(tmp_path, "store").find(SAID) == "k3m9q0000000"


def test_the_file_is_the_owners_alone_and_holds_no_text(tmp_path: Path) -> None:
    """0600 below 0700, as everything slm writes; digests, no words."""
    path = kept(tmp_path).path

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not any(word in path.read_text() for word in ("PIN", "7319", "Anna", "k1"))


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"key": "zz", "ids": [], "digests": {}}', '{"key": "00"}'])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, body: str) -> None:
    """Going on without it would take in again what was erased."""
    path = kept(tmp_path).path
    path.write_text(body)

    with pytest.raises(StoreDamaged, match="damaged") as refusal:
        Erased(tmp_path, "store")

    assert (refusal.value.where, "move the file aside" in str(refusal.value.hint)) == ({"file": str(path)}, True)


def test_a_file_that_cannot_be_written_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    """Something lies in the way of the new one: exit 8."""
    erased = kept(tmp_path)
    before = erased.path.read_bytes()
    erased.path.with_suffix(".part").mkdir()

    with pytest.raises(StorageRefused, match="can't be used"):
        erased.keep(["p7d2x0000000"])

    assert erased.path.read_bytes() == before
