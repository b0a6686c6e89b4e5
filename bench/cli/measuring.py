"""The verb that measures bytes, or computes them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bench.cli.options import SUITE, Reports, ResultsFolder, load
from bench.cli.saying import hint, warn
from bench.errors import BenchError

if TYPE_CHECKING:
    pass

SELF, WHOLE, HALF = "decoder-self", 448, "float16"
"""What is budgeted where nothing else is said."""
STARTING = 8.0
"""Seconds that a process takes at least to load its libraries and a small model."""
MODULES: dict[str, Literal["self", "cross"]] = {"decoder-self": "self", "cross": "cross"}


def memory(
    suite: Annotated[str | None, SUITE] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="SHAPE",
            help="Instead of a suite, in closed form: tiny, base, small, medium, large-v3, turbo, or a model's folder.",
        ),
    ] = None,
    device: Annotated[
        str | None, typer.Option("--device", metavar="cpu|cuda", help="Instead of the suite's decode.device.")
    ] = None,
    cut: Annotated[
        float | None, typer.Option("--cut", metavar="SHARE", help="--budget: of the cache; 0.625, say.")
    ] = None,
    modules: Annotated[
        str, typer.Option("--modules", metavar="LIST", help="--budget: what is cut: decoder-self, cross, or both.")
    ] = SELF,
    tokens: Annotated[int, typer.Option("--tokens", help="--budget: text positions cached.", min=1)] = WHOLE,
    frames: Annotated[
        int | None, typer.Option("--frames", help="--budget: encoder positions; default: the window.", min=1)
    ] = None,
    batch: Annotated[int, typer.Option("--batch", help="--budget: clips at once.", min=1)] = 1,
    beams: Annotated[int, typer.Option("--beams", help="--budget: beams a clip.", min=1)] = 1,
    dtype: Annotated[
        str, typer.Option("--dtype", metavar="float32|float16|bfloat16", help="--budget: of weights and caches.")
    ] = HALF,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write bytes as JSON.")] = None,
    results: ResultsFolder = Path("results"),
    reports: Reports = Path("reports"),
) -> None:
    """Measure what each arm of a suite holds while it decodes; or say it in closed form for any Whisper."""
    if (suite is None) == (budget is None):
        raise BenchError("bench memory: give a suite, or --budget and a shape")
    only_budget = {"--cut": cut is not None, "--modules": modules != SELF, "--tokens": tokens != WHOLE}
    only_budget |= {"--frames": frames is not None, "--batch": batch != 1, "--beams": beams != 1}
    only_budget |= {"--dtype": dtype != HALF}
    if suite is not None and any(only_budget.values()):
        given = next(option for option, is_given in only_budget.items() if is_given)
        raise BenchError(f"{given} belongs to --budget; what is measured of a suite stands in its [memory]")
    if device is not None and (budget is not None or device not in ("cpu", "cuda")):
        raise BenchError(f"--device {device}: cpu or cuda, and of a suite")
    if budget is not None:
        _print_budget(budget, cut, modules, dtype, (batch, beams, tokens, frames), json_file)
    else:
        assert suite is not None
        _measure(suite, device, results, reports, json_file)


def _print_budget(
    shape: str,
    cut: float | None,
    modules: str,
    dtype: str,
    load: tuple[int, int, int, int | None],
    json_file: Path | None,
) -> None:
    from bench.io.files import write_atomically, write_text
    from bench.memory.budget import ITEMSIZE, Decoding
    from bench.memory.variants import list_variants
    from bench.memory_load import Load
    from bench.mla.dimensions import read_dimensions
    from bench.reporting.tables.budgets import budget_json, render_budget

    if dtype not in ITEMSIZE:
        raise BenchError(f"--dtype {dtype}: choose one of {', '.join(ITEMSIZE)}")
    if unknown := [name for name in modules.split(",") if name not in MODULES]:
        raise BenchError(f"--modules {unknown[0]}: choose {', '.join(MODULES)}, or both with a comma")
    dimensions = read_dimensions(shape)
    batch, beams, tokens, frames = load
    frames = frames or dimensions.max_source_positions
    for option, value, most in (
        ("--tokens", tokens, dimensions.max_target_positions),
        ("--frames", frames, dimensions.max_source_positions),
    ):
        if value > most:
            raise BenchError(f"{option} {value}: {shape} has {most} positions at most")
    decoding = Decoding(Load(batch, beams, tokens), frames, ITEMSIZE[dtype])
    variants = list_variants(dimensions, decoding, cut, [MODULES[name] for name in modules.split(",")])
    print(render_budget(shape, decoding, variants), end="")
    if json_file is not None:
        write_atomically(json_file, partial(write_text, budget_json(shape, decoding, variants)))


def _measure(argument: str, device: str | None, results: Path, reports: Path, json_file: Path | None) -> None:
    from bench.model_folders import require_folders

    suite = load(argument)
    require_folders(suite, suite.measurable)
    from rich.console import Console

    from bench.analysis.memory.records import write_measured
    from bench.conversion import make_conversions
    from bench.io.documents import write_json
    from bench.io.files import require_writable
    from bench.memory.profile import cells_of, list_unmeasured, profile_suite, sort_records
    from bench.memory.resuming import end_measuring
    from bench.memory_records import MEMORY, MemoryRecord
    from bench.progress import duration, progress_bar
    from bench.reporting.tables.memory import write_memory
    from bench.store import Store

    for folder in (results, reports):
        require_writable(folder / suite.name)
    make_conversions(suite, Console(stderr=True))
    for line in list_unmeasured(suite):
        warn(f"caution: {line}")
    cells, arms = cells_of(suite), len(suite.measurable)
    warn(f"{len(cells)} loads of {arms} arms, each in a process of its own: {duration(STARTING * len(cells))} or more")
    store = Store(results / suite.name)
    records: list[MemoryRecord] = []
    try:
        with progress_bar(Console(stderr=True), "cells") as progress:
            task = progress.add_task("measuring", total=len(cells))
            for record in profile_suite(argument, suite, device or suite.decode.device, results / suite.name):
                records.append(record)
                total = max(len(records), len(cells))
                progress.update(task, description=record.arm, completed=len(records), total=total)
    finally:  # what was measured before an error stays
        measured = write_measured(suite, store, sort_records(suite, records)) if records else None
    end_measuring(results / suite.name)
    if measured is not None:
        print(write_memory(suite, measured, reports / suite.name), end="")
        if json_file is not None:
            write_json(json_file, MEMORY.table(measured.records, {}).to_pylist())
        hint(f"curve {quote(argument)}")
