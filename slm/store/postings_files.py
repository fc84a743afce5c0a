"""Named arrays in one file, written whole and mapped when read: segments of the word index.

Derived like the scan files: a file that isn't exactly what was written for this store reads as None, and is made anew.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.store.faults import refused
from slm.store.folder import sync_folder

_MAGIC = b"slmarray"
_FORMAT = 1
_FRONT = struct.Struct("<8sIII")
_ALIGNMENT = 64


def write_bundle(path: Path, store_id: str, generation: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Put the file in place in one step, durable when this returns. StorageRefused when the disk is full.

    ValueError for arrays of Python objects, which have no bytes of their own.
    """
    bodies = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    if any(array.dtype.hasobject for array in bodies.values()):
        raise ValueError("arrays of objects can't be mapped")
    directory = _directory(store_id, generation, bodies)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _write(part, directory, list(bodies.values()))
        part.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise refused(error, path) from error


def read_bundle(path: Path, store_id: str, generation: int) -> dict[str, npt.NDArray[Any]] | None:
    """The arrays, read-only and mapped; None when the file is missing, damaged, or of another store or generation."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError):  # ValueError: an empty file can't be mapped
        return None
    except OSError as error:
        raise refused(error, path) from error
    directory = _read_directory(mapped)
    if directory is None or (directory["store_id"], directory["generation"]) != (store_id, generation):
        return None
    arrays: dict[str, npt.NDArray[Any]] = {}
    for entry in directory["arrays"]:
        body = memoryview(mapped)[directory["start"] + entry["offset"] :][: entry["size"]]
        if len(body) != entry["size"] or zlib.crc32(body) != entry["crc"]:
            return None
        arrays[entry["name"]] = np.frombuffer(body, entry["dtype"]).reshape(entry["shape"])
    return arrays


def _directory(store_id: str, generation: int, arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The file's table of contents, with offsets counted from the first aligned byte behind it."""
    entries, offset = [], 0
    for name, array in arrays.items():
        entries.append(
            {
                "name": name,
                "dtype": array.dtype.str,
                "shape": array.shape,
                "offset": offset,
                "size": array.nbytes,
                "crc": zlib.crc32(array.tobytes()),
            }
        )
        offset += _aligned(array.nbytes)
    return json.dumps({"store_id": store_id, "generation": generation, "arrays": entries}).encode()


def _write(path: Path, directory: bytes, arrays: list[npt.NDArray[Any]]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(_FRONT.pack(_MAGIC, _FORMAT, len(directory), zlib.crc32(directory)) + directory)
        file.seek(_aligned(file.tell()))
        for array in arrays:
            file.write(array.tobytes())
            file.write(bytes(_aligned(array.nbytes) - array.nbytes))
        file.flush()
        os.fsync(file.fileno())


def _read_directory(mapped: mmap.mmap) -> dict[str, Any] | None:
    if len(mapped) < _FRONT.size:
        return None
    magic, version, size, crc = _FRONT.unpack_from(mapped)
    body = mapped[_FRONT.size : _FRONT.size + size]
    if (magic, version) != (_MAGIC, _FORMAT) or len(body) != size or zlib.crc32(body) != crc:
        return None
    document: dict[str, Any] = json.loads(body)
    document["start"] = _aligned(_FRONT.size + size)
    return document


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
