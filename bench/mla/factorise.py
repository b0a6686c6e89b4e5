"""Low-rank factors of a layer's key and value rows: plainly, or weighed by what the layer sees and asks."""

import torch
from torch import Tensor

FLOOR = 1e-8
"""Of a moment matrix's largest eigenvalue: directions below are taken as that wide, so that its root is invertible."""


def weighted_svd(
    matrix: Tensor, rank: int, left: Tensor | None = None, right: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """(up, down) that minimise || left (matrix - up @ down) right ||_F; None weighs evenly.

    Each factor takes half the spectrum. `left` and `right` are square and invertible: the roots of moments, from
    `root`. The minimum is the tail of the singular values of left @ matrix @ right.
    """
    weighed = matrix.double()
    weighed = weighed if left is None else left @ weighed
    weighed = weighed if right is None else weighed @ right
    outer, singular, inner = torch.linalg.svd(weighed, full_matrices=False)
    half = singular[:rank].sqrt()
    up, down = outer[:, :rank] * half, half[:, None] * inner[:rank]
    up = up if left is None else torch.linalg.solve(left, up)
    down = down if right is None else torch.linalg.solve(right, down, left=False)
    return up.to(matrix.dtype), down.to(matrix.dtype)


def root(moment: Tensor, largest: float | None = None) -> Tensor:
    """The symmetric square root of a matrix of second moments, in float64, with small eigenvalues raised to a floor.

    The floor is a share of its own largest eigenvalue, or of `largest` for a block of a greater matrix.
    """
    values, vectors = torch.linalg.eigh(moment.double())
    largest = float(values.max()) if largest is None else largest
    raised = values.clamp(min=FLOOR * max(largest, torch.finfo(torch.float32).tiny))
    square_root: Tensor = (vectors * raised.sqrt()) @ vectors.T
    return square_root
