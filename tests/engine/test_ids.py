from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.engine.ids import new_id, resolve
from slm.errors import InvalidInput, NotFound
from slm.model import ID_ALPHABET, ID_LENGTH


class Known:
    """The ids of a store, by a sorted list instead of a tree."""

    def __init__(self, *ids: str) -> None:
        self.ids = list(ids)

    def ordinal_of(self, memory_id: str) -> int | None:
        return self.ids.index(memory_id) if memory_id in self.ids else None

    def head(self, ordinal: int) -> dict[str, int]:
        return {"flags": 0}

    def with_prefix(self, prefix: str, limit: int = 6) -> list[tuple[str, int]]:
        return sorted((i, self.ids.index(i)) for i in self.ids if i.startswith(prefix))[:limit]


IDS = st.text(ID_ALPHABET, min_size=ID_LENGTH, max_size=ID_LENGTH)


@given(st.lists(IDS, min_size=1, max_size=20, unique=True), st.data())
def test_any_unique_prefix_finds_its_memory_and_others_do_not(ids: list[str], data: st.DataObject) -> None:
    """experience.md: any unique prefix works. Oracle: counting."""
    wanted = data.draw(st.sampled_from(ids))
    prefix = wanted[: data.draw(st.integers(1, ID_LENGTH))]
    fitting = [i for i in ids if i.startswith(prefix)]

    if len(fitting) == 1:
        assert resolve(Known(*ids), prefix) == ids.index(wanted)
    else:
        with pytest.raises(NotFound, match="fits several memories"):
            resolve(Known(*ids), prefix)


@pytest.mark.parametrize("written", ["K3M9Q", " k3m9q ", "slm:k3m9q", "[slm:k3m9q]", "[k3m9q]"])
def test_an_id_is_read_as_people_and_agents_write_it(written: str) -> None:
    """experience.md: agents cite ``[slm:id]``."""
    assert resolve(Known("a" * 12, "k3m9q0000000"), written) == 1


def test_letters_that_look_like_digits_are_read_as_these() -> None:
    """Crockford's base32 has no i, l and o."""
    assert resolve(Known("a" * 12, "101abcdefghj"), "IOLabc") == 1


@pytest.mark.parametrize("written", ["", "  ", "a-b", "u", "x" * 13, "é"])
def test_what_can_not_be_an_id_is_refused_as_usage(written: str) -> None:
    """Exit code 2, not 4."""
    with pytest.raises(InvalidInput, match="is not an id"):
        resolve(Known("a" * 12), written)


def test_an_ambiguous_prefix_names_some_of_the_memories() -> None:
    """STYLE.md, an error: what, and the next step."""
    ids = [f"abc{digit}00000000" for digit in "0123456"]

    with pytest.raises(NotFound) as caught:
        resolve(Known(*ids), "abc")

    assert ", ".join(ids[:5]) + " …" in caught.value.message
    assert caught.value.hint == "give more characters of it"


def test_new_ids_have_the_documented_form_and_are_never_given_twice() -> None:
    """experience.md: 12 base32 characters."""
    ids = [new_id(Known()) for _ in range(200)]

    assert len(set(ids)) == 200
    assert all(len(i) == ID_LENGTH and set(i) <= set(ID_ALPHABET) for i in ids)
