"""The verb that measures time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import CorpusPath, ResultsFolder, SuiteArgument, load
from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.suite import Suite


def speed(
    suite: SuiteArgument,
    device: Annotated[
        str | None, typer.Option("--device", metavar="cpu|cuda", help="Instead of the suite's decode.device.")
    ] = None,
    clips: Annotated[
        int | None, typer.Option("--clips", metavar="N", help="How many to time; default: eight batches.", min=1)
    ] = None,
    growth: Annotated[
        bool,
        typer.Option("--growth", help="Instead: one batch 1, 4 and 16 times, and by 1, 2, 4 and 8 arms; a picture."),
    ] = False,
    corpus_path: CorpusPath = None,
    results: ResultsFolder = Path("results"),
) -> None:
    """Time the suite's arms as they are decoded here, beside `generate` and transformers' pipeline, arm by arm."""
    from bench.model_folders import require_folders

    loaded = load(suite, corpus_path)
    if growth and clips is not None:
        raise BenchError("--clips: --growth always takes one batch; leave one of them out")
    if device not in (None, "cpu", "cuda"):
        raise BenchError(f"--device {device}: cpu or cuda")
    require_folders(loaded, loaded.arms)
    from rich.console import Console

    from bench.conversion import make_conversions
    from bench.io.files import require_writable
    from bench.progress import progress_bar

    if device is not None:
        loaded = loaded.model_copy(update={"decode": loaded.decode.model_copy(update={"device": device})})
    folder = results / loaded.name
    require_writable(folder)
    make_conversions(loaded, Console(stderr=True))
    with progress_bar(Console(stderr=True), "batches") as progress:
        task = progress.add_task("timing", total=None)
        done = partial(_set_progress, progress, task)
        text = _grow(loaded, done, folder) if growth else _time(loaded, clips, done, folder)
    print(text, end="")


def _set_progress(progress: Any, task: Any, done: int, of: int) -> None:
    progress.update(task, completed=done, total=of)


def _time(suite: Suite, clips: int | None, done: Callable[[int, int], None], folder: Path) -> str:
    from bench.io.files import write_atomically, write_text
    from bench.reporting.figures.speed import write_speed_figure
    from bench.reporting.tables.speed import LEGEND, render_speed
    from bench.speed.measuring import measure_speed
    from bench.speed.record import NAME

    record = measure_speed(suite, clips, done)
    write_atomically(folder / NAME, partial(write_text, record.to_json()))
    write_speed_figure(record, LEGEND, folder / "speed_ways")
    return render_speed(record)


def _grow(suite: Suite, done: Callable[[int, int], None], folder: Path) -> str:
    from bench.io.files import write_atomically, write_text
    from bench.reporting.figures.growth import write_growth_figure
    from bench.reporting.tables.speed import GROWTH, render_growth
    from bench.speed.growing import measure_growth

    growth = measure_growth(suite, done)
    write_atomically(folder / "speed_growth.json", partial(write_text, growth.to_json()))
    write_growth_figure(growth, GROWTH, folder / "speed_growth")
    return render_growth(growth)
