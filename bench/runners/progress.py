"""The progress bar of a run, on stderr: clips done, clips a second, time left."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class _Speed(ProgressColumn):
    """Clips a second since the start, summed over arms."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed / task.elapsed:.0f} clips/s" if task.elapsed else "")


def decoding_progress(console: Console) -> Progress:
    """One bar, counted in clips summed over arms."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Speed())
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console)
