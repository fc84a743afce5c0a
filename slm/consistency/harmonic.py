"""The harmonic part of numeric claims: what no assignment can account for, spread over the cycles that carry it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from slm.consistency.cohomology import Equation, Vertex

Floats = npt.NDArray[np.float64]

TOLERANCE = 1e-12
"""Relative residual of the normal equations at which the iteration ends."""


def harmonic_part(equations: Sequence[Equation]) -> dict[str, float]:
    """c − δx for the x that makes it least in the sum of squares, by claim, in the unit of the claims.

    Zero throughout exactly where the middles of all intervals can be true together. By conjugate gradients on δᵀδ
    (Hestenes & Stiefel 1952, as CGLS), which needs no matrix and finds a solution where δ has a kernel.
    """
    if not equations:
        return {}
    index: dict[Vertex, int] = {}
    for equation in equations:
        for vertex in (equation.x, equation.y):
            if vertex is not None:
                index.setdefault(vertex, len(index))
    x = np.array([index[equation.x] for equation in equations])
    y = np.array([index[equation.x if equation.y is None else equation.y] for equation in equations])
    gain = np.array([0.0 if equation.y is None else float(equation.gain) for equation in equations])
    middle = np.array([float(equation.low + equation.high) / 2 for equation in equations])
    rest = _rest(x, y, gain, middle, len(index))
    return {equation.claim: float(part) for equation, part in zip(equations, rest, strict=True)}


def _rest(x: npt.NDArray[np.intp], y: npt.NDArray[np.intp], gain: Floats, cochain: Floats, n_vertices: int) -> Floats:
    """``cochain`` (m,) less its projection onto the image of δ, the edge (x, y) mapping to v[x] − gain · v[y]."""

    def coboundary(values: Floats) -> Floats:
        image: Floats = values[x] - gain * values[y]
        return image

    def adjoint(edges: Floats) -> Floats:
        image: Floats = np.bincount(x, edges, n_vertices).astype(float) - np.bincount(y, gain * edges, n_vertices)
        return image

    rest = cochain.copy()
    descent = adjoint(rest)
    direction = descent.copy()
    size = first = float(descent @ descent)
    for _ in range(4 * n_vertices + 20):
        if size <= TOLERANCE**2 * first:
            break
        image = coboundary(direction)
        step = size / float(image @ image)
        rest -= step * image
        descent = adjoint(rest)
        size, previous = float(descent @ descent), size
        direction = descent + size / previous * direction
    return rest
