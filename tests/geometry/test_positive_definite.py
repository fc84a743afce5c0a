from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from slm.geometry.positive_definite import cholesky, diagonal_of_inverse, solve

ENTRIES = st.floats(-3, 3, width=32)


@st.composite
def systems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """A positive definite matrix A Aᵀ + I (k, k) and a right side (k,)."""
    k = draw(st.integers(1, 6))
    root = draw(hnp.arrays(np.float64, (k, k), elements=ENTRIES))
    return root @ root.T + np.eye(k), draw(hnp.arrays(np.float64, k, elements=ENTRIES))


@given(systems())
def test_the_solution_fits_the_system(system: tuple[np.ndarray, np.ndarray]) -> None:
    """Definition of a solution."""
    matrix, right = system

    assert matrix @ solve(matrix, right) == pytest.approx(right, abs=1e-9)


@given(systems())
def test_the_triangle_times_itself_is_the_matrix(system: tuple[np.ndarray, np.ndarray]) -> None:
    """Definition of Cholesky's triangle."""
    matrix, _ = system
    lower = np.zeros_like(matrix)
    for i, row in enumerate(cholesky(matrix)):
        lower[i, : i + 1] = row

    assert lower @ lower.T == pytest.approx(matrix, abs=1e-9)


@given(systems())
def test_the_diagonal_is_that_of_the_inverse(system: tuple[np.ndarray, np.ndarray]) -> None:
    """Oracle: LAPACK."""
    matrix, _ = system

    assert diagonal_of_inverse(matrix) == pytest.approx(np.diag(np.linalg.inv(matrix)), rel=1e-9)


def test_a_solution_by_hand() -> None:
    """4 x + 2 y = 10, 2 x + 5 y = 13: x = 1.5, y = 2."""
    assert solve(np.array([[4.0, 2.0], [2.0, 5.0]]), np.array([10.0, 13.0])).tolist() == [1.5, 2.0]


@pytest.mark.parametrize(
    "matrix",
    [
        [[0.0]],
        [[-1.0]],
        [[np.nan]],
        [[np.inf]],
        [[1.0, 2.0], [2.0, 1.0]],
        [[1.0, 1.0], [1.0, 1.0]],
    ],
)
def test_a_matrix_that_is_not_positive_definite_is_refused(matrix: list[list[float]]) -> None:
    """Indefinite, singular and not finite: a documented ValueError, no NaN."""
    with pytest.raises(ValueError, match="not positive definite"):
        solve(np.array(matrix), np.ones(len(matrix)))
