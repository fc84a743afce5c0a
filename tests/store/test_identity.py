from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import ModelUnavailable
from slm.store.identity import Fingerprint, StoreIdentity, new_identity, require_same_embedder

HELD = Fingerprint("all-MiniLM-L6-v2", "8199be6f" * 8, 384, "mean", "")


@given(st.text(), st.text(), st.integers(1, 4096), st.text(), st.text(), st.integers(0, 2**62))
def test_an_identity_reads_back_as_it_was(name, sha256, dims, pooling, prefix, created_ns) -> None:
    identity = new_identity(Fingerprint(name, sha256, dims, pooling, prefix), 1, created_ns)

    assert StoreIdentity.decode(identity.encode(), 1) == identity


def test_two_stores_have_two_ids_and_two_seeds() -> None:
    one, two = new_identity(HELD, 1, 0), new_identity(HELD, 1, 0)

    assert one.store_id != two.store_id
    assert one.seed != two.seed


def test_an_id_is_32_hexadecimal_digits_and_a_seed_fits_int64() -> None:
    identity = new_identity(HELD, 1, 0)

    assert len(bytes.fromhex(identity.store_id)) == 16
    assert 0 <= identity.seed < 2**63


def test_the_schema_has_a_key_of_its_own() -> None:
    """Migrations move it without touching the identity."""
    body = new_identity(HELD, 1, 0).encode()

    assert StoreIdentity.decode(body, 7).schema == 7
    assert b"schema" not in body


def test_the_same_model_under_another_name_is_accepted() -> None:
    require_same_embedder(HELD, HELD._replace(name="my copy"), "here")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"name": "bge-m3", "dims": 1024, "sha256": "00" * 32},
            "the store holds 384-dimensional memories, model 'bge-m3' gives 1024",
        ),
        ({"sha256": "00" * 32}, "other weights"),
        ({"pooling": "cls"}, "pooling 'mean', model 'all-MiniLM-L6-v2' uses 'cls'"),
        ({"prefix": "query: "}, "prefix '', model 'all-MiniLM-L6-v2' uses 'query: '"),
    ],
)
def test_another_model_is_refused_in_words_that_say_what_differs(change, said) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        require_same_embedder(HELD, HELD._replace(**change), "/somewhere")

    assert said in caught.value.message
    assert caught.value.where == {"store": "/somewhere"}
    assert "restore embed.model in config.toml" in (caught.value.hint or "")
    assert caught.value.exit_code == 7
