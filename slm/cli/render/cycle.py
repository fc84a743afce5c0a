"""Why claims can't all hold: the walk round their cycle, as the sum or the chain that doesn't close."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from slm.cli.render.figures import between, figure, is_dated, later, plain, value_of
from slm.visible import one_line

Edge = dict[str, Any]
SIGNS = {"==": "is", "!=": "≠", "<=": "≤", ">=": "≥"}
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def reason(conflict: dict[str, Any]) -> str:
    """One line: "14 Mar 2025 − 2 days = 12 Mar 2025, not 10 Mar 2025: misses by 2 days"."""
    edges = from_ground(conflict["cycle"])
    residual, unit = conflict["residual"], conflict["unit"]
    by = f": misses by {figure(residual, unit, dated=False)}" if residual else ""
    return (_sum(edges) or chain(edges)) + by


def from_ground(edges: Sequence[Edge]) -> list[Edge]:
    """The cycle begun at ground where it passes there."""
    start = next((i for i, edge in enumerate(edges) if _begins(edge) == ""), 0)
    return [*edges[start:], *edges[:start]]


def _begins(edge: Edge) -> str:
    return str(edge["from"] if edge["forward"] else edge["to"])


def _ends(edge: Edge) -> str:
    return str(edge["to"] if edge["forward"] else edge["from"])


def _sum(edges: Sequence[Edge]) -> str:
    """The offsets added up along the walk against what its last edge says; empty where they aren't offsets."""
    closed = all(_ends(edge) == _begins(following) for edge, following in pairwise([*edges, edges[0]]))
    if len(edges) < 2 or not closed or any(not _is_offset(edge) for edge in edges):
        return ""
    *walked, last = edges
    grounded = _begins(edges[0]) == ""
    low, high = _bounds(edges[0])
    dated = grounded and is_dated(low, high, edges[0]["unit"])
    terms = [between(low, high, edges[0]["unit"], dated=dated)]
    for edge in walked[1:]:
        step = _bounds(edge)
        months = edge["unit"] == "month" and edges[0]["unit"] == "day"
        low, high = (later(low, step[0]), later(high, step[1])) if months else (low + step[0], high + step[1])
        terms.append(_step(step, edge["unit"]))
    least, most = _bounds(last)
    told = between(-most, -least, last["unit"], dated=dated)
    if len(walked) == 1:
        return f"{_attribute(edges[0])}{terms[0]} is not {told}"
    total = between(low, high, edges[0]["unit"], dated=dated)
    return f"{' '.join(terms)} = {total}, not {told}"


def _is_offset(edge: Edge) -> bool:
    """An equality with two ends, or one without any between two variables."""
    ends = {edge["low"] is None, edge["high"] is None}
    known = ends == {False} or (ends == {True} and edge["from"] != "")
    return known and edge["relation"] == "=" and edge["value"] is None and edge["gain"] == 1


def _bounds(edge: Edge) -> tuple[float, float]:
    """What the walk adds along an edge, least and most."""
    low, high = edge["low"] or 0, edge["high"] or 0
    return (low, high) if edge["forward"] else (-high, -low)


def _step(step: tuple[float, float], unit: str) -> str:
    low, high = step
    if high <= 0 and low < 0:
        return "− " + _bracketed(-high, -low, unit)
    return "+ " + _bracketed(low, high, unit)


def _bracketed(low: float, high: float, unit: str) -> str:
    told = between(low, high, unit, dated=False)
    return f"({told})" if " to " in told else told


def chain(edges: Sequence[Edge]) -> str:
    """The walk as equalities and orders, "Paris = alice.city = London"; where it isn't one walk, each claim alone."""
    broken = any(_ends(edge) != _begins(following) for edge, following in pairwise(edges))
    if broken or any(edge["gain"] != 1 for edge in edges):
        return "; ".join(equation(edge) for edge in edges)
    if len(edges) == 2 and all(edge["from"] == "" and edge["relation"] == "=" for edge in edges):
        return f"{_attribute(edges[0])}{_value(edges[0])} is not {_value(edges[1])}"
    told = [_value(edges[0]) if _begins(edges[0]) == "" else one_line(_begins(edges[0]))]
    for edge in edges:
        sign = str(edge["relation"])
        sign = TURNED.get(sign, sign) if edge["forward"] else sign
        end = _value(edge) if _ends(edge) == "" else one_line(_ends(edge))
        told += [SIGNS.get(sign, sign), end + ("" if edge["from"] == "" else _offset(edge, turned=edge["forward"]))]
    return " ".join(told)


def _attribute(edge: Edge) -> str:
    """What two values are values of; the entity stands in the claims."""
    name = one_line(edge["to"]).rpartition(".")[2]
    return name.replace(":", " ") + ": " if name else ""


def equation(edge: Edge) -> str:
    """One claim as an equation: "b.size = 2·a.size + 1"."""
    sign = SIGNS.get(edge["relation"], edge["relation"])
    if edge["from"] == "":
        return f"{one_line(edge['to'])} {sign} {_value(edge)}"
    gain = "" if edge["gain"] == 1 else f"{plain(edge['gain'])}·"
    return f"{one_line(edge['to'])} {sign} {gain}{one_line(edge['from'])}{_offset(edge)}"


def _offset(edge: Edge, *, turned: bool = False) -> str:
    low, high = edge["low"], edge["high"]
    low, high = (high if low is None else low), (low if high is None else high)
    if not low and not high:
        return ""
    return " " + _step((-high, -low) if turned else (low, high), edge["unit"])


def _value(edge: Edge) -> str:
    if edge["value"] is not None:
        return value_of(edge["value"])
    low, high = edge["low"], edge["high"]
    return between(low, high, edge["unit"], dated=is_dated(low, high, edge["unit"]))
