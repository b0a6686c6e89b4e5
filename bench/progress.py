"""The progress bar of whatever takes long: things done, things a second, time left."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Speed(ProgressColumn):
    """Things a second since the start."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed / task.elapsed:.0f} {self.unit}/s" if task.elapsed else "")


def progress_bar(console: Console, unit: str, disable: bool = False) -> Progress:
    """A bar a task, counted in `unit` (plural); none if it is to `disable` them."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Speed(unit))
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, disable=disable)


class StageBars:
    """A bar for each stage of a work whose stages are known when they begin; one that begins ends the one before."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage, self._task = "", TaskID(0)

    def watch(self, stage: str, total: int, done: int) -> None:
        """`done` more of at most `total` trials."""
        if stage != self._stage:
            self.end()
            self._stage, self._task = stage, self._progress.add_task(stage, total=total)
        self._progress.advance(self._task, done)

    def end(self) -> None:
        """What was begun is done, however much of it there was."""
        if self._stage:
            self._progress.update(self._task, total=self._progress.tasks[self._task].completed)


@contextmanager
def loss_bar(console: Console, steps: int) -> Iterator[Callable[[int, Mapping[str, float]], None]]:
    """A bar of training steps that shows each arm's loss; yields what is to be called after every step."""
    with progress_bar(console, "steps") as progress:
        task = progress.add_task("", total=steps)

        def show(step: int, losses: Mapping[str, float]) -> None:
            shown = "  ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
            progress.update(task, completed=step + 1, description=shown)

        yield show
