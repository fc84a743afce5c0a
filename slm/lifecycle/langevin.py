"""The exact law of a memory's point in the hyperbolic disk, and what follows from it.

Riemannian Langevin dynamics with the potential U = κ ρ² / 2 + T ln(sinh ρ / ρ), where ρ is the distance to the anchor
and T = κ s²: the only stationary solution of its Fokker-Planck equation is π ∝ e^(−U/T) dvol, under which
P(ρ <= x) = 1 − e^(−x² / 2 s²). The point is the anchor's translation applied to exp_0(s Y), with Y a stationary
Ornstein-Uhlenbeck process in the plane of rate κ: it has that law at every moment, so nothing is integrated, clipped or
swept. Its tangential mobility differs from the intrinsic one by the factor (sinh ρ / ρ)², on average by 2 s² / 3.

The anchor's own angle is free and not needed here; noise is constant within a week of seven UTC days.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from slm.geometry.backend import NUMPY, Noise
from slm.geometry.elementary import ln, series
from slm.geometry.ornstein_uhlenbeck import BLOCK, Ids, coefficients
from slm.lifecycle.need import Days, scaled_idle_of
from slm.lifecycle.state import Floats, Origin, States
from slm.model import ID_ALPHABET

DAYS_A_WEEK = 7
RATE = 1.0 / 90.0
"""κ, a day: the gap by which the law forgets where it was."""
STD = 0.05
"""s, of each of the two directions: the wobble of a radius."""
FACTORS = coefficients(DAYS_A_WEEK * RATE)

LONGEST_PATH_WEEKS = 16 * BLOCK
"""Older paths begin here: e^(−RATE · 7 · 512) = 5e-18 of a value is left of what was before, less than a rounding."""

STEPS_A_RADIUS = 1e6
"""Radii are rounded to whole steps before anything is decided by them."""
SINH_SERIES = tuple(1.0 / math.factorial(2 * k + 1) for k in range(7, -1, -1))
"""sinh(x) / x in x², highest power first: x <= 1 leaves 3e-15, the noise stays below 0.5."""

ROWS_A_BLOCK = 8192


def week_of(day: int) -> int:
    """The week of a UTC day; weeks begin at multiples of seven days since 1970."""
    return day // DAYS_A_WEEK


def noise_id(id_: str) -> int:
    """The 32 bits by which a memory's noise is drawn: the last of its public id. ValueError: not an id."""
    number = 0
    for character in id_:
        number = number * len(ID_ALPHABET) + ID_ALPHABET.index(character)
    return number % 2**32


def displaced_radii(root: Floats, plane: Floats, std: float = STD) -> Floats:
    """Radii (n,) of points at std · ``plane`` (2, n) from anchors at ln(1 + ``root``), ``root`` = √ℓ (n,), rounded.

    With p = tanh(μ/2) = root / (2 + root) and v = sinh(ρ/2) in the direction of the noise, sinh²(r/2) =
    \\|root cosh(ρ/2) + (2 + root) v\\|² / 4 (1 + root): products, sums and square roots, nothing cancels.
    """
    x, y = (0.5 * std) * plane[0], (0.5 * std) * plane[1]
    stretch = series(SINH_SERIES, x * x + y * y)
    x, y = stretch * x, stretch * y
    along = root * np.sqrt(1.0 + (x * x + y * y)) + (2.0 + root) * x
    across = (2.0 + root) * y
    square = (along * along + across * across) / (4.0 * (1.0 + root))
    return rounded(2.0 * ln(np.sqrt(square) + np.sqrt(1.0 + square)))


def rounded(radii: Floats) -> Floats:
    """To whole millionths, so that the last digits decide nothing."""
    return np.asarray(np.rint(radii * STEPS_A_RADIUS) / STEPS_A_RADIUS)


def radii(origin: Origin, states: States, ids: Ids, day: int, noise: Noise = NUMPY.noise) -> Floats:
    """Radii (n,) on ``day`` of the memories ``ids`` (n,), see :func:`noise_id`, in ``states`` (n,); 0 for pinned ones.

    Any part of a store in any order gives the same bits, with either backend's ``noise``.
    """
    return radii_on(origin, states, ids, np.full(len(states), day, np.int64), noise)


def radii_on(origin: Origin, states: States, ids: Ids, days: Days, noise: Noise = NUMPY.noise) -> Floats:
    """:func:`radii` with a day of its own for every row; a memory may have many rows. ``days`` is (n,)."""
    out = np.empty(len(states))
    for start in range(0, len(states), ROWS_A_BLOCK):
        rows = slice(start, start + ROWS_A_BLOCK)
        out[rows] = _radii_of_block(origin, states[rows], ids[rows], days[rows], noise)
    return out


def _radii_of_block(origin: Origin, states: States, ids: Ids, days: Days, noise: Noise) -> Floats:
    plane = np.empty((2, len(states)))
    weeks = (days // DAYS_A_WEEK).astype(np.int32)
    births = np.maximum(states["created"] // DAYS_A_WEEK, weeks - LONGEST_PATH_WEEKS).astype(np.int32)
    noise(np.ascontiguousarray(ids), births, weeks, origin.key, FACTORS, plane)
    moved = displaced_radii(np.sqrt(scaled_idle_of(origin, states, days)), plane)
    held: npt.NDArray[np.bool_] = states["pinned"] != 0
    return np.where(held, 0.0, moved)
