"""The benchmark of the lexical channel, at a size that takes no time."""

from slm.bench.lexical import documents, queries, run, table
from slm.retrieval.lexical import LexicalIndex


def test_every_engine_is_measured_on_the_same_queries():
    """A figure without its baselines is no figure."""
    result = run(n_documents=300, n_queries=3)

    assert {"slm, compiled", "slm, numpy", "SQLite FTS5"} <= set(result["query_ms"])
    assert all(ms["min"] <= ms["median"] for ms in result["query_ms"].values())
    assert result["index_bytes"] > 0


def test_the_table_names_size_seed_and_engines():
    """What is needed to repeat it."""
    lines = table(run(n_documents=300, n_queries=3, seed=7)).splitlines()

    assert "300 documents, seed 7" in lines[0]
    assert [line.split()[0] for line in lines[2:4]] == ["slm,", "slm,"]


def test_the_same_seed_gives_the_same_documents_and_queries():
    """Repeatable without a file of data."""
    texts = documents(50, 3)

    assert texts == documents(50, 3)
    assert queries(texts, 5, 1) == queries(texts, 5, 1)
    assert all(8 <= len(words) < 40 for words in texts)


def test_each_query_is_answered_by_the_document_it_came_from():
    """Five words of one document: it is among those with the most of them."""
    texts = documents(50, 3)
    index = LexicalIndex()
    for i, words in enumerate(texts):
        index.add(i, words)
    for asked in queries(texts, 5, 1):
        best = index.scores(asked).scores.argmax()

        assert set(asked) & set(texts[best])
