"""What an engine is given to do, wherever it does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from bench.progress import duration, progress_bar
from bench.runners.gaps import Gap
from bench.runners.leases import Leases
from bench.runners.share import Share
from bench.runners.spending import Measured
from bench.runners.work import ArmWork, Work
from bench.store import Store
from bench.visible import visible


@dataclass(frozen=True)
class Job:
    """Gaps of a suite's decodes that are to be closed, by this run or by others that hold their leases."""

    store: Store
    work: Work
    missing: Sequence[Gap]
    leases: Leases
    console: Console

    @property
    def arms(self) -> list[ArmWork]:
        """Those that lack something."""
        needed = {arm_id for gap in self.missing for arm_id in gap.parts}
        return [arm for arm in self.work.arms if arm.id in needed]

    @contextmanager
    def begun(self) -> Iterator[Share]:
        """Under a bar that counts decodes; how many there are is said before."""
        self.say(self._announced())
        with progress_bar(self.console, "clips") as progress:
            task = progress.add_task("", total=sum(gap.decodes for gap in self.missing))
            advance = partial(progress.advance, task)
            yield Share(
                self.missing,
                self.work.blocks,
                self.leases,
                self.store,
                advance,
                lambda text: progress.update(task, description=text),
            )

    def _announced(self) -> str:
        """How much is to be done, and where the last run says so how long that takes."""
        decodes, known = sum(gap.decodes for gap in self.missing), self.store.read_speed()
        line = f"{decodes:,} decodes to make, of {len(self.arms)} arms"
        if known is None:
            return line
        return f"{line}: about {duration(decodes * known['seconds'] / known['decodes'])} at the speed of the last run"

    def say(self, note: str) -> None:
        """One line."""
        self.console.print(visible(note), soft_wrap=True, markup=False, highlight=False)


Engine = Callable[[Job], tuple[int, float, Measured]]
"""Closes every gap that another run does not; returns the decodes that it made, the seconds that one worker would have
taken for them, and what else it measured. Raises BenchError."""
