"""Models of a few hundred bytes, written as ONNX protobuf by hand: what a real model does can be worked out by eye.

A tiny model looks its states up in a table: the state of a token depends on its id alone.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

INT64, FLOAT, UINT8 = 7, 1, 2
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "green", "blue", "the", ".", "##ish"]
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def table(dims: int = 8, seed: int = 0) -> np.ndarray:
    """A state for each piece of the vocabulary; the last dimension is constant."""
    states = np.random.default_rng(seed).normal(size=(len(VOCABULARY), dims)).astype(np.float32)
    states[:, -1] = 0.0
    return states


def lookup(states: np.ndarray, *, inputs=INPUTS, output="last_hidden_state", dynamic=False, rank=3) -> bytes:
    """A model whose output is ``states[input_ids]``, dynamically quantised when asked, or with rank 2 their sum."""
    plain = rank == 3 and not dynamic
    nodes = [node("Gather", ["table", "input_ids"], [output if plain else "looked_up"])]
    if dynamic:
        nodes.append(node("DynamicQuantizeLinear", ["looked_up"], ["q", "scale", "zero"]))
        nodes.append(node("DequantizeLinear", ["q", "scale", "zero"], [output]))
    if rank == 2:
        nodes.append(node("ReduceSum", ["looked_up", "axis"], [output], keepdims=0))
    tensors = [tensor("table", FLOAT, states.shape, states.tobytes())]
    tensors += [tensor("axis", INT64, (1,), struct.pack("<q", 1))] if rank == 2 else []
    shape = ["batch", "sequence", states.shape[1]] if rank == 3 else ["batch", states.shape[1]]
    graph = b"".join(field(1, n) for n in nodes) + field(2, b"tiny") + b"".join(field(5, t) for t in tensors)
    graph += b"".join(field(11, value(name, INT64, ["batch", "sequence"])) for name in inputs)
    graph += field(12, value(output, FLOAT, shape))
    return number(1, 8) + field(7, graph) + field(8, number(2, 17))


def folder(path: Path, model: bytes | None = None, **files: object) -> Path:
    """A model's folder with a vocabulary; ``files`` are further JSON documents, ``__`` in a name for a folder."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "model.onnx").write_bytes(lookup(table()) if model is None else model)
    (path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    for name, content in files.items():
        target = path / (name.replace("__", "/") + ".json")
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content))
    return path


def node(kind: str, inputs: list[str], outputs: list[str], **flags: int) -> bytes:
    names = b"".join(field(1, name.encode()) for name in inputs) + b"".join(field(2, name.encode()) for name in outputs)
    attributes = (field(1, key.encode()) + number(3, on) + number(20, 2) for key, on in flags.items())
    return names + field(4, kind.encode()) + b"".join(field(5, attribute) for attribute in attributes)


def tensor(name: str, kind: int, shape: tuple[int, ...], raw: bytes) -> bytes:
    return b"".join(number(1, size) for size in shape) + number(2, kind) + field(8, name.encode()) + field(9, raw)


def value(name: str, kind: int, shape: list[str | int]) -> bytes:
    sizes = (number(1, size) if isinstance(size, int) else field(2, size.encode()) for size in shape)
    dims = b"".join(field(1, size) for size in sizes)
    return field(1, name.encode()) + field(2, field(1, number(1, kind) + field(2, dims)))


def field(tag: int, content: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return varint(tag << 3 | 2) + varint(len(content)) + content


def number(tag: int, content: int) -> bytes:
    """A varint protobuf field."""
    return varint(tag << 3) + varint(content)


def varint(rest: int) -> bytes:
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*out, rest])
