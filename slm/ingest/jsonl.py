"""JSON lines: one record a line, as ``export`` writes them and ``remember --batch`` takes them.

An export is a header line ``{"slm_export": 1, …}``, plain records, ``{"slm_weights": …}`` where something was learnt,
and ``{"slm_export_end": N}``, so that one that was cut off is noticed. Records without these are read just as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from slm.counted import counted
from slm.errors import InvalidInput
from slm.ingest.records import check_record

HEADER, WEIGHTS, END = "slm_export", "slm_weights", "slm_export_end"
EXPORT_VERSION = 1

MAX_LINE_BYTES = 4 << 20
"""Longest line: a frame of the socket. More than the longest text, which JSON's escapes lengthen."""


def read(stream: BinaryIO, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers with checked records, or with the header, weights or end line of an export.

    :class:`InvalidInput` names file and line; the records before that line have been yielded by then.
    """
    begun, n_records = 0, 0
    for number, line in _lines(stream, name):
        where = f"{name}:{number}"
        document = _document(line, where)
        if isinstance(document, dict) and HEADER in document:
            _check_version(document[HEADER], where)
            _check_whole(name, begun, n_records)
            begun, n_records = number, 0
        elif isinstance(document, dict) and END in document:
            _check_end(where, begun, n_records, document[END])
            begun = 0
        elif isinstance(document, dict) and WEIGHTS in document:
            _check_weights(document, where)
        else:
            document = check_record(document, where)
            n_records += 1
        yield number, document
    _check_whole(name, begun, n_records)


def header(store_id: str, created: str) -> dict[str, Any]:
    """The first line of an export."""
    return {HEADER: EXPORT_VERSION, "store": store_id, "created": created}


def end(n_records: int) -> dict[str, Any]:
    """The last line of an export."""
    return {END: n_records}


def _lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        where = f"{name}:{number}"
        if len(raw) > MAX_LINE_BYTES:
            raise InvalidInput(f"{where}: the line is longer than {MAX_LINE_BYTES >> 20} MiB")
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip(" \t\r\n")
        except UnicodeDecodeError as error:
            hint = "convert the file to UTF-8 first"
            raise InvalidInput(f"{where}: not UTF-8 at byte {error.start + 1} of the line", hint=hint) from None
        if line:
            yield number, line


def _document(line: str, where: str) -> Any:
    try:
        return json.loads(line, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except json.JSONDecodeError as error:
        hint = "one JSON object a line; for an array: jq -c '.[]'" if line.startswith("[") else "one JSON object a line"
        raise InvalidInput(f"{where}: not JSON: {error.msg} (column {error.colno})", hint=hint) from None
    except ValueError as error:
        raise InvalidInput(f"{where}: not JSON: {error}") from None
    except RecursionError:
        raise InvalidInput(f"{where}: nested too deeply") from None


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"field '{next(name for name in names if names.count(name) > 1)}' stands there twice")
    return document


def _check_version(version: object, where: str) -> None:
    if type(version) is not int or version < 1:
        raise InvalidInput(f"{where}: '{HEADER}' must be the version of the export")
    if version > EXPORT_VERSION:
        raise InvalidInput(f"{where}: the export was written by a newer slm", hint="upgrade slm, then import again")


def _check_weights(document: dict[str, Any], where: str) -> None:
    """What was learnt is an object; whether it can be taken up is for the store to say."""
    if len(document) > 1 or not isinstance(document[WEIGHTS], dict):
        raise InvalidInput(f"{where}: '{WEIGHTS}' must stand alone and say what was learnt")


def _check_end(where: str, begun: int, n_records: int, promised: object) -> None:
    """The end line fits; ``begun`` is the header's line, 0 outside an export."""
    if not begun:
        raise InvalidInput(f"{where}: '{END}' without a header before it")
    if promised != n_records:
        raise InvalidInput(f"{where}: the export promises {promised} records and holds {n_records}")


def _check_whole(name: str, begun: int, n_records: int) -> None:
    """No export is open where another begins or the file ends."""
    if begun:
        hint = "write the export again; importing it again adds only what is missing"
        raise InvalidInput(
            f"{name}: the export is cut off: no end line after {counted(n_records, 'record')}", hint=hint
        )
