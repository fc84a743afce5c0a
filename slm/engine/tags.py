"""The tags in use."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from slm.engine.eligible import shown_to
from slm.engine.request import Request


def run(request: Request) -> dict[str, Any]:
    """Each tag with how many live memories of any scope carry it, the commonest first; unused ones are left out."""
    columns = request.engine.index.columns
    seen = columns.live() & shown_to(request.caller, columns)
    memories = np.bincount(columns["tags"][seen])
    counts: Counter[str] = Counter()
    with request.engine.store.read() as reader:
        for tags, n in zip(reader.tag_sets(), memories.tolist(), strict=False):
            counts.update(dict.fromkeys(tags, n))
    used = sorted((name for name, count in counts.items() if count), key=lambda name: (-counts[name], name))
    return {"tags": [{"name": name, "memories": counts[name]} for name in used]}
