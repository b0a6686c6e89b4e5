"""Encoder states of training clips, kept from their first batch on: the encoder is frozen, so they never change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bench.errors import BenchError
from bench.io.files import write_atomically, write_text

MOST_BYTES = 8 * 2**30
"""States of more clips than fit are made anew each time; which is done depends on clips and model alone."""
KEY, STATES, MET = "key", "states.npy", "met.npy"


@dataclass(frozen=True, eq=False)
class KeptStates:
    """States (clips, frames, width) in float32, and which clips' are there, in files of one folder.

    A training that goes on finds those of the batches it had, so that it ends as if it had not stopped.
    """

    folder: Path
    states: np.memmap[tuple[int, int, int], np.dtype[np.float32]]
    met: np.memmap[tuple[int], np.dtype[np.bool_]]

    @classmethod
    def open(cls, folder: Path, key: str, shape: tuple[int, int, int]) -> KeptStates | None:
        """None where they would be more than `MOST_BYTES`. `key` is of the training: another's states are removed.

        Raises BenchError where there is no room for them.
        """
        needed = 4 * int(np.prod(shape, dtype=np.int64))
        if needed > MOST_BYTES:
            return None
        there = folder / KEY
        if folder.is_dir() and not (there.is_file() and there.read_text(encoding="utf-8") == key):
            shutil.rmtree(folder)
        if not folder.is_dir():
            try:
                _reserve(folder, shape)
                write_atomically(there, partial(write_text, key))
            except (OSError, BenchError) as error:
                shutil.rmtree(folder, ignore_errors=True)
                raise BenchError(
                    f"{folder}: the encoder's states of the training clips take {needed / 1e9:.1f} GB while training "
                    f"lasts, and cannot be written: {error}; make room"
                ) from None
        return cls(folder, _open(folder / STATES, None, np.float32), _open(folder / MET, None, np.bool_))

    def of(self, clips: Sequence[int], encode: Callable[[], Tensor]) -> Tensor:
        """Of a batch of these clips, (batch, frames, width), on the CPU; encoded unless all are there."""
        rows = list(clips)
        if self.met[rows].all():
            return torch.from_numpy(self.states[rows])
        made = encode().float().cpu()
        for row, states in zip(rows, made.numpy(), strict=True):
            if not self.met[row]:
                self.states[row] = states
        self.states.flush()
        self.met[rows] = True
        return torch.from_numpy(self.states[rows])


def remove_states(folder: Path) -> None:
    """Once the models are written."""
    shutil.rmtree(folder, ignore_errors=True)


def _reserve(folder: Path, shape: tuple[int, int, int]) -> None:
    """Files of zeros whose room is taken at once: a disk that is full later would end the process without a word."""
    folder.mkdir(parents=True)
    for name, array, dtype in ((STATES, shape, np.float32), (MET, shape[:1], np.bool_)):
        size = _open(folder / name, array, dtype).nbytes
        with (folder / name).open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, size)


def _open(path: Path, shape: tuple[int, ...] | None, dtype: type[np.generic]) -> np.memmap:
    mode = "r+" if shape is None else "w+"
    return np.lib.format.open_memmap(path, mode, dtype, shape)
