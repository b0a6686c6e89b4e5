"""The progress of whatever takes long: a bar in a terminal, elsewhere a line every half minute."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread

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

from bench.visible import visible

LINE_SECONDS = 30.0
"""Between two lines where no terminal shows a bar."""
SINGULAR = {"corpora": "corpus", "batches": "batch"}
"""Of units whose plural is more than an s."""


def duration(seconds: float) -> str:
    """8 s, 13 min, 2 h 05 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def speed(done: float, seconds: float, unit: str) -> str:
    """12 clips/s; 3.1 s/clip below one a second; nothing where nothing is done yet."""
    if not done or not seconds:
        return ""
    each = seconds / done
    return f"{1 / each:.0f} {unit}/s" if each < 1 else f"{each:.1f} s/{SINGULAR.get(unit, unit.removesuffix('s'))}"


class _Speed(ProgressColumn):
    """Since the start."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        return Text(speed(task.completed, task.elapsed or 0, self.unit))


class _Lines(Progress):
    """What a log shows: of every task that is under way a line each `LINE_SECONDS`, and one when it ends."""

    def __init__(self, console: Console, unit: str) -> None:
        super().__init__(console=console, disable=True)
        self._to, self._unit, self._over = console, unit, Event()
        self._ended: set[TaskID] = set()
        self._thread = Thread(target=self._write, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self._say()

    def _write(self) -> None:
        while not self._over.wait(LINE_SECONDS):
            self._say()

    def _say(self) -> None:
        for task in self.tasks:
            if not task.visible or not task.completed or task.id in self._ended:
                continue
            seconds = task.finished_time if task.finished else task.elapsed
            line = progress_line(task.description, task.completed, task.total, seconds or 0, self._unit)
            self._to.print(visible(line), markup=False, highlight=False, soft_wrap=True)
            if task.finished:
                self._ended.add(task.id)


def progress_line(what: str, done: float, total: float | None, seconds: float, unit: str) -> str:
    """As in `decoding cy/clean: 1,200 of 19,800 clips, 3.1 s/clip, 62 min so far, 16 h 01 min left`."""
    of = f" of {total:,.0f}" if total is not None else ""
    parts = [f"{done:,.0f}{of} {unit}", speed(done, seconds, unit), f"{duration(seconds)} so far"]
    if total is not None and total > done:
        parts.append(f"{duration(seconds * (total / done - 1))} left")
    return f"{what}: {', '.join(filter(None, parts))}".removeprefix(": ")


def progress_bar(console: Console, unit: str, disable: bool = False) -> Progress:
    """A bar a task, counted in `unit` (plural), or lines where there is no terminal; none to `disable` them."""
    if not disable and not console.is_terminal:
        return _Lines(console, unit)
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
