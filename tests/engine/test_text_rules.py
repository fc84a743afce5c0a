from __future__ import annotations

from slm.engine.engine import Engine
from slm.retrieval.text_features import text_features
from tests.engine.desk import Desk


def test_a_store_whose_texts_were_read_by_older_rules_is_read_anew_once(desk: Desk) -> None:
    """A new version's rules hold for old memories too; nothing else of them changes."""
    desk.remember("shall we meet on Friday?")

    def age(engine: Engine) -> None:
        engine.store.transact(lambda writer: writer.replace(0, writer.memory(0), features=0))

    desk.service.inspect(age)
    before = desk.call("list")["memories"]
    desk.reopen()

    def features(engine: Engine) -> int:
        with engine.store.read() as reader:
            return int(reader.head(0)["features"])

    assert desk.service.inspect(features) == text_features("shall we meet on Friday?")
    assert "1 text was read by new rules" in desk.engine().index.healed
    assert desk.call("list")["memories"] == before
    desk.reopen()
    assert not [said for said in desk.engine().index.healed if "rules" in said]
