"""Postings on disk: one file a segment, named by the chunks it covers, rebuilt from the texts where one is missing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from slm.geometry.backend import Kernels
from slm.retrieval.columns import Columns
from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.segment import Segment
from slm.retrieval.words import terms
from slm.store.postings_files import read_bundle, write_bundle
from slm.store.reader import Reader

NAME = re.compile(r"\d{10}-\d{10}\.postings", re.ASCII)
FORMAT = 1
"""Raised when the analyser or the layout changes: files of another format are analysed anew."""


def load_postings(
    reader: Reader, folder: Path, store_id: str, columns: Columns, kernels: Kernels
) -> tuple[LexicalIndex, int]:
    """The index of all chunks, and how many of them had to be analysed again from their texts."""
    index = LexicalIndex(_segments(folder / "postings", store_id, reader.n_chunks), kernels=kernels)
    analysed = _analyse_rest(index, reader, columns)
    dead = np.flatnonzero(~columns.live())
    first, sizes = columns["first_chunk"], columns["n_chunks"]
    index.remove(chunk for i in dead for chunk in range(int(first[i]), int(first[i]) + int(sizes[i])))
    return index, analysed


def _segments(place: Path, store_id: str, n_chunks: int) -> list[Segment]:
    """Sound segments that follow one another from chunk 0 on, the longest where several begin at one chunk."""
    named = (path for path in place.glob("*.postings") if NAME.fullmatch(path.name))
    longest_first = sorted(named, key=lambda path: path.name, reverse=True)
    waiting: dict[int, list[Path]] = {}
    for path in longest_first:
        waiting.setdefault(int(path.name[:10]), []).append(path)
    segments: list[Segment] = []
    while paths := waiting.get(segments[-1].stop if segments else 0, []):
        arrays = read_bundle(paths.pop(0), store_id, FORMAT)
        segment = Segment(arrays) if arrays is not None else None
        if segment is not None and segment.stop <= n_chunks:
            segments.append(segment)
    return segments


def _analyse_rest(index: LexicalIndex, reader: Reader, columns: Columns) -> int:
    covered = index.count
    begin = int(np.searchsorted(columns["first_chunk"], covered, side="left"))
    for ordinal in range(begin, columns.count):
        text = reader.memory(ordinal).text
        for chunk in reader.chunks_of(ordinal):
            index.add(index.count, terms(text[chunk.start : chunk.stop]))
    return index.count - covered


def save_postings(index: LexicalIndex, folder: Path, store_id: str) -> None:
    """Write the segments that have no file yet, then remove the files of segments that were merged away."""
    place = folder / "postings"
    place.mkdir(mode=0o700, exist_ok=True)
    wanted = {place / f"{segment.first:010d}-{segment.stop:010d}.postings": segment for segment in index.segments}
    for path, segment in wanted.items():
        if not path.exists():
            write_bundle(path, store_id, FORMAT, segment.arrays())
    for path in place.glob("*.postings"):
        if path not in wanted:
            path.unlink()
