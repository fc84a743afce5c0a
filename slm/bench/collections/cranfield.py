"""The Cranfield collection as a folder of JSON lines: abstracts of papers, and queries with judged relevance."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from slm.bench.collections.collection import Collection, Question, json_lines, reading


def read(folder: Path) -> list[Collection]:
    """The one collection of ``folder``, empty abstracts left out; any grade above 0 counts as relevant.

    Raises :class:`InvalidInput` for files of another shape.
    """
    with reading(folder, "Cranfield"):
        documents = [row for row in json_lines(folder / "docs.jsonl") if row["text"].strip()]
        position = {row["id"]: i for i, row in enumerate(documents)}
        relevant = defaultdict(set)
        for row in json_lines(folder / "qrels.jsonl"):
            if row["rel"] > 0 and row["doc_id"] in position:
                relevant[row["query_id"]].add(position[row["doc_id"]])
        records = [
            {
                "text": row["text"],
                "kind": "note",
                "source": "cranfield",
                "idempotency_key": f"cranfield/{row['id']}",
            }
            for row in documents
        ]
        questions = [
            Question(row["text"], frozenset(relevant[row["id"]]), "query")
            for row in json_lines(folder / "queries.jsonl")
        ]
        return [Collection("cranfield", records, questions)]
