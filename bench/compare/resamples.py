"""The resamples of one language's speakers, drawn once for all of its cells."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.compare.cells import Cell, Floats
from bench.compare.protocol import Protocol


@dataclass(frozen=True)
class Resamples:
    """(B, G) for every number of speakers that is asked for: the same speakers under every condition."""

    protocol: Protocol
    drawn: dict[int, Floats] = field(default_factory=dict)

    def of(self, cell: Cell) -> Floats:
        clusters = int(cell.group.max()) + 1
        if clusters not in self.drawn:
            self.drawn[clusters] = cell.weights(self.protocol)
        return self.drawn[clusters]
