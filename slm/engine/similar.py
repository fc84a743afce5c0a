"""What a new memory resembles: no threshold tells a duplicate from a correction, so near ones are shown, not merged."""

from __future__ import annotations

from typing import Any

import numpy as np

from slm.engine.added import Prepared
from slm.engine.eligible import in_scopes, shown_to
from slm.engine.request import Request
from slm.geometry.top_k import top_k

NEAR = 0.8
"""Cosine from which a memory is worth showing as similar."""
SHOWN = 3
LOOKED_AT = 12


def similar(request: Request, own_id: str, scope: str, prepared: Prepared) -> list[dict[str, Any]]:
    """The nearest live memories of the same scope or global, nearest first: id, text and cosine."""
    engine = request.engine
    columns, semantic = engine.index.columns, engine.index.semantic
    vector = prepared.rows[0].astype(np.float32)
    with engine.store.read() as reader:
        scopes = engine.name_ids(reader, "scope", [scope, "global"])
        eligible = columns.live() & shown_to(request.caller, columns) & in_scopes(columns["scope"], scopes)
        nearness = np.where(eligible, semantic.screen(vector)[columns["first_chunk"]], -np.inf)
        nearest = top_k(nearness, min(LOOKED_AT, int(eligible.sum())))
        cosines = semantic.cosine(vector, semantic.rows(columns["first_chunk"][nearest].astype(np.int64)))
        found = [(float(cosine), reader.memory(int(ordinal))) for cosine, ordinal in zip(cosines, nearest, strict=True)]
    near = sorted((pair for pair in found if pair[0] >= NEAR and pair[1].id != own_id), key=lambda p: (-p[0], p[1].id))
    return [{"id": m.id, "text": m.text, "similarity": round(cosine, 3)} for cosine, m in near[:SHOWN]]
