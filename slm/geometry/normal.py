"""Diagonal normals, and the pooled variance of a store as sums that forget exactly what they learnt."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Sums = npt.NDArray[np.int64]

PRIOR_ROWS = 20.0
"""How many rows the prior counts for: a store of 20 rows is half prior, half data."""
VARIANCE_FLOOR = 0.25
"""Least variance of a coordinate, in units of the prior's 1/d."""

MAX_ENTRY = 2.0
VALUE_STEP = 2.0**-24
"""Every float16 is a whole number of steps; 2^38 rows fit into an int64."""
SQUARE_STEP = 2.0**-32
"""2^29 rows of the largest entry fit into an int64."""

CONSTANT_SHARE = 1e-4
"""A coordinate whose data vary by less than this share of the average carries nothing but rounding."""
MIN_ROWS_TO_CALL_CONSTANT = 64

ROWS_A_BLOCK = 2048
HEADER = struct.Struct("<QQ")


class DiagonalNormal(NamedTuple):
    """A normal law with independent coordinates: ``mean`` (d,) and ``std`` (d,) > 0, in the same units."""

    mean: Floats
    std: Floats


@dataclass(frozen=True, eq=False)
class PooledMoments:
    """Fixed-point sums of rows and of their squares: any order of adding and subtracting gives the same bits.

    ``sums`` (d,) counts steps of :data:`VALUE_STEP`, ``squares`` (d,) steps of :data:`SQUARE_STEP`. Immutable:
    :meth:`add` and :meth:`subtract` return new moments.
    """

    count: int
    sums: Sums
    squares: Sums

    @classmethod
    def zero(cls, dims: int) -> PooledMoments:
        """The moments of no rows at all, in ``dims`` coordinates."""
        return cls(0, np.zeros(dims, np.int64), np.zeros(dims, np.int64))

    @property
    def dims(self) -> int:
        """Number of coordinates."""
        return len(self.sums)

    def add(self, rows: npt.NDArray[np.floating]) -> PooledMoments:
        """The moments with ``rows`` (n, d) learnt. ValueError: another width, or entries beyond ±2 or not finite."""
        sums, squares = fixed_point_sums(rows, self.dims)
        return PooledMoments(self.count + len(rows), self.sums + sums, self.squares + squares)

    def subtract(self, rows: npt.NDArray[np.floating]) -> PooledMoments:
        """The moments with ``rows`` (n, d), added before, forgotten. ValueError as in :meth:`add`, or too many rows."""
        if len(rows) > self.count:
            raise ValueError(f"{len(rows)} rows can't be taken from moments of {self.count}")
        sums, squares = fixed_point_sums(rows, self.dims)
        return PooledMoments(self.count - len(rows), self.sums - sums, self.squares - squares)

    def scatter(self) -> Floats:
        """Σ (x − mean)² (d,) over the rows, never negative."""
        sums = self.sums * VALUE_STEP
        return np.maximum(self.squares * SQUARE_STEP - sums * sums / max(1, self.count), 0.0)

    def variance(self) -> Floats:
        """Pooled variance (d,): (20/d + Σ (x − mean)²) / (20 + n), at least 0.25/d.

        The prior is that of a unit vector in no direction, 1/d a coordinate, with the weight of 20 rows.
        """
        shrunk = (PRIOR_ROWS / self.dims + self.scatter()) / (PRIOR_ROWS + self.count)
        return np.maximum(shrunk, VARIANCE_FLOOR / self.dims)

    def constant_dimensions(self) -> tuple[int, ...]:
        """Coordinates that never vary in the data; none before 64 rows were seen."""
        if self.count < MIN_ROWS_TO_CALL_CONSTANT:
            return ()
        scatter = self.scatter()
        return tuple(int(i) for i in np.flatnonzero(scatter < CONSTANT_SHARE * scatter.mean()))

    def to_bytes(self) -> bytes:
        """Count, dimensions, sums and squares, little-endian."""
        return (
            HEADER.pack(self.count, self.dims)
            + self.sums.astype("<i8").tobytes()
            + self.squares.astype("<i8").tobytes()
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> PooledMoments:
        """The moments that :meth:`to_bytes` wrote. ValueError: a wrong length."""
        if len(data) < HEADER.size:
            raise ValueError(f"{len(data)} bytes are too few for moments")
        count, dims = HEADER.unpack_from(data)
        if len(data) != HEADER.size + 16 * dims:
            raise ValueError(f"{len(data)} bytes are not the moments of {dims} dimensions")
        sums, squares = np.frombuffer(data, "<i8", offset=HEADER.size).astype(np.int64).reshape(2, dims)
        return cls(count, sums, squares)


def fixed_point_sums(rows: npt.NDArray[np.floating], dims: int) -> tuple[Sums, Sums]:
    """Σ x and Σ x² (d,) of ``rows`` (n, d), in steps of :data:`VALUE_STEP` and :data:`SQUARE_STEP`."""
    if rows.ndim != 2 or rows.shape[1] != dims:
        raise ValueError(f"rows have shape {rows.shape}, the moments {dims} dimensions")
    sums, squares = np.zeros(dims, np.int64), np.zeros(dims, np.int64)
    for start in range(0, len(rows), ROWS_A_BLOCK):
        block = rows[start : start + ROWS_A_BLOCK].astype(np.float64)
        if not np.all(np.abs(block) <= MAX_ENTRY):
            raise ValueError(f"an entry is not a finite number within ±{MAX_ENTRY}")
        sums += np.rint(block / VALUE_STEP).astype(np.int64).sum(axis=0)
        squares += np.rint(block * block / SQUARE_STEP).astype(np.int64).sum(axis=0)
    return sums, squares
