"""Low-rank factors of a layer's key and value rows: plainly, or weighed by what the layer sees and asks."""

from collections.abc import Sequence

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


def shared_svd(
    matrices: Sequence[Tensor], rank: int, lefts: Sequence[Tensor | None], right: Tensor | None = None
) -> tuple[list[Tensor], Tensor]:
    """(ups, down) that minimise the sum of || left_i (matrix_i - up_i @ down) right ||_F squared: one `down` for all.

    The stack of left_i @ matrix_i @ right need not be formed: `down` spans the leading eigenvectors of its Gram
    matrix, and each up is then the projection onto them, whatever its `left`. The latent is white where `right` is the
    root of the inputs' second moments, which is kindest to integers of one scale.
    """
    weighed = [matrix.double() if right is None else matrix.double() @ right for matrix in matrices]
    asked = [each if left is None else left @ each for each, left in zip(weighed, lefts, strict=True)]
    _, vectors = torch.linalg.eigh(sum(each.T @ each for each in asked))
    leading = vectors.flip(-1)[:, :rank]
    down = leading.T if right is None else torch.linalg.solve(right, leading.T, left=False)
    return [(each @ leading).to(matrices[0].dtype) for each in weighed], down.to(matrices[0].dtype)


def root(moment: Tensor, largest: float | None = None) -> Tensor:
    """The symmetric square root of a matrix of second moments, in float64, with small eigenvalues raised to a floor.

    The floor is a share of its own largest eigenvalue, or of `largest` for a block of a greater matrix.
    """
    values, vectors = torch.linalg.eigh(moment.double())
    largest = float(values.max()) if largest is None else largest
    raised = values.clamp(min=FLOOR * max(largest, torch.finfo(torch.float32).tiny))
    square_root: Tensor = (vectors * raised.sqrt()) @ vectors.T
    return square_root
