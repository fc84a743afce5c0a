"""The measurement of the client, on a daemon that echoes: what is measured, not how fast it is."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench import client
from slm.daemon.dialects import CliReply, Handlers
from slm.daemon.server import Server
from slm.errors import SlmError
from slm.paths import Paths


@pytest.fixture
def paths() -> Iterator[Paths]:
    """A server in this process that answers every question the same."""
    import threading

    with tempfile.TemporaryDirectory(prefix="slm-test-") as home:
        made = Paths(dict(os.environ) | {"HOME": home, "SLM_DATA_DIR": f"{home}/data", "SLM_SOCKET": f"{home}/s"})
        Path(made.data).mkdir(mode=0o700)
        server = Server(made, Handlers(lambda _: CliReply(b"X X\n", b"", 0), lambda *_: None))
        serving = threading.Thread(target=server.serve)
        serving.start()
        yield made
        server.stop()
        serving.join()


def test_a_measurement_gives_medians_ratio_and_an_interval_around_it(paths):
    """Specification: figures with their baseline and an interval."""
    result = client.measure([sys.executable, "-I", "-S", "-c", "pass"], paths, 5, 7)

    assert result["rounds"] == 5
    assert 0 < result["daemon_ms"] < result["slm_ms"]
    assert result["ratio_interval"][0] <= result["ratio"] <= result["ratio_interval"][1]
    assert result["ratio"] == pytest.approx((result["slm_ms"] - result["daemon_ms"]) / result["python_ms"], abs=0.002)


def test_without_a_daemon_nothing_is_measured(paths):
    """A daemon that has left must not look fast."""
    gone = Paths({**paths.environ, "SLM_SOCKET": paths.socket + "-gone"})

    with pytest.raises(SlmError, match="left"):
        client.measure(["/bin/true"], gone, 1, 7)


def test_an_environment_without_the_script_is_said(monkeypatch, tmp_path):
    """An error names what to do."""
    monkeypatch.setattr(client.sysconfig, "get_path", lambda _: str(tmp_path))

    with pytest.raises(SlmError, match="not installed"):
        client.run()


@given(st.lists(st.tuples(st.floats(5, 50), st.floats(5, 50), st.floats(0, 4)), min_size=1, max_size=9))
def test_the_ratio_is_that_of_the_medians(rounds):
    """Oracle: sorted lists."""
    wall, python, daemon = (np.array(column) for column in zip(*rounds, strict=True))

    def middle(values):
        ordered = sorted(values)
        half = len(ordered) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

    assert client._ratio(wall, python, daemon) == pytest.approx((middle(wall) - middle(daemon)) / middle(python))


def test_the_table_shows_the_baseline_beside_the_figure():
    """Style: a claim has its baseline and interval."""
    result = {
        "memories": 100, "rounds": 200, "python_ms": 12.0, "slm_ms": 13.5, "daemon_ms": 1.5, "ratio": 1.0,
        "ratio_interval": [0.98, 1.02],
    }  # fmt: skip

    text = client.table(result)

    assert "python -I -c pass   12.0 ms" in text
    assert "1.00 x the empty Python (95 %: 0.98 to 1.02)" in text
