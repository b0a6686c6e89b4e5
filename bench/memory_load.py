"""A load: what is decoded at once, whether it is measured or only reckoned."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Load:
    """What is decoded at once: `batch` clips with `beams` each, up to `positions` cached text positions, the prompt
    among them. Ordered by clips, then beams, then positions.
    """

    batch: int
    beams: int
    positions: int

    @property
    def rows(self) -> int:
        """Beams are decoded as rows of their own, each with a cache of its own."""
        return self.batch * self.beams

    @property
    def by_length(self) -> tuple[int, int, int]:
        """A key that orders by positions, then clips, then beams."""
        return (self.positions, self.batch, self.beams)
