"""The Poincaré disk of curvature −1: points are complex numbers of modulus below 1.

Tangent vectors at the origin are complex numbers too, in the orthonormal frame: their modulus is a hyperbolic length.
Source: Anderson, Hyperbolic Geometry (2005), chapters 4 and 5. Nothing is clipped; a point whose radius is beyond 36
rounds to the unit circle.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.complex128]
Floats = npt.NDArray[np.float64]


def exp_at_origin(tangents: Points) -> Points:
    """The points reached by geodesics that leave the origin along ``tangents``, any shape."""
    lengths = np.abs(tangents)
    ratios = np.divide(np.tanh(lengths / 2), lengths, out=np.full(lengths.shape, 0.5), where=lengths > 0)
    return np.asarray(tangents * ratios)


def log_at_origin(points: Points) -> Points:
    """The tangents that :func:`exp_at_origin` takes to ``points``."""
    moduli = np.abs(points)
    ratios = np.divide(2 * np.arctanh(moduli), moduli, out=np.full(moduli.shape, 2.0), where=moduli > 0)
    return np.asarray(points * ratios)


def translated(points: Points, by: Points) -> Points:
    """``points`` under the Möbius translation that takes the origin to ``by`` along their geodesic: an isometry."""
    return (points + by) / (1 + np.conj(by) * points)


def distance(a: Points, b: Points) -> Floats:
    """Hyperbolic distances, elementwise; the asinh form keeps its digits for points close together."""
    scale = (1 - np.abs(a) ** 2) * (1 - np.abs(b) ** 2)
    return np.asarray(2 * np.arcsinh(np.abs(a - b) / np.sqrt(scale)))


def radius(points: Points) -> Floats:
    """Distances from the origin."""
    return np.asarray(2 * np.arctanh(np.abs(points)))


def point(radii: Floats, angles: Floats) -> Points:
    """The points at ``radii`` >= 0 from the origin in the directions ``angles``."""
    return np.asarray(np.tanh(radii / 2) * np.exp(1j * angles))
