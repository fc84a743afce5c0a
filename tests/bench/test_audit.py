"""``slm bench audit`` on a small sheaf."""

from __future__ import annotations

from slm.bench.audit import claims, run, table


def test_the_benchmark_measures_writes_and_the_audit_beside_a_pairwise_check() -> None:
    """Pinned behaviour: the made claims hold conflicts, moves and checks, and every figure is printed."""
    result = run([400])

    [row] = result["sizes"]
    assert row["conflicts"] > 0
    assert row["supersessions"] > 0
    assert row["checks"] > 0
    assert row["peak_bytes"] > 0
    assert row["write_us"]["p50"] <= row["write_us"]["p99"] <= row["write_us"]["max"]
    assert "400" in table(result)


def test_the_made_claims_are_the_same_for_a_seed() -> None:
    """A benchmark can be repeated."""
    assert list(claims(200, 3)) == list(claims(200, 3)) != list(claims(200, 4))


def test_a_few_claims_are_measured_too() -> None:
    """So few that none contradicts another."""
    [row] = run([1])["sizes"]

    assert (row["claims"], row["conflicts"], row["pairwise_conflicts"]) == (1, 0, 0)
