"""Compiled Fisher-Rao kernels: exact distances of any two diagonal normals without a logarithm, and the scan of codes.

Kernels don't validate; arrays are C-contiguous. numba caches a kernel by its own file: they call only each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

Floats32 = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]

llvm: Any = cgutils
untyped_intrinsic: Callable[[Callable[..., Any]], Any] = intrinsic


def readonly(dtype: Any, n_axes: int) -> Any:
    """The numba type of a contiguous array that may be a view of a read-only mapping."""
    return types.Array(dtype, n_axes, "C", readonly=True)


BYTES_2D, FLOATS_2D = readonly(types.int8, 2), readonly(types.float32, 2)
FLOATS, DOUBLES, OUT = readonly(types.float32, 1), readonly(types.float64, 1), types.float32[::1]

REASSOCIATE = {"reassoc", "contract", "arcp", "nsz"}

P0, P1, P2, P3 = (np.float32(c) for c in (1.99999559, 0.763165474, 0.0499904566, 1.94989578e-4))
Q1, Q2, Q3 = (np.float32(c) for c in (0.548206389, 0.0720535219, 1.85027474e-3))
"""arccosh²(1 + x) = x P(x) / Q(x) for 0 <= x <= 16, relative error 2.4e-6 in float32."""
HALF, ONE, TWO, FOUR = (np.float32(c) for c in (0.5, 1.0, 2.0, 4.0))
LANES = 64
SUMS = ir.VectorType(ir.IntType(32), LANES // 2)
BITS_OF_16 = np.int32(np.float32(16.0).view(np.int32))
BITS_OF_576 = np.int32(np.float32(576.0).view(np.int32))


@untyped_intrinsic
def float_bits(_context: Any, value: Any) -> Any:
    """The bits of a float32 as an int32: non-negative floats are ordered like them, and an int max vectorises."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(value), generate


@untyped_intrinsic
def dot_of_blocks(_context: Any, codes: Any, _row: Any, levels: Any, _n_blocks: Any) -> Any:
    """Σ code × level (int32) over the first ``_n_blocks`` × 64 coordinates of ``codes[_row]``.

    Written out in vectors because the loop vectoriser counts lanes by the 32-bit sums and uses half of a register: on
    AVX2 28.0 ns a row of 384 instead of 23.5. Adding neighbours is what the multiply-add instructions do.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code_array = context.make_array(signature.args[0])(context, builder, arguments[0])
        level_array = context.make_array(signature.args[2])(context, builder, arguments[2])
        row_bytes = builder.mul(arguments[1], builder.extract_value(code_array.shape, 1))
        total = llvm.alloca_once_value(builder, ir.Constant(SUMS, [0] * SUMS.count))
        with llvm.for_range(builder, arguments[3]) as loop:
            first = builder.mul(loop.index, ir.Constant(loop.index.type, LANES))
            code = load_lanes(builder, code_array.data, builder.add(row_bytes, first), ir.IntType(8))
            level = load_lanes(builder, level_array.data, first, ir.IntType(16))
            product = builder.mul(code, level)
            even, odd = (every_second_lane(builder, product, start) for start in (0, 1))
            builder.store(builder.add(builder.load(total), builder.add(even, odd)), total)
        name = f"llvm.vector.reduce.add.v{SUMS.count}i32"
        reduce = llvm.get_or_insert_function(builder.module, ir.FunctionType(SUMS.element, [SUMS]), name)
        return builder.call(reduce, [builder.load(total)])

    return types.int32(codes, types.intp, levels, types.intp), generate


def load_lanes(builder: Any, data: Any, index: Any, element: ir.IntType) -> Any:
    """LLVM: 64 integers of type ``element`` from ``data[index]`` on, widened to 32 bits."""
    lanes = ir.VectorType(element, LANES)
    pointer = builder.bitcast(builder.gep(data, [index]), lanes.as_pointer())
    return builder.sext(builder.load(pointer, align=element.width // 8), ir.VectorType(ir.IntType(32), LANES))


def every_second_lane(builder: Any, lanes: Any, start: int) -> Any:
    """LLVM: lanes ``start``, ``start`` + 2, … of a vector."""
    chosen = ir.Constant(SUMS, list(range(start, LANES, 2)))
    return builder.shuffle_vector(lanes, ir.Constant(lanes.type, ir.Undefined), chosen)


@njit(error_model="numpy", inline="always")
def excess(mean_a: Any, std_a: Any, mean_b: Any, std_b: Any) -> Any:
    """cosh(d/√2) − 1 of two normals on the line."""
    shift, spread = mean_a - mean_b, std_a - std_b
    return (shift * shift + TWO * spread * spread) / (FOUR * std_a * std_b)


@njit(error_model="numpy", inline="always")
def squared_arccosh_to_16(x: Any) -> Any:
    """arccosh²(1 + x) for 0 <= x <= 16."""
    return x * (P0 + x * (P1 + x * (P2 + x * P3))) / (ONE + x * (Q1 + x * (Q2 + x * Q3)))


@njit(error_model="numpy", inline="always")
def squared_arccosh_to_576(x: Any) -> Any:
    """arccosh²(1 + x) for 0 <= x <= 576: half the angle, and so a quarter of the square, first."""
    half = HALF * x
    return FOUR * squared_arccosh_to_16(half / (ONE + np.sqrt(ONE + half)))


@njit(types.float32(FLOATS, FLOATS, FLOATS, FLOATS), nogil=True, error_model="numpy", fastmath=REASSOCIATE, cache=True)
def far_row(mean_a: Floats32, std_a: Floats32, mean_b: Floats32, std_b: Floats32) -> Any:
    """Σ arccosh²(1 + x_i) of a row whose largest x_i lies between 16 and 576."""
    total = np.float32(0.0)
    for i in range(mean_a.shape[0]):
        total += squared_arccosh_to_576(excess(mean_a[i], std_a[i], mean_b[i], std_b[i]))
    return total


@njit(types.float32(FLOATS, FLOATS, FLOATS, FLOATS), nogil=True, error_model="numpy", cache=True)
def farthest_row(mean_a: Floats32, std_a: Floats32, mean_b: Floats32, std_b: Floats32) -> Any:
    """Σ arccosh²(1 + x_i) of any row, through the logarithm."""
    total = 0.0
    for i in range(mean_a.shape[0]):
        x = np.float64(excess(mean_a[i], std_a[i], mean_b[i], std_b[i]))
        total += np.log1p(x + np.sqrt(x * (x + 2.0))) ** 2
    return np.float32(total)


@njit((FLOATS_2D, FLOATS_2D, FLOATS, FLOATS, OUT), nogil=True, error_model="numpy", fastmath=REASSOCIATE, cache=True)
def squared_distances(means: Floats32, stds: Floats32, mean: Floats32, std: Floats32, out: Floats32) -> None:
    """Squared Fisher-Rao distances of the rows of ``means``, ``stds`` (n, d) to one normal; relative error 1e-5.

    A proxy of :func:`slm.geometry.fisher_rao.squared_distance`: float32, summed in the order that suits the processor.
    """
    for r in range(means.shape[0]):
        total, largest = np.float32(0.0), np.int32(0)
        for i in range(means.shape[1]):
            x = excess(means[r, i], stds[r, i], mean[i], std[i])
            total += squared_arccosh_to_16(x)
            largest = max(largest, float_bits(x))
        if largest > BITS_OF_576:
            total = farthest_row(means[r], stds[r], mean, std)
        elif largest > BITS_OF_16:
            total = far_row(means[r], stds[r], mean, std)
        out[r] = TWO * total


@njit(
    (BYTES_2D, FLOATS, DOUBLES, types.float64, OUT), nogil=True, error_model="numpy", fastmath={"reassoc"}, cache=True
)
def row_terms(codes: Codes, scales: Floats32, levels: npt.NDArray[np.float64], step: float, out: Floats32) -> None:
    """scale² Σ weight_i code_i² (n,), the part of a chord that doesn't depend on the query; weight = ``step`` × level.

    Levels are whole numbers so small that the sum stays below 2^53: exact in whatever order it is taken.
    """
    for r in range(codes.shape[0]):
        total = 0.0
        for i in range(codes.shape[1]):
            code = np.float64(codes[r, i])
            total += levels[i] * (code * code)
        scale = np.float64(scales[r])
        out[r] = (scale * scale) * (step * total)


@njit(error_model="numpy", inline="always")
def chord(codes: Any, r: Any, scales: Any, row_terms: Any, levels: Any, step: Any, query_term: Any) -> Any:
    """The chord of row ``r``, not below 0."""
    n_blocks = codes.shape[1] // LANES
    total = dot_of_blocks(codes, r, levels, n_blocks)
    for i in range(n_blocks * LANES, codes.shape[1]):
        total = np.int32(total + np.int32(np.int32(codes[r, i]) * np.int32(levels[i])))
    expanded = (np.float64(row_terms[r]) + query_term) - (2.0 * np.float64(scales[r])) * (step * np.float64(total))
    return max(expanded, 0.0)


@njit(
    (BYTES_2D, FLOATS, FLOATS, readonly(types.int16, 1), types.float64, types.float64, OUT),
    nogil=True,
    error_model="numpy",
    cache=True,
)
def chord_scan(
    codes: Codes,
    scales: Floats32,
    row_terms: Floats32,
    levels: npt.NDArray[np.int16],
    step: float,
    query_term: float,
    out: Floats32,
) -> None:
    """Chords X_r = Σ weight_i (code_ri scale_r − query_i)² (n,), expanded; weight × query = ``step`` × level.

    One pass of 16-bit products and 32-bit sums over the codes: exact, and as fast as the memory delivers them, which is
    a tenth faster from two places at once.
    """
    half = codes.shape[0] // 2
    for r in range(half):
        out[r] = chord(codes, r, scales, row_terms, levels, step, query_term)
        out[half + r] = chord(codes, half + r, scales, row_terms, levels, step, query_term)
    for r in range(2 * half, codes.shape[0]):
        out[r] = chord(codes, r, scales, row_terms, levels, step, query_term)


@njit((OUT, types.float32, FLOATS, FLOATS, types.float32), nogil=True, error_model="numpy", cache=True)
def curve(values: Floats32, scale: Any, top: Floats32, bottom: Floats32, factor: Any) -> None:
    """See :func:`slm.geometry.backend.curve_numpy`. No fast-math: neither reassociated nor contracted."""
    for i in range(values.shape[0]):
        x = values[i] * scale
        over = (x * top[2] + top[1]) * x + top[0]
        under = (x * bottom[2] + bottom[1]) * x + bottom[0]
        values[i] = (x * over) / under * factor + ONE
